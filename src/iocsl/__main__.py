"""`python -m iocsl` is the same as `iocsl`."""

from iocsl.cli import run

if __name__ == "__main__":
    run()
