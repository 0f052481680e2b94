"""`iocsl catalog request`: ask for data or a report out of turn (1134 Điều 5.2.c; 2023 Điều 8)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from iocsl import clock, config
from iocsl.catalog import Catalogue, open_catalogue
from iocsl.catalog.entries import due_words
from iocsl.catalog.mirror import ISSUED
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, note, show, table
from iocsl.errors import IocslError, usage
from iocsl.text import help_text, nearest, nfc, say, squeeze, tr


class Kind(StrEnum):
    ON_DEMAND = "theo_yeu_cau"
    THEMATIC = "chuyen_de"
    AD_HOC = "dot_xuat"


CodeArgument = Annotated[
    str,
    typer.Argument(
        metavar="CODE", help=help_text("Mã yêu cầu (YC-2026-001)", "Code (YC-2026-001)")
    ),
]
DocumentOption = Annotated[
    str,
    typer.Option(
        "--document", metavar="SO", help=help_text("Số văn bản", "Number of the document")
    ),
]
DayOption = Annotated[
    str | None,
    typer.Option(
        "--date",
        metavar="YYYY-MM-DD",
        help=help_text("Ngày văn bản (mặc định: hôm nay)", "Its date (default: today)"),
    ),
]


def add(group: typer.Typer) -> None:
    app = new_app(
        "Yêu cầu báo cáo chuyên đề, đột xuất, dữ liệu theo yêu cầu",
        "Requests: thematic and ad hoc reports, data on demand",
    )
    for name, vi, en, function in (
        ("add", "Phát hành một yêu cầu", "Issue a request", add_request),
        ("list", "Các yêu cầu đã phát hành", "Requests issued", list_requests),
        ("show", "Xem một yêu cầu", "Show a request", show_request),
        ("withdraw", "Rút một yêu cầu", "Withdraw a request", withdraw),
    ):
        command(app, name, vi, en)(function)
    group.add_typer(app, name="request")


def add_request(
    *,
    kind: Annotated[
        Kind,
        typer.Option(
            "--kind",
            help=help_text(
                "theo_yeu_cau (1134 Điều 5.2.c), chuyen_de, dot_xuat (2023 Điều 8.2, 8.3)",
                "theo_yeu_cau (1134 Điều 5.2.c), chuyen_de, dot_xuat (2023 Điều 8.2, 8.3)",
            ),
        ),
    ],
    title: Annotated[
        str, typer.Option("--title", help=help_text("Tên yêu cầu, báo cáo", "What is asked"))
    ],
    issuer: Annotated[
        str,
        typer.Option(
            "--from", metavar="U", help=help_text("Đơn vị yêu cầu (mã hoặc tên)", "Who asks")
        ),
    ],
    document: DocumentOption,
    period: Annotated[
        str,
        typer.Option(
            "--period",
            metavar="ID",
            help=help_text("Kỳ của số liệu, ví dụ 2026-11", "Period of the data, e.g. 2026-11"),
        ),
    ],
    due: Annotated[
        str,
        typer.Option(
            "--due",
            metavar="MOMENT",
            help=help_text(
                "Kho phải nhận trước lúc này; chỉ ghi ngày là hết ngày đó",
                "Received before this moment; a day alone means to its end",
            ),
        ),
    ],
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="U",
            help=help_text(
                "Đơn vị phải gửi, lặp lại được (mặc định: cơ quan chủ trì của --dataset)",
                "Who is to send it, repeatable (default: who leads the --dataset)",
            ),
        ),
    ] = None,
    communes: Annotated[
        bool,
        typer.Option("--to-communes", help=help_text("Gửi mọi xã, phường", "All communes, wards")),
    ] = False,
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset",
            metavar="CODE",
            help=help_text("Bộ dữ liệu có sẵn, lặp lại được", "A dataset there is, repeatable"),
        ),
    ] = None,
    form: Annotated[
        Path | None,
        typer.Option(
            "--form",
            metavar="FILE.yaml",
            help=help_text(
                "Biểu riêng: cấu trúc bảng (fields), hoặc danh sách chi_tieu",
                "A form of its own: a Table Schema (fields), or a list chi_tieu",
            ),
        ),
    ] = None,
    day: DayOption = None,
) -> None:
    from iocsl.catalog import issuing

    catalogue = open_catalogue()
    if bool(dataset) == bool(form):
        raise _one_form()
    codes = [catalogue.dataset(each).code for each in dataset or []]
    units = _addressees(catalogue, to or [], codes, communes=communes)
    moment = _due(due)
    known_day(catalogue, moment)
    home, signed_on = config.home(), day_of(day)
    with issuing.issuing(home) as folder:
        code = issuing.next_code(issuing.REQUEST, signed_on.year, home, folder)
        record = {
            "ma": code,
            "loai": kind.value,
            "ten": squeeze(nfc(title)),
            "co_quan": catalogue.find_unit(issuer).id,
            "so": squeeze(nfc(document)),
            "ngay": signed_on.isoformat(),
            "ky": _period(period),
            "han": clock.iso(moment),
            "noi_nhan": units,
            **(issuing.form_of(form, code) if form else {"bo_du_lieu": codes}),
        }
        path = issuing.issue(catalogue, folder, f"{code}.yaml", record)
    tell_issued(code, path)


def _one_form() -> IocslError:
    return usage(
        "one-form",
        "Cần đúng một trong hai: --dataset (bộ có sẵn) hoặc --form (biểu riêng).",
        "Exactly one is wanted: --dataset (one there is) or --form (a form of its own).",
        (
            "Soạn cấu trúc từ tệp có sẵn: iocsl catalog schema infer TỆP.xlsx",
            "Draft a structure from a file: iocsl catalog schema infer FILE.xlsx",
        ),
    )


def _addressees(
    catalogue: Catalogue, to: list[str], codes: list[str], *, communes: bool
) -> list[str]:
    """Who is asked: those named, all communes, or else who leads the datasets. None: exit 2."""
    named = [catalogue.find_unit(each).id for each in to]
    if communes:
        named += [each.id for each in catalogue.units() if each.kind in {"commune", "ward"}]
    if not named:
        named = [unit for code in codes if (unit := catalogue.dataset(code).responsible)]
    if not named:
        raise usage(
            "no-addressee",
            "Chưa nêu đơn vị nào phải gửi.",
            "Nobody is named to send it.",
            ("Thêm --to ĐƠN_VỊ hoặc --to-communes.", "Add --to UNIT or --to-communes."),
        )
    return list(dict.fromkeys(named))


def _due(text: str) -> datetime:
    """A moment ahead; a day alone means to its end."""
    from iocsl.deadlines.asking import parse_closing

    moment = parse_closing(text)
    if moment <= clock.now():
        raise usage(
            "past-due",
            f"Hạn {clock.iso(moment)} đã qua.",
            f"The due moment {clock.iso(moment)} has passed.",
            ("Đặt một hạn ở phía trước.", "Set one that lies ahead."),
        )
    return moment


def known_day(catalogue: Catalogue, moment: datetime) -> None:
    """Refuse (exit 8) a due moment of which the working calendar knows nothing yet."""
    from iocsl.deadlines import Readings, Timetable

    timetable = Timetable(catalogue, Readings.from_config(config.load()))
    timetable.require(moment.date(), moment.date())


def day_of(text: str | None) -> date:
    """The date of a document; today by the machine's clock, since it is a record."""
    from iocsl.deadlines.asking import parse_day

    return parse_day(text) if text else clock.record_now().date()


def _period(text: str) -> str:
    """The id of one period: a request is for one, not for a kind."""
    from iocsl.deadlines.asking import parse_period, unknown_period
    from iocsl.domain import Period

    found = parse_period(text)
    if not isinstance(found, Period):
        raise unknown_period(text)
    return found.id


def tell_issued(code: str, path: Path) -> None:
    """What was issued, read back from the catalogue as everyone will read it."""
    body = record_of(open_catalogue(), code)
    if as_json():
        emit_json({**body, "file": str(path)})
        return
    emit(tr(f"Đã phát hành {code} ({path}).", f"Issued {code} ({path})."))
    note(
        tr(
            "Các đơn vị thấy sau khi chạy: iocsl catalog sync",
            "The units see it after: iocsl catalog sync",
        )
    )


def record_of(catalogue: Catalogue, code: str) -> dict[str, Any]:
    """A request or a notice by its code. Unknown: exit 2."""
    issued = catalogue.document(ISSUED)
    found = {each["code"]: each for each in (*issued["requests"], *issued["notices"])}
    wanted = code.strip().upper()
    if wanted in found:
        body: dict[str, Any] = found[wanted]
        return body
    meant = nearest(wanted, found)
    raise usage(
        "unknown-request",
        f"Không có yêu cầu “{code}”.",
        f"There is no request “{code}”.",
        (f"Có phải là {meant}?", f"Did you mean {meant}?")
        if meant
        else ("Xem: iocsl catalog request list", "See: iocsl catalog request list"),
    )


def list_requests() -> None:
    bodies = open_catalogue().document(ISSUED)["requests"]
    if as_json():
        emit_json(bodies)
        return
    if bodies:
        headings = (
            tr("Mã", "Code"),
            tr("Yêu cầu", "What"),
            tr("Kỳ", "Period"),
            tr("Hạn", "Due"),
            tr("Đơn vị", "Units"),
            tr("Tình trạng", "State"),
        )
        show(table(headings, [_row(each) for each in bodies]))
    emit(tr(f"{len(bodies)} yêu cầu.", f"{len(bodies)} requests."))


def _row(body: dict[str, Any]) -> tuple[str, ...]:
    due = datetime.fromisoformat(body["due_before"])
    if body["withdrawn"]:
        state = tr("đã rút", "withdrawn")
    else:
        state = tr("đã qua hạn", "passed") if due <= clock.now() else tr("còn hạn", "open")
    whom = body["addressees"]
    units = whom[0] if len(whom) == 1 else str(len(whom))
    return body["code"], body["title"], body["period"], say(due_words(due)), units, state


def show_request(code: CodeArgument) -> None:
    catalogue = open_catalogue()
    body = record_of(catalogue, code)
    if as_json():
        emit_json(body)
        return
    from iocsl.deadlines import Readings
    from iocsl.deadlines.explain import explain_deadline

    emit(body.get("title") or body["code"])
    emit(explain_deadline(catalogue, Readings.from_config(config.load()), body["code"]).text())
    if body.get("own_form"):
        emit(
            tr(
                f"Mẫu để điền: iocsl catalog template {body['code']} --period {body['period']}"
                f" -o {body['code']}_{body['period']}.xlsx",
                f"The form: iocsl catalog template {body['code']} --period {body['period']}"
                f" -o {body['code']}_{body['period']}.xlsx",
            )
        )


def withdraw(
    code: CodeArgument,
    *,
    document: DocumentOption,
    reason: Annotated[str, typer.Option("--reason", help=help_text("Lý do", "Why"))],
    day: DayOption = None,
) -> None:
    from iocsl.catalog import issuing

    catalogue = open_catalogue()
    body = record_of(catalogue, code)
    if body.get("withdrawn"):
        raise usage(
            "already-withdrawn",
            f"{body['code']} đã được rút trước đó.",
            f"{body['code']} was withdrawn before.",
            (
                "Không cần làm gì. Xem: iocsl catalog request list",
                "Nothing to do. See: iocsl catalog request list",
            ),
        )
    if not body["code"].startswith(issuing.REQUEST):
        raise usage(
            "not-a-request",
            f"{body['code']} là một thông báo, không phải yêu cầu.",
            f"{body['code']} is a notice, not a request.",
            ("Ra thông báo mới cho hạn đó.", "Issue a new notice on that deadline."),
        )
    record = {
        "ma": body["code"],
        "so": squeeze(nfc(document)),
        "ngay": day_of(day).isoformat(),
        "ly_do": squeeze(nfc(reason)),
    }
    with issuing.issuing(config.home()) as folder:
        name = f"{body['code']}{issuing.WITHDRAWN}"
        path = issuing.issue(catalogue, folder, name, record)
    if as_json():
        emit_json({**record_of(open_catalogue(), body["code"]), "file": str(path)})
        return
    emit(tr(f"Đã rút {body['code']}.", f"Withdrew {body['code']}."))
