"""Values that R has given, beside the script that made them; and the data sets that such a script reads."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

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
