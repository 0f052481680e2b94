"""The words in which deadlines are told to people: dates, time left, flags, reasons."""

from __future__ import annotations

from datetime import date, datetime, time

from iocsl.deadlines.calendar import Day, WorkingCalendar, weekday
from iocsl.deadlines.obligation import INCLUSIVE, Obligation
from iocsl.domain import VIETNAM, Words

FLAGS: dict[str, Words] = {
    "addressee_abolished": Words(
        "nơi nhận (UBND huyện) không còn từ ngày 01/7/2025",
        "the addressee (the district) was abolished on 1 July 2025",
    ),
    "feeders_not_named": Words(
        "văn bản không nêu đơn vị nào góp số liệu cho biểu nào",
        "the text does not name who feeds which form",
    ),
    "named_day_disputed": Words(
        "nộp ngày liền sau được ghi là còn tranh luận, không ghi là trễ",
        "a submission on the day after is shown as disputed, not late",
    ),
    "forms_by_reading": Words(
        "văn bản không kể tên biểu; xếp theo cách hiểu",
        "the text names no forms; placed here by reading",
    ),
    "row_over_general": Words(
        "ngày in ở dòng của biểu được lấy thay cho ngày 25 chung",
        "the date printed in the form's row is taken over the general 25th",
    ),
    "date_doubtful": Words("ngày in trong văn bản có nghi vấn", "the printed date is doubtful"),
    "own_report": Words(
        "báo cáo của chính đơn vị (Phụ lục I), không gắn với bộ dữ liệu nào",
        "the unit's own report (Phụ lục I), tied to no dataset",
    ),
    "start_assumed": Words(
        "văn bản không in ngày có hiệu lực; tính từ ngày ký",
        "no effective date is printed; counted from the date of signing",
    ),
    "february_30": Words(
        "tháng 2 không có ngày 30: lấy ngày cuối tháng",
        "February has no 30th: the last day of the month is taken",
    ),
    "proposed_day": Words(
        "có đề xuất nghỉ hoặc làm bù chưa được duyệt: chưa áp dụng",
        "a proposed change of days off is not approved yet: not applied",
    ),
    "calendar_predicted": Words(
        "chưa có thông báo nghỉ lễ của năm này: ngày là dự kiến",
        "no notice on this year's holidays yet: the date is a prediction",
    ),
    "encouraged_only": Words(
        "đơn vị thuộc diện khuyến khích (2023 Điều 2.2)",
        "the unit is only encouraged to report (2023 Điều 2.2)",
    ),
    "unit_inferred": Words(
        "đơn vị suy ra, văn bản không in", "the unit is inferred, the text does not print it"
    ),
    "unit_unknown": Words("văn bản không cho biết đơn vị", "the text does not tell the unit"),
    "window_changed": Words(
        "cơ quan chủ trì đã thông báo thời gian nhận khác",
        "the lead unit announced another window",
    ),
    "window_opens": Words(
        "cơ quan chủ trì đã thông báo lúc bắt đầu nhận; không đổi hạn",
        "the lead unit announced when it opens; the deadline is the same",
    ),
    "window_closes_early": Words(
        "đóng sớm hơn hạn của Điều 8: nộp sau lúc đóng mà trước hạn đó thì ghi là còn tranh luận",
        "closes before the date of Điều 8: what comes between the two is shown as disputed",
    ),
    "on_request": Words(
        "hạn do nơi yêu cầu đặt ra, không dời khi gặp ngày nghỉ",
        "whoever asks set the date; a day off does not move it",
    ),
    "window_changed_for_some": Words(
        "có đơn vị chủ trì đã thông báo thời gian nhận khác",
        "some lead unit announced another window",
    ),
}
"""What each flag of an obligation says."""

QUIET = frozenset({"start_assumed"})
"""Flags that hold for a whole regime: told in `explain`, not in every line of a table."""

_LAST_MINUTE = time(0)


def day_words(day: date) -> Words:
    """ "thứ Hai 26/10/2026", "Monday 26/10/2026"."""
    vi, en = weekday(day)
    return Words(f"{vi} {day:%d/%m/%Y}", f"{en} {day:%d/%m/%Y}")


def moment_words(each: Obligation) -> Words:
    """Up to when on the last day: "trước 17:00", "hết ngày", or for 24 hours the very minute."""
    due = each.due.due_before.astimezone(VIETNAM)
    if each.boundary == INCLUSIVE:
        return Words(f"chậm nhất {due:%H:%M:%S}", f"by {due:%H:%M:%S}")
    return until_words(due)


def until_words(due: datetime) -> Words:
    """The same of a moment that is itself too late."""
    if due.time() == _LAST_MINUTE:
        return Words("đến hết ngày", "to the end of the day")
    return Words(f"trước {due:%H:%M}", f"before {due:%H:%M}")


def left_words(each: Obligation, now: datetime) -> Words:
    """How much time is left, or by how much it has passed."""
    days = (each.due.last_day - now.date()).days
    if each.passed(now):
        if days >= 0:
            return Words("vừa qua hạn", "just passed")
        return Words(f"quá {-days} ngày", f"{-days} days ago" if days < -1 else "1 day ago")
    if days > 0:
        return Words(f"còn {days} ngày", f"{days} days" if days > 1 else "1 day")
    minutes = int((each.due.due_before - now).total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    if hours:
        return Words(f"hôm nay, còn {hours} giờ", f"today, {hours} h left")
    return Words(f"hôm nay, còn {rest} phút", f"today, {rest} min left")


def movement(each: Obligation) -> Words | None:
    """Why the last day is not the printed one, or that a day off does not move it."""
    if each.rolled:
        why = _because(each)
        nominal = f"{each.nominal.last_day:%d/%m}"
        return Words(f"dời từ {nominal} ({why.vi})", f"moved from {nominal} ({why.en})")
    if each.non_working and each.advised_by is not None:
        why, advised = _because(each, only_first=True), day_words(each.advised_by)
        return Words(
            f"ngày nghỉ ({why.vi}), không dời; nên nộp trước hết {advised.vi}",
            f"a day off ({why.en}), not moved; better by {advised.en}",
        )
    return None


def notes(each: Obligation) -> list[Words]:
    """What a person must know beside the date, most important first."""
    moved = movement(each)
    told = [*each.told, *(FLAGS[flag] for flag in each.flags if flag not in QUIET)]
    return [moved, *told] if moved else told


def _because(each: Obligation, *, only_first: bool = False) -> Words:
    """The distinct reasons in their order: "thứ Bảy, Ngày Giỗ Tổ Hùng Vương"."""
    reasons = each.reasons[:1] if only_first else each.reasons
    distinct = list(dict.fromkeys(reason.why for reason in reasons))
    return Words(", ".join(one.vi for one in distinct), ", ".join(one.en for one in distinct))


STATUSES: dict[str, Words] = {
    "law": Words("theo luật", "by law"),
    "official": Words("đã có thông báo", "officially announced"),
    "proposed": Words("có đề xuất, chưa áp dụng", "a proposal, not applied"),
    "predicted": Words("dự kiến", "predicted"),
}


def kind_of_day(day: Day) -> Words:
    """In a word what a day is: working, weekly rest, day off, worked in exchange."""
    if day.working:
        if day.swapped_with or day.day.weekday() >= 5:
            return Words("làm bù", "worked in exchange")
        return Words("ngày làm việc", "working day")
    if day.layer == "week":
        return Words("nghỉ hàng tuần", "weekly rest")
    return Words("ngày nghỉ", "day off")


def next_working(day: Day, calendar: WorkingCalendar) -> Words:
    """Where a deadline on that day goes."""
    moved = day_words(calendar.following(day.day))
    return Words(f"ngày làm việc tiếp theo: {moved.vi}", f"the next working day: {moved.en}")
