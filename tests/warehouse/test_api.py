"""The HTTP interface: what it answers to good, odd and hostile requests."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from iocsl import clock
from iocsl.bundle.identity import Slip
from iocsl.ledger import receipts
from iocsl.warehouse import accounts
from iocsl.warehouse.intake import Intake
from iocsl.warehouse.keys import TOKEN_SECONDS, Keys
from warehouse_parts import (
    UNSIGNED,
    PlainJudge,
    Running,
    application,
    container_of,
    listening,
    opened,
    running,
    slip_of,
)

TUS = {"Tus-Resumable": "1.0.0"}
VALUE = "so lieu mat "
CHUNK = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[FastAPI, str]]:
    """One listening application; to stop one takes longer than most tests."""
    app = application(None)
    with listening(app) as url:
        yield app, url


@pytest.fixture
def warehouse(server: tuple[FastAPI, str], tmp_path: Path) -> Iterator[Running]:
    """A store of the test's own behind the listening application."""
    app, url = server
    with opened(tmp_path / "kho") as store:
        app.state.intake = Intake(store, PlainJudge())
        yield Running(store, app.state.intake, url)


class Sender:
    """A unit that speaks HTTP by hand."""

    def __init__(self, warehouse: Running, unit: str = "CQ-TC") -> None:
        self.document = accounts.add(warehouse.store, unit, warehouse.url)
        self.http = httpx.Client(base_url=warehouse.url, trust_env=False, timeout=10)
        self.http.headers["Authorization"] = f"Bearer {self.token()}"

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def token(self, **changed: str) -> str:
        answer = self.ask_token(**changed)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def ask_token(self, **changed: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.document["client_id"],
            "client_secret": self.document["secret"],
        }
        return self.http.post("/v1/oauth/token", data=form | changed)

    def announce(self, slip: Slip, data: bytes, **changed: Any) -> httpx.Response:
        digest = hashlib.sha256(data).hexdigest()
        body = {"slip": slip.document(), "container": {"sha256": digest, "size": len(data)}}
        return self.http.put(f"/v1/bundles/{slip.identity()}", json=body | changed)

    def file(self, slip: Slip, data: bytes) -> str:
        return f"/v1/bundles/{slip.identity()}/files/{hashlib.sha256(data).hexdigest()}"

    def patch(self, slip: Slip, data: bytes, offset: int, piece: bytes) -> httpx.Response:
        headers = {**CHUNK, "Upload-Offset": str(offset)}
        return self.http.patch(self.file(slip, data), content=piece, headers=headers)

    def commit(self, slip: Slip, data: bytes) -> httpx.Response:
        digest = hashlib.sha256(data).hexdigest()
        return self.http.post(f"/v1/bundles/{slip.identity()}/commit", json={"sha256": digest})

    def send(self, slip: Slip, data: bytes) -> httpx.Response:
        assert self.announce(slip, data).is_success
        self.patch(slip, data, 0, data)
        return self.commit(slip, data)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["type"].endswith(problem["code"])
    return answer.status_code, problem["code"]


def test_open_addresses_tell_what_the_server_is(warehouse: Running) -> None:
    with httpx.Client(base_url=warehouse.url, trust_env=False) as http:
        health = http.get("/v1/health").json()
        assert (health["service"], health["test"]) == ("iocsl-warehouse", True)
        assert health["kid"].startswith("TEST-")
        receipts, encryption = http.get("/v1/keys").json()["keys"]
        assert (receipts["use"], encryption["use"]) == ("sig", "enc")
        assert not {"d", "p", "q"} & (receipts.keys() | encryption.keys())
        catalogue = http.get("/v1/catalogue")
        assert catalogue.json() == {"version": 0}
        tag = {"If-None-Match": catalogue.headers["etag"]}
        assert http.get("/v1/catalogue", headers=tag).status_code == 304
        assert "/v1/bundles/{identity}" in http.get("/openapi.json").json()["paths"]
        assert code_of(http.get("/v1/nothing")) == (404, "no-such-address")
        assert code_of(http.post("/v1/health")) == (405, "no-such-address")


def test_nothing_else_without_a_token_of_ours(warehouse: Running) -> None:
    slip = slip_of()
    with Sender(warehouse) as unit:
        for value in ("", "Bearer x.y.z", "Basic abc", "Bearer"):
            unit.http.headers["Authorization"] = value
            assert code_of(unit.announce(slip, b"x")) == (401, "no-token")
            assert code_of(unit.http.get("/v1/receipts")) == (401, "no-token")
            head = unit.http.head(unit.file(slip, b"x"), headers=TUS)
            assert head.status_code == 401


def test_a_wrong_secret_and_a_locked_account_get_no_token(warehouse: Running) -> None:
    with Sender(warehouse) as unit:
        wrong = unit.ask_token(client_secret=unit.document["secret"][::-1])
        assert code_of(wrong) == (401, "wrong-account")
        assert code_of(unit.ask_token(client_id="ai-do")) == (401, "wrong-account")
        assert code_of(unit.ask_token(grant_type="password")) == (400, "unsupported-grant")
        accounts.lock(warehouse.store, unit.document["client_id"])
        assert code_of(unit.ask_token()) == (401, "wrong-account")
        assert code_of(unit.http.get("/v1/receipts")) == (401, "no-token")


def test_a_token_runs_out(warehouse: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sender(warehouse) as unit:
        assert unit.http.get("/v1/receipts").status_code == 200
        later = clock.record_now() + timedelta(seconds=TOKEN_SECONDS + 1)
        monkeypatch.setattr(clock, "record_now", lambda: later)
        assert code_of(unit.http.get("/v1/receipts")) == (401, "no-token")


def test_a_token_of_another_warehouse_opens_nothing(warehouse: Running, tmp_path: Path) -> None:
    other = Keys.make(tmp_path, test=True)
    with Sender(warehouse) as unit:
        forged = other.token(unit.document["client_id"])
        unit.http.headers["Authorization"] = f"Bearer {forged}"
        assert code_of(unit.http.get("/v1/receipts")) == (401, "no-token")
        # Nor does a receipt, which the same warehouse signs with its other key.
        receipt = warehouse.store.keys.sign({"sub": unit.document["client_id"], "exp": 9**10})
        unit.http.headers["Authorization"] = f"Bearer {receipt}"
        assert code_of(unit.http.get("/v1/receipts")) == (401, "no-token")


def test_secrets_are_kept_as_hashes_only(warehouse: Running) -> None:
    with Sender(warehouse) as unit:
        kept = (warehouse.store.folder / "kho.sqlite").read_bytes()
        kept += (warehouse.store.folder / "kho.sqlite-wal").read_bytes()
        assert unit.document["secret"].encode() not in kept
        assert unit.document["client_id"].encode() in kept


def test_basic_authentication_serves_too(warehouse: Running) -> None:
    with Sender(warehouse) as unit:
        basic = httpx.BasicAuth(unit.document["client_id"], unit.document["secret"])
        form = {"grant_type": "client_credentials"}
        assert unit.http.post("/v1/oauth/token", data=form, auth=basic).status_code == 200


def test_each_step_may_be_repeated(warehouse: Running) -> None:
    slip, data = slip_of(), container_of(slip_of())
    with Sender(warehouse) as unit:
        assert unit.announce(slip, data).status_code == 201
        again = unit.announce(slip, data)
        assert (again.status_code, again.json()["state"]) == (200, "announced")
        assert again.json()["missing"][0]["offset"] == 0
        assert unit.patch(slip, data, 0, data).status_code == 204
        assert unit.patch(slip, data, len(data), b"").status_code == 204
        assert code_of(unit.patch(slip, data, 0, data)) == (409, "wrong-offset")
        assert unit.announce(slip, data).json()["missing"] == []
        first = unit.commit(slip, data).json()
        assert first["state"] == "landed"
        assert unit.commit(slip, data).json() == first
        assert unit.announce(slip, data).json() == first
        assert unit.http.get(f"/v1/bundles/{slip.identity()}").json() == first
        rows = unit.http.get("/v1/receipts").json()
        assert [row["kind"] for row in rows] == ["received", "landed"]
        assert unit.http.get("/v1/receipts", params={"after": 1}).json() == rows[1:]
        reports = unit.http.get(f"/v1/bundles/{slip.identity()}/reports").json()
        assert reports["reports"] == [{"valid": True, "padding": ""}]


def test_receipts_carry_the_times_and_link_to_each_other(warehouse: Running) -> None:
    with Sender(warehouse) as unit:
        for period in ("2026-08", "2026-09", "2026-10"):
            slip = slip_of(period=period)
            assert unit.send(slip, container_of(slip)).json()["state"] == "landed"
        read = [
            receipts.read(row["jws"], warehouse.store.keys.public())
            for row in unit.http.get("/v1/receipts").json()
        ]
    assert [each.seq for each in read] == [1, 2, 3, 4, 5, 6]
    assert [each.prev for each in read] == [None, *(each.digest for each in read[:-1])]
    assert all(each.test and each.announced_at for each in read)
    assert {each.findings is None for each in read if each.kind == "received"} == {True}


def test_tus_headers_are_held_to(warehouse: Running) -> None:
    slip, data = slip_of(), container_of(slip_of())
    with Sender(warehouse) as unit:
        assert code_of(unit.patch(slip, data, 0, data)) == (404, "unknown-submission")
        assert unit.http.head(unit.file(slip, data), headers=TUS).status_code == 404
        unit.announce(slip, data)
        address = unit.file(slip, data)
        assert unit.http.head(address).status_code == 412
        older = {**CHUNK, "Tus-Resumable": "0.2.2", "Upload-Offset": "0"}
        assert code_of(unit.http.patch(address, content=b"x", headers=older))[0] == 412
        plain = {**TUS, "Upload-Offset": "0", "Content-Type": "text/plain"}
        assert code_of(unit.http.patch(address, content=b"x", headers=plain))[0] == 415
        for offset in ("", "-1", "x", "1e3", "9" * 30, "٣"):
            odd = [(name.encode(), value.encode()) for name, value in CHUNK.items()]
            odd.append((b"Upload-Offset", offset.encode()))
            assert code_of(unit.http.patch(address, content=b"x", headers=odd))[0] == 400
        assert code_of(unit.patch(slip, data, 5, data[5:])) == (409, "wrong-offset")
        assert code_of(unit.patch(slip, data, 0, data + b"!")) == (413, "too-many-bytes")
        head = unit.http.head(address, headers=TUS)
        assert head.headers["upload-offset"] == "0"
        assert head.headers["upload-length"] == str(len(data))
        assert head.headers["cache-control"] == "no-store"
        assert unit.patch(slip, data, 0, data[:10]).headers["upload-offset"] == "10"
        assert unit.http.head(address, headers=TUS).headers["upload-offset"] == "10"
        assert code_of(unit.commit(slip, data)) == (409, "not-uploaded")


def test_wrong_bytes_are_dropped_and_may_be_sent_again(warehouse: Running) -> None:
    slip, data = slip_of(), container_of(slip_of())
    with Sender(warehouse) as unit:
        unit.announce(slip, data)
        other = bytes(len(data))
        assert code_of(unit.patch(slip, data, 0, other)) == (422, "wrong-digest")
        assert unit.announce(slip, data).json()["missing"][0]["offset"] == 0
        assert unit.patch(slip, data, 0, data).status_code == 204


@pytest.mark.parametrize(
    "address",
    [
        "/v1/bundles/..%2f..%2fkho.sqlite",
        "/v1/bundles/" + "A" * 64,
        "/v1/bundles/" + "0" * 63,
        "/v1/bundles/" + "0" * 64 + "%0a",
        "/v1/bundles/" + "%D9%A3" * 64,
    ],
)
def test_an_identity_is_64_hex_digits_and_nothing_else(warehouse: Running, address: str) -> None:
    with Sender(warehouse) as unit:
        answer = unit.http.get(address)
        assert answer.status_code in {400, 404}
        code_of(answer)
        head = unit.http.get(f"{address}/reports")
        assert head.status_code in {400, 404}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"slip": 1, "container": 2}',
        b'{"slip": {}, "container": {}}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_bodies_that_are_no_announcement(warehouse: Running, body: bytes) -> None:
    with Sender(warehouse) as unit:
        answer = unit.http.put(
            f"/v1/bundles/{'0' * 64}", content=body, headers={"Content-Type": "application/json"}
        )
        assert code_of(answer) == (400, "bad-request")


def test_slips_of_wrong_types_are_refused(warehouse: Running) -> None:
    slip = slip_of()
    good = slip.document()
    digest = {"sha256": "0" * 64, "size": 5}
    wrong: list[dict[str, Any]] = [
        {"slip": good | {"sequence": "1"}},
        {"slip": good | {"sequence": True}},
        {"slip": good | {"sequence": 0}},
        {"slip": good | {"unit": None}},
        {"slip": good | {"unit": "CQ\ud800"}},
        {"slip": good | {"files": []}},
        {"slip": good | {"files": good["files"] * 2}},
        {"slip": good | {"supersedes": "x"}},
        {"slip": good | {"extra": 1}},
        {"container": digest | {"size": -1}},
        {"container": digest | {"size": 1.5}},
        {"container": digest | {"sha256": "../../x"}},
        {"container": digest | {"sha256": "A" * 64}},
    ]
    with Sender(warehouse) as unit:
        for changed in wrong:
            body = json.dumps({"slip": good, "container": digest} | changed)
            answer = unit.http.put(
                f"/v1/bundles/{slip.identity()}",
                content=body,
                headers={"Content-Type": "application/json"},
            )
            assert code_of(answer) == (400, "bad-request"), changed
        assert warehouse.rows("SELECT * FROM submissions") == []


def test_what_an_announcement_must_agree_with(warehouse: Running) -> None:
    with Sender(warehouse) as unit:
        foreign = slip_of(unit="CQ-KHCN")
        assert code_of(unit.announce(foreign, b"x")) == (403, "other-unit")
        unknown = slip_of(dataset="ABC-1")
        assert code_of(unit.announce(unknown, b"x")) == (422, "unknown-dataset")
        never = slip_of(period="2026-Q5")
        assert code_of(unit.announce(never, b"x")) == (422, "unknown-period")
        slip = slip_of()
        body = {"slip": slip.document(), "container": {"sha256": "0" * 64, "size": 1}}
        answer = unit.http.put(f"/v1/bundles/{'f' * 64}", json=body)
        assert code_of(answer) == (422, "other-identity")
        for size in (0, (2 << 30) + 1):
            sized = {"sha256": "0" * 64, "size": size}
            assert code_of(unit.announce(slip, b"x", container=sized)) == (413, "too-large")
        assert unit.announce(slip, b"x").status_code == 201
        digest = hashlib.sha256(b"x").hexdigest()
        grown = {"sha256": digest, "size": 2}
        assert code_of(unit.announce(slip, b"x", container=grown)) == (409, "other-size")


def test_a_unit_announces_only_so_many_at_once(
    warehouse: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iocsl.warehouse.intake.MAX_ARRIVING", 2)
    slips = [slip_of(period=f"2026-{month:02}") for month in (1, 2, 3)]
    with Sender(warehouse) as unit:
        for slip in slips[:2]:
            assert unit.announce(slip, container_of(slip)).status_code == 201
        third = container_of(slips[2])
        assert code_of(unit.announce(slips[2], third)) == (429, "too-many-uploads")
        assert unit.announce(slips[0], container_of(slips[0])).status_code == 200
        assert unit.send(slips[0], container_of(slips[0])).is_success
        assert unit.announce(slips[2], third).status_code == 201


def test_a_body_beyond_all_measure_is_cut_off(warehouse: Running) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(3):
            yield b" " * (1 << 20)

    with Sender(warehouse) as unit:
        address = f"/v1/bundles/{'0' * 64}"
        sized = unit.http.put(address, content=b" " * (3 << 20))
        assert code_of(sized) == (413, "body-too-large")
        assert code_of(unit.http.put(address, content=endless())) == (413, "body-too-large")
        assert code_of(unit.http.post("/v1/oauth/token", content=endless()))[0] == 413


def test_what_was_received_stays_so_whatever_the_catalogue_says_later(
    warehouse: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip, data = slip_of(), container_of(slip_of())
    with Sender(warehouse) as unit:
        assert unit.announce(slip, data).json()["accepted"] is None
        sent = unit.send(slip, data).json()
        assert sent["accepted"] == hashlib.sha256(data).hexdigest()
        monkeypatch.setattr(PlainJudge, "knows", lambda *_: False)
        again = unit.announce(slip, data)
        assert (again.status_code, again.json()["receipts"]) == (200, sent["receipts"])
        assert code_of(unit.announce(slip_of(b"khac"), data)) == (422, "unknown-dataset")


def test_one_unit_neither_sees_nor_completes_anothers(warehouse: Running) -> None:
    slip, data = slip_of(), container_of(slip_of())
    with Sender(warehouse) as owner, Sender(warehouse, "CQ-KHCN") as other:
        owner.announce(slip, data)
        owner.patch(slip, data, 0, data[:10])
        unknown = (404, "unknown-submission")
        for known in (False, True):
            assert code_of(other.http.get(f"/v1/bundles/{slip.identity()}")) == unknown
            assert code_of(other.http.get(f"/v1/bundles/{slip.identity()}/reports")) == unknown
            assert other.http.head(other.file(slip, data), headers=TUS).status_code == 404
            assert code_of(other.patch(slip, data, 10, data[10:])) == unknown
            assert code_of(other.commit(slip, data)) == unknown
            assert code_of(other.announce(slip, data)) == (403, "other-unit")
            assert other.http.get("/v1/receipts").json() == []
            if not known:
                owner.patch(slip, data, 10, data[10:])
                assert owner.commit(slip, data).json()["state"] == "landed"
        # The other unit announces the very bytes as its own: it must still send them itself.
        own = slip_of(unit="CQ-KHCN")
        missing = other.announce(own, data).json()["missing"]
        assert [each["offset"] for each in missing] == [0]
        other.patch(own, data, 0, data)
        assert code_of(other.commit(own, data)) == (422, "bundle-invalid")
        assert warehouse.rows("SELECT unit FROM acceptances") == [{"unit": "CQ-TC"}]


def test_what_does_not_verify_is_refused_and_may_come_back_mended(warehouse: Running) -> None:
    slip = slip_of()
    with Sender(warehouse) as unit:
        unsigned = container_of(slip, verdict="invalid")
        answer = unit.send(slip, unsigned)
        assert code_of(answer) == (422, "bundle-invalid")
        assert answer.json()["refusals"] == [UNSIGNED.document()]
        state = unit.http.get(f"/v1/bundles/{slip.identity()}").json()
        assert (state["state"], state["receipts"]) == ("refused", [])
        unsure = container_of(slip, verdict="undecided")
        assert code_of(unit.send(slip, unsure)) == (422, "bundle-undecided")
        assert code_of(unit.send(slip, b"khong phai goi")) == (422, "bundle-invalid")
        assert unit.send(slip, container_of(slip)).json()["state"] == "landed"


def test_a_container_of_another_submission_is_refused(warehouse: Running) -> None:
    slip, other = slip_of(), slip_of(b"so khac")
    with Sender(warehouse) as unit:
        answer = unit.send(slip, container_of(other))
        assert code_of(answer) == (422, "bundle-invalid")
        assert answer.json()["refusals"][-1]["code"] == "other-identity"


def test_a_sequence_is_taken_once_and_never_goes_back(warehouse: Running) -> None:
    with Sender(warehouse) as unit:
        second = slip_of(b"lan hai", sequence=2)
        assert unit.send(second, container_of(second)).json()["state"] == "landed"
        for slip in (slip_of(b"lan mot"), slip_of(b"lan hai khac", sequence=2)):
            answer = unit.send(slip, container_of(slip))
            assert code_of(answer) == (409, "sequence-taken")
            assert answer.json()["last_sequence"] == 2
        third = slip_of(b"lan ba", sequence=3)
        assert unit.send(third, container_of(third)).json()["state"] == "landed"
    current = warehouse.rows("SELECT sequence FROM current_facts")
    assert current == [{"sequence": 3}]


def test_data_that_need_work_are_not_landed(warehouse: Running) -> None:
    slip = slip_of()
    with Sender(warehouse) as unit:
        answer = unit.send(slip, container_of(slip, by="sai")).json()
        assert answer["state"] == "needs_work"
        last = receipts.read(answer["receipts"][-1], warehouse.store.keys.public())
        assert last.findings == [{"code": "V201", "severity": "error", "count": 1}]
        assert warehouse.rows("SELECT * FROM facts") == []


def test_two_homes_and_many_commits_at_once_give_one_acceptance(warehouse: Running) -> None:
    slip = slip_of()
    containers = [container_of(slip, by=f"nha-{number}") for number in range(2)]
    answers: list[dict[str, Any]] = []
    with Sender(warehouse) as unit:
        for data in containers:
            unit.announce(slip, data)
            unit.patch(slip, data, 0, data)
        start = threading.Barrier(8)

        def go(data: bytes) -> None:
            start.wait()
            answers.append(unit.commit(slip, data).json())

        threads = [threading.Thread(target=go, args=(containers[n % 2],)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 8
    assert {answer["state"] for answer in answers} == {"landed"}
    assert len({tuple(answer["receipts"]) for answer in answers}) == 1
    assert len(warehouse.rows("SELECT * FROM receipts")) == 2
    judge = warehouse.intake.judge
    assert isinstance(judge, PlainJudge)
    assert (judge.verified, judge.checked) == (1, 1)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_breaks_nothing(
    warehouse: Running, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    slip, data = slip_of(), container_of(slip_of())

    def full(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    with Sender(warehouse) as unit:
        unit.announce(slip, data)
        unit.patch(slip, data, 0, data[:10])
        with monkeypatch.context() as patched:
            patched.setattr("iocsl.warehouse.blobs.os.fsync", full)
            answer = unit.patch(slip, data, 10, data[10:])
            assert code_of(answer) == (507, "warehouse-full")
            assert answer.headers["retry-after"]
        head = unit.http.head(unit.file(slip, data), headers=TUS)
        assert head.headers["upload-offset"] == "10"
        unit.patch(slip, data, 10, data[10:])
        assert unit.commit(slip, data).json()["state"] == "landed"


def test_a_registry_that_cannot_grow_breaks_nothing(warehouse: Running) -> None:
    slip, data = slip_of(), container_of(slip_of(), pad=200_000)
    with Sender(warehouse) as unit:
        unit.announce(slip, data)
        unit.patch(slip, data, 0, data)
        with warehouse.store.writing() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")
        judge = warehouse.intake.judge
        assert isinstance(judge, PlainJudge)
        judge.padding = "x" * 20_000
        assert code_of(unit.commit(slip, data)) == (507, "warehouse-full")
        state = unit.http.get(f"/v1/bundles/{slip.identity()}").json()
        assert (state["state"], len(state["receipts"])) == ("received", 1)
        with warehouse.store.writing() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
        assert unit.commit(slip, data).json()["state"] == "landed"


def test_our_own_fault_is_told_without_a_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(PlainJudge):
        def check(self, container: Path, slip: Slip) -> Any:
            raise ZeroDivisionError(VALUE * 2)

    with running(tmp_path / "kho2", Broken()) as warehouse, Sender(warehouse) as unit:
        slip = slip_of()
        answer = unit.send(slip, container_of(slip))
        assert code_of(answer) == (500, "warehouse-bug")
        assert VALUE * 2 not in answer.text + caplog.text
        assert "ZeroDivisionError" in caplog.text
        state = unit.http.get(f"/v1/bundles/{slip.identity()}").json()
        assert (state["state"], len(state["receipts"])) == ("received", 1)
        warehouse.intake.judge = PlainJudge()
        assert unit.commit(slip, container_of(slip)).json()["state"] == "landed"


def test_a_restart_completes_what_was_cut_off(tmp_path: Path) -> None:
    slip, data = slip_of(), container_of(slip_of())

    class Dead(PlainJudge):
        def verify(self, container: Path) -> Any:
            raise SystemError("như thể bị tắt nguồn")

    with running(tmp_path / "kho3", Dead()) as warehouse, Sender(warehouse) as unit:
        assert code_of(unit.send(slip, data))[0] == 500
        asked = warehouse.rows("SELECT commit_asked_at FROM containers")[0]["commit_asked_at"]
    with running(tmp_path / "kho3") as warehouse:
        assert warehouse.intake.resume() == 1
        (row,) = warehouse.rows("SELECT accepted_at FROM acceptances")
        assert row["accepted_at"] == asked
        assert warehouse.intake.resume() == 0
        assert len(warehouse.rows("SELECT * FROM receipts")) == 2


def test_a_cut_upload_goes_on_where_it_stopped(warehouse: Running) -> None:
    slip = slip_of()
    data = container_of(slip, pad=3 << 20)

    def cut() -> Iterator[bytes]:
        yield data[: 1 << 20]
        yield data[1 << 20 : (1 << 20) + 5]
        raise ConnectionError

    with Sender(warehouse) as unit:
        unit.announce(slip, data)
        headers = {**CHUNK, "Upload-Offset": "0", "Content-Length": str(len(data))}
        with pytest.raises(ConnectionError):
            unit.http.patch(unit.file(slip, data), content=cut(), headers=headers)
        at = 0
        while at == 0:
            head = unit.http.head(unit.file(slip, data), headers=TUS)
            at = int(head.headers["upload-offset"])
        assert 0 < at <= (1 << 20) + 5
        while (answer := unit.patch(slip, data, at, data[at:])).status_code == 423:
            at = int(unit.http.head(unit.file(slip, data), headers=TUS).headers["upload-offset"])
        if answer.status_code == 409:
            at = answer.json()["offset"]
            answer = unit.patch(slip, data, at, data[at:])
        assert answer.status_code == 204
        assert unit.commit(slip, data).json()["state"] == "landed"
