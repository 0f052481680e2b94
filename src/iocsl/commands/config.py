"""`iocsl config`: every setting, its value, and where it came from."""

from __future__ import annotations

import typer

from iocsl import config
from iocsl.commands.options import as_json, command
from iocsl.console.output import emit, emit_json, show, table
from iocsl.text import say, tr


def add(app: typer.Typer) -> None:
    command(
        app, "config", "Các thiết lập và nơi đặt ra chúng", "Settings and where they come from"
    )(show_config)


def show_config() -> None:
    loaded = config.load()
    rows = [
        {
            "key": key,
            "value": "***" if found.setting.secret and found.value is not None else found.value,
            "origin": found.origin,
            "env": found.setting.env,
            "about": say(found.setting.about),
        }
        for key, found in loaded.resolved.items()
    ]
    if as_json():
        emit_json(
            {"home": str(loaded.home), "file": str(loaded.home / config.FILE), "settings": rows}
        )
        return
    emit(tr("Thư mục làm việc: ", "Home folder: ") + str(loaded.home))
    headings = (
        tr("Khóa", "Key"),
        tr("Giá trị", "Value"),
        tr("Lấy từ", "From"),
        tr("Ý nghĩa", "Meaning"),
    )
    show(table(headings, [(r["key"], r["value"], r["origin"], r["about"]) for r in rows]))
