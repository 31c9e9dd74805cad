"""How often noise misreads the label: priors of sensitivity and specificity, and what follows for counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from helpers.labelling.noise import NO, OPEN, YES, LabelNoise

Floats = NDArray[np.float64]

DRAWS = 4000
_HALF = 0.5
NOISES = {"own": "Corrected, noise of these data"}
"""The noise under which labels are corrected, and its words. (The noise stated only bounds it: DECISIONS.md.)"""


@dataclass(frozen=True)
class Accuracy:
    """How well the label reads the noise-free one: the Beta priors of sensitivity and specificity, a and b of each, and
    how far the two go together (more noise spoils both; chance spoils one at a time)."""

    sensitivity: tuple[float, float]
    specificity: tuple[float, float]
    correlation: float = 0.0

    @property
    def means(self) -> tuple[float, float]:
        """The expected sensitivity and specificity."""
        (a, b), (c, d) = self.sensitivity, self.specificity
        return a / (a + b), c / (c + d)

    def range_of(self, place: int) -> tuple[float, float]:
        """The middle ninety-five in a hundred of the prior of sensitivity (place 0) or specificity (1)."""
        low, high = betaincinv(*(self.sensitivity, self.specificity)[place], [0.025, 0.975])
        return float(low), float(high)

    def draw(self, size: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """So many draws of both, correlated in rank as the copies were.

        The draws of each are put into the order of correlated normal ones (Iman and Conover, Commun Stat Simul Comput
        1982;11:311), which leaves each prior as it is.
        """
        sensitivity, specificity = rng.beta(*self.sensitivity, size), rng.beta(*self.specificity, size)
        first, other = rng.standard_normal((2, size))
        second = self.correlation * first + np.sqrt(1 - self.correlation**2) * other
        return np.sort(sensitivity)[_rank(first)], np.sort(specificity)[_rank(second)]


def _rank(values: Floats) -> NDArray[np.int64]:
    return np.argsort(np.argsort(values))


def derive_accuracies(noise: LabelNoise) -> dict[str, Accuracy | None]:
    """The priors that the noise simulation gives under each of `NOISES`, by name.

    In each copy the label of the second measurement is held against that of the noise-free course under it; the Beta
    priors have the mean and the variance over the copies of what came out. The copies differ in how large the noise is,
    too, so that the priors hold what is not known of it. Patients whom either label leaves open are left out. None
    where no copy has both kinds of noise-free label, or no model could be fitted.
    """
    asked = noise.rule.confirmation_visits
    truth = noise.readings[asked, "true"].label
    again = noise.readings[asked, "again"].label[: len(truth)]
    right = {word: (truth == word) & (again != OPEN) for word in (YES, NO)}
    known = np.all([of.any(axis=1) for of in right.values()], axis=0)
    if not known.any() or not noise.knows("again"):
        return {"own": None}
    rates = np.array([((of & (again == word)).sum(axis=1)[known] / of.sum(axis=1)[known])
                      for word, of in right.items()])  # fmt: skip
    spread = rates.std(axis=1)
    together = float(np.corrcoef(rates)[0, 1]) if (spread > 0).all() else 0.0
    priors = [match_beta(float(one.mean()), float(one.var())) for one in rates]
    return {"own": Accuracy(priors[0], priors[1], together)}


def match_beta(mean: float, variance: float) -> tuple[float, float]:
    """The a and b of the Beta distribution with this mean and variance; a mean of 0 or 1 is moved a hair inside.

    >>> match_beta(0.8, 0.016)
    (7.2, 1.8)
    """
    inside = min(max(mean, 1e-4), 1 - 1e-4)
    spread = min(max(variance, 1e-7), 0.5 * inside * (1 - inside))
    total = inside * (1 - inside) / spread - 1
    return round(inside * total, 12), round((1 - inside) * total, 12)


def correct_share(share: Any, *, sensitivity: Any, specificity: Any) -> Floats:
    """The share of true cases behind a share of labelled ones; outside 0 to 1 where the data contradict the two rates.

    (share + specificity - 1) / (sensitivity + specificity - 1): Rogan and Gladen, Am J Epidemiol 1978;107:71; applied
    in each group of the exposed it is the matrix method. Missing where the label is no better than a coin.

    >>> correct_share([0.38, 0.05], sensitivity=0.9, specificity=0.9).round(4).tolist()
    [0.35, -0.0625]
    """
    better = np.asarray(sensitivity, dtype=float) + np.asarray(specificity, dtype=float) - 1
    top = np.asarray(share, dtype=float) + np.asarray(specificity, dtype=float) - 1
    return np.asarray(top / np.where(better > 0, better, np.nan))


def reclassify(
    cases: NDArray[np.int64], sizes: NDArray[np.int64], accuracy: Accuracy, *, rng: np.random.Generator
) -> tuple[Floats, float]:
    """True cases in each stratum, draws by strata, and the share of draws that the data allow.

    `cases` are labelled so among the `sizes` patients of each stratum. A draw of sensitivity and specificity that would
    need half a patient less than none in any stratum, or more, is refused. Patients of one stratum and label are alike,
    so that relabelling them record by record is drawing two binomials.
    """
    sensitivity, specificity = (rates[:, None] for rates in accuracy.draw(DRAWS, rng))
    share = cases / sizes
    truth = correct_share(share, sensitivity=sensitivity, specificity=specificity)
    kept = np.all((truth * sizes >= -_HALF) & ((1 - truth) * sizes >= -_HALF), axis=1)
    truth, sensitivity = np.clip(truth[kept], 0, 1), sensitivity[kept]
    found = np.divide(sensitivity * truth, share, out=np.zeros_like(truth), where=share > 0)
    missed = np.divide((1 - sensitivity) * truth, 1 - share, out=np.zeros_like(truth), where=share < 1)
    true_cases = rng.binomial(cases, np.clip(found, 0, 1)) + rng.binomial(sizes - cases, np.clip(missed, 0, 1))
    return true_cases.astype(float), float(kept.mean())
