"""Commands about many defensible definitions at once: run the multiverse, open one of its universes as a report."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from helpers.cli.runs import DISAGREEMENT, choose_store, no_collection, rebuild_register, say_where_it_goes_on
from helpers.cli.values import UsageError, from_here, to_folder
from helpers.multiverse.shuffles import BEYOND_BELOW, FEWEST
from helpers.parameters import Parameters

NAME = "multiverse"
"""The name of the shipped grid on the shipped cohort; of any other, what is given or its file and folder."""

SHIPPED = Parameters().data_dir


def multiverse(options: Namespace) -> int:
    """Compute every universe of a grid, make its page and say what came out."""
    from helpers.multiverse import read_grid, run_multiverse, write_multiverse
    from helpers.multiverse.answer import say_answer, say_size
    from helpers.multiverse.gathered import gather_summaries
    from helpers.multiverse.page import check_home
    from helpers.project import from_project
    from helpers.run.checks import check_apart

    _check_permutations(options.permutations)
    grid = replace(read_grid(options.grid), file=from_here(options.grid) or "")
    name = _choose_name(options)
    page = _reports(options) / name
    folder = _derived(options) / name
    check_apart(name, data=from_project(_data(options)), reports=page.parent, derived=folder.parent)
    check_home(page)
    with say_where_it_goes_on(folder):
        results = run_multiverse(
            grid, data_dir=_data(options), folder=folder, workers=options.workers, scheduler=options.scheduler or "",
            permutations=options.permutations, seed=options.seed, stream=sys.stderr)  # fmt: skip
    summaries = gather_summaries(results)
    write_multiverse(results, page, summaries=summaries)
    print(f"\n{page / 'index.html'}\n")
    print(say_size(results), *say_answer(results, summaries), sep="\n")
    return 0


@no_collection()
def universe(options: Namespace) -> int:
    """Make the full report of one universe and hold its numbers against those of the multiverse."""
    from helpers.multiverse import open_universe, read_grid
    from helpers.run.progress import Progress

    derived = _derived(options)
    folder = derived / _choose_name(options)
    opened = open_universe(
        read_grid(options.grid), options.code, data_dir=_data(options), folder=folder, reports=_reports(options),
        derived=derived, progress=Progress(sys.stderr),
        store=choose_store(options, derived))  # fmt: skip
    rebuild_register(opened.run.page.parents[1])
    print(f"\n{opened.run.page}\n")
    print(*opened.sentences, sep="\n")
    same = all(number.agrees for number in opened.numbers) and not opened.run.disagreements
    return 0 if same else DISAGREEMENT


def _check_permutations(number: int) -> None:
    """Raise UsageError for a joint test that could not find anything, whatever the patients."""
    if 0 < number < FEWEST:
        raise UsageError(f"--permutations {number}: with fewer than {FEWEST} shuffles no p of the joint test can fall "
                         f"below {BEYOND_BELOW}. Give at least {FEWEST}, or 0 for no test")


def _choose_name(options: Namespace) -> str:
    """The name of the folder; raises UsageError for one that cannot be a folder's name."""
    from helpers.run.folders import NAME_RULE, is_run_name, name_run

    if options.name and not is_run_name(options.name):
        raise UsageError(f"{options.name!r} cannot be the name of a multiverse: {NAME_RULE}")
    data = _data(options)
    if options.name or not (options.grid or data != SHIPPED):
        return options.name or NAME
    given = {"grid": Path(options.grid).stem} if options.grid else {}
    return f"{NAME}-{name_run(given, data='' if data == SHIPPED else data)}"


def _data(options: Namespace) -> str:
    return str(from_here(options.data or SHIPPED))


def _reports(options: Namespace) -> Path:
    return to_folder(options.reports, "reports")


def _derived(options: Namespace) -> Path:
    return to_folder(options.derived, "data/derived")
