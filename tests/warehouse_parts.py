"""A warehouse on loopback and bundles for it, for tests of both ends of the wire."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from iocsl.bundle.identity import FileEntry, Slip
from iocsl.domain import Words
from iocsl.transport import account
from iocsl.transport.account import Account
from iocsl.warehouse import accounts
from iocsl.warehouse.api import build
from iocsl.warehouse.intake import Checked, Intake, Refusal, Verified
from iocsl.warehouse.registry import Fact
from iocsl.warehouse.server import Tls, engine, listen, url_of
from iocsl.warehouse.store import Store

UNSIGNED = Refusal("no-signature", Words("Thiếu chữ ký.", "A signature is missing."))
CATALOGUE = ("abc", b'{"version": 0}')


def slip_of(
    content: bytes = b"so lieu",
    *,
    unit: str = "CQ-TC",
    dataset: str = "KDL-M-016",
    period: str = "2026-10",
    sequence: int = 1,
) -> Slip:
    digest = hashlib.sha256(content).hexdigest()
    files = (FileEntry("so-lieu.xlsx", len(content), digest),)
    return Slip(unit, dataset, period, sequence, None, files)


def container_of(slip: Slip, *, by: str = "nha-1", verdict: str = "valid", pad: int = 0) -> bytes:
    """Stand-in for a container: its slip in clear, and who "signed" it."""
    document = {"slip": slip.document(), "by": by, "verdict": verdict, "pad": "x" * pad}
    return json.dumps(document).encode()


class PlainJudge:
    """Believes what a stand-in container says of itself; a row that says "sai" is not valid."""

    catalogue_version = 0

    def __init__(self) -> None:
        self.verified = 0
        self.checked = 0
        self.padding = ""

    def knows(self, dataset: str) -> bool:
        return dataset.startswith("KDL-")

    def personal(self, dataset: str) -> bool:
        return False

    def verify(self, container: Path) -> Verified:
        self.verified += 1
        try:
            document = json.loads(container.read_bytes())
            slip = Slip.read(document["slip"])
        except (ValueError, KeyError, TypeError):
            return Verified(
                "invalid",
                None,
                (Refusal("not-a-bundle", Words("Không phải gói nộp.", "No bundle.")),),
            )
        verdict = document["verdict"]
        refusals = () if verdict == "valid" else (UNSIGNED,)
        return Verified(verdict, slip.identity(), refusals)

    def check(self, container: Path, slip: Slip) -> Checked:
        self.checked += 1
        document = json.loads(container.read_bytes())
        valid = "sai" not in document["by"]
        findings = [] if valid else [{"code": "V201", "severity": "error", "count": 1}]
        facts = [Fact("so-lieu.xlsx", "", 2, {"gia_tri": 8.5})]
        return Checked(valid, findings, [{"valid": valid, "padding": self.padding}], facts)


class Running:
    """A warehouse that listens: its address, its intake, and accounts for units."""

    def __init__(self, store: Store, intake: Intake, url: str) -> None:
        self.store = store
        self.intake = intake
        self.url = url

    def account(self, home: Path, unit: str = "CQ-TC") -> Account:
        """A new account of `unit`, imported into `home`."""
        document = accounts.add(self.store, unit, self.url)
        path = home.parent / f"tai-khoan-{home.name}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        home.mkdir(parents=True, exist_ok=True)
        return account.connect(home, path)

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self.store.reading() as connection:
            return [dict(row) for row in connection.execute(query)]


@contextlib.contextmanager
def listening(app: FastAPI, port: int = 0, tls: Tls | None = None) -> Iterator[str]:
    """Serve an application in a thread; its address."""
    bound = listen("127.0.0.1", port)
    bound.listen(64)
    server = engine(app, tls)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield url_of(bound, tls)
    finally:
        server.should_exit = True
        thread.join()
        bound.close()


def application(intake: Intake | None) -> FastAPI:
    return build(intake, lambda: CATALOGUE)  # type: ignore[arg-type] # set before it is asked


def opened(folder: Path) -> Store:
    """The store in `folder`, made for tests when absent."""
    made = (folder / "kho.sqlite").exists()
    return Store.open(folder) if made else Store.create(folder, test=True)


@contextlib.contextmanager
def running(
    folder: Path, judge: Any = None, port: int = 0, tls: Tls | None = None
) -> Iterator[Running]:
    """Serve the store in `folder` (made when absent) in a thread."""
    with opened(folder) as store:
        intake = Intake(store, judge or PlainJudge())
        with listening(application(intake), port, tls) as url:
            yield Running(store, intake, url)
