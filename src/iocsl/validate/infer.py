"""A first draft of a schema from a spreadsheet that a unit uses already, each guess with evidence.

The draft is for a person to read and correct: a guess that rests on few cells says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.text import fold, squeeze
from iocsl.validate.cells import read_date
from iocsl.validate.context import Context
from iocsl.validate.heading_rows import Block, numbers_columns
from iocsl.validate.headings import JOINED, NUMBERING, SEARCHED, find_layout, plain
from iocsl.validate.labels import is_label_sheet
from iocsl.validate.other_rows import is_blank, is_signature, total_text
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Cell, Row, Sheet, Unreadable, column_letters, shown
from iocsl.validate.table import Table, data_batches
from iocsl.validate.unknown_headings import block_of

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue

LOOKED_AT_FIRST = 1000
"""Rows that the first, rough look goes by."""
MOST_ROWS = 200_000
"""Rows that are looked at; what they show is what the draft rests on."""
MOST_CHOICES = 12
FEW_ROWS = 10

_NUMBER = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?|[+-]?\d+(?:[.,]\d+)?")
_UNIT = re.compile(r"\(([^()]{1,30})\)\s*$")
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_PERSONAL = ("ho ten", "ho va ten", "so dinh danh", "cccd", "cmnd", "can cuoc", "ngay sinh")
_PERSONAL_TOO = (
    *("dien thoai", "sdt", "email", "thu dien tu", "noi cu tru", "thuong tru", "que quan"),
    *("so tai khoan", "bhxh"),
)
_CODED = re.compile(r"^ma\b|\bdia ban\b|\bso hieu\b|\bdien thoai\b|\bsdt\b|\bso dinh danh\b")
"""Headings of codes, whose digits are no figures."""
_BARE = re.compile(r"[a-z][a-z0-9_]*")
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


@dataclass(slots=True)
class Guess:
    """One column: what the draft says of it, and why."""

    name: str
    title: str
    type: str = "string"
    evidence: list[str] = field(default_factory=list)
    decimal: str | None = None
    group: str | None = None
    unit: str | None = None
    personal: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    unique: bool = False
    cells: int = 0
    filled: int = 0
    mostly_figures: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole guess: where the headings were found, and the columns."""

    source: str
    sheet: str | None
    heading_row: int
    rows: int
    columns: tuple[Guess, ...]


def infer(path: Path, catalogue: Catalogue) -> Draft:
    """Draft a schema from the first table of a file, which passes a check by it unless headings or
    cells are broken. IocslError: exit 1 where the file cannot be read, 2 where it has no table.
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    try:
        source = open_source(path)
    except Unreadable as unread:
        raise _unreadable(path, unread) from None
    drafts: list[Draft] = []
    try:
        sheets = [each for each in source.sheets if not (each.hidden or is_label_sheet(each))]
        for at in range(len(sheets)):
            drafts += _draft(path.name, sheets[at:], catalogue)
            # Prose in merged cells looks like headings, but shows no rows under them.
            if drafts and drafts[-1].rows:
                return drafts[-1]
    except Unreadable as unread:
        raise _unreadable(path, unread) from None
    finally:
        source.close()
    if drafts:
        return drafts[0]
    raise _no_table(path)


def _draft(name: str, sheets: Sequence[Sheet], catalogue: Catalogue) -> list[Draft]:
    """A draft from the first table of the first sheet; none where it shows no headings.

    The other sheets count as far as they hold a table with the same columns.
    """
    sheet = sheets[0]
    seen = sheet.head(SEARCHED + LOOKED_AT_FIRST)
    block = block_of(seen[:SEARCHED], sheet)
    titles = _titles(block) if block is not None else {}
    if block is None or not titles:
        return []
    last = block.bottom + numbers_columns(seen, block.bottom + 1)
    rows = [row for row in seen[last + 1 :] if not _no_data(row)]
    first = [[row[at] if at < len(row) else "" for row in rows] for at in titles]
    columns = _columns(titles, first, sheet)
    count = 0
    # Under a draft rows of data are told from others better than by their looks; that makes a
    # better draft. The first ones take for required what most rows have, the last reads all rows.
    for mostly, most in ((True, LOOKED_AT_FIRST), (False, LOOKED_AT_FIRST), (False, MOST_ROWS)):
        structure = _structure(name, columns, mostly=mostly)
        read = _read(sheet, structure, catalogue, most=most)
        if read is None:
            break
        for other in sheets[1:] if most == MOST_ROWS else ():
            more = _read(other, structure, catalogue, most=most) or [[] for _ in read]
            read = [[*one, *another] for one, another in zip(read, more, strict=True)]
        count = len(read[0])
        columns = _columns(titles, read, sheet)
    return [Draft(name, sheet.name, last + 1, count, tuple(columns))]


def _titles(block: Block) -> dict[int, str]:
    """The title of each column by its place. Of columns with one title only the first is taken."""
    titles: dict[int, str] = {}
    for at, path in enumerate(block.paths()):
        known = {plain(title) for title in titles.values()}
        title = JOINED.join(path)
        if path and plain(path[-1]) not in NUMBERING and plain(title) not in known:
            titles[at] = title
    return titles


def _columns(
    titles: Mapping[int, str], cells: Sequence[Sequence[Cell]], sheet: Sheet
) -> list[Guess]:
    taken: set[str] = set()
    columns: list[Guess] = []
    for (at, title), column in zip(titles.items(), cells, strict=True):
        guess = _column(title, column, column_letters(at + sheet.column_offset), taken)
        taken.add(guess.name)
        columns.append(guess)
    return columns


def _structure(name: str, columns: Sequence[Guess], *, mostly: bool) -> TableSchema:
    """The draft as a structure that a table can be read by."""
    fields = tuple(
        SchemaField(
            each.name,
            each.title,
            type="number" if mostly and each.mostly_figures else each.type,
            enum=each.choices or None,
            required=2 * each.filled > each.cells if mostly else each.required,
        )
        for each in columns
    )
    return TableSchema(name, name, fields, by_name={each.name: each for each in fields})


def _read(
    sheet: Sheet, schema: TableSchema, catalogue: Catalogue, *, most: int
) -> list[list[Cell]] | None:
    """The cells of each column in the rows of data, None where not all columns are found again."""
    layout = find_layout(sheet.head(SEARCHED), schema, sheet)
    if layout is None or layout.columns.keys() != schema.by_name.keys():
        return None
    columns: list[list[Cell]] = [[] for _ in schema.fields]
    for batch in data_batches(Table(sheet, layout), Context(catalogue=catalogue, schema=schema)):
        for each, cells in zip(schema.fields, columns, strict=True):
            cells.extend(batch.columns[each.name])
        if len(columns[0]) >= most:
            break
    return columns


def _no_data(row: Row) -> bool:
    return is_blank(row) or is_signature(row) or total_text(row) is not None


def _column(title: str, cells: Sequence[Cell], letters: str, taken: set[str]) -> Guess:
    base = _NOT_WORD.sub("_", fold(_UNIT.sub("", title))).strip("_") or "cot"
    name = base
    number = 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    guess = Guess(name, title, evidence=[f"cột {letters}"])
    filled = [cell for cell in cells if shown(cell).strip()]
    if unit := _UNIT.search(title):
        guess.unit = unit[1]
        guess.evidence.append(f"đơn vị “{unit[1]}” trong tiêu đề")
    if any(word in fold(title) for word in (*_PERSONAL, *_PERSONAL_TOO)):
        guess.personal = True
        guess.evidence.append("tiêu đề cho thấy dữ liệu cá nhân")
    _type(guess, filled)
    guess.cells, guess.filled = len(cells), len(filled)
    if len(cells) >= FEW_ROWS:
        guess.required = len(filled) == len(cells)
    guess.evidence.append(f"{len(filled)}/{len(cells)} ô có dữ liệu")
    if len(cells) < FEW_ROWS:
        guess.evidence.append("ít dòng, chưa chắc")
    _values(guess, filled)
    return guess


def _type(guess: Guess, filled: Sequence[Cell]) -> None:
    kinds: Counter[str] = Counter()
    for (_, cell), many in Counter((type(cell), cell) for cell in filled).items():
        kinds[_kind(cell)] += many
    guess.mostly_figures = 2 * (kinds["number"] + kinds["text number"]) > len(filled)
    if not filled:
        guess.evidence.append("không có ô nào có dữ liệu, để kiểu chữ")
        return
    if set(kinds) == {"date"}:
        guess.type = "date"
        guess.evidence.append(f"{len(filled)} ô là ngày")
        return
    coded = _CODED.search(fold(guess.title)) is not None or _codes(filled)
    if set(kinds) <= {"number", "text number"} and not coded:
        texts = [squeeze(cell) for cell in filled if isinstance(cell, str)]
        whole = all(isinstance(cell, float | int) and float(cell).is_integer() for cell in filled)
        guess.type = "integer" if whole else "number"
        guess.decimal, guess.group = (".", ",") if _points(texts) else (",", ".")
        said = "dấu chấm thập phân" if guess.decimal == "." else "dấu phẩy thập phân"
        guess.evidence.append(
            f"{kinds['number']} ô kiểu số, {kinds['text number']} ô chữ viết như số ({said})"
        )
        return
    told = {"date": "ngày", "number": "số", "text number": "chữ viết như số", "text": "chữ"}
    guess.evidence.append(", ".join(f"{count} ô {told[kind]}" for kind, count in kinds.items()))


def _kind(cell: Cell) -> str:
    if isinstance(cell, date | datetime):
        return "date"
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return "number"
    text = squeeze(shown(cell))
    if read_date(text) is not None:
        return "date"
    return "text number" if _NUMBER.fullmatch(text) else "text"


def _codes(filled: Sequence[Cell]) -> bool:
    """Texts with a zero in front, or all of one length beyond a figure's, are codes."""
    texts = [squeeze(cell) for cell in filled if isinstance(cell, str)]
    if not texts or len(texts) < len(filled):
        return False
    led = any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in texts)
    return led or (
        all(text.isdigit() for text in texts) and len({*map(len, texts)}) == 1 < len(texts[0]) - 3
    )


def _points(texts: Sequence[str]) -> bool:
    """Whether the point must be the decimal mark.

    It stands last, before other than three digits or after a comma; or several commas group.
    """
    for text in texts:
        whole, point, tail = text.rpartition(".")
        last = point and "," not in tail
        if text.count(",") > 1 or (last and (len(tail) != 3 or "," in whole)):
            return True
    return False


def _values(guess: Guess, filled: Sequence[Cell]) -> None:
    """Few different texts are choices; all different over many rows may be a key."""
    texts = [squeeze(shown(cell)) for cell in filled]
    distinct = dict.fromkeys(texts)
    repeated = len(texts) >= max(3 * len(distinct), FEW_ROWS)
    if guess.type == "string" and not guess.personal and repeated and len(distinct) <= MOST_CHOICES:
        guess.choices = tuple(distinct)
        guess.evidence.append(f"chỉ có {len(distinct)} giá trị khác nhau")
    if guess.type == "string" and len(texts) >= FEW_ROWS and len(distinct) == len(texts):
        guess.unique = True
        guess.evidence.append("mọi giá trị khác nhau, có thể là khóa")


def as_yaml(draft: Draft) -> str:
    """The draft as a Table Schema in YAML, each column under a comment with its evidence."""
    where = f", trang {draft.sheet}" if draft.sheet else ""
    lines = [
        f"# Bản nháp suy ra từ {draft.source}{where}: tiêu đề ở dòng {draft.heading_row},",
        f"# {draft.rows} dòng dữ liệu. Đọc lại từng cột: sau dấu # là căn cứ của suy đoán.",
        f"name: {_key(_NOT_WORD.sub('_', fold(Path(draft.source).stem)).strip('_') or 'bieu')}",
        f"title: {_quoted(Path(draft.source).stem)}",
        "mau_khoi_dau: true",
        "fields:",
    ]
    for each in draft.columns:
        lines += _field(each)
    key = next((each.name for each in draft.columns if each.unique and each.required), None)
    if key is not None:
        lines += ["# cột chữ đầu tiên không trống, không trùng", f"primaryKey: [{_key(key)}]"]
    return "\n".join(lines) + "\n"


def _field(each: Guess) -> list[str]:
    lines = [
        f"  # {'; '.join(each.evidence)}",
        f"  - name: {_key(each.name)}",
        f"    title: {_quoted(each.title)}",
        f"    type: {each.type}",
    ]
    if each.type == "number":
        lines.append(f'    decimalChar: "{each.decimal}"')
    if each.type in {"number", "integer"}:
        lines.append(f'    groupChar: "{each.group}"')
    if each.unit:
        lines.append(f"    don_vi_do: {_quoted(each.unit)}")
    if each.personal:
        lines.append("    du_lieu_ca_nhan: true")
    if each.required or each.choices:
        lines.append("    constraints:")
    if each.required:
        lines.append("      required: true")
    if each.choices:
        lines.append(f"      enum: [{', '.join(_quoted(one) for one in each.choices)}]")
    return lines


def _key(name: str) -> str:
    """A name bare where YAML takes it for text, in quotation marks where it would not (1, no)."""
    return name if _BARE.fullmatch(name) and name not in _YAML_WORDS else _quoted(name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unreadable(path: Path, unread: Unreadable) -> Exception:
    why = unread.rule.said(unread.fault.facts)
    return IocslError(
        "file-unreadable",
        f"“{path.name}”: {why.vi}",
        f"“{path.name}”: {why.en}",
        (
            f'Xem lỗi của tệp bằng: iocsl validate "{path}"',
            f'See what is wrong with it: iocsl validate "{path}"',
        ),
        ExitCode.FINDINGS,
    )


def _no_table(path: Path) -> Exception:
    return usage(
        "no-table",
        f"Không thấy bảng nào có tiêu đề trong “{path.name}”.",
        f"No table with headings is seen in “{path.name}”.",
        (
            "Chọn tệp có một dòng tiêu đề cột và các dòng số liệu bên dưới.",
            "Take a file with a row of headings and rows of data below it.",
        ),
    )
