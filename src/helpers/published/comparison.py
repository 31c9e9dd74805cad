"""This run against the printed claims."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.published.claims import Claim, list_claims
from helpers.published.numbers import find_counts, is_printed_as

COUNTED = ("count", "rest")
"""Ways to compare that are by number of patients: those that the run counts, or all but those."""

ASSUMED_LIMIT = 0.05
"""What "significant" is taken to mean; the abstract prints no limit."""

COLUMNS = ("id", "printed", "published", "estimate", "low", "high", "n", "difference", "unit", "verdict", "obtained",
           "ledger_id")  # fmt: skip


def describe_comparison(*, is_synthetic: bool) -> str:
    """What a comparison of this run with the abstract is.

    >>> describe_comparison(is_synthetic=False)
    'Our centre against the published cohort'
    """
    return "The simulated cohort against the abstract" if is_synthetic else "Our centre against the published cohort"


def compare_with_run(claims: pd.DataFrame, ledger: pd.DataFrame, *, is_synthetic: bool) -> pd.DataFrame:
    """Each claim beside the number of this run that answers it.

    One row per claim, in printed order: `id`, `printed`, `published` (the printed figure; the count where the
    comparison is by count; missing for a statement of significance), `estimate` with `low`, `high`, `n` (this
    run), `difference` (run minus printed), `unit`, `verdict`, `obtained`, `ledger_id`. `ledger` is a table with the
    columns id, value, low, high and n.

    Verdicts. "match": the same count; the same figure at the printed precision (for a percentage rounded or
    truncated); a p value below 0.05 where significance is stated (our
    assumption: no limit is printed); a minimum kept. "differs by ...", with the signed difference, or
    "differs: not below ..." otherwise. "not reported": the abstract prints no figure, the run's stands alone.
    "not in this run": the claim has no counterpart, or the run could not estimate it.

    `obtained` tells of simulated patients which figures they were calibrated to show and which emerged; of real
    patients it says "observed" where the run has a figure. With real patients (`is_synthetic` false) another
    centre will never show the same counts, so a share is judged by the 95 % interval of the difference of the two
    shares (Newcombe, Stat Med 1998;17:873): "higher than published", "lower than published" or "not clearly
    different from published"; `published`, `estimate` and `difference` are then percentages.
    """
    entries = {row["id"]: row for row in ledger[["id", "value", "low", "high", "n"]].to_dict("records")}
    rows = [
        _compare(claim, _find_entry(claim, entries), is_synthetic=is_synthetic)
        for claim in list_claims(claims).values()
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.assign(n=table["n"].astype("Int64"))


def _find_entry(claim: Claim, entries: dict[Any, dict[Any, Any]]) -> dict[Any, Any] | None:
    """The run's number for the claim; its n is that of another number where its own counts something else."""
    entry, people = entries.get(claim["ledger_id"]), claim["n_id"]
    if entry is None or people is None:
        return entry
    return entry | {"n": entries[people]["value"] if people in entries else None}


def _compare(claim: Claim, entry: dict[Any, Any] | None, *, is_synthetic: bool) -> dict[str, Any]:
    """The row of one claim."""
    row: dict[str, Any] = dict.fromkeys(("low", "high", "difference"), np.nan)
    row |= {name: claim[name] for name in ("id", "printed", "unit", "obtained", "ledger_id")}
    row |= {"published": _take_published(claim), "estimate": _take_run(claim, entry), "n": None}
    if claim["compare"] in COUNTED:
        row["unit"] = "patients"
    if entry is None or np.isnan(row["estimate"]):
        return row | {"verdict": "not in this run", "obtained": row["obtained"] if is_synthetic else ""}
    row |= {"n": entry["n"], "obtained": row["obtained"] if is_synthetic else "observed"}
    if claim["compare"] == "value":
        row |= {end: entry[end] for end in ("low", "high")}
    if claim["compare"] == "below":
        fine = row["estimate"] < ASSUMED_LIMIT
        return row | {"verdict": "match" if fine else f"differs: not below {ASSUMED_LIMIT:g}"}
    if np.isnan(row["published"]):
        return row | {"verdict": "not reported"}
    if not is_synthetic and claim["compare"] in (*COUNTED, "percent"):
        return row | _compare_shares(claim, entry)
    row["difference"] = row["estimate"] - row["published"]
    return row | {"verdict": "match" if _matches(claim, row) else _describe_difference(row)}


def _take_published(claim: Claim) -> float:
    """The printed figure that the run is held against; a count that is not printed is the only one that fits."""
    if claim["compare"] in COUNTED:
        return float(_find_count(claim))
    return np.nan if claim["value"] is None else float(claim["value"])


def _find_count(claim: Claim) -> int:
    if claim["numerator"] is not None:
        return int(claim["numerator"])
    return find_counts(claim["value"], claim["denominator"], decimals=claim["decimals"])[0]


def _take_run(claim: Claim, entry: dict[Any, Any] | None) -> float:
    """The run's figure on the claim's scale: a quartile, a percentage of the entry's own total, all of them but those
    that the entry counts, or as it is."""
    if entry is None:
        return np.nan
    field = claim["compare"] if claim["compare"] in ("low", "high") else "value"
    figure = np.nan if pd.isna(entry[field]) else float(entry[field])
    if claim["compare"] == "rest":
        return np.nan if pd.isna(entry["n"]) else float(entry["n"]) - figure
    if claim["compare"] != "percent":
        return figure
    return 100 * figure / float(entry["n"]) if entry["n"] else np.nan


def _matches(claim: Claim, row: dict[str, Any]) -> bool:
    """Whether the run shows what is printed."""
    run, printed = row["estimate"], row["published"]
    if claim["compare"] == "at_least":
        return bool(run >= printed)
    if claim["compare"] == "percent":
        count, total = round(run * row["n"] / 100), int(row["n"])
        return is_printed_as(printed, count, total, decimals=claim["decimals"])
    decimals = 0 if claim["compare"] in COUNTED else claim["decimals"]
    return bool(abs(run - printed) < 0.5 * 10.0**-decimals)


def _describe_difference(row: dict[str, Any]) -> str:
    unit = "percentage points" if row["unit"] == "percent" else str(row["unit"])
    unit = unit.removesuffix("s") if abs(row["difference"]) == 1 else unit
    return f"differs by {'+' if row['difference'] > 0 else '−'}{abs(row['difference']):.3g} {unit}"


def _compare_shares(claim: Claim, entry: dict[Any, Any]) -> dict[str, Any]:
    """Our share against the printed one, by the interval of their difference."""
    if not entry["n"]:
        return {"verdict": "not in this run"}
    ours = round(float(entry["n"] - entry["value"] if claim["compare"] == "rest" else entry["value"]))
    total, printed_total = int(entry["n"]), claim["denominator"]
    theirs = _find_count(claim) if claim["compare"] in COUNTED else round(claim["value"] * printed_total / 100)
    from statsmodels.stats.proportion import confint_proportions_2indep  # takes half a second: see `numbers`

    low, high = confint_proportions_2indep(ours, total, theirs, printed_total, method="newcomb", compare="diff")
    side = "higher than" if low > 0 else "lower than" if high < 0 else "not clearly different from"
    shares = {"published": 100 * theirs / printed_total, "estimate": 100 * ours / total}
    return shares | {"difference": shares["estimate"] - shares["published"], "unit": "percent",
                     "verdict": f"{side} published"}  # fmt: skip
