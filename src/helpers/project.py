"""Where the project stands on disk: relative folders in parameters and on the command line start here."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
"""The project's top folder, wherever a notebook or a command is run from."""


def from_project(path: str | Path) -> Path:
    """An absolute path as it is, a relative one from the project's top folder.

    >>> from_project("data/raw") == PROJECT / "data" / "raw"
    True
    """
    return PROJECT / path
