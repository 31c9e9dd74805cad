"""The cohort in numbers: who is in, who was left out, what is missing, and how long patients were seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from helpers.answers import is_true
from helpers.cohort import EXCLUSIONS
from helpers.definitions import SMALL_DIFFERENCE, VISIT_WINDOWS
from helpers.definitions.baseline_measures import BASELINE_CATEGORIES, BASELINE_MEASURES
from helpers.definitions.feature_rules import FEATURES

Fact = dict[str, Any]


def summarise_cohort(cohort: pd.DataFrame) -> dict[str, Fact]:
    """What the ledger keeps of the cohort, by id without its first word: value, unit, n, label, origin, quartiles.

    Patients on file, those in the study and their share, women, each class group, and medians with quartiles
    (linear interpolation, known values only) of age, disease duration, SLEDAI-2K and follow-up, and the shortest
    and the longest follow-up.
    """
    eligible = cohort.loc[cohort["is_eligible"]]
    n = len(eligible)
    facts = {
        "screened.n": _count(len(cohort), n=len(cohort), label="Patients on file", origin="patients"),
        "eligible.n": _count(n, n=len(cohort), label="Patients in the study", origin="cohort.is_eligible"),
        "eligible.share": _share(n, n=len(cohort), label="Patients in the study", origin="cohort.is_eligible"),
        "female.n": _count((eligible["sex"] == "female").sum(), n=n, label="Women", origin="cohort.sex"),
        "female.share": _share((eligible["sex"] == "female").sum(), n=n, label="Women", origin="cohort.sex"),
    }
    for group, label in BASELINE_CATEGORIES["class_group"].levels:
        count = (eligible["class_group"] == group).sum()
        facts[f"class.{group}.n"] = _count(count, n=n, label=f"Class {label}", origin="cohort.class_group")
        facts[f"class.{group}.share"] = _share(count, n=n, label=f"Class {label}", origin="cohort.class_group")
    for name, column, unit, label in (
        ("age", "age_years", "years", "Age"), ("duration", "disease_duration_months", "months", "Duration of SLE"),
        ("sledai", "sledai_2k", "points", "SLEDAI-2K"), ("followup", "followup_months", "months", "Follow-up"),
    ):  # fmt: skip
        facts[f"{name}.median"] = _median(eligible[column], unit=unit, label=label, origin=f"cohort.{column}")
    months = eligible["followup_months"].dropna()
    for name, label in (("min", "Shortest follow-up"), ("max", "Longest follow-up")):
        facts[f"followup.{name}"] = {
            "value": float(months.agg(name)) if len(months) else np.nan, "unit": "months", "n": len(months),
            "label": label, "origin": "cohort.followup_months"}  # fmt: skip
    return facts


def describe_least_followup(months: float) -> str:
    """What a least follow-up of so many months means for the study: a sentence with the ledger's ids in it.

    >>> describe_least_followup(0.0)
    'No least follow-up was asked for: those who died early are in the study.'
    """
    if months <= 0:
        return "No least follow-up was asked for: those who died early are in the study."
    return ("A follow-up of at least {cohort.least_followup.months} months was asked for. A patient who dies sooner "
            "cannot meet it, so the study is one of survivors, and the deaths among those left out are deaths that no "
            "later chapter will see.")


def _count(value: Any, *, n: int, label: str, origin: str) -> Fact:
    return {"value": int(value), "unit": "patients", "n": n, "label": label, "origin": origin}


def _share(count: Any, *, n: int, label: str, origin: str) -> Fact:
    """A share with its 95 % interval (Wilson) as the ledger takes it; missing of nobody."""
    low, high = proportion_confint(int(count), n, method="wilson") if n else (np.nan, np.nan)
    return {"value": int(count) / n if n else np.nan, "low": float(low), "high": float(high), "unit": "share", "n": n,
            "label": f"{label}, share", "origin": origin}  # fmt: skip


def _median(values: pd.Series, *, unit: str, label: str, origin: str) -> Fact:
    known = values.dropna().astype(float)
    low, middle, high = known.quantile([0.25, 0.5, 0.75]) if len(known) else (np.nan, np.nan, np.nan)
    return {"value": middle, "low": low, "high": high, "unit": unit, "n": len(known),
            "label": f"{label}, median (quartiles)", "origin": origin}  # fmt: skip


def summarise_excluded(cohort: pd.DataFrame) -> pd.DataFrame:
    """What became of those left out: one row per exclusion and one for the study, each patient counted once.

    Columns: step, label, n, dead_n, dead_share, followup_months (median, of those with a time zero). A least
    follow-up leaves out the dead and the lost: how many, is the first thing to know about a survivor cohort.
    """
    step = cohort["first_exclusion"].fillna("eligible")
    rows = []
    for name, label in {**EXCLUSIONS, "eligible": "In the study"}.items():
        patients = cohort.loc[step == name]
        dead = int(is_true(patients["is_dead"]).sum())
        rows.append({"step": name, "label": label, "n": len(patients), "dead_n": dead,
                     "dead_share": dead / len(patients) if len(patients) else np.nan,
                     "followup_months": patients["followup_months"].dropna().median()})  # fmt: skip
    return pd.DataFrame(rows)


def label_inclusion(cohort: pd.DataFrame) -> pd.DataFrame:
    """The cohort with the column `inclusion`: "eligible", "left_out" or "other".

    Left out are those with the right disease in the right years who were treated, and whose follow-up was too
    short or whose records were incomplete: the patients whom the study would have had. The others had no such
    disease or treatment, and that they differ is what the criteria are for.
    """
    candidates = cohort["first_exclusion"].isin(["excluded_short_followup", "excluded_incomplete_records"])
    words = np.select([cohort["is_eligible"], candidates.to_numpy(dtype=bool)], ["eligible", "left_out"], "other")
    return cohort.assign(inclusion=pd.Series(words, index=cohort.index, dtype="string"))


def find_differences(table_one: pd.DataFrame, *, above: float = SMALL_DIFFERENCE) -> list[str]:
    """The labels of the rows of a two-group Table 1 whose standardised mean difference exceeds `above`."""
    differing = table_one.loc[table_one["smd"].abs() > above, "label"]
    return list(dict.fromkeys(label.split(":")[0] for label in differing))


def derive_missing_map(patients: pd.DataFrame) -> pd.DataFrame:
    """Which baseline value of which patient is missing: one row per patient and variable that anybody lacks.

    Columns: order (patients by time zero, from 1), era, variable, label, is_missing, missing_share (of the
    variable). Variables come by missing share, the highest first.
    """
    ordered = patients.sort_values(["time_zero_date", "patient_id"], ignore_index=True)
    labels = {**{name: item.label for name, item in BASELINE_MEASURES.items()},
              **{name: item.label for name, item in FEATURES.items()}}  # fmt: skip
    missing = ordered[[name for name in labels if name in ordered]].isna()
    share = missing.mean().loc[lambda share: share > 0].sort_values(ascending=False, kind="stable")
    cells = missing[share.index].assign(order=np.arange(1, len(ordered) + 1), era=ordered["era"])
    table = cells.melt(id_vars=["order", "era"], var_name="variable", value_name="is_missing")
    return table.assign(label=table["variable"].map(labels), missing_share=table["variable"].map(share))


def summarise_visit_coverage(assessments: pd.DataFrame, cohort: pd.DataFrame) -> pd.DataFrame:
    """How many patients were seen, and can be judged, around the months at which response is asked for.

    One row per month: month, window_start, window_end, n (eligible patients followed to the window's end), seen_n
    and seen_share (a visit in the window), judged_n and judged_share (one with creatinine and proteinuria).
    """
    eligible = cohort.loc[cohort["is_eligible"]]
    both = assessments["creatinine_mg_dl"].notna() & assessments["upcr_g_g"].notna()
    rows = []
    for window in VISIT_WINDOWS.values():
        month, start, end = int(window.target), float(window.start), float(window.end)
        followed = eligible.loc[eligible["followup_months"] >= end, "patient_id"]
        inside = assessments["month"].between(start, end) & assessments["patient_id"].isin(followed)
        seen, judged = (assessments.loc[chosen, "patient_id"].nunique() for chosen in (inside, inside & both))
        n = len(followed)
        rows.append({"month": month, "window_start": start, "window_end": end, "n": n, "seen_n": seen,
                     "seen_share": seen / n if n else np.nan, "judged_n": judged,
                     "judged_share": judged / n if n else np.nan})  # fmt: skip
    return pd.DataFrame(rows)


def derive_followup_lines(cohort: pd.DataFrame) -> pd.DataFrame:
    """When each eligible patient was under observation: one row per patient, in the order of time zero.

    Columns: order, start_date, end_date, ended_by ("death" or "censored"), followup_months.
    """
    eligible = cohort.loc[cohort["is_eligible"]].sort_values(["time_zero_date", "patient_id"], ignore_index=True)
    return pd.DataFrame({
        "order": np.arange(1, len(eligible) + 1), "start_date": eligible["time_zero_date"],
        "end_date": eligible["followup_end_date"], "followup_months": eligible["followup_months"],
        "ended_by": np.where(is_true(eligible["is_dead"]), "death", "censored"),
    })  # fmt: skip


def derive_followup_outcomes(cohort: pd.DataFrame) -> pd.DataFrame:
    """Months and status ("death" or "censored") of each eligible patient, as the survival estimators take them."""
    eligible = cohort.loc[cohort["is_eligible"]]
    status = np.where(is_true(eligible["is_dead"]), "death", "censored")
    return pd.DataFrame({"death_months": eligible["followup_months"].to_numpy(dtype=float), "death_status": status})


def count_by_era(cohort: pd.DataFrame, *, eras: Sequence[str] = ()) -> pd.DataFrame:
    """First inductions of eligible patients by calendar period: one row per period and regimen; era, regimen, n, share.

    `eras` gives the order of the periods; all that occur, in time order, by default.
    """
    eligible = cohort.loc[cohort["is_eligible"]]
    order = list(eras) or list(eligible.sort_values("index_biopsy_date")["era"].dropna().unique())
    labels = dict(BASELINE_CATEGORIES["induction_regimen"].levels)
    counts = eligible.groupby(["era", "induction_regimen"], as_index=False).size().rename(columns={"size": "n"})
    counts["share"] = counts["n"] / counts.groupby("era")["n"].transform("sum")
    counts["place"] = counts["era"].map({era: place for place, era in enumerate(order)})
    counts = counts.sort_values(["place", "n"], ascending=[True, False], ignore_index=True)
    return counts.assign(regimen=counts["induction_regimen"].map(labels))[["era", "regimen", "n", "share"]]
