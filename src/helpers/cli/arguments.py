"""What can be written after `python -m helpers`: every command with its arguments, and what they accept."""

from __future__ import annotations

import argparse
import os
from typing import Any, NoReturn

from helpers.cli.help import describe_parameters_briefly, describe_scenarios
from helpers.multiverse.shuffles import FEWEST, PERMUTATIONS, SEED

INPUT_ERROR = 2
EXIT_CODES = """\
exit codes:
  0    done
  1    a notebook or the machine failed; no report was made or changed
  2    the input cannot be used; nothing was written
  3    the report was made, but two engines disagree on a number in it: see its statistical appendix
  130  stopped by Ctrl-C"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the list of everything that would be right."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        self.exit(INPUT_ERROR, f"{message}\nSee: {self.prog} --help\n")


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = _Parser(prog="python -m helpers", description="Run the study of difficult-to-treat lupus nephritis.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser, required=True)
    add_run(commands)
    add_preview(commands)
    add_compare(commands)
    add_folder(commands.add_parser("register", help="rebuild the register of runs from their folders"),
               "--reports", "folder of the runs (default: reports)")
    add = commands.add_parser("check", help="check raw tables against the data dictionary")
    add.add_argument("--data", type=_not_empty, default="data/raw", metavar="FOLDER",
                     help="folder of the tables (default: data/raw)")
    add = commands.add_parser("simulate", help="simulate patients and write them as raw tables")
    add.add_argument("-n", "--patients", type=_positive, default=300, metavar="N",
                     help="patients on file (default: 300)")
    add.add_argument("--seed", type=_not_negative, default=1, metavar="N", help="seed (default: 1)")
    add.add_argument("--out", type=_not_empty, required=True, metavar="FOLDER",
                     help="folder to write to; it must not hold other files")
    commands.add_parser("data", help="make the shipped synthetic cohort again")
    commands.add_parser("notebooks", help="run the notebooks as they stand and store them with their outputs")
    commands.add_parser("docs", help="write the generated pages of docs/ again")
    add_multiverse(commands)
    add_evidence(commands)
    commands.add_parser("parameters", help="list every parameter")
    commands.add_parser("scenarios", help="list every scenario")
    commands.add_parser("rules", help="list every rule").add_argument(
        "--rules-file", default="", metavar="FILE", help="YAML file with rules of your own")
    return parser


def add_run(commands: argparse._SubParsersAction) -> None:
    """The arguments of `run`."""
    run = commands.add_parser(
        "run", help="run the five notebooks and make the report",
        epilog=f"{EXIT_CODES}\n\n{describe_scenarios()}\n\n{describe_parameters_briefly()}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add_values(run)
    run.add_argument("--name", default="", metavar="NAME",
                     help="name of the run; by default made from what differs from the default")
    add_folder(run, "--reports", "folder that the report's folder goes to (default: reports)")
    add_folder(run, "--derived", "folder that the derived tables' folder goes to (default: data/derived)")
    add_no_cache(run)
    add_scheduler(run, "long bootstraps")


def add_preview(commands: argparse._SubParsersAction) -> None:
    """The arguments of `preview`."""
    preview = commands.add_parser(
        "preview", help="say what a change of parameters would touch, without running anything",
        epilog=f"{describe_scenarios()}\n\n{describe_parameters_briefly()}",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add_values(preview)
    preview.add_argument("--ids", action="store_true",
                         help="name the patients also where they are not known to be simulated")


def add_compare(commands: argparse._SubParsersAction) -> None:
    """The arguments of `compare`."""
    compare = commands.add_parser(
        "compare", help="hold finished runs against one another: one page on what differs, why, and who moved")
    compare.add_argument("runs", nargs="+", type=_not_empty, metavar="RUN",
                         help="two to six runs, by name or by the path of their folder; the first is the one that "
                              "the others are held against")
    add_folder(compare, "--out", "folder of the page (default: compare-A-B, by the runs' names, among the reports)")
    add_folder(compare, "--reports", "folder of the runs (default: reports)")


def add_values(command: argparse.ArgumentParser) -> None:
    """The arguments that say under which parameters, and on which tables."""
    command.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE",
                         help="set a parameter (listed below); may be given several times; values are read as YAML")
    command.add_argument("--scenario", action="append", default=[], metavar="NAME",
                         help="set the parameters of a scenario (listed below); may be given several times; "
                              "--parameters and -p go before it")
    command.add_argument("--parameters", type=_not_empty, metavar="FILE",
                         help="YAML file of parameters; -p goes before it")
    add_folder(command, "--data", "folder of the raw tables (default: data/raw)")


def add_evidence(commands: argparse._SubParsersAction) -> None:
    """The arguments of `evidence`."""
    add = commands.add_parser("evidence", help="hold the estimators against made cohorts with a known truth (minutes)")
    add.add_argument("--cohorts", type=_positive, default=1000, metavar="N", help="cohorts a scenario (default: 1000)")
    add.add_argument("--size", type=_positive, default=181, metavar="N", help="patients a cohort (default: 181)")
    add_workers(add)
    add.add_argument("--seed", type=_not_negative, default=1, metavar="N", help="seed (default: 1)")
    add_folder(add, "--out", "folder of the results (default: data/derived/evidence); a stopped bench goes on from "
                             "there")  # fmt: skip
    add.add_argument("--store", action="store_true", help="write docs/evidence.csv and docs/evidence.md as well")


def add_multiverse(commands: argparse._SubParsersAction) -> None:
    """The arguments of `multiverse` and `universe`."""
    every = commands.add_parser("multiverse", help="compute every defensible definition at once, and make its page")
    one = commands.add_parser("universe", help="make the full report of one universe of a multiverse")
    one.add_argument("code", type=_not_empty, metavar="CODE",
                     help="its code, as the page of the multiverse shows it; all zeros is the study as it stands")
    for command in (every, one):
        command.add_argument("--grid", type=_not_empty, metavar="FILE",
                             help="YAML file with a grid of your own (default: the shipped one, docs/multiverse.md)")
        add_folder(command, "--data", "folder of the raw tables (default: data/raw)")
        command.add_argument("--name", default="", metavar="NAME",
                             help="name of the multiverse; by default made from grid and data")
        add_folder(command, "--reports", "folder that the page's folder goes to (default: reports)")
        add_folder(command, "--derived", "folder that the tables' folder goes to (default: data/derived); a stopped "
                                         "multiverse goes on from there")
    add_no_cache(one)
    every.add_argument("--permutations", type=_not_negative, default=PERMUTATIONS, metavar="N",
                       help=f"shuffles of the joint test (default: {PERMUTATIONS}, at least {FEWEST}; 0: no test)")
    every.add_argument("--seed", type=_not_negative, default=SEED, metavar="N",
                       help=f"seed of the shuffles (default: {SEED})")
    add_workers(every)


def add_folder(command: argparse.ArgumentParser, option: str, what: str) -> None:
    """An argument that names a folder."""
    command.add_argument(option, type=_not_empty, metavar="FOLDER", help=what)


def add_no_cache(command: argparse.ArgumentParser) -> None:
    """The argument that has a run made without the store of earlier ones."""
    command.add_argument("--no-cache", action="store_true",
                         help="execute every notebook, also where an earlier run did so under the same conditions, "
                              "and keep nothing for later runs")


def add_workers(command: argparse.ArgumentParser) -> None:
    """The arguments that say who does the work."""
    command.add_argument("--workers", type=_positive, default=os.cpu_count() or 1, metavar="N",
                         help="processes at a time (default: one per processor); they change nothing in the results")
    add_scheduler(command, "the work")


def add_scheduler(command: argparse.ArgumentParser, work: str) -> None:
    """The argument that names a cluster."""
    command.add_argument("--scheduler", type=_not_empty, metavar="ADDRESS",
                         help=f"do {work} on the workers of this dask scheduler, such as tcp://host:8786 (default: on "
                              "this machine); it changes nothing in the results")


def _not_empty(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("is empty: name one, or leave the option out")
    return text


def _positive(text: str) -> int:
    number = _not_negative(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _not_negative(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)
