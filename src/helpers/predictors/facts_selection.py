"""The numbers of selection, size, shrinkage and decision as the ledger wants them, by id."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.definitions.stability import STABLE_FROM
from helpers.predictors.decision_curve import DECISION_MODELS, find_useful_limits
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
        "riley.allowed_parameters": (own["allowed_parameters"], "parameters",
                                     "Parameters that the patients can carry, at the strength found"),
        "riley.cautious.allowed_parameters": (cautious["allowed_parameters"], "parameters",
                                              "Parameters that the patients can carry, nothing being known"),
    }
    return _list(rows, n=int(own["n"]), origin=origin)


def list_penalty_facts(log_f: pd.DataFrame, *, factor: float, origin: str) -> Facts:
    """Features below the usual limit under the log-F prior (predictors.log_f.significant.n; `n`: of how many), and the
    shrinkage to expect beforehand (predictors.uniform.factor)."""
    told = int(log_f["p"].notna().sum())
    rows: Rows = {"log_f.significant.n": (int(log_f["p"].lt(SIGNIFICANT_BELOW).sum()), "features",
                                          "Features associated with the others held, log-F prior")}  # fmt: skip
    drawn: Rows = {"uniform.factor": (factor, "factor", "Shrinkage to expect of the model, assumed beforehand")}
    return _list(rows, n=told, origin=origin) | _list(
        drawn, n=int(log_f["n"].iloc[0]), origin="helpers.predictors.shrinkage.find_beforehand")  # fmt: skip


def list_prespecified_facts(prespecified: pd.DataFrame, *, needed: pd.DataFrame, origin: str) -> Facts:
    """The size of the small model (predictors.prespecified...), and what its patients can carry by the cautious row of
    `needed` (`summarise_needed_patients` of the same features)."""
    first, cautious = prespecified.iloc[0], needed.iloc[1]
    rows: Rows = {
        "prespecified.parameters.n": (cautious["parameters"], "parameters", "Parameters of the model named beforehand"),
        "prespecified.complete.n": (first["n"], "patients", "Patients in the model named beforehand"),
        "prespecified.events.n": (first["events"], "patients", "Difficult to treat in the model named beforehand"),
        "prespecified.allowed_parameters": (cautious["allowed_parameters"], "parameters",
                                            "Parameters that these patients can carry, nothing being known"),
    }  # fmt: skip
    return _list(rows, n=int(first["n"]), origin=origin)


def list_slope_facts(slopes: pd.DataFrame, *, origin: str) -> Facts:
    """The corrected calibration slope of each remedy (predictors.<model>.slope.corrected)."""
    facts: Facts = {}
    for row in slopes.query("term != 'ml'").to_dict("records"):
        words = f"Calibration slope, corrected: {row['label']}"
        own: Rows = {f"{row['term']}.slope.corrected": (row["corrected"], "", words)}
        facts |= _list(own, n=row["n"], origin=origin)
    return facts


def list_decision_facts(curve: pd.DataFrame, *, origin: str) -> Facts:
    """The range of risk limits (predictors.decision.from, .to), and for the model as fitted and drawn in
    (predictors.decision.fitted..., .shrunken...) the share of limits at which the corrected model does better than
    acting on all and on none (better.share), at which the interval says so, too (clear.share), and between which
    limits that is (clear.low, clear.high)."""
    ends: Rows = {"decision.from": (curve["threshold"].min(), "share", "Lowest risk limit looked at"),
                  "decision.to": (curve["threshold"].max(), "share", "Highest risk limit looked at")}  # fmt: skip
    facts = _list(ends, n=None, origin="helpers.definitions.honest_model")
    for name, (prefix, words) in DECISION_MODELS.items():
        better, clear, low, high = find_useful_limits(curve, prefix=prefix)
        clearly = f"at which the model {words} clearly does better"
        rows: Rows = {
            f"decision.{name}.better.share": (better, "share", f"Risk limits at which the model {words} does better"),
            f"decision.{name}.clear.share": (clear, "share", f"Risk limits {clearly}"),
            f"decision.{name}.clear.low": (low, "share", f"Lowest risk limit {clearly}"),
            f"decision.{name}.clear.high": (high, "share", f"Highest risk limit {clearly}"),
        }  # fmt: skip
        facts |= _list(rows, n=int(curve["n"].iloc[0]), origin=origin)
    return facts


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
