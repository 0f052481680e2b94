"""Read every row of the first sheet with python-calamine and do nothing with it."""

import sys

from python_calamine import CalamineWorkbook

book = CalamineWorkbook.from_path(sys.argv[1])
sys.stdout.write(f"{sum(1 for _ in book.get_sheet_by_index(0).iter_rows())}\n")
