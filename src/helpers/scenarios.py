"""Named scenarios: sets of parameters that go together, each with its meaning and its source (scenarios.yml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from helpers.definitions import nearest_name
from helpers.parameters import ParameterError

SOURCE = Path(__file__).with_name("scenarios.yml")


class Scenario(BaseModel):
    """One scenario: its name, what it means in one sentence, where that reading comes from, and what it sets."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    meaning: str = Field(pattern=r"^[A-Z][^\n]*\.$")
    source: str = Field(min_length=1)
    values: dict[str, Any] = Field(min_length=1)


@cache
def load_scenarios() -> Mapping[str, Scenario]:
    """The shipped scenarios by name, in the order of the file.

    >>> load_scenarios()["confirmed"].values
    {'confirmation_visits': 2}
    """
    content = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return MappingProxyType({name: Scenario(name=name, **facts) for name, facts in content.items()})


def combine_scenarios(names: Iterable[str]) -> dict[str, Any]:
    """The values that scenarios set together, by parameter.

    Raises ParameterError for a name that is none (the nearest one is offered), for one that is given twice, and
    for two that set the same parameter: which of them is meant cannot be known.

    >>> combine_scenarios(["kdigo_2024", "eular_only"])
    {'response_rule': 'kdigo_2024', 'dtt_arms': ['no_response']}
    """
    setter: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name in names:
        for parameter, value in _pick(name).values.items():
            if parameter in setter:
                raise ParameterError(_clash(setter[parameter], name, parameter))
            setter[parameter], values[parameter] = name, value
    return values


def _pick(name: str) -> Scenario:
    scenarios = load_scenarios()
    if name not in scenarios:
        raise ParameterError(f"There is no scenario {name}: {nearest_name(name, scenarios)}")
    return scenarios[name]


def _clash(one: str, other: str, parameter: str) -> str:
    if one == other:
        return f"Scenario {one} is given twice"
    return f"Scenarios {one} and {other} both set {parameter}: give one of them, and what else you want with -p"


def find_scenario(changed: Mapping[str, Any]) -> str:
    """The name of the scenario that sets exactly these parameters to these values; empty where none does.

    >>> find_scenario({"confirmation_visits": 2}), find_scenario({"confirmation_visits": 2, "seed": 1})
    ('confirmed', '')
    """
    return next((name for name, one in load_scenarios().items() if one.values == dict(changed)), "")
