"""`iocsl validate` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from iocsl.cli import main
from validate_books import HEAD, book, text

ROWS: list[list[Any]] = [
    HEAD,
    ["KDL-M-016.001", "2026-10", "14", "8.500"],
    ["KDL-M-016.002", "2026-10", "14", "1.5"],
    ["KDL-M-016.099", "2026-10", "14", "12.000"],
    ["KDL-M-016.003", "2026-10", "Tô Hiệu", "khoảng 12"],
    ["KDL-M-016.003", "2026-13", "14", ""],
]
RIGHT = {"ma_bo_du_lieu": "KDL-M-016", "don_vi": "CQ-TC", "ky_bao_cao": "2026-09"}


@pytest.fixture(autouse=True)
def _mirror(catalogue: object) -> None:
    """The catalogue's mirror is in the home before a command asks for it."""


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    return book(tmp_path / "KDL-M-016_2026-10.xlsx", ROWS, info=RIGHT)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    rows = [HEAD, *([f"KDL-M-016.{n:03d}", "2026-10", "14", f"{n}.500"] for n in range(1, 31))]
    return text(tmp_path / "KDL-M-016_2026-10.csv", rows)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", ["80", "120"])
def test_what_a_person_reads(  # noqa: PLR0917 - pytest hands fixtures over by name
    faulty: Path,
    lang: str,
    width: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    assert main(["validate", str(faulty), "--lang", lang]) == 1
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= int(width)
    assert said == snapshot


def test_what_a_file_says_is_shown_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No word between colons becomes a picture, nothing in square brackets a colour."""
    schema, path, out = (tmp_path / name for name in ("a.yaml", "a.csv", "ra.txt"))
    schema.write_text(
        'fields:\n  - {name: so, title: "[red]Số :100:", type: number, groupChar: "."}\n', "utf-8"
    )
    path.write_text("so\n1.500\n:100:\n", "utf-8")
    assert main(["validate", str(path), "--schema", str(schema)]) == 1
    assert main(["validate", str(path), "--schema", str(schema), "-o", str(out)]) == 1
    for said in (capsys.readouterr().out, out.read_text("utf-8")):
        assert "ở cột “[red]Số :100:”: “1.500”" in said
        assert "“:100:” không phải là số" in said


def test_a_good_file_exits_0(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(good), "--unit", "CQ-TC"]) == 0
    assert "Hợp lệ" in capsys.readouterr().out


def test_one_file_is_an_object_and_several_an_array(
    good: Path, faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(good), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["valid"] is True
    assert main(["validate", str(good), str(faulty), "--format", "json"]) == 1
    reports = json.loads(capsys.readouterr().out)
    assert [each["valid"] for each in reports] == [True, False]
    assert main(["validate", str(faulty), str(good), "--format", "ndjson"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["valid"] for line in lines] == [False, True]


def test_result_into_a_file(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "ket_qua.json"
    assert main(["validate", str(good), "--format", "json", "-o", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert json.loads(out.read_text("utf-8"))["file"]["name"] == good.name
    assert main(["validate", str(good), "-o", str(tmp_path)]) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["none.xlsx"], 2),
        (["{good}", "--dataset", "KDL-M-999"], 3),
        (["{good}", "--unit", "Sở Không Có"], 2),
        (["{good}", "--period", "2026-Q5"], 2),
        (["{good}", "--schema", "none.yaml"], 2),
        (["{good}", "--format", "pdf"], 2),
        ([], 2),
        (["{good}", "none.xlsx"], 2),
        (["{faulty}", "none.xlsx"], 1),
        (["{good}", "{faulty}"], 1),
    ],
)
def test_exit_codes(
    arguments: list[str], code: int, good: Path, faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [each.format(good=good, faulty=faulty) for each in arguments]
    assert main(["validate", *given]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_the_refused_file_keeps_its_place_in_the_array(
    good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(good), "none.xlsx", str(good), "--format", "json"]) == 2
    reports = json.loads(capsys.readouterr().out)
    assert [next(iter(each)) for each in reports] == ["schema", "error", "schema"]


def test_a_bad_schema_exits_3(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text("fields:\n  - {name: a, type: geometry}\n", encoding="utf-8")
    assert main(["validate", str(good), "--schema", str(schema)]) == 3
    assert "fields[0].type" in capsys.readouterr().err


def test_fifty_findings_of_a_code_and_the_exact_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        HEAD,
        *(
            [f"KDL-M-016.{n % 30 + 1:03d}", f"20{n // 30:02d}-10", "14", "x" if n % 2 else n]
            for n in range(300)
        ),
    ]
    path = text(tmp_path / "KDL-M-016_2026-10.csv", rows)
    assert main(["validate", str(path), "--unit", "CQ-TC"]) == 1
    said = capsys.readouterr().out
    assert "(150 chỗ)" in said
    assert "… và 100 chỗ nữa" in said
    assert said.count("“x” không phải là số") == 50
