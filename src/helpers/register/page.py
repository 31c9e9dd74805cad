"""The register as a page: rendered from a listing, written aside, and put in place in one step."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from helpers.register.numbers import COLUMNS, Cell
from helpers.register.reading import Listing, Run, read_runs, read_state
from helpers.report.frame import NO_EVIDENCE, render
from helpers.run.folders import is_old
from helpers.wording import format_number, plural

PAGE, ASIDE = "index.html", ".register-"
MARK = "<title>Register of runs"
"""What tells our page from another that somebody keeps in the folder."""

TRIES = 50


@dataclass(frozen=True)
class Written:
    """Where the register is, and what it holds in one sentence."""

    page: Path
    sentence: str


def write_register(reports: Path, *, before_placing: Callable[[], None] = lambda: None) -> Written:
    """Write the register of the runs in a folder, from what is on disk now.

    Written aside and moved into place, so that it is always whole. Another process may finish a run meanwhile, and
    write a register of its own: the folder is looked at again before the page is placed and after, and the page is made
    anew until it shows what is there. Whoever writes last therefore writes what is true. `before_placing` is for tests.

    Raises OSError where the folder cannot be read or written.
    """
    clear_leftovers(reports)
    if (reports / PAGE).is_file() and MARK not in (reports / PAGE).read_text(encoding="utf-8", errors="replace"):
        raise OSError(f"{reports / PAGE} is there and is no register of runs: move it, or use another folder")
    for tried in range(1, TRIES + 1):
        listing = read_runs(reports)
        aside = reports / f"{ASIDE}{uuid.uuid4().hex}"
        try:
            aside.write_text(render_register(listing), encoding="utf-8", errors="replace", newline="\n")
            before_placing()
            if tried < TRIES and read_state(reports) != listing.state:
                continue  # an older page must not take the place of a newer one, even for a moment
            aside.replace(reports / PAGE)
        finally:
            aside.unlink(missing_ok=True)
        if read_state(reports) == listing.state:
            break
    return Written(reports / PAGE, describe_listing(listing))


def clear_leftovers(reports: Path) -> None:
    """Remove what a process that was ended while it wrote left aside more than a day ago."""
    for path in reports.glob(f"{ASIDE}*"):
        with suppress(FileNotFoundError):  # another process was faster
            if is_old(path):
                path.unlink()


def describe_listing(listing: Listing) -> str:
    """How many runs there are, on what, and how many folders could not be read.

    >>> describe_listing(Listing((), (), ()))
    'There is no run here.'
    """
    runs, broken = len(listing.runs), len(listing.unreadable)
    simulated = sum(run.is_synthetic for run in listing.runs)
    words = f"{format_number(runs)} {plural(runs, 'run')}, {format_number(simulated)} of them on simulated patients." \
        if runs else "There is no run here."
    return words + (f" {format_number(broken)} {plural(broken, 'folder')} cannot be read." if broken else "")


def make_banner(listing: Listing) -> str:
    """The line that says that patients are simulated: of all runs, of some, or empty."""
    simulated = sum(run.is_synthetic for run in listing.runs)
    if not simulated:
        return ""
    if simulated == len(listing.runs):
        return NO_EVIDENCE
    return f"{format_number(simulated)} of {len(listing.runs)} runs are on simulated patients: nothing in them is " \
           "evidence."


def render_register(listing: Listing) -> str:
    """The whole page as text; it loads nothing and runs this one script."""
    return render(
        "register.html", styles=["page.css", "register.css"], scripts=["register.js"], banner=make_banner(listing),
        listing=listing, columns=COLUMNS, sentence=describe_listing(listing),
        parameters=sorted({one.name for run in listing.runs for one in run.changed}),
        address=make_address, sort_value=make_sort_value)  # fmt: skip


def make_address(run: Run) -> str:
    """The address of a run's report from the register's folder.

    >>> from types import SimpleNamespace
    >>> make_address(SimpleNamespace(folder='a "b"%'))
    './a%20%22b%22%25/index.html'
    """
    return f"./{quote(os.fsencode(run.folder), safe='')}/{PAGE}"


def make_sort_value(cell: Cell) -> str:
    """What a cell is sorted by; empty for a number that the run does not have."""
    return "" if cell.value is None else repr(cell.value)
