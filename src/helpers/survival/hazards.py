"""Do hazards stay proportional? The exact score test, and the residuals that show where they do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2
from statsmodels.nonparametric.smoothers_lowess import lowess

from helpers.survival.curves import kaplan_meier
from helpers.survival.models import CoxFit, fit_cox
from helpers.survival.partial_likelihood import derive_risk_sets, measure_schoenfeld, sum_at_risk

Floats = NDArray[np.float64]

TOO_FEW = "too few events"

FEWEST_TO_SMOOTH = 10
"""A smooth line through fewer event months than this would draw noise."""


def compare_hazards(
    periods: pd.DataFrame, *, covariates: Sequence[str] = ("is_dtt",), strata: str | None = None
) -> pd.DataFrame:  # fmt: skip
    """The score test of proportional hazards: one row per covariate, and "global" where there are several.

    term, chi2, df, p, n, events, note; missing, with the note of the Cox fit, where that has no answer, and
    "too few events" below two distinct event months, or where no more than one of them has anybody to compare. A small
    p says that the hazard ratio changed over time; a large one does not say that it stayed. With `strata` each has a
    baseline hazard of its own; the clock is that of all.

    The test asks whether adding covariate times g(t) to the model would help, with g(t) one minus the
    Kaplan-Meier curve just before t. This is the exact score test with the information matrix at each event
    (R: cox.zph of survival 3), not the older approximation that treats that matrix as constant and that
    lifelines still computes. Source: Grambsch and Therneau, Biometrika 1994;81:515.
    """
    fit = fit_cox(periods, covariates=covariates, strata=strata)
    moments = np.unique(periods.loc[periods["is_event"], "stop"])
    note = fit.note or ("" if len(moments) > 1 else TOO_FEW)
    terms = [*fit.names, *(["global"] if len(fit.names) > 1 else [])]
    tests = [_score_test(periods, fit, term=term, strata=strata) if not note else (np.nan, np.nan) for term in terms]
    note = note or (TOO_FEW if np.isnan(tests[0][0]) else "")
    table = pd.DataFrame({"term": terms, "chi2": [test[0] for test in tests], "df": [test[1] for test in tests]})
    return table.assign(p=chi2.sf(table["chi2"], table["df"]), n=periods["patient_id"].nunique(),
                        events=int(periods["is_event"].sum()), note=note)  # fmt: skip


def _score_test(periods: pd.DataFrame, fit: CoxFit, *, term: str, strata: str | None) -> tuple[float, float]:
    event_months, residuals, covariances = _event_moments(periods, fit, strata=strata)
    clock = _survival_clock(periods, event_months)
    p = len(fit.names)
    chosen = np.arange(p) if term == "global" else np.array([fit.names.index(term)])
    score = np.concatenate([np.zeros(p), (clock[:, None] * residuals).sum(0)[chosen]])
    blocks = [np.einsum("k,kij->ij", clock**power, covariances) for power in (0, 1, 2)]
    information = np.block([
        [blocks[0], blocks[1][:, chosen]],
        [blocks[1][chosen], blocks[2][np.ix_(chosen, chosen)]],
    ])  # fmt: skip
    if np.linalg.matrix_rank(information) < len(information):
        return np.nan, np.nan
    return float(score @ np.linalg.solve(information, score)), float(len(chosen))


def _event_moments(
    periods: pd.DataFrame, fit: CoxFit, *, strata: str | None = None
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Per event, in order of stratum and time: its month, its Schoenfeld residual, the covariance of those at risk.

    Tied events are taken out one after the other in equal parts (Efron); their residuals share one mean.
    """
    sets = derive_risk_sets(periods, covariates=fit.names, strata=strata)
    sums = sum_at_risk(sets, fit.log_ratios)
    months = periods["stop"].to_numpy(dtype=float)[sets.hit]
    return months, measure_schoenfeld(sets, sums.means), sums.covariances


def _survival_clock(periods: pd.DataFrame, event_months: Floats) -> Floats:
    """One minus the Kaplan-Meier curve just before each event, about its mean: g(t) of the test."""
    steps, survival, _ = kaplan_meier(
        periods["stop"].to_numpy(dtype=float), periods["is_event"].to_numpy(dtype=bool),
        start=periods["start"].to_numpy(dtype=float))  # fmt: skip
    clock: Floats = 1 - survival[np.searchsorted(steps, event_months, side="left") - 1]
    centred: Floats = clock - clock.mean()
    return centred


def derive_schoenfeld(periods: pd.DataFrame, *, covariate: str = "is_dtt") -> pd.DataFrame:
    """The scaled Schoenfeld residuals of a one-covariate Cox model: how the log hazard ratio moved over time.

    One row per event, in order of time: month, log_hazard_ratio (the residual over the mean variance, plus
    the model's estimate; R: cox.zph(...)$y), smooth (lowess over two thirds of the points against g(t);
    missing below `FEWEST_TO_SMOOTH` event months), average (the model's estimate). Empty where the model has no answer.
    """
    columns = ["month", "log_hazard_ratio", "smooth", "average"]
    fit = fit_cox(periods, covariates=[covariate])
    if fit.note:
        return pd.DataFrame(columns=columns, dtype=float)
    months, residuals, covariances = _event_moments(periods, fit)
    average = float(fit.log_ratios[0])
    scaled = residuals[:, 0] / covariances.mean(axis=0)[0, 0] + average
    clock = _survival_clock(periods, months)
    smooth = np.full(len(scaled), np.nan)
    if len(np.unique(clock)) >= FEWEST_TO_SMOOTH:
        smooth = lowess(scaled, clock, frac=2 / 3, it=0, return_sorted=False)
    return pd.DataFrame({"month": months, "log_hazard_ratio": scaled, "smooth": smooth, "average": average})[columns]
