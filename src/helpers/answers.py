"""Answers that may be missing: true, false, or "cannot tell", and how they combine.

Kleene's three-valued logic, as pandas' nullable boolean has it: a missing part matters only where it could
change the whole. "False and unknown" is false; "true and unknown" is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_, or_
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Answers = pd.arrays.BooleanArray
Floats = NDArray[np.float64]

_COMPARATORS: MappingProxyType[str, Callable[[Any, Any], Any]] = MappingProxyType({
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
})  # fmt: skip
_DECIMALS = 9


def as_floats(values: Any) -> Floats:
    """The values as floats, missing as NaN, whatever nullable type they come in."""
    if isinstance(values, np.ndarray | pd.Series) and values.dtype == np.float64:
        return np.asarray(values)
    return np.asarray(pd.array(values, dtype="Float64").to_numpy(dtype=float, na_value=np.nan))


def as_answers(values: Any) -> Answers:
    """The values as true, false or missing."""
    answers = pd.array(values, dtype=pd.BooleanDtype())
    assert isinstance(answers, Answers)
    return answers


def answer_where(value: Any, comparator: str, threshold: Any) -> Answers:
    """Whether each value lies so to its threshold; missing where either is missing.

    Both sides are rounded to nine decimals first: 1.65 over 1.1 is 1.5 on paper, and a hair less in binary.

    >>> answer_where([1.65 / 1.1, 1.49, None], ">=", 1.5).tolist()
    [True, False, <NA>]
    """
    limits = np.asarray(threshold, dtype=float) if np.isscalar(threshold) else as_floats(threshold)
    left, right = np.broadcast_arrays(np.round(as_floats(value), _DECIMALS), np.round(limits, _DECIMALS))
    known = ~(np.isnan(left) | np.isnan(right))
    return Answers(known & _COMPARATORS[comparator](left, right), ~known)


def answer_known(values: Sequence[bool] | NDArray[np.bool_]) -> Answers:
    """Answers of which none is missing."""
    flags = np.asarray(values, dtype=bool)
    return Answers(flags, np.zeros(len(flags), dtype=bool))


def all_of(answers: Sequence[Answers]) -> Answers:
    """True where every answer is true; missing only where no answer is false and one is missing.

    >>> all_of([as_answers([True, True, False]), as_answers([True, None, None])]).tolist()
    [True, <NA>, False]
    """
    return reduce(and_, answers)


def any_of(answers: Sequence[Answers]) -> Answers:
    """True where any answer is true; missing only where none is true and one is missing.

    >>> any_of([as_answers([True, False, False]), as_answers([None, None, False])]).tolist()
    [True, <NA>, False]
    """
    return reduce(or_, answers)


def is_true(answers: Any) -> NDArray[np.bool_]:
    """Where the answer is true for certain."""
    return _seen(answers).to_numpy(dtype=bool, na_value=False, copy=True)


def is_false(answers: Any) -> NDArray[np.bool_]:
    """Where the answer is false for certain."""
    return ~_seen(answers).to_numpy(dtype=bool, na_value=True)


def is_unknown(answers: Any) -> NDArray[np.bool_]:
    """Where the answer is missing."""
    return np.asarray(_seen(answers).isna())


def _seen(answers: Any) -> Answers:
    """The answers to look at and not to write to: not copied where they are answers already."""
    return answers if isinstance(answers, Answers) else as_answers(answers)


def label_answers(answers: Any) -> NDArray[np.object_]:
    """The answers in words.

    >>> label_answers([True, False, None]).tolist()
    ['yes', 'no', 'cannot tell']
    """
    return np.select([is_true(answers), is_false(answers)], ["yes", "no"], "cannot tell").astype(object)


def answer_take(answers: Answers, rows: NDArray[np.int64]) -> Answers:
    """The answers at these rows; missing where the row is -1.

    >>> answer_take(as_answers([True, False]), np.array([1, -1, 0])).tolist()
    [False, <NA>, True]
    """
    return answers.take(rows, allow_fill=True)
