"""Arithmetic on printed percentages: what a count gives, rounded or truncated, and which counts fit a percentage."""

from __future__ import annotations

from fractions import Fraction
from math import floor


def round_percent(count: int, total: int, *, decimals: int) -> float:
    """The percentage as most people print it: halves go up, on exact arithmetic.

    `decimals` 0 is whole percents, -1 tens. Python's own rounding would take halves to the even neighbour, and
    decimal fractions as the machine holds them.

    >>> round_percent(74, 181, decimals=1), round_percent(1, 8, decimals=0), round_percent(57, 181, decimals=-1)
    (40.9, 13.0, 30.0)
    """
    scale = Fraction(10) ** decimals
    return float(floor(Fraction(100 * count, total) * scale + Fraction(1, 2)) / scale)


def truncate_percent(count: int, total: int, *, decimals: int) -> float:
    """The percentage with the further digits cut off.

    >>> truncate_percent(74, 181, decimals=1)
    40.8
    """
    scale = Fraction(10) ** decimals
    return float(floor(Fraction(100 * count, total) * scale) / scale)


def find_counts(percent: float, total: int, *, decimals: int) -> list[int]:
    """Every count out of `total` that is printed as `percent`, rounded or truncated (the GRIM idea, applied to shares:
    Brown and Heathers, Soc Psychol Personal Sci 2017;8:363).

    >>> find_counts(91.7, 181, decimals=1), find_counts(65, 57, decimals=0), find_counts(65, 28, decimals=0)
    ([166], [37], [])
    """
    return [count for count in range(total + 1) if is_printed_as(percent, count, total, decimals=decimals)]


def is_printed_as(percent: float, count: int, total: int, *, decimals: int) -> bool:
    """Whether the count gives the percentage, rounded or truncated."""
    return percent in (way(count, total, decimals=decimals) for way in (round_percent, truncate_percent))


def find_wilson_interval(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share, in percent (Wilson, J Am Stat Assoc 1927;22:209).

    >>> [round(end, 1) for end in find_wilson_interval(57, 181)]
    [25.2, 38.6]
    """
    from statsmodels.stats.proportion import proportion_confint  # takes half a second, and not every page needs it

    low, high = proportion_confint(count, total, method="wilson")
    return 100 * float(low), 100 * float(high)
