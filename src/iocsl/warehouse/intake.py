"""How a submission is received: announce, upload, commit, check, land. No HTTP in here.

Every step may be repeated, by the same sender or another home of the unit, and may be cut off at
any line: what is on the disk and in the registry always tells where to go on.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from iocsl.bundle.identity import Slip
from iocsl.domain import Period, Words
from iocsl.warehouse.blobs import Part
from iocsl.warehouse.problems import Problem, unknown_submission
from iocsl.warehouse.registry import Container, Fact, Registry, Submission
from iocsl.warehouse.store import Store

MAX_CONTAINER = 2 << 30
"""Bytes of one container. Our own limit; the regulations print none."""
MAX_ARRIVING = 1000
"""Containers of one unit that may be under way at once, so that no account fills the registry."""
WAIT_SECONDS = 20.0
"""How long a commit waits for another commit of the same submission."""

_DER = b"\x30"
"""How what is encrypted begins; a container in clear is a ZIP file."""

log = logging.getLogger("iocsl.warehouse")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a container does not pass: `code` for programs, `message` for people."""

    code: str
    message: Words

    def document(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message.vi, "message_en": self.message.en}


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict over a container: `valid`, `invalid` or `undecided`, and whose it says it is."""

    verdict: str
    identity: str | None
    refusals: tuple[Refusal, ...]
    ledgers: tuple[dict[str, Any], ...] = ()
    """How far the unit's ledgers had come, as the bundle carries it (`receipts.LEDGERS`)."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The technical check (1134 Điều 5.3.b): full reports, one line a rule for the receipt."""

    valid: bool
    findings: list[dict[str, Any]]
    reports: list[dict[str, Any]]
    facts: Iterable[Fact]


class Judge(Protocol):
    """Who decides: the same code at the unit and here, with the warehouse's own trust and rules."""

    @property
    def catalogue_version(self) -> int | str: ...

    def knows(self, dataset: str) -> bool: ...

    def personal(self, dataset: str) -> bool:
        """Whether the dataset declares personal data, which come encrypted or not at all."""

    def verify(self, container: Path) -> Verified: ...

    def check(self, container: Path, slip: Slip) -> Checked: ...


class Upload:
    """One request's share of an upload: write, then finish, then leave."""

    def __init__(self, intake: Intake, submission: Submission, container: Container) -> None:
        self._intake = intake
        self._submission = submission
        self._container = container
        self._held = contextlib.ExitStack()
        self._part: Part | None = None

    def enter(self, offset: int) -> None:
        """Take the upload at `offset`. `Problem` 409 when it stands elsewhere, 423 when taken."""
        identity, sha256 = self._submission.identity, self._container.sha256
        blobs = self._intake.store.blobs
        with contextlib.ExitStack() as held:
            held.enter_context(blobs.taking(identity, sha256))
            expected = self._intake.offset_of(self._submission, self._container)
            if offset != expected:
                raise Problem(
                    409,
                    "wrong-offset",
                    f"Kho đã có {expected} byte, lượt gửi này bắt đầu ở byte {offset}.",
                    f"The warehouse has {expected} bytes; this request starts at {offset}.",
                    offset=expected,
                )
            if not self._container.stored:
                self._part = blobs.begin(identity, sha256, self._container.size)
                held.callback(self._part.close)
            self._held = held.pop_all()

    def write(self, data: bytes) -> None:
        if self._part is not None and self._part.offset == 0 and data:
            self._check_start(data)
        if self._part is None:
            if data:
                raise Problem(
                    413,
                    "too-many-bytes",
                    "Tệp đã đủ, không nhận thêm byte nào.",
                    "The file is complete; no more bytes are taken.",
                )
            return
        self._part.write(data)

    def _check_start(self, data: bytes) -> None:
        """Personal data in clear are refused by their first bytes, before any is on the disk."""
        if data[:1] == _DER or not self._intake.judge.personal(self._submission.slip.dataset):
            return
        raise Problem(
            422,
            "personal-data-in-clear",
            "Bộ dữ liệu này có dữ liệu cá nhân, kho chỉ nhận gói đã mã hóa.",
            "This dataset holds personal data; the warehouse takes it encrypted alone.",
        )

    def finish(self) -> int:
        """Put what came on the disk; a file that is whole moves to its place. The new offset."""
        if self._part is None:
            return self._container.size
        self._part.settle()
        offset = self._part.offset
        self._part.close()
        if offset == self._container.size:
            identity, sha256 = self._submission.identity, self._container.sha256
            self._intake.store.blobs.complete(identity, sha256)
            self._intake.registry.stored(identity, sha256, self._intake.store.now())
        return offset

    def leave(self) -> None:
        self._held.close()


class Intake:
    """The steps, for the unit that an account speaks for."""

    def __init__(self, store: Store, judge: Judge, *, max_container: int = MAX_CONTAINER) -> None:
        self.store = store
        self.judge = judge
        self.registry = Registry(store)
        self.max_container = max_container
        self._commits: dict[str, _Turn] = {}
        self._guard = threading.Lock()

    def announce(
        self, unit: str, identity: str, slip: Slip, sha256: str, size: int
    ) -> tuple[Submission, bool]:
        """Note what is coming; the submission as it now stands, and whether anything was new."""
        _check_own(unit, identity, slip)
        found = self.registry.find(identity)
        if found is not None and found.accepted is not None:
            # Whatever became of signers or catalogue since: it is received once, and stays so.
            return found, False
        self._check_known(slip)
        if not 0 < size <= self.max_container:
            raise Problem(
                413,
                "too-large",
                f"Tệp gói nộp {size} byte, kho nhận tối đa {self.max_container} byte.",
                f"The container has {size} bytes; the warehouse takes {self.max_container}.",
                limit=self.max_container,
            )
        known = found.container(sha256) if found else None
        if known is None and self.registry.arriving(unit) >= MAX_ARRIVING:
            raise Problem(
                429,
                "too-many-uploads",
                f"Đơn vị đang có {MAX_ARRIVING} gói khai báo mà chưa gửi xong.",
                f"The unit has announced {MAX_ARRIVING} bundles that have not arrived yet.",
            )
        if known is not None and known.size != size:
            raise Problem(
                409,
                "other-size",
                "Tệp này đã được khai báo với kích thước khác.",
                "This file was announced before with another size.",
            )
        new = self.registry.announce(slip, sha256, size, self.store.now())
        return self.find(unit, identity), new

    def _check_known(self, slip: Slip) -> None:
        if not self.judge.knows(slip.dataset):
            raise Problem(
                422,
                "unknown-dataset",
                f"Danh mục của kho không có bộ dữ liệu “{slip.dataset}”.",
                f"The warehouse's catalogue has no dataset “{slip.dataset}”.",
            )
        try:
            Period.parse(slip.period)
        except ValueError:
            raise Problem(
                422,
                "unknown-period",
                f"Không có kỳ báo cáo “{slip.period}”.",
                f"There is no period “{slip.period}”.",
            ) from None

    def find(self, unit: str, identity: str) -> Submission:
        """A unit's own submission. `Problem` 404 for another's, as for one that is not there."""
        found = self.registry.find(identity)
        if found is None or found.slip.unit != unit:
            raise unknown_submission()
        return found

    def container(self, unit: str, identity: str, sha256: str) -> tuple[Submission, Container]:
        submission = self.find(unit, identity)
        container = submission.container(sha256)
        if container is None:
            raise unknown_submission()
        return submission, container

    def offset_of(self, submission: Submission, container: Container) -> int:
        """Bytes of a container that are there and need not be sent again."""
        if container.stored or submission.accepted is not None:
            return container.size
        return min(self.store.blobs.offset(submission.identity, container.sha256), container.size)

    def upload(self, unit: str, identity: str, sha256: str, offset: int) -> Upload:
        """Begin one request's share of an upload; the caller finishes and leaves it."""
        submission, container = self.container(unit, identity, sha256)
        upload = Upload(self, submission, container)
        upload.enter(offset)
        return upload

    def commit(self, unit: str, identity: str, sha256: str) -> Submission:
        """Verify, accept, check and land; the submission as it then stands.

        `Problem` 409 while bytes are missing, 422 when the container does not pass. A second
        commit waits for the first and gets its outcome.
        """
        submission = self.find(unit, identity)
        if submission.concluded:
            return submission
        if submission.accepted is None:
            _, container = self.container(unit, identity, sha256)
            self._require_bytes(submission, container)
            self.registry.ask_commit(identity, sha256, self.store.now())
        with self._turn(identity) as mine:
            if mine:
                self._work(identity, sha256)
        return self.find(unit, identity)

    def _require_bytes(self, submission: Submission, container: Container) -> None:
        offset = self.offset_of(submission, container)
        if container.stored:
            return
        if offset == container.size:
            # Cut off between the last byte and its rename: go on from there.
            with self.store.blobs.taking(submission.identity, container.sha256):
                self.store.blobs.complete(submission.identity, container.sha256)
                self.registry.stored(submission.identity, container.sha256, self.store.now())
            return
        raise Problem(
            409,
            "not-uploaded",
            "Kho chưa nhận đủ tệp của gói nộp này.",
            "The warehouse does not have the whole file of this submission yet.",
            offset=offset,
        )

    def _work(self, identity: str, sha256: str) -> None:
        """From verified to landed, from wherever it stands."""
        submission = self.registry.find(identity)
        if submission is None or submission.concluded:
            return
        if submission.accepted is None:
            ledgers = self._verify(identity, sha256)
            version = self.judge.catalogue_version
            try:
                self.registry.accept(identity, sha256, version, ledgers)
            except Problem as problem:
                self._refuse(identity, sha256, [Refusal(problem.code, problem.message)])
                raise
            submission = self.registry.find(identity)
        if submission is None or submission.accepted is None or submission.concluded:
            return
        checked = self.judge.check(self.store.blobs.path(submission.accepted), submission.slip)
        self.registry.conclude(
            identity,
            valid=checked.valid,
            findings=checked.findings,
            reports=checked.reports,
            facts=checked.facts,
            catalogue_version=self.judge.catalogue_version,
            at=self.store.now(),
        )

    def _verify(self, identity: str, sha256: str) -> tuple[dict[str, Any], ...]:
        """The heads of ledgers in a container that passes; `Problem` 422 for another."""
        verified = self.judge.verify(self.store.blobs.path(sha256))
        refusals = list(verified.refusals)
        if verified.identity != identity:
            refusals.append(
                Refusal(
                    "other-identity",
                    Words(
                        "Nội dung gói không phải là gói đã khai báo.",
                        "What is in the bundle is not the submission that was announced.",
                    ),
                )
            )
        elif verified.verdict == "valid":
            return verified.ledgers
        self._refuse(identity, sha256, refusals)
        undecided = verified.verdict == "undecided" and verified.identity == identity
        raise Problem(
            422,
            "bundle-undecided" if undecided else "bundle-invalid",
            "Kho chưa đủ căn cứ để kết luận gói nộp này hợp lệ."
            if undecided
            else "Gói nộp không hợp lệ, kho không nhận.",
            "The warehouse cannot decide yet whether this bundle is valid."
            if undecided
            else "The bundle is not valid; the warehouse does not take it.",
            refusals=[each.document() for each in refusals],
        )

    def _refuse(self, identity: str, sha256: str, refusals: list[Refusal]) -> None:
        self.registry.refuse(identity, sha256, [each.document() for each in refusals])

    def resume(self) -> int:
        """After a restart: finish every commit that was asked for. How many there were."""
        waiting = self.registry.unfinished()
        for identity, sha256 in waiting:
            with self._turn(identity) as mine:
                if not mine:
                    continue
                try:
                    self._work(identity, sha256)
                except Exception as error:  # noqa: BLE001 - one must not keep the others waiting
                    log.warning("resume %s: %s", identity, type(error).__name__)
        return len(waiting)

    @contextlib.contextmanager
    def _turn(self, identity: str) -> Iterator[bool]:
        """One commit of a submission at a time; False when the other took too long."""
        with self._guard:
            turn = self._commits.setdefault(identity, _Turn())
            turn.users += 1
        mine = turn.lock.acquire(timeout=WAIT_SECONDS)
        try:
            yield mine
        finally:
            if mine:
                turn.lock.release()
            with self._guard:
                turn.users -= 1
                if turn.users == 0:
                    del self._commits[identity]


def _check_own(unit: str, identity: str, slip: Slip) -> None:
    """Whether the slip is of the unit that asks, and is what the identity says."""
    if slip.unit != unit:
        raise Problem(
            403,
            "other-unit",
            f"Tài khoản của đơn vị {unit} không được nộp thay đơn vị {slip.unit}.",
            f"An account of unit {unit} may not submit for unit {slip.unit}.",
        )
    if slip.identity() != identity:
        raise Problem(
            422,
            "other-identity",
            "Mã gói nộp không khớp nội dung phiếu gửi.",
            "The identity does not follow from the slip.",
        )


class _Turn:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
