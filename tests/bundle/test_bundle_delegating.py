"""`iocsl signers delegate`: making a delegation, taking one in, seeing which there are."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from bundle_forge import UNIT, Holder, World, appointment, authority, certify, people
from iocsl import clock
from iocsl.catalog import Catalogue
from iocsl.cli import main
from iocsl.ledger.chain import Chain

WORD = "mot-mat-khau"
DEPUTY = certify("Phạm Văn P", authority())


@pytest.fixture
def desk(
    catalogue: Catalogue, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> World:
    world = World(home)
    world.appoint(
        *(appointment(each, (n,)) for n, each in enumerate(people(), 1)),
        appointment(DEPUTY, (), person_id="pham-van-p"),
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IOCSL_PASSPHRASE", WORD)
    for step, holder in enumerate(people(), 1):
        key_file(Path(f"buoc-{step}.p12"), holder)
    pem = people()[2].certificate.public_bytes(serialization.Encoding.PEM)
    Path("thu-truong.pem").write_bytes(pem)
    return world


def key_file(path: Path, holder: Holder) -> None:
    lock = BestAvailableEncryption(WORD.encode())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"k", holder.key, holder.certificate, None, lock)
    )


def terms(*more: str, days: int = 5) -> list[str]:
    last = clock.record_now().date() + timedelta(days=days)
    return ["--unit", UNIT, "--step", "3", "--to", str(last), "--basis", "GUQ 5/GUQ-STC", *more]


def delegate(*arguments: str) -> int:
    return main(["signers", "delegate", *arguments])


def test_the_head_delegates_and_everyone_sees_it(
    desk: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = delegate("sign", "Phạm Văn P", *terms("--key", "buoc-3.p12", "-o", "chuyen"))
    assert made == 0
    shown = capsys.readouterr()
    assert "căn cứ: GUQ 5/GUQ-STC" in shown.err
    assert [each.suffix for each in sorted(Path("chuyen").iterdir())] == [".json", ".p7s"]
    assert main(["signers", "list", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    (given,) = next(each["delegated"] for each in listed if each["id"] == "pham-van-p")
    assert (given["delegator"], given["delegate"], given["steps"]) == (
        "THỬ NGHIỆM C",
        "Phạm Văn P",
        [3],
    )
    assert main(["signers", "list"]) == 0
    assert "có hiệu lực" in capsys.readouterr().out
    (entry,) = Chain.open().entries("signers.delegate")
    assert entry.actor == "thử-nghiệm-c"
    assert "Phạm" not in json.dumps(entry.subject, ensure_ascii=False)


def test_another_machine_takes_it_in(desk: World, tmp_path: Path) -> None:
    assert delegate("sign", "pham-van-p", *terms("--key", "buoc-3.p12", "-o", "chuyen")) == 0
    other = World(tmp_path / "nha-hai")
    other.appoint(*desk.register.appointments())
    (record,) = Path("chuyen").glob("*.json")
    assert main(["--home", str(other.home), "signers", "delegate", "add", str(record)]) == 0
    assert len(other.register.delegations().all()) == 1


def test_another_program_signs_it(desk: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert delegate("export", "pham-van-p", *terms("--certificate", "thu-truong.pem")) == 0
    record = Path("uy-quyen.json")
    now = clock.record_now().replace(microsecond=0)
    Path("chu-ky.p7s").write_bytes(people()[2].signer().sign(record.read_bytes(), now))
    assert delegate("add", str(record), "chu-ky.p7s") == 0
    assert len(desk.register.delegations().all()) == 1
    record.write_bytes(record.read_bytes().replace(b"GUQ", b"QUG"))
    assert delegate("add", str(record), "chu-ky.p7s") == 4
    assert "chữ ký không phải của nội dung này" in capsys.readouterr().err
    assert delegate("add", str(record)) == 4
    assert len(desk.register.delegations().all()) == 1


@pytest.mark.parametrize("record", ["khong-co.json", ".", "/"])
def test_a_record_that_is_not_there(desk: World, record: str) -> None:
    assert delegate("add", record) == 2
    assert desk.register.delegations().all() == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["pham-van-p", *terms("--key", "buoc-2.p12")], 4, "không được giao bước 3"),
        (["thử-nghiệm-c", *terms("--key", "buoc-3.p12")], 2, "cho chính mình"),
        (["ai-do", *terms("--key", "buoc-3.p12")], 2, "không có “ai-do”"),
        (["pham-van-p", *terms("--key", "buoc-3.p12", days=-1)], 2, "trước ngày bắt đầu"),
    ],
)
def test_what_cannot_be_delegated(
    desk: World, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert delegate("sign", *arguments) == code
    assert words in capsys.readouterr().err
    assert desk.register.delegations().all() == []


def test_a_delegate_is_another_holder_of_the_step(
    desk: World, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, three = people()
    ends = clock.record_now().date() + timedelta(days=3)
    desk.appoint(
        appointment(one, (1,)),
        appointment(two, (1, 2)),
        appointment(three, (3,)),
        appointment(DEPUTY, (), person_id="pham-van-p", last_day=ends),
    )
    assert main(["signers", "check"]) == 1
    assert "quyền ký của Phạm Văn P hết ngày" in capsys.readouterr().out
    assert delegate("sign", "pham-van-p", *terms("--key", "buoc-3.p12")) == 0
    desk.appoint(
        appointment(one, (1,)), appointment(three, (2, 3)), appointment(DEPUTY, (), person_id="p")
    )
    assert main(["signers", "check"]) == 0
