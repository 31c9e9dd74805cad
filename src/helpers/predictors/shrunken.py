"""The odds ratios of one model under growing caution, and whether the risks of each remedy can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import expit

from helpers.definitions import FEATURES
from helpers.definitions.honest_model import PRIOR_DEGREES
from helpers.predictors.calibration import WANTED_SHRINKAGE
from helpers.predictors.irls import recalibrate, weigh_samples
from helpers.predictors.log_f import weigh_prior
from helpers.predictors.resampling import measure_samples
from helpers.predictors.sample import Bools, Floats, keep_labelled, take_complete_cases

PRESPECIFIED = tuple(name for name, feature in FEATURES.items() if feature.independent_in_abstract)
"""The small model's features: those that the abstract calls independent, named before these patients were looked at."""

MODELS = {"ml": "All features, maximum likelihood", "log_f": "All features, log-F prior",
          "uniform": "All features, drawn in uniformly",
          "prespecified": "Features named beforehand, log-F prior"}  # fmt: skip
"""The models whose slope is looked at."""

NOT_JUDGED = "not to be judged"
_STEPS, _LONGEST = 60, 2.0
_TOLERANCE = 1e-6
"""Of the last step: Newton's steps are as long as the error before them, and what is left is its square."""


def derive_shrunken(
    together: pd.DataFrame, penalised: pd.DataFrame, log_f: pd.DataFrame, prespecified: pd.DataFrame, *, factor: float
) -> pd.DataFrame:
    """One row per feature of the models: `term`, `label`, the odds ratios by maximum likelihood, by Firth's likelihood,
    under the log-F prior, and in the small model, with their ends (`ml_`, `firth_`, `log_f_`, `prespecified_`:
    `estimate`, `low`, `high`), `uniform_odds`, and `n`, `prespecified_n`.

    `uniform_odds` is the odds ratio by maximum likelihood, its logarithm times `factor`: the shrinkage to expect of a
    model of so many features in so few patients (van Houwelingen and le Cessie, Stat Med 1990;9:1303; Riley et al.,
    BMJ 2020;368:m441), applied to all alike. It has no interval. A feature that is not in a model is missing there.
    """
    ends = ["estimate", "low", "high"]
    parts = {"ml": together, "firth": penalised, "log_f": log_f, "prespecified": prespecified}
    table = pd.concat([together, prespecified])[["term", "label"]].drop_duplicates("term", ignore_index=True)
    for name, part in parts.items():
        own = part[["term", "n", *ends]].rename(columns={column: f"{name}_{column}" for column in ["n", *ends]})
        table = table.merge(own, on="term", how="left")
    columns = [f"{name}_{end}" for name in parts for end in ends]
    table = table.assign(uniform_odds=table["ml_estimate"] ** factor, n=table["ml_n"])
    return table[["term", "label", *columns, "uniform_odds", "n", "prespecified_n"]]


def estimate_slopes(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], validation: pd.DataFrame, factor: float,
    samples: int, seed: int, prespecified: Sequence[str] = PRESPECIFIED,
) -> pd.DataFrame:  # fmt: skip
    """The calibration slope of each remedy, corrected for optimism: are its risks too extreme, or drawn in too far?

    One row per model of `MODELS`: `term`, `label`, `parameters`, `n`, `events`, `corrected`, `verdict` (as
    `describe_slope`). By maximum likelihood it is that of `validation` (`estimate_validation`); uniformly drawn in it
    is that over `factor`, since every logit is; with the prior the model is fitted again in the bootstrap samples
    (Harrell, Lee and Mark, Stat Med 1996;15:361). Missing where there is no model.
    """
    patients = keep_labelled(cohort, labels)
    whole, few = (take_complete_cases(patients, terms=terms) for terms in (covariates, prespecified))
    plain = float(validation.loc[validation["term"].eq("calibration_slope"), "corrected"].iloc[0])
    slopes = [measure_slope(data.x, data.y, samples=samples, seed=seed) for data in (whole, few)]
    found = {"ml": (whole, plain), "log_f": (whole, slopes[0]), "uniform": (whole, plain / factor),
             "prespecified": (few, slopes[1])}  # fmt: skip
    rows = [(name, MODELS[name], len(data.terms), data.n, data.events, slope, describe_slope(slope))
            for name, (data, slope) in found.items()]  # fmt: skip
    return pd.DataFrame(rows, columns=["term", "label", "parameters", "n", "events", "corrected", "verdict"])


def measure_slope(x: Floats, y: Bools, *, samples: int, seed: int, degrees: float = PRIOR_DEGREES) -> float:
    """The calibration slope of the model with the log-F prior, corrected for optimism; missing without a model."""
    if not (x.size and samples) or y.all() or not y.any():
        return np.nan
    measure = partial(_measure_pair, degrees=degrees)
    apparent = measure_slopes(x, y, np.arange(len(y))[None, :], degrees=degrees)
    pairs = measure_samples(measure, (x, y), n=len(y), samples=samples, seed=seed)
    optimism = np.concatenate(pairs) @ [1.0, -1.0]
    found = optimism[np.isfinite(optimism)]
    return float(apparent[0, 1] - found.mean()) if len(found) else np.nan


def _measure_pair(data: tuple[Floats, Bools], drawn: np.ndarray, *, degrees: float) -> Floats:
    return measure_slopes(*data, drawn, degrees=degrees)


def measure_slopes(x: Floats, y: Bools, drawn: np.ndarray, *, degrees: float) -> Floats:
    """Slope in the sample and on the original patients of the model with the prior, fitted in each sample (`drawn`:
    samples by patients, positions); missing where a sample holds one outcome only."""
    beta = fit_samples(x, y, weigh_samples(drawn, n=len(y)), degrees=degrees)
    logits = beta[:, :1] + beta[:, 1:] @ x.T
    own = recalibrate(np.take_along_axis(logits, drawn, axis=1), y[drawn])[:, 1]
    return np.stack([own, recalibrate(logits, np.broadcast_to(y, logits.shape))[:, 1]], axis=1)


def fit_samples(x: Floats, y: Bools, weights: Floats, *, degrees: float) -> Floats:
    """Coefficients with a log-F prior, intercept first, one row per row of `weights` (samples by patients).

    Newton's method, no step longer than two; missing where it has not come to rest, as with one outcome only.
    """
    design = np.column_stack([np.ones(len(x)), x])
    size = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(-1, size * size)
    beta, still = np.zeros((len(weights), size)), np.zeros(len(weights), dtype=bool)
    cases = weights @ y.astype(float)
    open_ = np.flatnonzero((cases > 0) & (cases < weights.sum(axis=1)))
    for _ in range(_STEPS):
        risk, share = expit(beta[open_] @ design.T), weights[open_]
        _, slope, bend = weigh_prior(beta[open_], degrees=degrees)
        curvature = ((share * risk * (1 - risk)) @ products).reshape(-1, size, size) + bend[:, :, None] * np.eye(size)
        score = (share * (y - risk)) @ design + slope
        step = np.linalg.solve(curvature, score[:, :, None])[:, :, 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        beta[open_] += step * (_LONGEST / np.maximum(longest, _LONGEST))
        rested = longest[:, 0] < _TOLERANCE
        still[open_[rested]] = True
        open_ = open_[~rested]
        if not len(open_):
            break
    return np.where(still[:, None], beta, np.nan)


def describe_slope(slope: float) -> str:
    """What a calibration slope says of the risks; within the factor that Riley et al. ask for it is near enough to one.

    >>> describe_slope(2.1), describe_slope(0.95), describe_slope(0.6)
    ('drawn in too far', 'near enough', 'too extreme')
    """
    if np.isnan(slope):
        return NOT_JUDGED
    if slope < WANTED_SHRINKAGE:
        return "too extreme"
    return "near enough" if slope <= 1 / WANTED_SHRINKAGE else "drawn in too far"
