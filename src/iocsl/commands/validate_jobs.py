"""The checks of several files, one after the other or several at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from iocsl import config
from iocsl.errors import IocslError
from iocsl.files import trouble

if TYPE_CHECKING:
    from iocsl.bundle.past import HomePast
    from iocsl.catalog import Catalogue
    from iocsl.child import Worker
    from iocsl.commands.validate_output import Outcome
    from iocsl.validate import Report
    from iocsl.validate.attachments import Attachment
    from iocsl.validate.own_folder import OwnRules

SMALLEST = 16 << 20
"""Bytes of a file from which another process gives back more than its start takes."""
SHARE = 4 << 20
"""Bytes for each process at least."""
TEXT = frozenset({".csv", ".txt", ".tsv"})


class Beside(NamedTuple):
    """What goes with the files: those of `earlier` periods, and attachments (None: not told).

    `low_memory` is how they are read.
    """

    earlier: tuple[Path, ...] = ()
    attachments: tuple[Attachment, ...] | None = None
    low_memory: bool = False


def results(
    files: Sequence[Path], said: Mapping[str, Any], beside: Beside, jobs: int
) -> Iterator[Report | IocslError]:
    """The result of each file, in the order given.

    With more than one job each is a process of its own. A single file is left to all of them.
    """
    with _workers_for(files, jobs) as workers:
        from iocsl.catalog import open_catalogue

        catalogue = open_catalogue()  # before the processes start: they find the mirror made
        own_rules()  # a rule of the unit's own that does not load stops the command, not one file
        if jobs < 2 or len(files) < 2:
            yield from (checked(path, catalogue, said, beside, workers) for path in files)
            return
    from iocsl.commands.validate_processes import shared

    yield from shared(files, said, beside, min(jobs, len(files)))


@contextmanager
def _workers_for(files: Sequence[Path], jobs: int) -> Iterator[Sequence[Worker]]:
    """Processes for a single large text file, started while this one still loads its modules."""
    workers: list[Worker] = []
    with suppress(OSError):  # no such file, which the check will tell; or no more processes
        large = len(files) == 1 and files[0].suffix.lower() in TEXT
        size = files[0].stat().st_size if large and jobs > 1 else 0
        for _ in range(min(jobs, size // SHARE) - 1 if size >= SMALLEST else 0):
            from iocsl.child import Worker

            workers.append(Worker("iocsl.validate.screener"))
    try:
        yield workers
    finally:
        for each in workers:
            each.end()
            each.close()


def compared(outcomes: Sequence[Outcome], said: Mapping[str, Any]) -> list[Outcome]:
    """The outcomes with what files of one dataset, unit and period say of one another.

    A file is not held against its own mended copy: one of the two will be sent.
    """
    from iocsl.catalog import open_catalogue
    from iocsl.validate.between_files import Checked, between_files
    from iocsl.validate.fix import target_of

    paths = {each.path for each in outcomes}
    done = {
        at: Checked(each.path, each.result)
        for at, each in enumerate(outcomes)
        if not isinstance(each.result, IocslError) and target_of(each.path) not in paths
    }
    try:
        reports = between_files(list(done.values()), open_catalogue(), said)
    except OSError as error:
        raise trouble(error) from None
    found = list(outcomes)
    for at, report in zip(done, reports, strict=True):
        found[at] = found[at]._replace(result=report)
    return found


def own_rules() -> OwnRules | None:
    """The rules of the folder that the configuration names. Exit 3 where they do not load."""
    if config.load().text("validate.rules_folder") is None:
        return None
    from iocsl.validate.own_folder import configured

    return configured()


@cache
def past(home: Path, earlier: tuple[Path, ...]) -> HomePast:
    """What files are compared with; those named by hand are read once a process."""
    from iocsl.bundle.past import HomePast

    return HomePast(home, earlier)


def checked(
    path: Path,
    catalogue: Catalogue,
    said: Mapping[str, Any],
    beside: Beside,
    workers: Sequence[Worker] = (),
) -> Report | IocslError:
    """The report of one file, or what kept it from being checked."""
    from iocsl.validate import check

    try:
        history = past(config.home_path(), beside.earlier)
        return check(
            path,
            catalogue,
            history=history,
            attachments=beside.attachments,
            own=own_rules(),
            low_memory=beside.low_memory,
            workers=workers,
            **said,
        )
    except IocslError as error:
        return error
    except OSError as error:
        return trouble(error)
