"""The commands that make a universe again, in pieces from which a page puts each together."""

from __future__ import annotations

import shlex
from itertools import pairwise
from typing import Any

from helpers.multiverse.reading import read_grid
from helpers.multiverse.results import Multiverse
from helpers.parameters import Parameters
from helpers.project import from_project

CODE = "CODE"
"""Stands for the code of a universe in what is the same for all."""


def list_commands(results: Multiverse) -> dict[str, Any]:
    """What every universe's commands consist of, such that the run can be put together as `Grid.command_of` does.

    `universe` and `run` are what the commands for a full report and for a run begin with; `words` are all that follow
    `-p` in some universe, in the order of the contract of parameters; `definitions` and `analyses` say which of them
    each needs.
    """
    grid, data = results.grid, name_data(results)
    definition, analysis = grid.list_definitions()[0], grid.list_analyses()[0]
    codes = ([code + analysis for code in grid.list_definitions()],
             [definition + code for code in grid.list_analyses()])  # fmt: skip
    needed = [[_list_words(grid.command_of(code, data_dir=data)) for code in block] for block in codes]
    order = list(Parameters.model_fields)
    words = sorted({word for block in needed for own in block for word in own},
                   key=lambda word: (order.index(shlex.split(word)[0].split("=")[0]), word))  # fmt: skip
    definitions, analyses = ([[words.index(word) for word in own] for own in block] for block in needed)
    study = definition + analysis
    start = grid.command_of(study, data_dir=data).split(" -p ")[0].replace(study, CODE)
    return {"universe": _say_universe(results, data=data), "run": start, "words": words, "definitions": definitions,
            "analyses": analyses}  # fmt: skip


def _list_words(command: str) -> list[str]:
    return [shlex.quote(word) for before, word in pairwise(shlex.split(command)) if before == "-p"]


def _say_universe(results: Multiverse, *, data: str) -> str:
    """The command for a full report; where the grid is not the shipped one its file has to be named."""
    named = ["--data", shlex.quote(data)] if data else []
    is_shipped = results.grid.describe() == read_grid().describe()
    own = [] if is_shipped else ["--grid", shlex.quote(results.grid.file or "GRID.yml")]
    return " ".join(["python -m helpers universe", CODE, *named, *own])


def name_data(results: Multiverse) -> str:
    """The folder of the data as a command has to name it; empty for the shipped one."""
    folder = str(results.meta["data"])
    return "" if from_project(folder) == from_project(Parameters().data_dir) else folder
