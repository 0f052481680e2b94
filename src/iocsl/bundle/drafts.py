"""What goes into a new bundle before anyone signs: files checked, submission numbered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl import config
from iocsl.bundle.archive import MAX_TOTAL, safe_part
from iocsl.bundle.identity import FileEntry, Slip
from iocsl.bundle.records import REPORT_SCHEMA, slip_document
from iocsl.bundle.refusal_table import SECRECY
from iocsl.bundle.seen import SeenHere
from iocsl.domain import ExitCode, Period
from iocsl.errors import IocslError, is_folder, missing_file, usage
from iocsl.files import sha256_of
from iocsl.ledger.chain import Chain
from iocsl.text import nfc

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.validate import Report

CREATED = "bundle.create"
DATA_TYPES = frozenset({".xls", ".xlsx", ".csv", ".xml"})
"""1134 Điều 5.1.c."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; None is worked out from the files."""

    files: tuple[Path, ...]
    attachments: tuple[Path, ...] = ()
    dataset: str | None = None
    unit: str | None = None
    period: str | None = None
    sequence: int | None = None
    supersedes: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Answers to warnings, by the code of the rule."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A bundle that only lacks signatures. `paths` are the files by the name they will have."""

    slip: Slip
    paths: dict[str, Path]
    reports: tuple[dict[str, Any], ...]
    answers: tuple[dict[str, Any], ...]
    """What the unit says to the warnings: code, reason, period, answered_at."""
    attachments: tuple[str, ...]
    catalogue_version: int
    catalogue_digest: str
    description: dict[str, Any]
    """What the data are, for whoever reads them (1134 Điều 6.6)."""
    figures: tuple[dict[str, Any], ...] = ()
    """The totals of the indicators (`figures.totals`), for those who sign."""

    def slip_document(self) -> dict[str, Any]:
        return slip_document(
            self.slip, self.attachments, self.catalogue_version, self.catalogue_digest
        )

    def report_document(self) -> dict[str, Any]:
        return {
            "schema": REPORT_SCHEMA,
            "rule_set": self.reports[0]["rule_set"],
            "reports": list(self.reports),
            "answers": list(self.answers),
            "figures": list(self.figures),
        }


def prepare(request: Request, catalogue: Catalogue, chain: Chain) -> Draft:
    """Check the files and number the submission.

    Exit 1 when a file has errors, 2 for names, types or options that do not fit, 7 when what was
    found concerns secrecy or personal data.
    """
    from iocsl.bundle.attachments import check_attachments
    from iocsl.bundle.gate import check_gate
    from iocsl.catalog.description import describe
    from iocsl.validate import answers

    paths = _named(request)
    check_attachments(request.attachments)
    unit = catalogue.find_unit(request.unit).id if request.unit else None
    # Before the rules: what they say may quote a cell.
    said = {"dataset": request.dataset, "unit": unit, "period": request.period}
    check_gate(request.files, request.attachments, catalogue, said)
    reports = _checked(request, catalogue, unit)
    dataset, unit, period = (
        _agreed(key, option, [getattr(report, key) for report in reports])
        for key, option in (
            ("dataset", "--dataset"),
            ("unit", "--unit"),
            ("period", "--period"),
        )
    )
    if any(None in {report.dataset, report.unit, report.period} for report in reports):
        # What one file leaves open another says: the warehouse checks all by what they agree on.
        whole = replace(request, dataset=dataset, period=period)
        reports = _checked(whole, catalogue, unit)
    answers.refuse_errors(reports, request.reasons)
    for report in reports:
        answers.keep(config.home(), report, request.reasons)
    files = tuple(
        FileEntry(name, path.stat().st_size, sha256_of(path))
        for name, path in sorted(paths.items())
    )
    if sum(file.size for file in files) >= MAX_TOTAL:
        raise _too_large()
    sequence, supersedes = number(chain, Slip(unit, dataset, period, 1, None, files), request)
    return Draft(
        Slip(unit, dataset, period, sequence, supersedes, files),
        paths,
        tuple(report.document() for report in reports),
        tuple(each for report in reports for each in answers.documents(config.home(), report)),
        tuple(sorted(nfc(path.name) for path in request.attachments)),
        catalogue.version,
        catalogue.digest,
        describe(catalogue, catalogue.dataset(dataset), unit, Period.parse(period)),
        _figures(request.files, catalogue, (dataset, unit, period), reports),
    )


def _figures(
    files: Sequence[Path],
    catalogue: Catalogue,
    what: tuple[str, str, str],
    reports: Sequence[Report],
) -> tuple[dict[str, Any], ...]:
    """The totals of the files of one dataset, unit and period."""
    from iocsl.bundle.figures import totals
    from iocsl.catalog.schema import parse_schema
    from iocsl.validate.context import Context

    dataset = catalogue.dataset(what[0])
    context = Context(
        catalogue=catalogue,
        schema=parse_schema(catalogue.schema(dataset.schema), dataset.schema),
        dataset=dataset,
        unit=catalogue.unit(what[1]),
        period=Period.parse(what[2]),
    )
    rows = sum(report.rows or 0 for report in reports)
    return tuple(totals(files, context, rows))


def number(chain: Chain, slip: Slip, request: Request) -> tuple[int, str | None]:
    """Sequence and what it supersedes.

    The next number of this unit, dataset and period by the ledger; it supersedes the last one. The
    very same files as last time keep their number, unless that bundle was returned: making a bundle
    again after a crash names the same submission.
    """
    home = chain.path.parent
    same = created(chain, slip)
    received = SeenHere(home).taken(slip.unit, slip.dataset, slip.period)
    same += [
        {"sequence": sequence, "identity": identity, "supersedes": None}
        for sequence, identity in received
        if all(subject["identity"] != identity for subject in same)
    ]
    last = max(same, key=lambda subject: int(subject["sequence"]), default=None)
    if last is not None and request.sequence is None and request.supersedes is None:
        repeated = Slip(
            slip.unit, slip.dataset, slip.period, last["sequence"], last["supersedes"], slip.files
        )
        returned = {entry.subject["identity"] for entry in chain.entries("bundle.return")}
        if repeated.identity() == last["identity"] and last["identity"] not in returned:
            return repeated.sequence, repeated.supersedes
    sequence = request.sequence or (int(last["sequence"]) + 1 if last else 1)
    supersedes = request.supersedes or (str(last["identity"]) if last else None)
    return sequence, supersedes


def created(chain: Chain, slip: Slip) -> list[dict[str, Any]]:
    """What this home's ledger says was made for the slip's unit, dataset and period."""
    wanted = (slip.unit, slip.dataset, slip.period)
    return [
        entry.subject
        for entry in chain.entries(CREATED)
        if (entry.subject["unit"], entry.subject["dataset"], entry.subject["period"]) == wanted
    ]


def check_number(chain: Chain, slip: Slip) -> None:
    """Whether the slip's number is free, or its own already. Exit 2 otherwise."""
    for subject in created(chain, slip):
        if subject["sequence"] == slip.sequence and subject["identity"] != slip.identity():
            raise usage(
                "sequence-taken",
                f"Lần nộp số {slip.sequence} của bộ và kỳ này đã dùng cho một gói khác.",
                f"Number {slip.sequence} of this dataset and period belongs to another bundle.",
                ("Bỏ --sequence rồi chạy lại.", "Leave out --sequence and run it again."),
            )


def _named(request: Request) -> dict[str, Path]:
    """The files by the name that each will have in the bundle."""
    from iocsl.bundle.kinds import TYPES

    paths: dict[str, Path] = {}
    folded: set[str] = set()
    for path in (*request.files, *request.attachments):
        if path.is_dir():
            raise is_folder(path)
        if not path.is_file():
            raise missing_file(path)
        name, suffix = nfc(path.name), path.suffix.lower()
        allowed = DATA_TYPES if path in request.files else frozenset(TYPES)
        if suffix not in allowed:
            raise _wrong_type(path, allowed)
        if not safe_part(name):
            raise _unsafe_name(path)
        if name.casefold() in folded:
            raise _same_name(name)
        folded.add(name.casefold())
        paths[name] = path
    return paths


def _checked(request: Request, catalogue: Catalogue, unit: str | None) -> list[Report]:
    """The reports of the data files, none of which has an error."""
    from iocsl.bundle.past import HomePast
    from iocsl.validate.attachments import attachments_of
    from iocsl.validate.between_files import check_together
    from iocsl.validate.own_folder import configured

    said = {"dataset": request.dataset, "unit": unit, "period": request.period}
    reports = check_together(
        request.files,
        catalogue,
        said,
        history=HomePast(config.home_path()),
        attachments=attachments_of(request.attachments),
        own=configured(),
    )
    for path, report in zip(request.files, reports, strict=True):
        if not report.valid:
            raise _has_errors(path, report)
    return reports


def _has_errors(path: Path, report: Report) -> IocslError:
    errors = [finding for finding in report.findings if finding.severity == "error"]
    secret = any(finding.code.startswith("D") for finding in errors)
    first = "; ".join(
        f"{finding.code}{f' ({finding.cell})' if finding.cell else ''} {finding.message}"
        for finding in errors[:3]
    )
    return IocslError(
        "data-gate" if secret else "file-has-errors",
        f"Tệp “{path.name}” còn {len(errors)} lỗi, chưa lập gói: {first}",
        f"The file “{path.name}” has {len(errors)} errors, no bundle was made: {first}",
        (
            f'Xem tất cả và cách sửa: iocsl validate "{path}"',
            f'See them all and how to mend them: iocsl validate "{path}"',
        ),
        ExitCode.GATE if secret else ExitCode.FINDINGS,
    )


def _agreed(key: str, option: str, values: Sequence[str | None]) -> str:
    """The one value that all the files agree on."""
    found = {value for value in values if value}
    if len(found) == 1:
        return found.pop()
    names = {
        "dataset": ("mã bộ dữ liệu", "dataset"),
        "unit": ("đơn vị", "unit"),
        "period": ("kỳ báo cáo", "period"),
    }
    vi, en = names[key]
    if found:
        listed = ", ".join(sorted(found))
        raise usage(
            f"several-{key}s",
            f"Các tệp thuộc nhiều {vi} khác nhau: {listed}.",
            f"The files are of several {en}s: {listed}.",
            ("Lập mỗi gói cho một bộ, một kỳ.", "Make one bundle for each."),
        )
    raise usage(
        f"no-{key}",
        f"Chưa rõ {vi} của tệp.",
        f"The {en} of the file is not known.",
        (f"Thêm {option}, hoặc ghi ở trang Thong_tin.", f"Add {option}, or the Thong_tin sheet."),
    )


def secrecy_undeclared() -> IocslError:
    """No declaration that the data may go to the warehouse at all: exit 7."""
    return IocslError(
        "secrecy-undeclared",
        "Chưa có cam kết dữ liệu không phải bí mật nhà nước và không phải thông tin nội bộ.",
        "It was not declared that the data are neither state secrets nor internal information.",
        (
            f"Nếu đúng vậy, thêm --khong-mat. Nếu không thì không được gửi vào Kho ({SECRECY}).",
            f"If so, add --not-secret. If not, they may not be sent ({SECRECY}).",
        ),
        ExitCode.GATE,
    )


def _wrong_type(path: Path, allowed: frozenset[str]) -> IocslError:
    listed = " ".join(sorted(allowed))
    return usage(
        "wrong-file-type",
        f"Kho không nhận loại tệp “{path.suffix or path.name}”.",
        f"The warehouse does not take files of the type “{path.suffix or path.name}”.",
        (f"Các loại được nhận: {listed}.", f"Types that it takes: {listed}."),
    )


def _unsafe_name(path: Path) -> IocslError:
    return usage(
        "unsafe-file-name",
        f"Tên tệp “{path.name}” có ký tự không dùng được trên mọi máy.",
        f"The file name “{path.name}” has characters that not every machine can use.",
        (
            "Đổi tên tệp: chữ, số, dấu cách, dấu gạch, dấu chấm.",
            "Rename the file: letters, digits, spaces, dashes, dots.",
        ),
    )


def _same_name(name: str) -> IocslError:
    return usage(
        "same-file-name",
        f"Có hai tệp cùng tên “{name}”.",
        f"Two files have the name “{name}”.",
        ("Đổi tên một tệp.", "Rename one of them."),
    )


def _too_large() -> IocslError:
    return usage(
        "files-too-large",
        f"Các tệp lớn hơn {MAX_TOTAL >> 30} GiB, quá cỡ một gói nộp.",
        f"The files are larger than {MAX_TOTAL >> 30} GiB, more than a bundle holds.",
        ("Chia thành nhiều tệp nhỏ hơn.", "Split them into smaller files."),
    )
