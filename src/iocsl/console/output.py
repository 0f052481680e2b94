"""What goes to the two streams: results to stdout, everything else to stderr."""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from iocsl.domain import Words
from iocsl.errors import IocslError
from iocsl.text import nfc, say, tr

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Thing = TypeVar("Thing")


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}", "'"),
        **dict.fromkeys("\N{EN DASH}—─━·", "-"),
        "đ": "d",
        "Đ": "D",
        "→": "->",
        "\N{MULTIPLICATION SIGN}": "x",
        "≤": "<=",
        "≥": ">=",
    }
)
"""What stands for signs that have no bare form of their own."""


def _bare(error: UnicodeError) -> tuple[str, int]:
    """Letters that a console lacks, without their marks: "kỳ" becomes "ky", never "k?"."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    piece = error.object[error.start : error.end].translate(_PLAIN)
    bare = unicodedata.normalize("NFKD", piece).encode("ascii", "ignore").decode()
    return bare or "?", error.end


def _json_escape(error: UnicodeError) -> tuple[str, int]:
    """Letters that a stream lacks, as JSON writes them in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error("iocsl.bare", _bare)
codecs.register_error("iocsl.json", _json_escape)


def prepare_streams() -> None:
    """UTF-8 where a program reads; where a person reads on an old code page, bare letters.

    What was closed before the start, as by a service, takes everything and keeps nothing.
    """
    # mypy takes the streams for always there; started with one closed, Python leaves None.
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    _Reader.gone = False
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if stream.isatty() or "PYTHONIOENCODING" in os.environ:
            reconfigure(errors="iocsl.bare")
        else:
            reconfigure(encoding="utf-8", errors="iocsl.bare")


def close_results() -> None:
    """Write no more results: whoever took them is gone, or has no room."""
    sys.stdout = _nowhere()


class _Reader:
    """Whether whoever takes the results has gone away, as `head` does."""

    gone = False


def reader_gone() -> bool:
    """What never ends by itself, as a watch, ends then."""
    return _Reader.gone


@contextlib.contextmanager
def to_a_reader() -> Iterator[None]:
    """Where the reader of results has gone, the work still goes on, and its exit code stays."""
    try:
        yield
    except BrokenPipeError:
        _lose_reader()


def _lose_reader() -> None:
    _Reader.gone = True
    close_results()


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - lives on


def emit(text: str, stream: TextIO | None = None, *, end: str = "\n") -> None:
    """One piece of a result, as it is, with a line end."""
    with to_a_reader() if stream is None else contextlib.nullcontext():
        (stream or sys.stdout).write(nfc(text) + end)


def emit_json(document: Any) -> None:
    """One JSON document on stdout; the keys' order is the document's own."""
    emit_exactly(json.dumps(document, ensure_ascii=False, indent=2, default=str), "iocsl.json")


def emit_exactly(text: str, escapes: str, *, end: str = "\n") -> None:
    """`emit` for a program: where stdout is not Unicode, ASCII with the format's own escapes.

    `escapes` names the error handler that makes them. Bare letters would be other data.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if not codecs.lookup(encoding).name.startswith("utf"):
        text = nfc(text).encode("ascii", escapes).decode("ascii")
    emit(text, end=end)


def note(text: str) -> None:
    """Progress, warnings and advice: stderr. Where that takes nothing, the work still goes on."""
    with contextlib.suppress(OSError):
        emit(text, sys.stderr)


def console(stream: TextIO | None = None) -> Console:
    """A rich console; off a terminal, or with NO_COLOR, it writes nothing but text.

    100 columns wide where the width is unknown.
    """
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            # rich would exit with 1.
            self.quiet = True
            if target is sys.stdout:
                _lose_reader()

    target = stream or sys.stdout
    terminal = target.isatty()
    width = None if terminal or "COLUMNS" in os.environ else 100
    plain = not terminal or bool(os.environ.get("NO_COLOR"))
    # What a file says is shown as it is: nothing in it is markup, and `:100:` is no picture.
    return Plain(
        file=target,
        width=width,
        force_terminal=terminal,
        color_system=None if plain else "auto",
        highlight=False,
        soft_wrap=False,
        markup=False,
        emoji=False,
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> Table:
    """A plain table: one rule under the headings, cells that fold rather than vanish."""
    from rich import box
    from rich.table import Table

    drawn = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        header_style="bold",
        show_edge=False,
    )
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*("" if cell is None else nfc(str(cell)) for cell in row))
    return drawn


def show(drawable: object) -> None:
    """Draw a rich object on stdout."""
    console().print(drawable)


def progress(things: Sequence[Thing], label: str) -> Iterator[Thing]:
    """The things one by one under a bar on stderr; without a bar where that is no terminal."""
    if not sys.stderr.isatty():
        yield from things
        return
    from rich.progress import track

    yield from track(things, label, console=console(sys.stderr), transient=True)


def refusal_document(code: str, message: str, hint: str | None, exit_code: int) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "hint": hint, "exit_code": exit_code}}


def refuse(error: IocslError, as_json: bool) -> None:
    """Say a refusal: JSON on stdout when asked for, else one screen on stderr."""
    hint = say(error.hint) if error.hint else None
    if as_json:
        emit_json(refusal_document(error.code, say(error.message), hint, int(error.exit_code)))
        return
    note(say(Words(f"Chưa làm được: {error.message.vi}", f"Not done: {error.message.en}")))
    if hint:
        note(tr("Cần làm: ", "What to do: ") + hint)
