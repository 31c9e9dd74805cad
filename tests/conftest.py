"""What several tests share: the small study, as a folder to spoil and as tables in memory."""

import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # pytest imports tests by path, so they cannot find their neighbours

from in_browser import browser, open_page  # noqa: F401 (fixtures)
from small_study import write_small_study
from study_runs import real_run, tiny  # noqa: F401 (fixtures, once per session)

from helpers.schema import read_raw


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: runs notebooks")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the six valid files of the small study."""
    return write_small_study(tmp_path / "raw")


@pytest.fixture(scope="session")
def small_tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The small study, read once; take `raw` for tables that a test may change."""
    return read_raw(write_small_study(tmp_path_factory.mktemp("small") / "raw"))


@pytest.fixture
def raw(small_tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of the small study as `read_raw` gives them."""
    return {name: table.copy() for name, table in small_tables.items()}
