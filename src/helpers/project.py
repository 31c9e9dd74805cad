"""Where the project stands on disk: relative folders in parameters and on the command line start here."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
"""The project's top folder, wherever a notebook or a command is run from."""


def from_project(path: str | Path) -> Path:
    """An absolute path as it is, a relative one from the project's top folder.

    >>> from_project("data/raw") == PROJECT / "data" / "raw"
    True
    """
    return PROJECT / path


ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Environment variables under which linear algebra keeps to one thread: sums then always come out alike."""

_CODE = (".py", ".yml", ".csv", ".mplstyle", ".html", ".css", ".js")
"""What of the helpers makes a difference to a notebook or a page."""

RUN_CODE = "COMPENDIUM_CODE"
"""The environment variable in which a run tells its notebooks the code that it began with."""


def code_of_run() -> str:
    """The hash of the code that the run of this notebook began with; empty outside of a run."""
    return os.environ.get(RUN_CODE, "")


@cache
def hash_code() -> str:
    """A hash over the helpers as they stand: tables made by other code are made anew."""
    return read_code()


def read_code() -> str:
    """The same, read from disk again."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(path for path in folder.rglob("*.*") if path.suffix in _CODE):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
