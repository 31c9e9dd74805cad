"""What several tests share: the small study, as a folder to spoil and as tables in memory."""

import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # pytest imports tests by path, so they cannot find their neighbours

from small_study import write_small_study

from helpers.schema import read_raw


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the six valid files of the small study."""
    return write_small_study(tmp_path / "raw")


@pytest.fixture
def raw(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of the small study as `read_raw` gives them."""
    return read_raw(folder)
