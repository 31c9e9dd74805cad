"""Sentences on odds ratios that must stay true where a model has no fit: templates with the ledger's ids."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.predictors.association import cite_estimates, list_features


def say_adjusted(alone: pd.DataFrame, together: pd.DataFrame) -> str:
    """How many features are associated alone and together, raw, by false discovery rate and by Holm."""
    names = _list_all(alone.loc[alone["p"].lt(SIGNIFICANT_BELOW)], before=": ")
    first = (
        "Taken alone, {predictors.univariable.significant.n} of {predictors.univariable.significant.n:n} features are "
        f"associated with being difficult to treat (p below {SIGNIFICANT_BELOW}){names}. When the false discovery rate "
        "is held it is {predictors.univariable.fdr.n}, by Holm {predictors.univariable.holm.n}")
    if alone["p"].isna().all():
        first = "Taken alone, no feature has an odds ratio that can be estimated"
    if together["p"].isna().all():
        return first + "; taken together, maximum likelihood has no estimate."
    return first + (
        "; taken together by maximum likelihood it is {predictors.multivariable.significant.n} of "
        "{predictors.multivariable.significant.n:n}, {predictors.multivariable.fdr.n} and "
        "{predictors.multivariable.holm.n}.")


def say_together(together: pd.DataFrame, penalised: pd.DataFrame) -> str:
    """How many features remain by maximum likelihood and by Firth's likelihood."""
    first = (
        "By maximum likelihood {predictors.multivariable.significant.n} of "
        "{predictors.multivariable.significant.n:n} features with an estimate remain associated when taken together")
    if together["p"].isna().all():
        first = "By maximum likelihood no feature has an estimate when all are taken together"
    if penalised["p"].isna().all():
        return first + "; by Firth's likelihood none has one."
    end = " remain associated" if together["p"].isna().all() else ""
    return first + ("; by Firth's likelihood {predictors.firth.significant.n} of {predictors.firth.significant.n:n}"
                    f"{end}.")  # fmt: skip


def say_log_f(log_f: pd.DataFrame) -> str:
    """How many features remain under the prior, and the factor for all of them."""
    factor = " The factor for all alike, fixed beforehand, is {predictors.uniform.factor}."
    if log_f["p"].isna().all():
        return "Under the prior the model of all features has no estimate."
    return ("Under the prior {predictors.log_f.significant.n} of {predictors.log_f.significant.n:n} features remain "
            "associated." + factor)  # fmt: skip


def say_prespecified(prespecified: pd.DataFrame, *, needed: pd.DataFrame) -> str:
    """The model of the features that were named beforehand, and whether its patients can carry it when nothing is known
    of its strength (`needed`: `summarise_needed_patients` of the same features)."""
    found = prespecified.dropna(subset="p")
    if found.empty:
        return "The model of the features named beforehand has no estimate."
    allowed, spent = (float(needed.iloc[1][name]) for name in ("allowed_parameters", "parameters"))
    words = "no more than" if spent <= allowed else "more than"
    return (
        "The model of the features named beforehand: " + cite_estimates(found, prefix="predictors.prespecified")
        + ". It spends {predictors.prespecified.parameters.n} parameters on {predictors.prespecified.events.n} events "
        f"in {{predictors.prespecified.complete.n}} patients, {words} the "
        "{predictors.prespecified.allowed_parameters} that these can carry before anything is known of its strength.")


def say_treatment(independent: pd.DataFrame, treated: pd.DataFrame, stratified: pd.DataFrame) -> str:
    """Whether the independent features stay so with the treatment in the model, and within strata of it."""
    first = (
        "With regimen and calendar year held equal, {predictors.treatment.stay.n} of the "
        "{predictors.treatment.stay.n:n} independent features stay independent: "
        + cite_estimates(independent, prefix="predictors.treatment") + ".")  # fmt: skip
    if independent.empty:
        first = "No feature is independent without the treatment, so none can stay so with it."
    elif treated["p"].isna().all():
        first = "The model with the treatment has no estimate: which features stay independent cannot be told."
    if stratified["p"].isna().all():
        return f"{first} Within strata of regimen and period no odds ratio can be estimated."
    inside = (
        " Within the {predictors.strata.n} strata of regimen and period {predictors.strata.significant.n} of "
        "{predictors.strata.significant.n:n} features are associated")
    if independent.empty:
        return f"{first}{inside}."
    return (f"{first}{inside}; the independent ones, each alone: "
            + cite_estimates(independent, prefix="predictors.stratified") + ".")  # fmt: skip


def say_regimens(treated: pd.DataFrame, clear: pd.DataFrame) -> str:
    """Which of the treatment's terms (`clear`) leave one out, and how large the model with them is."""
    if treated["p"].isna().all():
        return "Of the treatment itself nothing can be told: the model with it has no estimate."
    return (
        "Of the treatment itself, clear of one: " + cite_estimates(clear, prefix="predictors.treatment")
        + ". This model spends {predictors.treatment.parameters.n} parameters on {predictors.treatment.events.n} "
        "events, so its odds ratios are still less certain than the ones before.")  # fmt: skip


def say_imputed(alone: pd.DataFrame, together: pd.DataFrame) -> str:
    """How many verdicts change when missing values are filled in; from the tables of `compare_with_imputed`."""
    parts = {
        "{predictors.imputed.univariable.changed.n} of {predictors.imputed.univariable.changed.n:n} features one at a "
        "time": alone,
        "{predictors.imputed.multivariable.changed.n} of {predictors.imputed.multivariable.changed.n:n} taken together":
        together}  # fmt: skip
    told = [part + _list_all(table.loc[table["verdict"].eq("another")], before=" (", after=")")
            for part, table in parts.items() if table["verdict"].ne("cannot tell").any()]  # fmt: skip
    first = "With {predictors.imputed.sets.n} completed data sets of {predictors.imputed.patients.n} patients, "
    if not told:
        return first + "no verdict can be held against that of the complete cases: one side or both have none."
    first += f"the verdict is another than in the complete cases for {' and '.join(told)}."
    if together["verdict"].eq("cannot tell").all():
        first += " Taken together, complete cases or completed ones have no estimate."
    known = pd.concat([alone["fmi"], together["fmi"]]).notna().any()
    return first + (" The largest fraction of missing information is {predictors.imputed.fmi}." if known else "")


def say_agreement(associations: pd.DataFrame) -> str:
    """Of how many features this run says what the abstract says."""
    known = associations.dropna(subset="agrees")
    if known.empty:
        return "Of no feature that the abstract names can this run tell what it amounts to."
    apart = _list_all(known.loc[~known["agrees"].astype(bool)], before="The two disagree on: ", after=".")
    return (
        "Of the features that the abstract names, this run can tell of {predictors.agreement.n:n} what they amount to, "
        "and says what the abstract says of {predictors.agreement.n}. "
        + (apart or "There is none on which the two disagree."))


def describe_calibration(validation: pd.DataFrame) -> str:
    """What the calibration plot shows, for those who cannot see it."""
    slope = validation.loc[validation["term"].eq("calibration_slope"), "corrected"].iloc[0]
    if np.isnan(slope):
        return "No line: there is no fit to correct for optimism."
    return "The line corrected for optimism has the slope {predictors.calibration_slope.corrected}; one would be ideal."


def _list_all(rows: pd.DataFrame, *, before: str, after: str = "") -> str:
    """The features of the rows in prose, between two words; nothing without rows."""
    *first, last = list_features(rows) or [""]
    return f"{before}{', '.join(first)}{' and ' if first else ''}{last}{after}" if last else ""
