"""C: whether an indicator was in force in the period that a figure is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from iocsl.domain import Period, Severity
from iocsl.text import squeeze, tr
from iocsl.validate.context import Context
from iocsl.validate.history import known_period
from iocsl.validate.readers.base import Batch, Cell, Place, shown
from iocsl.validate.registry import Fault, Placed, Role, own, row_rule, whole_rule
from iocsl.validate.rules.codes import CODES, SINCE, some
from iocsl.validate.rules.mistyped_years import RECENT

REMEMBERED = 10_000
"""Codes and periods of which it is remembered whether they go together."""


@row_rule(
    "C302",
    "retired-indicator",
    Severity.ERROR,
    columns=(Role.INDICATOR_CODE,),
    blame=Role.INDICATOR_CODE,
    beside=(Role.PERIOD,),
    vi="Chỉ tiêu {code} không còn hiệu lực{until}{heir}.",
    en="Indicator {code} is no longer in force{until}{heir}.",
    hint=("Dùng mã thay thế, hoặc bỏ dòng này.", "Use the code that replaced it, or drop the row."),
    basis=CODES,
    since=SINCE,
)
def retired_indicator(code: str | None, period: str | None, context: Context) -> Fault | None:
    """The indicator was in force in the period that the figure is about: the row's, or where the
    row says none, the file's.

    Why: codes are never reused, so a retired one cannot take new figures.
    Fix: use the code that replaced it.
    """
    found = context.indicators.get(code) if code else None
    if found is None or found.valid_to is None:
        return None
    about = _about(period, context)
    if about is not None and about.last_day <= date.fromisoformat(found.valid_to):
        return None
    heir = f" → {found.replaced_by}" if found.replaced_by else ""
    until = date.fromisoformat(found.valid_to).strftime("%d/%m/%Y")
    return Fault(code=code, until=tr(f" sau ngày {until}", f" after {until}"), heir=heir)


def _about(text: str | None, context: Context) -> Period | None:
    """The period that a figure is about: that of its row, else that of the file."""
    return (known_period(text) if text else None) or context.period


@whole_rule(
    "C311",
    "not-yet-in-force",
    Severity.WARNING,
    vi="Chỉ tiêu {code} chỉ có hiệu lực từ {since}, sau kỳ {period}.",
    en="Indicator {code} is in force only from {since}, after period {period}.",
    hint=("Kiểm tra lại kỳ báo cáo.", "Check the period."),
    basis=CODES,
    since=SINCE,
)
class NotYetInForce:
    """The indicator existed in the period that the figure is about: the row's, or where the row
    says none, the file's. All codes of one period are one finding; rows of more than five years
    before the file are not asked, for there the year may be wrong (P513).

    Why: a figure of a time before its indicator was defined may follow another method.
    Fix: check the period, or say in the narrative how the figure was worked out.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._since = {
            code: each.valid_from for code, each in context.indicators.items() if each.valid_from
        }
        self._latest = max(self._since.values(), default="")
        self._asked: dict[tuple[Cell, Cell], tuple[str, str] | None] = {}
        """Cells of code and period → since when the one is in force, and the other."""
        self._found: dict[str, _Early] = {}

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Look at the rows of a batch that has a period before the latest of those days."""
        if not self._since or Role.INDICATOR_CODE not in batch.columns:
            return ()
        periods = batch.columns.get(Role.PERIOD) or [""] * len(batch)
        met = batch.distinct(Role.PERIOD) if Role.PERIOD in batch.columns else {""}
        about = [_about(squeeze(shown(each)), self._context) for each in met]
        if any(each is not None and each.last_day.isoformat() < self._latest for each in about):
            pairs = zip(batch.columns[Role.INDICATOR_CODE], periods, strict=True)
            for at, pair in enumerate(pairs):
                if pair not in self._asked:
                    self._asked[pair] = self._early(*map(_text, pair))
                if (told := self._asked[pair]) is not None:
                    since, period = told
                    if since not in self._found:
                        self._found[since] = _Early(batch.place(at), pair[0])
                    early = self._found[since]
                    early.codes[_text(pair[0])] += 1
                    early.periods.add(period)
            if len(self._asked) > REMEMBERED:
                self._asked.clear()
        return ()

    def _early(self, code: str, period: str) -> tuple[str, str] | None:
        since, about = self._since.get(code), _about(period, self._context)
        if since is None or about is None or about.last_day.isoformat() >= since:
            return None
        file = self._context.period
        if file is not None and file.year - about.year > RECENT:
            return None
        return since, about.id

    def close(self) -> Iterable[Placed]:
        """One finding for each day from which codes are in force, at the first row before it."""
        for since, early in self._found.items():
            fault = Fault(
                quoting=(Role.PERIOD,),
                code=some(list(early.codes)),
                since=own(date.fromisoformat(since).strftime("%d/%m/%Y")),
                period=some(sorted(early.periods)),
            )
            count = early.codes.total()
            yield Placed(fault, early.place, Role.INDICATOR_CODE, early.cell, count)


class _Early:
    """Where figures older than their indicators were met first, of which codes and periods."""

    def __init__(self, place: Place, cell: Cell) -> None:
        self.place = place
        self.cell = cell
        self.codes: Counter[str] = Counter()
        self.periods: set[str] = set()


def _text(cell: Cell) -> str:
    return squeeze(shown(cell))
