"""Processes of iocsl beside the one that a command runs in."""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
from typing import IO, Any


def limit_memory(size: int) -> None:
    """Bound this process to `size` bytes of address space, where the system can."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such call; the process still dies alone.
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


class Worker:
    """Another process that runs `main` of a module and answers questions, one at a time.

    Both sides pickle what they write; nobody else has the pipes.
    """

    def __init__(self, module: str) -> None:
        # -P keeps the current folder, where anybody's files may lie, off the import path.
        command = [sys.executable, "-P", "-c", f"from {module} import main; main()"]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._briefed = False

    def ask(self, question: object, briefing: bytes) -> Any:
        """The answer to a question; `briefing`, pickled, goes before the first one.

        OSError or EOFError where the process is gone.
        """
        stdin, stdout = self._pipes()
        if not self._briefed:
            stdin.write(briefing)
            self._briefed = True
        pickle.dump(question, stdin, pickle.HIGHEST_PROTOCOL)
        stdin.flush()
        return pickle.load(stdout)  # noqa: S301 - from a process that we started

    def end(self) -> None:
        """Stop it; what it was asked for is wanted no more."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Let go of the pipes, once no thread waits at them."""
        for pipe in self._pipes():
            with contextlib.suppress(OSError):
                pipe.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError
        return self._process.stdin, self._process.stdout
