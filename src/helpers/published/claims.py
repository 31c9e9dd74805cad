"""The printed claims as records: how they are read, and what their groups are."""

from __future__ import annotations

from importlib import resources
from itertools import combinations
from typing import Any

import pandas as pd

Claim = dict[str, Any]

WHOLE = ("decimals", "numerator", "denominator")


def read_claims() -> pd.DataFrame:
    """The claims of the abstract, as they are shipped with the package.

    One row per printed figure, or per outcome that is named without one: `id`, `section`, `printed` (short),
    `value`, `decimals` (as printed; -1 for tens), `numerator` and `denominator` (counts as printed), `unit`,
    `group` (claims that divide one total), `counted_in` (the claim or group whose count it rests on),
    `ledger_id` and `compare` (the number of a run that stands beside it, and how), `n_id` (the number that says in
    how many, where the run's own number counts something else), `obtained` (calibrated: the shipped cohort was
    made to show it; counts_calibrated: its counts were held within ranges, the figure emerged; emerged;
    not_reported: a run has no counterpart), `evidence`
    (published, literature, not_printed).

    >>> len(read_claims()) > 45
    True
    """
    with resources.as_file(resources.files("helpers") / "claims.csv") as path:
        claims = pd.read_csv(path, dtype="string", encoding="utf-8")
    numbers = claims["value"].astype("Float64")
    return claims.assign(value=numbers, **{name: claims[name].astype("Int64") for name in WHOLE})


def list_claims(claims: pd.DataFrame) -> dict[str, Claim]:
    """Each claim by its id, with None for what is missing."""
    records = ({str(key): None if pd.isna(value) or value == "" else value for key, value in row.items()}
               for row in claims.to_dict("records"))  # fmt: skip
    return {str(row["id"]): row | {name: _whole(row.get(name)) for name in WHOLE} for row in records}


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def find_groups(records: dict[str, Claim]) -> dict[str, list[Claim]]:
    """The claims with counts that divide one total between them, by group, in printed order."""
    groups: dict[str, list[Claim]] = {}
    for row in records.values():
        if row["group"] is not None and row["numerator"] is not None:
            groups.setdefault(row["group"], []).append(row)
    return groups


def find_subgroup_sizes(records: dict[str, Claim], *, total: int) -> list[int]:
    """The sizes of all subgroups of `total` patients that the abstract prints, largest first.

    A subgroup is one claim or several neighbours of one group: two or three inductions, complete or partial.
    """
    sizes = {total}
    for part in find_groups(records).values():
        counts = [row["numerator"] for row in part if row["denominator"] == total]
        sizes |= {sum(counts[start:end]) for start, end in combinations(range(len(counts) + 1), 2)}
    return sorted(sizes, reverse=True)
