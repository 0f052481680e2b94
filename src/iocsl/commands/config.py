"""`iocsl config`: every setting, its value, and where it came from."""

from __future__ import annotations

import typer

from iocsl import config
from iocsl.commands.options import as_json, command
from iocsl.console.output import emit, emit_json, show, table
from iocsl.text import language, say, tr


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
    for row in rows:
        if row["key"] == "lang" and row["value"] != language():
            row.update(value=language(), origin="--lang")
    place, origin = str(loaded.home), config.home_origin()
    if as_json():
        file = str(loaded.home / config.FILE)
        emit_json({"home": place, "home_origin": origin, "file": file, "settings": rows})
        return
    emit(
        tr(
            f"Thư mục làm việc: {place} (lấy từ: {origin})",
            f"Home folder: {place} (from: {origin})",
        )
    )
    headings = (
        tr("Khóa", "Key"),
        tr("Giá trị", "Value"),
        tr("Lấy từ", "From"),
        tr("Ý nghĩa", "Meaning"),
    )
    show(table(headings, [(r["key"], r["value"], r["origin"], r["about"]) for r in rows]))
