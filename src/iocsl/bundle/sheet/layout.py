"""Where each line of the sheet stands: A4, one page, whatever the bundle holds.

Every list has its most lines, and says how many more there are. The page is in Vietnamese: it is a
document of the unit, and two languages would be two documents. Coordinates are PDF points from the
lower left corner; the lower part of the page is left free for the picture of a signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iocsl.bundle.sheet.font import BOLD, REGULAR, font

WIDTH, HEIGHT = 595, 842
PRINTED = (40, 205, 555, 812)
"""The printed part: left, bottom, right, top. No stamp may lie on it."""
FRAME = (40, 60, 555, 195)
"""Where the picture of a signature belongs."""
_LEFT, _VALUE, _RIGHT = 50, 150, 545
_SIZE, _LEAD = 9.0, 12.0
_QR = 84.0
_ROLES = {1: "nhập liệu", 2: "thẩm định", 3: "phê duyệt"}
_FILES, _FIGURES, _WARNINGS, _ANSWERS = 3, 10, 6, 4


class _Page:
    """The page's drawing, line by line from the top."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 792.0

    def text(
        self, x: float, y: float, text: str, size: float = _SIZE, style: str = REGULAR
    ) -> None:
        glyphs = font(style).encode(text)
        self.parts.append(f"BT /{style} {size:g} Tf {x:.2f} {y:.2f} Td <{glyphs}> Tj ET")

    def centred(self, text: str, size: float, style: str = REGULAR) -> None:
        face = font(style)
        text = face.shorten(text, size, _RIGHT - _LEFT)
        self.text((WIDTH - face.width(text, size)) / 2, self.y, text, size, style)
        self.y -= size * 1.4

    def rule(self) -> None:
        self.y -= 2
        self.parts.append(f"0.5 w {_LEFT} {self.y + 8:.2f} m {_RIGHT} {self.y + 8:.2f} l S")
        self.y -= 6

    def entry(self, label: str, lines: Sequence[str], style: str = REGULAR) -> None:
        """A label and the lines beside it."""
        self.text(_LEFT, self.y, label, _SIZE, BOLD)
        for line in lines:
            self.text(_VALUE, self.y, line, _SIZE, style)
            self.y -= _LEAD

    def value(self, label: str, text: str, most: int = 1, style: str = REGULAR) -> None:
        self.entry(label, font(style).wrap(text, _SIZE, _RIGHT - _VALUE, most), style)

    def listed(self, label: str, items: Sequence[str], most: int) -> None:
        """One line an item, at most so many, and how many were left out."""
        face = font(REGULAR)
        lines = [face.shorten(item, _SIZE, _RIGHT - _VALUE) for item in items[:most]]
        if len(items) > most:
            lines[-1:] = [f"… và {_number(len(items) - most + 1)} mục nữa, xem trong gói"]
        if lines:
            self.entry(label, lines)


def draw(facts: dict[str, Any]) -> bytes:
    """The page's content stream for facts of the schema `iocsl/sheet/1` (see `facts`)."""
    page = _Page()
    step, returned = facts["step"], facts["decision"] == "tra-lai"
    page.centred("PHIẾU TRÌNH KÝ SỐ LIỆU", 15, BOLD)
    verb = "Trả lại" if returned else _ROLES[step].capitalize()
    page.centred(f"Bước {step} trên 3: {verb}", 11)
    page.rule()
    _what(page, facts)
    page.rule()
    _figures(page, facts)
    page.rule()
    for each in facts["signed"]:
        page.value(f"Đã ký bước {each['step']}", f"{each['signed_at']}, {_person(each)}")
    page.value("Người ký phiếu", _person(facts), style=BOLD)
    words = f"Trả lại: {facts['reason']}" if returned else "Đồng ý"
    page.value("Ý kiến", words, 2, BOLD)
    page.rule()
    _digest(page, facts)
    _frame(page)
    return ("\n".join(page.parts) + "\n").encode("ascii")


def _what(page: _Page, facts: dict[str, Any]) -> None:
    unit, dataset = facts["unit"], facts["dataset"]
    page.value("Đơn vị", _named(unit), 2)
    page.value("Bộ dữ liệu", _named(dataset), 2)
    page.value("Kỳ báo cáo", facts["period"])
    again = f", thay thế gói {facts['supersedes']}" if facts["supersedes"] else ""
    page.value("Lần nộp", f"{facts['sequence']}{again}")


def _named(body: dict[str, str | None]) -> str:
    return f"{body['code']} – {body['name']}" if body["name"] else str(body["code"])


def _person(signer: dict[str, Any]) -> str:
    instead = f" (ký thay {signer['instead_of']})" if signer["instead_of"] else ""
    return f"{signer['person']}{instead}"


def _figures(page: _Page, facts: dict[str, Any]) -> None:
    files = [
        f"{each['name']} ({_number(each['size'])} byte{', đính kèm' if each['attached'] else ''})"
        for each in facts["files"]
    ]
    page.listed("Tệp", files, _FILES)
    page.value("Số dòng", _number(facts["rows"]))
    page.listed("Số liệu", [_figure(each) for each in facts["figures"]], _FIGURES)
    counts = facts["findings"]
    page.value(
        "Kết quả kiểm tra",
        f"{_number(counts['error'])} lỗi, {_number(counts['warning'])} cảnh báo,"
        f" {_number(counts['info'])} lưu ý",
    )
    page.listed("Cảnh báo", facts["warnings"], _WARNINGS)
    page.listed("Giải trình", facts["answers"], _ANSWERS)


def _figure(figure: dict[str, Any]) -> str:
    unit = f" {figure['unit']}" if figure["unit"] else ""
    name = f" {figure['name']}" if figure["name"] else ""
    added = f" (cộng {_number(figure['rows'])} dòng)" if figure["rows"] > 1 else ""
    return f"{figure['total']}{unit}{added} – {figure['code']}{name}"


def _number(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _digest(page: _Page, facts: dict[str, Any]) -> None:
    """What the signature is bound to, for people and for machines."""
    top = page.y
    page.text(_LEFT, page.y, f"SHA-256 của {facts['manifest']}", _SIZE, BOLD)
    page.y -= 15
    groups = [facts["sha256"][start : start + 4] for start in range(0, 64, 4)]
    for start in (0, 8):
        page.text(_LEFT, page.y, " ".join(groups[start : start + 8]), 11, BOLD)
        page.y -= 15
    page.text(_LEFT, page.y, f"Mã nhận dạng {facts['identity']}", 7.5)
    page.y -= 11
    words = (
        "Ký số lên tệp PDF này là ký bước nêu trên: chữ ký gắn với mã SHA-256 của toàn bộ nội dung"
        " gói. Không sửa, không in ra ký tay, không ghép thêm trang."
    )
    for line in font(REGULAR).wrap(words, 8, _RIGHT - _LEFT - _QR - 12, 3):
        page.text(_LEFT, page.y, line, 8)
        page.y -= 10.5
    _code(page, facts["sha256"], _RIGHT - _QR, top + 8)


def _code(page: _Page, digest: str, left: float, top: float) -> None:
    """The digest as a QR code. Version, level and mask are fixed: one digest, one picture."""
    import segno

    made = segno.make_qr(
        f"SHA256:{digest.upper()}",
        error="q",
        version=5,
        mode="alphanumeric",
        mask=2,
        boost_error=False,
    )
    rows = tuple(made.matrix)
    side = _QR / len(rows)
    for row, cells in enumerate(rows):
        start = 0
        while start < len(cells):
            end = start
            while end < len(cells) and cells[end]:
                end += 1
            if end > start:
                x, y = left + start * side, top - (row + 1) * side
                width = (end - start) * side
                page.parts.append(f"{x:.3f} {y:.3f} {width:.3f} {side:.3f} re f")
            start = end + 1


def _frame(page: _Page) -> None:
    left, bottom, right, top = FRAME
    page.parts.append(f"0.5 w [3 3] 0 d {left} {bottom} {right - left} {top - bottom} re S")
    hint = "Nếu phần mềm hiện hình chữ ký, đặt hình vào khung này."
    page.text(left + 8, bottom + 6, hint, 7.5)
