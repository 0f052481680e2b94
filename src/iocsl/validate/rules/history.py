"""H: figures held against those that were accepted before. Estimates, preliminary and final figures
are never compared as one, nothing here is worse than a warning, and nothing is said of a dataset
that has no past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from iocsl.domain import Severity, Words
from iocsl.text import say
from iocsl.validate.history import RECENT, STILL, InParts, Line
from iocsl.validate.hits import MASK
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Batch
from iocsl.validate.registry import (
    QD1134,
    QD2023,
    Basis,
    Fault,
    Placed,
    RuleInfo,
    file_fault,
    own,
    whole_rule,
)
from iocsl.validate.rules.history_registers import listed, of_registers
from iocsl.validate.rules.scale import other_scale, times

if TYPE_CHECKING:
    from iocsl.validate.context import Context
    from iocsl.validate.history_rows import Against

EXACT: Basis = {QD2023: "Điều 3 khoản 1", QD1134: "Điều 5 khoản 1 điểm a; khoản 3 điểm a"}
SINCE = "0.1.0"
ONE_CAUSE = 0.9
"""What this part of the figures has in common has one cause, and gives one finding."""
ENOUGH = 5
"""Figures below which each is told for itself."""
AGAIN = 10
"""Figures from which a file that repeats all of the last period's is told."""


class _Told:
    """What a rule over the past has to tell: each figure, or one finding where all are alike."""

    def __init__(self, context: Context, together: Words) -> None:
        self.context = context
        self._together = together
        self._asked = 0
        self._placed: list[Placed] = []
        self._key = context.comparison.key

    def see(self, batch: Batch) -> Iterable[Placed]:
        for each in self.context.comparison.against(batch):
            if not each.earlier:
                continue
            self._asked += 1
            fault = self.fault(each)
            if fault is not None:
                cell = batch.columns[each.place.column][each.at]
                fault.facts["value"] = plain(each.value)
                fault.quoting = self._key
                placed = Placed(fault, batch.place(each.at), each.place.column, cell)
                self._placed.append(placed)
        return ()

    def fault(self, each: Against) -> Fault | None:
        """What is wrong with one figure; its text is put in as `value`."""
        raise NotImplementedError

    def close(self) -> Iterator[Placed]:
        placed = self._placed
        if len(placed) < ENOUGH or len(placed) < ONE_CAUSE * self._asked:
            yield from placed
            return
        facts, first = placed[0].fault.facts, placed[0]
        fields = self.context.schema.by_name
        named = (fields.get(name) for name in (*self._key, first.column or ""))
        if any(each is not None and each.personal for each in named):
            facts = dict.fromkeys(facts, MASK)
        told = {
            name: say(fact) if isinstance(fact, Words) else fact for name, fact in facts.items()
        }
        said = Words(*(each.format(count=len(placed), **told) for each in self._together))
        fault = Fault(said=said, **facts)
        yield Placed(fault, first.place, first.column, first.value, len(placed))


@whole_rule(
    "H801",
    "unlike-earlier-periods",
    Severity.WARNING,
    vi="Giá trị {value} của {code} ({period}) khác hẳn {earlier} kỳ trước: thường từ {low} đến "
    "{high}; kỳ {before} là {last}.",
    en="The value {value} of {code} ({period}) is unlike the {earlier} periods before: {low} to "
    "{high} is usual; {before} had {last}.",
    hint=(
        "Kiểm tra lại số này. Nếu đúng, giải trình bằng --answer.",
        "Check this figure. If it is right, say why with --answer.",
    ),
    basis=EXACT,
    since=SINCE,
)
class UnlikeEarlierPeriods(_Told):
    """A figure lies where the earlier ones of its indicator and area let nobody expect it.

    Why: a digit too many or too few, or two rows exchanged, passes every other rule. What is usual
    is the median of at least eight earlier figures of the same status, give or take 3.5 modified
    z-scores (Iglewicz and Hoaglin, 1993), and never less than a tenth of the median. A figure near
    the last one is let be, as are figures that add up within the year, and those of a register that
    seldom change.
    Fix: correct the figure, or answer the warning with the reason.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            Words(
                "{count} giá trị khác hẳn các kỳ trước; ví dụ {code}: {value}, thường từ {low} đến "
                "{high}. Có thể sai đơn vị tính, sai kỳ hoặc lệch dòng.",
                "{count} values are unlike the periods before; {code} for one: {value}, where "
                "{low} to {high} is usual. The unit, the period or the rows may be wrong.",
            ),
        )

    def fault(self, each: Against) -> Fault | None:
        place, last = each.place, each.series[each.earlier - 1]
        if self.context.comparison.adds_up(place.indicator, place.column):
            return None
        if each.earlier < len(each.series) or other_scale(each.value, last.value):
            return None  # a figure of an older period is a correction of the past
        if self.context.comparison.stands_still(each):
            return None
        usual = self.context.past.usual(place)
        if usual is None or not usual.far(each.value, last.value):
            return None
        return Fault(
            code=self.context.comparison.named(place[:3], place.column),
            period=each.when,
            earlier=usual.periods,
            low=_rounded(usual.low),
            high=_rounded(usual.high),
            before=last.period,
            last=plain(last.value),
        )


@whole_rule(
    "H806",
    "thousand-times-the-last",
    Severity.WARNING,
    vi="Giá trị {value} của {code} ({period}) {times} kỳ {before} ({last}).",
    en="The value {value} of {code} ({period}) is {times} that of {before} ({last}).",
    hint=(
        "Kiểm tra đơn vị tính: đồng, nghìn đồng hay triệu đồng, và dấu phân cách.",
        "Check the unit of measure (đồng, nghìn or triệu đồng) and the separators.",
    ),
    basis=EXACT,
    since=SINCE,
)
class ThousandTimesTheLast(_Told):
    """A figure is some thousand times, or a thousandth of, its own figure of the last period.

    Why: đồng in one period and nghìn đồng in the next make every comparison wrong. One earlier
    period of the same status is enough to tell.
    Fix: convert the figure, or answer the warning with the reason.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            Words(
                "{count} giá trị ước chừng {times} kỳ trước; ví dụ {code}: {value}, kỳ "
                "{before} là {last}. Có thể cả tệp dùng đơn vị tính khác.",
                "{count} values are about {times} those of the last period; {code} for one: "
                "{value}, {before} had {last}. The whole file may be in another unit.",
            ),
        )

    def fault(self, each: Against) -> Fault | None:
        last, place = each.series[each.earlier - 1], each.place
        new_year = each.period is None or last.period[:4] != str(each.period.year)
        if not other_scale(each.value, last.value):
            return None
        if new_year and self.context.comparison.adds_up(place.indicator, place.column):
            return None
        return Fault(
            code=self.context.comparison.named(place[:3], place.column),
            period=each.when,
            times=times(each.value, last.value),
            before=last.period,
            last=plain(last.value),
        )


TOO_FEW = file_fault(
    "H802",
    "history-too-short",
    Severity.INFO,
    vi="{count} số liệu có chưa đủ {fewest} kỳ trước cùng trạng thái, chưa xét được bất thường.",
    en="Figures with fewer than {fewest} earlier periods of their status: {count}. Whether they "
    "are unusual cannot be told.",
    basis=EXACT,
    since=SINCE,
    doc="""The past is long enough to say what is usual.

    Why: with few figures any measure is chance; it is said that nothing was judged, once a file.
    Fix: nothing has to be done. Older files can be named with `--history`.
    """,
)

STILL_THE_SAME = file_fault(
    "H803",
    "unchanged-for-long",
    Severity.INFO,
    vi="{count} số liệu không đổi suốt {periods} kỳ liền: {codes}.",
    en="Figures that have not changed for {periods} periods on end, {count} in all: {codes}.",
    hint=("Kiểm tra xem số liệu có được cập nhật thật không.", "See whether they were updated."),
    basis=EXACT,
    since=SINCE,
    doc="""A figure other than zero moves within six periods.

    Why: a figure that was carried over and never looked at again is no longer alive.
    Fix: bring it up to date; where it really stands still, nothing has to be done.
    """,
)

LAST_PERIOD_AGAIN = file_fault(
    "H804",
    "last-period-again",
    Severity.WARNING,
    vi="Cả {count} số liệu đều giống hệt kỳ trước. Có thể là tệp kỳ trước đổi tên.",
    en="All {count} figures are what they were last period; it may be that period's file renamed.",
    hint=("Kiểm tra xem đã chọn đúng tệp của kỳ này chưa.", "See whether it is the right file."),
    basis=EXACT,
    since=SINCE,
    doc="""Not every figure of a file is what it was in the last period.

    Why: last period's file with a new name is the commonest wrong submission.
    Fix: take the right file, or answer the warning with the reason. Asked from ten figures on. Of
    a register it is information, and only where ten or more rows are the same in all columns of
    the form: in a quiet month nothing changes.
    """,
)

LEFT_OUT = file_fault(
    "H805",
    "series-left-out",
    Severity.WARNING,
    vi="Thiếu {count} dòng (chỉ tiêu, địa bàn) đã có ở các kỳ {periods}: {lines}.",
    en="Lines (indicator, area) that {periods} had are missing, {count} in all: {lines}.",
    hint=(
        "Bổ sung các dòng còn thiếu, hoặc giải trình bằng --answer.",
        "Add the lines, or say why with --answer.",
    ),
    basis=EXACT,
    since=SINCE,
    doc="""An indicator and area that both of the last two periods had is reported again.

    Why: a series that ends without a word leaves a hole that is found when it is too late.
    Indicators that are missing altogether are told by C310.
    Fix: add the lines; where nothing happened, the figure is 0 or the narrative says so.
    """,
)

UNREADABLE = file_fault(
    "H807",
    "history-unreadable",
    Severity.INFO,
    vi="Không đọc được lịch sử số liệu, nên chưa so sánh gì với các kỳ trước.",
    en="The history of figures cannot be read, so nothing was compared with earlier periods.",
    hint=(
        "Mọi quy tắc khác vẫn được kiểm tra. Xem lý do: iocsl doctor",
        "All other rules were asked. To see why: iocsl doctor",
    ),
    basis=EXACT,
    since=SINCE,
    doc="""The history of figures can be read.

    Why: a check without it is told as such, so that nobody takes silence for agreement. Reports
    travel, so this one does not say where on the machine the history lies.
    Fix: `iocsl doctor` says which file and what is wrong with it; meanwhile name earlier files
    with `--history`.
    """,
)


def over_the_file(context: Context) -> Iterator[tuple[RuleInfo, Fault, int]]:
    """What only the whole file shows against its past: rule, fault and count."""
    from iocsl.validate.history_statistics import FEWEST

    if context.past.trouble is not None:
        yield UNREADABLE, Fault(), 1
    told = context.comparison
    yield from of_registers(context)
    if not context.past:
        return
    if told.few:
        yield TOO_FEW, Fault(count=told.few, fewest=FEWEST), told.few
    if told.still and not told.register:
        codes = listed(list(dict.fromkeys(told.still)))
        fault = Fault(quoting=told.key, count=len(told.still), periods=own(STILL), codes=codes)
        yield STILL_THE_SAME, fault, len(told.still)
    if told.register and told.records >= AGAIN and told.repeats:
        fault = Fault(severity=Severity.INFO, said=_records_again(told.records))
        yield LAST_PERIOD_AGAIN, fault, told.records
    elif not told.register and told.compared >= AGAIN and told.same == told.compared:
        yield LAST_PERIOD_AGAIN, Fault(count=told.same), told.same
    missing = [] if told.register else _left_out(context)
    if missing:
        periods = ", ".join(period for period, _ in reversed(context.past.recent))
        lines = listed([" · ".join(part for part in line if part) for line in missing])
        fault = Fault(quoting=told.key, count=len(missing), periods=own(periods), lines=lines)
        yield LEFT_OUT, fault, len(missing)


def _left_out(context: Context) -> list[Line]:
    """Lines of each of the last submissions that the file, or all files sent with it, lack."""
    recent, present = context.past.recent, context.comparison.present
    if isinstance(context.history, InParts):
        present = context.history.with_lines(present)
    if len(recent) < RECENT or not present:
        return []
    indicators = {line[0] for line in present}
    always = frozenset.intersection(*(lines for _, lines in recent))
    return sorted(
        line
        for line in always - present
        if line[0] in indicators or line[0] not in context.indicators
    )


def _records_again(count: int) -> Words:
    return Words(
        f"Cả {count} bản ghi giống hệt kỳ trước ở mọi cột của biểu. "
        "Có thể là tệp kỳ trước đổi tên.",
        f"All {count} records are what they were last period in every column of the form; "
        "it may be that period's file renamed.",
    )


def _rounded(number: float) -> str:
    """A bound for reading: four digits say enough."""
    return plain(float(f"{number:.4g}"))
