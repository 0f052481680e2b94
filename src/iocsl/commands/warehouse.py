"""`iocsl warehouse`: set up, serve and look after the receiving side (extra `warehouse`)."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import config
from iocsl.commands.options import as_json, command, new_app
from iocsl.console.output import emit, emit_json, note, show, table
from iocsl.domain import ExitCode
from iocsl.errors import usage
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.warehouse.server import Tls
    from iocsl.warehouse.store import Store
    from iocsl.warehouse.upkeep import Fault

DEFAULT_PORT = 8470

StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="DIR",
        help=help_text(
            "Thư mục của kho (mặc định: thư mục con kho của thư mục làm việc)",
            "Folder of the warehouse (default: kho in the home folder)",
        ),
    ),
]


def add(app: typer.Typer) -> None:
    group = new_app("Kho tiếp nhận: dựng, chạy, trông coi", "The receiving warehouse: set up, run")
    command(group, "init", "Dựng một kho mới", "Set up a new warehouse")(init)
    command(
        group, "serve", "Chạy kho, nhận gói nộp của các đơn vị", "Run it and receive submissions"
    )(serve)
    command(group, "units", "Đơn vị nào đã nộp gì", "Which unit has sent what")(units)
    group.add_typer(_accounts(), name="accounts")
    command(group, "keys", "Khóa công khai để kiểm tra biên nhận", "Public keys of the receipts")(
        keys
    )
    command(group, "check", "Kiểm tra kho còn nguyên vẹn", "Check that the store is whole")(check)
    command(group, "report", "Các gói đã nhận và tình trạng", "What was received, and its state")(
        report
    )
    command(
        group, "export", "Xuất dữ liệu đã vào kho (JSON từng dòng)", "Landed data as JSON lines"
    )(export)
    command(group, "backup", "Sao lưu kho sang thư mục mới", "Copy the store to a new folder")(
        backup
    )
    command(group, "restore", "Khôi phục kho từ bản sao lưu", "Make a store from a backup")(restore)
    app.add_typer(group, name="warehouse")


def _accounts() -> typer.Typer:
    group = new_app("Tài khoản của các đơn vị", "Accounts of the units")
    command(group, "add", "Cấp tài khoản cho một đơn vị", "Make an account for a unit")(add_account)
    command(group, "list", "Danh sách tài khoản", "The accounts")(list_accounts)
    command(group, "lock", "Khóa một tài khoản", "Lock an account")(lock_account)
    return group


def _folder(store: Path | None) -> Path:
    return (store or config.home() / "kho").absolute()


@contextlib.contextmanager
def _opened(folder: Path | None) -> Iterator[Store]:
    from iocsl.ledger.database import trouble
    from iocsl.warehouse.store import FILE, Store

    place = _folder(folder)
    with Store.open(place) as store:
        try:
            yield store
        except sqlite3.Error as error:
            raise trouble(error, place / FILE) from None


def _test_mark(test: bool) -> str:
    return tr("  (KHO THỬ NGHIỆM - TEST)", "  (TEST WAREHOUSE)") if test else ""


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

    with Store.create(_folder(store), test=test) as made:
        facts = {"store": str(made.folder), "test": made.test, "kid": made.keys.kid}
    if as_json():
        emit_json(facts)
        return
    emit(tr("Đã dựng kho: ", "Warehouse made: ") + f"{facts['store']}{_test_mark(test)}")
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
    with _opened(store) as opened:
        server.refuse_held_clock(opened)
        with server.alone(opened):
            from iocsl.warehouse.judge import CatalogueJudge, catalogue_snapshot

            judge = CatalogueJudge(opened)
            snapshot = catalogue_snapshot()
            bound = server.listen(host, port)
            note(
                tr("Kho đang nhận ở ", "The warehouse listens at ")
                + server.url_of(bound, tls)
                + _test_mark(opened.test)
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
            server.serve(opened, judge, lambda: snapshot, bound, tls=tls, port_file=port_file)


def _tls(certificate: Path | None, key: Path | None) -> Tls | None:
    from iocsl.warehouse.server import Tls

    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise usage(
            "half-tls",
            "Cần cả --tls-cert và --tls-key.",
            "Both --tls-cert and --tls-key are wanted.",
        )
    tls = Tls(certificate, key)
    tls.check()
    return tls


def units(store: StoreOption = None) -> None:
    from iocsl.warehouse import upkeep

    with _opened(store) as opened:
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


def add_account(
    unit: Annotated[
        str, typer.Argument(help=help_text("Mã hoặc tên đơn vị", "Id or name of the unit"))
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=help_text("Tệp tài khoản giao cho đơn vị", "Account file to hand to the unit"),
        ),
    ],
    url: Annotated[
        str | None,
        typer.Option(
            help=help_text("Địa chỉ kho mà đơn vị dùng", "Address at which the unit reaches us")
        ),
    ] = None,
    store: StoreOption = None,
) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.files import write_whole
    from iocsl.transport.account import check_address
    from iocsl.warehouse import accounts

    if output.exists():
        raise usage(
            "file-exists",
            f"Đã có tệp “{output}”, không ghi đè.",
            f"There is a file “{output}” already; it is not overwritten.",
            ("Chọn tên khác sau -o.", "Choose another name after -o."),
        )
    with _opened(store) as opened:
        address = url or (f"http://127.0.0.1:{DEFAULT_PORT}" if opened.test else None)
        if address is None:
            raise usage(
                "no-url",
                "Cần địa chỉ mà đơn vị dùng để gửi tới kho.",
                "The address at which the unit reaches the warehouse is wanted.",
                ("Thêm --url https://…", "Add --url https://…"),
            )
        check_address(address)
        document = accounts.add(opened, open_catalogue().find_unit(unit).id, address)
    write_whole(output, json.dumps(document, ensure_ascii=False, indent=2).encode(), private=True)
    shown = {key: document[key] for key in ("unit", "client_id", "url", "test")}
    if as_json():
        emit_json({**shown, "file": str(output)})
        return
    emit(
        tr(
            f"Đã cấp tài khoản {shown['client_id']} cho {shown['unit']}: {output}",
            f"Account {shown['client_id']} made for {shown['unit']}: {output}",
        )
    )
    note(
        tr(
            f"Tệp chứa mật khẩu, hãy giao kín. Đơn vị chạy: iocsl submit --connect {output.name}",
            f"The file holds a secret. The unit runs: iocsl submit --connect {output.name}",
        )
    )


def list_accounts(store: StoreOption = None) -> None:
    from dataclasses import asdict

    from iocsl.warehouse import accounts

    with _opened(store) as opened:
        rows = [asdict(each) for each in accounts.listed(opened)]
    if as_json():
        emit_json(rows)
        return
    headings = (
        tr("Tài khoản", "Account"),
        tr("Đơn vị", "Unit"),
        tr("Cấp lúc", "Made at"),
        tr("Khóa lúc", "Locked at"),
    )
    show(table(headings, [tuple(row.values()) for row in rows]))


def lock_account(
    client_id: Annotated[
        str,
        typer.Argument(metavar="ACCOUNT", help=help_text("Mã tài khoản", "Id of the account")),
    ],
    store: StoreOption = None,
) -> None:
    from iocsl.warehouse import accounts

    with _opened(store) as opened:
        accounts.lock(opened, client_id)
    if as_json():
        emit_json({"client_id": client_id, "locked": True})
        return
    emit(tr(f"Đã khóa tài khoản {client_id}.", f"Account {client_id} is locked."))


def keys(store: StoreOption = None) -> None:
    with _opened(store) as opened:
        public, test = opened.keys.public(), opened.test
    if as_json():
        emit_json(public)
        return
    for key in public["keys"]:
        emit(f"{key['kid']}  {key['alg']}  {key['crv']}{_test_mark(test)}")


def check(store: StoreOption = None) -> None:
    from iocsl.warehouse import upkeep

    with _opened(store) as opened:
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

    with _opened(store) as opened:
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
    import io

    from iocsl.files import replacing
    from iocsl.warehouse import upkeep

    with _opened(store) as opened:
        if output is None:
            count = upkeep.export(opened, sys.stdout, dataset=dataset, period=period)
        else:
            with replacing(output) as raw:
                text = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
                count = upkeep.export(opened, text, dataset=dataset, period=period)
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

    with _opened(store) as opened:
        upkeep.backup(opened, target)
    _done({"backup": str(target)}, tr(f"Đã sao lưu vào {target}", f"Copied to {target}"))


def restore(
    source: Annotated[
        Path, typer.Argument(metavar="DIR", help=help_text("Thư mục sao lưu", "The backup"))
    ],
    store: StoreOption = None,
) -> None:
    from iocsl.warehouse import upkeep

    faults = upkeep.restore(source, _folder(store))
    _tell_faults(faults)


def _done(document: dict[str, Any], text: str) -> None:
    if as_json():
        emit_json(document)
    else:
        emit(text)
