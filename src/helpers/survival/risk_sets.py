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
    counted = (outcomes[f"{outcome}_status"].notna() & outcomes["group"].isin(GROUPS)).to_numpy(dtype=bool)
    patient = outcomes.loc[counted, "patient_id"]
    stop = outcomes[f"{outcome}_months"].astype(float).to_numpy()[counted]
    status = outcomes[f"{outcome}_status"].to_numpy(dtype=object)[counted]
    is_event = status != CENSORED if part is None else status == part
    is_dtt = (outcomes["group"].to_numpy(dtype=object)[counted] == "dtt").astype(int)
    if approach != "timedependent":
        return pd.DataFrame({
            "patient_id": patient.array, "start": 0.0, "stop": stop, "is_event": is_event, "is_dtt": is_dtt,
        })  # fmt: skip
    label = outcomes["label_month"].astype(float).fillna(np.inf).clip(lower=0.0).to_numpy()[counted]
    waits = label > 0
    switches = waits & (label < stop)
    early, late = np.flatnonzero(waits), np.flatnonzero(switches | ~waits)
    start = np.concatenate([np.zeros(len(early)), label[late]])
    place = np.concatenate([early, late])
    order = np.lexsort((start, pd.factorize(patient, sort=True)[0][place]))
    return pd.DataFrame({
        "patient_id": patient.array[place[order]], "start": start[order],
        "stop": np.concatenate([np.minimum(stop, label)[early], stop[late]])[order],
        "is_event": np.concatenate([(is_event & ~switches)[early], is_event[late]])[order],
        "is_dtt": np.concatenate([np.zeros(len(early), dtype=int), is_dtt[late]])[order],
    })  # fmt: skip


def rebase_periods(
    rebaselined: pd.DataFrame, outcomes: pd.DataFrame, *, landmark_months: float, outcome: str = "composite",
    part: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The landmark's patients and groups, with the outcomes counted afresh from the landmark: risk periods."""
    at_landmark = keep_landmark(outcomes, landmark_months=landmark_months, outcome=outcome)
    joined = rebaselined.drop(columns=["group", "label_month"], errors="ignore").merge(
        at_landmark[["patient_id", "group", "label_month"]], on="patient_id")
    return derive_risk_periods(joined, approach="naive", landmark_months=0.0, outcome=outcome, part=part)
