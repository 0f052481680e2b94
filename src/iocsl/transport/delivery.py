"""Take what waits in the outbox to the warehouse, and bring its receipts home.

Each entry goes announce, upload, commit; each step may be repeated, so a run that was cut off is
simply run again. A receipt counts only after it was checked and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from iocsl.domain import ExitCode
from iocsl.errors import IocslError
from iocsl.files import sha256_of, trouble
from iocsl.ledger import chain
from iocsl.ledger.chain import Chain
from iocsl.ledger.database import kept_open
from iocsl.ledger.receipts import LANDED, NOTED, Receipt, Receipts, read
from iocsl.text import say
from iocsl.transport import proof
from iocsl.transport.account import Account
from iocsl.transport.copies import other_copy
from iocsl.transport.link import Link, NoAnswerError, RefusedError, Standing
from iocsl.transport.outbox import Entry, Outbox


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an entry stands after a run; `error` says what stopped it, None when nothing did."""

    entry: Entry
    receipts: tuple[str, ...]
    error: IocslError | None


class Delivery:
    """One run over the outbox of `home`, over one link. The caller holds the outbox's lock."""

    def __init__(self, home: Path, account: Account, link: Link) -> None:
        self._home = home
        self._account = account
        self._link = link
        self._outbox = Outbox(home)
        self._receipts = Receipts(home)

    def run(self, entries: Iterable[Entry]) -> Iterator[Outcome]:
        """Send each entry. When nobody answers, the rest is not tried, but each is sealed."""
        with kept_open(self._outbox.path, self._receipts.path, self._home / chain.FILE):
            self._catch_up()
            yield from self._run(entries)

    def _run(self, entries: Iterable[Entry]) -> Iterator[Outcome]:
        silence: NoAnswerError | None = None
        for entry in entries:
            error: IocslError | None = silence
            if silence is None:
                error = self._one(entry)
                silence = error if isinstance(error, NoAnswerError) else None
            if silence is not None:
                self._unreached(entry, silence)
            now = self._outbox.find(entry.identity)
            yield Outcome(now, tuple(self._receipts.of(entry.identity)), error)

    def _one(self, entry: Entry) -> IocslError | None:
        """Send one entry; what stopped it, None when it got through."""
        self._outbox.attempt(entry.identity)
        try:
            self._deliver(entry)
        except NoAnswerError as error:
            return error
        except RefusedError as error:
            self._outbox.fail(entry.identity, say(error.message), refused=error.final)
            return error
        except IocslError as error:
            self._outbox.fail(entry.identity, say(error.message))
            return error
        return None

    def _deliver(self, entry: Entry) -> None:
        path = self._outbox.bytes_of(entry)
        identity = entry.identity
        standing = self._link.announce(entry.slip, entry.sha256, entry.size)
        if not standing.receipts:
            self._outbox.move(identity, "announced")
            if standing.offset is not None:
                if not path.is_file() or sha256_of(path) != entry.sha256:
                    raise _bytes_lost(entry)
                self._link.upload(identity, path, entry.sha256, standing.offset)
            self._outbox.move(identity, "uploaded")
        if len(standing.receipts) < 2:
            standing = self._link.commit(identity, entry.sha256)
        if not standing.receipts:
            raise _still_checking()
        self._take(entry, standing)

    def _take(self, entry: Entry, standing: Standing) -> None:
        """Check and keep the receipts; the last of them is where the submission stands."""
        taken = [read(jws, self._account.keys) for jws in standing.receipts]
        for receipt in taken:
            _check_about(receipt, entry, test=self._account.test)
            issuer = self._account.issuer
            self._receipts.check(receipt, issuer=issuer)
            if not self._is_noted(receipt):
                # Before it is kept: a receipt without its note means that the ledger was cut.
                self._note(receipt)
            self._receipts.keep(receipt, issuer=issuer, sequence=entry.slip.sequence)
        other = other_copy(self._outbox.bytes_of(entry), taken[0], self._home)
        untaken = self._to_history(entry)
        self._outbox.move(entry.identity, taken[-1].kind, keep=untaken is not None)
        for told in (other, untaken):
            if told is not None:
                self._outbox.fail(entry.identity, say(told.message))

    def _to_history(self, entry: Entry) -> IocslError | None:
        """Keep the figures of what landed; what stood in the way, None when nothing did.

        The submission is accepted either way; its bytes stay until the history has them.
        """
        path, landed = self._outbox.bytes_of(entry), self._receipts.landed(entry.identity)
        if landed is None or not path.is_file():
            return None
        from iocsl.transport.history import take_in

        try:
            take_in(self._home, path, entry.slip, *landed)
        except IocslError as error:
            return error
        except OSError as error:
            return trouble(error)
        return None

    def _catch_up(self) -> None:
        """Take into the history what a run that was cut off, or a history in trouble, left."""
        for entry in self._outbox.entries():
            left = entry.state == LANDED and self._outbox.bytes_of(entry).is_file()
            if left and self._to_history(entry) is None:
                self._outbox.move(entry.identity, LANDED)

    def _is_noted(self, receipt: Receipt) -> bool:
        about = Chain.open(self._home / chain.FILE).about(receipt.identity)
        return any(entry.subject.get("receipt") == receipt.digest for entry in about)

    def _note(self, receipt: Receipt) -> None:
        Chain.open(self._home / chain.FILE).append(
            NOTED,
            {
                "identity": receipt.identity,
                "kind": receipt.kind,
                "seq": receipt.seq,
                "receipt": receipt.digest,
                "test": receipt.test,
            },
        )

    def _unreached(self, entry: Entry, error: NoAnswerError) -> None:
        self._outbox.fail(entry.identity, say(error.message))
        proof.seal(self._home, entry, url=self._account.url, reason=error.code)


def _still_checking() -> NoAnswerError:
    return NoAnswerError(
        "still-checking",
        "Kho đã có gói nộp nhưng chưa kiểm tra xong, chưa cấp biên nhận.",
        "The warehouse has the bundle but has not finished checking it; there is no receipt yet.",
    )


def _bytes_lost(entry: Entry) -> IocslError:
    return IocslError(
        "queued-bytes-lost",
        f"Bản sao chờ gửi của “{entry.name}” đã mất hoặc bị sửa.",
        f"The queued copy of “{entry.name}” is gone or was changed.",
        (f"Nộp lại tệp: iocsl submit {entry.name}", f"Submit the file: iocsl submit {entry.name}"),
        ExitCode.INTEGRITY,
    )


def _check_about(receipt: Receipt, entry: Entry, *, test: bool) -> None:
    """Exit 4 unless the receipt speaks of this very submission, from the store on record."""
    slip = entry.slip
    if (
        receipt.identity == entry.identity
        and (receipt.unit, receipt.dataset, receipt.period)
        == (slip.unit, slip.dataset, slip.period)
        and receipt.test is test
    ):
        return
    raise IocslError(
        "receipt-of-another",
        "Biên nhận của kho không nói về gói nộp này, nên không được tính.",
        "The warehouse's receipt is not about this submission; it does not count.",
        (
            "Báo ngay cho đơn vị vận hành kho. Gói nộp vẫn còn trong hàng chờ.",
            "Tell the operator of the warehouse at once. The bundle is still in the outbox.",
        ),
        ExitCode.INTEGRITY,
    )
