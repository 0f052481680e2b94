"""What a user types for a period, a regime or a day, read or refused with a hint (exit 2)."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from iocsl import clock
from iocsl.domain import VIETNAM, VIETNAMESE_PERIOD_TYPES, Period, PeriodType, Regime, event_id
from iocsl.errors import IocslError, usage
from iocsl.text import fold

_WITHOUT_DEADLINE = PeriodType.REALTIME
_ENGLISH = {each.value: each for each in PeriodType if each is not _WITHOUT_DEADLINE}
_REGIMES = {"qd1134": Regime.QD1134, "1134": Regime.QD1134, "qd2023": Regime.QD2023}
_REGIMES["2023"] = Regime.QD2023
_FORMS = "2026-11-22, 2026-11, 2026-Q4, 2026-H1, 2026-9M, 2026, 2026-DX, 2026-VM"
_HINTS: tuple[tuple[str, tuple[str, str]], ...] = (
    (r"\d{4}-?Q.*", ("Quý chỉ có Q1 đến Q4: 2026-Q4.", "Quarters are Q1 to Q4: 2026-Q4.")),
    (r"\d{4}-?H.*", ("6 tháng chỉ có H1, H2: 2026-H1.", "Halves are H1 and H2: 2026-H1.")),
    (
        r"\d{4}-\d{1,2}-\d{1,2}",
        (
            "Ngày này không có trong lịch. Viết như 2026-11-22.",
            "There is no such day. Write it like 2026-11-22.",
        ),
    ),
    (r"\d{4}-\d{1,2}", ("Tháng từ 01 đến 12: 2026-10.", "Months are 01 to 12: 2026-10.")),
)


def parse_period(text: str) -> PeriodType | Period:
    """A type (`month`, `thang`, `tháng`) or a period's id (`2026-10`). Exit 2 for anything else."""
    word = fold(text).replace(" ", "")
    kind = _ENGLISH.get(word) or VIETNAMESE_PERIOD_TYPES.get(word)
    if kind is not None:
        return kind
    try:
        period = Period.parse(text.strip().upper())
    except ValueError:
        raise unknown_period(text) from None
    # One moment has one id, whatever the offset it was typed with.
    return Period.parse(event_id(period.moment)) if period.type is PeriodType.EVENT else period


def unknown_period(text: str) -> IocslError:
    """A period that does not exist, with the nearest form that does."""
    usual = (
        f"Dùng {_FORMS}, hoặc một trong: {' '.join(VIETNAMESE_PERIOD_TYPES)}.",
        f"Use {_FORMS}, or one of: {' '.join(_ENGLISH)}.",
    )
    wanted = text.strip().upper()
    hint = next((said for pattern, said in _HINTS if re.fullmatch(pattern, wanted)), usual)
    return usage(
        "unknown-period",
        f"Không có kỳ báo cáo “{text}”.",
        f"There is no period “{text}”.",
        hint,
    )


def parse_regime(text: str) -> Regime:
    """`QD1134` or `QD2023`, also without the letters. Exit 2 otherwise."""
    found = _REGIMES.get(fold(text).replace(" ", ""))
    if found is None:
        raise usage(
            "unknown-regime",
            f"Không có chế độ “{text}”.",
            f"There is no regime “{text}”.",
            ("Chọn QD1134 hoặc QD2023.", "Choose QD1134 or QD2023."),
        )
    return found


def parse_day(text: str) -> date:
    """`2026-11-22` or `22/11/2026`. Exit 2 for a day that does not exist."""
    wanted = text.strip()
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", wanted):
        wanted = f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", wanted):
            return date.fromisoformat(wanted)
    except ValueError:
        pass
    raise usage(
        "bad-day",
        f"“{text}” không phải là ngày có thật.",
        f"“{text}” is not a day that exists.",
        (
            "Viết như 2026-11-22 hoặc 22/11/2026.",
            "Write it like 2026-11-22 or 22/11/2026.",
        ),
    )


_DAY_ALONE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}")


def parse_closing(text: str) -> datetime:
    """The first moment that is too late: as given, or the end of a day given alone."""
    if _DAY_ALONE.fullmatch(text.strip()):
        return datetime.combine(parse_day(text) + timedelta(days=1), time(), VIETNAM)
    return clock.parse_moment(text)


def parse_opening(text: str) -> datetime:
    """The first moment that counts: as given, or the beginning of a day given alone."""
    if _DAY_ALONE.fullmatch(text.strip()):
        return datetime.combine(parse_day(text), time(), VIETNAM)
    return clock.parse_moment(text)
