"""Which notebook leaves which tables, read from the contract of the derived tables: who stands on whom follows."""

from __future__ import annotations

import os
import time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

POLL_SECONDS = 0.02
_RAW_COPY = "raw_"


def stands_on(notebook: str) -> tuple[str, ...]:
    """The notebooks whose tables a notebook reads: those before it that leave any, in the order in which they run.

    >>> stands_on("01_cohort"), stands_on("02_dtt_labelling"), stands_on("05_response_over_time")
    ((), ('01_cohort',), ('01_cohort', '02_dtt_labelling'))
    """
    return tuple(maker for maker in _makers() if maker < notebook)


def list_made_tables(notebook: str) -> tuple[str, ...]:
    """The tables of derived.yml that a notebook makes, in the order of the file.

    >>> list_made_tables("02_dtt_labelling"), list_made_tables("04_survival")
    (('dtt_labels', 'dtt_trace'), ())
    """
    return tuple(name for name, table in _tables("derived.yml").items() if table["made_by"] == notebook)


def list_left_tables(notebook: str) -> tuple[str, ...]:
    """All tables that a notebook leaves: those it makes, and of the first one the raw tables as it has checked them.

    >>> list_left_tables("01_cohort")[:4]
    ('cohort', 'assessments', 'courses', 'raw_patients')
    """
    is_first = notebook == _makers()[0]
    return list_made_tables(notebook) + (tuple(name_raw_copies().values()) if is_first else ())


def has_left_tables(notebook: str, folder: Path) -> bool:
    """Whether all tables that a notebook leaves lie in a folder; each is moved there whole."""
    return all((folder / f"{name}.parquet").is_file() for name in list_left_tables(notebook))


def wait_for_tables(notebook: str, folder: Path) -> None:
    """Wait until the notebooks whose tables this one reads have left them in the folder of a run under way.

    A notebook whose ledger lies there has come to its end: what it has not left by then will not come. Raises
    RuntimeError when the run has ended meanwhile, or its folder is gone.
    """
    run = os.getppid()
    for maker in stands_on(notebook):
        ledger = folder / "ledger" / f"{maker}.json"
        while not ledger.is_file() and not has_left_tables(maker, folder):
            if os.getppid() != run or not folder.is_dir():
                raise RuntimeError(f"{notebook} waited for the tables of {maker}, and the run that it belongs to ended")
            time.sleep(POLL_SECONDS)


def name_raw_copies() -> dict[str, str]:
    """The name under which each raw table is handed on once it is checked.

    >>> name_raw_copies()["visits"]
    'raw_visits'
    """
    return {name: f"{_RAW_COPY}{name}" for name in _tables("dictionary.yml")}


@cache
def _makers() -> tuple[str, ...]:
    return tuple(sorted({table["made_by"] for table in _tables("derived.yml").values()}))


@cache
def _tables(file: str) -> dict[str, dict[str, Any]]:
    """The tables of a dictionary as they stand in the file, unchecked and at once: `schema` checks them, slowly."""
    found: dict[str, dict[str, Any]] = load_yaml(files("helpers").joinpath(file).read_text(encoding="utf-8"))["tables"]
    return found


def load_yaml(text: str) -> Any:
    """What `yaml.safe_load` gives, ten times as fast where yaml was built with its own parser.

    >>> load_yaml("tables: {cohort: {made_by: 01_cohort}}")
    {'tables': {'cohort': {'made_by': '01_cohort'}}}
    """
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
