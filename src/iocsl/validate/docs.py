"""`docs/rules.md` from the registry: `python -m iocsl.validate.docs > docs/rules.md`."""

from __future__ import annotations

import sys
from itertools import groupby

from iocsl.domain import Regime, Severity
from iocsl.validate.registry import GROUPS, RuleInfo, all_rules

_SEVERITY = {Severity.ERROR: "lỗi", Severity.WARNING: "cảnh báo", Severity.INFO: "ghi chú"}
_REGIMES = {Regime.QD1134: "Quyết định 1134/QĐ-UBND", Regime.QD2023: "Quy định 2023"}


def as_markdown() -> str:
    """One section a group, one page a rule, in the order of reports."""
    rules = all_rules()
    groups = "; ".join(f"{letter} {words.vi}" for letter, words in GROUPS.items())
    lines = [
        "# Các quy tắc kiểm tra",
        "",
        "<!-- Made by `python -m iocsl.validate.docs`; change the rules, not this file. -->",
        "",
        f"{len(rules)} quy tắc. Mã không bao giờ dùng lại. `iocsl rules CODE` in nội dung này.",
        f"Chữ đầu của mã là nhóm: {groups}.",
    ]
    for letter, group in groupby(rules, key=lambda each: each.code[0]):
        words = GROUPS[letter]
        lines += ["", f"## {letter}: {words.vi} ({words.en})"]
        for each in group:
            lines += _page(each)
    return "\n".join(lines) + "\n"


def _page(rule: RuleInfo) -> list[str]:
    basis = "; ".join(f"{_REGIMES[regime]}: {article}" for regime, article in rule.basis.items())
    lines = [
        "",
        f"### {rule.code} `{rule.name}`",
        "",
        f"- Mức: {_SEVERITY[rule.severity]} (`{rule.severity.value}`), từ phiên bản {rule.since}",
        f"- vi: {rule.vi}",
        f"- en: {rule.en}",
    ]
    if rule.hint:
        lines += [f"- Cần làm: {rule.hint.vi}", f"- What to do: {rule.hint.en}"]
    return [*lines, f"- Căn cứ: {basis}", "", rule.doc]


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr] # a text stream it is
    sys.stdout.write(as_markdown())
