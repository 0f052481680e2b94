"""What a PDF file says and does, as a child process found it (see `pdf_child`)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from iocsl.bundle.pdf_child import PROTECTED

SECONDS = 30


class UnreadablePdfError(Exception):
    """`protected` when a password is wanted, else damaged or without end."""

    def __init__(self, *, protected: bool) -> None:
        super().__init__(protected)
        self.protected = protected


@dataclass(frozen=True, slots=True)
class PdfContent:
    """What runs in it, whether it carries other files, the lines of its first pages, its title
    and other properties."""

    active: tuple[str, ...]
    embedded: bool
    lines: tuple[str, ...]
    properties: tuple[str, ...]


def read_pdf(path: Path) -> PdfContent:
    """Raises `UnreadablePdfError`."""
    command = [sys.executable, "-m", "iocsl.bundle.pdf_child", str(path.absolute())]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadablePdfError(protected=False) from None
    if done.returncode != 0:
        raise UnreadablePdfError(protected=done.returncode == PROTECTED)
    said = json.loads(done.stdout)
    return PdfContent(
        tuple(said["active"]), said["embedded"], tuple(said["lines"]), tuple(said["properties"])
    )
