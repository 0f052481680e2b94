"""C: areas by their official codes, and those that are gone."""

from __future__ import annotations

from iocsl.domain import Severity
from iocsl.patterns import regex
from iocsl.text import fold, nearest
from iocsl.validate.context import PROVINCE, Context
from iocsl.validate.registry import Fault, Role, cell_rule
from iocsl.validate.rules.codes import CODES, SINCE

_KINDS = {
    "tp": "thanh pho",
    "tx": "thi xa",
    "tt": "thi tran",
    "h": "huyen",
    "p": "phuong",
    "x": "xa",
    "t": "tinh",
}
_SHORT = regex(rf"({'|'.join(_KINDS)})(?:\.\s*|\s+)(?=\w)")
_WHOLE = frozenset({"tinh", "toan tinh", "ca tinh", "tinh son la", "toan tinh son la"})
"""Words for the province, beside its name."""


def _said(area: str) -> str:
    """A name folded, with its kind written out: "TP. Sơn La" is "thanh pho son la"."""
    folded = fold(area)
    found = _SHORT.match(folded)
    return f"{_KINDS[found[1]]} {folded[found.end() :]}" if found else folded


def _padded(area: str, context: Context) -> str | None:
    """The code that lost its leading zeros, as a number cell loses them."""
    bare = area.removeprefix("X-")
    full = bare.zfill(5)
    return full if bare.isdecimal() and bare != full and full in context.areas else None


def _former(area: str, context: Context) -> str | None:
    """The code of the area that is gone, None where the text says another one or none."""
    if area in context.areas or _padded(area, context) or _said(area) in context.area_names:
        return None
    bare = area.removeprefix("X-")
    spelt = (area, bare, bare.zfill(5), bare.lstrip("0"))
    code = next((each for each in spelt if each in context.former_areas), None)
    return code or context.former_area_names.get(_said(area))


def _near(area: str, context: Context) -> str | None:
    """The code in force that a text may mean."""
    said = _said(area)
    if said in _WHOLE or area.lstrip("0") == PROVINCE:
        return PROVINCE
    near = said if said in context.area_names else nearest(said, context.area_names)
    return context.area_names[near] if near else None


@cell_rule(
    "C305",
    "unknown-area",
    Severity.ERROR,
    column=Role.AREA,
    vi="Địa bàn “{area}” không phải là mã tỉnh (14) hay mã xã, phường của tỉnh{near}.",
    en="The area “{area}” is neither the province (14) nor a commune or ward of it{near}.",
    hint=(
        "Ghi mã năm chữ số của xã, phường, hoặc 14 cho toàn tỉnh.",
        "Write the five-digit code of the commune or ward, or 14 for the province.",
    ),
    basis=CODES,
    since=SINCE,
)
def unknown_area(area: str, context: Context) -> Fault | None:
    """The area of a figure is named by its official code.

    Why: names are written in many ways and some are shared; a code is not.
    Fix: take the code from the drop-down of the template.
    """
    if area in context.areas or _former(area, context) or _padded(area, context):
        return None
    near = _near(area, context)
    return Fault(area=area, near=f" ({near}, {context.areas[near]}?)" if near else "")


@cell_rule(
    "C307",
    "former-area",
    Severity.ERROR,
    column=Role.AREA,
    vi="“{area}” ({other}) là địa bàn trước ngày 01/7/2025{heirs}.",
    en="“{area}” ({other}) is an area from before 1 July 2025{heirs}.",
    hint=(
        "Dùng mã xã, phường hiện hành. Số liệu của đơn vị đã chia tách phải tách theo địa bàn mới.",
        "Use the code in force. Figures of an area that was split must be split as well.",
    ),
    basis=CODES,
    since=SINCE,
)
def former_area(area: str, context: Context) -> Fault | None:
    """Districts and the communes before the reorganisation of 2025 are explained, never mapped.

    Why: a former area may have become several, so no program can say where its figure goes.
    Fix: use the code of the commune or ward in force.
    """
    code = _former(area, context)
    if code is None:
        return None
    name, heirs = context.former_areas[code]
    other = code if fold(name) in {fold(area), _said(area)} else name
    return Fault(area=area, other=other, heirs=f" → {', '.join(heirs)}" if heirs else "")


@cell_rule(
    "C308",
    "lost-leading-zero",
    Severity.ERROR,
    column=Role.AREA,
    vi="Mã “{area}” đã mất số 0 ở đầu; mã đúng là {full}.",
    en="The code “{area}” has lost its leading zero; the code is {full}.",
    hint=(
        "Định dạng cột là Văn bản (Text) rồi gõ lại mã.",
        "Format the column as Text and type the code again.",
    ),
    basis=CODES,
    since=SINCE,
)
def lost_leading_zero(area: str, context: Context) -> Fault | None:
    """A code typed as a number has lost the zeros before it.

    Why: 3646 is no code, and other programs will not find 03646 by it.
    Fix: format the column as Text before typing. The template has it so.
    """
    full = _padded(area, context)
    return Fault(area=area, full=full) if full else None
