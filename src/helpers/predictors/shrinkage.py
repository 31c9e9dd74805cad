"""How many patients a model needs before its risks can be believed: Riley's criteria, and the shrinkage to expect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from helpers.definitions.honest_model import ASSUMED_STRENGTH
from helpers.predictors.calibration import WANTED_SHRINKAGE, measure_likelihood_ratio
from helpers.predictors.models import Z95
from helpers.predictors.sample import keep_labelled, take_complete_cases

LARGEST_OPTIMISM = 0.05
"""Of the share of variation explained (Nagelkerke's scale): Riley's second criterion."""

LARGEST_ERROR = 0.05
"""Of the overall risk, either way (third criterion), and of each patient's risk on average (van Smeden's)."""

ASSUMED_R2 = (ASSUMED_STRENGTH, 0.25, 0.35, 0.50)
"""Nagelkerke R squared assumed beforehand; the first is what Riley et al. advise where nothing is known."""

_OWN = "As this model found, shrunken"
COLUMNS = ("term", "label", "nagelkerke_r2", "shrinkage_n", "optimism_n", "risk_n", "error_n", "needed_n",
           "expected_shrinkage", "allowed_parameters", "n", "parameters")  # fmt: skip


def summarise_needed_patients(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], assumed: Sequence[float] = ASSUMED_R2
) -> pd.DataFrame:
    """How many patients the multivariable model needs by each criterion, for several strengths of the model.

    One row for what the model found in these patients (`term` own: its Cox-Snell R squared times its own expected
    shrinkage) and one per assumed Nagelkerke R squared (r2_15, r2_25, ...): `label`, `nagelkerke_r2`; patients needed
    so that predictions are too extreme by a factor of no less than 0.9 (`shrinkage_n`), the optimism in the variation
    explained stays within 0.05 (`optimism_n`), the overall risk is known to 0.05 either way (`risk_n`), and each
    patient's risk is wrong by 0.05 on average (`error_n`; its formula was fitted for up to thirty parameters and
    is missing beyond); `needed_n`, the largest; `expected_shrinkage` of a model of so many parameters in the patients
    at hand; `allowed_parameters`, for which 0.9 could be expected; `n` and `parameters` (of the model at hand).

    Riley et al., Stat Med 2019;38:1276 and BMJ 2020;368:m441; the last criterion from van Smeden et al., Stat Methods
    Med Res 2019;28:2455. Missing where a model explains nothing, where the outcome does not vary, or without patients.
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    share = data.events / data.n if data.n else np.nan
    greatest = find_greatest_r2(share)
    ratio, parameters = measure_likelihood_ratio(data), len(data.terms) or len(covariates)
    own = (1 - parameters / ratio) * (1 - np.exp(-ratio / data.n)) if ratio > parameters else np.nan
    strengths = [("own", _OWN, own / greatest)]
    strengths += [(f"r2_{round(100 * r2)}", f"Assumed: {r2:g}", r2) for r2 in assumed]
    rows = [(term, label, r2, *_list_needed(r2 * greatest, share=share, n=data.n, parameters=parameters),
             data.n, parameters) for term, label, r2 in strengths]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _list_needed(r2: float, *, share: float, n: int, parameters: int) -> tuple[float, ...]:
    if not 0 < r2 < 1:
        return (np.nan,) * 7
    own = find_optimism_shrinkage(r2, greatest=find_greatest_r2(share))
    needed = [find_needed_n(r2, parameters=parameters, shrinkage=wanted) for wanted in (WANTED_SHRINKAGE, own)]
    needed += [float(np.ceil((Z95 / LARGEST_ERROR) ** 2 * share * (1 - share))), _find_error_n(share, parameters)]
    return (*needed, float(np.nanmax(needed)), find_expected_shrinkage(r2, n=n, parameters=parameters),
            find_allowed_parameters(r2, n=n))  # fmt: skip


def find_greatest_r2(share: float) -> float:
    """The largest Cox-Snell R squared that any model can reach when this share has the outcome; missing for 0 and 1.

    >>> round(find_greatest_r2(0.5), 2)
    0.75
    """
    if not 0 < share < 1:
        return np.nan
    return float(1 - np.exp(2 * (share * np.log(share) + (1 - share) * np.log(1 - share))))


def find_needed_n(r2: float, *, parameters: int, shrinkage: float = WANTED_SHRINKAGE) -> float:
    """Patients needed to expect this shrinkage, p / ((S - 1) log(1 - R²/S)), with Cox-Snell's R squared; missing where
    so much shrinkage cannot come with so strong a model.

    >>> find_needed_n(0.288, parameters=24)
    623.0
    """
    if not r2 < shrinkage < 1:
        return np.nan
    return float(np.ceil(parameters / ((shrinkage - 1) * np.log(1 - r2 / shrinkage))))


def find_optimism_shrinkage(r2: float, *, greatest: float) -> float:
    """The shrinkage at which the variation explained is too large by 0.05 of the `greatest` possible."""
    return r2 / (r2 + LARGEST_OPTIMISM * greatest)


def find_expected_shrinkage(r2: float, *, n: int, parameters: int) -> float:
    """The shrinkage to expect in `n` patients: the S that solves Riley's first criterion; missing without patients."""
    if n <= 0 or parameters <= 0:
        return np.nan
    edge = 1e-12
    return float(brentq(lambda s: (s - 1) * np.log(1 - r2 / s) - parameters / n, r2 * (1 + edge) + edge, 1 - edge))


def find_allowed_parameters(r2: float, *, n: int, shrinkage: float = WANTED_SHRINKAGE) -> float:
    """How many parameters `n` patients can carry at this shrinkage: the first criterion the other way round."""
    return float(n * (shrinkage - 1) * np.log(1 - r2 / shrinkage)) if r2 < shrinkage else np.nan


def _find_error_n(share: float, parameters: int) -> float:
    """log(mean absolute error) = -0.508 + 0.259 log(share) + 0.504 log(parameters) - 0.544 log(n), solved for n; the
    rarer outcome's share."""
    if not 0 < parameters <= 30:
        return np.nan
    rarer = min(share, 1 - share)
    log_n = (-0.508 + 0.259 * np.log(rarer) + 0.504 * np.log(parameters) - np.log(LARGEST_ERROR)) / 0.544
    return float(np.ceil(np.exp(log_n)))


def find_beforehand(needed: pd.DataFrame) -> float:
    """The shrinkage to expect before the outcome is looked at: that of the strength assumed where nothing is known.

    It follows from the patients, the share with the outcome and the parameters. Missing where it cannot be had.

    >>> find_beforehand(pd.DataFrame({"nagelkerke_r2": [0.4, 0.15], "expected_shrinkage": [0.7, 0.5]}))
    0.5
    """
    return float(needed.loc[needed["nagelkerke_r2"].eq(ASSUMED_STRENGTH), "expected_shrinkage"].sum(min_count=1))
