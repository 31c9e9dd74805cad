"""Kidney failure: the first day on which a patient meets the rule, from events and visits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.answers import as_floats
from helpers.definitions import ESRD, EsrdRule


def derive_kidney_failure(
    events: pd.DataFrame, visits: pd.DataFrame, followup: pd.DataFrame, *, rule: EsrdRule = ESRD
) -> pd.DataFrame:
    """The day of kidney failure (ESRD), one row per patient who reached it: patient_id, esrd_date.

    The first of: a transplant; the start of dialysis that lasted `dialysis_days` or was not stopped before
    follow-up ended; the first of consecutive visits over at least `egfr_days`, all with an eGFR below
    `egfr_below` (visits without an eGFR are passed over). Dialysis stopped sooner is not kidney failure, nor is
    dialysis that was over by time zero; low filtration is read from visits after time zero only, as a kidney in
    acute failure before treatment may recover.

    `visits` needs patient_id, visit_date, egfr; `followup` patient_id, time_zero_date, followup_end_date, and
    only its patients are looked at.
    """
    dated = events.merge(followup[["patient_id", "time_zero_date", "followup_end_date"]], on="patient_id")
    zero = visits["patient_id"].map(followup.set_index("patient_id")["time_zero_date"])
    later = visits.loc[visits["visit_date"] > zero]
    found = pd.concat([_transplants(dated), _lasting_dialysis(dated, rule=rule), _low_filtration(later, rule=rule)])
    return found.sort_values(["patient_id", "esrd_date"]).drop_duplicates("patient_id", ignore_index=True)


def _transplants(events: pd.DataFrame) -> pd.DataFrame:
    found = events.loc[events["event_type"] == "transplant", ["patient_id", "event_date"]]
    return found.rename(columns={"event_date": "esrd_date"})


def _lasting_dialysis(events: pd.DataFrame, *, rule: EsrdRule) -> pd.DataFrame:
    was_over = events["event_end_date"] <= events["time_zero_date"]
    dialysis = events.loc[(events["event_type"] == "dialysis") & ~was_over]
    end = dialysis["event_end_date"]
    lasted = (end - dialysis["event_date"]).dt.days >= rule.dialysis_days
    unstopped = end.isna() | (end >= dialysis["followup_end_date"])
    found = dialysis.loc[lasted | unstopped, ["patient_id", "event_date"]]
    return found.rename(columns={"event_date": "esrd_date"})


def _low_filtration(visits: pd.DataFrame, *, rule: EsrdRule) -> pd.DataFrame:
    known = visits.loc[visits["egfr"].notna(), ["patient_id", "visit_date", "egfr"]]
    low = as_floats(known["egfr"]) < rule.egfr_below
    ever = known["patient_id"].isin(known.loc[low, "patient_id"])  # few patients: sort only their visits
    known = known.loc[ever].sort_values(["patient_id", "visit_date"])
    is_low = known["egfr"] < rule.egfr_below
    patient = pd.factorize(known["patient_id"])[0]
    # plain arrays: one missing comparison in a nullable column would make the whole running sum missing
    changed = np.diff(is_low.to_numpy(dtype=bool), prepend=False) | (np.diff(patient, prepend=-1) != 0)
    runs = known.assign(run=np.cumsum(changed)).loc[is_low].groupby(["patient_id", "run"], as_index=False)
    spans = runs.agg(esrd_date=("visit_date", "min"), last_date=("visit_date", "max"))
    lasting = (spans["last_date"] - spans["esrd_date"]).dt.days >= rule.egfr_days
    return spans.loc[lasting, ["patient_id", "esrd_date"]]
