"""How much of the spread between specifications each decision carries."""

from __future__ import annotations

from math import factorial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.multiverse.results import Multiverse
from helpers.multiverse.summaries import QUANTITIES, list_reaching, list_specifications

Floats = NDArray[np.float64]

TOGETHER = "together"
TOGETHER_LABEL = "Only together with others"
_DETERMINED = 1e-9
"""A direction with less than this part of the spread of the design is determined by others and adds nothing."""


def share_variance(results: Multiverse, quantity: str) -> pd.DataFrame:
    """The share of the variance between the specifications of a quantity that each decision carries.

    One row per decision that reaches the quantity, the largest share first, and a last row, "together": decision,
    label, share, alone, last, n (specifications with an estimate), missing_n (without, left out). Odds and hazard
    ratios are taken by their logarithm, the share of patients as it is.

    Each decision is a factor in a linear model of the estimates; R squared is shared out by averaging what a decision
    adds over all orders in which the decisions could come, for the constraints make decisions overlap, and in one order
    alone the first would take what two have in common. `alone` is what it explains by itself, `last` what
    it adds to all the others. "together" is what main effects leave: decisions that matter only in the company of
    others. Source: Lindeman, Merenda and Gold, Introduction to Bivariate and Multivariate Analysis, Scott Foresman 1980
    (LMG); Grömping, Am Stat 2007;61:139. Shares are of the grid as it is: options of another choosing would give
    others. All missing where the estimates do not differ.
    """
    table = list_specifications(results, quantity)
    values = table["estimate"].to_numpy(float)
    known = np.isfinite(values) & ((values > 0) | (not QUANTITIES[quantity].is_ratio))
    values = np.log(values[known]) if QUANTITIES[quantity].is_ratio else values[known]
    labels = {decision.name: decision.label for decision in list_reaching(results.grid, quantity)
              if len(decision.options) > 1}  # fmt: skip
    shares = share_out_variance(values, table.loc[known, list(labels)])
    shares = shares.sort_values("share", ascending=False, kind="stable")
    rest = pd.DataFrame({"term": [TOGETHER], "share": [1 - shares["share"].sum(skipna=False)],
                         "alone": [np.nan], "last": [np.nan]})  # fmt: skip
    found = pd.concat([shares, rest], ignore_index=True).rename(columns={"term": "decision"})
    found.insert(1, "label", found["decision"].map({**labels, TOGETHER: TOGETHER_LABEL}))
    return found.assign(n=int(known.sum()), missing_n=int((~known).sum()))


def share_out_variance(values: Floats, choices: pd.DataFrame) -> pd.DataFrame:
    """R squared of a linear model on factors, shared out over all orders of them.

    One row per column of `choices` (factors, one row per value): term, share, alone, last. From the Gram matrix of the
    dummies, each of the sets of factors solved once; the time doubles with each factor, and eleven take a second.

    >>> both = pd.DataFrame({"rule": list("aabb"), "month": [6, 12, 6, 12]})
    >>> share_out_variance(np.array([1.0, 2.0, 3.0, 4.0]), both).round(2).values.tolist()
    [['rule', 0.8, 0.8, 0.8], ['month', 0.2, 0.2, 0.2]]
    """
    size = choices.shape[1]
    explained = _explain(values, choices)
    sets = np.arange(2**size)
    count = ((sets[:, None] >> np.arange(size)) & 1).sum(axis=1)
    weights = np.array([factorial(n) * factorial(size - n - 1) / factorial(size) for n in range(size)])
    rows = []
    for place, term in enumerate(choices):
        without = sets[(sets >> place) & 1 == 0]
        gains = explained[without | 1 << place] - explained[without]
        rows.append((term, float(weights[count[without]] @ gains), float(gains[0]), float(gains[-1])))
    return pd.DataFrame(rows, columns=["term", "share", "alone", "last"])


def _explain(values: Floats, choices: pd.DataFrame) -> Floats:
    """R squared of every set of the factors, by the bits of its number; missing where no values differ."""
    if not len(values):
        return np.full(2 ** choices.shape[1], np.nan)
    parts = [pd.get_dummies(choices[term], dtype=float).to_numpy() for term in choices]
    owner = np.repeat(np.arange(len(parts)), [part.shape[1] for part in parts])
    design = np.column_stack([*parts, values])
    design = design - design.mean(axis=0)
    gram = design.T @ design
    whole = gram[-1, -1]
    explained = np.zeros(2 ** len(parts))
    for number in range(1, len(explained)):
        inside = np.flatnonzero(number >> owner & 1)
        inverse = np.linalg.pinv(gram[np.ix_(inside, inside)], rcond=_DETERMINED, hermitian=True)
        explained[number] = gram[inside, -1] @ inverse @ gram[inside, -1]
    return explained / whole if whole > _DETERMINED**2 * max(len(values), 1) else np.full(len(explained), np.nan)
