"""States over time a second time: who is in which state counted by comings and goings, then matrices multiplied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.second_engine.check import Engines

Floats = NDArray[np.float64]

OCCUPANCY = Engines("increments to the shares", "product of transition matrices", 1e-9, "the order of a product")


def multiply_states(
    spells: pd.DataFrame, *, states: Sequence[str], absorbing: str, followed_until: float, at: Sequence[float]
) -> Mapping[float, Floats]:
    """The share in each state at each month, had all been followed: the product of I + dA over the moments of change.

    `spells` has one row per patient and state (patient_id, month of entry, state, until_month), by patient and month;
    the last state of a patient ends with follow-up, but `absorbing` never. Missing past `followed_until`.
    """
    place = {state: number for number, state in enumerate(states)}
    code = spells["state"].map(place).to_numpy(int)
    entry, leave = spells["month"].to_numpy(float), spells["until_month"].to_numpy(float)
    leave = np.where(code == place[absorbing], np.inf, leave)
    goes_on = spells["patient_id"].eq(spells["patient_id"].shift(-1)).fillna(False).to_numpy(bool)
    after = np.append(code[1:], 0)[: len(code)]
    moments = np.unique(np.concatenate([entry, leave[np.isfinite(leave)]]))
    present = _count_before(moments, code, entry, leave, size=len(states))
    size = len(states)
    shares = np.bincount(code[entry == 0], minlength=size) / max(int((entry == 0).sum()), 1)
    found: dict[float, Floats] = {}
    waiting = sorted(at)
    changes: dict[int, Floats] = {}
    when = np.searchsorted(moments, leave[goes_on])
    for moment, source, target in zip(when, code[goes_on], after[goes_on], strict=True):
        changes.setdefault(int(moment), np.zeros((size, size)))[source, target] += 1
    for moment in sorted(changes):
        while waiting and waiting[0] < moments[moment]:
            found[waiting.pop(0)] = shares
        moved, n = changes[moment], np.maximum(present[moment], 1)
        step = np.eye(size) + (moved - np.diag(moved.sum(axis=1))) / n[:, None]
        shares = shares @ step
    found |= dict.fromkeys(waiting, shares)
    return {month: found[month] if month <= followed_until else np.full(size, np.nan) for month in at}


def _count_before(moments: Floats, code: NDArray[Any], entry: Floats, leave: Floats, *, size: int) -> Floats:
    """How many are in each state just before each moment: all who had come before it less all who had left before."""
    change = np.zeros((len(moments) + 1, size))
    np.add.at(change, (np.searchsorted(moments, entry) + 1, code), 1.0)
    stays = np.isfinite(leave)
    np.add.at(change, (np.searchsorted(moments, leave[stays]) + 1, code[stays]), -1.0)
    before: Floats = np.cumsum(change, axis=0)[: len(moments)]
    return before
