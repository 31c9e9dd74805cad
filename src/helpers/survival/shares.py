"""Shares at stated months, and the words that a sentence may use about a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.definitions import GROUP_LABELS, SIGNIFICANT_BELOW
from helpers.survival import OUTCOME_PARTS
from helpers.survival.curves import FEWEST_AT_RISK, GROUPS, estimate_incidence, estimate_survival


def estimate_shares(
    outcomes: pd.DataFrame, *, outcome: str, event: str | None = None, at: Sequence[float] = (60.0, 120.0)
) -> pd.DataFrame:
    """The share of each group at each stated month: free of the outcome, or, with `event`, having had it.

    One row per group (dtt, other) and month, whatever the data: group, month, estimate, low, high, at_risk (just
    before), n, note. Missing, with the note "too few at risk", where fewer than `FEWEST_AT_RISK` are.

    Free of it: Kaplan-Meier. Having had an event that others compete with: Aalen-Johansen. Death competes with
    nothing: one minus Kaplan-Meier. Intervals are log-log.
    """
    if event is None:
        shares = estimate_survival(outcomes, outcome=outcome, at=at)
    elif len(OUTCOME_PARTS[outcome]) == 1:
        free = estimate_survival(outcomes, outcome=outcome, at=at)
        shares = free.assign(estimate=1 - free["estimate"], low=1 - free["high"], high=1 - free["low"])
    else:
        shares = estimate_incidence(outcomes, outcome=outcome, at=at, states=[event])
    grid = pd.MultiIndex.from_product([GROUPS, [float(month) for month in at]], names=["group", "month"])
    table = shares.set_index(["group", "month"])[["estimate", "low", "high", "at_risk", "n"]].reindex(grid)
    table = table.astype(float).fillna({"at_risk": 0, "n": 0}).astype({"at_risk": int, "n": int}).reset_index()
    enough = table["at_risk"] >= FEWEST_AT_RISK
    ends = {name: table[name].where(enough) for name in ("estimate", "low", "high")}
    return table.assign(**ends, note=np.where(enough, "", "too few at risk"))


def summarise_shares(shares: pd.DataFrame, *, label: str, origin: str) -> dict[tuple[str, int], dict[str, Any]]:
    """What the ledger keeps of each share, by group and month: value, low, high, n, unit, label, origin.

    >>> shares = pd.DataFrame({"group": ["dtt"], "month": [60.0], "estimate": [0.7], "low": [0.6], "high": [0.8],
    ...                        "n": [57]})
    >>> summarise_shares(shares, label="Event-free", origin="x")["dtt", 60]["label"]
    'Event-free at 60 months, difficult to treat'
    """
    return {
        (row["group"], int(row["month"])): {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "n": row["n"], "unit": "share",
            "label": f"{label} at {row['month']:g} months, {GROUP_LABELS[row['group']].lower()}", "origin": origin}
        for row in shares.to_dict("records")
    }  # fmt: skip


def summarise_rates(
    rates: pd.DataFrame, *, origin: str, since: str = ""
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What the ledger keeps of each rate, by outcome, group and measure ("n", "events", "person_years", "rate").

    `since` says in the labels from when on was counted, where it is not time zero.
    """
    facts: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rates.to_dict("records"):
        key = (row["outcome"], row["group"])
        about = {"n": row["n"], "origin": origin}
        label = f"{row['label']}, {_words(row['group'])}" + (f", {since}" if since else "")
        facts[*key, "n"] = {"value": row["n"], "unit": "patients", "label": f"{label}: at risk", **about}
        facts[*key, "events"] = {"value": row["events_n"], "unit": "patients", "label": f"{label}: events", **about}
        facts[*key, "person_years"] = {
            "value": row["person_years"], "unit": "patient-years", "label": f"{label}: time at risk", **about}
        facts[*key, "rate"] = {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "unit": "per 100 patient-years",
            "label": f"{label}: rate", **about}
    return facts


def _words(group: str) -> str:
    """The group in words; all who are counted are both groups, as a patient who cannot be told is in neither."""
    return GROUP_LABELS[group].lower() if group in GROUPS else "both groups"


def derive_share_table(shares: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Shares of several outcomes as they are printed, with the number at risk behind each.

    One row per outcome (the keys, which head the rows), group and month: term ("alive_dtt_60"), outcome, label,
    month, estimate, low, high, at_risk, note.
    """
    table = pd.concat([rows.assign(outcome=name) for name, rows in shares.items()], ignore_index=True)
    slug = table["outcome"].str.lower().str.replace(" ", "_")
    table["term"] = slug + "_" + table["group"] + "_" + table["month"].astype(int).astype(str)
    table["label"] = table["group"].map(dict(GROUP_LABELS))
    return table[["term", "outcome", "label", "month", "estimate", "low", "high", "at_risk", "note"]]


def label_followup(medians: pd.DataFrame, *, test: pd.DataFrame) -> str:
    """What the test of equal follow-up and the two medians let a sentence say of the difficult-to-treat.

    >>> medians = pd.DataFrame({"term": ["dtt", "other"], "estimate": [60.0, 100.0]})
    >>> label_followup(medians, test=pd.DataFrame({"p": [0.01]}))
    'for a shorter time than'
    """
    p = float(test["p"].iloc[0])
    if np.isnan(p):
        return "not comparably with"
    if p >= SIGNIFICANT_BELOW:
        return "not clearly longer or shorter than"
    found = medians.set_index("term")["estimate"].astype(float)
    if found[["dtt", "other"]].isna().any() or found["dtt"] == found["other"]:
        return "not for the same time as"
    return "for a shorter time than" if found["dtt"] < found["other"] else "for a longer time than"


def label_difference(test: pd.DataFrame) -> str:
    """What a one-row test lets a sentence say of two groups.

    >>> label_difference(pd.DataFrame({"p": [0.2]})), label_difference(pd.DataFrame({"p": [np.nan]}))
    ('do not clearly differ', 'cannot be compared')
    """
    p = float(test["p"].iloc[0])
    return "cannot be compared" if np.isnan(p) else "differ" if p < SIGNIFICANT_BELOW else "do not clearly differ"


def label_proportionality(tests: pd.DataFrame, *, term: str) -> str:
    """What the proportional-hazards test of one model lets a sentence say.

    >>> label_proportionality(pd.DataFrame({"term": ["naive"], "p": [0.04]}), term="naive")
    'speaks against'
    """
    p = float(tests.loc[tests["term"] == term, "p"].iloc[0])
    if np.isnan(p):
        return "could not be made, and so says nothing about"
    return "speaks against" if p < SIGNIFICANT_BELOW else "gives no clear sign against"


def label_agreement(estimates: pd.DataFrame, *, terms: Sequence[str]) -> str:
    """Whether ratios lead to one verdict: "agree", "do not agree", or "cannot all be estimated".

    A verdict is the side of one on which the whole interval lies, or neither.

    >>> ratios = pd.DataFrame({"term": ["a", "b"], "low": [1.1, 0.8], "high": [3.0, 2.5]})
    >>> label_agreement(ratios, terms=["a", "b"]), label_agreement(ratios, terms=["a"])
    ('do not agree', 'agree')
    """
    rows = estimates.loc[estimates["term"].isin(terms)]
    if rows[["low", "high"]].isna().any(axis=None):
        return "cannot all be estimated"
    verdicts = np.select([rows["low"] > 1, rows["high"] < 1], ["higher", "lower"], default="unclear")
    return "agree" if len(set(verdicts)) == 1 else "do not agree"


def label_shift(estimates: pd.DataFrame, *, of: str, against: str) -> str:
    """Whether one ratio lies nearer to one (no difference) than another, on the log scale, by a tenth or more.

    >>> ratios = pd.DataFrame({"term": ["a", "b"], "estimate": [2.0, 4.0]})
    >>> label_shift(ratios, of="a", against="b"), label_shift(ratios, of="b", against="a")
    ('nearer to one than', 'farther from one than')
    """
    found = estimates.set_index("term")["estimate"].astype(float)
    one, two = (abs(float(np.log(found[term]))) for term in (of, against))
    if np.isnan(one) or np.isnan(two):
        return "not comparable with"
    if abs(one - two) < np.log(1.1):
        return "much the same as"
    return "nearer to one than" if one < two else "farther from one than"
