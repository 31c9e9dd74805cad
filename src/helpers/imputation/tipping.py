"""How wrong would the guess have to be? Verdicts along a grid of suppositions, and where they change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

NO_VERDICT = "not comparable with"


def label_verdicts(table: pd.DataFrame, *, null: float = 1.0) -> pd.Series:
    """The words that each row's interval allows, as the report words them elsewhere.

    >>> rows = pd.DataFrame([[2.0, 1.1, 3.0], [1.2, 0.8, 2.0], [0.5, 0.2, 0.9], [None] * 3],
    ...                     columns=["estimate", "low", "high"], dtype=float)
    >>> label_verdicts(rows).tolist()
    ['higher than', 'not clearly different from', 'lower than', 'not comparable with']
    """
    words = np.select(
        [table["estimate"].isna() | table["low"].isna() | table["high"].isna(), table["low"].gt(null),
         table["high"].lt(null)],
        [NO_VERDICT, "higher than", "lower than"], default="not clearly different from")  # fmt: skip
    return pd.Series(words, index=table.index)


def compare_verdicts(one: str, other: str) -> str:
    """Whether two verdicts are the same, in words.

    >>> compare_verdicts("higher than", "higher than"), compare_verdicts("lower than", NO_VERDICT)
    ('the same', 'cannot tell')
    """
    if NO_VERDICT in (one, other):
        return "cannot tell"
    return "the same" if one == other else "another"


def find_tipping(table: pd.DataFrame, *, reference: float) -> pd.DataFrame:
    """Where along a grid of suppositions the verdict first differs from that of the reference, on either side.

    `table` has `delta`, `label`, `verdict`, one row per supposition, the reference among them. Two rows come back:
    `side` ("below", "above" the reference), `delta` (the nearest that changes it; missing when none does), `label`,
    `verdict`, and `furthest` (the furthest supposition tried). A supposition without a verdict changes nothing: it
    cannot be read.
    """
    own = table.loc[table["delta"].eq(reference), "verdict"].iloc[0]
    differs = table["verdict"].ne(own) & table["verdict"].ne(NO_VERDICT) & (own != NO_VERDICT)
    rows: list[dict[str, Any]] = []
    for side, within in (("below", table["delta"].lt(reference)), ("above", table["delta"].gt(reference))):
        tried = table.loc[within].sort_values("delta", ascending=side == "above")
        changed = tried.loc[differs.reindex(tried.index)]
        first: dict[str, Any] = changed.iloc[0].to_dict() if len(changed) else {}
        rows.append({"side": side, "delta": first.get("delta", np.nan), "label": first.get("label", ""),
                     "verdict": first.get("verdict", ""),
                     "furthest": tried["label"].iloc[-1] if len(tried) else ""})  # fmt: skip
    return pd.DataFrame(rows)
