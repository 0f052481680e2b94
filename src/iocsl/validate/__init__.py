"""The check of tabular submissions; the same engine serves the unit and the warehouse."""

from __future__ import annotations

from iocsl.validate.check import check
from iocsl.validate.report import Report

__all__ = ["Report", "check"]
