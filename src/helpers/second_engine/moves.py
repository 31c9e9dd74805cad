"""Changes of state a second time: rates as counts over time, spell by spell, and months as sums of shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.second_engine.check import Check, Engines, check_parts
from helpers.second_engine.shares import POISSON, RATE, find_rate
from helpers.second_engine.states import multiply_states

Floats = NDArray[np.float64]

MONTHS = Engines("areas along with the influences", "shares from matrices, times the months they lasted", 1e-8,
                 "the order of sums and products")  # fmt: skip
GROUPS = ("all", "dtt", "other")
TRANSITIONS = (("active", "partial"), ("active", "complete"), ("partial", "complete"), ("complete", "flare"),
               ("active", "esrd"))  # fmt: skip
FEWEST = 10
"""As many must be alive and followed in every group: stated again, so that a slip there is found here."""


def check_rates(spells: pd.DataFrame, *, label_months: pd.Series) -> list[Check]:
    """The rates from state to state per hundred patient-years: with the label counted from its day, and read back."""
    label: Any = spells["patient_id"].map(label_months).astype(float).fillna(np.inf).to_numpy(np.float64)
    final = np.where(spells["group"].eq("dtt"), -np.inf, np.inf)
    return [*_check_rates(spells, label, prefix="response.transitions"),
            *_check_rates(spells, final, prefix="response.transitions.final")]  # fmt: skip


def _check_rates(spells: pd.DataFrame, label: Floats, *, prefix: str) -> list[Check]:
    start, stop = spells["month"].to_numpy(float), spells["until_month"].to_numpy(float)
    goes_on = spells["patient_id"].eq(spells["patient_id"].shift(-1)).fillna(False).to_numpy(bool)
    state, target = spells["state"].to_numpy(object), spells["state"].shift(-1).to_numpy(object)
    told, lasts = spells["group"].isin(["dtt", "other"]).to_numpy(bool), stop > start
    after = np.where(lasts, np.maximum(stop - np.maximum(start, label), 0.0), 0.0)
    before = stop - start - after
    months = {"all": stop - start, "dtt": np.where(told, after, 0.0), "other": np.where(told, before, 0.0)}
    is_late = told & (label < stop)
    counts = {"all": lasts, "dtt": lasts & is_late, "other": lasts & told & ~is_late}
    checks = []
    for group in GROUPS:
        for source, into in TRANSITIONS:
            here = state == source
            events = int((counts[group] & here & goes_on & (target == into)).sum())
            found = find_rate(events, float(months[group][here].sum()) / 12)
            id = f"{prefix}.{group}.{source}_to_{into}.rate"
            limits = {part: found[part] for part in ("low", "high")}
            checks += [Check(id, found["value"], RATE), *check_parts(id, limits, engines=POISSON)]
    return checks


def check_months(spells: pd.DataFrame, *, prefix: str, until: float, states: tuple[str, ...]) -> list[Check]:
    """The months in each state, by group and in difference, to the last month at which every group has enough."""
    parts = {group: spells if group == "all" else spells.loc[spells["group"].eq(group)] for group in GROUPS}
    reach = {group: _reach(rows, until=until) for group, rows in parts.items()}
    end = min((month for month in reach.values() if month > 0), default=0.0)
    spent = {group: add_months(rows, states=states, until=end) if reach[group] > 0 else np.full(len(states), np.nan)
             for group, rows in parts.items()}  # fmt: skip
    spent["difference"] = spent["dtt"] - spent["other"]
    checks = [Check(f"{prefix}.{group}.{state}".replace(" ", "_"), float(value), MONTHS)
              for group, values in spent.items() for state, value in zip(states, values, strict=True)]  # fmt: skip
    return [*checks, Check(f"{prefix}.until", end, MONTHS)]


def _reach(spells: pd.DataFrame, *, until: float) -> float:
    """The last whole month at which enough patients are alive and followed; -1 without any."""
    ends = spells.groupby("patient_id")["until_month"].max().to_numpy(float)
    months = np.arange(0.0, until + 1)
    enough = (ends >= months[:, None]).sum(axis=1) >= FEWEST
    return float(enough.sum() - 1)


def add_months(spells: pd.DataFrame, *, states: tuple[str, ...], until: float) -> Floats:
    """The months spent in each state up to `until`, had all been followed.

    >>> spells = pd.DataFrame({"patient_id": "A", "state": ["active", "dead"], "month": [0.0, 6.0],
    ...                        "until_month": [6.0, 6.0]})
    >>> add_months(spells, states=("active", "dead"), until=10.0).tolist()
    [6.0, 4.0]
    """
    changes = np.unique(spells["month"].to_numpy(float))
    clocks = np.concatenate([[0.0], changes[(changes > 0) & (changes < until)]])
    found = multiply_states(spells, states=states, absorbing="dead", followed_until=np.inf, at=clocks.tolist())
    lasts = np.diff(np.append(clocks, until))
    return np.asarray(sum(found[clock] * width for clock, width in zip(clocks, lasts, strict=True)))
