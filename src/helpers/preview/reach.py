"""Which notebooks a change of parameters reaches: those that read it, and those that stand on their tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from helpers.flow import stands_on
from helpers.parameters import ALL, Parameters, describe_parameters, names_used_by


@dataclass(frozen=True)
class Change:
    """One parameter that differs from its default."""

    name: str
    before: Any
    after: Any
    unit: str
    meaning: str


@dataclass(frozen=True)
class Reach:
    """What a change means to one notebook: the changed parameters it reads, and the notebooks before it that change."""

    notebook: str
    reads: tuple[str, ...]
    stands_on: tuple[str, ...]

    @property
    def is_touched(self) -> bool:
        """Whether the notebook has to run again."""
        return bool(self.reads or self.stands_on)


def list_changes(parameters: Parameters) -> tuple[Change, ...]:
    """The parameters that differ from their defaults, in the order of the contract; folders are left out.

    >>> [(one.name, one.before, one.after) for one in list_changes(Parameters(landmark_months=12.0))]
    [('landmark_months', 24.0, 12.0)]
    """
    changed = parameters.changed()
    return tuple(Change(facts["name"], facts["default"], changed[facts["name"]], facts["unit"], facts["meaning"])
                 for facts in describe_parameters() if facts["name"] in changed)  # fmt: skip


def trace_reach(changed: Collection[str]) -> tuple[Reach, ...]:
    """What the change of these parameters means to each notebook, in the order in which they run.

    >>> [one.notebook for one in trace_reach(["worsening_rule"]) if one.is_touched]
    ['04_survival']
    >>> trace_reach(["flare_rule"])[2]
    Reach(notebook='03_predictors', reads=(), stands_on=('02_dtt_labelling',))
    """
    reached: dict[str, Reach] = {}
    for notebook in ALL:
        reads = tuple(name for name in names_used_by(notebook) if name in changed)
        before = tuple(name for name in stands_on(notebook) if reached[name].is_touched)
        reached[notebook] = Reach(notebook, reads, before)
    return tuple(reached.values())
