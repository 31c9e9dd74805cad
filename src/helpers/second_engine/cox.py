"""The Cox model a second time: Newton's method on Efron's partial likelihood, written out event time by event time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.second_engine.check import Engines, make_ratio

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

COX = Engines("halved Newton steps, running sums", "Newton steps on Efron's likelihood, event by event", 1e-7,
              "both iterate until the steps vanish")  # fmt: skip
_STEPS = 60
_SMALL = 1e-11
_LARGEST = 15.0
"""A log hazard ratio, or its standard error, beyond this means that the likelihood has no peak."""


def solve_cox(periods: pd.DataFrame) -> dict[str, float | None]:
    """The hazard ratio of `is_dtt` (0 or 1): value, low, high and p by Wald; missing where there is none.

    One row per period at risk (start, stop, is_event, is_dtt), at risk after start and up to stop. Missing without an
    event, with one side only or no event on one of them, and where the likelihood has no peak.
    """
    nothing: dict[str, float | None] = dict.fromkeys(("value", "low", "high", "p"))
    exposed = periods["is_dtt"].to_numpy(float)
    is_event = periods["is_event"].to_numpy(bool)
    if len(np.unique(exposed)) < 2 or len(np.unique(exposed[is_event])) < 2:
        return nothing
    found = _climb(periods["start"].to_numpy(float), periods["stop"].to_numpy(float), is_event, exposed)
    if found is None:
        return nothing
    beta, error = found
    return make_ratio(beta, error)


def _climb(start: Floats, stop: Floats, is_event: Any, exposed: Floats) -> tuple[float, float] | None:
    """The coefficient at the peak and its standard error; None without a peak."""
    beta, moments = 0.0, np.unique(stop[is_event])
    sets = [(np.flatnonzero((start < moment) & (stop >= moment)), np.flatnonzero(is_event & (stop == moment)))
            for moment in moments]  # fmt: skip
    for _ in range(_STEPS):
        score, information = _derivatives(beta, sets, exposed)
        if information <= 0 or abs(beta) > _LARGEST:
            return None
        step = float(np.clip(score / information, -1.0, 1.0))
        beta += step
        if abs(step) < _SMALL:
            error = information**-0.5
            return (beta, error) if error < _LARGEST else None
    return None


def _derivatives(beta: float, sets: list[tuple[Places, Places]], exposed: Floats) -> tuple[float, float]:
    """The score and the information of the partial likelihood, summed over the moments of an event: who is at risk at
    each, and who dies.

    Of k tied events the j-th is taken out when j/k of their weight has left the risk set (Efron, J Am Stat Assoc
    1977;72:557). With one covariate of 0 and 1 the weighted mean among those at risk is a share, its variance
    share times one minus share.
    """
    weight = np.exp(beta * exposed)
    weight_of_exposed = weight * exposed
    score, information = 0.0, 0.0
    for at_risk, dies in sets:
        gone = np.arange(len(dies)) / len(dies)
        whole = weight[at_risk].sum() - gone * weight[dies].sum()
        ours = weight_of_exposed[at_risk].sum() - gone * weight_of_exposed[dies].sum()
        share = ours / whole
        score += exposed[dies].sum() - share.sum()
        information += (share * (1 - share)).sum()
    return float(score), float(information)


def lay_out_periods(
    outcomes: pd.DataFrame, *, approach: str, landmark_months: float, outcome: str = "composite",
    part: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Who was at risk from when to when: one row per period (start, stop, is_event, is_dtt, row).

    Laid out afresh from the table of outcomes: "naive" by the final group; "landmark" those beyond the landmark, by
    the label known then, counted from it; "timedependent" split at the label, an event on its day before it. `row` is
    the patient's place in `outcomes`.
    """
    place = np.flatnonzero(outcomes[f"{outcome}_status"].notna() & outcomes["group"].isin(["dtt", "other"]))
    months, label = (outcomes[name].to_numpy(float)[place] for name in (f"{outcome}_months", "label_month"))
    status, group = (outcomes[name].to_numpy(object)[place] for name in (f"{outcome}_status", "group"))
    label = np.where(group == "dtt", np.maximum(label, 0.0), np.inf)
    is_event = status != "censored" if part is None else status == part
    nobody = np.zeros(len(place))
    if approach == "naive":
        return _table(nobody, months, is_event, np.isfinite(label), place)
    if approach == "landmark":
        kept = months > landmark_months
        return _table(nobody[kept], months[kept] - landmark_months, is_event[kept], (label <= landmark_months)[kept],
                      place[kept])
    first, then = label > 0, label < months
    early, late = np.minimum(months, label)[first], months[then]
    return pd.concat([
        _table(nobody[first], early, (is_event & ~then)[first], nobody[first].astype(bool), place[first]),
        _table(label[then], late, is_event[then], np.ones(int(then.sum()), dtype=bool), place[then]),
    ], ignore_index=True)  # fmt: skip


def _table(start: Floats, stop: Floats, is_event: Any, is_dtt: Any, row: Any) -> pd.DataFrame:
    return pd.DataFrame({"start": start, "stop": stop, "is_event": is_event.astype(bool),
                         "is_dtt": is_dtt.astype(int), "row": row})  # fmt: skip
