"""The main job from end to end, on real parts and loopback only.

Every step is the command that a user would type, run as a process of its own; nothing here knows
more than a user does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from iocsl.catalog import Catalogue
from iocsl.deadlines import Readings, obligation_for
from iocsl.demo.figures import fill
from iocsl.domain import ExitCode, Period, Words
from iocsl.errors import IocslError
from iocsl.text import language, say

DATASET = "KDL-M-016"
UNIT = "CQ-TC"
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    command: str
    exit_code: int


@dataclass(slots=True)
class Story:
    """What happened: the steps, and the receipts (JWS) that came back."""

    folder: Path
    steps: list[Step] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)


class Stage:
    """One folder for the unit, one for the warehouse, and a way of running commands in them."""

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self.story = Story(folder)
        self._tell = tell
        self._server: subprocess.Popen[bytes] | None = None
        self.warehouse = folder / "kho"
        self.keys = folder / "khoa-thu"
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()

    def title(self, vi: str, en: str) -> str:
        words = say(Words(vi, en))
        self._tell(f"\n{len(self.story.steps) + 1}. {words}")
        return words

    def run(self, vi: str, en: str, command: str, *, expect: int = 0, quiet: bool = False) -> str:
        """Run one command line in the folder; its output. Any other exit stops the demo."""
        words = self.title(vi, en)
        self._tell(f"   $ iocsl {command}")
        done = subprocess.run(  # noqa: S603 - our own interpreter and commands
            self._process(command.split()),
            cwd=self.story.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if not quiet else None,
            check=False,
        )
        said = done.stdout.decode("utf-8", "replace")
        if not quiet and said.strip():
            self._tell("\n".join(f"   {line}".rstrip() for line in said.rstrip().splitlines()))
        self.story.steps.append(Step(words, f"iocsl {command}", done.returncode))
        if done.returncode != expect:
            raise self._failed(command, done.returncode)
        return said

    def serve(self, vi: str, en: str, command: str, port_file: Path) -> str:
        """Start the warehouse and wait until it listens; its address."""
        words = self.title(vi, en)
        self._tell(f"   $ iocsl {command}")
        port_file.unlink(missing_ok=True)
        self._server = subprocess.Popen(  # noqa: S603 - as above
            self._process(command.split()),
            cwd=self.story.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_SECONDS
        while not port_file.is_file():
            if self._server.poll() is not None or time.monotonic() > until:
                raise self._failed(command, self._server.poll() or int(ExitCode.NO_ANSWER))
            time.sleep(0.05)
        address = f"http://127.0.0.1:{port_file.read_text('utf-8').strip()}"
        self._tell(f"   {address}")
        self.story.steps.append(Step(words, f"iocsl {command}", 0))
        return address

    def _process(self, arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "iocsl", *arguments]

    def _environment(self) -> dict[str, str]:
        """The user's environment, with a home of the demo's own and no proxy before loopback."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("IOCSL_")}
        width = shutil.get_terminal_size((100, 24)).columns - 4
        return kept | {
            "IOCSL_HOME": str(self.story.folder / "nha-don-vi"),
            "IOCSL_LANG": language(),
            # Among the test keys is a time-stamp authority, which answers without any network.
            "IOCSL_SIGNING_TSA_URL": f"thu-nghiem:{self.keys}",
            "COLUMNS": str(max(width, 60)),
            "NO_PROXY": "127.0.0.1",
            "PYTHONIOENCODING": "utf-8",
        }

    @staticmethod
    def _failed(command: str, code: int) -> IocslError:
        return IocslError(
            "demo-failed",
            f"Bước “iocsl {command}” kết thúc với mã {code}, không như dự kiến.",
            f"The step “iocsl {command}” ended with code {code}, which was not expected.",
            ("Chạy lại với --keep để xem các tệp.", "Run again with --keep to see the files."),
            ExitCode.BUG,
        )


def next_month_due(catalogue: Catalogue, readings: Readings, dataset: str, now: datetime) -> str:
    """The period id of the first month, from this one on, whose deadline has not passed."""
    entry = catalogue.dataset(dataset)
    first = now.date().replace(day=1)
    while True:
        period = Period.parse(f"{first:%Y-%m}")
        due = [each.due.due_before for each in obligation_for(catalogue, readings, entry, period)]
        if any(now < moment for moment in due):
            return period.id
        first = (first + timedelta(days=31)).replace(day=1)


def play(folder: Path, period: str, tell: Callable[[str], None]) -> Story:
    """The whole story in `folder`, for `period`. `tell` gets every line as it happens."""
    file = f"{DATASET}_{period}.xlsx"
    with Stage(folder, tell) as stage:
        _check(stage, file, period)
        _sign(stage, file)
        _send(stage)
        _look(stage)
        return stage.story


def _check(stage: Stage, file: str, period: str) -> None:
    folder = stage.story.folder
    stage.run(
        "Lấy mẫu nhập liệu của bộ dữ liệu hàng tháng",
        "Take the template of a monthly dataset",
        f"catalog template {DATASET} --unit {UNIT} --period {period} -o mau.xlsx",
    )
    fill(folder / "mau.xlsx", folder / file, faulty=True)
    stage.run(
        "Cán bộ điền số liệu, có vài chỗ nhầm; kiểm tra tệp",
        "An official fills it, with a few slips; check the file",
        f"validate {file} --unit {UNIT}",
        expect=int(ExitCode.FINDINGS),
    )
    fill(folder / "mau.xlsx", folder / file, faulty=False)
    stage.run(
        "Sửa các ô được chỉ ra, kiểm tra lại",
        "Mend the cells that were named, check again",
        f"validate {file} --unit {UNIT}",
    )


def _sign(stage: Stage, file: str) -> None:
    stage.run(
        "Tạo khóa thử cho ba người (chỉ để thử, không có giá trị pháp lý)",
        "Make test keys for three persons (for trying only)",
        f"bundle keys test --dir khoa-thu --unit {UNIT}",
    )
    word = "--passphrase-file khoa-thu/mat-khau.txt"
    stage.run(
        "Bước 1: người lập chuẩn bị và ký",
        "Step 1: prepared and signed",
        f"bundle create {file} --unit {UNIT} --not-secret --key khoa-thu/buoc-1.p12 {word}"
        " -o goi.asice",
    )
    stage.run(
        "Bước 2: lãnh đạo phụ trách thẩm định và ký",
        "Step 2: reviewed and signed by the leader in charge",
        f"bundle review goi.asice --key khoa-thu/buoc-2.p12 {word}",
    )
    stage.run(
        "Bước 3: thủ trưởng đơn vị phê duyệt và ký",
        "Step 3: approved and signed by the head of the unit",
        f"bundle approve goi.asice --key khoa-thu/buoc-3.p12 {word}",
    )
    stage.run("Kiểm tra gói nộp", "Verify the bundle", "bundle verify goi.asice")


def _send(stage: Stage) -> None:
    folder = stage.story.folder
    stage.run(
        "Phía kho: tạo kho thử",
        "At the warehouse: make a test store",
        "warehouse init --store kho --test",
    )
    for name in ("signers.yaml", "trust"):
        _carry(folder / "nha-don-vi" / name, stage.warehouse / name)
    port_file = folder / "cong.txt"
    address = stage.serve(
        "Phía kho: mở kho trên chính máy này",
        "At the warehouse: serve it on this machine",
        "warehouse serve --store kho --port 0 --port-file cong.txt",
        port_file,
    )
    stage.run(
        "Phía kho: cấp tài khoản cho đơn vị",
        "At the warehouse: an account for the unit",
        f"warehouse accounts add {UNIT} --store kho --url {address} -o tai-khoan.json",
    )
    stage.run(
        "Đơn vị nhận tài khoản", "The unit takes its account", "submit --connect tai-khoan.json"
    )
    stage.run(
        "Mã hóa gói để chỉ kho và đơn vị mở được (gói có dữ liệu cá nhân luôn được mã hóa khi nộp)",
        "Encrypt the bundle to the warehouse and the unit (with personal data submit always does)",
        "bundle encrypt goi.asice -o goi-kin.p7m",
    )
    stage.run("Nộp gói vào kho", "Submit the bundle", "submit goi-kin.p7m")
    again = stage.run(
        "Nộp lại, bản chưa mã hóa: vẫn là gói ấy, kho chỉ ghi nhận một lần",
        "Submit it again, the copy in clear: it is the same bundle, and accepted once",
        "submit goi.asice --format json",
        quiet=True,
    )
    stage.story.receipts = json.loads(again)[0]["receipts"]


def _look(stage: Stage) -> None:
    stage.run("Kiểm tra nhật ký của đơn vị", "Verify the unit's audit chain", "audit verify")
    stage.run("Tình hình nộp", "Where things stand", "status")
    stage.run("Thời hạn sắp tới", "Next deadlines", f"deadlines --unit {UNIT}")


def _carry(source: Path, target: Path) -> None:
    """What the unit hands to the warehouse on paper in real life: who may sign, and whose keys."""
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def payload_of(jws: str) -> dict[str, Any]:
    """The payload of a receipt, for showing; its signature was checked when it came."""
    import base64

    part = jws.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded
