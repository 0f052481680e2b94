"""The registry of rules: one place that the engine, the pages and the reports all read.

A rule is one function (or, with state, one class) under a decorator; a fault of the file itself is
declared with `file_fault` and raised by whoever meets it. Codes are never reused.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, NotRequired, Protocol, TypedDict, TypeVar, Unpack

from iocsl.domain import Regime, Severity, Words

if TYPE_CHECKING:
    from iocsl.catalog.schema import SchemaField
    from iocsl.validate.context import Context
    from iocsl.validate.many_texts import ManyTexts
    from iocsl.validate.readers.base import Batch, Place

QD2023 = Regime.QD2023
QD1134 = Regime.QD1134

Basis = Mapping[Regime, str]

GROUPS: dict[str, Words] = {
    "F": Words("Tệp", "File"),
    "S": Words("Cấu trúc", "Structure"),
    "V": Words("Giá trị và kiểu", "Values and types"),
    "C": Words("Mã", "Codes"),
    "P": Words("Kỳ báo cáo", "Period"),
    "U": Words("Đơn vị và thẩm quyền", "Unit and authority"),
    "X": Words("Đối chiếu trong tệp", "Across fields and rows"),
    "H": Words("So với kỳ trước", "Against history"),
    "L": Words("Chữ Việt", "Vietnamese text"),
    "D": Words("Dữ liệu cá nhân, bí mật", "Personal data and secrecy"),
    "A": Words("Tệp kèm", "Attachments"),
    "N": Words("Thuyết minh, không phát sinh", "Narrative and nil returns"),
    "B": Words("Gói nộp", "Bundle"),
    "T": Words("Truyền nhận", "Transport"),
    "Z": Words("Quy tắc riêng của đơn vị", "The unit's own rules"),
}
"""What the letter of a code stands for, in the order of reports."""
OWN = "Z"
"""The letter of the rules that a unit adds; none of ours ever begins with it."""


class Role(StrEnum):
    """Columns that mean the same in every schema; the value is the column's key."""

    INDICATOR_CODE = "ma_chi_tieu"
    INDICATOR_NAME = "ten_chi_tieu"
    UNIT_OF_MEASURE = "don_vi_tinh"
    PERIOD = "ky_bao_cao"
    AREA = "dia_ban"
    VALUE = "gia_tri"
    STATUS = "trang_thai_so_lieu"
    NOTE = "ghi_chu"


class Level(StrEnum):
    """How often the engine asks a rule."""

    FILE = "file"
    CELL = "cell"
    ROW = "row"
    WHOLE = "whole"


class On(StrEnum):
    """Which cells a cell rule is asked about."""

    VALUE = "value"
    """Cells that were read as the column's type; the rule gets the value."""
    UNREAD = "unread"
    """Cells that could not be: the rule says why; it gets the cell as it stands in the file."""
    EMPTY = "empty"
    """Empty cells; the rule gets None."""
    NIL = "nil"
    """Cells of number columns that say in words that there is no figure; the rule gets the text."""
    TEXT = "text"
    """Text cells of any column that hold more than plain ASCII words; the rule gets the text."""


class Fault:
    """What a rule found: the facts that its messages name.

    Facts are masked where a column that they come from is personal: the one that is blamed, or one
    of those that it is `quoting`. What rule and schema say whatever stands in the file is given as
    `Words` (`own`) and always shown.

    `said` and `severity` stand in for the rule's own where a schema's `quy_tac` brings them;
    `at` is sheet and cell, where a rule about the file can point at one. `masked` is a cell that is
    not to be shown, though its column is not declared personal. `shared`: this very fault is handed
    over for each row that has it.
    """

    __slots__ = ("at", "facts", "masked", "quoting", "said", "severity", "shared")

    def __init__(
        self,
        *,
        said: Words | None = None,
        severity: Severity | None = None,
        at: tuple[str | None, str | None] | None = None,
        masked: bool = False,
        shared: bool = False,
        quoting: Sequence[str] = (),
        **facts: Any,
    ) -> None:
        self.facts = facts
        self.quoting = quoting
        self.masked = masked
        self.shared = shared
        self.said = said
        self.severity = severity
        self.at = at


def own(fact: str | int) -> Words:
    """A fact that is none of the file's cells, in a fault."""
    return Words(str(fact), str(fact))


class Placed(NamedTuple):
    """A fault with its place, from a rule that sees the whole table.

    Without a `place` it speaks of the table. `count` is how many rows the one cause touches; `rule`
    is set where one look finds faults of several codes.
    """

    fault: Fault
    place: Place | None = None
    column: str | None = None
    value: object = None
    count: int = 1  # type: ignore[assignment] # nobody counts what it holds
    rule: RuleInfo | None = None


class RuleInfo(NamedTuple):
    """A rule as pages and reports show it."""

    code: str
    name: str
    severity: Severity
    level: Level
    vi: str
    en: str
    hint: Words | None
    basis: Basis
    since: str
    doc: str
    own: bool = False
    """Whether the unit brought it (`iocsl.validate.own`)."""

    def said(self, facts: Mapping[str, object]) -> Words:
        return Words(self.vi.format(**facts), self.en.format(**facts))

    def document(self) -> dict[str, Any]:
        """The rule as JSON, the same words that the pages print."""
        return {
            "code": self.code,
            "name": self.name,
            "severity": self.severity.value,
            "level": self.level.value,
            "vi": self.vi,
            "en": self.en,
            "hint": {"vi": self.hint.vi, "en": self.hint.en} if self.hint else None,
            "basis": {regime.value: self.basis.get(regime) for regime in Regime},
            "since": self.since,
            "doc": self.doc,
            "own": self.own,
        }


class WholeRule(Protocol):
    """A rule with state: made once a table, shown every batch, asked at the end."""

    def __init__(self, context: Context) -> None: ...

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Faults that this batch already proves."""
        ...

    def close(self) -> Iterable[Placed]:
        """Faults that only the end of the table proves."""
        ...


Where = Callable[["SchemaField"], bool]
Quick = Callable[["ManyTexts", "Context"], Iterable[int]]
Function = TypeVar("Function", bound=Callable[..., Any])


class CellRule(NamedTuple):
    info: RuleInfo
    check: Callable[[Any, Context], Fault | None]
    column: str | None
    where: Where | None
    on: On
    quick: Quick | None = None

    def applies(self, field: SchemaField) -> bool:
        return (self.column is None or field.name == self.column) and (
            self.where is None or self.where(field)
        )


class RowRule(NamedTuple):
    """`columns` are handed over in order; the finding is placed at `blame`.

    Those of `beside` follow them, each as None where the file has no such column.
    """

    info: RuleInfo
    check: Callable[..., Fault | None]
    columns: tuple[str, ...]
    blame: str
    beside: tuple[str, ...] = ()


class TableWideRule(NamedTuple):
    """`over_file`: made once a file and shown all its tables, not once for each."""

    info: RuleInfo
    make: Callable[[Context], WholeRule]
    over_file: bool = False


class FileRule(NamedTuple):
    info: RuleInfo
    check: Callable[[Context], Iterable[Fault]]


class Registry:
    """All rules by code, each kind in the order in which they were put in."""

    def __init__(self, first: Registry | None = None) -> None:
        """Empty, or with all the rules of another one, which stays as it is."""
        self.infos: dict[str, RuleInfo] = dict(first.infos) if first else {}
        self.cell: list[CellRule] = list(first.cell) if first else []
        self.row: list[RowRule] = list(first.row) if first else []
        self.whole: list[TableWideRule] = list(first.whole) if first else []
        self.file: list[FileRule] = list(first.file) if first else []

    def put(self, info: RuleInfo) -> RuleInfo:
        """Take a rule in. Raises `ValueError` for a code or name used twice or of the unit's own, a
        message that differs from its translation in placeholders, or a page without Why and Fix."""
        if info.code in self.infos or any(each.name == info.name for each in self.infos.values()):
            raise ValueError(info.code)
        if info.own != info.code.startswith(OWN):
            raise ValueError(info.code)
        if placeholders(info.vi) != placeholders(info.en):
            raise ValueError(info.code)
        if info.code[0] not in GROUPS or "Why:" not in info.doc or "Fix:" not in info.doc:
            raise ValueError(info.code)
        self.infos[info.code] = info
        return info


REGISTRY = Registry()


def placeholders(message: str) -> set[str]:
    """The names that a message leaves open."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


class About(TypedDict):
    """What every decorator takes besides code, name and severity."""

    vi: str
    en: str
    basis: Basis
    since: str
    hint: NotRequired[tuple[str, str] | None]


def _info(
    code: str, name: str, severity: Severity, about: About, *, level: Level, doc: str | None
) -> RuleInfo:
    hint = about.get("hint")
    return REGISTRY.put(
        RuleInfo(
            code=code,
            name=name,
            severity=severity,
            level=level,
            vi=about["vi"],
            en=about["en"],
            hint=Words(*hint) if hint else None,
            basis=about["basis"],
            since=about["since"],
            doc=inspect.cleandoc(doc or ""),
        )
    )


def file_fault(
    code: str,
    name: str,
    severity: Severity,
    *,
    doc: str,
    level: Level = Level.FILE,
    **about: Unpack[About],
) -> RuleInfo:
    """Declare a fault that readers, the search for headings or a schema's `quy_tac` meet.

    Whoever meets it names it by the object returned.
    """
    return _info(code, name, severity, about, level=level, doc=doc)


def file_rule(
    code: str, name: str, severity: Severity, **about: Unpack[About]
) -> Callable[[Function], Function]:
    """A rule asked once a file: `function(context)` yields faults."""

    def register(function: Function) -> Function:
        info = _info(code, name, severity, about, level=Level.FILE, doc=function.__doc__)
        REGISTRY.file.append(FileRule(info, function))
        return function

    return register


def cell_rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    column: Role | None = None,
    where: Where | None = None,
    on: On = On.VALUE,
    quick: Quick | None = None,
    **about: Unpack[About],
) -> Callable[[Function], Function]:
    """A rule asked once per distinct value of a column: `function(value, context)`.

    It holds for the column of that `column` role, or every column whose field satisfies `where`;
    `context.field` is the column's field. Of many texts at once `quick` tells at which positions
    the fault may be; texts with stray spaces or not in NFC are asked in any case.
    """

    def register(function: Function) -> Function:
        info = _info(code, name, severity, about, level=Level.CELL, doc=function.__doc__)
        REGISTRY.cell.append(CellRule(info, function, column, where, on, quick))
        return function

    return register


def row_rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    columns: tuple[Role, ...],
    blame: Role,
    beside: tuple[Role, ...] = (),
    **about: Unpack[About],
) -> Callable[[Function], Function]:
    """A rule over several columns of one row: `function(*values, context)`.

    It is asked once per distinct combination, only where all its columns are in the file and every
    one of the cells could be read. Columns of `beside` may be missing: their values are None then.
    """

    def register(function: Function) -> Function:
        info = _info(code, name, severity, about, level=Level.ROW, doc=function.__doc__)
        REGISTRY.row.append(RowRule(info, function, columns, blame, beside))
        return function

    return register


def whole_rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    over_file: bool = False,
    **about: Unpack[About],
) -> Callable[[type[Any]], type[Any]]:
    """A rule with state over all batches: a class with the methods of `WholeRule`.

    `over_file`: over those of all tables of a file together.
    """

    def register(made: type[Any]) -> type[Any]:
        info = _info(code, name, severity, about, level=Level.WHOLE, doc=made.__doc__)
        REGISTRY.whole.append(TableWideRule(info, made, over_file))
        return made

    return register


@cache
def registry() -> Registry:
    """The registry with every rule module of iocsl loaded."""
    import iocsl.validate.rules  # noqa: F401 - importing registers

    return REGISTRY


def all_rules(known: Registry | None = None) -> tuple[RuleInfo, ...]:
    """Every rule of ours, or of a registry, in the order of the groups and then of the codes."""
    order = {letter: place for place, letter in enumerate(GROUPS)}
    infos = (known or registry()).infos.values()
    return tuple(sorted(infos, key=lambda each: (order[each.code[0]], each.code)))


def rule(code_or_name: str, known: Registry | None = None) -> RuleInfo | None:
    """The rule with that code (any case) or name, None when there is none."""
    wanted = code_or_name.strip()
    infos = (known or registry()).infos
    by_code = infos.get(wanted.upper())
    if by_code is not None:
        return by_code
    return {each.name: each for each in infos.values()}.get(wanted.lower())


@cache
def rule_set() -> str:
    """SHA-256 over our rules: reports with the same one were made by the same rules."""
    return digest_of(all_rules())


def digest_of(rules: Iterable[RuleInfo], files: Mapping[str, str] | None = None) -> str:
    """SHA-256 over rules, and over the `files` (name → SHA-256) in which a unit wrote its own."""
    from iocsl import __version__

    body: dict[str, Any] = {
        "version": __version__,
        "rules": [each.document() for each in rules],
    }
    if files:
        body["files"] = dict(files)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
