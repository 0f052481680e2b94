"""`check`: one file against its schema and the catalogue → `Report`."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl.catalog.schema import TableSchema, parse_schema, read_schema
from iocsl.domain import Period, Severity
from iocsl.errors import is_folder, missing_file
from iocsl.files import sha256_beside, sha256_of
from iocsl.text import tr
from iocsl.validate.between import between_sheets
from iocsl.validate.context import Claim, Context
from iocsl.validate.engine import check_table, closed, rules_over_the_file, shifted
from iocsl.validate.headings import SEARCHED, Layout, begun_by, find_layout
from iocsl.validate.hits import Hit, Hits
from iocsl.validate.labels import chosen, claims_of, is_label_sheet
from iocsl.validate.measured import other_measures
from iocsl.validate.other_forms import is_of_form, other_form
from iocsl.validate.other_names import drop_wrong_guesses, in_old_letters, under_other_name
from iocsl.validate.percents import shown_as_percentages
from iocsl.validate.quality import quality_of
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import (
    Facts,
    Place,
    Row,
    Sheet,
    Source,
    Unreadable,
    column_letters,
)
from iocsl.validate.registry import Fault, own
from iocsl.validate.report import Report
from iocsl.validate.rules.files import DAMAGED
from iocsl.validate.rules.history import over_the_file
from iocsl.validate.rules.structure import (
    DUPLICATE_COLUMN,
    HIDDEN_PARTS,
    LOST_RECORDS,
    MISSING_COLUMN,
    MISSPELT_HEADING,
    NO_HEADINGS,
    RULES_NOT_ASKED,
    SIDE_BY_SIDE,
    UNKNOWN_COLUMN,
)
from iocsl.validate.secrecy_places import marks_on, marks_outside
from iocsl.validate.shifted import shift_of
from iocsl.validate.table import Table, data_batches
from iocsl.validate.totals import judged
from iocsl.validate.unread_sheets import hidden_sheet, unread_sheets

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.child import Worker
    from iocsl.validate.attachments import Attachment
    from iocsl.validate.crew import Crew
    from iocsl.validate.history import History
    from iocsl.validate.own_folder import OwnRules

ABSENT = frozenset({"C310", "H805", "H809", "P512"})
"""Rules that tell what a file has nowhere."""
GENERAL = "chi_tieu"
"""The schema of a file of which no dataset is known."""


def check(
    path: Path,
    catalogue: Catalogue,
    *,
    dataset: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    schema: Path | None = None,
    history: History | None = None,
    attachments: tuple[Attachment, ...] | None = None,
    own: OwnRules | None = None,
    low_memory: bool = False,
    workers: Sequence[Worker] = (),
) -> Report:
    """Check one file. Faults of the file, even an unreadable one, are findings and never raised.

    `dataset`, `unit` and `period` are what the caller says of it; `history` is what was accepted
    before, `attachments` what goes with the file (None: not told), `own` the rules that the unit
    has added; `workers`, which run `screener`, help with a CSV file. Raises `IocslError` for what
    is no fault of the file: no such path (exit 2), unknown dataset, bad schema or a rule of the
    unit's own that fails (3), unknown unit or period (2).
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    structure = read_schema(schema) if schema is not None else None
    facts = Facts(path.name, path.stat().st_size)
    said = {"dataset": dataset, "unit": unit, "period": period}
    # Said first without the file: a wrong option is the caller's, whatever state the file is in.
    claims = claims_of(None, path.name, catalogue, **said)

    def beside(context: Context) -> Context:
        return replace(context, path=path, history=history, attachments=attachments, own=own)

    began = _state(path)
    try:
        source = open_source(path, low_memory=low_memory)
    except Unreadable as unread:
        facts.sha256 = sha256_of(path, again=False)
        return _unread(facts, unread, beside(context_of(catalogue, claims, structure)))
    facts.format, facts.encoding = source.format, source.encoding
    digest = sha256_beside(path)
    try:
        claims = claims_of(source, path.name, catalogue, **said)
        known = beside(context_of_file(source, claims, catalogue, structure))
        # What the rules of a unit's own remember stays in one process.
        with _without_collector(), _crew(source, () if own else workers) as crew:
            report = _read(path, source, facts, known, crew)
        _check_same(path, began)
    except Unreadable as unread:
        return _unread(facts, unread, beside(context_of(catalogue, claims, structure)))
    else:
        return report
    finally:
        source.close()
        facts.sha256 = digest()


def _state(path: Path) -> tuple[int, int, int] | None:
    """By what a file is seen to have changed: what was read then belongs to no digest."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _check_same(path: Path, began: tuple[int, int, int] | None) -> None:
    if _state(path) != began:
        raise Unreadable(DAMAGED, detail=tr("tệp thay đổi trong lúc đọc", "changed meanwhile"))


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Rows come and go without cycles; looking for some among them costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def _crew(source: Source, workers: Sequence[Worker]) -> Iterator[Crew | None]:
    if not workers:
        yield None
        return
    from iocsl.validate.crew import crew_of

    crew = crew_of(source, workers)
    try:
        yield crew
    finally:
        if crew is not None:
            crew.close()


def context_of_file(
    source: Source, claims: Sequence[Claim], catalogue: Catalogue, own: TableSchema | None
) -> Context:
    """What is known of an open file, by what is said of it and by the columns that it has."""
    context = context_of(catalogue, claims, own)
    return context if own else _by_its_columns(source, context)


def context_of(catalogue: Catalogue, claims: Sequence[Claim], own: TableSchema | None) -> Context:
    """What is known of a file by what is said of it; `own` is a schema given with `--schema`."""
    code, unit, period = (chosen(claims, kind) for kind in ("dataset", "unit", "period"))
    dataset = catalogue.dataset(code) if code else None
    # A template of another dataset is one fault, not one a column: it is read by its own structure.
    own_word = chosen([claim for claim in claims if claim.source == "sheet"], "dataset") or code
    name = catalogue.dataset(own_word).schema if own_word else GENERAL
    return Context(
        catalogue=catalogue,
        schema=own or parse_schema(catalogue.schema(name), name),
        dataset=dataset,
        unit=catalogue.unit(unit) if unit else None,
        period=Period.parse(period) if period else None,
        claims=tuple(claims),
        own_schema=own is not None,
    )


def _by_its_columns(source: Source, context: Context) -> Context:
    """Where two datasets are named, the table is read as the one whose columns it has.

    That the names disagree is one fault already; the wrong one would add one for each column.
    """
    named = [each.meant for each in context.claims if each.kind == "dataset" and each.meant]
    names = {context.catalogue.dataset(code).schema for code in named} - {context.schema.name}
    if not names:
        return context
    known = [context.schema]
    known += [parse_schema(context.catalogue.schema(name), name) for name in sorted(names)]
    return replace(context, schema=min(known, key=lambda each: _missing(source, each)))


def _missing(source: Source, schema: TableSchema) -> int:
    """The required columns that the table best like `schema` has not."""
    found = [
        find_layout(sheet.head(SEARCHED), schema, sheet)
        for sheet in source.sheets
        if not is_label_sheet(sheet)
    ]
    required = {each.name for each in schema.fields if each.required}
    missing = [len(required - each.columns.keys()) for each in found if each]
    return min(missing, default=len(schema.fields) + 1)


def _unread(facts: Facts, unread: Unreadable, context: Context) -> Report:
    hits = Hits(context)
    hits.put(Hit(unread.rule, unread.fault))
    return _report(facts, hits, [], context)


def _read(
    path: Path, source: Source, facts: Facts, context: Context, crew: Crew | None = None
) -> Report:
    hits = Hits(context, addressed=source.cells_addressed)
    hits.extend(
        Hit(each.rule, each.fault, each.sheet, value=each.value, cell=each.cell, count=each.count)
        for each in source.noticed
    )
    for rule in context.rules.file:
        hits.extend(
            Hit(rule.info, fault, value=_said_at(fault, context)) for fault in rule.check(context)
        )
    hits.extend(marks_outside(path, source))
    tables: list[Table] = []
    over_all = rules_over_the_file(context)
    unread: list[Sheet] = []
    told = False
    for sheet in source.sheets:
        head = sheet.head(SEARCHED)
        layout = _layout_of(sheet, head, context)
        if layout is None or sheet.hidden:
            hits.extend(marks_on(sheet, context.regime))
            if layout is not None:
                hits.put(hidden_sheet(sheet))
            else:
                unread.append(sheet)
            continue
        cause = other_form(sheet, layout, context) or _beside(sheet, head, layout, hits, context)
        if cause is not None:
            hits.put(cause)
            hits.extend(marks_on(sheet, context.regime))
            told = True
            continue
        hits.extend(marks_on(sheet, context.regime, head[: layout.last_row]))
        tables.append(check_table(sheet, layout, context, hits, over_all, crew=crew))
        for part in tables[-1].parts:
            if part is layout or part.columns != layout.columns:
                hits.extend(_structure(tables[-1], part, context))
        hits.extend(_hidden(sheet, tables[-1], context))
        hits.extend(shown_as_percentages(sheet, tables[-1]))
        if tables[-1].left is None:
            hits.extend(judged(tables[-1], context))
    others = list(unread_sheets(unread, tables, context) if tables or told else ())
    hits.extend(others)
    if all(table.left is None for table in tables):
        # What no row holds may stand in those that are told for not being read.
        beside = any(table.beside is not None and table.beside.found for table in tables)
        beside = beside or any(each.rule is LOST_RECORDS for each in others)
        for each in closed(over_all, tables):
            (hits.imply if beside and each.rule.code in ABSENT else hits.put)(each)
        hits.extend(between_sheets(tables, context, addressed=source.cells_addressed))
        hits.extend(
            Hit(rule, fault, count=count)
            for rule, fault, count in over_the_file(context)
            if not (beside and rule.code in ABSENT)
        )
    if not tables and not told:
        wanted = ", ".join(f"“{each.title}”" for each in context.schema.fields if each.required)
        wanted = wanted or ", ".join(f"“{each.title}”" for each in context.schema.fields)
        fault = Fault(schema=context.schema.title, wanted=wanted, rows=own(SEARCHED))
        hits.put(Hit(NO_HEADINGS, fault))
    return _report(facts, hits, tables, context)


def _said_at(fault: Fault, context: Context) -> str | None:
    """What stands in the cell of `Thong_tin` that a fault of the file points at."""
    said = ((each.sheet, each.cell, each.text) for each in context.claims if each.cell)
    return next((text for sheet, cell, text in said if (sheet, cell) == fault.at), None)


def _layout_of(sheet: Sheet, head: Sequence[Row], context: Context) -> Layout | None:
    """Where the columns of the form are on a sheet; None where it holds no table of it."""
    layout = None if is_label_sheet(sheet) else find_layout(head, context.schema, sheet)
    if layout is None:
        return None
    drop_wrong_guesses(layout, head, sheet, context)
    return layout if is_of_form(sheet, layout, context) else None


def _beside(
    sheet: Sheet, head: Sequence[Row], layout: Layout, hits: Hits, context: Context
) -> Hit | None:
    """One finding in place of one a cell, where all rows stand beside their headings.

    The rows of such a table are counted and not checked.
    """
    shift = shift_of(head, layout, context)
    if shift is None:
        return None
    hits.part(sheet, layout)
    first, count = Place(layout.last_row + 1, None), 0
    for batch in data_batches(Table(sheet, layout, Hits()), context):
        first = first if count else batch.place(0)
        count += len(batch)
    return shifted(sheet, shift, first, count)


def _structure(table: Table, layout: Layout, context: Context) -> Iterable[Hit]:
    """What headings are told for: the topmost ones of a table, or those of a further part."""
    sheet, first = table.sheet, table.layout
    titles = {each.name: each.title for each in context.schema.fields}
    yield from in_old_letters(sheet.name, layout)
    for heading, key in layout.misspelt:
        cell = f"{column_letters(heading.column)}{heading.row}"
        fault = Fault(heading=own(heading.text), title=titles[key])
        yield Hit(MISSPELT_HEADING, fault, sheet.name, column=key, value=heading.text, cell=cell)
    yield from _repeated(sheet, layout, titles)
    other = under_other_name(table, context) if layout is first else None
    if other is not None:
        yield other
    whole = context.schema.all_columns
    for each in context.schema.fields:
        if (each.required or whole) and each.name not in layout.columns and other is None:
            fault = Fault(title=each.title, column=each.name, other="")
            yield Hit(MISSING_COLUMN, fault, sheet.name, column=each.name)
    if layout is first and context.schema.in_order:
        from iocsl.validate.column_order import out_of_order

        yield from out_of_order(sheet, layout, context)
    yield from _not_asked(sheet, layout, context)
    beyond = [layout.headings[key] for key in layout.columns if key not in first.columns]
    unknown = () if context.schema.extra_columns or other is not None else layout.unknown
    absent = [(name, title) for name, title in titles.items() if name not in layout.columns]
    for heading in (*beyond, *unknown):
        cell = f"{column_letters(heading.column)}{heading.row}"
        near = begun_by(heading.text, absent)
        severity = Severity.ERROR if context.schema.no_others else None
        near_title = f" (“{titles[near]}”?)" if near else ""
        fault = Fault(severity=severity, heading=heading.text, near=near_title)
        yield Hit(UNKNOWN_COLUMN, fault, sheet.name, value=heading.text, cell=cell)
    yield from other_measures(sheet, layout, context)


def _not_asked(sheet: Sheet, layout: Layout, context: Context) -> Iterable[Hit]:
    """The rules of the schema over columns that may be left out, and were."""
    rules: list[str] = []
    absent: dict[str, str] = {}
    for rule in context.schema.rules:
        named = (*rule.columns, *rule.others)
        fields = [context.schema.by_name[each] for each in named if each not in layout.columns]
        # A missing column that is required has been told, and one that a rule requires will be.
        needed = rule.others if rule.operation == "required_if" else named
        if any(each.name in needed and not each.required for each in fields):
            rules.append(rule.code)
            absent.update({each.name: each.title for each in fields if each.name in needed})
    if rules:
        columns = ", ".join(f"“{title}”" for title in absent.values())
        fault = Fault(rules=", ".join(rules), columns=columns)
        yield Hit(RULES_NOT_ASKED, fault, sheet.name, count=len(rules))


def _repeated(sheet: Sheet, layout: Layout, titles: Mapping[str, str]) -> Iterable[Hit]:
    """Columns that occur twice; most of them in the same order are a second table to the right."""
    if len(layout.repeated) > 1 and 2 * len(layout.repeated) >= len(layout.columns):
        second = min((places[1] for places in layout.repeated.values()), key=lambda at: at.column)
        letters = column_letters(second.column)
        fault = Fault(column=letters)
        yield Hit(SIDE_BY_SIDE, fault, sheet.name, cell=f"{letters}{second.row}")
        return
    for key, places in layout.repeated.items():
        letters = ", ".join(column_letters(each.column) for each in places)
        fault = Fault(title=titles[key], times=own(len(places)), places=own(letters))
        again, count = places[1], len(places)
        cell = f"{column_letters(again.column)}{again.row}"
        yield Hit(
            DUPLICATE_COLUMN,
            fault,
            sheet.name,
            column=key,
            value=again.text,
            count=count,
            cell=cell,
        )


def _hidden(sheet: Sheet, table: Table, context: Context) -> Iterable[Hit]:
    """Hidden rows and columns of the table, as one finding.

    A column that the form does not know is told as such, unless the form takes further columns.
    """
    seen = getattr(sheet, "seen", None)
    if seen is None:
        return
    last = table.last_row
    rows = [row + 1 for row in sorted(seen.hidden_rows) if table.layout.last_row <= row < last]
    offset = sheet.column_offset
    used = {index + offset for index in table.layout.columns.values()}
    if context.schema.extra_columns:
        used.update(each.column for each in table.layout.unknown)
    columns = [column_letters(each) for each in seen.hidden_columns if each in used]
    if rows or columns:
        named = [tr(f"cột {each}", f"column {each}") for each in columns[:10]]
        named += [tr(f"dòng {each}", f"row {each}") for each in rows[:10]]
        parts = ", ".join(named) + (" …" if len(rows) + len(columns) > len(named) else "")
        yield Hit(HIDDEN_PARTS, Fault(parts=parts), sheet.name, count=len(rows) + len(columns))


def _report(facts: Facts, hits: Hits, tables: Sequence[Table], context: Context) -> Report:
    return Report(
        facts=facts,
        quality=quality_of(hits, tables, context),
        findings=hits.findings({table.sheet.name: table.rows for table in tables}),
        dataset=context.dataset.code if context.dataset else None,
        unit=context.unit.id if context.unit else None,
        period=context.period.id if context.period else None,
        catalogue_version=context.catalogue.version,
        rows=sum(table.rows for table in tables),
        cells=sum(table.cells for table in tables),
        understood=tuple(dict.fromkeys(each for table in tables for each in table.understood)),
        rule_set=context.rule_set,
    )
