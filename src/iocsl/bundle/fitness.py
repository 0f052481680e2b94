"""Whether a certificate can make a good signature, told when it is registered and not at signing.

The checks are those that every signature goes through (`certificates`, `revocation`); what they
refuse is said here in words for whoever looks after the certificates. `docs/decisions/0110`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from iocsl.bundle.certificates import Anchors, check_digest, check_path, check_usage
from iocsl.bundle.cms import check_key, name_of
from iocsl.bundle.refusals import Refusal, RefusedError, visible
from iocsl.bundle.register import Appointment, Gap, SignerRegister, soon_after
from iocsl.bundle.revocation import unknown_status
from iocsl.domain import VIETNAM, ExitCode, Words
from iocsl.errors import IocslError

if TYPE_CHECKING:
    from asn1crypto import x509

_ANYHOW = 0
"""No step in particular: the checks name one where they judge a bundle."""
_ENDED = datetime.max.replace(tzinfo=UTC)


_ISSUER = Words(
    "đây là chứng thư của nơi cấp (CA), không phải của người ký",
    "it is the certificate of an issuer (CA), not of a person",
)
_WORDS = {
    "B501": Words(
        "nơi cấp đã ký chứng thư bằng hàm băm không được dùng ({algorithm})",
        "its issuer signed it with a digest that is not permitted ({algorithm})",
    ),
    "B502": Words("khóa quá yếu ({detail})", "its key is too weak ({detail})"),
    "B503": Words(
        "loại khóa không được dùng ({algorithm})",
        "keys of its kind are not permitted ({algorithm})",
    ),
    "B601": Words(
        "nơi cấp chứng thư chưa được tin ở máy này", "its issuer is not trusted here yet"
    ),
    "B604": Words(
        "chứng thư không được cấp để một người ký số ({detail})",
        "it was not issued for a person's signature ({detail})",
    ),
    "B605": Words("chứng thư đã bị thu hồi", "it has been revoked"),
}
"""What those reasons say of a certificate; the others say the same of both."""
_ANOTHER = Words(
    "Đăng ký chứng thư ký số cá nhân: keyUsage có digitalSignature hoặc nonRepudiation, RSA từ"
    " 2048 bit hoặc ECDSA P-256 trở lên, ký bằng SHA-256. Chưa có thì xin nơi cấp.",
    "Register a person's signing certificate: keyUsage with digitalSignature or nonRepudiation, RSA"
    " of 2048 bits or ECDSA P-256 at least, signed with SHA-256. Ask the issuer for one.",
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing wrong with a certificate; `never` where no signature with it can be good.

    `code` is the name of the refusal that would come, or `expires-soon`, `not-yet-valid`.
    """

    code: str
    message: Words
    never: bool = False
    fix: Words | None = None


def troubles(
    certificate: x509.Certificate,
    anchors: Anchors,
    days: tuple[date, date | None],
    now: datetime,
) -> list[Trouble]:
    """What is wrong with a certificate for one who may sign from the first to the last of `days`.

    What it is made of comes first; only where that is sound, time and issuer are asked about.
    """
    found = [*_own(certificate), *_in_time(certificate, days, now)]
    if any(each.never for each in found):
        return found
    return [*found, *_issued(certificate, anchors, days, now)]


def _own(certificate: x509.Certificate) -> Iterator[Trouble]:
    """Kind, key and digest: no day and no issuer makes them better."""
    for check in (
        lambda: check_usage(certificate, _ANYHOW),
        lambda: check_key(certificate, _ANYHOW),
        lambda: check_digest(certificate),
    ):
        try:
            check()
        except RefusedError as refused:
            yield _trouble(refused, never=True)
        except (ValueError, TypeError, KeyError) as error:
            # asn1crypto parses as it is asked; a part that nobody can read signs nothing.
            yield _trouble(
                RefusedError("B503", step=_ANYHOW, algorithm=type(error).__name__), never=True
            )


def _in_time(
    certificate: x509.Certificate, days: tuple[date, date | None], now: datetime
) -> Iterator[Trouble]:
    first, last = certificate.not_valid_before, certificate.not_valid_after
    begins, ends = _moments(days)
    from_day, to_day = (
        f"{first.astimezone(VIETNAM):%d/%m/%Y}",
        f"{last.astimezone(VIETNAM):%d/%m/%Y}",
    )
    if last < begins or first >= ends:
        yield Trouble(
            "out-of-validity",
            Words(
                f"chứng thư có hiệu lực từ {from_day} đến {to_day}, không ngày nào trong thời gian"
                " được ký",
                f"it is valid from {from_day} to {to_day}, on no day of the time to sign in",
            ),
            never=True,
            fix=Words(
                "Xin chứng thư mới, hoặc sửa --from, --to theo văn bản phân công.",
                "Ask for a new certificate, or mend --from and --to by the document.",
            ),
        )
    elif last < now:
        yield Trouble(
            "out-of-validity",
            Words(
                f"chứng thư đã hết hạn {to_day}: chỉ còn để kiểm tra những gì đã ký",
                f"it ran out on {to_day}: it only serves to verify what was signed",
            ),
        )
    elif now < first:
        yield Trouble(
            "not-yet-valid",
            Words(f"chứng thư chỉ có hiệu lực từ {from_day}", f"it is valid from {from_day} only"),
        )
    elif last < soon_after(now):
        yield Trouble(
            "expires-soon",
            Words(
                f"chứng thư hết hạn ngày {to_day}: xin gia hạn từ bây giờ",
                f"it runs out on {to_day}: have it renewed now",
            ),
        )


def _issued(
    certificate: x509.Certificate,
    anchors: Anchors,
    days: tuple[date, date | None],
    now: datetime,
) -> Iterator[Trouble]:
    """Issuer and revocation, as far as the trust store tells today."""
    moment = min(max(now, certificate.not_valid_before), certificate.not_valid_after)
    try:
        path = check_path(certificate, (), anchors, (moment,), _ANYHOW)
        unknown_status(path.certificates, anchors.statements, moment, _ANYHOW, stamped=False)
    except RefusedError as refused:
        # One who signs no more may have signed before it was revoked.
        signs_still = _moments(days)[1] > now
        yield _trouble(refused, never=refused.refusal.code == "B605" and signs_still)


def _moments(days: tuple[date, date | None]) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last."""
    first, last = days
    begins = datetime.combine(first, time.min, VIETNAM)
    if last is None or last >= date.max - timedelta(days=1):
        return begins, _ENDED
    return begins, datetime.combine(last + timedelta(days=1), time.min, VIETNAM)


def _trouble(refused: RefusedError, *, never: bool) -> Trouble:
    reason = refused.refusal
    fix = _ANOTHER if never else reason.fix
    return Trouble(reason.name, _words(reason, refused.details), never, fix)


def _words(reason: Refusal, details: dict[str, object]) -> Words:
    """What a refusal says of a signature, said of a certificate that has made none yet."""
    is_issuer = reason.code == "B604" and details["detail"] == "CA"
    words = _ISSUER if is_issuer else _WORDS.get(reason.code)
    if words is None:
        return reason.message
    shown = {key: visible(str(value)) for key, value in details.items()}
    return Words(words.vi.format(**shown), words.en.format(**shown))


def unfit(certificate: x509.Certificate, found: list[Trouble]) -> IocslError:
    """A certificate with which nothing good can be signed is not registered: exit 4."""
    fatal = [each for each in found if each.never]
    name = visible(name_of(certificate))
    return IocslError(
        fatal[0].code,
        f"Không đăng ký chứng thư “{name}”: {'; '.join(each.message.vi for each in fatal)}.",
        f"“{name}” was not registered: {'; '.join(each.message.en for each in fatal)}.",
        fatal[0].fix,
        ExitCode.INTEGRITY,
    )


def certificate_gaps(
    register: SignerRegister, appointments: list[Appointment], anchors: Anchors, now: datetime
) -> Iterator[Gap]:
    """For each right that holds now: what is wrong with its certificate, where a copy is kept."""
    seen: set[tuple[str, str, str]] = set()
    for each in appointments:
        certificate = register.certificate(each.fingerprint) if each.holds_at(now) else None
        if certificate is None:
            continue
        for trouble in troubles(certificate, anchors, (now.date(), each.last_day), now):
            said = (each.unit, each.fingerprint, trouble.code)
            if said not in seen:
                seen.add(said)
                vi, en = trouble.message
                yield Gap(
                    each.unit, trouble.code, Words(f"{each.person}: {vi}.", f"{each.person}: {en}.")
                )
