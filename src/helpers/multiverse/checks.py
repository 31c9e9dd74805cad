"""What a grid has to fulfil beyond its shape: parameters that exist, options that differ, constraints that hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helpers.definitions import RuleError, nearest_name
from helpers.multiverse.grid import ANALYSES, DIGITS, QUANTITIES, Constraint, Decision, Grid, Option
from helpers.parameters import ParameterError, Parameters, check_parameters
from helpers.run.checks import check_rules
from helpers.shared_tables import LABELS

READS: Mapping[str, tuple[str, ...]] = {
    "estimator": ("multivariable", "firth"), "time_zero": ("timedependent", "landmark"),
}  # fmt: skip
"""The estimates of a report that an option can read; the first is what the study reads."""

_SETS: Mapping[str, tuple[str, ...]] = {
    "covariates": ("covariates",), "estimator": (), "worsening_rule": ("worsening_rule",),
    "time_zero": ("landmark_months",),
}  # fmt: skip
"""The parameters that the options of an analysis decision can set."""

_ENDINGS = ("_n", "_low", "_high", "_p")
RESERVED = ("definition", "position", "code", "start", "end", "answers", "estimate", "low", "high", "p", "n", "events",
            "events_dtt", "observed", "months", "survival", "ticks", "permuted", *QUANTITIES, *ANALYSES)  # fmt: skip
"""Columns of the results, after which no decision can be called; nor can one end as their numbers do."""


class GridError(ValueError):
    """A mistake in a grid, and the place of it."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def check_grid(grid: Grid) -> None:
    """Raise GridError for the first mistake."""
    _check_values("everywhere", grid.everywhere, grid=grid, allowed=_list_parameters())
    for decision in grid.decisions:
        _check_decision(decision, grid=grid)
    _check_setters(grid)
    for number, constraint in enumerate(grid.constraints, start=1):
        _check_constraint(f"constraints > {number}", constraint, grid=grid)
    if all(len(decision.options) == 1 for decision in grid.decisions):
        raise GridError("the whole file", "no decision has a second option: there is one universe, the study itself")
    _check_combinations(grid)


def _list_parameters() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*LABELS, *(name for names in _SETS.values() for name in names))))


def _check_decision(decision: Decision, *, grid: Grid) -> None:
    place = f"{decision.block} > {decision.name}"
    if decision.block == "definition" and (
            decision.name in RESERVED or decision.name.endswith(_ENDINGS)):  # fmt: skip
        raise GridError(place, "a column of the results has this name already: choose another")
    if len(decision.options) > len(DIGITS):
        raise GridError(place, f"there are {len(decision.options)} options, and a code can tell {len(DIGITS)} apart: "
                        "leave some out")  # fmt: skip
    allowed = LABELS if decision.block == "definition" else _SETS[decision.name]
    for option in decision.options:
        _check_reads(f"{place} > {option.name}", option, decision=decision)
        _check_values(f"{place} > {option.name} > values", option.values, grid=grid, allowed=allowed)
    _check_options(place, decision, grid=grid)


def _check_reads(place: str, option: Option, *, decision: Decision) -> None:
    known = READS.get(decision.name, ())
    if option.reads and not known:
        raise GridError(f"{place} > reads", f"only the options of {' and '.join(READS)} read an estimate: take it out")
    if known and option.reads not in known:
        problem = nearest_name(option.reads, known) if option.reads else f"say which: {', '.join(known)}"
        raise GridError(f"{place} > reads", f"no estimate is called {option.reads!r}: {problem}")


def _check_values(place: str, values: Mapping[str, Any], *, grid: Grid, allowed: tuple[str, ...]) -> None:
    for name in values:
        if name in Parameters.model_fields and name not in allowed:
            raise GridError(f"{place} > {name}", "this parameter cannot be set here: "
                            + (f"only {', '.join(allowed)}" if allowed else "none can"))  # fmt: skip
    try:
        check_rules(check_parameters({**grid.everywhere, **values}))
    except (ParameterError, RuleError) as problem:
        raise GridError(place, "; ".join(str(problem).splitlines())) from None


def _check_options(place: str, decision: Decision, *, grid: Grid) -> None:
    """The first option is the study's, and no two are the same."""
    own, seen = check_parameters(grid.everywhere), dict[tuple[str, str], str]()
    for option in decision.options:
        found = check_parameters({**grid.everywhere, **option.values})
        if option is decision.options[0] and (found != own or option.reads != READS.get(decision.name, ("",))[0]):
            raise GridError(f"{place} > {option.name}", "the first option has to be the study's own, and this one "
                            "differs from it: put the study's first, without values")  # fmt: skip
        key = (option.reads, repr(found) if option.reads != "timedependent" else "")
        if key in seen:
            raise GridError(f"{place} > {option.name}", f"this is the same as {seen[key]}: leave one of them out")
        seen[key] = option.name


def _check_setters(grid: Grid) -> None:
    setters: dict[str, str] = {}
    for decision in grid.decisions:
        for name in dict.fromkeys(name for option in decision.options for name in option.values):
            if name in setters:
                raise GridError(f"{decision.block} > {decision.name}", f"{setters[name]} sets {name}, too: a parameter "
                                "belongs to one decision")  # fmt: skip
            setters[name] = decision.name


def _check_constraint(place: str, constraint: Constraint, *, grid: Grid) -> None:
    known = {decision.name: decision for decision in grid.decisions}
    for part, ties in (("when", constraint.when), ("allow", constraint.allow)):
        for name, options in ties.items():
            if name not in known:
                raise GridError(f"{place} > {part}", f"there is no decision {name}: {nearest_name(name, known)}")
            for option in options:
                if option not in known[name].names:
                    raise GridError(f"{place} > {part} > {name}", f"there is no option {option}: "
                                    f"{nearest_name(option, known[name].names)}")  # fmt: skip
    blocks = {known[name].block for name in (*constraint.when, *constraint.allow)}
    if len(blocks) > 1:
        raise GridError(place, "a constraint cannot tie a decision on definitions to one on the analysis, which all "
                        "definitions share: name decisions of one section only")  # fmt: skip
    if not constraint.permits({name: decision.names[0] for name, decision in known.items()}):
        raise GridError(place, "this keeps out the study itself: allow the first options together")


def _check_combinations(grid: Grid) -> None:
    """What the options of each definition set can go together."""
    zeros = "0" * len(grid.in_block("analysis"))
    for code in grid.list_definitions():
        try:
            check_rules(check_parameters(grid.values_of(grid.options_of(code + zeros).values())))
        except (ParameterError, RuleError) as problem:
            words = ", ".join(_name_choices(grid, code + zeros))
            raise GridError(f"definition, {words} together", "; ".join(str(problem).splitlines())) from None


def _name_choices(grid: Grid, code: str) -> Iterator[str]:
    own = {decision.name: decision.names[0] for decision in grid.decisions}
    for name, option in grid.choices_of(code).items():
        if option != own[name]:
            yield f"{name} {option}"
