"""The command line: `python -m helpers COMMAND`; `--help` lists the commands.

Exit codes: 0 done; 1 a notebook or the machine failed; 2 the input cannot be used (one message, nothing
written); 3 the run is done and its report made, but two engines disagree on a number, which the report marks;
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from helpers.cli.arguments import INPUT_ERROR, make_parser
from helpers.cli.commands import COMMANDS
from helpers.definitions import RuleError, nearest_name
from helpers.parameters import ParameterError

FAILURE, STOPPED = 1, 130


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
    if kind in ("DataError", "UsageError", "SchedulerError"):
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

