"""P, of templates: whether the file was filled into the template that is in use."""

from __future__ import annotations

from collections.abc import Iterator

from iocsl.catalog.template_rows import template_version
from iocsl.domain import Severity
from iocsl.validate.context import Context
from iocsl.validate.registry import QD1134, QD2023, Basis, Fault, file_rule

FORMS: Basis = {QD2023: "Điều 5; Điều 6 khoản 1", QD1134: "Điều 5 khoản 1 điểm b; Điều 6 khoản 2"}
"""One uniform structure, and sample files to fill in (1134); the forms of the system (2023)."""
SINCE = "0.1.0"


@file_rule(
    "P511",
    "outdated-template",
    Severity.WARNING,
    vi="Tệp dùng mẫu phiên bản {given}; mẫu của {dataset} nay là phiên bản {current}.",
    en="The file uses version {given} of the template; that of {dataset} is now {current}.",
    hint=(
        "Tạo mẫu mới bằng iocsl catalog template rồi chép số liệu sang.",
        "Make a new one with iocsl catalog template and copy the figures into it.",
    ),
    basis=FORMS,
    since=SINCE,
)
def outdated_template(context: Context) -> Iterator[Fault]:
    """The `Thong_tin` sheet names the version of the template that is in use.

    Why: columns and codes of an old template may mean something else today, and what is new in the
    catalogue is not in it.
    Fix: make a new template, with `--previous` to carry the rows over. A file that names no version
    was not made from a template, and nothing is told.
    """
    if context.dataset is None or context.own_schema or context.disagree("dataset"):
        return
    current = template_version(context.catalogue.schema(context.dataset.schema))
    for claim in context.claims:
        if claim.kind == "template" and claim.text != current:
            yield Fault(
                at=(claim.sheet, claim.cell),
                given=claim.text,
                dataset=context.dataset.code,
                current=current,
            )
