"""P: the period, and whether options, the Thong_tin sheet and the file's name agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iocsl.domain import Period, PeriodType, Severity
from iocsl.text import squeeze, tr
from iocsl.validate.context import Claim, Context
from iocsl.validate.period_words import meant
from iocsl.validate.readers.base import Batch, shown
from iocsl.validate.registry import (
    QD1134,
    QD2023,
    Basis,
    Fault,
    Placed,
    Role,
    cell_rule,
    file_rule,
    own,
    whole_rule,
)
from iocsl.validate.rules.another_file import differing, follows

PERIODS: Basis = {QD2023: "Điều 8 khoản 1", QD1134: "Điều 5 khoản 2 điểm b"}
IDENTITY: Basis = {QD2023: "Điều 6 khoản 1", QD1134: "Điều 5 khoản 1 điểm a, b"}
SINCE = "0.1.0"
LISTED = 5
"""Periods that a message names."""
_AGREE = (
    "Sửa chỗ sai để mọi nơi ghi như nhau, rồi kiểm tra lại.",
    "Mend the one that is wrong, so that all say the same.",
)


def _named(claim: Claim) -> str:
    """Where a claim stands, in the language of the report."""
    if claim.source == "option":
        return tr("tùy chọn dòng lệnh hoặc phiếu gửi", "the option or the slip")
    if claim.source == "name":
        return tr("tên tệp", "the file's name")
    place = f" {claim.cell}" if claim.cell else ""
    return f"{claim.sheet or tr('thuộc tính gốc', 'the root')}{place}"


def _disagreements(context: Context, kind: str, also: str = "") -> Iterator[Fault]:
    """The first two claims that differ, both named."""
    found = differing(context, kind)
    if found is not None:
        first, other = found
        at = next(((each.sheet, each.cell) for each in (other, first) if each.cell), None)
        yield Fault(
            at=at,
            one=first.text,
            where=_named(first),
            other=other.text,
            elsewhere=_named(other),
            also=also,
        )


@file_rule(
    "P501",
    "datasets-disagree",
    Severity.ERROR,
    vi="Bộ dữ liệu không thống nhất: {where} ghi “{one}”, {elsewhere} ghi “{other}”{also}.",
    en="The dataset is said in two ways: {where} says “{one}”, {elsewhere} says “{other}”{also}.",
    hint=_AGREE,
    basis=IDENTITY,
    since=SINCE,
)
def datasets_disagree(context: Context) -> Iterator[Fault]:
    """Options, Thong_tin and the file's name say the same dataset.

    Why: a file of one dataset sent as another lands where nobody looks for it. Codes of indicators
    are not compared until this is settled. A unit or a kind of period that goes with the dataset of
    its place, here and there, is no further fault.
    Fix: mend the Thong_tin sheet, the name or the option, or take the right file.
    """
    also = ""
    for kind, words in (("unit", ("đơn vị", "the unit")), ("period", ("kỳ", "the period"))):
        if found := follows(context, kind):
            one, other = (each.text for each in found)
            also += tr(
                f"; {words[0]} cũng vậy: “{one}”, “{other}”",
                f"; and so is {words[1]}: “{one}”, “{other}”",
            )
    yield from _disagreements(context, "dataset", also)


@file_rule(
    "P502",
    "units-disagree",
    Severity.ERROR,
    vi="Đơn vị không thống nhất: {where} ghi “{one}”, {elsewhere} ghi “{other}”.",
    en="The unit is said in two ways: {where} says “{one}”, {elsewhere} says “{other}”.",
    hint=_AGREE,
    basis=IDENTITY,
    since=SINCE,
)
def units_disagree(context: Context) -> Iterator[Fault]:
    """Options and Thong_tin say the same unit.

    Why: the unit answers for the data; it must be the one that signs and sends.
    Fix: mend the Thong_tin sheet or the option.
    """
    if not follows(context, "unit"):
        yield from _disagreements(context, "unit")


@file_rule(
    "P503",
    "periods-disagree",
    Severity.ERROR,
    vi="Kỳ báo cáo không thống nhất: {where} ghi “{one}”, {elsewhere} ghi “{other}”.",
    en="The period is said in two ways: {where} says “{one}”, {elsewhere} says “{other}”.",
    hint=_AGREE,
    basis=PERIODS,
    since=SINCE,
)
def periods_disagree(context: Context) -> Iterator[Fault]:
    """Options, Thong_tin and the file's name say the same period.

    Why: last period's file with a new name is the commonest wrong submission.
    Fix: mend the one that is wrong, or take the right file.
    """
    if not follows(context, "period"):
        yield from _disagreements(context, "period")


@file_rule(
    "P504",
    "unknown-dataset-in-file",
    Severity.ERROR,
    vi="Bộ dữ liệu “{text}” (ghi ở {where}) không có trong danh mục.",
    en="The dataset “{text}” (said in {where}) is not in the catalogue.",
    hint=("Tìm mã đúng bằng: iocsl catalog search.", "Find the code with: iocsl catalog search."),
    basis=IDENTITY,
    since=SINCE,
)
def unknown_dataset_in_file(context: Context) -> Iterator[Fault]:
    """The dataset that the file names exists.

    Why: the warehouse takes assigned datasets only.
    Fix: copy the code from the catalogue.
    """
    for claim in context.claims:
        if claim.kind == "dataset" and claim.meant is None:
            yield Fault(at=(claim.sheet, claim.cell), text=claim.text, where=_named(claim))


@file_rule(
    "P505",
    "impossible-period",
    Severity.ERROR,
    vi="Kỳ báo cáo “{text}” (ghi ở {where}) không có thật hoặc viết sai cách{near}.",
    en="The period “{text}” (said in {where}) does not exist, or is not written as one{near}.",
    hint=(
        "Viết như 2026-11 (tháng), 2026-Q4 (quý), 2026-H1 (6 tháng), 2026 (năm).",
        "Write it like 2026-11 (month), 2026-Q4 (quarter), 2026-H1 (half), 2026 (year).",
    ),
    basis=PERIODS,
    since=SINCE,
)
def impossible_period(context: Context) -> Iterator[Fault]:
    """The period that the file names can be read and exists.

    Why: the deadline, and where the figures belong, hang on it.
    Fix: write it in one of the forms; format the cell as Text first.
    """
    for claim in context.claims:
        if claim.kind == "period" and claim.meant is None:
            at = claim.sheet, claim.cell
            yield Fault(at=at, text=claim.text, where=_named(claim), near=_near(claim.text))


def _near(text: str) -> str:
    """The period that a text may mean, for the end of a message."""
    known = meant(text)
    return f" ({known}?)" if known else ""


@file_rule(
    "P506",
    "period-not-due",
    Severity.ERROR,
    vi="{dataset} báo cáo theo {due}, không theo {given} ({period}).",
    en="{dataset} is reported by {due}, not by {given} ({period}).",
    hint=("Kiểm tra lại kỳ báo cáo hoặc mã bộ dữ liệu.", "Check the period or the dataset."),
    basis=PERIODS,
    since=SINCE,
)
def period_not_due(context: Context) -> Iterator[Fault]:
    """The kind of period is one that the catalogue lists for the dataset; of a request, the one.

    Why: a yearly file of a monthly dataset meets no deadline and fills no month.
    Fix: check the period. Where the text leaves the period blank, nothing is told.
    """
    dataset, period = context.dataset, context.period
    if dataset is None or period is None or not dataset.periods:
        return
    if PeriodType.REALTIME in dataset.periods:
        return  # no period id says "in real time": whatever day or month was sent is taken
    if context.disagree("dataset") or context.disagree("period"):
        return
    if period.type is PeriodType.EVENT and dataset.answers_changes:
        return  # within 24 hours of a change, beside its own dates (1134 Điều 5.2.b)
    due = ", ".join(_kind(PeriodType(each)) for each in dataset.periods)
    if dataset.asked_period is not None:
        due = tr(f"kỳ {dataset.asked_period}", f"the period {dataset.asked_period}")
    if period.type.value not in dataset.periods or dataset.asked_period not in {None, period.id}:
        yield Fault(dataset=dataset.code, due=due, given=_kind(period.type), period=period.id)


def _kind(kind: PeriodType) -> str:
    words = {
        PeriodType.DAY: ("ngày", "day"),
        PeriodType.MONTH: ("tháng", "month"),
        PeriodType.QUARTER: ("quý", "quarter"),
        PeriodType.HALF: ("6 tháng", "half-year"),
        PeriodType.NINE_MONTHS: ("9 tháng", "nine months"),
        PeriodType.YEAR: ("năm", "year"),
        PeriodType.SEASON: ("mùa vụ", "season"),
        PeriodType.EVENT: ("lần thay đổi", "change"),
        PeriodType.REALTIME: ("thời gian thực", "real time"),
    }
    return tr(*words[kind])


@file_rule(
    "P507",
    "no-dataset",
    Severity.ERROR,
    vi="Không biết tệp thuộc bộ dữ liệu nào: không có trong tùy chọn, trang Thong_tin hay tên tệp.",
    en="No dataset is named: not in an option, nor in the Thong_tin sheet, nor in the file's name.",
    hint=(
        "Thêm --dataset MÃ, hoặc đặt tên tệp như KDL-M-016_2026-10.xlsx.",
        "Add --dataset CODE, or name the file like KDL-M-016_2026-10.xlsx.",
    ),
    basis=IDENTITY,
    since=SINCE,
)
def no_dataset(context: Context) -> Iterator[Fault]:
    """The dataset is named somewhere, unless the file is checked against a schema of its own.

    Why: without it neither codes nor period nor authority can be checked.
    Fix: name it in one of the three places.
    """
    if not context.own_schema and not any(claim.kind == "dataset" for claim in context.claims):
        yield Fault()


@file_rule(
    "P508",
    "no-period",
    Severity.WARNING,
    vi="Không biết kỳ báo cáo của tệp: không có trong tùy chọn, trang Thong_tin hay tên tệp.",
    en="No period is named: not in an option, nor in the Thong_tin sheet, nor in the file's name.",
    hint=(
        "Thêm --period, ví dụ --period 2026-10, hoặc ghi ở trang Thong_tin.",
        "Add --period, e.g. --period 2026-10, or write it in the Thong_tin sheet.",
    ),
    basis=PERIODS,
    since=SINCE,
)
def no_period(context: Context) -> Iterator[Fault]:
    """The period is named somewhere.

    Why: a file without one cannot be signed or sent, though its figures can be checked.
    Fix: name it in one of the three places.
    """
    if not context.own_schema and not any(claim.kind == "period" for claim in context.claims):
        yield Fault()


@cell_rule(
    "P509",
    "row-period-unreadable",
    Severity.ERROR,
    column=Role.PERIOD,
    vi="Kỳ “{text}” không có thật hoặc viết sai cách{near}.",
    en="The period “{text}” does not exist, or is not written as one{near}.",
    hint=(
        "Viết như 2026-10 (tháng), 2026-Q3 (quý), 2026-H1 (6 tháng), 2026 (năm).",
        "Write it like 2026-10 (month), 2026-Q3 (quarter), 2026-H1 (half), 2026 (year).",
    ),
    basis=PERIODS,
    since=SINCE,
)
def row_period_unreadable(text: str, context: Context) -> Fault | None:
    """The period that a figure is about is written as a period id.

    Why: "tháng 10" lacks its year, "10/2026" is no id; a figure must fall into one period.
    Fix: write the id. It may differ from the file's own period.
    """
    try:
        Period.parse(text)
    except ValueError:
        return Fault(text=text, near=_near(text))
    return None


@cell_rule(
    "P510",
    "row-period-later",
    Severity.WARNING,
    column=Role.PERIOD,
    vi="Dòng này ghi kỳ {text}, sau kỳ của tệp ({period}).",
    en="The row says period {text}, which is after that of the file ({period}).",
    hint=("Kiểm tra lại năm và kỳ ở dòng này.", "Check year and period of the row."),
    basis=PERIODS,
    since=SINCE,
)
def row_period_later(text: str, context: Context) -> Fault | None:
    """A figure is not of a time after the period of its file.

    Why: it is either a slip in the year, or a plan, which is no figure.
    Fix: correct the period.
    """
    if context.period is None or context.disagree("period"):
        return None
    period = _period(text)
    if period is None or period.first_day <= context.period.last_day:
        return None
    return Fault(text=text, period=own(context.period.id))


@whole_rule(
    "P512",
    "no-row-of-the-period",
    Severity.WARNING,
    vi="Tệp của kỳ {period} nhưng không dòng nào là số liệu của kỳ đó; các dòng ghi kỳ {found}.",
    en="The file is of period {period}, and no row is about it; the rows say {found}.",
    hint=(
        "Nếu quên đổi kỳ ở các dòng, sửa cột kỳ báo cáo; nếu chọn nhầm tệp, lấy tệp của kỳ này.",
        "Mend the period of the rows if it was forgotten; else take the file of this period.",
    ),
    over_file=True,
    basis=PERIODS,
    since="0.2.0",
)
class NoRowOfThePeriod:
    """At least one row is about the period of the file, or about one that shares days with it.

    Why: last period's file under a new name passes every other rule. A row may be about an earlier
    period; all of them are a slip.
    Fix: send the figures of this period, or correct the period of the rows.
    """

    def __init__(self, context: Context) -> None:
        known = context.period is not None and not context.disagree("period")
        self._wanted = context.period if known and not context.own_schema else None
        self._earlier: set[Period] = set()
        self._rows = 0

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Remember the periods of the rows, until one is met that is not over before the file's."""
        if self._wanted is not None and Role.PERIOD in batch.columns:
            texts = {squeeze(shown(cell)) for cell in batch.distinct(Role.PERIOD)}
            met = set(filter(None, map(_period, texts)))
            if any(each.last_day >= self._wanted.first_day for each in met):
                self._wanted = None
            self._earlier |= met
            self._rows += len(batch)
        return ()

    def close(self) -> Iterable[Placed]:
        """One finding for all rows."""
        if self._wanted is None or not self._earlier:
            return
        met = [
            each.id for each in sorted(self._earlier, key=lambda each: (each.first_day, each.id))
        ]
        found = ", ".join(met[:LISTED]) + (" …" if len(met) > LISTED else "")
        fault = Fault(period=own(self._wanted.id), found=found)
        yield Placed(fault, column=Role.PERIOD, count=self._rows)


def _period(text: str) -> Period | None:
    try:
        return Period.parse(text)
    except ValueError:
        return None
