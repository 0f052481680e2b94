"""iocsl: check, sign, send and track the reports that Sơn La's shared data warehouse is owed."""

__version__ = "0.1.0"
