"""Issuing requests, withdrawals and notices: one new file each, never one changed.

They lie in the catalogue folder that is worked on (`catalog.folder`, reviewed in git), else in the
home of the warehouse, and go out with its next signed snapshot. A home that takes its catalogue
from a warehouse issues nothing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from iocsl import config
from iocsl.catalog import mirror
from iocsl.catalog.issued import NOTICE, REQUEST, WITHDRAWN, read_issued
from iocsl.catalog.loader import read
from iocsl.catalog.lookup import Catalogue
from iocsl.catalog.schema import parse_schema, with_code_lists
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.files import sha256_of, write_whole
from iocsl.ledger.chain import FILE as LEDGER
from iocsl.ledger.chain import Chain

__all__ = [
    "NOTICE",
    "REQUEST",
    "WITHDRAWN",
    "check_unaltered",
    "form_of",
    "issue",
    "issuing",
    "next_code",
    "place",
]

ACTS = {
    REQUEST: "catalog.request.add",
    WITHDRAWN: "catalog.request.withdraw",
    NOTICE: "catalog.window.add",
}
_HEAD = "# Đã phát hành: không sửa, không xóa, không dùng lại mã.\n"


class _Plain(yaml.SafeDumper):
    """YAML as the loader takes it: no anchors, keys in their order."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def place(home: Path) -> Path:
    """The folder in which this home issues. Exit 2 where its catalogue comes from a warehouse."""
    if given := config.load().text("catalog.folder"):
        return Path(given).expanduser().absolute() / mirror.ISSUED
    if mirror.taken_in(home) is not None:
        raise usage(
            "not-an-issuer",
            "Máy này nhận danh mục từ kho nên không phát hành được.",
            "The catalogue of this machine comes from a warehouse; nothing is issued here.",
            (
                "Phát hành ở máy vận hành kho: thêm --home THƯ_MỤC_KHO, hoặc đặt catalog.folder.",
                "Issue where the warehouse runs: add --home ITS_FOLDER, or set catalog.folder.",
            ),
        )
    return home / mirror.ISSUED


@contextmanager
def issuing(home: Path) -> Iterator[Path]:
    """The folder to issue in, held by one process at a time so that no number is given twice."""
    from filelock import FileLock

    folder = place(home)
    with FileLock(home / "phat-hanh.lock"):
        yield folder


def next_code(prefix: str, year: int, home: Path, folder: Path) -> str:
    """`YC-2026-004`: one above every number that was ever given, withdrawn ones too."""
    known = [path.name for path in folder.glob("*.yaml")]
    known += [str(each.subject.get("code")) for each in _entries(home)]
    form = re.compile(rf"{prefix}-{year}-(\d{{3}})\b")
    given = [int(found[1]) for name in known if (found := form.match(name))]
    number = max(given, default=0) + 1
    if number > 999:
        raise usage(
            "no-code-left",
            f"Năm {year} đã dùng hết các mã {prefix}.",
            f"All {prefix} codes of {year} are used.",
            ("Báo nhóm phát triển iocsl.", "Tell the developers of iocsl."),
        )
    return f"{prefix}-{year}-{number:03}"


def issue(catalogue: Catalogue, folder: Path, name: str, record: Mapping[str, Any]) -> Path:
    """Check the record as it will be read, write it whole, enter it in the ledger.

    IocslError (exit 3) names what is wrong with it; nothing was issued then.
    """
    text = _HEAD + yaml.dump(
        dict(record), Dumper=_Plain, allow_unicode=True, sort_keys=False, width=100
    )
    _check_record(catalogue, folder, name, text)
    path = folder / name
    write_whole(path, text.encode())
    code = record["ma"]
    act = ACTS[WITHDRAWN if name.endswith(WITHDRAWN) else code.partition("-")[0]]
    subject = {"code": code, "file": name, "sha256": sha256_of(path), "document": record["so"]}
    Chain.open().append(act, subject)
    return path


def _check_record(catalogue: Catalogue, folder: Path, name: str, text: str) -> None:
    """Hold a record against the catalogue, beside what was issued before."""
    with tempfile.TemporaryDirectory() as trial:
        new = Path(trial) / name
        new.write_text(text, encoding="utf-8")
        units = {each.id for each in (*catalogue.units(), *catalogue.former_units())}
        codes = {each.code for each in catalogue.datasets() if each.asked_period is None}
        read_issued([*folder.glob("*.yaml"), new], units, codes)


def form_of(path: Path, code: str) -> dict[str, Any]:
    """What a form file gives a request: `cau_truc` (a Table Schema) or `chi_tieu` (indicators).

    Code lists beside the file are taken in, so that the request holds all that it needs.
    """
    if path.is_dir():
        raise is_folder(path)
    if not path.is_file():
        raise missing_file(path)
    data = read(path).data
    if isinstance(data, dict) and isinstance(data.get("chi_tieu"), list):
        listed = [each if isinstance(each, dict) else {"ten": each} for each in data["chi_tieu"]]
        return {
            "chi_tieu": [
                {"ma": f"{code}.{number:03}", **each} for number, each in enumerate(listed, 1)
            ]
        }
    body = with_code_lists(data, path.parent, path.name)
    parse_schema(body, path.name)
    return {"cau_truc": body}


def check_unaltered(home: Path, parts: Mapping[str, Path]) -> None:
    """Refuse (exit 4) to publish when a record is not as it was issued here, or is gone.

    `parts` are the catalogue's files by name (`mirror.parts`).
    """
    for each in _entries(home):
        name = each.subject["file"]
        path = parts.get(f"{mirror.ISSUED}/{name}")
        if path is not None and sha256_of(path) == each.subject["sha256"]:
            continue
        vi = "đã bị sửa sau khi phát hành" if path else "đã phát hành nhưng không còn"
        en = "was changed after it was issued" if path else "was issued and is gone"
        raise IocslError(
            "issued-record-changed",
            f"{name} {vi}.",
            f"{name} {en}.",
            (
                "Khôi phục tệp từ bản sao lưu. Muốn đổi thì rút yêu cầu và phát hành mã mới.",
                "Restore it from a backup. To change it, withdraw it and issue a new one.",
            ),
            ExitCode.INTEGRITY,
        )


def _entries(home: Path) -> list[Any]:
    path = home / LEDGER
    if not path.is_file():
        return []
    acts: Collection[str] = ACTS.values()
    return [each for each in Chain.open(path).entries() if each.act in acts]
