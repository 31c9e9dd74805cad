"""Renal flares after a complete response, visit by visit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.answers import Floats, as_floats, is_true
from helpers.definitions import FlareRule
from helpers.kidney import flag_flare
from helpers.kidney.flare import ANCHORED, derive_anchor_rows


def flag_flares(visits: pd.DataFrame, *, rule: FlareRule) -> pd.DataFrame:
    """Mark the visits in renal flare after a complete response of the same course.

    Same rows (by patient and date, as `derive_visit_responses` gives them); adds `is_flare` (true or false). A
    visit is held against the last earlier visit in complete response of its course, never against one in partial
    response: the anchor that the label's early-flare arm uses too. It is no flare while it shows complete response
    itself, nor when a measurement that would tell is missing. Where the rule asks for several
    visits in a row, the next ones must show it too. Unlike the arm, flares are looked for in every course, at
    any time, and whether or not another induction followed.

    A relapse of a patient who never was in complete response is not marked, as in the label.
    """
    course = visits.groupby(["patient_id", "course_number"]).ngroup()
    was_complete = visits["course_response"].eq("complete")
    rows = derive_anchor_rows(course.to_numpy(), was_complete.to_numpy(dtype=bool, na_value=False))
    anchors = {
        f"anchor_{name}": np.append(_values(visits, name), np.nan)[rows] for name in ANCHORED
    }
    judged = visits.assign(**{name: _values(visits, name) for name in ANCHORED}, **anchors)
    shown = pd.Series(is_true(flag_flare(judged, rule=rule)["is_flare"]), index=visits.index)
    flare = shown & visits["course_response"].ne("complete").astype(bool)
    for ahead in range(1, rule.visits):
        flare &= shown.groupby(course).shift(-ahead, fill_value=False)
    return visits.assign(is_flare=flare)


def _values(visits: pd.DataFrame, name: str) -> Floats:
    """A measurement as floats; all missing where the table does not have it."""
    return as_floats(visits[name]) if name in visits else np.full(len(visits), np.nan)
