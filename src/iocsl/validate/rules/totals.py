"""X: total rows held against the rows that they add up. `iocsl.validate.totals` finds these."""

from __future__ import annotations

from iocsl.domain import Severity
from iocsl.validate.registry import Level, file_fault
from iocsl.validate.rules.across import EXACT

SINCE = "0.2.0"

TOTAL_DIFFERS = file_fault(
    "X706",
    "total-differs",
    Severity.WARNING,
    level=Level.WHOLE,
    vi="“{text}”: cột “{title}” ghi {value}, cộng {rows} dòng được {sum}, lệch {difference}{also}.",
    en="“{text}”: column “{title}” says {value}, its {rows} rows add up to {sum}, a difference of"
    " {difference}{also}.",
    hint=(
        "Kiểm tra xem thiếu, thừa dòng nào, hoặc dòng tổng chưa được cộng lại.",
        "See whether a row is missing or too many, or the total was not added up again.",
    ),
    basis=EXACT,
    since=SINCE,
    doc="""A total row gives, for each column of figures, the sum of the rows that it stands under
    or above: of its group, of several groups, or of the whole table.

    Why: a total that differs shows a row lost, doubled or changed after the total was made. The
    total itself is not loaded, so this is a warning. `dung_sai` of a `sum` over the column in the
    schema is allowed; without one, figures with decimals may be off by what rounding explains.
    Fix: add up again, or find the row that is wrong.
    """,
)

TOTAL_NOT_COMPARED = file_fault(
    "X707",
    "total-not-compared",
    Severity.INFO,
    level=Level.WHOLE,
    vi="Chưa đối chiếu {count} dòng tổng (đầu tiên: “{text}”): {reason}.",
    en="{count} total row(s) (first: “{text}”) were not compared: {reason}.",
    basis=EXACT,
    since=SINCE,
    doc="""A total row of which nobody can tell what it adds up.

    Why: silence would look like a total that was checked and found right.
    Fix: nothing, if it is right. Total rows under (or over) the rows that they add up are compared;
    "of which" rows, rows of several indicators and cells that cannot be read are not added up.
    """,
)
