"""What may be attached: the twenty types by their content, and our own policy."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import attached as made
import pytest

from bundle_forge import Forge, World
from iocsl.bundle.attachments import AttachmentPolicy, check_attachments
from iocsl.bundle.kinds import TYPES, kind_of
from iocsl.bundle.objections import Objection
from iocsl.bundle.verify import verify
from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from real_bundles import UNIT, Desk, workbook

TEXT = "Đơn vị,Số liệu\r\nSở Tài chính,12\r\n"
DOC = made.ole({"WordDocument": made.word("Thuyết minh")})
GOOD: dict[str, list[Callable[[], bytes]]] = {
    "doc": [lambda: DOC],
    "docx": [made.docx],
    "xls": [made.xls],
    "xlsx": [made.xlsx],
    "csv": [
        b"a;=A1-cmd\r\n-1|2\r\n".__bytes__,
        TEXT.encode,
        lambda: TEXT.encode("utf-16"),
        lambda: b"MZ;1\r\n",
    ],
    "pptx": [made.pptx],
    "pdf": [lambda: made.pdf("Thuyết minh")],
    "tif": [lambda: made.TIF, lambda: b"MM\0*" + bytes(16)],
    "jpg": [lambda: made.JPEG],
    "jpeg": [lambda: made.JPEG],
    "bmp": [lambda: made.BMP],
    "png": [lambda: made.PNG],
    "gif": [lambda: made.GIF],
    "txt": [
        lambda: b"x",
        lambda: TEXT.encode("utf-8-sig"),
        lambda: "S\u00eb li\u00d6u".encode("latin-1"),
    ],
    "mp3": [lambda: made.MP3, lambda: b"ID3\x04\0\0" + bytes(40)],
    "wav": [lambda: made.WAV],
    "mp4": [lambda: made.MP4],
    "avi": [lambda: made.AVI],
    "zip": [
        lambda: made.zipped({"a/b.txt": b"x", "c.docx": made.docx()}),
        lambda: made.zipped({"trong.zip": made.zipped({"a.txt": b"x"})}),
        lambda: made.zipped({"a.txt": b"x", "__MACOSX/._a.docx": b"\0\5\x16\7" + bytes(40)}),
        lambda: made.zipped({"ban-do.shp": b"\0\0\x27\x0a" + bytes(90), "rong/": b""}),
    ],
    "rar": [lambda: made.rar(("a.txt", "b.docx"))],
}
HOSTILE: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "program_named_document": ("a.docx", "program", lambda: made.EXE),
    "elf_named_text": ("a.txt", "program", lambda: b"\x7fELF\x02\x01" + bytes(60)),
    "macho_named_image": ("a.png", "program", lambda: b"\xcf\xfa\xed\xfe" + bytes(60)),
    "shell_script_named_text": ("a.txt", "program", lambda: b"#!/bin/sh\nrm -rf ~\n"),
    "batch_named_csv": ("a.csv", "program", lambda: b"\xef\xbb\xbf@ECHO OFF\r\ndel *\r\n"),
    "page_with_script_named_xls": ("a.xls", "program", lambda: b"<html><script>x</script>"),
    "hta_in_utf16": ("a.txt", "program", lambda: "<HTA:APPLICATION>".encode("utf-16")),
    "script_behind_a_comment": ("a.txt", "program", lambda: b"<!-- x --><script>x</script>"),
    "shortcut_named_pdf": (
        "a.pdf",
        "program",
        lambda: bytes.fromhex("4c0000000114020000000000c000000000000046") + bytes(60),
    ),
    "autorun_named_text": ("a.txt", "program", lambda: b"[AutoRun]\r\nopen=a.exe\r\n"),
    "installer_named_doc": ("a.doc", "program", lambda: made.ole({"\u4840\u3b3f\u43f2": b"x"})),
    "java_named_zip": (
        "a.zip",
        "program",
        lambda: made.zipped({"META-INF/MANIFEST.MF": b"x", "A.class": b"\xca\xfe\xba\xbe"}),
    ),
    "program_in_zip": ("a.zip", "program", lambda: made.zipped({"sub/so-lieu.exe": b"x"})),
    "program_in_zip_under_another_name": (
        "a.zip",
        "program",
        lambda: made.zipped({"anh.png": made.EXE}),
    ),
    "shortcut_in_zip": ("a.zip", "program", lambda: made.zipped({"Báo cáo.pdf.lnk": b"x"})),
    "autorun_in_zip": ("a.zip", "program", lambda: made.zipped({"autorun.inf": b"[autorun]"})),
    "program_in_zip_in_zip": (
        "a.zip",
        "program",
        lambda: made.zipped({"b.zip": made.zipped({"c.txt": made.EXE})}),
    ),
    "program_in_rar": ("a.rar", "program", lambda: made.rar(("a.txt", "so-lieu.scr"))),
    "program_embedded_in_docx": (
        "a.docx",
        "program",
        lambda: made.added(made.docx(), {"word/media/image1.png": made.EXE}),
    ),
    "docx_with_macros": (
        "a.docx",
        "macros",
        lambda: made.added(made.docx(), {"word/vbaProject.bin": b"x"}),
    ),
    "docm_named_docx": (
        "a.docx",
        "macros",
        lambda: made.office(
            "application/vnd.ms-word.document.macroEnabled.main+xml", {"word/document.xml": b""}
        ),
    ),
    "macros_under_another_name": (
        "a.pptx",
        "macros",
        lambda: made.zipped(
            {
                "[Content_Types].xml": b'<Types><Override ContentType="application/vnd.openxml'
                b'formats-officedocument.presentationml.presentation.main+xml"/><Override '
                b'ContentType="application/vnd.ms-office.vbaProject"/></Types>',
                "ppt/x.bin": b"x",
            }
        ),
    ),
    "xlsx_with_excel_4_macros": (
        "a.xlsx",
        "macros",
        lambda: made.added(made.xlsx(), {"xl/macrosheets/sheet1.xml": b"<x/>"}),
    ),
    "xlsx_with_activex": (
        "a.xlsx",
        "macros",
        lambda: made.added(made.xlsx(), {"xl/activeX/activeX1.bin": b"x"}),
    ),
    "doc_with_macros": (
        "a.doc",
        "macros",
        lambda: made.ole({"WordDocument": made.word("x"), "_VBA_PROJECT": b"x", "dir": b"x"}),
    ),
    "xls_with_excel_4_macros": (
        "a.xls",
        "macros",
        lambda: made.ole({"Workbook": made.record(0x85, bytes([0, 0, 0, 0, 0, 1, 1, 0, 77]))}),
    ),
    "pdf_that_runs_code": (
        "a.pdf",
        "macros",
        lambda: made.pdf("x", catalog="/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
    ),
    "pdf_that_starts_a_program": (
        "a.pdf",
        "macros",
        lambda: made.pdf(
            "x", catalog="/OpenAction 10 0 R", objects=("<</S/GoTo/Next<</S/Launch/F(a)>>>>",)
        ),
    ),
    "macros_in_zip": (
        "a.zip",
        "macros",
        lambda: made.zipped({"a.docx": made.added(made.docx(), {"word/vbaProject.bin": b"x"})}),
    ),
    "template_from_elsewhere": (
        "a.docx",
        "remote-template",
        lambda: made.added(
            made.docx(),
            {
                "word/_rels/settings.xml.rels": b'<Relationships><Relationship Id="r" Type="x/atta'
                b'chedTemplate" Target="https://x.example/a.dotm" TargetMode="External"/>'
                b"</Relationships>"
            },
        ),
    ),
    "template_from_elsewhere_in_other_letters": (
        "a.docx",
        "remote-template",
        lambda: made.added(
            made.docx(),
            {
                "word/_rels/settings.xml.rels": '<Relationships><Relationship TargetMode="External"'
                ' Type="x/attached&#84;emplate" Target="a"/></Relationships>'.encode("utf-16")
            },
        ),
    ),
    "object_from_elsewhere": (
        "a.docx",
        "remote-template",
        lambda: made.added(
            made.docx(),
            {
                "word/_rels/x.xml.rels": b'<Relationships><Relationship Type="x/oleObject" Target='
                b'"mhtml:https://x.example/a!x" TargetMode="External"/></Relationships>'
            },
        ),
    ),
    "csv_that_runs_a_command": ("a.csv", "macros", lambda: b"a,b\r\n1,\"=cmd|'/C calc'!A0\"\r\n"),
    "csv_that_runs_a_command_in_utf16": ("a.csv", "macros", lambda: '+dde ("x")'.encode("utf-16")),
    "pdf_form_with_scripts": (
        "a.pdf",
        "macros",
        lambda: made.pdf("x", catalog="/AcroForm<</Fields[]/XFA(x)>>"),
    ),
    "program_with_a_dot_behind": ("a.zip", "program", lambda: made.zipped({"a.exe. ": b"x"})),
    "package_embedded_in_docx": (
        "a.docx",
        "embedded-file",
        lambda: made.added(
            made.docx(), {"word/embeddings/oleObject1.bin": made.ole({"\x01Ole10Native": b"x"})}
        ),
    ),
    "package_embedded_in_doc": (
        "a.doc",
        "embedded-file",
        lambda: made.ole({"WordDocument": made.word("x"), "\x01Ole10Native": b"x"}),
    ),
    "file_embedded_in_pdf": (
        "a.pdf",
        "embedded-file",
        lambda: made.pdf("x", catalog="/Names<</EmbeddedFiles<</Names[(a)10 0 R]>>>>"),
    ),
    "locked_zip": ("a.zip", "locked", lambda: made.zipped({"a.txt": b"x"}, locked=True)),
    "locked_rar": ("a.rar", "locked", lambda: made.rar(("a.txt",), locked=True)),
    "locked_docx": ("a.docx", "locked", lambda: made.ole({"EncryptedPackage": b"x"})),
    "locked_doc": (
        "a.doc",
        "locked",
        lambda: made.ole({"WordDocument": made.word("x", flags=0x0100)}),
    ),
    "locked_xls": ("a.xls", "locked", lambda: made.ole({"Workbook": made.record(0x2F, bytes(6))})),
    "zip_thrice": (
        "a.zip",
        "nested",
        lambda: made.zipped({"b.zip": made.zipped({"c.zip": made.zipped({"d.txt": b"x"})})}),
    ),
    "seven_zip_in_zip": (
        "a.zip",
        "nested",
        lambda: made.zipped({"b.7z": b"7z\xbc\xaf\x27\x1c" + bytes(40)}),
    ),
    "tar_in_zip_without_a_name": (
        "a.zip",
        "nested",
        lambda: made.zipped({"b": bytes(257) + b"ustar\x0000" + bytes(500)}),
    ),
    "archive_in_rar": ("a.rar", "nested", lambda: made.rar(("a.txt", "b.zip"))),
    "zip_that_leads_out": ("a.zip", "unsafe-name", lambda: made.zipped({"../../a.txt": b"x"})),
    "zip_of_many": (
        "a.zip",
        "bomb",
        lambda: made.zipped({f"{n}": b"" for n in range(10_001)}),
    ),
    "picture_with_an_archive_behind": (
        "a.png",
        "two-in-one",
        lambda: made.PNG + made.zipped({"a.txt": b"x"}),
    ),
    "text_with_an_archive_behind": (
        "a.txt",
        "disguise",
        lambda: b"Thuyet minh\r\n" + made.zipped({"a.txt": b"\0"}),
    ),
    "docx_named_zip": ("a.zip", "disguise", made.docx),
    "zip_named_docx": ("a.docx", "disguise", lambda: made.zipped({"a.txt": b"x"})),
    "rtf_named_doc": ("a.doc", "disguise", lambda: b"{\\rtf1 x}"),
    "picture_named_pdf": ("a.pdf", "disguise", lambda: made.PNG),
    "pdf_named_csv": ("a.csv", "disguise", lambda: made.pdf("x")),
    "noise_named_mp3": ("a.mp3", "disguise", lambda: bytes(range(256)) * 4),
    "disguise_in_zip": ("a.zip", "disguise", lambda: made.zipped({"a.pdf": made.PNG})),
    "opendocument": (
        "a.docx",
        "disguise",
        lambda: made.zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
    ),
    "empty": ("a.pdf", "empty", lambda: b""),
    "cut_docx": ("a.docx", "damaged", lambda: made.docx()[:2000]),
    "cut_zip": ("a.zip", "damaged", lambda: made.zipped({"a.txt": b"x" * 99})[:60]),
    "damaged_member": (
        "a.zip",
        "damaged",
        lambda: made.zipped({"a.txt": b"so lieu" * 99}).replace(b"a.txt", b"b.txt", 1),
    ),
    "member_whose_name_begins_with_zero": (
        "a.zip",
        "unsafe-name",
        lambda: made.zipped({"b.txt": b"x"}).replace(b"b.txt", b"\0.exe"),
    ),
    "damaged_doc": ("a.doc", "damaged", lambda: made.OLE + b"\xff" * 600),
    "damaged_pdf": ("a.pdf", "damaged", lambda: b"%PDF-1.7\n" + b"\0" * 64),
    "damaged_rar": ("a.rar", "damaged", lambda: b"Rar!\x1a\x07\0" + b"\xff" * 40),
    "two_main_parts": (
        "a.docx",
        "damaged",
        lambda: made.zipped({"[Content_Types].xml": b"<Types/>"}),
    ),
    "not_listed": ("a.json", "type", lambda: b"{}"),
}


def found(name: str, content: bytes, policy: AttachmentPolicy | None = None) -> list[Objection]:
    return list((policy or AttachmentPolicy()).check(name, io.BytesIO(content)))


def test_the_list_is_the_regulations() -> None:
    """1134 Điều 6 khoản 3, in its order."""
    printed = (
        ".doc, .docx, .xls, .xlsx, .csv, .pptx, .pdf, .tif, .jpg, .jpeg, .bmp, .png, .gif, .txt,"
        " .mp3, .wav, .mp4, .avi, .zip, .rar"
    )
    assert set(printed.split(", ")) == set(TYPES)
    assert len(TYPES) == 20
    assert set(GOOD) == {each.lstrip(".") for each in TYPES}


@pytest.mark.parametrize("suffix", GOOD)
def test_every_type_is_taken(suffix: str) -> None:
    for make in GOOD[suffix]:
        content = make()
        assert found(f"Tệp.{suffix.upper()}", content) == [], kind_of(io.BytesIO(content))


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_for_its_reason(case: str) -> None:
    name, code, make = HOSTILE[case]
    told = found(name, make())
    assert code in {each.code for each in told}, told
    for each in told:
        assert each.reason.vi != each.reason.en
        assert each.fix.vi
        assert each.fix.en


def test_the_member_is_named() -> None:
    inner = made.zipped({"thu-muc/Báo cáo.png": made.EXE})
    (told,) = found("a.zip", made.zipped({"trong.zip": inner}))
    assert told.inside == ("trong.zip", "thu-muc/Báo cáo.png")
    assert "thu-muc/Báo cáo.png" in told.told.vi


@pytest.mark.parametrize("case", HOSTILE)
def test_cut_or_changed_hostile_files_never_crash(case: str) -> None:
    """Whatever the bytes: an answer, within the time of a test."""
    name, _, make = HOSTILE[case]
    content = make()
    if content.startswith(b"%PDF"):
        return  # Each takes a process of its own; one that is damaged is in the table.
    for cut in range(1, min(len(content), 4000), max(1, min(len(content), 4000) // 12)):
        found(name, content[:cut])
        changed = bytearray(content)
        changed[cut] ^= 0xFF
        found(name, bytes(changed))


def test_a_bomb_is_not_unpacked() -> None:
    policy = AttachmentPolicy(unpacked=1 << 20)
    bomb = made.zipped({"a.txt": b" " * (3 << 20)})
    assert [each.code for each in found("a.zip", bomb, policy)] == ["bomb"]
    nested = made.zipped({f"{n}.zip": bomb for n in range(3)})
    assert {each.code for each in found("a.zip", nested, policy)} == {"bomb"}


def test_the_policy_is_ours_and_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    macros = made.added(made.docx(), {"word/vbaProject.bin": b"x"})
    thrice = HOSTILE["zip_thrice"][2]()
    paths = {
        "macro.docx": macros,
        "khoa.zip": made.zipped({"a.txt": b"x"}, locked=True),
        "long.zip": thrice,
    }
    for name, content in paths.items():
        (tmp_path / name).write_bytes(content)
    files = [tmp_path / name for name in paths]
    with pytest.raises(IocslError) as refused:
        check_attachments(files)
    assert refused.value.exit_code is ExitCode.FINDINGS
    assert all(name in refused.value.message.vi for name in paths)
    monkeypatch.setenv("IOCSL_ATTACHMENTS_MACROS", "true")
    monkeypatch.setenv("IOCSL_ATTACHMENTS_PROTECTED", "true")
    monkeypatch.setenv("IOCSL_ATTACHMENTS_DEPTH", "2")
    check_attachments(files)


@pytest.mark.parametrize(
    ("variable", "limit", "code"),
    [("LARGEST_MIB", "0", "size"), ("TOGETHER_MIB", "0", "size"), ("NUMBER", "1", "number")],
)
def test_sizes_and_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, limit: str, code: str
) -> None:
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path in files:
        path.write_bytes(b"x")
    check_attachments(files)
    monkeypatch.setenv(f"IOCSL_ATTACHMENTS_{variable}", limit)
    with pytest.raises(IocslError) as refused:
        check_attachments(files)
    assert refused.value.code == "attachment-refused"
    assert code in {"size", "number"}


def test_create_refuses_and_verify_refuses(
    home: Path,
    catalogue: Catalogue,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    desk = Desk(home)
    file = workbook(tmp_path / "so-lieu", "2026-10")
    paper, list_ = tmp_path / "Thuyết minh.docx", tmp_path / "kem.csv"
    paper.write_bytes(made.added(made.docx(), {"word/vbaProject.bin": b"x"}))
    list_.write_bytes(TEXT.encode())
    command = ["bundle", "create", str(file), "--unit", UNIT, "--attach", str(paper)]
    command += ["--not-secret", "--key", str(desk.keys.keys[0]), "-o", str(tmp_path / "a.asice")]
    assert main([*command, "--passphrase-file", str(desk.keys.passphrase)]) == 1
    said = capsys.readouterr().err
    assert "Thuyết minh.docx" in said
    assert "macro" in said
    assert not (tmp_path / "a.asice").exists()

    # A sender whose own policy is wider: the receiver's counts.
    with monkeypatch.context() as wider:
        wider.setenv("IOCSL_ATTACHMENTS_MACROS", "true")
        bundle = desk.bundle(file, tmp_path / "b.asice", attachments=(paper, list_))
        assert main(["bundle", "verify", str(bundle)]) == 0
    capsys.readouterr()
    assert main(["bundle", "verify", str(bundle), "--format", "json"]) == 4
    (refusal,) = json.loads(capsys.readouterr().out)["refusals"]
    assert refusal["code"] == "B911"
    assert "Thuyết minh.docx" in refusal["message"]


def test_an_attachment_of_a_type_that_is_not_taken_is_refused_in_a_bundle(tmp_path: Path) -> None:
    """A bundle made by other means, its attachments declared."""
    forge = Forge({"KDL-M-016_2026-10.csv": b"a,b\r\n", "chay.bat": b"@echo off\r\n"})

    def attached(document: dict[str, object]) -> dict[str, object]:
        return {**document, "attachments": ["chay.bat"]}

    def reports(document: dict[str, list[object]]) -> dict[str, list[object]]:
        return {**document, "reports": document["reports"][:1]}

    forge.fill(slip=attached, report=reports).sign_all()
    path = tmp_path / "goi.asice"
    path.write_bytes(forge.packed())
    verdict = verify(path, World(tmp_path / "nha").policy)
    assert [each.code for each in verdict.refusals] == ["B911"]
