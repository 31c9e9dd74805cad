"""The abstract against itself, claim against claim: sums, and figures that come twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from helpers.published.claims import Claim, find_groups
from helpers.published.numbers import round_percent, truncate_percent


def check_sums(records: dict[str, Claim]) -> Iterator[dict[str, Any]]:
    """Two rows per group of claims that divide a total: its counts added up, and its percentages."""
    for name, part in find_groups(records).items():
        counts, total = [row["numerator"] for row in part], part[0]["denominator"]
        yield {
            "id": f"check.{name}.counts", "printed": f"{name}: the counts together",
            "arithmetic": f"{' + '.join(map(str, counts))} = {sum(counts)}, of {total}",
            "verdict": "match_exact" if sum(counts) == total else "contradiction",
        }  # fmt: skip
        yield {"id": f"check.{name}.percentages", "printed": f"{name}: the percentages together", **_add_percents(part)}


def _add_percents(part: list[Claim]) -> dict[str, Any]:
    printed = sum(row["value"] for row in part)
    rounded, cut = (
        sum(way(row["numerator"], row["denominator"], decimals=row["decimals"]) for row in part)
        for way in (round_percent, truncate_percent)
    )
    verdict = "match_rounded" if abs(printed - rounded) < 1e-6 else (
        "match_truncated" if abs(printed - cut) < 1e-6 else "contradiction")  # fmt: skip
    return {
        "arithmetic": f"{' + '.join(format(row['value'], 'g') for row in part)} = {printed:.1f} %",
        "recomputed": printed, "verdict": verdict,
        "note": f"Rounded they would add up to {rounded:.1f} %, truncated to {cut:.1f} %.",
    }  # fmt: skip


def check_repeats(records: dict[str, Claim]) -> Iterator[dict[str, Any]]:
    """One row for each count of the same total that is printed for two different groups."""
    counted = [row for rows in find_groups(records).values() for row in rows]
    for one, other in combinations(counted, 2):
        same = (one["numerator"], one["denominator"]) == (other["numerator"], other["denominator"])
        if same and one["group"] != other["group"]:
            yield {
                "id": f"check.repeat.{one['id']}", "printed": f"{one['printed']}; {other['printed']}",
                "arithmetic": f"{one['numerator']} / {one['denominator']} twice", "verdict": "not_checkable",
                "note": "Whether these are the same patients is not printed.",
            }  # fmt: skip
