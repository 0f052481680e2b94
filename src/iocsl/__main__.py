"""`python -m iocsl` is the same as `iocsl`."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # -m puts the current folder first, where anybody's files may lie beside the data.
        del sys.path[0]

    from iocsl.cli import run

    run()
