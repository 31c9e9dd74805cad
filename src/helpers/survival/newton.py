"""The peak of a concave log likelihood, by Newton steps that are halved where they overshoot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NO_PEAK = "the hazard ratio has no finite estimate"
"""The note of a model whose likelihood rises for ever: the groups are told apart completely."""

_MOST_STEPS = 60
_LONGEST_STEP = 5.0
"""A longer step leaves the ratios that data could show; it is shortened, for the peak may lie before its end."""

_RUNAWAY = 15.0
"""A log hazard ratio beyond this, or a standard error beyond it, is not a finding but a likelihood without a peak."""


def find_peak(likelihood: Callable[[Floats], tuple[float, Floats, Floats]], *, size: int) -> tuple[Floats, Floats, str]:
    """The coefficients at the peak, the inverse of the information there, and a note ("" where there is a peak).

    `likelihood` gives the log likelihood, the score and the information matrix of a vector of coefficients. Without
    a peak (coefficients or errors beyond any that data could show) both arrays are missing.

    >>> def parabola(at):
    ...     return -float((at[0] - 2) ** 2), -2 * (at - 2), 2 * np.eye(1)
    >>> [part.tolist() for part in find_peak(parabola, size=1)[:2]]
    [[2.0], [[0.5]]]
    """
    at = np.zeros(size)
    missing: tuple[Floats, Floats, str] = np.full(size, np.nan), np.full((size, size), np.nan), NO_PEAK
    value, score, information = likelihood(at)
    for _ in range(_MOST_STEPS):
        if not _can_divide(information):
            return missing
        step = np.asarray(np.linalg.solve(information, score), dtype=np.float64)
        step *= _LONGEST_STEP / max(float(np.abs(step).max()), _LONGEST_STEP)
        if np.abs(at + step).max() > 2 * _RUNAWAY:
            return missing
        at, (value, score, information), is_still = _climb(likelihood, at, step, value=value)
        if is_still:
            break
    if not _can_divide(information):
        return missing
    inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
    is_peak = np.abs(at).max() < _RUNAWAY and np.sqrt(np.abs(np.diag(inverse))).max() < _RUNAWAY
    return (at, inverse, "") if is_peak else missing


def _climb(
    likelihood: Callable[[Floats], tuple[float, Floats, Floats]], at: Floats, step: Floats, *, value: float
) -> tuple[Floats, tuple[float, Floats, Floats], bool]:
    """One step up, halved until it does not lead down or off the numbers; and whether it was too small to matter."""
    found = likelihood(at + step)
    while not found[0] >= value - 1e-9 and np.abs(step).max() > 1e-12:
        step = step / 2
        found = likelihood(at + step)
    return at + step, found, bool(np.abs(step).max() < 1e-11)


def _can_divide(information: Floats) -> bool:
    return bool(np.isfinite(information).all() and np.linalg.matrix_rank(information) == len(information))
