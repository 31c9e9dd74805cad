"""The curves that go with each hazard ratio: free of the outcome, by the label as it was known on each day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.survival.curves import FEWEST_AT_RISK, GROUPS, choose_ticks, kaplan_meier

Floats = NDArray[np.float64]

_FIRST_MOMENT = 1e-9
"""At month zero those count who start there."""

CURVES = ("worsening_rule", "time_zero", "group", "months", "survival", "ticks", "at_risk_n", "n", "events")


def derive_curves(periods: Mapping[str, pd.DataFrame], *, worsening_rule: str) -> pd.DataFrame:
    """The step curves of each option of time zero: one row per group (dtt, other) that anybody was in.

    `months` and `survival` (after each month; the first is where the curve begins, the last where it is cut), `ticks`
    (months) with `at_risk_n` just before each, `n` patients ever in the group, `events`. Where labels come with time a
    patient moves from "other" to "dtt" on the day of the label: Simon and Makuch, Stat Med 1984;3:35.

    Curves end where fewer than ten are left at risk in either group (in a small group, half of the most that it ever
    had), as the report's do; and begin where so many have come to be at risk. Before, one outcome would take away most
    of the curve for good. Months run from time zero, or from the landmark.
    """
    rows: list[dict[str, Any]] = []
    for name, found in periods.items():
        groups = {group: found.loc[found["is_dtt"].eq(int(group == "dtt"))] for group in GROUPS}
        groups = {group: part for group, part in groups.items() if len(part)}
        spans = {group: find_span(part) for group, part in groups.items()}
        end = min((span[1] for span in spans.values()), default=0.0)
        rows += [{"worsening_rule": worsening_rule, "time_zero": name, "group": group,
                  **_draw_steps(part, begin=spans[group][0], end=end)} for group, part in groups.items()]  # fmt: skip
    return pd.DataFrame(rows, columns=list(CURVES))


def find_span(periods: pd.DataFrame) -> tuple[float, float]:
    """The months between which enough are at risk: from the first to the last with ten, or half of the most there were.

    >>> rows = pd.DataFrame({"start": 0.0, "stop": [float(month) for month in range(1, 31)]})
    >>> find_span(rows)
    (0.0, 21.0)
    """
    starts, stops = (np.sort(periods[name].to_numpy(float)) for name in ("start", "stop"))
    joined = np.searchsorted(starts, starts, side="right") - np.searchsorted(stops, starts, side="right")
    left = np.searchsorted(starts, stops, side="left") - np.searchsorted(stops, stops, side="left")
    fewest = min(FEWEST_AT_RISK, (int(joined.max()) + 1) // 2)
    return float(starts[joined >= fewest][0]), float(stops[left >= fewest][-1])


def _draw_steps(periods: pd.DataFrame, *, begin: float, end: float) -> dict[str, Any]:
    """The steps of one group between two months, given that nothing happened before the first."""
    start, stop = periods["start"].to_numpy(float), periods["stop"].to_numpy(float)
    is_event, is_in = periods["is_event"].to_numpy(bool), stop > begin
    months, survival, _ = kaplan_meier(stop[is_in], is_event[is_in], start=np.maximum(start[is_in], begin))
    shown = (months > begin) & (months <= end)
    reached = survival[months <= end][-1]
    ticks = np.array(choose_ticks(end))
    at_risk = (start[:, None] < np.maximum(ticks, _FIRST_MOMENT)) & (stop[:, None] >= ticks)
    return {
        "months": np.concatenate([[begin], months[shown], [max(begin, end)]]),
        "survival": np.concatenate([[1.0], survival[shown], [reached]]),
        "ticks": ticks, "at_risk_n": at_risk.sum(axis=0),
        "n": periods["patient_id"].nunique(), "events": int(is_event.sum()),
    }  # fmt: skip
