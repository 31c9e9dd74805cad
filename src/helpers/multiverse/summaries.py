"""The four numbers of a multiverse, and the specifications that give each, in the order of a curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.multiverse.grid import Decision, Grid
from helpers.multiverse.results import Multiverse
from helpers.published.claims import list_claims, read_claims

Floats = NDArray[np.float64]

Z95 = float(norm.ppf(0.975))
NO_DIFFERENCE = 1.0
BAND = (2.5, 97.5)
"""The percentiles between which 95 % of the shuffles lie."""


@dataclass(frozen=True)
class Quantity:
    """A number that every universe has: its name, words for it, whether it is a ratio (looked at by its logarithm,
    with no difference at one), and which decisions of the analysis reach it besides those of the definition."""

    name: str
    label: str
    is_ratio: bool
    analysis: tuple[str, ...] = ()


QUANTITIES = MappingProxyType({quantity.name: quantity for quantity in (
    Quantity("share", "Difficult to treat, share of the study", False),
    Quantity("any_apl", "Any antiphospholipid antibody, odds ratio", True, ("covariates", "estimator")),
    Quantity("active_sediment", "Active urinary sediment, odds ratio", True, ("covariates", "estimator")),
    Quantity("hazard", "Composite outcome, hazard ratio of difficult to treat", True, ("worsening_rule", "time_zero")),
)})  # fmt: skip
"""By name, in the order of the page."""


def list_reaching(grid: Grid, quantity: str) -> list[Decision]:
    """The decisions that reach a quantity, in the order of the grid."""
    analysis = QUANTITIES[quantity].analysis
    return [decision for decision in grid.decisions if decision.block == "definition" or decision.name in analysis]


def list_specifications(results: Multiverse, quantity: str) -> pd.DataFrame:
    """The distinct specifications of a quantity in order of their estimate: its specification curve.

    One row per way of settling the decisions that reach the quantity: rank (from 1; missing where there is no estimate,
    and such rows come last), code (the universe that settles all other decisions as the study does), definition, the
    option of each reaching decision, estimate, low, high (95 %), p (missing for the share), is_clear (the interval lies
    on one side of no difference; for the share, of the printed share), is_default (the study as it stands).

    The grid is a full product of definitions and analyses, so that each specification stands for equally many
    universes, and to count specifications is to count universes.
    """
    reaching = [decision.name for decision in list_reaching(results.grid, quantity)]
    kept = keep_specifications(results, [quantity])
    columns = {"estimate": quantity, **{part: f"{quantity}_{part}" for part in ("low", "high", "p")}}
    found = {name: kept[column].astype(float) if column in kept else np.nan for name, column in columns.items()}
    table = kept[["code", "definition", *reaching]].assign(**found)
    reference = NO_DIFFERENCE if QUANTITIES[quantity].is_ratio else find_printed_share()
    table = table.assign(is_clear=(table["low"] > reference) | (table["high"] < reference),
                         is_default=table["code"].eq(results.universes["code"].iloc[0]))  # fmt: skip
    table = table.sort_values(["estimate", "code"], ignore_index=True)
    rank = pd.Series(np.arange(1, len(table) + 1), dtype="Int64").where(table["estimate"].notna())
    return table.assign(rank=rank)[["rank", *table.columns]]


def keep_specifications(results: Multiverse, quantities: Sequence[str]) -> pd.DataFrame:
    """The universes that settle as the study does whatever reaches none of these quantities: one row of `universes`
    for each of their distinct specifications."""
    reaching = {decision.name for quantity in quantities for decision in list_reaching(results.grid, quantity)}
    is_kept = np.ones(len(results.universes), dtype=bool)
    for decision in results.grid.decisions:
        if decision.name not in reaching:
            is_kept &= results.universes[decision.name].eq(decision.options[0].name).to_numpy()
    return results.universes.loc[is_kept]


def take_scores(results: Multiverse, quantity: str) -> tuple[Floats, Floats]:
    """The scores of a quantity's specifications in the order of `null`: as observed, and by shuffle."""
    own = results.null.loc[results.null["quantity"].eq(quantity)]
    permuted = [np.asarray(scores, dtype=float) for scores in own["permuted"]]
    return own["observed"].to_numpy(float), np.vstack(permuted) if permuted else np.empty((0, 0))


@cache
def find_printed_count() -> tuple[int, int]:
    """The difficult-to-treat patients that the abstract prints, and of how many.

    >>> find_printed_count()
    (57, 181)
    """
    claim = list_claims(read_claims())["dtt"]
    return int(claim["numerator"]), int(claim["denominator"])


def find_printed_share() -> float:
    """The printed share of difficult-to-treat patients."""
    count, total = find_printed_count()
    return count / total


def derive_null_band(results: Multiverse, quantity: str) -> pd.DataFrame:
    """Where the curve would lie were there nothing to find: rank, low, middle, high, one row per estimate of the curve.

    Each shuffle gives each specification a score z; times the standard error that the specification's interval has, it
    is about the logarithm of the ratio that would have been estimated. Sorted, these make one curve per shuffle; at
    each rank 95 % of the curves lie between `low` and `high`, and the middle of them is `middle`. An approximation,
    good near no difference, for the picture; the tests (`compare_jointly`) use the scores themselves. No rows for the
    share, which has no null, nor without shuffles.
    """
    own, scores = results.null.loc[results.null["quantity"].eq(quantity)], take_scores(results, quantity)[1]
    if not scores.size:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in ("rank", "low", "middle", "high")})
    curve = list_specifications(results, quantity)
    names = ["definition", *(name for name in QUANTITIES[quantity].analysis if name in own)]
    joined = curve.merge(own[names].assign(place=np.arange(len(own))), on=names, validate="many_to_one")
    error = (np.log(joined["high"]) - np.log(joined["low"])).to_numpy(float) / (2 * Z95)
    drawn = scores[joined["place"]] * error[:, None]
    curves = np.sort(drawn[np.isfinite(drawn).all(axis=1)], axis=0)
    low, middle, high = np.exp(np.percentile(curves, [BAND[0], 50, BAND[1]], axis=1))
    return pd.DataFrame({"rank": np.arange(1, len(curves) + 1), "low": low, "middle": middle, "high": high})
