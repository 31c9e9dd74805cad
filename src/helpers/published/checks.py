"""The abstract against itself: do its percentages, sums and dates agree with its own counts?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.definitions import DAYS_PER_MONTH
from helpers.published.claims import Claim, find_groups, find_subgroup_sizes, list_claims
from helpers.published.numbers import (
    find_counts,
    find_wilson_interval,
    is_printed_as,
    round_percent,
    truncate_percent,
)
from helpers.published.sums import check_repeats, check_sums

VERDICTS = ("match_exact", "match_rounded", "match_truncated", "match_implied", "leaves_out", "contradiction",
            "impossible", "not_checkable")  # fmt: skip
"""match_exact: counts add up. match_rounded, match_truncated: the count gives the printed percentage that way.
match_implied: what is not printed can only be one thing. leaves_out: it speaks of all and leaves some out.
contradiction: two printed statements exclude each other.
impossible: a printed figure excludes itself. not_checkable: nothing printed to check it by."""

COLUMNS = ("id", "printed", "arithmetic", "recomputed", "low", "high", "reconstruction", "verdict", "note")


def check_abstract_consistency(claims: pd.DataFrame) -> pd.DataFrame:
    """Each printed figure against the counts printed beside it or elsewhere in the abstract.

    One row per claim, then one per check between claims (ids that start with "check."): `id`, `printed`,
    `arithmetic` (the sum done, in words), `recomputed` (percent), `low`, `high` (Wilson 95 %, percent),
    `reconstruction` (the counts that would give a percentage that its own count does not give),
    `verdict` (one of `VERDICTS`), `note`.

    A percentage that its count gives both rounded and truncated is called rounded. Figures without a count or a
    counterpart (medians, significance, outcomes named and not reported) are not checkable, and say so.

    >>> claims = pd.DataFrame([{"id": "a", "printed": "74 (40.8 %)", "value": 40.8, "decimals": 1, "numerator": 74,
    ...     "denominator": 181, "unit": "percent", "group": "", "counted_in": "", "evidence": "published"}])
    >>> check_abstract_consistency(claims)[["arithmetic", "verdict"]].values.tolist()
    [['74 / 181 = 40.88 %', 'match_truncated']]
    """
    records = list_claims(claims)
    rows = [{"id": claim["id"], "printed": claim["printed"], **_check(claim, records)} for claim in records.values()]
    rows += [*check_sums(records), *check_repeats(records)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = ["arithmetic", "reconstruction", "note"]
    return table.assign(**{name: table[name].fillna("") for name in texts})


def _check(claim: Claim, records: dict[str, Claim]) -> dict[str, Any]:
    special = {"followup.longest": _check_followup, "conclusion.not_in_remission": _check_complement,
               "dtt.second_induction": _check_all, "conclusion.inductions": _check_part}  # fmt: skip
    if claim["id"] in special:
        return special[claim["id"]](claim, records)
    if claim["unit"] == "percent" and claim["denominator"] is not None:
        return _check_percent(claim, records)
    return {"verdict": "not_checkable", "note": _explain(claim)}


def _explain(claim: Claim) -> str:
    if claim["evidence"] == "literature":
        return "From other studies, and of non-response alone: the label also counts early flares."
    if claim["unit"] == "p value":
        return "Neither an estimate, nor an interval, nor a p value is printed."
    if claim["id"] == "composite.method":
        return ("One minus Kaplan-Meier is a cumulative incidence only where nothing competes: true of the composite, "
                "which counts death, and not of its parts. No numbers at risk are printed.")
    if claim["value"] is None:
        return "No figure is printed."
    return "No other figure in the abstract bears on it."


def _check_percent(claim: Claim, records: dict[str, Claim]) -> dict[str, Any]:
    """A percentage against its count, which is printed beside it or elsewhere, or is implied."""
    source = claim if claim["counted_in"] is None else records.get(claim["counted_in"], claim)
    count, total, decimals = source["numerator"], claim["denominator"], claim["decimals"]
    if count is None:
        return _check_implied(claim)
    rounded, cut = (way(count, total, decimals=decimals) for way in (round_percent, truncate_percent))
    found = describe_share(count, total)
    if claim["value"] == rounded:
        note = "Printed to the nearest ten." if decimals < 0 else "Truncation would differ." if cut != rounded else ""
        return found | {"verdict": "match_rounded", "note": note}
    if claim["value"] == cut:
        return found | {"verdict": "match_truncated", "note": f"Rounding would give {rounded:g} %."}
    return found | {"verdict": "contradiction", "reconstruction": _reconstruct(claim, records, count=count),
                    "note": f"The count is that of: {source['printed']}."}  # fmt: skip


def _check_implied(claim: Claim) -> dict[str, Any]:
    """A percentage printed without its count: which counts fit?"""
    fitting = find_counts(claim["value"], claim["denominator"], decimals=claim["decimals"])
    if len(fitting) == 1:
        return describe_share(fitting[0], claim["denominator"]) | {
            "verdict": "match_implied", "note": "No other count fits."}  # fmt: skip
    fits = f"fits: {', '.join(map(str, fitting)) or 'no count'} of {claim['denominator']}"
    return {"verdict": "not_checkable" if fitting else "impossible", "reconstruction": fits}


def describe_share(count: int, total: int) -> dict[str, Any]:
    """The arithmetic of a share, in words and in numbers (percent, with Wilson's interval)."""
    low, high = find_wilson_interval(count, total)
    percent = 100 * count / total
    return {"arithmetic": f"{count} / {total} = {percent:.2f} %", "recomputed": percent, "low": low, "high": high}


def _reconstruct(claim: Claim, records: dict[str, Claim], *, count: int) -> str:
    """The counts that would be printed as the claim's percentage, out of every subgroup that the abstract prints, and
    the totals of which its own count would be."""
    sizes = find_subgroup_sizes(records, total=claim["denominator"])
    fits = {size: find_counts(claim["value"], size, decimals=claim["decimals"]) for size in sizes}
    given = ", ".join(f"{fit} of {size}" for size, counts in fits.items() for fit in counts) or "nothing"
    without = ", ".join(str(size) for size, counts in fits.items() if not counts) or "none"
    own = [str(size) for size in range(max(count, 1), claim["denominator"] + 1)
           if is_printed_as(claim["value"], count, size, decimals=claim["decimals"])]  # fmt: skip
    return f"fits: {given}; no count fits out of: {without}; {count} would be it out of: {', '.join(own) or 'none'}"


def _check_followup(claim: Claim, records: dict[str, Claim]) -> dict[str, Any]:
    """The longest follow-up that the period allows: all of its first year to all of its last."""
    if not {"period.start", "period.end"} <= set(records):
        return {"verdict": "not_checkable", "note": "The period is not given."}
    first, last = (int(records[f"period.{end}"]["value"]) for end in ("start", "end"))
    longest = (pd.Timestamp(last + 1, 1, 1) - pd.Timestamp(first, 1, 1)).days / DAYS_PER_MONTH
    return {
        "verdict": "impossible" if claim["value"] > longest else "not_checkable",
        "arithmetic": f"January {first} to December {last} is {longest:.0f} months",
        "note": "Unless the clock starts before the biopsy, or it is the end of a plot's axis.",
    }


def _check_complement(claim: Claim, records: dict[str, Claim]) -> dict[str, Any]:
    """Those who did not respond, from the percentage who did, against the count of the non-responsive."""
    stated, counted = records.get("conclusion.complete"), records.get(claim["counted_in"] or "")
    if stated is None or counted is None:
        return {"verdict": "not_checkable", "note": _explain(claim)}
    left, found = 100 - stated["value"], describe_share(counted["numerator"], counted["denominator"])
    fine = round_percent(counted["numerator"], counted["denominator"], decimals=stated["decimals"]) == left
    return found | {"verdict": "match_rounded" if fine else "contradiction", "note": "If all the others are meant.",
                    "arithmetic": f"100 - {stated['value']:g} = {left:g} %, but {found['arithmetic']}"}  # fmt: skip


def _check_all(claim: Claim, records: dict[str, Claim]) -> dict[str, Any]:
    """"All received a second induction", against the numbers by induction."""
    counts = [row["numerator"] for row in find_groups(records).get(claim["counted_in"] or "", [])]
    fine = sum(counts) == claim["denominator"]
    return {
        "verdict": "match_implied" if fine else "contradiction",
        "arithmetic": f"{' + '.join(map(str, counts))} = {sum(counts)}, of {claim['denominator']}",
        "note": "Only if the first count is of those who had exactly two.",
    }


def _check_part(claim: Claim, records: dict[str, Claim]) -> dict[str, Any]:
    """"Second or third inductions", against the numbers by induction: whoever had more is left out."""
    counts = [row["numerator"] for row in find_groups(records).get(claim["counted_in"] or "", [])]
    if not counts:
        return {"verdict": "not_checkable", "note": "The numbers by induction are not given."}
    covered, total = sum(counts[:2]), claim["denominator"]
    return {
        "verdict": "match_exact" if covered == total else "leaves_out",
        "arithmetic": f"{' + '.join(map(str, counts[:2]))} = {covered}, of {total}",
        "note": f"{total - covered} had more than three inductions.",
    }
