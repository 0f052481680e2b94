"""Words and order that every form of a validation report shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from iocsl.domain import Finding, Severity
from iocsl.patterns import regex
from iocsl.text import nfc, tr

if TYPE_CHECKING:
    from iocsl.validate.report import Report

WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)

# What XML 1.0 cannot hold (section 2.2), and marks that turn the direction of the text after them.
_UNPRINTABLE = regex(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)


class Group(NamedTuple):
    """The findings of one rule at one severity, in the order of the file."""

    severity: Severity
    code: str
    findings: Sequence[Finding]

    @property
    def places(self) -> int:
        from iocsl.validate.findings import places

        return places(self.findings)


def grouped(findings: Sequence[Finding]) -> list[Group]:
    """Findings by severity, worst first, and by code in the order in which they first occur."""
    from iocsl.validate.findings import by_rule

    groups = by_rule(findings)
    return [
        Group(severity, code, many)
        for severity in WORST_FIRST
        for of, code, many in groups
        if of is severity
    ]


def with_commas(texts: Iterable[str]) -> Iterator[str]:
    """The items of a JSON array: a comma after each but the last."""
    held: str | None = None
    for text in texts:
        if held is not None:
            yield held + ","
        held = text
    if held is not None:
        yield held


def printable(text: str) -> str:
    """`text` in NFC, with what a page or XML cannot show named by its code point: `[U+0000]`."""
    return nfc(_UNPRINTABLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text))


def title(group: Group) -> str:
    """What a group of findings is about: the kind of rule in Vietnamese, its name in English."""
    from iocsl.validate.registry import GROUPS

    kind = GROUPS.get(group.code[0])
    return tr(kind.vi if kind else group.findings[0].name, group.findings[0].name)


def about_code(group: Group) -> str:
    """The title of a group and in how many places it is."""
    places = group.places
    return f"{title(group)}, " + tr(f"{places} chỗ", many(places, "place"))


def severity_word(severity: Severity) -> str:
    return {
        Severity.ERROR: tr("LỖI", "ERROR"),
        Severity.WARNING: tr("CẢNH BÁO", "WARNING"),
        Severity.INFO: tr("GHI CHÚ", "NOTE"),
    }[severity]


def place(finding: Finding) -> str:
    """Where it is, as short as the format allows: sheet and cell, or row and line."""
    if finding.cell:
        return f"{finding.sheet}!{finding.cell}" if finding.sheet else finding.cell
    if finding.row is None:
        return finding.sheet or ""
    row = tr(f"dòng {finding.row}", f"row {finding.row}")
    if finding.sheet:
        row = f"{finding.sheet}, {row}"
    if finding.line is not None and finding.line != finding.row:
        row += tr(f" (dòng {finding.line} của tệp)", f" (line {finding.line} of the file)")
    return f"{row}, {finding.column}" if finding.column else row


def record(report: Report, finding: Finding) -> str:
    """The record that a finding is about as its official calls it, else its row, sheet or file."""
    if finding.row is not None:
        name = report.records.of(finding).name
        return name or tr(f"dòng {finding.row}", f"row {finding.row}")
    if finding.cell:
        return tr(f"ô {finding.cell}", f"cell {finding.cell}")
    if finding.sheet:
        return tr(f"cả trang {finding.sheet}", f"the sheet {finding.sheet}")
    return tr("cả tệp", "the file")


def about(report: Report) -> str:
    """Dataset, unit and period, as far as they are known."""
    said = [each for each in (report.dataset, report.unit, report.period) if each]
    return " · ".join(said) or tr("chưa rõ bộ dữ liệu", "dataset unknown")


def readings(report: Report) -> list[tuple[str, str]]:
    """How figures typed as text were read, by column, so that whoever signs can see it."""
    return [
        (
            tr(f"Cách hiểu số ở cột “{each.title}”", f"Figures in “{each.title}” are read as"),
            each.said(),
        )
        for each in report.understood
    ]


def quality_facts(report: Report) -> list[tuple[str, str]]:
    """The figures of `docs/quality.md` under their heading; nothing where none can be told."""
    figures = report.quality.document()
    if all(value is None for value in figures.values()):
        return []
    words = {
        "dung": tr("đúng", "correct"),
        "du": tr("đủ", "complete"),
        "sach": tr("sạch", "clean"),
        "song": tr("sống", "live"),
    }
    said = ("–" if value is None else decimal(value) for value in figures.values())
    shown = (f"{words[key]} {value}" for key, value in zip(figures, said, strict=True))
    return [(tr("Chất lượng (0-100)", "Quality (0-100)"), "; ".join(shown))]


def decimal(value: float) -> str:
    text = f"{value:g}"
    return tr(text.replace(".", ","), text)


def verdict(report: Report) -> str:
    """One sentence: may it be sent, and what is left to do."""
    counts = report.counts
    errors, warnings, infos = (counts[severity.value] for severity in WORST_FIRST)
    if report.unreadable:
        return tr(
            "Không đọc được tệp; chưa kiểm tra được số liệu.",
            "The file cannot be read; its figures were not checked.",
        )
    if errors:
        return tr(
            f"Chưa hợp lệ: {errors} lỗi, {warnings} cảnh báo, {infos} ghi chú. "
            "Sửa các lỗi rồi kiểm tra lại.",
            f"Not valid: {many(errors, 'error')}, {many(warnings, 'warning')}, "
            f"{many(infos, 'note')}. Mend the errors and check again.",
        )
    return tr(
        f"Hợp lệ: không có lỗi, {warnings} cảnh báo, {infos} ghi chú.",
        f"Valid: no errors, {many(warnings, 'warning')}, {many(infos, 'note')}.",
    )


def many(number: int, word: str) -> str:
    """An English count: `1 error`, `2 errors`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
