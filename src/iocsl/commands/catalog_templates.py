"""`iocsl catalog template`: one file, or the files of all entries at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from iocsl.catalog import Catalogue, Dataset
from iocsl.commands.options import as_json
from iocsl.console.output import console, emit, emit_json
from iocsl.errors import usage
from iocsl.text import tr


def make_one(
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


def make_all(
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
