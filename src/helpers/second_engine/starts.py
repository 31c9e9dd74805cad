"""The clock from the second induction a second time: stratum by stratum, risk set by risk set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from helpers.second_engine.check import Engines, make_ratio

Floats = NDArray[np.float64]

SEQUENTIAL = Engines("stratified Cox model on running sums", "each start laid out afresh, risk set by risk set", 1e-7,
                     "both iterate until the score is none")  # fmt: skip
_LARGEST = 15.0


def solve_second_induction(
    outcomes: pd.DataFrame, *, starts: pd.Series, outcome: str = "composite"
) -> dict[str, float | None]:
    """The hazard ratio after a second induction against none so far: value, low, high and p; missing without a peak.

    `starts`: the month of each patient's second induction, by patient_id. Every start opens a stratum of its own: the
    patient, and all who at that month were free of the outcome and had none; these leave at their own. Ties by Efron;
    the variance adds up what each patient, in however many strata, moves the score by (Lin and Wei, J Am Stat Assoc
    1989;84:1074).
    """
    nothing: dict[str, float | None] = dict.fromkeys(("value", "low", "high", "p"))
    rows = outcomes.loc[outcomes[f"{outcome}_status"].notna()]
    sets = list_start_sets(
        rows[f"{outcome}_months"].to_numpy(float), rows[f"{outcome}_status"].ne("censored").to_numpy(bool),
        rows["patient_id"].map(starts).astype(float).fillna(np.inf).to_numpy(float))  # fmt: skip
    ends = (-2 * _LARGEST, 2 * _LARGEST)
    if not sets or _add(sets, ends[0])[0] * _add(sets, ends[1])[0] >= 0:
        return nothing
    beta = float(brentq(lambda at: _add(sets, at)[0], *ends, xtol=1e-13, rtol=1e-14))
    information = _add(sets, beta)[1]
    if abs(beta) >= _LARGEST or information < _LARGEST**-2:
        return nothing
    error = float(np.sqrt(np.square(_pull(sets, beta, patients=len(rows))).sum())) / information
    if error <= 0:
        return nothing | {"value": float(np.exp(beta))}
    return make_ratio(beta, error)


def list_start_sets(months: Floats, is_event: NDArray[np.bool_], second: Any) -> list[dict[str, Any]]:
    """The risk sets in which the patient who starts is still there: at_risk, dies, self (places of patients).

    After that patient has left, everybody at risk is unexposed and the set says nothing.
    """
    sets = []
    for own in np.flatnonzero(second < months):
        month = second[own]
        others = (months > month) & (second > month)
        until = np.minimum(months, second)
        until[own] = months[own]
        counts = is_event & (others & (months <= second))
        counts[own] = is_event[own]
        others[own] = True
        for moment in np.unique(until[counts & (until <= months[own])]):
            at_risk = others & (until >= moment)
            dies = np.flatnonzero(counts & (until == moment))
            sets.append({"self": own, "at_risk": np.flatnonzero(at_risk), "n": at_risk.sum(), "dies": dies,
                         "self_dies": float(own in dies)})  # fmt: skip
    return sets


def _shares(sets: list[dict[str, Any]], beta: float) -> tuple[Floats, Floats, Floats]:
    """Of each event in each set: how much of the tied has gone, the weight of all still there, the exposed part."""
    ratio = float(np.exp(beta))
    ties = np.array([len(one["dies"]) for one in sets])
    gone = np.concatenate([np.arange(count) / count for count in ties])
    n, died = (np.repeat([one[name] for one in sets], ties) for name in ("n", "self_dies"))
    whole = n - 1 + ratio - gone * (np.repeat(ties, ties) + died * (ratio - 1))
    return gone, whole, ratio * (1 - gone * died) / whole


def _add(sets: list[dict[str, Any]], beta: float) -> tuple[float, float]:
    """The score and the information, summed over the risk sets."""
    share = _shares(sets, beta)[2]
    score = sum(one["self_dies"] for one in sets) - float(share.sum())
    return score, float((share * (1 - share)).sum())


def _pull(sets: list[dict[str, Any]], beta: float, *, patients: int) -> Floats:
    """What each patient moves the score by, over all strata."""
    found = np.zeros(patients)
    ends = np.cumsum([len(one["dies"]) for one in sets])[:-1]
    for one, *parts in zip(sets, *(np.split(part, ends) for part in _shares(sets, beta)), strict=True):
        gone, whole, share = parts
        exposed = (one["at_risk"] == one["self"]).astype(float)
        weight = np.where(exposed == 1, np.exp(beta), 1.0)
        stays = 1 - gone[:, None] * np.isin(one["at_risk"], one["dies"])
        found[one["at_risk"]] -= weight * ((exposed - share[:, None]) * stays / whole[:, None]).sum(axis=0)
        found[one["dies"]] += (one["dies"] == one["self"]) - share.mean()
    return found
