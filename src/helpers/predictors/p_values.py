"""How many tests were made, and what is left of each p value when that is remembered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from helpers.definitions import SIGNIFICANT_BELOW

_TABLES = {"alone": "univariable", "together": "multivariable", "penalised": "firth"}
_WAYS = {"fdr": ("fdr_bh", "false discovery rate"), "holm": ("holm", "Holm")}


def adjust_p_values(p: pd.Series, *, method: str) -> pd.Series:
    """p values adjusted for the tests made, as R's p.adjust ("holm"; "fdr_bh": its "BH"); missing ones count for no
    test and stay missing.

    >>> adjust_p_values(pd.Series([0.01, None, 0.04]), method="holm").tolist()
    [0.02, nan, 0.04]
    """
    values = p.astype(float)
    known = values.notna()
    adjusted = pd.Series(np.nan, index=p.index)
    if known.any():
        tested: NDArray[np.float64] = np.asarray(values[known], dtype=np.float64)
        adjusted[known] = _adjust_holm(tested) if method == "holm" else multipletests(tested, method=method)[1]
    return adjusted


def _adjust_holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Holm's adjustment. That of statsmodels gives the same, and clears the memory each time, which takes 0.1 s."""
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return adjusted


def derive_p_values(alone: pd.DataFrame, together: pd.DataFrame, penalised: pd.DataFrame) -> pd.DataFrame:
    """The p values of the three tables of odds ratios, raw and adjusted over all tests of the same table.

    One row per feature of `alone`: `term`, `label`, and for alone, together and penalised `<model>_p`, `<model>_fdr_p`
    (Benjamini and Hochberg 1995) and `<model>_holm_p` (Holm 1979); missing where there is no estimate.
    """
    table = alone[["term", "label"]]
    for model, part in zip(_TABLES, (alone, together, penalised), strict=True):
        adjusted = {f"{model}_{way}_p": adjust_p_values(part["p"], method=method) for way, (method, _) in _WAYS.items()}
        numbers = part[["term"]].assign(**{f"{model}_p": part["p"].astype(float)}, **adjusted)
        table = table.merge(numbers, on="term", how="left", validate="one_to_one")
    return table


def list_p_value_facts(p_values: pd.DataFrame, *, origin: str) -> dict[str, dict[str, Any]]:
    """How many features of each table are below the usual limit, raw and adjusted, by ledger id
    (predictors.univariable.significant.n, .fdr.n, .holm.n, and the same for multivariable and firth); `n`: with a p."""
    facts: dict[str, dict[str, Any]] = {}
    for model, name in _TABLES.items():
        tested = int(p_values[f"{model}_p"].notna().sum())
        for way, words in {"significant": "unadjusted", **{way: words for way, (_, words) in _WAYS.items()}}.items():
            column = f"{model}_p" if way == "significant" else f"{model}_{way}_p"
            facts[f"predictors.{name}.{way}.n"] = {
                "value": int(p_values[column].lt(SIGNIFICANT_BELOW).sum()), "n": tested, "unit": "features",
                "label": f"Features below the usual limit, {name} ({words})", "origin": origin}  # fmt: skip
    return facts
