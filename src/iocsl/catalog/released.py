"""Codes that were released are never removed, reused or given another meaning (2023 Điều 6.2).

`ma_da_phat_hanh.txt` is what a release leaves behind for the next one to be held against: code,
`active` or `retired`, the name that fixes its meaning, and the unit of measure where it has one,
with tabs between. `python -m iocsl.catalog.released FOLDER` prints the list of the next release.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from iocsl.catalog.changes import CHANGED, REMOVED, Change, Coded, changes_of
from iocsl.catalog.loader import fault
from iocsl.domain import Words

FILE = "ma_da_phat_hanh.txt"
_STATES = {"active": False, "retired": True}


def read(path: Path) -> dict[str, tuple[int, Coded]]:
    """The list at `path`: by code its line (from 1) and what it says. IocslError exit 3."""
    found: dict[str, tuple[int, Coded]] = {}
    for line, text in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not text or text.startswith("#"):
            continue
        fields = text.split("\t")
        if len(fields) not in {3, 4} or fields[1] not in _STATES:
            said = Words(
                "cần các cột: mã, active|retired, tên, đơn vị tính (nếu có).",
                "wants: code, active|retired, name, unit of measure (if any).",
            )
            raise fault(path, line, said)
        code, state, meaning = fields[:3]
        measure = fields[3] if len(fields) == 4 else ""
        found[code] = line, Coded(meaning, _STATES[state], measure)
    return found


def check(folder: Path, present: Mapping[str, Coded]) -> None:
    """Hold the codes present against the last release's list, where the folder has one."""
    path = folder / FILE
    if not path.is_file():
        return
    for code, (line, before) in read(path).items():
        after = present.get(code)
        if after is None:
            found = [Change(REMOVED, code, before.said, None)]
        else:
            found = [each for each in changes_of(code, before, after) if each.error]
        if found:
            kind, words = _said(found[0])
            raise fault(path, line, words, entry=code, code=kind)


def _said(change: Change) -> tuple[str, Words]:
    if change.kind == REMOVED:
        return "removed-code", Words(
            "mã đã phát hành không được xóa; giữ mục với trang_thai: retired.",
            "a released code may not be removed; keep the entry with trang_thai: retired.",
        )
    if change.kind == CHANGED:
        return "changed-code", Words(
            f"mã đã phát hành đổi nghĩa: trước là “{change.before}”, nay là “{change.after}”.",
            f"a released code changed its meaning: it was “{change.before}” and is now"
            f" “{change.after}”.",
        )
    return "retired-code", Words(
        "mã đã ngừng dùng không được dùng lại.", "a retired code may not be used again."
    )


def render(present: Mapping[str, Coded]) -> str:
    """The list to commit with a release."""
    lines = ["# Mã đã phát hành: không xóa, không dùng lại, không đổi nghĩa."]
    for code, each in sorted(present.items()):
        fields = [code, "retired" if each.retired else "active", each.meaning]
        lines.append("\t".join([*fields, each.measure] if each.measure else fields))
    return "\n".join(lines) + "\n"


def main(folder: Path) -> None:
    """Print the list for the catalogue in `folder`, which must pass its checks first."""
    from iocsl.catalog.contents import coded, load_files

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr] # a text stream has it
    sys.stdout.write(render(coded(load_files(folder))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
