"""The subdistribution hazard of Fine and Gray: the ratio that belongs to the cumulative incidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.incidence import CENSORED
from helpers.survival.curves import kaplan_meier
from helpers.survival.models import CoxFit, refuse_fit
from helpers.survival.newton import find_peak
from helpers.survival.time_varying import Basis

Floats = NDArray[np.float64]


def estimate_subdistribution(
    patients: pd.DataFrame, *, event: str, covariates: Sequence[str] = ("is_dtt",), level: float = 0.95
) -> pd.DataFrame:
    """Subdistribution hazard ratios of one event: one row per covariate: term, estimate, low, high, p, n, events, note.

    One row per patient: months, status (the word of the first event, or "censored") and the covariates as numbers,
    known at month 0. Wald interval and p value on the log scale with the variance of `fit_subdistribution`.

    A ratio above one says that more get there by any month, not that they get there faster while at risk: patients
    who died stay in the risk set, and a group that dies sooner has fewer left to lose their kidneys. Source: Fine and
    Gray, J Am Stat Assoc 1999;94:496; on what it is for, Austin, Lee and Fine, Circulation 2016;133:601.

    >>> patients = pd.DataFrame({"months": [1.0, 2.0, 3.0, 4.0], "is_dtt": [1, 0, 1, 0],
    ...                          "status": ["esrd", "esrd", "esrd", "censored"]})
    >>> estimate_subdistribution(patients, event="esrd").estimate.round(4).tolist()  # as a Cox model
    [2.5616]
    """
    fit = fit_subdistribution(patients, event=event, covariates=covariates)
    errors = np.sqrt(np.diag(fit.covariance))
    width = norm.ppf((1 + level) / 2) * errors
    return pd.DataFrame({
        "term": list(fit.names), "estimate": np.exp(fit.log_ratios), "low": np.exp(fit.log_ratios - width),
        "high": np.exp(fit.log_ratios + width), "p": 2 * norm.sf(np.abs(fit.log_ratios) / errors),
        "n": len(patients), "events": int(patients["status"].eq(event).sum()), "note": fit.note,
    })  # fmt: skip


def fit_subdistribution(
    patients: pd.DataFrame, *, event: str, covariates: Sequence[str], basis: Basis | None = None
) -> CoxFit:  # fmt: skip
    """The Fine-Gray model with censoring weights: log ratios and their sandwich covariance, or why there is none.

    A patient who had another event stays at risk after it with weight G(t-) / G(month-), G the Kaplan-Meier curve of
    censoring: as one would who might still have been censored. Tied events share one risk set (Breslow). The
    covariance is that of the paper, with the term for estimating G: R's cmprsk::crr. The robust variance of
    survival::finegray with coxph leaves that term out, and is off by a thousandth on the data sets tried.

    With a `basis` (of `helpers.survival.time_varying`) each covariate is multiplied by the columns of the basis at the
    month: a ratio that moves (cmprsk::crr with cov2 and tf); each covariate's coefficients stand together.

    G does not depend on the covariates: where the groups are followed for different times, it is the follow-up of all.
    """
    values = patients[list(covariates)].to_numpy(dtype=float)
    is_event = patients["status"].eq(event).to_numpy(dtype=bool)
    moments = np.unique(patients.loc[is_event, "months"].to_numpy(dtype=float))
    shape = np.ones((len(moments), 1)) if basis is None else basis(moments)
    names = tuple(name for name in covariates for _ in range(shape.shape[1]))
    note = _why_not(values, is_event)
    if not note:
        design = _Design.of(patients, values=values, is_event=is_event, shape=shape)
        ratios, inverse, note = find_peak(design.likelihood, size=len(names))
    if note:
        return refuse_fit(names, note)
    parts = design.influence(ratios)
    return CoxFit(names, ratios, inverse @ (parts.T @ parts) @ inverse)


def _why_not(values: Floats, is_event: NDArray[np.bool_]) -> str:
    """Why no model can be fitted, in the words of `helpers.survival.models.fit_cox`, or ""."""
    if not is_event.any():
        return "no event"
    if (np.ptp(values, axis=0) == 0).any():
        return "nobody to compare with"
    is_two_sided = np.isin(values, [0.0, 1.0]).all(axis=0)
    return "no event on one side" if (is_two_sided & (np.ptp(values[is_event], axis=0) == 0)).any() else ""


class _Design:
    """What the weighted partial likelihood needs: weights of patients (rows) at the months of events (columns).

    `x` is patients by months of events by coefficients: each covariate times the basis at the month.
    """

    def __init__(
        self, months: Floats, values: Floats, is_event: NDArray[np.bool_], is_other: NDArray[np.bool_], shape: Floats
    ) -> None:  # fmt: skip
        self.months, self.is_event, self.is_other = months, is_event, is_other
        self.moments, self.counts = np.unique(months[is_event], return_counts=True)
        self.x = (values[:, None, :, None] * shape[None, :, None, :]).reshape(len(months), len(self.moments), -1)
        self.place = np.searchsorted(self.moments, months[is_event])
        self.own = self.x[np.flatnonzero(is_event), self.place]
        self.is_censored = ~is_event & ~is_other
        steps, free, _ = kaplan_meier(months, self.is_censored)
        own, then = (free[np.maximum(np.searchsorted(steps, at, side="left") - 1, 0)] for at in (months, self.moments))
        self.is_past = months[:, None] < self.moments[None, :]
        waiting = np.where(is_other[:, None], then[None, :] / np.where(own > 0, own, 1.0)[:, None], 0.0)
        self.weights = np.where(self.is_past, waiting, 1.0)

    @classmethod
    def of(cls, patients: pd.DataFrame, *, values: Floats, is_event: NDArray[np.bool_], shape: Floats) -> _Design:
        is_other = ~is_event & patients["status"].ne(CENSORED).to_numpy(dtype=bool)
        months = patients["months"].to_numpy(dtype=float)
        return cls(months, values - values.mean(axis=0), is_event, is_other, shape)

    def _hazard(self, ratios: Floats) -> tuple[Floats, Floats, Floats]:
        """Per event month: the weighted risk set and its mean x; and what each patient is exposed to in it."""
        weights = self.weights * np.exp(self.x @ ratios)
        whole = weights.sum(0)
        means = np.einsum("nk,nkp->kp", weights, self.x) / whole[:, None]
        return whole, means, weights * (self.counts / whole)

    def likelihood(self, ratios: Floats) -> tuple[float, Floats, Floats]:
        whole, means, hazard = self._hazard(ratios)
        value = float((self.own @ ratios).sum() - self.counts @ np.log(whole))
        flat = self.x.reshape(-1, len(ratios))
        square = (flat * hazard.reshape(-1, 1)).T @ flat
        return value, self.own.sum(0) - self.counts @ means, square - (means.T * self.counts) @ means

    def influence(self, ratios: Floats) -> Floats:
        """What each patient moves the score by: directly, and through the estimated curve of censoring."""
        _, means, hazard = self._hazard(ratios)
        pull = hazard[:, :, None] * (self.x - means)
        direct = -pull.sum(1)
        direct[self.is_event] += self.own - means[self.place]
        moved: Floats = direct + self._through_censoring(pull)
        return moved

    def _through_censoring(self, pull: Floats) -> Floats:
        """The second term: a censoring at u changes the later weights of all who had another event before it (ties as
        in the paper)."""
        own = np.zeros((len(self.months), pull.shape[2]))
        ends, counts = np.unique(self.months[self.is_censored], return_counts=True)
        if not len(ends) or not self.is_other.any():
            return own
        order = np.argsort(self.months, kind="stable")
        waiting = np.where((self.is_past & self.is_other[:, None])[:, :, None], pull, 0.0)[order]
        ahead = np.cumsum(waiting[:, ::-1], axis=1)[:, ::-1]  # from each month of events on
        sums = np.pad(np.cumsum(ahead, axis=0), ((1, 0), (0, 1), (0, 0)))
        before = np.searchsorted(self.months[order], ends, side="left")
        pulls = sums[before, np.searchsorted(self.moments, ends, side="left")]
        at_risk = len(self.months) - before
        own[self.is_censored] = (pulls / at_risk[:, None])[np.searchsorted(ends, self.months[self.is_censored])]
        steps = np.cumsum(pulls * (counts / at_risk**2)[:, None], axis=0)
        running = np.vstack([np.zeros(pull.shape[2]), steps])
        through: Floats = own - running[np.searchsorted(ends, self.months, side="right")]
        return through
