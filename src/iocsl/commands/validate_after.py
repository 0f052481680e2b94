"""What `iocsl validate` knows of a file beyond its report: the last check of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from iocsl import config
from iocsl.console.output import note
from iocsl.errors import IocslError
from iocsl.files import trouble
from iocsl.text import say

if TYPE_CHECKING:
    from iocsl.commands.validate_output import Outcome


def with_history(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Keep each check, and tell under its report how it stands against the last one.

    A record that cannot be written is told once on stderr; the checks themselves stand.
    """
    from iocsl.reports.history import remember

    told: list[Outcome] = []
    failed: IocslError | None = None
    for each in outcomes:
        if failed is None and not isinstance(each.result, IocslError):
            try:
                change = remember(config.home(), each.path, each.result)
            except IocslError as error:
                failed = error
            except OSError as error:
                failed = trouble(error)
            else:
                if change is not None:
                    told.append(replace(each, after=(*each.after, change.said())))
                    continue
        told.append(each)
    if failed is not None:
        note(say(failed.message))
    return told
