"""S: the check of a table that ends before the table does."""

from __future__ import annotations

from iocsl.domain import Severity
from iocsl.validate.registry import file_fault
from iocsl.validate.rules.structure import UNIFORM

BROKEN_OFF = file_fault(
    "S219",
    "check-broken-off",
    Severity.ERROR,
    vi="Bảng chỉ được kiểm tra đến dòng {row}, phần còn lại CHƯA được kiểm tra: {why}.",
    en="The table was checked down to row {row} only; the rest was NOT checked: {why}.",
    hint=(
        "Lấy đúng tệp, đúng --dataset hoặc --schema; nếu đã đúng, sửa lỗi đã nêu, kiểm tra lại.",
        "Take the right file, --dataset or --schema; if they are, mend what is told, check again.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""Down to that row at least half of all cells are wrong and these are 200,000 or more; or a
    fifth, and these are two million. Or nine rows of ten have a code of their own that is in no
    list (100,000 or more); half of the rows repeat others and these are 300,000 or
    more; two million cells, and half of all, have at least a warning; for each row of data ten are
    blank (five million) or totals, names of groups and nil returns (50,000).
    What was found down to there is listed, and nothing is said that only the whole table can prove.

    Why: such a table is another file, or was checked against another form. Millions of findings of
    one cause would take minutes and tell nobody more than the first ones do.
    Fix: take the right file, the right `--dataset` or `--schema`. If they are right, mend what the
    findings tell, column by column, and check again; delete blank rows below the data.
    """,
)
