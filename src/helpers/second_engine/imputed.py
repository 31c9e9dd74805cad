"""Pooled odds ratios a second time: every completed set fitted by statsmodels, pooled by Rubin's rules as written."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy.stats import t

from helpers.definitions import FEATURES
from helpers.imputation import Completed
from helpers.second_engine.check import Check, Engines, check_parts
from helpers.second_engine.logistic import Bools, cross_product, fit_weighted, keep_independent

POOLED = Engines("all sets at once (numpy), pool_rubin", "set by set (statsmodels GLM), Rubin's rules as written", 1e-6,
                 "both iterate until the likelihood stands still")  # fmt: skip
POOLED_CELLS = Engines("all sets at once (numpy), pool_rubin", "set by set, the four cells; Rubin's rules as written",
                       1e-6, "one side iterates, the other is a closed formula")  # fmt: skip


class Imputed(Protocol):
    """Completed data sets with who is difficult to treat, as chapter 3 keeps them."""

    @property
    def completed(self) -> Completed:
        """The completed data sets."""

    @property
    def is_dtt(self) -> Bools:
        """Who is difficult to treat."""


def check_imputed(imputed: Imputed, *, covariates: Sequence[str], widest_error: float) -> list[Check]:
    """The checks of the odds ratios over completed data sets: each feature alone, and those of the model together."""
    y, draws = imputed.is_dtt, imputed.completed
    checks = []
    for term in FEATURES:
        fits = [_fit_cells(values == 1, y, widest_error) for values in draws.take([term])[:, :, 0]
                ] if term in draws.names else []  # fmt: skip
        checks += _check_pooled(f"predictors.univariable_imputed.{term}", fits, engines=POOLED_CELLS)
    named = [term for term in covariates if term in draws.names]
    usable = bool(named) and bool(y.any()) and not y.all()
    kept = keep_independent(draws.take(named).reshape(-1, len(named))) if usable else np.array([], dtype=np.int64)
    x = draws.take([named[place] for place in kept])
    whole = [fit_weighted(one, y) for one in x] if len(kept) else []
    for term in covariates:
        place = [named[own] for own in kept].index(term) + 1 if term in [named[own] for own in kept] else None
        fits = [] if place is None else [
            None if fit is None or fit[1][place] > widest_error else (float(fit[0][place]), float(fit[1][place]))
            for fit in whole]  # fmt: skip
        checks += _check_pooled(f"predictors.multivariable_imputed.{term}", fits, engines=POOLED)
    return checks


def _fit_cells(has: Bools, y: Bools, widest_error: float) -> tuple[float, float] | None:
    """Log odds ratio and its error from the four cells; none with an empty cell or a wide error."""
    cells = cross_product(has, y, widest_error=widest_error)
    value, high = cells["value"], cells["high"]
    if value is None or high is None:
        return None
    return math.log(value), (math.log(high) - math.log(value)) / statistics.NormalDist().inv_cdf(0.975)


def _check_pooled(id: str, fits: Sequence[tuple[float, float] | None], *, engines: Engines) -> list[Check]:
    known = [fit for fit in fits if fit is not None]
    found: dict[str, float | None] = dict.fromkeys(("value", "low", "high", "p"))
    if len(known) > 1 and len(known) == len(fits):
        found = pool_as_written(known)
    ends = {part: found[part] for part in ("value", "low", "high")}
    return [*check_parts(f"{id}.or", ends, engines=engines), Check(f"{id}.p", found["p"], engines)]


def pool_as_written(fits: Sequence[tuple[float, float]]) -> dict[str, float | None]:
    """The pooled odds ratio of log odds ratios with their errors: value, low, high and p.

    Rubin's rules with Rubin's own degrees of freedom (Wiley 1987), the complete data being taken as large.

    >>> found = pool_as_written([(0.0, 1.0), (0.5, 1.0), (1.0, 1.0)])
    >>> round(math.log(found["value"]), 6), round(math.log(found["high"]), 3)
    (0.5, 2.852)
    """
    m = len(fits)
    centre = statistics.fmean(beta for beta, _ in fits)
    within = statistics.fmean(error * error for _, error in fits)
    between = statistics.variance(beta for beta, _ in fits)
    total = within + between + between / m
    share = (between + between / m) / total
    freedom = math.inf if share < 1e-12 else (m - 1) / share**2
    error = math.sqrt(total)
    width = float(t.isf(0.025, freedom)) * error
    return {"value": math.exp(centre), "low": math.exp(centre - width), "high": math.exp(centre + width),
            "p": float(2 * t.sf(abs(centre) / error, freedom))}  # fmt: skip


