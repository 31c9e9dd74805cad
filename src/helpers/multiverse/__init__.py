"""The multiverse: every definition and analysis of a grid at once, each number computed once and kept."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.multiverse.engine import run_multiverse
    from helpers.multiverse.grid import Grid
    from helpers.multiverse.opening import open_universe
    from helpers.multiverse.page import write_multiverse
    from helpers.multiverse.reading import read_grid
    from helpers.multiverse.results import Multiverse, read_multiverse

_HOMES = {
    "Grid": "grid", "Multiverse": "results", "open_universe": "opening", "read_grid": "reading",
    "read_multiverse": "results", "run_multiverse": "engine", "write_multiverse": "page",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """What the package offers, imported when it is asked for: a worker needs neither the page nor the report."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Grid",
    "Multiverse",
    "open_universe",
    "read_grid",
    "read_multiverse",
    "run_multiverse",
    "write_multiverse",
]
