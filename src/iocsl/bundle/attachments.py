"""Which attachments a bundle takes: the regulation's twenty types, and our own policy.

1134 Điều 6.3 lists the types. It says nothing of macros, passwords, archives within archives,
programs in disguise or sizes: those rules are ours, are called so, and are set in `config.toml`
under `attachments`. The same check runs where a bundle is made, verified, and received.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from iocsl import config
from iocsl.bundle import objections as because
from iocsl.bundle.container import DATA, OpenBundle
from iocsl.bundle.inspection import Inspection
from iocsl.bundle.objections import Objection
from iocsl.domain import ExitCode, Words
from iocsl.errors import IocslError

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class AttachmentPolicy:
    """Our own rules; sizes in bytes."""

    macros: bool = False
    protected: bool = False
    depth: int = 1
    largest: int = 200 * MIB
    together: int = 1024 * MIB
    unpacked: int = 2048 * MIB
    number: int = 50

    @classmethod
    def of_config(cls) -> AttachmentPolicy:
        settings = config.load()
        return cls(
            settings.flag("attachments.macros"),
            settings.flag("attachments.protected"),
            settings.number("attachments.depth"),
            settings.number("attachments.largest_mib") * MIB,
            settings.number("attachments.together_mib") * MIB,
            settings.number("attachments.unpacked_mib") * MIB,
            settings.number("attachments.number"),
        )

    def check(self, name: str, stream: IO[bytes]) -> Iterator[Objection]:
        """Everything that speaks against one file, were it the only one."""
        size = stream.seek(0, 2)
        if size > self.largest:
            yield because.too_large(size, self.largest)
            return
        look = Inspection(self.depth, self.unpacked, self.macros, self.protected)
        yield from look.of(name, stream)

    def check_sizes(self, sizes: Iterable[tuple[str, int]]) -> Iterator[tuple[str, Objection]]:
        """What speaks against attachments of these names and sizes together."""
        total = 0
        for count, (name, size) in enumerate(sizes, start=1):
            total += size
            if count > self.number:
                yield name, because.too_many(count, self.number)
                return
            if total > self.together:
                yield name, because.too_large_together(total, self.together)
                return


def check_attachments(paths: Iterable[Path]) -> None:
    """Refuse (exit 1) attachments that the warehouse would not take; all of them are told."""
    policy = AttachmentPolicy.of_config()
    listed = list(paths)
    found = list(policy.check_sizes((path.name, path.stat().st_size) for path in listed))
    for path in listed if not found else ():
        with path.open("rb") as stream:
            found.extend((path.name, each) for each in policy.check(path.name, stream))
    if found:
        raise _refused(found)


def objections_in(
    bundle: OpenBundle, names: Iterable[str], policy: AttachmentPolicy
) -> Iterator[tuple[str, Objection]]:
    """What speaks against the attachments of a bundle, by their names."""
    listed = list(names)
    together = list(policy.check_sizes((name, bundle.size(DATA + name)) for name in listed))
    yield from together
    for name in listed if not together else ():
        with bundle.file(DATA + name) as stream:
            yield from ((name, each) for each in policy.check(name, stream))


def _refused(found: list[tuple[str, Objection]]) -> IocslError:
    vi = "; ".join(dict.fromkeys(f"“{name}” {each.told.vi}" for name, each in found))
    en = "; ".join(dict.fromkeys(f"“{name}” {each.told.en}" for name, each in found))
    fixes: dict[Words, list[str]] = {}
    for name, each in found:
        fixes.setdefault(each.fix, []).append(name)
    several = len(fixes) > 1
    advice = [
        (f"{', '.join(dict.fromkeys(names))}: " if several else "", fix)
        for fix, names in fixes.items()
    ]
    return IocslError(
        "attachment-refused",
        f"Tệp đính kèm không được nhận: {vi}.",
        f"Attachments are not taken: {en}.",
        (
            " ".join(f"{names}{fix.vi}" for names, fix in advice),
            " ".join(f"{names}{fix.en}" for names, fix in advice),
        ),
        ExitCode.FINDINGS,
    )
