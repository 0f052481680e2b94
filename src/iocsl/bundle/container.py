"""The bundle file: an ASiC-E container (ETSI EN 319 162-1) with a fixed set of members.

    mimetype                         stored, first
    du-lieu/NAME                     the submitted files, byte for byte
    ho-so/phieu-gui.json             the slip
    ho-so/kiem-tra.json              the validation reports
    ho-so/mo-ta.json                 the description of the data
    uy-quyen/buoc-N.json, .p7s       the delegation by which step N is signed, where it is
    quyet-dinh/buoc-N.json           what was decided in step N, and by whom
    META-INF/ASiCManifest00N.xml     what step N signs: everything before it
    META-INF/signature00N.p7s        step N's signature over its manifest
    quyet-dinh/phieu-N.pdf           in its place, a signed sheet that carries the manifest's digest

The same files give the same bytes. A step is added by writing a new file and swapping it in.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from iocsl.bundle.archive import (
    DEFLATED,
    STORED,
    Member,
    Window,
    inflate,
    open_archive,
    read_members,
)
from iocsl.bundle.identity import Slip
from iocsl.bundle.refusals import RefusedError
from iocsl.files import CHUNK, replacing
from iocsl.ledger.chain import canonical

if TYPE_CHECKING:
    from zipfile import ZipFile

MIMETYPE = b"application/vnd.etsi.asic-e+zip"
DATA = "du-lieu/"
SLIP = "ho-so/phieu-gui.json"
REPORT = "ho-so/kiem-tra.json"
DESCRIPTION = "ho-so/mo-ta.json"
RECORDS = (SLIP, REPORT, DESCRIPTION)
"""What is there before anyone signs, in the order of the manifests."""
STEPS = 3

_NUMBERED = re.compile(
    r"quyet-dinh/buoc-([1-9])\.json"
    r"|META-INF/ASiCManifest00([1-9])\.xml"
    r"|META-INF/signature00([1-9])\.p7s"
    r"|quyet-dinh/phieu-([1-9])\.pdf"
)
_DELEGATED = re.compile(r"uy-quyen/buoc-([1-3])\.(?:json|p7s)")
_LIMITS = {".json": 64 << 20, ".xml": 1 << 20, ".p7s": 1 << 20, ".pdf": 4 << 20}
_PACKED = frozenset({".csv", ".xml", ".txt", ".json"})
_SPOOLED = 8 << 20
"""Bytes of an unpacked member that are held in memory; the rest goes to a temporary file."""
_SHARED = 1 << 20
"""Bytes of a JSON member that is kept as parsed while the bundle is open."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def decision_name(step: int) -> str:
    return f"quyet-dinh/buoc-{step}.json"


def manifest_name(step: int) -> str:
    return f"META-INF/ASiCManifest{step:03}.xml"


def signature_name(step: int) -> str:
    return f"META-INF/signature{step:03}.p7s"


def sheet_name(step: int) -> str:
    return f"quyet-dinh/phieu-{step}.pdf"


def evidence_name(step: int, sheets: Collection[int]) -> str:
    """The member that shows who signed the step; `sheets` are the steps signed as PDF."""
    return sheet_name(step) if step in sheets else signature_name(step)


def is_sheet(name: str) -> bool:
    """Whether a step's evidence is a sheet, by the member's name."""
    return name.endswith(".pdf")


def delegation_names(step: int) -> tuple[str, str]:
    """The record of a delegation for `step`, and the signature over it."""
    return f"uy-quyen/buoc-{step}.json", f"uy-quyen/buoc-{step}.p7s"


def covered_by(
    step: int,
    data: Sequence[str],
    delegated: Collection[int] = (),
    sheets: Collection[int] = (),
) -> list[str]:
    """What the manifest of `step` lists, in its order: everything that was there before it.

    `delegated` are the steps whose signers act for somebody else, `sheets` those signed as PDF.
    """
    names = [f"{DATA}{name}" for name in sorted(data)] + [*RECORDS]
    for each in range(1, step + 1):
        if each in delegated:
            names += delegation_names(each)
        names.append(decision_name(each))
        if each < step:
            names += [manifest_name(each), evidence_name(each, sheets)]
    return names


@dataclass(frozen=True, slots=True)
class Decision:
    """`quyet-dinh/buoc-N.json` as parsed; `document` is the whole of it."""

    step: int
    document: Mapping[str, Any]

    @property
    def returned(self) -> bool:
        return self.document.get("decision") == "tra-lai"


class OpenBundle:
    """A bundle opened for reading. Its structure was checked; nothing it says is believed yet.

    Use as a context manager. Raises `RefusedError` (B1xx) where the container is not as it must be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._documents: dict[str, dict[str, Any]] = {}
        self._stream, self.members = open_archive(path)
        try:
            self._by_name = {member.name: member for member in self.members}
            self.steps = _check_layout(self.members)
            self._check_mimetype()
        except BaseException:  # whatever ends it, Ctrl+C too: nobody else closes it
            self._stream.close()
            raise

    def __enter__(self) -> OpenBundle:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()

    def _check_mimetype(self) -> None:
        if b"".join(self.read("mimetype")) != MIMETYPE:
            raise RefusedError("B112")

    def read(self, name: str) -> Iterator[bytes]:
        """A member's bytes in pieces."""
        return inflate(self._stream, self._by_name[name])

    def whole(self, name: str) -> bytes:
        """A small member's bytes: JSON, manifest or signature, within its limit."""
        member = self._by_name[name]
        limit = _LIMITS[Path(name).suffix]
        if member.size > limit:
            code = "B203" if name.endswith(".xml") else "B110"
            raise RefusedError(code, member=name, limit=limit, ratio="-")
        return b"".join(self.read(name))

    def file(self, name: str) -> IO[bytes]:
        """A member as a file to be read from any place; the caller closes it."""
        member = self._by_name[name]
        if member.method == STORED:
            return BufferedReader(Window(self._stream, member.start, member.size))
        unpacked = SpooledTemporaryFile(_SPOOLED)  # noqa: SIM115 - the caller closes it
        for piece in self.read(name):
            unpacked.write(piece)
        unpacked.seek(0)
        return unpacked

    def document(self, name: str) -> dict[str, Any]:
        """A JSON member; it must be an object and written canonically (RFC 8785).

        Small ones are read once and shared: they are looked at, never changed.
        """
        if name not in self._documents:
            document = self._parsed(name)
            if self.size(name) > _SHARED:
                return document
            self._documents[name] = document
        return self._documents[name]

    def _parsed(self, name: str) -> dict[str, Any]:
        raw = self.whole(name)
        try:
            parsed = json.loads(raw.decode("utf-8"))
            if not isinstance(parsed, dict):
                raise RefusedError("B115", member=name, detail="JSON object")
            same = canonical(parsed) == raw
        except (ValueError, RecursionError):
            raise RefusedError("B115", member=name, detail="JSON") from None
        if not same:
            # Canonical form leaves one reading: no repeated keys, no number of two meanings.
            raise RefusedError("B115", member=name, detail="RFC 8785")
        return parsed

    def digest(self, name: str) -> str:
        """SHA-256 of a member in hex, streamed."""
        machine = hashlib.sha256()
        for piece in self.read(name):
            machine.update(piece)
        return machine.hexdigest()

    def size(self, name: str) -> int:
        return self._by_name[name].size

    @property
    def data_names(self) -> list[str]:
        """Bare names of the submitted files, sorted."""
        return sorted(name.removeprefix(DATA) for name in self._by_name if name.startswith(DATA))

    @property
    def delegated(self) -> tuple[int, ...]:
        """The steps whose signers act for somebody else."""
        return tuple(
            step for step in range(1, self.steps + 1) if delegation_names(step)[0] in self._by_name
        )

    @property
    def sheets(self) -> tuple[int, ...]:
        """The steps that were signed as approval sheets."""
        return tuple(step for step in range(1, self.steps + 1) if sheet_name(step) in self._by_name)

    def evidence(self, step: int) -> str:
        """The member that shows who signed the step."""
        return evidence_name(step, self.sheets)

    @property
    def slip(self) -> Slip:
        """What the slip says; refused (B115) when it is no slip."""
        try:
            return Slip.read(self.document(SLIP))
        except ValueError as error:
            raise RefusedError("B115", member=SLIP, detail=error) from None

    @property
    def report(self) -> dict[str, Any]:
        """`ho-so/kiem-tra.json`: `{"schema", "rule_set", "reports": [one a data file]}`."""
        return self.document(REPORT)

    @property
    def description(self) -> dict[str, Any]:
        """`ho-so/mo-ta.json`: what the data are (1134 Điều 6.6)."""
        return self.document(DESCRIPTION)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        return tuple(
            Decision(step, self.document(decision_name(step))) for step in range(1, self.steps + 1)
        )

    def extract(self, name: str, target: Path) -> None:
        """Write the submitted file `name` to `target`, whole or not at all."""
        with replacing(target) as stream:
            for piece in self.read(DATA + name):
                stream.write(piece)


def open_bundle(path: Path) -> OpenBundle:
    """Open a bundle for reading; see `OpenBundle`."""
    return OpenBundle(path)


def _check_layout(members: Sequence[Member]) -> int:
    """The number of steps signed. Every member is one that a bundle has, and none is missing."""
    first = members[0]
    if first.name != "mimetype" or first.method != STORED or first.size != len(MIMETYPE):
        raise RefusedError("B112")
    names = {member.name for member in members}
    numbers: set[int] = set()
    delegated: set[int] = set()
    for name in names - {"mimetype", *RECORDS}:
        if found := _NUMBERED.fullmatch(name):
            numbers.update(int(part) for part in found.groups() if part)
        elif found := _DELEGATED.fullmatch(name):
            delegated.add(int(found[1]))
        elif not (name.startswith(DATA) and name.count("/") == 1):
            raise RefusedError("B113", member=name)
    steps = max(numbers, default=0)
    if steps > STEPS:
        raise RefusedError("B113", member=signature_name(steps))
    wanted = [*RECORDS]
    for step in range(1, steps + 1):
        wanted += [decision_name(step), manifest_name(step), _evidence(step, names)]
    for step in sorted(delegated):
        if step > steps:
            raise RefusedError("B113", member=delegation_names(step)[0])
        wanted += delegation_names(step)
    for name in wanted:
        if name not in names:
            raise RefusedError("B114", member=name)
    if not any(name.startswith(DATA) for name in names):
        raise RefusedError("B114", member=DATA)
    return steps


def _evidence(step: int, names: Collection[str]) -> str:
    """The one member that shows who signed the step: a signature or a sheet, not both."""
    signature, sheet = signature_name(step), sheet_name(step)
    if sheet in names and signature in names:
        raise RefusedError("B113", member=sheet)
    return sheet if sheet in names else signature


def write_bundle(path: Path, files: Mapping[str, Path], members: Mapping[str, bytes]) -> None:
    """Write a new bundle: `files` are the submitted ones by name, `members` all others by name."""
    try:
        _write(path, files, members, packing=True)
    except RefusedError as error:
        if error.refusal.code != "B110":
            raise
        # A table of one repeated value packs so well that readers would suspect a bomb.
        _write(path, files, members, packing=False)


def _write(
    path: Path, files: Mapping[str, Path], members: Mapping[str, bytes], *, packing: bool
) -> None:
    from zipfile import ZipFile

    with replacing(path) as stream:
        with ZipFile(stream, "w", allowZip64=False) as archive:
            _add(archive, "mimetype", MIMETYPE, STORED)
            for name in sorted(files):
                packed = packing and Path(name).suffix.lower() in _PACKED
                _add_file(archive, DATA + name, files[name], DEFLATED if packed else STORED)
            for name, content in members.items():
                _add(archive, name, content, STORED)
        # What was written is read back before it takes the place of anything.
        _check_layout(read_members(stream))


def copy_bundle(path: Path, part: Path) -> None:
    """The bundle at `path` as the unfinished file `part`, byte for byte. Raises `RefusedError`."""
    with path.open("rb") as old, part.open("w+b") as stream:
        shutil.copyfileobj(old, stream, CHUNK)
        _check_layout(read_members(stream))
    shutil.copymode(path, part)


def append_members(part: Path, members: Mapping[str, bytes]) -> None:
    """Add `members` to the unfinished file `part`, old bytes unchanged, and put it on the disk."""
    from zipfile import ZipFile

    with part.open("r+b") as stream:
        with ZipFile(stream, "a", allowZip64=False) as archive:
            for name, content in members.items():
                _add(archive, name, content, STORED)
        _check_layout(read_members(stream))
        stream.flush()
        os.fsync(stream.fileno())


def replace_member(path: Path, target: Path, name: str, content: bytes) -> None:
    """Write `path` to `target` with one of its small members replaced, the others as they are."""
    from zipfile import ZipFile

    with open_bundle(path) as bundle, replacing(target) as stream:
        with ZipFile(stream, "w", allowZip64=False) as archive:
            for member in bundle.members:
                if member.name == name:
                    _add(archive, name, content, STORED)
                    continue
                with archive.open(_info(member.name, member.method), "w") as copy:
                    for piece in bundle.read(member.name):
                        copy.write(piece)
        _check_layout(read_members(stream))


def _info(name: str, method: int) -> Any:
    from zipfile import ZipInfo

    info = ZipInfo(name, _EPOCH)
    info.compress_type = method
    info.create_system = 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def _add(archive: ZipFile, name: str, content: bytes, method: int) -> None:
    archive.writestr(_info(name, method), content)


def _add_file(archive: ZipFile, name: str, source: Path, method: int) -> None:
    with source.open("rb") as stream, archive.open(_info(name, method), "w") as member:
        shutil.copyfileobj(stream, member, CHUNK)
