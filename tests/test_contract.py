"""What every command prints as JSON has the shape that `docs/schemas/` publishes."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

from iocsl import cli
from iocsl.commands.frame import DEFAULT_FORMATS
from iocsl.console.schemas import DOCUMENTS, OUTPUTS
from iocsl.demo.figures import fill
from iocsl.demo.scenario import payload_of

ROOT = Path(__file__).parent.parent


@cache
def schema(name: str) -> Any:
    return json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text("utf-8"))


def fits(document: Any, name: str) -> None:
    jsonschema.validate(document, schema(name))


def fitting(capsys: pytest.CaptureFixture[str], words: str, *more: str, code: int = 0) -> Any:
    """What a command prints, which fits the schema that is published for it."""
    asked = words.split()
    name = max((each for each in OUTPUTS if words.startswith(each)), key=len)
    document = ask(capsys, *asked, *more, code=code)
    fits(document, OUTPUTS[name])
    return document


def ask(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    """One JSON document on stdout, and nothing else there."""
    assert cli.main([*arguments, "--format", "json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_catalogue(capsys: pytest.CaptureFixture[str], language: str) -> None:
    entries = ask(capsys, "catalog", "list", "--lang", language)
    fits(entries, "catalog-list")
    assert len(entries) == 463
    assert sum(entry["status"] == "needs_review" for entry in entries) == 49
    assert all(bool(entry["defects"]) == (entry["status"] == "needs_review") for entry in entries)


@pytest.mark.parametrize("by", ["rule", "dataset", "unit"])
def test_deadlines(capsys: pytest.CaptureFixture[str], by: str) -> None:
    window = ("--from", "2026-09-01", "--to", "2026-12-31")
    found = ask(capsys, "deadlines", "--by", by, *window)
    fits(found, "deadlines")
    assert found == sorted(found, key=lambda one: (one["due_before"], one["id"]))


def test_refusals(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in (
        (("catalog", "show", "KDL-M-999"), 3),
        (("deadlines", "--period", "2026-Q5"), 2),
        (("deadlines", "--unit", "Sở Không Có"), 2),
        (("validate", "khong-co.xlsx"), 2),
        (("bundle", "verify", "khong-co.asice"), 2),
        (("why", "Z999"), 2),
    ):
        document = ask(capsys, *arguments, code=code)
        fits(document, "error")
        assert document["error"]["exit_code"] == code


def _refusals() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((ROOT / "src" / "iocsl").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"usage", "IocslError"}
                and not any(isinstance(each, ast.Starred) for each in node.args)
            ):
                yield f"{path.name}:{node.lineno}", node


def test_every_refusal_says_what_to_do_next() -> None:
    found = dict(_refusals())
    assert len(found) > 200
    without = [
        place
        for place, call in found.items()
        if len(call.args) < 4 and "hint" not in {each.arg for each in call.keywords}
    ]
    assert without == []


def test_validation_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = tmp_path / "mau.xlsx"
    good, bad = tmp_path / "KDL-M-016_2026-10.xlsx", tmp_path / "sai.xlsx"
    made = ("--unit", "CQ-TC", "--period", "2026-10", "-o", str(template))
    assert cli.main(["catalog", "template", "KDL-M-016", *made]) == 0
    capsys.readouterr()
    fill(template, good, faulty=False)
    fill(template, bad, faulty=True)
    one = ask(capsys, "validate", str(good))
    fits(one, "validation-report")
    assert one["valid"]
    assert one["findings"] == []
    several = ask(capsys, "validate", str(bad), str(good), code=1)
    assert [report["file"]["name"] for report in several] == [bad.name, good.name]
    for report in several:
        fits(report, "validation-report")
    assert not several[0]["valid"]
    assert several[0]["counts"]["error"] == 4
    assert cli.main(["validate", str(bad), str(good), "--format", "ndjson"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["file"]["name"] for line in lines] == [bad.name, good.name]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The demo's own story and folder, made once by the command itself."""
    folder = tmp_path_factory.mktemp("demo") / "giu"
    done = subprocess.run(
        [sys.executable, "-m", "iocsl", "demo", "--keep", str(folder), "--format", "json"],
        capture_output=True,
        check=True,
    )
    story: dict[str, Any] = json.loads(done.stdout)
    return story


def test_the_demo_ends_with_two_receipts(played: dict[str, Any]) -> None:
    payloads = [payload_of(receipt) for receipt in played["receipts"]]
    for payload in payloads:
        fits(payload, "receipt")
    assert [payload["kind"] for payload in payloads] == ["received", "landed"]
    assert [payload["test"] for payload in payloads] == [True, True]
    codes = [step["exit_code"] for step in played["steps"]]
    assert sorted(set(codes)) == [0, 1]
    assert codes.count(1) == 1


def test_what_the_demo_leaves(
    played: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path(played["folder"])
    monkeypatch.setenv("IOCSL_HOME", str(folder / "nha-don-vi"))
    bundle = str(folder / "goi.asice")
    verdict = ask(capsys, "bundle", "verify", bundle)
    fits(verdict, "bundle-verify")
    assert verdict["verdict"] == "valid"
    status = ask(capsys, "status")
    fits(status, "status")
    assert [row["state"] for row in status["outbox"]] == ["landed"]
    submitted = ask(capsys, "submit", bundle)
    fits(submitted, "submit")
    assert submitted[0]["receipts"] == played["receipts"]

    broken = tmp_path / "hong.asice"
    shutil.copyfile(bundle, broken)
    with broken.open("r+b") as stream:
        stream.seek(200)
        stream.write(b"\x00\x00")
    verdict = ask(capsys, "bundle", "verify", str(broken), code=4)
    fits(verdict, "bundle-verify")
    assert verdict["verdict"] == "invalid"
    assert verdict["refusals"]


def _printing(of: click.Command, name: str = "") -> Iterator[str]:
    """Every command below one that has a result, and can print it as JSON."""
    if isinstance(of, click.Group):
        context = click.Context(of)
        for child in of.list_commands(context):
            found = of.get_command(context, child)
            assert found is not None
            yield from _printing(found, f"{name} {child}".strip())
        if not of.invoke_without_command:
            return
    if "json" in getattr(of.callback, "formats", DEFAULT_FORMATS):
        yield name


def test_every_result_has_a_published_schema() -> None:
    # The server's result is what it answers over HTTP; it publishes that itself.
    assert set(_printing(cli.build())) - {"warehouse serve"} == set(OUTPUTS)
    assert set(OUTPUTS.values()) <= set(DOCUMENTS)
    published = {path.stem for path in (ROOT / "docs" / "schemas").glob("*.json")}
    assert published == set(DOCUMENTS)


def test_what_is_known_fits_its_schemas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (
        "catalog show KDL-M-016",
        "catalog units --former",
        "catalog lint",
        "catalog contacts show --unit CQ-TC",
        "catalog overlay list",
        "catalog request list",
        "catalog window list",
        "catalog template KDL-M-016 --unit CQ-TC --period 2026-10 -o mau.csv",
        "catalog schema infer mau.csv -o mau.yaml",
        "deadlines explain 2023.lead/2026-10",
        "deadlines override 2023.lead/2026-10 --closes 2026-10-28T17:00 --document 1 --reason x",
        "calendar show 2026",
        "calendar check",
        "calendar diff 2026",
        "calendar add 2026-12-07 --off --status proposed",
        "calendar add 2026-12-08 --off --document 1/TB --swapped-with 2026-12-12",
        "event add --dataset KDL-E-003 --unit CQ-VPUBND --changed-at 2026-11-20T08:00",
        "event list",
        "rules",
        *(f"why {x}" for x in ("C301", "B101", "2023.lead", "2023.tk.row", "2026-11-23", "late")),
        "audit show",
        "audit verify",
        "trust list",
        "signers list",
        "signers check",
        "config",
        "doctor --offline",
    ):
        fitting(capsys, words)
    fitting(capsys, "deadlines check --at 2026-10-30T08:00", code=11)


def test_what_was_done_fits_its_schemas(
    played: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fits(played, OUTPUTS["demo"])
    folder, home = Path(played["folder"]), tmp_path / "nha-2"
    shutil.copytree(folder / "nha-don-vi", home)
    monkeypatch.setenv("IOCSL_HOME", str(home))
    monkeypatch.chdir(folder)
    people, store = folder / "khoa-thu", ("--store", str(folder / "kho"))
    fitting(capsys, "bundle show goi.asice")
    assert len(fitting(capsys, "bundle verify goi.asice goi-kin.p7m")) == 2
    fitting(capsys, "bundle decrypt goi-kin.p7m", "-o", str(tmp_path / "mo.asice"))
    fitting(capsys, "bundle encrypt goi.asice", "-o", str(tmp_path / "kin.p7m"))
    external = ("--key", "external", "--not-secret", "-o", str(tmp_path / "ngoai.asice"))
    (data,) = folder.glob("KDL-M-016*.xlsx")
    made = fitting(capsys, "bundle create", str(data), "--unit", "CQ-TC", *external)
    assert (made["step"], made["decision"]) == (0, None)
    assert len(fitting(capsys, "signers list")) == 3
    assert fitting(capsys, "trust list")
    fitting(capsys, "trust update", str(people / "thu-hoi.crl"))
    assert fitting(capsys, "audit show")
    for words in ("units", "keys", "check", "report", "export", "requests", "accounts list"):
        fitting(capsys, f"warehouse {words}", *store)
    fitting(capsys, "submit --connect tai-khoan.json")
    assert fitting(capsys, "quality")
