"""All specifications at once: does the whole curve say more than the same patients, shuffled, would?"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.multiverse.results import Multiverse
from helpers.multiverse.shuffles import BEYOND_BELOW
from helpers.multiverse.summaries import BAND, QUANTITIES, Z95, take_scores

Floats = NDArray[np.float64]

STATISTICS = MappingProxyType({
    "median_z": "Median z", "share_clear": "Share of z above 1.96", "mean_z": "Mean z",
})  # fmt: skip
"""What is asked of a whole curve: the first is the one that the text of the page reads out."""

BEYOND, WITHIN, NOT_TESTED = "beyond", "within", "not to be compared with"
"""Where the observed statistic lies against what shuffled patients show."""

_SAME = 1e-6
"""Scores are kept in single precision: a shuffle this close to what was observed is as large."""


def compare_jointly(results: Multiverse) -> pd.DataFrame:
    """The joint test of each specification curve against the same patients with their values shuffled.

    One row per quantity that has a null and statistic: quantity, statistic, label, observed, low, high (between which
    95 % of the shuffles lie), p, specifications_n, missing_n (without a test), permutations, verdict. The statistics,
    over all specifications: the median score z; the share with z above 1.96, the side that the abstract prints (higher
    for all three); the mean z. p is one-sided, (1 + shuffles at least as large) / (1 +
    shuffles), never zero (Phipson and Smyth, Stat Appl Genet Mol Biol 2010;9:39). The verdict: "beyond" what shuffled
    patients show where p is below 0.025, else "within".

    Estimators share a test, for the score needs no estimate. What the null is, and what it is not, is said in
    `helpers.multiverse.limits`. Source: Simonsohn, Simmons and Nelson, Nat Hum Behav 2020;4:1208.
    """
    rows = [row for name in QUANTITIES if results.null["quantity"].eq(name).any() for row in _compare(results, name)]
    return pd.DataFrame(rows, columns=["quantity", "statistic", "label", "observed", "low", "high", "p",
                                       "specifications_n", "missing_n", "permutations", "verdict"])  # fmt: skip


def _compare(results: Multiverse, quantity: str) -> list[dict[str, object]]:
    observed, permuted = take_scores(results, quantity)
    known = np.isfinite(observed)
    common = {"quantity": quantity, "specifications_n": int(known.sum()), "missing_n": int((~known).sum()),
              "permutations": permuted.shape[1]}  # fmt: skip
    found, drawn = summarise_scores(observed[known, None]), summarise_scores(permuted[known])
    return [{**common, "statistic": name, "label": label, **_judge(found[name][0], drawn[name])}
            for name, label in STATISTICS.items()]  # fmt: skip


def summarise_scores(scores: Floats) -> dict[str, Floats]:
    """The statistics of each curve, by name: `scores` is specifications by curves; missing without specifications.

    >>> {name: found.round(2).tolist() for name, found in summarise_scores(np.array([[1.0], [2.0], [6.0]])).items()}
    {'median_z': [2.0], 'share_clear': [0.67], 'mean_z': [3.0]}
    """
    if not len(scores):
        return dict.fromkeys(STATISTICS, np.full(scores.shape[1], np.nan))
    return {"median_z": np.median(scores, axis=0), "share_clear": (scores > Z95).mean(axis=0),
            "mean_z": scores.mean(axis=0)}  # fmt: skip


def _judge(observed: float, drawn: Floats) -> dict[str, object]:
    if np.isnan(observed) or not len(drawn):
        return {"observed": observed, "low": np.nan, "high": np.nan, "p": np.nan, "verdict": NOT_TESTED}
    low, high = np.percentile(drawn, BAND)
    p = (1 + int((drawn >= observed - _SAME).sum())) / (1 + len(drawn))
    return {"observed": observed, "low": low, "high": high, "p": p,
            "verdict": BEYOND if p < BEYOND_BELOW else WITHIN}  # fmt: skip
