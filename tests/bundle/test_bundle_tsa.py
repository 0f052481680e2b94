"""Asking a time-stamp authority over HTTP: a good answer, bad answers, none."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import stamina
from asn1crypto import tsp

from bundle_forge import Forge, people, tsa
from iocsl import clock
from iocsl.bundle import timestamps
from iocsl.bundle.cms import fingerprint, read_signature
from iocsl.bundle.container import manifest_name, signature_name
from iocsl.bundle.evidence import stamped
from iocsl.bundle.testtsa import answer
from iocsl.bundle.timestamps import Stamper, post_over_http, read_stamp, stamper_for
from iocsl.errors import IocslError

Reply = Callable[[bytes], tuple[int, bytes]]


def good(query: bytes) -> tuple[int, bytes]:
    return 200, answer(query, tsa().signer(), clock.record_now())


class Authority(HTTPServer):
    """Answers each query with the next reply; the last one is kept."""

    replies: list[Reply]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Authority)
        replies = self.server.replies
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        assert self.headers["Content-Type"] == "application/timestamp-query"
        status, body = reply(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not a word: the test tells what went wrong."""


@pytest.fixture
def authority() -> Iterator[Authority]:
    server = Authority(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    with stamina.set_testing(True, attempts=3):
        yield server
    server.shutdown()
    server.server_close()
    thread.join()


def ask(server: Authority, *replies: Reply) -> bytes:
    server.replies = list(replies)
    forge = Forge().sign(1)
    raw, manifest = forge.members[signature_name(1)], forge.members[manifest_name(1)]
    stamper = stamper_for(server.url)
    assert stamper is not None
    made = stamped(signature_name(1), raw, manifest, 1, stamper)
    found = read_signature(made, hashlib.sha256(manifest).hexdigest(), 1)
    assert found.timestamp is not None
    by = read_stamp(found.timestamp, found.value, 1).certificate
    assert fingerprint(by) == tsa().fingerprint
    return made


def test_a_stamp_over_http(authority: Authority) -> None:
    ask(authority, good)


def test_a_stumble_is_tried_again(authority: Authority) -> None:
    ask(authority, lambda _: (503, b""), good)


def test_two_stumbles_are_borne(authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    ask(authority, lambda _: (503, b""), lambda _: (500, b""), good)
    assert not [each for each in caplog.records if each.levelname == "WARNING"]


def test_a_refused_question_is_not_put_again(authority: Authority) -> None:
    with pytest.raises(IocslError):
        ask(authority, lambda _: (403, b""), good)
    assert authority.replies == [good]


def test_an_answer_drop_by_drop_is_not_waited_for(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is for the whole of it, not for the pause between two drops."""
    clock_ticks = iter(range(0, 10**6, 200))
    ticking = "iocsl.fetch.monotonic"
    monkeypatch.setattr(ticking, lambda: float(next(clock_ticks)))
    with pytest.raises(IocslError) as refused:
        ask(authority, good)
    assert refused.value.code == "no-timestamp"


def test_the_pauses_do_not_eat_up_the_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tries of 180 seconds each: the retrying itself has no limit that is shorter."""
    asked: list[dict[str, Any]] = []

    def record(**options: Any) -> Iterator[Any]:
        asked.append(options)
        return iter(())

    monkeypatch.setattr(stamina, "retry_context", record)
    with pytest.raises(OSError, match="x"):
        post_over_http("http://x/", b"", timestamps.TIMEOUT)
    assert (timestamps.TIMEOUT, asked[0]["attempts"], asked[0]["timeout"]) == (180.0, 3, None)
    assert 0 < asked[0]["wait_initial"] < asked[0]["wait_max"]


def refusing(_: bytes) -> tuple[int, bytes]:
    return 200, tsp.TimeStampResp({"status": {"status": "rejection"}}).dump()


def of_another_question(query: bytes) -> tuple[int, bytes]:
    asked = tsp.TimeStampReq.load(query)
    asked["nonce"] = 7
    return good(asked.dump())


def over_something_else(query: bytes) -> tuple[int, bytes]:
    asked = tsp.TimeStampReq.load(query)
    asked["message_imprint"]["hashed_message"] = b"\x00" * 32
    return good(asked.dump())


def by_a_person(query: bytes) -> tuple[int, bytes]:
    return 200, answer(query, people()[0].signer(), clock.record_now())


@pytest.mark.parametrize(
    "reply",
    [
        lambda _: (500, b""),
        lambda _: (200, b""),
        lambda _: (200, b"<html>proxy</html>"),
        lambda _: (200, b"\x30" * (2 << 20)),
        refusing,
        of_another_question,
        over_something_else,
        by_a_person,
    ],
)
def test_a_bad_answer_is_no_stamp(authority: Authority, reply: Reply) -> None:
    with pytest.raises(IocslError) as refused:
        ask(authority, reply)
    assert (refused.value.code, refused.value.exit_code) == ("no-timestamp", 5)


def test_nobody_there() -> None:
    stamper = Stamper("http://127.0.0.1:9/", post_over_http)
    with stamina.set_testing(True, attempts=3), pytest.raises(IocslError) as refused:
        stamper.token(b"x", 1)
    assert refused.value.exit_code == 5


@pytest.mark.parametrize("url", ["ftp://x", "x", "file:///etc/passwd"])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(IocslError) as refused:
        stamper_for(url)
    assert refused.value.code == "bad-tsa-url"
