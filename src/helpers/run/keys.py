"""What a notebook's outcome follows from, as one key: where nothing of it differs, nothing of the outcome does."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from helpers.flow import stands_on
from helpers.parameters import ALL, Parameters
from helpers.project import ONE_THREAD, PROJECT, from_project, hash_code
from helpers.run.record import list_packages

_VERSION = 1
"""Of the form of what is kept; entries of another form are never found."""


def make_notebook_keys(parameters: Parameters, *, sources: Path, data: Mapping[str, str]) -> dict[str, str]:
    """The key of each notebook under these parameters; `data` holds the hashes of the data's files by name.

    It is made of the notebook's source, the parameters that it reads, the file of rules where it reads one, the data,
    the helpers, Python and all packages, and the keys of the notebooks whose tables it reads: their tables say under
    which parameters they were made, and its header repeats that.
    """
    keys: dict[str, str] = {}
    for notebook in ALL:
        values = parameters.used_by(notebook)
        values.pop("derived_dir")
        keys[notebook] = make_key({
            "notebook": notebook, "source": _hash_file(sources / f"{notebook}.py"),
            "place": sources.resolve().as_posix(), "parameters": values,
            "rules": _hash_rules(values.get("rules_file", "")), "data": dict(data),
            "surroundings": describe_surroundings(), "stands_on": [keys[maker] for maker in stands_on(notebook)],
        })  # fmt: skip
    return keys


def make_key(facts: Mapping[str, Any]) -> str:
    """A hash over facts that JSON can hold, whatever their order.

    >>> make_key({"a": 1, "b": 2}) == make_key({"b": 2, "a": 1}) != make_key({"a": 1, "b": 3})
    True
    """
    return hashlib.sha256(json.dumps([_VERSION, facts], sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def describe_surroundings() -> dict[str, Any]:
    """What every outcome follows from, besides what it is made of: helpers, Python, packages, machine, threads."""
    return {"code": hash_code(), "project": PROJECT.as_posix(), **_describe_python(),
            "threads": {name: os.environ.get(name) for name in ONE_THREAD}}  # fmt: skip


@cache
def _describe_python() -> dict[str, Any]:
    return {"python": platform.python_version(), "system": platform.platform(), "packages": list_packages()}


def hash_data(folder: str | Path) -> dict[str, str]:
    """The SHA-256 of every table in a data folder, and of its manifest, by file name.

    Any table, not only those of the dictionary: whichever file a run comes to read, it is among these.
    """
    paths = sorted({*from_project(folder).glob("*.csv"), *from_project(folder).glob("manifest.json")})
    return {path.name: _hash_file(path) for path in paths if path.is_file()}


def _hash_rules(rules_file: str) -> str:
    return _hash_file(from_project(rules_file)) if rules_file else ""


def _hash_file(path: Path) -> str:
    """The SHA-256 of a file; empty where it cannot be read, for the run will say so."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
