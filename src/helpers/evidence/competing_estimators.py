"""The estimators of competing risks that ask about shares: Fine and Gray's model, Gray's test."""

from __future__ import annotations

import pandas as pd

from helpers.evidence.records import Record, record, record_ratio
from helpers.survival.fine_gray import estimate_subdistribution
from helpers.survival.gray import compare_incidence


def estimate_incidence_ratio(outcomes: pd.DataFrame) -> list[Record]:
    """The subdistribution hazard ratio of kidney failure, for groups known at time zero."""
    patients = pd.DataFrame({
        "months": outcomes["esrd_months"], "status": outcomes["esrd_status"],
        "is_dtt": outcomes["group"].eq("dtt").astype(int),
    })  # fmt: skip
    return [record_ratio("fine_gray", estimate_subdistribution(patients, event="esrd").iloc[0])]


def compare_shares(outcomes: pd.DataFrame) -> list[Record]:
    """Gray's test of equal cumulative incidence of kidney failure."""
    row = compare_incidence(outcomes, outcome="esrd", event="esrd").iloc[0]
    return [record("gray", p=row["p"], events=row["events"])]
