"""The summaries of a multiverse, each made once for the page and kept as files beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.multiverse.conclusions import count_conclusions
from helpers.multiverse.joint import compare_jointly
from helpers.multiverse.patients import summarise_patients
from helpers.multiverse.results import Multiverse
from helpers.multiverse.summaries import QUANTITIES, list_specifications
from helpers.multiverse.variance import share_variance


@dataclass(frozen=True)
class Summaries:
    """What is said of all universes together: specifications and variance by quantity, the others one table each."""

    specifications: Mapping[str, pd.DataFrame]
    variance: Mapping[str, pd.DataFrame]
    conclusions: pd.DataFrame
    joint: pd.DataFrame
    patients: pd.DataFrame


def gather_summaries(results: Multiverse) -> Summaries:
    """All summaries of a multiverse."""
    return Summaries(
        {name: list_specifications(results, name) for name in QUANTITIES},
        {name: share_variance(results, name) for name in QUANTITIES},
        count_conclusions(results), compare_jointly(results), summarise_patients(results))  # fmt: skip


def list_tables(summaries: Summaries) -> dict[str, pd.DataFrame]:
    """The tables that are kept beside the page, by the name of their file; the first column says which quantity."""
    return {
        "conclusions": summaries.conclusions, "joint_test": summaries.joint,
        "variance": pd.concat([table.assign(quantity=name) for name, table in summaries.variance.items()])
        .pipe(_put_first, "quantity"),
        "patients": summaries.patients,
        **{f"specifications_{name}": table for name, table in summaries.specifications.items()},
    }  # fmt: skip


def _put_first(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table[[column, *table.columns.drop(column)]]
