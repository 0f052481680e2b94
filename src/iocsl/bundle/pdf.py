"""What a PDF file says and does, as a child process found it (see `pdf_child`)."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO

from iocsl.bundle.pdf_child import PROTECTED
from iocsl.files import CHUNK

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


def read_pdf(stream: IO[bytes]) -> PdfContent:
    """Raises `UnreadablePdfError`. The file goes to the child by a pipe, and nowhere on a disk."""
    stream.seek(0)
    child = subprocess.Popen(
        [sys.executable, "-m", "iocsl.bundle.pdf_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    alarm = threading.Timer(SECONDS, child.kill)
    alarm.start()
    try:
        said = _asked(child, stream)
    finally:
        alarm.cancel()
        child.kill()
        child.wait()
    if child.returncode != 0:
        raise UnreadablePdfError(protected=child.returncode == PROTECTED)
    found = json.loads(said)
    return PdfContent(
        tuple(found["active"]), found["embedded"], tuple(found["lines"]), tuple(found["properties"])
    )


def _asked(child: subprocess.Popen[bytes], stream: IO[bytes]) -> bytes:
    """What the child says once it has read all; it says nothing before."""
    if child.stdin is None or child.stdout is None:
        raise TypeError(child)
    with child.stdout as answer:
        with contextlib.suppress(OSError), child.stdin as question:
            shutil.copyfileobj(stream, question, CHUNK)
        said = answer.read()
        child.wait()
        return said
