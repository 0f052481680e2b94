"""The listening process: one address, one store, one writer."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from iocsl import clock
from iocsl.bundle import encryption_keys
from iocsl.errors import IocslError, missing_extra
from iocsl.files import write_whole
from iocsl.warehouse.intake import Intake, Judge
from iocsl.warehouse.store import Store

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

LOCK = "kho.lock"
DRAIN_SECONDS = 10
"""How long requests under way may take to end after the server is told to stop."""


def require_extra() -> None:
    """Exit 3 where `iocsl[warehouse]` is not installed."""
    from importlib.util import find_spec

    for package in ("fastapi", "uvicorn"):
        if find_spec(package) is None:
            raise missing_extra("warehouse", package)


def refuse_held_clock(store: Store) -> None:
    """Exit 3 for `--at` or `IOCSL_NOW` on a store that is not a test store."""
    if store.test or clock.held() is None:
        return
    raise IocslError(
        "held-clock",
        "Kho chính thức không chạy với thời điểm giả định (--at hoặc IOCSL_NOW).",
        "A real warehouse does not run with an assumed moment (--at or IOCSL_NOW).",
        (
            "Bỏ --at và IOCSL_NOW, hoặc tạo kho thử: iocsl warehouse init --test",
            "Leave out --at and IOCSL_NOW, or make a test store: iocsl warehouse init --test",
        ),
    )


@contextlib.contextmanager
def alone(store: Store) -> Iterator[None]:
    """One server a store. Exit 3 when another one has it."""
    lock = FileLock(store.folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise IocslError(
            "store-in-use",
            f"Kho ở “{store.folder}” đang được một tiến trình khác phục vụ.",
            f"Another process is serving the warehouse at “{store.folder}”.",
            ("Dừng tiến trình kia trước.", "Stop the other process first."),
        ) from None
    try:
        yield
    finally:
        lock.release()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 picks a free one. Exit 3 when the address cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # With the protocol named asyncio turns Nagle's algorithm off; without, answers wait 40 ms.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise _no_address(host, port, error) from None
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            # On Windows SO_REUSEADDR would let another program take the port away.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise _no_address(host, port, error) from None
    return bound


def _no_address(host: str, port: int, error: OSError) -> IocslError:
    return IocslError(
        "no-address",
        f"Không mở được địa chỉ {host}:{port}: {error.strerror or error}.",
        f"The address {host}:{port} cannot be opened: {error.strerror or error}.",
        ("Chọn cổng khác bằng --port (0: tự chọn).", "Choose another --port (0 picks one)."),
    )


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files of the server's certificate (chain) and its key."""

    certificate: Path
    key: Path

    def check(self) -> None:
        """Exit 3 unless the two files belong together."""
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
                self.certificate, self.key, _no_passphrase
            )
        except (OSError, ssl.SSLError, ValueError):
            raise IocslError(
                "bad-tls",
                f"Chứng thư “{self.certificate}” và khóa “{self.key}” không dùng được với nhau.",
                f"The certificate “{self.certificate}” and the key “{self.key}” do not work.",
                (
                    "Cần hai tệp PEM của cùng một cặp khóa, khóa không đặt mật khẩu.",
                    "Two PEM files of one key pair are wanted, the key without a passphrase.",
                ),
            ) from None


def _no_passphrase() -> str:
    """Without it OpenSSL would ask on the terminal, where nobody sits."""
    raise ValueError


def url_of(bound: socket.socket, tls: Tls | None = None) -> str:
    host, port = bound.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{shown}:{port}"


def is_open(bound: socket.socket, tls: Tls | None) -> bool:
    """Whether other machines reach the server and nothing hides what they send."""
    return tls is None and not ipaddress.ip_address(bound.getsockname()[0]).is_loopback


def serve(
    store: Store,
    judge: Judge,
    catalogue: Callable[[], tuple[str, bytes]],
    bound: socket.socket,
    *,
    tls: Tls | None = None,
    port_file: Path | None = None,
) -> None:
    """Serve until told to stop. Commits that a stop had cut off are finished first, beside it.

    `port_file` gets the port once the socket is open, for programs that start the server.
    """
    from iocsl.warehouse.api import build

    # What a killed server was looking at in clear goes before anything else.
    encryption_keys.sweep(store.folder)
    intake = Intake(store, judge)
    resuming = threading.Thread(target=intake.resume, name="resume", daemon=True)
    with bound:
        bound.listen(128)
        if port_file is not None:
            write_whole(port_file, f"{bound.getsockname()[1]}\n".encode())
        resuming.start()
        engine(build(intake, catalogue), tls).run(sockets=[bound])
        resuming.join(DRAIN_SECONDS)


def engine(app: FastAPI, tls: Tls | None = None) -> uvicorn.Server:
    """The HTTP server for an application, with nothing of a request in its logs."""
    import uvicorn

    # uvicorn logs a traceback with its values, which may be data; `api` logs faults without them.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    configuration = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    return uvicorn.Server(configuration)
