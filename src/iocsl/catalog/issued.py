"""What is issued for a time: requests (yêu cầu), their withdrawal, and notices of windows.

1134 Điều 5.2.c lets UBND tỉnh or the lead agency ask for data; 2023 Điều 6.3, 8.2 and 8.3 let a
lead unit ask for a thematic or ad hoc report with a form of its own, and Điều 8, end, open or close
a window at another time with notice. Each act is a YAML file of its own in `phat_hanh/`, only ever
added: `YC-2026-001.yaml`, `YC-2026-001.rut.yaml` (withdrawal), `TB-2026-001.yaml` (notice).

Loaded only where the catalogue is built or something is issued.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self

from pydantic import BeforeValidator, Field, model_validator

from iocsl.catalog.entries import due_words
from iocsl.catalog.loader import CheckError, Document, check, fault, first_repeated, read
from iocsl.catalog.models import Line, Strict
from iocsl.catalog.schema import SchemaError, parse_schema
from iocsl.catalog.timetable import Day
from iocsl.domain import VIETNAM, Period, Regime, Words

REQUEST, NOTICE, WITHDRAWN = "YC", "TB", ".rut.yaml"
KINDS: Mapping[str, tuple[Regime, str, str]] = {
    "theo_yeu_cau": (Regime.QD1134, "1134.demand", "Điều 5.2.c"),
    "chuyen_de": (Regime.QD2023, "2023.thematic", "Điều 8.2"),
    "dot_xuat": (Regime.QD2023, "2023.thematic", "Điều 8.3"),
}
"""Kinds of request: the regulation, the deadline rule and the article each falls under."""
KIND_WORDS: Mapping[str, Words] = {
    "theo_yeu_cau": Words("dữ liệu theo yêu cầu", "data on demand"),
    "chuyen_de": Words("báo cáo chuyên đề", "thematic report"),
    "dot_xuat": Words("báo cáo đột xuất", "ad hoc report"),
}
GENERAL = "chi_tieu"
"""The structure of a request that lists indicators and brings no columns of its own."""


def _moment(value: Any) -> datetime:
    """An ISO 8601 moment; without an offset it is Vietnam's time."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise CheckError(
            f"“{value}” không phải là một thời điểm (viết như 2026-11-30T17:00).",
            f"“{value}” is not a moment (write it like 2026-11-30T17:00).",
        ) from None
    return found.replace(tzinfo=VIETNAM) if found.tzinfo is None else found.astimezone(VIETNAM)


def _period(value: Any) -> str:
    """The id of a period that exists; YAML reads a bare year as a number."""
    try:
        return Period.parse(str(value)).id
    except ValueError:
        raise CheckError(
            f"“{value}” không phải là một kỳ có thật.", f"“{value}” is not a period that exists."
        ) from None


Moment = Annotated[datetime, BeforeValidator(_moment)]
PeriodId = Annotated[str, BeforeValidator(_period)]


class AskedIndicator(Strict):
    """One chỉ tiêu that a request asks for (2023 Điều 6.3)."""

    ma: Annotated[str, Field(pattern=r"^YC-\d{4}-\d{3}\.\d{3}$")]
    ten: Line
    don_vi_tinh: Line | None = None
    phuong_phap: Line | None = None


class RequestFile(Strict):
    """One request: what is asked of whom, until when, by which document.

    Exactly one of `bo_du_lieu` (datasets of the catalogue), `cau_truc` (a Table Schema of its own)
    and `chi_tieu` (indicators) says what is to be sent. `han` is the first moment that is too late.
    """

    ma: Annotated[str, Field(pattern=r"^YC-\d{4}-\d{3}$")]
    loai: Annotated[str, Field(pattern=f"^({'|'.join(KINDS)})$")]
    ten: Line
    co_quan: Line
    so: Line
    ngay: Day
    ky: PeriodId
    han: Moment
    noi_nhan: Annotated[tuple[Line, ...], Field(min_length=1)]
    bo_du_lieu: tuple[Line, ...] = ()
    cau_truc: dict[str, Any] | None = None
    chi_tieu: tuple[AskedIndicator, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if sum(map(bool, (self.bo_du_lieu, self.cau_truc, self.chi_tieu))) != 1:
            raise CheckError(
                "cần đúng một trong: bo_du_lieu, cau_truc, chi_tieu.",
                "exactly one of bo_du_lieu, cau_truc, chi_tieu is wanted.",
            )
        if (self.han - timedelta(microseconds=1)).date() < self.ngay:
            raise CheckError("han sớm hơn ngay.", "han is before ngay.", "han")
        for key in ("noi_nhan", "bo_du_lieu"):
            if repeated := first_repeated(getattr(self, key)):
                raise CheckError(f"“{repeated[1]}” lặp lại.", f"“{repeated[1]}” is repeated.", key)
        if repeated := first_repeated(each.ma for each in self.chi_tieu):
            raise CheckError(f"mã “{repeated[1]}” lặp lại.", f"“{repeated[1]}” is repeated.")
        return self

    @property
    def own_form(self) -> bool:
        """Whether it brings a form of its own, which becomes an entry of the catalogue."""
        return not self.bo_du_lieu


class WithdrawalFile(Strict):
    """That a request no longer stands; its code is never used again."""

    ma: Annotated[str, Field(pattern=r"^YC-\d{4}-\d{3}$")]
    so: Line
    ngay: Day
    ly_do: Line


class NoticeFile(Strict):
    """That a lead unit opens or closes a window at another time (2023 Điều 8, end).

    `han` is the deadline's id, as `iocsl deadlines` shows it; `bo_du_lieu` and `don_vi` narrow it.
    """

    ma: Annotated[str, Field(pattern=r"^TB-\d{4}-\d{3}$")]
    han: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+/[0-9A-Z+-]+$")]
    don_vi: Line | None = None
    bo_du_lieu: tuple[Line, ...] = ()
    mo_tu: Moment | None = None
    dong_luc: Moment | None = None
    so: Line
    ngay: Day
    ly_do: Line

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.mo_tu is None and self.dong_luc is None:
            raise CheckError("cần mo_tu hoặc dong_luc.", "mo_tu or dong_luc is wanted.")
        if self.mo_tu and self.dong_luc and self.dong_luc <= self.mo_tu:
            raise CheckError("dong_luc không sau mo_tu.", "dong_luc is not after mo_tu.")
        return self


@dataclass(frozen=True, slots=True)
class Issued:
    """All that was issued, each checked for itself; withdrawals by the code they end."""

    requests: tuple[RequestFile, ...] = ()
    withdrawals: Mapping[str, WithdrawalFile] | None = None
    notices: tuple[NoticeFile, ...] = ()

    def withdrawn(self, code: str) -> WithdrawalFile | None:
        return (self.withdrawals or {}).get(code)

    @property
    def count(self) -> int:
        """How many acts there are: each makes the catalogue one version newer."""
        return len(self.requests) + len(self.withdrawals or {}) + len(self.notices)


def read_issued(paths: Iterable[Path], units: Collection[str], datasets: Collection[str]) -> Issued:
    """Read and check every record; `units` and `datasets` are those of the base catalogue.

    IocslError (exit 3) names file, line and entry of the first fault; nothing is then loaded.
    """
    requests: dict[str, RequestFile] = {}
    withdrawals: dict[str, WithdrawalFile] = {}
    notices: dict[str, NoticeFile] = {}
    places: dict[str, Document] = {}
    for path in sorted(paths, key=lambda path: path.name):
        document = read(path)
        if path.name.endswith(WITHDRAWN):
            ended = check(WithdrawalFile, document, entries="")
            _named(document, ended.ma, WITHDRAWN)
            withdrawals[ended.ma] = ended
        elif path.name.startswith(NOTICE):
            notice = check(NoticeFile, document, entries="")
            _named(document, notice.ma)
            notices[notice.ma] = notice
        else:
            request = check_request(document, units, datasets)
            requests[request.ma] = request
        places[path.name] = document
    for code in withdrawals:
        if code not in requests:
            _refuse(
                places[code + WITHDRAWN], "ma", code, "không có yêu cầu này.", "no such request."
            )
    forms = {each.ma for each in requests.values() if each.own_form}
    for notice in notices.values():
        document = places[f"{notice.ma}.yaml"]
        _known(document, notice.ma, "don_vi", [notice.don_vi] if notice.don_vi else [], units)
        _known(document, notice.ma, "bo_du_lieu", notice.bo_du_lieu, {*datasets, *forms})
    return Issued(tuple(requests.values()), withdrawals, tuple(notices.values()))


def check_request(
    document: Document, units: Collection[str], datasets: Collection[str]
) -> RequestFile:
    """One request: whole, in a file of its own name, of units and datasets that there are."""
    request = check(RequestFile, document, entries="")
    _named(document, request.ma)
    _known(document, request.ma, "co_quan", [request.co_quan], units)
    _known(document, request.ma, "noi_nhan", request.noi_nhan, units)
    _known(document, request.ma, "bo_du_lieu", request.bo_du_lieu, datasets)
    for place, each in enumerate(request.chi_tieu):
        if not each.ma.startswith(f"{request.ma}."):
            line = document.line(("chi_tieu", place, "ma"))
            said = Words(f"mã phải bắt đầu bằng {request.ma}.", f"must begin with {request.ma}.")
            raise fault(document.path, line, said, entry=each.ma)
    if request.cau_truc is not None:
        try:
            parse_schema(request.cau_truc, document.path.name)
        except SchemaError as error:
            line = document.line(("cau_truc", *error.steps()))
            said = Words(f"{error.said.vi}.", f"{error.said.en}.")
            raise fault(document.path, line, said, entry=request.ma, code="bad-schema") from None
    return request


def _named(document: Document, code: str, ending: str = ".yaml") -> None:
    """The file bears the code's name, so that no code stands in two files."""
    if document.path.name != code + ending:
        _refuse(
            document,
            "ma",
            code,
            f"tệp phải có tên {code}{ending}.",
            f"the file must be named {code}{ending}.",
        )


def _known(
    document: Document, code: str, key: str, given: Iterable[str], known: Collection[str]
) -> None:
    for place, each in enumerate(given):
        if each not in known:
            line = document.line((key, place))
            said = Words(f"danh mục không có “{each}”.", f"the catalogue has no “{each}”.")
            raise fault(document.path, line, said, entry=code)


def _refuse(document: Document, key: str, code: str, vi: str, en: str) -> NoReturn:
    raise fault(document.path, document.line((key,)), Words(vi, en), entry=code)


# rows of the mirror


def dataset_body(request: RequestFile, issued: Issued) -> dict[str, Any]:
    """A request's own form as an entry of the catalogue, in the shape of `entries.Dataset`."""
    regime, _, _ = KINDS[request.loai]
    number = int(request.ma.rpartition("-")[2])
    return {
        "code": request.ma,
        "regime": regime.value,
        "list": None,
        "row": number,
        "unit_no": None,
        "name": request.ten,
        "name_printed": request.ten,
        "unit": None,
        "unit_printed": None,
        "unit_inferred": None,
        "provider": None,
        "periods": [Period.parse(request.ky).type.value],
        "due_printed": due_words(request.han).vi,
        "status": "retired" if issued.withdrawn(request.ma) else "active",
        "defects": [],
        "ma_tam": True,
        "source": {
            "document": document_words(request.so, request.ngay).vi,
            "annex": "Yêu cầu",
            "list": KIND_WORDS[request.loai].vi,
            "row": number,
        },
        "schema": request.ma if request.cau_truc is not None else GENERAL,
        "indicators": [each.ma for each in request.chi_tieu],
        "addressees": list(request.noi_nhan),
        "asked_period": request.ky,
    }


def indicator_bodies(request: RequestFile) -> list[dict[str, Any]]:
    """A request's indicators in the shape of `entries.Indicator`."""
    return [
        {
            "code": each.ma,
            "name": each.ten,
            "unit_of_measure": each.don_vi_tinh,
            "method": each.phuong_phap,
            "valid_from": None,
            "valid_to": None,
            "replaced_by": None,
            "ma_tam": True,
            "figures": [],
            "breakdowns": [],
        }
        for each in request.chi_tieu
    ]


def issued_document(issued: Issued) -> dict[str, Any]:
    """All of it as the document `phat_hanh`, which deadlines are read from."""
    return {
        "requests": [_request_body(each, issued.withdrawn(each.ma)) for each in issued.requests],
        "notices": [
            {
                "code": each.ma,
                "deadline": each.han,
                "unit": each.don_vi,
                "datasets": list(each.bo_du_lieu),
                "opens_at": each.mo_tu.isoformat() if each.mo_tu else None,
                "closes_at": each.dong_luc.isoformat() if each.dong_luc else None,
                "document": each.so,
                "date": each.ngay.isoformat(),
                "reason": each.ly_do,
            }
            for each in issued.notices
        ],
    }


def _request_body(each: RequestFile, ended: WithdrawalFile | None) -> dict[str, Any]:
    regime, rule, article = KINDS[each.loai]
    return {
        "code": each.ma,
        "kind": each.loai,
        "regime": regime.value,
        "rule": rule,
        "basis": article,
        "title": each.ten,
        "issuer": each.co_quan,
        "document": each.so,
        "date": each.ngay.isoformat(),
        "period": each.ky,
        "period_type": Period.parse(each.ky).type.value,
        "due_before": each.han.isoformat(),
        "addressees": list(each.noi_nhan),
        "datasets": list(each.bo_du_lieu) or [each.ma],
        "own_form": each.own_form,
        "withdrawn": {"document": ended.so, "date": ended.ngay.isoformat(), "reason": ended.ly_do}
        if ended
        else None,
    }


def document_words(number: str, day: date) -> Words:
    return Words(f"{number} ngày {day:%d/%m/%Y}", f"{number} of {day:%d/%m/%Y}")
