"""Chapter 1 a second time: the flow, the counts and the medians of the cohort."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.definitions import CLASS_GROUPS
from helpers.parameters import Parameters
from helpers.second_engine.check import Check, Engines, check_parts, tabulate_checks
from helpers.second_engine.curves import KAPLAN_MEIER, fit_median
from helpers.second_engine.recount import recount_patients
from helpers.second_engine.shares import WILSON, solve_wilson

COUNTED = Engines("data frames (pandas)", "SQL on the raw tables (SQLite)", 0.0, "whole numbers")
QUARTILES = Engines("pandas quantile", "Python statistics.quantiles on what SQL finds", 1e-9,
                    "the same dates, divided in another order")  # fmt: skip

STEPS = ("excluded_no_biopsy", "excluded_other_class", "excluded_outside_period", "excluded_no_induction",
         "excluded_short_followup", "excluded_incomplete_records", "eligible")  # fmt: skip


def check_cohort(raw: Mapping[str, pd.DataFrame], *, parameters: Parameters) -> pd.DataFrame:
    """The checks of the first chapter: one row per number, as `tabulate_checks` gives them.

    Patients on file and in the study, who left at which criterion and how many of them died, women, class groups,
    medians with quartiles of age, duration and follow-up, the share in the study with Wilson's limits, and the median
    follow-up by reverse Kaplan-Meier.
    """
    people = recount_patients(raw, parameters=parameters)
    inside = people.loc[people["step"].eq("eligible")]
    checks = [Check("cohort.screened.n", len(people), COUNTED), Check("cohort.eligible.n", len(inside), COUNTED)]
    for step in STEPS:
        left = people.loc[people["step"].eq(step)]
        checks += [Check(f"table.cohort.excluded.{step}.n", len(left), COUNTED),
                   Check(f"table.cohort.excluded.{step}.dead_n", left["is_dead"].sum(), COUNTED)]  # fmt: skip
    checks.append(Check("cohort.female.n", inside["sex"].eq("female").sum(), COUNTED))
    checks += [Check(f"cohort.class.{group}.n", inside["class_group"].eq(group).sum(), COUNTED)
               for group in dict.fromkeys(CLASS_GROUPS.values())]  # fmt: skip
    checks += check_parts("cohort.eligible.share", solve_wilson(len(inside), len(people)), engines=WILSON)
    checks += check_parts(
        "cohort.female.share", solve_wilson(int(inside["sex"].eq("female").sum()), len(inside)), engines=WILSON)
    months = inside["disease_months"]
    for name, values in (("age", inside["age_months"] // 12), ("duration", months.where(months >= 0)),
                         ("followup", inside["followup_months"])):  # fmt: skip
        checks += check_parts(f"cohort.{name}.median", find_quartiles(values), engines=QUARTILES)
    ended_alive = inside["is_dead"].eq(0).to_numpy()
    reverse = fit_median(inside["followup_months"].to_numpy(float), ended_alive)
    checks += check_parts("cohort.followup.reverse.all.median", reverse, engines=KAPLAN_MEIER)
    return tabulate_checks(checks)


def find_quartiles(values: pd.Series) -> dict[str, Any]:
    """Median and quartiles of the known values by the standard library; missing without any.

    >>> find_quartiles(pd.Series([1.0, 2.0, 3.0, 4.0, None]))
    {'low': 1.75, 'value': 2.5, 'high': 3.25}
    """
    known = [float(value) for value in values.dropna()]
    if not known:
        return dict.fromkeys(("low", "value", "high"))
    if len(known) == 1:
        return dict.fromkeys(("low", "value", "high"), known[0])
    return dict(zip(("low", "value", "high"), statistics.quantiles(known, n=4, method="inclusive"), strict=True))
