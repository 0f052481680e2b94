"""What is doubtful in the catalogue: damage of the texts, near-duplicates, stale references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from iocsl.catalog.entries import PERIOD_WORDS, Dataset
from iocsl.catalog.lookup import Catalogue
from iocsl.catalog.search import words_of
from iocsl.domain import PeriodType, Regime, Words
from iocsl.text import say

ALIKE = 0.75
"""Share of common words from which two names of 1134 are told as near-duplicates."""

_FILLERS = frozenset(
    words_of(
        "báo cáo, biểu, các, kết quả, của, cơ sở, CSDL, địa bàn, dữ liệu, tình hình, số, Sơn La, "
        "thông tin, tỉnh, tổng hợp, thống kê, trên, và, về"
    ).split()
)
"""Words that say nothing of what an entry is about."""

KINDS: dict[str, Words] = {
    "lost_character": Words("mất ký tự", "lost character"),
    "misprint": Words("lỗi in", "misprint"),
    "lost_name": Words("mất tên", "lost name"),
    "missing_unit": Words("thiếu cơ quan", "no agency printed"),
    "interleaved": Words("lẫn ô", "interleaved cells"),
    "blank_period": Words("để trống kỳ", "blank period"),
    "truncated": Words("văn bản bị cắt", "the text is cut off"),
    "doubtful_date": Words("ngày đáng ngờ", "doubtful date"),
}
"""The kinds of damage in words."""

CHECKS: dict[str, Words] = {
    "damaged": Words("Chỗ hỏng của văn bản", "Damage in the texts"),
    "near_duplicate": Words("Tên gần trùng nhau", "Near-duplicate names"),
    "other_frequency": Words("Tên nói một kỳ khác", "The name speaks of another period"),
    "stale_district": Words("Nhắc đến cấp huyện", "Refers to districts"),
    "stale_2022": Words("Nhắc đến năm 2022", "Refers to 2022"),
    "stale_covid": Words("Nhắc đến Covid-19", "Refers to Covid-19"),
    "merged_unit": Words("Đơn vị đã sắp xếp lại", "Units merged or split since"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to look at: which check, which entries, what is said of them."""

    check: str
    codes: tuple[str, ...]
    said: Words

    def document(self) -> dict[str, Any]:
        return {"check": self.check, "codes": list(self.codes), "message": say(self.said)}


def lint(catalogue: Catalogue) -> list[Doubt]:
    """Every doubt, check by check in the order of `CHECKS`, then by code."""
    datasets = catalogue.datasets()
    return [
        *_damage(datasets),
        *_near_duplicates(datasets),
        *_other_frequency(datasets),
        *_stale(datasets),
        *_merged(catalogue, datasets),
    ]


def _damage(datasets: list[Dataset]) -> Iterator[Doubt]:
    for each in datasets:
        for defect in each.defects:
            kind = KINDS[defect.kind]
            printed = f": “{defect.printed}”" if defect.printed else ""
            vi, en = f"{kind.vi}{printed}", f"{kind.en}{printed}"
            if defect.reading:
                sure = {"high": "chắc", "medium": "khá chắc", "low": "không chắc"}
                vi += f", đọc là “{defect.reading}” ({sure[defect.confidence or 'low']})"
                en += f", read as “{defect.reading}” (confidence {defect.confidence})"
            yield Doubt("damaged", (each.code,), Words(f"{vi}.", f"{en}."))


def _near_duplicates(datasets: list[Dataset]) -> Iterator[Doubt]:
    """Names with the same telling words; in 1134 also names that share most of them.

    Series of 2023 (one form per period or status) differ in one telling word on purpose.
    """
    alike: dict[frozenset[str], list[Dataset]] = {}
    for each in datasets:
        if each.name:
            telling = frozenset(words_of(each.name).split()) - _FILLERS
            alike.setdefault(telling, []).append(each)
    groups = [group for group in alike.values() if len(group) > 1]
    of_1134 = [
        (telling, group[0])
        for telling, group in alike.items()
        if telling and group[0].regime is Regime.QD1134
    ]
    for (left, one), (right, other) in combinations(of_1134, 2):
        if len(left & right) >= ALIKE * len(left | right):
            groups.append([one, other])
    for group in sorted(groups, key=lambda group: group[0].code):
        names = " — ".join(dict.fromkeys(f"“{each.name}”" for each in group))
        codes = tuple(each.code for each in group)
        yield Doubt("near_duplicate", codes, Words(f"{names}.", f"{names}."))


_EVERY = (
    (re.compile(r"\bh[àằ]ng năm\b", re.IGNORECASE), PeriodType.YEAR),
    (re.compile(r"\bh[àằ]ng quý\b", re.IGNORECASE), PeriodType.QUARTER),
    (re.compile(r"\bh[àằ]ng tháng\b", re.IGNORECASE), PeriodType.MONTH),
)
_PERENNIAL = re.compile(r"cây h[àằ]ng năm", re.IGNORECASE)


def _other_frequency(datasets: list[Dataset]) -> Iterator[Doubt]:
    for each in datasets:
        # "Cây hàng năm" are annual crops, no frequency.
        name = _PERENNIAL.sub("", each.name_printed)
        for pattern, period in _EVERY:
            found = pattern.search(name)
            if found and each.periods and period not in each.periods:
                printed = [PERIOD_WORDS[one] for one in each.periods]
                vi, en = (", ".join(words) for words in zip(*printed, strict=True))
                yield Doubt(
                    "other_frequency",
                    (each.code,),
                    Words(
                        f"“{each.name}”: tên ghi “{found[0]}”, kỳ được in là {vi}.",
                        f"“{each.name}”: the name says “{found[0]}”, its period is {en}.",
                    ),
                )


_STALE: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("stale_district", lambda name: "huyện" in name),
    ("stale_2022", lambda name: "2022" in name),
    ("stale_covid", lambda name: "covid" in name),
)


def _stale(datasets: list[Dataset]) -> Iterator[Doubt]:
    for check, is_stale in _STALE:
        for each in datasets:
            if is_stale(each.name_printed.casefold()):
                yield Doubt(check, (each.code,), Words(f"“{each.name}”.", f"“{each.name}”."))


def _merged(catalogue: Catalogue, datasets: list[Dataset]) -> Iterator[Doubt]:
    """Units printed in 2023 that 1134 no longer names as they were."""
    by_unit: dict[str, list[tuple[str, str]]] = {}
    for link in catalogue.crosswalk():
        if link.kind in {"merged", "split", "renamed"} and link.new:
            field = f" ({link.field})" if link.field else ""
            by_unit.setdefault(link.old, []).append((link.new, field))
    for old, heirs in by_unit.items():
        unit = catalogue.unit(old)
        codes = tuple(each.code for each in datasets if each.unit == old)
        named = ", ".join(f"{new}{field}" for new, field in heirs)
        name = unit.name if unit else old
        yield Doubt(
            "merged_unit",
            codes,
            Words(f"{old} {name}: nay có thể là {named}.", f"{old} {name}: now probably {named}."),
        )
