"""The one screen that a person sees before signing: what, whose, how it changed, who signed."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from iocsl.domain import VIETNAM
from iocsl.text import grouped, say, tr

if TYPE_CHECKING:
    from iocsl.bundle.changes import Change, Changes, LastPeriod, Total
    from iocsl.bundle.overview import Overview
    from iocsl.bundle.verdict import Verdict

_LABEL = 14
_SPARE = 3
"""Lines left for what is asked below the page."""
_FILES = 3
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")


def page_of(page: Overview) -> str:
    """One screen: what must be said, and of each list as much as there is room for."""
    slip, counts = page.slip, page.findings
    top = [
        short("Bộ dữ liệu", "Dataset", f"{slip.dataset}  {page.dataset_name or ''}"),
        short("Đơn vị", "Unit", f"{slip.unit}  {page.unit_name or ''}"),
        short(
            "Kỳ báo cáo", "Period", f"{slip.period}, {_sequence(slip.sequence, slip.supersedes)}"
        ),
        *_files(page),
        short(
            "Số dòng",
            "Rows",
            tr(
                f"{grouped(page.rows)}; kiểm tra: {counts['error']} lỗi,"
                f" {counts['warning']} cảnh báo, {counts['info']} lưu ý",
                f"{grouped(page.rows)}; findings: {counts['error']} errors,"
                f" {counts['warning']} warnings, {counts['info']} notes",
            ),
        ),
        short("Mô tả", "Description", _described(page.description)),
    ]
    bottom = signed_lines(page.verdict, page.decisions) if page.verdict else []
    bottom.append(line("Mã nhận dạng", "Identity", slip.identity()))
    if page.digest:
        bottom.append(line("SHA-256 gói", "SHA-256", page.digest))
    lists = [_warnings(page)]
    if page.verdict:
        # What was long is several lines here, each of which takes its own room.
        changed = "\n".join(_changes(page.changes))
        lists += [changed.splitlines(), _last(page.last)]
    taken = sum(each.count("\n") + 1 for each in (*top, *bottom))
    return "\n".join([*top, *_fitted(lists, _height() - taken), *bottom])


def _fitted(lists: Sequence[list[str]], room: int) -> list[str]:
    """The lists cut to that many lines: headings stay, details in turn, then how many are left."""
    shown = [min(1, len(each)) for each in lists]
    while sum(shown) < room and any(n < len(each) for n, each in zip(shown, lists, strict=True)):
        for at, each in enumerate(lists):
            if shown[at] < len(each) and sum(shown) < room:
                shown[at] += 1
    lines: list[str] = []
    for count, each in zip(shown, lists, strict=True):
        kept = each[:count]
        if 1 < count < len(each):
            more = len(each) - count + 1
            kept[-1] = _detail(tr(f"… và {more} dòng nữa", f"… and {more} more"))
        lines += kept
    return lines


def _files(page: Overview) -> list[str]:
    files = page.slip.files
    lines = []
    for file in files[:_FILES]:
        kind = tr(" (đính kèm)", " (attached)") if file.name in page.attachments else ""
        lines.append(short("Tệp", "File", f"{file.name}{kind}, {grouped(file.size)} byte"))
    if len(files) > _FILES:
        more = len(files) - _FILES
        lines.append(_detail(tr(f"… và {more} tệp nữa", f"… and {more} more files")))
    return lines


def _warnings(page: Overview) -> list[str]:
    """Each warning in a line, what the unit answers under it."""
    answers = {each.split(" ", 1)[0]: each.split(" ", 1)[-1] for each in page.answers}
    lines = []
    for each in page.warnings:
        code = each.split(" ", 1)[0]
        lines.append(short("Cảnh báo", "Warning", each))
        answer = answers.pop(code, None)
        said = answer or tr("chưa giải trình", "not answered")
        lines.append(short("  giải trình", "  answer", said))
    lines += [short("Giải trình", "Answer", f"{code} {said}") for code, said in answers.items()]
    return lines


def _changes(changes: Changes | None) -> list[str]:
    if changes is None:
        return []
    label = ("So bản trước", "Since before")
    if not changes.known:
        return [
            short(
                *label,
                tr(
                    "không có gói bị thay thế trên máy này để so; đặt nó cạnh gói này rồi xem lại.",
                    "the bundle that it replaces is not here; put it beside this one.",
                ),
            )
        ]
    before, now = changes.rows
    why = tr(f", bị trả lại: {changes.reason}", f", returned: {changes.reason}")
    lines = [
        line(
            *label,
            tr(
                f"lần {changes.sequence}{why if changes.reason else ''}",
                f"number {changes.sequence}{why if changes.reason else ''}",
            ),
        )
    ]
    counts = tr(
        f"thêm {grouped(changes.added)} dòng, bớt {grouped(changes.removed)} dòng,"
        f" sửa {grouped(changes.cells)} ô; hết {changes.fixed} phát hiện, thêm {changes.new}",
        f"{grouped(changes.added)} rows added, {grouped(changes.removed)} removed,"
        f" {grouped(changes.cells)} cells changed; findings: {changes.fixed} gone,"
        f" {changes.new} new",
    )
    if not changes.compared:
        counts = tr(
            f"{grouped(before)} dòng thành {grouped(now)} dòng; quá lớn để so từng dòng",
            f"{grouped(before)} rows became {grouped(now)}; too many to compare one by one",
        )
    lines.append(_detail(counts))
    lines += [_detail(_change(each)) for each in changes.first]
    left = changes.added + changes.removed + changes.cells - len(changes.first)
    if left > 0:
        lines.append(_detail(tr(f"… và {grouped(left)} nữa", f"… and {grouped(left)} more")))
    return lines


def _change(change: Change) -> str:
    if change.kind == "added":
        return tr(f"+ dòng {change.key}", f"+ row {change.key}")
    if change.kind == "removed":
        return tr(f"- dòng {change.key}", f"- row {change.key}")
    before, after = (_value(each) for each in (change.before, change.after))
    return f"{change.key}, {change.column}: {before} → {after}"


def _value(text: str | None) -> str:
    if not text:
        return tr("(trống)", "(empty)")
    return tr(text.replace(".", ","), text) if _DECIMAL.fullmatch(text) else text


def _last(last: LastPeriod | None) -> list[str]:
    label = ("So kỳ trước", "Last period")
    if last is None:
        return [
            short(
                *label,
                tr(
                    "máy này không có số liệu kho đã nhận của kỳ trước.",
                    "nothing accepted of the period before is known here.",
                ),
            )
        ]
    parts = []
    if last.rows is not None:
        before, now = map(grouped, last.rows)
        parts.append(tr(f"{before} → {now} dòng", f"{before} → {now} rows"))
    if last.indicators:
        moved = len(last.totals)
        parts.append(
            tr(
                f"{moved} trên {last.indicators} chỉ tiêu thay đổi",
                f"{moved} of {last.indicators} indicators moved",
            )
        )
    else:
        parts.append(tr("không có số liệu từng chỉ tiêu để so", "no figures to compare"))
    head = short(*label, f"{last.period}: {', '.join(parts)}")
    return [head, *(_detail(_total(each)) for each in last.totals)]


def _total(total: Total) -> str:
    before, now = (_number(each) for each in (total.before, total.now))
    share = ""
    if total.before and total.now is not None:
        share = f" ({(total.now - total.before) / abs(total.before):+.0%})".replace("%", " %")
    return f"{total.indicator}: {before} → {now}{share}"


def _number(value: float | None) -> str:
    if value is None:
        return tr("không có", "none")
    whole = grouped(int(value)) if value.is_integer() else None
    return whole or tr(f"{value:.6g}".replace(".", ","), f"{value:.6g}")


def line(vi: str, en: str, value: str) -> str:
    """A label and its value, over as many lines as it needs."""
    return textwrap.fill(
        _plain(value),
        _width(),
        initial_indent=_label(vi, en),
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )


def short(vi: str, en: str, value: str) -> str:
    """The same in one line, cut where it is longer."""
    return _label(vi, en) + _cut(value)


def _detail(value: str) -> str:
    return " " * _LABEL + _cut(value)


def _label(vi: str, en: str) -> str:
    return f"{tr(vi, en)}:".ljust(_LABEL)


def _plain(value: str) -> str:
    """Words that came in a bundle, without what would steer the terminal."""
    return "".join(char if char.isprintable() else " " for char in " ".join(value.split()))


def _cut(value: str) -> str:
    room = _width() - _LABEL
    text = _plain(value)
    return text if len(text) <= room else text[: room - 1] + "…"


def _width() -> int:
    """Columns of the terminal, at most 100; 100 where there is no terminal."""
    return max(40, min(100, shutil.get_terminal_size((100, 24)).columns))


def _height() -> int:
    """Lines that the page may take: the terminal's, 24 at least."""
    return max(24, shutil.get_terminal_size((100, 24)).lines) - _SPARE


def _sequence(sequence: int, supersedes: str | None) -> str:
    if supersedes is None:
        return tr(f"lần nộp {sequence}", f"number {sequence}")
    return tr(
        f"lần nộp {sequence}, thay thế {supersedes[:16]}…",
        f"number {sequence}, replaces {supersedes[:16]}…",
    )


def _described(described: Mapping[str, Any]) -> str:
    """The structure of the data in one line: what `ho-so/mo-ta.json` describes."""
    columns, indicators = described["columns"], described["indicators"]
    count = tr(f"{columns} cột", f"{columns} columns")
    if indicators:
        count += tr(f", {indicators} chỉ tiêu", f", {indicators} indicators")
    return f"{described['structure']}, {count}"


def signed_lines(verdict: Verdict, decisions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Who signed, and what speaks against the bundle."""
    from iocsl.bundle.records import ROLE_NAMES

    lines = []
    returned = {str(each.get("step")): each.get("reason") for each in decisions}
    for step in verdict.steps:
        role = say(ROLE_NAMES[step.step])
        when = f"{step.signed_at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
        person = step.person
        if step.instead_of:
            person += tr(f" (thay {step.instead_of})", f" (for {step.instead_of})")
        words = f"{step.step}. {role}: {person}, {when}"
        if reason := returned.get(str(step.step)):
            words += tr(f", TRẢ LẠI: {reason}", f", RETURNED: {reason}")
        lines.append(line("Đã ký", "Signed", words))
    for each in verdict.refusals:
        label = ("Chưa đạt", "Refused")
        if each.undecided:
            label = ("Chưa rõ", "Undecided")
        elif each.code == "B806":
            label = ("Còn thiếu", "Missing")
        lines.append(line(*label, f"{each.code} {say(each.message)}"))
    return lines
