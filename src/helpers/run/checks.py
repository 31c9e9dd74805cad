"""What a run looks at before it writes anything: its name, its places, the rules and the data."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.parameters import ParameterError, Parameters
from helpers.project import PROJECT, from_project, hash_code, read_code
from helpers.run.cache import Cache, to_json
from helpers.run.folders import NAME_RULE, is_run_name, name_run
from helpers.run.keys import describe_surroundings, hash_data, make_key
from helpers.run.progress import Progress

SHIPPED_DATA = "data/raw"
STEP = "data checked"


def choose_name(name: str, parameters: Parameters) -> str:
    """The run's name, made from what differs from the default where none is given; raises ParameterError."""
    if name and not is_run_name(name):
        raise ParameterError(f"{name!r} cannot be the name of a run: {NAME_RULE}")
    data = "" if parameters.data_dir == SHIPPED_DATA else parameters.data_dir
    return name or name_run(parameters.changed(), data=data)


def check_places(name: str, parameters: Parameters, *, reports: Path, derived: Path) -> None:
    """Raise ParameterError where the run would write over anything that is not an earlier run of its name.

    Neither folder may be one of raw tables or lie in one, and nothing but an earlier run may stand in its place.
    """
    data = PROJECT / parameters.data_dir
    check_apart(name, data=data, reports=reports, derived=derived)
    for option, folder, is_run in (("--reports", reports, _is_report), ("--derived", derived, _is_derived)):
        _check_home(folder / name, option=option, data=data, is_run=is_run)


def check_apart(name: str, *, data: Path, reports: Path, derived: Path) -> None:
    """Raise ParameterError where what is made under a name would lie in one place, or among raw tables."""
    homes = [(reports / name).resolve(), (derived / name).resolve()]
    if homes[0].is_relative_to(homes[1]) or homes[1].is_relative_to(homes[0]):
        raise ParameterError("--reports and --derived must be two folders, neither in the other's run")
    for option, folder in (("--reports", reports), ("--derived", derived)):
        for raw in (data, PROJECT / SHIPPED_DATA):
            if folder.resolve().is_relative_to(raw.resolve()):
                raise ParameterError(f"{option} {folder} is in the folder of the raw tables: choose another folder")


def _check_home(home: Path, *, option: str, data: Path, is_run: Callable[[Path], bool]) -> None:
    not_folders = [path for path in (home, home.parent) if path.exists() and not path.is_dir()]
    if not_folders:
        raise ParameterError(f"{not_folders[0]} is there and is no folder: choose another --name or {option}")
    if data.resolve().is_relative_to(home.resolve()):
        raise ParameterError(f"{home} would be replaced, and the raw tables are in it: choose another --name")
    if home.is_dir() and any(home.iterdir()) and not is_run(home):
        raise ParameterError(f"{home} is there and is no earlier run: choose another --name or {option}")


def check_code() -> None:
    """Raise DataError where a file of the helpers is another now than when the run began: half the notebooks may have
    run under the one, half under the other."""
    from helpers.schema import DataError

    if read_code() != hash_code():
        raise DataError("The code under src/helpers changed while the study ran. Run it again")


def _is_report(folder: Path) -> bool:
    return (folder / "run.json").is_file()


def _is_derived(folder: Path) -> bool:
    return (folder / "ledger").is_dir() or any(folder.glob("*.parquet"))


def check_rules(parameters: Parameters) -> None:
    """Raise RuleError for a rule file that cannot be used or a rule that nobody knows."""
    book = parameters.rulebook()
    book.response_rule(parameters.response_rule)
    book.flare_rule(parameters.flare_rule)
    book.worsening_rule(parameters.worsening_rule)


def check_data(parameters: Parameters, *, progress: Progress, cache: Cache | None = None) -> dict[str, Any]:
    """Check the raw tables and return what the run's record says of them; raises DataError.

    Tables that an earlier run has checked, with the same manifest beside them, are taken as checked. `calibrated` is
    said of patients who were chosen to show the published figures, while they are as they were chosen and looked at
    under the parameters that they were chosen under.
    """
    facts = _describe_data(parameters.data_dir, progress=progress, cache=cache or Cache())
    was_chosen = facts.pop("chosen") and not facts["manifest_differs"]
    return {**facts, "calibrated": was_chosen and not parameters.changed()}


def _describe_data(data_dir: str, *, progress: Progress, cache: Cache) -> dict[str, Any]:
    """What follows from the tables and their manifest alone, from the cache where it is there."""
    key = make_key({"checked": data_dir, "data": hash_data(data_dir), "surroundings": describe_surroundings()})
    known = cache.find(key)
    if known is not None:
        progress.take(STEP)
        return dict(json.loads(known[STEP]))
    from helpers import schema

    begun = time.monotonic()
    folder = from_project(data_dir)
    found = schema.check_raw(folder)
    manifest = schema.read_manifest(folder)
    facts = {
        "folder": data_dir,
        "synthetic": schema.is_synthetic(folder),
        "chosen": manifest is not None and "pool_size" in (manifest.model_extra or {}),
        "description": "" if manifest is None else manifest.description,
        "files": schema.hash_inputs(folder),
        "rows": dict(found.rows),
        "manifest_differs": schema.compare_with_manifest(folder),
        "remarks": list(found.notes),
    }
    cache.add(key, {STEP: to_json(facts)})
    progress.end(STEP, seconds=time.monotonic() - begun)
    return facts
