"""The page of the multiverse: every decision with its options and sources, for a reviewer to dispute."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.documentation.text import MADE, make_bullets, make_markdown_table, make_page
from helpers.multiverse.grid import ANALYSES, Decision, Grid, Option
from helpers.multiverse.limits import LIMITS, NULL_IN_WORDS
from helpers.multiverse.reading import read_grid
from helpers.multiverse.tables import say_constraint
from helpers.report.page import show

_BLOCKS = {"definition": "Who is in the study, and who is difficult to treat", "analysis": "How it is analysed"}

_USE = """\
```
make multiverse                                         # the whole grid, and its page
make multiverse GRID=our_grid.yml DATA=our_tables       # a grid of your own, tables of your own
make universe CODE=00000002000                          # the full report of one universe
```"""


def make_multiverse_page() -> str:
    """docs/multiverse.md: the shipped grid in words, what it is asked, and what its answers are not."""
    grid = read_grid()
    return make_page([
        MADE, "# The multiverse",
        "Source: `src/helpers/multiverse.yml`. A *decision* is a question with several defensible answers, its "
        "*options*; a *universe* is one option of every decision. The first option of each is the study as it stands.",
        _say_size(grid), _USE,
        *(part for block, title in _BLOCKS.items() for part in _block(grid, block, title)),
        "## What may not be combined",
        make_bullets(f"{say_constraint(one, grid=grid)}. {one.why}" for one in grid.constraints),
        "## The joint test", *NULL_IN_WORDS, "## What a multiverse cannot tell", make_bullets(LIMITS),
        "## A grid of your own",
        "A YAML file of the same form, given with `--grid`. Decisions under `definition` have any name, and their "
        "options set parameters that the first two notebooks read; under `analysis` there can be "
        f"{', '.join(f'`{name}`' for name in ANALYSES)}. Parameters under `everywhere` hold in every universe.",
    ])  # fmt: skip


def _say_size(grid: Grid) -> str:
    return (f"{len(grid.list_definitions())} definitions, each with {len(grid.list_analyses())} analyses: {grid.size} "
            "universes. Each has a code, one sign per decision in the order of this page, which is the position of "
            f"the option: {'0' * len(grid.decisions)} is the study. Computed in process, by the functions that the "
            "notebooks call; the report of a universe shows the same numbers.")  # fmt: skip


def _block(grid: Grid, block: str, title: str) -> Iterator[str]:
    yield f"## {title}"
    for decision in grid.decisions:
        if decision.block == block:
            yield from _decision(decision)


def _decision(decision: Decision) -> Iterator[str]:
    yield f"### {decision.label}"
    yield decision.question
    yield make_markdown_table(["sign", "option", "sets", "source"],
                              ([str(place), option.label, _say_values(option), option.source]
                               for place, option in enumerate(decision.options)))  # fmt: skip


def _say_values(option: Option) -> str:
    return "; ".join(f"`{name}` = {show(value)}" for name, value in option.values.items())
