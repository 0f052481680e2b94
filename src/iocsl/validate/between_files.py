"""Files that are checked together: one key of one dataset, unit and period has one figure."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl.catalog.schema import parse_schema, read_schema
from iocsl.domain import Finding, Severity
from iocsl.validate.between import Part, repeated
from iocsl.validate.check import check, context_of
from iocsl.validate.context import Context
from iocsl.validate.findings import Findings
from iocsl.validate.headings import SEARCHED, find_layout
from iocsl.validate.history import InParts
from iocsl.validate.hits import Hit, Hits
from iocsl.validate.labels import claims_of, is_label_sheet
from iocsl.validate.readers import open_source
from iocsl.validate.readers.base import Source, Unreadable
from iocsl.validate.registry import Fault, Role
from iocsl.validate.report import Report
from iocsl.validate.rules.between import FILES_DIFFER, FILES_REPEAT, SAME_FILE
from iocsl.validate.table import Table

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.validate.attachments import Attachment
    from iocsl.validate.history import History
    from iocsl.validate.own_folder import OwnRules

Said = Mapping[str, str | Path | None]
"""The options `dataset`, `unit`, `period` and `schema` that files were checked with."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file and its report."""

    path: Path
    report: Report


def check_together(
    paths: Sequence[Path],
    catalogue: Catalogue,
    said: Mapping[str, str | None],
    *,
    history: History | None = None,
    attachments: tuple[Attachment, ...] | None = None,
    own: OwnRules | None = None,
) -> list[Report]:
    """The reports of files that are sent together; `said` are dataset, unit and period."""
    if history is not None and len(paths) > 1:
        history = InParts(history, len(paths))
    checked = [
        Checked(
            path,
            check(
                path,
                catalogue,
                dataset=said["dataset"],
                unit=said["unit"],
                period=said["period"],
                history=history,
                attachments=attachments,
                own=own,
            ),
        )
        for path in paths
    ]
    return between_files(checked, catalogue, said)


def between_files(checked: Sequence[Checked], catalogue: Catalogue, said: Said) -> list[Report]:
    """The reports in the same order, with what the files say of one another.

    Files are read a second time where several are of one dataset, unit and period, one after the
    other; what differs is told in the later one.
    """
    reports = [each.report for each in checked]
    groups: dict[tuple[str, str | None, str | None], list[int]] = {}
    for at, report in enumerate(reports):
        if report.dataset is not None and not report.unreadable:
            groups.setdefault((report.dataset, report.unit, report.period), []).append(at)
    for group in groups.values():
        if len(group) < 2:
            continue
        found = _Group([checked[at] for at in group], catalogue, said).findings()
        for at in group:
            added = found.get(checked[at].path)
            if added is not None:
                reports[at] = replace(reports[at], findings=_joined(reports[at].findings, added))
    return reports


def _joined(findings: Sequence[Finding], added: Findings) -> Sequence[Finding]:
    if isinstance(findings, Findings):
        return findings.followed_by(added)
    return (*findings, *added)


class _Group:
    """Files of one dataset, unit and period."""

    def __init__(self, files: Sequence[Checked], catalogue: Catalogue, said: Said) -> None:
        self.files = files
        self.catalogue = catalogue
        schema = said.get("schema")
        self.own = read_schema(schema) if isinstance(schema, Path) else None
        options = {key: said.get(key) for key in ("dataset", "unit", "period")}
        self.said = {key: each if isinstance(each, str) else None for key, each in options.items()}
        name = catalogue.dataset(str(files[0].report.dataset)).schema
        self.schema = self.own or parse_schema(catalogue.schema(name), name)
        self.tables: dict[Path, list[Part]] = {}
        self.paths: dict[int, Path] = {}
        """The file of each table."""
        bare = {each.path.name for each in files}
        alone = len(bare) == len({each.path for each in files})
        self.names = {each.path: each.path.name if alone else str(each.path) for each in files}

    def findings(self) -> dict[Path, Findings]:
        """What is said of each file; nothing of those that agree with the others."""
        told: dict[Path, Hits] = {}
        twins = self._twins()
        for path, twin in twins.items():
            told[path] = Hits(self._context(None, path.name))
            told[path].put(Hit(SAME_FILE, Fault(file=self.names[twin])))
        report = self.files[0].report
        if report.period is not None or Role.PERIOD in self.schema.primary_key:
            # Where nothing says of what period the files are, nothing is compared.
            severity = None if report.unit and report.period else Severity.WARNING
            paths = dict.fromkeys(each.path for each in self.files if each.path not in twins)
            rules = FILES_DIFFER, FILES_REPEAT
            # A file that is changed while it is read again compares to nothing: its report stands.
            with contextlib.suppress(Unreadable):
                for part, hit in repeated(self._parts(paths), self.schema, *rules, severity):
                    path = self.paths[id(part.table)]
                    if path not in told:
                        told[path] = self._hits(path)
                    told[path].put(hit)
        return {path: hits.findings({}) for path, hits in told.items()}

    def _hits(self, path: Path) -> Hits:
        """Room for what is said of one file, once its tables are read."""
        parts = self.tables[path]
        hits = Hits(parts[0].context, addressed=parts[0].addressed)
        for part in parts:
            for layout in part.table.parts:
                hits.part(part.table.sheet, layout)
        return hits

    def _twins(self) -> dict[Path, Path]:
        """Files that are the same as one named before them."""
        first: dict[str, Path] = {}
        return {
            each.path: twin
            for each in self.files
            if (twin := first.setdefault(each.report.facts.sha256, each.path)) != each.path
        }

    def _context(self, source: Source | None, name: str) -> Context:
        claims = claims_of(source, name, self.catalogue, **self.said)
        return context_of(self.catalogue, claims, self.own)

    def _parts(self, paths: Iterable[Path]) -> Iterator[Part]:
        """The tables of the files, each file open no longer than it is read."""
        for path in paths:
            try:
                source = open_source(path)
            except (Unreadable, OSError):
                continue  # it was read a moment ago: whatever befell it, its report stands
            try:
                context = self._context(source, path.name)
                if context.schema.name != self.schema.name:
                    continue  # its own Thong_tin says another dataset, which is told already
                for table in _tables(source, context):
                    part = Part(table, context, source.cells_addressed, self.names[path])
                    self.tables.setdefault(path, []).append(part)
                    self.paths[id(table)] = path
                    yield part
            finally:
                source.close()


def _tables(source: Source, context: Context) -> Iterator[Table]:
    for sheet in source.sheets:
        if not (sheet.hidden or is_label_sheet(sheet)):
            layout = find_layout(sheet.head(SEARCHED), context.schema, sheet)
            if layout is not None:
                yield Table(sheet, layout)
