"""Would acting on the model's risks do more good than treating all alike?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from helpers.definitions.honest_model import ACT_FROM, ACT_TO
from helpers.predictors.irls import fit_logits, predict_logits, weigh_samples
from helpers.predictors.resampling import measure_samples
from helpers.predictors.sample import Bools, Floats, ModelData, keep_labelled, take_complete_cases

THRESHOLDS = tuple(np.arange(round(100 * ACT_FROM), round(100 * ACT_TO) + 1) / 100)
"""Every per cent of risk from which a clinician might act (`helpers.definitions.honest_model`)."""

DECISION_MODELS = {"fitted": ("", "as fitted"), "shrunken": ("shrunken_", "drawn in")}
"""The two models of the curve: how their columns begin, and their words."""

_STEPS = 50


def estimate_decision_curve(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], factor: float, samples: int, seed: int,
    thresholds: Sequence[float] = THRESHOLDS,
) -> pd.DataFrame:  # fmt: skip
    """The net benefit of acting on the multivariable model, as fitted and drawn in, and of acting on all and on none.

    One row per threshold: `threshold` (the risk from which one would act); `apparent`, `optimism`, `corrected`, and the
    same drawn in by `factor` (`shrunken_apparent`, ...: every slope times the factor, the intercept fitted again);
    `treat_all`, `treat_none` (zero); `gain`, `low`, `high` (of the corrected model over the better of all and none,
    95 %) and `shrunken_gain`, ...; `n`, `events`, `samples` (with a fit). Net benefit is the share of patients rightly
    acted on, less the share wrongly acted on, weighed by threshold / (1 - threshold): to act from a risk of one in five
    is to hold one patient missed as bad as four treated in vain (Vickers and Elkin, Med Decis Making 2006;26:565). A
    patient whose risk is the threshold is acted on.

    The optimism is that of the same bootstrap as the other measures of the model: net benefit in the sample less net
    benefit in the patients as they are. The interval is how far the gain in a sample, the model fitted there, strays
    from its mean, put around the corrected gain (Noma et al., Stat Med 2021;40:5691; they centre it where the
    samples lie, which with many features flatters). Model columns are missing where the model has no fit.
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    limits = np.asarray(thresholds, dtype=float)
    logits, share = predict_logits(data), data.events / data.n if data.n else np.nan
    everyone = share - (1 - share) * limits / (1 - limits)
    table = pd.DataFrame({"threshold": limits})
    parts = np.full((2, 4, len(limits)), np.nan)
    fitted = 0
    if data.terms and np.isfinite([*logits, factor]).all():
        parts, fitted = _measure(data, logits, limits, factors=(1.0, factor), samples=samples, seed=seed)
    for name, (apparent, optimism, below, above) in zip(("", "shrunken_"), parts, strict=True):
        corrected = apparent - optimism
        gain = corrected - np.maximum(everyone, 0)
        columns = {"apparent": apparent, "optimism": optimism, "corrected": corrected, "gain": gain,
                   "low": gain + below, "high": gain + above}  # fmt: skip
        table = table.assign(**{f"{name}{column}": values for column, values in columns.items()})
    return table.assign(treat_all=everyone, treat_none=0.0, n=data.n, events=data.events, samples=fitted)


def _measure(
    data: ModelData, logits: Floats, limits: Floats, *, factors: tuple[float, ...], samples: int, seed: int
) -> tuple[Floats, int]:
    """By factor: apparent net benefit, its optimism, and how far gains in samples stray from their mean, either way;
    and the samples with a fit, without which all but the first is missing."""
    whole = np.ones((1, data.n))
    apparent = [measure_net_benefit(draw_in(logits[None, :], data.y, whole, factor=own), data.y, whole, limits)[0]
                for own in factors]  # fmt: skip
    measure = partial(measure_benefits, thresholds=limits, factors=factors)
    found = measure_samples(measure, data, n=data.n, samples=samples, seed=seed)
    gaps, gains = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
    fitted = gaps.shape[1]
    if not fitted:
        return np.stack([[own, *np.full((3, len(limits)), np.nan)] for own in apparent]), 0
    ends = np.quantile(gains - gains.mean(axis=1, keepdims=True), [0.025, 0.975], axis=1)
    return np.stack([apparent, gaps.mean(axis=1), *ends], axis=1), fitted


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


def draw_in(logits: Floats, y: Bools, weights: Floats, *, factor: float) -> Floats:
    """Each row of logits times `factor`, moved so that as many have the outcome as foretold (`weights` times).

    >>> drawn = draw_in(np.array([[-4.0, 0.0, 4.0]]), np.array([False, True, True]), np.ones((1, 3)), factor=0.5)
    >>> np.diff(drawn).tolist(), round(float(expit(drawn).sum()), 6)
    ([[2.0, 2.0]], 2.0)
    """
    if factor == 1:
        return logits
    moved, cases = factor * logits, weights @ y.astype(float)
    for _ in range(_STEPS):
        risk = expit(moved)
        step = (cases - (weights * risk).sum(axis=1)) / (weights * risk * (1 - risk)).sum(axis=1)
        moved = moved + np.clip(step, -1, 1)[:, None]
        if np.abs(step).max(initial=0.0) < 1e-12:
            break
    return moved


def measure_benefits(
    data: ModelData, drawn: NDArray[np.int64], thresholds: Floats, *, factors: Sequence[float]
) -> tuple[Floats, Floats]:
    """By the model fitted in each sample and drawn in by each factor (factors by samples by thresholds): net benefit
    there less net benefit on the original patients; and net benefit there less the better of acting on all and on none
    there. Samples without a fit are left out."""
    weights = weigh_samples(drawn, n=data.n)
    fit = fit_logits(data.x, data.y, weights)
    logits = (fit.beta[:, :1] + fit.beta[:, 1:] @ data.x.T)[fit.converged]
    own, everyone = weights[fit.converged], np.ones((len(logits), data.n))
    share = (own @ data.y.astype(float) / data.n)[:, None]
    best = np.maximum(share - (1 - share) * thresholds / (1 - thresholds), 0)
    gaps, gains = [], []
    for factor in factors:
        moved = draw_in(logits, data.y, own, factor=factor)
        there, here = (measure_net_benefit(moved, data.y, part, thresholds) for part in (own, everyone))
        gaps.append(there - here)
        gains.append(there - best)
    return np.stack(gaps), np.stack(gains)


def find_useful_limits(curve: pd.DataFrame, *, prefix: str = "") -> tuple[float, float, float, float]:
    """The share of thresholds at which the corrected model does better than acting on all and on none, the share at
    which the whole interval says so, and the lowest and highest of these; the last two are missing where there is none,
    all four where the model has no fit.

    >>> curve = pd.DataFrame({"threshold": [0.2, 0.3, 0.4], "gain": [0.1, 0.1, -0.1], "low": [-0.1, 0.05, -0.2]})
    >>> [round(value, 2) for value in find_useful_limits(curve)]
    [0.67, 0.33, 0.3, 0.3]
    """
    gain, low = curve[f"{prefix}gain"], curve[f"{prefix}low"]
    if gain.isna().all():
        return (np.nan,) * 4
    clear = curve.loc[low.gt(0), "threshold"]
    return float(gain.gt(0).mean()), float(low.gt(0).mean()), float(clear.min()), float(clear.max())
