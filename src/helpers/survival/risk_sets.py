"""Who was at risk from when to when, and in which group: naive, from a landmark on, and with the label as it comes.

A patient who is difficult to treat in the end has, until the label, lived by definition without what would have
kept them from being labelled. Counting those months for the difficult-to-treat group (the naive curve) makes its
hazard look lower than it is: immortal, or guarantee, time. Source: Giobbie-Hurder, Gelber and Regan, J Clin Oncol
2013;31:2963; Suissa, Am J Epidemiol 2008;167:492.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from helpers.incidence import CENSORED
from helpers.survival.curves import GROUPS

Approach = Literal["naive", "landmark", "timedependent"]
APPROACHES: tuple[Approach, ...] = get_args(Approach)


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


def rebase_periods(
    rebaselined: pd.DataFrame, outcomes: pd.DataFrame, *, landmark_months: float, outcome: str = "composite",
    part: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The landmark's patients and groups, with the outcomes counted afresh from the landmark: risk periods."""
    at_landmark = keep_landmark(outcomes, landmark_months=landmark_months, outcome=outcome)
    joined = rebaselined.drop(columns=["group", "label_month"], errors="ignore").merge(
        at_landmark[["patient_id", "group", "label_month"]], on="patient_id")
    return derive_risk_periods(joined, approach="naive", landmark_months=0.0, outcome=outcome, part=part)
