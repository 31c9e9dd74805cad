"""Sentences on the size of the model and on its risks, true also where it has no fit: templates with ledger ids."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.predictors.calibration import WANTED_SHRINKAGE, describe_size
from helpers.predictors.shrunken import NOT_JUDGED


def say_size(size: pd.DataFrame) -> str:
    """Whether there were patients enough, by the old rule and by the shrinkage to expect."""
    value = size.set_index("term")["value"]
    if np.isnan(value["events_per_parameter"]):
        return "There is no model, and so nothing to count its size by."
    first = (
        "The model spends {predictors.parameters.n} parameters on {predictors.events.n} events: "
        f"{{predictors.events_per_parameter}} of the rarer outcome per parameter, {describe_size(size)} of the old "
        "rule of thumb. ")
    if np.isnan(value["shrinkage"]):
        return first + "It has no fit by maximum likelihood, so its own strength says nothing of the patients needed."
    if np.isnan(value["needed_n"]):
        return first + ("It explains no more than as many features would by chance, so its own strength says nothing "
                        "of the patients needed.")  # fmt: skip
    return first + (
        "The factor by which its own strength says that its predictions need drawing in is {predictors.shrinkage}; the "
        f"number of complete patients that {WANTED_SHRINKAGE} would take is {{predictors.needed.n}}, against "
        "{predictors.complete.n}.")


def say_needed(needed: pd.DataFrame) -> str:
    """How many patients Riley's criteria ask for, and how many parameters those at hand can carry."""
    own, cautious = needed.iloc[0], needed.iloc[1]
    if np.isnan(cautious["needed_n"]):
        return "How many patients such a model needs cannot be told without patients of both kinds."
    first = (
        "By all four criteria a model of so many parameters takes {predictors.riley.cautious.n} patients when nothing "
        "is known of its strength; to know the overall risk alone takes {predictors.riley.risk.n}. These patients can "
        "carry {predictors.riley.cautious.allowed_parameters} parameters then")
    if np.isnan(own["needed_n"]):
        return first + "; at the strength found there is no answer."
    return first + (", and {predictors.riley.allowed_parameters} at the strength found here, which asks for "
                    "{predictors.riley.own.n} patients.")  # fmt: skip


def say_validation(validation: pd.DataFrame) -> str:
    """Area and calibration slope, and how they may still be too good."""
    area = validation.loc[validation["term"].eq("auc"), ["apparent", "corrected"]].iloc[0].astype(float)
    if np.isnan(area["apparent"]):
        return ("By maximum likelihood the model has no fit in these patients, so that neither its discrimination nor "
                "its calibration can be measured.")  # fmt: skip
    first = "Area under the ROC curve: {predictors.auc.apparent:ci} as it appears"
    if np.isnan(area["corrected"]):
        return first + "; no bootstrap sample has a fit, so that it cannot be corrected for optimism."
    return first + (
        ", {predictors.auc.corrected} when corrected for optimism; with the screening recipe repeated in each sample, "
        "{predictors.recipe.auc.corrected}. Bootstrap samples left out because they had no fit: "
        "{predictors.bootstrap.failed.n} of {predictors.bootstrap.n}. Even corrected values may be too good: where "
        "features were chosen because they are associated in these same patients, that choice is not repeated.")


def say_slopes(slopes: pd.DataFrame) -> str:
    """Whose risks are near enough to be believed, and whose are not."""
    rows = [f"{_uncapitalise(row['label'])}, {{{_name_slope(row['term'])}}} ({row['verdict']})"
            for row in slopes.to_dict("records") if row["verdict"] != NOT_JUDGED]  # fmt: skip
    if not rows:
        return "No calibration slope can be corrected for optimism, so that no model's risks can be judged."
    without = [_uncapitalise(label) for label in slopes.loc[slopes["verdict"].eq(NOT_JUDGED), "label"]]
    rest = f" Not to be judged: {'; '.join(without)}." if without else ""
    return f"Calibration slope, corrected for optimism: {'; '.join(rows)}.{rest}"


def _name_slope(term: str) -> str:
    return "predictors.calibration_slope.corrected" if term == "ml" else f"predictors.{term}.slope.corrected"


def _uncapitalise(label: str) -> str:
    return f"{label[:1].lower()}{label[1:]}"


def say_decision(curve: pd.DataFrame) -> str:
    """At which risk limits acting on the model does better than treating all alike, as fitted and drawn in."""
    if curve["gain"].isna().all():
        return "The model has no fit that can be corrected, so it cannot be told whether acting on it would do good."
    return (
        "Of the risk limits from {predictors.decision.from:percent} to {predictors.decision.to:percent}, the model as "
        "fitted, corrected for optimism, does better than acting on all patients and than acting on none at "
        "{predictors.decision.fitted.better.share}, " + _say_clear(curve, name="fitted", prefix="")
        + "; drawn in, at {predictors.decision.shrunken.better.share}, "
        + _say_clear(curve, name="shrunken", prefix="shrunken_")
        + ". Clearly: the interval of the gain lies above zero, at that limit by itself.")  # fmt: skip


def _say_clear(curve: pd.DataFrame, *, name: str, prefix: str) -> str:
    if not curve[f"{prefix}low"].gt(0).any():
        return "clearly at none"
    stem = f"predictors.decision.{name}.clear"
    return f"clearly at {{{stem}.share}}, all of these between {{{stem}.low}} and {{{stem}.high}}"
