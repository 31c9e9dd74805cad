"""The headline numbers of any parameters, computed in process through the same steps and estimators as the chapters."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.cohort.selection import EXCLUSIONS
from helpers.comparison.numbers import HEADLINES
from helpers.parameters import Parameters
from helpers.predictors import estimate_multivariable
from helpers.shared_tables import LABELS, SharedTables, Tables
from helpers.survival import label_groups
from helpers.survival.time_zero import estimate_time_zero

REACHING = tuple(dict.fromkeys((*LABELS, "covariates", "worsening_rule", "landmark_months")))
"""The parameters that a headline number or a patient's label depends on."""

NOT_ON_FILE = "not on file"
STATUS_WORDS = {"yes": "difficult to treat", "no": "not difficult to treat", "cannot tell": "label cannot be told"}
LEFT_OUT = {name: f"left out: {label[:1].lower()}{label[1:]}" for name, label in EXCLUSIONS.items()}


def derive_statuses(cohort: pd.DataFrame, labels: pd.DataFrame) -> pd.Series:
    """What became of each patient on file, in words, by patient: the criterion that left them out, or their label."""
    words = cohort.set_index("patient_id")["first_exclusion"].map(LEFT_OUT).astype(object)
    found = labels.set_index("patient_id")["dtt"].map(STATUS_WORDS).astype(object)
    return words.fillna(found).fillna(STATUS_WORDS["cannot tell"])


class Headlines:
    """Makes headline numbers and patients' statuses, each table once however many sets of parameters ask for it.

    `raws` holds the six raw tables under a word for each set of data.
    """

    def __init__(self, raws: Mapping[str, Tables]) -> None:
        self._tables = SharedTables(raws)

    def derive_numbers(self, parameters: Parameters, *, data: str) -> pd.Series:
        """The headline numbers by ledger id; missing where they cannot be estimated."""
        labels = self._tables.derive_labels(parameters, data=data)
        answers = labels["dtt"]
        yes, size = int(answers.eq("yes").sum()), len(answers)
        numbers = {"cohort.eligible.n": float(size), "dtt.n": float(yes), "dtt.share": yes / size if size else None}
        if size:
            numbers |= self._odds_ratios(parameters, data) | self._hazard_ratios(parameters, data)
        return pd.Series({id: numbers.get(id) for id in HEADLINES}, dtype=float)

    def derive_statuses(self, parameters: Parameters, *, data: str) -> pd.Series:
        """What became of each patient on file, in words."""
        cohort = self._tables.derive_cohort_tables(parameters, data=data)["cohort"]
        return derive_statuses(cohort, self._tables.derive_labels(parameters, data=data))

    def _odds_ratios(self, parameters: Parameters, data: str) -> dict[str, float]:
        cohort = self._tables.derive_cohort_tables(parameters, data=data)["cohort"]
        labels = self._tables.derive_labels(parameters, data=data)
        table = estimate_multivariable(cohort, labels, covariates=parameters.covariates)
        ratios = {f"predictors.multivariable.{term}.or": value
                  for term, value in zip(table["term"], table["estimate"], strict=True)}  # fmt: skip
        return {id: value for id, value in ratios.items() if id in HEADLINES}

    def _hazard_ratios(self, parameters: Parameters, data: str) -> dict[str, float]:
        labels = self._tables.derive_labels(parameters, data=data)
        outcomes = label_groups(self._tables.derive_outcomes(parameters, data=data), labels=labels)
        table = estimate_time_zero(outcomes, landmark_months=parameters.landmark_months)
        ratios = table.set_index("term")["estimate"]
        return {f"survival.composite.{way}.hr": ratios[way] for way in ("landmark", "timedependent")}
