"""How often noise misreads the label: priors of sensitivity and specificity, and what follows for counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.labelling.noise import NO, OPEN, YES, LabelNoise

Floats = NDArray[np.float64]

DRAWS = 4000
_HALF = 0.5
NOISES = {"stated": "Corrected, noise as stated", "own": "Corrected, noise of these data"}
"""The two noises under which labels are corrected, and their words."""


@dataclass(frozen=True)
class Accuracy:
    """How well the label reads the noise-free one: the Beta priors of sensitivity and specificity, a and b of each."""

    sensitivity: tuple[float, float]
    specificity: tuple[float, float]

    @property
    def means(self) -> tuple[float, float]:
        """The expected sensitivity and specificity."""
        (a, b), (c, d) = self.sensitivity, self.specificity
        return a / (a + b), c / (c + d)

    def draw(self, size: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """So many draws of both, independent of one another."""
        return rng.beta(*self.sensitivity, size), rng.beta(*self.specificity, size)


def derive_accuracies(noise: LabelNoise) -> dict[str, Accuracy | None]:
    """The priors that the noise simulation gives under each of `NOISES`, by name.

    In each copy the label of the second measurement is held against that of the noise-free course under it; the Beta
    priors have the mean and the variance over the copies of what came out. Patients whom either label leaves open are
    left out. None where no copy has both kinds of noise-free label.
    """
    return {"stated": _derive_accuracy(noise, reading=""), "own": _derive_accuracy(noise, reading=" own")}


def _derive_accuracy(noise: LabelNoise, *, reading: str) -> Accuracy | None:
    asked = noise.rule.confirmation_visits
    truth = noise.readings[asked, f"true{reading}"].label
    again = noise.readings[asked, f"again{reading}"].label[: len(truth)]
    priors = []
    for word in (YES, NO):
        of = (truth == word) & (again != OPEN)
        known = of.any(axis=1)
        if not known.any():
            return None
        rates = (of & (again == word)).sum(axis=1)[known] / of.sum(axis=1)[known]
        priors.append(match_beta(float(rates.mean()), float(rates.var())))
    return Accuracy(*priors)


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
