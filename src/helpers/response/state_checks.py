"""The states against plain counting: while nobody has left, when both must agree, and after, when they may differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.incidence import CENSORED, estimate_cumulative_incidence
from helpers.response.occupancy import FEWEST_AT_RISK
from helpers.response.states import STATES, count_states

LANDMARK_MONTHS = 24.0
"""The landmark of this chapter: the arms of the label end at two years, so that hardly any label comes later."""

def compare_with_counts(spells: pd.DataFrame, shares: pd.DataFrame, *, followup: pd.DataFrame) -> pd.DataFrame:
    """The estimated shares against plain counting, at the months up to the first censoring, where both must agree.

    While nobody has left alive the two are one number by arithmetic: this finds slips in the code and nothing else.
    One row: `until_month` (the last of `shares`' months at which nobody had left alive), `months_n` (months compared),
    `largest` (absolute difference over states and months, rounded to twelve decimals) and `agrees` (below that).
    """
    alive = followup.loc[followup["death_month"].isna(), "followup_months"]
    first = float(alive.min()) if len(alive) else np.inf
    early = shares.loc[shares["month"].le(first) & shares["estimate"].notna()]
    counts = count_states(spells, followup=followup, months=sorted(early["month"].unique()))
    both = early.merge(counts, on=["month", "state"])
    largest = float(np.round((both["estimate"] - both["share"]).abs().max(), 12)) if len(both) else np.nan
    return pd.DataFrame([{"until_month": early["month"].max(), "months_n": early["month"].nunique(), "largest": largest,
                          "agrees": largest == 0.0}])  # fmt: skip


def compare_with_followed(
    spells: pd.DataFrame, shares: pd.DataFrame, *, followup: pd.DataFrame
) -> pd.DataFrame:
    """The estimated shares against those of the patients still followed, at all months with enough of them.

    One row per month and state: month, state, estimate, counted, difference (estimate less counted), at_risk.

    `counted` is the share in the state of those alive and followed at the month, times the share alive (Kaplan-Meier):
    all who stayed stand for the ended, whatever the state of either. The estimate lets the ended go on from the state
    they had. The two are equal as long as nobody has left, and differ afterwards as far as those who left were in other
    states than those who stayed. Months at which fewer than ten are followed are left out.

    Satten and Datta, Am Stat 2001;55:207 (counting with weights); Datta and Satten, Stat Probab Lett 2001;55:403.
    """
    asked = shares.loc[shares["at_risk"].ge(FEWEST_AT_RISK) & shares["estimate"].notna()]
    months = sorted(asked["month"].unique())
    counts = count_states(spells, followup=followup, months=months)
    living = counts.loc[counts["state"].isin([state for state in STATES if state != "dead"])]
    status = np.where(followup["death_month"].notna(), "dead", CENSORED)
    died = estimate_cumulative_incidence(followup["followup_months"], status, at=months, states=["dead"])
    dead = pd.Series(died["estimate"].to_numpy(float), index=died["time"].to_numpy(float), dtype=float)
    alive = living.groupby("month")["n"].transform("sum")
    living = living.assign(counted=living["n"] / alive * (1 - living["month"].map(dead)))
    gone = counts.loc[counts["state"].eq("dead")]
    both = pd.concat([living, gone.assign(counted=gone["month"].map(dead))])[["month", "state", "counted"]]
    table = asked[["month", "state", "estimate", "at_risk"]].merge(both, on=["month", "state"])
    return table.assign(difference=table["estimate"] - table["counted"])


def summarise_check_facts(
    checks: pd.DataFrame, *, followed: pd.DataFrame, origin: str
) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of both comparisons with counting.

    `response.states.crosscheck.largest` and `.until` of `compare_with_counts`; `.left.largest` (percentage points) and
    `.left.until` under the same name, of `compare_with_followed`.
    """
    row = checks.iloc[0]
    apart, until = 100 * followed["difference"].abs().max(), followed["month"].max()
    return {
        "response.states.crosscheck.largest": {
            "value": row["largest"], "unit": "share", "n": row["months_n"], "origin": origin,
            "label": "Largest difference between estimated and counted shares before anybody left"},
        "response.states.crosscheck.until": {
            "value": row["until_month"], "unit": "months", "n": row["months_n"], "origin": origin,
            "label": "Last whole month at which nobody had left alive"},
        "response.states.crosscheck.left.largest": {
            "value": apart, "unit": "percentage points", "n": followed["month"].nunique(), "origin": origin,
            "label": "Largest difference between estimated shares and those of patients still followed"},
        "response.states.crosscheck.left.until": {
            "value": until, "unit": "months", "n": followed["month"].nunique(), "origin": origin,
            "label": "Last whole month at which at least ten patients are alive and followed"},
    }  # fmt: skip


def label_agreement(agrees: bool) -> str:
    """Whether counting and estimating agree, in words that a sentence goes on with.

    >>> label_agreement(True), label_agreement(False)
    ('they do', 'they do not')
    """
    return "they do" if agrees else "they do not"
