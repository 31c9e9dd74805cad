"""The estimators of chapter 4, each called as the notebook calls it, on one planted cohort."""

from __future__ import annotations

import pandas as pd

from helpers.evidence.records import Record, record, record_ratio, record_share
from helpers.survival.curves import estimate_incidence, estimate_survival
from helpers.survival.hazards import compare_hazards
from helpers.survival.models import compare_survival, estimate_cox
from helpers.survival.restricted_mean import estimate_restricted_mean
from helpers.survival.risk_sets import Approach, derive_risk_periods, keep_landmark

LANDMARK = 24.0
"""By this month every label that will be given has been given, so that groups do not change any more."""

UNTIL = 60.0
"""Curves are read, and restricted means taken, this many months after the landmark."""

GROUPS = ("dtt", "other")


def _cox(outcomes: pd.DataFrame, name: str, approach: Approach, month: float = LANDMARK,
         outcome: str = "composite", part: str | None = None) -> Record:  # fmt: skip
    periods = derive_risk_periods(outcomes, approach=approach, landmark_months=month, outcome=outcome, part=part)
    return record_ratio(name, estimate_cox(periods).iloc[0])


def estimate_three_ways(outcomes: pd.DataFrame) -> list[Record]:
    """The Cox model three ways: eventual label from time zero, landmark, label as it comes."""
    return [_cox(outcomes, "naive_cox", "naive"), _cox(outcomes, "landmark_24_cox", "landmark"),
            _cox(outcomes, "time_dependent_cox", "timedependent")]  # fmt: skip


def estimate_early_landmarks(outcomes: pd.DataFrame) -> list[Record]:
    """The Cox model from landmarks at which not every label is known yet."""
    return [_cox(outcomes, f"landmark_{month}_cox", "landmark", float(month)) for month in (6, 12)]


def estimate_parts(outcomes: pd.DataFrame) -> list[Record]:
    """The cause-specific Cox model of kidney failure, death ending the time at risk."""
    return [_cox(outcomes, "cause_specific_cox", "timedependent", outcome="esrd", part="esrd")]


def compare_groups(outcomes: pd.DataFrame) -> list[Record]:
    """Log-rank tests, from time zero by eventual label and from the landmark."""
    naive = compare_survival(outcomes, outcome="composite").iloc[0]
    landmark = compare_survival(keep_landmark(outcomes, landmark_months=LANDMARK), outcome="composite").iloc[0]
    return [record("naive_logrank", p=naive["p"], events=naive["events"]),
            record("landmark_24_logrank", p=landmark["p"], events=landmark["events"])]  # fmt: skip


def compare_proportionality(outcomes: pd.DataFrame) -> list[Record]:
    """The score test of proportional hazards, from the landmark."""
    periods = derive_risk_periods(outcomes, approach="landmark", landmark_months=LANDMARK)
    row = compare_hazards(periods).iloc[0]
    return [record("score_test", p=row["p"], events=row["events"])]


def estimate_curves(outcomes: pd.DataFrame) -> list[Record]:
    """Shares at a stated month, and restricted means, from the landmark; and the naive curve from time zero."""
    start = keep_landmark(outcomes, landmark_months=LANDMARK)
    curves = estimate_survival(start, outcome="composite", at=[UNTIL]).set_index("group")
    found = [record_share(f"kaplan_meier_{name}", curves.loc[name]) for name in GROUPS if name in curves.index]
    means = estimate_restricted_mean(start, outcome="composite", until=UNTIL).set_index("term")
    gap = means.loc["difference"]
    found.append(record("restricted_mean_difference", **gap[["estimate", "low", "high", "p"]].astype(float)))
    naive = estimate_survival(outcomes, outcome="composite", at=[UNTIL]).set_index("group")
    return found + [record_share("naive_kaplan_meier_dtt", naive.loc[name]) for name in ("dtt",) if name in naive.index]


def estimate_failure(outcomes: pd.DataFrame) -> list[Record]:
    """The share with kidney failure from the landmark on: Aalen-Johansen, and one minus Kaplan-Meier beside it."""
    return _failure(keep_landmark(outcomes, landmark_months=LANDMARK, outcome="esrd"))


def estimate_failure_from_zero(outcomes: pd.DataFrame) -> list[Record]:
    """The same from time zero, for groups that were known then."""
    return _failure(outcomes)


def _failure(rows: pd.DataFrame) -> list[Record]:
    curves = estimate_incidence(rows, outcome="esrd", at=[UNTIL], states=["esrd"]).set_index("group")
    hidden = rows.assign(esrd_status=rows["esrd_status"].mask(rows["esrd_status"].eq("death"), "censored"))
    free = estimate_survival(hidden, outcome="esrd", at=[UNTIL]).set_index("group")
    both = [(record_share(f"aalen_johansen_{name}", curves.loc[name]),
             record_share(f"one_minus_kaplan_meier_{name}", free.loc[name], turned=True))
            for name in GROUPS if name in curves.index]  # fmt: skip
    return [one for pair in both for one in pair]


def compare_cause(outcomes: pd.DataFrame) -> list[Record]:
    """The cause-specific log-rank test of kidney failure, which asks about hazards and not about shares."""
    hidden = outcomes.assign(esrd_status=outcomes["esrd_status"].mask(outcomes["esrd_status"].eq("death"), "censored"))
    found = compare_survival(hidden, outcome="esrd").iloc[0]
    return [record("cause_specific_logrank", p=found["p"], events=found["events"])]
