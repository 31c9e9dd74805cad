"""The Aalen-Johansen estimate with every patient's influence on it: the machine behind shares, months and bands.

The influences (infinitesimal jackknife) are carried along the product of the transition matrices. The sum of their
squares is the variance (that of survival::survfit in R), their integral over time gives the months in each state, and
random weights on them give bands, all without fitting again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.response.states import MONTHS, STATES
from helpers.response.transitions import derive_periods, mark_exposed

Floats = NDArray[np.float64]

@dataclass(frozen=True)
class Occupancy:
    """The shares in each state, month by month, and what each patient does to them.

    Shapes: `share` and `area` (months in the state so far) month by state; `influence` and `area_influence` month by
    state by patient; `at_risk` by month: alive and under follow-up just before it. Nothing is missing in here: months
    after the last one that anybody was followed to carry the last share on, and `known_until` tells which these are.
    """

    months: Floats
    states: tuple[str, ...]
    share: Floats
    influence: Floats
    area: Floats
    area_influence: Floats
    at_risk: Floats
    known_until: float

    @property
    def n(self) -> int:
        """The number of patients."""
        return int(self.influence.shape[2])


def derive_occupancy(
    spells: pd.DataFrame, *, months: Sequence[float] = MONTHS, states: Sequence[str] = STATES
) -> Occupancy:
    """The shares in each state at each of the (rising) months, with every patient's influence on them.

    `spells` as `derive_state_spells` gives them, every patient from month 0 on; they may start in different states.
    Patients whose follow-up ended leave the risk set with the state they had; the dead stay dead.

    Right where the end of follow-up says nothing about the future, and then consistent for the shares even when the
    process is not Markov. Source: Aalen and Johansen, Scand J Stat 1978;5:141; Datta and Satten, Stat Probab Lett
    2001;55:403; variance: Therneau and Grambsch, Modeling Survival Data, Springer 2000, section 7.2 (the jackknife).
    """
    asked = np.asarray(months, dtype=float)
    moves = _number_moves(spells, states=states)
    shape = (len(asked), *moves.first.shape)
    share, area = np.zeros((2, *shape[:2]))
    influence, area_influence = np.zeros((2, *shape))
    bounds = np.searchsorted(asked, [-np.inf, *moves.times, np.inf])
    clocks = np.concatenate([[0.0], moves.times])
    lasts = np.append(np.diff(clocks), 0.0)
    spent, pull = np.zeros(shape[1]), np.zeros(shape[1:])
    for step, (now, moved) in enumerate(_walk(moves, first=moves.first)):
        if bounds[step] == len(asked):  # no month is asked for after this change
            break
        if bounds[step] < bounds[step + 1]:  # most changes come before the next month that is asked for
            rows = slice(bounds[step], bounds[step + 1])
            since = asked[rows] - clocks[step]
            share[rows], influence[rows] = now, moved
            area[rows], area_influence[rows] = spent + since[:, None] * now, pull + since[:, None, None] * moved
        spent, pull = spent + lasts[step] * now, pull + lasts[step] * moved
    ends = np.sort(spells.groupby("patient_id")["until_month"].max().to_numpy(float))
    all_died = len(ends) > 0 and spells["state"].eq("dead").sum() == len(ends)
    return Occupancy(
        months=asked, states=tuple(states), share=share, influence=influence, area=area, area_influence=area_influence,
        at_risk=(len(ends) - np.searchsorted(ends, asked, side="left")).astype(float),
        known_until=np.inf if all_died else ends.max(initial=-np.inf),
    )  # fmt: skip


@dataclass(frozen=True)
class _Moves:
    """The changes of state as numbers: one entry per change, ordered by time; states and patients are places."""

    times: Floats
    edges: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    person: NDArray[np.int64]
    placed: NDArray[np.int8]
    counts: Floats
    hazards: Floats
    first: Floats


def _number_moves(spells: pd.DataFrame, *, states: Sequence[str]) -> _Moves:
    ids = spells["patient_id"].unique()
    begun = spells.loc[spells["month"].eq(0)]
    first = np.zeros((len(states), len(ids)))
    first[_places(begun["state"], states), _places(begun["patient_id"], ids)] = 1.0
    periods = derive_periods(spells)
    periods = periods.assign(person=_places(periods["patient_id"], ids), code=_places(periods["state"], states) + 1)
    moves = periods.loc[periods["to"].notna()].sort_values("stop", kind="stable")
    times, place = np.unique(moves["stop"].to_numpy(float), return_inverse=True)
    source, target = moves["code"].to_numpy(int) - 1, _places(moves["to"], states)
    placed = mark_exposed(periods, times=times, patients=len(ids))
    counts = np.stack([np.maximum((placed == code + 1).sum(axis=1), 1) for code in range(len(states))], axis=1)
    hazards = np.zeros((len(times), len(states), len(states)))
    np.add.at(hazards, (place, source, target), 1.0)
    hazards[:, np.arange(len(states)), np.arange(len(states))] = -hazards.sum(axis=2)
    return _Moves(
        times=times, edges=np.searchsorted(place, np.arange(len(times) + 1)), source=source, target=target, first=first,
        person=moves["person"].to_numpy(int), placed=placed, counts=counts.astype(float),
        hazards=hazards / counts[:, :, None],
    )  # fmt: skip


def _places(values: pd.Series, names: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
    """Where each value stands among the names."""
    return np.asarray(pd.Index(names).get_indexer(pd.Index(values)), dtype=np.int64)


def _walk(moves: _Moves, *, first: Floats, after: float = -np.inf) -> Iterator[tuple[Floats, Floats]]:
    """The shares and the influences at the start, and after each later time at which anybody changes.

    With p the shares, A the transition hazards and Y the patients in a state just before, the influence of patient i
    follows dU = U dA + p (dN_i - Y_i dA) / Y. `first` holds the patients' first states (states by patients), or the
    shares themselves in one column, which nobody has an influence on then.
    """
    drawn = max(first.shape[1], 1)
    share = first.sum(axis=1) / drawn
    influence = np.zeros(moves.first.shape) + (first - share[:, None]) / drawn
    pulls = np.zeros((len(share), len(share) + 1))  # p dA / Y by the state held, that of whoever is in none first
    yield share, influence
    for step in np.flatnonzero(moves.times > after):
        own = slice(moves.edges[step], moves.edges[step + 1])
        source, target, person = moves.source[own], moves.target[own], moves.person[own]
        hazard, weight = moves.hazards[step], share / moves.counts[step]
        pulls[:, 1:] = (hazard * weight[:, None]).T
        influence = influence + hazard.T @ influence - pulls.take(moves.placed[step], axis=1)
        np.add.at(influence, (target, person), weight[source])
        np.add.at(influence, (source, person), -weight[source])
        share = share + share @ hazard
        yield share, influence


@dataclass(frozen=True)
class Foretold:
    """What the state alone foretells: the `share` of each state, the `influence` of every patient on it (states by
    patients), and the patients, as `ids`, in the order of the influences."""

    share: Floats
    influence: Floats
    ids: NDArray[Any]


def derive_markov_shares(
    spells: pd.DataFrame, *, sources: Sequence[str], start_month: float, at_month: float,
    states: Sequence[str] = STATES,
) -> dict[str, Foretold]:  # fmt: skip
    """The probability of each state at a month, given each of `sources` at an earlier one, under Markov.

    The product of the hazards of all patients between the two months, the Aalen-Johansen estimate of a transition
    probability. Right only where the present state is all that the past tells of the future. The influences
    (infinitesimal jackknife) take patients as the units, as those of `derive_occupancy` do, so that the two can be
    held against each other.
    """
    moves = _number_moves(spells, states=states)
    return {source: _foretell(moves, source=source, start=start_month, end=at_month, states=states,
                              ids=spells["patient_id"].unique()) for source in sources}  # fmt: skip


def _foretell(
    moves: _Moves, *, source: str, start: float, end: float, states: Sequence[str], ids: NDArray[Any]
) -> Foretold:
    first = np.array([[float(state == source)] for state in states])
    steps = int(((moves.times > start) & (moves.times <= end)).sum())
    share, influence = next(islice(_walk(moves, first=first, after=start), steps, None))
    return Foretold(share, influence, ids)
