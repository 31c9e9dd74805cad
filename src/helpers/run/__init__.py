"""One run: check everything, execute the notebooks aside, make the report, and move both into place when whole."""

from helpers.run.runner import (
    FinishedRun,
    as_project_path,
    run_study,
    store_notebooks,
)
from helpers.run.store import Store

__all__ = [
    "FinishedRun",
    "Store",
    "as_project_path",
    "run_study",
    "store_notebooks",
]
