"""The command line: `python -m helpers COMMAND`; `--help` lists the commands.

Exit codes: 0 done; 1 a notebook or the machine failed; 2 the input cannot be used (one message, nothing
written); 3 the run is done and its report made, but two engines disagree on a number, which the report marks;
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from helpers.cli.commands import COMMANDS
from helpers.cli.help import describe_parameters_briefly, describe_scenarios
from helpers.definitions import RuleError, nearest_name
from helpers.parameters import ParameterError

INPUT_ERROR, FAILURE, STOPPED = 2, 1, 130
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
    commands.add_parser("register", help="rebuild the register of runs from their folders").add_argument(
        "--reports", type=_not_empty, metavar="FOLDER", help="folder of the runs (default: reports)")
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
    run.add_argument("--reports", type=_not_empty, metavar="FOLDER",
                     help="folder that the report's folder goes to (default: reports)")
    run.add_argument("--derived", type=_not_empty, metavar="FOLDER",
                     help="folder that the derived tables' folder goes to (default: data/derived)")


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
    compare.add_argument("--out", type=_not_empty, metavar="FOLDER",
                         help="folder of the page (default: compare-A-B, by the runs' names, among the reports)")
    compare.add_argument("--reports", type=_not_empty, metavar="FOLDER",
                         help="folder of the runs (default: reports)")


def add_values(command: argparse.ArgumentParser) -> None:
    """The arguments that say under which parameters, and on which tables."""
    command.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE",
                         help="set a parameter (listed below); may be given several times; values are read as YAML")
    command.add_argument("--scenario", action="append", default=[], metavar="NAME",
                         help="set the parameters of a scenario (listed below); may be given several times; "
                              "--parameters and -p go before it")
    command.add_argument("--parameters", type=_not_empty, metavar="FILE",
                         help="YAML file of parameters; -p goes before it")
    command.add_argument("--data", type=_not_empty, metavar="FOLDER",
                         help="folder of the raw tables (default: data/raw)")


def add_evidence(commands: argparse._SubParsersAction) -> None:
    """The arguments of `evidence`."""
    add = commands.add_parser("evidence", help="hold the estimators against made cohorts with a known truth (minutes)")
    add.add_argument("--cohorts", type=_positive, default=1000, metavar="N", help="cohorts a scenario (default: 1000)")
    add.add_argument("--size", type=_positive, default=181, metavar="N", help="patients a cohort (default: 181)")
    add.add_argument("--workers", type=_positive, default=os.cpu_count() or 1, metavar="N",
                     help="processes at a time (default: one per processor); they change nothing in the results")
    add.add_argument("--seed", type=_not_negative, default=1, metavar="N", help="seed (default: 1)")
    add.add_argument("--out", type=_not_empty, metavar="FOLDER",
                     help="folder of the results (default: data/derived/evidence); a stopped bench goes on from there")
    add.add_argument("--store", action="store_true", help="write docs/evidence.csv and docs/evidence.md as well")


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
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a sign shows a question mark, and goes on
            stream.reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _check_command(given)
        options = make_parser().parse_args(given)
        code = COMMANDS[options.command](options)
        sys.stdout.flush()
        return code
    except SystemExit as done:  # argparse has said what there is to say
        return int(done.code or 0)
    except KeyboardInterrupt as stop:
        return _say(str(stop) or "stopped; nothing was changed", STOPPED)
    except (ParameterError, RuleError) as problem:
        return _say(str(problem), INPUT_ERROR)
    except BrokenPipeError:  # the reader of a list has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as problem:
        return _explain(problem)


def _check_command(given: list[str]) -> None:
    if given and not given[0].startswith("-") and given[0] not in COMMANDS:
        raise ParameterError(f"There is no command {given[0]}: {nearest_name(given[0], COMMANDS)}")


def _explain(problem: Exception) -> int:
    """The words and the exit code for a problem whose class is slow to import; anything unknown is raised again."""
    kind = type(problem).__name__
    if kind in ("DataError", "UsageError"):
        return _say(str(problem), INPUT_ERROR)
    if kind == "NotebookFailure":
        log = getattr(problem, "log", None)
        details = f"The log: {log}" if log else str(getattr(problem, "details", ""))
        return _say(f"{problem}\n{details}\nNo report was made or changed.", FAILURE)
    if kind == "ReportError" or isinstance(problem, OSError):
        return _say(f"{problem}\nNo report was made or changed.", FAILURE)
    raise problem


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code

