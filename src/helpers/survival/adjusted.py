"""The hazard ratio of the label with regimen, calendar period and baseline held equal: adjusted, and in strata.

Only the ratio of the label is given. The coefficients of what is held equal are no effects: each would need its own set
of variables to be held equal (the Table 2 fallacy: Westreich and Greenland, Am J Epidemiol 2013;177:292).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.survival.models import estimate_cox

FEWEST_PATIENTS = 10
"""Regimens of fewer patients are pooled, as in the chapter on predictors: a term for each would be noise. By size, so
that neither the label nor the outcome has a say in it. A choice of this compendium."""

RARER = "rarer"

BASELINE = ("age_decades", "egfr_tens", "any_apl", "active_sediment", "cyclophosphamide", "year_fives")
"""What is held equal at baseline, chosen before looking and kept to six for the few events: age and kidney function,
which foretell the outcome in any nephritis; the two features that the abstract calls independent; and treatment and
time."""

MODELS = {
    "crude": "The label alone",
    "regimen_year": "Regimen and calendar year held equal",
    "by_regimen": "Compared within regimens (strata)",
    "by_era": "Compared within calendar periods (strata)",
    "crude_complete": "The label alone, in those with a complete baseline",
    "baseline": "Baseline, regimen and calendar year held equal",
}

Plan = tuple[pd.DataFrame, Sequence[str], str | None]

COLUMNS = ("term", "label", "estimate", "low", "high", "p", "n", "events", "parameters", "events_per_parameter", "note")


def derive_adjusters(cohort: pd.DataFrame) -> pd.DataFrame:
    """What the adjusted models hold equal: one row per eligible patient, in units that make their steps comparable.

    patient_id, `age_decades`, `egfr_tens` (per 10 mL/min/1.73 m²), `any_apl`, `active_sediment`, `cyclophosphamide`
    (first induction with it, either dose; 0 or 1), `year_fives` (five calendar years, of time zero), `regimen` and
    `era` (words). Unknown stays missing.
    """
    people = cohort.loc[cohort["is_eligible"]].reset_index(drop=True)
    regimen = people["induction_regimen"].astype("object")
    regimen = regimen.where(regimen.notna(), None)
    is_cyc = regimen.astype("string").str.contains("cyclophosphamide")
    return pd.DataFrame({
        "patient_id": people["patient_id"], "age_decades": people["age_years"].astype(float) / 10,
        "egfr_tens": people["baseline_egfr"].astype(float) / 10, "any_apl": people["any_apl"].astype(float),
        "active_sediment": people["active_sediment"].astype(float), "cyclophosphamide": is_cyc.astype(float),
        "year_fives": (people["time_zero_date"].dt.year - 2000.0) / 5, "regimen": regimen,
        "era": people["era"].astype("object"),
    })  # fmt: skip


def add_adjusters(periods: pd.DataFrame, adjusters: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The risk periods with each patient's adjusters, and the names of the 0-or-1 columns of the pooled regimens.

    Same rows, same order. Regimens of fewer than ten patients are one, "rarer"; the regimen with most patients is the
    reference. A patient of unknown regimen has missing columns.
    """
    joined = periods.merge(adjusters, on="patient_id", how="left", validate="many_to_one")
    regimen = joined["regimen"]
    pooled = regimen.mask(regimen.isin(list_rare(joined)), RARER)
    sizes = joined.assign(pooled=pooled).groupby("pooled")["patient_id"].nunique()
    names = list(sizes.sort_index().sort_values(ascending=False, kind="stable").index)
    columns = {f"regimen_{name}": pooled.eq(name).astype(float).mask(pooled.isna()) for name in names[1:]}
    return joined.assign(**columns), tuple(columns)


def list_rare(periods: pd.DataFrame) -> list[str]:
    """The regimens of fewer than ten of the patients at risk, in order of the alphabet.

    >>> list_rare(pd.DataFrame({"patient_id": range(12), "regimen": ["mycophenolate"] * 11 + ["azathioprine"]}))
    ['azathioprine']
    """
    sizes = periods.groupby("regimen")["patient_id"].nunique()
    return sorted(str(name) for name in sizes.index[sizes < FEWEST_PATIENTS])


def keep_usable(periods: pd.DataFrame, covariates: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The covariates that a model of these periods can hold, and those that it cannot.

    Left out is what does not vary, a yes-or-no with every event on one side (no finite ratio), and what the ones before
    it determine. The label, where it is among them, always stays: without it there is nothing to report.
    """
    kept: list[str] = []
    events = periods.loc[periods["is_event"].to_numpy(bool)]
    for name in covariates:
        values = periods[name].astype(float)
        is_binary = values.isin([0.0, 1.0]).all()
        varies = len(values) > 0 and np.ptp(values) > 0 and not (is_binary and events[name].nunique() < 2)
        design = np.column_stack([np.ones(len(values)), periods[[*kept, name]].astype(float)])
        if name == "is_dtt" or (varies and np.linalg.matrix_rank(design) == design.shape[1]):
            kept.append(name)
    return tuple(kept), tuple(name for name in covariates if name not in kept)


def estimate_adjusted(periods: pd.DataFrame, *, adjusters: pd.DataFrame) -> pd.DataFrame:
    """The hazard ratio of difficult-to-treat against the others, with more and more held equal.

    `periods` as `derive_risk_periods` makes them, the label counted from its day. One row per model of `MODELS`:
    `term`, `label`, `estimate`, `low`, `high`, `p`, `n`, `events`, `parameters`, `events_per_parameter`, `note` (what
    had to be left out, which regimens are pooled, or why there is no estimate). Models with regimen leave out patients
    whose regimen is unknown, those with the baseline whoever lacks any of it (complete cases); "crude_complete" is the
    label alone in these, for a hazard ratio changes with the patients and, not being collapsible, even with what is
    held equal.

    Adjusting asks one ratio for each regimen and each year; strata ask less: every regimen or period has its own
    baseline hazard, and only patients within it are compared (Therneau and Grambsch, Modeling Survival Data, 2000,
    section 3.2). With fewer than ten events per parameter expect an estimate too far from one.
    """
    plans = plan_adjusted(periods, adjusters=adjusters)
    rows = [_estimate(rows, held=held, strata=strata) | {"term": term, "label": MODELS[term]}
            for term, (rows, held, strata) in plans.items()]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    rare = list_rare(plans["crude"][0])
    if len(rare) > 1:
        words = f"pooled as rarer: {', '.join(name.replace('_', ' ') for name in rare)}; "
        is_fitted = table["term"].eq("regimen_year") & table["estimate"].notna()
        table["note"] = table["note"].mask(is_fitted, (words + table["note"]).str.removesuffix("; "))
    return table


def plan_adjusted(periods: pd.DataFrame, *, adjusters: pd.DataFrame) -> dict[str, Plan]:
    """The models of `MODELS`: the rows that each counts, what it holds equal besides the label, and its strata."""
    joined, regimens = add_adjusters(periods, adjusters)
    complete = joined.dropna(subset=list(BASELINE))
    treated, timed = joined.dropna(subset=["regimen"]), joined.dropna(subset=["era"])
    return {
        "crude": (joined, (), None), "regimen_year": (treated, (*regimens, "year_fives"), None),
        "by_regimen": (treated, (), "regimen"), "by_era": (timed, (), "era"),
        "crude_complete": (complete, (), None), "baseline": (complete, BASELINE, None),
    }  # fmt: skip


def _estimate(periods: pd.DataFrame, *, held: Sequence[str], strata: str | None) -> dict[str, Any]:
    """The row of the label in one model."""
    kept, dropped = keep_usable(periods, ["is_dtt", *held])
    found = estimate_cox(periods, covariates=kept, strata=strata).iloc[0]
    row: dict[str, Any] = {str(name): value for name, value in found.items()}
    if dropped and not row["note"]:
        row["note"] = "left out: " + ", ".join(name.replace("_", " ") for name in dropped)
    return row | {"parameters": len(kept), "events_per_parameter": row["events"] / len(kept)}


def label_adjustment(table: pd.DataFrame, *, terms: Sequence[str] = ("regimen_year", "by_regimen", "by_era")) -> str:
    """Whether the verdict on the label stays when the named models replace the crude one, in words.

    >>> rows = pd.DataFrame({"term": ["crude", "by_era"], "estimate": 3.0, "low": [1.5, 0.9], "high": 6.0})
    >>> label_adjustment(rows, terms=["by_era"])
    'changes in one or more of these'
    """
    sides = table.set_index("term")
    known = sides.loc[["crude", *terms]].dropna(subset=["estimate"])
    if "crude" not in known.index or len(known) <= len(terms):
        return "cannot be told for all of these"
    signs = np.select([known["low"] > 1, known["high"] < 1], [1, -1], default=0)
    return "stays the same in all of these" if (signs == signs[0]).all() else "changes in one or more of these"
