"""Write the documents whose source is the code; with `--check`, say which are out of date.

The command reference (docs/cli.md), the rule pages (docs/rules.md), the JSON Schemas of every
output (docs/schemas/), and the compiled words of the command-line framework.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from pydantic import TypeAdapter

from iocsl import cli, text
from iocsl.console.schemas import DOCUMENTS, OUTPUTS
from iocsl.validate.docs import as_markdown

ROOT = Path(__file__).parent.parent
WORDS = Path("src/iocsl/console/locale/vi/LC_MESSAGES/messages.po")
GLOBAL_OPTIONS = ("--lang", "--at", "--home", "--help")


def _commands(of: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, of
    if isinstance(of, click.Group):
        context = click.Context(of)
        for child in of.list_commands(context):
            command = of.get_command(context, child)
            if command is not None:
                yield from _commands(command, f"{name} {child}")


def command_reference() -> str:
    """Every command with its arguments and options, as `--help` tells them."""
    text.set_language("vi")
    cli._translate_framework()
    lines = ["# Các lệnh của iocsl", "", "Trang này được sinh ra từ mã nguồn (`make docs`).", ""]
    for name, command in _commands(cli.build(), "iocsl"):
        context = click.Context(command, info_name=name)
        lines += [f"## `{name}`", "", command.help or "", ""]
        usage = " ".join(command.collect_usage_pieces(context))
        lines += [f"    {name} {usage}", ""]
        rows = [
            (option, about)
            for parameter in command.get_params(context)
            if (record := parameter.get_help_record(context))
            for option, about in [record]
            if not option.startswith(GLOBAL_OPTIONS)
        ]
        if rows:
            lines += ["| Tùy chọn | Ý nghĩa |", "|---|---|"]
            lines += [f"| `{_cell(option)}` | {_cell(about)} |" for option, about in rows]
            lines.append("")
    lines.append("Mọi lệnh còn nhận `--lang`, `--at`, `--home`, `--help`.")
    return "\n".join(lines) + "\n"


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("\n", " ")


def schema_list() -> str:
    """Which schema fits what each command prints with `--format json`."""
    lines = [
        "# JSON Schema của mọi kết quả",
        "",
        "Trang này được sinh ra từ mã nguồn (`make docs`).",
        "Mọi lệnh, khi từ chối: [error](error.json).",
        "Nội dung của biên nhận (JWS): [receipt](receipt.json).",
        "",
        "| Lệnh | `--format json` |",
        "|---|---|",
    ]
    lines += [f"| `iocsl {name}` | [{kind}]({kind}.json) |" for name, kind in OUTPUTS.items()]
    return "\n".join(lines) + "\n"


def generated() -> dict[Path, bytes]:
    """Path in the repository → content."""
    pages = {
        Path("docs/cli.md"): command_reference().encode(),
        Path("docs/rules.md"): as_markdown().encode(),
        Path("docs/schemas/README.md"): schema_list().encode(),
    }
    for name, shape in DOCUMENTS.items():
        schema = TypeAdapter(shape).json_schema()
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        written = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        pages[Path(f"docs/schemas/{name}.json")] = written.encode()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO((ROOT / WORDS).read_bytes())))
    pages[WORDS.with_suffix(".mo")] = compiled.getvalue()
    return pages


def main() -> int:
    stale = []
    for path, content in generated().items():
        target = ROOT / path
        if target.is_file() and target.read_bytes() == content:
            continue
        stale.append(path)
        if "--check" not in sys.argv:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    for path in stale:
        said = "out of date, run make docs" if "--check" in sys.argv else "written"
        sys.stdout.write(f"{path}: {said}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
