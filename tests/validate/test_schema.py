"""A schema is taken whole or refused with its place; its rules find what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.catalog.schema import read_schema
from iocsl.domain import ExitCode, Severity
from iocsl.errors import IocslError
from iocsl.validate import check
from validate_books import text

TWO = "fields:\n  - {name: a, type: number}\n  - {name: b, type: number}\n"
KINDS = """\
fields:
  - {name: x, title: X}
  - {name: c, title: C, constraints: {enum: [một, hai]}}
  - {name: d, title: D, type: boolean, trueValues: [Có], falseValues: [Không]}
  - {name: e, title: E, type: number, decimalChar: ","}
  - {name: f, title: F, type: date}
  - {name: g, title: G, type: date}
"""


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("fields: []\n", "fields"),
        ("fields:\n  - {type: number}\n", "fields[0].name"),
        ("fields:\n  - {name: a, type: money}\n", "fields[0].type"),
        ("fields:\n  - {name: a}\n  - {name: a}\n", "fields[1].name"),
        ("fields:\n  - {name: a, kieu: so}\n", "fields[0]"),
        ("fields:\n  - {name: a, constraints: {pattern: '['}}\n", "fields[0].constraints.pattern"),
        (
            "fields:\n  - {name: a, type: number, constraints: {minimum: x}}\n",
            "constraints.minimum",
        ),
        ("fields:\n  - {name: a, type: date, constraints: {minimum: 30/02}}\n", "minimum"),
        ("fields:\n  - {name: a, decimalChar: '.', groupChar: '.'}\n", "fields[0].groupChar"),
        ("fields:\n  - {name: a, danh_muc: none.csv}\n", "fields[0].danh_muc"),
        ("fields:\n  - {name: a, danh_muc: ../x.csv}\n", "fields[0].danh_muc"),
        (TWO + "primaryKey: [c]\n", "primaryKey"),
        (TWO + "quy_tac:\n  - {ma: R, cot: a, phep: '=~', voi: b}\n", "quy_tac[0].phep"),
        (TWO + "quy_tac:\n  - {ma: R, cot: a, phep: '<', voi: c}\n", "quy_tac[0].voi"),
        (TWO + "quy_tac:\n  - {cot: a, phep: '<', voi: b}\n", "quy_tac[0].ma"),
        (TWO + "quy_tac:\n  - {ma: R, cot: a, phep: range_by, voi: b}\n", "quy_tac[0].voi"),
        (TWO + "quy_tac:\n  - {ma: R, cot: a, phep: sum, voi: [b, b]}\n", "quy_tac[0].voi"),
        (TWO + "quy_tac:\n  - {ma: R, cot: a, phep: '<', voi: b, dung_sai: -1}\n", "dung_sai"),
        (TWO + "quy_tac:\n  - {ma: R, cot: a, phep: required_if, voi: {b: x}}\n", "voi"),
        (TWO + "quy_tac:\n  - {ma: R, cot: a, phep: required_if, voi: {b: [1]}}\n", "voi"),
        (KINDS + "quy_tac:\n  - {ma: R, cot: x, phep: required_if, voi: {c: ba}}\n", "voi"),
        (KINDS + "quy_tac:\n  - {ma: R, cot: x, phep: required_if, voi: {d: rồi}}\n", "voi"),
        (KINDS + "quy_tac:\n  - {ma: R, cot: x, phep: '<', voi: 5}\n", "quy_tac[0].voi"),
    ],
)
def test_a_wrong_schema_is_refused_with_its_place(tmp_path: Path, body: str, place: str) -> None:
    path = tmp_path / "mau.yaml"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(IocslError) as refused:
        read_schema(path)
    assert refused.value.exit_code is ExitCode.CONFIGURATION
    assert "mau.yaml" in refused.value.message.vi
    assert place in refused.value.message.vi


def test_json_and_yaml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"name": "x", "fields": [{"name": "a", "type": "date"}]}')
    (tmp_path / "a.yaml").write_text("name: x\nfields:\n  - {name: a, type: date}\n")
    assert read_schema(tmp_path / "a.json") == read_schema(tmp_path / "a.yaml")


def test_a_code_twice_in_a_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "ma.csv").write_text("ma,ten\nA,x\nA,y\n")
    (tmp_path / "s.yaml").write_text("fields:\n  - {name: a, danh_muc: ma.csv}\n")
    with pytest.raises(IocslError, match="is empty or repeated"):
        read_schema(tmp_path / "s.yaml")


def run(tmp_path: Path, catalogue: Catalogue, rule: str, rows: list[list[object]]) -> list[object]:
    schema = tmp_path / "s.yaml"
    number = "type: number, decimalChar: ',', groupChar: '.'"
    fields = "".join(f"  - {{name: {name}, {number}}}\n" for name in "abc")
    schema.write_text(f"fields:\n{fields}quy_tac:\n  - {{ma: R1, {rule}}}\n", encoding="utf-8")
    report = check(text(tmp_path / "a.csv", [["a", "b", "c"], *rows]), catalogue, schema=schema)
    return [(each.code, each.row, each.column) for each in report.findings]


@pytest.mark.parametrize(
    ("rule", "good", "bad", "code"),
    [
        ("cot: a, phep: '<=', voi: b", ["5", "5", ""], ["6", "5", ""], "X710"),
        ("cot: a, phep: '<', voi: b", ["4,9", "5", ""], ["5", "5", ""], "X710"),
        ("cot: a, phep: '>', voi: 0", ["0,1", "", ""], ["0", "", ""], "X710"),
        ("cot: a, phep: '==', voi: b, dung_sai: 1", ["5", "6", ""], ["5", "6,5", ""], "X710"),
        ("cot: a, phep: sum, voi: [b, c]", ["0,3", "0,1", "0,2"], ["0,4", "0,1", "0,2"], "X711"),
        (
            "cot: a, phep: sum, voi: [b, c], dung_sai: 0.5",
            ["3", "1", "2,5"],
            ["3", "1", "2,6"],
            "X711",
        ),
        ("cot: a, phep: required_if, voi: {b: '2'}", ["", "1", ""], ["", "2", ""], "X712"),
    ],
)
def test_comparisons(  # noqa: PLR0917 - one row of the table above
    tmp_path: Path,
    catalogue: Catalogue,
    rule: str,
    good: list[object],
    bad: list[object],
    code: str,
) -> None:
    assert run(tmp_path, catalogue, rule, [good, bad]) == [(code, 3, "a")]


def test_a_cell_that_cannot_be_read_is_told_once(tmp_path: Path, catalogue: Catalogue) -> None:
    found = run(tmp_path, catalogue, "cot: a, phep: sum, voi: [b, c]", [["x", "1", "2"]])
    assert found == [("V402", 2, "a")]


def test_own_words_and_level_of_a_rule(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(
        TWO + "quy_tac:\n  - {ma: R1, cot: a, phep: '<=', voi: b, muc: warning,"
        " vi: Nam vượt tổng số, en: Men exceed all}\n",
        encoding="utf-8",
    )
    report = check(text(tmp_path / "a.csv", [["a", "b"], ["6", "5"]]), catalogue, schema=schema)
    assert report.valid
    assert [(each.severity, each.message) for each in report.findings] == [
        (Severity.WARNING, "Nam vượt tổng số")
    ]


def test_a_schema_needs_no_dataset(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(TWO, encoding="utf-8")
    report = check(text(tmp_path / "a.csv", [["a", "b"], ["6", "5"]]), catalogue, schema=schema)
    assert report.findings == ()
    assert report.dataset is None


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        (
            "s.yaml",
            TWO + "quy_tac:\n  - ma: R1\n    cot: tong\n    phep: sum\n    voi: [a, b]\n",
            "s.yaml”, line 6, quy_tac[0].cot: there is no column “tong”",
        ),
        (
            "s.json",
            (
                '{\n\t"fields": [{"name": "a", "type": "number"}],\n\t"quy_tac": [\n\t\t{'
                '"ma": "R1", "phep": "<",\n\t\t "cot": "a", "voi": "b"}]}'
            ),
            "s.json”, line 5, quy_tac[0].voi: there is no column “b”",
        ),
        ("s.json", '{"fields":\n [}', "s.json”, line 2: not JSON"),
        (
            "s.yaml",
            "fields:\n  - name: a\n    danh_muc: ma.csv\n",
            "s.yaml”, line 3, fields[0].danh_muc, row 3 of the code list “ma.csv”: code “A”",
        ),
        (
            "s.json",
            '{"fields": [\n {"name": "a",\n  "danh_muc": "ma.csv"}]}',
            "s.json”, line 3, fields[0].danh_muc, row 3 of the code list “ma.csv”: code “A”",
        ),
    ],
)
def test_a_fault_of_a_schema_names_its_line(
    tmp_path: Path, name: str, body: str, said: str
) -> None:
    (tmp_path / "ma.csv").write_text("ma,ten\nA,x\nA,y\n", encoding="utf-8")
    (tmp_path / name).write_text(body, encoding="utf-8")
    with pytest.raises(IocslError) as refused:
        read_schema(tmp_path / name)
    assert said in refused.value.message.en


WANTING = """
fields:
  - {name: loai, title: Loại}
  - {name: cccd, title: Số định danh, du_lieu_ca_nhan: true}
  - {name: ly_do, title: Lý do}
  - {name: a, title: A, type: integer}
  - {name: b, title: B, type: integer}
quy_tac:
  - {ma: R1, cot: ly_do, phep: required_if, voi: {loai: B}}
  - {ma: R2, cot: a, phep: "<=", voi: b}
  - {ma: R3, cot: ly_do, phep: required_if, voi: cccd}
"""


def test_rules_over_columns_that_are_not_there(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "s.yaml").write_text(WANTING, "utf-8")
    rows = [["Loại", "A"], ["A", 1], ["B", 2], ["B", 3]]
    found = check(text(tmp_path / "a.csv", rows), catalogue, schema=tmp_path / "s.yaml").findings
    assert [(each.code, each.row, each.column, each.count) for each in found] == [
        ("S215", None, None, 2),
        ("X712", 3, "loai", 2),
    ]
    assert "R2, R3" in found[0].message


def test_a_personal_value_beside_the_blamed_cell_is_masked(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    (tmp_path / "s.yaml").write_text(WANTING, "utf-8")
    rows = [["Loại", "Số định danh", "Lý do", "A", "B"], ["A", "014099000001", "", 1, 2]]
    found = check(text(tmp_path / "a.csv", rows), catalogue, schema=tmp_path / "s.yaml").findings
    assert [each.code for each in found] == ["X712"]
    assert "0140" not in found[0].message
    assert "***" in found[0].message


@pytest.mark.parametrize(
    ("awaited", "cell"),
    [
        ("{c: hai}", ["hai", "", "", "", ""]),
        ("{d: Có}", ["", "Có", "", "", ""]),
        ("{d: true}", ["", "Có", "", "", ""]),
        ("{d: Không}", ["", "Không", "", "", ""]),
        ("{e: 1.5}", ["", "", "1,5", "", ""]),
        ("{f: 2026-01-31}", ["", "", "", "31/01/2026", ""]),
    ],
)
def test_a_value_is_awaited_as_its_column_is_read(
    tmp_path: Path, catalogue: Catalogue, awaited: str, cell: list[str]
) -> None:
    schema = tmp_path / "s.yaml"
    rule = f"quy_tac:\n  - {{ma: R1, cot: x, phep: required_if, voi: {awaited}}}\n"
    schema.write_text(KINDS + rule, "utf-8")
    rows = [["x", *"cdefg"], ["", *cell], ["có", *cell], ["", "một", "", "2", "", ""]]
    found = check(text(tmp_path / "a.csv", rows), catalogue, schema=schema).findings
    assert [(each.code, each.row) for each in found] == [("X712", 2)]


def test_days_are_told_as_officials_write_them(tmp_path: Path, catalogue: Catalogue) -> None:
    schema = tmp_path / "s.yaml"
    day = KINDS.replace("G, type: date", "G, type: date, constraints: {minimum: 2026-01-01}")
    schema.write_text(day + "quy_tac:\n  - {ma: R1, cot: f, phep: '<=', voi: g}\n", "utf-8")
    rows = [["x", *"cdefg"], ["1", "", "", "", "05/03/2026", "31/12/2025"]]
    found = check(text(tmp_path / "a.csv", rows), catalogue, schema=schema).findings
    assert [each.message for each in found] == [
        "“F” là 05/03/2026, phải ≤ “G” (31/12/2025) (R1).",
        "31/12/2025 nhỏ hơn mức thấp nhất 01/01/2026.",
    ]


def test_what_a_rule_says_of_personal_columns(tmp_path: Path, catalogue: Catalogue) -> None:
    """The row, the relation and the rule are shown; no figure of the person and no sum of them."""
    schema = tmp_path / "s.yaml"
    personal = "type: number, du_lieu_ca_nhan: true"
    schema.write_text(
        f"fields:\n  - {{name: a, title: A, {personal}}}\n  - {{name: b, title: B, {personal}}}\n"
        "  - {name: c, title: C, type: number}\n"
        "  - {name: d, title: D, du_lieu_ca_nhan: true, constraints: {unique: true}}\n"
        "primaryKey: a\nquy_tac:\n"
        "  - {ma: R1, cot: a, phep: '<=', voi: b}\n  - {ma: R2, cot: c, phep: sum, voi: [a, b]}\n",
        "utf-8",
    )
    rows = [["a", "b", "c", "d"], ["61", "52", "40", "K"], ["61", "99", "160", "K"]]
    found = check(text(tmp_path / "a.csv", rows), catalogue, schema=schema).findings
    assert [(each.code, each.message) for each in found] == [
        ("X710", "“A” là ***, phải ≤ “B” (***) (R1)."),
        ("X711", "“C” là ***, tổng các phần là ***, lệch *** (R2)."),
        ("X701", "Dòng này trùng khóa với dòng 2: ***."),
        ("X702", "“***” ở cột “D” đã có ở dòng 2; cột này không được lặp."),
    ]


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        ("ma,ten,min,max\nG1,Một,0,10\n", True),
        ("\ufeffma;ten;min;max\r\nG1;Một;0;10\r\n", True),
        ("ma,ten,min,max\nG1,Một,10,0\n", False),
        ("ma,ten,min,max\nG1,Một,nan,0\n", False),
        ("ma;ten;min;max\nG1;Một;0,5;10\n", False),
    ],
)
def test_a_code_list_as_spreadsheets_save_it(
    tmp_path: Path, catalogue: Catalogue, body: str, *, valid: bool
) -> None:
    schema = tmp_path / "s.yaml"
    schema.write_text(
        "fields:\n  - {name: ma, danh_muc: ma.csv}\n  - {name: so, type: number}\n"
        "quy_tac:\n  - {ma: R1, cot: so, phep: range_by, voi: ma}\n",
        "utf-8",
    )
    (tmp_path / "ma.csv").write_text(body, "utf-8")
    path = text(tmp_path / "a.csv", [["ma", "so"], ["G1", "11"]])
    if not valid:
        with pytest.raises(IocslError, match="row 2 of the code list"):
            check(path, catalogue, schema=schema)
        return
    found = check(path, catalogue, schema=schema).findings
    assert [(each.code, each.row) for each in found] == [("X714", 2)]
