"""Sentences that say that nothing happened, and those that say something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from iocsl.catalog import Catalogue
from iocsl.validate.rules.nil import is_nil, nil_text
from validate_books import HEAD, book, prices


@pytest.mark.parametrize(
    "said",
    [
        "Kỳ này không phát sinh",
        "Kỳ này không phát sinh số liệu.",
        "Không có số liệu phát sinh",
        "Không có phát sinh",
        "Chưa phát sinh",
        "Trong tháng không phát sinh",
        "Quý này không có phát sinh",
        "Quý IV/2026 không phát sinh số liệu",
        "Tháng 10 năm 2026 không phát sinh",
        "Kỳ báo cáo này không phát sinh",
        "6 tháng đầu năm không phát sinh",
        "KPS",
    ],
)
def test_nothing_happened_in_a_row_and_in_a_cell(said: str) -> None:
    assert nil_text(["", said, ""]) == said
    assert is_nil(said)


@pytest.mark.parametrize(
    "said",
    [
        "Trong kỳ, đơn vị không phát sinh",
        "Đơn vị không phát sinh trong kỳ",
        "Trên địa bàn không phát sinh dịch bệnh",
        "Tháng này đơn vị chưa phát sinh",
        "Không phát sinh dịch bệnh trong tháng 10 năm 2026",
    ],
)
def test_a_whole_row_may_say_more(said: str) -> None:
    assert nil_text([said]) == said


@pytest.mark.parametrize(
    "said",
    [
        "Không có số liệu",
        "Chưa có số liệu",
        "Chưa cập nhật",
        "Kỳ này",
        "Kỳ này phát sinh",
        "Số phát sinh trong kỳ",
        "Không phát sinh: xem công văn kèm theo",
        "Không phát sinh 5 vụ nhưng còn 2 vụ cũ",
        "Không phát sinh trong kỳ, còn 5 vụ cũ",
        "Trong kỳ có 5 vụ, không phát sinh vụ mới",
        "Không phát sinh, riêng xã Chiềng Mai có dịch",
        "Chưa phát sinh 12 tỷ đồng",
        "Xã Chiềng Mai không phát sinh",
        "Doanh nghiệp chưa phát sinh doanh thu",
        "Nợ không phát sinh lãi",
    ],
)
def test_what_names_something_or_holds_a_figure_is_no_nil(said: str) -> None:
    assert nil_text([said]) is None
    assert not is_nil(said)


def test_a_form_with_that_row_alone_is_a_nil_return(tmp_path: Path, catalogue: Catalogue) -> None:
    report = prices(book(tmp_path / "a.xlsx", [HEAD, ["Kỳ này không phát sinh"]]), catalogue)
    assert report.valid
    assert [each.code for each in report.findings] == ["N901"]
