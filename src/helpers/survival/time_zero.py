"""Time zero: the label becomes known only months after it, and three ways of dealing with that.

A patient who is difficult to treat in the end has, until the label, lived by definition without what would have
kept them from being labelled. Counting those months for the difficult-to-treat group (the naive curve) makes its
hazard look lower than it is: immortal, or guarantee, time. Source: Giobbie-Hurder, Gelber and Regan, J Clin Oncol
2013;31:2963; Suissa, Am J Epidemiol 2008;167:492.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from helpers.definitions import COMPOSITE_PARTS
from helpers.incidence import CENSORED
from helpers.survival.curves import GROUPS
from helpers.survival.hazards import compare_hazards
from helpers.survival.models import estimate_cox

Approach = Literal["naive", "landmark", "timedependent"]
APPROACHES: tuple[Approach, ...] = get_args(Approach)

APPROACH_LABELS = {
    "naive": "Naive: final label, from time zero",
    "landmark": "Landmark: label known by then",
    "timedependent": "Time-dependent: exposed from the label on",
    "rebaselined": "Landmark, creatinine held against its value there",
}


def keep_landmark(outcomes: pd.DataFrame, *, landmark_months: float, outcome: str = "composite") -> pd.DataFrame:
    """The patients event-free and under observation at the landmark, in the group that was known by then.

    Same columns, fewer rows. `<outcome>_months` runs from the landmark on; `group` is "dtt" only for a label
    that was true on or before the landmark; who was labelled later is still "other", and who cannot be told
    stays so. An event or an end of follow-up at the landmark itself leaves nothing to observe: out.

    What happened before the landmark is lost, which is the price of a fair start. Source: Anderson, Cain and
    Gelber, J Clin Oncol 1983;1:710.

    >>> table = pd.DataFrame({"composite_months": [24.0, 24.1, 60.0, 60.0], "composite_status": "censored",
    ...                       "group": ["dtt", "dtt", "dtt", "other"], "label_month": [6.0, 24.0, 24.1, None]})
    >>> keep_landmark(table, landmark_months=24.0)[["composite_months", "group"]].round(1).values.tolist()
    [[0.1, 'dtt'], [36.0, 'other'], [36.0, 'other']]
    """
    months = outcomes[f"{outcome}_months"]
    kept = outcomes.loc[outcomes[f"{outcome}_status"].notna() & (months > landmark_months)]
    is_later = kept["group"].eq("dtt") & (kept["label_month"] > landmark_months)
    return kept.assign(**{
        f"{outcome}_months": kept[f"{outcome}_months"] - landmark_months,
        "group": kept["group"].mask(is_later, "other"), "label_month": kept["label_month"].mask(is_later),
    })  # fmt: skip


def derive_risk_periods(
    outcomes: pd.DataFrame, *, approach: Approach, landmark_months: float, outcome: str = "composite",
    part: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Who was at risk from when to when, in which group: patient_id, start, stop, is_event, is_dtt (0 or 1).

    One row per patient, two under "timedependent" for a patient whose label came while event-free: unexposed
    up to the label, exposed after it. Patients without an outcome or without a label that can be told are
    left out. "landmark" counts months from the landmark. With `part`, only that part is an event, and the
    others end the time at risk (cause-specific).

    Tie rule: an outcome on the day of the label, or before it, belongs to the unexposed time. The visit that
    shows worsening may make the label and the outcome at once, and what the label did not precede it cannot
    have foretold. A label on or before time zero exposes from the start.
    """
    if approach == "landmark":
        outcomes = keep_landmark(outcomes, landmark_months=landmark_months, outcome=outcome)
    rows = outcomes.loc[outcomes[f"{outcome}_status"].notna() & outcomes["group"].isin(GROUPS)]
    periods = pd.DataFrame({
        "patient_id": rows["patient_id"], "start": 0.0, "stop": rows[f"{outcome}_months"].astype(float),
        "is_event": _is_event(rows[f"{outcome}_status"], part=part), "is_dtt": rows["group"].eq("dtt").astype(int),
    })  # fmt: skip
    if approach != "timedependent":
        return periods.reset_index(drop=True)
    label = rows["label_month"].astype(float).fillna(np.inf).clip(lower=0.0)
    waits, switches = label > 0, (label > 0) & (label < periods["stop"])
    before = periods.loc[waits].assign(
        stop=np.minimum(periods["stop"], label)[waits], is_event=(periods["is_event"] & ~switches)[waits], is_dtt=0)
    after = periods.loc[switches | ~waits].assign(start=label[switches | ~waits])
    return pd.concat([before, after]).sort_values(["patient_id", "start"], ignore_index=True)


def _is_event(status: pd.Series, *, part: str | None) -> pd.Series:
    return (status.ne(CENSORED) if part is None else status.eq(part)).astype(bool)


def estimate_time_zero(
    outcomes: pd.DataFrame, *, landmark_months: float, rebaselined: pd.DataFrame | None = None,
    outcome: str = "composite",
) -> pd.DataFrame:  # fmt: skip
    """The hazard ratio of difficult-to-treat against the others, by each way of dealing with time zero.

    One row per approach ("naive", "landmark", "timedependent", and "rebaselined" where the outcomes from the
    landmark on, with creatinine held against its value there, are given): term, label, estimate (hazard
    ratio), low, high, p, n, events, events_dtt, person_months_dtt, person_months_other, person_months_moved
    and events_moved (what the naive row counts for the difficult-to-treat group and this row does not),
    left_out_n (patients with an outcome who take no part: label not told, or not at the landmark), note.

    Without an estimate the numbers are missing and the note says why.
    """
    observed = outcomes.loc[outcomes[f"{outcome}_status"].notna()]
    sets: dict[str, pd.DataFrame] = {
        approach: derive_risk_periods(outcomes, approach=approach, landmark_months=landmark_months, outcome=outcome)
        for approach in APPROACHES
    }
    if rebaselined is not None:
        sets["rebaselined"] = _rebased_periods(rebaselined, at_landmark=keep_landmark(
            outcomes, landmark_months=landmark_months, outcome=outcome), outcome=outcome)  # fmt: skip
    table = pd.concat([
        estimate_cox(periods).assign(term=name, label=APPROACH_LABELS[name], **_count_periods(periods))
        for name, periods in sets.items()
    ], ignore_index=True)  # fmt: skip
    naive = table.iloc[0]
    return table.assign(
        person_months_moved=naive["person_months_dtt"] - table["person_months_dtt"],
        events_moved=naive["events_dtt"] - table["events_dtt"], left_out_n=len(observed) - table["n"],
    )[["term", "label", "estimate", "low", "high", "p", "n", "events", "events_dtt", "person_months_dtt",
       "person_months_other", "person_months_moved", "events_moved", "left_out_n", "note"]]  # fmt: skip


def _rebased_periods(rebaselined: pd.DataFrame, *, at_landmark: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """The landmark's patients and groups, with the outcomes counted afresh from the landmark."""
    joined = rebaselined.drop(columns=["group", "label_month"], errors="ignore").merge(
        at_landmark[["patient_id", "group", "label_month"]], on="patient_id")
    return derive_risk_periods(joined, approach="naive", landmark_months=0.0, outcome=outcome)


def _count_periods(periods: pd.DataFrame) -> dict[str, float]:
    is_dtt = periods["is_dtt"].eq(1)
    spent = periods["stop"] - periods["start"]
    return {
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


def estimate_parts(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The cause-specific hazard ratio of each part of the composite, the label counted from when it was known.

    One row per part, and "failure_or_death" for an outcome without creatinine in it: term, label, estimate, low,
    high, p, n, events, note. `term` ends in ".timedependent". Worsening ends at kidney failure and death,
    kidney failure at death; each part is otherwise followed whether or not another came before it.

    The hazard of one part among those still exposed to it is what the label can act on. Subdistribution hazards
    (Fine and Gray) are left out: they keep the dead at risk, and the label of a dead patient cannot change.
    Source: Latouche et al., J Clin Epidemiol 2013;66:648.
    """
    parts = {part: (part if part in ("esrd", "death") else "composite", part, label)
             for part, label in COMPOSITE_PARTS.items()}  # fmt: skip
    parts["failure_or_death"] = ("esrd", None, "Kidney failure or death")  # type: ignore[assignment]
    return pd.concat([
        estimate_cox(derive_risk_periods(outcomes, approach="timedependent", landmark_months=0.0, outcome=outcome,
                                         part=part)).assign(term=f"{term}.timedependent", label=label)
        for term, (outcome, part, label) in parts.items()
    ], ignore_index=True)[["term", "label", "estimate", "low", "high", "p", "n", "events", "note"]]  # fmt: skip


def compare_time_zero_hazards(outcomes: pd.DataFrame, *, landmark_months: float) -> pd.DataFrame:
    """The proportional-hazards test of each approach's model: term, label, chi2, df, p, events, note."""
    return pd.concat([
        compare_hazards(derive_risk_periods(outcomes, approach=approach, landmark_months=landmark_months)).assign(
            term=approach, label=APPROACH_LABELS[approach])
        for approach in APPROACHES
    ], ignore_index=True)[["term", "label", "chi2", "df", "p", "events", "note"]]  # fmt: skip
