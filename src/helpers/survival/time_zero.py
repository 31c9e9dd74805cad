"""Time zero: the label becomes known only months after it; every way of dealing with that, in one table.

Why the naive count is unfair is said in `risk_sets`; what the clock from the second induction is, in
`second_induction`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.incidence import CENSORED
from helpers.survival.hazards import compare_hazards
from helpers.survival.models import estimate_cox
from helpers.survival.risk_sets import APPROACHES, Approach, derive_risk_periods, rebase_periods
from helpers.survival.risk_sets import keep_landmark as keep_landmark
from helpers.survival.second_induction import estimate_second_induction

LANDMARKS = (3.0, 6.0, 12.0, 24.0)
"""The months at which a landmark analysis is shown, whatever the parameter asks for besides."""

APPROACH_LABELS = {
    "naive": "Naive: final label, from time zero",
    "landmark": "Landmark: label known by then",
    "timedependent": "Time-dependent: exposed from the label on",
    "second_induction": "Second induction instead of the label",
    "rebaselined": "Landmark, creatinine held against its value there",
}
"""The ways of dealing with time zero, in words."""

PRIMARY = "timedependent"
"""The way whose row is the result, named beforehand: it counts everybody, and nothing before the label."""

ROLES = {"naive": "As published, not to be read", PRIMARY: "Primary", "second_induction": "Another exposure"}
"""What a row is for; every other is a sensitivity analysis of the same patients and outcomes."""

QUESTIONS = {
    "naive": "None that can be asked at time zero: it sorts patients by what was found out later",
    "landmark": "Of those free of it at month {month:g}: does the label known by then foretell what follows?",
    "timedependent": "On any day: is the hazard higher for those who carry the label by then?",
    "second_induction": "On the day a second induction starts: is the outlook worse than for those who needed none "
                        "so far?",
    "rebaselined": "As the landmark, with only what creatinine did after it",
}
"""Which question each way answers."""

COLUMNS = [
    "term", "label", "role", "question", "estimate", "low", "high", "p", "n", "dtt_n", "events", "events_dtt",
    "person_months_dtt", "person_months_other", "person_months_moved", "events_moved", "left_out_n", "note",
]  # fmt: skip


def estimate_time_zero(
    outcomes: pd.DataFrame, *, landmark_months: float, landmarks: Sequence[float] = (),
    second_inductions: pd.Series | None = None, rebaselined: pd.DataFrame | None = None, outcome: str = "composite",
) -> pd.DataFrame:  # fmt: skip
    """The hazard ratio of difficult-to-treat against the others, by each way of dealing with time zero.

    One row per way: "naive"; "landmark" at `landmark_months`, and "landmark_<months>m" for each other month of
    `landmarks`, in order of the month; "timedependent"; "second_induction" where the months of the second inductions
    are given; "rebaselined" where the outcomes from the landmark on are, creatinine held against its value there.

    term, label, role (primary, sensitivity or another exposure), question (which one the row answers), estimate
    (hazard ratio), low, high, p, n, dtt_n (ever counted as difficult to treat), events, events_dtt, person_months_dtt,
    person_months_other, person_months_moved and events_moved (what the naive row counts for the difficult-to-treat and
    this row does not), left_out_n (patients with an outcome who take no part), note.
    The exposed of "second_induction" are those after a second induction, labelled or not: nothing was moved there, for
    they are other patients, and both numbers are missing. Without an estimate the numbers are missing and the note
    says why.
    """
    whole: tuple[Approach, Approach] = ("naive", "timedependent")
    naive_periods, label_periods = (
        derive_risk_periods(outcomes, approach=way, landmark_months=landmark_months, outcome=outcome) for way in whole)
    rows = [_estimate_row(naive_periods, term="naive")]
    for month in sorted({landmark_months, *landmarks}):
        periods = derive_risk_periods(outcomes, approach="landmark", landmark_months=month, outcome=outcome)
        term = "landmark" if month == landmark_months else f"landmark_{month:g}m".replace(".", "_")
        rows.append(_estimate_row(periods, term=term, month=month))
    rows.append(_estimate_row(label_periods, term="timedependent"))
    if second_inductions is not None:
        found = estimate_second_induction(outcomes, starts=second_inductions, outcome=outcome)
        rows.append(_describe(found, term="second_induction"))
    if rebaselined is not None:
        again = rebase_periods(rebaselined, outcomes, landmark_months=landmark_months, outcome=outcome)
        rows.append(_estimate_row(again, term="rebaselined"))
    table = pd.concat(rows, ignore_index=True)
    naive, observed = table.iloc[0], outcomes[f"{outcome}_status"].notna().sum()
    table = table.assign(person_months_moved=naive["person_months_dtt"] - table["person_months_dtt"],
                         events_moved=naive["events_dtt"] - table["events_dtt"], left_out_n=observed - table["n"])
    moved = ["person_months_moved", "events_moved"]
    return table.assign(**table[moved].mask(table["term"].eq("second_induction")))[COLUMNS]


def _estimate_row(periods: pd.DataFrame, *, term: str, month: float | None = None) -> pd.DataFrame:
    return _describe(estimate_periods(periods), term=term, month=month)


def estimate_periods(periods: pd.DataFrame) -> pd.DataFrame:
    """The hazard ratio of the label on risk periods, in one row of `estimate_cox`, with how many carried it.

    Adds dtt_n, events_dtt, person_months_dtt and person_months_other.
    """
    return estimate_cox(periods).assign(**_count_periods(periods))


def _describe(found: pd.DataFrame, *, term: str, month: float | None = None) -> pd.DataFrame:
    """The row with its words; a landmark's name its month."""
    way = "landmark" if month is not None else term
    label = APPROACH_LABELS[way] if month is None else f"Landmark at {month:g} months: label known by then"
    return found.assign(term=term, label=label, role=ROLES.get(way, "Sensitivity"),
                        question=QUESTIONS[way].format(month=month))  # fmt: skip


def _count_periods(periods: pd.DataFrame) -> dict[str, float]:
    is_dtt = periods["is_dtt"].eq(1)
    spent = periods["stop"] - periods["start"]
    return {
        "dtt_n": periods.loc[is_dtt, "patient_id"].nunique(),
        "events_dtt": int((periods["is_event"] & is_dtt).sum()),
        "person_months_dtt": float(spent[is_dtt].sum()), "person_months_other": float(spent[~is_dtt].sum()),
    }  # fmt: skip


def summarise_immortal_time(outcomes: pd.DataFrame, *, outcome: str = "composite") -> pd.DataFrame:
    """The time that the difficult-to-treat group spent before its label, in one row.

    group (dtt), n (patients with an outcome), label_month_q1, _median, _q3 (quartiles of the month of the label),
    immortal_person_months (from time zero to the label, or to the outcome where that came first),
    person_months (all of theirs), share (the first of the second), events_before_label (outcomes on or before
    the day of the label), events_on_label_day (those on the very day).
    """
    rows = outcomes.loc[outcomes[f"{outcome}_status"].notna() & outcomes["group"].eq("dtt")]
    months, label = rows[f"{outcome}_months"].astype(float), rows["label_month"].astype(float).clip(lower=0.0)
    is_event = rows[f"{outcome}_status"].ne(CENSORED)
    waiting, whole = float(np.minimum(months, label).sum()), float(months.sum())
    quartiles = label.quantile([0.25, 0.5, 0.75]).to_numpy()
    return pd.DataFrame([{
        "group": "dtt", "n": len(rows), "label_month_q1": quartiles[0], "label_month_median": quartiles[1],
        "label_month_q3": quartiles[2], "immortal_person_months": waiting, "person_months": whole,
        "share": waiting / whole if whole else np.nan,
        "events_before_label": int((is_event & (months <= label)).sum()),
        "events_on_label_day": int((is_event & (months == label)).sum()),
    }])  # fmt: skip


def compare_time_zero_hazards(outcomes: pd.DataFrame, *, landmark_months: float) -> pd.DataFrame:
    """The proportional-hazards test of each approach's model: term, label, chi2, df, p, events, note."""
    return pd.concat([
        compare_hazards(derive_risk_periods(outcomes, approach=approach, landmark_months=landmark_months)).assign(
            term=approach, label=APPROACH_LABELS[approach])
        for approach in APPROACHES
    ], ignore_index=True)[["term", "label", "chi2", "df", "p", "events", "note"]]  # fmt: skip
