"""Every reason why a bundle is refused: its code, its words, its basis, why it matters, what to do.

Codes never change meaning: B1xx the container, B2xx manifests, B3xx digests, B4xx signatures,
B5xx algorithms, B6xx certificates, B7xx time and revocation, B8xx people, B9xx what was decided.
"""

from __future__ import annotations

from dataclasses import dataclass

from iocsl.domain import Words

SIGNED = "2023 Điều 10 khoản 2"
THREE_STEPS = "1134 Điều 5 khoản 2 điểm a"
RETURNED = "2023 Điều 7 khoản 3 điểm a"
SECRECY = "1134 Điều 1 khoản 2; 2023 Điều 1 khoản 2"
CHECKED = "1134 Điều 5 khoản 3 điểm b"
DESCRIBED = "1134 Điều 6 khoản 6"


@dataclass(frozen=True, slots=True)
class RefusalInfo:
    """One reason. `vi` and `en` are message templates; `undecided` ones are not yet a refusal."""

    code: str
    name: str
    vi: str
    en: str
    basis: str
    why: Words
    fix: Words
    undecided: bool = False


_FETCH = Words(
    "Xin lại gói từ người gửi (chép nguyên tệp, đừng mở ra nén lại).",
    "Get the bundle again from its sender (copy the file whole; do not unpack and zip it again).",
)
REMAKE = Words(
    "Lập lại gói từ tệp dữ liệu gốc: iocsl bundle create.",
    "Make the bundle again from the data file: iocsl bundle create.",
)
_SIGN_AGAIN = Words(
    "Ký lại bước này bằng iocsl trên bản gói trước bước đó.",
    "Sign this step again with iocsl on the bundle as it was before the step.",
)
_STRONG_DIGEST = Words(
    "Ký lại bước này với SHA-256; nếu hàm yếu nằm trong chứng thư thì xin chứng thư mới.",
    "Sign this step again with SHA-256; get a new certificate if that is what uses it.",
)
_STAMP_LATER = Words(
    "Bổ sung: iocsl bundle attach GÓI --timestamp. Bước sau đã ký thì phải ký lại từ bước này.",
    "Add it: iocsl bundle attach BUNDLE --timestamp. Once a later step has signed, sign again.",
)
_AUTHORITY = Words(
    "Xem signing.tsa_url (iocsl config) và nơi cấp được tin (iocsl trust list), rồi ký lại.",
    "See signing.tsa_url (iocsl config) and who is trusted (iocsl trust list), then sign again.",
)
_CERTIFICATE = Words(
    "Ký lại bằng chứng thư còn hiệu lực, đúng mục đích ký số cá nhân.",
    "Sign again with a valid certificate meant for a person's signature.",
)
_REGISTER = Words(
    "Xem đăng ký: iocsl signers list. Bổ sung có căn cứ: iocsl signers add.",
    "See the register: iocsl signers list. Add to it with a basis: iocsl signers add.",
)
_TRUST = Words(
    "Xem nơi cấp được tin: iocsl trust list. Thêm khi có văn bản: iocsl trust add.",
    "See whom you trust: iocsl trust list. Add one you have papers for: iocsl trust add.",
)

_ONE_READING = Words(
    "Một tệp phải được mọi chương trình đọc ra cùng một nội dung.",
    "Every program must read the same content out of a file.",
)
_UNSIGNED_BYTES = Words(
    "Phần nằm ngoài danh sách không có chữ ký nào bảo vệ.",
    "No signature protects what lies outside the list.",
)
_WHOLE = Words(
    "Người ký sau phải ký lên tất cả những gì có trước.",
    "Who signs later signs everything that was there before.",
)
_PROOF = Words(
    "Chữ ký phải chứng minh ai đã ký lên đúng nội dung nào.",
    "A signature must prove who signed exactly what.",
)
_STRENGTH = Words(
    "Thuật toán và khóa yếu có thể bị làm giả.",
    "Weak algorithms and keys can be forged.",
)
_WHO = Words(
    "Chỉ người được giao mới có quyền ký bước đó cho đơn vị.",
    "Only those appointed may sign that step for the unit.",
)
_WHEN = Words(
    "Hiệu lực của chứng thư và đăng ký được xét tại lúc ký.",
    "Certificates and the register are judged at the moment of signing.",
)
_AGREE = Words(
    "Phiếu gửi, biên bản và tệp phải nói cùng một điều.",
    "Slip, records and files must say the same.",
)

TABLE: tuple[RefusalInfo, ...] = (
    RefusalInfo(
        "B101",
        "not-a-container",
        "Tệp không phải gói nộp ({detail}).",
        "The file is not a bundle ({detail}).",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B102",
        "appended-data",
        "Có {count} byte lạ nối vào cuối gói.",
        "{count} foreign bytes follow the bundle.",
        SIGNED,
        _UNSIGNED_BYTES,
        _FETCH,
    ),
    RefusalInfo(
        "B103",
        "hidden-data",
        "Có dữ liệu lạ nằm trước hoặc giữa các phần của gói (tại byte {offset}).",
        "There are foreign data before or between the members (at byte {offset}).",
        SIGNED,
        _UNSIGNED_BYTES,
        _FETCH,
    ),
    RefusalInfo(
        "B104",
        "headers-disagree",
        "Hai nơi ghi về “{member}” trong gói không khớp nhau ({detail}).",
        "The two headers of “{member}” in the bundle disagree ({detail}).",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B105",
        "encrypted-member",
        "“{member}” trong gói bị đặt mật khẩu.",
        "“{member}” in the bundle is encrypted.",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B106",
        "forbidden-feature",
        "Gói dùng cách nén mà gói nộp không dùng: {detail}.",
        "The bundle uses a ZIP feature that bundles do not: {detail}.",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B107",
        "duplicate-member",
        "Trong gói có hai phần trùng tên “{member}” (kể cả chỉ khác chữ hoa, thường).",
        "Two members of the bundle share the name “{member}” (letter case aside).",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B108",
        "unsafe-name",
        "Tên “{member}” trong gói không an toàn.",
        "The name “{member}” in the bundle is not safe.",
        SIGNED,
        Words("Tên như vậy có thể ghi đè tệp khác.", "Such a name could overwrite another file."),
        _FETCH,
    ),
    RefusalInfo(
        "B109",
        "not-a-plain-file",
        "“{member}” trong gói là liên kết hoặc thư mục, không phải tệp.",
        "“{member}” in the bundle is a link or folder, not a file.",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B110",
        "too-large",
        "“{member}” bung ra quá lớn (hơn {limit} byte hoặc nén quá {ratio} lần).",
        "“{member}” inflates too far (over {limit} bytes or {ratio} times).",
        SIGNED,
        Words("Tệp nén bung quá lớn làm nghẽn máy.", "Such a file would choke the machine."),
        REMAKE,
    ),
    RefusalInfo(
        "B111",
        "damaged-member",
        "“{member}” trong gói bị hỏng ({detail}).",
        "“{member}” is damaged ({detail}).",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B112",
        "bad-mimetype",
        "Phần mimetype không đứng đầu, bị nén hoặc sai nội dung.",
        "The member mimetype is not first, is compressed, or says something else.",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B113",
        "unexpected-member",
        "Gói có phần lạ “{member}”.",
        "The bundle holds an unexpected member “{member}”.",
        SIGNED,
        _UNSIGNED_BYTES,
        _FETCH,
    ),
    RefusalInfo(
        "B114",
        "missing-member",
        "Gói thiếu phần “{member}”.",
        "The bundle lacks the member “{member}”.",
        SIGNED,
        _WHOLE,
        _FETCH,
    ),
    RefusalInfo(
        "B115",
        "unreadable-document",
        "“{member}” không đọc được ({detail}).",
        "“{member}” cannot be read ({detail}).",
        SIGNED,
        _AGREE,
        REMAKE,
    ),
    RefusalInfo(
        "B119",
        "cut-short",
        "Gói thiếu phần cuối (mới có {count} byte đầu), có thể do chép chưa xong.",
        "The end of the bundle is missing (these are its first {count} bytes): a copy cut short.",
        SIGNED,
        _WHOLE,
        Words(
            "Chép lại nguyên tệp; với USB, tháo an toàn (Eject) rồi mới rút.",
            "Copy the whole file again; eject a USB stick before pulling it out.",
        ),
    ),
    RefusalInfo(
        "B201",
        "manifest-unreadable",
        "Danh sách ký “{member}” không đúng chuẩn ({detail}).",
        "The manifest “{member}” does not follow the standard ({detail}).",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B202",
        "manifest-doctype",
        "Danh sách ký “{member}” chứa khai báo DOCTYPE.",
        "The manifest “{member}” holds a DOCTYPE declaration.",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B203",
        "manifest-too-large",
        "Danh sách ký “{member}” lớn bất thường.",
        "The manifest “{member}” is far too large.",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B204",
        "manifest-other-signature",
        "Danh sách ký “{member}” trỏ tới chữ ký “{target}”, không phải chữ ký của bước này.",
        "The manifest “{member}” points to “{target}”, not to this step's signature.",
        SIGNED,
        _PROOF,
        _FETCH,
    ),
    RefusalInfo(
        "B205",
        "manifest-duplicate",
        "Danh sách ký “{member}” nêu “{target}” hai lần.",
        "The manifest “{member}” names “{target}” twice.",
        SIGNED,
        _ONE_READING,
        _FETCH,
    ),
    RefusalInfo(
        "B206",
        "not-covered",
        "Danh sách ký “{member}” bỏ sót “{target}”.",
        "The manifest “{member}” leaves out “{target}”.",
        SIGNED,
        _WHOLE,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B207",
        "covers-too-much",
        "Danh sách ký “{member}” nêu “{target}”, không có ở bước này.",
        "The manifest “{member}” names “{target}”, which is not there at this step.",
        SIGNED,
        _WHOLE,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B208",
        "manifest-order",
        "Danh sách ký “{member}” không theo thứ tự quy định.",
        "The manifest “{member}” is not in the prescribed order.",
        SIGNED,
        _ONE_READING,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B301",
        "altered",
        "“{target}” đã bị sửa sau khi ký (bước {step}).",
        "“{target}” was changed after it was signed (step {step}).",
        SIGNED,
        _PROOF,
        _FETCH,
    ),
    RefusalInfo(
        "B401",
        "signature-unreadable",
        "Chữ ký bước {step} không đọc được ({detail}).",
        "The signature of step {step} cannot be read ({detail}).",
        SIGNED,
        _PROOF,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B402",
        "not-detached",
        "Chữ ký bước {step} mang theo nội dung riêng, không phải chữ ký rời.",
        "The signature of step {step} carries content of its own; it is not detached.",
        SIGNED,
        _PROOF,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B403",
        "signer-count",
        "Chữ ký bước {step} có {count} người ký, phải có đúng một.",
        "The signature of step {step} has {count} signers; it must have exactly one.",
        THREE_STEPS,
        _PROOF,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B404",
        "bad-attributes",
        "Chữ ký bước {step} thiếu, thừa hoặc lặp thuộc tính được ký ({detail}).",
        "Step {step}: a signed attribute is missing, repeated or wrong ({detail}).",
        SIGNED,
        _PROOF,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B405",
        "no-certificate-attribute",
        "Chữ ký bước {step} không gắn với chứng thư nào (thiếu signing-certificate-v2).",
        "The signature of step {step} is bound to no certificate (signing-certificate-v2).",
        SIGNED,
        _PROOF,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B406",
        "other-certificate",
        "Chữ ký bước {step} gắn với một chứng thư khác chứng thư đi kèm.",
        "The signature of step {step} is bound to another certificate than the one with it.",
        SIGNED,
        _PROOF,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B407",
        "other-content",
        "Chữ ký bước {step} là chữ ký trên nội dung khác.",
        "The signature of step {step} was made over other content.",
        SIGNED,
        _PROOF,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B408",
        "wrong-signature",
        "Chữ ký bước {step} sai: không do khóa của chứng thư đi kèm tạo ra.",
        "The signature of step {step} is wrong: the certificate's key did not make it.",
        SIGNED,
        _PROOF,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B409",
        "no-certificate",
        "Chữ ký bước {step} không kèm chứng thư của người ký.",
        "The signature of step {step} does not carry the signer's certificate.",
        SIGNED,
        _PROOF,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B501",
        "weak-digest",
        "{where} dùng hàm băm yếu hoặc không được dùng ({algorithm}).",
        "{where} uses a digest that is weak or not permitted ({algorithm}).",
        SIGNED,
        _STRENGTH,
        _STRONG_DIGEST,
    ),
    RefusalInfo(
        "B502",
        "weak-key",
        "Khóa trong chứng thư “{subject}” quá yếu ({detail}).",
        "The key of the certificate “{subject}” is too weak ({detail}).",
        SIGNED,
        _STRENGTH,
        _CERTIFICATE,
    ),
    RefusalInfo(
        "B503",
        "algorithm-not-permitted",
        "Chữ ký bước {step} dùng thuật toán không được dùng ({algorithm}).",
        "The signature of step {step} uses an algorithm that is not permitted ({algorithm}).",
        SIGNED,
        _STRENGTH,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B601",
        "untrusted",
        "Chứng thư “{subject}” (bước {step}) không do nơi cấp nào được tin ở đây.",
        "The certificate “{subject}” (step {step}) comes from no issuer trusted here.",
        SIGNED,
        _PROOF,
        _TRUST,
    ),
    RefusalInfo(
        "B602",
        "look-alike-issuer",
        "Nơi cấp “{issuer}” (bước {step}) trùng tên với nơi cấp được tin nhưng khác khóa.",
        "The issuer “{issuer}” (step {step}) has a trusted issuer's name but another key.",
        SIGNED,
        Words("Nơi cấp được nhận ra bằng khóa, không bằng tên.", "Keys are trusted, not names."),
        _TRUST,
    ),
    RefusalInfo(
        "B603",
        "out-of-validity",
        "Chứng thư “{subject}” (bước {step}) chưa hoặc không còn hiệu lực lúc {moment}.",
        "The certificate “{subject}” (step {step}) is not valid at {moment}.",
        SIGNED,
        _WHEN,
        _CERTIFICATE,
    ),
    RefusalInfo(
        "B604",
        "wrong-usage",
        "Chứng thư “{subject}” (bước {step}) không dùng để ký số cá nhân ({detail}).",
        "The certificate “{subject}” (step {step}) is not for a person's signature ({detail}).",
        SIGNED,
        _PROOF,
        _CERTIFICATE,
    ),
    RefusalInfo(
        "B605",
        "revoked",
        "Chứng thư “{subject}” (bước {step}) đã bị thu hồi.",
        "The certificate “{subject}” (step {step}) has been revoked.",
        SIGNED,
        _WHEN,
        _CERTIFICATE,
    ),
    RefusalInfo(
        "B606",
        "broken-path",
        "Đường dẫn chứng thư của “{subject}” (bước {step}) không hợp lệ ({detail}).",
        "The certificate path of “{subject}” (step {step}) is not valid ({detail}).",
        SIGNED,
        _PROOF,
        _CERTIFICATE,
    ),
    RefusalInfo(
        "B607",
        "profile-not-accepted",
        "Chữ ký thuộc loại “{profile}”, nơi này chỉ nhận: {accepted}.",
        "The signatures are of the profile “{profile}”; accepted here: {accepted}.",
        SIGNED,
        Words("Khóa thử nghiệm không có giá trị thật.", "Test keys are worth nothing."),
        _CERTIFICATE,
    ),
    RefusalInfo(
        "B608",
        "mixed-profiles",
        "Ba bước ký bằng chứng thư lẫn lộn thử nghiệm và chính thức.",
        "The steps mix test certificates with official ones.",
        SIGNED,
        _PROOF,
        _CERTIFICATE,
    ),
    RefusalInfo(
        "B701",
        "no-timestamp",
        "Chữ ký bước {step} chưa có dấu thời gian.",
        "Step {step} has no time-stamp yet.",
        SIGNED,
        _WHEN,
        _STAMP_LATER,
        undecided=True,
    ),
    RefusalInfo(
        "B702",
        "bad-timestamp",
        "Dấu thời gian của bước {step} không hợp lệ ({detail}).",
        "The time-stamp of step {step} is not valid ({detail}).",
        SIGNED,
        _WHEN,
        _AUTHORITY,
    ),
    RefusalInfo(
        "B703",
        "time-order",
        "Giờ ký bước {step} ({moment}) ở tương lai hoặc trước bước đứng trước.",
        "Step {step} was signed at {moment}: in the future, or before the step before it.",
        THREE_STEPS,
        _WHEN,
        Words("Chỉnh đồng hồ máy rồi ký lại.", "Set the machine's clock right and sign again."),
    ),
    RefusalInfo(
        "B704",
        "revocation-unknown",
        "Chưa biết chứng thư “{subject}” (bước {step}) có bị thu hồi hay không.",
        "It is not known whether “{subject}” (step {step}) has been revoked.",
        SIGNED,
        _WHEN,
        _TRUST,
        undecided=True,
    ),
    RefusalInfo(
        "B801",
        "unregistered",
        "Chứng thư “{subject}” (bước {step}) chưa có trong danh sách người ký.",
        "The certificate “{subject}” (step {step}) is not in the register of signers.",
        THREE_STEPS,
        _WHO,
        _REGISTER,
    ),
    RefusalInfo(
        "B802",
        "not-registered-then",
        "{person} không được đăng ký ký bước {step} vào lúc {moment}.",
        "{person} was not registered for step {step} at {moment}.",
        THREE_STEPS,
        _WHO,
        _REGISTER,
    ),
    RefusalInfo(
        "B803",
        "wrong-role",
        "{person} không được giao bước {step}.",
        "{person} is not appointed for step {step}.",
        THREE_STEPS,
        _WHO,
        _REGISTER,
    ),
    RefusalInfo(
        "B804",
        "other-unit",
        "{person} ký cho đơn vị {unit}, gói này của đơn vị {wanted}.",
        "{person} signs for the unit {unit}; this bundle is of the unit {wanted}.",
        THREE_STEPS,
        _WHO,
        _REGISTER,
    ),
    RefusalInfo(
        "B805",
        "same-person",
        "{person} ký cả bước {first} và bước {step}; mỗi bước phải một người khác nhau.",
        "{person} signed both step {first} and step {step}; each step needs another person.",
        THREE_STEPS,
        Words(
            "Người chuẩn bị, người thẩm định và thủ trưởng là ba vị trí khác nhau.",
            "Preparer, reviewer and head are three posts.",
        ),
        Words("Để người được giao bước đó ký.", "Have the one appointed for the step sign it."),
    ),
    RefusalInfo(
        "B806",
        "approvals-missing",
        "Gói có {count} trên {wanted} chữ ký cần có.",
        "The bundle has {count} of the {wanted} signatures needed.",
        THREE_STEPS,
        _WHO,
        Words(
            "Ký bước còn thiếu: iocsl bundle review hoặc approve.",
            "Sign what is missing: iocsl bundle review or approve.",
        ),
    ),
    RefusalInfo(
        "B807",
        "returned",
        "Gói đã bị trả lại ở bước {step}: {reason}",
        "The bundle was returned at {step}: {reason}",
        RETURNED,
        Words("Gói đã trả lại thì kết thúc.", "A returned bundle has ended."),
        Words(
            "Sửa dữ liệu rồi lập gói mới thay thế: iocsl bundle create --supersedes.",
            "Correct the data and make a new bundle: iocsl bundle create --supersedes.",
        ),
    ),
    RefusalInfo(
        "B901",
        "decision-mismatch",
        "Biên bản bước {step} không khớp ({detail}).",
        "The record of step {step} does not agree ({detail}).",
        THREE_STEPS,
        _AGREE,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B902",
        "decision-other-person",
        "Biên bản bước {step} ghi người khác với người đã ký.",
        "The record of step {step} names another person than the one who signed.",
        THREE_STEPS,
        _AGREE,
        _SIGN_AGAIN,
    ),
    RefusalInfo(
        "B903",
        "identity-mismatch",
        "Mã nhận dạng trong phiếu gửi không khớp với nội dung phiếu.",
        "The identity in the slip does not match what the slip says.",
        SIGNED,
        _AGREE,
        REMAKE,
    ),
    RefusalInfo(
        "B904",
        "files-mismatch",
        "Phiếu gửi không khớp với tệp trong gói: {detail}.",
        "The slip does not match the files in the bundle: {detail}.",
        SIGNED,
        _AGREE,
        REMAKE,
    ),
    RefusalInfo(
        "B905",
        "report-mismatch",
        "Kết quả kiểm tra trong gói không phải của tệp này ({detail}).",
        "The validation report in the bundle is not about these files ({detail}).",
        CHECKED,
        _AGREE,
        REMAKE,
    ),
    RefusalInfo(
        "B906",
        "report-has-errors",
        "Kết quả kiểm tra trong gói còn {count} lỗi.",
        "The validation report in the bundle still has {count} errors.",
        CHECKED,
        Words("Dữ liệu có lỗi thì không được nộp.", "Data with errors are not submitted."),
        Words("Sửa tệp, kiểm tra lại rồi lập gói.", "Mend the file, validate, and make it again."),
    ),
    RefusalInfo(
        "B907",
        "no-declaration",
        "Phiếu gửi không có cam kết dữ liệu không phải bí mật nhà nước, không phải tin nội bộ.",
        "The slip does not declare that the data are neither state secrets nor internal.",
        SECRECY,
        Words("Kho không nhận dữ liệu mật, nội bộ.", "The warehouse takes no secret data."),
        REMAKE,
    ),
    RefusalInfo(
        "B908",
        "description-mismatch",
        "Bản mô tả trong gói không phải của dữ liệu này ({detail}).",
        "The description in the bundle is not of these data ({detail}).",
        DESCRIBED,
        Words(
            "Dữ liệu phải kèm tài liệu mô tả đúng là của nó.",
            "Data must come with the description that is theirs.",
        ),
        REMAKE,
    ),
)
