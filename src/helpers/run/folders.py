"""Where a run is built and how it comes to its place: aside first, then whole, by one rename.

While it runs, a run lives in `.building-<name>-<machine>-<process>` beside its final place. What a killed
process left there is cleared away by the next run; finished runs are never touched before the new one is whole.
"""

from __future__ import annotations

import contextlib
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
_NO_NAME = re.compile(r".*\.|.*\.log|index\.html|(con|prn|aux|nul|com\d|lpt\d)(\..*)?", flags=re.IGNORECASE)
NAME_RULE = ("use up to 80 letters, digits, dots, dashes and underscores, a letter or digit first, no dot or .log at "
             "the end, and no name that Windows keeps for a device")  # fmt: skip
"""What `is_run_name` asks of a name, as a message says it."""

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
    """Whether a name can be that of a run's folder: letters, digits, dot, dash and underscore, no dot at either end.

    A name that ends in .log is that of a failed run's log, and Windows keeps some names for its devices.

    >>> is_run_name("our_centre-2"), is_run_name("../elsewhere"), is_run_name(".building-x")
    (True, False, False)
    >>> is_run_name("x."), is_run_name("x.failed.log"), is_run_name("nul"), is_run_name("nullius")
    (False, False, False, True)
    """
    return _NAME.fullmatch(name) is not None and _NO_NAME.fullmatch(name) is None


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

    A process of another machine counts as gone after a day. Another run may be clearing away at the same time.
    """
    for folder in [*parent.glob(f"{BUILDING}*"), *parent.glob(f"{ASIDE}*")]:
        with contextlib.suppress(FileNotFoundError):
            if _is_left_over(folder):
                _clear_one(folder)


def _clear_one(folder: Path) -> None:
    home = folder.with_name(_name_in(folder))
    if folder.name.startswith(BUILDING) or home.exists():
        remove_folder(folder)
    else:
        folder.rename(home)


def _name_in(folder: Path) -> str:
    """The run's name in the name of a folder that was put aside on this machine."""
    return folder.name.removeprefix(ASIDE).rsplit(f"-{_slug(platform.node())}-", maxsplit=1)[0]


def _is_left_over(folder: Path) -> bool:
    machine_and_name, _, process = folder.name.rpartition("-")
    if machine_and_name.endswith(f"-{_slug(platform.node())}") and process.isdigit():
        return not _is_alive(int(process))
    return is_old(folder)


def is_old(path: Path) -> bool:
    """Whether nothing has been added to a folder, or written to a file, for a day. Raises OSError where it is gone."""
    return time.time() - path.stat().st_mtime > _A_DAY


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


def put_in_place(*moves: tuple[Path, Path], exchange: Callable[[Path, Path], bool] | None = None) -> None:
    """Make finished building folders the runs of their places, all of them or none; remove what they replace.

    Each of `moves` is a building folder and its place. What was in a place stays in the building folder until
    all are placed. Where the system can exchange two folders in one step, it does. Elsewhere the earlier run is
    put aside first; killed just then, it is put back by the next run's `clear_leftovers`.
    """
    placed = []
    try:
        for building, home in moves:
            _swap(building, home, exchange=exchange or exchange_folders)
            placed.append((building, home))
    except BaseException:
        for building, home in reversed(placed):
            _swap(building, home, exchange=exchange or exchange_folders)
        raise
    for building, _ in moves:
        remove_folder(building)


def _swap(one: Path, other: Path, *, exchange: Callable[[Path, Path], bool]) -> None:
    """Give each of two folders the other's name, or raise OSError with both as they were; one may be missing."""
    if not other.exists():
        one.rename(other)
    elif not one.exists():
        other.rename(one)
    elif not exchange(one, other):
        _swap_by_renaming(one, other)


def _swap_by_renaming(one: Path, other: Path) -> None:
    aside = other.with_name(f"{ASIDE}{other.name}-{_owner()}")
    other.rename(aside)
    try:
        one.rename(other)
        aside.rename(one)
    except BaseException:
        if not one.exists():
            other.rename(one)
        aside.rename(other)
        raise


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
