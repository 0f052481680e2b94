"""`iocsl catalog contacts`: the two contacts of a unit (1134 Điều 11.2), kept in its own home."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from iocsl.catalog import Unit, contacts, open_catalogue
from iocsl.commands.options import as_json, command, new_app, unit_or_own
from iocsl.console.output import emit, emit_json, note, show, table
from iocsl.errors import usage
from iocsl.text import help_text, squeeze, tr

ROLES = {"leader": "lanh_dao", "official": "cong_chuc"}
UnitOption = Annotated[
    str | None,
    typer.Option(
        "--unit", help=help_text("Đơn vị (mặc định: của máy này)", "The unit (default: this one's)")
    ),
]


def add(group: typer.Typer) -> None:
    app = new_app(
        "Hai đầu mối của đơn vị: một lãnh đạo, một công chức (Điều 11.2)",
        "A unit's two contacts: one leader, one official (Điều 11.2)",
    )
    command(app, "show", "Xem đầu mối", "Show the contacts")(show_contacts)
    command(app, "set", "Đặt hoặc thay một đầu mối", "Set or change one contact")(set_contact)
    group.add_typer(app, name="contacts")


def _unit(given: str | None) -> Unit:
    named = unit_or_own(given)
    if named is None:
        raise usage(
            "no-unit",
            "Chưa biết là đơn vị nào.",
            "It is not known which unit is meant.",
            (
                "Thêm --unit MÃ, hoặc đặt unit trong config.toml.",
                "Add --unit ID, or set unit in config.toml.",
            ),
        )
    return open_catalogue().find_unit(named)


def show_contacts(unit: UnitOption = None) -> None:
    of = _unit(unit)
    roles = contacts.read().get(of.id, dict.fromkeys(contacts.ROLES))
    if as_json():
        people = {role: asdict(one) if one else None for role, one in roles.items()}
        emit_json({"unit": of.id, **people})
        return
    titles = {
        "lanh_dao": tr("Lãnh đạo", "Leader"),
        "cong_chuc": tr("Công chức", "Official"),
    }
    headings = (
        tr("Đầu mối", "Contact"),
        tr("Họ tên", "Name"),
        tr("Chức vụ", "Post"),
        tr("Điện thoại", "Phone"),
        tr("Thư điện tử", "E-mail"),
    )
    rows = [
        (titles[role], *(asdict(one).values() if one else ("–",) * 4))
        for role, one in roles.items()
    ]
    emit(f"{of.name} ({of.id})")
    show(table(headings, rows))
    if not all(roles.values()):
        note(
            tr(
                "Điều 11 khoản 2 yêu cầu một lãnh đạo và một công chức. "
                "Đặt bằng: iocsl catalog contacts set leader|official",
                "Điều 11.2 wants one leader and one official. "
                "Set them with: iocsl catalog contacts set leader|official",
            )
        )


def set_contact(
    role: Annotated[
        str,
        typer.Argument(metavar="leader|official", help=help_text("Vai trò", "Which of the two")),
    ],
    unit: UnitOption = None,
) -> None:
    """Ask for the four facts, or read them from stdin, one a line: never from the command line.

    What is on a command line stays in the shell's history, and these are personal data.
    """
    if role not in ROLES:
        raise usage(
            "unknown-role",
            f"Không có vai trò “{role}”.",
            f"There is no role “{role}”.",
            ("Chọn leader (lãnh đạo) hoặc official (công chức).", "Choose leader or official."),
        )
    of = _unit(unit)
    name, post, phone, mail = (
        squeeze(_ask(question))
        for question in (
            tr("Họ và tên", "Full name"),
            tr("Chức vụ", "Post"),
            tr("Điện thoại", "Phone"),
            tr("Thư điện tử", "E-mail"),
        )
    )
    if not name:
        raise usage(
            "no-name",
            "Chưa có họ và tên, chưa ghi gì.",
            "There is no name; nothing was written.",
            ("Chạy lại và gõ họ tên khi được hỏi.", "Run it again and type the name when asked."),
        )
    contacts.write(of.id, ROLES[role], contacts.Contact(name, post, phone, mail))
    path = contacts.path()
    if as_json():
        emit_json({"unit": of.id, "role": ROLES[role], "file": str(path)})
    else:
        emit(
            tr(
                f"Đã ghi vào {path}. Báo Sở Khoa học và Công nghệ khi thay đổi (Điều 11.2).",
                f"Written to {path}. Tell Sở KH&CN of the change (Điều 11.2).",
            )
        )


def _ask(question: str) -> str:
    if sys.stdin.isatty():
        answer: str = typer.prompt(question, default="", show_default=False, err=True)
        return answer
    return sys.stdin.readline()
