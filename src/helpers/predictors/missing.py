"""What is not known of the features, in whom, and what filling it in amounts to, as tables and facts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.definitions import FEATURES
from helpers.imputation.patterns import count_patterns, estimate_incompleteness
from helpers.predictors.facts import Fact
from helpers.predictors.imputed import ImputedFeatures
from helpers.predictors.sample import keep_labelled

TRAITS = {"is_dtt": "Difficult to treat", "start_year": "Calendar year, per year",
          "baseline_egfr": "eGFR, per mL/min/1.73 m²", "baseline_upcr_g_g": "UPCR, per g/g"}  # fmt: skip
"""What being incomplete is held against."""


def name_features(covariates: Sequence[str]) -> dict[str, str]:
    """The label of each feature, in order.

    >>> name_features(["is_male"])
    {'is_male': 'Male sex'}
    """
    return {term: FEATURES[term].label for term in covariates}


def summarise_missing(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The patterns of missing features (`count_patterns`), and what being incomplete goes with (`TRAITS`), in the
    labelled patients; without features nothing is missing."""
    patients = keep_labelled(cohort, labels)
    traits = patients.assign(start_year=patients["time_zero_date"].dt.year)
    incomplete = patients[list(covariates)].isna().any(axis=1)
    return (count_patterns(patients, names=name_features(covariates)),
            estimate_incompleteness(traits, incomplete=incomplete, names=TRAITS))  # fmt: skip


def list_imputation_facts(
    imputed: ImputedFeatures, *, alone: pd.DataFrame, together: pd.DataFrame, origin: str
) -> dict[str, Fact]:
    """The ledger's numbers on imputation, by id: data sets, patients, largest fraction of missing information, and how
    many verdicts change (`n`: of how many that can be told), from the tables of `compare_with_imputed`."""
    patients = len(imputed.is_dtt)
    common = {"origin": origin, "n": patients}
    largest = pd.concat([alone["fmi"], together["fmi"]]).max()
    facts: dict[str, Fact] = {
        "predictors.imputed.sets.n": {"value": imputed.sets, "unit": "data sets", **common,
                                      "label": "Completed data sets"},
        "predictors.imputed.patients.n": {"value": patients, "unit": "patients", **common,
                                          "label": "Patients with imputation"},
        "predictors.imputed.fmi": {"value": largest if pd.notna(largest) else np.nan, "unit": "share",
                                   "label": "Largest fraction of missing information", **common},
    }  # fmt: skip
    for name, table in (("univariable", alone), ("multivariable", together)):
        facts[f"predictors.imputed.{name}.changed.n"] = {
            "value": int(table["verdict"].eq("another").sum()), "unit": "features", "origin": origin,
            "n": int(table["verdict"].ne("cannot tell").sum()), "label": f"Verdicts that imputation changes, {name}",
        }  # fmt: skip
    return facts
