"""Regular expressions that are compiled when they are first asked.

A check of one file asks a few of the patterns that its modules hold; compiling all of them would be
a tenth of its start.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Late:
    """Stands for a pattern; each of its methods is fetched once and then its own."""

    def __init__(self, text: Any, flags: int) -> None:
        self._given = text, flags

    def __getattr__(self, name: str) -> Any:
        # `re` remembers what it compiled, so that a second method costs no second compilation.
        value = getattr(re.compile(*self._given), name)
        setattr(self, name, value)
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        """It crosses to another process as it was given."""
        return regex, self._given


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile`, put off until the pattern is used."""
    return cast("re.Pattern[AnyStr]", _Late(text, flags))
