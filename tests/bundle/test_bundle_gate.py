"""What is held back before anyone signs: marks of secrecy, personal data that is not declared."""

from __future__ import annotations

import struct
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attached as made
import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment

from iocsl.bundle.gate import check_gate, declares_personal
from iocsl.catalog import Catalogue
from iocsl.catalog.schema import SchemaField
from iocsl.cli import main
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.validate.personal import Column, column_of, kind_of
from iocsl.validate.secrecy_marks import is_mark, mark_in_name

SAID = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}
HEAD = ("ma_chi_tieu", "ky_bao_cao", "gia_tri")
ROW = ("KDL-M-016.001", "2026-10", "912345678")
CITIZEN, MOBILE, MAIL = "014199000123", "0912345678", "nguyen.van.a@example.vn"


def spread(text: str) -> str:
    return " ".join(text)


@pytest.mark.parametrize("mark", ["MẬT", "TỐI MẬT", "TUYỆT MẬT"])
@pytest.mark.parametrize(
    "changed",
    [
        str,
        str.lower,
        str.title,
        spread,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: f"  {text}\n".replace(" ", "\u00a0"),
        lambda text: f"({text})",
        lambda text: f"Độ mật: {text}",
        lambda text: f"{text} - HỎA TỐC",
        lambda text: f"Thượng khẩn / {text}",
        lambda text: f"\u200b{text}",
    ],
)
def test_a_mark_is_one_in_every_shape(mark: str, changed: Callable[[str], str]) -> None:
    assert is_mark(changed(mark))


@pytest.mark.parametrize(
    "text", ["MẬT ĐỘ DÂN SỐ", "Mật ong", "Độ mật", "bí mật", "MAT", "", "Mất", "Mật khẩu"]
)
def test_ordinary_words_pass(text: str) -> None:
    assert not is_mark(text)
    assert not mark_in_name(text)


@pytest.mark.parametrize(
    "name",
    [
        "MẬT",
        "mật_KDL-M-016",
        "KDL-M-016 (Mật)",
        "so-lieu-MẬT",
        "Báo cáo tối mật quý 3",
        "a_TUYỆT_MẬT",
    ],
)
def test_a_name_bears_a_mark(name: str) -> None:
    assert mark_in_name(name)
    assert mark_in_name(unicodedata.normalize("NFD", name))


@pytest.mark.parametrize("name", ["mật_độ_dân_số", "Mật-ong", "bảo_mật", "KDL-M-016_2026-10"])
def test_a_name_of_ordinary_words_passes(name: str) -> None:
    assert not mark_in_name(name)


@pytest.mark.parametrize(
    ("cell", "heading", "kind"),
    [
        (CITIZEN, "Ghi chú", "cccd"),
        ("ông A, 014 199 000 123", "", "cccd"),
        ("CMND 123456789", "Ghi chú", "cccd"),
        (123456789.0, "Số CMND", "cccd"),
        (MOBILE, "Ghi chú", "dien_thoai"),
        ("gọi +84 912 345 678", "", "dien_thoai"),
        ("0912.345.678", "", "dien_thoai"),
        (912345678.0, "Số điện thoại", "dien_thoai"),
        ("0212 3 852 123", "Điện thoại", "dien_thoai"),
        ("ĐT: 024 3825 1234", "Ghi chú", "dien_thoai"),
        ("7912345678", "Mã số BHXH", "bhxh"),
        ("STK: 1234 5678 9012", "Ghi chú", "tai_khoan"),
        ("19001234567890", "Số tài khoản ngân hàng", "tai_khoan"),
        (MAIL, "", "email"),
    ],
)
def test_personal_data_are_found(cell: Any, heading: str, kind: str) -> None:
    assert kind_of(cell, column_of(None, heading)) == kind


@pytest.mark.parametrize(
    ("cell", "heading"),
    [
        (912345678.0, "Giá trị"),
        ("123456789", "Ghi chú"),
        ("1.912.345.678", ""),
        ("03.04.2026 10:30", ""),
        ("0312345678", "Mã số thuế"),
        ("7912345678", "Tiền thu BHXH (đồng)"),
        ("2021-05-03", "Ngày cấp CCCD"),
        ("1250", "Số tài khoản mở mới"),
        ("1234567890", "DT (m2)"),
        ("202610011230", ""),
        ("KDL-M-016.001", ""),
        ("số 45/2026/QĐ-UBND", ""),
    ],
)
def test_ordinary_figures_pass(cell: Any, heading: str) -> None:
    assert kind_of(cell, column_of(None, heading)) is None


def test_what_is_declared_passes() -> None:
    figures = column_of(SchemaField("gia_tri", "Giá trị", "number"), "Giá trị")
    assert kind_of(MOBILE, figures) is None
    assert kind_of(MOBILE, Column()) == "dien_thoai"
    tax = column_of(SchemaField("mst", "Mã", "string", format="mst"), "Mã")
    assert kind_of("0312345678", tax) is None
    assert column_of(SchemaField("cccd", "CCCD", personal=True), "CCCD").declared


def book(folder: Path, change: Callable[[Workbook], Any], name: str = "a.xlsx") -> Path:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["BÁO CÁO"])
    sheet.append(HEAD)
    sheet.append(ROW)
    change(made)
    path = folder / name
    made.save(path)
    return path


def refused(catalogue: Catalogue, *files: Path, attached: tuple[Path, ...] = ()) -> IocslError:
    with pytest.raises(IocslError) as caught:
        check_gate(files, attached, catalogue, SAID)
    assert (caught.value.code, caught.value.exit_code) == ("data-gate", ExitCode.GATE)
    return caught.value


def cell(address: str, value: str) -> Callable[[Workbook], Any]:
    def change(made: Workbook) -> None:
        made.worksheets[0][address] = value

    return change


def noted(text: str) -> Callable[[Workbook], Any]:
    return lambda made: setattr(made.worksheets[0]["B3"], "comment", Comment(text, "cán bộ"))


def header(made: Workbook) -> None:
    part = made.worksheets[0].oddHeader.right  # type: ignore[union-attr] # there from the start
    part.text, part.font, part.size = "MẬT", "Times New Roman,Bold", 14


def footer(made: Workbook) -> None:
    part = made.worksheets[0].evenFooter.center  # type: ignore[union-attr] # there from the start
    part.text = "Trang &P\nTối mật"


def hidden_sheet(made: Workbook) -> None:
    made.create_sheet("an").append(["x", "MẬT"])
    made["an"].sheet_state = "hidden"


def prop(name: str, value: str) -> Callable[[Workbook], Any]:
    return lambda made: setattr(made.properties, name, value)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (cell("A1", "TỐI MẬT"), "!A1"),
        (cell("A1", "BÍ MẬT NHÀ NƯỚC - ĐỘ TỐI MẬT"), "!A1"),
        (cell("A1", "BÁO CÁO GIÁ (MẬT)"), "!A1"),
        (cell("D9", unicodedata.normalize("NFD", "mật")), "!D9"),
        (cell("C2", "MẬT"), "!C2"),
        (header, "page header"),
        (footer, "page header"),
        (hidden_sheet, "“an”!B1"),
        (lambda made: made.create_sheet("MẬT"), "sheet's name"),
        (noted("Tối mật"), "a note on a cell"),
        (noted("cán bộ:\nMẬT"), "a note on a cell"),
        *(
            (prop(name, "Mật"), "document property")
            for name in ("title", "subject", "keywords", "category", "description")
        ),
    ],
)
def test_a_marked_workbook_is_held(
    tmp_path: Path, catalogue: Catalogue, change: Callable[[Workbook], Any], place: str
) -> None:
    error = refused(catalogue, book(tmp_path, change))
    assert place in error.message.en
    assert "MẬT" in error.message.vi


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        cell("A1", "MẬT ĐỘ DÂN SỐ"),
        cell("D9", "Mật ong"),
        prop("title", "Mật độ dân số"),
        lambda made: setattr(made.worksheets[0].oddHeader.center, "text", "Mật độ dân số"),
    ],
)
def test_an_ordinary_workbook_passes(
    tmp_path: Path, catalogue: Catalogue, change: Callable[[Workbook], Any]
) -> None:
    check_gate([book(tmp_path, change)], [], catalogue, SAID)


def test_names_of_files_and_attachments(tmp_path: Path, catalogue: Catalogue) -> None:
    good = book(tmp_path, lambda _: None)
    other = tmp_path / "cong-van_MẬT.pdf"
    other.write_bytes(b"%PDF-1.7")
    assert "file name" in refused(catalogue, good, attached=(other,)).message.en
    assert "file name" in refused(catalogue, book(tmp_path, lambda _: None, "Mật.xlsx")).message.en
    marked = book(tmp_path, prop("subject", "Tuyệt mật"), "kem.xlsx")
    assert "property" in refused(catalogue, good, attached=(marked,)).message.en


@pytest.mark.parametrize("value", [CITIZEN, MOBILE, MAIL, "STK 123456789012"])
@pytest.mark.parametrize("address", ["A1", "D3", "B20"])
def test_personal_data_are_held_and_not_said(
    tmp_path: Path, catalogue: Catalogue, value: str, address: str
) -> None:
    error = refused(catalogue, book(tmp_path, cell(address, value)))
    said = [error.message.vi, error.message.en, *(error.hint or ())]
    assert f"!{address}" in error.message.vi
    assert not any(value in each or value[:9] in each for each in said if isinstance(each, str))


def test_a_text_file_is_told_by_line(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "KDL-M-016_2026-10.csv"
    rows = [",".join([*HEAD, "lien_he"]), *[",".join([*ROW, MOBILE])] * 3]
    path.write_text("\r\n".join(rows), encoding="utf-8")
    message = refused(catalogue, path).message
    assert "dòng 2, cột thứ 4: số điện thoại (3 ô)" in message.vi
    assert "line 2, column 4: a phone number (3 cells)" in message.en


def test_declared_columns_pass_and_others_beside_them_do_not(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    (code,) = [each.code for each in catalogue.datasets() if each.schema == "khai_sinh"][:1]
    schema = catalogue.schema("khai_sinh")
    declared = [each["name"] for each in schema["fields"] if each.get("du_lieu_ca_nhan")]
    head = [each["name"] for each in schema["fields"]]
    said = {"dataset": code, "unit": None, "period": None}
    path = tmp_path / "so.csv"
    cells = [CITIZEN if name in declared else "" for name in head]
    path.write_text(",".join(head) + "\r\n" + ",".join(cells) + "\r\n", encoding="utf-8")
    check_gate([path], [], catalogue, said)
    assert declares_personal(catalogue, code)
    assert not declares_personal(catalogue, "KDL-M-016")
    cells = [*cells, CITIZEN]
    path.write_text(",".join([*head, "khac"]) + "\r\n" + ",".join(cells), encoding="utf-8")
    with pytest.raises(IocslError) as caught:
        check_gate([path], [], catalogue, said)
    assert f"cột thứ {len(cells)}" in caught.value.message.vi


@pytest.mark.parametrize(
    "text", ["M\u00cbT", "m\u00cbt", "T\u00e8i M\u00cbT", "MA\u00c4T", "TUYE\u00c4T MA\u00c4T"]
)
def test_a_mark_typed_with_fonts_of_old_days(text: str) -> None:
    """As .VnTime (TCVN3) and VNI write MẬT; spread letters count too."""
    assert is_mark(text)
    assert is_mark(spread(text))


@pytest.mark.parametrize("text", ["\u00cb", "M\u00cb \u00ae\u00e9", "BA\u00c4T", "Ë MA", "TËM"])
def test_other_words_of_old_fonts_pass(text: str) -> None:
    assert not is_mark(text)


def summary(text: str, *, wide: bool = False) -> bytes:
    """A property set that holds a title ([MS-OLEPS])."""
    raw = (text + "\0").encode("utf-16-le" if wide else "cp1258")
    value = struct.pack("<II", 0x1F if wide else 0x1E, len(text) + 1 if wide else len(raw)) + raw
    page = struct.pack("<IHH", 2, 1258, 0)
    table = struct.pack("<IIII", 1, 24, 2, 24 + len(page))
    section = struct.pack("<II", 24 + len(page) + len(value), 2) + table + page + value
    return struct.pack("<HHI16sI16sI", 0xFFFE, 0, 0, b"", 1, b"", 48) + section


STAMP = ("\ufeff" + "MẬT").encode("utf-16-be").hex()
MARKED: dict[str, Callable[[], bytes]] = {
    "a.doc": lambda: made.ole({"WordDocument": made.word("Kính gửi", "TỐI MẬT", "Nội dung")}),
    "b.doc": lambda: made.ole({"WordDocument": bytes(513) + "\rMẬT\r".encode("utf-16-le")}),
    "c.doc": lambda: made.ole({"WordDocument": bytes(512) + b"\rM\xcbT\r"}),
    "d.doc": lambda: made.ole(
        {"WordDocument": made.word("x"), "\x05SummaryInformation": summary("Mâ\u0323t")}
    ),
    "e.doc": lambda: made.ole(
        {"WordDocument": made.word("x"), "\x05SummaryInformation": summary("Mật", wide=True)}
    ),
    "a.xls": lambda: made.xls(header="&C&14MẬT"),
    "b.xls": lambda: made.xls(("Số liệu", "Tối mật")),
    "c.xls": lambda: made.ole(
        {
            "Workbook": made.record(0x1B6, bytes(18))
            + made.record(0x3C, b"\x01" + "MẬT".encode("utf-16-le"))
        }
    ),
    "a.docx": lambda: made.docx("Kính gửi", "MẬT"),
    "a.xlsx": lambda: made.xlsx(("x", "y"), ("1", "TUYỆT MẬT")),
    "a.csv": "x,y\r\n1,Mật\r\n".encode,
    "a.pdf": lambda: made.pdf("ỦY BAN NHÂN DÂN", "M Ậ T", "Nội dung"),
    "b.pdf": lambda: made.pdf("x", title="Báo cáo (MẬT)"),
    "c.pdf": lambda: made.pdf("x", page=f"/Annots[<</Subtype/Stamp/Contents<{STAMP}>>>]"),
    "a.txt": lambda: "Kính gửi\r\nMẬT\r\n".encode("utf-16"),
    "b.txt": lambda: b"Kinh gui\nM\xcbT\n",
    "c.txt": lambda: unicodedata.normalize("NFD", "x\nTối mật\n").encode(),
    "a.zip": lambda: made.zipped({"van-ban/a.docx": made.docx("MẬT")}),
    "b.zip": lambda: made.zipped({"b.zip": made.zipped({"MẬT_a.txt": b"x"})}),
}


@pytest.mark.parametrize("name", MARKED)
def test_a_marked_attachment_is_held(tmp_path: Path, catalogue: Catalogue, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(MARKED[name]())
    good = book(tmp_path, lambda _: None, "so-lieu.xlsx")
    assert f"“{name}" in refused(catalogue, good, attached=(path,)).message.vi


ORDINARY: dict[str, Callable[[], bytes]] = {
    "a.doc": lambda: made.ole(
        {
            "WordDocument": made.word("MẬT ĐỘ DÂN SỐ"),
            "\x05SummaryInformation": summary("Mật độ", wide=True),
        }
    ),
    "a.xls": lambda: made.xls(("Mật ong", 1), header="&CMật độ"),
    "a.docx": lambda: made.docx("Mật độ dân số"),
    "a.xlsx": lambda: made.xlsx(("Sản phẩm", "Mật ong"), ("Số điện thoại đã cấp", 1234)),
    "a.csv": "Bảo mật,Số\r\nMật khẩu,12\r\n".encode,
    "a.pdf": lambda: made.pdf("Mật độ dân số", title="Mật ong"),
    "a.txt": "Mật ong\r\n".encode,
    "a.zip": lambda: made.zipped({"a.docx": made.docx("Mật ong"), "b.png": made.PNG}),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_attachment_passes(tmp_path: Path, catalogue: Catalogue, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(ORDINARY[name]())
    check_gate([book(tmp_path, lambda _: None, "so-lieu.xlsx")], [path], catalogue, SAID)


PERSONAL_ATTACHED: dict[str, Callable[[], bytes]] = {
    "a.xlsx": lambda: made.xlsx(("Danh sách",), ("Họ tên", "Số"), ("A", CITIZEN)),
    "b.xlsx": lambda: made.xlsx(("Họ tên", "Số tài khoản"), ("A", "0123456789")),
    "a.xls": lambda: made.xls(("Họ tên", "Liên hệ"), ("A", MAIL)),
    "a.csv": f"ten;dien thoai\r\nA;{MOBILE}\r\n".encode,
    "a.zip": lambda: made.zipped({"trong/a.csv": f"ten,so\r\nA,{CITIZEN}\r\n".encode()}),
}


@pytest.mark.parametrize("name", PERSONAL_ATTACHED)
def test_personal_data_in_attached_workbooks_are_held(
    tmp_path: Path, catalogue: Catalogue, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(PERSONAL_ATTACHED[name]())
    error = refused(catalogue, book(tmp_path, lambda _: None, "so.xlsx"), attached=(path,))
    assert f"“{name}" in error.message.vi
    assert not any(value in str(error.message) for value in (CITIZEN, MOBILE, MAIL, "0123456789"))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_attachment_is_left_to_others(
    tmp_path: Path, catalogue: Catalogue, method: int
) -> None:
    path = tmp_path / "kem.docx"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("docProps/core.xml", "<title>" + "số liệu " * 500 + "</title>")
    content = bytearray(path.read_bytes())
    content[60:90] = bytes(30)
    path.write_bytes(content)
    check_gate([book(tmp_path, lambda _: None)], [path], catalogue, SAID)


def test_what_cannot_be_read_is_left_to_the_check(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "hong.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 50)
    check_gate([path], [], catalogue, SAID)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_command_signs_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "KDL-M-016_2026-10.csv").write_text(
        f"{','.join(HEAD)},ghi_chu\r\n{','.join(ROW)},{MAIL}\r\n", encoding="utf-8"
    )
    command = ["bundle", "create", "KDL-M-016_2026-10.csv", "--unit", "CQ-TC", "--khong-mat"]
    assert main(["--lang", language, *command, "--key", "khong-mo.p12", "-o", "goi.asice"]) == 7
    shown = capsys.readouterr()
    assert {"vi": "dữ liệu cá nhân", "en": "personal data"}[language] in shown.err
    assert MAIL not in shown.out + shown.err
    assert not (tmp_path / "goi.asice").exists()
    kept = [path.read_bytes() for path in (tmp_path / "nha").rglob("*") if path.is_file()]
    assert not any(MAIL.encode() in content for content in kept)
