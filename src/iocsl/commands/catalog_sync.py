"""`iocsl catalog sync`: take in the catalogue of the warehouse, when it is newer and signed."""

from __future__ import annotations

import typer

from iocsl import config
from iocsl.catalog import Catalogue, open_catalogue
from iocsl.commands.options import as_json, command
from iocsl.console.output import emit, emit_json, note
from iocsl.domain import Words
from iocsl.errors import IocslError
from iocsl.text import say, tr

_AGAIN = Words("Chạy lại sau: iocsl catalog sync", "Run again later: iocsl catalog sync")
_SHOWN = 10
"""News told on the screen, one line each."""


def add(group: typer.Typer) -> None:
    command(group, "sync", "Lấy danh mục mới từ kho", "Take in the catalogue of the warehouse")(
        sync
    )


def sync() -> None:
    from filelock import FileLock

    from iocsl.catalog import snapshot
    from iocsl.ledger.chain import Chain
    from iocsl.transport import account as accounts
    from iocsl.transport.client import Direct
    from iocsl.transport.link import KEPT, NoAnswerError

    settings = config.load()
    if settings.text("catalog.folder"):
        raise _own_folder()
    home = config.home()
    current = open_catalogue()
    account = accounts.load(home, url=settings.text("warehouse.url"))
    timeout, tries = settings.number("warehouse.timeout"), settings.number("warehouse.tries")
    try:
        with Direct(
            account, timeout=timeout, tries=tries, ca=settings.text("warehouse.ca")
        ) as link:
            signed = link.catalogue(current.digest)
    except NoAnswerError as error:
        note(
            tr(
                f"Vẫn dùng danh mục phiên bản {current.version} trên máy này.",
                f"Version {current.version} on this machine stays in use.",
            )
        )
        if error.hint == Words(*KEPT):
            error.hint = _AGAIN
        raise
    taken = False
    if signed is not None:
        given = snapshot.read(signed, account.keys)
        with FileLock(home / "danh-muc.lock"):
            taken = snapshot.take_in(home, given, current.version, current.digest)
        if taken:
            subject = {"version": given.version, "sha256": given.sha256, "from": account.issuer}
            Chain.open().append("catalog.sync", subject)
    _print(current, taken=taken)


def _print(current: Catalogue, *, taken: bool) -> None:
    catalogue, before = open_catalogue(), current.version
    news = _news(current, catalogue)
    if as_json():
        emit_json(
            {
                "version": catalogue.version,
                "digest": catalogue.digest,
                "before": before,
                "changed": taken,
                "issued": [code for code, _ in news],
            }
        )
    elif taken:
        emit(
            tr(
                f"Đã chuyển từ danh mục phiên bản {before} sang {catalogue.version}.",
                f"Went from catalogue version {before} to {catalogue.version}.",
            )
        )
        for _, said in news[:_SHOWN]:
            emit(f"  {say(said)}")
        if news[_SHOWN:]:
            emit(
                tr("  Xem tất cả: iocsl catalog request list", "  All: iocsl catalog request list")
            )
    else:
        emit(
            tr(
                f"Danh mục phiên bản {before} là bản mới nhất của kho.",
                f"Catalogue version {before} is the warehouse's newest.",
            )
        )


def _news(old: Catalogue, new: Catalogue) -> list[tuple[str, Words]]:
    """What was issued or withdrawn since: the code, and one line for a person."""
    from iocsl.deadlines.requests import requests_of, windows_of

    known = {each.code: each.withdrawn for each, _ in requests_of(old)}
    news: list[tuple[str, Words]] = []
    for each, _ in requests_of(new):
        if each.code not in known or known[each.code] != each.withdrawn:
            news.append((each.code, each.ended if each.withdrawn else each.news))
    seen = {each.code for each in windows_of(old)}
    news += [(each.code, each.said) for each in windows_of(new) if each.code not in seen]
    return news


def _own_folder() -> IocslError:
    return IocslError(
        "own-catalogue-folder",
        "Máy này dùng một thư mục danh mục riêng (catalog.folder), không đồng bộ từ kho.",
        "This machine uses a catalogue folder of its own (catalog.folder); nothing is synced.",
        (
            "Bỏ catalog.folder khỏi config.toml (hoặc IOCSL_CATALOG) rồi chạy lại.",
            "Remove catalog.folder from config.toml (or IOCSL_CATALOG) and run again.",
        ),
    )
