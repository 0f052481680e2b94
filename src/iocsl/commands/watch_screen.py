"""What `iocsl watch` tells of a look: to a person, to a program, and by its exit code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iocsl import clock
from iocsl.commands.options import as_json
from iocsl.console.output import emit, emit_json
from iocsl.domain import ExitCode, Words
from iocsl.text import say, tr

if TYPE_CHECKING:
    from iocsl.deadlines.watch import Noticed
    from iocsl.deadlines.watch_store import Place

FIRST, SEEN, UNREACHABLE = "first", "seen", "unreachable"
QUIET = frozenset({"unchanged", "no_duty"})
_LASTING = frozenset({"unknown", "waiting", "unreadable", "preparing"})
"""States of files that one look after another finds again: told once by `--every`."""
_STATES = {
    "changed": Words("thay đổi, đã ghi", "changed, recorded"),
    "declared": Words("thay đổi đã khai báo trước đó", "changed, declared before"),
    "remembered": Words("ghi nhớ", "remembered"),
    "preparing": Words("đang soạn", "in the making"),
    "no_duty": Words("không cần theo dõi", "need not be watched"),
    "unknown": Words("chưa theo dõi được", "cannot be watched"),
    "waiting": Words("chờ", "waits"),
    "unreadable": Words("không đọc được", "unreadable"),
    "gone": Words("không còn; không ghi gì", "gone; nothing recorded"),
}
_MOMENTS = {
    "file": Words("kỳ ghi trong tệp", "as the file says"),
    "mtime": Words("giờ lưu tệp", "when it was saved"),
    "look": Words(
        "lúc xem; giờ lưu tệp không tin được", "this look; the file's own time cannot be"
    ),
}


class Visited(NamedTuple):
    """A place in one look: `first`, `seen` or `unreachable`, and its files."""

    place: Place
    state: str
    files: list[Noticed]
    is_file: bool = False


def tell(visits: list[Visited], told: frozenset[tuple[Path, str]] = frozenset()) -> ExitCode:
    """Say what a look found; of what lasts, only what was not `told` by the look before."""
    code = _exit_code(visits)
    if as_json():
        emit_json(document(visits, code))
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
            if (each.path, each.state) not in told and each.state not in _untold(visit):
                _tell_file(each)
    if not told and code is ExitCode.OK and not any(visit.state == FIRST for visit in visits):
        emit(_nothing_new(visits))
    return code


def _untold(visit: Visited) -> frozenset[str]:
    """States that need no line of their own; at the first look it is said what is not watched."""
    return frozenset({"unchanged", "remembered"}) if visit.state == FIRST else QUIET


def _begins(visit: Visited) -> str:
    count = sum(each.state == "remembered" for each in visit.files)
    return tr(
        f"Bắt đầu theo dõi {visit.place.path}: ghi nhớ {count} tệp."
        " Từ lần xem sau, tệp nào đổi nội dung thì được ghi nhận.",
        f"Watching {visit.place.path} from now on: {count} file{'s' * (count != 1)} remembered."
        " From the next look on, what changes is recorded.",
    )


def _nothing_new(visits: list[Visited]) -> str:
    count = sum(each.state in QUIET for visit in visits for each in visit.files)
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
    event = each.due.period.id
    emit(
        tr(
            f"  Lập gói với: --period {event}",
            f"  Make the bundle with: --period {event}",
        )
    )


def lasting(visits: list[Visited]) -> Iterator[tuple[Path, str]]:
    for visit in visits:
        # Never empty: after the first look nothing is told of one that found nothing.
        yield visit.place.path, visit.state
        for each in visit.files:
            if each.state in _LASTING:
                yield each.path, each.state


def _exit_code(visits: list[Visited]) -> ExitCode:
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


def document(visits: list[Visited], code: ExitCode) -> dict[str, object]:
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
