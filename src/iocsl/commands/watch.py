"""`iocsl watch`: changes of files become declared changes, from which the 24 hours of 1134 run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from iocsl import config
from iocsl.commands.event import not_by_event
from iocsl.commands.options import DatasetCode, UnitName, as_json, command
from iocsl.commands.validate_folders import data_files
from iocsl.commands.watch_screen import (
    FIRST,
    QUIET,
    SEEN,
    UNREACHABLE,
    Visited,
    document,
    lasting,
    tell,
)
from iocsl.console.output import emit, emit_json, note, reader_gone
from iocsl.domain import ExitCode, Words
from iocsl.errors import missing_file, usage
from iocsl.text import help_text, tr

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.deadlines.watch import Look, Named, Noticed
    from iocsl.deadlines.watch_store import Place, WatchStore
    from iocsl.validate.context import Claim


def add(app: typer.Typer) -> None:
    command(
        app,
        "watch",
        "Theo dõi tệp, thư mục: số liệu thay đổi được ghi nhận, hạn 24 giờ được tính",
        "Watch files and folders: changes are recorded, their 24 hours counted",
    )(watch)


def watch(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help=help_text(
                "Tệp hoặc thư mục; bỏ trống: những gì đã theo dõi từ trước",
                "Files or folders; none: what has been watched before",
            ),
        ),
    ] = None,
    *,
    dataset: DatasetCode = None,
    unit: UnitName = None,
    every: Annotated[
        int | None,
        typer.Option(
            "--every",
            metavar="N",
            min=1,
            max=86_400,
            help=help_text(
                "Xem lại sau mỗi N giây, dừng bằng Ctrl+C; mặc định xem một lần rồi thôi",
                "Look again every N seconds until Ctrl+C; by default once",
            ),
        ),
    ] = None,
    forget: Annotated[
        bool,
        typer.Option(
            "--forget", help=help_text("Thôi theo dõi các PATH này", "Watch these PATHs no more")
        ),
    ] = False,
) -> None:
    from iocsl.deadlines.watch_store import WatchStore

    store = WatchStore(config.home())
    asked = [Path(os.path.normpath(path.absolute())) for path in paths or ()]
    if forget:
        _forget(store, asked)
        return
    if every is not None and as_json():
        raise usage(
            "one-document",
            "--format json in một tài liệu, không dùng cùng --every.",
            "--format json prints one document; it does not go with --every.",
            ("Bỏ --every và chạy theo lịch.", "Leave out --every and run it on a schedule."),
        )
    if every is None:
        code = tell(_look(store, asked, dataset, unit))
        raise typer.Exit(int(code))
    note(tr("Đang theo dõi. Dừng bằng Ctrl+C.", "Watching. Stop with Ctrl+C."))
    told: frozenset[tuple[Path, str]] = frozenset()
    while True:
        visits = _look(store, asked, dataset, unit)
        tell(visits, told)
        told = frozenset(lasting(visits))
        if reader_gone():
            return
        sleep(every)


def _look(
    store: WatchStore, asked: Sequence[Path], dataset: str | None, unit: str | None
) -> list[Visited]:
    """One look at all that is asked for. Exit 2 for a path that is not there and never was."""
    from iocsl.catalog import open_catalogue
    from iocsl.deadlines import Readings, Timetable
    from iocsl.deadlines.watch import Look
    from iocsl.deadlines.watch_store import Place

    catalogue = open_catalogue()
    code, holder = _options(catalogue, dataset, unit)
    with store.alone():
        watched = {each.path: each for each in store.places()}
        places = [watched.get(path) or Place(path, None, None, None) for path in asked]
        places = places or list(watched.values())
        for place in places:
            if place.looked_at is None and not place.path.exists():
                raise missing_file(place.path)
        if not places:
            raise _nothing_watched()
        timetable = Timetable(catalogue, Readings.from_config(config.load()))
        look = Look(store, timetable, lambda path, place: _named(path, place, catalogue))
        finished = look.unfinished()
        visits = [_visit(look, store, each, code, holder) for each in places]
    return _with(finished, visits)


def _with(finished: list[Noticed], visits: list[Visited]) -> list[Visited]:
    """What an interrupted look left comes first, and is not told again as unchanged."""
    paths = {each.path for each in finished}
    first, *others = [
        each._replace(
            files=[
                file
                for file in each.files
                if file.path not in paths or file.state not in {*QUIET, "declared"}
            ]
        )
        for each in visits
    ]
    return [first._replace(files=[*finished, *first.files]), *others]


def _options(
    catalogue: Catalogue, dataset: str | None, unit: str | None
) -> tuple[str | None, str | None]:
    """The dataset and unit that the options mean, refused where they can mean none."""
    code = None
    if dataset is not None:
        chosen = catalogue.dataset(dataset)
        if not chosen.answers_changes:
            raise not_by_event(chosen.code)
        code = chosen.code
    return code, catalogue.find_unit(unit).id if unit is not None else None


def _visit(
    look: Look, store: WatchStore, place: Place, dataset: str | None, unit: str | None
) -> Visited:
    """Look at one place. What is not there now is not taken for deleted: a drive may be away."""
    named = place._replace(dataset=dataset or place.dataset, unit=unit or place.unit)
    try:
        files = _files(place.path)
    except OSError:
        return Visited(named, UNREACHABLE, [])
    missing = place.path.is_dir() and not files and _had_files(store, place.path)
    if files is None or missing:
        return Visited(named, UNREACHABLE, [])
    state = FIRST if place.looked_at is None else SEEN
    found = look.at(named, files, fresh=named != place)
    return Visited(named, state, found, is_file=place.path.is_file())


def _files(path: Path) -> list[Path] | None:
    """What is to be looked at; None where nothing is there. `OSError` where nobody can tell."""
    if path.is_dir():
        return data_files(path, _not_listed)
    return [path] if path.exists() else None


def _not_listed(error: OSError) -> None:
    """A folder that cannot be listed would make its files look deleted."""
    raise error


def _had_files(store: WatchStore, folder: Path) -> bool:
    """An empty folder that had files is a drive that is not there, more often than not."""
    return any(not each.gone and each.path.is_relative_to(folder) for each in store.files())


def _named(path: Path, place: Place, catalogue: Catalogue) -> Named:
    """What a file is, by options, by what stands in it, by its name, as `validate` reads them."""
    from iocsl.deadlines.watch import Named
    from iocsl.validate.labels import chosen, claims_of
    from iocsl.validate.readers import open_source
    from iocsl.validate.readers.base import Unreadable

    said = {"dataset": place.dataset, "unit": place.unit, "period": None}
    try:
        source = open_source(path)
    except (Unreadable, OSError):
        # No table: its options and its name can tell what it is.
        claims = claims_of(None, path.name, catalogue, **said)
    else:
        try:
            claims = claims_of(source, path.name, catalogue, **said)
        except Unreadable:
            claims = claims_of(None, path.name, catalogue, **said)
        finally:
            source.close()
    code, unit, period = (chosen(claims, kind) for kind in ("dataset", "unit", "period"))
    unit = unit or _own_unit(catalogue)
    dataset = catalogue.dataset(code) if code else None
    return Named(dataset, unit, period, _problem(claims, code, unit))


def _own_unit(catalogue: Catalogue) -> str | None:
    own = config.load().text("unit")
    return catalogue.find_unit(own).id if own else None


def _problem(claims: Sequence[Claim], dataset: str | None, unit: str | None) -> Words | None:
    """Why it cannot be said whose data these are; nothing is chosen silently."""
    for kind, vi, en in (
        ("dataset", "bộ dữ liệu", "dataset"),
        ("unit", "đơn vị", "unit"),
        ("period", "kỳ", "period"),
    ):
        texts = {claim.meant or claim.text: claim.text for claim in claims if claim.kind == kind}
        if len(texts) > 1:
            both = ", ".join(f"“{text}”" for text in texts.values())
            return Words(
                f"{vi} được nêu khác nhau ({both}); sửa tên tệp hoặc trang Thong_tin",
                f"it names more than one {en} ({both}); mend its name or Thong_tin",
            )
    if dataset is None:
        return Words(
            "chưa rõ bộ dữ liệu; thêm --dataset, hoặc đặt tên tệp như KDL-E-003.xlsx",
            "dataset not known; add --dataset, or name the file like KDL-E-003.xlsx",
        )
    if unit is None:
        return Words(
            "chưa rõ đơn vị; thêm --unit, hoặc đặt unit trong config.toml",
            "unit not known; add --unit, or set unit in config.toml",
        )
    return None


def _forget(store: WatchStore, paths: list[Path]) -> None:
    if not paths:
        raise usage(
            "forget-what",
            "Cần cho biết thôi theo dõi tệp, thư mục nào.",
            "Say which file or folder to watch no more.",
            ("Ví dụ: iocsl watch --forget so-lieu", "For example: iocsl watch --forget figures"),
        )
    with store.alone():
        for path in paths:
            if not store.forget(path):
                raise usage(
                    "not-watched",
                    f"“{path}” không được theo dõi.",
                    f"“{path}” is not watched.",
                    ("Xem những gì đang theo dõi: iocsl watch", "See what is: iocsl watch"),
                )
    if as_json():
        emit_json(document([], ExitCode.OK))
        return
    for path in paths:
        emit(tr(f"Thôi theo dõi {path}.", f"{path} is watched no more."))


def _nothing_watched() -> Exception:
    return usage(
        "nothing-watched",
        "Chưa theo dõi tệp, thư mục nào.",
        "Nothing is watched yet.",
        ("Nêu thư mục, ví dụ: iocsl watch so-lieu", "Name a folder: iocsl watch figures"),
    )
