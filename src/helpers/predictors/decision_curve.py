"""Would acting on the model's risks do more good than treating all alike?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from helpers.predictors.irls import fit_logits, predict_logits, weigh_samples
from helpers.predictors.sample import Bools, Floats, ModelData, keep_labelled, take_complete_cases

THRESHOLDS = tuple(np.arange(5, 81) / 100)
"""Risks from which one might act: from acting on one in twenty to holding out for four in five."""

_CELLS = 2_000_000


def estimate_decision_curve(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], samples: int, seed: int,
    thresholds: Sequence[float] = THRESHOLDS,
) -> pd.DataFrame:
    """The net benefit of acting on the multivariable model, of acting on all patients, and on none.

    One row per threshold: `threshold` (the risk from which one would act), `apparent`, `optimism`, `corrected` (of the
    model), `treat_all`, `treat_none` (zero), `n`, `events`, `samples` (with a fit). Net benefit is the share of
    patients rightly acted on, less the share wrongly acted on, weighed by threshold / (1 - threshold): to act from a
    risk of one in five is to hold one patient missed as bad as four treated in vain (Vickers and Elkin, Med Decis
    Making 2006;26:565). A patient whose risk is the threshold is acted on.

    The optimism is that of the same bootstrap as the other measures of the model: net benefit in the sample less net
    benefit in the patients as they are. Model columns are missing where the model has no fit.
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    limits = np.asarray(thresholds, dtype=float)
    logits, share = predict_logits(data), data.events / data.n if data.n else np.nan
    apparent = optimism = np.full(len(limits), np.nan)
    fitted = 0
    if data.terms and np.isfinite(logits).all():
        apparent = measure_net_benefit(logits[None, :], data.y, np.ones((1, data.n)), limits)[0]
        gaps = _draw_gaps(data, limits, samples=samples, seed=seed)
        fitted = len(gaps)
        optimism = gaps.mean(axis=0) if fitted else optimism
    return pd.DataFrame({
        "threshold": limits, "apparent": apparent, "optimism": optimism, "corrected": apparent - optimism,
        "treat_all": share - (1 - share) * limits / (1 - limits), "treat_none": 0.0, "n": data.n, "events": data.events,
        "samples": fitted,
    })  # fmt: skip


def measure_net_benefit(logits: Floats, y: Bools, weights: Floats, thresholds: Floats) -> Floats:
    """Net benefit of each row of logits at each threshold: samples by thresholds.

    >>> y = np.array([True, False, False, True])
    >>> measure_net_benefit(np.zeros((1, 4)), y, np.ones((1, 4)), np.array([0.2, 0.6]))
    array([[0.375, 0.   ]])
    """
    total = weights.sum(axis=1)
    gains = []
    for limit in thresholds:
        acted = weights * (logits >= logit(limit))
        right, all_ = acted @ y.astype(float), acted.sum(axis=1)
        gains.append((right - (all_ - right) * limit / (1 - limit)) / total)
    return np.stack(gains, axis=1)


def measure_benefit_gaps(data: ModelData, drawn: NDArray[np.int64], thresholds: Floats) -> Floats:
    """Net benefit in each sample minus net benefit on the original patients, by the model fitted in the sample; samples
    without a fit are left out."""
    weights = weigh_samples(drawn, n=data.n)
    fit = fit_logits(data.x, data.y, weights)
    logits = (fit.beta[:, :1] + fit.beta[:, 1:] @ data.x.T)[fit.converged]
    own, everyone = weights[fit.converged], np.ones((len(logits), data.n))
    parts = [measure_net_benefit(logits, data.y, part, thresholds) for part in (own, everyone)]
    return np.asarray(parts[0] - parts[1])


def _draw_gaps(data: ModelData, thresholds: Floats, *, samples: int, seed: int) -> Floats:
    drawn = np.random.default_rng(seed).integers(0, data.n, size=(samples, data.n))
    step = max(1, _CELLS // data.n)
    starts = range(0, max(samples, 1), step)
    return np.concatenate([measure_benefit_gaps(data, drawn[start : start + step], thresholds) for start in starts])


def find_useful_range(curve: pd.DataFrame) -> tuple[float, float, float]:
    """The lowest and the highest threshold at which the corrected model does better than acting on all and on none, and
    the share of thresholds in between at which it does; all missing where it never does."""
    better = curve["corrected"].gt(curve[["treat_all", "treat_none"]].max(axis=1))
    if not better.any():
        return np.nan, np.nan, np.nan
    useful = curve.loc[better, "threshold"]
    inside = curve["threshold"].between(useful.min(), useful.max())
    return float(useful.min()), float(useful.max()), float(better[inside].mean())
