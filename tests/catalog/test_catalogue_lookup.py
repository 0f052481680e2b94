"""Look-ups: codes, units by id, name, alias and old code; what is said when there is none."""

from __future__ import annotations

import pytest

from iocsl.catalog import Catalogue
from iocsl.domain import ExitCode, PeriodType, Regime
from iocsl.errors import IocslError


def refusal(catalogue: Catalogue, text: str) -> IocslError:
    with pytest.raises(IocslError) as caught:
        catalogue.find_unit(text)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_dataset_by_code(catalogue: Catalogue) -> None:
    assert catalogue.dataset(" kdl-d-003 ").code == "KDL-D-003"
    with pytest.raises(IocslError) as caught:
        catalogue.dataset("KDL-M-16")
    assert caught.value.code == "unknown-dataset"
    assert caught.value.exit_code is ExitCode.CONFIGURATION
    assert caught.value.hint is not None
    assert "KDL-M-016" in caught.value.hint.vi


def test_filters(catalogue: Catalogue) -> None:
    assert len(catalogue.datasets()) == 463
    assert len(catalogue.datasets(regime=Regime.QD2023)) == 182
    assert len(catalogue.datasets(regime="QD1134", period_type=PeriodType.MONTH)) == 19
    assert len(catalogue.datasets(unit="D23-21")) == 24
    assert [each.code for each in catalogue.datasets(unit="CC-CDC")] == [
        f"IOC-14-{row:02d}" for row in range(5, 10)
    ]
    assert "KDL-E-077" in {each.code for each in catalogue.datasets(unit="CQ-NNMT")}
    codes = [each.code for each in catalogue.datasets()]
    assert codes == sorted(codes)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("CQ-TC", "CQ-TC"),
        ("cq-tc", "CQ-TC"),
        ("STC", "CQ-TC"),
        ("Tài chính", "CQ-TC"),
        ("tai chinh", "CQ-TC"),
        ("Sở KH&ĐT", "D23-02"),
        ("X-03646", "X-03646"),
        ("03646", "X-03646"),
        ("to hieu", "X-03646"),
        ("phường  Tô Hiệu", "X-03646"),
        ("UBND phường Chiềng An", "X-03664"),
        ("Mường É", "X-03727"),
        ("Yên Châu", "X-04075"),
        ("CDC tỉnh Sơn La", "CC-CDC"),
    ],
)
def test_a_unit_is_found(catalogue: Catalogue, text: str, id_: str) -> None:
    assert catalogue.find_unit(text).id == id_


def test_two_hits_are_named(catalogue: Catalogue) -> None:
    error = refusal(catalogue, "so tai chinh")
    assert error.code == "ambiguous-unit"
    assert "D23-03" in error.message.vi
    assert "CQ-TC" in error.message.vi


def test_no_hit_names_the_nearest(catalogue: Catalogue) -> None:
    error = refusal(catalogue, "Sở Tài chín")
    assert error.code == "unknown-unit"
    assert error.hint is not None
    assert "Sở Tài chính" in error.hint.vi


@pytest.mark.parametrize(
    ("text", "heirs"),
    [
        ("116", ["X-03646", "X-03664", "X-03670", "X-03679"]),
        ("Thành phố Sơn La", ["X-03646", "X-03664", "X-03670", "X-03679"]),
        ("UBND huyện Yên Châu", ["X-04075", "X-04078", "X-04087", "X-04096", "X-04099"]),
        ("03649", ["X-03646"]),
        ("X-03649", ["X-03646"]),
        ("Thị trấn Thuận Châu", ["X-03721"]),
        ("huyen moc chau", ["X-03979", "X-03980"]),
    ],
)
def test_old_units_are_explained(catalogue: Catalogue, text: str, heirs: list[str]) -> None:
    error = refusal(catalogue, text)
    assert error.code == "former-unit"
    assert error.hint is not None
    for heir in heirs:
        assert heir in error.hint.vi


def test_old_unit_without_known_heir(catalogue: Catalogue) -> None:
    error = refusal(catalogue, "Xã Huy Bắc")
    assert error.code == "former-unit"
    assert error.hint is not None
    assert "19/2025/QĐ-TTg" in error.hint.vi


def test_units_by_words(catalogue: Catalogue) -> None:
    found = [unit.id for unit in catalogue.search_units("yen chau", former=True)]
    assert found == ["X-04075", "HC-124", "XC-04060", "XC-04075"]
    assert [unit.id for unit in catalogue.search_units("yen chau")] == ["X-04075"]
    assert catalogue.search_units("") == catalogue.units()


def test_schema_and_documents(catalogue: Catalogue) -> None:
    assert catalogue.schema("chi_tieu")["name"] == "chi_tieu"
    assert catalogue.document("thoi_han")["muc"]
    assert catalogue.document("van_ban")["QD1134"]["ngay"] == "2026-05-13"
    for missing in (catalogue.schema, catalogue.document):
        with pytest.raises(IocslError):
            missing("khong_co")


def test_indicators(catalogue: Catalogue) -> None:
    dataset = catalogue.dataset("KDL-M-016")
    indicators = catalogue.indicators("KDL-M-016")
    assert tuple(each.code for each in indicators) == dataset.indicators
    assert dataset.indicators[0] == "KDL-M-016.001"
    assert catalogue.indicators("KDL-D-003") == []


def test_every_dataset_has_a_schema(catalogue: Catalogue) -> None:
    assert {each.schema for each in catalogue.datasets()} <= set(catalogue.schemas())
