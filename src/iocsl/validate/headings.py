"""Where the table begins, which column is which, and which rows under it are no data.

Columns are found by key or printed title after folding, in any order, under any number of title
rows, over several rows of merged headings, wherever the table starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Protocol

from iocsl.catalog.schema import TableSchema
from iocsl.catalog.template_rows import BEFORE
from iocsl.text import fold, squeeze
from iocsl.validate.readers.base import Cell, Row, shown

SEARCHED = 60
"""Rows from the top among which the headings are looked for."""
DEEPEST = 5
"""Rows that headings may take."""
CLOSE = 0.8
"""How like a folded heading must be to a title to be called a misspelling of it."""

_NOT_WORD = re.compile(r"[^0-9a-z]+")
_UNIT_IN_BRACKETS = re.compile(r"\([^()]*\)\s*$")
_NUMBERING = frozenset({"stt", "tt", "so thu tu", "so tt", "no"})
_BEFORE = fold(BEFORE)
_BRACKETED_NUMBER = re.compile(r"\(\s*[0-9A-Da-d]{1,2}\s*\)(?:\s*=.*)?")
_NUMBER_OR_LETTER = re.compile(r"[A-D]|[0-9]{1,2}(?:\s*=.*)?")
_NUMBERED = r"(?:(?:[ivx]{1,5}|[a-h]|[0-9]{1,2})\s*[.)/-]\s*)?"
_WHOLE = r"(?:toan|ca) (?:tinh|huyen|xa|phuong|nganh|so)"
_TOTAL = re.compile(
    _NUMBERED + r"(?:tong(?: cong| so| chung)?|cong(?: don)?|cong (?:nhom|muc|phan|loai|khoi|bieu|"
    rf"trang)\b.{{0,30}})(?: {_WHOLE})?(?: ?\([^()]*\))?\s*:?"
)
_TOTAL_ALONE = re.compile(_NUMBERED + rf"(?:chung|{_WHOLE})\s*:?")
"""Words that mean a total only where a row holds no other text."""
_TOTAL_KEYS = (
    *("tổng cộng", "tổng số", "tổng chung", "tổng", "cộng", "toàn tỉnh"),
    *("tổng cộng toàn tỉnh", "tổng số toàn tỉnh", "cộng toàn tỉnh"),
)
TOTAL_SPELLINGS = frozenset(
    word + end
    for phrase in _TOTAL_KEYS
    for word in (phrase, phrase.capitalize(), phrase.title(), phrase.upper())
    for end in ("", ":", " :")
)
"""Totals as they stand in a column that a row of data must fill, to be found without a look at
each cell. "Chung", which is a name and a kind of thing too, is not among them."""
_POST = (
    r"(?:pho |quyen )?(?:(?:tong |pho )?giam doc|chu tich|truong (?:phong|ban|khoa)|hieu truong|"
    r"chanh (?:van phong|thanh tra)|(?:chi )?cuc truong|thu truong|vien truong)"
)
_SIGNATURE = re.compile(
    r"(?:nguoi|can bo) (?:lap|tong hop|kiem tra|kiem soat|phu trach|ky)\b.{0,30}|lap (?:bieu|bang)|"
    rf"{_POST}(?: (?:don vi|co quan)\b.{{0,20}})?|(?:kt|tl|tm|tuq|q)\. ?[a-z].{{1,60}}|"
    r"ke toan truong|xac nhan cua .{1,60}|ky,? ?(?:ghi ro )?ho ten.*|\((?:da )?ky.*|"
    r"(?:[a-z ]+, )?ngay [0-9 .…_]*(?:thang .* nam.*|/ ?[0-9 .…_]+/.*)|noi nhan:?.*"
)
_NOTE = re.compile(
    r"(?:ghi chu|nguon(?: so lieu| du lieu)?|chu thich|luu y|chu y)\s*(?:\([^()]*\)\s*)?[:.].*|"
    r"so lieu (?:tinh|duoc) .*|(?:so tien )?bang chu ?:.*|danh sach (?:nay )?(?:co|gom) .*|"
    r"(?:tong (?:so|cong)|cong) ?: ?[0-9].*|ghi chu|chu thich|\(\*+\).*|"
    r"\*+\s*(?:ghi chu|nguon|chu thich|luu y|chu y)\b.*"
)
_GROUP_MARK = re.compile(r"[IVX]{1,5}|[A-HĐ]")
_GROUP = re.compile(rf"(?:{_GROUP_MARK.pattern})\s*[.)/:-]\s*\w\D*")


@dataclass(frozen=True, slots=True)
class Found:
    """One heading: the text as printed, the sheet's row (from 1) and column (from 0)."""

    text: str
    row: int
    column: int


@dataclass(slots=True)
class Layout:
    """The columns of one table, by index within the rows as read (`column_offset` left out)."""

    columns: dict[str, int]
    headings: dict[str, Found]
    first_row: int
    """The first row of headings, from 1."""
    last_row: int
    """The last row of headings; data begin below it."""
    width: int
    titles: frozenset[str] = frozenset()
    """Texts that mean a column, as the headings here and in the schema write them."""
    unknown: list[Found] = field(default_factory=list)
    misspelt: list[tuple[Found, str]] = field(default_factory=list)
    repeated: dict[str, list[Found]] = field(default_factory=dict)

    def first_column(self) -> int:
        """The index of the first column of the table."""
        return min(self.columns.values(), default=0)


def plain(text: str) -> str:
    """A heading or a key for comparing: folded, only letters and digits, single spaces."""
    return _NOT_WORD.sub(" ", fold(text)).strip()


def names_of(schema: TableSchema) -> dict[str, str]:
    """Every folded key and title → key of the column."""
    names: dict[str, str] = {}
    for each in schema.fields:
        names.setdefault(plain(each.name), each.name)
        names.setdefault(plain(each.title), each.name)
    return names


class Grid(Protocol):
    """What the search for headings asks of a sheet."""

    @property
    def ragged(self) -> bool: ...

    @property
    def column_offset(self) -> int: ...

    def merged(self) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]: ...


def find_layout(rows: Sequence[Row], schema: TableSchema, sheet: Grid) -> Layout | None:
    """The heading block among the first rows of a sheet, None where there is none."""
    names = names_of(schema)
    grid = [[_text(cell) for cell in row] for row in rows[:SEARCHED]]
    hits = [
        {at: key for at, text in enumerate(row) if (key := _meant(text, names))} for row in grid
    ]
    top = _heading_row(hits, schema)
    if top is None:
        return None
    bottom = _last_row(hits, grid, top)
    top = _first_row(hits, top)
    layout = _layout(_Block(grid, top, bottom, sheet), names, schema)
    layout.last_row += _column_numbers(rows, layout.last_row)
    return layout


def _text(cell: Cell) -> str:
    return squeeze(cell) if isinstance(cell, str) else ""


def _meant(text: str, names: Mapping[str, str]) -> str | None:
    """The column that a heading means: as it is, or without a unit in brackets at its end."""
    if not text or len(text) > 200:
        return None
    return names.get(plain(text)) or names.get(plain(_UNIT_IN_BRACKETS.sub("", text)))


def _heading_row(hits: Sequence[Mapping[int, str]], schema: TableSchema) -> int | None:
    """The first row that names columns: at least two (or all of a schema of one or two), and half
    as many as the row that names the most, which may belong to a table further down."""
    named = [len(set(row.values())) for row in hits]
    most = max(named, default=0)
    needed = max(min(2, len(schema.fields)), (most + 1) // 2)
    return next((at for at, many in enumerate(named) if many >= needed), None)


def _first_row(hits: Sequence[Mapping[int, str]], top: int) -> int:
    """Go up while rows above name columns too (a title merged over several rows)."""
    first = top
    for at in range(top - 1, max(top - DEEPEST, -1), -1):
        if hits[at]:
            first = at
    return first


def _last_row(hits: Sequence[Mapping[int, str]], grid: Sequence[Sequence[str]], top: int) -> int:
    """Go down over further heading rows: sub-headings and a row of keys under printed titles.

    A row that says again what was said above begins another table.
    """
    last = top
    said = {grid[top][at] for at in hits[top]}
    for at in range(top + 1, min(top + DEEPEST, len(hits))):
        if not hits[at]:
            continue
        texts = {grid[at][each] for each in hits[at]}
        if len(texts & said) > 1 or texts <= said:
            break
        named = sum(1 for text in grid[at] if text)
        if len(hits[at]) * 2 >= named or len(hits[at]) >= 2:
            last = at
            said |= texts
    return last


@dataclass(frozen=True, slots=True)
class _Block:
    """The rows of headings within the first rows of a sheet: `top` to `bottom`, both included."""

    grid: Sequence[Sequence[str]]
    top: int
    bottom: int
    sheet: Grid

    @property
    def width(self) -> int:
        """Columns that a row of the table may have: in text files no more than have a heading."""
        rows = self.grid[self.top : self.bottom + 1]
        if self.sheet.ragged:
            return max(at for row in rows for at, text in enumerate(row, 1) if text)
        return max(map(len, rows))

    def found(self, at: int) -> list[Found]:
        """The headings of one column from top to bottom."""
        rows = range(self.top, self.bottom + 1)
        return [
            Found(self.grid[row][at], row + 1, at + self.sheet.column_offset)
            for row in rows
            if at < len(self.grid[row]) and self.grid[row][at]
        ]

    def paths(self) -> list[str]:
        """For each column its headings joined, merged ones spread over their area."""
        width, offset = self.width, self.sheet.column_offset
        rows = self.grid[self.top : self.bottom + 1]
        spread = [list(row) + [""] * (width - len(row)) for row in rows]
        for (row, left), (last, right) in self.sheet.merged():
            first = left - offset
            if not (self.top <= row <= self.bottom and 0 <= first < width):
                continue
            text = spread[row - self.top][first]
            for down in range(row, min(last, self.bottom) + 1):
                for at in range(first, min(right - offset, width - 1) + 1):
                    spread[down - self.top][at] = text
        return [
            " ".join(dict.fromkeys(row[at] for row in spread if row[at])) for at in range(width)
        ]


def _layout(block: _Block, names: Mapping[str, str], schema: TableSchema) -> Layout:
    columns: dict[str, int] = {}
    headings: dict[str, Found] = {}
    places: dict[str, list[Found]] = {}
    strange: list[tuple[int, Found]] = []
    for at, path in enumerate(block.paths()):
        found = block.found(at)
        if not found and not path:
            continue
        key, heading = _column(found, path, names)
        if key is None or heading is None:
            strange.extend((at, each) for each in found[-1:])
            continue
        places.setdefault(key, []).append(heading)
        if key not in columns:
            columns[key], headings[key] = at, heading
    repeated = {key: many for key, many in places.items() if len(many) > 1}
    layout = Layout(
        columns,
        headings,
        block.top + 1,
        block.bottom + 1,
        block.width,
        titles=_titles(headings.values(), schema),
        repeated=repeated,
    )
    _sort_strange(layout, strange, schema)
    return layout


def _titles(headings: Iterable[Found], schema: TableSchema) -> frozenset[str]:
    texts = {each.text for each in headings}
    return frozenset(texts.union(*((each.name, each.title) for each in schema.fields)))


def _column(
    found: Sequence[Found], path: str, names: Mapping[str, str]
) -> tuple[str | None, Found | None]:
    """The key a column's headings mean: the deepest that means one, else all of them together."""
    for each in reversed(found):
        key = _meant(each.text, names)
        if key is not None:
            return key, each
    return names.get(plain(path)), found[-1] if found else None


def _sort_strange(
    layout: Layout, strange: Sequence[tuple[int, Found]], schema: TableSchema
) -> None:
    """Headings that mean no column: numbering, old figures, misspellings, unknown ones."""
    missing = {each.name: each for each in schema.fields if each.name not in layout.columns}
    for at, heading in strange:
        folded = plain(heading.text)
        if folded in _NUMBERING or not folded or folded.startswith(_BEFORE):
            continue
        meant = _closest(folded, [(name, plain(each.title)) for name, each in missing.items()])
        if meant is None:
            layout.unknown.append(heading)
            continue
        del missing[meant]
        layout.columns[meant] = at
        layout.headings[meant] = heading
        layout.misspelt.append((heading, meant))


def _closest(folded: str, titles: Sequence[tuple[str, str]]) -> str | None:
    """The missing column that a heading nearly names, or names with words after it."""
    best, score = None, CLOSE
    for name, title in titles:
        if folded.startswith(f"{title} "):
            return name
        for other in (title, plain(name)):
            likeness = SequenceMatcher(None, folded, other).ratio()
            if likeness >= score:
                best, score = name, likeness
    return best


def _column_numbers(rows: Sequence[Row], at: int) -> int:
    """1 where the row under the headings only numbers the columns: `(1) (2) (3)` or `A B 1 2`.

    Bare numbers alone are taken for data.
    """
    if at >= len(rows):
        return 0
    texts = [text for cell in rows[at] if (text := shown(cell).strip())]
    bracketed = all(_BRACKETED_NUMBER.fullmatch(text) for text in texts)
    lettered = texts[:1] == ["A"] and all(_NUMBER_OR_LETTER.fullmatch(text) for text in texts)
    return int(len(texts) >= 2 and (bracketed or lettered))


def total_text(row: Row, *, lone: bool = True) -> str | None:
    """The text that makes a row a total ("Tổng cộng"), None where it has none.

    With `lone` so do words that mean one where a row holds no other text ("Chung").
    """
    texts = [squeeze(cell) for cell in row if isinstance(cell, str) and cell]
    found = next(filter(is_total, texts), None)
    if found is None and lone:
        words = [text for text in texts if any(char.isalpha() for char in text)]
        if len(words) == 1 and len(words[0]) < 60 and _TOTAL_ALONE.fullmatch(fold(words[0])):
            found = words[0]
    return found


def is_total(cell: Cell) -> bool:
    return isinstance(cell, str) and 0 < len(cell) < 60 and _TOTAL.fullmatch(fold(cell)) is not None


def is_signature(row: Row) -> bool:
    """Whether a row belongs to the notes and signatures under a form."""
    return _is_note(row) or (any(map(_signs, row)) and not any(map(_is_figure, row)))


def _is_figure(cell: Cell) -> bool:
    """Whether a cell holds a number, a date or digits: under a form there are words."""
    if not isinstance(cell, str):
        return True
    return any(char.isdigit() for char in cell) and not any(char.isalpha() for char in cell)


def _signs(cell: Cell) -> bool:
    return isinstance(cell, str) and cell != "" and _SIGNATURE.fullmatch(fold(cell)) is not None


def _is_note(row: Row) -> bool:
    """Whether a row holds a remark on the table ("Ghi chú: …", "Nguồn: …") and nothing else."""
    filled = _filled(row)
    text = filled[0] if len(filled) == 1 else None
    return isinstance(text, str) and _NOTE.fullmatch(fold(text)) is not None


def _filled(row: Row) -> list[Cell]:
    return [cell for cell in row if cell != "" and (not isinstance(cell, str) or cell.strip())]


def group_text(row: Row, *, outside: bool = False) -> str | None:
    """The name of a group of rows ("I. Lương thực"), where a row holds nothing but that.

    It is numbered by a Roman number or a letter, before the name or in the cell on its left. A
    plain number, or none, does not tell it from a row of data that lost its cells, unless it stands
    `outside` of all columns of the form.
    """
    filled = _filled(row)
    texts = [squeeze(cell) for cell in filled[:3] if isinstance(cell, str)]
    if len(texts) != len(filled):
        return None
    if len(texts) == 1 and (outside or _GROUP.fullmatch(texts[0])):
        return texts[0]
    if len(texts) == 2 and _GROUP_MARK.fullmatch(texts[0]) and _is_name(texts[1]):
        return " ".join(texts)
    return None


def group_total_text(row: Row) -> str | None:
    """The name of a group with figures beside it ("I", "Dự án chuyển tiếp", 60): sums of the rows.

    None where a cell holds anything else.
    """
    filled = _filled(row)
    texts = [squeeze(cell) for cell in filled if isinstance(cell, str) and not _is_figure(cell)]
    grouped = len(texts) == 2 and filled[0] == texts[0] and len(filled) > 2
    if grouped and _GROUP_MARK.fullmatch(texts[0]) and _is_name(texts[1]):
        return " ".join(texts)
    return None


def _is_name(text: str) -> bool:
    return " " in text and not any(char.isdigit() for char in text)


def is_blank(row: Row) -> bool:
    return not any(cell != "" and (not isinstance(cell, str) or cell.strip()) for cell in row)


def end_of_data(rows: Sequence[Row], keys: Sequence[int]) -> int:
    """How many of the last rows of a table are data: notes and signatures are cut off.

    `keys` are the indices of the columns a data row must fill. A signature ends the table only
    when no row below it fills them all; a row of data may say "Giám đốc" in another column.
    """
    end = len(rows)
    for at in range(len(rows) - 1, max(len(rows) - 40, -1), -1):
        row = rows[at]
        needed = [row[key] if key < len(row) else "" for key in keys]
        if needed and all(shown(cell).strip() and not _signs(cell) for cell in needed):
            break
        if is_signature(row):
            end = at
    return end
