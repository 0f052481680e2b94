"""A look at many texts at once finds what asking each of them finds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iocsl.catalog import Catalogue
from iocsl.validate import cell_checks, check
from iocsl.validate.many_texts import ManyTexts
from iocsl.validate.registry import On, registry

QUIETLY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FIELDS = {
    "tu_do": "{type: string}",
    "ca_nhan": "{type: string, du_lieu_ca_nhan: true}",
    "mau": "{type: string, constraints: {pattern: '[A-Z0-9 ]+'}}",
    "chon": "{type: string, constraints: {enum: [Đỏ, xanh, '1']}}",
    "dai": "{type: string, constraints: {minLength: 2, maxLength: 12}}",
    "cccd": "{type: string, format: cccd}",
    "gi_cung_duoc": "{type: any}",
}
PIECES = st.sampled_from(
    [
        *"abAZ09 .-",
        "Đỏ",
        "xanh",
        "MẬT",
        "mật",
        "TỐI MẬT",
        "MAÄT",
        "MËT",
        "M\u00ad",
        "\u24c2ẬT",
        "NỘI BỘ",
        "Hậu",
        "e\u0302",
        "\u200b",
        "\u00a0",
        "  ",
        "\t",
        "\n",
        "\r",
        "\x1f",
        "Ð",
        "ðường",
        "c\u00b8c",
        "tr\u00adêng",
        "\u0410",
        "β",
        "\uff21",
        "0912345678",
        "014200000001",
        "014 200 000 001",
        "a@b.vn",
        "#N/A",
        "",
        "stk 12345678",
        "²",
    ]
)
TEXTS = st.lists(PIECES, max_size=4).map("".join)


@QUIETLY
@given(st.lists(TEXTS, min_size=1, max_size=30, unique=True), st.sampled_from([None, "CQ-TC"]))
def test_the_findings_are_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    catalogue: Catalogue,
    texts: list[str],
    unit: str | None,
) -> None:
    folder = tmp_path_factory.mktemp("many")
    lines = ["name: t", "fields:", "  - {name: so, type: integer, constraints: {required: true}}"]
    lines += [f"  - {{name: {name}, {about[1:]}" for name, about in FIELDS.items()]
    (folder / "t.yaml").write_text("\n".join(lines), "utf-8")
    path = folder / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(";".join(["so", *FIELDS]) + "\r\n")
        for number, text in enumerate(texts):
            cell = '"' + text.replace('"', '""') + '"'
            stream.write(";".join([str(number), *[cell] * len(FIELDS)]) + "\r\n")
    asked: Any = {"schema": folder / "t.yaml", "unit": unit}
    found = []
    for many in (1, 1_000_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cell_checks, "MANY", many)
            found.append(list(check(path, catalogue, **asked).findings))
    assert found[0] == found[1]


@QUIETLY
@given(st.lists(TEXTS, min_size=1, max_size=30, unique=True))
def test_what_would_be_squeezed_is_told(texts: list[str]) -> None:
    from iocsl.text import squeeze

    told = ManyTexts.of(texts).untidy()
    assert [at for at, text in enumerate(texts) if squeeze(text) != text] == told


def test_rules_over_any_text_can_be_asked_of_many() -> None:
    assert all(rule.quick for rule in registry().cell if rule.on is On.TEXT)
