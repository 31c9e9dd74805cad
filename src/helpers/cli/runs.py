"""Commands about runs that were made or could be made: the register of runs, and the preview of one."""

from __future__ import annotations

import gc
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.cli.values import UsageError, gather_parameters, to_folder

if TYPE_CHECKING:
    from helpers.run import Store

DISAGREEMENT = 3
"""The exit code of a run whose report was made, but in which a number that was found in two ways is not the same."""


def register(options: Namespace) -> int:
    """Rebuild the register of runs from their folders."""
    from helpers.register import write_register

    reports = to_folder(options.reports, "reports")
    if not reports.is_dir():
        raise UsageError(f"{reports} is no folder: run the study first, or choose another --reports")
    written = write_register(reports)
    print(written.page)
    print(written.sentence)
    return 0


def choose_store(options: Namespace, derived: Path) -> Store | None:
    """Where the outcomes of earlier runs are kept, among the derived tables; none with `--no-cache`."""
    from helpers.run import Store

    return None if options.no_cache else Store(derived / ".cache")


def rebuild_register(reports: Path) -> None:
    """Bring the register up to date after a run; a register that cannot be written does not undo the run."""
    from helpers.register import write_register

    try:
        write_register(reports)
    except OSError as problem:
        print(f"The register of runs could not be rebuilt: {problem}. Try: python -m helpers register",
              file=sys.stderr)


@contextmanager
def no_collection() -> Iterator[None]:
    """Let a run's own process not look for garbage: it makes little, and all its imports are gone through each time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def say_where_it_goes_on(folder: Path) -> Iterator[None]:
    """Where long work is stopped, or loses who did it, have the message say that what is done is not lost."""
    from helpers.spread import WorkersLost

    kept = f"hat is done is kept in {folder}: the same command goes on there"
    try:
        yield
    except WorkersLost as problem:
        raise WorkersLost(f"{problem}. W{kept}") from problem
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"stopped; w{kept}") from None


def preview(options: Namespace) -> int:
    """Say what a change of parameters would touch, without running anything."""
    parameters = gather_parameters(options)
    from helpers.preview import describe_preview, make_preview

    print(describe_preview(make_preview(parameters), show_ids=options.ids))
    return 0
