"""The checks of several files by several processes."""

from __future__ import annotations

import gc
import os
import pickle
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from iocsl import clock, config, text
from iocsl.catalog import open_catalogue
from iocsl.child import Worker
from iocsl.commands.validate_jobs import Beside, checked
from iocsl.errors import IocslError
from iocsl.validate import Report


def shared(
    files: Sequence[Path], said: Mapping[str, Any], beside: Beside, jobs: int
) -> Iterator[Report | IocslError]:
    """The results of processes that run `main`.

    A file whose process is gone (no memory, a fault of our own) is checked here. Processes end when
    nobody asks any more: they outlive neither Ctrl+C nor a command that was killed.
    """
    options = (config.home_path(), text.language(), clock.held(), dict(said), beside)
    briefing = pickle.dumps(options, pickle.HIGHEST_PROTOCOL)
    workers: list[Worker] = []
    idle: SimpleQueue[Worker] = SimpleQueue()

    def ask(path: Path) -> Report | IocslError | None:
        worker, found = idle.get(), None
        with suppress(OSError, EOFError, pickle.UnpicklingError):
            found = worker.ask(path, briefing)
        idle.put(worker)
        return found

    threads = ThreadPoolExecutor(jobs)
    try:
        for _ in range(jobs):
            workers.append(Worker(__name__))
            idle.put(workers[-1])
        for path, found in zip(files, threads.map(ask, files), strict=True):
            yield checked(path, open_catalogue(), said, beside) if found is None else found
    finally:
        for each in workers:
            each.end()
        threads.shutdown(cancel_futures=True)
        for each in workers:
            each.close()


def main() -> None:
    """Check the files named on stdin, one after the other, until there are no more.

    The pipes are for that alone: what a rule of the unit's own prints or reads is not among it.
    """
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    gc.set_threshold(50_000)
    asked: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(questions, asked), daemon=True).start()
    home, language, moment, said, beside = asked.get()
    config.set_home(home)
    text.set_language(language)
    clock.set_now(moment)
    catalogue = open_catalogue()
    while True:
        found = checked(asked.get(), catalogue, said, beside)
        pickle.dump(found, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _listen(questions: IO[bytes], asked: SimpleQueue[Any]) -> None:
    """Take questions in; end the process, whatever it is doing, when nobody is there to ask."""
    try:
        while True:
            asked.put(pickle.load(questions))  # noqa: S301 - from the process that started this one
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(0)
