"""V: shares of a whole among the figures of an indicator form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iocsl.domain import Severity
from iocsl.text import squeeze
from iocsl.validate.context import Context
from iocsl.validate.numbers import plain
from iocsl.validate.readers.base import Batch, shown
from iocsl.validate.registry import Fault, Placed, Role, file_fault, whole_rule
from iocsl.validate.rules.constraints import names_share
from iocsl.validate.rules.scale import number_of
from iocsl.validate.rules.values import FORMAT


@whole_rule(
    "V422",
    "share-of-indicator-out-of-range",
    Severity.WARNING,
    vi="{code} (“{name}”) là {value} %; một tỷ lệ của toàn bộ nằm trong khoảng 0–100.",
    en="{code} (“{name}”) is {value} %; a share of a whole lies between 0 and 100.",
    hint=("Kiểm tra số liệu và dấu thập phân.", "Check the figure and its decimal mark."),
    basis=FORMAT,
    since="0.2.0",
)
class ShareOfIndicator:
    """A figure in per cent of an indicator that is a share ("tỷ lệ", "tỷ trọng", "cơ cấu") lies
    between 0 and 100.

    Why: 852 is mostly 85,2 without its comma. Indicators of growth, of plans and of comparisons
    with another time are not asked.
    Fix: correct the figure; if it is right, answer why.
    """

    def __init__(self, context: Context) -> None:
        self._column = context.schema.by_name.get(Role.VALUE)
        self._exchanged = context.exchanged
        self._names = {
            code: each.name
            for code, each in context.indicators.items()
            if (each.unit_of_measure or "").strip() == "%" and names_share(each.name)
        }

    def see(self, batch: Batch) -> Iterator[Placed]:
        """Faults of this batch; nothing is looked at where no indicator is a share."""
        needed = {Role.INDICATOR_CODE, Role.VALUE}
        if self._column is None or not self._names or not needed <= batch.columns.keys():
            return
        exchanged = self._exchanged.told(batch)
        pairs = zip(batch.columns[Role.INDICATOR_CODE], batch.columns[Role.VALUE], strict=True)
        for at, (cell, figure) in enumerate(pairs):
            code = squeeze(shown(cell))
            if code not in self._names or exchanged.get(at, code) not in self._names:
                continue
            value = number_of(figure, self._column)
            if value is not None and not 0 <= value <= 100:
                fault = Fault(
                    quoting=(Role.INDICATOR_CODE,),
                    code=code,
                    name=self._names[code],
                    value=plain(value),
                )
                yield Placed(fault, batch.place(at), Role.VALUE, figure)

    def close(self) -> Iterable[Placed]:
        """Nothing more is known at the end."""
        return ()


SHOWN_AS_PERCENTAGE = file_fault(
    "V425",
    "shown-as-percentage",
    Severity.WARNING,
    vi="Ô hiện {shown} nhưng giá trị là {value}: định dạng phần trăm hiện số gấp 100 lần giá trị.",
    en="The cell shows {shown} but holds {value}: its format shows a hundred times the number.",
    hint=(
        "Nếu số liệu là số đang hiện, đổi định dạng ô thành Số (Number) rồi gõ lại, không kèm %.",
        "If the figure is the one shown, make the format Number and type it again, without %.",
    ),
    basis=FORMAT,
    since="0.2.0",
    doc="""Figures of a workbook in a percentage format, one finding a column: whoever types 14,52%
    into such a cell puts 0,1452 into it, and a typed number is its value.

    Why: in a column of per cent it is a hundredth of what was meant, and looks right.
    Fix: type the figure that is meant into a cell with a number format; the unit is said by the
    column.
    """,
)
