"""`iocsl catalog overlay`: what the unit adds to the catalogue for itself (2023 Điều 6.2, 6.3)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import config
from iocsl.catalog import Catalogue, mirror, open_catalogue
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, show, table
from iocsl.errors import is_folder, missing_file, usage
from iocsl.text import help_text, squeeze, tr

if TYPE_CHECKING:
    from iocsl.catalog.overlays import OverlayFile

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE.yaml", help=help_text("Tệp bổ sung", "The overlay file"))
]


def add(group: typer.Typer) -> None:
    app = new_app(
        "Chỉ tiêu, biểu mẫu đơn vị tự bổ sung (2023, Điều 6)",
        "Indicators and forms that the unit adds (2023 Điều 6)",
    )
    for name, vi, en, function in (
        ("add", "Đưa một tệp bổ sung vào dùng", "Take an overlay file in", add_overlay),
        ("list", "Liệt kê phần bổ sung", "List the overlays", list_overlays),
        ("check", "Kiểm tra tệp bổ sung", "Check an overlay file", check_overlay),
        ("request", "Soạn văn bản đề nghị thống nhất", "Draft the request", request),
        ("answer", "Ghi văn bản trả lời", "Record the answer", answer),
    ):
        command(app, name, vi, en)(function)
    group.add_typer(app, name="overlay")


def _folder() -> Path:
    return config.home() / mirror.OVERLAYS


def _read(path: Path, catalogue: Catalogue) -> OverlayFile:
    from iocsl.catalog.overlays import base_of, read_overlay

    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    return read_overlay(path, base_of(catalogue))


def check_overlay(path: FileArgument) -> None:
    _print(path, _read(path, open_catalogue()))


def add_overlay(path: FileArgument) -> None:
    from iocsl.catalog.overlays import STRUCTURE, base_of, parts_of, read_all
    from iocsl.files import write_whole

    catalogue = open_catalogue()
    overlay = _read(path, catalogue)
    if path.suffix != ".yaml" or path.name.endswith(STRUCTURE):
        raise usage(
            "overlay-name",
            f"“{path.name}”: tên tệp bổ sung phải có đuôi .yaml (không phải {STRUCTURE}).",
            f"“{path.name}”: the name of an overlay must end in .yaml (not {STRUCTURE}).",
            ("Đổi tên tệp rồi chạy lại.", "Rename the file and run again."),
        )
    target = _folder() / path.name
    known = {
        one.ma: other.name
        for other, each in read_all(_folder(), base_of(catalogue))
        if other.name != path.name
        for one in each.added
    }
    for one in overlay.added:
        if one.ma in known:
            raise _taken(one.ma, known[one.ma])
    for name in parts_of(path, overlay):
        write_whole(_folder() / name, (path.parent / name).read_bytes())
    write_whole(target, path.read_bytes())
    _print(target, overlay)


def _taken(code: str, where: str) -> Exception:
    return usage(
        "overlay-duplicate-code",
        f"Mã {code} đã có trong {where}.",
        f"The code {code} is in {where} already.",
        ("Dùng số tiếp theo cho mã mới.", "Use the next number for the new code."),
    )


def list_overlays() -> None:
    from iocsl.catalog.overlays import base_of, read_all

    found = read_all(_folder(), base_of(open_catalogue()))
    if as_json():
        emit_json([_document(path, overlay) for path, overlay in found])
        return
    rows = [
        (path.name, one.ma, one.ten, _standing(overlay))
        for path, overlay in found
        for one in overlay.added
    ]
    if rows:
        headings = (tr("Tệp", "File"), tr("Mã", "Code"), tr("Tên", "Name"), tr("Trả lời", "Answer"))
        show(table(headings, rows))
    emit(tr(f"{len(rows)} mục bổ sung.", f"{len(rows)} additions."))


def request(
    path: FileArgument,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE.docx", help=help_text("Tệp cần tạo", "The file to make")
        ),
    ],
) -> None:
    from iocsl.catalog.overlay_request import write_request

    catalogue = open_catalogue()
    overlay = _read(path, catalogue)
    if output.is_dir():
        raise is_folder(output)
    if output.suffix.lower() != ".docx":
        raise usage(
            "not-docx",
            f"“{output}” không có đuôi .docx.",
            f"“{output}” does not end in .docx.",
            ("Đặt tên tệp như de-nghi.docx.", "Name the file like de-nghi.docx."),
        )
    unit = catalogue.unit(overlay.don_vi)
    write_request(
        output, overlay, unit.name if unit else overlay.don_vi, _leaders(catalogue, overlay)
    )
    if as_json():
        emit_json({"file": str(output), "unit": overlay.don_vi})
    else:
        emit(tr(f"Đã soạn {output}. Điền số, ngày, người ký.", f"Drafted {output}; complete it."))


def _leaders(catalogue: Catalogue, overlay: OverlayFile) -> list[str]:
    """The agencies that lead the forms today, and the manager of the system."""
    names = []
    for each in overlay.chi_tieu:
        lead = catalogue.dataset(each.ma.partition(".")[0]).responsible
        heirs = [link.new for link in catalogue.crosswalk() if link.old == lead and link.new]
        for code in heirs or ([lead] if lead else []):
            unit = catalogue.unit(code)
            if unit is not None:
                names.append(unit.name)
    return list(dict.fromkeys([*names, "Sở Khoa học và Công nghệ"]))


def answer(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help=help_text("Tên tệp bổ sung đã thêm", "Name of the overlay added")
        ),
    ],
    *,
    agreed: Annotated[
        bool,
        typer.Option("--agreed/--refused", help=help_text("Đồng ý hay không", "Agreed or not")),
    ],
    document: Annotated[
        str,
        typer.Option("--document", metavar="SO", help=help_text("Số văn bản", "Document number")),
    ],
    day: Annotated[
        str,
        typer.Option("--date", metavar="YYYY-MM-DD", help=help_text("Ngày văn bản", "Its date")),
    ],
) -> None:
    from iocsl.catalog.overlays import AGREED, REFUSED
    from iocsl.files import write_whole
    from iocsl.ledger.chain import Chain

    catalogue = open_catalogue()
    path = _folder() / Path(name).name
    overlay = _read(path, catalogue)
    if overlay.dang_ky is not None:
        raise usage(
            "already-answered",
            f"{path.name} đã có trả lời: {overlay.dang_ky.so}.",
            f"{path.name} has been answered: {overlay.dang_ky.so}.",
            ("Đề nghị mới thì dùng tệp mới.", "Use a new file for a new request."),
        )
    _check_day(day)
    said = AGREED if agreed else REFUSED
    number = squeeze(document.replace("\\", " ").replace('"', " "))
    block = f'dang_ky:\n  tra_loi: {said}\n  so: "{number}"\n  ngay: {day}\n'
    text = path.read_text("utf-8").rstrip("\n") + "\n" + block
    write_whole(path, text.encode())
    subject = {"file": path.name, "answer": said, "document": number, "date": day}
    Chain.open().append("catalog.overlay.answer", subject)
    _print(path, _read(path, catalogue))


def _check_day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise usage(
            "no-such-date",
            f"“{text}” không phải là một ngày có thật.",
            f"“{text}” is not a date that exists.",
            ("Viết như 2026-11-22.", "Write it like 2026-11-22."),
        ) from None


def _standing(overlay: OverlayFile) -> str:
    if overlay.dang_ky is None:
        return tr("chưa có", "none yet")
    said = tr("đồng ý", "agreed") if overlay.agreed else tr("không đồng ý", "refused")
    return f"{said} ({overlay.dang_ky.so})"


def _document(path: Path, overlay: OverlayFile) -> dict[str, Any]:
    given = overlay.dang_ky
    return {
        "file": str(path),
        "unit": overlay.don_vi,
        "indicators": [each.ma for each in overlay.chi_tieu],
        "forms": [each.ma for each in overlay.bieu],
        "answer": {"agreed": overlay.agreed, "document": given.so, "date": given.ngay.isoformat()}
        if given
        else None,
    }


def _print(path: Path, overlay: OverlayFile) -> None:
    if as_json():
        emit_json(_document(path, overlay))
        return
    count = len(overlay.chi_tieu) + len(overlay.bieu)
    emit(
        tr(
            f"{path}: đúng. {count} mục của {overlay.don_vi}; trả lời: {_standing(overlay)}.",
            f"{path}: right. {count} of {overlay.don_vi}; answer: {_standing(overlay)}.",
        )
    )
    if not overlay.agreed and overlay.chi_tieu:
        emit(
            tr(
                "Mã chỉ được dùng sau khi có văn bản đồng ý: iocsl catalog overlay answer",
                "The codes count once the answer is recorded: iocsl catalog overlay answer",
            )
        )
