"""Who is in the study: one row per patient on file, one exclusion flag per criterion, and the flow."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from helpers.cohort.features import derive_features, derive_nih_index, derive_sledai
from helpers.cohort.times import (
    count_completed_months,
    derive_followup_ends,
    derive_index_biopsies,
    derive_inductions,
    derive_months,
    label_era,
)
from helpers.cohort.visits import derive_assessments, derive_baseline_values, derive_courses, derive_visit_values
from helpers.definitions import CLASS_GROUPS, EGFR_EQUATIONS
from helpers.parameters import Parameters
from helpers.schema.dictionary import nih_weights, sledai_points

EXCLUSIONS: Mapping[str, str] = MappingProxyType({
    "excluded_no_biopsy": "No kidney biopsy on file",
    "excluded_other_class": "No biopsy of class III, IV or V",
    "excluded_outside_period": "Index biopsy outside the study period",
    "excluded_no_induction": "No induction treatment on file",
    "excluded_short_followup": "Follow-up too short",
    "excluded_incomplete_records": "Incomplete records",
})  # fmt: skip
"""The exclusion criteria in the order of the flow diagram: column of the cohort, and words."""

FIRST_YEAR_MONTHS = 12.0
"""Complete records: a visit of so many months after time zero, and after the first day of induction, has both."""

COLUMNS = (
    "patient_id", "sex", "age_years", "disease_duration_months", "index_biopsy_date", "time_zero_date",
    "induction_regimen", "era", "isn_rps_class", "class_group", "followup_end_date", "followup_months", "is_dead",
    "sledai_2k",
)  # fmt: skip


def derive_cohort(raw: Mapping[str, pd.DataFrame], *, parameters: Parameters) -> pd.DataFrame:
    """The cohort: one row per patient on file, eligible or not, sorted by patient.

    Time zero is the start of the first induction course, or the index biopsy (`parameters.time_zero`). Age and
    disease duration are completed calendar years and months on the day of the index biopsy; months of follow-up
    are of 30.4375 days. What cannot be told is missing. Every exclusion is a column of its own.

    `raw` holds the six raw tables, checked by schema. The index biopsy, the end of follow-up and the baseline
    values are defined in `cohort_times` and `cohort_visits`, the features in `cohort_features`.
    """
    return _cohort_and_values(raw, parameters=parameters)[0]


def derive_cohort_and_visits(
    raw: Mapping[str, pd.DataFrame], *, parameters: Parameters
) -> dict[str, pd.DataFrame]:
    """The three tables that the study stands on: cohort, assessments and courses, by name."""
    cohort, values = _cohort_and_values(raw, parameters=parameters)
    assessments = derive_assessments(raw, cohort, values=values)
    return {"cohort": cohort, "assessments": assessments, "courses": derive_courses(raw, cohort)}


def _cohort_and_values(
    raw: Mapping[str, pd.DataFrame], *, parameters: Parameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    equation = EGFR_EQUATIONS[parameters.egfr_equation]
    people = _derive_people(raw, parameters=parameters)
    values = derive_visit_values(raw["visits"], people, equation=equation)
    scores = {
        "sledai_2k": derive_sledai(people, points=sledai_points()),
        "activity_index": derive_nih_index(people, weights=nih_weights("activity")),
        "chronicity_index": derive_nih_index(people, weights=nih_weights("chronicity")),
    }
    features = derive_features(people, parameters=parameters)
    kidney = derive_baseline_values(people, values, equation=equation)
    flags = flag_exclusions(people.assign(**kidney), values, parameters=parameters)
    cohort = pd.concat([people.assign(**scores)[list(COLUMNS)], features, kidney], axis=1)
    indices = people.assign(**scores)[["activity_index", "chronicity_index"]]
    return pd.concat([cohort, indices, flags], axis=1), values


def _derive_people(raw: Mapping[str, pd.DataFrame], *, parameters: Parameters) -> pd.DataFrame:
    """One row per patient: the raw columns of the patient, the baseline and the index biopsy, and all dates."""
    biopsies = derive_index_biopsies(
        raw["biopsies"], study_start=parameters.study_start, study_end=parameters.study_end)  # fmt: skip
    inductions = derive_inductions(raw["treatments"]).drop_duplicates("patient_id")
    names = {"start_date": "induction_start_date", "regimen": "induction_regimen"}
    people = raw["patients"].sort_values("patient_id", ignore_index=True)
    for table in (
        raw["baseline"], biopsies.rename(columns={"biopsy_date": "index_biopsy_date"}),
        inductions[["patient_id", *names]].rename(columns=names), derive_followup_ends(raw),
    ):  # fmt: skip
        people = people.merge(table, on="patient_id", how="left")
    if "preflare_creatinine_mg_dl" not in people:
        people["preflare_creatinine_mg_dl"] = np.nan
    biopsy = people["index_biopsy_date"]
    time_zero = biopsy if parameters.time_zero == "biopsy" else people["induction_start_date"]
    return people.assign(
        is_dead=people["is_dead"].fillna(False),
        time_zero_date=time_zero,
        age_years=count_completed_months(people["birth_date"], biopsy) // 12,
        disease_duration_months=count_completed_months(people["sle_onset_date"], biopsy),
        era=label_era(biopsy),
        class_group=people["isn_rps_class"].map(CLASS_GROUPS).astype("string"),
        followup_months=derive_months(time_zero, people["followup_end_date"]),
    )


def flag_exclusions(people: pd.DataFrame, values: pd.DataFrame, *, parameters: Parameters) -> pd.DataFrame:
    """The exclusion flags, one row per patient of `people`: one column per criterion, `is_eligible`, `first_exclusion`.

    A criterion that an earlier one makes unanswerable is false. Follow-up of exactly the minimum is long enough.
    Records are complete when creatinine and proteinuria are known at baseline, and both at one later visit of
    the first 12 months, after the first day of induction; the criterion holds for nobody when
    `parameters.require_complete_records` is off.
    """
    start, end = pd.Timestamp(parameters.study_start), pd.Timestamp(parameters.study_end)
    biopsied, treated = people["index_biopsy_date"].notna(), people["induction_start_date"].notna()
    right_class = people["class_group"].notna()
    timed = people["followup_months"].notna()
    incomplete = ~_has_complete_records(people, values)
    flags = pd.DataFrame({
        "excluded_no_biopsy": ~biopsied,
        "excluded_other_class": biopsied & ~right_class,
        "excluded_outside_period": right_class & ~people["index_biopsy_date"].between(start, end),
        "excluded_no_induction": ~treated,
        "excluded_short_followup": treated & timed & (people["followup_months"] < parameters.minimum_followup_months),
        "excluded_incomplete_records": treated & timed & incomplete & parameters.require_complete_records,
    }, index=people.index).astype(bool)  # fmt: skip
    excluded = flags.any(axis=1)
    first = pd.Series(flags.columns.to_numpy()[flags.to_numpy().argmax(axis=1)], index=people.index, dtype="string")
    return flags.assign(is_eligible=~excluded, first_exclusion=first.mask(~excluded))


def _has_complete_records(people: pd.DataFrame, values: pd.DataFrame) -> pd.Series:
    both = values["creatinine_mg_dl"].notna() & values["upcr_g_g"].notna()
    treated = values["patient_id"].map(people.set_index("patient_id")["induction_start_date"])
    in_first_year = (values["month"] > 0) & (values["month"] <= FIRST_YEAR_MONTHS) & (values["visit_date"] > treated)
    at_baseline = people["baseline_creatinine_mg_dl"].notna() & people["baseline_upcr_g_g"].notna()
    return at_baseline & people["patient_id"].isin(values.loc[both & in_first_year, "patient_id"])


def count_flow(cohort: pd.DataFrame) -> pd.DataFrame:
    """The flow of patients: one row per step (step, label, excluded_n, remaining_n), from everybody on file.

    Each patient is counted once, at the first criterion that leaves them out, so that the numbers add up.
    """
    excluded = [int((cohort["first_exclusion"] == step).sum()) for step in EXCLUSIONS]
    return pd.DataFrame({
        "step": ["screened", *EXCLUSIONS], "label": ["Patients on file", *EXCLUSIONS.values()],
        "excluded_n": [0, *excluded], "remaining_n": len(cohort) - np.cumsum([0, *excluded]),
    })  # fmt: skip
