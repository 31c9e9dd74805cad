"""Where the project stands on disk: relative folders in parameters and on the command line start here."""

from __future__ import annotations

import hashlib
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


@cache
def hash_code() -> str:
    """A hash over the helpers as they stand: tables made by other code are made anew."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(path for ending in ("*.py", "*.yml") for path in folder.rglob(ending)):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
