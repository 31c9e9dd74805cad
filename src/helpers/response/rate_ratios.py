"""Rates from state to state after the label over those without it, with patients as the units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import beta, norm

from helpers.response.matched_ratio import estimate_matched_ratio
from helpers.response.transitions import FEWEST_PATIENTS, slug_transition

RATIOS = (("complete", "flare"), ("active", "complete"), ("active", "esrd"))
"""The transitions whose rates are compared: out of the best state, and the two ways out of the worst."""

_Z95 = float(norm.ppf(0.975))
_NOTHING = {"estimate": np.nan, "low": np.nan, "high": np.nan}


def estimate_transition_ratios(
    periods: pd.DataFrame, *, transitions: Sequence[tuple[str, str]] = RATIOS
) -> pd.DataFrame:
    """The rate in the group "dtt" over that in "other", for each transition: one row per transition.

    `periods` as `derive_periods` gives them; cut at the label, a patient is in both groups, one after the other.
    Columns: term, from, to, n (patients at risk), dtt_events, other_events, `estimate`, `low`, `high` (of the two rates
    as they are), `matched_estimate`, `matched_low`, `matched_high` (at the same time since time zero), `limits` (in
    words: what they rest on).

    The limits take patients as the units, whichever group they were in: the squares of each patient's pull on the
    logarithm of the ratio, added up (the sandwich of a Poisson model with patients as clusters). Fewer than five
    patients with the change in one group are too few for that: then the limits are exact given the total (binomial),
    if nobody made the change twice, and missing otherwise; those of the matched ratio are missing. Without an event in
    one of the groups there is no ratio, only the exact limit on one side.

    Lawless and Nadeau, Technometrics 1995;37:158 (robust); Clopper and Pearson, Biometrika 1934;26:404 (exact);
    Andersen and Gill, Ann Stat 1982;10:1100 (matched).

    >>> periods = pd.DataFrame({"patient_id": list("ABCD"), "group": ["dtt", "dtt", "other", "other"], "start": 0.0,
    ...     "stop": [6.0, 6.0, 12.0, 12.0], "state": "complete", "to": ["flare", None, "flare", None]})
    >>> estimate_transition_ratios(periods, transitions=[("complete", "flare")])[["estimate", "limits"]].values.tolist()
    [[2.0, 'exact']]
    """
    known = periods.loc[periods["group"].isin(["dtt", "other"])]
    rows = []
    for source, target in transitions:
        own = known.loc[known["state"].eq(source)]
        rows.append({"term": slug_transition(source, target), "from": source, "to": target,
                     **_compare(own, target=target)})  # fmt: skip
    return pd.DataFrame(rows)


def _compare(own: pd.DataFrame, *, target: str) -> dict[str, Any]:
    made = own.loc[own["to"].eq(target)]
    events = [made.loc[made["group"].eq(group)] for group in ("dtt", "other")]
    months = [float((rows["stop"] - rows["start"]).sum())
              for rows in (own.loc[own["group"].eq(group)] for group in ("dtt", "other"))]  # fmt: skip
    enough = min(rows["patient_id"].nunique() for rows in events) >= FEWEST_PATIENTS
    base = {"n": own["patient_id"].nunique(), "dtt_events": len(events[0]), "other_events": len(events[1])}
    matched = estimate_matched_ratio(own.rename(columns={"group": "period"}),
                                     made.rename(columns={"group": "period", "stop": "month"}), exposed="dtt")
    matched = {f"matched_{name}": matched[name] if enough or name == "estimate" else np.nan for name in _NOTHING}
    if not min(months):
        return {**base, **_NOTHING, **matched, "limits": "nobody at risk in one of the groups"}
    if enough:
        return {**base, **_ratio_by_patients(own, made, months=months), **matched, "limits": "patients as units"}
    if made["patient_id"].duplicated().any():
        ratio = _exact_ratio(len(events[0]), len(events[1]), months=months)["estimate"]
        return {**base, **_NOTHING, "estimate": ratio, **matched, "limits": "too few patients, some more than once"}
    return {**base, **_exact_ratio(len(events[0]), len(events[1]), months=months), **matched, "limits": "exact"}


def _ratio_by_patients(own: pd.DataFrame, made: pd.DataFrame, *, months: Sequence[float]) -> dict[str, float]:
    """The ratio with the sum of squared pulls: a patient in both groups pulls on both rates."""
    pulls, rates = [], []
    for group, time in zip(("dtt", "other"), months, strict=True):
        rows = own.loc[own["group"].eq(group)]
        counts = made.loc[made["group"].eq(group)].groupby("patient_id").size()
        spent = (rows["stop"] - rows["start"]).groupby(rows["patient_id"]).sum()
        rate = counts.sum() / time
        pulls.append(counts.reindex(spent.index, fill_value=0).sub(rate * spent) / counts.sum())
        rates.append(rate)
    error = float(np.sqrt((pulls[0].sub(pulls[1], fill_value=0.0) ** 2).sum()))
    ratio = float(rates[0] / rates[1])
    return {"estimate": ratio, "low": ratio * np.exp(-_Z95 * error), "high": ratio * np.exp(_Z95 * error)}


def _exact_ratio(dtt: int, other: int, *, months: Sequence[float]) -> dict[str, float]:
    """The ratio with its exact limits given the total, as in R's two-sample poisson.test."""
    scale = months[1] / months[0]
    low = beta.ppf(0.025, dtt, other + 1) if dtt else 0.0 if other else np.nan
    high = beta.ppf(0.975, dtt + 1, other) if other else np.nan
    return {"estimate": dtt / other * scale if other else np.nan, "low": float(low / (1 - low) * scale),
            "high": float(high / (1 - high) * scale)}  # fmt: skip


def summarise_ratio_facts(
    ratios: pd.DataFrame, *, prefix: str = "response.transitions", origin: str
) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the ratios: `<prefix>.<term>.ratio`, and `<prefix>.<term>.matched_ratio`."""
    facts: dict[str, dict[str, Any]] = {}
    for row in ratios.to_dict("records"):
        words = f"from {row['from']} to {row['to']}, after the label over without it"
        common = {"n": row["n"], "unit": "rate ratio", "null": 1.0, "origin": origin}
        for name, part, label in (("ratio", "", "Rate"), ("matched_ratio", "matched_", "Rate at the same time")):
            facts[f"{prefix}.{row['term']}.{name}"] = {
                **common, "value": row[f"{part}estimate"], "low": row[f"{part}low"], "high": row[f"{part}high"],
                "label": f"{label} {words}"}  # fmt: skip
    return facts
