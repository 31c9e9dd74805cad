"""What a run says about itself: parameters, data and their hashes, code version, packages, times."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from helpers.parameters import Parameters
from helpers.project import PROJECT

DISTRIBUTION = "difficult-to-treat-lupus-nephritis"


def make_record(name: str, parameters: Parameters, *, data: Mapping[str, Any], started: datetime, finished: datetime,
                seconds: Mapping[str, float]) -> dict[str, Any]:
    """Everything but the results; times stand here and nowhere else."""
    return {
        "run": name,
        "started": started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": dict(seconds),
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


def list_packages() -> dict[str, str]:
    """Every installed package and its version."""
    return dict(sorted((_canonical(found.name), found.version) for found in metadata.distributions()))


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
