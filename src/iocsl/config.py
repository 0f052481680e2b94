"""What is set, and the home folder: defaults < `config.toml` < environment < options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from iocsl.errors import IocslError
from iocsl.settings import MOST, SETTINGS, Setting
from iocsl.text import nearest

FILE = "config.toml"


class Resolved(NamedTuple):
    setting: Setting
    value: str | int | bool | None
    origin: str
    """`default`, the path of `config.toml`, or the name of the variable."""


class Config:
    """Every setting with its value and where it came from."""

    def __init__(self, home: Path, resolved: dict[str, Resolved]) -> None:
        self.home = home
        self.resolved = resolved

    def text(self, key: str) -> str | None:
        value = self.resolved[key].value
        return None if value is None else str(value)

    def number(self, key: str) -> int:
        value = self.resolved[key].value
        if not isinstance(value, int):
            raise TypeError(key)
        return value

    def flag(self, key: str) -> bool:
        return self.resolved[key].value is True


_home: Path | None = None


def set_home(path: Path | None) -> None:
    """The home folder given by `--home`; None goes back to `IOCSL_HOME` or the default."""
    global _home  # noqa: PLW0603 - one process has one home
    _home = path


def home_path() -> Path:
    """The home folder, not made yet: `--home`, else `IOCSL_HOME`, else the platform's place."""
    if _home is not None:
        return _home.absolute()
    if given := os.environ.get("IOCSL_HOME"):
        return Path(given).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("iocsl", appauthor=False)


def home_origin() -> str:
    """Who says where the home folder is: `--home`, `IOCSL_HOME` or `default`."""
    if _home is not None:
        return "--home"
    return "IOCSL_HOME" if os.environ.get("IOCSL_HOME") else "default"


def home() -> Path:
    """The home folder, made if it was not there. A network share is refused (exit 3)."""
    from iocsl.files import on_network

    path = home_path()
    if on_network(path):
        raise IocslError(
            "home-on-network",
            f"Thư mục làm việc “{path}” nằm trên ổ mạng. Sổ gửi và khóa tệp không an toàn ở đó.",
            f"The home folder “{path}” is on a network share, where the outbox is not safe.",
            (
                "Đặt IOCSL_HOME (hoặc --home) vào một ổ đĩa của chính máy này.",
                "Set IOCSL_HOME (or --home) to a disk of this machine.",
            ),
        )
    if path.exists() and not path.is_dir():
        raise _not_a_folder(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except NotADirectoryError:
        raise _not_a_folder(path) from None
    return path


def _not_a_folder(path: Path) -> IocslError:
    file = next(each for each in (path, *path.parents) if each.exists())
    return IocslError(
        "home-not-folder",
        f"“{file}” là một tệp, không phải thư mục làm việc.",
        f"“{file}” is a file, not a home folder.",
        ("Chọn thư mục khác bằng --home.", "Choose another folder with --home."),
    )


def load() -> Config:
    """Resolve every setting. A bad file, key or value is named with its place (exit 3)."""
    path = home_path() / FILE
    written = _flatten(_read_toml(path)) if path.exists() else {}
    by_key = {setting.key: setting for setting in SETTINGS}
    for key in written:
        if key not in by_key:
            raise _unknown(path, key, tuple(by_key))
    resolved = {}
    for setting in SETTINGS:
        value, origin = _pick(setting, written, path)
        resolved[setting.key] = Resolved(setting, value, origin)
    return Config(home_path(), resolved)


def _pick(
    setting: Setting, written: dict[str, object], path: Path
) -> tuple[str | int | bool | None, str]:
    if given := os.environ.get(setting.env):
        value: object = given
        origin = setting.env
    elif setting.key in written:
        value, origin = written[setting.key], str(path)
    else:
        return setting.default, "default"
    try:
        return setting.read(value), origin
    except ValueError:
        raise _bad_value(setting, value, origin) from None


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IocslError(
            "bad-config-file",
            f"Tệp cấu hình “{path}” sai cú pháp: {error}.",
            f"The configuration file “{path}” cannot be read: {error}.",
            ("Sửa dòng được nêu rồi chạy lại.", "Mend the line named and run it again."),
        ) from None


def _flatten(table: dict[str, Any], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _unknown(path: Path, key: str, known: tuple[str, ...]) -> IocslError:
    meant = nearest(key, known)
    hint = (
        (f"Có phải là “{meant}”?", f"Did you mean “{meant}”?")
        if meant
        else (
            f"Bỏ khóa đó. Các khóa có: {', '.join(known)}.",
            f"Leave it out. There are: {', '.join(known)}.",
        )
    )
    return IocslError(
        "unknown-setting",
        f"Tệp cấu hình “{path}” có khóa lạ “{key}”.",
        f"The configuration file “{path}” has an unknown key “{key}”.",
        hint,
    )


def _bad_value(setting: Setting, value: object, origin: str) -> IocslError:
    allowed = ", ".join(setting.choices)
    if isinstance(setting.default, int) and not isinstance(setting.default, bool):
        allowed = f"{setting.least} – {MOST}"
    shown = "***" if setting.secret else value
    return IocslError(
        "bad-setting",
        f"Giá trị “{shown}” của {setting.key} (từ {origin}) không dùng được.",
        f"The value “{shown}” of {setting.key} (from {origin}) cannot be used.",
        (f"Các giá trị được dùng: {allowed}.", f"Use one of: {allowed}.")
        if allowed
        else (f"{setting.about.vi}.", f"{setting.about.en}."),
    )
