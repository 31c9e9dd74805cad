"""Values that R has given, beside the script that made them; and the data sets that such a script reads."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import lifelines.datasets as shipped
import pandas as pd

FOLDER = Path(__file__).parent / "golden"


def read_golden(topic: str) -> dict[str, Any]:
    """The values of one topic by name; none while its file is being made anew."""
    path = FOLDER / f"{topic}.json"
    return json.loads(path.read_text(encoding="utf-8"))["golden"] if path.exists() else {}


def export_datasets(loaders: Mapping[str, Callable[[], pd.DataFrame]]) -> None:
    """Write the data sets as CSV files into the folder that the command line names."""
    for name, load in loaders.items():
        load().to_csv(Path(sys.argv[1]) / f"{name}.csv", index=False)


def load_stanford_patients() -> pd.DataFrame:
    """One row per patient: the transplant plays what comes later in treatment, death the outcome."""
    rows = shipped.load_stanford_heart_transplants()
    waits = rows.loc[rows.transplant.eq(1)].groupby("id").start.min()
    people = rows.groupby("id", as_index=False).agg(time=("stop", "max"), dead=("event", "max"))
    return people.assign(wait=people.id.map(waits))


def load_lymph_node_patients() -> pd.DataFrame:
    """One row per patient: recurrence of breast cancer plays it, death the outcome."""
    data = shipped.load_lymph_node()
    recurs = data.censrec.eq(1) & (data.rectime < data.survtime)
    return pd.DataFrame({"id": data.index, "time": data.survtime, "dead": data.censdead,
                         "wait": data.rectime.where(recurs)})  # fmt: skip
