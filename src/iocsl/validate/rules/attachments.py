"""A and N: what goes with the data: attachments that the form wants, and the narrative.

They are judged where attachments are told: `iocsl validate --attach`, `iocsl bundle create`, and
the warehouse's check of a bundle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from iocsl.domain import Regime, Severity
from iocsl.patterns import regex
from iocsl.text import nfc, tr
from iocsl.validate.attachments import TYPES
from iocsl.validate.context import Context
from iocsl.validate.readers.base import shown
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, cell_rule, file_rule

PARTS: Basis = {QD2023: "Điều 5", QD1134: "Điều 5 khoản 1 điểm a; Điều 6 khoản 3"}
"""Tables, and the narrative attached (2023); full data, and files attached to them (1134)."""
SINCE = "0.2.0"
_SEVERAL = regex(r"[;\n]+")
_ENDED = regex(rf"(\.(?:{'|'.join(TYPES)}))\s+", re.IGNORECASE)
"""The end of a name before another one."""
_FOLDERS = regex(r".*[/\\]")


@file_rule(
    "A901",
    "attachment-missing",
    Severity.ERROR,
    vi="Biểu “{schema}” phải có tệp đính kèm, hiện chưa có tệp nào.",
    en="The form “{schema}” wants an attachment, and there is none.",
    hint=("Thêm tệp: --attach TỆP.", "Add it: --attach FILE."),
    basis=PARTS,
    since=SINCE,
)
def attachment_missing(context: Context) -> Iterator[Fault]:
    """A file goes with the table where the schema says so (`dinh_kem: true`).

    Why: the table refers to what is not there, and is returned for it.
    Fix: attach the file.
    """
    if context.schema.attachment and context.attachments == ():
        yield Fault(schema=context.schema.title)


@file_rule(
    "A902",
    "attachment-type-not-taken",
    Severity.ERROR,
    vi="Tệp đính kèm “{name}” không thuộc 20 loại được nhận: {types}.",
    en="The attachment “{name}” is none of the 20 types that are taken: {types}.",
    hint=(
        "Lưu lại thành một loại được nhận, ví dụ PDF.",
        "Save it as one of the types, PDF for example.",
    ),
    basis={QD1134: "Điều 6 khoản 3"},
    since=SINCE,
)
def attachment_type_not_taken(context: Context) -> Iterator[Fault]:
    """Attachments are of the twenty types of 1134 Điều 6 khoản 3, by their names.

    Why: the warehouse takes no others.
    Fix: save the file as one of them. What its content is, is looked at when the bundle is made.
    """
    for each in context.attachments or ():
        if each.type not in TYPES:
            yield Fault(name=each.name, types=" ".join(TYPES))


@file_rule(
    "A903",
    "attachment-empty",
    Severity.ERROR,
    vi="Tệp đính kèm “{name}” không có nội dung ({size} byte).",
    en="The attachment “{name}” is empty ({size} bytes).",
    hint=("Mở tệp gốc, lưu lại rồi đính kèm.", "Open the original, save it and attach it again."),
    basis=PARTS,
    since=SINCE,
)
def attachment_empty(context: Context) -> Iterator[Fault]:
    """An attachment holds something besides white space.

    Why: a file that was copied while it was being written is there and says nothing.
    Fix: attach it again.
    """
    for each in context.attachments or ():
        if each.readable and each.blank:
            yield Fault(name=each.name, size=each.size)


@file_rule(
    "A904",
    "attachment-unreadable",
    Severity.ERROR,
    vi="Không đọc được tệp đính kèm “{name}”.",
    en="The attachment “{name}” cannot be read.",
    hint=(
        "Kiểm tra quyền đọc, hoặc đóng chương trình đang mở tệp.",
        "See to the right to read it, or close the program that holds it.",
    ),
    basis=PARTS,
    since=SINCE,
)
def attachment_unreadable(context: Context) -> Iterator[Fault]:
    """An attachment can be read.

    Why: what cannot be read cannot be signed and sent.
    Fix: see to the right to read it, or close the program that keeps it locked.
    """
    for each in context.attachments or ():
        if not each.readable:
            yield Fault(name=each.name)


@cell_rule(
    "A905",
    "named-attachment-missing",
    Severity.ERROR,
    where=lambda field: field.names_attachment,
    vi="Ô này ghi tệp “{names}” nhưng không có trong các tệp đính kèm.",
    en="The cell names the file “{names}”, which is not among the attachments.",
    hint=(
        "Đính kèm tệp đó (--attach TỆP), hoặc sửa tên trong ô.",
        "Attach it (--attach FILE), or mend the name in the cell.",
    ),
    basis=PARTS,
    since=SINCE,
)
def named_attachment_missing(value: object, context: Context) -> Fault | None:
    """What a column of file names (`tep_dinh_kem: true`) names is attached.

    Why: whoever reads the row looks for the file.
    Fix: attach it. Several names in a cell stand apart by a semicolon or a line break; upper and
    lower case are one.
    """
    if context.attachments is None:
        return None
    there = {each.name.casefold() for each in context.attachments}
    missing = [name for each in _SEVERAL.split(shown(value)) for name in _not_among(each, there)]
    return Fault(names="; ".join(missing)) if missing else None


def _not_among(said: str, there: set[str]) -> list[str]:
    """The names in a text that are not there. A line break was read as a space like any other."""
    if _bare(said).casefold() in there:
        return []
    names = map(_bare, _ENDED.sub(r"\1\n", said).split("\n"))
    return [name for name in names if name and name.casefold() not in there]


def _bare(name: str) -> str:
    return _FOLDERS.sub("", nfc(name.strip()))


@file_rule(
    "A906",
    "attachments-not-told",
    Severity.INFO,
    vi="Biểu này cần có {wanted}; lần kiểm tra này chưa được cho biết tệp đính kèm nào.",
    en="This form wants {wanted}; no attachments were told to this check.",
    hint=(
        "Thêm --attach TỆP; khi lập gói, các tệp đính kèm được kiểm tra cùng.",
        "Add --attach FILE; where a bundle is made, its attachments are checked with it.",
    ),
    basis=PARTS,
    since=SINCE,
)
def attachments_not_told(context: Context) -> Iterator[Fault]:
    """A check that is told nothing of attachments says so where the schema wants some.

    Why: silence would look like attachments that were checked and found there. That every form of
    2023 goes with a narrative is asked where the bundle is made (N904).
    Fix: nothing in the file. Name the attachments with `--attach`.
    """
    if context.attachments is not None:
        return
    wanted = []
    if context.schema.attachment or any(each.names_attachment for each in context.schema.fields):
        wanted.append(tr("tệp đính kèm", "attachments"))
    if context.schema.narrative:
        wanted.append(tr("bản thuyết minh", "a narrative"))
    if wanted:
        yield Fault(wanted=tr(" và ", " and ").join(wanted))


@file_rule(
    "N904",
    "narrative-missing",
    Severity.WARNING,
    vi="Chưa có bản thuyết minh (nhận xét, đánh giá, đề xuất, kiến nghị) đính kèm.",
    en="No narrative (remarks, assessment, proposals) is attached.",
    hint=(
        "Đính kèm văn bản thuyết minh (doc, docx, pdf, txt).",
        "Attach the narrative (doc, docx, pdf, txt).",
    ),
    basis={QD2023: "Điều 5 khoản 2", QD1134: "Điều 5 khoản 1 điểm a"},
    since=SINCE,
)
def narrative_missing(context: Context) -> Iterator[Fault]:
    """Every report of 2023 has a narrative part, attached as a document (Điều 5 khoản 2).

    Why: figures without remarks are half of the report. Decision 1134 asks for none; there, and in
    tables of one's own, it is wanted where the schema says so (`thuyet_minh: true`), and then it is
    an error.
    Fix: attach it. Any document counts (doc, docx, pdf, txt), and any file that is called "thuyết
    minh".
    """
    if context.attachments is None or not _wants_narrative(context):
        return
    if not any(each.narrative for each in context.attachments):
        yield Fault(severity=Severity.ERROR if context.schema.narrative else None)


def _wants_narrative(context: Context) -> bool:
    return context.schema.narrative or context.regime is Regime.QD2023
