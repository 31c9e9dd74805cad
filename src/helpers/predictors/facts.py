"""The chapter's numbers as the ledger wants them: one dictionary of value, unit, n, label and origin per fact."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.predictors.association import UNSTABLE
from helpers.predictors.sample import COLLINEAR, CONSTANT, NO_CONTRAST, NO_PATIENTS

Fact = dict[str, Any]

_UNITS = {"events_per_parameter": "events", "parameters": "features", "likelihood_ratio": "chi-square",
          "shrinkage": "factor"}  # fmt: skip
_ADJUSTMENTS = {"raw": ("p", "unadjusted"), "fdr": ("fdr_p", "false discovery rate"), "holm": ("holm_p", "Holm")}
_ANSWERS = {
    "associated": ("is_associated", "associated alone"), "adjusted": ("is_adjusted", "associated with the others held"),
    "penalised": ("is_penalised", "associated with the others held, by Firth's likelihood"),
    "stable": ("is_stable", "chosen again in enough bootstrap samples"),
    "independent": ("is_independent", "independent"),
}  # fmt: skip


def list_size_facts(size: pd.DataFrame, *, origin: str) -> dict[str, Fact]:
    """The facts of `summarise_model_size`, by term; `n` is the number of patients compared."""
    compared = size.loc[size["term"].eq("labelled_n"), "value"].iloc[0]
    return {
        row["term"]: {"value": row["value"], "unit": _UNITS.get(row["term"], "patients"), "n": compared,
                      "label": row["label"], "origin": origin}
        for row in size.to_dict("records")
    }  # fmt: skip


def list_comparison_facts(comparison: pd.DataFrame, *, origin: str) -> dict[str, Fact]:
    """How many baseline variables were tested and differ (raw, fdr, holm), and how many would by chance alone."""
    tested = int(comparison["p"].notna().sum())
    common = {"unit": "variables", "n": tested, "origin": origin}
    facts: dict[str, Fact] = {
        name: {"value": int(comparison[column].lt(SIGNIFICANT_BELOW).sum()), "label": f"Variables that differ, {how}",
               **common}
        for name, (column, how) in _ADJUSTMENTS.items()
    }  # fmt: skip
    facts["tested"] = {"value": tested, "label": "Baseline variables tested", **common}
    regimen = comparison.loc[comparison["variable"].eq("induction_regimen"), "p"].sum(min_count=1)
    facts["induction"] = {"value": regimen, "unit": "p value", "n": None, "origin": origin,
                          "label": "First induction, difficult to treat against others"}  # fmt: skip
    facts["chance"] = {"value": SIGNIFICANT_BELOW * tested, "label": "Expected to differ by chance alone", **common}
    return facts


def list_association_facts(associations: pd.DataFrame, *, origin: str) -> dict[str, Fact]:
    """How many features are associated, adjusted, penalised, stable and independent, how many pass every test without
    being stable, and how many agree with the abstract.

    `n` is the number of features of which it could be told.
    """
    facts: dict[str, Fact] = {
        name: {"value": int(associations[column].eq("yes").sum()), "unit": "features", "origin": origin,
               "n": int(associations[column].ne("cannot tell").sum()), "label": f"Features {how}"}
        for name, (column, how) in _ANSWERS.items()
    }  # fmt: skip
    facts["unstable"] = {"value": int(associations["verdict"].eq(UNSTABLE).sum()), "unit": "features", "origin": origin,
                         "n": facts["independent"]["n"], "label": f"Features {UNSTABLE}"}  # fmt: skip
    agrees = associations["agrees"].dropna()
    facts["agree"] = {"value": int(agrees.sum()), "unit": "features", "n": len(agrees), "origin": origin,
                      "label": "Named features of which this run says what the abstract says"}  # fmt: skip
    return facts


def list_treatment_facts(comparison: pd.DataFrame, *, origin: str) -> dict[str, Fact]:
    """How many independent features stay so with the treatment held equal (`n`: of how many), and the model's size
    (terms that could not be in it are not counted)."""
    was, now = (comparison[name].eq("yes") for name in ("was_independent", "is_independent"))
    patients, common = int(comparison["n"].iloc[0]), {"origin": origin}
    inside = ~comparison["status"].isin([CONSTANT, COLLINEAR, NO_CONTRAST, NO_PATIENTS])
    return {
        "stay": {"value": int((was & now).sum()), "unit": "features", "n": int(was.sum()), **common,
                 "label": "Independent features that stay so with the treatment held equal"},
        "parameters": {"value": int(inside.sum()), "unit": "parameters", "n": patients, **common,
                       "label": "Parameters of the model with the treatment"},
        "events": {"value": int(comparison["events"].iloc[0]), "unit": "patients", "n": patients, **common,
                   "label": "Difficult-to-treat patients in the model with the treatment"},
    }  # fmt: skip


def list_validation_facts(validation: pd.DataFrame, *, origin: str) -> dict[tuple[str, str], Fact]:
    """The facts of `estimate_validation`, by measure and "apparent" or "corrected"; and the samples without a fit."""
    facts: dict[tuple[str, str], Fact] = {}
    for row in validation.to_dict("records"):
        common = {"unit": "", "n": row["n"], "origin": origin}
        facts[row["term"], "apparent"] = {"value": row["apparent"], "low": row["low"], "high": row["high"],
                                          "label": f"{row['label']}, as it appears", **common}  # fmt: skip
        facts[row["term"], "corrected"] = {"value": row["corrected"], "label": f"{row['label']}, corrected", **common}
    first = validation.iloc[0]
    for name, label in (("samples", "Bootstrap samples"), ("failed_samples", "Bootstrap samples without a fit")):
        facts["bootstrap", name] = {"value": first[name], "unit": "samples", "n": first["samples"], "label": label,
                                    "origin": origin}  # fmt: skip
    return facts
