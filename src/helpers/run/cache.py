"""What earlier runs left, taken where nothing that it follows from has changed; what a whole run leaves for later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.parameters import ALL
from helpers.run.store import Store

PLACE = "<the run's folder of derived tables>"
"""What stands in an executed notebook that is kept where a run's has the name of its folder."""

_NOTEBOOK, _ABOUT, _FILES = "notebook.ipynb", "about.json", "derived/"


@dataclass(frozen=True)
class Outcome:
    """What came of a notebook: its text, executed, with `PLACE` in it; when that was, and how long it took with
    all its waiting.

    `files` are those that it left among the derived tables, where they have been taken from the cache.
    """

    text: str
    executed: str
    seconds: float
    files: Mapping[str, bytes] | None = None


@dataclass
class Cache:
    """The store as one run sees it. Without a store nothing is found and nothing kept."""

    store: Store | None = None
    _new: dict[str, Mapping[str, bytes]] = field(default_factory=dict)

    def find(self, key: str) -> dict[str, bytes] | None:
        """The files kept under a key, by name; None where there are none, or none that are sound."""
        return None if self.store is None else self.store.read(key)

    def add(self, key: str, files: Mapping[str, bytes]) -> None:
        """Have files kept under a key once the run is whole."""
        self._new[key] = files

    def keep(self) -> None:
        """Keep what was added: the run is whole, and what it was made from is what the keys say."""
        if self.store is not None:
            for key, files in self._new.items():
                self.store.keep(key, files)

    def find_outcomes(self, keys: Mapping[str, str]) -> dict[str, Outcome]:
        """The outcome of each notebook whose key (by name) is known."""
        found = {notebook: self.find(key) for notebook, key in keys.items()}
        return {notebook: _read_outcome(files) for notebook, files in found.items() if files is not None}

    def add_outcomes(self, keys: Mapping[str, str], outcomes: Mapping[str, Outcome], *, work: Path) -> None:
        """Have outcomes kept, with the files in `work` that their notebooks left.

        None of them where a file is there that belongs to no notebook, and none that names the folder it was made in.
        """
        left = gather_files(work)
        for notebook, outcome in outcomes.items() if left else ():
            files = _write_outcome(outcome, left[notebook])
            if not any(work.name.encode() in content for content in files.values()):
                self.add(keys[notebook], files)


def gather_files(work: Path) -> dict[str, dict[str, bytes]]:
    """The files among a run's derived tables, by the notebook that left them; none at all where one belongs to none."""
    found: dict[str, dict[str, bytes]] = {notebook: {} for notebook in ALL}
    for path in sorted(path for path in work.rglob("*") if path.is_file()):
        place = path.relative_to(work)
        notebook = _find_owner(place, work=work)
        if notebook not in found:
            return {}
        found[notebook][place.as_posix()] = path.read_bytes()
    return found


def _find_owner(place: Path, *, work: Path) -> str:
    from helpers.schema import read_stamp

    match place.parts:
        case ("exhibits", notebook, *_):
            return notebook
        case ("ledger", _):
            return place.stem
        case (name,) if place.suffix == ".parquet" and not name.startswith("."):
            return str(read_stamp(place.stem, work).get("notebook", ""))
    return ""


def place_files(outcome: Outcome, work: Path) -> None:
    """Write the files of an outcome among a run's derived tables."""
    for name, content in (outcome.files or {}).items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _write_outcome(outcome: Outcome, left: Mapping[str, bytes]) -> dict[str, bytes]:
    about = {"executed": outcome.executed, "seconds": outcome.seconds}
    return {_NOTEBOOK: outcome.text.encode(), _ABOUT: to_json(about), **{_FILES + name: left[name] for name in left}}


def _read_outcome(files: Mapping[str, bytes]) -> Outcome:
    left = {name.removeprefix(_FILES): content for name, content in files.items() if name.startswith(_FILES)}
    return Outcome(files[_NOTEBOOK].decode(), files=left, **json.loads(files[_ABOUT]))


def to_json(content: Mapping[str, Any]) -> bytes:
    """JSON as the run's files have it: indented, signs as they are, one line end at the end."""
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
