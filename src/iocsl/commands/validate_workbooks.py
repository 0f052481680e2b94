"""`iocsl validate --format xlsx`: each workbook back annotated, or a list of findings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from iocsl.console.output import note
from iocsl.errors import IocslError, usage
from iocsl.files import replacing
from iocsl.text import tr

if TYPE_CHECKING:
    from iocsl.commands.validate_output import Outcome
    from iocsl.validate import Report

MARK = ".kiem-tra"
"""Put before the extension of a report that is written beside its file."""


def write_workbooks(outcomes: Sequence[Outcome], output: Path | None, *, as_list: bool) -> None:
    """One workbook for each file, or one list for all of them. Exit 2 where one name is not enough.

    Without `output` each is written beside its file: `TÊN.kiem-tra.xlsx`, or for the list of
    another format `TÊN.csv.kiem-tra.xlsx`.
    """
    checked = [
        (each.path, each.result) for each in outcomes if not isinstance(each.result, IocslError)
    ]
    if not checked:
        return
    if as_list:
        target = output or beside(checked[0][0])
        _write_list([report for _, report in checked], target)
        return
    if output is not None and len(outcomes) > 1:
        raise usage(
            "one-name-for-many",
            "Một tên tệp sau -o không đủ cho nhiều tệp kết quả.",
            "One name after -o is not enough for several results.",
            (
                "Bỏ -o để ghi cạnh từng tệp, hoặc thêm --error-list để gộp thành một danh sách.",
                "Leave out -o to write beside each file, or add --error-list for one list.",
            ),
        )
    for path, report in checked:
        _write_one(report, path, output)


def beside(path: Path, suffix: str = ".xlsx") -> Path:
    # Files of one name in several formats do not overwrite each other's result.
    kept = path.stem if path.suffix.lower() in {".xlsx", ".xlsm"} else path.name
    return path.with_name(f"{kept}{MARK}{suffix}")


def _write_one(report: Report, source: Path, output: Path | None) -> None:
    """The annotated copy; the list, and why, where there can be none."""
    from iocsl.reports.annotated import suffix_of, write_annotated
    from iocsl.validate.patch import UnusualWorkbookError

    if report.facts.format == "xlsx" and not report.unreadable:
        try:
            suffix = suffix_of(source)
            _refuse_suffix(output, suffix)
            target = output or beside(source, suffix)
            with replacing(target) as stream:
                write_annotated(report, source, stream)
        except UnusualWorkbookError:
            why = _why_not(report)
        else:
            _told(target)
            return
    elif report.unreadable:
        why = tr("tệp không đọc được", "the file cannot be read")
    else:
        why = tr(
            "chỉ bản sao của tệp XLSX mới chú thích được; muốn vậy, lưu tệp thành XLSX trong Excel",
            "only an XLSX can be annotated; save the file as XLSX to have that",
        )
    note(
        tr(
            f"“{source.name}”: {why}. Ghi danh sách lỗi thay.",
            f"“{source.name}”: {why}. A list of findings is written instead.",
        )
    )
    _write_list([report], output or beside(source))


def _why_not(report: Report) -> str:
    from iocsl.reports.annotated import MOST

    if len(report.findings) > MOST:
        return tr(
            f"hơn {MOST:_} chỗ, bản sao có chú thích sẽ không mở nổi".replace("_", "."),
            f"more than {MOST:,} findings, no program would open an annotated copy",
        )
    return tr("không chú thích được vào bản sao của tệp này", "this workbook cannot be annotated")


def _refuse_suffix(output: Path | None, suffix: str) -> None:
    """Exit 2 for a name under which Excel would not open the workbook."""
    if output is not None and {output.suffix.lower(), suffix} == {".xlsx", ".xlsm"}:
        raise usage(
            "wrong-suffix",
            f"Bản chú thích của tệp này phải có đuôi {suffix}, nếu không Excel không mở.",
            f"The annotated copy of this file must end in {suffix}, or Excel does not open it.",
            (
                f"Viết: -o {output.with_suffix(suffix).name}",
                f"Write: -o {output.with_suffix(suffix).name}",
            ),
        )


def _write_list(reports: Sequence[Report], target: Path) -> None:
    from iocsl.reports.error_list import write_list

    with replacing(target) as stream:
        write_list(reports, stream)
    _told(target)


def _told(target: Path) -> None:
    note(tr(f"Đã ghi kết quả vào {target}", f"Wrote the result to {target}"))
