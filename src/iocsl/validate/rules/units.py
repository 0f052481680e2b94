"""U: who the unit is, and whether the dataset is its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iocsl.domain import Regime, Severity
from iocsl.validate.context import Context
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, file_rule

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue, Dataset

AUTHORITY: Basis = {
    QD2023: "Điều 3 khoản 3; Điều 8 khoản 1",
    QD1134: "Điều 5 khoản 1 điểm a; Điều 5 khoản 4 điểm d",
}
SINCE = "0.1.0"


@file_rule(
    "U601",
    "dataset-of-another-unit",
    Severity.ERROR,
    vi="{dataset} do {owner} chủ trì, không phải {unit}.",
    en="{dataset} is led by {owner}, not by {unit}.",
    hint=(
        "Kiểm tra lại đơn vị và mã bộ dữ liệu; gửi số liệu cho cơ quan chủ trì nếu được yêu cầu.",
        "Check unit and dataset; send the figures to the leading agency if it asked for them.",
    ),
    basis=AUTHORITY,
    since=SINCE,
)
def dataset_of_another_unit(context: Context) -> Iterator[Fault]:
    """A unit submits its own datasets, and what a request asks of it.

    Why: 1134 forbids data outside one's powers. Under 2023 units also feed the one that leads a
    form, so there it is a warning.
    Fix: use the right unit or dataset.
    """
    dataset, unit = context.dataset, context.unit
    if dataset is None or unit is None or context.disagree("dataset") or context.disagree("unit"):
        return
    owner = dataset.unit
    if dataset.addressees:
        if unit.id in dataset.addressees:
            return
        name = ", ".join(dataset.addressees[:3]) + (" …" if dataset.addressees[3:] else "")
    elif owner is None or unit.id in owners(dataset, context.catalogue):
        return
    else:
        leader = context.catalogue.unit(owner)
        name = f"{owner} ({leader.name})" if leader else owner
    severity = Severity.WARNING if dataset.regime is Regime.QD2023 else None
    yield Fault(
        severity=severity, dataset=dataset.code, owner=name, unit=f"{unit.id} ({unit.name})"
    )


def owners(dataset: Dataset, catalogue: Catalogue) -> set[str | None]:
    """The printed unit, its sub-provider, and the agencies that took a unit of 2023 over."""
    heirs = {link.new for link in catalogue.crosswalk() if link.old == dataset.unit}
    return {dataset.unit, dataset.provider, *heirs}


@file_rule(
    "U602",
    "unknown-unit",
    Severity.ERROR,
    vi="Đơn vị “{text}” ở Thong_tin không có trong danh mục, hoặc trùng tên nhiều đơn vị.",
    en="The unit “{text}” in Thong_tin is not in the catalogue, or several bear its name.",
    hint=("Ghi mã đơn vị, ví dụ CQ-TC.", "Write the unit's id, e.g. CQ-TC."),
    basis=AUTHORITY,
    since=SINCE,
)
def unknown_unit(context: Context) -> Iterator[Fault]:
    """The unit that the file names is one of the catalogue.

    Why: the unit answers for the data.
    Fix: write the id of the unit.
    """
    for claim in context.claims:
        if claim.kind == "unit" and claim.meant is None:
            yield Fault(at=(claim.sheet, claim.cell), text=claim.text)


@file_rule(
    "U603",
    "owner-not-printed",
    Severity.INFO,
    vi="Văn bản không in cơ quan chủ trì của {dataset}{inferred}; không đối chiếu thẩm quyền.",
    en="The text prints no agency for {dataset}{inferred}; authority is not compared.",
    basis=AUTHORITY,
    since=SINCE,
)
def owner_not_printed(context: Context) -> Iterator[Fault]:
    """Some rows of Phụ lục II lost their agency; what is inferred is no ground for a refusal.

    Why: silence would look like an authority that was checked. The agency that the catalogue
    infers is not asked about.
    Fix: nothing in the file. Sở Khoa học và Công nghệ can say who leads the dataset.
    """
    dataset = context.dataset
    if dataset is None or context.unit is None or dataset.unit is not None or dataset.addressees:
        return
    guess = dataset.unit_inferred
    if guess is None or guess.unit != context.unit.id:
        yield Fault(dataset=dataset.code, inferred=f" ({guess.unit}?)" if guess else "")
