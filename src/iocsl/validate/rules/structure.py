"""S: where the table is and which columns it has. The search for headings tells these."""

from __future__ import annotations

from iocsl.domain import Severity
from iocsl.validate.registry import QD1134, QD2023, Basis, file_fault

UNIFORM: Basis = {QD2023: "Điều 5 khoản 1 điểm a", QD1134: "Điều 5 khoản 1 điểm b"}
"""Uniform structure and format (1134); forms built from the assigned indicators (2023)."""
SINCE = "0.1.0"

NO_HEADINGS = file_fault(
    "S201",
    "no-headings",
    Severity.ERROR,
    vi="Không tìm thấy dòng tiêu đề của bảng “{schema}” trong {rows} dòng đầu của trang nào; cần"
    " các cột: {wanted}.",
    en="No sheet has the heading row of the table “{schema}” among its first {rows} rows; columns"
    " wanted: {wanted}.",
    hint=(
        "Lấy mẫu bằng: iocsl catalog template, rồi chép dữ liệu vào mẫu.",
        "Make a template with: iocsl catalog template, and copy the data into it.",
    ),
    basis=UNIFORM,
    since=SINCE,
    doc="""Columns are found by key or printed title, in any order, under title rows; the number of
    a column may stand before its title. Among the first 60 rows none were.

    Why: without headings there is no telling which figure is which.
    Fix: use the template of the dataset, or name the schema the file follows with `--schema`.
    """,
)

MISSING_COLUMN = file_fault(
    "S202",
    "missing-column",
    Severity.ERROR,
    vi="Thiếu cột bắt buộc “{title}” ({column}).{other}",
    en="The required column “{title}” ({column}) is missing.{other}",
    hint=(
        "Thêm cột, hoặc sửa tiêu đề nếu cột đã có dưới tên khác; viết như trong mẫu.",
        "Add the column, or correct the heading that it has now; write it as in the template.",
    ),
    basis=UNIFORM,
    since=SINCE,
    doc="""A column that the schema requires is not among the headings.

    Why: every row would lack a value that has to be there; it is told once, not once a row. Where
    just one column is missing and just one is not of the form, whose values could be those of the
    missing one, both are one finding; it counts the rows. Nothing is read as what it may be.
    Fix: add the column, or correct its heading if it is there under another name.
    """,
)

UNKNOWN_COLUMN = file_fault(
    "S203",
    "unknown-column",
    Severity.WARNING,
    vi="Cột “{heading}” không có trong biểu{near}; nội dung cột này không được kiểm tra, không "
    "được nạp.",
    en="The column “{heading}” is not in the form{near}; it is neither checked nor loaded.",
    hint=(
        "Xóa cột thừa, hoặc sửa tiêu đề nếu đây là một cột của biểu.",
        "Remove the column, or correct its heading if it is one of the form.",
    ),
    basis=UNIFORM,
    since=SINCE,
    doc="""A heading that is neither key nor title of a column of the schema, or a column with data
    between others and no heading at all.

    Why: what stands there would be lost without anybody noticing.
    Fix: remove it or correct its heading. A numbering column (STT) is expected and not told.
    """,
)

OTHER_FORM = file_fault(
    "S220",
    "other-form",
    Severity.ERROR,
    vi="Bảng này là biểu {found}, không phải “{schema}”: thiếu {missing} cột bắt buộc. Bảng chưa "
    "được kiểm tra.",
    en="This table is the form {found}, not “{schema}”: {missing} required columns are missing. It "
    "was not checked.",
    hint=(
        "Xem lại: chọn nhầm tệp, hay ghi nhầm mã bộ dữ liệu ở tên tệp, tùy chọn hoặc Thong_tin.",
        "See whether it is the wrong file, or the wrong code in its name, the options, Thong_tin.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""The headings are those of another form: two or more columns that this form must have are
    missing, and every column that the other one must have is there.

    Why: the wrong file has one cause; a fault for each column and row would hide it.
    Fix: take the right file, or say the dataset that it is of.
    """,
)

DUPLICATE_COLUMN = file_fault(
    "S204",
    "duplicate-column",
    Severity.ERROR,
    vi="Cột “{title}” có {times} lần, ở các cột {places}; chỉ cột đầu được kiểm tra.",
    en="The column “{title}” occurs {times} times, in columns {places}; only the first is checked.",
    hint=("Giữ một cột, xóa hoặc đổi tên cột kia.", "Keep one, remove or rename the other."),
    basis=UNIFORM,
    since=SINCE,
    doc="""Two headings mean the same column.

    Why: two figures for one thing, and no rule says which one holds.
    Fix: keep one.
    """,
)

MISSPELT_HEADING = file_fault(
    "S205",
    "misspelt-heading",
    Severity.ERROR,
    vi="Tiêu đề “{heading}” không đúng; có lẽ là “{title}”. Cột được kiểm tra như “{title}”.",
    en="The heading “{heading}” is not right; “{title}” seems meant. It is checked as “{title}”.",
    hint=("Viết lại tiêu đề như trong mẫu.", "Write the heading as in the template."),
    basis=UNIFORM,
    since=SINCE,
    doc="""A heading that is nearly, not quite, the title of a column that is missing: a slip, a
    short form ("ĐVT", "Mã CT", "Kỳ BC"), or, of a column that has to be there, its first words.

    Why: the warehouse goes by exact headings; a guess is no match. The column is checked all the
    same, so that one slip does not hide the other faults.
    Fix: write the heading as the template has it.
    """,
)

HIDDEN_PARTS = file_fault(
    "S206",
    "hidden-parts",
    Severity.WARNING,
    vi="Bảng có phần bị ẩn: {parts}. Phần ẩn vẫn được kiểm tra và nạp.",
    en="Part of the table is hidden: {parts}. It is checked and loaded all the same.",
    hint=("Bỏ ẩn để người ký thấy đủ dữ liệu.", "Unhide it, so that who signs sees all of it."),
    basis=UNIFORM,
    since=SINCE,
    doc="""Hidden rows or columns inside the table.

    Why: whoever appraises and approves signs for what they cannot see.
    Fix: unhide them, or delete them if they do not belong there.
    """,
)

HIDDEN_SHEET = file_fault(
    "S207",
    "hidden-sheet",
    Severity.WARNING,
    vi="Trang ẩn “{sheet}” ({rows} dòng) có một bảng của biểu này; bảng đó không được đọc.",
    en="The hidden sheet “{sheet}” ({rows} rows) holds a table of this form; it was not read.",
    hint=(
        "Bỏ ẩn trang nếu là số liệu phải nộp, nếu không thì xóa.",
        "Unhide it if it is to be sent, else delete it.",
    ),
    basis=UNIFORM,
    since=SINCE,
    doc="""A sheet that Excel does not show has the headings of the form, or rows like those of the
    table that was read.

    Why: it may be last period's figures, or this period's; nobody sees it, so it is not loaded.
    Fix: show the sheet or delete it.
    """,
)

LOST_RECORDS = file_fault(
    "S224",
    "records-without-headings",
    Severity.ERROR,
    vi="{which} “{sheet}” ({rows} dòng) có các dòng giống số liệu của biểu này mà không có dòng"
    " tiêu đề của biểu; trang đó không được đọc.",
    en="{which} “{sheet}” ({rows} rows) has rows that look like data of this form, and no headings"
    " of it; it was not read.",
    hint=(
        "Chép dòng tiêu đề của biểu lên trên các dòng đó; nếu không phải số liệu nộp, xóa trang.",
        "Copy the headings of the form above these rows; remove the sheet if it is not to be sent.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""Another sheet of the workbook has several rows with as many columns, and cells of the
    same types and codes, as the table that was read, but no headings of the form. Rows whose keys
    stand in that table are a copy of it and not meant.

    Why: columns are found by their headings, so these rows would be lost without a word.
    Fix: put the rows under headings of the form.
    """,
)

SHEET_NOT_READ = file_fault(
    "S225",
    "sheet-not-read",
    Severity.INFO,
    vi="{which} “{sheet}” ({rows} dòng) không có tiêu đề của biểu này; trang đó không được đọc,"
    " không được nạp.",
    en="{which} “{sheet}” ({rows} rows) has no headings of this form; it was neither read nor"
    " loaded.",
    hint=None,
    basis=UNIFORM,
    since="0.2.0",
    doc="""A workbook holds sheets besides the table: notes, lists, calculations. Those of the
    template are not told.

    Why: nobody should take for sent what was not read.
    Fix: nothing, if nothing of it is to be sent. Figures of the form go under its headings.
    """,
)

TOTAL_ROW = file_fault(
    "S208",
    "total-row",
    Severity.INFO,
    vi="Dòng “{text}” được hiểu là dòng tổng, không tính là dữ liệu.",
    en="The row “{text}” is taken for a total, not for data.",
    hint=None,
    basis=UNIFORM,
    since=SINCE,
    doc="""A row without a key whose text begins with "Tổng", "Tổng cộng", "Cộng".

    Why: a total loaded as data would be counted twice.
    Fix: nothing, if it is a total. If it is data, fill in its key columns.
    """,
)

GROUP_ROW = file_fault(
    "S214",
    "group-row",
    Severity.INFO,
    vi="Dòng “{text}” được hiểu là tên một nhóm dòng, không tính là dữ liệu.",
    en="The row “{text}” is taken for the name of a group of rows, not for data.",
    hint=(
        "Nếu đây là một dòng số liệu, điền mã và các ô còn trống của nó.",
        "If it is a row of data, fill in its code and its empty cells.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""A row that holds nothing but a name, numbered by a Roman number or a letter. Without a
    number it is taken for one where rows of data follow it and it is merged over several columns,
    or lacks the number that these have, or stands in a column that may be left empty, or is words
    in a column of codes. A name that an indicator of the dataset bears is data.

    Why: "I. Lương thực" heads the rows below it and is no record.
    Fix: nothing, if it is a heading. If it is data, fill in its columns.
    """,
)

RULES_NOT_ASKED = file_fault(
    "S215",
    "rules-not-asked",
    Severity.INFO,
    vi="Chưa đối chiếu theo quy tắc {rules} của cấu trúc, vì bảng không có cột {columns}.",
    en="The rules {rules} of the schema were not asked: the table lacks the columns {columns}.",
    hint=(
        "Thêm cột đó nếu đơn vị có số liệu.",
        "Add the column if there are figures for it.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""A rule of `quy_tac` names a column that may be left out, and was.

    Why: a table without that column is sound, but nobody should take the rule for kept.
    Fix: nothing, if there is nothing to fill in.
    """,
)

NO_ROWS = file_fault(
    "S209",
    "no-rows",
    Severity.ERROR,
    vi="Bảng có tiêu đề nhưng không có dòng dữ liệu nào.",
    en="The table has headings but no row of data.",
    hint=("Điền số liệu dưới dòng tiêu đề.", "Fill in figures under the headings."),
    basis=UNIFORM,
    since=SINCE,
    doc="""Nothing stands under the headings.

    Why: an empty form says neither that nothing happened nor what did.
    Fix: fill in the figures.
    """,
)

LONG_ROW = file_fault(
    "S210",
    "row-too-long",
    Severity.ERROR,
    vi="Dòng có {cells} ô, nhiều hơn {columns} cột của tiêu đề; có thể thừa một dấu phân cách.",
    en="The row has {cells} cells, more than the {columns} columns; a delimiter may be too many.",
    hint=(
        "Đặt ô có dấu phân cách trong dấu nháy kép.",
        "Put a cell that holds the delimiter in quotation marks.",
    ),
    basis=UNIFORM,
    since=SINCE,
    doc="""A record of a CSV file has more cells than there are headings.

    Why: from the extra delimiter on, every value stands in the wrong column.
    Fix: quote the cell that holds the delimiter, as with 8,5 in a comma-separated file.
    """,
)

SIDE_BY_SIDE = file_fault(
    "S211",
    "tables-side-by-side",
    Severity.ERROR,
    vi="Hai bảng nằm cạnh nhau, bảng sau bắt đầu ở cột {column}; chỉ bảng bên trái được kiểm tra.",
    en="Two tables stand side by side, the second from column {column} on; it was not checked.",
    hint=(
        "Chuyển bảng bên phải xuống dưới bảng bên trái, hoặc sang một trang khác.",
        "Move the table on the right below the other one, or to a sheet of its own.",
    ),
    basis=UNIFORM,
    since=SINCE,
    doc="""Most of the headings occur a second time further to the right.

    Why: a row holds one record; the figures on the right would not be loaded.
    Fix: put the tables under one another, each under its headings, or on two sheets.
    """,
)

SHIFTED = file_fault(
    "S212",
    "shifted-columns",
    Severity.ERROR,
    vi="Số liệu lệch {by} cột sang {side} so với tiêu đề, từ cột {column} trở đi ({rows} dòng).",
    en="The data stand {by} columns to the {side} of their headings, from column {column} on"
    " ({rows} rows).",
    hint=(
        "Chuyển các ô về đúng dưới tiêu đề rồi kiểm tra lại; các dòng lệch chưa được kiểm tra.",
        "Move the cells back under their headings and check again; those rows were not checked.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""The values fit the columns beside the ones they stand in, and not their own.

    Why: one cell inserted or deleted moves a whole table; told cell by cell that would be one error
    a row and column. The rows are not read as if they stood right.
    Fix: move the cells back, or the headings.
    """,
)

OTHER_MEASURE = file_fault(
    "S213",
    "other-unit-in-heading",
    Severity.ERROR,
    vi="Tệp ghi “{title}” tính bằng “{written}”, biểu này tính bằng “{wanted}”.",
    en="The file gives “{title}” in “{written}”; the form measures it in “{wanted}”.",
    hint=(
        "Quy đổi số liệu về đơn vị của biểu rồi sửa đơn vị ở tiêu đề.",
        "Convert the figures to the unit of the form, then mend the heading.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""The unit in brackets after a heading, in a row of units under the headings, or in the
    line “Đơn vị tính: …” above the table, is not the one that the schema declares for the column
    (`don_vi_do`); a warning where none of the dataset's indicators is measured in it (“nghìn đồng”
    over prices in “đồng/kg”).

    Why: triệu đồng loaded as nghìn đồng are a thousand times wrong, and nothing shows it later.
    Fix: convert the figures, and write the unit of the form.
    """,
)

BEYOND_TABLE = file_fault(
    "S216",
    "rows-beyond-the-table",
    Severity.ERROR,
    vi="Dưới bảng, từ dòng {row}, có {rows} dòng không thuộc bảng này (đầu tiên: “{text}”); phần đó"
    " không được kiểm tra, không được nạp.",
    en="Below the table, from row {row} on, {rows} row(s) do not belong to it (first: “{text}”);"
    " they were neither checked nor loaded.",
    hint=(
        "Chuyển phần đó sang trang khác hoặc xóa; nếu là số liệu của bảng thì điền đủ các cột.",
        "Move them to another sheet or remove them; if they are data, fill in their columns.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""After a blank row stand rows that lack most of what a row of this table must have:
    another table, a summary, names.

    Why: told cell by cell that would be an error for each required column of each row. Words alone
    (names, remarks) are only told; figures there would be lost, which is an error.
    Fix: move what is no part of the table to a sheet of its own. A row of data that lost its code
    or period is filled in.
    """,
)

MERGED_CELLS = file_fault(
    "S217",
    "merged-data-cells",
    Severity.WARNING,
    vi="Cột “{title}” có ô trộn qua nhiều dòng (đầu tiên: {area}); giá trị của ô trộn được hiểu cho"
    " mọi dòng của nó ({cells} ô).",
    en="The column “{title}” has cells merged over several rows (first: {area}); their value is"
    " read for every row of them ({cells} cells).",
    hint=(
        "Tách ô trộn (Unmerge) và ghi giá trị vào từng dòng.",
        "Unmerge the cells and write the value into every row.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""A name, a code or a period is merged over the rows that it stands for.

    Why: the file holds it at the first of these rows alone; other programs, and the same table as
    CSV, have nothing at the others.
    Fix: unmerge the cells, and fill the value down.
    """,
)

MERGED_FIGURES = file_fault(
    "S218",
    "merged-figures",
    Severity.ERROR,
    vi="Cột số “{title}” có ô trộn qua nhiều dòng (đầu tiên: {area}); chỉ dòng đầu có số, {cells} ô"
    " còn lại là trống.",
    en="The column of figures “{title}” has cells merged over several rows (first: {area}); only"
    " the first row has a figure, the other {cells} cells are empty.",
    hint=(
        "Tách ô trộn (Unmerge) và ghi số của từng dòng.",
        "Unmerge the cells and write the figure of every row.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""A figure is merged over several rows.

    Why: whether it is the figure of each row or of all together is not to be told from the file.
    Fix: unmerge the cells. A figure of all of them belongs into a row of its own.
    """,
)

UNREAD_ELEMENTS = file_fault(
    "S221",
    "unread-elements",
    Severity.WARNING,
    vi="Phần tử “{name}” ({times} lần) không phải bản ghi của bảng; nội dung không được đọc.",
    en="The element “{name}” ({times} times) is no record of the table; it is not read.",
    hint=(
        "Nếu đó là số liệu, ghi thành bản ghi cùng tên, cùng trường với các bản ghi khác.",
        "If it holds figures, write it as a record of the name and the fields of the others.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""An XML file holds elements with fields of their own besides its records. Elements of
    another name that have half of the fields of the records or more are read as records. What is
    there once, a heading part for instance, is only noted.

    Why: figures that nobody reads would be lost without a word.
    Fix: write them as records like the others.
    """,
)

OTHER_ORDER = file_fault(
    "S222",
    "columns-in-other-order",
    Severity.ERROR,
    vi="Cột “{title}” đứng ở chỗ của cột “{other}”; cấu trúc đòi các cột đúng thứ tự.",
    en="The column “{title}” stands where “{other}” should; the schema wants its order of columns.",
    hint=(
        "Xếp lại các cột theo cấu trúc, hoặc khai fieldsMatch: equal nếu thứ tự không quan trọng.",
        "Put the columns in order, or declare fieldsMatch: equal where order does not matter.",
    ),
    basis=UNIFORM,
    since="0.2.0",
    doc="""The schema says `fieldsMatch: exact`, and the columns stand in another order.

    Why: programs that go by places would take one column for the other. iocsl itself goes by
    headings and checks every column as what it is.
    Fix: put the columns in the order of the schema.
    """,
)
