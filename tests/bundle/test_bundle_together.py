"""What the files of a bundle say of one another is seen before anybody signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.bundle.drafts import Draft, Request, prepare
from iocsl.catalog import Catalogue
from iocsl.errors import IocslError
from iocsl.ledger.chain import Chain
from validate_books import HEAD, text


def draft(catalogue: Catalogue, *files: Path, dataset: str = "KDL-M-016", unit: str) -> Draft:
    request = Request(files, (), dataset, unit, "2026-10")
    return prepare(request, catalogue, Chain.open())


def table(path: Path, code: str, *figures: str) -> Path:
    rows = [[f"{code}.{n:03d}", "2026-10", "14", figure] for n, figure in enumerate(figures, 1)]
    return text(path, [HEAD, *rows])


def test_files_that_contradict_each_other_are_not_signed(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    one = table(tmp_path / "a.csv", "KDL-M-016", "5", "6")
    two = table(tmp_path / "b.csv", "KDL-M-016", "5", "7")
    with pytest.raises(IocslError) as refused:
        draft(catalogue, one, two, unit="CQ-TC")
    assert (refused.value.code, refused.value.exit_code) == ("file-has-errors", 1)
    assert "X708" in refused.value.message.en
    assert "“a.csv”" in refused.value.message.en


def test_a_file_that_names_no_period_is_checked_by_that_of_the_others(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """The warehouse checks all of them by the slip, and would find it."""
    one = table(tmp_path / "KDL-M-016_2026-10.csv", "KDL-M-016", "5", "6")
    two = table(tmp_path / "KDL-M-016.csv", "KDL-M-016", "5", "7")
    request = Request((one, two), (), None, "CQ-TC", None)
    with pytest.raises(IocslError) as refused:
        prepare(request, catalogue, Chain.open())
    assert (refused.value.code, refused.value.exit_code) == ("file-has-errors", 1)
    assert "X708" in refused.value.message.en


def test_what_only_repeats_is_signed_with_its_warning(tmp_path: Path, catalogue: Catalogue) -> None:
    one = table(tmp_path / "a.csv", "KDL-M-016", "5", "6")
    two = table(tmp_path / "b.csv", "KDL-M-016", "5")
    first, second = draft(catalogue, one, two, unit="CQ-TC").reports
    assert "X709" not in {each["code"] for each in first["findings"]}
    assert "X709" in {each["code"] for each in second["findings"]}


def test_a_form_of_2023_without_a_narrative_says_so(tmp_path: Path, catalogue: Catalogue) -> None:
    path = table(tmp_path / "a.csv", "IOC-02-03", "5")
    (report,) = draft(catalogue, path, dataset="IOC-02-03", unit="D23-02").reports
    assert ("N904", "warning") in {(each["code"], each["severity"]) for each in report["findings"]}
