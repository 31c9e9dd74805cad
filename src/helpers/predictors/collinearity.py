"""Do the features of the model say the same thing twice?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.definitions import FEATURES
from helpers.predictors.sample import ESTIMATED, Floats, keep_labelled, take_complete_cases

HIGH_VIF = 5.0
"""A variance inflated by this much or more is usually called high (ten is the other limit in use)."""

HIGH_INDEX = 30.0
"""A condition index from here on is called strong dependence (Belsley, Kuh and Welsch, Regression Diagnostics 1980)."""


def summarise_collinearity(cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str]) -> pd.DataFrame:
    """How much of each feature the others already say, in the complete cases of the model.

    One row per covariate: `term`, `label`, `vif` (variance inflation factor: one over the share of the feature's
    variance that the others do not explain), `partner` (the feature that it goes with most), `phi` (their correlation,
    which for two true/false features is phi), `condition_index` (of the whole model, constant included, columns at unit
    length; the same in each row), `n`, `status` (why a feature could not be in the model).

    >>> cohort = pd.DataFrame({"patient_id": range(4), "serositis": [1, 1, 0, 0], "low_c3": [1, 0, 1, 0]})
    >>> labels = pd.DataFrame({"patient_id": range(4), "is_dtt": [True, False, False, True]})
    >>> summarise_collinearity(cohort, labels, covariates=["serositis", "low_c3"])["vif"].tolist()
    [1.0, 1.0]
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    table = pd.DataFrame({"term": list(covariates), "label": [FEATURES[term].label for term in covariates]})
    inside = pd.DataFrame({"term": list(data.terms)})
    if data.terms:
        partners, phi = _find_partners(data.x, data.terms)
        inside = inside.assign(vif=measure_vif(data.x), partner=partners, phi=phi)
    table = table.merge(inside, on="term", how="left").reindex(columns=["term", "label", "vif", "partner", "phi"])
    index = measure_condition_index(data.x) if data.terms else np.nan
    status = [data.left_out.get(term, ESTIMATED) for term in covariates]
    return table.assign(condition_index=index, n=data.n, status=status)


def measure_vif(x: Floats) -> Floats:
    """The variance inflation factor of each column: the diagonal of the inverse of their correlations."""
    if x.shape[1] == 1:
        return np.ones(1)
    return np.asarray(np.diag(np.linalg.inv(np.corrcoef(x, rowvar=False))))


def measure_condition_index(x: Floats) -> float:
    """The largest over the smallest singular value of constant and features, each column at unit length."""
    design = np.column_stack([np.ones(len(x)), x])
    values = np.linalg.svd(design / np.linalg.norm(design, axis=0), compute_uv=False)
    return float(values[0] / values[-1])


def _find_partners(x: Floats, terms: Sequence[str]) -> tuple[list[str], Floats]:
    """The feature that each goes with most, and their correlation."""
    if len(terms) == 1:
        return [""], np.array([np.nan])
    phi = np.atleast_2d(np.corrcoef(x, rowvar=False))
    away = np.where(np.eye(len(terms), dtype=bool), 0.0, np.abs(phi))
    nearest = away.argmax(axis=1)
    return [FEATURES[terms[place]].label for place in nearest], phi[np.arange(len(terms)), nearest]


def describe_collinearity(table: pd.DataFrame) -> str:
    """Whether the features get in one another's way, in words for a sentence.

    >>> describe_collinearity(pd.DataFrame({"vif": [1.2, 5.0], "condition_index": [9.0, 9.0]}))
    'high'
    """
    highest, index = table["vif"].max(), table["condition_index"].max()
    if np.isnan(highest):
        return "not to be told"
    return "high" if highest >= HIGH_VIF or index >= HIGH_INDEX else "low"
