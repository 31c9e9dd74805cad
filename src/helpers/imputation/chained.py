"""Chained equations: each variable in turn drawn from a model on all the others, in many data sets side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.imputation.logistic import draw_binary, standardise
from helpers.imputation.matching import DONORS, degrees_left, draw_matched

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CYCLES = 10
"""Rounds through all variables before a draw is kept; with the shares missing here the chains settle in three or four
(van Buuren, Flexible Imputation of Missing Data, 2nd ed. 2018, section 4.5: five to twenty)."""


@dataclass(frozen=True)
class Completed:
    """Completed data sets: `draws` (sets by patients by variables) in the order of `names`; `missing` (patients by
    variables) says which of them were drawn."""

    draws: Floats
    names: tuple[str, ...]
    missing: Bools

    def take(self, names: Sequence[str]) -> Floats:
        """The named variables: sets by patients by names."""
        return self.draws[:, :, [self.names.index(name) for name in names]]

    def count_missing(self, name: str) -> int:
        """In how many patients the variable was drawn."""
        return int(self.missing[:, self.names.index(name)].sum())


def impute_chained(frame: pd.DataFrame, *, sets: int, seed: int, cycles: int = CYCLES) -> Completed:
    """The table completed `sets` times, by multiple imputation by chained equations.

    `frame` has one row per patient and a number in every column, missing as NaN: the variables of the analysis, its
    outcome, and whatever else foretells a value or its absence. A column of 0 and 1 is drawn by Bayesian logistic
    regression (`draw_binary`), any other by predictive mean matching (`draw_matched`), each on all other columns; one
    whose known values are all the same is filled with that value; one without a known value is left out of the names.
    Variables are visited from the least to the most often missing, starting from known values drawn at random.

    All chains advance together, so the same seed gives the same draws whatever the machine. Right where a value is
    missing for reasons that the table holds (missing at random); what it does not hold cannot be mended by drawing.
    Source: van Buuren, Stat Methods Med Res 2007;16:219; White, Royston and Wood, Stat Med 2011;30:377.

    >>> frame = pd.DataFrame({"apl": [0, 1, np.nan, 1, 0, 1.0], "dtt": [0, 1, 1, 1, 0, 0.0]})
    >>> done = impute_chained(frame, sets=3, seed=1)
    >>> done.draws.shape, done.count_missing("apl")
    ((3, 6, 2), 1)
    """
    known = frame.loc[:, frame.notna().any()].astype(float)
    table = known.to_numpy()
    missing = np.isnan(table)
    rng = np.random.default_rng(seed)
    values = np.repeat(np.where(missing, 0.0, table)[None], sets, axis=0)
    for column in np.flatnonzero(missing.any(axis=0)):
        holes = missing[:, column]
        values[:, holes, column] = rng.choice(table[~holes, column], size=(sets, int(holes.sum())))
    start = Completed(values, tuple(known.columns), missing)
    return _advance(start, rng=rng, cycles=cycles, shifts={}, modes={})


def continue_chains(
    completed: Completed, *, shifts: Mapping[str, Sequence[float]], seed: int, cycles: int = 1
) -> list[Completed]:
    """The chains carried on under the supposition that a variable is missing for reasons that the table does not hold.

    One set of completed data sets per value: the log odds of a yes among those who lack the variable are moved by it
    (delta adjustment; infinite: all yes, or all no), and the other variables follow. Every shift sees the same luck, so
    that differences between them are the shift's doing (each starts its fits where those of the one before it ended,
    which moves them by far less than decides a draw); one round, the shifted variable first, is enough where few
    patients lack it and others at once. All variables named must have equally many shifts.
    Source: van Buuren, Flexible Imputation of Missing Data, 2nd ed. 2018, section 3.8; Cro et al., Stat Med
    2020;39:2815.
    """
    each = zip(*shifts.values(), strict=True)
    moved = [dict(zip(shifts, own, strict=True)) for own in each]
    modes: dict[int, Floats] = {}
    return [_advance(completed, rng=np.random.default_rng(seed), cycles=cycles, shifts=own, modes=modes)
            for own in moved]  # fmt: skip


def _advance(
    start: Completed, *, rng: np.random.Generator, cycles: int, shifts: Mapping[str, float], modes: dict[int, Floats]
) -> Completed:
    """`modes` is filled: where the fits of each column ended last, from where the next are found in fewer steps."""
    values, missing = start.draws.copy(), start.missing
    often = missing.sum(axis=0)
    order = sorted(np.flatnonzero(often), key=lambda column: (start.names[column] not in shifts, often[column]))
    for _ in range(cycles):
        for column in map(int, order):
            known, holes = ~missing[:, column], missing[:, column]
            outcome = values[0, :, column]
            if np.ptp(outcome[known]) == 0:
                values[:, holes, column] = outcome[known][0]
                continue
            design = standardise(np.delete(values, column, axis=2), rows=known)
            luck = _draw_luck(rng, sets=len(values), size=design.shape[2], rows=known)
            if set(np.unique(outcome[known])) <= {0.0, 1.0}:
                shift = shifts.get(start.names[column], 0.0)
                values[:, holes, column], modes[column] = draw_binary(
                    design, outcome, known=known, noise=luck[0], uniform=luck[1], shift=shift, start=modes.get(column))
            else:
                values[:, holes, column] = draw_matched(
                    design, outcome, known=known, noise=luck[0], scale=luck[2], ties=luck[3],
                    pick=(luck[1] * DONORS).astype(int))
    return replace(start, draws=values)


def _draw_luck(
    rng: np.random.Generator, *, sets: int, size: int, rows: Bools
) -> tuple[Floats, Floats, Floats, Floats]:
    """Normal, uniform and chi-square draws of one step, and what breaks ties: always as many, whatever is drawn."""
    known = int(rows.sum())
    return (rng.standard_normal((sets, size)), rng.random((sets, len(rows) - known)),
            rng.chisquare(degrees_left(known, size), size=sets), rng.random((sets, known)))  # fmt: skip
