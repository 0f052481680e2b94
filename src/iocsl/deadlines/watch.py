"""One look at watched files: which changed since the last one, and from when their 24 hours run.

Decision 1134 Điều 5.2.b gives 24 hours after data changed or arose. A change of a file's content is
taken for a change of its data, and recorded as `iocsl event add` would; a file that is in the
making for a date of its own is not. `docs/decisions/0109-watch.md`.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep
from typing import NamedTuple

from iocsl import clock
from iocsl.catalog import Dataset
from iocsl.deadlines.lists import Timetable, obligations_of
from iocsl.deadlines.obligation import Obligation
from iocsl.deadlines.records import Event, add_event
from iocsl.deadlines.rules import period_of
from iocsl.deadlines.standing import Accepted
from iocsl.deadlines.watch_store import Change, Known, Place, WatchStore
from iocsl.domain import VIETNAM, Period, PeriodType, Words, event_id
from iocsl.files import sha256_of

CHANGED, DECLARED, REMEMBERED, UNCHANGED = "changed", "declared", "remembered", "unchanged"
PREPARING, NO_DUTY, UNKNOWN = "preparing", "no_duty", "unknown"
WAITING, UNREADABLE, GONE = "waiting", "unreadable", "gone"

YOUNG = 5.0
"""Seconds: what was written so lately is looked at twice before it is taken for whole."""
SETTLE = 1.0
"""Seconds between those two."""
_LONGEST_HELD = timedelta(hours=24)
"""A lock older than that is not waited for: it may be left over, and 24 hours are the deadline."""


class Named(NamedTuple):
    """What a file says that it is; `problem` where that does not suffice to record a change."""

    dataset: Dataset | None
    unit: str | None
    period: str | None
    problem: Words | None = None


@dataclass(frozen=True, slots=True)
class Noticed:
    """One file in one look. `due` is set where a change was recorded, or had been before."""

    path: Path
    state: str
    dataset: str | None = None
    unit: str | None = None
    period: str | None = None
    sha256: str | None = None
    changed_at: datetime | None = None
    moment_from: str | None = None
    due: Obligation | None = None
    message: Words | None = None

    def document(self) -> dict[str, str | None]:
        return {
            "path": str(self.path),
            "state": self.state,
            "dataset": self.dataset,
            "unit": self.unit,
            "period": self.period,
            "sha256": self.sha256,
            "changed_at": clock.iso(self.changed_at) if self.changed_at else None,
            "moment_from": self.moment_from,
            "event": event_id(self.changed_at) if self.changed_at else None,
            "due_before": clock.iso(self.due.due.due_before) if self.due else None,
        }


class _Content(NamedTuple):
    sha256: str
    size: int
    mtime: float


class _Untaken(NamedTuple):
    """Why a file's content could not be taken in this time: `state` and the words for it."""

    state: str
    why: Words


_MOVING = _Untaken(
    WAITING, Words("đang được ghi; lần xem sau xét lại", "being written; seen to at the next look")
)
_OPEN = Words(
    "đang mở trong chương trình bảng tính; lưu và đóng lại thì được ghi nhận",
    "open in a spreadsheet program; it is recorded once saved and closed",
)
_AHEAD = Words(
    "kỳ mà tệp nêu còn ở phía trước; ghi nhận khi đến lúc đó",
    "the moment that the file names lies ahead; recorded once it has come",
)
_NO_DUTY = Words("không có hạn 24 giờ khi thay đổi", "no 24-hour deadline on change")
_PREPARING = Words(
    "kỳ này chưa thấy kho nhận: coi là đang soạn, theo hạn của kỳ."
    " Nếu là thay đổi của số liệu đã gửi: iocsl event add",
    "not seen as accepted yet: taken for work on the period's own deadline."
    " If data already sent have changed: iocsl event add",
)
_NEW = Words(
    "tệp mới, chỉ ghi nhớ. Nếu là số liệu đã gửi có thay đổi: iocsl event add",
    "new here, only remembered. If data already sent have changed: iocsl event add",
)


def due_after(timetable: Timetable, dataset: Dataset, moment: datetime) -> Obligation | None:
    """What a change at `moment` asks for; None before Decision 1134 applied."""
    found = obligations_of(timetable, dataset, period_of(event_id(moment)))
    return found[0] if found else None


class Look:
    """Looks at the places of one home. `identify` tells what a file of a place is."""

    def __init__(
        self, store: WatchStore, timetable: Timetable, identify: Callable[[Path, Place], Named]
    ) -> None:
        self._store = store
        self._timetable = timetable
        self._identify = identify
        self._accepted = Accepted.of(timetable.readings.home)
        self._known = {each.path: each for each in store.files()}
        self._seen: set[Path] = set()

    def unfinished(self) -> list[Noticed]:
        """Changes that an interrupted look had begun to record: recorded now, each once."""
        return [self._finish(change, told=False) for change in self._store.begun()]

    def at(self, place: Place, files: Sequence[Path], *, fresh: bool) -> list[Noticed]:
        """Look at the files of a place, in their order, and remember what was seen.

        `fresh` says that the place was named with other options than before.
        """
        start = clock.record_now().timestamp()
        here = [path for path in files if path not in self._seen]
        self._seen.update(here)
        contents = _settled({path: _taken(path) for path in here}, self._known)
        kept: list[Known] = []
        found: list[Noticed] = []
        for path, content in contents.items():
            one = _File(path, content, self._known.get(path), place, start, fresh=fresh)
            noticed, known = self._judge(one)
            found.append(noticed)
            if known is not None:
                kept.append(known)
        gone = list(self._gone(place, files))
        found.extend(
            Noticed(each.path, GONE, each.dataset, each.unit, each.period) for each in gone
        )
        kept.extend(each._replace(gone=True) for each in gone)
        self._store.remember(place._replace(looked_at=start), kept)
        self._known.update({each.path: each for each in kept})
        return found

    def _gone(self, place: Place, files: Sequence[Path]) -> Iterator[Known]:
        """Files no longer in a place that is there. They stay remembered: they may come back."""
        there = set(files)
        for path, known in self._known.items():
            if not known.gone and path not in there and path.is_relative_to(place.path):
                yield known

    def _judge(self, one: _File) -> tuple[Noticed, Known | None]:
        """What a file means, and what to remember of it; None where the store has that already."""
        known, content = one.known, one.content
        if isinstance(content, _Untaken):
            label = known or one.not_taken_in
            said = (label.dataset, label.unit, label.period)
            return Noticed(one.path, content.state, *said, message=content.why), label
        same = known is not None and known.sha256 == content.sha256
        if known is not None and same and known.dataset and known.unit and not one.fresh:
            dataset: Dataset | None = self._timetable.catalogue.dataset(known.dataset)
            named = Named(dataset, known.unit, known.period)
        else:
            named = self._identify(one.path, one.place)
            dataset = named.dataset
        code = dataset.code if dataset else None
        seen = Noticed(one.path, UNCHANGED, code, named.unit, named.period, content.sha256)
        if named.problem is not None or dataset is None or named.unit is None:
            label = one.seen_as(named) if same or one.since is None else one.as_it_was
            return _as(seen, UNKNOWN, named.problem), label
        if not dataset.answers_changes:
            return _as(seen, NO_DUTY, _NO_DUTY), one.seen_as(named)
        if same:
            return seen, one.seen_as(named)
        return self._changed(one, content, named, dataset, seen)

    def _changed(
        self, one: _File, content: _Content, named: Named, dataset: Dataset, seen: Noticed
    ) -> tuple[Noticed, Known | None]:
        """A file whose dataset asks for changes, and whose content is another, or is new."""
        on_change = PeriodType.EVENT in dataset.periods or _names_a_change(named)
        if one.is_new and not (on_change and self._arose(one, content.sha256, dataset)):
            told = one.since is not None and not on_change
            return _as(seen, REMEMBERED, _NEW if told else None), one.seen_as(named)
        if _is_open(one.path):
            return _as(seen, WAITING, _OPEN), one.as_it_was
        moment, source = self._moment(content, named, one.since or one.start)
        its_own = source != "file" and named.period is not None and not on_change
        if its_own and not self._accepted.has(dataset.code, named.period or ""):
            return _as(seen, PREPARING, _PREPARING), one.seen_as(named)
        if moment > clock.record_now():
            return _as(seen, WAITING, _AHEAD), one.as_it_was
        if due_after(self._timetable, dataset, moment) is None:
            return _as(seen, NO_DUTY, _NO_DUTY), one.seen_as(named)
        change = Change(
            one.path,
            content.sha256,
            one.start,
            dataset.code,
            named.unit or "",
            named.period,
            moment,
            source,
        )
        self._store.begin(change)
        return self._finish(change, told=True), None

    def _finish(self, change: Change, *, told: bool) -> Noticed:
        """Into the ledger, then out of what is under way. A change not `told` of yet is news."""
        new = add_event(Event(change.dataset, change.unit, change.changed_at))
        self._store.finish(change)
        self._known[change.path] = Known(*change[:6])
        dataset = self._timetable.catalogue.dataset(change.dataset)
        return Noticed(
            change.path,
            CHANGED if new or not told else DECLARED,
            change.dataset,
            change.unit,
            change.period,
            change.sha256,
            change.changed_at,
            change.moment_from,
            due_after(self._timetable, dataset, change.changed_at),
        )

    def _arose(self, one: _File, sha256: str, dataset: Dataset) -> bool:
        """Whether a file that came after the first look is new data, not one moved or copied."""
        return one.since is not None and not any(
            each.sha256 == sha256 and each.dataset == dataset.code for each in self._known.values()
        )

    def _moment(self, content: _Content, named: Named, since: float) -> tuple[datetime, str]:
        """When the data changed, to the second, and who says so.

        The file itself, where its period is that of a change; else the time of its last change as
        the disk tells it, where that can be: after the look before, and not ahead. Else now.
        """
        now = clock.record_now().replace(microsecond=0)
        if _names_a_change(named):
            return Period.parse(named.period or "").moment.astimezone(VIETNAM), "file"
        if since < content.mtime <= now.timestamp() + 1:
            told = datetime.fromtimestamp(content.mtime, VIETNAM).replace(microsecond=0)
            return min(told, now), "mtime"
        return now, "look"


class _File(NamedTuple):
    """One file in a look: what was taken of it, what is remembered, and where it lies."""

    path: Path
    content: _Content | _Untaken
    known: Known | None
    place: Place
    start: float
    fresh: bool

    @property
    def is_new(self) -> bool:
        return self.known is None or self.known.sha256 is None

    @property
    def since(self) -> float | None:
        """When it was last seen as remembered, or not yet there; None at the first look."""
        return self.known.looked_at if self.known else self.place.looked_at

    @property
    def not_taken_in(self) -> Known:
        return Known(self.path, None, self.place.looked_at, None, None, None)

    @property
    def as_it_was(self) -> Known:
        return self.known or self.not_taken_in

    def seen_as(self, named: Named) -> Known:
        sha256 = None if isinstance(self.content, _Untaken) else self.content.sha256
        code = named.dataset.code if named.dataset and not named.problem else None
        return Known(self.path, sha256, self.start, code, named.unit, named.period)


def _as(seen: Noticed, state: str, message: Words | None = None) -> Noticed:
    from dataclasses import replace

    return replace(seen, state=state, message=message)


def _names_a_change(named: Named) -> bool:
    """Whether a file is of one change; what it says was read as a period that exists."""
    return named.period is not None and Period.parse(named.period).type is PeriodType.EVENT


def _taken(path: Path) -> _Content | _Untaken:
    """The digest of a file that stays the same while it is read."""
    try:
        before = path.stat()
        if not stat.S_ISREG(before.st_mode):
            return _Untaken(UNREADABLE, Words("không phải là tệp", "no file"))
        sha256 = sha256_of(path)
        after = path.stat()
    except FileNotFoundError:
        # Just gone, as when a program saves by renaming: there or not at the next look.
        return _MOVING
    except OSError as error:
        why = error.strerror or str(error.errno)
        return _Untaken(UNREADABLE, Words(f"không đọc được: {why}", f"cannot be read: {why}"))
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return _MOVING
    return _Content(sha256, after.st_size, after.st_mtime)


def _settled(
    contents: dict[Path, _Content | _Untaken], known: dict[Path, Known]
) -> dict[Path, _Content | _Untaken]:
    """What was written a moment ago is looked at again: it may not be whole yet."""
    now = clock.record_now().timestamp()
    young = [
        path
        for path, content in contents.items()
        if isinstance(content, _Content)
        and abs(now - content.mtime) < YOUNG
        and (path not in known or known[path].sha256 != content.sha256)
    ]
    if young:
        sleep(SETTLE)
    for path in young:
        again = _taken(path)
        contents[path] = again if again == contents[path] else _MOVING
    return contents


def _is_open(path: Path) -> bool:
    """Whether Excel, Word or LibreOffice says by its lock file that it holds the file."""
    now = clock.record_now().timestamp()
    for name in (f"~${path.name}", f".~lock.{path.name}#"):
        try:
            since = path.with_name(name).stat().st_mtime
        except OSError:
            continue
        if now - since < _LONGEST_HELD.total_seconds():
            return True
    return False
