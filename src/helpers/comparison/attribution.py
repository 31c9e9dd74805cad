"""How much of each headline's change each parameter made: all sets of changes tried in process, then shared out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from helpers import schema
from helpers.comparison.headlines import REACHING, Headlines
from helpers.comparison.numbers import HEADLINES
from helpers.comparison.runs import ComparedRun
from helpers.comparison.shapley import Coalition, Shares, list_smallest, share_out
from helpers.flow import name_raw_copies
from helpers.ledger import number_or_none
from helpers.parameters import Parameters, check_parameters
from helpers.project import from_project

DATA = "the data"
_RULES = ("response_rule", "flare_rule", "worsening_rule")
_CLOSE = 1e-6


@dataclass(frozen=True)
class Attribution:
    """What made the change between two runs: who could have, their parts, and each patient's status on the way.

    `players` names, for each part, the parameters that belong to it. `shares` is None where nothing had to be, or
    could be, shared out; `notes` say why, and what else a reader should know. `statuses` are those under each set
    of changes that was tried.
    """

    players: Mapping[str, tuple[str, ...]]
    shares: Shares | None = None
    statuses: Mapping[Coalition, pd.Series] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def find_movers(self, patient: str, status: str) -> list[Coalition]:
        """The smallest sets of changes that alone give a patient this status; none where nothing was tried."""
        if not self.statuses:
            return []

        def gives(who: Coalition) -> bool:
            return who in self.statuses and self.statuses[who].get(patient) == status

        return list(list_smallest(list(self.players), gives))


def list_players(first: ComparedRun, second: ComparedRun) -> dict[str, tuple[str, ...]]:
    """The parameters that differ and reach a headline, each a player; rules go with the file they may come from."""
    names = [name for name in REACHING if first.parameters.get(name) != second.parameters.get(name)]
    players: dict[str, tuple[str, ...]] = {name: (name,) for name in names}
    if "rules_file" in names:
        together = ("rules_file", *(name for name in _RULES if name in names))
        players = {name: own for name, own in players.items() if name not in together}
        players[" with ".join(together)] = together
    if first.record["data"]["files"] != second.record["data"]["files"]:
        players[DATA] = ()
    return players


def attribute(first: ComparedRun, second: ComparedRun, *, seed: int = 1) -> Attribution:
    """The changes from the first run to the second, shared out among the parameters that differ.

    One change alone has nothing to share. Where the raw tables of either run cannot be had any more, or a set of
    changes cannot be run, nothing is shared out, and a note says so.
    """
    players = list_players(first, second)
    if len(players) < 2:
        return Attribution(players)
    try:
        ends = tuple(check_parameters(dict(run.parameters)) for run in (first, second))
        maker = Headlines({"first": read_raw(first), "second": read_raw(second)})
        return _share(players, ends, maker, runs=(first, second), seed=seed)
    except ValueError as problem:  # parameters, rules and data that cannot be used are all of this kind
        return Attribution(players, notes=(f"Nothing is shared out: {str(problem).splitlines()[0]}.",))


def _share(players: Mapping[str, tuple[str, ...]], ends: tuple[Parameters, ...], maker: Headlines, *,
           runs: Sequence[ComparedRun], seed: int) -> Attribution:  # fmt: skip
    statuses: dict[Coalition, pd.Series] = {}

    def value(who: Coalition) -> pd.Series:
        parameters = blend(ends, players, who)
        data = "second" if DATA in who else "first"
        statuses[who] = maker.derive_statuses(parameters, data=data)
        return maker.derive_numbers(parameters, data=data)

    shares = share_out(list(players), value, seed=seed)
    return Attribution(players, shares, statuses, tuple(_list_notes(shares, runs)))


def blend(ends: Sequence[Parameters], players: Mapping[str, tuple[str, ...]], who: Coalition) -> Parameters:
    """The first run's parameters, with those of these players as in the second; raises ParameterError."""
    values: dict[str, Any] = ends[0].model_dump()
    for player in who:
        values |= {name: getattr(ends[1], name) for name in players[player]}
    return check_parameters(values)


def read_raw(run: ComparedRun) -> dict[str, pd.DataFrame]:
    """The raw tables that the run read, from beside its derived tables or from the data folder while it is the same.

    Raises DataError where neither has them.
    """
    names = name_raw_copies()
    folder = from_project(run.parameters["derived_dir"])
    if all(schema.read_stamp(kept, folder).get("inputs") == run.record["data"]["files"] for kept in names.values()):
        return {name: schema.read_derived(kept, folder) for name, kept in names.items()}
    data = from_project(run.record["data"]["folder"])
    if schema.hash_inputs(data) != run.record["data"]["files"]:
        raise schema.DataError(f"the tables that run {run.letter} read are no longer in {data}")
    return schema.read_raw(data)


def _list_notes(shares: Shares, runs: Sequence[ComparedRun]) -> Iterator[str]:
    for run, found in zip(runs, (shares.before, shares.after), strict=True):
        wrong = [HEADLINES[id] for id in HEADLINES if id in run.entries
                 and not _are_close(run.entries[id].value, number_or_none(found[id]))]  # fmt: skip
        if wrong:
            yield (f"Mind: computed anew by the code as it stands, run {run.letter} does not give what it recorded "
                   f"({'; '.join(wrong)}). The parts below are those of the numbers computed anew.")  # fmt: skip
    if shares.orders:
        yield (f"With {len(shares.parts)} changes the parts are means over {shares.orders} orders of change, drawn at "
               "random with a fixed seed, half of them the reverse of the others.")  # fmt: skip
    lost = [HEADLINES[str(id)] for id in shares.parts if shares.parts[id].isna().any()]
    if lost:
        yield f"Not shared out, because some set of changes leaves it without a value: {'; '.join(lost)}."


def _are_close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _CLOSE * max(1.0, abs(one))
