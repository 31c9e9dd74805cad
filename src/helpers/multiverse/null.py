"""What the multiverse would show were there nothing to find: score statistics of patients whose values are shuffled.

One specification says little of a curve of hundreds that share their patients. Shuffling the same patients the same way
for all specifications keeps what the specifications have in common and breaks the one tie that is asked about.
Source: Simonsohn, Simmons and Nelson, Nat Hum Behav 2020;4:1208; the shuffles within blocks: Winkler et al., NeuroImage
2015;123:253. The score test needs no fit but that of the model without the exposure, so that hundreds of
shuffles cost little more than one (Rao, Proc Camb Philos Soc 1948;44:50).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from helpers.predictors.irls import fit_logits

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

_NOTHING_LEFT = 1e-9
"""An exposure of whose variance less than this share is left beside the other covariates is determined by them."""

_BALANCED = 1e-3
"""Residuals that add up to more than this, or do with a covariate, are those of a model that was not fitted."""

_ALL_DECIDED = 0.1
"""Where the variances of the risks add up to less, covariates decide everybody: two patients in full doubt have 0.5."""


class Scores(NamedTuple):
    """The score z of one specification: as observed, and one for each shuffle.

    Above zero: the exposed do worse, or are labelled more often. Both are missing where the specification has no test;
    a shuffle that happens to leave the exposed nothing to differ in counts as zero.
    """

    observed: float
    permuted: Floats


def draw_shuffles(n: int, *, blocks: NDArray, permutations: int, seed: int) -> Positions:
    """Permutations of `n` patients that never leave their block: permutations by patients.

    Row s says whose value each patient gets in shuffle s. `blocks` has one value per patient; a patient alone in a
    block keeps what is theirs. The same seed gives the same shuffles. Raises ValueError for blocks of another length.

    >>> draw_shuffles(4, blocks=np.array(["a", "b", "b", "a"]), permutations=2, seed=1).tolist()
    [[0, 2, 1, 3], [0, 1, 2, 3]]
    """
    if len(blocks) != n:
        raise ValueError(f"{len(blocks)} blocks for {n} patients: give each patient one")
    generator = np.random.default_rng(seed)
    drawn = np.empty((permutations, n), dtype=np.intp)
    for block in np.unique(blocks):
        inside = np.flatnonzero(blocks == block)
        drawn[:, inside] = generator.permuted(np.tile(inside, (permutations, 1)), axis=1)
    return drawn


def score_exposure(exposure: Floats, others: Floats, label: Floats, shuffles: Positions) -> Scores:
    """Rao's score z of an exposure in the logistic model of a label on other covariates too.

    All are by patient on file: `exposure` (0 or 1, or any number), `others` (patients by covariates, none allowed),
    `label` (1 difficult to treat, 0 not), missing where not known or not in the study; `shuffles` by `draw_shuffles`,
    within the patients whose exposure is known, so that the complete cases stay the same. z is U over the root of V:
    U the exposed's residuals of the model without the exposure, V their variance beside its covariates; its square is
    the chi-square of R's anova(test = "Rao"). The exposure's tie to the other covariates is broken along with that to
    the label. Where covariates part some patients by their label (separation), the test goes on among those whom they
    leave undecided: the limit of the likelihood. No test (missing) without two outcomes among the complete cases, for
    an exposure that the covariates determine, and where the covariates decide everybody, or are so many for so few
    labelled that the fit does not settle.

    >>> exposure, label = np.array([1.0, 1, 0, 0, 1, 0]), np.array([1.0, 1, 0, 0, 0, np.nan])
    >>> found = score_exposure(exposure, np.empty((6, 0)), label, np.array([[1, 0, 2, 3, 4, 5], [2, 3, 0, 1, 4, 5]]))
    >>> round(found.observed, 3), found.permuted.round(3).tolist()
    (1.491, [1.491, -2.236])
    """
    cases = np.flatnonzero(~np.isnan(exposure + label + others.sum(axis=1)))
    y, x = label[cases] == 1, others[cases]
    if y.all() or not y.any():
        return _have_none(shuffles)
    beta = fit_logits(x, y, np.ones((1, len(y)))).beta[0]
    risk = expit(beta[0] + x @ beta[1:])
    residual, weight = y - risk, risk * (1 - risk)
    imbalance = np.abs(residual @ np.column_stack([np.ones(len(x)), x])).max()
    if imbalance > _BALANCED * np.abs(x).max(initial=1.0) or weight.sum() < _ALL_DECIDED:
        return _have_none(shuffles)
    root = np.sqrt(weight)
    values = exposure[_put_first(shuffles)[:, cases]]
    weighted = values * root
    whole = (weighted**2).sum(axis=1)
    left = whole - ((weighted @ _find_basis(x, root)) ** 2).sum(axis=1)
    return _standardise(values @ residual, np.where(left > _NOTHING_LEFT * whole, left, 0.0))


def _find_basis(x: Floats, root: Floats) -> Floats:
    """An orthonormal basis of the constant and the covariates, weighted; covariates that others determine add none."""
    spread = x.std(axis=0)
    design = np.column_stack([np.ones(len(x)), (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)])
    left, sizes, _ = np.linalg.svd(design * root[:, None], full_matrices=False)
    return np.asarray(left[:, sizes > _NOTHING_LEFT * sizes[0]])


def score_hazard(
    months: Floats, is_event: NDArray[np.bool_], is_dtt: Floats, label_month: Floats, shuffles: Positions, *,
    landmark_months: float | None = None,
) -> Scores:  # fmt: skip
    """The score z of the label in the Cox model of an outcome: the log-rank test with its hypergeometric variance.

    All are by patient on file: `months` to the outcome or the end of follow-up (missing: not in the study) and whether
    it `is_event`; the label `is_dtt` (1, 0, missing where it cannot be told) and the `label_month` it was true from.
    A shuffle gives each outcome the label, with its month, of another patient. Without a landmark patients are exposed
    from the day after their label, as in `helpers.survival.risk_sets`: an outcome on the day of the label belongs to
    the unexposed, and a label on or before time zero exposes from the start. With one, those still followed after it
    are compared by the label known by then. Who cannot be told takes no part.

    For groups that do not change its square is the chi-square of R's survdiff; otherwise that of the score test of
    coxph(ties = "exact"), which has the same variance; that of Efron's or Breslow's approximation differs at ties.
    Source: Mantel, Cancer Chemother Rep 1966;50:163; Cox, J R Stat Soc B 1972;34:187. No test (missing) without an
    event while both groups are at risk.

    >>> months, events, labels = np.array([1.0, 2, 3, 4]), np.array([True, True, True, False]), np.array([1.0, 0, 1, 0])
    >>> found = score_hazard(months, events, labels, np.zeros(4), np.array([[0, 1, 2, 3], [1, 0, 3, 2]]))
    >>> round(found.observed, 3), found.permuted.round(3).tolist()
    (0.784, [0.784, -0.784])
    """
    begin = 0.0 if landmark_months is None else landmark_months
    followed = np.flatnonzero(months > begin)
    ends, event = months[followed], is_event[followed]
    times = np.unique(ends[event])
    if not len(times):
        return _have_none(shuffles)
    until = np.searchsorted(times, ends, side="right")
    entry = _find_entries(is_dtt, label_month, times, landmark_months=landmark_months)
    rows = _put_first(shuffles)[:, followed]
    entered, known = entry[rows], ~np.isnan(is_dtt)[rows]
    exposed = entered < until
    is_risked = until[:, None] > np.arange(len(times))
    is_end = event[:, None] & (until[:, None] == np.arange(len(times)) + 1)
    at_risk, deaths = _count(known, is_risked), _count(known, is_end)
    at_risk_dtt = _accumulate(entered, exposed, len(times)) - exposed.sum(axis=1)[:, None] + _count(exposed, is_risked)
    share = at_risk_dtt / np.maximum(at_risk, 1.0)
    variance = deaths * share * (1 - share) * (at_risk - deaths) / np.maximum(at_risk - 1, 1.0)
    return _standardise((exposed & event).sum(axis=1) - (deaths * share).sum(axis=1), variance.sum(axis=1))


def _find_entries(
    is_dtt: Floats, label_month: Floats, times: Floats, *, landmark_months: float | None
) -> NDArray[np.intp]:
    """The position of the first event time at which a label exposes; past the last for one that never does."""
    first = np.searchsorted(times, np.maximum(label_month, 0.0), side="right")
    if landmark_months is not None:
        first = np.where(label_month <= landmark_months, 0, len(times))
    return np.where(is_dtt == 1, first, len(times))


def _count(patients: NDArray[np.bool_], at: NDArray[np.bool_]) -> Floats:
    """How many of each shuffle's patients (shuffles by patients) there are at each time (patients by times)."""
    return (patients.astype(np.float32) @ at.astype(np.float32)).astype(float)


def _accumulate(entered: NDArray[np.intp], exposed: NDArray[np.bool_], size: int) -> Floats:
    """How many have been exposed by each time, whether still followed or not: shuffles by times."""
    cells = (entered + size * np.arange(len(entered))[:, None])[exposed]
    return np.bincount(cells, minlength=size * len(entered)).reshape(-1, size).cumsum(axis=1).astype(float)


def _put_first(shuffles: Positions) -> Positions:
    """The patients as they are, before the shuffles."""
    return np.vstack([np.arange(shuffles.shape[1]), shuffles])


def _standardise(score: Floats, variance: Floats) -> Scores:
    z = np.divide(score, np.sqrt(variance), out=np.zeros_like(score), where=variance > 0)
    return Scores(float(z[0]), z[1:]) if variance[0] > 0 else _have_none(np.empty((len(z) - 1, 0)))


def _have_none(shuffles: NDArray) -> Scores:
    return Scores(np.nan, np.full(len(shuffles), np.nan))
