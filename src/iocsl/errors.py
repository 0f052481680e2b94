"""The one exception that reaches the user, and the ways of raising it that recur."""

from __future__ import annotations

from pathlib import Path

from iocsl.domain import ExitCode, Words


class IocslError(Exception):
    """A refusal: what is wrong, where, what to do next, and the exit code of the contract.

    `code` is a stable word in kebab-case for programs; `vi` and `en` are whole sentences for
    people, without blame or jargon; `hint` says what to do now.
    """

    def __init__(
        self,
        code: str,
        vi: str,
        en: str,
        hint: tuple[str, str] | None = None,
        exit_code: ExitCode = ExitCode.CONFIGURATION,
    ) -> None:
        super().__init__(en)
        self.code = code
        self.message = Words(vi, en)
        self.hint = Words(*hint) if hint else None
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[type[IocslError], tuple[object, ...]]:
        """A refusal crosses from one process to another as what it says."""
        return IocslError, (self.code, *self.message, self.hint, self.exit_code)


def usage(code: str, vi: str, en: str, hint: tuple[str, str] | None = None) -> IocslError:
    """Wrong usage: exit 2."""
    return IocslError(code, vi, en, hint, ExitCode.USAGE)


def missing_file(path: Path) -> IocslError:
    """There is nothing at `path`: exit 2."""
    return usage(
        "missing-file",
        f"Không tìm thấy tệp “{path}”.",
        f"There is no file “{path}”.",
        ("Kiểm tra lại tên tệp và thư mục.", "Check the file name and the folder."),
    )


def is_folder(path: Path) -> IocslError:
    """A folder where a file is asked for: exit 2."""
    return usage(
        "is-folder",
        f"“{path}” là thư mục, lệnh này cần một tệp.",
        f"“{path}” is a folder; this command wants a file.",
        ("Chỉ rõ tệp trong thư mục đó.", "Name the file inside that folder."),
    )


def missing_folder(path: Path) -> IocslError:
    """A file is to be made in a folder that is not there: exit 2."""
    return usage(
        "missing-folder",
        f"Không có thư mục “{path.parent}” để ghi “{path.name}”.",
        f"There is no folder “{path.parent}” to write “{path.name}” to.",
        (
            "Kiểm tra lại đường dẫn sau -o, hoặc tạo thư mục trước.",
            "Check the path after -o, or make the folder first.",
        ),
    )


def missing_extra(extra: str, package: str) -> IocslError:
    """A part of the tool that is installed as an extra is not there: exit 3."""
    return IocslError(
        "missing-extra",
        f"Phần “{extra}” chưa được cài (thiếu gói {package}).",
        f"The part “{extra}” is not installed (package {package} is missing).",
        (f'Chạy: pip install "iocsl[{extra}]"', f'Run: pip install "iocsl[{extra}]"'),
    )
