"""The register of runs: one page that lists every run of a folder, made anew from what is in the folder."""

from helpers.register.page import (
    Written,
    write_register,
)
from helpers.register.reading import (
    Listing,
    Run,
    Unreadable,
    read_runs,
)

__all__ = [
    "Listing",
    "Run",
    "Unreadable",
    "Written",
    "read_runs",
    "write_register",
]
