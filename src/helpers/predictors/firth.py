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
    INTERVAL_NOT_ASKED,
    NOT_CONVERGED,
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
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], names: Mapping[str, str] = NO_NAMES,
    intervals: Sequence[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
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
    that are no feature. Where `intervals` names features, only theirs are looked for, which takes most of the time;
    those of the others are missing, with the status "interval not asked for".

    >>> cohort = pd.DataFrame({"patient_id": range(6), "serositis": [0, 0, 0, 1, 1, 1]})
    >>> labels = pd.DataFrame({"patient_id": range(6), "is_dtt": [False] * 3 + [True] * 3})
    >>> estimate_firth(cohort, labels, covariates=["serositis"])[["estimate", "status"]].round(1).values.tolist()
    [[49.0, 'estimated']]
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    status = dict.fromkeys(covariates, ESTIMATED) | data.left_out
    asked = np.array([intervals is None or term in intervals for term in data.terms], dtype=bool)
    fit = fit_firth(data.x, data.y, asked) if data.terms else None
    if fit is None:
        status |= dict.fromkeys(data.terms, NOT_CONVERGED)
        return tabulate({}, terms=covariates, status=status, n=data.n, events=data.events, names=names)
    found = np.isfinite(fit.low) & np.isfinite(fit.high) & np.isfinite(fit.p)
    words = np.where(asked, INTERVAL_MISSING, INTERVAL_NOT_ASKED)
    status |= {term: str(word) for term, word, fine in zip(data.terms, words, found, strict=True) if not fine}
    numbers = zip(np.exp(fit.beta), np.exp(fit.low), np.exp(fit.high), fit.p, strict=True)
    return tabulate(dict(zip(data.terms, numbers, strict=True)), terms=covariates, status=status, n=data.n,
                    events=data.events, names=names)  # fmt: skip


def fit_firth(x: Floats, y: Bools, asked: Bools | None = None) -> FirthFit | None:
    """The penalised fit of true/false `y` on `x` (patients by features, no constant); None where there is none.

    There is none where a feature is constant or determined by others, or the outcome does not vary. Newton steps with
    the exact second derivative, on scaled features. In small samples with many features the penalised likelihood may
    have several peaks: the highest counts of those that lead up from zero and from where each feature is held at zero.
    """
    if y.all() or not y.any() or np.linalg.matrix_rank(np.column_stack([np.ones(len(x)), x])) <= x.shape[1]:
        return None
    centre, scale = x.mean(axis=0), x.std(axis=0)
    design = np.column_stack([np.ones(len(x)), (x - centre) / scale])
    model = Penalised(design, np.asarray(y, dtype=float))
    peak, held = _search(model)
    if peak is None:
        return None
    best, value = peak
    errors = np.sqrt(np.diag(np.linalg.inv(model.inform(best))))
    places = np.arange(len(scale)) if asked is None else np.flatnonzero(asked)
    ends = np.full((2, len(scale)), np.nan)
    ends[:, places] = find_ends(model, best, value=value, errors=errors, columns=np.tile(places + 1, 2),
                                sides=np.repeat([-1.0, 1.0], len(places)), steps=_ITERATIONS).reshape(2, -1)
    ends /= scale
    beta = best[1:] / scale
    p = stats.chi2.sf(np.maximum(2 * (value - held), 0.0), 1)
    value += float(np.log(scale).sum())
    return FirthFit(float(best[0] - centre @ beta), beta, ends[0], ends[1], p, value)


def _search(model: Penalised) -> tuple[tuple[Floats, float] | None, Floats]:
    """The highest peak (None where there is none) and the highest value with each feature held at zero."""
    size = model.design.shape[1]
    whole, free = np.ones((1, size), dtype=bool), ~np.eye(size, dtype=bool)[1:]
    first = model.climb(np.zeros((1, size)), free=whole, steps=_ITERATIONS)
    starts = np.where(np.tile(free, (2, 1)), np.repeat([first.beta[0], np.zeros(size)], size - 1, axis=0), 0.0)
    held = model.climb(starts, free=np.tile(free, (2, 1)), steps=_ITERATIONS)
    again = model.climb(held.beta, free=np.repeat(whole, len(starts), axis=0), steps=_ITERATIONS)
    peaks, values = np.append(_mark(first), _mark(again)), _mark(held).reshape(2, -1).max(axis=0)
    place = int(peaks.argmax())
    best = np.vstack([first.beta, again.beta])[place]
    if peaks[place] > peaks[0] + _SAME:
        values = np.maximum(values, _mark(model.climb(np.where(free, best, 0.0), free=free, steps=_ITERATIONS)))
    values = np.where(np.isfinite(values), values, np.nan)
    return ((best, float(peaks[place])) if np.isfinite(peaks[place]) else None), values


def _mark(peaks: Peaks) -> Floats:
    """The values of the searches that ended at a peak; minus infinity for the others."""
    return np.where(peaks.converged, peaks.value, -np.inf)
