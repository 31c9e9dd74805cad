"""The headline numbers of any parameters, computed in process through the same steps and estimators as the chapters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers import stages
from helpers.cohort.selection import EXCLUSIONS
from helpers.comparison.numbers import HEADLINES
from helpers.labelling.comparison import label_only
from helpers.parameters import ALL, Parameters, names_used_by
from helpers.predictors import estimate_multivariable
from helpers.survival import derive_outcomes, label_groups
from helpers.survival.time_zero import estimate_time_zero

_NOT_REACHING = {
    "data_dir", "derived_dir", "bootstrap_samples", "imputations", "label_noise_sd", "noise_samples", "seed",
}  # fmt: skip
COHORT = tuple(name for name in names_used_by(ALL[0]) if name not in _NOT_REACHING)
LABELS = COHORT + tuple(name for name in names_used_by(ALL[1]) if name not in _NOT_REACHING)
REACHING = tuple(dict.fromkeys((*LABELS, "covariates", "worsening_rule", "landmark_months")))
"""The parameters that a headline number or a patient's label depends on."""

NOT_ON_FILE = "not on file"
STATUS_WORDS = {"yes": "difficult to treat", "no": "not difficult to treat", "cannot tell": "label cannot be told"}
LEFT_OUT = {name: f"left out: {label[:1].lower()}{label[1:]}" for name, label in EXCLUSIONS.items()}

Tables = Mapping[str, pd.DataFrame]


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
        self._raws = raws
        self._kept: dict[tuple[str, ...], Any] = {}

    def derive_numbers(self, parameters: Parameters, *, data: str) -> pd.Series:
        """The headline numbers by ledger id; missing where they cannot be estimated."""
        labels = self._labels(parameters, data)
        answers = labels["dtt"]
        yes, size = int(answers.eq("yes").sum()), len(answers)
        numbers = {"cohort.eligible.n": float(size), "dtt.n": float(yes), "dtt.share": yes / size if size else None}
        if size:
            numbers |= self._odds_ratios(parameters, data) | self._hazard_ratios(parameters, data)
        return pd.Series({id: numbers.get(id) for id in HEADLINES}, dtype=float)

    def derive_statuses(self, parameters: Parameters, *, data: str) -> pd.Series:
        """What became of each patient on file, in words."""
        return derive_statuses(self._cohort_tables(parameters, data)["cohort"], self._labels(parameters, data))

    def _cohort_tables(self, parameters: Parameters, data: str) -> Tables:
        key = _key("cohort", data, parameters, COHORT)
        if key not in self._kept:
            self._kept[key] = stages.derive_cohort_tables(self._raws[data], parameters)
        tables: Tables = self._kept[key]
        return tables

    def _labels(self, parameters: Parameters, data: str) -> pd.DataFrame:
        key = _key("labels", data, parameters, LABELS)
        if key not in self._kept:
            tables = self._cohort_tables(parameters, data)
            self._kept[key] = label_only(
                tables["assessments"], tables["courses"], tables["cohort"], rule=parameters.dtt_rule(),
                rulebook=parameters.rulebook(), events=self._raws[data]["events"])  # fmt: skip
        labels: pd.DataFrame = self._kept[key]
        return labels

    def _odds_ratios(self, parameters: Parameters, data: str) -> dict[str, float]:
        cohort = self._cohort_tables(parameters, data)["cohort"]
        table = estimate_multivariable(cohort, self._labels(parameters, data), covariates=parameters.covariates)
        ratios = {f"predictors.multivariable.{term}.or": value
                  for term, value in zip(table["term"], table["estimate"], strict=True)}  # fmt: skip
        return {id: value for id, value in ratios.items() if id in HEADLINES}

    def _hazard_ratios(self, parameters: Parameters, data: str) -> dict[str, float]:
        tables = self._cohort_tables(parameters, data)
        key = _key("outcomes", data, parameters, (*COHORT, "rules_file", "worsening_rule"))
        if key not in self._kept:
            rule = parameters.rulebook().worsening_rule(parameters.worsening_rule)
            self._kept[key] = derive_outcomes(tables["assessments"], cohort=tables["cohort"],
                                              events=self._raws[data]["events"], worsening=rule)
        outcomes = label_groups(self._kept[key], labels=self._labels(parameters, data))
        table = estimate_time_zero(outcomes, landmark_months=parameters.landmark_months)
        ratios = table.set_index("term")["estimate"]
        return {f"survival.composite.{way}.hr": ratios[way] for way in ("landmark", "timedependent")}


def _key(what: str, data: str, parameters: Parameters, names: tuple[str, ...]) -> tuple[str, ...]:
    return (what, data, *(repr(getattr(parameters, name)) for name in names))
