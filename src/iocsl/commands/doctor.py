"""`iocsl doctor`: is this machine ready, and what to do where it is not."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

import iocsl
from iocsl import clock, config
from iocsl.commands.options import as_json, command
from iocsl.console.output import emit_json, show, table
from iocsl.domain import ExitCode, Words
from iocsl.errors import IocslError
from iocsl.text import help_text, say, tr

OK, WARN, FAIL = "ok", "warn", "fail"
_LOW_BYTES = 200 << 20


@dataclass(frozen=True, slots=True)
class Check:
    name: Words
    state: str
    found: Words
    hint: Words | None = None


def add(app: typer.Typer) -> None:
    command(
        app,
        "doctor",
        "Máy này đã sẵn sàng chưa, còn thiếu gì",
        "Is this machine ready, and what is missing",
    )(doctor)


def doctor(
    offline: Annotated[
        bool,
        typer.Option("--offline", help=help_text("Không hỏi kho", "Do not ask the warehouse")),
    ] = False,
) -> None:
    checks = [_run(name, check) for name, check in _checks(offline)]
    if as_json():
        emit_json(
            [
                {
                    "check": say(each.name),
                    "state": each.state,
                    "message": say(each.found),
                    "hint": say(each.hint) if each.hint else None,
                }
                for each in checks
            ]
        )
    else:
        marks = {OK: tr("tốt", "good"), WARN: tr("lưu ý", "note"), FAIL: tr("hỏng", "broken")}
        rows = [
            (
                say(each.name),
                marks[each.state],
                "\n".join(say(words) for words in (each.found, each.hint) if words),
            )
            for each in checks
        ]
        headings = (tr("Mục", "What"), tr("Tình trạng", "State"), tr("Chi tiết", "Details"))
        show(table(headings, rows))
    if any(each.state == FAIL for each in checks):
        raise typer.Exit(int(ExitCode.CONFIGURATION))


Found = tuple[str, Words] | tuple[str, Words, Words]


def _checks(offline: bool) -> Iterator[tuple[Words, Callable[[], Found]]]:
    yield Words("Phiên bản", "Version"), _version
    yield Words("Thư mục làm việc", "Home folder"), _home
    yield Words("Cấu hình", "Settings"), _settings
    yield Words("Danh mục", "Catalogue"), _catalogue
    yield Words("Lịch làm việc", "Working calendar"), _calendar
    yield Words("Nơi tin cậy", "Trust store"), _trust
    yield Words("Người ký", "Signers"), _signers
    yield Words("Nhật ký", "Audit chain"), _chain
    yield Words("Sổ gửi", "Outbox"), _outbox
    yield Words("Lịch sử số liệu", "History of figures"), _history
    if not offline:
        yield Words("Kho dữ liệu", "Warehouse"), _warehouse


def _run(name: Words, check: Callable[[], Found]) -> Check:
    try:
        return Check(name, *check())
    except IocslError as error:
        return Check(name, FAIL, error.message, error.hint)


def _version() -> Found:
    said = f"iocsl {iocsl.__version__}, Python {platform.python_version()}, {sys.platform}"
    return OK, Words(said, said)


def _home() -> Found:
    folder = config.home()
    free = shutil.disk_usage(folder).free
    said = Words(f"{folder}, còn trống {free >> 20} MiB", f"{folder}, {free >> 20} MiB free")
    probe = folder / ".thu-ghi"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        from iocsl.files import trouble

        raise trouble(error) from None
    if free < _LOW_BYTES:
        return WARN, said, Words("Nên giải phóng chỗ trống.", "Free some space.")
    return OK, said


def _settings() -> Found:
    loaded = config.load()
    changed = sum(each.origin != "default" for each in loaded.resolved.values())
    said = Words(
        f"{changed} thiết lập khác mặc định", f"{changed} settings differ from the default"
    )
    if loaded.text("unit") is None:
        hint = Words(
            'Ghi đơn vị của máy vào config.toml: unit = "CQ-TC"',
            'Say which unit this machine serves in config.toml: unit = "CQ-TC"',
        )
        return WARN, said, hint
    return OK, said


def _catalogue() -> Found:
    from iocsl.catalog import open_catalogue

    catalogue = open_catalogue()
    entries = catalogue.datasets()
    doubtful = sum(each.status == "needs_review" for each in entries)
    return OK, Words(
        f"bản {catalogue.version}, {len(entries)} mục, {doubtful} mục cần rà soát",
        f"version {catalogue.version}, {len(entries)} entries, {doubtful} to review",
    )


def _calendar() -> Found:
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings
    from iocsl.deadlines.explain import explain_day

    readings = Readings.from_config(config.load())
    today = explain_day(open_catalogue(), readings, clock.today())
    first = today.lines[0]
    return OK, first


def _trust() -> Found:
    from iocsl.bundle.trust import OFFICIAL, TrustStore

    entries = TrustStore.from_home(config.home()).entries()
    official = sum(each.profile == OFFICIAL for each in entries)
    said = Words(
        f"{official} chứng thư chính thức, {len(entries) - official} chứng thư thử nghiệm",
        f"{official} official certificates, {len(entries) - official} for trying out",
    )
    if not official:
        hint = Words(
            "Thêm chứng thư gốc của đơn vị cấp: iocsl trust add FILE --profile chinh-thuc",
            "Add the issuer's root: iocsl trust add FILE --profile chinh-thuc",
        )
        return WARN, said, hint
    return OK, said


def _signers() -> Found:
    from iocsl.bundle.register import SignerRegister

    people = SignerRegister.from_home(config.home()).appointments()
    said = Words(f"{len(people)} dòng đăng ký", f"{len(people)} lines in the register")
    if not people:
        return WARN, said, Words("Đăng ký: iocsl signers add", "Register: iocsl signers add")
    return OK, said


def _chain() -> Found:
    from iocsl.ledger.chain import FILE, Chain

    path: Path = config.home() / FILE
    if not path.is_file():
        return OK, Words("chưa có mục nào", "no entries yet")
    chain = Chain.open()
    problems = chain.verify()
    if problems:
        return (
            FAIL,
            problems[0].message,
            Words("Xem: iocsl audit verify", "See: iocsl audit verify"),
        )
    head = chain.head()
    count = head.seq if head else 0
    return OK, Words(f"{count} mục, nguyên vẹn", f"{count} entries, whole")


def _outbox() -> Found:
    from iocsl.transport.outbox import Outbox

    waiting = len(Outbox(config.home()).entries(waiting=True))
    said = Words(f"{waiting} gói đang chờ gửi", f"{waiting} bundles wait to be sent")
    if waiting:
        return WARN, said, Words("Gửi: iocsl submit --all", "Send: iocsl submit --all")
    return OK, said


def _history() -> Found:
    from iocsl.ledger import history

    count = len(history.landings(config.home()))
    return OK, Words(
        f"{count} kỳ đã vào kho để so sánh", f"{count} periods have landed to compare with"
    )


def _warehouse() -> Found:
    from iocsl.transport.account import FILE, load
    from iocsl.transport.client import Direct

    settings = config.load()
    if not (config.home() / FILE).is_file():
        return (
            WARN,
            Words("máy này chưa kết nối với kho", "this machine is not connected"),
            Words(
                "Nhập tệp tài khoản: iocsl submit --connect tai-khoan.json",
                "Import the account file: iocsl submit --connect tai-khoan.json",
            ),
        )
    account = load(config.home(), url=settings.text("warehouse.url"))
    with Direct(
        account,
        timeout=settings.number("warehouse.timeout"),
        tries=1,
        ca=settings.text("warehouse.ca"),
    ) as link:
        link.greet()
    return OK, Words(f"{account.url} trả lời", f"{account.url} answers")
