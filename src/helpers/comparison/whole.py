"""One comparison from beginning to end: read, compare, render aside, move into place."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from helpers.comparison import numbers
from helpers.comparison.page import Pair, gather_pair, render_page
from helpers.comparison.runs import ComparedRun, ComparisonError, read_runs
from helpers.project import PROJECT
from helpers.run.folders import is_run_name, make_building_folder, put_in_place, remove_folder

RECORD = "comparison.json"
_LONGEST = 80


def compare_runs(names: Sequence[str], *, reports: Path = PROJECT / "reports", out: Path | None = None) -> Path:
    """Compare finished runs, the first against each of the others, and return where the page is.

    `names` are names of runs in `reports`, or paths of their folders. The page goes to `out`, or to a folder of
    `reports` named after the runs; an earlier comparison there is replaced when the new one is whole, anything else
    is left alone. Beside the page: numbers.csv, moved.csv and comparison.json.

    Raises ComparisonError for runs or a folder that cannot be used; nothing is written then.
    """
    runs = read_runs(names, reports=reports)
    home = (out or reports / name_comparison(runs)).resolve()
    _check_home(home, runs)
    pairs = [gather_pair(runs[0], other) for other in runs[1:]]
    page = render_page(runs, pairs)
    work = make_building_folder(home.parent, name=home.name)
    try:
        _write(work / "index.html", page)
        _write(work / "numbers.csv", _as_csv(list_number_cells(runs)))
        _write(work / "moved.csv", _as_csv(list_moved_cells(pairs)))
        _write(work / RECORD, json.dumps(describe(runs, pairs), indent=1, ensure_ascii=False) + "\n")
        put_in_place((work, home))
    except BaseException:
        remove_folder(work)
        raise
    return home / "index.html"


def name_comparison(runs: Sequence[ComparedRun]) -> str:
    """The folder's name: the runs' names, cut where they are too long for one."""
    name = "-".join(["compare", *(run.name for run in runs)])
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 7].rstrip('-_.')}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _check_home(home: Path, runs: Sequence[ComparedRun]) -> None:
    """Raise ComparisonError where the page would take the place of anything but an earlier comparison."""
    if not is_run_name(home.name):
        raise ComparisonError(f"{home.name!r} cannot be the name of a folder here: use letters, digits, dot, dash and "
                              "underscore, and choose another --out")
    if home.resolve().is_relative_to((PROJECT / "data" / "raw").resolve()):
        raise ComparisonError(f"{home} lies in the folder of raw tables, which is never written to: choose another "
                              "--out")
    inside = [run for run in runs if run.folder.is_relative_to(home) or home.is_relative_to(run.folder)]
    if inside:
        raise ComparisonError(f"{home} is, holds or lies in the folder of run {inside[0].name}: choose another --out")
    taken = [path for path in (home, *home.parents) if path.exists() and not path.is_dir()]
    if taken:
        raise ComparisonError(f"{taken[0]} is there and is no folder: choose another --out")
    if home.is_dir() and any(home.iterdir()) and not (home / RECORD).is_file():
        raise ComparisonError(f"{home} is there and is no earlier comparison: choose another --out")


def list_number_cells(runs: Sequence[ComparedRun]) -> list[list[Any]]:
    """Every number of every run at full precision: a heading, then a row per id."""
    letters = [run.letter for run in runs]
    rows: list[list[Any]] = [["id", "label", "unit", *(f"{part}_{letter}" for letter in letters
                                                       for part in ("value", "low", "high")),
                              *(f"difference_{letter}" for letter in letters[1:])]]  # fmt: skip
    for id in sorted({id for run in runs for id in run.entries}):
        entries = tuple(run.entries.get(id) for run in runs)
        known = next(entry for entry in entries if entry is not None)
        parts = [None if entry is None else getattr(entry, part) for entry in entries
                 for part in ("value", "low", "high")]  # fmt: skip
        rows.append([id, known.label, known.unit, *parts, *numbers.Row(id, "", "", entries).differences])
    return rows


def list_moved_cells(pairs: Iterable[Pair]) -> list[list[Any]]:
    """Everybody who moved: a heading, then a row per pair of runs and patient."""
    rows: list[list[Any]] = [["from_run", "to_run", "patient_id", "before", "after", "where", "what", "asked_before",
                              "asked_after", "measured", "changes_enough"]]  # fmt: skip
    for pair in pairs:
        for group in pair.moves.groups if pair.moves else ():
            rows += [[pair.first.name, pair.second.name, one.id, one.before, one.after, *one.cause, one.alone]
                     for one in group.patients]  # fmt: skip
    return rows


def describe(runs: Sequence[ComparedRun], pairs: Iterable[Pair]) -> dict[str, Any]:
    """What the comparison was of, and the parts of each change at full precision."""
    return {
        "runs": [{"letter": run.letter, "run": run.name, "finished": run.record["finished"]} for run in runs],
        "shared_out": [
            {"from": pair.first.name, "to": pair.second.name, "orders": pair.attribution.shares.orders,
             "parts": {str(id): {str(player): None if part != part else float(part) for player, part in parts.items()}
                       for id, parts in pair.attribution.shares.parts.items()}}
            for pair in pairs if pair.attribution.shares is not None
        ],
    }  # fmt: skip


def _as_csv(rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
