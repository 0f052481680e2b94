"""`iocsl warehouse accounts`: who may send for which unit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from iocsl.commands.options import as_json, command, new_app
from iocsl.commands.warehouse_store import DEFAULT_PORT, StoreOption, opened_store
from iocsl.console.output import emit, emit_json, note, show, table
from iocsl.errors import usage
from iocsl.text import help_text, tr


def accounts_app() -> typer.Typer:
    group = new_app("Tài khoản của các đơn vị", "Accounts of the units")
    command(group, "add", "Cấp tài khoản cho một đơn vị", "Make an account for a unit")(add_account)
    command(group, "list", "Danh sách tài khoản", "The accounts")(list_accounts)
    command(group, "lock", "Khóa một tài khoản", "Lock an account")(lock_account)
    return group


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
    with opened_store(store) as opened:
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

    with opened_store(store) as opened:
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

    with opened_store(store) as opened:
        accounts.lock(opened, client_id)
    if as_json():
        emit_json({"client_id": client_id, "locked": True})
        return
    emit(tr(f"Đã khóa tài khoản {client_id}.", f"Account {client_id} is locked."))
