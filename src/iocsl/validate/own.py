"""What a rule file of the unit's own imports: `from iocsl.validate.own import cell_rule, Fault`.

The files lie in the folder that `[validate] rules_folder` names. A rule has a code `Z001` to `Z999`
and a name of its own, says what is wrong in both languages, and explains itself in its docstring
under `Why:` and `Fix:`, like every rule of iocsl. Such rules add findings; those of iocsl are asked
all the same, and the warehouse knows nothing of them.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterable
from typing import Any, NotRequired, TextIO, TypedDict, TypeVar, Unpack

from iocsl.domain import Severity, Words
from iocsl.errors import IocslError
from iocsl.patterns import regex
from iocsl.validate.context import Context
from iocsl.validate.readers.base import Batch, Place
from iocsl.validate.registry import (
    QD1134,
    QD2023,
    Basis,
    CellRule,
    Fault,
    FileRule,
    Level,
    On,
    Placed,
    Registry,
    Role,
    RowRule,
    RuleInfo,
    TableWideRule,
    Where,
    placeholders,
)

__all__ = [
    "QD1134",
    "QD2023",
    "Batch",
    "Context",
    "Fault",
    "On",
    "Place",
    "Placed",
    "Role",
    "Severity",
    "cell_rule",
    "file_rule",
    "row_rule",
    "whole_rule",
]

_CODE = regex(r"Z[0-9]{3}")
_NAME = regex(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_Made = TypeVar("_Made", bound=Callable[..., Any])


class About(TypedDict):
    """What every decorator takes besides code, name and severity."""

    vi: str
    en: str
    hint: NotRequired[tuple[str, str]]
    basis: NotRequired[Basis]
    since: NotRequired[str]


def cell_rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    column: str | None = None,
    where: Where | None = None,
    on: On = On.VALUE,
    **about: Unpack[About],
) -> Callable[[_Made], _Made]:
    """A rule asked once per distinct value of a column: `function(value, context)` → Fault or None.

    `column` is the column's key, or `where` says of a field of the schema whether it is meant.
    """

    def register(function: _Made) -> _Made:
        info = _info(code, name, severity, about, level=Level.CELL, made=function)
        _known().cell.append(CellRule(info, _guarded(info, function), column, where, on))
        return function

    return register


def row_rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    columns: tuple[str, ...],
    blame: str | None = None,
    **about: Unpack[About],
) -> Callable[[_Made], _Made]:
    """A rule over cells of one row: `function(*values, context)`, values in the order of `columns`.

    The finding stands at the column `blame`, by default the first.
    """

    def register(function: _Made) -> _Made:
        info = _info(code, name, severity, about, level=Level.ROW, made=function)
        if not columns or (blame or columns[0]) not in columns:
            raise _wrong(info.code, "blame phải là một cột của columns", "blame is not in columns")
        check = _guarded(info, function)
        _known().row.append(RowRule(info, check, tuple(columns), blame or columns[0]))
        return function

    return register


def file_rule(
    code: str, name: str, severity: Severity, **about: Unpack[About]
) -> Callable[[_Made], _Made]:
    """A rule asked once a file: `function(context)` yields faults."""

    def register(function: _Made) -> _Made:
        info = _info(code, name, severity, about, level=Level.FILE, made=function)

        def check(context: Context) -> list[Fault]:
            return _listed(info, lambda: function(context), Fault)

        _known().file.append(FileRule(info, check))
        return function

    return register


def whole_rule(
    code: str, name: str, severity: Severity, **about: Unpack[About]
) -> Callable[[type[Any]], type[Any]]:
    """A class with state over all rows: `see(batch)` and `close()` yield `Placed` faults."""

    def register(made: type[Any]) -> type[Any]:
        info = _info(code, name, severity, about, level=Level.WHOLE, made=made)

        class Guarded:
            def __init__(self, context: Context) -> None:
                self._rule = _asked(info, lambda: made(context))

            def see(self, batch: Batch) -> Iterable[Placed]:
                return _listed(info, lambda: self._rule.see(batch), Placed)

            def close(self) -> Iterable[Placed]:
                return _listed(info, self._rule.close, Placed)

        _known().whole.append(TableWideRule(info, Guarded))
        return made

    return register


class WrongRuleError(ValueError):
    """A rule that cannot be taken in, in words; the loader adds file and line."""

    def __init__(self, said: Words) -> None:
        super().__init__(said.en)
        self.said = said


loading: list[Registry] = []
"""The registry that is being filled, while it is."""
_places: dict[str, tuple[str, int]] = {}
"""Where each rule is written, for a fault that comes of what it gives back."""


def _known() -> Registry:
    if not loading:
        raise _wrong("", "chỉ dùng trong thư mục quy tắc riêng", "only for the folder of own rules")
    return loading[-1]


def _wrong(code: str, vi: str, en: str) -> WrongRuleError:
    named = f"{code}: " if code else ""
    return WrongRuleError(Words(f"{named}{vi}", f"{named}{en}"))


def _info(
    code: str,
    name: str,
    severity: Severity,
    about: About,
    *,
    level: Level,
    made: Callable[..., Any],
) -> RuleInfo:
    """The rule as pages show it. `WrongRuleError` for one that cannot be taken in."""
    known, doc = _known(), inspect.cleandoc(made.__doc__ or "")
    if not _CODE.fullmatch(str(code)):
        raise _wrong(str(code), "mã phải từ Z001 đến Z999", "the code must be Z001 to Z999")
    if not _NAME.fullmatch(str(name)):
        raise _wrong(code, f"tên “{name}” phải như ten-quy-tac", f"the name “{name}” is no name")
    if code in known.infos:
        raise _wrong(code, "mã đã dùng cho một quy tắc khác", "the code is another rule's")
    if any(each.name == name for each in known.infos.values()):
        raise _wrong(code, f"tên “{name}” đã có", f"the name “{name}” is another rule's")
    if not isinstance(severity, Severity):
        raise _wrong(code, "mức phải là Severity.…", "the severity must be one of Severity")
    if missing := [key for key in ("vi", "en") if not isinstance(about.get(key), str)]:
        raise _wrong(code, f"thiếu {missing[0]}=", f"{missing[0]}= is missing")
    try:
        same = placeholders(about["vi"]) == placeholders(about["en"])
    except ValueError as error:
        raise _wrong(code, f"thông báo sai ({error})", f"a message is wrong ({error})") from None
    if not same:
        raise _wrong(code, "vi và en khác chỗ trống {…}", "vi and en differ in placeholders")
    if "Why:" not in doc or "Fix:" not in doc:
        raise _wrong(code, "docstring thiếu Why: hoặc Fix:", "the docstring lacks Why: or Fix:")
    hint = about.get("hint")
    info = RuleInfo(
        code=code,
        name=name,
        severity=severity,
        level=level,
        vi=about["vi"],
        en=about["en"],
        hint=Words(*hint) if hint else None,
        basis=about.get("basis", {}),
        since=about.get("since", ""),
        doc=doc,
        own=True,
    )
    _places[code] = _here()
    return known.put(info)


def _here() -> tuple[str, int]:
    """File and line, of the unit's own rules, that is being run."""
    frame = inspect.currentframe()
    while frame is not None and "__iocsl_own__" not in frame.f_globals:
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("", 0)


def _guarded(info: RuleInfo, function: Callable[..., Any]) -> Callable[..., Fault | None]:
    """The function of a rule; what it raises, or gives back besides a fault, is a refusal."""

    def check(*given: Any) -> Fault | None:
        found = _asked(info, lambda: function(*given))
        return None if found is None else _right(info, found)

    return check


def _listed(info: RuleInfo, ask: Callable[[], Iterable[Any]], kind: type[Any]) -> list[Any]:
    found: list[Any] = _asked(info, lambda: list(ask() or ()))
    for each in found:
        if not isinstance(each, kind):
            raise _failed(info, f"{kind.__name__} ≠ {type(each).__name__}")
        _right(info, each.fault if isinstance(each, Placed) else each)
    return found


def _asked(info: RuleInfo, ask: Callable[[], Any]) -> Any:
    try:
        with printing_aside():
            return ask()
    except (Exception, SystemExit) as error:
        # Its text may quote a cell, and cells may hold personal data: only its kind is told.
        raise _failed(info, type(error).__name__, line_of(error)) from error


def printing_aside() -> contextlib.redirect_stdout[TextIO]:
    """What a rule prints goes to stderr: on stdout stands the result alone."""
    return contextlib.redirect_stdout(sys.stderr)


def _right(info: RuleInfo, found: Any) -> Fault:
    """A fault whose message can be said."""
    if not isinstance(found, Fault):
        raise _failed(info, f"Fault ≠ {type(found).__name__}")
    if found.said is None:
        try:
            info.said(found.facts)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            raise _failed(info, f"{type(error).__name__}: vi=, en=") from error
    return found


def _failed(info: RuleInfo, what: str, place: tuple[str, int] | None = None) -> IocslError:
    """The refusal that names the rule and, where it is known, file and line: exit 3."""
    file, line = place or _places[info.code]
    return IocslError(
        "own-rule-failed",
        f"Quy tắc riêng {info.code} ({info.name}), {file}, dòng {line}, không chạy được ({what})."
        " Tệp dữ liệu chưa được coi là hợp lệ.",
        f"The unit's own rule {info.code} ({info.name}), {file}, line {line}, failed ({what})."
        " The data file is not called valid.",
        (
            "Sửa quy tắc, hoặc bỏ validate.rules_folder rồi kiểm tra lại.",
            "Mend the rule, or take validate.rules_folder out, and check again.",
        ),
    )


def line_of(error: BaseException) -> tuple[str, int] | None:
    """File and line, of the unit's own rules, that an exception came from."""
    found, trace = None, error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "__iocsl_own__" in trace.tb_frame.f_globals:
            found = name, trace.tb_lineno
        trace = trace.tb_next
    return found
