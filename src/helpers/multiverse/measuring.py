"""All numbers of a stretch of definitions, each distinct one computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.multiverse.curves import CURVES, derive_curves
from helpers.multiverse.definitions import summarise_definition, write_answers
from helpers.multiverse.estimates import HAZARDS, ODDS, derive_periods, estimate_hazards, estimate_odds
from helpers.multiverse.grid import Decision, Grid, Option
from helpers.multiverse.shuffling import NULL, Shuffles, draw_all, score_exposures, score_hazards
from helpers.parameters import Parameters, check_parameters
from helpers.shared_tables import COHORT, Kept, SharedTables, Tables, identify
from helpers.survival import label_groups

PARTS: Mapping[str, tuple[str, ...]] = {
    "definitions": (), "answers": (), "odds": ODDS, "hazards": HAZARDS, "curves": CURVES, "null": NULL,
}  # fmt: skip
"""The tables that a stretch is measured into, with the columns of those that may stay empty."""

KEPT = 60
"""Definitions next to each other often give every patient the same label: estimates are then the same."""


_OUTCOME = ("patient_id", "time_zero_date", "composite_months", "composite_status")


class Measurer:
    """What a worker needs for any stretch: the grid, the raw tables, the shuffles; and what it has made so far.

    `blocks` as `derive_blocks` makes them. What is kept from one stretch to the next changes no number.
    """

    def __init__(self, grid: Grid, raw: Tables, *, blocks: Mapping[str, NDArray[np.intp]], permutations: int,
                 seed: int) -> None:  # fmt: skip
        self._grid, self._raw, self._blocks = grid, raw, blocks
        self._permutations, self._seed = permutations, seed

    @cached_property
    def _tables(self) -> SharedTables:
        return SharedTables({"": self._raw}, keep=8)

    @cached_property
    def _kept(self) -> Kept:
        return Kept(KEPT)

    @cached_property
    def _shuffles(self) -> Shuffles:
        return draw_all(self._blocks, permutations=self._permutations, seed=self._seed)

    def measure(self, start: int, stop: int) -> dict[str, pd.DataFrame]:
        """The tables of `PARTS` for the definitions of these numbers, in grid order."""
        found: dict[str, list[pd.DataFrame]] = {name: [] for name in PARTS}
        for number in range(start, stop):
            for name, table in self._measure_one(number).items():
                if len(table):
                    found[name].append(table.assign(definition=number))
        return {name: _stack(tables, columns=PARTS[name]) for name, tables in found.items()}

    def _measure_one(self, number: int) -> dict[str, pd.DataFrame]:
        code = self._grid.list_definitions()[number]
        chosen = self._grid.options_of(code + self._grid.list_analyses()[0])
        parameters = check_parameters(self._grid.values_of(chosen.values()))
        cohort = self._tables.derive_cohort_tables(parameters, data="")["cohort"]
        labels = self._tables.derive_labels(parameters, data="")
        facts = summarise_definition(cohort, labels, rule=parameters.dtt_rule())
        options = {decision.name: chosen[decision.name].name for decision in self._grid.in_block("definition")}
        answers = write_answers(cohort, labels)
        key = (identify(parameters, COHORT), answers)
        months = labels["dtt_month"].to_numpy(float).tobytes()
        odds, odds_null = self._kept.once("odds", key, lambda: self._measure_odds(parameters, cohort, labels))
        hazards, curves, hazard_null = self._kept.once(
            "hazards", (key, months), lambda: self._measure_hazards(parameters, cohort, labels))
        return {
            "definitions": pd.DataFrame([{**options, "code": code, **facts}]),
            "answers": pd.DataFrame({"answers": [answers]}),
            "odds": odds, "hazards": hazards, "curves": curves,
            "null": _stack([odds_null, hazard_null], columns=NULL),
        }  # fmt: skip

    def _measure_odds(
        self, parameters: Parameters, cohort: pd.DataFrame, labels: pd.DataFrame
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        covariates, estimators = self._vary("covariates", parameters), self._decisions["estimator"].options
        terms = dict.fromkeys(name for _, changed in covariates for name in changed.covariates)
        people = cohort[["patient_id", *terms]]
        odds = estimate_odds(people, labels, covariates=covariates, estimators=estimators)
        if not self._permutations:
            return odds, pd.DataFrame(columns=list(NULL))
        rows = score_exposures(cohort, labels, covariates=covariates, shuffles=self._shuffles)
        return odds, pd.DataFrame(rows, columns=list(NULL))

    def _measure_hazards(
        self, parameters: Parameters, cohort: pd.DataFrame, labels: pd.DataFrame
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        time_zeros = self._vary("time_zero", parameters)
        hazards, curves, rows = [], [], list[dict[str, Any]]()
        for option, changed in self._vary("worsening_rule", parameters):
            outcomes = label_groups(self._tables.derive_outcomes(changed, data="")[list(_OUTCOME)], labels=labels)
            periods = derive_periods(outcomes, time_zeros=time_zeros)
            hazards.append(estimate_hazards(periods, worsening_rule=option.name))
            curves.append(derive_curves(periods, worsening_rule=option.name))
            if self._permutations:
                rows += score_hazards(cohort, outcomes, worsening_rule=option.name, time_zeros=time_zeros,
                                      shuffles=self._shuffles)  # fmt: skip
        null = pd.DataFrame(rows, columns=list(NULL))
        return _stack(hazards, columns=HAZARDS), _stack(curves, columns=CURVES), null

    @cached_property
    def _decisions(self) -> dict[str, Decision]:
        return {decision.name: decision for decision in self._grid.decisions}

    def _vary(self, name: str, parameters: Parameters) -> list[tuple[Option, Parameters]]:
        """Each option of an analysis decision, with the parameters under it."""
        values = parameters.model_dump()
        return [(option, check_parameters(values | dict(option.values))) for option in self._decisions[name].options]


def _stack(tables: Sequence[pd.DataFrame], *, columns: Sequence[str]) -> pd.DataFrame:
    """The tables under each other, those without rows left out; an empty one with these columns without any."""
    kept = [table for table in tables if len(table)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(columns))


def measure_stretch(measurer: Measurer, stretch: tuple[int, int]) -> dict[str, pd.DataFrame]:
    """One task of a multiverse: the definitions of these numbers, the second not included."""
    return measurer.measure(*stretch)
