"""Both ends of the wire together, on loopback."""

from __future__ import annotations

import contextlib
import http.server
import ipaddress
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from iocsl import clock, fetch
from iocsl.bundle.identity import Slip
from iocsl.bundle.witness import verify_ledger
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.ledger import receipts
from iocsl.ledger.chain import Chain
from iocsl.transport import account as accounts
from iocsl.transport.account import Account
from iocsl.transport.client import Direct
from iocsl.transport.delivery import Delivery, Outcome
from iocsl.transport.outbox import Entry, Outbox
from iocsl.warehouse.server import Tls
from warehouse_parts import PlainJudge, container_of, running, slip_of


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


def put(home: Path, data: bytes, slip: Slip | None = None, name: str = "goi.asice") -> Entry:
    path = home.parent / f"{home.name}-{name}"
    path.write_bytes(data)
    outbox = Outbox(home)
    return outbox.add(slip or slip_of(), outbox.stage(path), str(path))


def send(home: Path, account: Account, *, chunk: int = 1 << 20) -> list[Outcome]:
    with Direct(account, timeout=5, tries=2, chunk=chunk) as link:
        return list(Delivery(home, account, link).run(Outbox(home).entries(waiting=True)))


def at(account: Account, url: str) -> Account:
    return Account(url, account.unit, account.client_id, account.secret, account.keys, account.test)


def test_a_bundle_becomes_two_chained_receipts(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        entry = put(home, container_of(slip_of(), pad=300_000))
        (outcome,) = send(home, account, chunk=100_000)
        assert outcome.error is None
        assert outcome.entry.state == "landed"
        first, second = (receipts.read(jws, account.keys) for jws in outcome.receipts)
        assert (first.seq, first.kind, first.prev, first.test) == (1, "received", None, True)
        assert (second.seq, second.kind, second.prev) == (2, "landed", first.digest)
        assert first.announced_at is not None
        assert first.announced_at <= first.accepted_at
        assert not Outbox(home).bytes_of(entry).exists()
        found = receipts.accepted(home)[("CQ-TC", "KDL-M-016", "2026-10")]
        assert (found.kind, found.attempted_at) == ("landed", None)
        landed = warehouse.rows("SELECT record FROM current_facts")
        assert landed == [{"record": '{"gia_tri": 8.5}'}]
    acts = [entry.act for entry in Chain.open(home / "ledger.sqlite").entries()]
    assert acts == ["submit.receipt", "submit.receipt"]


def test_a_kill_between_receipt_and_ledger_leaves_the_record_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "don-vi"
    chain = Chain(home / "ledger.sqlite")
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        put(home, container_of(slip_of()))
        for place, name in ((Chain, "append"), (receipts.Receipts, "keep")):
            with monkeypatch.context() as patched:
                patched.setattr(place, name, killed)
                with pytest.raises(KeyboardInterrupt):
                    send(home, account)
            assert verify_ledger(home, chain, (), ()) == []
        (outcome,) = send(home, account)
        assert (outcome.entry.state, len(outcome.receipts)) == ("landed", 2)
    assert [entry.act for entry in chain.entries()] == ["submit.receipt", "submit.receipt"]
    assert verify_ledger(home, chain, (), ()) == []


def killed(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_two_homes_submit_one_bundle_and_it_is_accepted_once(tmp_path: Path) -> None:
    homes = [tmp_path / "nha-1", tmp_path / "nha-2"]
    with running(tmp_path / "kho") as warehouse:
        answers = []
        for home in homes:
            account = warehouse.account(home)
            put(home, container_of(slip_of(), by=home.name))
            (outcome,) = send(home, account)
            assert outcome.error is None
            answers.append(outcome)
        assert answers[0].receipts == answers[1].receipts
        assert answers[0].entry.sha256 != answers[1].entry.sha256
        assert len(warehouse.rows("SELECT * FROM acceptances")) == 1
        assert len(warehouse.rows("SELECT * FROM receipts")) == 2


def test_no_answer_keeps_the_bundle_and_seals_a_proof(tmp_path: Path) -> None:
    home, folder = tmp_path / "don-vi", tmp_path / "kho"
    with running(folder) as warehouse:
        account = warehouse.account(home)
    port = int(account.url.rpartition(":")[2])
    entry = put(home, container_of(slip_of()))
    other = slip_of(period="2026-09")
    put(home, container_of(other), other, "goi-2.asice")
    first, second = send(home, account)
    for outcome in (first, second):
        assert outcome.error is not None
        assert outcome.error.exit_code is ExitCode.NO_ANSWER
        assert (outcome.entry.state, outcome.receipts) == ("pending", ())
        assert outcome.entry.last_error is not None
    # Only the first was tried; nobody waits for a time-out once a bundle.
    assert (first.entry.attempts, second.entry.attempts) == (1, 0)
    sealed = Chain.open(home / "ledger.sqlite").entries("submit.attempt")
    assert [each.subject["identity"] for each in sealed] == [entry.identity, other.identity()]
    assert sealed[0].subject["container"] == entry.sha256
    assert Chain.open(home / "ledger.sqlite").verify() == []
    send(home, account)
    assert len(Chain.open(home / "ledger.sqlite").entries("submit.attempt")) == 2

    with running(folder, port=port):
        assert [outcome.entry.state for outcome in send(home, account)] == ["landed", "landed"]
    found = receipts.accepted(home)[("CQ-TC", "KDL-M-016", "2026-10")]
    assert found.proof == sealed[0].hash
    assert found.attempted_at is not None
    assert found.attempted_at <= found.accepted_at + timedelta(seconds=1)


def test_a_proof_is_sealed_again_after_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
    put(home, container_of(slip_of()))
    send(home, account)
    later = clock.record_now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "record_now", lambda: later)
    send(home, account)
    assert len(Chain.open(home / "ledger.sqlite").entries("submit.attempt")) == 2
    (first,) = receipts.attempts(home).values()
    assert first.attempted_at < later - timedelta(minutes=60)


def test_a_lost_reply_to_the_commit_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "don-vi"
    real = fetch.fetch
    lost: list[str] = []

    def losing(self: httpx.Client, method: str, url: Any, **more: Any) -> httpx.Response:
        answer = real(self, method, url, **more)
        if str(url).endswith("/commit") and len(lost) < 3:
            lost.append(str(url))
            raise httpx.ReadTimeout("mất trả lời")
        return answer

    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        put(home, container_of(slip_of()))
        monkeypatch.setattr(fetch, "fetch", losing)
        (outcome,) = send(home, account)
        assert outcome.error is not None
        assert (outcome.error.exit_code, outcome.entry.state) == (ExitCode.NO_ANSWER, "uploaded")
        (outcome,) = send(home, account)
        assert (outcome.entry.state, len(outcome.receipts)) == ("landed", 2)
        assert len(warehouse.rows("SELECT * FROM receipts")) == 2


def test_a_link_that_keeps_breaking_gets_every_byte_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "don-vi"
    real = fetch.fetch
    sent: list[tuple[int, int]] = []

    def breaking(self: httpx.Client, method: str, url: Any, **more: Any) -> httpx.Response:
        if method != "PATCH":
            return real(self, method, url, **more)
        data, start = more["content"], int(more["headers"]["Upload-Offset"])
        if len(sent) % 2 == 0:
            # Half of the chunk arrives, and the sender never hears of it.
            more["content"] = data[: len(data) // 2]
        sent.append((start, len(more["content"])))
        answer = real(self, method, url, **more)
        if len(sent) % 2 == 1:
            raise httpx.ReadError("đứt")
        return answer

    monkeypatch.setattr(fetch, "fetch", breaking)
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        entry = put(home, container_of(slip_of(), pad=500_000))
        (outcome,) = send(home, account, chunk=100_000)
        assert outcome.entry.state == "landed"
    assert sum(count for _, count in sent) == entry.size


def test_nothing_is_sent_twice_after_a_cut(tmp_path: Path) -> None:
    home, folder = tmp_path / "don-vi", tmp_path / "kho"
    with running(folder) as warehouse:
        account = warehouse.account(home)
        entry = put(home, container_of(slip_of(), pad=500_000))
        with Direct(account, timeout=5, tries=1, chunk=100_000) as link:
            link.announce(entry.slip, entry.sha256, entry.size)
            with Outbox(home).bytes_of(entry).open("rb") as stream:
                address = f"/v1/bundles/{entry.identity}/files/{entry.sha256}"
                assert link._send(address, stream, 0) == 100_000
            standing = link.announce(entry.slip, entry.sha256, entry.size)
            assert standing.offset == 100_000
        (outcome,) = send(home, account)
        assert outcome.entry.state == "landed"


@contextlib.contextmanager
def odd_server(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_PUT = do_PATCH = do_HEAD = do_GET  # noqa: N815 - likewise

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def says(
    status: int, body: bytes, kind: str, **headers: str
) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (says(200, b"<html>Xin dang nhap Wi-Fi</html>", "text/html"), "not-a-warehouse"),
        (says(200, b"{}", "application/json"), "not-a-warehouse"),
        (says(200, b"[[[", "application/json"), "not-a-warehouse"),
        (says(200, b'{"service": "khac"}', "application/json"), "not-a-warehouse"),
        (says(404, b"khong co", "text/plain"), "not-a-warehouse"),
        (says(302, b"", "text/plain"), "not-a-warehouse"),
        (says(204, b"", "application/json"), "not-a-warehouse"),
        (says(422, b'{"code": 5, "title": ["x"]}', "application/problem+json"), "not-a-warehouse"),
        (says(502, b"bad gateway", "text/html"), "no-answer"),
        (
            says(200, b"no gzip", "application/json", **{"Content-Encoding": "gzip"}),
            "not-a-warehouse",
        ),
        (
            says(200, b'{"service": "iocsl-warehouse", "kid": "x"}', "application/json"),
            "other-warehouse",
        ),
    ],
)
def test_a_server_that_is_not_our_warehouse_gets_nothing(
    tmp_path: Path, answer: Callable[[http.server.BaseHTTPRequestHandler], None], code: str
) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
    put(home, container_of(slip_of()))
    asked: list[str] = []

    def noting(handler: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        answer(handler)

    with odd_server(noting) as url:
        (outcome,) = send(home, at(account, url))
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.exit_code) == (code, ExitCode.NO_ANSWER)
    assert outcome.entry.state == "pending"
    # The secret never left: only the greeting was asked for.
    assert set(asked) == {"/v1/health"}


def drop_by_drop(handler: http.server.BaseHTTPRequestHandler) -> None:
    with contextlib.suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + 100 * b"x":
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.1)


def without_end(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(1000 * b" ")


@pytest.mark.parametrize(
    ("answer", "code"), [(drop_by_drop, "no-answer"), (without_end, "not-a-warehouse")]
)
def test_an_answer_that_does_not_end_is_given_up(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[http.server.BaseHTTPRequestHandler], None],
    code: str,
) -> None:
    home = tmp_path / "don-vi"
    monkeypatch.setattr(fetch, "LARGEST", 1 << 20)
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
    put(home, container_of(slip_of()))
    with odd_server(answer) as url:
        there = at(account, url)
        with Direct(there, timeout=0.3, tries=1) as link:
            (outcome,) = Delivery(home, there, link).run(Outbox(home).entries())
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.exit_code) == (code, ExitCode.NO_ANSWER)
    assert outcome.entry.state == "pending"


GREETED: dict[str, dict[str, Any]] = {
    "/v1/oauth/token": {"access_token": "t"},
    "/v1/bundles": {"state": "announced", "receipts": [], "missing": []},
}


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"/v1/oauth/token": {"access_token": "thẻ"}}, "strange-answer"),
        ({"/v1/oauth/token": {"access_token": "a\r\nX: y"}}, "strange-answer"),
        ({"/v1/bundles": None}, "not-a-warehouse"),
        ({"offset": "²"}, "not-a-warehouse"),
        ({"offset": 5000 * "9"}, "not-a-warehouse"),
    ],
)
def test_answers_that_no_warehouse_gives_after_the_greeting(
    tmp_path: Path, told: dict[str, Any], code: str
) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
    entry = put(home, container_of(slip_of()))
    health = {"service": "iocsl-warehouse", "kid": account.issuer}
    missing = {"missing": [{"sha256": entry.sha256, "offset": 0}]}
    said = {**GREETED, "/v1/bundles": {**GREETED["/v1/bundles"], **missing}, **told}

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.command in {"PATCH", "HEAD"}:
            says(204, b"", "text/plain", **{"Upload-Offset": said["offset"]})(handler)
            return
        known = {"/v1/health": health, **said}
        body = next(each for name, each in known.items() if handler.path.startswith(name))
        raw = b"" if body is None else json.dumps(body).encode()
        says(200 if raw else 204, raw, "application/json")(handler)

    with odd_server(answer) as url:
        (outcome,) = send(home, at(account, url))
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.exit_code) == (code, ExitCode.NO_ANSWER)


def test_a_warehouse_that_takes_no_chunk_is_quoted(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
    entry = put(home, container_of(slip_of()))
    full = {"code": "warehouse-full", "title": "Kho hết chỗ.", "title_en": "No space."}
    missing = [{"sha256": entry.sha256, "offset": 0}]
    said = {
        "/v1/health": {"service": "iocsl-warehouse", "kid": account.issuer},
        **GREETED,
        "/v1/bundles": {**GREETED["/v1/bundles"], "missing": missing},
    }
    chunks: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.command == "PATCH":
            chunks.append(handler.path)
            body = json.dumps(full).encode()
            says(507, body, "application/problem+json", Connection="close")(handler)
        elif handler.command == "HEAD":
            says(200, b"", "text/plain", **{"Upload-Offset": "0"})(handler)
        else:
            told = next(each for name, each in said.items() if handler.path.startswith(name))
            says(200, json.dumps(told).encode(), "application/json")(handler)

    with odd_server(answer) as url:
        (outcome,) = send(home, at(account, url))
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.exit_code) == ("warehouse-full", ExitCode.NO_ANSWER)
    assert len(chunks) == 2


@pytest.mark.parametrize(("asks", "times"), [("0", 2), ("600", 1)])
def test_a_busy_server_is_asked_again_when_it_says(tmp_path: Path, asks: str, times: int) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
    put(home, container_of(slip_of()))
    asked: list[str] = []

    def busy(handler: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        says(503, b"", "text/plain", **{"Retry-After": asks})(handler)

    with odd_server(busy) as url:
        (outcome,) = send(home, at(account, url))
    assert outcome.error is not None
    assert (outcome.error.exit_code, len(asked)) == (ExitCode.NO_ANSWER, times)


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
    put(home, container_of(slip_of()))
    with contextlib.closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        deaf = at(account, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with Direct(deaf, timeout=0.2, tries=1) as link:
            (outcome,) = Delivery(home, deaf, link).run(Outbox(home).entries())
    assert outcome.error is not None
    assert outcome.error.exit_code is ExitCode.NO_ANSWER


def test_a_wrong_secret_is_refused_and_the_bundle_waits(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        good = warehouse.account(home)
        put(home, container_of(slip_of()))
        bad = Account(good.url, good.unit, good.client_id, "sai", good.keys, good.test)
        (outcome,) = send(home, bad)
        assert outcome.error is not None
        assert (outcome.error.code, outcome.error.exit_code) == ("wrong-account", ExitCode.REFUSED)
        assert outcome.entry.state == "pending"
        assert send(home, good)[0].entry.state == "landed"


def test_a_token_that_ran_out_is_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        put(home, container_of(slip_of()))
        real = warehouse.store.keys.client_of
        seen: list[str] = []

        def once_gone(token: str) -> str | None:
            seen.append(token)
            return None if len(seen) == 2 else real(token)

        monkeypatch.setattr(warehouse.store.keys, "client_of", once_gone)
        (outcome,) = send(home, account)
    assert outcome.entry.state == "landed"
    assert len(seen) > 3


def test_a_refused_bundle_waits_no_longer_until_it_comes_anew(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        put(home, container_of(slip_of(), verdict="invalid"))
        (outcome,) = send(home, account)
        assert outcome.error is not None
        assert outcome.error.exit_code is ExitCode.REFUSED
        assert "Thiếu chữ ký" in (outcome.error.hint or ("", ""))[0]
        assert outcome.entry.state == "refused"
        assert send(home, account) == []
        put(home, container_of(slip_of(), by="ky-lai"))
        assert send(home, account)[0].entry.state == "landed"


def test_undecided_waits(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        put(home, container_of(slip_of(), verdict="undecided"))
        (outcome,) = send(home, account)
        assert outcome.error is not None
        assert (outcome.error.code, outcome.entry.state) == ("bundle-undecided", "uploaded")


def test_a_receipt_of_another_key_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        put(home, container_of(slip_of()))
        document = warehouse.store.keys
        forged = type(document).make(tmp_path / "gia", test=True)
        monkeypatch.setattr(warehouse.store.keys, "sign", forged.sign)
        (outcome,) = send(home, account)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.exit_code) == (
        "receipt-altered",
        ExitCode.INTEGRITY,
    )
    assert outcome.entry.state == "uploaded"
    assert receipts.accepted(home) == {}


def test_a_receipt_about_something_else_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        put(home, container_of(slip_of()))
        sign = warehouse.store.keys.sign
        monkeypatch.setattr(
            warehouse.store.keys,
            "sign",
            lambda payload, *rest: sign(payload | {"period": "2026-11"}, *rest),
        )
        (outcome,) = send(home, account)
    assert outcome.error is not None
    assert outcome.error.code == "receipt-of-another"
    assert receipts.accepted(home) == {}


def test_queued_bytes_that_were_changed_are_not_sent(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        entry = put(home, container_of(slip_of()))
        Outbox(home).bytes_of(entry).write_bytes(b"khac")
        (outcome,) = send(home, account)
        assert outcome.error is not None
        assert outcome.error.code == "queued-bytes-lost"
        put(home, container_of(slip_of()))
        assert send(home, account)[0].entry.state == "landed"


def test_data_that_need_work_do_not_count_as_supplied(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(home)
        put(home, container_of(slip_of(), by="sai"))
        (outcome,) = send(home, account)
        assert outcome.entry.state == "needs_work"
        assert receipts.accepted(home) == {}
        mended = slip_of(b"da sua", sequence=2)
        put(home, container_of(mended), mended)
        assert send(home, account)[0].entry.state == "landed"
        found = receipts.accepted(home)[("CQ-TC", "KDL-M-016", "2026-10")]
        assert (found.sequence, found.identity) == (2, mended.identity())


def test_two_senders_at_once_give_one_acceptance(tmp_path: Path) -> None:
    homes = [tmp_path / f"nha-{number}" for number in range(3)]
    states: list[str] = []
    with running(tmp_path / "kho", PlainJudge()) as warehouse:
        ready = threading.Barrier(len(homes))
        linked = [(home, warehouse.account(home)) for home in homes]
        for home in homes:
            put(home, container_of(slip_of(), by=home.name, pad=200_000))

        def go(home: Path, account: Account) -> None:
            ready.wait()
            states.extend(outcome.entry.state for outcome in send(home, account, chunk=50_000))

        threads = [threading.Thread(target=go, args=pair) for pair in linked]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert states == ["landed"] * 3
        assert len(warehouse.rows("SELECT * FROM receipts")) == 2


@pytest.mark.skipif(os.name != "posix", reason="modes of files are a POSIX thing")
def test_an_account_others_may_read_is_not_used(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        warehouse.account(home)
    path = home / accounts.FILE
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o640)
    with pytest.raises(IocslError) as caught:
        accounts.load(home)
    assert caught.value.code == "too-open"


@pytest.mark.parametrize(
    "url", ["http://kho.sonla.gov.vn", "http://10.0.0.1:80", "ftp://x", "kho", "https://"]
)
def test_an_address_without_tls_is_refused(tmp_path: Path, url: str) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        warehouse.account(home)
    with pytest.raises(IocslError) as caught:
        accounts.load(home, url=url)
    assert caught.value.code == "insecure-address"


@pytest.mark.parametrize("url", ["https://kho.sonla.gov.vn", "http://[::1]:80", "http://localhost"])
def test_tls_or_this_machine_is_taken(url: str) -> None:
    accounts.check_address(url)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"type": "khac"}', b"\xff", b"[" * 9999])
def test_a_file_that_is_no_account_changes_nothing(tmp_path: Path, body: bytes) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        kept = warehouse.account(home)
    path = tmp_path / "khac.json"
    path.write_bytes(body)
    with pytest.raises(IocslError) as caught:
        accounts.connect(home, path)
    assert caught.value.code == "not-an-account"
    assert accounts.load(home) == kept


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path: Path) -> None:
    home = tmp_path / "don-vi"
    with running(tmp_path / "kho") as warehouse:
        warehouse.account(home)
    document = json.loads((home / accounts.FILE).read_text("utf-8"))
    document["keys"]["keys"][0]["d"] = "AAAA"
    path = tmp_path / "khac.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(IocslError):
        accounts.connect(home, path)


def certified(folder: Path) -> Tls:
    """A throw-away server certificate for 127.0.0.1, its own CA."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kho")])
    now = clock.record_now()
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = Tls(folder / "kho.pem", folder / "kho.key")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def test_tls_with_a_ca_of_the_provinces_own(tmp_path: Path) -> None:
    home, tls = tmp_path / "don-vi", certified(tmp_path)
    tls.check()
    with running(tmp_path / "kho", tls=tls) as warehouse:
        assert warehouse.url.startswith("https://")
        account = warehouse.account(home)
        put(home, container_of(slip_of()))
        (outcome,) = send(home, account)
        assert outcome.error is not None
        assert outcome.error.exit_code is ExitCode.NO_ANSWER
        with Direct(account, timeout=5, tries=1, ca=str(tls.certificate)) as link:
            entries = Outbox(home).entries(waiting=True)
            (outcome,) = Delivery(home, account, link).run(entries)
        assert outcome.entry.state == "landed"


def test_certificates_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    tls, other = certified(tmp_path), tmp_path / "khac.pem"
    other.write_text("khong phai PEM", encoding="utf-8")
    for wrong in (Tls(other, tls.key), Tls(tls.certificate, other), Tls(other, tmp_path / "x")):
        with pytest.raises(IocslError) as caught:
            wrong.check()
        assert caught.value.code == "bad-tls"
    with running(tmp_path / "kho") as warehouse:
        account = warehouse.account(tmp_path / "don-vi")
    with pytest.raises(IocslError) as caught:
        Direct(account, timeout=1, tries=1, ca=str(other))
    assert caught.value.code == "bad-ca-file"
