"""One criterion of a rule, judged on every visit of a table: what was measured, against what, and the answer.

Response, flare and worsening are judged through these, and the trace is made of them: the explanation of a
label cannot say anything else than the label did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.answers import Answers, Floats, answer_where, as_floats


@dataclass(frozen=True)
class Criterion:
    """One criterion over n visits: `value` and `threshold` are arrays of n, `passed` has n answers."""

    name: str
    measure: str
    value: Floats
    comparator: str
    threshold: Floats
    passed: Answers


def make_criterion(name: str, measure: str, value: Any, comparator: str, threshold: Any) -> Criterion:
    """A criterion that passes where the value lies so to its threshold; a single threshold holds for all."""
    values = as_floats(value)
    limits = np.broadcast_to(np.asarray(threshold, dtype=float), values.shape)
    return Criterion(name, measure, values, comparator, limits, answer_where(values, comparator, limits))
