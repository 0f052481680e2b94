"""From a bundle that landed into the history of figures (`ledger.history`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from iocsl.bundle.container import SLIP, OpenBundle, open_bundle
from iocsl.bundle.encryption_keys import aside, opened
from iocsl.bundle.identity import Slip
from iocsl.bundle.records import has_quality
from iocsl.bundle.refusals import RefusedError
from iocsl.catalog import open_catalogue
from iocsl.domain import Figure
from iocsl.ledger import history
from iocsl.ledger.history import Landing
from iocsl.validate.history import form_of
from iocsl.validate.quality import Quality, together
from iocsl.validate.readers.base import Unreadable
from iocsl.validate.rows import context_for, rows_of


def take_in(home: Path, container: Path, slip: Slip, receipt: str, accepted_at: datetime) -> None:
    """Keep figures and quality of a submission by its receipt `landed`; once, however often.

    `receipt` is the digest of that receipt, `accepted_at` what it says. What is encrypted is opened
    with the home's own key; without one that fits, only the landing itself is kept. Raises
    `IocslError` or `OSError` where the history cannot be written.
    """
    if history.holds(home, slip.identity()):
        return
    try:
        with (
            opened(container, home) as plain,
            open_bundle(plain) as bundle,
            aside(home) as folder,
        ):
            reports = bundle.report["reports"]
            # One that was queued before this was asked may say it otherwise; nothing is lost by it.
            quality = together(reports) if all(map(has_quality, reports)) else Quality()
            landing = _landing(slip, receipt, accepted_at, quality)
            history.take(home, landing, _figures(bundle, slip, folder))
    except (RefusedError, Unreadable):
        history.take(home, _landing(slip, receipt, accepted_at, Quality()), ())


def _landing(slip: Slip, receipt: str, accepted_at: datetime, quality: Quality) -> Landing:
    return Landing(
        slip.identity(),
        slip.unit,
        slip.dataset,
        slip.period,
        slip.sequence,
        receipt,
        accepted_at,
        quality.correct,
        quality.complete,
        quality.clean,
    )


def _figures(bundle: OpenBundle, slip: Slip, folder: Path) -> Iterator[Figure]:
    """The figures of the bundle's data files, where their dataset has an indicator form."""
    context = context_for(open_catalogue(), slip.dataset, slip.unit, slip.period)
    form = form_of(context.schema)
    if form is None:
        return
    attachments = set(bundle.document(SLIP)["attachments"])
    for name in bundle.data_names:
        if name not in attachments:
            path = folder / name
            bundle.extract(name, path)
            for _, _, record in rows_of(path, context):
                yield from form.figures(record)
            path.unlink()
