"""F: faults of the file itself, raised by readers; after an error of this group it is unread."""

from __future__ import annotations

from iocsl.domain import Severity
from iocsl.validate.registry import QD1134, Basis, file_fault

FORMATS: Basis = {QD1134: "Điều 5 khoản 1 điểm c; Điều 6 khoản 2"}
"""Data come as XLS, XLSX, CSV or XML."""
SINCE = "0.1.0"

EMPTY_FILE = file_fault(
    "F101",
    "empty-file",
    Severity.ERROR,
    vi="Tệp rỗng, không có byte nào.",
    en="The file is empty: it has no byte.",
    hint=(
        "Mở lại tệp gốc, lưu lại rồi kiểm tra tệp mới lưu.",
        "Open the original, save it again and check what was saved.",
    ),
    basis=FORMATS,
    since=SINCE,
    doc="""The file has a size of zero.

    Why: an empty file comes from a copy that broke off; it must not pass for "nothing to report".
    Fix: save the table again from the program it was made in. To report that nothing happened,
    send the form with that statement.
    """,
)

OTHER_FORMAT = file_fault(
    "F102",
    "other-format",
    Severity.ERROR,
    vi="Nội dung tệp là {found}, không phải bảng dữ liệu XLSX, XLS, CSV hay XML.",
    en="The content of the file is {found}, not a table in XLSX, XLS, CSV or XML.",
    hint=(
        "Mở bằng Excel rồi lưu thành XLSX; PDF, ảnh thì gửi bảng gốc. Đổi đuôi không đổi nội dung.",
        "Open it in Excel and save it as XLSX; for a PDF or picture send the table itself.",
    ),
    basis=FORMATS,
    since=SINCE,
    doc="""What the first bytes say the file is, whatever its name ends in.

    Why: data are taken as XLS, XLSX, CSV or XML; a PDF or a picture named .xlsx cannot be read.
    What programs call an export to Excel is at times a page of HTML or an XML of Excel 2003.
    Fix: save it as XLSX; send the table from which the PDF or picture was made.
    """,
)

WRONG_EXTENSION = file_fault(
    "F103",
    "wrong-extension",
    Severity.WARNING,
    vi="Tên tệp có đuôi “{extension}” nhưng nội dung là {found}; đã đọc theo nội dung.",
    en="The name ends in “{extension}” but the content is {found}; it was read by its content.",
    hint=("Đổi đuôi tên tệp cho đúng.", "Give the file the right extension."),
    basis=FORMATS,
    since=SINCE,
    doc="""The name says one format, the bytes another that can be read.

    Why: Excel and other programs go by the name and may refuse the file or read it wrongly.
    Fix: rename the file, or save it in the format its name says.
    """,
)

PASSWORD = file_fault(
    "F104",
    "password-protected",
    Severity.ERROR,
    vi="Tệp được đặt mật khẩu mở, không đọc được.",
    en="The file is protected by a password and cannot be read.",
    hint=(
        "Trong Excel: Tệp > Thông tin > Bảo vệ sổ làm việc > Mã hóa bằng mật khẩu, xóa rồi lưu.",
        "In Excel: File > Info > Protect Workbook > Encrypt with Password, clear it and save.",
    ),
    basis=FORMATS,
    since=SINCE,
    doc="""The workbook is encrypted: an OLE2 container with an encrypted package.

    Why: nothing in it can be checked, signed for or loaded.
    Fix: remove the password. Personal data are protected by encrypting the bundle instead.
    """,
)

LOCK_FILE = file_fault(
    "F105",
    "lock-file",
    Severity.ERROR,
    vi="“{name}” là tệp tạm của Excel, sinh ra khi sổ làm việc đang mở.",
    en="“{name}” is a temporary file of Excel, made while a workbook is open.",
    hint=(
        "Đóng Excel rồi kiểm tra tệp không có “~$” ở đầu tên.",
        "Close Excel and check the file without “~$” before its name.",
    ),
    basis=FORMATS,
    since=SINCE,
    doc="""A name that begins with `~$`.

    Why: it holds the name of who has the workbook open, and no data.
    Fix: close the workbook and take the file of the same name without `~$`.
    """,
)

DAMAGED = file_fault(
    "F106",
    "damaged-file",
    Severity.ERROR,
    vi="Tệp bị hỏng hoặc thiếu một phần, không đọc được (dành cho cán bộ CNTT: {detail}).",
    en="The file is damaged or cut short and cannot be read (for your IT officer: {detail}).",
    hint=(
        "Mở bằng Excel hoặc LibreOffice rồi lưu thành tệp mới; nếu không mở được, lấy lại bản gốc.",
        "Open it in Excel or LibreOffice and save it anew; if it does not open, take the original.",
    ),
    basis=FORMATS,
    since=SINCE,
    doc="""The container or the XML in it cannot be read to its end.

    Why: what is missing cannot be checked; a cut file often looks whole in a list of files.
    Fix: copy or download the file again, or save it anew.
    """,
)

TOO_LARGE = file_fault(
    "F107",
    "too-large",
    Severity.ERROR,
    vi="Nội dung tệp lớn quá mức đọc an toàn: {seen}, giới hạn {limit}.",
    en="The content is larger than can be read safely: {seen}, the limit is {limit}.",
    hint=(
        "Xóa các ô thừa ở xa bảng (Ctrl+End để tìm), hoặc chia thành nhiều tệp hay dùng CSV.",
        "Delete stray cells far from the table (Ctrl+End finds them), or split it or use CSV.",
    ),
    basis=FORMATS,
    since=SINCE,
    doc="""The inflated size, the rectangle of used cells or one text is beyond what is read.

    Why: a small file can be made to unpack to gigabytes, and one stray cell at the end of a sheet
    makes a rectangle of billions of cells; either would stop the machine.
    Fix: delete stray cells and formats, or hand the data over as CSV.
    """,
)

DOCTYPE = file_fault(
    "F108",
    "document-type",
    Severity.ERROR,
    vi="Tệp XML có khai báo DOCTYPE hoặc thực thể, không được nhận vì lý do an toàn.",
    en="The XML declares a DOCTYPE or entities, which is refused for safety.",
    hint=("Xuất lại tệp không có DOCTYPE.", "Export the file without a DOCTYPE."),
    basis=FORMATS,
    since=SINCE,
    doc="""A document type declaration in XML, alone or inside a workbook.

    Why: entities can read other files of the machine, or unfold without end; data need none.
    Fix: export without it. Office programs never write one.
    """,
)

NUL_BYTES = file_fault(
    "F109",
    "nul-bytes",
    Severity.ERROR,
    vi="Tệp văn bản chứa ký tự NUL (byte {offset}), không phải CSV.",
    en="The text file holds NUL characters (byte {offset}); it is no CSV.",
    hint=("Xuất lại tệp CSV từ phần mềm gốc.", "Export the CSV again from its program."),
    basis=FORMATS,
    since=SINCE,
    doc="""A zero byte in a file that is not UTF-16.

    Why: text has none; they come from a damaged disk, a broken copy or a binary file.
    Fix: export or copy the file again.
    """,
)

UNKNOWN_ENCODING = file_fault(
    "F110",
    "unknown-encoding",
    Severity.ERROR,
    vi="Không xác định chắc chắn được bảng mã của tệp (dòng {line}); tệp không phải UTF-8.",
    en="The encoding of the file is not certain (line {line}); it is not UTF-8.",
    hint=(
        "Trong Excel: Lưu thành > CSV UTF-8 (phân cách bằng dấu phẩy).",
        "In Excel: Save As > CSV UTF-8 (Comma delimited).",
    ),
    basis=FORMATS,
    since=SINCE,
    doc="""Bytes that are no UTF-8, and no other encoding fits beyond doubt.

    Why: read in the wrong encoding, names turn into other letters without a warning.
    Fix: save as UTF-8.
    """,
)

CONVERTED = file_fault(
    "F111",
    "converted-encoding",
    Severity.INFO,
    vi="Tệp viết bằng bảng mã {encoding}; đã chuyển sang Unicode để kiểm tra.",
    en="The file is written in {encoding}; it was converted to Unicode for the check.",
    hint=("Lần sau nên lưu thành CSV UTF-8.", "Better save as CSV UTF-8 next time."),
    basis=FORMATS,
    since=SINCE,
    doc="""An encoding other than UTF-8 that was recognised with certainty.

    Why: it was converted, and whoever signs should know that.
    Fix: save as UTF-8.
    """,
)

LONG_LINE = file_fault(
    "F112",
    "long-line",
    Severity.ERROR,
    vi="Dòng {line} dài quá mức đọc an toàn ({seen}, giới hạn {limit}).",
    en="Line {line} is longer than can be read safely ({seen}, the limit is {limit}).",
    hint=(
        "Xem dòng đó: có thể thiếu dấu xuống dòng hoặc thừa một dấu nháy kép.",
        "Look at that line: a line break is missing or a quotation mark is too many.",
    ),
    basis=FORMATS,
    since=SINCE,
    doc="""One physical line, or one quoted cell, of many megabytes.

    Why: such a line comes from a lost line break or an open quotation mark, and would fill memory.
    Fix: mend the line or export again.
    """,
)

BAD_QUOTES = file_fault(
    "F113",
    "open-quote",
    Severity.ERROR,
    vi="Dấu nháy kép mở mà không đóng, từ khoảng dòng {line}.",
    en="A quotation mark is opened and not closed, from about line {line} on.",
    hint=(
        "Thêm dấu nháy đóng; dấu nháy nằm trong ô viết thành hai dấu.",
        "Close it; a quotation mark inside a cell is written twice.",
    ),
    basis=FORMATS,
    since=SINCE,
    doc="""The file ends inside a quoted cell.

    Why: everything after the open mark becomes one cell, and rows disappear without a trace.
    Fix: close the quotation, or write a mark that belongs to the text as two.
    """,
)
