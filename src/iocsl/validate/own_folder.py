"""Rules of the unit's own, from the folder that its configuration names and from nowhere else.

The folder is given as a whole path, in `config.toml` or the environment; never is anything taken
from the folder one happens to be in. A folder or file that other people on the machine could change
is refused: rules run with the rights of whoever checks.
"""

from __future__ import annotations

import hashlib
import os
import stat
from functools import cache
from pathlib import Path
from typing import NamedTuple

from iocsl import config
from iocsl.domain import Words
from iocsl.errors import IocslError
from iocsl.validate import own
from iocsl.validate.registry import Registry, RuleInfo, all_rules, digest_of, registry

SETTING = "validate.rules_folder"


class OwnRules(NamedTuple):
    """Our rules and the unit's together. `rule_set` is the digest of both."""

    registry: Registry
    rule_set: str

    @property
    def infos(self) -> tuple[RuleInfo, ...]:
        """The rules that the unit brought."""
        return tuple(each for each in all_rules(self.registry) if each.own)


def configured() -> OwnRules | None:
    """The rules of the folder that is set, None where none is. IocslError (exit 3) otherwise."""
    resolved = config.load().resolved[SETTING]
    return None if resolved.value is None else _loaded(str(resolved.value), resolved.origin)


@cache
def _loaded(folder: str, origin: str) -> OwnRules:
    return load(Path(folder), origin)


def load(folder: Path, origin: str) -> OwnRules:
    """The rules in a folder. `origin` is where the folder was set, for refusals (all exit 3)."""
    _check_folder(folder, origin)
    known = Registry(registry())
    before = _state(registry())
    digests: dict[str, str] = {}
    for path in sorted(folder.glob("*.py")):
        _check_owner(path)
        try:
            code = path.read_bytes()
        except OSError as error:
            raise _not_loaded(path, None, _said(error)) from None
        digests[path.name] = hashlib.sha256(code).hexdigest()
        _run(path, code, known)
        if _state(registry()) != before:
            what = Words("đã đổi quy tắc của iocsl", "it changed rules of iocsl")
            raise _not_loaded(path, None, what)
    if not digests:
        raise _refused(folder, origin, Words("không có tệp .py nào", "there is no .py file in it"))
    return OwnRules(known, digest_of(all_rules(known), digests))


def _run(path: Path, code: bytes, known: Registry) -> None:
    """Run one file, its rules going into `known`. Nothing is written beside it."""
    space = {"__name__": f"iocsl_own_{path.stem}", "__file__": str(path), "__iocsl_own__": True}
    own.loading.append(known)
    try:
        with own.printing_aside():
            exec(compile(code, str(path), "exec", dont_inherit=True), space)  # noqa: S102 - what the setting is for
    except SyntaxError as error:
        what = Words(f"sai cú pháp ({error.msg})", f"it is no Python ({error.msg})")
        raise _not_loaded(path, error.lineno, what) from None
    except own.WrongRuleError as error:
        raise _not_loaded(path, _line(error), error.said) from None
    except (Exception, SystemExit) as error:
        raise _not_loaded(path, _line(error), _said(error)) from error
    finally:
        own.loading.pop()


def _line(error: BaseException) -> int | None:
    place = own.line_of(error)
    return place[1] if place else None


def _said(error: BaseException) -> Words:
    what = f"{type(error).__name__}: {error}"
    return Words(what, what)


def _state(known: Registry) -> tuple[object, ...]:
    """What own rules may not touch: which rules of ours there are."""
    parts = (known.cell, known.row, known.whole, known.file)
    return (tuple(known.infos), *(tuple(map(id, part)) for part in parts))


def _check_folder(folder: Path, origin: str) -> None:
    if not folder.is_absolute():
        what = Words("phải là đường dẫn đầy đủ", "it must be a whole path, not a relative one")
        raise _refused(folder, origin, what)
    if not folder.is_dir():
        raise _refused(folder, origin, Words("không có thư mục này", "there is no such folder"))
    for place in (folder.resolve(), *folder.resolve().parents):
        _check_owner(place)


def _check_owner(place: Path) -> None:
    """Refuse what somebody else than its owner, this user or root could change (POSIX)."""
    if os.name != "posix":
        return
    found = place.stat()
    open_to_all = found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX
    if open_to_all or found.st_uid not in {0, os.geteuid()}:
        raise IocslError(
            "rules-folder-open",
            f"Người khác trên máy này sửa được “{place}”, nên không chạy quy tắc riêng ở đó.",
            f"Others on this machine can change “{place}”, so no rules are run from there.",
            (
                f'Chạy: chmod o-w "{place}", và để bạn hoặc root làm chủ.',
                f'Run: chmod o-w "{place}", and let you or root own it.',
            ),
        )


def _refused(folder: Path, origin: str, what: Words) -> IocslError:
    return IocslError(
        "rules-folder",
        f"Thư mục quy tắc riêng “{folder}” ({SETTING}, từ {origin}): {what.vi}.",
        f"The folder of own rules “{folder}” ({SETTING}, from {origin}): {what.en}.",
        (
            f"Sửa {SETTING} trong config.toml, hoặc bỏ thiết lập này.",
            f"Mend {SETTING} in config.toml, or take it out.",
        ),
    )


def _not_loaded(path: Path, line: int | None, what: Words) -> IocslError:
    vi = f", dòng {line}" if line else ""
    en = f", line {line}" if line else ""
    return IocslError(
        "own-rule-not-loaded",
        f"Quy tắc riêng “{path}”{vi}: {what.vi}.",
        f"The unit's own rules “{path}”{en}: {what.en}.",
        (
            "Sửa chỗ được nêu rồi chạy lại. Chưa có tệp nào được kiểm tra.",
            "Mend that place and run again. No file was checked.",
        ),
    )
