"""Where the table begins, and which column is which.

Columns are found by key or printed title after folding, in any order, under any number of title
rows, over several rows of merged headings, wherever the table starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.catalog.template_rows import BEFORE
from iocsl.patterns import regex
from iocsl.text import fold
from iocsl.validate.bare_columns import bare_columns
from iocsl.validate.heading_rows import (
    DEEPEST,
    Block,
    Found,
    Grid,
    is_words,
    lower_edge,
    numbers_columns,
    texts_of,
)
from iocsl.validate.old_fonts import in_old_font
from iocsl.validate.readers.base import Row
from iocsl.validate.short_headings import (
    NUMBERING,
    begins,
    shortened,
    without_number,
    without_unit,
)
from iocsl.validate.unit_rows import measures_under

__all__ = [
    "DEEPEST",
    "JOINED",
    "NUMBERING",
    "SEARCHED",
    "Found",
    "Grid",
    "Layout",
    "find_layout",
    "names_of",
    "plain",
]

SEARCHED = 60
"""Rows from the top among which the headings are looked for."""
LONGEST = 200
"""Characters of a heading."""
SHORT = 60
"""Characters of a heading that may shorten a title, a unit in brackets included."""
MOST_WORDS = 20
"""Words of a title of which the parts are looked for."""
MOST_LOOKED_AT = 100_000
"""Cells and merged areas that are looked at for headings over one another."""
JOINED = " - "
"""What stands between the headings that name a column together."""
CLOSE, IN_PLACE = 0.8, 0.65
"""How like a folded heading must be to a title to be called a misspelling of it, and how like where
it stands in its place: between the columns beside which the form prints that title."""

_NOT_WORD = regex(r"[^0-9a-z]+")
_BRACKETS = regex(r"\([^()]*\)")
_BEFORE = fold(BEFORE)


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
    measures: dict[str, Found] = field(default_factory=dict)
    """The units that a row under the headings says, by key."""
    numbering: int | None = None
    """The index of the column that numbers the rows ("STT")."""
    old_font: tuple[str, Sequence[tuple[Found, str]]] | None = None
    """The old font that headings are typed with, and what is typed in place of what is meant."""

    def first_column(self) -> int:
        """The index of the first column of the table."""
        return min(self.columns.values(), default=0)


def plain(text: str) -> str:
    """A heading or a key for comparing: folded, only letters and digits, single spaces.

    Of other scripts nothing would be left; they are compared as they are.
    """
    folded = fold(text)
    return _NOT_WORD.sub(" ", folded).strip() or folded


def names_of(schema: TableSchema) -> dict[str, str]:
    """Every folded key and title → key of the column."""
    names: dict[str, str] = {}
    for each in schema.fields:
        names.setdefault(plain(each.name), each.name)
        names.setdefault(plain(each.title), each.name)
    return names


def begun_by(heading: str, titles: Iterable[tuple[str, str]]) -> str | None:
    """The key of the one printed title of which a heading is the beginning: "Đơn vị"."""
    return begins(plain(without_unit(heading)), [(name, plain(title)) for name, title in titles])


def find_layout(rows: Sequence[Row], schema: TableSchema, sheet: Grid) -> Layout | None:
    """The heading block among the first rows of a sheet, None where there is none."""
    rows = rows[: SEARCHED + DEEPEST]
    names = names_of(schema)
    grid = [texts_of(row) for row in rows[:SEARCHED]]

    def find(texts: Sequence[Sequence[str]]) -> Layout | None:
        return _found(rows, texts, names, schema, sheet)

    layout = find(grid) or in_old_font(grid, sheet, find)
    if layout is not None:
        titles = range(layout.first_row - 1, layout.last_row)
        numbered = numbers_columns(rows, layout.last_row)
        layout.last_row += numbered
        layout.measures = measures_under(rows, layout.last_row, layout.columns, schema, sheet)
        if layout.measures:
            layout.last_row += 1
            layout.last_row += not numbered and numbers_columns(rows, layout.last_row)
        layout.unknown += bare_columns(rows, layout.columns, titles, schema, sheet)
    return layout


def _found(
    rows: Sequence[Row],
    grid: Sequence[Sequence[str]],
    names: dict[str, str],
    schema: TableSchema,
    sheet: Grid,
) -> Layout | None:
    block = _direct(rows, grid, names, schema, sheet)
    if block is None:
        block = _direct(rows, grid, names | _short_names(grid, schema), schema, sheet)
    layout = _layout(block, names, schema) if block is not None else None
    if layout is None or (layout.unknown and len(layout.columns) < len(schema.fields)):
        # Columns may be named by several headings together ("Sản lượng", below it "Kế hoạch").
        deeper = _together(rows, grid, names, schema, sheet)
        if deeper is not None and (layout is None or _exact(deeper) > _exact(layout)):
            layout = deeper
    return layout


def _short_names(grid: Sequence[Sequence[str]], schema: TableSchema) -> dict[str, str]:
    """Folded texts that shorten a title → key of its column.

    None where they leave out most columns that a table must have: such words stand anywhere.
    """
    titles = tuple((each.name, plain(each.title)) for each in schema.fields)
    texts = {
        plain(without_number(without_unit(text)))
        for row in grid
        for text in row
        if len(text) <= SHORT
    }
    found = {text: key for text in texts if (key := shortened(text, titles)) is not None}
    required = {each.name for each in schema.fields if each.required}
    return found if 2 * len(required & set(found.values())) >= len(required) else {}


def _exact(layout: Layout) -> int:
    """How many columns are found by the very words of the schema."""
    return len(layout.columns) - len(layout.misspelt)


def _direct(
    rows: Sequence[Row],
    grid: Sequence[Sequence[str]],
    names: Mapping[str, str],
    schema: TableSchema,
    sheet: Grid,
) -> Block | None:
    """The block whose cells name columns each by itself."""
    hits = [
        {at: key for at, text in enumerate(row) if (key := _meant(text, names))} for row in grid
    ]
    top = _heading_row(hits, schema)
    if top is None:
        return None
    bottom = _last_row(hits, rows, grid, top)
    block = Block(grid, _first_row(hits, top), bottom, sheet)
    return block._replace(bottom=lower_edge(rows, block))


def _together(
    rows: Sequence[Row],
    grid: Sequence[Sequence[str]],
    names: Mapping[str, str],
    schema: TableSchema,
    sheet: Grid,
) -> Layout | None:
    """The first block that names most columns by its headings taken together, from top to bottom.

    Of blocks that name as many it is the lowest and shallowest.
    """
    named: list[tuple[int, Block]] = []
    telling, looked_at = _rows_with_parts(grid, names), 0
    for top, bottom in _spans(rows, grid):
        if top not in telling or telling.isdisjoint(range(top + 1, bottom + 1)):
            continue
        block = Block(grid, top, bottom, sheet)
        looked_at += (len(grid[top]) + len(sheet.merged())) * len(block.rows)
        if looked_at > MOST_LOOKED_AT and named:
            break
        keys = {_column(block.found(at), path, names)[0] for at, path in enumerate(block.paths())}
        named.append((len(keys - {None}), block))
    most = max((many for many, _ in named), default=0)
    if most < min(2, len(schema.fields)):
        return None
    first = next(block.top for many, block in named if 2 * many >= most)
    near = [each for each in named if each[1].top - first < DEEPEST]
    _, best = max(near, key=lambda each: (each[0], each[1].top, -each[1].bottom))
    return _layout(best, names, schema)


def _rows_with_parts(grid: Sequence[Sequence[str]], names: Mapping[str, str]) -> set[int]:
    """The rows that hold some of the words, one after the other, that name a column."""
    parts: set[str] = set()
    for name in names:
        words = name.split(" ")[:MOST_WORDS]
        ends = range(1, len(words) + 1)
        parts.update(" ".join(words[at:end]) for at in range(len(words)) for end in ends[at:])
    return {
        row
        for row, texts in enumerate(grid)
        if any(_is_part(text, parts) for text in texts if text and len(text) <= LONGEST)
    }


def _is_part(text: str, parts: Collection[str]) -> bool:
    return plain(text) in parts or ("(" in text and plain(_BRACKETS.sub("", text)) in parts)


def _spans(rows: Sequence[Row], grid: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """The first and last rows of all blocks of two rows and more that hold nothing but words."""
    for top, texts in enumerate(grid):
        if not any(texts):
            continue
        for bottom in range(top + 1, min(top + DEEPEST, len(grid))):
            if not is_words(rows[bottom]):
                break
            yield top, bottom


def _meant(text: str, names: Mapping[str, str]) -> str | None:
    """The column that a heading means: as it is, without a unit in brackets at its end, or without
    the number of its column before it."""
    if not text or len(text) > LONGEST:
        return None
    key = names.get(plain(text))
    if key is None and text.endswith(")"):
        key = names.get(plain(without_unit(text)))
    bare = without_number(text) if key is None else text
    return key if bare == text else _meant(bare, names)


def _meant_together(texts: Sequence[str], names: Mapping[str, str]) -> str | None:
    """The column that headings above one another mean together, units in brackets left out."""
    whole = " ".join(texts)
    return _meant(whole, names) or _meant(_BRACKETS.sub("", whole), names)


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


def _last_row(
    hits: Sequence[Mapping[int, str]],
    rows: Sequence[Row],
    grid: Sequence[Sequence[str]],
    top: int,
) -> int:
    """Go down over further heading rows: sub-headings and a row of keys under printed titles.

    A row that says again what was said above begins another table. One with figures is data, some
    of which may be written like headings, unless it names half as many columns as the top row.
    """
    last = top
    said = {grid[top][at] for at in hits[top]}
    for at in range(top + 1, min(top + DEEPEST, len(hits))):
        if not hits[at] or (2 * len(hits[at]) < len(hits[top]) and not is_words(rows[at])):
            continue
        texts = {grid[at][each] for each in hits[at]}
        if len(texts & said) > 1 or texts <= said:
            break
        named = sum(1 for text in grid[at] if text)
        if len(hits[at]) * 2 >= named or len(hits[at]) >= 2:
            last = at
            said |= texts
    return last


def _layout(block: Block, names: Mapping[str, str], schema: TableSchema) -> Layout:
    columns: dict[str, int] = {}
    headings: dict[str, Found] = {}
    places: dict[str, list[Found]] = {}
    strange: list[tuple[int, Found]] = []
    said: set[str] = set()
    for at, path in enumerate(block.paths()):
        found = block.found(at)
        if not found and not path:
            continue
        key, heading = _column(found, path, names)
        if key is None or heading is None:
            strange.extend((at, each._replace(text=JOINED.join(path))) for each in found[-1:])
            continue
        said.update(each.text for each in found)
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
        titles=_titles(said, schema),
        repeated=repeated,
    )
    _sort_strange(layout, strange, schema)
    return layout


def _titles(said: Iterable[str], schema: TableSchema) -> frozenset[str]:
    return frozenset({*said}.union(*((each.name, each.title) for each in schema.fields)))


def _column(
    found: Sequence[Found], path: Sequence[str], names: Mapping[str, str]
) -> tuple[str | None, Found | None]:
    """The key a column's headings mean: the deepest one, else the last ones together, else any."""
    for each in found[-1:]:
        key = _meant(each.text, names)
        if key is not None:
            return key, each
    for above in range(len(path)):
        key = _meant_together(path[above:], names)
        if key is not None and found:
            return key, found[-1]._replace(text=JOINED.join(path[above:]))
    for each in reversed(found[:-1]):
        key = _meant(each.text, names)
        if key is not None:
            return key, each
    return None, None


def _sort_strange(
    layout: Layout, strange: Sequence[tuple[int, Found]], schema: TableSchema
) -> None:
    """Headings that mean no column: numbering, old figures, misspellings, unknown ones."""
    missing = {each.name: each for each in schema.fields if each.name not in layout.columns}
    unknown: list[tuple[int, Found]] = []
    # Where a form takes further columns, "Ghi chú nội bộ" is one of these and no "Ghi chú".
    apart = {each.name for each in schema.fields if schema.extra_columns and not each.required}

    def misspelt(at: int, heading: Found, meant: str) -> None:
        del missing[meant]
        layout.columns[meant] = at
        layout.headings[meant] = heading
        layout.misspelt.append((heading, meant))

    for at, heading in strange:
        text = without_number(heading.text)
        folded, last = plain(text), plain(text.rpartition(JOINED)[2])
        if last in NUMBERING and layout.numbering is None:
            layout.numbering = at
        if last in NUMBERING or not folded or last.startswith(_BEFORE):
            continue
        titles = tuple((name, plain(each.title)) for name, each in missing.items())
        required = [(name, each.title) for name, each in missing.items() if each.required]
        bare = plain(without_unit(text))
        meant = shortened(bare, titles) or _closest(folded, titles, apart=apart)
        meant = meant or begun_by(text, required)
        if meant is None:
            unknown.append((at, heading))
        else:
            misspelt(at, heading, meant)
    for at, heading in unknown:
        between = _between(at, layout, schema)
        titles = tuple((each.name, plain(each.title)) for each in between if each.name in missing)
        meant = _closest(plain(without_number(heading.text)), titles, score=IN_PLACE)
        if meant is None:
            layout.unknown.append(heading)
        else:
            misspelt(at, heading, meant)


def _between(at: int, layout: Layout, schema: TableSchema) -> Sequence[SchemaField]:
    """The required columns that the form prints between the two which stand beside a place."""
    around = {place: name for name, place in layout.columns.items()}
    before, after = around.get(at - 1), around.get(at + 1)
    if before is None and after is None:
        return ()
    names = [each.name for each in schema.fields]
    first = names.index(before) + 1 if before is not None else 0
    last = names.index(after) if after is not None else len(names)
    return [each for each in schema.fields[first:last] if each.required]


def _closest(
    folded: str,
    titles: Sequence[tuple[str, str]],
    *,
    score: float = CLOSE,
    apart: Collection[str] = (),
) -> str | None:
    """The missing column that a heading nearly names, or, but for `apart`, with words after it."""
    from difflib import SequenceMatcher

    best = None
    for name, title in titles:
        if folded.startswith(f"{title} ") and name not in apart:
            return name
        for other in (title, plain(name)):
            likeness = SequenceMatcher(None, folded, other).ratio()
            if likeness >= score:
                best, score = name, likeness
    return best
