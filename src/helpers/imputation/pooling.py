"""Rubin's rules: one estimate from many completed data sets, and how much of its error is for what was missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

COLUMNS = ("estimate", "error", "low", "high", "p", "df", "within", "between", "riv", "fmi", "sets")

_NOISE = 1e-12
"""A variance between the data sets of less than this share of the variance within is rounding, and counts as none."""


def pool_rubin(
    estimates: Floats, variances: Floats, *, complete_df: float = np.inf, level: float = 0.95
) -> pd.DataFrame:
    """One row per parameter, pooled over the completed data sets.

    `estimates` and `variances` (squared standard errors) are sets by parameters; `complete_df` the degrees of freedom
    that the analysis would have had with nothing missing. Columns: `estimate` (the mean), `error` (the root of the
    variance within plus (1 + 1/m) times the variance between), `low`, `high` and `p` (t distribution), `df` (Barnard
    and Rubin, Biometrika 1999;86:948, which never exceeds the complete data's), `within`, `between`, `riv` (relative
    increase in variance), `fmi` (fraction of missing information) and `sets`.

    Pool on the scale on which estimates are near normal: log odds, log hazards. A parameter that one data set could
    not give is missing: to average over the rest would leave out the data sets that say it most strongly. One data set
    alone says nothing of the variance between and is pooled as missing. As pool.scalar of R's mice, which floors the
    share of variance between at 1e-4 where this takes it as it is. Source: Rubin, Multiple Imputation, Wiley 1987.

    >>> pooled = pool_rubin(np.array([[1.0], [2.0], [3.0]]), np.full((3, 1), 1.0))
    >>> pooled[["estimate", "error", "fmi"]].round(4).values.tolist()
    [[2.0, 1.5275, 0.6654]]
    """
    sets = len(estimates)
    within, centre = variances.mean(axis=0), estimates.mean(axis=0)
    between = estimates.var(axis=0, ddof=1) if sets > 1 else np.full(estimates.shape[1], np.nan)
    between = np.where(between < _NOISE * within, 0.0, between)
    total = within + (1 + 1 / sets) * between
    with np.errstate(all="ignore"):
        share = (1 + 1 / sets) * between / total
        riv = (1 + 1 / sets) * between / within
        df = barnard_rubin(share, sets=sets, complete_df=complete_df)
        fmi = (riv + 2 / (df + 3)) / (riv + 1)
    error = np.sqrt(total)
    width = stats.t.ppf((1 + level) / 2, df) * error
    found = np.stack([centre, error, centre - width, centre + width, 2 * stats.t.sf(np.abs(centre) / error, df), df,
                      within, between, riv, np.where(between > 0, fmi, 0.0 * fmi)], axis=1)  # fmt: skip
    found[~np.isfinite(error)] = np.nan
    return pd.DataFrame(found, columns=list(COLUMNS[:-1])).assign(sets=sets)


def barnard_rubin(share: Floats, *, sets: int, complete_df: float) -> Floats:
    """Degrees of freedom of a pooled estimate, from the share of its variance that lies between the data sets.

    >>> barnard_rubin(np.array([0.5]), sets=5, complete_df=30.0).round(3).tolist()
    [7.492]
    """
    with np.errstate(all="ignore"):
        old = np.where(share > 0, (sets - 1) / share**2, np.inf)
        if np.isinf(complete_df):
            return np.asarray(old)
        seen = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
        return np.asarray(np.where(np.isinf(old), seen, 1 / (1 / old + 1 / seen)))
