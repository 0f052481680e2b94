"""What a child process does before it reads what nobody vouches for."""

from __future__ import annotations


def limit_memory(size: int) -> None:
    """Bound this process to `size` bytes of address space, where the system can."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such call; the process still dies alone.
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
