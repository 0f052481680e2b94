"""Several files at a time give what one after the other gives."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from iocsl import cli
from iocsl.catalog import Catalogue
from iocsl.demo.figures import fill
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, missing_file


@pytest.mark.parametrize("language", ["vi", "en"])
def test_jobs_change_nothing_but_the_time(
    tmp_path: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    assert catalogue.version == 0
    template = tmp_path / "mau.xlsx"
    made = ["--unit", "CQ-TC", "--period", "2026-10", "-o", str(template)]
    assert cli.main(["catalog", "template", "KDL-M-016", *made]) == 0
    files = [tmp_path / "KDL-M-016_2026-10.xlsx", tmp_path / "sai.xlsx"]
    for path, faulty in zip(files, (False, True), strict=True):
        fill(template, path, faulty=faulty)
    pdf = tmp_path / "anh.xlsx"
    pdf.write_bytes(b"%PDF-1.7\n")
    asked = [*map(str, files), str(pdf), str(tmp_path / "khong-co.xlsx"), "--lang", language]
    capsys.readouterr()
    said = []
    for jobs in ("1", "3"):
        code = cli.main(["validate", *asked, "--jobs", jobs, "--format", "json"])
        assert code == ExitCode.FINDINGS
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


def test_a_refusal_crosses_to_another_process_whole() -> None:
    refusal = missing_file(Path("a.xlsx"))
    back = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes
    assert isinstance(back, IocslError)
    assert (back.code, back.message, back.hint, back.exit_code) == (
        refusal.code,
        refusal.message,
        refusal.hint,
        refusal.exit_code,
    )


def test_no_jobs_is_wrong_usage(tmp_path: Path) -> None:
    assert cli.main(["validate", str(tmp_path / "a.csv"), "--jobs", "0"]) == ExitCode.USAGE
