"""What hangs on the choices behind the row of the second induction: whose start, and who leaves the comparison."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.survival.second_induction import derive_sequential_periods
from helpers.survival.stratified import estimate_stratified_cox

COMPARISONS = {
    "all": "All starts; the compared leave at their own",
    "labelled": "Starts of patients difficult to treat by then",
    "unlabelled": "Starts of patients not difficult to treat by then",
    "stay": "All starts; the compared stay after their own",
}
COLUMNS = ["term", "label", "estimate", "low", "high", "p", "n", "events", "starts_n", "events_after", "note"]


def compare_second_inductions(
    outcomes: pd.DataFrame, *, starts: pd.Series, outcome: str = "composite"
) -> pd.DataFrame:  # fmt: skip
    """The hazard ratio after a second induction by whose start it is, and by who leaves the comparison: four rows.

    term, label, estimate, low, high, p, n and events (patients, however often compared), starts_n, events_after (of
    those who started), note. "labelled": the starts on or after the day of the label, "unlabelled" those before it or
    without one, each against everybody who at that month was free of the outcome and had needed none. "stay": as "all",
    with the compared followed past their own second induction. Leaving at it takes out the sicker (dependent
    censoring, which raises the ratio); staying mixes treated time into the comparison (which lowers it): the two
    enclose what neither shows. Missing, with a note, where there is no such start or no finite ratio.
    """
    leave, stay = (derive_sequential_periods(outcomes, starts=starts, outcome=outcome, leave=leave)
                   for leave in (True, False))  # fmt: skip
    label = outcomes.set_index("patient_id")["label_month"].astype(float)
    is_known = leave["start_of"].map(label).le(leave["start_month"])
    parts = {"all": leave, "labelled": leave.loc[is_known], "unlabelled": leave.loc[~is_known], "stay": stay}
    return pd.DataFrame([_estimate(rows, term=term) for term, rows in parts.items()], columns=COLUMNS)


def _estimate(periods: pd.DataFrame, *, term: str) -> dict[str, Any]:
    found = estimate_stratified_cox(periods.reset_index(drop=True), stratum="start_of").iloc[0]
    is_exposed = periods["is_exposed"].eq(1)
    row: dict[str, Any] = {str(name): value for name, value in found.items()}
    return row | {
            "term": term, "label": COMPARISONS[term], "starts_n": int(is_exposed.sum()),
            "events_after": int((periods["is_event"] & is_exposed).sum()),
            "note": row["note"] if len(periods) else "no second induction"}  # fmt: skip
