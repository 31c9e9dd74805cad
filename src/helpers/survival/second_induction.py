"""The clock from the second induction: each start against those who, at that very month, had needed none.

Half of the difficult-to-treat story starts on the day on which a second induction begins. Nobody without one has such
a day, so a comparison needs a design that gives them one: each start opens a stratum of its own, with the patient who
starts and all who at that month were free of the outcome, under observation and not yet on a second induction; both
clocks run from there (sequential stratification). Source: Schaubel, Wolfe and Port, Biometrics 2006;62:910; Gran et
al., Stat Med 2010;29:2757.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.incidence import CENSORED
from helpers.survival.stratified import estimate_stratified_cox

_COLUMNS = ["start_of", "patient_id", "start", "stop", "is_event", "is_exposed", "start_month"]


def derive_second_inductions(courses: pd.DataFrame) -> pd.Series:
    """The month at which each patient's second induction began, indexed by patient_id; only those who had one.

    Months since time zero; a start before it counts as month zero.

    >>> derive_second_inductions(pd.DataFrame({"patient_id": ["A", "A", "B"], "course_number": [1, 2, 1],
    ...                                        "start_month": [0.0, 7.5, 0.0]})).to_dict()
    {'A': 7.5}
    """
    second = courses.loc[courses["course_number"].eq(2)].set_index("patient_id")["start_month"]
    return second.astype(float).clip(lower=0.0).rename("second_induction_month")


def derive_sequential_periods(
    outcomes: pd.DataFrame, *, starts: pd.Series, outcome: str = "composite", leave: bool = True
) -> pd.DataFrame:  # fmt: skip
    """Each start of a second induction with those it is compared with: one row per stratum and patient.

    start_of (the patient whose start opens the stratum), patient_id, start (0), stop (months since that start),
    is_event, is_exposed (1 for the patient who starts, else 0), start_month (months since time zero).

    Compared are those free of the outcome and observed past that month whose own second induction had not begun by
    then; a start on the same day makes nobody a comparison. They leave at their own second induction (unless `leave`
    is False); an outcome on the day of it still counts, as it belongs to the time before. A start on or after the day
    of the outcome, or at the end of follow-up, opens no stratum.
    """
    rows = outcomes.loc[outcomes[f"{outcome}_status"].notna()]
    ids = rows["patient_id"].to_numpy(dtype=object)
    months = rows[f"{outcome}_months"].to_numpy(dtype=float)
    is_event = rows[f"{outcome}_status"].ne(CENSORED).to_numpy(dtype=bool)
    second = rows["patient_id"].map(starts).to_numpy(dtype=float, na_value=np.inf)
    second = np.where(np.isnan(second), np.inf, second)
    starter = np.flatnonzero(second < months)
    month = second[starter][:, None]
    is_self = starter[:, None] == np.arange(len(ids))
    place, who = np.nonzero(is_self | ((months > month) & (second > month)))
    is_self, since = is_self[place, who], month[place, 0]
    stays = is_self | (not leave) | (months[who] <= second[who])
    until = np.where(stays, months[who], second[who])
    counts = is_event[who] & stays
    return pd.DataFrame({
        "start_of": ids[starter][place], "patient_id": ids[who], "start": 0.0, "stop": until - since,
        "is_event": counts, "is_exposed": is_self.astype(int), "start_month": since}, columns=_COLUMNS)  # fmt: skip


def estimate_second_induction(
    outcomes: pd.DataFrame, *, starts: pd.Series, outcome: str = "composite"
) -> pd.DataFrame:  # fmt: skip
    """The hazard ratio after a second induction against before one, by sequential stratification: one row.

    term ("second_induction"), estimate, low, high, p, n and events (patients, however often compared), events_dtt and
    person_months_dtt (after a second induction), person_months_other (of the comparison, each month of a
    patient once, from the first start they were compared with), dtt_n (starts), note. Missing, with a note, without
    a start.

    A Cox model stratified by start, its variance robust to patients in several strata. Comparators leave at their own
    second induction; that they are no sicker than those who stay is assumed, and no weights mend it. How much hangs on
    it is asked in `helpers.survival.second_induction_checks`.
    """
    periods = derive_sequential_periods(outcomes, starts=starts, outcome=outcome)
    found = estimate_stratified_cox(periods, stratum="start_of").assign(term="second_induction")
    is_exposed = periods["is_exposed"].eq(1)
    ends = periods["start_month"] + periods["stop"]
    others = periods.assign(end=ends).loc[~is_exposed].groupby("patient_id").agg(
        since=("start_month", "min"), until=("end", "max"))
    note = found["note"] if len(periods) else "no second induction"
    return found.assign(
        events_dtt=int((periods["is_event"] & is_exposed).sum()),
        person_months_dtt=float(periods.loc[is_exposed, "stop"].sum()),
        person_months_other=float((others["until"] - others["since"]).sum()),
        dtt_n=int(is_exposed.sum()), note=note)


def keep_second_inductions(
    outcomes: pd.DataFrame, *, starts: pd.Series, outcome: str = "composite"
) -> pd.DataFrame:  # fmt: skip
    """The patients who began a second induction free of the outcome, their clock set to zero on that day.

    Same columns, fewer rows: `<outcome>_months` runs from the second induction on.
    """
    second = outcomes["patient_id"].map(starts).astype(float)
    kept = outcomes[f"{outcome}_status"].notna() & (second < outcomes[f"{outcome}_months"])
    return outcomes.loc[kept].assign(**{f"{outcome}_months": (outcomes[f"{outcome}_months"] - second)[kept]})
