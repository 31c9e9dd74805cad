"""Two groups compared: the log-rank test and the Cox model, on risk periods (who was at risk, from when to when)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines.statistics import multivariate_logrank_test
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.incidence import CENSORED
from helpers.survival.curves import keep_observed
from helpers.survival.newton import find_peak
from helpers.survival.partial_likelihood import derive_risk_sets, differentiate

Floats = NDArray[np.float64]


def compare_survival(outcomes: pd.DataFrame, *, outcome: str, by: str = "group") -> pd.DataFrame:
    """The log-rank test of equal hazards: one row with chi2, df, p, n, events and note.

    Unweighted, all groups against all (df: groups minus one), the hypergeometric variance at ties, as R's
    survdiff (by lifelines). Where there is nothing to compare (one group only, no event, no event while two
    groups were under observation) p is missing and the note says why.

    >>> table = pd.DataFrame({"group": ["dtt", "dtt", "other"], "death_months": [1.0, 2.0, 3.0],
    ...                       "death_status": "censored"})
    >>> compare_survival(table, outcome="death")[["p", "note"]].values.tolist()
    [[nan, 'no event']]
    """
    rows = keep_observed(outcomes, outcome=outcome, by=by)
    is_event = rows["status"].ne(CENSORED)
    groups = rows["group"].nunique()
    note = "only one group" if groups < 2 else "" if is_event.any() else "no event"
    if not note and rows.loc[is_event, "months"].min() > rows.groupby("group")["months"].max().nlargest(2).iloc[-1]:
        note = "no event while two groups were at risk"
    statistic, p = np.nan, np.nan
    if not note:
        found = multivariate_logrank_test(rows["months"], rows["group"], is_event)
        statistic, p = found.test_statistic, found.p_value
    return pd.DataFrame({"chi2": [float(statistic)], "df": [max(groups - 1, 0)], "p": [float(p)], "n": [len(rows)],
                         "events": [int(is_event.sum())], "note": [note]})  # fmt: skip


@dataclass(frozen=True)
class CoxFit:
    """A fitted Cox model: log hazard ratios and their covariance in the order of `names`, or why there is none."""

    names: tuple[str, ...]
    log_ratios: Floats
    covariance: Floats
    note: str = ""


def fit_cox(periods: pd.DataFrame, *, covariates: Sequence[str], strata: str | None = None) -> CoxFit:
    """The Cox model of risk periods, ties by Efron's method.

    One row per period at risk: start, stop (months, start before stop), is_event, and the covariates as
    numbers. A patient may have several periods one after the other; at risk means after `start` up to and
    with `stop`. With `strata` (a column, known in every row) each of its values has a baseline hazard of its own, and
    only patients of one stratum are compared.

    Newton steps on the partial likelihood, each halved until it does not lead down: equal to R's coxph to 1e-6 and
    better, in small cohorts too, where a whole step may overshoot. No warning leaves here: a model that has no finite
    answer (no event, nobody to compare with, no event on one side, no peak) comes back missing, with a note.
    """
    names = tuple(covariates)
    note = _why_not(periods, covariates=names)
    if note:
        return refuse_fit(names, note)
    sets = derive_risk_sets(periods, covariates=names, strata=strata)
    ratios, covariance, note = find_peak(lambda at: differentiate(sets, at), size=len(names))
    return CoxFit(names, ratios, covariance, note)


def refuse_fit(names: tuple[str, ...], note: str) -> CoxFit:
    """A model without an answer: every number missing, and why."""
    return CoxFit(names, np.full(len(names), np.nan), np.full((len(names), len(names)), np.nan), note)


def _why_not(periods: pd.DataFrame, *, covariates: tuple[str, ...]) -> str:
    """Why no model can be fitted to these periods, or ""."""
    is_event = periods["is_event"].to_numpy(dtype=bool)
    if not is_event.any():
        return "no event"
    values = [np.asarray(periods[name].astype(float), dtype=np.float64) for name in covariates]
    if not all(_varies(column) for column in values):
        return "nobody to compare with"
    is_two_sided = (np.isin(column, (0.0, 1.0)).all() for column in values)
    if any(flag and not _varies(column[is_event]) for flag, column in zip(is_two_sided, values, strict=True)):
        return "no event on one side"
    return ""


def _varies(values: Floats) -> bool:
    """Whether more than one value is known."""
    known = values[~np.isnan(values)]
    return bool(len(known)) and bool(known.min() < known.max())


def estimate_cox(
    periods: pd.DataFrame, *, covariates: Sequence[str] = ("is_dtt",), strata: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Hazard ratios of a Cox model: one row per covariate: term, estimate, low, high, p, n, events, note.

    `n` counts patients (column patient_id), `events` events. Wald interval and p value on the log scale, ties
    by Efron's method, `strata` as in `fit_cox`. Source: Therneau and Grambsch, Modeling Survival Data, Springer 2000.

    >>> periods = pd.DataFrame({"patient_id": list("ABCD"), "start": 0.0, "stop": [1.0, 2.0, 3.0, 4.0],
    ...                         "is_event": [True, True, True, False], "is_dtt": [1, 0, 1, 0]})
    >>> estimate_cox(periods).estimate.round(4).tolist()  # (1 + 17 ** 0.5) / 2, by hand
    [2.5616]
    """
    fit = fit_cox(periods, covariates=covariates, strata=strata)
    errors = np.sqrt(np.diag(fit.covariance))
    width = norm.ppf((1 + level) / 2) * errors
    return pd.DataFrame({
        "term": list(fit.names), "estimate": np.exp(fit.log_ratios), "low": np.exp(fit.log_ratios - width),
        "high": np.exp(fit.log_ratios + width), "p": 2 * norm.sf(np.abs(fit.log_ratios) / errors),
        "n": periods["patient_id"].nunique(), "events": int(periods["is_event"].sum()), "note": fit.note,
    })  # fmt: skip
