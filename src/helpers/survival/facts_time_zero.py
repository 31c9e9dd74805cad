"""What sentences and the ledger take from the comparison of time zeros, of criteria and of entry rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.survival.entry import estimate_entry_shares
from helpers.survival.selection import name_entry_rule
from helpers.survival.shares import summarise_rates, summarise_shares
from helpers.survival.summaries import estimate_rates

Facts = dict[str, dict[str, Any]]

_HIDDEN = (("n", "hidden_n", "patients"), ("events", "hidden_events_n", "composite outcomes"),
           ("deaths", "hidden_death_n", "deaths"))  # fmt: skip

_CLEAR_RATIO = 1.1
"""Ratios nearer to each other than this are called much the same, as in `label_shift`."""

_SIDES = ("lies above one in", "lies below one in", "holds one in", "cannot be given in")


def summarise_time_zero(
    estimates: pd.DataFrame, *, immortal: pd.DataFrame, landmark_months: float
) -> Facts:  # fmt: skip
    """The ledger's headline numbers of time zero, by id: the landmark, the immortal time, naive over time-dependent."""
    row, origin = immortal.iloc[0], "helpers.survival.time_zero.summarise_immortal_time"
    found = estimates.set_index("term")["estimate"].astype(float)
    about = {"n": int(row["n"]), "origin": origin}
    return {
        "survival.landmark.months": {"value": landmark_months, "unit": "months", "label": "Landmark",
                                     "origin": "landmark_months"},
        "survival.immortal_time.label_month": {
            "value": row["label_month_median"], "low": row["label_month_q1"], "high": row["label_month_q3"],
            "unit": "months", "label": "Month of the label: median, quartiles", **about},
        "survival.immortal_time.person_months": {
            "value": row["immortal_person_months"], "unit": "person-months",
            "label": "Time before the label, difficult to treat", **about},
        "survival.immortal_time.share": {"value": row["share"], "unit": "share",
                                         "label": "Share of their time at risk before the label", **about},
        "survival.immortal_time.events": {"value": row["events_before_label"], "unit": "patients",
                                          "label": "Outcomes on or before the day of the label", **about},
        "survival.immortal_time.events_on_label_day": {
            "value": row["events_on_label_day"], "unit": "patients",
            "label": "Outcomes on the day of the label", **about},
        "survival.time_zero.naive_over_timedependent": {
            "value": found["naive"] / found["timedependent"], "unit": "ratio of hazard ratios",
            "label": "Naive over time-dependent hazard ratio", "n": int(estimates["n"].iloc[0]),
            "origin": "helpers.survival.time_zero.estimate_time_zero"},
    }  # fmt: skip


def label_dilution(estimates: pd.DataFrame) -> str:
    """Whether counting immortal time lowered the hazard ratio, in words; by less than a tenth is much the same.

    Time moved to the difficult-to-treat can only lower their ratio; where the naive one is the higher, outcomes from
    before the label must have raised it.

    >>> label_dilution(pd.DataFrame({"term": ["naive", "timedependent"], "estimate": [2.0, 4.0]}))
    'lowered, as immortal time lowers it'
    """
    found = estimates.set_index("term")["estimate"].astype(float)
    log_ratio = float(np.log(found["naive"]) - np.log(found["timedependent"]))
    if np.isnan(log_ratio):
        return "not comparable with it"
    if abs(log_ratio) < np.log(_CLEAR_RATIO):
        return "much the same"
    return ("lowered, as immortal time lowers it" if log_ratio < 0
            else "not lowered but raised: the outcomes from before the label outweigh the months")  # fmt: skip


def label_sides(estimates: pd.DataFrame) -> str:
    """Where the interval of each sensitivity row lies, as the end of a sentence.

    >>> table = pd.DataFrame({"label": ["Naive: a", "Landmark"], "low": [1.1, np.nan], "high": [3.0, np.nan],
    ...                       "role": ["Primary", "Sensitivity"]})
    >>> label_sides(table)
    'cannot be given in landmark'
    """
    estimates = estimates.loc[estimates["role"].eq("Sensitivity")]
    low, high = estimates["low"].astype(float), estimates["high"].astype(float)
    side = np.select([low.isna(), low > 1, high < 1], [_SIDES[3], _SIDES[0], _SIDES[1]], default=_SIDES[2])
    names = estimates["label"].str.split(":").str[0]
    short = names.str[:1].str.lower() + names.str[1:]
    listed = {word: short[side == word].tolist() for word in _SIDES}
    return "; ".join(f"{word} {', '.join(rows)}" for word, rows in listed.items() if rows)


def summarise_selection(rules: pd.DataFrame, *, bounds: pd.DataFrame, in_force: float) -> Facts:
    """The ledger's numbers of the rule in force, by id: what it hides, and the bounds on failure by five years."""
    origin = "helpers.survival.selection"
    rule = rules.set_index("term").to_dict("index")[name_entry_rule(in_force)]
    kept, everybody = (bounds.set_index("term").to_dict("index")[name_entry_rule(month)] for month in (in_force, 0.0))
    share = {"unit": "share", "n": int(everybody["n"]), "origin": f"{origin}.estimate_entry_bounds"}
    words = "Kidney failure or death by five years"
    ends = ("low", "high")
    return {
        **{f"survival.selection.hidden.{name}": {
            "value": int(rule[column]), "unit": "patients", "label": f"Hidden by the least follow-up: {label}",
            "n": int(everybody["n"]), "origin": f"{origin}.compare_entry_rules"}
           for name, column, label in _HIDDEN},
        "survival.selection.hr": {
            "value": rule["estimate"], **{end: rule[end] for end in ends}, "unit": "hazard ratio", "null": 1.0,
            "n": int(rule["n"]), "label": "Composite outcome under the least follow-up, label counted from its day",
            "origin": f"{origin}.compare_entry_rules"},
        "survival.selection.kept.60m": {**share, "value": kept["estimate"], **{end: kept[end] for end in ends},
                                        "n": int(kept["n"]), "label": f"{words}, of those kept"},
        "survival.selection.everybody.60m": {
            **share, "value": everybody["estimate"], **{end: everybody[end] for end in ends},
            "label": f"{words}, of everybody"},
        "survival.selection.best.60m": {**share, "value": kept["best_estimate"],
                                        "label": f"{words}, if none of the lost failed"},
        "survival.selection.worst.60m": {**share, "value": kept["worst_estimate"],
                                         "label": f"{words}, if all of the lost failed"},
    }  # fmt: skip


def summarise_entry(
    outcomes: pd.DataFrame, *, entry_months: float, rates: Mapping[tuple[str, str, str], Mapping[str, Any]]
) -> Facts:  # fmt: skip
    """The ledger's numbers of counting from the least follow-up on, by id; `rates` are those from time zero."""
    origin = "helpers.survival.entry: delayed entry"
    later = summarise_rates(estimate_rates(outcomes, entry_months=entry_months), origin=origin,
                            since="from the least follow-up on")  # fmt: skip
    facts: Facts = {
        "survival.entry.months": {"value": entry_months, "unit": "months", "label": "Least follow-up asked for",
                                  "origin": "minimum_followup_months"},
        "survival.death.all.person_years": dict(rates["death", "all", "person_years"]),
    }  # fmt: skip
    for outcome, label in (("death", "Mortality"), ("esrd", "Kidney failure")):
        facts[f"survival.{outcome}.all.rate"] = dict(rates[outcome, "all", "rate"])
        facts[f"survival.entry.{outcome}.all.rate"] = later[outcome, "all", "rate"]
        shares = estimate_entry_shares(outcomes, outcome=outcome, event=outcome, entry_months=entry_months)
        found = summarise_shares(shares, label=f"{label} from the least follow-up on", origin=origin)
        for group in ("dtt", "other"):
            facts[f"survival.entry.{outcome}.{group}.cif.60m"] = found[group, 60]
    return facts
