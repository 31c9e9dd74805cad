"""Events that compete: hazards and shares side by side, and what forgetting the competition would add.

Two questions have two answers. How fast an event comes among those still at risk of it (cause-specific hazard) speaks
of causes; how many get there, with all that takes them out of the race (cumulative incidence; Gray's test and the
subdistribution hazard), speaks of numbers. Source: Latouche et al., J Clin Epidemiol 2013;66:648.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.survival.curves import GROUPS, estimate_survival, keep_observed
from helpers.survival.fine_gray import estimate_subdistribution
from helpers.survival.gray import compare_incidence
from helpers.survival.models import estimate_cox
from helpers.survival.risk_sets import derive_risk_periods, keep_landmark
from helpers.survival.shares import derive_share_table


class Race(NamedTuple):
    """An event that others compete with: on which clock, under which word, and how it is called."""

    outcome: str
    event: str
    label: str


RACES: Mapping[str, Race] = {
    "kidney_failure": Race("esrd", "esrd", "Kidney failure, before death"),
    "death_before": Race("esrd", "death", "Death without kidney failure"),
    "first_worsening": Race("composite", "worsening_creatinine", "Worsening creatinine, as first of the composite"),
    "first_failure": Race("composite", "esrd", "Kidney failure, as first of the composite"),
    "first_death": Race("composite", "death", "Death, as first of the composite"),
}

METHODS_OF_A_RACE: Mapping[str, tuple[str, str]] = {
    "cause_specific": ("Cause-specific hazard ratio", "Causes: how fast among those still at risk"),
    "subdistribution": ("Subdistribution hazard ratio", "Numbers: whether more get there, others lost on the way"),
    "gray": ("Gray's test", "Numbers: whether the incidence curves differ, without a model"),
}
"""Each method by its name and what it is for."""


def compare_competing(outcomes: pd.DataFrame, *, landmark_months: float) -> pd.DataFrame:
    """Each event that others compete with, by three methods, from the landmark on: one row per event and method.

    term ("kidney_failure.cause_specific"), event, label, method, purpose, estimate, low, high (hazard ratio,
    difficult-to-treat against the others; missing for Gray's test), chi2 (Gray's test), p, n, dtt_events_n,
    other_events_n, note. Missing, with a note, where a method has no answer.

    All three count the same patients: those free of the event's clock and under observation at the landmark, in the
    group known by then. A label that comes later may not enter a subdistribution hazard: the dead stay in its risk
    set, where no label can come any more (Beyersmann and Schumacher, Biostatistics 2008;9:765).

    >>> table = pd.DataFrame({"patient_id": list("AB"), "group": ["dtt", "other"], "label_month": [6.0, None],
    ...     "esrd_months": 60.0, "esrd_status": "censored", "composite_months": 60.0, "composite_status": "censored"})
    >>> found = compare_competing(table, landmark_months=24.0)
    >>> len(found), set(found["note"])
    (15, {'no event'})
    """
    parts = [
        _compare_race(keep_landmark(outcomes, landmark_months=landmark_months, outcome=race.outcome), race).assign(
            event=name, label=race.label)
        for name, race in RACES.items()
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    columns = ["term", "event", "label", "method", "purpose", "estimate", "low", "high", "chi2", "p", "n",
               "dtt_events_n", "other_events_n", "note"]  # fmt: skip
    return table.assign(term=table["event"] + "." + table["term"])[columns]


def _compare_race(at_landmark: pd.DataFrame, race: Race) -> pd.DataFrame:
    """One event by its three methods."""
    periods = derive_risk_periods(at_landmark, approach="naive", landmark_months=0.0, outcome=race.outcome,
                                  part=race.event)  # fmt: skip
    patients = keep_observed(at_landmark, outcome=race.outcome)
    patients = patients.assign(is_dtt=patients["group"].eq("dtt").astype(int))
    found = {
        "cause_specific": estimate_cox(periods),
        "subdistribution": estimate_subdistribution(patients, event=race.event),
        "gray": compare_incidence(at_landmark, outcome=race.outcome, event=race.event),
    }
    events = {f"{group}_events_n": int((periods["is_event"] & periods["is_dtt"].eq(value)).sum())
              for group, value in zip(GROUPS, (1, 0), strict=True)}  # fmt: skip
    return pd.concat([
        rows.reindex(columns=["estimate", "low", "high", "chi2", "p", "n", "note"]).assign(
            term=name, method=METHODS_OF_A_RACE[name][0], purpose=METHODS_OF_A_RACE[name][1], **events)
        for name, rows in found.items()
    ], ignore_index=True).astype({"estimate": float, "low": float, "high": float, "chi2": float})  # fmt: skip


def summarise_competing(competing: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the races: ids like "survival.competing.kidney_failure.subdistribution.hr".

    Of each event both hazard ratios (.hr) with their p values (.p), and the p value of Gray's test.
    """
    facts: dict[str, dict[str, Any]] = {}
    for row in competing.to_dict("records"):
        about = {"n": row["n"], "origin": "helpers.survival.competing.compare_competing"}
        label, name = f"{row['label']}: {row['method'].lower()}", f"survival.competing.{row['term']}"
        if not row["term"].endswith(".gray"):
            facts[f"{name}.hr"] = {"value": row["estimate"], "low": row["low"], "high": row["high"], "null": 1.0,
                                   "unit": "hazard ratio", "label": label, **about}  # fmt: skip
        facts[f"{name}.p"] = {"value": row["p"], "unit": "p value", "label": f"{label}, p value", **about}
    return facts


def derive_overestimate(
    shares: pd.DataFrame, *, label: str, outcomes: pd.DataFrame, outcome: str, event: str
) -> pd.DataFrame:  # fmt: skip
    """Cumulative incidences as they are printed, with what one minus Kaplan-Meier would have said beside each.

    The rows of `helpers.survival.shares.derive_share_table` of `shares` (of `estimate_shares`) under the name `label`;
    adds one_minus_km_share (the other events taken for ends of follow-up) and overestimate_share (that less the
    estimate), both missing where the estimate is. It answers what would happen if nobody could die, and is never below
    the cumulative incidence. Source: Gooley et al., Stat Med 1999;18:695.

    >>> from helpers.survival.shares import estimate_shares
    >>> table = pd.DataFrame({"group": ["dtt"] * 13, "esrd_months": [1.0, 2.0, *[3.0] * 11],
    ...                       "esrd_status": ["death", "esrd", *["censored"] * 11]})
    >>> shares = estimate_shares(table, outcome="esrd", event="esrd", at=[2.5])
    >>> found = derive_overestimate(shares, label="Kidney failure", outcomes=table, outcome="esrd", event="esrd")
    >>> found.loc[0, ["estimate", "one_minus_km_share"]].astype(float).round(4).tolist()  # 1/13 and 1/12
    [0.0769, 0.0833]
    """
    naive = derive_naive_incidence(outcomes, outcome=outcome, event=event, at=sorted(set(shares["month"])))
    found = shares[["group", "month"]].merge(naive, how="left", on=["group", "month"])["estimate"]
    table = derive_share_table({label: shares})
    found = found.astype(float).where(table["estimate"].notna())
    return table.assign(one_minus_km_share=found, overestimate_share=found - table["estimate"])


def derive_naive_incidence(
    outcomes: pd.DataFrame, *, outcome: str, event: str, at: list[float] | None = None
) -> pd.DataFrame:  # fmt: skip
    """One minus Kaplan-Meier of one event, the others taken for ends of follow-up: group, month, estimate.

    The overestimate, to be shown beside the cumulative incidence and for nothing else.
    """
    status = outcomes[f"{outcome}_status"]
    alone = outcomes.assign(**{f"{outcome}_status": status.where(status.isna() | status.eq(event), "censored")})
    curves = estimate_survival(alone, outcome=outcome, at=at)
    return curves.assign(estimate=1 - curves["estimate"].astype(float))[["group", "month", "estimate"]]


def label_roads(competing: pd.DataFrame, *, event: str) -> str:
    """Whether the hazard among those at risk and the share who get there point the same way, in words.

    >>> table = pd.DataFrame({"term": ["x.cause_specific", "x.subdistribution"], "estimate": [3.0, 2.0],
    ...                       "low": [1.2, 0.9], "high": [8.0, 5.0]})
    >>> label_roads(table, event="x")
    'part ways: one of them is clear, the other is not'
    """
    rows = competing.set_index("term").loc[[f"{event}.cause_specific", f"{event}.subdistribution"]]
    if rows[["low", "high"]].isna().any(axis=None):
        return "cannot be compared"
    is_clear = (rows["low"] > 1) | (rows["high"] < 1)
    if not is_clear.any():
        return "agree: neither is clear"
    if not is_clear.all():
        return "part ways: one of them is clear, the other is not"
    is_higher = rows["estimate"] > 1
    return "agree: both are clear" if is_higher.all() or not is_higher.any() else "contradict each other"


def label_incidence(competing: pd.DataFrame, *, event: str) -> str:
    """What Gray's test lets a sentence say of the shares who get there.

    >>> label_incidence(pd.DataFrame({"term": ["x.gray"], "p": [np.nan]}), event="x")
    'cannot be compared'
    """
    p = float(competing.loc[competing["term"] == f"{event}.gray", "p"].iloc[0])
    return "cannot be compared" if np.isnan(p) else "differ" if p < SIGNIFICANT_BELOW else "do not clearly differ"
