"""`iocsl watch`: changes of files become declared changes, from which the 24 hours of 1134 run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from iocsl import clock, config
from iocsl.commands.event import not_by_event
from iocsl.commands.options import DatasetCode, UnitName, as_json, command
from iocsl.commands.validate_folders import data_files
from iocsl.console.output import emit, emit_json, note
from iocsl.domain import ExitCode, Words
from iocsl.errors import missing_file, usage
from iocsl.text import help_text, say, tr

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.deadlines.watch import Look, Named, Noticed
    from iocsl.deadlines.watch_store import Place, WatchStore
    from iocsl.validate.context import Claim

FIRST, SEEN, UNREACHABLE = "first", "seen", "unreachable"
_QUIET = frozenset({"unchanged", "no_duty"})
_LASTING = frozenset({"unknown", "waiting", "unreadable", "preparing"})
"""States of files that one look after another finds again: told once by `--every`."""
_STATES = {
    "changed": Words("thay đổi, đã ghi", "changed, recorded"),
    "declared": Words("thay đổi đã khai báo trước đó", "changed, declared before"),
    "remembered": Words("ghi nhớ", "remembered"),
    "preparing": Words("đang soạn", "in the making"),
    "unknown": Words("chưa theo dõi được", "cannot be watched"),
    "waiting": Words("chờ", "waits"),
    "unreadable": Words("không đọc được", "unreadable"),
    "gone": Words("không còn; không ghi gì", "gone; nothing recorded"),
}
_MOMENTS = {
    "file": Words("kỳ ghi trong tệp", "as the file says"),
    "mtime": Words("giờ lưu tệp", "when it was saved"),
    "look": Words("lúc xem; giờ lưu tệp không tin được", "at this look; its own time cannot be"),
}


class _Visited(NamedTuple):
    """A place in one look: `first`, `seen` or `unreachable`, and its files."""

    place: Place
    state: str
    files: list[Noticed]
    is_file: bool = False


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
        code = _tell(_look(store, asked, dataset, unit))
        raise typer.Exit(int(code))
    note(tr("Đang theo dõi. Dừng bằng Ctrl+C.", "Watching. Stop with Ctrl+C."))
    told: frozenset[tuple[Path, str]] = frozenset()
    while True:
        visits = _look(store, asked, dataset, unit)
        _tell(visits, told)
        told = frozenset(_lasting(visits))
        sleep(every)


def _look(
    store: WatchStore, asked: Sequence[Path], dataset: str | None, unit: str | None
) -> list[_Visited]:
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


def _with(finished: list[Noticed], visits: list[_Visited]) -> list[_Visited]:
    """What an interrupted look left comes first, and is not told again as unchanged."""
    paths = {each.path for each in finished}
    first, *others = [
        each._replace(
            files=[
                file
                for file in each.files
                if file.path not in paths or file.state not in {*_QUIET, "declared"}
            ]
        )
        for each in visits
    ]
    return [first._replace(files=[*finished, *first.files]), *others]


def _options(
    catalogue: Catalogue, dataset: str | None, unit: str | None
) -> tuple[str | None, str | None]:
    """The dataset and unit that the options mean, refused where they can mean none."""
    from iocsl.deadlines.watch import answers_changes

    code = None
    if dataset is not None:
        chosen = catalogue.dataset(dataset)
        if not answers_changes(chosen):
            raise not_by_event(chosen.code)
        code = chosen.code
    return code, catalogue.find_unit(unit).id if unit is not None else None


def _visit(
    look: Look, store: WatchStore, place: Place, dataset: str | None, unit: str | None
) -> _Visited:
    """Look at one place. What is not there now is not taken for deleted: a drive may be away."""
    named = place._replace(dataset=dataset or place.dataset, unit=unit or place.unit)
    try:
        files = _files(place.path)
    except OSError:
        return _Visited(named, UNREACHABLE, [])
    missing = place.path.is_dir() and not files and _had_files(store, place.path)
    if files is None or missing:
        return _Visited(named, UNREACHABLE, [])
    state = FIRST if place.looked_at is None else SEEN
    found = look.at(named, files, fresh=named != place)
    return _Visited(named, state, found, is_file=place.path.is_file())


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


def _tell(visits: list[_Visited], told: frozenset[tuple[Path, str]] = frozenset()) -> ExitCode:
    """Say what a look found; of what lasts, only what was not `told` by the look before."""
    code = _exit_code(visits)
    if as_json():
        emit_json(_document(visits, code))
        return code
    for visit in visits:
        if visit.state == UNREACHABLE and (visit.place.path, UNREACHABLE) not in told:
            emit(
                tr(
                    f"{visit.place.path}: lúc này không xem được (ổ mạng, USB?)."
                    " Không coi là đã xóa; lần xem sau xét tiếp.",
                    f"{visit.place.path}: not within reach now (a network drive?)."
                    " Not taken for deleted; seen to at the next look.",
                )
            )
        if visit.state == FIRST:
            emit(_begins(visit))
        for each in visit.files:
            first = visit.state == FIRST and each.state == "remembered"
            if each.state not in _QUIET and not first and (each.path, each.state) not in told:
                _tell_file(each)
    if not told and code is ExitCode.OK and not any(visit.state == FIRST for visit in visits):
        emit(_nothing_new(visits))
    return code


def _begins(visit: _Visited) -> str:
    count = sum(each.state == "remembered" for each in visit.files)
    return tr(
        f"Bắt đầu theo dõi {visit.place.path}: ghi nhớ {count} tệp."
        " Từ lần xem sau, tệp nào đổi nội dung thì được ghi nhận.",
        f"Watching {visit.place.path} from now on: {count} file{'s' * (count != 1)} remembered."
        " From the next look on, what changes is recorded.",
    )


def _nothing_new(visits: list[_Visited]) -> str:
    count = sum(each.state in _QUIET for visit in visits for each in visit.files)
    return tr(
        f"Đã xem; {count} tệp không có gì cần ghi.",
        f"Looked; nothing to record of {count} file{'s' * (count != 1)}.",
    )


def _tell_file(each: Noticed) -> None:
    emit(f"{each.path}: {say(_STATES[each.state])}")
    if each.message is not None:
        emit(f"  {say(each.message)}")
    if each.changed_at is None or each.due is None:
        return
    from iocsl.deadlines.words import day_words, left_words, moment_words

    moment, source = clock.iso(each.changed_at), say(_MOMENTS[each.moment_from or "look"])
    until, last = say(moment_words(each.due)), say(day_words(each.due.due.last_day))
    left = say(left_words(each.due, clock.now()))
    emit(
        tr(
            f"  {each.dataset}, {each.unit}: thay đổi lúc {moment} ({source});"
            f" hạn {until}, {last}; {left}.",
            f"  {each.dataset}, {each.unit}: changed at {moment} ({source});"
            f" due {until}, {last}; {left}.",
        )
    )


def _lasting(visits: list[_Visited]) -> Iterator[tuple[Path, str]]:
    for visit in visits:
        # Never empty: after the first look nothing is told of one that found nothing.
        yield visit.place.path, visit.state
        for each in visit.files:
            if each.state in _LASTING:
                yield each.path, each.state


def _exit_code(visits: list[_Visited]) -> ExitCode:
    """11, 10: this look recorded a change (its 24 hours over, or running); then 3, 1, 0.

    A change is news once, the rest is found again by the next look.
    """
    files = [each for visit in visits for each in visit.files]
    running = [each.due for each in files if each.state == "changed" and each.due is not None]
    if any(due.passed(clock.now()) for due in running):
        return ExitCode.DEADLINE_PASSED
    if running:
        return ExitCode.DEADLINE_NEAR
    alone = [each for visit in visits if visit.is_file for each in visit.files]
    if any(each.state == "unknown" for each in alone):
        return ExitCode.CONFIGURATION
    away = any(visit.state == UNREACHABLE for visit in visits)
    if away or any(each.state == "unreadable" for each in files):
        return ExitCode.FINDINGS
    return ExitCode.OK


def _document(visits: list[_Visited], code: ExitCode) -> dict[str, object]:
    files = [each for visit in visits for each in visit.files]
    return {
        "at": clock.iso(clock.record_now()),
        "places": [
            {
                "path": str(visit.place.path),
                "dataset": visit.place.dataset,
                "unit": visit.place.unit,
                "state": visit.state,
            }
            for visit in visits
        ],
        "files": [
            {**each.document(), "message": say(each.message) if each.message else None}
            for each in files
        ],
        "exit_code": int(code),
    }


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
        emit_json(_document([], ExitCode.OK))
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
