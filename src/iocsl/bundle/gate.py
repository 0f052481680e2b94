"""The gate before anything is signed: no marks of secrecy, no personal data that is not declared.

1134 Điều 1 khoản 2 and 2023 Điều 1 khoản 2 keep state secrets out; 1134 Điều 4 khoản 2 protects
personal data. What is told is the place and the kind, never the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl.bundle.documents import DEPTH, marked_places, unpacked
from iocsl.bundle.refusal_table import SECRECY
from iocsl.domain import ExitCode, Words
from iocsl.errors import IocslError
from iocsl.text import nfc
from iocsl.validate.check import context_of
from iocsl.validate.headings import SEARCHED, find_layout
from iocsl.validate.labels import claims_of
from iocsl.validate.personal import KINDS, Column, column_of, kind_of
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Chunk, Sheet, Source, Unreadable, column_letters
from iocsl.validate.secrecy_marks import is_mark, mark_in_name

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.validate.context import Context

PERSONAL = "1134 Điều 4 khoản 2"
SHOWN = 5
_MARK = "mark"


@dataclass(frozen=True, slots=True)
class Held:
    """Something that holds the data back: where, what (a key of `KINDS`, or a mark), how often."""

    place: Words
    kind: str
    count: int = 1


def check_gate(
    files: Sequence[Path],
    attachments: Sequence[Path],
    catalogue: Catalogue,
    said: Mapping[str, str | None],
) -> None:
    """Refuse (exit 7) data that may not be sent. `said`: dataset, unit and period as options.

    Files that cannot be read pass: checking them says why.
    """
    held: list[Held] = []
    for path in files:
        held.extend(_outside_cells(path, path.name))
        held.extend(_in_cells(path, catalogue, said))
    for path in attachments:
        held.extend(_attached(path, path.name))
    marks = [each for each in held if each.kind == _MARK]
    if marks:
        raise _secret(marks)
    if held:
        raise _undeclared(held)


def declares_personal(catalogue: Catalogue, dataset: str) -> bool:
    """Whether the structure of a dataset asks for personal data."""
    fields = catalogue.schema(catalogue.dataset(dataset).schema)["fields"]
    return any(field.get("du_lieu_ca_nhan") for field in fields)


def _outside_cells(path: Path, label: str) -> Iterator[Held]:
    if mark_in_name(nfc(Path(path.name).stem)):
        yield Held(Words(f"tên tệp “{label}”", f"the file name “{label}”"), _MARK)
    for place in marked_places(path):
        yield Held(Words(f"“{label}”, {place.vi}", f"“{label}”, {place.en}"), _MARK)


def _attached(path: Path, label: str, depth: int = 0) -> Iterator[Held]:
    """An attachment, and what an attached archive holds. No structure declares its cells."""
    yield from _outside_cells(path, label)
    if path.suffix.lower() in {".xls", ".xlsx", ".csv"}:
        with _opened(path) as source:
            if source is not None:
                for sheet in source.sheets:
                    yield from _in_sheet(label, source, sheet, _headed(sheet))
    if path.suffix.lower() == ".zip" and depth < DEPTH:
        for inner in unpacked(path):
            yield from _attached(inner, f"{label} > {inner.name}", depth + 1)


def _in_cells(path: Path, catalogue: Catalogue, said: Mapping[str, str | None]) -> Iterator[Held]:
    label = path.name
    with _opened(path) as source:
        if source is None:
            return
        options = {key: said[key] for key in ("dataset", "unit", "period")}
        claims = claims_of(source, path.name, catalogue, **options)
        context = context_of(catalogue, claims, None)
        if any(map(mark_in_name, source.labels.values())):
            yield Held(Words(f"“{label}”, phần đầu", f"“{label}”, its head"), _MARK)
        for sheet in source.sheets:
            yield from _in_sheet(label, source, sheet, _columns(sheet, context))


@contextmanager
def _opened(path: Path) -> Iterator[Source | None]:
    """The tables of a file, None where there are none; where one is damaged the block ends."""
    source = None
    with suppress(Unreadable):
        source = open_source(path)
    try:
        with suppress(Unreadable):
            yield source
    finally:
        if source is not None:
            source.close()


def _in_sheet(
    label: str, source: Source, sheet: Sheet, known: tuple[int, Mapping[int, Column]]
) -> Iterator[Held]:
    """`known`: the last row of headings, and the columns below it by their index."""
    if sheet.name is not None and mark_in_name(sheet.name):
        yield Held(Words(f"“{label}”, tên một trang", f"“{label}”, a sheet's name"), _MARK)
    last_row, columns = known
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for chunk in sheet.chunks():
        above = max(0, min(len(chunk), last_row - chunk.first + 1))
        for part, under in ((chunk.part(0, above), {}), (chunk.part(above), columns)):
            for kind, at, row, count in _in_chunk(part, under):
                first, before = found.get((kind, at), (row, 0))
                found[kind, at] = first, before + count
    for (kind, at), (row, count) in found.items():
        yield Held(_place(label, source, sheet, row, at), kind, count)


def _headed(sheet: Sheet) -> tuple[int, dict[int, Column]]:
    """The columns of a table that no structure describes: its fullest row of words heads it."""
    rows = [
        {at: cell for at, cell in enumerate(row) if isinstance(cell, str) and cell.strip()}
        for row in sheet.head(SEARCHED)
    ]
    fullest = max(rows, key=len, default={})
    if len(fullest) < 2:
        return 0, {}
    last_row = rows.index(fullest) + 1
    return last_row, {at: column_of(None, cell) for at, cell in fullest.items()}


def _columns(sheet: Sheet, context: Context) -> tuple[int, dict[int, Column]]:
    """The last row of headings, and the columns below it by their index."""
    layout = find_layout(sheet.head(SEARCHED), context.schema, sheet)
    if layout is None:
        return 0, {}
    columns = {
        each.column - sheet.column_offset: column_of(None, each.text) for each in layout.unknown
    }
    for key, index in layout.columns.items():
        heading = layout.headings.get(key)
        field = context.schema.by_name[key]
        columns[index] = column_of(field, heading.text if heading else "")
    return layout.last_row, columns


def _in_chunk(chunk: Chunk, columns: Mapping[int, Column]) -> Iterator[tuple[str, int, int, int]]:
    """Kind, column, first row and number of what stands in some rows."""
    for at, cells in enumerate(chunk.columns):
        column = columns.get(at, Column())
        kinds: dict[object, str] = {}
        for cell in set(cells):
            if isinstance(cell, str) and is_mark(cell):
                kinds[cell] = _MARK
            elif not column.declared and (kind := kind_of(cell, column)) is not None:
                kinds[cell] = kind
        if not kinds:
            continue
        for wanted in dict.fromkeys(kinds.values()):
            rows = [row for row, cell in enumerate(cells) if kinds.get(cell) == wanted]
            place = chunk.lines[rows[0]] if chunk.lines is not None else chunk.first + rows[0]
            yield wanted, at, place, len(rows)


def _place(label: str, source: Source, sheet: Sheet, row: int, at: int) -> Words:
    letters = column_letters(at + sheet.column_offset)
    if source.cells_addressed:
        named = f"“{label}”, “{sheet.name}”!{letters}{row}"
        return Words(named, named)
    return Words(
        f"“{label}”, dòng {row}, cột thứ {at + 1}",
        f"“{label}”, line {row}, column {at + 1}",
    )


def _listed(held: Iterable[Held]) -> Words:
    """The first places in both languages, and how many more there are."""
    each = list(held)
    vi = [_said(one.place.vi, _kind(one).vi, one.count, "ô") for one in each[:SHOWN]]
    en = [_said(one.place.en, _kind(one).en, one.count, "cells") for one in each[:SHOWN]]
    if (more := len(each) - SHOWN) > 0:
        vi.append(f"và {more} nơi nữa")
        en.append(f"and {more} more places")
    return Words("; ".join(vi), "; ".join(en))


def _kind(held: Held) -> Words:
    """The words for a kind of personal data; a mark needs none beside the sentence."""
    return KINDS.get(held.kind, Words("", ""))


def _said(place: str, kind: str, count: int, cells: str) -> str:
    said = f"{place}: {kind}" if kind else place
    return f"{said} ({count} {cells})" if count > 1 else said


def _secret(marks: Sequence[Held]) -> IocslError:
    places = _listed(marks)
    return IocslError(
        "data-gate",
        f"Có dấu chỉ độ mật (MẬT, TỐI MẬT, TUYỆT MẬT), chưa ký gì: {places.vi}.",
        f"There is a mark of secrecy (MẬT, TỐI MẬT, TUYỆT MẬT), nothing was signed: {places.en}.",
        (
            f"Dừng lại, không gửi qua mạng ({SECRECY}). Nếu nhầm, hỏi người đóng dấu rồi bỏ dấu.",
            f"Stop, do not send it over a network ({SECRECY}). If it is a mistake, ask who set it.",
        ),
        ExitCode.GATE,
    )


def _undeclared(held: Sequence[Held]) -> IocslError:
    places = _listed(held)
    return IocslError(
        "data-gate",
        f"Có dữ liệu cá nhân ở nơi biểu mẫu không khai, chưa ký gì: {places.vi}.",
        f"There is personal data where the form declares none, nothing was signed: {places.en}.",
        (
            f"Xóa ở các ô đó ({PERSONAL}). Nếu biểu cần, khai du_lieu_ca_nhan: true cho cột.",
            f"Remove it ({PERSONAL}). If the form needs it, declare du_lieu_ca_nhan: true for it.",
        ),
        ExitCode.GATE,
    )
