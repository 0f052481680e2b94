"""Run things in turn, several times, and print medians and ratios to the first of each table."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from statistics import median

Runnable = Callable[[], object]


def command(arguments: Sequence[str], environment: dict[str, str] | None = None) -> Runnable:
    """A whole process, its output thrown away."""

    def run() -> int:
        return subprocess.run(
            arguments,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            env=environment,
        ).returncode

    return run


def compare(title: str, contenders: dict[str, Runnable], runs: int) -> None:
    """Time the contenders in turn (A B C, A B C …), so that a slow moment hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()  # warm: caches, mirror, compiled modules
    for _ in range(runs):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    first = median(next(iter(taken.values())))
    print(f"\n{title} ({runs} runs each, median)")
    for name, times in taken.items():
        print(
            f"  {name:<44} {median(times) * 1000:10.1f} ms   × {median(times) / first:6.2f}"
            f"   ({min(times) * 1000:.1f} … {max(times) * 1000:.1f})"
        )
