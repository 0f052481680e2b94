"""Earlier files given by hand, of any format that carries data, as a past to compare with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from iocsl.domain import Figure, Period, Words
from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.text import say
from iocsl.validate.context import Claim, Context
from iocsl.validate.headings import SEARCHED, find_layout
from iocsl.validate.history import Supplied
from iocsl.validate.history_forms import Form, Line, compared_as, known_period
from iocsl.validate.history_registers import WHOLE, Ends, content_of
from iocsl.validate.labels import chosen, claims_of, is_label_sheet
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Source, Unreadable
from iocsl.validate.rows import records_of
from iocsl.validate.rules.structure import NO_HEADINGS


class GivenFiles:
    """Files named with `--history`. One that says another dataset or unit does not count."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._said: dict[tuple[object, ...], tuple[Claim, ...]] = {}
        self._read: dict[tuple[object, ...], Supplied] = {}
        """What each file says of itself, and what it held for a schema, dataset and unit, as long
        as it stays as it was."""

    def supplied(self, context: Context) -> Iterator[Supplied]:
        """Each file, the newest period first, read as it is asked for.

        Exit 2 for one that cannot be read as a table.
        """
        form = compared_as(context.schema)
        known = [(path, self._head(path, context, form)) for path in self._paths]
        known.sort(key=lambda each: (_ends(each[1]), each[0].name), reverse=True)
        for path, head in known:
            waits = form is not None and head.unused is None and head.lines is None
            yield self._of(path, context, form, head.period) if form and waits else head

    def live(self, _: Context) -> float | None:
        """Files do not tell when they were received."""
        return None

    def _head(self, path: Path, context: Context, form: Form | None) -> Supplied:
        """What a file says of itself; one that says no period is read to find it in its rows."""
        if form is None:
            return Supplied(None, (), name=path.name, unused=_no_key(context.schema.title))
        if context.path is not None and path.resolve() == context.path.resolve():
            return Supplied(None, (), name=path.name, unused=_ITSELF)
        place = (path, _state(path))
        if place not in self._said:
            self._said[place] = _claims(path, context)
        claims = self._said[place]
        other = _of_others(claims, context)
        if other is not None:
            return Supplied(None, (), name=path.name, unused=_theirs(path.name, other))
        period = known_period(chosen(claims, "period") or "")
        if period is None and form.period:
            return self._of(path, context, form, None)
        return Supplied(period, (), name=path.name)

    def _of(self, path: Path, context: Context, form: Form, period: Period | None) -> Supplied:
        dataset = context.dataset.code if context.dataset else None
        unit = context.unit.id if context.unit else None
        place = (path, _state(path), context.schema.name, dataset, unit)
        if place not in self._read:
            self._read[place] = _read(path, period, form, context)
        return self._read[place]


_ITSELF = Words("đó là chính tệp này", "it is this very file")


def _ends(supply: Supplied) -> date:
    return supply.period.last_day if supply.period else _NEVER


def _no_key(title: str) -> Words:
    return Words(
        f"cấu trúc “{title}” không khai khóa (primaryKey) để biết dòng nào là một ở hai kỳ",
        f"the schema “{title}” declares no primaryKey by which a row is known again",
    )


_NEVER = Period.parse("0001").last_day


def _state(path: Path) -> tuple[int, int]:
    """Size and time of change; exit 2 for a folder, or where nothing is there."""
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    known = path.stat()
    return known.st_size, known.st_mtime_ns


def _claims(path: Path, context: Context) -> tuple[Claim, ...]:
    source = _opened(path)
    try:
        said = claims_of(source, path.name, context.catalogue, dataset=None, unit=None, period=None)
    except Unreadable as unread:
        raise _unread(path, unread) from None
    finally:
        source.close()
    return tuple(said)


def _read(path: Path, period: Period | None, form: Form, context: Context) -> Supplied:
    """What a file holds, of the period that it says itself."""
    source = _opened(path)
    try:
        return _held(source, path.name, period, form, context)
    except Unreadable as unread:
        raise _unread(path, unread) from None
    finally:
        source.close()


def _opened(path: Path) -> Source:
    try:
        return open_source(path)
    except Unreadable as unread:
        raise _unread(path, unread) from None


def _unread(path: Path, unread: Unreadable) -> IocslError:
    return _refused(path, say(unread.rule.said(unread.fault.facts)))


def _of_others(claims: Sequence[Claim], context: Context) -> str | None:
    """The other dataset or unit that a file says it is of."""
    dataset, unit = chosen(claims, "dataset"), chosen(claims, "unit")
    if context.dataset is not None and dataset not in {None, context.dataset.code}:
        return dataset
    return unit if context.unit is not None and unit not in {None, context.unit.id} else None


def _theirs(name: str, other: str) -> Words:
    return Words(f"tệp “{name}” là của {other}", f"the file “{name}” is of {other}")


def _held(
    source: Source, name: str, period: Period | None, form: Form, context: Context
) -> Supplied:
    """The figures of every table in the file. `Unreadable` where it has none of the structure."""
    tables = [each for each in source.sheets if not (each.hidden or is_label_sheet(each))]
    if not any(find_layout(each.head(SEARCHED), context.schema, each) for each in tables):
        wanted = form.subject or form.period
        raise Unreadable(NO_HEADINGS, schema=context.schema.title, wanted=wanted, rows=SEARCHED)
    rows = (record for _, _, record in records_of(source, replace(context, history=None)))
    if not form.register:
        figures = [figure for row in rows for figure in form.figures(row)]
        return Supplied(period or _latest(figures), figures, name=name)
    return _register(rows, name, period, form, context)


def _register(
    rows: Iterable[Mapping[str, Any]],
    name: str,
    period: Period | None,
    form: Form,
    context: Context,
) -> Supplied:
    """The figures of a register, its records and what its rows add up to."""
    ends = Ends(context.schema)
    filed = period.id if period else name
    figures: list[Figure] = []
    lines: dict[Line, date] = {}
    content = 0
    for row in rows:
        line = form.line(row)
        if line is None:
            continue
        figures.extend(form.figures_of(line, row, filed))
        content += content_of(row, form.period)
        lines[line] = ends.of(row)
    if form.period:
        period = period or _latest(figures)
    return Supplied(period, figures, lines, content & WHOLE, name)


def _latest(figures: Sequence[Figure]) -> Period | None:
    """The newest period that a file speaks of, where it does not name its own."""
    periods = filter(None, map(known_period, {each.period for each in figures}))
    return max(periods, key=lambda each: (each.last_day, each.first_day), default=None)


def _refused(path: Path, why: str) -> IocslError:
    return usage(
        "history-file-unreadable",
        f"Không so sánh được với tệp “{path.name}”: {why}",
        f"The file “{path.name}” cannot be compared with: {why}",
        (
            f'Xem lỗi của tệp bằng: iocsl validate "{path}"',
            f'See what is wrong with it: iocsl validate "{path}"',
        ),
    )
