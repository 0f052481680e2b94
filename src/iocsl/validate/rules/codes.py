"""C: codes of indicators, and what stands beside a code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from iocsl.domain import Severity
from iocsl.patterns import regex
from iocsl.text import fold, latin, squeeze, tr
from iocsl.validate.context import Context, same_text
from iocsl.validate.measures import same_unit
from iocsl.validate.readers.base import Batch, Cell, shown
from iocsl.validate.registry import (
    QD1134,
    QD2023,
    Basis,
    Fault,
    Placed,
    Role,
    cell_rule,
    own,
    registry,
    row_rule,
    whole_rule,
)
from iocsl.validate.rules.vietnamese import INVISIBLE, as_seen

CODES: Basis = {QD2023: "Điều 6 khoản 2", QD1134: "Điều 5 khoản 1 điểm a, b"}
"""Codes once set may not change (2023); assigned indicators, uniform identifier codes (1134)."""
SINCE = "0.1.0"
MISSPELT = 100
"""Unknown codes that are looked at for what they may mean."""
LISTED = 5
_ADDED = regex(r"[A-Z]+(?:-[A-Z0-9]+)*\.X-([A-Z0-9]+(?:-[A-Z0-9]+)*)-[0-9]{3}")
"""An indicator that a unit added: the form's code, the unit's id, a number."""
_NOT_WORD = regex(r"[^0-9A-Za-z]+")
_TYPED_FOR = str.maketrans("OIL", "011")
"""Letters that are typed for digits; codes of one dataset differ in digits alone."""


@cell_rule(
    "C301",
    "unknown-indicator-code",
    Severity.ERROR,
    column=Role.INDICATOR_CODE,
    vi="Mã chỉ tiêu “{code}” không có trong danh mục{near}.",
    en="Indicator code “{code}” is not in the catalogue{near}.",
    hint=(
        "Chép mã từ mẫu, hoặc xem: iocsl catalog show.",
        "Copy the code from the template, or see: iocsl catalog show.",
    ),
    basis=CODES,
    since=SINCE,
)
def unknown_indicator_code(code: str, context: Context) -> Fault | None:
    """Every mã chỉ tiêu in the file is one the catalogue knows.

    Why: a unit may add indicators but may not change the codes already assigned.
    Fix: copy the code from `iocsl catalog show`, or register the indicator first.
    """
    known = context.indicators
    if not known or code in known or _dataset_of(code, context) is not None:
        return None
    if _owner_of(code, context) is not None:
        return None
    near = _near_code(code, context)
    unseen = tr(" Có ký tự không nhìn thấy", " It has characters that are not seen")
    why = unseen if INVISIBLE.search(code) else ""
    return Fault(code=code, near=f" ({near}?{why})" if near else "")


def _near_code(code: str, context: Context) -> str | None:
    """The code that a wrong one resembles, or that a name typed in its place stands for."""
    by_name = context.indicator_names.get(fold(code))
    if by_name is not None:
        return by_name
    # Digits that differ make another code; only its spelling is mended.
    return _by_spelling(tuple(context.indicators)).get(_spelling(code))


@lru_cache(maxsize=4)
def _by_spelling(codes: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """The first of some codes of each spelling."""
    return {_spelling(each): each for each in reversed(codes)}


def _spelling(code: str) -> tuple[str, str]:
    """A code without what people mistype: case, marks, letters for digits, zeros of the number.

    What nobody sees in it is left out too.
    """
    seen = INVISIBLE.sub("", code)
    *form, number = _NOT_WORD.split(latin(seen).upper().translate(_TYPED_FOR).strip(" .-"))
    return "".join(form), number.lstrip("0")


def _owner_of(code: str, context: Context) -> str | None:
    """The other unit whose own addition a code is by its form, None where it is no other's."""
    found = _ADDED.fullmatch(code)
    unit = context.catalogue.unit(found[1]) if found else None
    if unit is None or context.unit is None or unit.id == context.unit.id:
        return None
    return unit.id


def _dataset_of(code: str, context: Context) -> str | None:
    """The other dataset whose indicator this is, None where it is no other's."""
    owner, dot, number = code.rpartition(".")
    if not dot or not number.isdigit() or context.dataset is None or owner == context.dataset.code:
        return None
    return owner if any(each.code == owner for each in context.catalogue.datasets()) else None


@row_rule(
    "C303",
    "name-of-another-code",
    Severity.ERROR,
    columns=(Role.INDICATOR_CODE, Role.INDICATOR_NAME),
    blame=Role.INDICATOR_NAME,
    vi="Tên “{name}”{other} không khớp mã {code}: danh mục ghi “{listed}”.",
    en="The name “{name}”{other} does not fit code {code}: the catalogue says “{listed}”.",
    hint=(
        "Kiểm tra xem số liệu thuộc mã hay thuộc tên, rồi sửa bên sai.",
        "See whether the figure belongs to the code or to the name, and mend the other.",
    ),
    basis=CODES,
    since=SINCE,
)
def name_of_another_code(code: str, name: str | None, context: Context) -> Fault | None:
    """The name beside a code is the name that the catalogue gives that code.

    Why: a pasted column that slipped by one row puts every figure under another code. A name that
    no other code bears may be a wording of one's own, and is a warning; one that is typed with an
    old font or with characters that nobody sees or can tell from others is taken as it is meant,
    for that is told by itself (L802, L803, L805, L806). What else would follow from
    the wrong one of the two (a repeated key, another unit of measure, a missing indicator) is not
    told besides.
    Fix: copy both from the template. The name may be left out.
    """
    found = context.indicators.get(code)
    if found is None or not name or same_text(name, found.name) or fold(name) == fold(found.name):
        return None
    if fold(as_seen(name)) == fold(as_seen(found.name)):
        return None
    owner = context.exchanged.owner(code, name)
    return Fault(
        severity=None if owner else Severity.WARNING,
        name=name,
        other=tr(f", là tên của {owner},", f", which is that of {owner},") if owner else "",
        code=code,
        listed=found.name,
    )


@row_rule(
    "C304",
    "other-unit-of-measure",
    Severity.ERROR,
    columns=(Role.INDICATOR_CODE, Role.UNIT_OF_MEASURE),
    blame=Role.UNIT_OF_MEASURE,
    beside=(Role.INDICATOR_NAME,),
    vi="Đơn vị tính “{unit}” khác danh mục: chỉ tiêu {code} tính bằng “{listed}”.",
    en="The unit “{unit}” is not the catalogue's: indicator {code} is measured in “{listed}”.",
    hint=(
        "Quy đổi số liệu về đơn vị của danh mục rồi sửa đơn vị tính.",
        "Convert the figure to the catalogue's unit and mend the unit.",
    ),
    basis=CODES,
    since=SINCE,
)
def other_unit_of_measure(
    code: str, unit: str | None, name: str | None, context: Context
) -> Fault | None:
    """The unit of measure beside a figure is the one of its indicator.

    Why: đồng read as nghìn đồng is a thousand times wrong, and nothing shows it later.
    Fix: convert the figure. The unit may be left out: then it is the catalogue's.
    """
    found = context.indicators.get(code)
    if found is None or not unit or not found.unit_of_measure:
        return None
    if same_unit(as_seen(unit), found.unit_of_measure):
        return None
    meant = context.indicators.get(context.exchanged.owner(code, name) or "")
    if meant is not None and (
        not meant.unit_of_measure or same_unit(as_seen(unit), meant.unit_of_measure)
    ):
        return None  # it goes with the name, and that the code does not has been told
    return Fault(unit=unit, code=code, listed=found.unit_of_measure)


@cell_rule(
    "C306",
    "indicator-of-another-dataset",
    Severity.ERROR,
    column=Role.INDICATOR_CODE,
    vi="Mã {code} thuộc bộ dữ liệu {other}, không thuộc {dataset}.",
    en="Dataset {other}, and not {dataset}, has the code {code}.",
    hint=(
        "Chuyển dòng sang tệp của bộ dữ liệu đó; nếu cả tệp là của bộ đó, ghi lại mã bộ dữ liệu.",
        "Move the row to that dataset's file; where all are its own, correct the dataset's code.",
    ),
    basis=CODES,
    since=SINCE,
)
def indicator_of_another_dataset(code: str, context: Context) -> Fault | None:
    """A file holds the indicators of one dataset. Of a dataset without a set of its own all codes
    of another one are told together: the file is another one.

    Why: figures sent under another dataset are looked for where they should be, and found missing.
    Fix: move the row, or check that this is the right template.
    """
    if not context.indicators or code in context.indicators or context.dataset is None:
        return None
    other = _dataset_of(code, context)
    return Fault(code=code, other=other, dataset=context.dataset.code) if other else None


@whole_rule(
    "C309",
    "no-indicator-set",
    Severity.INFO,
    vi="Bộ dữ liệu {dataset} chưa có bộ chỉ tiêu; chưa đối chiếu {all} mã: {codes}.",
    en="Dataset {dataset} has no indicator set; {all} codes are not compared: {codes}.",
    over_file=True,
    basis=CODES,
    since=SINCE,
)
class NoIndicatorSet:
    """Codes are compared with a set; where nobody has set any, those of another form are told.

    Why: neither regulation prints indicators, and silence would look like codes that were checked.
    Fix: number the rows as the catalogue does (`KDL-M-009.001`), until the lead unit gives the set
    to the manager of the catalogue.
    """

    def __init__(self, context: Context) -> None:
        named = context.dataset is not None and not context.disagree("dataset")
        self._context = context
        self._dataset = context.dataset.code if context.dataset and named else ""
        self._free = bool(self._dataset) and not context.indicators
        # A request may ask for the indicators of any dataset.
        self._asks = context.dataset is not None and context.dataset.asked_period is not None
        self._own = regex(re.escape(self._dataset) + r"\.[0-9]{3}")
        self._seen: dict[Cell, str | None] = {}
        """Every code met → the other dataset that it is of."""
        self._rows: Counter[str] = Counter()

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Remember the codes of this batch, and how many rows bear those of another dataset."""
        if not self._free or Role.INDICATOR_CODE not in batch.columns:
            return ()
        met = batch.distinct(Role.INDICATOR_CODE)
        for cell in met.difference(self._seen):
            code = squeeze(shown(cell))
            self._seen[cell] = None if self._asks else _dataset_of(code, self._context)
        if any(self._seen[cell] for cell in met):
            owners = map(self._seen.__getitem__, batch.columns[Role.INDICATOR_CODE])
            self._rows.update(filter(None, owners))
        return ()

    def close(self) -> Iterable[Placed]:
        """One finding for all codes of each other dataset, and one for all that do not follow the
        catalogue's way of numbering."""
        for other, rows in sorted(self._rows.items()):
            theirs = {squeeze(shown(code)) for code, of in self._seen.items() if of == other}
            fault = Fault(code=some(sorted(theirs)), other=own(other), dataset=own(self._dataset))
            info = registry().infos["C306"]
            yield Placed(fault, column=Role.INDICATOR_CODE, count=rows, rule=info)
        free = {squeeze(shown(code)) for code, of in self._seen.items() if of is None}
        strange = sorted(code for code in free if code and not self._own.fullmatch(code))
        if strange:
            fault = Fault(dataset=self._dataset, all=len(strange), codes=some(strange))
            yield Placed(fault, column=Role.INDICATOR_CODE, count=len(strange))


def some(codes: Sequence[str]) -> str:
    return ", ".join(codes[:LISTED]) + (" …" if len(codes) > LISTED else "")


@whole_rule(
    "C310",
    "missing-indicators",
    Severity.WARNING,
    vi="Thiếu {missing} trong {all} chỉ tiêu của bộ dữ liệu: {codes}.",
    en="{missing} of the dataset's {all} indicators are missing: {codes}.",
    hint=(
        "Bổ sung các chỉ tiêu còn thiếu, hoặc ghi rõ lý do trong thuyết minh.",
        "Add the missing indicators, or say why in the narrative.",
    ),
    over_file=True,
    basis={QD2023: "Điều 6 khoản 1", QD1134: "Điều 5 khoản 1 điểm a"},
    since=SINCE,
)
class MissingIndicators:
    """Every indicator in force of the dataset occurs in the file.

    Why: data are to be full, by the indicators assigned; later nobody sees that a row was left out.
    Fix: add the row. Where nothing happened, the figure is 0 or the narrative says so.
    """

    def __init__(self, context: Context) -> None:
        self._wanted = [
            code
            for code, each in context.indicators.items()
            if each.valid_to is None and Role.INDICATOR_CODE in context.schema.by_name
        ]
        self._missing = set(self._wanted)
        self._context = context
        self._unknown: set[str] = set()
        self._named: set[str | None] = set()

    def see(self, batch: Batch) -> Iterable[Placed]:
        """Cross off the codes of this batch."""
        if self._missing and Role.INDICATOR_CODE in batch.columns:
            cells = {code: squeeze(shown(code)) for code in batch.distinct(Role.INDICATOR_CODE)}
            self._missing.difference_update(cells.values())
            strange = {code for code, text in cells.items() if text not in self._wanted}
            if strange and len(self._unknown) < MISSPELT:
                self._unknown.update(cells[code] for code in strange)
                self._named.update(self._names(batch, strange))
        return ()

    def _names(self, batch: Batch, strange: Collection[Cell]) -> Iterator[str | None]:
        """The codes that the names beside strange codes, or beside none, belong to."""
        if Role.INDICATOR_NAME not in batch.columns:
            return
        codes, names = batch.columns[Role.INDICATOR_CODE], batch.columns[Role.INDICATOR_NAME]
        for code, name in zip(codes, names, strict=True):
            if code in strange:
                yield self._context.indicator_names.get(fold(shown(name)))

    def close(self) -> Iterable[Placed]:
        """One finding for all that are missing; none where no known code was seen at all."""
        # A row whose code is misspelt, exchanged or lost is there, and is told already.
        meant = self._named | self._context.exchanged.owners
        meant |= {_near_code(code, self._context) for code in self._unknown}
        missing = [code for code in self._wanted if code in self._missing - meant]
        if not missing or len(missing) == len(self._wanted):
            return
        codes = own(some(missing))
        fault = Fault(missing=own(len(missing)), all=own(len(self._wanted)), codes=codes)
        yield Placed(fault, column=Role.INDICATOR_CODE, count=len(missing))


@cell_rule(
    "C313",
    "addition-of-another-unit",
    Severity.ERROR,
    column=Role.INDICATOR_CODE,
    vi="Mã {code} là chỉ tiêu do {owner} tự bổ sung, không phải của {unit}.",
    en="Code {code} is an indicator that {owner} added for itself, not {unit}.",
    hint=(
        "Dùng mã của đơn vị mình, hoặc mã chung trong danh mục.",
        "Use a code of your own unit, or one of the catalogue.",
    ),
    basis=CODES,
    since="0.2.0",
)
def addition_of_another_unit(code: str, context: Context) -> Fault | None:
    """Indicators that a unit adds (`….X-<unit>-001`) are used by that unit alone.

    Why: a copied form brings the codes of the unit that it came from.
    Fix: use a code of your own, or register the indicator for your unit.
    """
    owner = _owner_of(code, context)
    if owner is None or context.unit is None:
        return None
    return Fault(code=code, owner=owner, unit=context.unit.id)
