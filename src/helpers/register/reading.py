"""The runs of a folder, read from the runs' own files; what cannot be read is listed with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from helpers.parameters import Parameters
from helpers.register.numbers import Cell, read_headlines
from helpers.report.page import show
from helpers.scenarios import find_scenario

OTHER_PAGES = ("comparison.json", "multiverse.json")
"""What marks a folder as a comparison of runs or as a multiverse, which are no runs themselves."""

FILES = ("run.json", "results.json", "index.html")
ATTEMPTS = 3
LONGEST_DEFAULT = 60


@dataclass(frozen=True)
class Changed:
    """One parameter of a run that differed from its default."""

    name: str
    value: str
    default: str


@dataclass(frozen=True)
class Run:
    """What the register says of one run. `folder` is where it is now, `made_as` the name it was made under."""

    folder: str
    made_as: str
    finished: datetime
    changed: tuple[Changed, ...]
    scenario: str
    is_synthetic: bool
    data: str
    data_hash: str
    code: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Unreadable:
    """A folder that is no run that can be read, and why."""

    folder: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """What is in a folder of runs, latest first, and the state of the files that it was read from."""

    runs: tuple[Run, ...]
    unreadable: tuple[Unreadable, ...]
    state: tuple[Any, ...]


def read_runs(reports: Path) -> Listing:
    """Every run in a folder, as it is on disk now.

    Files, and folders whose name begins with a dot (runs that are being built), are not looked at. A folder that goes
    away while it is read is left out.
    """
    state = read_state(reports)
    found = [read_folder(folder) for folder in list_folders(reports)]
    runs = sorted((one for one in found if isinstance(one, Run)),
                  key=lambda run: (-run.finished.timestamp(), run.folder))  # fmt: skip
    return Listing(tuple(runs), tuple(one for one in found if isinstance(one, Unreadable)), state)


def list_folders(reports: Path) -> list[Path]:
    """The folders that may be runs, by name."""
    return sorted(path for path in reports.iterdir() if not path.name.startswith(".") and path.is_dir()
                  and not any((path / name).is_file() for name in OTHER_PAGES))  # fmt: skip


def read_state(reports: Path) -> tuple[Any, ...]:
    """What tells one state of the runs' files from another: folders, and identity, size and time of their files."""
    return tuple((folder.name, *(_stamp(folder / name) for name in FILES)) for folder in list_folders(reports))


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        facts = path.stat()
    except OSError:
        return ()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def read_folder(folder: Path) -> Run | Unreadable | None:
    """The run in a folder, or why it is none; None where the folder has gone.

    A run may be replaced while it is read: its two files are taken from the same run, or read again.
    """
    for _ in range(ATTEMPTS):
        before = [_stamp(folder / name) for name in FILES]
        found = _read_once(folder)
        if before == [_stamp(folder / name) for name in FILES]:
            break
    return found if folder.is_dir() else None


def _read_once(folder: Path) -> Run | Unreadable:
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        return Unreadable(folder.name, f"there is no {' and no '.join(missing)} in it")
    contents = {}
    for name in FILES[:2]:
        try:
            contents[name] = from_json((folder / name).read_bytes(), allow_inf_nan=False, cache_strings="keys")
        except OSError as problem:
            return Unreadable(folder.name, f"{name} cannot be read: {problem.strerror}")
        except ValueError as problem:
            return Unreadable(folder.name, f"{name} is not whole: {problem}")
    try:
        return _make_run(folder.name, contents["run.json"], contents["results.json"])
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        return Unreadable(folder.name, f"its files are not those of a run ({type(problem).__name__}: {problem})")


def _make_run(folder: str, record: Mapping[str, Any], results: Mapping[str, Any]) -> Run:
    data, changed = record["data"], dict(record["changed"])
    hashes = "".join(f"{name}{value}" for name, value in sorted(data["files"].items()))
    commit = record["code"].get("commit") or ""
    return Run(
        folder=folder, made_as=str(record["run"]), finished=_moment(record["finished"]),
        changed=tuple(Changed(name, show(value), _default(name)) for name, value in changed.items()),
        scenario=find_scenario(changed), is_synthetic=bool(data["synthetic"]), data=str(data["folder"]),
        data_hash=hashlib.sha256(hashes.encode()).hexdigest()[:6],
        code=f"{record['code']['version']}{' ' + commit[:7] if commit else ''}", cells=read_headlines(results),
    )  # fmt: skip


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.astimezone()


def _default(name: str) -> str:
    """The default of a parameter now; empty for one that this version does not have, or too long for a cell."""
    field = Parameters.model_fields.get(name)
    text = "" if field is None else show(field.default)
    return text if len(text) <= LONGEST_DEFAULT else ""
