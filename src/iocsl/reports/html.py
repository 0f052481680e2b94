"""The validation report as one page that needs nothing else: no network, no mouse, no colour.

Every text of the file is escaped and the page forbids itself, by its content security policy, to
load anything or to run any script but its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

import iocsl
from iocsl import clock
from iocsl.reports.page import SCRIPT, STYLE
from iocsl.reports.wording import (
    WORST_FIRST,
    Group,
    about,
    about_code,
    grouped,
    place,
    printable,
    quality_facts,
    readings,
    severity_word,
    verdict,
)
from iocsl.text import language, tr
from iocsl.validate.findings import rules_met

if TYPE_CHECKING:
    from iocsl.validate.report import Report


def html_lines(reports: Sequence[Report]) -> Iterator[str]:
    """The whole page for one report or several, in the language chosen, line by line."""
    title = tr("Kết quả kiểm tra dữ liệu", "Result of the data check")
    if len(reports) == 1:
        title = f"{title}: {reports[0].facts.name}"
    head = (
        "<!DOCTYPE html>",
        f'<html lang="{language()}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        f'<a class="skip" href="#noi-dung">{tr("Tới nội dung chính", "Skip to content")}</a>',
        f"<header><h1>{_text(title)}</h1><p>{_text(_made())}</p></header>",
    )
    yield from head
    if len(reports) > 1:
        yield from _contents(reports)
    yield from _controls(reports)
    yield '<main id="noi-dung" tabindex="-1">'
    for at, report in enumerate(reports, 1):
        yield from _report(report, at, reports)
    yield from _end()


def _policy() -> str:
    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; style-src 'sha256-{digest(STYLE)}'; "
        f"script-src 'sha256-{digest(SCRIPT)}'; base-uri 'none'; form-action 'none'"
    )


def _made() -> str:
    when = clock.record_now().strftime("%d/%m/%Y %H:%M")
    return tr(
        f"iocsl {iocsl.__version__} lập lúc {when} (giờ Việt Nam).",
        f"Made by iocsl {iocsl.__version__} at {when} (Vietnam time).",
    )


def _end() -> tuple[str, ...]:
    return ("</main>", f"<script>{SCRIPT}</script>", "</body>", "</html>")


def _text(text: str) -> str:
    return escape(printable(text), quote=True)


def _contents(reports: Sequence[Report]) -> Iterator[str]:
    good = sum(1 for report in reports if report.valid)
    label = tr("Các tệp", "Files")
    said = tr(
        f"{len(reports)} tệp: {good} hợp lệ, {len(reports) - good} có lỗi.",
        f"{len(reports)} files: {good} valid, {len(reports) - good} with errors.",
    )
    yield f'<nav aria-label="{label}"><p>{said}</p><ul>'
    for at, report in enumerate(reports, 1):
        link = f'<a href="#tep-{at}">{_text(report.facts.name)}</a>'
        yield f"<li>{link}: {_text(verdict(report))}</li>"
    yield "</ul></nav>"


def _controls(reports: Sequence[Report]) -> Iterator[str]:
    """The search, hidden until the script runs: without it, it would do nothing."""
    codes = sorted({code for report in reports for code, _ in rules_met(report.findings)})
    if not codes:
        return
    label = tr("Lọc kết quả", "Filter the findings")
    yield f'<form id="loc" role="search" aria-label="{label}" hidden>'
    yield f'<p><label for="tim">{tr("Tìm", "Search")}</label><input id="tim" type="search"></p>'
    yield f'<p><label for="ma">{tr("Mã", "Code")}</label><select id="ma">'
    yield f'<option value="">{tr("Tất cả", "All")}</option>'
    yield from (f'<option value="{_text(code)}">{_text(code)}</option>' for code in codes)
    yield f"</select></p><fieldset><legend>{tr('Mức độ', 'Severity')}</legend>"
    for severity in WORST_FIRST:
        yield (
            f'<label><input type="checkbox" name="muc" value="{severity.value}" checked> '
            f"{severity_word(severity)}</label>"
        )
    shown = tr("Đang hiện {n} trong {m} mục.", "Showing {n} of {m} items.")
    yield f'</fieldset><output id="dem" data-said="{shown}"></output></form>'


def _report(report: Report, at: int, reports: Sequence[Report]) -> Iterator[str]:
    yield f'<article id="tep-{at}" aria-labelledby="ten-{at}">'
    heading = (
        report.facts.name if len(reports) > 1 else tr("Kết quả chung", "The result in a sentence")
    )
    yield f'<h2 id="ten-{at}">{_text(heading)}</h2>'
    state = "dat" if report.valid else "chua"
    yield f'<p class="ket-luan {state}">{_text(verdict(report))}</p>'
    yield from _summary(report)
    groups = [
        (f"nhom-{at}-{number}", group) for number, group in enumerate(grouped(report.findings))
    ]
    if len(groups) > 1:
        yield from _codes(report, groups)
    for key, group in groups:
        yield from _group(report, group, key)
    yield "</article>"


def _codes(report: Report, groups: Sequence[tuple[str, Group]]) -> Iterator[str]:
    """Links to each code: the way through a long report without a mouse."""
    label = tr(f"Các mã trong {report.facts.name}", f"Codes in {report.facts.name}")
    yield f'<nav aria-label="{_text(label)}"><ul>'
    for key, group in groups:
        said = f"{severity_word(group.severity)} {group.code}"
        yield f'<li><a href="#{key}">{_text(said)}</a>: {_text(about_code(group))}</li>'
    yield "</ul></nav>"


def _summary(report: Report) -> Iterator[str]:
    counts = report.counts
    facts = (
        (tr("Tệp", "File"), report.facts.name),
        (tr("Bộ dữ liệu · đơn vị · kỳ", "Dataset · unit · period"), about(report)),
        (tr("Số dòng dữ liệu", "Rows of data"), str(counts["rows"])),
        *readings(report),
        *quality_facts(report),
        *((severity_word(each).capitalize(), str(counts[each.value])) for each in WORST_FIRST),
        ("SHA-256", report.facts.sha256),
    )
    yield f"<table class=tom-tat><caption>{tr('Tóm tắt', 'Summary')}</caption><tbody>"
    for name, value in facts:
        yield f'<tr><th scope="row">{_text(name)}</th><td>{_text(value)}</td></tr>'
    yield "</tbody></table>"


def _group(report: Report, group: Group, key: str) -> Iterator[str]:
    first = group.findings[0]
    named = f"{key}-ten"
    yield f'<section class="nhom {group.severity.value}" id="{key}" aria-labelledby="{named}">'
    yield (
        f'<h3 id="{named}"><span class="muc">{severity_word(group.severity)}</span> '
        f"{_text(group.code)} <small>{_text(about_code(group))}</small></h3>"
    )
    for word, said in (
        (tr("Cần làm", "What to do"), first.hint),
        (tr("Căn cứ", "Basis"), first.basis),
    ):
        if said:
            yield f"<p><b>{word}:</b> {_text(said)}</p>"
    headings = (
        tr("Vị trí", "Place"),
        tr("Cột", "Column"),
        tr("Giá trị đọc được", "Value as read"),
        tr("Vấn đề", "What is wrong"),
    )
    caption = tr(f"Các chỗ có mã {group.code}", f"Places with code {group.code}")
    yield f"<table><caption>{_text(caption)}</caption><thead><tr>"
    yield (
        "".join(f'<th scope="col">{heading}</th>' for heading in headings) + "</tr></thead><tbody>"
    )
    yield from _rows(report, group)
    yield "</tbody></table></section>"


def _rows(report: Report, group: Group) -> Iterator[str]:
    for finding in group.findings:
        where = _text(place(finding) or tr("cả tệp", "the file"))
        name = " · ".join(filter(None, report.records.of(finding)))
        if name:
            where += f"<small>{_text(name)}</small>"
        value = "" if finding.value is None else f"<bdi>{_text(finding.value)}</bdi>"
        yield (
            f'<tr data-ma="{_text(finding.code)}" data-muc="{group.severity.value}">'
            f'<th scope="row">{where}</th><td>{_text(report.records.title(finding.column))}</td>'
            f"<td>{value}</td><td>{_text(finding.message)}</td></tr>"
        )
