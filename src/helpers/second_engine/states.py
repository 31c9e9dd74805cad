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
    moved_at, place_of = np.unique(np.searchsorted(moments, leave[goes_on]), return_inverse=True)
    moved = np.zeros((len(moved_at), size, size))
    np.add.at(moved, (place_of, code[goes_on], after[goes_on]), 1.0)
    gone = np.eye(size) * moved.sum(axis=2)[:, None]
    steps = np.eye(size) + (moved - gone) / np.maximum(present[moved_at], 1)[:, :, None]
    shares = [np.bincount(code[entry == 0], minlength=size) / max(int((entry == 0).sum()), 1)]
    for step in steps:
        shares.append(shares[-1] @ step)
    steps_before = np.searchsorted(moments[moved_at], at, side="right")
    return {month: shares[count] if month <= followed_until else np.full(size, np.nan)
            for month, count in zip(at, steps_before, strict=True)}  # fmt: skip


def _count_before(moments: Floats, code: NDArray[Any], entry: Floats, leave: Floats, *, size: int) -> Floats:
    """How many are in each state just before each moment: all who had come before it less all who had left before."""
    change = np.zeros((len(moments) + 1, size))
    np.add.at(change, (np.searchsorted(moments, entry) + 1, code), 1.0)
    stays = np.isfinite(leave)
    np.add.at(change, (np.searchsorted(moments, leave[stays]) + 1, code[stays]), -1.0)
    before: Floats = np.cumsum(change, axis=0)[: len(moments)]
    return before
