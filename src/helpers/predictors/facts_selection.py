"""The numbers of selection, size, shrinkage and decision as the ledger wants them, by id."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.definitions.stability import STABLE_FROM
from helpers.predictors.decision_curve import find_useful_range
from helpers.predictors.selection import Selections

Facts = dict[str, dict[str, Any]]
Rows = dict[str, tuple[Any, str, str]]


def list_inclusion_facts(inclusion: pd.DataFrame, *, origin: str) -> Facts:
    """How often each feature was chosen (predictors.inclusion.<term>.share); the limit (predictors.stability.limit)."""
    rows: Rows = {f"inclusion.{row['term']}.share": (row["chosen_share"], "share", f"{row['label']}: chosen in the end")
                  for row in inclusion.to_dict("records")}  # fmt: skip
    limit: Rows = {"stability.limit": (STABLE_FROM, "share", "Smallest share of samples of an independent feature")}
    samples = int(inclusion["n"].iloc[0])
    return _list(rows, n=samples, origin=origin) | _list(limit, n=None, origin="helpers.definitions.stability")


def list_recipe_facts(selections: Selections, models: pd.DataFrame, *, origin: str) -> Facts:
    """The recipe as a whole (predictors.recipe...): samples, those without an answer, final sets, how often the
    abstract's own set and this run's came, and the area under the curve as it appears and corrected."""
    repeated, samples = selections.repeated, selections.samples
    sets = len(np.unique(repeated.chosen[repeated.answered], axis=0))
    gaps = selections.optimism_auc[np.isfinite(selections.optimism_auc)]
    corrected = selections.apparent_auc - gaps.mean() if len(gaps) else np.nan
    screened = int(selections.original.screened.sum()) if selections.answers else np.nan
    drawn: Rows = {
        "recipe.bootstrap.n": (samples, "samples", "Bootstrap samples of the recipe"),
        "recipe.failed.n": (int((~repeated.answered).sum()), "samples", "Samples in which the recipe had no answer"),
        "recipe.sets.n": (sets, "sets", "Different sets of features that the recipe ended with"),
        "recipe.abstract_set.share": (_find_share(models, "is_abstract"), "share", "Samples with the abstract's set"),
        "recipe.run_set.share": (_find_share(models, "is_run"), "share", "Samples with this run's set"),
    }
    seen: Rows = {
        "recipe.screened.n": (screened, "features", "Features that pass the screen in the patients as they are"),
        "recipe.auc.apparent": (selections.apparent_auc, "", "Area under the curve of the recipe, as it appears"),
        "recipe.auc.corrected": (corrected, "", "Area under the curve of the recipe, corrected"),
    }
    return _list(drawn, n=samples, origin=origin) | _list(seen, n=selections.n, origin=origin)


def _find_share(models: pd.DataFrame, column: str) -> float:
    """The share of the set so marked; zero where it is not among those listed."""
    return float(models.loc[models[column].astype(bool), "share"].sum())


def list_needed_facts(needed: pd.DataFrame, *, origin: str) -> Facts:
    """What the model's own strength asks for (predictors.riley...), and what would be needed if nothing were known."""
    own, cautious = needed.iloc[0], needed.iloc[1]
    rows: Rows = {
        "riley.own.n": (own["needed_n"], "patients", "Patients needed by all criteria, at the strength found"),
        "riley.cautious.n": (cautious["needed_n"], "patients", "Patients needed by all criteria, nothing being known"),
        "riley.risk.n": (cautious["risk_n"], "patients", "Patients needed to know the overall risk alone"),
        "riley.r2": (own["nagelkerke_r2"], "", "Nagelkerke R squared of the model, shrunken"),
        "riley.expected_shrinkage": (own["expected_shrinkage"], "factor", "Shrinkage to expect, at the strength found"),
        "riley.allowed_parameters": (own["allowed_parameters"], "parameters", "Parameters that the patients can carry"),
    }
    return _list(rows, n=int(own["n"]), origin=origin)


def list_ridge_facts(ridge: pd.DataFrame, *, slope: float, origin: str) -> Facts:
    """Effective parameters, penalty, corrected calibration slope of the ridge model, and ranges clear of one
    (predictors.ridge...)."""
    row, clear = ridge.iloc[0], ridge["low"].gt(1) | ridge["high"].lt(1)
    rows: Rows = {
        "ridge.degrees": (row["degrees"], "parameters", "Effective parameters of the ridge model"),
        "ridge.penalty": (row["penalty"], "", "Penalty of the ridge model"),
        "ridge.slope.corrected": (slope, "", "Calibration slope of the ridge model, corrected"),
        "ridge.clear.n": (int(clear.sum()), "features", "Features whose bootstrap range by ridge leaves one out"),
    }
    return _list(rows, n=int(row["n"]), origin=origin)


def list_decision_facts(curve: pd.DataFrame, *, origin: str) -> Facts:
    """Between which risk limits the corrected model does better than acting on all and on none
    (predictors.decision...)."""
    low, high, share = find_useful_range(curve)
    rows: Rows = {
        "decision.low": (low, "share", "Lowest risk limit at which the model does better than all or none"),
        "decision.high": (high, "share", "Highest risk limit at which the model does better than all or none"),
        "decision.share": (share, "share", "Risk limits in between at which it does"),
    }
    return _list(rows, n=int(curve["n"].iloc[0]), origin=origin)


def describe_decision(curve: pd.DataFrame) -> str:
    """At which risk limits acting on the model does better than treating all alike, as a whole sentence.

    >>> never = {"threshold": [0.2], "corrected": [0.1], "treat_all": [0.2], "treat_none": [0.0]}
    >>> describe_decision(pd.DataFrame(never))[:55]
    'At no risk limit looked at does the model, corrected fo'
    """
    low, high, share = find_useful_range(curve)
    better = "better than acting on all patients and than acting on none."
    if curve["corrected"].isna().all():
        return "The model has no fit, so it cannot be told whether acting on it would do good."
    if np.isnan(low):
        return f"At no risk limit looked at does the model, corrected for optimism, do {better}"
    part = "all risk limits" if share == 1 else f"{100 * share:.0f} % of the risk limits"
    return f"At {part} from {100 * low:.0f} to {100 * high:.0f} % the model, corrected for optimism, does {better}"


def list_collinearity_facts(table: pd.DataFrame, *, origin: str) -> Facts:
    """The highest variance inflation and correlation, and the condition index (predictors.collinearity...)."""
    rows: Rows = {
        "collinearity.vif": (table["vif"].max(), "", "Highest variance inflation factor of a feature"),
        "collinearity.phi": (table["phi"].astype(float).abs().max(), "", "Strongest correlation, without its sign"),
        "collinearity.index": (table["condition_index"].max(), "", "Condition index of the model"),
    }
    return _list(rows, n=int(table["n"].iloc[0]), origin=origin)


def list_strata_facts(stratified: pd.DataFrame, *, origin: str) -> Facts:
    """How many features are below the usual limit within strata, and the strata (predictors.strata...)."""
    told = int(stratified["p"].notna().sum())
    rows: Rows = {"strata.significant.n": (int(stratified["p"].lt(SIGNIFICANT_BELOW).sum()), "features",
                                           "Features associated within regimen and period")}  # fmt: skip
    most: Rows = {"strata.n": (int(stratified["strata_n"].max()), "strata", "Strata of regimen and period")}
    return _list(rows, n=told, origin=origin) | _list(most, n=int(stratified["n"].max()), origin=origin)


def _list(rows: Rows, *, n: int | None, origin: str) -> Facts:
    return {f"predictors.{id}": {"value": value, "unit": unit, "n": n, "label": label, "origin": origin}
            for id, (value, unit, label) in rows.items()}  # fmt: skip
