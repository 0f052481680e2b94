"""`iocsl catalog template`: one file, or the files of all entries at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from iocsl import config
from iocsl.catalog import Catalogue, Dataset, open_catalogue
from iocsl.catalog.entries import PERIOD_WORDS
from iocsl.commands.catalog_options import UnitOption
from iocsl.commands.options import as_json
from iocsl.console.output import console, emit, emit_json, note
from iocsl.domain import Period, PeriodType
from iocsl.errors import is_folder, usage
from iocsl.text import help_text, say, tr


def template(
    *,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help=help_text(
                "Tệp cần tạo (.xlsx, .csv, .xml); thư mục khi dùng --all",
                "The file to make (.xlsx, .csv, .xml); a folder with --all",
            ),
        ),
    ],
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help=help_text("Mã bộ dữ liệu", "Code of the dataset")),
    ] = None,
    unit: UnitOption = None,
    period: Annotated[
        str | None,
        typer.Option(
            "--period", metavar="ID", help=help_text("Kỳ, ví dụ 2026-10", "Period, e.g. 2026-10")
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            "--previous",
            metavar="FILE",
            help=help_text(
                "Tệp kỳ trước: giữ các dòng, số cũ để bên cạnh",
                "Last period's file: its rows are kept, its figures beside",
            ),
        ),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help=help_text(
                "Mẫu XLSX của mọi mục (hoặc mọi mục của --unit)",
                "XLSX templates of every entry (or every one of --unit)",
            ),
        ),
    ] = False,
) -> None:
    catalogue = open_catalogue()
    if every or code is None:
        _make_all(catalogue, output, code, unit, [period, previous], every=every)
        return
    dataset = catalogue.dataset(code)
    of = catalogue.find_unit(unit).id if unit else _sender(dataset)
    if output.is_dir():
        raise is_folder(output)
    asked = _period_of(dataset, period) if period else dataset.asked_period
    _make_one(catalogue, dataset, output, unit=of, period=asked, previous=previous)
    if dataset.responsible and of != dataset.responsible:
        note(
            tr(
                f"Lưu ý: văn bản giao {dataset.code} cho {dataset.responsible}, không phải {of}.",
                f"Note: the text gives {dataset.code} to {dataset.responsible}, not to {of}.",
            )
        )
    if as_json():
        emit_json({"code": dataset.code, "file": str(output), "unit": of, "period": asked})
    else:
        emit(tr(f"Đã tạo {output} ({dataset.title}).", f"Made {output} ({dataset.title})."))


def _make_one(
    catalogue: Catalogue,
    dataset: Dataset,
    output: Path,
    *,
    unit: str | None,
    period: str | None,
    previous: Path | None,
) -> None:
    """Write one template; `previous` is last period's file of the same dataset."""
    from iocsl.catalog.templates import write_template

    carried = None
    if previous is not None:
        from iocsl.validate.rows import read_previous

        carried = read_previous(previous, catalogue, dataset)
    write_template(catalogue, dataset, output, unit=unit, period=period, previous=carried)


def _make_all(
    catalogue: Catalogue,
    folder: Path,
    code: str | None,
    unit: str | None,
    unused: Sequence[object],
    *,
    every: bool,
) -> None:
    """Write `CODE.xlsx` for every entry, or every one of a unit, into `folder`."""
    if not every or code is not None or any(each is not None for each in unused):
        raise _one_or_all(every=every)
    if folder.is_file() or folder.suffix:
        raise _wants_folder(folder)
    from iocsl.catalog.templates import write_template

    of = catalogue.find_unit(unit).id if unit else None
    datasets = catalogue.datasets(unit=of)
    made = []
    for dataset in _watched(datasets):
        path = folder / f"{dataset.code}.xlsx"
        owner, period = of or dataset.responsible, dataset.asked_period
        write_template(catalogue, dataset, path, unit=owner, period=period)
        made.append(path)
    if as_json():
        emit_json([{"code": path.stem, "file": str(path)} for path in made])
    else:
        emit(tr(f"Đã tạo {len(made)} mẫu trong {folder}.", f"Made {len(made)} in {folder}."))


def _sender(dataset: Dataset) -> str | None:
    """Who fills a template in when nobody is named: its unit; of a request, the one asked here."""
    if not dataset.addressees:
        return dataset.responsible
    own = config.load().text("unit")
    if own in dataset.addressees:
        return own
    return dataset.addressees[0] if len(dataset.addressees) == 1 else None


def _period_of(dataset: Dataset, given: str) -> str:
    """The id of a period that exists and that the dataset is due for, else exit 2.

    Monthly, quarterly and yearly data of 1134 are also due when they change (Điều 5.2.b), so an
    event fits them too.
    """
    from iocsl.deadlines.asking import parse_period, unknown_period

    period = parse_period(given)
    if not isinstance(period, Period):
        raise unknown_period(given)
    on_change = dataset.answers_changes and period.type is PeriodType.EVENT
    on_change = on_change or PeriodType.REALTIME in dataset.periods
    if dataset.periods and period.type not in dataset.periods and not on_change:
        raise usage(
            "other-period",
            f"{dataset.code} có kỳ {periods_of(dataset)}, “{period.id}” là kỳ khác.",
            f"{dataset.code} is due by {periods_of(dataset)}; “{period.id}” is another kind.",
            ("Xem: iocsl catalog show " + dataset.code, "See: iocsl catalog show " + dataset.code),
        )
    return period.id


def periods_of(each: Dataset) -> str:
    """Its periods in words."""
    return ", ".join(say(PERIOD_WORDS[period]) for period in each.periods) or "–"


def _watched(datasets: Sequence[Dataset]) -> Iterator[Dataset]:
    """The entries one by one, with a progress bar where a person is looking."""
    if not sys.stderr.isatty():
        yield from datasets
        return
    from rich.progress import track

    drawn: Iterable[Dataset] = track(
        datasets,
        description=tr("Tạo mẫu", "Templates"),
        console=console(sys.stderr),
        transient=True,
    )
    yield from drawn


def _one_or_all(*, every: bool) -> Exception:
    if every:
        return usage(
            "one-or-all",
            "--all không đi cùng mã, --period hay --previous.",
            "--all goes with no code, --period or --previous.",
            ("Bỏ --all, hoặc bỏ phần kia.", "Leave out --all, or the other."),
        )
    return usage(
        "no-code",
        "Chưa nêu mã bộ dữ liệu.",
        "No dataset is named.",
        (
            "Thêm mã, ví dụ: iocsl catalog template KDL-M-016 -o mau.xlsx (hoặc --all -o THƯ_MỤC)",
            "Add a code: iocsl catalog template KDL-M-016 -o mau.xlsx (or --all -o FOLDER)",
        ),
    )


def _wants_folder(path: Path) -> Exception:
    return usage(
        "not-a-folder",
        f"Với --all, “{path}” phải là một thư mục.",
        f"With --all, “{path}” must be a folder.",
        ("Nêu một thư mục, ví dụ: -o mau", "Name a folder, e.g. -o mau"),
    )
