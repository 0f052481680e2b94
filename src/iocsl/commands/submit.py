"""`iocsl submit`: send approved bundles to the warehouse, now or when it answers again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from iocsl import config
from iocsl.commands.options import as_json, command
from iocsl.console.output import emit, emit_json, note, refusal_document, show, table
from iocsl.domain import ExitCode
from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.bundle.identity import Slip
    from iocsl.transport.account import Account
    from iocsl.transport.client import Direct
    from iocsl.transport.delivery import Outcome
    from iocsl.transport.outbox import Entry, Outbox

WORST_FIRST = (
    ExitCode.GATE,
    ExitCode.CONFIGURATION,
    ExitCode.INTEGRITY,
    ExitCode.REFUSED,
    ExitCode.UNDECIDED,
    ExitCode.NO_ANSWER,
    ExitCode.FINDINGS,
)
"""Which exit code a run of several bundles ends with."""
LOCK_SECONDS = 10.0
STATES = {
    "pending": ("chờ gửi", "waiting"),
    "announced": ("đã khai báo", "announced"),
    "uploaded": ("đã tải lên", "uploaded"),
    "received": ("kho đã nhận", "received"),
    "landed": ("đã vào kho", "landed"),
    "needs_work": ("cần chuẩn hóa, nộp lại", "needs work"),
    "refused": ("kho từ chối", "refused"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One bundle after the run."""

    bundle: str
    entry: Entry | None
    receipts: tuple[str, ...]
    error: IocslError | None

    @property
    def code(self) -> ExitCode:
        if self.error is not None:
            return self.error.exit_code
        needs_work = self.entry is not None and self.entry.state == "needs_work"
        return ExitCode.FINDINGS if needs_work else ExitCode.OK

    def document(self) -> dict[str, Any]:
        """The contract's object of `submit --format json`."""
        return {
            "bundle": self.bundle,
            "identity": self.entry.identity if self.entry else None,
            "state": self.entry.state if self.entry else None,
            "receipts": list(self.receipts),
            "error": _error_document(self.error),
        }


def add(app: typer.Typer) -> None:
    command(app, "submit", "Nộp gói đã phê duyệt vào kho", "Submit approved bundles")(submit)


def submit(
    bundles: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[BUNDLE]...", help=help_text("Các gói nộp (.asice)", "The bundles (.asice)")
        ),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help=help_text(
                "Gửi mọi gói còn trong hàng chờ (dùng cho lịch chạy tự động)",
                "Send all that waits in the outbox (for scheduled runs)",
            ),
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=help_text("Chỉ kiểm tra, không gửi gì", "Only check; nothing is sent"),
        ),
    ] = False,
    connect: Annotated[
        Path | None,
        typer.Option(
            "--connect",
            metavar="FILE",
            help=help_text(
                "Nhập tệp tài khoản do kho cấp, một lần cho mỗi máy",
                "Import the account file from the warehouse, once a machine",
            ),
        ),
    ] = None,
) -> None:
    paths = bundles or []
    if not (paths or every or connect):
        raise usage(
            "nothing-to-submit",
            "Chưa nói nộp gói nào.",
            "No bundle was named.",
            (
                "Viết: iocsl submit GÓI.asice, hoặc iocsl submit --all",
                "Write: iocsl submit BUNDLE.asice, or iocsl submit --all",
            ),
        )
    for path in paths:
        if path.is_dir():
            raise is_folder(path)
        if not path.is_file():
            raise missing_file(path)
    home = config.home()
    if connect is not None:
        _connect(home, connect, told=not (paths or every))
    if not (paths or every):
        return
    results = _check_only(home, paths, every) if dry_run else _send(home, paths, every)
    _tell(results, home)


def _connect(home: Path, path: Path, *, told: bool) -> None:
    from iocsl.transport import account

    found = account.connect(home, path)
    facts = {"unit": found.unit, "url": found.url, "test": found.test, "kid": found.issuer}
    if told and as_json():
        emit_json(facts)
        return
    mark = tr(" (KHO THỬ NGHIỆM)", " (TEST WAREHOUSE)") if found.test else ""
    note(
        tr(
            f"Đã kết nối máy này với kho {found.url}{mark}, đơn vị {found.unit}.",
            f"This machine is connected to {found.url}{mark} for unit {found.unit}.",
        )
    )


def _account(home: Path) -> Account:
    from iocsl.transport import account

    return account.load(home, url=config.load().text("warehouse.url"))


def _check_only(home: Path, paths: Sequence[Path], every: bool) -> list[Result]:
    """Verify what is named and list what waits; nothing is copied, nothing sent."""
    from iocsl.transport.outbox import Outbox
    from iocsl.transport.sealing import must_encrypt

    account, outbox = _account(home), Outbox(home)
    known = {entry.identity: entry for entry in outbox.entries()}
    results = []
    for path in paths:
        try:
            slip = _screened(path, str(path), home, lambda _: None)
            _check_unit(slip.unit, account)
            must_encrypt(path, slip, account)
        except IocslError as error:
            results.append(Result(str(path), None, (), error))
            continue
        entry = known.get(slip.identity()) or outbox.would_be(slip, path)
        results.append(Result(str(path), entry, (), None))
    if every:
        named = {result.entry.identity for result in results if result.entry}
        waiting = (entry for entry in known.values() if entry.waits)
        results += [
            Result(entry.name, entry, (), None) for entry in waiting if entry.identity not in named
        ]
    return results


def _send(home: Path, paths: Sequence[Path], every: bool) -> list[Result]:
    """Queue what is named, then send it, or all that waits."""
    from iocsl.transport.outbox import Outbox

    account, outbox = _account(home), Outbox(home)
    queued = [_queue(path, home, account, outbox) for path in paths]
    with outbox.sending(LOCK_SECONDS) as mine:
        if not mine:
            return _left_to_the_other(queued, every)
        return list(_deliver(home, account, outbox, queued, every))


def _queue(path: Path, home: Path, account: Account, outbox: Outbox) -> Result:
    """Copy a bundle into the outbox; what is verified is the copy that will be sent."""
    from iocsl.transport.screening import remember
    from iocsl.transport.sealing import sealed

    staged = outbox.stage(path)
    try:
        slip = _screened(staged.path, str(path), home, partial(_accepted, account))
        _check_unit(slip.unit, account)
        remember(staged, slip, home)
        staged = sealed(staged, slip, account, home, outbox)
    except IocslError as error:
        outbox.drop(staged)
        return Result(str(path), None, (), error)
    entry = outbox.add(slip, staged, str(path.absolute()))
    return Result(str(path), entry, (), None)


def _screened(path: Path, name: str, home: Path, accepted: Callable[[str], str | None]) -> Slip:
    """The slip of a bundle that is valid here, or that the warehouse has received as it is."""
    from iocsl.transport.screening import screen, taken

    try:
        return screen(path, home, name)
    except IocslError:
        slip = taken(path, home, accepted)
        if slip is None:
            raise
        return slip


def _accepted(account: Account, identity: str) -> str | None:
    with _link(account, tries=1) as link:
        return link.accepted(identity)


def _link(account: Account, *, tries: int | None = None) -> Direct:
    from iocsl.transport.client import Direct

    settings = config.load()
    return Direct(
        account,
        timeout=settings.number("warehouse.timeout"),
        tries=tries or settings.number("warehouse.tries"),
        ca=settings.text("warehouse.ca"),
    )


def _check_unit(unit: str, account: Account) -> None:
    if unit == account.unit:
        return
    raise IocslError(
        "other-unit",
        f"Gói này của đơn vị {unit}, máy này nộp cho đơn vị {account.unit}.",
        f"This bundle is of unit {unit}; this machine submits for unit {account.unit}.",
        (
            "Nộp từ máy của đơn vị đó, hoặc nhập tệp tài khoản khác bằng --connect.",
            "Submit it from that unit's machine, or import another account with --connect.",
        ),
    )


def _deliver(
    home: Path, account: Account, outbox: Outbox, queued: Sequence[Result], every: bool
) -> Iterator[Result]:
    from iocsl.ledger.receipts import Receipts

    named = {result.entry.identity for result in queued if result.entry}
    waiting = outbox.entries(waiting=True)
    chosen = [entry for entry in waiting if every or entry.identity in named]
    sent = _sent(home, account, chosen) if chosen else {}
    kept = Receipts(home)
    for result in queued:
        if result.entry is None:
            yield result
        elif outcome := sent.get(result.entry.identity):
            yield Result(result.bundle, outcome.entry, outcome.receipts, outcome.error)
        else:
            entry = outbox.find(result.entry.identity)
            yield Result(result.bundle, entry, tuple(kept.of(entry.identity)), None)
    for identity, outcome in sent.items():
        if identity not in named:
            yield Result(outcome.entry.name, outcome.entry, outcome.receipts, outcome.error)


def _sent(home: Path, account: Account, chosen: Sequence[Entry]) -> dict[str, Outcome]:
    """Send entries over one connection; what became of each, by identity."""
    from iocsl.transport.delivery import Delivery

    with _link(account) as link:
        outcomes = Delivery(home, account, link).run(chosen)
        return {each.entry.identity: each for each in _progress(outcomes, len(chosen))}


def _progress(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    """Say on the terminal how far a long run is."""
    import sys

    for number, outcome in enumerate(outcomes, 1):
        if total > 3 and sys.stderr.isatty():
            note(f"{number}/{total}  {outcome.entry.slip.dataset}  {_state(outcome.entry)}")
        yield outcome


def _left_to_the_other(queued: Sequence[Result], every: bool) -> list[Result]:
    """Another run is sending: what was named waits for the next one."""
    if every and not queued:
        note(
            tr(
                "Một lượt nộp khác đang chạy và đang gửi hàng chờ này.",
                "Another run is under way and is sending this outbox.",
            )
        )
        return []
    busy = IocslError(
        "outbox-busy",
        "Một lượt nộp khác đang chạy; gói này đã nằm trong hàng chờ.",
        "Another run is under way; this bundle is in the outbox.",
        ("Chạy lại sau ít phút: iocsl submit --all", "Run again soon: iocsl submit --all"),
        ExitCode.NO_ANSWER,
    )
    return [
        Result(each.bundle, each.entry, (), each.error or busy)
        if each.entry is None or each.entry.waits
        else each
        for each in queued
    ]


def _error_document(error: IocslError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    hint = say(error.hint) if error.hint else None
    document = refusal_document(error.code, say(error.message), hint, int(error.exit_code))
    body: dict[str, Any] = document["error"]
    return body


def _state(entry: Entry | None) -> str:
    return tr(*STATES[entry.state]) if entry else tr("không gửi", "not sent")


def _tell(results: Sequence[Result], home: Path) -> None:
    if as_json():
        emit_json([result.document() for result in results])
    elif not results:
        emit(tr("Không có gói nào chờ gửi.", "Nothing waits to be sent."))
    else:
        _tell_person(results, home)
    codes = {result.code for result in results}
    worst = next((code for code in WORST_FIRST if code in codes), ExitCode.OK)
    if worst is not ExitCode.OK:
        raise typer.Exit(int(worst))


def _tell_person(results: Sequence[Result], home: Path) -> None:
    from iocsl.ledger.receipts import attempts

    headings = (
        tr("Gói", "Bundle"),
        tr("Bộ dữ liệu", "Dataset"),
        tr("Kỳ", "Period"),
        tr("Tình trạng", "State"),
    )
    rows = []
    for result in results:
        slip = result.entry.slip if result.entry else None
        rows.append(
            (
                Path(result.bundle).name,
                slip.dataset if slip else "",
                slip.period if slip else "",
                _state(result.entry),
            )
        )
    show(table(headings, rows))
    _tell_receipts(results, home)
    tried = attempts(home)
    for result in results:
        if result.error is not None:
            note(f"{Path(result.bundle).name}: {say(result.error.message)}")
            if result.error.hint:
                note(tr("Cần làm: ", "What to do: ") + say(result.error.hint))
        elif result.entry and result.entry.last_error:
            note(f"{Path(result.bundle).name}: {result.entry.last_error}")
        if result.entry and result.entry.waits and result.entry.identity in tried:
            when = f"{tried[result.entry.identity].attempted_at:%d/%m/%Y %H:%M:%S}"
            note(
                tr(
                    f"Sổ nhật ký giữ bằng chứng đã gửi lúc {when}.",
                    f"The audit chain keeps the proof that sending was tried at {when}.",
                )
            )


def _tell_receipts(results: Sequence[Result], home: Path) -> None:
    """Each receipt in one line: its number, what it says, when, and that it is a test's."""
    from iocsl.ledger import receipts
    from iocsl.transport import account

    keys = account.load(home, url=config.load().text("warehouse.url")).keys
    kinds = {
        "received": ("kho đã nhận", "received"),
        "landed": ("dữ liệu đã vào kho", "landed"),
        "needs_work": ("chưa đạt kiểm tra kỹ thuật", "did not pass the technical check"),
    }
    for result in results:
        for jws in result.receipts:
            each = receipts.read(jws, keys)
            test = tr("  (KHO THỬ NGHIỆM)", "  (TEST)") if each.test else ""
            when = f"{each.accepted_at:%d/%m/%Y %H:%M:%S}"
            emit(
                tr(
                    f"Biên nhận số {each.seq}: {kinds[each.kind][0]}; nhận lúc {when}{test}",
                    f"Receipt {each.seq}: {kinds[each.kind][1]}; received at {when}{test}",
                )
            )
            for finding in each.findings or []:
                emit(f"    {finding['code']} ×{finding['count']} ({finding['severity']})")
