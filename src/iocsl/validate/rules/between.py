"""X: the same key on two sheets, or in two files. `iocsl.validate.between` finds these."""

from __future__ import annotations

from iocsl.domain import Severity
from iocsl.validate.registry import Level, file_fault
from iocsl.validate.rules.across import EXACT

SINCE = "0.2.0"
_ONE = (
    "Giữ số đúng ở một nơi, bỏ dòng kia.",
    "Keep the right figure in one place and remove the other row.",
)

SHEETS_DIFFER = file_fault(
    "X704",
    "differs-on-other-sheet",
    Severity.ERROR,
    level=Level.WHOLE,
    vi="“{title}” là {value}, còn ở {where} cùng khóa lại là {other}{also}.",
    en="“{title}” is {value}, while {where} has {other} under the same key{also}.",
    hint=_ONE,
    basis=EXACT,
    since=SINCE,
    doc="""The same indicator, area, period and status (the key of the schema) has one figure,
    whichever sheets of a workbook it stands on.

    Why: of two figures for one thing nobody can tell which holds.
    Fix: keep the right one.
    """,
)

SHEETS_REPEAT = file_fault(
    "X705",
    "repeated-on-other-sheet",
    Severity.WARNING,
    level=Level.WHOLE,
    vi="Dòng này đã có ở {where}{also}.",
    en="This row stands at {where} already{also}.",
    hint=(
        "Bỏ một trong hai dòng, hoặc ẩn trang tổng hợp nếu không phải số liệu để nộp.",
        "Remove one of the two, or hide the summary if it is not data to be sent.",
    ),
    basis=EXACT,
    since=SINCE,
    doc="""A row with the same key, and no other figures, stands on two sheets that hold tables of
    the form.

    Why: both are read as data, so the figure is counted twice.
    Fix: remove one. A sheet that is hidden is told and not read.
    """,
)

FILES_DIFFER = file_fault(
    "X708",
    "differs-in-other-file",
    Severity.ERROR,
    level=Level.WHOLE,
    vi="“{title}” là {value}, còn trong tệp “{file}”, {where}, cùng khóa lại là {other}{also}.",
    en="“{title}” is {value}, while the file “{file}”, {where}, has {other} under the same key"
    "{also}.",
    hint=(
        "Đối chiếu hai tệp, giữ số đúng. Tệp cũ thì đừng nộp cùng tệp mới.",
        "Compare the two files and keep the right figure. Do not send an old file with a new one.",
    ),
    basis=EXACT,
    since=SINCE,
    doc="""Files of one dataset, unit and period that are checked together agree on every key.

    Why: both would be loaded, and of two figures for one thing nobody can tell which holds. Where
    the files do not say dataset, unit and period in full it is a warning. It is told in the file
    that was named later.
    Fix: keep the right figure, or leave the old file out.
    """,
)

FILES_REPEAT = file_fault(
    "X709",
    "repeated-in-other-file",
    Severity.WARNING,
    level=Level.WHOLE,
    vi="Dòng này đã có trong tệp “{file}”, {where}{also}.",
    en="This row is in the file “{file}” already, {where}{also}.",
    hint=("Để mỗi dòng ở một tệp.", "Keep each row in one file."),
    basis=EXACT,
    since=SINCE,
    doc="""A row with the same key, and no other figures, is in two files of one dataset, unit and
    period.

    Why: the figure would be counted twice.
    Fix: keep each row in one file.
    """,
)

SAME_FILE = file_fault(
    "X730",
    "same-file-twice",
    Severity.WARNING,
    vi="Tệp này giống hệt tệp “{file}” đến từng byte.",
    en="This file is the same as “{file}”, byte for byte.",
    hint=(
        "Bỏ một bản, hoặc lấy lại đúng tệp: có thể đã chép nhầm.",
        "Leave one out, or fetch the right file: it may have been copied by mistake.",
    ),
    basis=EXACT,
    since=SINCE,
    doc="""Two files that are checked together are not one and the same.

    Why: a copy under another name is often a form that was meant to hold other figures.
    Fix: leave one out, or take the right file.
    """,
)
