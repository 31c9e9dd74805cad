"""Cohort, labels and outcomes under many sets of parameters, each table made once for all that share it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import pandas as pd

from helpers import stages
from helpers.labelling import derive_labels, judge_arms
from helpers.labelling.course import FirstCourses, derive_first_courses
from helpers.parameters import ALL, Parameters, names_used_by
from helpers.survival import derive_outcomes

_NOT_REACHING = {
    "data_dir", "derived_dir", "bootstrap_samples", "imputations", "label_noise_sd", "noise_samples", "seed",
}  # fmt: skip
COHORT = tuple(name for name in names_used_by(ALL[0]) if name not in _NOT_REACHING)
"""The parameters that a patient's place in the cohort depends on."""

LABELS = COHORT + tuple(name for name in names_used_by(ALL[1]) if name not in _NOT_REACHING)
"""Those that a patient's label depends on."""

_COURSES = (*COHORT, "rules_file", "response_rule", "complete_response_upcr")
_OUTCOMES = (*COHORT, "rules_file", "worsening_rule")

Tables = Mapping[str, pd.DataFrame]


class Kept:
    """What has been made, by kind and key: of each kind the last `keep` that were asked for; all without a limit."""

    def __init__(self, keep: int | None = None) -> None:
        self._keep = keep
        self._made: dict[str, OrderedDict[Hashable, Any]] = {}

    def once(self, kind: str, key: Hashable, make: Callable[[], Any]) -> Any:
        """What was made under this key, or what `make` makes now.

        >>> kept = Kept(keep=1)
        >>> [kept.once("word", key, lambda: made.append(key) or key) for made in [[]] for key in "aab"]
        ['a', 'a', 'b']
        """
        made = self._made.setdefault(kind, OrderedDict())
        if key not in made:
            made[key] = make()
        made.move_to_end(key)
        while self._keep is not None and len(made) > self._keep:
            made.popitem(last=False)
        return made[key]


class SharedTables:
    """Makes tables from raw ones, each once for all sets of parameters that agree in what it depends on.

    `raws` holds the six raw tables under a word for each set of data; `keep` is that of `Kept`.
    """

    def __init__(self, raws: Mapping[str, Tables], *, keep: int | None = None) -> None:
        self._raws, self._kept = raws, Kept(keep)

    def derive_cohort_tables(self, parameters: Parameters, *, data: str) -> Tables:
        """The tables `cohort`, `assessments` and `courses`, by name."""
        tables: Tables = self._once("cohort", data, parameters, COHORT,
                                    lambda: stages.derive_cohort_tables(self._raws[data], parameters))  # fmt: skip
        return tables

    def derive_labels(self, parameters: Parameters, *, data: str) -> pd.DataFrame:
        """The labels without their trace, one row per eligible patient."""

        def make() -> pd.DataFrame:
            first = self._derive_first_courses(parameters, data)
            judged, _ = judge_arms(first, rule=parameters.dtt_rule(), rulebook=parameters.rulebook())
            return derive_labels(first, judged)

        labels: pd.DataFrame = self._once("labels", data, parameters, LABELS, make)
        return labels

    def derive_outcomes(self, parameters: Parameters, *, data: str) -> pd.DataFrame:
        """When each eligible patient met which outcome, whatever their label."""

        def make() -> pd.DataFrame:
            tables = self.derive_cohort_tables(parameters, data=data)
            rule = parameters.rulebook().worsening_rule(parameters.worsening_rule)
            return derive_outcomes(tables["assessments"], cohort=tables["cohort"], events=self._raws[data]["events"],
                                   worsening=rule)  # fmt: skip

        outcomes: pd.DataFrame = self._once("outcomes", data, parameters, _OUTCOMES, make)
        return outcomes

    def _derive_first_courses(self, parameters: Parameters, data: str) -> FirstCourses:
        def make() -> FirstCourses:
            tables, rule = self.derive_cohort_tables(parameters, data=data), parameters.dtt_rule()
            return derive_first_courses(
                tables["assessments"], tables["courses"], tables["cohort"], rule=rule,
                response_rule=parameters.rulebook().response_rule(rule.response_rule),
                events=self._raws[data]["events"])  # fmt: skip

        first: FirstCourses = self._once("courses", data, parameters, _COURSES, make)
        return first

    def _once(
        self, kind: str, data: str, parameters: Parameters, names: tuple[str, ...], make: Callable[[], Any]
    ) -> Any:
        return self._kept.once(kind, (data, *identify(parameters, names)), make)


def identify(parameters: Parameters, names: tuple[str, ...]) -> tuple[str, ...]:
    """The values of these parameters, as a key."""
    return tuple(repr(getattr(parameters, name)) for name in names)
