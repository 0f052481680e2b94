"""Codes that were released are never removed, reused or given another meaning (2023 Điều 6.2).

`ma_da_phat_hanh.txt` is the list of the last release: code, `active` or `retired`, and the name,
with tabs between. `python -m iocsl.catalog.released FOLDER` prints the list of the next one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from iocsl.catalog.loader import fault
from iocsl.domain import Words

FILE = "ma_da_phat_hanh.txt"

Coded = tuple[str, bool, str]
"""A code, whether it is retired, and the name that fixes its meaning (as printed, for datasets)."""


def check(folder: Path, present: Iterable[Coded]) -> None:
    """Hold the codes present against the last release's list, where the folder has one."""
    path = folder / FILE
    if not path.is_file():
        return
    now = {code: (retired, name) for code, retired, name in present}
    for line, text in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not text or text.startswith("#"):
            continue
        code, state, name = _fields(path, line, text)
        said = _against(now.get(code), state == "retired", name)
        if said:
            kind, words = said
            raise fault(path, line, words, entry=code, code=kind)


def _fields(path: Path, line: int, text: str) -> tuple[str, str, str]:
    fields = text.split("\t")
    if len(fields) != 3 or fields[1] not in {"active", "retired"}:
        said = Words("cần ba cột: mã, active|retired, tên.", "wants: code, active|retired, name.")
        raise fault(path, line, said)
    return fields[0], fields[1], fields[2]


def _against(
    now: tuple[bool, str] | None, was_retired: bool, name: str
) -> tuple[str, Words] | None:
    if now is None:
        return "removed-code", Words(
            "mã đã phát hành không được xóa; giữ mục với trang_thai: retired.",
            "a released code may not be removed; keep the entry with trang_thai: retired.",
        )
    retired, named = now
    if was_retired and not retired:
        return "retired-code", Words(
            "mã đã ngừng dùng không được dùng lại.", "a retired code may not be used again."
        )
    if named != name:
        return "changed-code", Words(
            f"mã đã phát hành đổi nghĩa: trước là “{name}”, nay là “{named}”.",
            f"a released code changed its meaning: it was “{name}” and is now “{named}”.",
        )
    return None


def render(present: Iterable[Coded]) -> str:
    """The list to commit with a release."""
    head = "# Mã đã phát hành: không xóa, không dùng lại, không đổi nghĩa.\n"
    return head + "".join(
        f"{code}\t{'retired' if retired else 'active'}\t{name}\n"
        for code, retired, name in sorted(present)
    )


def main(folder: Path) -> None:
    """Print the list for the catalogue in `folder`, which must pass its checks first."""
    from iocsl.catalog.contents import coded, load_files

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr] # a text stream has it
    sys.stdout.write(render(coded(load_files(folder))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
