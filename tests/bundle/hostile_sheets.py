"""Bundles whose third step is a signed sheet that must not count."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hostile import hostile
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields

from bundle_forge import (
    Forge,
    Holder,
    World,
    appointment,
    authority,
    certify,
    people,
    revocation_list,
    rsa_key,
)
from iocsl import clock
from iocsl.bundle.container import manifest_name, sheet_name, signature_name
from iocsl.bundle.sheet.pdf import write_sheet
from iocsl.bundle.trust import TEST
from sheet_signing import ON_THE_TEXT, PKCS7, Careless, edited, facts_for, forged, rewritten, signed

Edit = Callable[[IncrementalPdfFileWriter], Any]


def head() -> Holder:
    return people()[2]


def before_signing(world: World, edit: Edit) -> bytes:
    """Someone prepares the PDF, and the head signs it as it is."""
    return forged(world, head(), printed=lambda raw: edited(raw, edit)).packed()


def after_signing(world: World, edit: Edit) -> bytes:
    return forged(world, head(), after=lambda raw: edited(raw, edit)).packed()


def appointed(world: World, third: Holder) -> Holder:
    one, two, _ = people()
    world.appoint(*(appointment(each, (n,)) for n, each in enumerate((one, two, third), 1)))
    return third


def page_of(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    page = writer.root["/Pages"]["/Kids"][0]
    assert isinstance(page, generic.DictionaryObject)
    return page


def changed(writer: IncrementalPdfFileWriter, found: Any) -> None:
    writer.update_container(found)


@hostile("B413")
def sheet_of_another_bundle(world: World) -> bytes:
    other = Forge(sequence=2).sign(1).sign(2)
    other.sign(3)
    facts = facts_for(world, other, 3, other.members[manifest_name(3)])
    return forged(world, head(), facts=lambda _: facts).packed()


@hostile("B413")
def sheet_of_another_step(world: World) -> bytes:
    other = Forge().sign(1).sign(2)
    facts = facts_for(world, other, 2, other.members[manifest_name(2)])
    return forged(world, head(), facts=lambda _: facts).packed()


@hostile("B413")
def sheet_with_another_digest(world: World) -> bytes:
    return forged(world, head(), facts=lambda facts: {**facts, "sha256": "0" * 64}).packed()


@hostile("B413")
def some_other_pdf(world: World) -> bytes:
    def without(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/Names"]["/EmbeddedFiles"]["/Names"] = generic.ArrayObject()
        writer.update_root()

    return before_signing(world, without)


def with_text(writer: IncrementalPdfFileWriter, bend: Callable[[bytes], bytes]) -> None:
    """The page's content, bent; the facts that travel in the file stay true."""
    content = page_of(writer)["/Contents"]
    stream = generic.StreamObject(stream_data=bend(content.data))
    page_of(writer)["/Contents"] = writer.add_object(stream)
    changed(writer, page_of(writer))


@hostile("B414")
def sheet_with_its_digest_text_changed(world: World) -> bytes:
    """The third line from below in the digest's block is written with other glyphs."""

    def bend(raw: bytes) -> bytes:
        lines = re.findall(rb"11 Tf [^\n]*<([0-9a-f]+)> Tj", raw)
        return raw.replace(lines[1], lines[2])

    return before_signing(world, lambda writer: with_text(writer, bend))


@hostile("B414")
def sheet_with_a_line_added(world: World) -> bytes:
    return before_signing(
        world, lambda writer: with_text(writer, lambda raw: raw + b"0 0 9 9 re f")
    )


@hostile("B414")
def sheet_with_false_figures(world: World) -> bytes:
    """Text and facts agree with one another, and not with the bundle."""
    return forged(world, head(), facts=lambda facts: {**facts, "rows": 999}).packed()


@hostile("B414")
def sheet_that_hides_a_warning(world: World) -> bytes:
    def warned(document: dict[str, Any]) -> dict[str, Any]:
        (report,) = document["reports"]
        finding = {"code": "X101", "severity": "warning", "message": "Tăng 10 lần"}
        return {**document, "reports": [{**report, "findings": [finding]}]}

    forge = Forge().fill(report=warned).sign(1).sign(2)
    return forged(
        world, head(), forge=forge, facts=lambda facts: {**facts, "warnings": []}
    ).packed()


@hostile("B414")
def sheet_turned_on_its_head(world: World) -> bytes:
    def turn(writer: IncrementalPdfFileWriter) -> None:
        page_of(writer)["/Rotate"] = generic.NumberObject(180)
        changed(writer, page_of(writer))

    return before_signing(world, turn)


@hostile("B414")
def sheet_with_other_letters(world: World) -> bytes:
    """The same glyph numbers in another font would read otherwise."""

    def swap(writer: IncrementalPdfFileWriter) -> None:
        found = page_of(writer)["/Resources"]["/Font"]
        regular, bold = found.raw_get("/Regular"), found.raw_get("/Bold")
        found["/Regular"], found["/Bold"] = bold, regular
        changed(writer, page_of(writer))

    return before_signing(world, swap)


@hostile("B411")
def sheet_updated_after_signing(world: World) -> bytes:
    return after_signing(
        world, lambda writer: with_text(writer, lambda raw: raw.replace(b"re f", b"re S", 1))
    )


@hostile("B411")
def sheet_with_an_entry_added_after_signing(world: World) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/Them"] = pdf_name("/Them")
        writer.update_root()

    return after_signing(world, add)


@hostile("B411")
def sheet_with_bytes_behind_it(world: World) -> bytes:
    return forged(world, head(), after=lambda raw: raw + b"\n\n").packed()


@hostile("B411")
def sheet_signed_with_a_hole(world: World) -> bytes:
    """The signed range leaves out more than the signature itself."""

    def widen(raw: bytes) -> bytes:
        found = re.search(rb"/ByteRange \[\s*0 (\d+) (\d+) (\d+)", raw)
        assert found is not None
        smaller = b"%d" % (int(found[1]) - 7)
        assert len(smaller) == len(found[1])
        return raw[: found.start(1)] + smaller + raw[found.end(1) :]

    return forged(world, head(), after=widen).packed()


@hostile("B407")
def sheet_with_a_byte_flipped(world: World) -> bytes:
    def flip(raw: bytes) -> bytes:
        place = raw.index(b"/Producer (iocsl)") + 12
        return raw[:place] + b"X" + raw[place + 1 :]

    return forged(world, head(), after=flip).packed()


@hostile("B403")
def sheet_with_two_signatures(world: World) -> bytes:
    return forged(world, head(), after=lambda raw: signed(raw, people()[1], name="Hai")).packed()


@hostile("B403")
def sheet_not_signed(world: World) -> bytes:
    return forged(world, head(), sign=lambda raw, _: raw).packed()


@hostile("B412")
def sheet_with_a_program(world: World) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        program = pdf_string("app.alert(1)")
        script = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): program}
        writer.root["/OpenAction"] = generic.DictionaryObject(script)
        writer.update_root()

    return before_signing(world, add)


@hostile("B412")
def sheet_with_an_indirect_program(world: World) -> bytes:
    """The kind of the action stands elsewhere in the file, under a key of no meaning."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        kind = writer.add_object(pdf_name("/Launch"))
        writer.root["/Them"] = generic.DictionaryObject({pdf_name("/S"): kind})
        writer.update_root()

    return before_signing(world, add)


def annotated(writer: IncrementalPdfFileWriter, kind: str, **entries: Any) -> None:
    rect = generic.ArrayObject([generic.NumberObject(each) for each in ON_THE_TEXT])
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name(kind),
            pdf_name("/Rect"): rect,
            **{pdf_name(f"/{key}"): value for key, value in entries.items()},
        }
    )
    page_of(writer)["/Annots"] = generic.ArrayObject([writer.add_object(note)])
    changed(writer, page_of(writer))


@hostile("B412")
def sheet_covered_by_a_note(world: World) -> bytes:
    text = pdf_string("Số liệu khác")
    return before_signing(world, lambda writer: annotated(writer, "/FreeText", Contents=text))


@hostile("B412")
def sheet_that_starts_a_program(world: World) -> bytes:
    launch = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/Launch"), pdf_name("/F"): pdf_string("cmd.exe")}
    )
    return before_signing(world, lambda writer: annotated(writer, "/Link", A=launch))


@hostile("B412")
def sheet_with_a_text_field(world: World) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        field = generic.DictionaryObject(
            {pdf_name("/FT"): pdf_name("/Tx"), pdf_name("/T"): pdf_string("o")}
        )
        form = {pdf_name("/Fields"): generic.ArrayObject([writer.add_object(field)])}
        writer.root["/AcroForm"] = generic.DictionaryObject(form)
        writer.update_root()

    return before_signing(world, add)


@hostile("B412")
def sheet_of_two_pages(world: World) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        kids = writer.root["/Pages"]["/Kids"]
        kids.append(writer.add_object(generic.DictionaryObject(page_of(writer))))
        writer.root["/Pages"]["/Count"] = generic.NumberObject(2)
        changed(writer, kids)

    return before_signing(world, add)


@hostile("B412")
def stamp_over_the_figures(world: World) -> bytes:
    return forged(
        world, head(), sign=lambda raw, holder: signed(raw, holder, box=ON_THE_TEXT)
    ).packed()


@hostile("B412")
def sheet_with_an_empty_field_over_the_figures(world: World) -> bytes:
    """A second place for a signature, whose picture hides what was printed."""

    def add(writer: IncrementalPdfFileWriter) -> None:
        spec = fields.SigFieldSpec("Khac", box=ON_THE_TEXT)
        fields.append_signature_field(writer, spec)

    return before_signing(world, add)


@hostile("B412")
def sheet_with_layers(world: World) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/OCProperties"] = generic.DictionaryObject()
        writer.update_root()

    return before_signing(world, add)


@hostile("B413")
def sheet_that_carries_another_file(world: World) -> bytes:
    def add(writer: IncrementalPdfFileWriter) -> None:
        names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
        names.append(pdf_string("them.exe"))
        names.append(names.raw_get(1))
        changed(writer, names)

    return before_signing(world, add)


@hostile("B410")
def sheet_encrypted(world: World) -> bytes:
    def lock(raw: bytes) -> bytes:
        return rewritten(raw, lambda writer: writer.encrypt("", "x"))

    return forged(world, head(), after=lock).packed()


@hostile("B410")
def sheet_cut_short(world: World) -> bytes:
    return forged(world, head(), after=lambda raw: raw[: len(raw) // 2]).packed()


@hostile("B410")
def sheet_is_no_pdf(world: World) -> bytes:
    return forged(world, head(), after=lambda _: b"\xff\xd8 anh chup chu ky tay").packed()


@hostile("B410")
def sheet_is_a_bomb(world: World) -> bytes:
    def bomb(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=b"\0" * (5 << 20))
        stream.compress()
        page_of(writer)["/Contents"] = writer.add_object(stream)
        changed(writer, page_of(writer))

    return before_signing(world, bomb)


@hostile("B501")
def sheet_signed_over_sha1(world: World) -> bytes:
    return forged(
        world, head(), sign=lambda raw, holder: signed(raw, holder, digest="sha1")
    ).packed()


@hostile("B501")
def sheet_of_the_sha1_format(world: World) -> bytes:
    def rename(raw: bytes) -> bytes:
        return raw.replace(b"/adbe.pkcs7.detached", b"/adbe.pkcs7.sha1    ")

    return forged(
        world, head(), sign=lambda raw, holder: rename(signed(raw, holder, kind=PKCS7))
    ).packed()


@hostile("B503")
def sheet_of_an_unknown_format(world: World) -> bytes:
    def rename(raw: bytes) -> bytes:
        return raw.replace(b"/ETSI.CAdES.detached", b"/ETSI.XAdES.detached")

    return forged(world, head(), sign=lambda raw, holder: rename(signed(raw, holder))).packed()


@hostile("B405")
def sheet_signed_without_the_attribute(world: World) -> bytes:
    """The older format does without; a file that says it is of the newer one may not."""
    return forged(
        world, head(), sign=lambda raw, holder: signed(raw, holder, maker=Careless)
    ).packed()


@hostile("B801")
def sheet_of_a_stranger(world: World) -> bytes:
    return forged(world, certify("THỬ NGHIỆM lạ", authority())).packed()


@hostile("B803")
def sheet_of_another_role(world: World) -> bytes:
    return forged(world, people()[1]).packed()


@hostile("B603")
def sheet_with_an_expired_certificate(world: World) -> bytes:
    third = appointed(world, certify("THỬ NGHIỆM C", authority(), days=(-20, -1)))
    return forged(world, third).packed()


@hostile("B605")
def sheet_with_a_revoked_certificate(world: World) -> bytes:
    since = clock.record_now() - timedelta(hours=1)
    world.trust.add_revocation_list(revocation_list(authority(), (head(), since)), TEST)
    return forged(world, head()).packed()


@hostile("B502")
def sheet_with_a_weak_key(world: World) -> bytes:
    third = appointed(world, certify("THỬ NGHIỆM C", authority(), key=rsa_key(1024)))
    return forged(world, third).packed()


@hostile("B602")
def sheet_of_a_look_alike_issuer(world: World) -> bytes:
    third = appointed(world, certify("THỬ NGHIỆM C", certify("THỬ NGHIỆM CA", ca=True)))
    return forged(world, third).packed()


@hostile("B902")
def sheet_signed_by_another_certificate_of_the_person(world: World) -> bytes:
    """The decision names the certificate; without an attribute it is all that binds it."""
    third = head()
    twin = certify("THỬ NGHIỆM C", authority(), key=third.key)
    one, two, _ = people()
    world.appoint(
        *(appointment(each, (n,)) for n, each in enumerate((one, two, third), 1)),
        appointment(twin, (3,)),
    )
    return forged(world, third, sign=lambda raw, _: signed(raw, twin, kind=PKCS7)).packed()


@hostile("B113")
def sheet_beside_a_signature(world: World) -> bytes:
    forge = forged(world, head())
    forge.members[signature_name(3)] = b"x"
    return forge.packed()


@hostile("B204")
def sheet_in_the_place_of_a_signature(world: World) -> bytes:
    """The manifest was made for a signature, and a sheet with its digest is put there instead."""
    forge = Forge().sign(1).sign(2).sign(3)
    facts = facts_for(world, forge, 3, forge.members[manifest_name(3)])
    del forge.members[signature_name(3)]
    forge.members[sheet_name(3)] = signed(write_sheet(facts), head())
    return forge.packed()


@hostile("B301")
def sheet_of_an_earlier_step_changed(world: World) -> bytes:
    def first(manifest: bytes) -> bytes:
        return signed(write_sheet(facts_for(world, forge, 1, manifest)), people()[0])

    forge = Forge()
    forge.sign(1, sheet=first).sign(2).sign(3)
    facts = facts_for(world, forge, 1, forge.members[manifest_name(1)])
    forge.members[sheet_name(1)] = signed(write_sheet(facts), people()[0], name="Lai")
    return forge.packed()
