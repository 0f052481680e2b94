"""No rule quotes a personal column: not the one that it blames, and none beside it, in any format.

Every bad file is checked twice with `du_lieu_ca_nhan: true` where the structure has none: for all
columns, and for all but those that its rule blames. What stands in the marked columns must not be
found in a message, a value, a name of a record or a comment, nor in what `--fix` shows.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from test_convention import HERE, RULES, OtherIndicators, checked, samples

from iocsl.catalog import Catalogue, schema_fields
from iocsl.catalog.schema import SchemaField, TableSchema
from iocsl.commands.validate_fix import _line
from iocsl.console.findings import show_reports
from iocsl.errors import IocslError
from iocsl.reports.annotated import write_annotated
from iocsl.reports.error_list import lines
from iocsl.reports.html import html_lines
from iocsl.reports.junit import junit_lines
from iocsl.reports.sarif import sarif_lines
from iocsl.validate import Report
from iocsl.validate.check import context_of_file
from iocsl.validate.fix import find_repairs
from iocsl.validate.headings import SEARCHED, find_layout
from iocsl.validate.labels import claims_of, is_label_sheet
from iocsl.validate.naming import names_of_records
from iocsl.validate.other_rows import is_total
from iocsl.validate.patch import UnusualWorkbookError
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import ERRORS, Unreadable, shown
from iocsl.validate.registry import all_rules
from iocsl.validate.rules.nil import is_nil, nil_text

SAID_ANYWAY = "\n".join(text for each in all_rules() for text in (each.doc, *(each.hint or ())))
"""Hints and pages of the rules, with their examples."""
SHORTEST = 3
"""Characters of a value that is no part of anything else by chance."""


class Case:
    """One bad file and what it is checked with."""

    def __init__(self, code: str, path: Path, catalogue: Any) -> None:
        self.path = path
        given = HERE / code / "chi_tieu.yaml"
        self.catalogue: Any = catalogue
        if given.exists():
            self.catalogue = OtherIndicators(catalogue, given)
        options = json.loads((HERE / code / "options.json").read_text("utf-8"))
        schema = HERE / code / "schema.yaml"
        self.said = {key: options.get(key) for key in ("dataset", "unit", "period")}
        self.said["schema"] = schema if schema.exists() else None

    def cells(self) -> dict[str, set[str]]:
        """What stands in each column of the file, headings left out."""
        found: dict[str, set[str]] = {}
        try:
            source = open_source(self.path)
        except Unreadable:
            return found
        try:
            schema = self._schema(source)
            for sheet in source.sheets:
                layout = find_layout(sheet.head(SEARCHED), schema, sheet)
                if layout is None or is_label_sheet(sheet):
                    continue
                for chunk in sheet.chunks():
                    for name, at in layout.columns.items():
                        cells = chunk.columns[at] if at < len(chunk.columns) else ()
                        below = list(cells)[max(layout.last_row - chunk.first + 1, 0) :]
                        found.setdefault(name, set()).update(shown(cell).strip() for cell in below)
        except Unreadable:
            return {}
        finally:
            source.close()
        return found

    def _schema(self, source: Any) -> TableSchema:
        from iocsl.catalog.schema import read_schema

        said = {key: self.said[key] for key in ("dataset", "unit", "period")}
        own = read_schema(self.said["schema"]) if self.said["schema"] else None
        claims = claims_of(source, self.path.name, self.catalogue, **said)
        return context_of_file(source, claims, self.catalogue, own).schema

    def told(self, report: Report) -> Iterator[str]:
        """All that is said of the file, in every format."""
        names = names_of_records(self.path, report, self.catalogue, self.said)
        report = replace(report, records=names)
        yield json.dumps(report.document(), ensure_ascii=False)
        yield from html_lines([report])
        for _, line in lines(report):
            yield from line
        yield from junit_lines([report])
        yield from sarif_lines([report], [Path(report.facts.name)])
        screen = Console(file=io.StringIO(), width=400)
        show_reports([report], screen)
        yield screen.file.getvalue()  # type: ignore[attr-defined] # made above
        if report.facts.format == "xlsx" and not report.unreadable:
            yield from self._annotated(report)
        if not report.unreadable and report.facts.format != "xls":
            yield from self._repairs(report)

    def _annotated(self, report: Report) -> Iterator[str]:
        made = io.BytesIO()
        try:
            write_annotated(report, self.path, made)
        except UnusualWorkbookError:
            return
        with zipfile.ZipFile(made) as archive:
            for name in archive.namelist():
                if "iocsl" in name:
                    yield archive.read(name).decode()

    def _repairs(self, report: Report) -> Iterator[str]:
        try:
            fixed = find_repairs(self.path, self.catalogue, report, **self.said)
        except (IocslError, UnusualWorkbookError):
            return
        yield from map(_line, fixed.repairs)


def _is_rule_word(text: str, report: Report) -> bool:
    """Whether rules, options or the catalogue say it too, whoever's cell it stands in."""
    known = {report.dataset, report.unit, report.period, *ERRORS}
    if text in known or is_total(text) or is_nil(text) or nil_text([text]):
        return True
    return text in SAID_ANYWAY


@pytest.mark.parametrize("code", sorted(RULES))
@pytest.mark.parametrize("spared", [False, True], ids=["all", "beside"])
def test_what_stands_in_personal_columns_is_not_told(
    code: str, spared: bool, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_to_all: set[str] = set()
    read = schema_fields.FieldParser.field

    def marked(self: schema_fields.FieldParser, *given: Any) -> SchemaField:
        found = read(self, *given)
        return found if found.name in open_to_all else found._replace(personal=True)

    cases = [Case(code, path, catalogue) for path in samples(code, "bad")]
    if spared:
        for report in checked(code, "bad", catalogue):
            blamed = (each.column for each in report.findings if each.code == code)
            open_to_all.update(filter(None, blamed))
        if not open_to_all:
            return  # it blames no column
    monkeypatch.setattr(schema_fields.FieldParser, "field", marked)
    for case, report in zip(cases, checked(code, "bad", catalogue), strict=True):
        cells = case.cells()
        public = set().union(*(cells.get(name, set()) for name in open_to_all))
        hidden = set().union(*(found for name, found in cells.items() if name not in open_to_all))
        secret = {
            text
            for text in hidden - public
            if len(text) >= SHORTEST and not _is_rule_word(text, report)
        }
        said = "\n".join(case.told(report))
        at = {text: said[max(said.index(text) - 60, 0) :][:140] for text in secret if text in said}
        assert at == {}


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("V403", "“***” đặt dấu phân cách sai chỗ; hàng nghìn tách bằng “.”, thập phân viết “,”."),
        ("V416", "“***” không đúng dạng 2026-10."),
        ("L806", "“***” lẫn chữ cái không phải La-tinh trông giống chữ Việt: Cyrillic."),
        ("S205", "Tiêu đề “Giá trị số” không đúng; có lẽ là “Giá trị”."),
        ("X706", "“Tổng cộng”: cột “Số hộ” ghi ***, cộng 2 dòng được ***, lệch ***."),
        ("X708", "“Giá trị” là ***, còn trong tệp “truoc.xml”, dòng 6, cùng khóa lại là ***."),
    ],
)
def test_what_the_rule_itself_says_is_told(
    code: str, wanted: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = schema_fields.FieldParser.field
    monkeypatch.setattr(
        schema_fields.FieldParser,
        "field",
        lambda self, *given: read(self, *given)._replace(personal=True),
    )
    (report, *_) = checked(code, "bad", catalogue)
    (finding,) = (each for each in report.findings if each.code == code)
    assert finding.message.startswith(wanted)
