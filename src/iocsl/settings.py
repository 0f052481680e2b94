"""Every setting there is: its key, its variable, its default, its meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from iocsl.domain import Words


def _text(value: str) -> str:
    return value


def _flag(value: str) -> bool:
    folded = value.strip().lower()
    if folded in {"1", "true", "yes", "co", "bat"}:
        return True
    if folded in {"0", "false", "no", "khong", "tat"}:
        return False
    raise ValueError(value)


MOST = 100_000
"""No number that is set means anything beyond it."""


class Setting(NamedTuple):
    """One setting: its key in `config.toml` (dotted), its variable, its default, its meaning.

    The default fixes the type. `choices` closes the list of values. A `secret` is never printed.
    """

    key: str
    env: str
    default: str | int | bool | None
    about: Words
    choices: tuple[str, ...] = ()
    secret: bool = False
    least: int = 0
    """The smallest of a number; the largest is `MOST`."""

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
        if type(read) is int and not self.least <= read <= MOST:
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
        "validate.rules_folder",
        "IOCSL_VALIDATE_RULES_FOLDER",
        None,
        Words(
            "Thư mục quy tắc kiểm tra riêng của đơn vị (Python), đường dẫn đầy đủ",
            "Folder of the unit's own rules of checking (Python), a whole path",
        ),
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
        "signing.answers_required",
        "IOCSL_SIGNING_ANSWERS_REQUIRED",
        False,
        Words(
            "Không ký đồng ý khi còn cảnh báo chưa giải trình",
            "No signature in agreement while a warning has no answer",
        ),
    ),
    Setting(
        "attachments.macros",
        "IOCSL_ATTACHMENTS_MACROS",
        False,
        Words(
            "Tệp đính kèm có macro: false từ chối (chính sách của iocsl, không phải quy định)",
            "Attachments with macros: false refuses them (our own policy, no regulation's)",
        ),
    ),
    Setting(
        "attachments.protected",
        "IOCSL_ATTACHMENTS_PROTECTED",
        False,
        Words(
            "Tệp đính kèm có mật khẩu: false từ chối (chính sách của iocsl)",
            "Attachments behind passwords: false refuses them (our own policy)",
        ),
    ),
    Setting(
        "attachments.depth",
        "IOCSL_ATTACHMENTS_DEPTH",
        1,
        Words(
            "Tệp nén được lồng mấy lớp trong tệp nén đính kèm (chính sách của iocsl)",
            "How deep archives may lie in attached archives (our own policy)",
        ),
    ),
    Setting(
        "attachments.largest_mib",
        "IOCSL_ATTACHMENTS_LARGEST_MIB",
        200,
        Words("MiB của một tệp đính kèm (chính sách của iocsl)", "MiB of one attachment (ours)"),
    ),
    Setting(
        "attachments.together_mib",
        "IOCSL_ATTACHMENTS_TOGETHER_MIB",
        1024,
        Words("MiB của mọi tệp đính kèm (chính sách của iocsl)", "MiB of all attachments (ours)"),
    ),
    Setting(
        "attachments.unpacked_mib",
        "IOCSL_ATTACHMENTS_UNPACKED_MIB",
        2048,
        Words(
            "MiB sau khi giải nén của một tệp đính kèm (chính sách của iocsl)",
            "MiB that one attachment may unpack to (ours)",
        ),
    ),
    Setting(
        "attachments.number",
        "IOCSL_ATTACHMENTS_NUMBER",
        50,
        Words("Số tệp đính kèm của một gói (chính sách của iocsl)", "Attachments a bundle (ours)"),
    ),
    Setting(
        "encryption.certificate",
        "IOCSL_ENCRYPTION_CERTIFICATE",
        None,
        Words(
            "Chứng thư RSA của đơn vị để tự mở lại gói đã mã hóa, thay cho khóa tự tạo",
            "The unit's RSA certificate for opening its own encrypted bundles, instead of a key"
            " made here",
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
        least=1,
    ),
    Setting(
        "warehouse.tries",
        "IOCSL_WAREHOUSE_TRIES",
        3,
        Words("Số lần thử trong một lượt nộp", "Tries within one run of submit"),
        least=1,
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
