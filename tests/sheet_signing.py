"""A program that signs PDF files and knows nothing of iocsl, here pyHanko's own signing side."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from bundle_forge import Forge, Holder, World, pack
from iocsl.bundle.container import (
    MIMETYPE,
    decision_name,
    manifest_name,
    open_bundle,
    sheet_name,
    signature_name,
)
from iocsl.bundle.sheet.facts import facts_of
from iocsl.bundle.sheet.pdf import write_sheet
from iocsl.bundle.verify import verify

CADES, PKCS7 = fields.SigSeedSubFilter.PADES, fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED
IN_THE_FRAME, ON_THE_TEXT = (60, 80, 260, 180), (60, 300, 260, 400)
Bend = Callable[[Any], Any]


class Careless(signers.SimpleSigner):
    """Leaves out the attribute that names the certificate."""

    async def signed_attrs(self, *args: Any, **options: Any) -> cms.CMSAttributes:
        made = await super().signed_attrs(*args, **options)
        kept = [each for each in made if each["type"].native != "signing_certificate_v2"]
        return cms.CMSAttributes(kept)


def signer_of(
    holder: Holder, maker: type[signers.SimpleSigner] = signers.SimpleSigner
) -> signers.SimpleSigner:
    der = serialization.Encoding.DER
    pkcs8 = holder.key.private_bytes(
        der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(holder.issuer.public_bytes(der)))
    return maker(holder.asn1, asn1_keys.PrivateKeyInfo.load(pkcs8), store)


def signed(
    raw: bytes,
    holder: Holder,
    *,
    kind: fields.SigSeedSubFilter = CADES,
    digest: str = "sha256",
    box: tuple[int, int, int, int] | None = None,
    name: str = "ChuKy",
    room: int | None = None,
    stamper: Any = None,
    maker: type[signers.SimpleSigner] = signers.SimpleSigner,
) -> bytes:
    """The PDF with one more signature; `box` is where its picture goes, none by default."""
    meta = signers.PdfSignatureMetadata(field_name=name, subfilter=kind, md_algorithm=digest)
    field = fields.SigFieldSpec(name, box=box) if box else fields.SigFieldSpec(name)
    pdf = signers.PdfSigner(
        meta, signer_of(holder, maker), timestamper=stamper, new_field_spec=field
    )
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(raw))
    asyncio.run(pdf.async_sign_pdf(writer, output=out, bytes_reserved=room))
    return out.getvalue()


def edited(raw: bytes, edit: Callable[[IncrementalPdfFileWriter], Any]) -> bytes:
    """The PDF with a further revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(raw))
    edit(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def rewritten(raw: bytes, edit: Callable[[PdfFileWriter], Any] = lambda writer: None) -> bytes:
    """The PDF written anew from its objects, as many programs do when they save."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(raw)))
    edit(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def facts_for(world: World, forge: Forge, step: int, manifest: bytes) -> dict[str, Any]:
    """What the sheet of a step in the making says, the steps before it being signed."""
    later = [
        name(number)
        for number in range(step, 4)
        for name in (decision_name, manifest_name, signature_name, sheet_name)
    ]
    before = {name: content for name, content in forge.members.items() if name not in later}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "goi.asice"
        path.write_bytes(pack({"mimetype": MIMETYPE, **before}))
        earlier = verify(path, world.policy, steps=step - 1).steps
        assert len(earlier) == step - 1
        with open_bundle(path) as bundle:
            decision = json.loads(forge.members[decision_name(step)])
            digest = hashlib.sha256(manifest).hexdigest()
            return facts_of(bundle, step, decision, digest, earlier, instead_of=None)


def forged(
    world: World,
    holder: Holder,
    *,
    facts: Bend = lambda facts: facts,
    printed: Bend = lambda raw: raw,
    after: Bend = lambda raw: raw,
    sign: Callable[[bytes, Holder], bytes] = signed,
    forge: Forge | None = None,
) -> Forge:
    """Two signatures and a sheet; each part may be bent: facts, unsigned PDF, signed PDF."""

    def sheet(manifest: bytes) -> bytes:
        page = write_sheet(facts(facts_for(world, made, 3, manifest)))
        return bytes(after(sign(printed(page), holder)))

    made = forge or Forge().sign(1).sign(2)
    return made.sign(3, holder, sheet=sheet)
