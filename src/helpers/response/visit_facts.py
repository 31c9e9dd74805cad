"""What the ledger keeps of the visits: rates, their ratios, and the times on visit dates and between visits."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.response.interval_means import MEAN_UNTIL
from helpers.response.interval_times import OUTCOMES

_TIMES = "helpers.response.interval_times"
_RATES = "helpers.response.visit_intensity"


def summarise_visit_facts(
    medians: pd.DataFrame, rates: pd.DataFrame, ratios: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the visits, by id: rates and their ratios, and the medians both ways.

    `visits.<outcome>.km_months`, `.turnbull_months` (middle and ends of its interval), `.resampled_months` (where it
    lies when patients are drawn again), `.later_months` (visit dates over between visits, in the mean),
    `visits.<term>.rate` and `visits.<term>.ratio`.
    """
    facts: dict[str, dict[str, Any]] = {}
    rows = medians.set_index("term")
    for outcome in OUTCOMES:
        facts |= _time_facts(rows.loc[f"{outcome}_all"].to_dict(), outcome=outcome)
    for rate in rates.to_dict("records"):
        facts[f"visits.{rate['term']}.rate"] = {
            "value": rate["estimate"], "low": rate["low"], "high": rate["high"], "n": rate["n"], "origin": _RATES,
            "unit": "visits per patient-year",
            "label": f"Visits per patient-year, {rate['label'].lower()}"}  # fmt: skip
    for ratio in ratios.to_dict("records"):
        facts[f"visits.{ratio['term']}.ratio"] = {
            "value": ratio["estimate"], "low": ratio["low"], "high": ratio["high"], "n": ratio["n"], "origin": _RATES,
            "unit": "rate ratio", "null": 1.0, "label": ratio["label"]}  # fmt: skip
    return facts


def _time_facts(row: dict[Any, Any], *, outcome: str) -> dict[str, dict[str, Any]]:
    label, common = OUTCOMES[outcome], {"unit": "months", "n": row["n"], "origin": _TIMES}
    return {
        f"visits.{outcome}.km_months": {
            **common, "value": row["estimate"], "low": row["low"], "high": row["high"],
            "label": f"{label}: median by the visit dates (Kaplan-Meier)"},
        f"visits.{outcome}.turnbull_months": {
            **common, "value": (row["turnbull_low"] + row["turnbull_high"]) / 2, "low": row["turnbull_low"],
            "high": row["turnbull_high"], "origin": "helpers.interval_censoring.estimate_intervals",
            "label": f"{label}: median between visits (Turnbull): middle and ends of its interval"},
        f"visits.{outcome}.resampled_months": {
            **common, "value": row["resampled_estimate"], "low": row["resampled_low"], "high": row["resampled_high"],
            "label": f"{label}: median between visits when patients are drawn again, and its range"},
        f"visits.{outcome}.later_months": {
            **common, "value": row["later_estimate"], "low": row["later_low"], "high": row["later_high"],
            "label": f"{label}: visit dates later than between visits, mean over {MEAN_UNTIL[outcome]:.0f} "
                     "months, and its range when patients are drawn again"},
    }  # fmt: skip
