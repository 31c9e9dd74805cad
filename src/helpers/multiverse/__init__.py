"""The multiverse: every defensible way of making the study at once, each number computed once and kept."""

from helpers.multiverse.engine import run_multiverse
from helpers.multiverse.grid import Grid
from helpers.multiverse.opening import open_universe
from helpers.multiverse.page import write_multiverse
from helpers.multiverse.reading import read_grid
from helpers.multiverse.results import Multiverse, read_multiverse

__all__ = [
    "Grid",
    "Multiverse",
    "open_universe",
    "read_grid",
    "read_multiverse",
    "run_multiverse",
    "write_multiverse",
]
