"""Deadlines: what is due when, under which article, on the working calendar."""

from __future__ import annotations

from iocsl.deadlines.lists import Timetable, Wanted, obligation_for, obligations, obligations_of
from iocsl.deadlines.obligation import Obligation, mark_of
from iocsl.deadlines.readings import Readings

__all__ = [
    "Obligation",
    "Readings",
    "Timetable",
    "Wanted",
    "mark_of",
    "obligation_for",
    "obligations",
    "obligations_of",
]
