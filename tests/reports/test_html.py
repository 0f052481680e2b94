"""The page of a report: whole, escaped, usable without a mouse and without a network."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html

from hostile_reports import HOSTILE, hostile_report
from iocsl import text
from iocsl.cli import main
from iocsl.reports.html import html_lines
from iocsl.reports.wording import printable
from iocsl.validate.quality import Quality
from validate_books import HEAD, book


def _page(source: str) -> html.HtmlElement:
    return html.fromstring(source)


def test_nothing_of_the_file_becomes_markup() -> None:
    source = "\n".join(html_lines([hostile_report()]))
    page = _page(source)
    assert len(page.findall(".//script")) == 1
    assert not page.findall(".//img")
    assert not page.findall(".//boom")
    values = {bdi.text_content() for bdi in page.iter("bdi")}
    assert values == {printable(each) for each in HOSTILE}
    source.encode("utf-8")


def test_the_page_asks_for_nothing_from_outside() -> None:
    source = "\n".join(html_lines([hostile_report()]))
    page = _page(source)
    assert not page.xpath("//@src | //link | //@style | //@onclick")
    assert all(link.startswith("#") for link in page.xpath("//@href"))
    policy = page.xpath("//meta[@http-equiv]/@content")[0]
    assert policy.startswith("default-src 'none';")
    for tag in ("script", "style"):
        (found,) = re.findall(f"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("language", ["vi", "en"])
def test_landmarks_headings_and_captions(language: str) -> None:
    text.set_language(language)
    page = _page("\n".join(html_lines([hostile_report(), hostile_report()])))
    assert page.get("lang") == language
    assert len(page.findall(".//main")) == 1
    assert page.xpath("//body/*[1]/@href") == ["#noi-dung"]
    assert page.xpath("/html/body/nav//a/@href") == ["#tep-1", "#tep-2"]
    levels = [int(each.tag[1]) for each in page.xpath("//h1|//h2|//h3")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for table in page.iter("table"):
        assert table.find("caption") is not None
        assert all(cell.get("scope") for cell in table.iter("th"))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(page.xpath("//@aria-labelledby | //label/@for")) <= set(ids)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_all_of_it_is_reached_by_keyboard_and_has_a_name(language: str) -> None:
    text.set_language(language)
    page = _page("\n".join(html_lines([hostile_report(), hostile_report()])))
    # Links lead to what is there, each code of each file has one, and no two navs share a name.
    ids = set(page.xpath("//@id"))
    assert {link[1:] for link in page.xpath("//a/@href")} <= ids
    for article in page.iter("article"):
        groups = article.xpath("./section/@id")
        assert article.xpath("./nav//a/@href") == [f"#{each}" for each in groups]
    names = page.xpath("//nav/@aria-label")
    assert len(names) == len(page.xpath("//nav")) == 3
    # Controls are those of HTML, each in or under a label; none is taken out of the order of Tab.
    controls = page.xpath("//input | //select | //button | //textarea")
    labelled = set(page.xpath("//label/@for"))
    assert controls
    assert all(each.get("id") in labelled or each.xpath("ancestor::label") for each in controls)
    assert page.xpath("//fieldset/legend")
    assert page.xpath("//@tabindex") == ["-1"]
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert page.xpath("//form/@hidden"), "without its script the filter would do nothing"
    assert page.xpath("//output/@id") == ["dem"]


def test_what_is_critical_comes_first() -> None:
    page = _page("\n".join(html_lines([hostile_report()])))
    kinds = [each.get("class") for each in page.iter("section")]
    assert kinds == ["nhom error", "nhom warning", "nhom info"]
    assert len(page.xpath("//tr[@data-ma]")) == 3 * len(HOSTILE)


def test_the_command_writes_the_page(tmp_path: Path, catalogue: object) -> None:
    rows = [HEAD, ["KDL-M-016.099", "2026-10", "14", "1.5"]]
    path = book(tmp_path / "KDL-M-016_2026-10.xlsx", rows)
    out = tmp_path / "ket-qua.html"
    assert main(["validate", str(path), "--format", "html", "-o", str(out)]) == 1
    page = _page(out.read_text("utf-8"))
    assert page.xpath("//tr[@data-ma='V403']/th")[0].text == "Du_lieu!D2"


def test_the_file_under_check_is_never_overwritten(tmp_path: Path, catalogue: object) -> None:
    path = book(tmp_path / "KDL-M-016_2026-10.xlsx", [HEAD])
    before = path.read_bytes()
    assert main(["validate", str(path), "--format", "html", "-o", str(path)]) == 2
    assert path.read_bytes() == before


def test_quality_is_shown_where_it_can_be_told() -> None:
    figures = Quality(correct=99.5, complete=100.0, clean=87.3)
    page = "\n".join(html_lines([replace(hostile_report(), quality=figures)]))
    assert "đúng 99,5; đủ 100; sạch 87,3; sống –" in page
    assert "Chất lượng" not in "\n".join(html_lines([hostile_report()]))
