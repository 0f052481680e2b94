"""`iocsl validate --fix`: show what can be mended without loss, write it beside, check it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iocsl.commands.validate_output import Outcome
from iocsl.console.output import note
from iocsl.errors import IocslError, usage
from iocsl.files import replacing, sha256_of
from iocsl.reports.wording import printable
from iocsl.text import say, tr

if TYPE_CHECKING:
    from iocsl.catalog import Catalogue
    from iocsl.commands.validate_jobs import Beside
    from iocsl.validate import Report
    from iocsl.validate.fix import Fixed, Repair

SHOWN = 50
"""Repairs listed of one file; the count tells the rest."""


def fix_all(
    outcomes: Sequence[Outcome],
    catalogue: Catalogue,
    said: dict[str, Any],
    *,
    beside: Beside,
    output: Path | None,
    dry_run: bool,
    tell: Callable[[str], None],
) -> list[Outcome]:
    """Each file mended into a second one, and the check of that one in place of the first.

    `said` are the options the files were checked with, `beside` what goes with them; `tell` takes
    the lines of the diff.
    A dry run, a file that cannot be read and one without repairs keep their first check.
    """
    if output is not None and len(outcomes) > 1:
        raise usage(
            "one-name-for-many",
            "Một tên tệp sau -o không đủ cho nhiều tệp được sửa.",
            "One name after -o is not enough for several mended files.",
            ("Bỏ -o để ghi cạnh từng tệp.", "Leave out -o to write beside each file."),
        )
    return [
        each
        if isinstance(each.result, IocslError) or each.result.unreadable
        else _fix(
            each.path,
            each.result,
            catalogue,
            said,
            beside=beside,
            output=output,
            dry_run=dry_run,
            tell=tell,
        )
        for each in outcomes
    ]


def _fix(
    path: Path,
    report: Report,
    catalogue: Catalogue,
    said: dict[str, Any],
    *,
    beside: Beside,
    output: Path | None,
    dry_run: bool,
    tell: Callable[[str], None],
) -> Outcome:
    from iocsl.commands.validate_jobs import checked
    from iocsl.validate.fix import find_repairs, target_of
    from iocsl.validate.patch import UnusualWorkbookError

    target = output or target_of(path)
    try:
        _refuse_suffix(path, target)
        fixed = find_repairs(path, catalogue, report, **said)
        if fixed.repairs and not dry_run:
            _refuse_existing(target)
        _tell(fixed, target, tell, dry_run=dry_run)
        if dry_run or not fixed.repairs:
            return Outcome(path, report)
        _refuse_changed(path, report)
        with replacing(target) as stream:
            fixed.write(stream)
            _refuse_changed(path, report)
        note(tr(f"Đã ghi tệp đã sửa: {target}", f"Wrote the mended file: {target}"))
        return Outcome(target, checked(target, catalogue, said, beside))
    except UnusualWorkbookError:
        return Outcome(path, _unusual(path))
    except IocslError as error:
        return Outcome(path, error)


def _tell(fixed: Fixed, target: Path, tell: Callable[[str], None], *, dry_run: bool) -> None:
    many = len(fixed.repairs)
    name = printable(fixed.source.name)
    if not many:
        tell(
            tr(
                f"{name}: không có ô nào sửa được mà chắc chắn không đổi nghĩa.",
                f"{name}: no cell can be mended with its meaning surely the same.",
            )
        )
        return
    if dry_run:
        tell(tr(f"{name}: sẽ sửa {many} ô", f"{name}: {many} cells would be mended"))
    else:
        tell(
            tr(
                f"{name}: sửa {many} ô, ghi vào {target.name}",
                f"{name}: {many} cells mended into {target.name}",
            )
        )
    for repair in fixed.repairs[:SHOWN]:
        tell("  " + _line(repair))
    if many > SHOWN:
        tell(tr(f"  … và {many - SHOWN} ô nữa", f"  … and {many - SHOWN} more cells"))


def _line(repair: Repair) -> str:
    where = repair.cell or tr(f"dòng {repair.row}, {repair.key}", f"row {repair.row}, {repair.key}")
    if repair.sheet:
        where = f"{repair.sheet}!{where}"
    before, after = (_visible(text) for text in repair.shown())
    kinds = "; ".join(say(kind.value) for kind in repair.kinds)
    if repair.number is None or repair.personal:
        after = f"“{after}”"
    else:
        after = after.replace(".", tr(",", "."))
    return f"{where}: “{before}” → {after} ({kinds})"


def _visible(text: str) -> str:
    """With the characters named that the eye does not see: they are what the repair removes."""
    from iocsl.validate.rules.vietnamese import INVISIBLE

    return printable(INVISIBLE.sub(lambda found: f"[U+{ord(found[0]):04X}]", text))


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise usage(
            "output-exists",
            f"Đã có tệp “{target}”, không ghi đè.",
            f"“{target}” is there already and is not overwritten.",
            ("Cất tệp cũ đi, hoặc chọn tên khác bằng -o.", "Move it away or choose one with -o."),
        )


def _refuse_changed(path: Path, report: Report) -> None:
    """What is mended is what was checked: in a file saved since, each cell may be another."""
    if sha256_of(path) != report.facts.sha256:
        raise usage(
            "changed-meanwhile",
            f"“{path.name}” vừa thay đổi trong lúc sửa, chưa ghi gì.",
            f"“{path.name}” changed while it was being mended, nothing was written.",
            ("Đợi lưu xong rồi chạy lại.", "Wait until it is saved and run it again."),
        )


def _refuse_suffix(path: Path, target: Path) -> None:
    """The mended file is of the format that the first one is of."""
    if target.suffix.lower() != path.suffix.lower():
        raise usage(
            "wrong-suffix",
            f"Tệp sửa của “{path.name}” phải có đuôi {path.suffix}.",
            f"The mended file of “{path.name}” must end in {path.suffix}.",
            (
                f"Viết: -o {target.with_suffix(path.suffix).name}",
                f"Write: -o {target.with_suffix(path.suffix).name}",
            ),
        )


def _unusual(path: Path) -> IocslError:
    return usage(
        "unusual-workbook",
        f"“{path.name}” được tạo theo cách lạ, không sửa tự động được.",
        f"“{path.name}” is built in an unusual way and is not mended.",
        (
            "Mở bằng Excel hoặc LibreOffice, lưu lại thành XLSX rồi chạy lại.",
            "Open it in Excel or LibreOffice, save it as XLSX and run it again.",
        ),
    )
