"""How the tool's workbooks come out of a printer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_PAGE = 190
"""Widths of columns that still can be read on one page across."""


def on_paper(sheet: Worksheet, *, heading: int | None = None, wide: float = 0) -> None:
    """A4 across, as many pages wide as columns of `wide` letters need; `heading` on each."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = max(1, round(wide / _PAGE))
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if heading is not None:
        sheet.print_title_rows = f"{heading}:{heading}"
