"""Lists of obligations as files: CSV, XLSX, iCalendar, as bytes for the caller to write whole."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from iocsl.clock import iso
from iocsl.deadlines.lists import Timetable
from iocsl.deadlines.obligation import Obligation
from iocsl.deadlines.words import day_words, left_words, moment_words, notes
from iocsl.domain import VIETNAM, PeriodType, Words
from iocsl.text import say, tr

_HEADINGS: tuple[tuple[str, Words], ...] = (
    ("id", Words("Mã hạn", "Deadline")),
    ("last_day", Words("Ngày cuối", "Last day")),
    ("due", Words("Hạn cuối", "Due")),
    ("moment", Words("Đến lúc", "Until")),
    ("left", Words("Còn lại", "Left")),
    ("who", Words("Ai gửi", "Who")),
    ("unit", Words("Đơn vị", "Unit")),
    ("datasets", Words("Bộ dữ liệu", "Datasets")),
    ("basis", Words("Căn cứ", "Basis")),
    ("wording", Words("Chữ của văn bản", "Wording")),
    ("nominal_last_day", Words("Ngày in trong văn bản", "Printed day")),
    ("due_before", Words("Phải nhận trước", "Received before")),
    ("calendar_status", Words("Độ chắc của lịch", "Calendar")),
    ("notes", Words("Lưu ý", "Notes")),
)
_WIDTHS = {
    "id": 26,
    "due": 24,
    "who": 34,
    "datasets": 40,
    "wording": 44,
    "notes": 60,
    "due_before": 27,
}
_LINE, _MOST_LINES = 15, 8
"""Points that a line of text takes, and the most that a row shows of a long list of datasets."""
_REMINDER, _LATER = time(8, 0), time(16, 0)


def rows(found: Sequence[Obligation], now: datetime) -> list[dict[str, str]]:
    """One row of texts an obligation, in the language chosen."""
    return [
        {
            "id": each.id,
            "last_day": each.due.last_day.isoformat(),
            "due": say(day_words(each.due.last_day)),
            "moment": say(moment_words(each)),
            "left": say(left_words(each, now)),
            "who": say(each.who),
            "unit": each.unit or "",
            "datasets": " ".join(each.datasets),
            "basis": each.basis,
            "wording": each.wording,
            "nominal_last_day": each.nominal.last_day.isoformat(),
            "due_before": iso(each.due.due_before),
            "calendar_status": each.calendar_status,
            "notes": "; ".join(say(one) for one in notes(each)),
        }
        for each in found
    ]


def as_csv(found: Sequence[Obligation], now: datetime) -> bytes:
    """CSV in UTF-8 with a byte order mark, without which Excel reads Vietnamese wrongly."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([say(heading) for _, heading in _HEADINGS])
    writer.writerows([row[key] for key, _ in _HEADINGS] for row in rows(found, now))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(found: Sequence[Obligation], now: datetime) -> bytes:
    """A workbook with one sheet, its headings frozen and filtered."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    from iocsl.catalog.paper import on_paper

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = tr("Thoi han", "Deadlines")
    sheet.append([say(heading) for _, heading in _HEADINGS])
    widths = {key: _WIDTHS.get(key, 16) for key, _ in _HEADINGS}
    for at, row in enumerate(rows(found, now), 2):
        sheet.append([row[key] for key, _ in _HEADINGS])
        lines = max(math.ceil(len(row[key]) / width) for key, width in widths.items())
        # LibreOffice leaves a row as high as one line where no height is said.
        sheet.row_dimensions[at].height = _LINE * min(lines, _MOST_LINES)
    for place, width in enumerate(widths.values(), 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    on_paper(sheet, heading=1, wide=sum(widths.values()))
    book.properties.created = now.replace(tzinfo=None)
    book.properties.modified = now.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_ics(found: Sequence[Obligation], now: datetime, timetable: Timetable) -> bytes:
    """An iCalendar (RFC 5545) of the deadlines, each with a reminder on a working day before.

    A UID is made of the deadline's id, unit and single dataset: importing again updates, never
    doubles. Deadlines at midnight are all-day events, others stand at their moment.
    """
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//iocsl//thoi han//VI")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", tr("Thời hạn nộp dữ liệu", "Data deadlines"))
    for each in found:
        event = icalendar.Event()
        event.add("uid", _uid(each))
        event.add("dtstamp", now)
        event.add("summary", _summary(each))
        event.add("description", _description(each))
        if each.due.due_before.astimezone(VIETNAM).time() == time(0):
            event.add("dtstart", each.due.last_day)
            event.add("dtend", each.due.last_day + timedelta(days=1))
        else:
            # An end would have to be later than the start (RFC 5545, 3.8.2.2).
            event.add("dtstart", each.due.due_before.astimezone(UTC))
        event.add("transp", "TRANSPARENT")
        if (at := _reminder(each, timetable)) is not None:
            alarm = icalendar.Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", _summary(each))
            # A moment must be said to be one; without the word it is a span (RFC 5545, 3.8.6.3).
            alarm.add("trigger", at.astimezone(UTC), parameters={"VALUE": "DATE-TIME"})
            event.add_component(alarm)
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _uid(each: Obligation) -> str:
    parts = [each.id, each.unit or "", each.datasets[0] if len(each.datasets) == 1 else ""]
    return "+".join(part for part in parts if part).replace("/", ".") + "@iocsl"


def _summary(each: Obligation) -> str:
    return f"{each.id}: {say(each.who)}, {say(moment_words(each))}"


def _description(each: Obligation) -> str:
    said = [f"{each.basis}: “{each.wording}”", *(say(one) for one in notes(each))]
    if each.datasets:
        said.append(tr("Bộ dữ liệu: ", "Datasets: ") + ", ".join(each.datasets))
    return "\n".join(said)


def _reminder(each: Obligation, timetable: Timetable) -> datetime | None:
    """08:00 of the working day before; of the day itself for daily data, on working days alone.

    Of 24 hours the last 08:00 or 16:00 within them: the working day before lies before the change.
    """
    if each.period.type is PeriodType.EVENT:
        latest = each.due.due_before.astimezone(VIETNAM) - timedelta(hours=1)
        days = (latest.date() - timedelta(days=1), latest.date())
        times = [datetime.combine(day, at, VIETNAM) for day in days for at in (_REMINDER, _LATER)]
        return max(time_ for time_ in times if time_ <= latest)
    if each.period.type is PeriodType.DAY:
        if each.non_working and timetable.readings.daily_reminders == "working":
            return None
        return datetime.combine(each.due.last_day, _REMINDER, VIETNAM)
    day = timetable.calendar.shift(each.due.last_day, -1)
    return datetime.combine(day, _REMINDER, VIETNAM)
