"""The approval sheet: printed, signed by a program that knows only PDF, attached, verified."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import TimeStamper
from test_bundle_workflow import draft_of

from bundle_forge import (
    Forge,
    World,
    appointment,
    authority,
    certify,
    people,
    revocation_list,
    rsa_key,
    stamped,
    tsa,
)
from iocsl import clock
from iocsl.bundle import evidence, external, finishing, testtsa, workflow
from iocsl.bundle.container import manifest_name, sheet_name
from iocsl.bundle.external import folder_of, print_sheet
from iocsl.bundle.refusals import RefusedError
from iocsl.bundle.sheet.font import BOLD, REGULAR, font
from iocsl.bundle.sheet.layout import PRINTED
from iocsl.bundle.sheet.pdf import write_sheet
from iocsl.bundle.sheet.read import read_sheet
from iocsl.bundle.testkeys import TSA_FILE
from iocsl.bundle.timestamps import Stamper
from iocsl.bundle.trust import OFFICIAL
from iocsl.bundle.verify import verify
from iocsl.errors import IocslError
from iocsl.files import sha256_of
from iocsl.ledger.chain import Chain
from sheet_signing import CADES, IN_THE_FRAME, PKCS7, edited, forged, rewritten, signed, signer_of


@pytest.fixture
def world(home: Path) -> World:
    return World(home)


@pytest.fixture
def bundle(world: World, tmp_path: Path) -> Path:
    """A bundle that two people signed."""
    path = tmp_path / "goi.asice"
    one, two, _ = people()
    workflow.create(draft_of(tmp_path), one.signer(), path)
    workflow.act(path, 2, two.signer())
    return path


def sheet_of(bundle: Path, **options: Any) -> bytes:
    made = print_sheet(bundle, people()[2].asn1, **options)
    assert made.sheet is not None
    return made.sheet.read_bytes()


def attach(bundle: Path, raw: bytes) -> finishing.Done:
    path = bundle.with_name("da-ky.pdf")
    path.write_bytes(raw)
    return external.attach(bundle, path)


@pytest.mark.parametrize("kind", [CADES, PKCS7], ids=["PAdES", "adbe.pkcs7"])
@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_a_signed_sheet_is_the_third_step(
    world: World, bundle: Path, kind: SigSeedSubFilter, digest: str
) -> None:
    raw = signed(sheet_of(bundle), people()[2], kind=kind, digest=digest)
    done = attach(bundle, raw)
    assert (done.step, done.person.name) == (3, "THỬ NGHIỆM C")
    verdict = verify(bundle, world.policy)
    assert (verdict.verdict, verdict.refusals) == ("valid", [])
    assert verdict.steps[2].algorithm == f"ECDSA P-256 {digest[:3].upper()}-{digest[3:]}"
    assert not folder_of(bundle).exists()
    with ZipFile(bundle) as archive:
        assert archive.read(sheet_name(3)) == raw
    assert [entry.act for entry in Chain.open().entries()][-1] == "bundle.approve"


def test_every_step_may_be_a_sheet(world: World, tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    workflow.create_unsigned(draft_of(tmp_path), path)
    for holder in people():
        made = print_sheet(path, holder.asn1)
        assert made.sheet is not None
        attach(path, signed(made.sheet.read_bytes(), holder))
    assert verify(path, world.policy).verdict == "valid"


def test_a_key_signs_over_the_sheet_before_it(world: World, tmp_path: Path) -> None:
    path = tmp_path / "goi.asice"
    one, two, three = people()
    workflow.create_unsigned(draft_of(tmp_path), path)
    made = print_sheet(path, one.asn1)
    assert made.sheet is not None
    attach(path, signed(made.sheet.read_bytes(), one))
    workflow.act(path, 2, two.signer())
    workflow.act(path, 3, three.signer())
    assert verify(path, world.policy).verdict == "valid"
    with ZipFile(path) as archive:
        assert sheet_name(1).encode() in archive.read(manifest_name(3))


@pytest.mark.parametrize("pss", [False, True])
def test_rsa_signs_sheets_too(world: World, bundle: Path, pss: bool) -> None:
    from iocsl.bundle.signers.pkcs12 import pss_mechanism

    third = certify("THỬ NGHIỆM C", authority(), key=rsa_key())
    one, two, _ = people()
    world.appoint(*(appointment(each, (n,)) for n, each in enumerate((one, two, third), 1)))

    class Padded(signer_of(third).__class__):  # type: ignore[misc] # pyHanko has no types
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, signature_mechanism=pss_mechanism() if pss else None)

    made = print_sheet(bundle, third.asn1)
    assert made.sheet is not None
    attach(bundle, signed(made.sheet.read_bytes(), third, maker=Padded))
    verdict = verify(bundle, world.policy)
    assert verdict.verdict == "valid"
    assert ("PSS" in verdict.steps[2].algorithm) == pss


@pytest.mark.parametrize(
    "sign",
    [
        pytest.param(
            lambda raw, who: signed(raw, who, box=IN_THE_FRAME), id="picture in the frame"
        ),
        pytest.param(lambda raw, who: signed(rewritten(raw), who), id="file written anew"),
        pytest.param(
            lambda raw, who: signed(edited(raw, lambda writer: writer.update_root()), who),
            id="saved before it was signed",
        ),
    ],
)
def test_programs_may_go_their_own_ways(
    world: World, bundle: Path, sign: Callable[[bytes, Any], bytes]
) -> None:
    attach(bundle, sign(sheet_of(bundle), people()[2]))
    assert verify(bundle, world.policy).verdict == "valid"


def test_what_keeps_the_signature_verifiable_may_be_added(world: World) -> None:
    """A revision with revocation data (PAdES-LT) changes nothing of what was signed."""
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    def with_store(raw: bytes) -> bytes:
        out = io.BytesIO(raw)
        crl = revocation_list(authority())
        DocumentSecurityStore.add_dss(out, None, certs=[people()[2].asn1], crls=[crl])
        return out.getvalue()

    forge = forged(world, people()[2], after=with_store)
    path = world.home / "goi.asice"
    path.write_bytes(forge.packed())
    assert forge.members[sheet_name(3)].count(b"%%EOF") == 3
    assert verify(path, world.policy).verdict == "valid"


def test_a_return_on_a_sheet(world: World, bundle: Path) -> None:
    raw = sheet_of(bundle, reason="Sai số dòng 3")
    assert attach(bundle, signed(raw, people()[2])).act == finishing.RETURN
    assert [each.code for each in verify(bundle, world.policy).refusals] == ["B807"]


def test_an_official_sheet_needs_its_time_stamp(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pending until it is added, into the room that the PDF's signature has left."""
    world = World(home, OFFICIAL)
    world.trust.add_revocation_list(revocation_list(authority()), OFFICIAL)
    keys = tmp_path / "khoa"
    world.ask_for_stamps(keys)
    path = tmp_path / "goi.asice"
    workflow.create_unsigned(draft_of(tmp_path), path)
    for holder in people()[:2]:
        made = print_sheet(path, holder.asn1)
        assert made.sheet is not None
        done = attach(path, signed(made.sheet.read_bytes(), holder, room=16384))
        assert done.pending is None
    (keys / TSA_FILE).rename(keys / "cat-di")
    raw = signed(sheet_of(path), people()[2], room=16384)
    assert attach(path, raw).pending is not None
    verdict = verify(path, world.policy)
    assert (verdict.verdict, [each.code for each in verdict.refusals]) == ("undecided", ["B701"])
    (keys / "cat-di").rename(keys / TSA_FILE)
    assert workflow.stamp(path) == 3
    assert verify(path, world.policy).verdict == "valid"
    with ZipFile(path) as archive:
        stamped = archive.read(sheet_name(3))
    assert (len(stamped), stamped == raw) == (len(raw), False)


def test_a_sheet_without_room_for_a_time_stamp(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge = forged(World(home), people()[2], sign=lambda raw, who: signed(raw, who, room=16384))
    stamper = Stamper("x", lambda *_: b"")
    monkeypatch.setattr(Stamper, "token", lambda *_: b"\x30\x82\x40\x00" + bytes(16384))
    raw, manifest = forge.members[sheet_name(3)], forge.members[manifest_name(3)]
    with pytest.raises(IocslError) as refused:
        evidence.stamped(sheet_name(3), raw, manifest, 3, stamper)
    assert refused.value.code == "no-room-for-timestamp"


def test_a_sheet_without_room_is_not_taken_in(world: World, bundle: Path, tmp_path: Path) -> None:
    """It could never get its time-stamp: told while the head can still sign again."""
    raw = signed(sheet_of(bundle), people()[2])
    world.ask_for_stamps(tmp_path / "khoa")
    before = sha256_of(bundle)
    with pytest.raises(IocslError) as refused:
        attach(bundle, raw)
    assert (refused.value.code, refused.value.exit_code) == ("no-room-for-timestamp", 2)
    assert sha256_of(bundle) == before


def test_a_time_stamp_of_the_signing_program_counts(home: Path, tmp_path: Path) -> None:
    world = World(home, OFFICIAL)
    world.trust.add_revocation_list(revocation_list(authority()), OFFICIAL)

    class Asked(TimeStamper):
        async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
            given = (req.dump(), tsa().signer(), clock.record_now())
            return tsp.TimeStampResp.load(await asyncio.to_thread(testtsa.answer, *given))

    def sign(raw: bytes, holder: Any) -> bytes:
        return signed(raw, holder, stamper=Asked())  # type: ignore[no-untyped-call] # pyHanko left it bare

    forge = Forge().sign(1, cms=stamped).sign(2, cms=stamped)
    path = tmp_path / "goi.asice"
    path.write_bytes(forged(world, people()[2], forge=forge, sign=sign).packed())
    verdict = verify(path, world.policy)
    assert (verdict.verdict, verdict.refusals) == ("valid", [])
    assert verdict.steps[2].timestamp is not None
    assert verdict.verdict == "valid"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda raw: raw, "sheet-not-signed"),
        (lambda raw: signed(raw, people()[1]), "wrong-role"),
        (lambda raw: b"chu ky", "not-the-sheet"),
        (lambda raw: signed(raw, people()[2])[:-300], "sheet-unreadable"),
    ],
)
def test_a_bad_sheet_changes_nothing(
    world: World, bundle: Path, make: Callable[[bytes], bytes], code: str
) -> None:
    before, raw = sha256_of(bundle), make(sheet_of(bundle))
    with pytest.raises(IocslError) as refused:
        attach(bundle, raw)
    assert refused.value.code == code
    assert sha256_of(bundle) == before


def test_a_sheet_where_a_signature_was_exported(world: World, bundle: Path) -> None:
    raw = signed(sheet_of(bundle), people()[2])
    external.export(bundle, people()[2].asn1)
    with pytest.raises(IocslError) as refused:
        attach(bundle, raw)
    assert refused.value.code == "no-sheet-printed"


def test_who_may_not_sign_gets_no_sheet(world: World, bundle: Path) -> None:
    with pytest.raises(IocslError) as refused:
        print_sheet(bundle, people()[1].asn1)
    assert refused.value.code == "wrong-role"


def facts(many: int = 0, *, long: str = "") -> dict[str, Any]:
    """What a sheet says: nothing special, or as much as there can be."""
    item = f"X101 Tăng 250% so với kỳ trước {long}"
    return {
        "schema": "iocsl/sheet/1",
        "manifest": "META-INF/ASiCManifest003.xml",
        "sha256": "0123456789abcdef" * 4,
        "step": 3,
        "role": "approved",
        "decision": "tra-lai" if long else "dong-y",
        "reason": f"Sai {long}" if long else None,
        "person": f"Tòng Thị Phương Khuyên {long}".strip(),
        "instead_of": long or None,
        "certificate": "ab" * 32,
        "identity": "fedcba9876543210" * 4,
        "unit": {"code": "CQ-TC", "name": f"Sở Tài chính {long}".strip()},
        "dataset": {"code": "KDL-M-016", "name": f"Thu ngân sách {long}".strip()},
        "period": "2026-10",
        "sequence": 2 if long else 1,
        "supersedes": "a" * 64 if long else None,
        "files": [
            {"name": f"{number} {long}.xlsx", "size": 12345678, "attached": number > 0}
            for number in range(many + 1)
        ],
        "rows": 3 + many * 1000,
        "figures": [
            {
                "code": f"KDL-M-016.{number:03}",
                "name": f"Tổng thu {long}".strip(),
                "unit": "triệu đồng",
                "total": "12.500.345,75",
                "rows": 12,
            }
            for number in range(many + 3)
        ],
        "findings": {"error": 0, "warning": many, "info": many},
        "warnings": [item] * many,
        "answers": [item] * many,
        "signed": [
            {
                "step": step,
                "person": f"Lò Văn Ượng {long}".strip(),
                "instead_of": long or None,
                "signed_at": "08:00 22/11/2026",
            }
            for step in (1, 2)
        ],
    }


LONG = "Ủy ban nhân dân xã Mường Giôn thuộc tỉnh Sơn La, Ờ Ỡ Ợ ẫ ữ ặ Đ " * 6


@pytest.mark.parametrize(
    "found", [facts(), facts(200), facts(200, long=LONG), facts(1, long="x" * 900)], ids=range(4)
)
def test_everything_stands_on_one_page(found: dict[str, Any]) -> None:
    """No line leaves the printed part, and so none reaches into the frame for the stamp."""
    reader = PdfFileReader(io.BytesIO(write_sheet(found)))
    page = reader.root["/Pages"]["/Kids"][0]
    content = page["/Contents"].data.decode()
    for style, size, x, y, glyphs in re.findall(
        r"BT /(\w+) ([\d.]+) Tf ([\d.]+) ([\d.]+) Td <(\w*)> Tj ET", content
    ):
        numbers = [int(glyphs[start : start + 4], 16) for start in range(0, len(glyphs), 4)]
        width = sum(font(style).widths[number] for number in numbers) * float(size) / 1000
        assert PRINTED[0] <= float(x)
        assert float(x) + width <= PRINTED[2]
        assert PRINTED[1] < float(y) < PRINTED[3] or "phần mềm" in text_of(glyphs)
    code = re.findall(r"([\d.]+) ([\d.]+) [\d.]+ [\d.]+ re f", content)
    assert min(float(y) for _, y in code) > PRINTED[1]


def text_of(glyphs: str) -> str:
    by_glyph = {glyph: chr(code) for code, glyph in font(REGULAR).glyphs.items()}
    numbers = [int(glyphs[start : start + 4], 16) for start in range(0, len(glyphs), 4)]
    return "".join(by_glyph.get(number, "?") for number in numbers)


@pytest.mark.parametrize("style", [REGULAR, BOLD])
def test_the_fonts_have_every_vietnamese_letter(style: str) -> None:
    marks = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
    letters = marks + marks.upper() + "–“”…₫"
    assert not [char for char in letters if ord(char) not in font(style).glyphs]


def test_what_is_printed_for_given_facts_never_changes() -> None:
    """Signed sheets are compared with this for years: another layout is another schema."""
    reader = PdfFileReader(io.BytesIO(write_sheet(facts(20, long="dài"))))
    page = reader.root["/Pages"]["/Kids"][0]
    drawn = hashlib.sha256(page["/Contents"].data).hexdigest()
    fonts = [hashlib.sha256(font(style).raw).hexdigest()[:16] for style in (REGULAR, BOLD)]
    assert (drawn, *fonts) == PINNED
    assert write_sheet(facts(20)) == write_sheet(facts(20))


PINNED = (
    "f0ba7524e526921ae0b54d7a4ef7c333d7c059cc4762787b9c68d9844396b2da",
    "fcacfe9f30e4f518",
    "fd5c6975bb2e0205",
)


def test_signed_sheets_have_no_crash_in_them(world: World, tmp_path: Path) -> None:
    """Whatever is done to the bytes: refused for a reason, or whole."""
    import random

    forge = forged(world, people()[2])
    raw, manifest = forge.members[sheet_name(3)], forge.members[manifest_name(3)]
    digest = hashlib.sha256(manifest).hexdigest()
    dice = random.Random(20261122)  # noqa: S311 - the same dice in every run
    refused = 0
    for _ in range(60):
        bent = bytearray(raw)
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(bent)) if dice.random() < 0.3 else -dice.randrange(1, 6000)
            bent[place] = dice.randrange(256)
        try:
            read_sheet(bytes(bent), digest, 3)
        except RefusedError:
            refused += 1
    assert refused > 50


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler-utils is not installed here")
@pytest.mark.parametrize("stamps", [False, True])
def test_pdfsig_agrees(world: World, bundle: Path, tmp_path: Path, stamps: bool) -> None:
    """Another PDF program finds the signature good, over the whole file, also once stamped."""
    if stamps:
        world.ask_for_stamps(tmp_path / "khoa")
    attach(bundle, signed(sheet_of(bundle), people()[2], box=IN_THE_FRAME, room=16384))
    assert bool(verify(bundle, world.policy).steps[2].timestamp) == stamps
    with ZipFile(bundle) as archive:
        (tmp_path / "phieu.pdf").write_bytes(archive.read(sheet_name(3)))
    done = subprocess.run(
        ["pdfsig", "-nocert", "phieu.pdf"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Signature is Valid." in done.stdout, done
    assert "Total document signed" in done.stdout
    assert "THỬ NGHIỆM C" in done.stdout


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed here")
def test_other_programs_read_the_words(tmp_path: Path) -> None:
    (tmp_path / "phieu.pdf").write_bytes(write_sheet(facts()))
    done = subprocess.run(
        ["pdftotext", "-layout", "phieu.pdf", "-"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert "Tòng Thị Phương Khuyên" in done.stdout
    assert "0123 4567 89ab cdef 0123 4567 89ab cdef" in done.stdout
    assert done.stdout.count("\f") == 1


def test_the_command_prints_and_attaches(
    world: World, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from iocsl.cli import main

    pem = tmp_path / "thu-truong.pem"
    pem.write_bytes(people()[2].certificate.public_bytes(serialization.Encoding.PEM))
    target = tmp_path / "phieu.pdf"
    options = ["--certificate", str(pem), "-o", str(target), "--format", "json"]
    assert main(["bundle", "sheet", str(bundle), *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["step"], told["sheet"]) == (3, str(target))
    target.write_bytes(signed(target.read_bytes(), people()[2]))
    assert main(["bundle", "attach", str(bundle), str(target)]) == 0
    assert main(["bundle", "verify", str(bundle)]) == 0
    assert main(["bundle", "sheet", str(bundle), "--certificate", str(pem), "-o", "x.doc"]) == 2
    assert ".pdf" in capsys.readouterr().err


def test_nothing_is_said_behind_the_users_back(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The PDF library's own log stays out of the way."""

    def add(writer: Any) -> None:
        writer.root["/Them"] = pdf_name("/Them")
        writer.update_root()

    (tmp_path / "goi.asice").write_bytes(
        forged(world, people()[2], after=lambda raw: edited(raw, add)).packed()
    )
    script = (
        "import sys; from pathlib import Path; from iocsl.bundle.verify import Policy, verify;"
        "print(verify(Path(sys.argv[1]), Policy.from_home(Path(sys.argv[2]))).refusals[0].code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "goi.asice"), str(world.home)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == ("B411", "")
