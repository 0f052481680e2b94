"""Many findings in little room: what is said is kept once, where it is said in arrays.

A hundred thousand wrong cells are often a handful of wrong values. Each kind of hit is put into
words when it is first met; ten bytes or so are kept for every place. Kinds beyond the first ten
thousand go to a temporary file.
"""

from __future__ import annotations

import marshal
import weakref
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, NamedTuple, overload

from iocsl.domain import Finding, Severity
from iocsl.validate.registry import RuleInfo

KEPT = 10_000
"""Kinds that are held in memory."""
WINDOW = 1 << 18
"""Bytes of the temporary file that are read at once."""
NOWHERE = -1
"""Row and line of what is said of no row."""


class Said(NamedTuple):
    """What is particular to one kind of hit, in plain values that `marshal` can write."""

    message: str
    value: str | None
    many: int
    sheet: str | None
    cell: str | None


class About(NamedTuple):
    """What many kinds have in common: the rule, how grave it is, and the column it speaks of."""

    rule: RuleInfo
    severity: Severity
    sheet: str | None
    column: str | None
    letters: tuple[tuple[int, str | None], ...]
    """The column as a workbook names it, with the row from which that holds; the last row first.

    Empty where cells have no address.
    """
    hint: str | None
    basis: str | None


class Spool:
    """Tuples of plain values in the order they came, the first in memory, the rest in a file."""

    def __init__(self, items: Iterable[tuple[Any, ...]] = ()) -> None:
        self._held: list[tuple[Any, ...]] = []
        self._file: IO[bytes] | None = None
        self._ends = array("Q", [0])
        self._window, self._from = b"", 0
        self._clean = True
        for item in items:
            self.append(item)

    def __len__(self) -> int:
        return len(self._held) + len(self._ends) - 1

    def append(self, item: tuple[Any, ...]) -> None:
        """Keep one more."""
        if len(self._held) < KEPT:
            self._held.append(item)
            return
        if self._file is None:
            import tempfile

            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this does
            weakref.finalize(self, self._file.close)
        raw = marshal.dumps(tuple(item))  # of named tuples marshal knows nothing
        if not self._clean:
            self._file.seek(0, 2)
        self._file.write(raw)
        self._clean = True
        self._ends.append(self._ends[-1] + len(raw))

    def __getitem__(self, at: int) -> tuple[Any, ...]:
        if at < len(self._held):
            return self._held[at]
        start, end = self._ends[at - len(self._held)], self._ends[at - len(self._held) + 1]
        if not self._from <= start <= end <= self._from + len(self._window):
            self._read(start, end)
        item: tuple[Any, ...] = marshal.loads(self._window[start - self._from : end - self._from])  # noqa: S302 - our own file
        return item

    def _read(self, start: int, end: int) -> None:
        if self._file is None:
            raise IndexError(start)
        self._clean = False
        self._file.seek(start)
        self._window, self._from = self._file.read(max(WINDOW, end - start)), start

    def __reduce__(self) -> tuple[Any, ...]:
        return Spool, ([self[at] for at in range(len(self))],)


class Findings(Sequence[Finding]):
    """The findings of a report, made one by one when they are looked at.

    `abouts`, `of` (the about of each kind) and `said` (its words) describe the kinds; `kinds`,
    `rows` and `lines` give the kind and place of each finding, in order.
    """

    def __init__(
        self,
        abouts: Sequence[About],
        of: array[int],
        said: Spool,
        places: tuple[array[int], array[int], array[int]],
    ) -> None:
        self._abouts = abouts
        self._of = of
        self._said = said
        self._kinds, self._rows, self._lines = places

    def __len__(self) -> int:
        return len(self._kinds)

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Finding]: ...
    def __getitem__(self, at: int | slice) -> Finding | Sequence[Finding]:
        if isinstance(at, slice):
            part = (self._kinds[at], self._rows[at], self._lines[at])
            return Findings(self._abouts, self._of, self._said, part)
        return self._finding(self._kinds[at], self._rows[at], self._lines[at])

    def __iter__(self) -> Iterator[Finding]:
        return map(self._finding, self._kinds, self._rows, self._lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # as long as it is compared by its content

    def _finding(self, kind: int, row: int, line: int) -> Finding:
        about = self._abouts[self._of[kind]]
        message, value, count, sheet, _ = self._said[kind]
        return Finding(
            about.rule.code,
            about.rule.name,
            about.severity,
            message,
            about.hint,
            about.basis,
            sheet,
            self._cell(kind, row),
            None if row == NOWHERE else row,
            None if line == NOWHERE else line,
            about.column,
            value,
            count,
        )

    def _cell(self, kind: int, row: int) -> str | None:
        cell: str | None = self._said[kind][4]
        about = self._abouts[self._of[kind]]
        if cell is not None or row == NOWHERE or not about.letters:
            return cell
        letters = next((each for start, each in about.letters if start <= row), None)
        return f"{letters}{row}" if letters else None

    def said(self, kind: int) -> Finding:
        """What is said in all findings of one kind, without a place."""
        return self._finding(kind, NOWHERE, NOWHERE)

    def placed(self) -> Iterator[tuple[int, str | None, int | None, int | None]]:
        """Kind, cell, row and line of each finding."""
        for kind, row, line in zip(self._kinds, self._rows, self._lines, strict=True):
            at = None if row == NOWHERE else row
            yield kind, self._cell(kind, row), at, None if line == NOWHERE else line

    def rows(self) -> Iterator[tuple[str | None, int]]:
        """Sheet and row of each finding that is in a row."""
        sheets = [self._abouts[about].sheet for about in self._of]
        for kind, row in zip(self._kinds, self._rows, strict=True):
            if row != NOWHERE:
                yield sheets[kind], row

    def followed_by(self, more: Findings) -> Findings:
        """These findings and then those, as one sequence."""
        said = Spool(each[at] for each in (self._said, more._said) for at in range(len(each)))
        abouts, kinds = len(self._abouts), len(self._said)
        of = self._of + array("I", (about + abouts for about in more._of))
        places = (
            self._kinds + array("I", (kind + kinds for kind in more._kinds)),
            self._rows + more._rows,
            self._lines + more._lines,
        )
        return Findings([*self._abouts, *more._abouts], of, said, places)

    def kinds(self) -> Counter[int]:
        """How many findings there are of each kind."""
        return Counter(self._kinds)

    def rules(self) -> Counter[tuple[str, Severity]]:
        """How many findings there are of each rule and severity, in the order of meeting."""
        counts: Counter[tuple[str, Severity]] = Counter()
        for of, many in Counter(map(self._of.__getitem__, self._kinds)).items():
            about = self._abouts[of]
            counts[about.rule.code, about.severity] += many
        return counts

    def places(self) -> int:
        """How many places the findings touch."""
        return sum(self._said[kind][2] * many for kind, many in self.kinds().items())

    def by_rule(self) -> list[tuple[Severity, str, Findings]]:
        """The findings of each rule at each severity, in the order in which they first occur."""
        groups: dict[tuple[Severity, str], tuple[array[int], array[int], array[int]]] = {}
        keys = [(each.severity, each.rule.code) for each in self._abouts]
        for kind, row, line in zip(self._kinds, self._rows, self._lines, strict=True):
            key = keys[self._of[kind]]
            if key not in groups:
                groups[key] = array("I"), array("q"), array("q")
            kinds, rows, lines = groups[key]
            kinds.append(kind)
            rows.append(row)
            lines.append(line)
        return [
            (severity, code, Findings(self._abouts, self._of, self._said, places))
            for (severity, code), places in groups.items()
        ]


def by_rule(findings: Sequence[Finding]) -> list[tuple[Severity, str, Sequence[Finding]]]:
    """The findings of each rule at each severity, in the order in which they first occur."""
    if isinstance(findings, Findings):
        return list(findings.by_rule())
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code), []).append(finding)
    return [(severity, code, many) for (severity, code), many in groups.items()]


def rules_met(findings: Sequence[Finding]) -> Counter[tuple[str, Severity]]:
    """How many findings there are of each rule and severity, in the order of meeting."""
    if isinstance(findings, Findings):
        return findings.rules()
    return Counter((finding.code, finding.severity) for finding in findings)


def rows_of(findings: Sequence[Finding]) -> Iterator[tuple[str | None, int]]:
    """Sheet and row of each finding that is in a row."""
    if isinstance(findings, Findings):
        return findings.rows()
    return ((finding.sheet, finding.row) for finding in findings if finding.row is not None)


def said_how_often(findings: Sequence[Finding]) -> Iterator[tuple[Finding, int]]:
    """What is said, with or without its place, and how many findings say just that."""
    if isinstance(findings, Findings):
        return ((findings.said(kind), many) for kind, many in findings.kinds().items())
    return ((finding, 1) for finding in findings)


def places(findings: Sequence[Finding]) -> int:
    """How many places the findings touch."""
    if isinstance(findings, Findings):
        return findings.places()
    return sum(finding.count for finding in findings)
