"""Earlier files given by hand, of any format that carries data, as a past to compare with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from iocsl.domain import Figure, Period
from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.text import say
from iocsl.validate.context import Claim, Context
from iocsl.validate.headings import SEARCHED, find_layout
from iocsl.validate.history import Form, Supplied, form_of, known_period
from iocsl.validate.labels import chosen, claims_of, is_label_sheet
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Source, Unreadable
from iocsl.validate.registry import Role
from iocsl.validate.rows import records_of
from iocsl.validate.rules.structure import NO_HEADINGS


class GivenFiles:
    """Files named with `--history`. One that says another dataset or unit is passed over."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._read: dict[tuple[object, ...], Supplied | None] = {}
        """What each file held for a schema, dataset and unit, as long as it stays as it was."""

    def supplied(self, context: Context) -> Iterator[Supplied]:
        """Each file, the newest period first. Exit 2 for one that cannot be read as a table."""
        found = [self._of(path, context) for path in self._paths]
        known = [each for each in found if each is not None]
        known.sort(key=lambda each: each.period.last_day if each.period else _NEVER, reverse=True)
        yield from known

    def live(self, _: Context) -> float | None:
        """Files do not tell when they were received."""
        return None

    def _of(self, path: Path, context: Context) -> Supplied | None:
        dataset = context.dataset.code if context.dataset else None
        unit = context.unit.id if context.unit else None
        place = (path, _state(path), context.schema.name, dataset, unit)
        if place not in self._read:
            self._read[place] = _read(path, context)
        return self._read[place]


_NEVER = Period.parse("0001").last_day


def _state(path: Path) -> tuple[int, int]:
    """Size and time of change; exit 2 for a folder, or where nothing is there."""
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    known = path.stat()
    return known.st_size, known.st_mtime_ns


def _read(path: Path, context: Context) -> Supplied | None:
    """What a file holds, None where it is of another dataset or unit, or no indicator form."""
    form = form_of(context.schema)
    try:
        source = open_source(path)
    except Unreadable as unread:
        raise _refused(path, say(unread.rule.said(unread.fault.facts))) from None
    try:
        claims = claims_of(
            source, path.name, context.catalogue, dataset=None, unit=None, period=None
        )
        if form is None or _of_others(claims, context):
            return None
        figures = _figures(source, form, replace(context, history=None))
    except Unreadable as unread:
        raise _refused(path, say(unread.rule.said(unread.fault.facts))) from None
    finally:
        source.close()
    said = chosen(claims, "period")
    return Supplied(known_period(said) if said else _latest(figures), figures)


def _of_others(claims: Sequence[Claim], context: Context) -> bool:
    dataset, unit = chosen(claims, "dataset"), chosen(claims, "unit")
    other_dataset = context.dataset is not None and dataset not in {None, context.dataset.code}
    return other_dataset or (context.unit is not None and unit not in {None, context.unit.id})


def _figures(source: Source, form: Form, context: Context) -> list[Figure]:
    """The figures of every table in the file. `Unreadable` where it has none of the structure."""
    tables = [each for each in source.sheets if not (each.hidden or is_label_sheet(each))]
    if not any(find_layout(each.head(SEARCHED), context.schema, each) for each in tables):
        raise Unreadable(NO_HEADINGS, schema=context.schema.title, wanted=Role.INDICATOR_CODE)
    return [
        figure for _, _, record in records_of(source, context) for figure in form.figures(record)
    ]


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
