"""One criterion of a rule, judged on every visit of a table: what was measured, against what, and the answer.

Response, flare and worsening are judged through these, and the trace is made of them: the explanation of a
label cannot say anything else than the label did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.answers import Answers, Floats, answer_where, as_floats, is_false, is_true


@dataclass(frozen=True)
class Criterion:
    """One criterion over n visits: `value`, `threshold` and `margin` are arrays of n, `passed` has n answers.

    part: criteria of one part are alternatives, any one is enough. applies: where the criterion asks anything at all,
    None for everywhere; where it does not, it has not passed. lies: whether the value lies so to its threshold, which
    is `passed` before any condition. measured, boundary: the measured value and where it turns `lies`. outright: the
    margin where no value could turn the answer, NaN elsewhere.
    """

    name: str
    part: str
    measure: str
    value: Floats
    comparator: str
    threshold: Floats
    passed: Answers
    lies: Answers
    measured: Any
    boundary: Any
    outright: Floats | None = None
    applies: NDArray[np.bool_] | None = None

    @property
    def margin(self) -> Floats:
        """How far the measured value lies from where the answer turns, as a log ratio: above 0 when it passed,
        infinite when no value could turn it. Only the trace asks for it."""
        margin = derive_margin(self.measured, self.boundary, self.lies)
        return margin if self.outright is None else np.where(np.isnan(self.outright), margin, self.outright)


def make_criterion(
    name: str, measure: str, value: Any, comparator: str, threshold: Any, *, part: str = "",
    measured: Any = None, boundary: Any = None,
) -> Criterion:  # fmt: skip
    """A criterion that passes where the value lies so to its threshold; a single threshold holds for all.

    `measured` and `boundary` give the measured value and where it turns the answer, where these are not the
    value and the threshold themselves (a fall of proteinuria is measured as proteinuria).
    """
    values = as_floats(value)
    limits = np.broadcast_to(np.asarray(threshold, dtype=float), values.shape)
    lies = answer_where(values, comparator, limits)
    return Criterion(name, part or name, measure, values, comparator, limits, lies, lies,
                     values if measured is None else measured, limits if boundary is None else boundary)  # fmt: skip


def derive_margin(measured: Any, boundary: Any, passed: Answers) -> Floats:
    """The distance of each value from its boundary as a log ratio: above 0 where it passed, missing where unknown.

    >>> from helpers.answers import as_answers
    >>> derive_margin(np.array([0.5, 2.0, 0.0]), np.array([1.0, 1.0, 1.0]), as_answers([True, False, True])).round(3)
    array([ 0.693, -0.693,    inf])
    """
    value, limit = as_floats(measured), as_floats(boundary)
    usable = (value > 0) & (limit > 0)
    distance = np.abs(np.log(np.where(usable, value, 1.0)) - np.log(np.where(usable, limit, 1.0)))
    distance = np.where(usable, distance, np.inf)
    return np.select([is_true(passed), is_false(passed)], [distance, -distance], np.nan)
