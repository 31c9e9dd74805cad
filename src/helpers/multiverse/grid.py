"""The grid: decisions, their options, what may not be combined; and the universes that follow from it, by code."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import product
from typing import Any, Literal, get_args

import yaml

from helpers.definitions import nearest_name
from helpers.headlines import HEADLINES
from helpers.parameters import ParameterError, check_parameters

Block = Literal["definition", "analysis"]

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""One sign of a code per option of a decision, which can thus have 36 of them."""

ANALYSES = ("covariates", "estimator", "worsening_rule", "time_zero")
"""The decisions that come after the label: the only ones that there are."""

EXPOSURES = ("any_apl", "active_sediment")
"""The two features that the abstract calls independent; their odds ratios are what a universe is asked for."""

QUANTITIES = ("share", *EXPOSURES, "hazard")
"""What every universe is asked for."""


@dataclass(frozen=True)
class Option:
    """One answer to a decision: what it is called, where it comes from, which parameters it sets, what it reads."""

    name: str
    label: str
    source: str
    values: Mapping[str, Any] = field(default_factory=dict)
    reads: str = ""


@dataclass(frozen=True)
class Decision:
    """One question with several defensible answers, the study's own first."""

    name: str
    label: str
    question: str
    block: Block
    options: tuple[Option, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the options."""
        return tuple(option.name for option in self.options)


@dataclass(frozen=True)
class Constraint:
    """Where all of `when` holds, each decision of `allow` must have one of the options named there; `why` says why."""

    when: Mapping[str, tuple[str, ...]]
    allow: Mapping[str, tuple[str, ...]]
    why: str

    def permits(self, choices: Mapping[str, str]) -> bool:
        """Whether these choices (of the decisions that it names, at least) may go together."""
        is_met = all(choices[name] in options for name, options in self.when.items())
        return not is_met or all(choices[name] in options for name, options in self.allow.items())


@dataclass(frozen=True)
class Grid:
    """All decisions (those on definitions first) and constraints; `everywhere` holds in every universe.

    `file` is where it was read from, as a command has to name it; empty for the shipped one, or where nobody knows.

    A universe's code has one sign per decision, the position of its option: all zeros is the study as it stands.
    Constraints never tie the two blocks together, so that universes are definitions times analyses.
    """

    decisions: tuple[Decision, ...]
    constraints: tuple[Constraint, ...] = ()
    everywhere: Mapping[str, Any] = field(default_factory=dict)
    file: str = field(default="", compare=False)

    def in_block(self, block: Block) -> tuple[Decision, ...]:
        """The decisions of one block, in the order of the code."""
        return tuple(decision for decision in self.decisions if decision.block == block)

    def list_definitions(self) -> tuple[str, ...]:
        """The allowed codes of the decisions on definitions, in grid order (the last decision varies fastest)."""
        return self._codes["definition"]

    def list_analyses(self) -> tuple[str, ...]:
        """The allowed codes of the decisions on the analysis, in grid order."""
        return self._codes["analysis"]

    @property
    def size(self) -> int:
        """How many universes there are."""
        return len(self.list_definitions()) * len(self.list_analyses())

    @cached_property
    def _codes(self) -> dict[Block, tuple[str, ...]]:
        return {block: tuple(self._make_codes(self.in_block(block))) for block in get_args(Block)}

    def _make_codes(self, decisions: Sequence[Decision]) -> Iterator[str]:
        names = [decision.name for decision in decisions]
        own = [one for one in self.constraints if {*one.when, *one.allow} <= set(names)]
        for chosen in product(*(decision.names for decision in decisions)):
            if all(one.permits(dict(zip(names, chosen, strict=True))) for one in own):
                yield "".join(DIGITS[decision.names.index(name)]
                              for decision, name in zip(decisions, chosen, strict=True))  # fmt: skip

    def options_of(self, code: str) -> dict[str, Option]:
        """The option of each decision in a universe, by the decision's name; raises ParameterError for no such code."""
        if len(code) != len(self.decisions) or any(
                sign not in DIGITS[: len(decision.options)]
                for decision, sign in zip(self.decisions, code, strict=True)):  # fmt: skip
            ends = "".join(DIGITS[len(decision.options) - 1] for decision in self.decisions)
            raise ParameterError(f"There is no universe {code!r}: a code of this grid has {len(self.decisions)} signs, "
                                 f"one per decision, from {'0' * len(ends)} to {ends}")  # fmt: skip
        chosen = {decision.name: decision.options[DIGITS.index(sign)]
                  for decision, sign in zip(self.decisions, code, strict=True)}  # fmt: skip
        names = {name: option.name for name, option in chosen.items()}
        against = [one.why for one in self.constraints if not one.permits(names)]
        if against:
            raise ParameterError(f"Universe {code} is not in the grid: {against[0]}")
        return chosen

    def choices_of(self, code: str) -> dict[str, str]:
        """The name of each decision's option in a universe."""
        return {name: option.name for name, option in self.options_of(code).items()}

    def code_of(self, choices: Mapping[str, str]) -> str:
        """The code of a universe from the options that differ from the study's; raises ParameterError."""
        known = {decision.name: decision for decision in self.decisions}
        for name, option in choices.items():
            if name not in known:
                raise ParameterError(f"There is no decision {name}: {nearest_name(name, known)}")
            if option not in known[name].names:
                raise ParameterError(f"Decision {name} has no option {option}: "
                                     f"{nearest_name(option, known[name].names)}")  # fmt: skip
        code = "".join(DIGITS[decision.names.index(choices.get(decision.name, decision.names[0]))]
                       for decision in self.decisions)  # fmt: skip
        self.options_of(code)
        return code

    def parameters_of(self, code: str) -> dict[str, Any]:
        """The parameters of a universe that differ from the default."""
        return check_parameters(self.values_of(self.options_of(code).values())).changed()

    def values_of(self, options: Iterable[Option]) -> dict[str, Any]:
        """What these options set, with what holds everywhere."""
        values = dict(self.everywhere)
        for option in options:
            values |= option.values
        return values

    def command_of(self, code: str, *, data_dir: str = "") -> str:
        """The command that makes the full report of a universe."""
        values = ({"data_dir": data_dir} if data_dir else {}) | self.parameters_of(code)
        words = [f"{name}={_write_value(value)}" for name, value in values.items()]
        given = [part for word in words for part in ("-p", word)]
        return shlex.join(["python", "-m", "helpers", "run", "--name", f"universe-{code}", *given])

    def ids_of(self, code: str) -> dict[str, str]:
        """The ledger ids under which the report of a universe holds its numbers, by quantity."""
        chosen = self.options_of(code)
        estimator, time_zero = chosen["estimator"].reads, chosen["time_zero"].reads
        return {"share": HEADLINES["share"],
                **{name: f"predictors.{estimator}.{name}.or" for name in EXPOSURES},
                "hazard": f"survival.composite.{time_zero}.hr"}  # fmt: skip

    def describe(self) -> dict[str, Any]:
        """The grid as plain lists and words, as its file has it, for help, pages and records."""
        return {
            **({"everywhere": dict(self.everywhere)} if self.everywhere else {}),
            **{block: {one.name: _describe_decision(one) for one in self.in_block(block)}
               for block in ("definition", "analysis")},
            "constraints": [_as_lists(asdict(one)) for one in self.constraints],
        }  # fmt: skip


def _write_value(value: Any) -> str:
    """A parameter's value as `-p name=value` takes it."""
    return yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("\n").removesuffix("\n...")


def _describe_decision(decision: Decision) -> dict[str, Any]:
    options = {option.name: {key: value for key, value in asdict(option).items() if value and key != "name"}
               for option in decision.options}  # fmt: skip
    return {"label": decision.label, "question": decision.question, "options": options}


def _as_lists(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {key: list(options) for key, options in fact.items()} if isinstance(fact, Mapping) else fact
            for name, fact in facts.items()}  # fmt: skip
