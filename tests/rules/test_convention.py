"""What holds for every rule: an `ok` file without it, a `bad` one with it, a page, two messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iocsl.catalog import Catalogue, Indicator
from iocsl.catalog.loader import read
from iocsl.errors import IocslError
from iocsl.validate import Report, check
from iocsl.validate.attachments import Attachment
from iocsl.validate.between_files import Checked, between_files
from iocsl.validate.context import Context
from iocsl.validate.history import History, Supplied
from iocsl.validate.history_files import GivenFiles
from iocsl.validate.registry import GROUPS, RuleInfo, all_rules, placeholders, rule, rule_set

HERE = Path(__file__).parent
RULES = {each.code: each for each in all_rules()}


def samples(code: str, kind: str) -> list[Path]:
    """The files of one kind: one, or the same case in several formats."""
    found = sorted((HERE / code).glob(f"*{kind}.*"))
    assert found, f"{code}: a {kind} file is wanted"
    return found


class OtherIndicators:
    """The catalogue with the indicators of a case's own `chi_tieu.yaml`."""

    def __init__(self, catalogue: Catalogue, path: Path) -> None:
        self._catalogue = catalogue
        given = read(path).data["chi_tieu"]
        self._given = [
            Indicator(
                each["ma"],
                each["ten"],
                each.get("don_vi_tinh"),
                None,
                None,
                each["hieu_luc_den"],
                each["thay_bang"],
                ma_tam=True,
            )
            for each in given
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalogue, name)

    def indicators(self, _: str) -> list[Indicator]:
        return self._given


class LostHistory:
    """A past that is there and cannot be read."""

    def supplied(self, _: Context) -> Iterator[Supplied]:
        raise IocslError("record-unreadable", "Không đọc được.", "Cannot be read.")

    def live(self, _: Context) -> float | None:
        return None


def past(code: str, kind: str) -> History | None:
    """The earlier files of a case, or a past that cannot be read."""
    if (HERE / code / f"{kind}-history-lost").exists():
        return LostHistory()
    earlier = sorted((HERE / code).glob("history/*"))
    return GivenFiles(earlier) if earlier else None


def checked(code: str, kind: str, catalogue: Any) -> list[Report]:
    folder = HERE / code
    if (folder / "chi_tieu.yaml").exists():
        catalogue = OtherIndicators(catalogue, folder / "chi_tieu.yaml")
    options = json.loads((folder / "options.json").read_text("utf-8"))
    options["history"] = past(code, kind)
    schema = folder / "schema.yaml"
    options["schema"] = schema if schema.exists() else None
    if given := options.get("attachments"):
        told = given[kind]
        made = None if told is None else tuple(Attachment(**each) for each in told)
        options["attachments"] = made
    found = []
    for path in samples(code, kind):
        together = [*sorted((folder / "beside").glob("*")), path]
        done = [Checked(each, check(each, catalogue, **options)) for each in together]
        found.append(between_files(done, catalogue, options)[-1])
    return found


@pytest.mark.parametrize("code", sorted(RULES))
def test_ok_file_is_without_the_finding(code: str, catalogue: Catalogue) -> None:
    for report in checked(code, "ok", catalogue):
        assert [each for each in report.findings if each.code == code] == []
        assert report.valid


@pytest.mark.parametrize("code", sorted(RULES))
def test_bad_file_has_the_finding_once(code: str, catalogue: Catalogue) -> None:
    for report in checked(code, "bad", catalogue):
        hits = [each for each in report.findings if each.code == code]
        assert len(hits) == 1
        assert hits[0].severity is RULES[code].severity
        assert hits[0].message
        assert "{" not in hits[0].message


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_finding_at_one_cell_has_what_stands_there(code: str, catalogue: Catalogue) -> None:
    told = [each for report in checked(code, "bad", catalogue) for each in report.findings]
    placed = [each for each in told if each.column and (each.cell or each.row)]
    assert [(each.code, each.cell, each.row) for each in placed if each.value is None] == []


@pytest.mark.parametrize("info", RULES.values(), ids=RULES)
def test_page_and_messages(info: RuleInfo) -> None:
    assert info.code[0] in GROUPS
    assert placeholders(info.vi) == placeholders(info.en)
    assert "Why:" in info.doc
    assert "Fix:" in info.doc
    assert info.basis
    assert rule(info.name) is info
    if info.hint:
        assert placeholders(info.hint.vi) == placeholders(info.hint.en) == set()


def test_rule_set_is_a_digest_that_stays() -> None:
    assert len(rule_set()) == 64
    assert rule_set() == rule_set()


def test_no_folder_without_a_rule() -> None:
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert folders == set(RULES)
