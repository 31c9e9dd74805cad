"""The Cox model with one baseline hazard per stratum, and a variance that allows for patients who come back.

One patient may be in many strata, once for each start with which they are compared; the model's own variance would
count them as many patients. Source of the variance: Lin and Wei, J Am Stat Assoc 1989;84:1074.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.survival.models import CoxFit, refuse_fit
from helpers.survival.newton import find_peak
from helpers.survival.partial_likelihood import derive_risk_sets, differentiate, measure_score_residuals


def fit_stratified_cox(
    periods: pd.DataFrame, *, covariates: Sequence[str], stratum: str, cluster: str
) -> CoxFit:  # fmt: skip
    """The Cox model with a baseline hazard per `stratum`, ties by Efron's method, robust variance by `cluster`.

    One row per period at risk: start, stop (start before stop; at risk after the first, up to and with the
    second), is_event, the covariates as numbers, and the columns that name the stratum and the cluster. The
    covariance is the sandwich of the score residuals summed by cluster, without a correction for few clusters
    (R: coxph(Surv(start, stop, event) ~ x + strata(s), cluster = id)). Missing, with a note, where there is no event,
    nobody to compare with in a stratum with an event, or no finite estimate.
    """
    names = tuple(covariates)
    if not periods["is_event"].any():
        return refuse_fit(names, "no event")
    sets = derive_risk_sets(periods, covariates=names, strata=stratum)
    if np.linalg.matrix_rank(differentiate(sets, np.zeros(len(names)))[2]) < len(names):
        return refuse_fit(names, "nobody to compare with")
    ratios, inverse, note = find_peak(lambda at: differentiate(sets, at), size=len(names))
    if note:
        return refuse_fit(names, note)
    codes, _ = pd.factorize(periods[cluster])
    scores = np.zeros((codes.max() + 1, len(names)))
    np.add.at(scores, codes, measure_score_residuals(sets, ratios))
    return CoxFit(names, ratios, inverse @ (scores.T @ scores) @ inverse)


def estimate_stratified_cox(
    periods: pd.DataFrame, *, covariates: Sequence[str] = ("is_exposed",), stratum: str, cluster: str = "patient_id",
    level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Hazard ratios of `fit_stratified_cox`: one row per covariate: term, estimate, low, high, p, n, events, note.

    `n` counts clusters, `events` clusters with an event: a patient compared many times is one patient. Wald interval
    and p value on the log scale, from the robust variance.

    One stratum gives the ratio of `estimate_cox`:

    >>> periods = pd.DataFrame({"patient_id": list("ABCD"), "start": 0.0, "stop": [1.0, 2.0, 3.0, 4.0], "s": "one",
    ...                         "is_event": [True, True, True, False], "is_exposed": [1, 0, 1, 0]})
    >>> estimate_stratified_cox(periods, stratum="s").estimate.round(4).tolist()
    [2.5616]
    """
    fit = fit_stratified_cox(periods, covariates=covariates, stratum=stratum, cluster=cluster)
    errors = np.sqrt(np.diag(fit.covariance))
    errors = np.where(errors > 0, errors, np.nan)
    width = norm.ppf((1 + level) / 2) * errors
    return pd.DataFrame({
        "term": list(fit.names), "estimate": np.exp(fit.log_ratios), "low": np.exp(fit.log_ratios - width),
        "high": np.exp(fit.log_ratios + width), "p": 2 * norm.sf(np.abs(fit.log_ratios) / errors),
        "n": periods[cluster].nunique(), "events": periods.loc[periods["is_event"], cluster].nunique(),
        "note": fit.note,
    })  # fmt: skip
