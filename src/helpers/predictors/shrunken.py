"""The odds ratios of one model under three amounts of caution, and how far the most cautious goes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.predictors.irls import fit_logits, recalibrate, weigh_samples
from helpers.predictors.sample import Floats, keep_labelled, take_complete_cases


def derive_shrunken(
    together: pd.DataFrame, penalised: pd.DataFrame, ridge: pd.DataFrame, *, shrinkage: float
) -> pd.DataFrame:
    """One row per feature of the model: `term`, `label`, the odds ratios by maximum likelihood, by Firth's likelihood
    and by ridge with their ends (`ml_`, `firth_`, `ridge_`: `estimate`, `low`, `high`), `uniform_odds` and `n`.

    `uniform_odds` is the odds ratio by maximum likelihood, its logarithm times `shrinkage` (between none and all of
    it): the factor by which the model's predictions are expected to need drawing in (van Houwelingen and le Cessie,
    Stat Med 1990;9:1303), applied to all alike. It has no interval. Missing where there is nothing to draw in.
    """
    ends = ["estimate", "low", "high"]
    table = together[["term", "label", "n", *ends]].rename(columns={name: f"ml_{name}" for name in ends})
    for name, part in (("firth", penalised), ("ridge", ridge)):
        table = table.merge(part[["term", *ends]].rename(columns={end: f"{name}_{end}" for end in ends}), on="term")
    factor = float(np.clip(shrinkage, 0.0, 1.0))
    columns = [f"{name}_{end}" for name in ("ml", "firth", "ridge") for end in ends]
    table = table.assign(uniform_odds=table["ml_estimate"] ** factor if np.isfinite(factor) else np.nan)
    return table[["term", "label", *columns, "uniform_odds", "n"]]


def measure_ridge_slope(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], penalty: float, samples: int, seed: int
) -> float:
    """The calibration slope of the ridge model, corrected for optimism by the bootstrap; missing without a penalty.

    Below one its risks are too extreme still, above one they are drawn in further than they need be.
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    if not (data.terms and penalty > 0 and samples):
        return np.nan
    amounts = penalty * np.var(data.x, axis=0, ddof=1)
    drawn = np.random.default_rng(seed).integers(0, data.n, size=(samples, data.n))
    apparent = _slopes(data.x, data.y, np.arange(data.n)[None, :], amounts)
    optimism = _slopes(data.x, data.y, drawn, amounts) @ [1.0, -1.0]
    found = optimism[np.isfinite(optimism)]
    return float(apparent[0, 1] - found.mean()) if len(found) else np.nan


def describe_slope(slope: float) -> str:
    """What a calibration slope says of the risks, in words for a sentence.

    >>> describe_slope(2.1), describe_slope(0.6), describe_slope(float("nan"))
    ('drawn in further than need be', 'not drawn in far enough', 'not to be judged')
    """
    if np.isnan(slope):
        return "not to be judged"
    return "drawn in further than need be" if slope > 1 else "not drawn in far enough"


def _slopes(x: Floats, y: np.ndarray, drawn: np.ndarray, amounts: Floats) -> Floats:
    """Slope in the sample and on the original patients of the ridge model fitted in each sample."""
    fit = fit_logits(x, y, weigh_samples(drawn, n=len(y)), penalty=amounts)
    logits = fit.beta[:, :1] + fit.beta[:, 1:] @ x.T
    own = recalibrate(np.take_along_axis(logits, drawn, axis=1), y[drawn])[:, 1]
    return np.stack([own, recalibrate(logits, np.broadcast_to(y, logits.shape))[:, 1]], axis=1)
