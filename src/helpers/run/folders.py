"""Where a run is built and how it comes to its place: aside first, then whole, by one rename.

While it runs, a run lives in `.building-<name>-<machine>-<process>` beside its final place. What a killed
process left there is cleared away by the next run; finished runs are never touched before the new one is whole.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

BUILDING, ASIDE = ".building-", ".aside-"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_A_DAY = 24 * 60 * 60
_EXCHANGE = 2
_AT_CWD = -100


def name_run(changed: Mapping[str, Any], *, data: str = "") -> str:
    """The name of a run: `default`, or what differs from the default in words and a short hash of it.

    The same parameters on the same data folder always give the same name, so that a rerun takes the place of
    the earlier one and another set of parameters never does. `data` is empty for the shipped cohort.

    >>> name_run({}), name_run({"landmark_months": 12.0})
    ('default', 'landmark_months-12-2d5489')
    """
    if not changed and not data:
        return "default"
    words = [_slug(Path(data).name)] if data else []
    words += [f"{name}-{_slug(value)}" for name, value in changed.items()]
    facts = json.dumps([data, dict(changed)], sort_keys=True, ensure_ascii=False)
    readable = "_".join(words)[:60].strip("-_.")
    return f"{readable}-{hashlib.sha256(facts.encode()).hexdigest()[:6]}"


def _slug(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "none"


def is_run_name(name: str) -> bool:
    """Whether a name can be that of a run's folder: letters, digits, dot, dash and underscore, no leading dot.

    >>> is_run_name("our_centre-2"), is_run_name("../elsewhere"), is_run_name(".building-x")
    (True, False, False)
    """
    return _NAME.fullmatch(name) is not None


def make_building_folder(parent: Path, *, name: str) -> Path:
    """Make and return this process's building folder in `parent`, after clearing away what dead ones left."""
    parent.mkdir(parents=True, exist_ok=True)
    clear_leftovers(parent)
    folder = parent / f"{BUILDING}{name}-{_owner()}"
    remove_folder(folder)
    folder.mkdir()
    return folder


def _owner() -> str:
    return f"{_slug(platform.node())}-{os.getpid()}"


def clear_leftovers(parent: Path) -> None:
    """Remove the building folders of processes that are gone, and put back a run that a kill left aside.

    A process of another machine counts as gone after a day.
    """
    for folder in parent.glob(f"{BUILDING}*"):
        if _is_left_over(folder):
            remove_folder(folder)
    for folder in parent.glob(f"{ASIDE}*"):
        if _is_left_over(folder):
            home = parent / _name_in(folder)
            remove_folder(folder) if home.exists() else folder.rename(home)


def _name_in(folder: Path) -> str:
    """The run's name in the name of a folder that was put aside on this machine."""
    return folder.name.removeprefix(ASIDE).rsplit(f"-{_slug(platform.node())}-", maxsplit=1)[0]


def _is_left_over(folder: Path) -> bool:
    machine_and_name, _, process = folder.name.rpartition("-")
    if machine_and_name.endswith(f"-{_slug(platform.node())}") and process.isdigit():
        return not _is_alive(int(process))
    return time.time() - folder.stat().st_mtime > _A_DAY


def _is_alive(process: int) -> bool:
    if os.name == "nt":  # pragma: no cover (a signal of 0 would end the process there: ask the system instead)
        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)  # type: ignore[attr-defined]
        ctypes.windll.kernel32.CloseHandle(handle)  # type: ignore[attr-defined]
        return bool(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def put_in_place(building: Path, home: Path, *, exchange: Callable[[Path, Path], bool] | None = None) -> None:
    """Make a finished building folder the run of that name, and remove the run that it replaces.

    Where the system can exchange two folders in one step, it does. Elsewhere the earlier run is put aside
    first; killed just then, it is put back by the next run's `clear_leftovers`.
    """
    if not home.exists():
        building.rename(home)
    elif (exchange or exchange_folders)(building, home):
        remove_folder(building)
    else:
        aside = home.with_name(f"{ASIDE}{home.name}-{_owner()}")
        home.rename(aside)
        building.rename(home)
        remove_folder(aside)


def exchange_folders(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; false where this system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return bool(rename(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE) == 0)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it; one that is not there is fine."""
    shutil.rmtree(folder, ignore_errors=True)
