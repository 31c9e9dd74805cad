"""Odds ratios by Firth's penalised likelihood, which exist where maximum likelihood fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers.predictors import NO_NAMES, tabulate
from helpers.predictors.penalised_likelihood import Peaks, Penalised
from helpers.predictors.profile import find_ends
from helpers.predictors.sample import (
    ESTIMATED,
    INTERVAL_MISSING,
    NOT_CONVERGED,
    SATURATED,
    Bools,
    Floats,
    keep_labelled,
    take_complete_cases,
)

_ITERATIONS = 200
_SAME = 1e-9


@dataclass(frozen=True)
class FirthFit:
    """One penalised fit. Per feature, without the intercept: log odds ratio, profile interval, p; and the intercept
    and the penalised log likelihood."""

    intercept: float
    beta: Floats
    low: Floats
    high: Floats
    p: Floats
    log_likelihood: float


def estimate_firth(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], names: Mapping[str, str] = NO_NAMES
) -> pd.DataFrame:
    """The odds ratio of each feature with all others held equal, by Firth's penalised likelihood.

    One row per feature: `term`, `label`, `estimate` (odds ratio), `low`, `high` (95 %), `p`, `n`, `events`,
    `status`; the same complete cases as `helpers.predictors.estimate_multivariable`. Features that do not vary
    or that others determine are left out and say so. Separation is no obstacle: the estimate stays finite.

    With few events per feature, odds ratios by maximum likelihood lie too far from one; Firth's penalty (half
    the log determinant of the information, Jeffreys' prior) removes the first-order bias. Intervals are where
    the penalised profile likelihood has dropped by half the 95 % point of chi-square on one degree of freedom,
    and p is from the penalised likelihood ratio with the feature's coefficient held at zero while its column
    stays in the penalty, as in R's logistf: both are not symmetric on purpose, because Wald's are misleading
    here. Source: Firth, Biometrika 1993;80:27; Heinze and Schemper, Stat Med 2002;21:2409.

    An interval whose end was not found is missing, with the status "interval not found". `names` labels covariates
    that are no feature.

    >>> cohort = pd.DataFrame({"patient_id": range(6), "serositis": [0, 0, 0, 1, 1, 1]})
    >>> labels = pd.DataFrame({"patient_id": range(6), "is_dtt": [False] * 3 + [True] * 3})
    >>> estimate_firth(cohort, labels, covariates=["serositis"])[["estimate", "status"]].round(1).values.tolist()
    [[49.0, 'estimated']]
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    status = dict.fromkeys(covariates, ESTIMATED) | data.left_out
    fit = fit_firth(data.x, data.y) if data.terms else None
    if fit is None:
        status |= dict.fromkeys(data.terms, SATURATED if _is_saturated(data.x) else NOT_CONVERGED)
        return tabulate({}, terms=covariates, status=status, n=data.n, events=data.events, names=names)
    found = np.isfinite(fit.low) & np.isfinite(fit.high) & np.isfinite(fit.p)
    status |= {term: INTERVAL_MISSING for term, fine in zip(data.terms, found, strict=True) if not fine}
    numbers = zip(np.exp(fit.beta), np.exp(fit.low), np.exp(fit.high), fit.p, strict=True)
    return tabulate(dict(zip(data.terms, numbers, strict=True)), terms=covariates, status=status, n=data.n,
                    events=data.events, names=names)  # fmt: skip


def fit_firth(x: Floats, y: Bools) -> FirthFit | None:
    """The penalised fit of true/false `y` on `x` (patients by features, no constant); None where there is none.

    There is none where a feature is constant or determined by others, where the outcome does not vary, and where there
    are no more patients than parameters: any outcome can be fitted then, and the penalty alone speaks. Newton steps
    with the exact second derivative, on scaled features. In small samples with many features the penalised likelihood
    may have several peaks: the highest counts of those that lead up from zero and from where each feature is held at 0.
    """
    if y.all() or not y.any() or _is_saturated(x):
        return None
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(x)), x])) <= x.shape[1]:
        return None
    centre, scale = x.mean(axis=0), x.std(axis=0)
    design = np.column_stack([np.ones(len(x)), (x - centre) / scale])
    model = Penalised(design, np.asarray(y, dtype=float))
    peak, held = _search(model)
    if peak is None:
        return None
    best, value = peak
    size = len(scale)
    columns = np.tile(np.arange(1, size + 1), 2)
    errors = np.sqrt(np.diag(np.linalg.inv(model.inform(best))))
    ends = find_ends(model, best, value=value, errors=errors, columns=columns, sides=np.repeat([-1.0, 1.0], size),
                     steps=_ITERATIONS) / np.tile(scale, 2)  # fmt: skip
    beta = best[1:] / scale
    p = stats.chi2.sf(np.maximum(2 * (value - held), 0.0), 1)
    value += float(np.log(scale).sum())
    return FirthFit(float(best[0] - centre @ beta), beta, ends[:size], ends[size:], p, value)


def _is_saturated(x: Floats) -> bool:
    return bool(len(x) <= x.shape[1] + 1)


def _search(model: Penalised) -> tuple[tuple[Floats, float] | None, Floats]:
    """The highest peak (None where there is none) and the highest value with each feature held at zero."""
    size = model.design.shape[1]
    whole, free = np.ones((1, size), dtype=bool), ~np.eye(size, dtype=bool)[1:]
    first = model.climb(np.zeros((1, size)), free=whole, steps=_ITERATIONS)
    starts = np.where(np.tile(free, (2, 1)), np.repeat([first.beta[0], np.zeros(size)], size - 1, axis=0), 0.0)
    held = model.climb(starts, free=np.tile(free, (2, 1)), steps=_ITERATIONS)
    is_new = np.append(np.ones(size - 1, dtype=bool), ~_are_twins(held.beta))
    again = model.climb(held.beta[is_new], free=np.repeat(whole, is_new.sum(), axis=0), steps=_ITERATIONS)
    peaks, values = np.append(_mark(first), _mark(again)), _mark(held).reshape(2, -1).max(axis=0)
    place = int(peaks.argmax())
    best = np.vstack([first.beta, again.beta])[place]
    if peaks[place] > peaks[0] + _SAME:
        values = np.maximum(values, _mark(model.climb(np.where(free, best, 0.0), free=free, steps=_ITERATIONS)))
    values = np.where(np.isfinite(values), values, np.nan)
    return ((best, float(peaks[place])) if np.isfinite(peaks[place]) else None), values


def _are_twins(beta: Floats) -> Bools:
    """Whether each search of the second half has ended where that of the first half with the same feature held did."""
    first, second = np.split(beta, 2)
    return np.asarray((np.abs(first - second) < _SAME).all(axis=1))


def _mark(peaks: Peaks) -> Floats:
    """The values of the searches that ended at a peak; minus infinity for the others."""
    return np.where(peaks.converged, peaks.value, -np.inf)
