"""Why an attachment is not taken, in words: the reason, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from iocsl.bundle.kinds import PROGRAM, TYPES, Kind, suffix_of
from iocsl.domain import Words


@dataclass(frozen=True, slots=True)
class Objection:
    """`inside` names the member of an archive that it is about, from the outermost inwards."""

    code: str
    reason: Words
    fix: Words
    inside: tuple[str, ...] = ()

    @property
    def told(self) -> Words:
        """The reason, with where it is."""
        if not self.inside:
            return self.reason
        where = " > ".join(self.inside)
        return Words(
            f"(bên trong: “{where}”) {self.reason.vi}", f"(in it “{where}”) {self.reason.en}"
        )


WITHOUT_IT = Words(
    "Bỏ tệp này ra; chỉ gửi tài liệu, không gửi chương trình.",
    "Leave it out: documents are sent, programs are not.",
)
EMPTY = Objection(
    "empty",
    Words("rỗng (0 byte)", "is empty (0 bytes)"),
    Words("Chọn lại đúng tệp.", "Choose the right file."),
)
DAMAGED = Objection(
    "damaged",
    Words(
        "hỏng hoặc không đọc được, nên không kiểm tra được", "is damaged, so it cannot be checked"
    ),
    Words("Mở ra và lưu lại thành tệp mới.", "Open it and save it as a new file."),
)
LOCKED = Objection(
    "locked",
    Words(
        "có mật khẩu hoặc đã mã hóa, nên không kiểm tra được",
        "has a password or is encrypted, so it cannot be checked",
    ),
    Words(
        "Lưu lại không mật khẩu; dữ liệu cần giữ kín thì iocsl mã hóa cả gói khi nộp.",
        "Save it without a password; iocsl encrypts the whole bundle where that is needed.",
    ),
)
MACROS = Objection(
    "macros",
    Words("có macro hoặc mã lệnh tự chạy", "has macros or code that runs by itself"),
    Words(
        "Lưu lại thành loại không có macro (.docx, .xlsx, .pptx), hoặc in ra PDF.",
        "Save it as a type without macros (.docx, .xlsx, .pptx), or print it to PDF.",
    ),
)
REMOTE_TEMPLATE = Objection(
    "remote-template",
    Words(
        "nạp mẫu hoặc đối tượng từ nơi khác khi mở",
        "fetches a template or an object from elsewhere when it is opened",
    ),
    Words(
        "Trong Word, bỏ mẫu đính kèm và đối tượng liên kết rồi lưu lại, hoặc in ra PDF.",
        "In Word, remove the attached template and linked objects and save it, or print it to PDF.",
    ),
)
EMBEDDED = Objection(
    "embedded-file",
    Words("có tệp khác nhúng bên trong", "has another file embedded in it"),
    Words(
        "Xóa tệp nhúng rồi lưu lại; cần gửi thì đính kèm riêng.",
        "Remove it and save; what is to be sent is attached by itself.",
    ),
)
TWO_IN_ONE = Objection(
    "two-in-one",
    Words("có một tệp nén giấu ở cuối", "has an archive hidden behind its end"),
    Words("Mở ra và lưu lại thành tệp mới.", "Open it and save it as a new file."),
)
UNSAFE_NAME = Objection(
    "unsafe-name",
    Words(
        "mang tên trỏ ra ngoài thư mục giải nén",
        "has a name that leads out of the folder it is unpacked to",
    ),
    Words("Nén lại từ một thư mục thường.", "Pack it again from an ordinary folder."),
)
TOO_MUCH = Objection(
    "bomb",
    Words("giải nén ra quá lớn hoặc quá nhiều tệp", "unpacks to too much, or to too many files"),
    Words("Chia nhỏ, hoặc đính kèm từng tệp.", "Split it, or attach the files one by one."),
)
NESTED_IN_RAR = Objection(
    "nested",
    Words("là tệp nén trong tệp RAR", "is an archive within a RAR archive"),
    Words("Nén lại bằng ZIP.", "Pack it again as ZIP."),
)


def program(kind: Kind) -> Objection:
    vi, en = kind.words
    return Objection(PROGRAM, Words(f"là {vi}", f"is {en}"), WITHOUT_IT)


def runs(name: str) -> Objection:
    suffix = suffix_of(name) or name
    reason = Words(f"là tệp chạy được ({suffix})", f"is a file that runs ({suffix})")
    return Objection(PROGRAM, reason, WITHOUT_IT)


def disguise(name: str, kind: Kind) -> Objection:
    vi, en = kind.words
    suffix = suffix_of(name)
    reason = Words(f"tên ghi {suffix}, nội dung là {vi}", f"is named {suffix}, and is {en}")
    fix = Words(
        "Mở bằng đúng phần mềm rồi lưu lại đúng loại.",
        "Open it with the right program and save it as what it is named.",
    )
    return Objection("disguise", reason, fix)


def not_listed(name: str) -> Objection:
    suffix = suffix_of(name) or name
    listed = " ".join(sorted(TYPES))
    reason = Words(f"loại {suffix} không được nhận", f"is of a type that is not taken ({suffix})")
    return Objection(
        "type", reason, Words(f"Các loại được nhận: {listed}.", f"Types taken: {listed}.")
    )


def too_deep(depth: int) -> Objection:
    reason = Words(
        f"là tệp nén lồng quá {depth} lớp", f"is an archive more than {depth} deep in others"
    )
    fix = Words("Giải nén rồi nén lại một lớp.", "Unpack it and pack it once.")
    return Objection("nested", reason, fix)


def other_archive(kind: Kind) -> Objection:
    vi, en = kind.words
    reason = Words(f"là tệp nén {vi}, không kiểm tra được", f"is a {en} archive, not looked into")
    return Objection("nested", reason, Words("Nén lại bằng ZIP.", "Pack it again as ZIP."))


def too_large(size: int, limit: int) -> Objection:
    reason = Words(
        f"lớn {_mib(size)} MiB, quá {_mib(limit)} MiB mỗi tệp",
        f"has {_mib(size)} MiB, more than {_mib(limit)} MiB a file",
    )
    return Objection("size", reason, Words("Nén hoặc chia nhỏ tệp.", "Compress or split it."))


def too_large_together(size: int, limit: int) -> Objection:
    reason = Words(
        f"làm tổng các tệp đính kèm lên {_mib(size)} MiB, quá {_mib(limit)} MiB",
        f"brings the attachments to {_mib(size)} MiB together, more than {_mib(limit)} MiB",
    )
    fix = Words("Bớt tệp, hoặc gửi làm nhiều gói.", "Send fewer, or several bundles.")
    return Objection("size", reason, fix)


def too_many(count: int, limit: int) -> Objection:
    reason = Words(
        f"là tệp đính kèm thứ {count}, quá {limit} tệp",
        f"is attachment number {count}, more than {limit}",
    )
    fix = Words("Gộp vào một tệp ZIP, hoặc bớt tệp.", "Pack them into one ZIP, or send fewer.")
    return Objection("number", reason, fix)


def _mib(size: int) -> int:
    return -(-size >> 20)
