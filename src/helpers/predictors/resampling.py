"""Patients drawn again and again: the draws come first and in one place, what is measured in them piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from helpers.spread import cut_samples, run_pieces

Data = TypeVar("Data")
Result = TypeVar("Result")


def measure_samples(
    measure: Callable[[Data, NDArray[np.int64]], Result], data: Data, *, n: int, samples: int, seed: int
) -> list[Result]:
    """What `measure` finds in bootstrap samples of `n` patients, piece by piece, in the order drawn.

    `measure(data, drawn)` gets the positions of the patients of each sample of a piece, samples by patients; it must
    be picklable and depend on these alone. Where many samples are asked for, pieces are worked on side by side
    (`helpers.spread.run_pieces`); the results are the same bytes as one after the other.
    """
    drawn = np.random.default_rng(seed).integers(0, n, size=(samples, n))
    return run_pieces(measure, data, [drawn[piece] for piece in cut_samples(samples, n=n)])
