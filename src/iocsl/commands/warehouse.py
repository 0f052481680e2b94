"""`iocsl warehouse`: set up, serve and look after the receiving side (extra `warehouse`)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl.commands import warehouse_requests
from iocsl.commands.options import as_json, command, new_app
from iocsl.commands.warehouse_accounts import accounts_app
from iocsl.commands.warehouse_store import (
    DEFAULT_PORT,
    StoreOption,
    folder_of,
    opened_store,
    test_mark,
)
from iocsl.console.output import emit, emit_exactly, emit_json, note, show, table
from iocsl.domain import ExitCode
from iocsl.errors import usage
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.warehouse.server import Tls
    from iocsl.warehouse.upkeep import Fault


def add(app: typer.Typer) -> None:
    group = new_app("Kho tiếp nhận: dựng, chạy, trông coi", "The receiving warehouse: set up, run")
    command(group, "init", "Dựng một kho mới", "Set up a new warehouse")(init)
    command(
        group, "serve", "Chạy kho, nhận gói nộp của các đơn vị", "Run it and receive submissions"
    )(serve)
    command(group, "units", "Đơn vị nào đã nộp gì", "Which unit has sent what")(units)
    group.add_typer(accounts_app(), name="accounts")
    command(group, "keys", "Khóa công khai của kho: biên nhận, mã hóa", "Its public keys")(keys)
    command(group, "check", "Kiểm tra kho còn nguyên vẹn", "Check that the store is whole")(check)
    command(group, "report", "Các gói đã nhận và tình trạng", "What was received, and its state")(
        report
    )
    warehouse_requests.add(group)
    command(
        group, "export", "Xuất dữ liệu đã vào kho (JSON từng dòng)", "Landed data as JSON lines"
    )(export)
    command(group, "backup", "Sao lưu kho sang thư mục mới", "Copy the store to a new folder")(
        backup
    )
    command(group, "restore", "Khôi phục kho từ bản sao lưu", "Make a store from a backup")(restore)
    app.add_typer(group, name="warehouse")


def init(
    store: StoreOption = None,
    test: Annotated[
        bool,
        typer.Option(
            "--test",
            help=help_text(
                "Kho thử nghiệm: mọi biên nhận mang dấu TEST, không đổi lại được",
                "A test warehouse: every receipt says TEST; this cannot be undone",
            ),
        ),
    ] = False,
) -> None:
    from iocsl.warehouse.store import Store

    with Store.create(folder_of(store), test=test) as made:
        facts = {"store": str(made.folder), "test": made.test, "kid": made.keys.kid}
    if as_json():
        emit_json(facts)
        return
    emit(tr("Đã dựng kho: ", "Warehouse made: ") + f"{facts['store']}{test_mark(test)}")
    emit(tr("Mã khóa biên nhận: ", "Key of the receipts: ") + str(facts["kid"]))
    note(
        tr(
            "Tiếp theo: iocsl warehouse accounts add ĐƠN_VỊ -o tai-khoan.json, rồi"
            " iocsl warehouse serve",
            "Next: iocsl warehouse accounts add UNIT -o tai-khoan.json, then iocsl warehouse serve",
        )
    )


def serve(
    *,
    store: StoreOption = None,
    host: Annotated[
        str, typer.Option(help=help_text("Địa chỉ lắng nghe", "Address to listen at"))
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help=help_text("Cổng (0: tự chọn)", "Port (0 picks a free one)")
        ),
    ] = DEFAULT_PORT,
    port_file: Annotated[
        Path | None,
        typer.Option(
            "--port-file",
            metavar="FILE",
            help=help_text(
                "Ghi số cổng vào tệp này khi đã sẵn sàng", "Write the port here once it is open"
            ),
        ),
    ] = None,
    tls_certificate: Annotated[
        Path | None,
        typer.Option(
            "--tls-cert",
            metavar="PEM",
            help=help_text("Chứng thư máy chủ (PEM)", "Certificate of the server (PEM)"),
        ),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option(
            "--tls-key",
            metavar="PEM",
            help=help_text("Khóa của chứng thư máy chủ (PEM)", "Key of that certificate (PEM)"),
        ),
    ] = None,
) -> None:
    from iocsl.warehouse import server

    server.require_extra()
    tls = _tls(tls_certificate, tls_key)
    with opened_store(store) as opened:
        server.refuse_held_clock(opened)
        with server.alone(opened):
            from iocsl.warehouse.judge import CatalogueJudge
            from iocsl.warehouse.published import Published

            judge = CatalogueJudge(opened)
            catalogue = Published(opened.keys)
            bound = server.listen(host, port)
            note(
                tr("Kho đang nhận ở ", "The warehouse listens at ")
                + server.url_of(bound, tls)
                + test_mark(opened.test)
            )
            if server.is_open(bound, tls):
                note(
                    tr(
                        "Lưu ý: máy khác gửi tới đây không được mã hóa. Thêm --tls-cert, --tls-key"
                        " hoặc đặt sau một máy chủ có https.",
                        "Note: what other machines send here is not encrypted. Add --tls-cert and"
                        " --tls-key, or put it behind a server that speaks https.",
                    )
                )
            note(tr("Dừng: Ctrl+C", "Stop: Ctrl+C"))
            server.serve(opened, judge, catalogue, bound, tls=tls, port_file=port_file)


def _tls(certificate: Path | None, key: Path | None) -> Tls | None:
    from iocsl.warehouse.server import Tls

    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise usage(
            "half-tls",
            "Cần cả --tls-cert và --tls-key.",
            "Both --tls-cert and --tls-key are wanted.",
            (
                "Thêm tùy chọn còn thiếu, hoặc bỏ cả hai.",
                "Add the one that is missing, or leave out both.",
            ),
        )
    tls = Tls(certificate, key)
    tls.check()
    return tls


def units(store: StoreOption = None) -> None:
    from iocsl.warehouse import upkeep

    with opened_store(store) as opened:
        rows = upkeep.by_unit(opened)
    if as_json():
        emit_json(rows)
        return
    headings = (
        tr("Đơn vị", "Unit"),
        tr("Tài khoản", "Accounts"),
        tr("Gói", "Bundles"),
        tr("Chờ kiểm tra", "In check"),
        tr("Vào kho", "Landed"),
        tr("Cần sửa", "Needs work"),
        tr("Lần nhận cuối", "Last received"),
    )
    show(table(headings, [tuple(row.values()) for row in rows]))


def keys(store: StoreOption = None) -> None:
    with opened_store(store) as opened:
        public, test = opened.keys.public(), opened.test
    if as_json():
        emit_json(public)
        return
    uses = {"sig": tr("ký biên nhận", "signs receipts"), "enc": tr("mã hóa", "encryption")}
    for key in public["keys"]:
        emit(f"{key['kid']}  {key['alg']}  {uses[key['use']]}{test_mark(test)}")


def check(store: StoreOption = None) -> None:
    from iocsl.warehouse import upkeep

    with opened_store(store) as opened:
        faults = upkeep.check(opened)
    _tell_faults(faults)


def _tell_faults(faults: list[Fault]) -> None:
    if as_json():
        emit_json([fault.document() for fault in faults])
    elif not faults:
        emit(tr("Kho nguyên vẹn.", "The store is whole."))
    else:
        headings = (tr("Mã", "Code"), tr("Ở", "At"), tr("Vấn đề", "What is wrong"))
        show(table(headings, [(each.code, each.what, say(each.message)) for each in faults]))
    if faults:
        raise typer.Exit(int(ExitCode.INTEGRITY))


def report(store: StoreOption = None) -> None:
    from iocsl.warehouse import upkeep

    with opened_store(store) as opened:
        rows = upkeep.submissions(opened)
    if as_json():
        emit_json(rows)
        return
    headings = (
        tr("Đơn vị", "Unit"),
        tr("Bộ dữ liệu", "Dataset"),
        tr("Kỳ", "Period"),
        tr("Lần", "No."),
        tr("Nhận lúc", "Received at"),
        tr("Tình trạng", "State"),
        tr("Số dòng", "Rows"),
    )
    names = ("unit", "dataset", "period", "sequence", "accepted_at", "state", "rows")
    show(table(headings, [tuple(row[name] for name in names) for row in rows]))


class _Results(io.TextIOBase):
    """stdout as a program needs it: where it is not Unicode, JSON's own escapes."""

    def write(self, text: str, /) -> int:
        emit_exactly(text, "iocsl.json", end="")
        return len(text)


def _period_id(given: str) -> str:
    """The id of one period; a kind of period is none. Exit 2."""
    from iocsl.deadlines.asking import parse_period, unknown_period
    from iocsl.domain import Period

    found = parse_period(given)
    if not isinstance(found, Period):
        raise unknown_period(given)
    return found.id


def export(
    store: StoreOption = None,
    dataset: Annotated[
        str | None, typer.Option(help=help_text("Chỉ bộ dữ liệu này", "Only this dataset"))
    ] = None,
    period: Annotated[
        str | None, typer.Option(help=help_text("Chỉ kỳ này", "Only this period"))
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help=help_text("Ghi ra tệp", "Write to a file")
        ),
    ] = None,
) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.files import replacing
    from iocsl.warehouse import upkeep

    asked: dict[str, Any] = {
        "dataset": open_catalogue().dataset(dataset).code if dataset else None,
        "period": _period_id(period) if period else None,
        "array": as_json(),
    }
    with opened_store(store) as opened:
        if output is None:
            count = upkeep.export(opened, _Results(), **asked)
        else:
            with replacing(output) as raw:
                text = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
                count = upkeep.export(opened, text, **asked)
                text.flush()
                text.detach()
    note(tr(f"{count} dòng số liệu.", f"{count} rows."))


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="DIR", help=help_text("Thư mục mới", "A new folder"))
    ],
    store: StoreOption = None,
) -> None:
    from iocsl.warehouse import upkeep

    with opened_store(store) as opened:
        upkeep.backup(opened, target)
    _done({"backup": str(target)}, tr(f"Đã sao lưu vào {target}", f"Copied to {target}"))


def restore(
    source: Annotated[
        Path, typer.Argument(metavar="DIR", help=help_text("Thư mục sao lưu", "The backup"))
    ],
    store: StoreOption = None,
) -> None:
    from iocsl.warehouse import upkeep

    faults = upkeep.restore(source, folder_of(store))
    _tell_faults(faults)


def _done(document: dict[str, Any], text: str) -> None:
    if as_json():
        emit_json(document)
    else:
        emit(text)
