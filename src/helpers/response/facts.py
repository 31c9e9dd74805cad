"""What the ledger keeps of chapter 5's tables, and the words that its sentences choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.definitions import GROUP_LABELS, Window

SHORT = {"complete": "cr", "partial": "pr", "none": "nr"}
"""The ledger's words for a response."""

_RESPONSES = {"complete": "Complete response", "partial": "Partial response", "none": "No response"}
_GROUPS = {group: words.lower() for group, words in GROUP_LABELS.items()}

Facts = Mapping[tuple[str, ...], Mapping[str, Any]]


def summarise_share_facts(rates: pd.DataFrame, *, origin: str) -> Facts:
    """What the ledger keeps of each response rate, by group, point and response ("cr", "pr", "nr").

    >>> rates = pd.DataFrame({"group": ["all"], "point": ["6"], "response": ["complete"], "share": [0.5],
    ...                       "share_low": [0.4], "share_high": [0.6], "n": [181]})
    >>> summarise_share_facts(rates, origin="x")["all", "6", "cr"]["label"]
    'Complete response at month 6, all patients'
    """
    facts: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for row in rates.to_dict("records"):
        when = "the last follow-up" if row["point"] == "last" else f"month {row['point']}"
        facts[row["group"], row["point"], SHORT[row["response"]]] = {
            "value": row["share"], "low": row["share_low"], "high": row["share_high"], "n": row["n"], "unit": "share",
            "label": f"{_RESPONSES[row['response']]} at {when}, {_GROUPS[row['group']]}", "origin": origin,
        }  # fmt: skip
    return facts


def summarise_median_facts(summary: pd.DataFrame, *, origin: str) -> Facts:
    """What the ledger keeps of each median time, by outcome ("complete", "any") and group."""
    words = {"complete": "complete response", "any": "any response"}
    return {
        (row["outcome"], row["group"]): {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "n": row["n"], "unit": "months",
            "label": f"Median time to {words[row['outcome']]}, {_GROUPS[row['group']]}", "origin": origin}
        for row in summary.to_dict("records")
    }  # fmt: skip


def summarise_adverse_facts(rates: pd.DataFrame, *, origin: str) -> Facts:
    """What the ledger keeps of each adverse event rate, by group and type; n is the number of patients followed."""
    return {
        (row["group"], row["adverse_event_type"]): {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "n": row["n"],
            "unit": "per 100 patient-years", "label": f"{row['label']}, {_GROUPS[row['group']]}", "origin": origin}
        for row in rates.to_dict("records")
    }  # fmt: skip


def label_median_reached(summary: pd.DataFrame, *, outcome: str, group: str = "all") -> str:
    """Whether half of a group ever reached a response, in words that a sentence goes on with.

    >>> summary = pd.DataFrame({"outcome": ["any"], "group": ["dtt"], "n": [57], "estimate": [float("nan")]})
    >>> label_median_reached(summary, outcome="any", group="dtt")
    'never reached by half of them'
    """
    row = summary.loc[summary["outcome"].eq(outcome) & summary["group"].eq(group)].iloc[0]
    if row["n"] == 0:
        return "not estimable, as there are none of them"
    return "never reached by half of them" if np.isnan(row["estimate"]) else "reached by half of them"


def label_windows(windows: Mapping[str, Window]) -> str:
    """The months that are looked at for each stated month, in words.

    >>> label_windows({"3": Window(3, 2, 4), "6": Window(6, 5, 8.5)})
    'month 3: 2 to 4; month 6: 5 to 8.5'
    """
    return "; ".join(f"month {name}: {window.start:g} to {window.end:g}" for name, window in windows.items())


def label_most_frequent(table: pd.DataFrame, *, names: str, numbers: str, none: str) -> str:
    """The name of the row with the largest number, both where two share it; `none` where all are zero.

    >>> switches = pd.DataFrame({"pair": ["a to b", "b to c", "c to a"], "n": [3, 1, 3]})
    >>> label_most_frequent(switches, names="pair", numbers="n", none="none")
    'a to b and c to a'
    """
    most = table.loc[table[numbers].gt(0) & table[numbers].eq(table[numbers].max()), names]
    return " and ".join(most) if len(most) else none
