"""What sets difficult-to-treat patients apart at the start: odds ratios by maximum likelihood."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools.sm_exceptions import ModelWarning

from helpers.definitions import FEATURES
from helpers.predictors.sample import (
    ESTIMATED,
    NEAR_SEPARATION,
    NOT_CONVERGED,
    Floats,
    ModelData,
    find_separation,
    keep_labelled,
    take_complete_cases,
)

Z95 = float(stats.norm.ppf(0.975))

NEAR_SEPARATION_ERROR = 2.35
"""A standard error of a log odds ratio above this makes the 95 % interval span a factor of ten thousand
(exp(2 x 1.96 x 2.35)): the estimate exists and says nothing. The limit is ours."""

NO_NAMES: Mapping[str, str] = MappingProxyType({})

COLUMNS = ("term", "label", "estimate", "low", "high", "p", "n", "events", "status")


def estimate_univariable(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str]
) -> pd.DataFrame:
    """The odds ratio of being difficult to treat for each feature alone.

    One row per feature, in the order given: `term`, `label`, `estimate` (odds ratio, with against without),
    `low`, `high` (95 %), `p`, `n`, `events`, `status`. Each model uses the patients whose label and whose one
    feature are known, so `n` differs between rows. Intervals and p are Wald's, on the log odds scale:
    exp(b ± 1.96 SE) and the normal probability of b/SE, as in the tables that most papers print.

    An odds ratio that cannot be had is missing, and `status` says why: the feature or the outcome does not vary,
    no patient has it on file, an empty cell makes it zero or infinite ("separation"), or it is finite and
    carries no information ("near separation": an interval wider than a factor of ten thousand).

    >>> cohort = pd.DataFrame({"patient_id": range(8), "serositis": [1, 1, 1, 0, 1, 0, 0, 0]})
    >>> labels = pd.DataFrame({"patient_id": range(8), "is_dtt": [True] * 4 + [False] * 4})
    >>> table = estimate_univariable(cohort, labels, covariates=["serositis"])
    >>> table[["estimate", "n", "status"]].round(6).values.tolist()
    [[9.0, 8, 'estimated']]
    """
    patients = keep_labelled(cohort, labels)
    return pd.concat(
        [_estimate(take_complete_cases(patients, terms=[term]), terms=[term]) for term in covariates],
        ignore_index=True,
    )


def estimate_multivariable(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], names: Mapping[str, str] = NO_NAMES
) -> pd.DataFrame:
    """The odds ratio of each feature with all the others held equal, from one model on the complete cases.

    One row per feature, columns and conventions as in `estimate_univariable`; `n` and `events` are the same in
    every row: patients with the label and every feature known. A feature that does not vary among them, or
    that others determine, is left out of the model and says so. Under separation no row is estimable by maximum
    likelihood: `helpers.predictors.firth` then still is. `names` labels covariates that are no feature.
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    return _estimate(data, terms=covariates, names=names)


def _estimate(data: ModelData, *, terms: Sequence[str], names: Mapping[str, str] = NO_NAMES) -> pd.DataFrame:
    """The tidy table of one model, with a row for every term asked for, whether it could be estimated or not."""
    status = dict.fromkeys(terms, ESTIMATED) | data.left_out | find_separation(data)
    numbers: dict[str, tuple[float, ...]] = {}
    if data.terms and status[data.terms[0]] == ESTIMATED:
        fit = fit_logit(data.x, data.y)
        if fit is None:
            status |= dict.fromkeys(data.terms, NOT_CONVERGED)
        else:
            beta, error = (part[1:] for part in fit)
            status |= {term: NEAR_SEPARATION for term, wide in zip(
                data.terms, error > NEAR_SEPARATION_ERROR, strict=True) if wide}  # fmt: skip
            numbers = {term: row for term, row in zip(data.terms, _wald(beta, error), strict=True)
                       if status[term] == ESTIMATED}  # fmt: skip
    return tabulate(numbers, terms=terms, status=status, n=data.n, events=data.events, names=names)


def fit_logit(x: Floats, y: Any) -> tuple[Floats, Floats] | None:
    """Log odds ratios and their standard errors by maximum likelihood, intercept first; None without convergence.

    `x` is patients by features without a constant, `y` true/false. Newton's method of statsmodels; standard
    errors from the inverse of the information at the estimate, as in R's glm.
    """
    design = np.column_stack([np.ones(len(x)), x])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", ModelWarning)
        try:
            fit = Logit(np.asarray(y, dtype=float), design).fit(method="newton", maxiter=100, tol=1e-10, disp=0)
        except (ModelWarning, np.linalg.LinAlgError):
            return None
    return np.asarray(fit.params), np.asarray(fit.bse)


def _wald(beta: Floats, error: Floats) -> list[tuple[float, ...]]:
    p = 2 * stats.norm.sf(np.abs(beta / error))
    return list(zip(np.exp(beta), np.exp(beta - Z95 * error), np.exp(beta + Z95 * error), p, strict=True))


def tabulate(
    numbers: dict[str, tuple[float, ...]], *, terms: Sequence[str], status: dict[str, str], n: int, events: int,
    names: Mapping[str, str] = NO_NAMES,
) -> pd.DataFrame:
    """The tidy table of estimates: one row per term; `numbers` are estimate, low, high and p, by term; `names` has
    the labels of terms that are no feature."""
    blank = (np.nan,) * 4
    rows = [(term, names.get(term) or FEATURES[term].label, *numbers.get(term, blank), n, events, status[term])
            for term in terms]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))
