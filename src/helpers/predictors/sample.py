"""Who enters a model of the predictors, with which features, and why a feature may have to stay out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from firthmodels import detect_separation
from numpy.typing import NDArray

from helpers.definitions import FEATURES

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ESTIMATED = "estimated"
NO_PATIENTS = "no complete cases"
NO_CONTRAST = "the outcome does not vary"
CONSTANT = "the feature does not vary"
COLLINEAR = "determined by other features"
SEPARATION = "separation"
SEPARATION_ELSEWHERE = "separation by another feature"
NEAR_SEPARATION = "near separation"
NOT_CONVERGED = "did not converge"
SATURATED = "no more patients than parameters"
INTERVAL_MISSING = "interval not found"

STATUSES = (ESTIMATED, NO_PATIENTS, NO_CONTRAST, CONSTANT, COLLINEAR, SEPARATION, SEPARATION_ELSEWHERE,
            NEAR_SEPARATION, NOT_CONVERGED, SATURATED, INTERVAL_MISSING)  # fmt: skip
"""What can be said of an estimate; only the first comes with all its numbers, the last with an odds ratio alone."""


@dataclass(frozen=True)
class ModelData:
    """The complete cases of one model: `x` (patients by terms), `y` (difficult to treat), and why terms are out."""

    x: Floats
    y: Bools
    terms: tuple[str, ...]
    left_out: dict[str, str]

    @property
    def n(self) -> int:
        """Patients in the model."""
        return len(self.y)

    @property
    def events(self) -> int:
        """Patients in the model who are difficult to treat."""
        return int(self.y.sum())


def keep_labelled(cohort: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """The rows of the cohort whose label is yes or no, in the cohort's order, with `is_dtt` as plain true/false.

    One row per patient. Patients labelled "cannot tell" are left out: they are neither cases nor controls, and
    counting them as either would move every odds ratio. Patients without a label were not eligible.
    Raises ValueError (from pandas) when a patient has two rows in either table.

    >>> cohort = pd.DataFrame({"patient_id": ["a", "b", "c"]})
    >>> labels = pd.DataFrame({"patient_id": ["a", "b"], "is_dtt": pd.array([True, pd.NA], dtype="boolean")})
    >>> keep_labelled(cohort, labels).values.tolist()
    [['a', True]]
    """
    answered = labels.loc[labels["is_dtt"].notna(), ["patient_id", "is_dtt"]].astype({"is_dtt": bool})
    return cohort.merge(answered, on="patient_id", how="inner", validate="one_to_one")


def take_complete_cases(patients: pd.DataFrame, *, terms: Sequence[str]) -> ModelData:
    """The complete cases of a model on `terms`, with the terms that cannot be in it set aside and named.

    `patients` has one row per labelled patient (`keep_labelled`). A patient with any of the terms unknown is left
    out: complete-case analysis, as in the abstract ("complete records"); it is unbiased for the odds ratios when
    being incomplete does not depend on the outcome given the features (White and Carlin, Stat Med 2010;29:2920).
    Of several terms that determine one another the first named stays.
    """
    complete = patients.dropna(subset=list(terms))
    x = complete[list(terms)].astype(float).to_numpy()
    y = complete["is_dtt"].to_numpy(bool)
    left_out = _find_unusable(x, y, terms)
    usable = [position for position, term in enumerate(terms) if term not in left_out]
    return ModelData(x[:, usable], y, tuple(terms[position] for position in usable), left_out)


def _find_unusable(x: Floats, y: Bools, terms: Sequence[str]) -> dict[str, str]:
    if len(y) == 0:
        return dict.fromkeys(terms, NO_PATIENTS)
    if y.all() or not y.any():
        return dict.fromkeys(terms, NO_CONTRAST)
    left_out: dict[str, str] = {}
    design = np.ones((len(y), 1))
    for position, term in enumerate(terms):
        wider = np.column_stack([design, x[:, position]])
        if np.ptp(x[:, position]) == 0:
            left_out[term] = CONSTANT
        elif np.linalg.matrix_rank(wider) < wider.shape[1]:
            left_out[term] = COLLINEAR
        else:
            design = wider
    return left_out


def find_separation(data: ModelData) -> dict[str, str]:
    """The terms whose maximum-likelihood estimate does not exist, by name, with the status that says so.

    Empty when all are finite. Where a combination of features parts the two outcomes, the likelihood has no
    maximum: the features in that combination get "separation", all others "separation by another feature",
    because no single fit gives their estimates either. Found by linear programming (Konis, DPhil thesis,
    Oxford 2007), as in R's detectseparation.
    """
    if not data.terms:
        return {}
    finite = np.asarray(detect_separation(data.x, data.y.astype(int)).is_finite, dtype=bool)
    if finite.all():
        return {}
    return {term: SEPARATION_ELSEWHERE if fine else SEPARATION
            for term, fine in zip(data.terms, finite[: len(data.terms)], strict=True)}  # fmt: skip


def describe_separation(alone: pd.DataFrame, together: pd.DataFrame) -> str:
    """Whether any feature parts the two groups, and which, as a whole sentence; from two tables of estimates.

    >>> fine = pd.DataFrame({"label": ["Serositis"], "status": [ESTIMATED]})
    >>> describe_separation(fine, fine)
    'No feature parts the two groups (no separation).'
    >>> describe_separation(fine, fine.assign(status=SEPARATION))
    'Separation, so that maximum likelihood has no usable estimate: serositis (together).'
    """
    places = {"alone": alone, "together": together}
    found = [f"{label[:1].lower()}{label[1:]} ({where})" for where, table in places.items()
             for label in table.loc[table["status"].isin([SEPARATION, NEAR_SEPARATION]), "label"]]  # fmt: skip
    if not found:
        return "No feature parts the two groups (no separation)."
    return f"Separation, so that maximum likelihood has no usable estimate: {', '.join(found)}."


def count_unknown(cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str]) -> pd.DataFrame:
    """How many labelled patients lack each feature.

    One row per feature, most often unknown first: `term`, `label`, `unknown_n`, `share` (of the labelled), `n`.
    """
    patients = keep_labelled(cohort, labels)
    unknown = patients[list(covariates)].isna().sum()
    table = pd.DataFrame({
        "term": list(covariates), "label": [FEATURES[term].label for term in covariates],
        "unknown_n": unknown.to_numpy(int), "share": unknown.to_numpy(float) / max(len(patients), 1),
        "n": len(patients),
    })  # fmt: skip
    return table.sort_values("unknown_n", ascending=False, kind="stable", ignore_index=True)
