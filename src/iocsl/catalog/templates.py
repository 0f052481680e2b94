"""Files to fill in, made from the catalogue: XLSX with help and drop-downs, CSV, XML with XSD."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from iocsl.catalog.schema import parse_schema
from iocsl.catalog.template_rows import Previous, prepare, template_version
from iocsl.errors import usage
from iocsl.files import replacing, write_whole

if TYPE_CHECKING:
    from iocsl.catalog.lookup import Catalogue, Dataset

__all__ = ["Previous", "template_version", "write_template"]

ENDINGS = (".xlsx", ".csv", ".xml")


def write_template(
    catalogue: Catalogue,
    dataset: Dataset,
    path: Path,
    *,
    unit: str | None,
    period: str | None,
    previous: Previous | None = None,
) -> None:
    """Write the template of `dataset` to `path`: XLSX, CSV or XML by its ending (else exit 2).

    `unit` and `period` are ids, filled in where given. Rows of the dataset's indicators are there
    already, their values empty; `previous` carries last period's rows over, its figures beside.
    An XML file gets its XSD next to it.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise _unknown_ending(path)
    schema = parse_schema(catalogue.schema(dataset.schema), dataset.schema)
    prepared = prepare(catalogue, dataset, schema, unit=unit, period=period, previous=previous)
    if ending == ".xlsx":
        from iocsl.catalog.template_book import workbook

        book = workbook(prepared)
        with replacing(path) as stream:
            book.save(stream)
        return
    from iocsl.catalog import template_text

    if ending == ".csv":
        write_whole(path, template_text.csv_bytes(prepared))
        return
    grammar = path.with_suffix(".xsd")
    write_whole(grammar, template_text.xsd_bytes(prepared))
    write_whole(path, template_text.xml_bytes(prepared, grammar.name))


def _unknown_ending(path: Path) -> Exception:
    return usage(
        "template-format",
        f"Không tạo được mẫu dạng “{path.suffix or path.name}”.",
        f"No template can be made as “{path.suffix or path.name}”.",
        (
            "Đặt tên tệp có đuôi .xlsx, .csv hoặc .xml.",
            "Give a name that ends in .xlsx, .csv or .xml.",
        ),
    )
