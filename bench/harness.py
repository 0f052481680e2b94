"""Run things in turn, several times, and print medians and ratios to the first of each table."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

KEPT = 1 << 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run's answer begins; peak memory in MiB and seconds of CPU where the system tells."""

    said: str = ""
    peak: float | None = None
    cpu: float | None = None


Runnable = Callable[[], Outcome]


def in_process(function: Callable[[], object]) -> Runnable:
    def run() -> Outcome:
        function()
        return Outcome()

    return run


def command(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Runnable:
    """A whole process; what it says on stdout is kept, its complaints are not.

    Compiled code is kept in `.bench`, as it is of an installed program.
    """
    surroundings = dict(os.environ if environment is None else environment)
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    surroundings["PYTHONPYCACHEPREFIX"] = str(Path(".bench", "compiled").absolute())

    def run() -> Outcome:
        child = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=surroundings
        )
        if child.stdout is None:
            raise RuntimeError(arguments)
        with child.stdout as stream:
            said = stream.read(KEPT)
            # The rest goes by: what this process holds would count as its children's memory.
            while stream.read(KEPT):
                pass
        peak = cpu = None
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            # Kilobytes on Linux, bytes on macOS.
            peak = usage.ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))
            cpu = usage.ru_utime + usage.ru_stime
        else:
            child.wait()
        return Outcome(said.decode("utf-8", "replace"), peak, cpu)

    return run


def compare(
    title: str,
    contenders: Mapping[str, Runnable],
    runs: int,
    found: Callable[[str], str] = lambda _said: "",
) -> None:
    """Time the contenders in turn (A B C, A B C …), so that a slow moment hits all alike.

    `found` shortens what a run said to what is worth a column.
    """
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    worked: dict[str, list[float]] = {name: [] for name in contenders}
    last = {name: run() for name, run in contenders.items()}  # warm: caches, mirror, compiled code
    for _ in range(runs):
        for name, run in contenders.items():
            start = time.perf_counter()
            last[name] = run()
            taken[name].append(time.perf_counter() - start)
            worked[name].append(last[name].cpu or 0.0)
    first = next(iter(contenders))
    wall, work = median(taken[first]), median(worked[first])
    print(f"\n{title} ({runs} runs each, median)")
    for name, times in taken.items():
        peak = last[name].peak
        memory = "" if peak is None else f"{peak:6.0f} MiB"
        cpu = median(worked[name])
        busy = f"  CPU {cpu:8.2f} s × {cpu / work:6.2f}" if work else ""
        print(
            f"  {name:<42} {median(times) * 1000:10.1f} ms × {median(times) / wall:6.2f}"
            f"{busy} {memory}  {found(last[name].said)}".rstrip(),
            flush=True,
        )
