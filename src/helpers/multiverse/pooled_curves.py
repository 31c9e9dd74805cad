"""The survival curves of all universes, each distinct one kept once, as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.multiverse.grid import Grid
from helpers.multiverse.packing import arrange, pack
from helpers.multiverse.results import Multiverse
from helpers.survival.curves import GROUPS

MONTHS_SCALE, SURVIVAL_SCALE = 100, 60_000
"""A month is kept to its hundredth (a third of a day), a share to about a fifth decimal: finer than a screen."""


def pack_curves(results: Multiverse) -> dict[str, Any]:
    """The curves as `payload` describes them: which is whose, the distinct ones one after another, and who was at risk.

    A group that nobody was in has no curve (of no steps), nobody and no event.
    """
    table = arrange(results.curves, by=_list_axes(results.grid))
    steps, which = _pool([_write_steps(months, survival) for months, survival in
                          zip(table["months"], table["survival"], strict=True)])  # fmt: skip
    risks = [_as_array(counts).astype(int) for counts in table["at_risk_n"]]
    ticks, tick_places = _pool([_as_array(months) for months in _fill_pairs(table["ticks"])])
    return {
        "curve": which, "ticks": tick_places, "tick_sets": [part.tolist() for part in ticks],
        "n": table["n"].fillna(0).astype(int).tolist(), "events": table["events"].fillna(0).astype(int).tolist(),
        "months_scale": MONTHS_SCALE, "survival_scale": SURVIVAL_SCALE,
        "values": {
            "steps": pack(np.concatenate(steps), "u2"), "offsets": pack(_start_at(steps), "u4"),
            "risks": pack(np.concatenate(risks), "u2"), "risk_offsets": pack(_start_at(risks), "u4"),
        },
    }  # fmt: skip


def _list_axes(grid: Grid) -> dict[str, Any]:
    own = {decision.name: decision.names for decision in grid.decisions}
    return {"definition": range(len(grid.list_definitions())), "worsening_rule": own["worsening_rule"],
            "time_zero": own["time_zero"], "group": GROUPS}  # fmt: skip


def _write_steps(months: Any, survival: Any) -> np.ndarray:
    """The months and then the shares of one curve as whole numbers, without the points between two steps."""
    month = np.round(_as_array(months) * MONTHS_SCALE).astype(int)
    share = np.round(_as_array(survival) * SURVIVAL_SCALE).astype(int)
    falls = np.append(True, np.diff(share) != 0)
    falls[-1:] = True
    return np.concatenate([month[falls], share[falls]]) if len(month) else month


def _as_array(values: Any) -> np.ndarray:
    """A list of the results; empty where there is none."""
    return np.asarray(values if np.ndim(values) else [], dtype=float)


def _fill_pairs(ticks: pd.Series) -> list[Any]:
    """The ticks of each pair of groups: a group that nobody was in has those of the other."""
    pairs = ticks.to_numpy(dtype=object).reshape(-1, 2)
    return [next((one for one in pair if np.ndim(one)), []) for pair in pairs for _ in pair]


def _pool(parts: Sequence[np.ndarray]) -> tuple[list[np.ndarray], list[int]]:
    """The distinct arrays in order of first appearance, and which of them each one is."""
    seen: dict[bytes, int] = {}
    places = [seen.setdefault(part.tobytes(), len(seen)) for part in parts]
    first = np.unique(places, return_index=True)[1]
    return [parts[at] for at in first], places


def _start_at(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Where each part begins when they stand one after another, and at last where all end."""
    return np.concatenate([[0], np.cumsum([len(part) for part in parts])])
