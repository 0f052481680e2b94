"""Writes the `ok` and `bad` file of every rule; run it after changing a case.

    python tests/rules/make_samples.py

Each folder is named by a rule. `options.json` holds what the caller says of both files, and
`schema.yaml`, where it is there, is the schema they are checked against. The files are committed,
so that a changed reader meets the same bytes.
"""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

HERE = Path(__file__).parent
GOODS = HERE.parent.parent / "catalog" / "chi_tieu" / "KDL-M-016.yaml"
HEAD = ["Mã chỉ tiêu", "Tên chỉ tiêu", "Đơn vị tính", "Kỳ báo cáo", "Địa bàn", "Giá trị", "Ghi chú"]
PRICES = {"dataset": "KDL-M-016", "unit": "CQ-TC", "period": "2026-10"}
Rows = list[list[Any]]


def goods() -> Rows:
    """A row for every indicator of the dataset, as a careful officer fills it in."""
    lines = GOODS.read_text("utf-8").splitlines()
    codes = [line.split(": ", 1)[1] for line in lines if line.startswith("  - ma: ")]
    names = [line.split(": ", 1)[1] for line in lines if line.startswith("    ten: ")]
    units = [line.split(": ", 1)[1] for line in lines if line.startswith("    don_vi_tinh: ")]
    return [
        [code, name, unit, "2026-10", "14", f"{at}.500", ""]
        for at, (code, name, unit) in enumerate(zip(codes, names, units, strict=True), 12)
    ]


def changed(row: int, column: str, value: Any) -> Rows:
    rows = goods()
    rows[row][HEAD.index(column)] = value
    return rows


def csv_bytes(rows: Sequence[Sequence[Any]], head: Sequence[str] | None = HEAD) -> bytes:
    lines = [*([head] if head else []), *rows]
    return "".join(";".join(str(cell) for cell in line) + "\r\n" for line in lines).encode()


def xlsx_bytes(
    rows: Sequence[Sequence[Any]],
    head: Sequence[Any] = HEAD,
    info: dict[str, str] | None = None,
    shape: Any = None,
) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Du_lieu"
    for line in (head, *rows):
        sheet.append(list(line))
    if info:
        about = book.create_sheet("Thong_tin")
        for pair in info.items():
            about.append(list(pair))
    if shape:
        shape(book)
    stream = io.BytesIO()
    book.save(stream)
    return steady(stream.getvalue())


def steady(packed: bytes) -> bytes:
    """The same archive without the time of its making, so that a second run changes nothing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            body = old.read(info)
            if info.filename == "docProps/core.xml":
                continue
            if info.filename == "[Content_Types].xml":
                start = body.index(b'<Override PartName="/docProps/core.xml"')
                body = body[:start] + body[body.index(b"/>", start) + 2 :]
            if info.filename == "_rels/.rels":
                start = body.find(
                    b'<Relationship Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"'
                )
                if start >= 0:
                    end = body.index(b"/>", start) + 2
                    body = body[:start] + body[end:]
            fixed = zipfile.ZipInfo(info.filename, (2026, 11, 22, 8, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, body)
    return stream.getvalue()


def with_part(packed: bytes, name: str, change: Any) -> bytes:
    """A workbook with one part rewritten by `change`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            body = old.read(info)
            new.writestr(info, change(body) if info.filename == name else body)
    return stream.getvalue()


def put(
    code: str, ok: tuple[str, bytes], bad: tuple[str, bytes], *, schema: str = "", **said: Any
) -> None:
    folder = HERE / code
    folder.mkdir(exist_ok=True)
    kept = ("history/*", "beside/*", "*.*", "*-history-lost")
    for old in [each for pattern in kept for each in folder.glob(pattern)]:
        old.unlink()
    (folder / ok[0]).write_bytes(ok[1])
    (folder / bad[0]).write_bytes(bad[1])
    options = said if said or schema else PRICES
    (folder / "options.json").write_text(json.dumps(options) + "\n", encoding="utf-8")
    if schema:
        (folder / "schema.yaml").write_text(schema, encoding="utf-8")


def in_formats(code: str, good: Rows, bad: Rows, schema: str, **said: Any) -> None:
    """A case in CSV, XLSX and XML alike. The first row of each holds the keys of the columns."""
    put(
        code,
        ("ok.csv", csv_bytes(good[1:], good[0])),
        ("bad.csv", csv_bytes(bad[1:], bad[0])),
        schema=schema,
        **said,
    )
    for kind, rows in (("ok", good), ("bad", bad)):
        (HERE / code / f"{kind}.xlsx").write_bytes(xlsx_bytes(rows[1:], rows[0]))
        (HERE / code / f"{kind}.xml").write_bytes(xml_bytes(rows[1:], rows[0]))


OK_CSV = ("ok.csv", csv_bytes(goods()))
OK_XLSX = ("ok.xlsx", xlsx_bytes(goods()))


def files() -> None:
    packed = OK_XLSX[1]
    put("F101", OK_CSV, ("bad.csv", b""))
    put("F102", OK_XLSX, ("bad.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"))
    put("F103", OK_CSV, ("bad.xlsx", OK_CSV[1]))
    # A workbook really encrypted (ECMA-376, agile); nothing here can write one, so it is kept.
    put("F104", OK_XLSX, ("bad.xlsx", (HERE / "F104" / "bad.xlsx").read_bytes()))
    put("F105", OK_XLSX, ("~$bad.xlsx", b"\x05Nga B\0" + bytes(158)))
    put("F106", OK_XLSX, ("bad.xlsx", packed[: len(packed) // 2]))
    far = xlsx_bytes([], ["Mã chỉ tiêu"], shape=lambda book: book.active.cell(1048576, 16384, 1))
    put("F107", OK_XLSX, ("bad.xlsx", far))
    doctype = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY e SYSTEM "file:///etc/hostname">]><b><d><gia_tri>&e;</gia_tri></d></b>'
    put("F108", ("ok.xml", xml_bytes(goods()[:3])), ("bad.xml", doctype))
    put("F109", OK_CSV, ("bad.csv", OK_CSV[1][:200] + bytes(40)))
    latin = (
        "Mã;Đơn giá\ncafé;1\nnaïve;2\ngarçon;3\n".replace("ã", "a")
        .replace("Đ", "D")
        .replace("ơ", "o")
        .replace("á", "a")
    )
    put("F110", OK_CSV, ("bad.csv", latin.encode("latin-1")))
    put("F111", OK_CSV, ("bad.csv", OK_CSV[1].decode().encode("utf-16")))
    put("F112", OK_CSV, ("bad.csv", OK_CSV[1] + b'"' + b"x" * (1 << 17) + b'x";1\r\n'))
    put("F113", OK_CSV, ("bad.csv", OK_CSV[1] + b'KDL-M-016.001;"Th\r\n'))


KEYS = [
    "ma_chi_tieu",
    "ten_chi_tieu",
    "don_vi_tinh",
    "ky_bao_cao",
    "dia_ban",
    "gia_tri",
    "ghi_chu",
]


def xml_bytes(rows: Rows, keys: Sequence[str] = KEYS) -> bytes:
    body = "".join(
        "<dong>"
        + "".join(f"<{key}>{cell}</{key}>" for key, cell in zip(keys, row, strict=True))
        + "</dong>\n"
        for row in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<bieu>\n{body}</bieu>\n'.encode()


def other_sheets() -> None:
    rows = goods()

    def sheet_of(below: Rows) -> Any:
        def add(book: Workbook) -> None:
            further = book.create_sheet("Trang_2")
            for row in below:
                further.append(row)

        return add

    put("S224", OK_XLSX, ("bad.xlsx", xlsx_bytes(rows[:20], shape=sheet_of(rows[20:]))))
    work = [["Chợ", "Ngày lấy giá"], ["Chợ Chiềng Lề", "05/10/2026"], ["Chợ 7/11", "06/10/2026"]]
    put("S225", OK_XLSX, ("bad.xlsx", xlsx_bytes(rows, shape=sheet_of(work))))


def structure() -> None:
    put("S201", OK_CSV, ("bad.csv", csv_bytes(goods(), None)))
    rows = goods()
    without = [[*row[:5], row[6]] for row in rows]
    put("S202", OK_CSV, ("bad.csv", csv_bytes(without, [*HEAD[:5], HEAD[6]])))
    put(
        "S203",
        ("ok.csv", csv_bytes([[n, *row] for n, row in enumerate(rows, 1)], ["STT", *HEAD])),
        ("bad.csv", csv_bytes([[*row, "x"] for row in rows], [*HEAD, "Màu sắc"])),
    )
    exact = ONE + "    type: string\nfieldsMatch: exact\n"
    put("S222", ("ok.csv", b"ma;x\r\n1;a\r\n"), ("bad.csv", b"x;ma\r\na;1\r\n"), schema=exact)
    put(
        "S204", OK_CSV, ("bad.csv", csv_bytes([[*row, row[5]] for row in rows], [*HEAD, "gia_tri"]))
    )
    put("S205", OK_CSV, ("bad.csv", csv_bytes(rows, [*HEAD[:5], "Giá trị số", HEAD[6]])))

    def hide(book: Workbook) -> None:
        book["Du_lieu"].row_dimensions[5].hidden = True

    put("S206", OK_XLSX, ("bad.xlsx", xlsx_bytes(rows, shape=hide)))

    def hide_sheet(book: Workbook) -> None:
        old = book.create_sheet("Ky_truoc")
        old.append(HEAD)
        old.sheet_state = "hidden"

    put("S207", OK_XLSX, ("bad.xlsx", xlsx_bytes(rows, shape=hide_sheet)))
    put(
        "S208",
        OK_CSV,
        ("bad.csv", csv_bytes([*rows, ["", "Tổng cộng", "", "", "", "999.000", ""]])),
    )
    put("S214", OK_CSV, ("bad.csv", csv_bytes([["", "I. Lương thực", *[""] * 5], *rows])))
    put("S209", OK_CSV, ("bad.csv", csv_bytes([])))
    put("S210", OK_CSV, ("bad.csv", csv_bytes([*rows[:-1], [*rows[-1], "thừa"]])))
    beside = xlsx_bytes([[*one, *one] for one in rows], [*HEAD, *HEAD])
    put("S211", OK_XLSX, ("bad.xlsx", beside))
    measured = "fields:\n  - {name: thu, title: Thu, type: number, don_vi_do: nghìn đồng}\n"
    measured += "  - {name: xa, title: Xã}\n"
    wrong = ("bad.csv", csv_bytes([["1", "A"]], ["Thu (triệu đồng)", "Xã"]))
    right = ("ok.csv", csv_bytes([["1", "A"]], ["Thu (1.000 đồng)", "Xã"]))
    put("S213", right, wrong, schema=measured)
    blank = ["", "", "", "", "", "", ""]
    summary = [["Tên mặt hàng", "Giá cao nhất", *blank[2:]], ["Gạo nếp", "35.000", *blank[2:]]]
    put("S216", OK_CSV, ("bad.csv", csv_bytes([*rows, blank, *summary])))

    def merge(area: str) -> Any:
        return lambda book: book["Du_lieu"].merge_cells(area)

    put("S217", OK_XLSX, ("bad.xlsx", xlsx_bytes(rows, shape=merge("D2:D5"))))
    figures = "fields:\n  - {name: xa, title: Xã}\n  - {name: thu, title: Thu, type: number}\n"
    sums = [["A", 1], ["B", 2], ["C", 3]]
    apart = ("ok.xlsx", xlsx_bytes(sums, ["Xã", "Thu"]))
    together = ("bad.xlsx", xlsx_bytes(sums, ["Xã", "Thu"], shape=merge("B2:B4")))
    put("S218", apart, together, schema=figures)
    records = [["G-01", "Giếng khoan", "14", "", "", ""], ["G-02", "Giếng đào", "14", "", "", ""]]
    of_records = ["Mã bản ghi", "Tên bản ghi", "Địa bàn", "Ngày phát sinh", "Ngày cập nhật"]
    put("S220", OK_CSV, ("bad.csv", csv_bytes(records, [*of_records, "Ghi chú"])))
    records_of = xml_bytes(goods())
    unlike = "".join(f"<phu_luc><loai>{at}</loai><so>{at}</so></phu_luc>\n" for at in range(2))
    whole = records_of.replace(b"</bieu>", unlike.encode() + b"</bieu>")
    put("S221", ("ok.xml", records_of), ("bad.xml", whole))
    put("S212", OK_CSV, ("bad.csv", csv_bytes([[one[0], "", *one[1:-1]] for one in rows])))


def broken_off() -> None:
    names = [f"c{at}" for at in range(1, 51)]
    fields = "".join(f"  - {{name: {each}, type: integer}}\n" for each in names)
    good, bad = csv_bytes([["1"] * 50] * 2, names), csv_bytes([["x"] * 50] * 4_001, names)
    put("S219", ("ok.csv", good), ("bad.csv", bad), schema=f"name: bieu\nfields:\n{fields}")


ONE = """\
name: mot
fields:
  - name: ma
    title: Mã
    type: string
    constraints: {required: true}
  - name: x
    title: Cột X
"""


def typed(code: str, about: str, good: str, bad: str) -> None:
    """A case of one column `x` declared by the lines `about`."""
    schema = ONE + indented(about)
    put(
        code,
        ("ok.csv", f"ma;x\r\n1;{good}\r\n".encode()),
        ("bad.csv", f"ma;x\r\n1;{bad}\r\n".encode()),
        schema=schema,
    )


def indented(about: str) -> str:
    return "".join(f"    {line}\n" for line in about.splitlines())


NUMBER = 'type: number\ndecimalChar: ","\ngroupChar: "."'


def values() -> None:
    typed("V401", "type: string\nconstraints: {required: true}", "có", "")
    typed("V402", NUMBER, "-1.234,5", "khoảng 12")
    typed("V403", NUMBER, "8,5", "1.5")
    typed("V404", "type: number", "85", "8.5")
    typed("V405", "type: date", "29/02/2028", "30/02/2026")
    typed("V406", "type: integer\n" + NUMBER.partition("\n")[2], "1.200", "1.200,5")
    typed("V407", "type: string\nconstraints: {enum: [so_bo, chinh_thuc]}", "so_bo", "sơ bộ")
    typed("V408", NUMBER + "\nconstraints: {minimum: 0}", "0", "-1")
    typed("V409", NUMBER + "\nconstraints: {maximum: 100}", "100", "100,1")
    typed("V410", 'type: string\nconstraints: {pattern: "[A-Z][A-Z]-[0-9]+"}', "SL-12", "SL12")
    typed("V411", "type: string\nconstraints: {minLength: 3, maxLength: 5}", "abc", "ab")

    def error(book: Workbook) -> None:
        cell = book["Du_lieu"]["F4"]
        cell.value, cell.data_type = "#DIV/0!", "e"

    def formula(book: Workbook) -> None:
        book["Du_lieu"]["F4"] = "=F2+F3"

    by_comma = [[*one[:5], f"{12 + at},500", *one[6:]] for at, one in enumerate(goods())]
    put("V431", OK_CSV, ("bad.csv", csv_bytes(by_comma)))
    cut = [[*one[:5], "12,5"] for one in goods()[:5]]
    put("V432", OK_CSV, ("bad.csv", csv_bytes(cut).replace(b";", b",")))
    put("V412", OK_XLSX, ("bad.xlsx", xlsx_bytes(goods(), shape=error)))
    put("V413", OK_XLSX, ("bad.xlsx", xlsx_bytes(goods(), shape=formula)))
    share = COMMUNES + "  - {name: ty_le, title: Tỷ lệ hộ nghèo (%), type: integer}\n"
    good = [["xa", "so_ho", "dien_tich", "ty_le"], ["Mường La", "120", "1,5", "85"]]
    in_formats("V421", good, [good[0], [*good[1][:3], "852"]], share)
    typed("V415", "type: boolean\ntrueValues: [Có]\nfalseValues: [Không]", "Có", "rồi")
    typed("V416", "type: yearmonth", "2026-10", "10/2026")
    about = "type: datetime"
    good = [["ma", "x"], ["1", "01/10/2026 08:30:00"], ["2", "2026-10-01T08:30:00+07:00"]]
    in_formats("V423", good, [*good[:2], ["2", "01/10/2026"]], ONE + f"    {about}\n")
    typed("V424", NUMBER + "\nconstraints: {exclusiveMinimum: 0}", "0,1", "0")
    put("V417", OK_XLSX, ("bad.xlsx", xlsx_bytes(changed(2, "Kỳ báo cáo", date(2026, 10, 1)))))
    schema = ONE + "    type: string\n    danh_muc: ma.csv\n"
    put("V414", ("ok.csv", b"ma;x\r\n1;A1\r\n"), ("bad.csv", b"ma;x\r\n1;A9\r\n"), schema=schema)
    (HERE / "V414" / "ma.csv").write_text("ma,ten\nA1,Một\nB2,Hai\n", encoding="utf-8")


def codes() -> None:
    put("C301", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Mã chỉ tiêu", "KDL-M-016.999"))))
    put("C303", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Tên chỉ tiêu", "Xăng RON95-III"))))
    put("C304", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Đơn vị tính", "nghìn đồng/kg"))))
    put("C305", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Địa bàn", "99999"))))
    put("C306", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Mã chỉ tiêu", "KDL-M-017.001"))))
    put(
        "C307",
        ("ok.csv", csv_bytes(changed(3, "Địa bàn", "03646"))),
        ("bad.csv", csv_bytes(changed(3, "Địa bàn", "03649"))),
    )
    put(
        "C308",
        ("ok.xlsx", xlsx_bytes(changed(3, "Địa bàn", "03646"))),
        ("bad.xlsx", xlsx_bytes(changed(3, "Địa bàn", 3646))),
    )
    old = (
        "ma_bo_du_lieu: KDL-M-016\nnguon: thử\nchi_tieu:\n"
        "  - {ma: KDL-M-016.001, ten: Thóc, hieu_luc_den: null, thay_bang: null}\n"
        "  - {ma: KDL-M-016.002, ten: Gạo, hieu_luc_den: 2026-06-30, thay_bang: KDL-M-016.001}\n"
    )
    row = ["KDL-M-016.001", "", "", "2026-10", "14", "5", ""]
    put(
        "C302",
        ("ok.csv", csv_bytes([row])),
        ("bad.csv", csv_bytes([row, ["KDL-M-016.002", *row[1:]]])),
    )
    (HERE / "C302" / "chi_tieu.yaml").write_text(old, encoding="utf-8")
    shares = (
        "ma_bo_du_lieu: KDL-M-016\nnguon: thử\nchi_tieu:\n"
        "  - {ma: KDL-M-016.001, ten: Tỷ lệ hộ nghèo, don_vi_tinh: '%', hieu_luc_den: null,"
        " thay_bang: null}\n"
        "  - {ma: KDL-M-016.002, ten: Tỷ lệ hoàn thành kế hoạch, don_vi_tinh: '%',"
        " hieu_luc_den: null, thay_bang: null}\n"
    )
    figures = [[*row[:5], "85,2", ""], ["KDL-M-016.002", *row[1:5], "120", ""]]
    put(
        "V422",
        ("ok.csv", csv_bytes(figures)),
        ("bad.csv", csv_bytes([[*row[:5], "852", ""], figures[1]])),
    )
    (HERE / "V422" / "chi_tieu.yaml").write_text(shares, encoding="utf-8")

    def in_percent(book: Workbook) -> None:
        for row in (2, 4):
            book["Du_lieu"].cell(row, 2).number_format = "0.00%"

    rates = "fields:\n  - {name: xa, title: Xã}\n"
    rates += "  - {name: ty_le, title: Tỷ lệ, type: number, don_vi_do: '%'}\n"
    typed = [["A", 0.1452], ["B", 14.52], ["C", 0.5]]
    head = ["Xã", "Tỷ lệ"]
    right = ("ok.xlsx", xlsx_bytes(typed, head))
    put("V425", right, ("bad.xlsx", xlsx_bytes(typed, head, shape=in_percent)), schema=rates)
    early = {"dataset": "KDL-M-016", "unit": "CQ-TC"}
    this_month = {"ky_bao_cao": "2026-10"}
    march = [["KDL-M-016.001", "", "", "2026-03", "14", "5", ""]]
    put(
        "C311",
        ("ok.xlsx", xlsx_bytes(goods(), info=this_month)),
        ("bad.xlsx", xlsx_bytes(march, info={"ky_bao_cao": "2026-03"})),
        **early,
    )
    put("C310", OK_CSV, ("bad.csv", csv_bytes(goods()[:-2])))
    theirs = changed(3, "Mã chỉ tiêu", "KDL-M-016.X-CQ-YT-001")
    put("C313", OK_CSV, ("bad.csv", csv_bytes(theirs)))
    (HERE / "C313" / "bad.xlsx").write_bytes(xlsx_bytes(theirs))


def labels() -> None:
    right = {"ma_bo_du_lieu": "KDL-M-016", "don_vi": "CQ-TC", "ky_bao_cao": "2026-10"}
    ok = ("ok.xlsx", xlsx_bytes(goods(), info=right))
    for code, key, other in (
        ("P501", "ma_bo_du_lieu", "KDL-M-017"),
        ("P502", "don_vi", "CQ-YT"),
        ("P503", "ky_bao_cao", "2026-09"),
        ("P504", "ma_bo_du_lieu", "KDL-M-999"),
        ("P505", "ky_bao_cao", "2026-13"),
        ("U602", "don_vi", "Sở Không Có"),
    ):
        put(code, ok, ("bad.xlsx", xlsx_bytes(goods(), info={**right, key: other})))
    old = xlsx_bytes(goods(), info={**right, "phien_ban_mau": "0-00000000"})
    put("P511", ok, ("bad.xlsx", old))
    yearly = {**right, "ky_bao_cao": "2026"}
    said = {"dataset": "KDL-M-016", "unit": "CQ-TC"}
    put("P506", ok, ("bad.xlsx", xlsx_bytes(goods(), info=yearly)), **said)
    put("P507", ok, ("bad.xlsx", xlsx_bytes(goods())), period="2026-10")
    put("P508", ok, ("bad.xlsx", xlsx_bytes(goods())), **said)
    put("P509", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Kỳ báo cáo", "tháng 10"))))
    last = [[*one[:3], "2026-09", *one[4:]] for one in goods()]
    put("P512", OK_CSV, ("bad.csv", csv_bytes(last)))
    put(
        "P510",
        ("ok.csv", csv_bytes(changed(3, "Kỳ báo cáo", "2026-09"))),
        ("bad.csv", csv_bytes(changed(3, "Kỳ báo cáo", "2027-01"))),
    )
    put(
        "P513",
        ("ok.csv", csv_bytes(changed(3, "Kỳ báo cáo", "2021-10"))),
        ("bad.csv", csv_bytes(changed(3, "Kỳ báo cáo", "2006-10"))),
    )
    put(
        "U601",
        ok,
        ("bad.xlsx", xlsx_bytes(goods(), info={**right, "don_vi": "CQ-YT"})),
        dataset="KDL-M-016",
    )
    lost = xlsx_bytes(goods(), info={"ma_bo_du_lieu": "KDL-E-077", "don_vi": "CQ-TC"})
    put("U603", ok, ("bad.xlsx", lost), unit="CQ-TC")
    bare = {"ma_bo_du_lieu": "KDL-M-009", "don_vi": "CQ-XD", "ky_bao_cao": "2026-10"}
    free = [[f"GIA-{at:02d}", *row[1:]] for at, row in enumerate(goods(), 1)]
    put("C309", ok, ("bad.xlsx", xlsx_bytes(free, info=bare)), period="2026-10")


RULED = """\
name: hai
fields:
  - {name: ma, title: Mã, type: string}
  - {name: a, title: Cột A, type: number}
  - {name: b, title: Cột B, type: number}
  - {name: c, title: Cột C, type: number}
"""


def ruled(code: str, rule: str, good: str, bad: str, *, fields: str = RULED) -> None:
    head = "ma;a;b;c"
    schema = f"{fields}quy_tac:\n  - {{ma: R1, {rule}}}\n"
    put(
        code,
        ("ok.csv", f"{head}\r\n{good}\r\n".encode()),
        ("bad.csv", f"{head}\r\n{bad}\r\n".encode()),
        schema=schema,
    )


FIGURES = ["Mã chỉ tiêu", "Kỳ báo cáo", "Giá trị", "Trạng thái số liệu"]


def figures() -> None:
    head = FIGURES
    code = "IOC-21-02.001"
    rows = [
        [code, "2026-Q1", "7,1", "so_bo"],
        [code, "2026-Q2", "7,4", "uoc_tinh"],
        [code, "2026-H1", "7,2", "uoc_tinh"],
    ]
    said = {"dataset": "IOC-21-02", "unit": "D23-21", "period": "2026-H1"}
    ok = ("ok.csv", csv_bytes(rows, head))
    bad = ("bad.csv", csv_bytes([[code, "2026-Q1", "7,1", "uoc_tinh"], *rows[1:]], head))
    put("C312", ok, bad, **said)


def across() -> None:
    rows = goods()
    put("X701", OK_CSV, ("bad.csv", csv_bytes([*rows, [*rows[3][:5], "77.000", ""]])))
    typed("X702", "type: string\nconstraints: {unique: true}", "A\r\n2;B", "A\r\n2;A")
    ruled("X710", 'cot: a, phep: "<=", voi: b', "1;5;5;0", "1;6;5;0")
    ruled("X711", "cot: a, phep: sum, voi: [b, c]", "1;5;2;3", "1;6;2;3")
    ruled("X712", "cot: a, phep: required_if, voi: b", "1;5;2;3", "1;;2;3")
    ruled("S215", 'cot: a, phep: "<=", voi: b', "1;1;2;3", "1;1;2;3")
    (HERE / "S215" / "bad.csv").write_bytes(b"ma;b;c\r\n1;2;3\r\n")
    ruled("X713", "cot: [a, b], phep: unique", "1;5;2;3\r\n2;5;1;3", "1;5;2;3\r\n2;5;2;4")
    fields = RULED.replace(
        "{name: ma, title: Mã, type: string}",
        "{name: ma, title: Mã, type: string, danh_muc: ma.csv}",
    )
    ruled("X714", "cot: a, phep: range_by, voi: ma", "G1;5;2;3", "G1;50;2;3", fields=fields)
    (HERE / "X714" / "ma.csv").write_text(
        "ma,ten,min,max\nG1,Một,0,10\nG2,Hai,0,100\n", encoding="utf-8"
    )
    measured = (
        "name: dat\nfields:\n  - {name: ma, title: Mã, danh_muc: ma.csv}\n"
        "  - {name: don_vi_tinh, title: Đơn vị tính}\n  - {name: so, title: Số, type: number}\n"
    )
    head = ["ma", "don_vi_tinh", "so"]
    rows = [head, ["D1", "hecta", "5"], ["D2", "", "7"], ["D3", "thửa", "9"]]
    in_formats("X715", rows, [*rows, ["D1", "m²", "5"]], measured)
    (HERE / "X715" / "ma.csv").write_text(
        "ma,ten,don_vi_tinh\nD1,Đất lúa,ha\nD2,Đất ở,ha\nD3,Thửa đất,\n", encoding="utf-8"
    )


COMMUNES = """\
name: xa
fields:
  - {name: xa, title: Xã, type: string, constraints: {required: true}}
  - {name: so_ho, title: Số hộ, type: integer}
  - {name: dien_tich, title: Diện tích, type: number, decimalChar: ",", don_vi_do: ha}
"""


def totals() -> None:
    head = ["xa", "so_ho", "dien_tich"]
    rows = [head, ["Mường La", "120", "1,5"], ["Chiềng Lao", "80", "2,5"]]
    keyed = COMMUNES + "primaryKey: xa\n"
    in_formats("X703", rows, [*rows, ["MUONG  LA", "120", "1,5"]], keyed)
    right, wrong = ["Tổng cộng", "200", "4"], ["Tổng cộng", "210", "4"]
    in_formats("X706", [*rows, right], [*rows, wrong], COMMUNES)
    part = ["Trong đó: nghèo", "30", "0,5"]
    in_formats("X707", [*rows, right], [*rows, part, ["Tổng cộng", "200", "4"]], COMMUNES)


def between() -> None:
    rows = goods()
    keys = [[*row[:3], "2026-09", *row[4:]] for row in rows]
    same, other = rows[3], [*rows[3][:5], "77.000", ""]

    def second(shown: Rows) -> bytes:
        def add(book: Workbook) -> None:
            sheet = book.create_sheet("Trang_hai")
            for line in (HEAD, *shown):
                sheet.append(line)

        return xlsx_bytes(rows, shape=add)

    ok = ("ok.xlsx", second(keys))
    put("X704", ok, ("bad.xlsx", second([*keys, other])))
    put("X705", ok, ("bad.xlsx", second([*keys, same])))
    for code, row in (("X708", other), ("X709", same)):
        put(code, ("ok.csv", csv_bytes(keys)), ("bad.csv", csv_bytes([*keys, row])))
        (HERE / code / "ok.xlsx").write_bytes(xlsx_bytes(keys))
        (HERE / code / "bad.xlsx").write_bytes(xlsx_bytes([*keys, row]))
        beside(code, xml_bytes(rows), "xml")
    put("X730", ("ok.csv", csv_bytes(keys)), ("bad.csv", OK_CSV[1]))
    beside("X730", OK_CSV[1], "csv")


def beside(code: str, content: bytes, kind: str) -> None:
    """A file that is checked together with those of the case, before them."""
    folder = HERE / code / "beside"
    folder.mkdir(exist_ok=True)
    (folder / f"truoc.{kind}").write_bytes(content)


def attachments() -> None:
    head = ["xa", "so_ho", "dien_tich"]
    rows = [head, ["Mường La", "120", "1,5"]]
    paper = {"name": "thuyet-minh.pdf", "size": 9000}

    def given(code: str, ok: list[Any], bad: list[Any], also: str = "") -> None:
        said = {"attachments": {"ok": ok, "bad": bad}}
        in_formats(code, rows, rows, COMMUNES + also, **said)

    given("A901", [paper], [], "dinh_kem: true\n")
    given("A902", [paper], [{**paper, "name": "bao-cao.ppt"}])
    given("A903", [paper], [{**paper, "size": 0, "blank": True}])
    given("A904", [paper], [{**paper, "readable": False}])
    named = COMMUNES + "  - {name: tep, title: Tệp, type: string, tep_dinh_kem: true}\n"
    good = [[*head, "tep"], ["Mường La", "120", "1,5", "Anh/THUYET-MINH.pdf"]]
    bad = [good[0], [*good[1][:3], "bien-ban.pdf"]]
    in_formats("A905", good, bad, named, attachments={"ok": [paper], "bad": [paper]})
    said = {"dataset": "IOC-21-02", "unit": "D23-21", "period": "2026-H1"}
    figures = [["IOC-21-02.001", "2026-Q1", "7,1", "so_bo"]]
    form = csv_bytes(figures, FIGURES)
    photo = {"name": "anh.jpg", "size": 9000}
    told = {"ok": [paper, photo], "bad": [photo]}
    put("N904", ("ok.csv", form), ("bad.csv", form), **said, attachments=told)
    wanting = COMMUNES + "dinh_kem: true\n"
    in_formats("A906", rows, rows, wanting, attachments={"ok": [paper], "bad": None})


def vietnamese() -> None:
    def noted(code: str, text: str) -> None:
        ok = ("ok.csv", csv_bytes(changed(3, "Ghi chú", "Điều chỉnh giá tại Sơn La")))
        put(code, ok, ("bad.csv", csv_bytes(changed(3, "Ghi chú", text))))

    noted("L801", unicodedata.normalize("NFD", "Điều chỉnh"))
    noted("L802", "Điều\u200b chỉnh")
    noted("L803", "Ðiều chỉnh")
    noted("L804", "Điều  chỉnh ")
    noted("L805", "§iÒu chØnh")
    noted("L806", "Điều \u0441hỉnh")
    noted("L807", "Hòa Bình và Hoà Bình")
    # UTF-8 as Windows-1252 shows it; five of its bytes are no letters there.
    shown = (
        bytes([each]).decode("latin-1" if each in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "cp1252")
        for each in "Điều chỉnh".encode()
    )
    noted("L808", "".join(shown))


def nil() -> None:
    said = ["", "Không phát sinh", "", "", "", "", ""]
    put("N901", OK_CSV, ("bad.csv", csv_bytes([said])))
    put("N902", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Giá trị", "Không phát sinh"))))
    put("N903", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Giá trị", "không áp dụng"))))


def scale() -> None:
    codes = [row[0] for row in goods()[:6]]
    near = [[code, "", "", "2026-10", "14", f"{n},5", ""] for n, code in enumerate(codes, 1)]
    slipped = [*near[:5], [*near[5][:5], "1.234", ""]]
    put("V419", ("ok.csv", csv_bytes(near)), ("bad.csv", csv_bytes(slipped)))
    months = [[codes[0], "", "", f"2026-0{n}", "14", f"{n}.500", ""] for n in range(1, 6)]
    thousandth = [*months[:4], [*months[4][:5], "2,5", ""]]
    put("V420", ("ok.csv", csv_bytes(months)), ("bad.csv", csv_bytes(thousandth)))
    thu = [["ma", "x"], *([f"Bản {n}", f"1.{n}50"] for n in range(1, 10))]
    in_formats("V433", thu, [*thu[:9], ["Bản 9", "1.950.000"]], ONE + indented(NUMBER))


def earlier(code: str, periods: Sequence[str], made: Any, head: Sequence[str] = HEAD) -> None:
    """The past of a case: a file for each period, its rows given by `made(number, period)`."""
    folder = HERE / code / "history"
    folder.mkdir(exist_ok=True)
    for number, period in enumerate(periods):
        rows = csv_bytes(made(number, period), head)
        (folder / f"{PRICES['dataset']}_{period}.csv").write_bytes(rows)


def moved(number: int, period: str) -> Rows:
    """The prices of a period: a little more or less than they were before."""
    return [
        [*row[:3], period, row[4], f"{int(row[5].partition('.')[0])}.{400 + 30 * (number % 5)}", ""]
        for row in goods()
    ]


def of_registers() -> None:
    """A register of projects in October beside that of September."""
    said = {"dataset": "KDL-M-005", "unit": "CQ-XD", "period": "2026-10"}
    head = ["ma_du_an", "ten_du_an", "tong_muc_dau_tu"]
    rows: Rows = [[f"DA-{n:03d}", f"Trường học số {n}", f"{12 + n}.500"] for n in range(1, 9)]
    ok, other = csv_bytes(rows, head), csv_bytes([["DA-109", "Đường liên xã", "9.000"]], head)
    put("H808", ("ok.csv", ok), ("bad.csv", other), **said)
    put("H809", ("ok.csv", ok), ("bad.csv", csv_bytes(rows[:6], head)), **said)
    for code in ("H808", "H809"):
        folder = HERE / code / "history"
        folder.mkdir(exist_ok=True)
        (folder / "KDL-M-005_2026-09.csv").write_bytes(ok)


def history() -> None:
    months = [f"2026-{month:02d}" for month in range(1, 10)]
    put("H801", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Giá trị", "155.000"))))
    earlier("H801", months, moved)
    put("H802", OK_CSV, ("bad.csv", csv_bytes([*goods(), [*goods()[3][:4], "03646", "9", ""]])))
    earlier("H802", months, moved)
    same = [*moved(0, "2026-10")[:4], *goods()[4:]]
    put("H803", OK_CSV, ("bad.csv", csv_bytes(same)))
    earlier("H803", months, lambda _, period: moved(0, period))
    put("H804", OK_CSV, ("bad.csv", csv_bytes(moved(8, "2026-10"))))
    earlier("H804", months[-1:], lambda _, period: moved(8, period))
    area = [[*row[:4], "03646", *row[5:]] for row in moved(1, "2026-10")[:2]]
    put(
        "H805",
        ("ok.csv", csv_bytes([*goods(), *area])),
        ("bad.csv", csv_bytes([*goods(), area[0]])),
    )
    earlier(
        "H805",
        months[-2:],
        lambda number, period: [
            *moved(number, period),
            *([*row[:3], period, *row[4:]] for row in area),
        ],
    )
    put("H806", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Giá trị", "15,5"))))
    earlier("H806", months[-1:], moved)
    of_registers()
    put("H807", OK_CSV, ("bad.csv", OK_CSV[1]))
    (HERE / "H807" / "bad-history-lost").write_text("", encoding="utf-8")


def cumulative() -> None:
    head = ["Mã chỉ tiêu", "Kỳ báo cáo", "Giá trị", "Lũy kế từ đầu năm"]
    said = {"dataset": "IOC-02-03", "unit": "D23-02", "period": "2026-04"}
    months = [("2026-02", "80,5"), ("2026-03", "120"), ("2026-04", "155")]
    rows = [["IOC-02-03.001", period, "40", total] for period, total in months]
    slip = [*rows[:2], [*rows[2][:3], "40"]]
    put("X720", ("ok.csv", csv_bytes(rows, head)), ("bad.csv", csv_bytes(slip, head)), **said)


def secrecy() -> None:
    ok = ("ok.xlsx", xlsx_bytes([HEAD, *goods()], ["BẢNG GIÁ THÁNG 10"]))
    put("D901", ok, ("bad.xlsx", xlsx_bytes([HEAD, *goods()], ["TỐI MẬT"])))
    put("D902", OK_CSV, ("bad.csv", csv_bytes(changed(3, "Ghi chú", "Người bán: 014199001234"))))
    typed("V418", "type: string\nformat: mst", "0100109106", "0100109107")


if __name__ == "__main__":
    for make in (
        files,
        structure,
        other_sheets,
        broken_off,
        values,
        codes,
        labels,
        figures,
        across,
        totals,
        between,
        attachments,
        vietnamese,
        nil,
        scale,
        history,
        cumulative,
        secrecy,
    ):
        make()
