"""What is usual in a series: its median, and how far from it figures lie. The one use of pandas.

The measure is the modified z-score of Iglewicz and Hoaglin, "How to Detect and Handle Outliers"
(ASQC Quality Press, 1993): 0.6745 × |x - median| ÷ MAD, a figure beyond 3.5 being an outlier; MAD
is the median of the distances from the median. One slip among the earlier figures hardly moves
either. It needs no more than that many points and no assumption on trend; how many, and how near is
near enough, is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from iocsl.validate.history import Series

FEWEST = 8
"""Points below which nothing is said to be unusual."""
BEYOND = 3.5 / 0.6745
"""Distance from the median, in MADs, from which a figure is an outlier."""
NEAR = 0.1
"""A figure within this part of the median is never one, however still the series stood."""


class Usual(NamedTuple):
    """How many points there are, and the lowest and highest figure that would be no surprise."""

    periods: int
    low: float
    high: float

    def far(self, value: float, last: float) -> bool:
        """Whether a figure lies outside, and as far from the last one.

        A new level that was answered for once is not asked about again.
        """
        reach = (self.high - self.low) / 2
        return not self.low <= value <= self.high and abs(value - last) > reach


def usual_of(points: Mapping[Series, Mapping[str, float]]) -> dict[Series, Usual]:
    """What is usual in every series that has enough points to tell; zeros alone tell nothing."""
    import pandas as pd

    chosen = [place for place, values in points.items() if len(values) >= FEWEST]
    frame = pd.DataFrame(
        [(at, value) for at, place in enumerate(chosen) for value in points[place].values()],
        columns=["series", "value"],
    )
    by_series = frame.groupby("series")["value"]
    frame["away"] = (frame["value"] - by_series.transform("median")).abs()
    told = by_series.agg(["count", "median", "min", "max"])
    told["mad"] = frame.groupby("series")["away"].median()
    near = NEAR * told["median"].abs()
    reach = (BEYOND * told["mad"]).clip(lower=near)
    # Where more than half of the figures are one and the same, MAD is 0 and only the range speaks.
    still = told["mad"] == 0
    low = (told["median"] - reach).where(~still, (told["median"] - near).clip(upper=told["min"]))
    high = (told["median"] + reach).where(~still, (told["median"] + near).clip(lower=told["max"]))
    return {
        chosen[at]: Usual(int(count), float(lowest), float(highest))
        for at, count, lowest, highest in zip(told.index, told["count"], low, high, strict=True)
        if lowest < highest
    }
