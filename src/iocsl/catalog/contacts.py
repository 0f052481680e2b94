"""The two contacts that 1134 Điều 11.2 wants of every unit: one leader, one official.

They are the unit's own configuration, `dau_moi.yaml` in home, readable by its owner alone. They
are personal data: never logged, never sent, never part of the catalogue.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from iocsl import config
from iocsl.files import write_whole

FILE = "dau_moi.yaml"
ROLES = ("lanh_dao", "cong_chuc")
"""Leader (lãnh đạo) and official (công chức)."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One person, with the keys of the file."""

    ho_ten: str
    chuc_vu: str
    dien_thoai: str
    thu_dien_tu: str


def path() -> Path:
    return config.home_path() / FILE


def read() -> dict[str, dict[str, Contact | None]]:
    """Unit id → role → contact, None where none is named. A bad file is refused, exit 3."""
    if not path().is_file():
        return {}
    from pydantic import RootModel

    from iocsl.catalog import loader
    from iocsl.catalog.models import ContactModel, ContactRoles

    document = loader.read(path())
    checked = loader.check(RootModel[dict[str, ContactRoles]], document)

    def contact(model: ContactModel | None) -> Contact | None:
        return Contact(**model.model_dump()) if model else None

    return {
        unit: {"lanh_dao": contact(roles.lanh_dao), "cong_chuc": contact(roles.cong_chuc)}
        for unit, roles in checked.root.items()
    }


def write(unit: str, role: str, contact: Contact) -> None:
    """Set one contact of one unit; the others stay."""
    import yaml

    kept = read()
    kept.setdefault(unit, dict.fromkeys(ROLES))[role] = contact
    plain = {
        each: {part: asdict(one) if one else None for part, one in roles.items()}
        for each, roles in sorted(kept.items())
    }
    config.home()
    text = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)
    write_whole(path(), text.encode("utf-8"), private=True)
