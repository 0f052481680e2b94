"""Settings and the home folder: defaults < `config.toml` < environment < options."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iocsl.domain import Words
from iocsl.errors import IocslError
from iocsl.text import nearest

FILE = "config.toml"


def _text(value: str) -> str:
    return value


def _flag(value: str) -> bool:
    folded = value.strip().lower()
    if folded in {"1", "true", "yes", "co", "bat"}:
        return True
    if folded in {"0", "false", "no", "khong", "tat"}:
        return False
    raise ValueError(value)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key in `config.toml` (dotted), its variable, its default, its meaning.

    The default fixes the type. `choices` closes the list of values. A `secret` is never printed.
    """

    key: str
    env: str
    default: str | int | bool | None
    about: Words
    choices: tuple[str, ...] = ()
    secret: bool = False

    def read(self, value: object) -> str | int | bool:
        """A value from the file or the environment. Raises `ValueError` when it does not fit."""
        kind: Callable[[str], str | int | bool] = _text
        if isinstance(self.default, bool):
            kind = _flag
        elif isinstance(self.default, int):
            kind = int
        if isinstance(value, bool | int) and not isinstance(self.default, type(value)):
            raise ValueError(value)  # noqa: TRY004 - one error for every value that does not fit
        read = value if isinstance(value, bool | int) else kind(str(value))
        if self.choices and read not in self.choices:
            raise ValueError(value)
        return read


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "lang",
        "IOCSL_LANG",
        "vi",
        Words("Ngôn ngữ của thông báo", "Language of messages"),
        ("vi", "en"),
    ),
    Setting(
        "unit",
        "IOCSL_UNIT",
        None,
        Words("Mã đơn vị của máy này, ví dụ CQ-TC", "The unit this machine serves, e.g. CQ-TC"),
    ),
    Setting(
        "catalog.folder",
        "IOCSL_CATALOG",
        None,
        Words("Thư mục danh mục thay cho danh mục kèm theo", "A catalogue folder of your own"),
    ),
    Setting(
        "signing.pkcs11_module",
        "IOCSL_SIGNING_PKCS11_MODULE",
        None,
        Words("Trình điều khiển PKCS#11 của thiết bị ký", "PKCS#11 driver of the signing token"),
    ),
    Setting(
        "signing.rsa_padding",
        "IOCSL_SIGNING_RSA_PADDING",
        "pkcs1v15",
        Words("Kiểu ký của khóa RSA", "How RSA keys sign"),
        ("pkcs1v15", "pss"),
    ),
    Setting(
        "signing.tsa_url",
        "IOCSL_SIGNING_TSA_URL",
        None,
        Words(
            "Địa chỉ máy chủ dấu thời gian (RFC 3161); thu-nghiem:THƯ-MỤC dùng khóa thử nghiệm",
            "Address of the time-stamp authority (RFC 3161); thu-nghiem:DIR uses test keys",
        ),
    ),
    Setting(
        "warehouse.url",
        "IOCSL_WAREHOUSE_URL",
        None,
        Words("Địa chỉ Kho dữ liệu dùng chung", "Address of the warehouse"),
    ),
    Setting(
        "warehouse.timeout",
        "IOCSL_WAREHOUSE_TIMEOUT",
        30,
        Words("Số giây chờ kho trả lời", "Seconds to wait for an answer of the warehouse"),
    ),
    Setting(
        "warehouse.tries",
        "IOCSL_WAREHOUSE_TRIES",
        3,
        Words("Số lần thử trong một lượt nộp", "Tries within one run of submit"),
    ),
    Setting(
        "warehouse.ca",
        "IOCSL_WAREHOUSE_CA",
        None,
        Words(
            "Tệp PEM các CA của máy chủ kho, nếu không phải CA mà máy này đã tin",
            "PEM file of the server's CAs where this machine does not trust them yet",
        ),
    ),
    Setting(
        "deadlines.rollover_1134",
        "IOCSL_DEADLINES_ROLLOVER_1134",
        "none",
        Words(
            "Hạn của Quyết định 1134 trùng ngày nghỉ: none giữ nguyên, following dời sang sau",
            "Deadlines of Decision 1134 on a day off: none keeps them, following moves them",
        ),
        ("none", "following"),
    ),
    Setting(
        "deadlines.rollover_annex",
        "IOCSL_DEADLINES_ROLLOVER_ANNEX",
        "following",
        Words(
            "Hạn in trong phụ lục 2023 trùng ngày nghỉ: following dời, none giữ nguyên",
            "Dates printed in the 2023 annex on a non-working day: following moves, none keeps",
        ),
        ("following", "none"),
    ),
    Setting(
        "deadlines.before_18",
        "IOCSL_DEADLINES_BEFORE_18",
        "strict",
        Words(
            "“Trước ngày 18”: strict là hết ngày 17, named_day là hết ngày 18",
            "“trước ngày 18”: strict ends with the 17th, named_day with the 18th",
        ),
        ("strict", "named_day"),
    ),
    Setting(
        "deadlines.half_with_year",
        "IOCSL_DEADLINES_HALF_WITH_YEAR",
        "first",
        Words(
            "Biểu “6 tháng, Năm”: first chỉ 6 tháng đầu năm, both cả hai",
            "Forms “6 tháng, Năm”: first half only, or both",
        ),
        ("first", "both"),
    ),
    Setting(
        "deadlines.half_alone",
        "IOCSL_DEADLINES_HALF_ALONE",
        "both",
        Words(
            "Biểu chỉ ghi “6 tháng”: both cả hai, first chỉ 6 tháng đầu năm",
            "Forms “6 tháng” alone: both halves, or first only",
        ),
        ("both", "first"),
    ),
    Setting(
        "deadlines.ct_30",
        "IOCSL_DEADLINES_CT_30",
        "row",
        Words(
            "Biểu 11.1, 11.3 (Sở Công Thương): row theo ngày 30 in ở dòng, general theo ngày 25",
            "Forms 11.1, 11.3: row takes the printed 30th, general the 25th",
        ),
        ("row", "general"),
    ),
    Setting(
        "deadlines.ktxh_forms",
        "IOCSL_DEADLINES_KTXH_FORMS",
        "row",
        Words(
            "Biểu 2.1-2.3: row theo Điều 8.1.c (ngày 23), general theo Điều 8.1.a (ngày 25)",
            "Forms 2.1-2.3: row takes Điều 8.1.c (23rd), general Điều 8.1.a (25th)",
        ),
        ("row", "general"),
    ),
    Setting(
        "deadlines.tk_row2",
        "IOCSL_DEADLINES_TK_ROW2",
        "as_printed",
        Words(
            "Biểu 21.2 “06/6”: as_printed như in, july là 06/7",
            "Form 21.2 “06/6”: as_printed, or july for 06/7",
        ),
        ("as_printed", "july"),
    ),
    Setting(
        "deadlines.tk_row16",
        "IOCSL_DEADLINES_TK_ROW16",
        "next_year",
        Words(
            "Biểu 21.16 “10/2/năm báo cáo”: next_year là năm sau, as_printed như in",
            "Form 21.16 “10/2/năm báo cáo”: next_year, or as_printed",
        ),
        ("next_year", "as_printed"),
    ),
    Setting(
        "deadlines.february_30",
        "IOCSL_DEADLINES_FEBRUARY_30",
        "last_day",
        Words(
            "“Ngày 30” trong tháng 2: last_day là ngày cuối tháng, march là 01/3",
            "“ngày 30” in February: last_day of the month, or march for 1 March",
        ),
        ("last_day", "march"),
    ),
    Setting(
        "deadlines.daily_reminders",
        "IOCSL_DEADLINES_DAILY_REMINDERS",
        "working",
        Words(
            "Nhắc nộp dữ liệu hàng ngày: working chỉ ngày làm việc, every mọi ngày",
            "Reminders of daily data: on working days only, or every day",
        ),
        ("working", "every"),
    ),
    Setting(
        "deadlines.applies_from_1134",
        "IOCSL_DEADLINES_APPLIES_FROM_1134",
        None,
        Words(
            "Quyết định 1134 tính hạn từ ngày này, thay cho ngày ký 2026-05-13",
            "Decision 1134 counts from this day, instead of its date 2026-05-13",
        ),
    ),
    Setting(
        "deadlines.look_back",
        "IOCSL_DEADLINES_LOOK_BACK",
        31,
        Words(
            "Số ngày nhìn lại khi đếm hạn đã qua mà chưa nộp",
            "Days to look back for deadlines passed and not met",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Resolved:
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
        raise IocslError(
            "home-not-folder",
            f"“{path}” là một tệp, không phải thư mục làm việc.",
            f"“{path}” is a file, not a home folder.",
            ("Chọn thư mục khác bằng --home.", "Choose another folder with --home."),
        )
    path.mkdir(parents=True, exist_ok=True)
    return path


def load() -> Config:
    """Resolve every setting. A bad file, key or value is named with its place (exit 3)."""
    path = home_path() / FILE
    written = _flatten(_read_toml(path)) if path.is_file() else {}
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
    if setting.env in os.environ:
        value: object = os.environ[setting.env]
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
        else ("Xem các khóa bằng: iocsl config", "See the keys with: iocsl config")
    )
    return IocslError(
        "unknown-setting",
        f"Tệp cấu hình “{path}” có khóa lạ “{key}”.",
        f"The configuration file “{path}” has an unknown key “{key}”.",
        hint,
    )


def _bad_value(setting: Setting, value: object, origin: str) -> IocslError:
    allowed = ", ".join(setting.choices)
    shown = "***" if setting.secret else value
    return IocslError(
        "bad-setting",
        f"Giá trị “{shown}” của {setting.key} (từ {origin}) không dùng được.",
        f"The value “{shown}” of {setting.key} (from {origin}) cannot be used.",
        (f"Các giá trị được dùng: {allowed}.", f"Use one of: {allowed}.")
        if allowed
        else (f"{setting.about.vi}.", f"{setting.about.en}."),
    )
