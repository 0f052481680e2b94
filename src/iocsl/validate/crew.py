"""Several processes at one long CSV file. The findings are those of a single one.

The file is cut between records. Other processes (see `screener`) split the parts into cells and
ask the rules of cells and rows; they tell where a rule has its say, and this process judges those
cells, in the order of the file. Rules that see the whole table are asked here alone: they get the
columns that they look at, and no others are read. What is not a plain row of data, and a part
whose process is gone, is read here as if there were no others.
"""

from __future__ import annotations

import pickle
import sys
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from queue import SimpleQueue

from iocsl.child import Worker
from iocsl.validate.context import Context
from iocsl.validate.headings import Layout
from iocsl.validate.readers.base import Chunk, Source
from iocsl.validate.readers.delimited import CsvSheet, CsvSource, Cursor
from iocsl.validate.readers.texts import BETWEEN, LateTexts, Spelling
from iocsl.validate.screener import Answer, Screener

FRONT = 4 << 20
"""Bytes at the beginning that are read here while the others start."""
PART = 1 << 20
SWITCH = 0.0005
"""Seconds after which a thread that has an answer gets its turn; it hands out the next question."""
AHEAD = 8
"""Parts for each process that are given out before their turn."""


def crew_of(source: Source, workers: Sequence[Worker]) -> Crew | None:
    """Those processes at that file; None where it cannot be divided among them."""
    if workers and isinstance(source, CsvSource) and source.divisible:
        return Crew(source, workers)
    return None


class Crew:
    """This process and some `workers`, which run `screener`, at one file."""

    def __init__(self, source: CsvSource, workers: Sequence[Worker]) -> None:
        self._source = source
        self._ahead = AHEAD * len(workers)
        self._workers = workers
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for each in workers:
            self._idle.put(each)
        self._threads = ThreadPoolExecutor(len(workers))
        self._briefing = b""
        self._switch = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH)

    def close(self) -> None:
        """End the other processes, whatever they are doing."""
        for each in self._workers:
            each.end()
        self._threads.shutdown(cancel_futures=True)
        sys.setswitchinterval(self._switch)

    def chunks(self, layout: Layout, context: Context) -> Iterator[Chunk]:
        """All rows of the file, screened under `layout` where they are plain rows of data."""
        sheet, cursor = self._source.sheets[0], self._source.beginning()
        # Cells and rows have no past; the rules that do are asked here.
        briefing = (sheet, layout, replace(context, history=None, attachments=None))
        self._briefing = pickle.dumps(briefing, pickle.HIGHEST_PROTOCOL)
        own = Screener(*briefing)
        wanted: set[int] = set()
        parts = self._source.parts(PART)
        given: deque[_Part] = deque()
        while True:
            for start, end in parts:
                given.append(self._give(start, end, wanted))
                if len(given) > self._ahead:
                    break
            if not given:
                return
            part = given.popleft()
            self._lend_a_hand(part, given, own, wanted)
            answers = part.answers()
            if answers is None:
                yield from sheet.chunks_from(cursor, part.end)
            else:
                yield from self._answered(answers, sheet, cursor, layout.width, wanted)
            if cursor.offset != part.end:
                # A record reaches over the cut: a mark in it was no quotation mark.
                yield from sheet.chunks_from(cursor)
                return

    def _give(self, start: int, end: int, wanted: Collection[int]) -> _Part:
        if end <= FRONT:
            return _Part(start, end)
        return _Part(start, end, self._threads.submit(self._ask, start, end, frozenset(wanted)))

    def _ask(self, *question: object) -> list[Answer]:
        worker = self._idle.get()
        try:
            answers: list[Answer] = worker.ask(question, self._briefing)
            return answers
        finally:
            self._idle.put(worker)

    @staticmethod
    def _lend_a_hand(
        wait: _Part, given: Sequence[_Part], own: Screener, wanted: Collection[int]
    ) -> None:
        """Look at parts whose turn comes last, as long as one that is needed now is not done."""
        for part in reversed(given):
            if wait.future is None or wait.future.done():
                return
            if part.future is not None and part.future.cancel():
                part.seen = own.look(part.start, part.end, frozenset(wanted))
                part.future = None

    def _answered(
        self,
        answers: Sequence[Answer],
        sheet: CsvSheet,
        cursor: Cursor,
        width: int,
        wanted: set[int],
    ) -> Iterator[Chunk]:
        spelling = Spelling(self._source.delimiter.encode())
        for each in answers:
            if each.screened is None:
                yield from sheet.chunks_from(cursor, each.end)
                if cursor.offset != each.end:
                    return
                continue
            late = _LateColumns(self._source, cursor.offset, each, wanted)
            columns = [
                LateTexts(each.rows, partial(late.cells, at), spelling) for at in range(width)
            ]
            lines = range(cursor.line, cursor.line + each.rows)
            chunk = Chunk(columns, cursor.row, lines, each.screened)
            cursor.pass_by(each.end, each.rows, each.rows)
            yield chunk


@dataclass(slots=True)
class _Part:
    """Some bytes of the file: looked at elsewhere (`future`), or here (`seen`), or not at all."""

    start: int
    end: int
    future: Future[list[Answer]] | None = None
    seen: list[Answer] | None = None

    def answers(self) -> list[Answer] | None:
        """What was seen; None where nobody looks."""
        if self.future is None or self.future.cancel():
            return self.seen
        try:
            return self.future.result()
        except (OSError, EOFError, pickle.UnpicklingError):
            return None  # the process was killed, or had no memory


class _LateColumns:
    """The columns of a block that was screened, read when a rule asks for one."""

    def __init__(self, source: CsvSource, start: int, answer: Answer, wanted: set[int]) -> None:
        self._source = source
        self._start, self._end = start, answer.end
        self._told: Mapping[int, bytes] = answer.columns
        self._read: list[list[bytes]] | None = None
        self._wanted = wanted

    def cells(self, at: int) -> Sequence[bytes]:
        """One column by its position. From now on the others hand it over."""
        self._wanted.add(at)
        if at in self._told:
            return self._told[at].split(BETWEEN)
        if self._read is None:
            self._read = self._source.columns(self._start, self._end)
        return self._read[at]
