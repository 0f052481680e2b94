"""P and C, of forms: the template that is in use, and the figures that the form's title names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iocsl.catalog.template_rows import figure_period, template_version
from iocsl.domain import Severity
from iocsl.validate.context import Context
from iocsl.validate.history import STATUSES, known_period
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, Role, file_rule, row_rule

if TYPE_CHECKING:
    from iocsl.catalog import Indicator

FORMS: Basis = {QD2023: "Điều 5; Điều 6 khoản 1", QD1134: "Điều 5 khoản 1 điểm b; Điều 6 khoản 2"}
"""One uniform structure, and sample files to fill in (1134); the forms of the system (2023)."""
SINCE = "0.1.0"
OFFICIAL = "chinh_thuc"
"""What a blank status means."""


@file_rule(
    "P511",
    "outdated-template",
    Severity.WARNING,
    vi="Tệp dùng mẫu phiên bản {given}; mẫu của {dataset} nay là phiên bản {current}.",
    en="The file uses version {given} of the template; that of {dataset} is now {current}.",
    hint=(
        "Tạo mẫu mới bằng iocsl catalog template rồi chép số liệu sang.",
        "Make a new one with iocsl catalog template and copy the figures into it.",
    ),
    basis=FORMS,
    since=SINCE,
)
def outdated_template(context: Context) -> Iterator[Fault]:
    """The `Thong_tin` sheet names the version of the template that is in use.

    Why: columns and codes of an old template may mean something else today, and what is new in the
    catalogue is not in it.
    Fix: make a new template, with `--previous` to carry the rows over. A file that names no version
    was not made from a template, and nothing is told.
    """
    if context.dataset is None or context.own_schema or context.disagree("dataset"):
        return
    current = template_version(context.catalogue.schema(context.dataset.schema))
    for claim in context.claims:
        if claim.kind == "template" and claim.text != current:
            yield Fault(
                at=(claim.sheet, claim.cell),
                given=claim.text,
                dataset=context.dataset.code,
                current=current,
            )


@row_rule(
    "C312",
    "figure-not-of-form",
    Severity.WARNING,
    columns=(Role.INDICATOR_CODE, Role.PERIOD, Role.STATUS),
    blame=Role.STATUS,
    beside=(Role.INDICATOR_NAME,),
    vi="Biểu này lấy số liệu {wanted} của {code}, không lấy {given}.",
    en="This form asks {wanted} of {code}, not {given}.",
    hint=(
        "Sửa kỳ hoặc trạng thái số liệu của dòng này theo tên biểu; để trống là chính thức.",
        "Mend the row's period or status as the form's title says; blank means official.",
    ),
    basis={QD2023: "Điều 6 khoản 1; phụ lục", QD1134: "Điều 5 khoản 1 điểm a"},
    since=SINCE,
)
def figure_not_of_form(
    code: str, period: str, status: str | None, name: str | None, context: Context
) -> Fault | None:
    """A figure is one that the form's title names: of that part of the year, in that status.

    Why: one form may hold a preliminary quarter beside an estimated half-year; an estimate filed
    as preliminary is quoted as more than it is.
    Fix: mend the row's `ky_bao_cao` or `trang_thai_so_lieu`.
    """
    found = context.indicators.get(code)
    if found is None or not found.figures or context.period is None:
        return None
    asked = _asked(found, context.period.id)
    given = (period, status or OFFICIAL)
    if given in asked or context.disagree("period"):
        return None
    meant = context.indicators.get(context.exchanged.owner(code, name) or "")
    if meant is not None and (not meant.figures or given in _asked(meant, context.period.id)):
        return None  # it goes with the name, and that the code does not has been told
    if known_period(period) is None or given[1] not in STATUSES:
        return None  # that it is written wrong has been told
    wanted = ", ".join(" ".join(each) for each in asked)
    return Fault(code=code, wanted=wanted, given=" ".join(given))


def _asked(indicator: Indicator, period: str) -> list[tuple[str, str]]:
    """The period and status of each figure that a form for `period` asks of an indicator."""
    return [(figure_period(part, period), named or OFFICIAL) for part, named in indicator.figures]
