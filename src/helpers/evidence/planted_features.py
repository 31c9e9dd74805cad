"""Features at the start, and a label that two of them bring about, with odds ratios that are planted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm

from helpers.definitions import FEATURES
from helpers.evidence.planted import Floats

ACTING = tuple(name for name, feature in FEATURES.items() if feature.independent_in_abstract)
"""The two features that the abstract calls independent: here they are, where odds ratios are planted."""

ERA = "start_year"


def list_features(cohort: pd.DataFrame) -> list[str]:
    """The features of a simulated cohort, in the order of the model: acting, acting, without effect, and so on."""
    return [str(name) for name in cohort if name not in ("patient_id", ERA)]


@dataclass(frozen=True)
class FeatureTruth:
    """What is planted in the features; `ratio` is the odds ratio of each of the two that act, given all others.

    All features are present in `share` of patients and hang together through one common cause (`loading` squared
    is the correlation behind each pair), so that features without any effect go with the label too. With
    `misses`, whether the first acting feature is on file depends on the label and the era: in the old era, in
    which it was also commoner, it was looked for mostly in patients who did badly.
    """

    ratio: float = 1.0
    share: float = 0.35
    label_share: float = 0.315
    loading: float = 0.5
    features: int = 15
    misses: bool = False
    old_share: float = 0.5
    known: tuple[float, float, float] = (0.9, 0.4, 0.95)
    """Chance of being on file: old era, difficult to treat; old era, others; new era."""
    era_shift: float = 0.5

    @property
    def names(self) -> tuple[str, ...]:
        """The features in the model, the acting ones first."""
        others = [name for name in FEATURES if name not in ACTING]
        return (*ACTING, *others)[: self.features]

    @property
    def idle(self) -> tuple[str, ...]:
        """The features without effect: all but the acting ones, and these too where their odds ratio is one."""
        return self.names if self.ratio == 1 else self.names[2:]

    @property
    def threshold(self) -> float:
        """How far the liability of a feature must reach for it to be present."""
        return float(norm.isf(self.share))


def derive_joint_shares(truth: FeatureTruth) -> Floats:
    """The probability of each combination of (first acting, second acting, one feature without effect): 2 x 2 x 2.

    Given the common cause the features are independent: an integral over one normal variable (Gauss-Hermite), and
    over the two eras.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    spread = np.sqrt(1 - truth.loading**2)
    shifts = (-truth.era_shift, truth.era_shift) if truth.misses else (0.0, 0.0)
    joint = np.zeros((2, 2, 2))
    for shift, era in zip(shifts, (1 - truth.old_share, truth.old_share), strict=True):
        first = norm.sf((truth.threshold - shift - truth.loading * nodes) / spread)
        rest = norm.sf((truth.threshold - truth.loading * nodes) / spread)
        chances = [np.stack([1 - p, p]) for p in (first, rest, rest)]
        joint += era * np.einsum("q,aq,bq,cq->abc", weights, *chances)
    return joint


def derive_intercept(truth: FeatureTruth) -> float:
    """The log odds of the label without either acting feature, so that `label_share` are labelled."""
    pairs, step = derive_joint_shares(truth).sum(axis=2), np.log(truth.ratio)
    logits = step * np.add.outer([0, 1], [0, 1])
    return float(brentq(lambda level: (pairs * expit(level + logits)).sum() - truth.label_share, -10, 10))


def derive_crude_log_ratio(truth: FeatureTruth, *, acting: bool) -> float:
    """The log odds ratio of one feature alone, exact: of the first acting one, or of one without effect.

    An odds ratio given other features is not the one without them, even without any confounding.
    """
    joint, step = derive_joint_shares(truth), np.log(truth.ratio)
    risk = expit(derive_intercept(truth) + step * np.add.outer([0, 1], [0, 1]))[:, :, None]
    kept = (1, 2) if acting else (0, 1)
    cases, everybody = (joint * risk).sum(axis=kept), joint.sum(axis=kept)
    shares = cases / everybody
    return float(np.log(shares[1] / (1 - shares[1])) - np.log(shares[0] / (1 - shares[0])))


def simulate_features(truth: FeatureTruth, *, size: int, random: np.random.Generator) -> dict[str, pd.DataFrame]:
    """A cohort with true/false features and its labels, as the estimators of odds ratios take them.

    `cohort`: one row per patient: patient_id, start_year (0 old era, 1 new) and the features, nullable where one
    can be missing. `labels`: patient_id, is_dtt.

    >>> tables = simulate_features(FeatureTruth(ratio=3.0), size=10, random=np.random.default_rng(1))
    >>> tables["cohort"].shape, tables["labels"].columns.tolist()
    ((10, 17), ['patient_id', 'is_dtt'])
    """
    names = truth.names
    cause, own = random.normal(size=(size, 1)), random.normal(size=(size, len(names)))
    is_old = random.random(size) < truth.old_share
    liability = truth.loading * cause + np.sqrt(1 - truth.loading**2) * own
    if truth.misses:
        liability[:, 0] += np.where(is_old, truth.era_shift, -truth.era_shift)
    present = liability > truth.threshold
    risk = expit(derive_intercept(truth) + np.log(truth.ratio) * present[:, :2].sum(axis=1))
    is_dtt = random.random(size) < risk
    cohort = pd.DataFrame(present, columns=list(names)).astype("boolean")
    if truth.misses:
        old_dtt, old_other, new = truth.known
        is_known = random.random(size) < np.where(is_old, np.where(is_dtt, old_dtt, old_other), new)
        cohort[names[0]] = cohort[names[0]].mask(~is_known)
    head = pd.DataFrame({"patient_id": np.arange(size)})
    cohort = pd.concat([head, cohort.assign(**{ERA: (~is_old).astype(int)})], axis=1)
    return {"cohort": cohort, "labels": head.assign(is_dtt=is_dtt)}
