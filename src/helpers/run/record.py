"""What a run says about itself: parameters, data and their hashes, code version, packages, times."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from helpers.parameters import Parameters
from helpers.project import PROJECT

DISTRIBUTION = "difficult-to-treat-lupus-nephritis"
_FIELD = re.compile(r"^(Name|Version): (\S+)$", flags=re.MULTILINE)


def make_record(name: str, parameters: Parameters, *, data: Mapping[str, Any], started: datetime, finished: datetime,
                seconds: Mapping[str, float], notebooks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Everything but the results; times stand here and nowhere else.

    `seconds` are those of the steps that this run took itself; `notebooks` says of each when it was executed, and
    whether an earlier run did that.
    """
    return {
        "run": name,
        "started": started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": dict(seconds),
        "notebooks": {name: dict(facts) for name, facts in notebooks.items()},
        "parameters": parameters.model_dump(),
        "changed": parameters.changed(),
        "data": dict(data),
        "code": describe_code(PROJECT),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "asked_for": list_asked_for(),
        "packages": list_packages(),
    }


def describe_code(folder: Path) -> dict[str, Any]:
    """The version of the package and, in a git checkout, the commit and whether files differ from it."""
    found = {"version": metadata.version(DISTRIBUTION), "commit": None, "changed_files": None}
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != folder.resolve():
        return found
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {**found, "commit": _git(folder, "rev-parse", "HEAD"), "changed_files": len((changes or "").splitlines())}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def list_asked_for() -> list[str]:
    """The packages that the study itself asks for, without those for its tests."""
    asked = [text for text in metadata.requires(DISTRIBUTION) or [] if "extra ==" not in text]
    return sorted(_canonical(re.split(r"[^A-Za-z0-9._-]", text)[0]) for text in asked)


@cache
def list_packages() -> dict[str, str]:
    """Every installed package and its version."""
    return dict(sorted((_canonical(name), version) for name, version in map(_read_name, metadata.distributions())))


def _read_name(found: metadata.Distribution) -> tuple[str, str]:
    """Name and version, from the lines that hold them: to read the whole of each description takes much longer."""
    text = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    fields = dict(_FIELD.findall(text.partition("\n\n")[0]))
    return (fields["Name"], fields["Version"]) if len(fields) == 2 else (found.name, found.version)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
