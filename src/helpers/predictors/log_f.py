"""Odds ratios with a weakly informative prior on each of them: a penalty that was fixed before the data were seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from helpers.definitions.honest_model import PRIOR_DEGREES
from helpers.predictors import NO_NAMES, tabulate
from helpers.predictors.penalised_likelihood import Penalised
from helpers.predictors.profile import find_ends
from helpers.predictors.sample import (
    ESTIMATED,
    INTERVAL_MISSING,
    NOT_CONVERGED,
    Bools,
    Floats,
    keep_labelled,
    take_complete_cases,
)

_ITERATIONS = 200


@dataclass(frozen=True)
class LogF(Penalised):
    """The likelihood of `y` on the columns of `design` (constant first) with a log-F prior of `degrees` and `degrees`
    on every slope: its logarithm is degrees / 2 times the slope, less degrees times log(1 + exp(slope))."""

    degrees: float

    def inform(self, beta: Floats) -> Floats:
        """The information at one row of coefficients, that of the prior with it."""
        return np.asarray(self.differentiate(beta[None, :])[2][0])

    def differentiate(self, beta: Floats) -> tuple[Floats, Floats, Floats]:
        """Value, score and curvature (minus the second derivative) of each row of coefficients (rows by columns)."""
        x, size = self.design, self.design.shape[1]
        logit = beta @ x.T
        risk = expit(logit)
        products = (x[:, :, None] * x[:, None, :]).reshape(-1, size * size)
        value, slope, bend = weigh_prior(beta, degrees=self.degrees)
        value += (self.y * logit - np.logaddexp(0, logit)).sum(axis=1)
        curvature = ((risk * (1 - risk)) @ products).reshape(-1, size, size) + bend[:, :, None] * np.eye(size)
        return value, (self.y - risk) @ x + slope, curvature


def weigh_prior(beta: Floats, *, degrees: float) -> tuple[Floats, Floats, Floats]:
    """The prior's part of the log likelihood of each row of coefficients, of its score, and of the curvature's
    diagonal; the first coefficient, the intercept, has none."""
    inside = np.append(0.0, np.full(beta.shape[1] - 1, degrees))
    risk = expit(beta)
    value = (inside * (beta / 2 - np.logaddexp(0, beta))).sum(axis=1)
    return value, inside * (0.5 - risk), inside * risk * (1 - risk)


def estimate_log_f(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], degrees: float = PRIOR_DEGREES,
    names: Mapping[str, str] = NO_NAMES,
) -> pd.DataFrame:  # fmt: skip
    """The odds ratio of each feature with all others held equal, each under a log-F prior centred at one.

    One row per feature, columns and complete cases as `helpers.predictors.firth.estimate_firth`. `degrees` m says how
    firmly each odds ratio is held: it weighs as much as m more patients, half of them with the event, all of whom have
    the feature and nothing else. The intercept is left alone. Intervals and p are those of the profile of the penalised
    likelihood. Estimates are finite under separation, and there is one peak only.

    Not tuned: Greenland and Mansournia (Stat Med 2015;34:3133) propose m = 1 as a default beforehand; 95 % of such a
    prior lie between odds ratios of 1/648 and 648, so it holds back what is absurd and leaves most else alone. It
    does not mend a model of too many features: its calibration slope says how far it falls short.

    >>> cohort = pd.DataFrame({"patient_id": range(6), "serositis": [0, 0, 0, 1, 1, 1]})
    >>> labels = pd.DataFrame({"patient_id": range(6), "is_dtt": [False] * 3 + [True] * 3})
    >>> estimate_log_f(cohort, labels, covariates=["serositis"])[["estimate", "status"]].round(1).values.tolist()
    [[29.4, 'estimated']]
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    status = dict.fromkeys(covariates, ESTIMATED) | data.left_out
    fit = fit_log_f(data.x, data.y, degrees=degrees) if data.terms else None
    if fit is None:
        status |= dict.fromkeys(data.terms, NOT_CONVERGED)
        return tabulate({}, terms=covariates, status=status, n=data.n, events=data.events, names=names)
    blank = (term for term, row in zip(data.terms, fit.T, strict=True) if not np.isfinite(row).all())
    status |= dict.fromkeys(blank, INTERVAL_MISSING)
    numbers = zip(*np.exp(fit[:3]), fit[3], strict=True)
    return tabulate(dict(zip(data.terms, numbers, strict=True)), terms=covariates, status=status, n=data.n,
                    events=data.events, names=names)  # fmt: skip


def fit_log_f(x: Floats, y: Bools, *, degrees: float) -> Floats | None:
    """Slopes, their lower and upper profile ends, and p (four rows, a column per feature); None without convergence.

    The prior is on the slopes as they are, so features are yes or no, or on a scale on which one unit means as much.
    """
    size = x.shape[1]
    model = LogF(np.column_stack([np.ones(len(x)), x]), np.asarray(y, dtype=float), degrees)
    free = np.vstack([np.ones(size + 1, dtype=bool), ~np.eye(size + 1, dtype=bool)[1:]])
    peaks = model.climb(np.zeros(free.shape), free=free, steps=_ITERATIONS)
    if not peaks.converged[0]:
        return None
    best, value = peaks.beta[0], float(peaks.value[0])
    errors = np.sqrt(np.diag(np.linalg.inv(model.inform(best))))
    ends = find_ends(model, best, value=value, errors=errors, columns=np.tile(np.arange(1, size + 1), 2),
                     sides=np.repeat([-1.0, 1.0], size), steps=_ITERATIONS)  # fmt: skip
    drop = np.where(peaks.converged[1:], np.maximum(2 * (value - peaks.value[1:]), 0.0), np.nan)
    return np.stack([best[1:], ends[:size], ends[size:], stats.chi2.sf(drop, 1)])
