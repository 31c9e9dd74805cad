"""The published way of choosing predictors, as one function of many samples: screen, fit together, keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.predictors.irls import BatchFit, fit_logits
from helpers.predictors.models import NEAR_SEPARATION_ERROR
from helpers.predictors.sample import Bools, Floats

_LIMIT = float(stats.norm.isf(SIGNIFICANT_BELOW / 2))


@dataclass(frozen=True)
class Candidates:
    """Patients by true/false features: `x` (zero where unknown), `known`, and `y` (difficult to treat)."""

    x: Floats
    known: Bools
    y: Bools


@dataclass(frozen=True)
class Choices:
    """What the recipe did in each sample: the features that passed the screen, those it ended with, the logits of
    all patients by its last model, and whether it had an answer at all. Samples by features, samples by patients,
    samples."""

    screened: Bools
    chosen: Bools
    logits: Floats
    answered: Bools


def choose_features(data: Candidates, weights: Floats) -> Choices:
    """The recipe in each sample: every feature alone; those with p below 0.05 together; those with p below 0.05 stay.

    `weights` is samples by patients. Each step uses the patients in whom its own features are known, as the tables of
    this chapter do. A feature without an estimate alone (an empty cell, near separation) does not pass. Where the
    multivariable model has no fit, the recipe has no answer and has chosen nothing. The last model holds the chosen
    features alone; a patient who lacks one of them has no logit.
    """
    screened = screen_features(data, weights)
    together = _fit(data, weights, inside=screened)
    slopes, errors = together.beta[:, 1:], together.error[:, 1:]
    clear = screened & (errors <= NEAR_SEPARATION_ERROR) & (np.abs(slopes) > _LIMIT * errors)
    chosen = clear & together.converged[:, None]
    last = _fit(data, weights, inside=chosen)
    logits = last.beta[:, :1] + last.beta[:, 1:] @ data.x.T
    answered = together.converged & last.converged
    usable = answered[:, None] & ~_lacks_any(data, chosen)
    return Choices(screened, chosen, np.where(usable, logits, np.nan),
                   answered)  # fmt: skip


def screen_features(data: Candidates, weights: Floats) -> Bools:
    """Which features have p below 0.05 alone in each sample: Wald's test, which for a two-by-two table is the log odds
    ratio over Woolf's standard error (Woolf, Ann Hum Genet 1955;19:251), the same as maximum likelihood gives.

    >>> data = Candidates(np.array([[1.0]] * 10 + [[0.0]] * 10), np.full((20, 1), True),
    ...                   np.array([True] * 8 + [False] * 2 + [True] * 2 + [False] * 8))
    >>> screen_features(data, np.stack([np.ones(20), np.arange(20) % 2])).tolist()
    [[True], [False]]
    """
    cells = [_count(data, weights, has=has, event=event) for has in (True, False) for event in (True, False)]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_odds = np.log(cells[0]) - np.log(cells[1]) - np.log(cells[2]) + np.log(cells[3])
        error = np.sqrt(sum(1 / cell for cell in cells))
        passes = (np.abs(log_odds) > _LIMIT * error) & (error <= NEAR_SEPARATION_ERROR)
    return np.asarray(passes)


def _count(data: Candidates, weights: Floats, *, has: bool, event: bool) -> Floats:
    inside = data.known & ((data.x > 0) == has) & (data.y == event)[:, None]
    return np.asarray(weights @ inside.astype(float))


def _lacks_any(data: Candidates, inside: Bools) -> Bools:
    """Samples by patients: whether a feature of the sample's model is unknown in the patient."""
    return np.asarray(inside.astype(float) @ (~data.known).T.astype(float) > 0)


def _fit(data: Candidates, weights: Floats, *, inside: Bools) -> BatchFit:
    return fit_logits(data.x, data.y, np.where(_lacks_any(data, inside), 0.0, weights), inside=inside)
