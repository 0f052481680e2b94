"""Real bundles: a real workbook, checked and signed by the three test persons."""

from __future__ import annotations

import shutil
from pathlib import Path

from iocsl.bundle.drafts import Request, prepare
from iocsl.bundle.signers import open_signer
from iocsl.bundle.testkeys import TestKeys, make_test_keys, register_test_keys
from iocsl.bundle.workflow import act, create
from iocsl.catalog import open_catalogue
from iocsl.ledger.chain import FILE, Chain

UNIT, DATASET = "CQ-TC", "KDL-M-016"
COLUMNS = ("ma_chi_tieu", "ky_bao_cao", "gia_tri")


def workbook(folder: Path, period: str, *, value: float = 12500.0) -> Path:
    """A filled form of the demo's dataset."""
    from openpyxl import Workbook

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{DATASET}_{period}.xlsx"
    if path.exists():
        # A workbook carries the time of its making: the same data twice are the same file.
        return path
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(COLUMNS)
    for row in range(1, 4):
        sheet.append([f"{DATASET}.{row:03}", period, value + row])
    book.save(path)
    book.close()
    return path


class Desk:
    """A unit's home with its three test persons."""

    def __init__(self, home: Path, keys: TestKeys | None = None, unit: str = UNIT) -> None:
        self.home = home
        self.unit = unit
        home.mkdir(parents=True, exist_ok=True)
        folder = home.parent / f"khoa-{home.name}"
        self.keys = keys or make_test_keys(folder, home, unit)
        if keys is not None:
            register_test_keys(keys, home)

    def bundle(
        self,
        file: Path,
        output: Path,
        *,
        steps: int = 3,
        attachments: tuple[Path, ...] = (),
        sequence: int = 1,
    ) -> Path:
        """The file as a bundle with that many signatures."""
        request = Request((file,), attachments, unit=self.unit, sequence=sequence)
        draft = prepare(request, open_catalogue(), Chain.open(self.home / FILE))
        for step, key in enumerate(self.keys.keys[:steps], start=1):
            signer = open_signer(str(key), self._passphrase)
            if step == 1:
                create(draft, signer, output, self.home)
            else:
                act(output, step, signer, home=self.home)
        return output

    def _passphrase(self, _key: str) -> str:
        return self.keys.passphrase.read_text("utf-8").strip()

    def hand_over(self, store: Path) -> None:
        """What a unit gives the warehouse on paper: who signs, and whose certificates."""
        shutil.copytree(self.home / "trust", store / "trust", dirs_exist_ok=True)
        shutil.copyfile(self.home / "signers.yaml", store / "signers.yaml")
