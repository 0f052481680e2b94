"""Two versions of the catalogue held together: what came, went, was renamed or moved in time.

The older one may also be the list that a release left behind (`ma_da_phat_hanh.txt`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from iocsl.catalog import released
from iocsl.catalog.changes import Change, Coded, changes
from iocsl.catalog.contents import Files, coded, load_files

__all__ = ["Change", "compare"]


def compare(old: Path, new: Path) -> list[Change]:
    """Every difference between two catalogue folders, errors first, then by code.

    `old` may be the list of a release: then only what its columns hold is compared. IocslError
    (exit 3) for a catalogue that is wrong itself.
    """
    after = entries(load_files(new))
    if old.is_file():
        before = {code: each for code, (_, each) in released.read(old).items()}
    else:
        before = entries(load_files(old))
    found = changes(before, after)
    return sorted(found, key=lambda each: (not each.error, each.code, each.kind))


def entries(files: Files) -> dict[str, Coded]:
    """Every code of a catalogue with all that it is compared by."""
    found = dict(coded(files))
    for each in files.datasets.muc:
        dates = " ".join([*each.ky, each.han_in or ""]).strip()
        found[each.ma] = Coded(
            each.ten_in,
            found[each.ma].retired,
            name=each.ten or "",
            dates=dates,
            structure=each.mau,
        )
    for rule in _rules(files):
        before = found[rule["ma"]]
        lines = [f"{key}: {json.dumps(rule[key], ensure_ascii=False)}" for key in sorted(rule)]
        found[rule["ma"]] = Coded(before.meaning, dates="\n".join(lines))
    return found


def _rules(files: Files) -> list[dict[str, Any]]:
    document = files.others.get("thoi_han")
    return list(document["muc"]) if document else []
