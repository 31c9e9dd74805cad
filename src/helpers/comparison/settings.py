"""What was set otherwise: parameters first, then the data and the code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.comparison.runs import ComparedRun
from helpers.parameters import describe_parameters
from helpers.report.page import show

NOT_RECORDED = "not recorded"
_SHOWN_OF_HASH = 12


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in all runs: what it is, and in print what it is in each."""

    name: str
    printed: tuple[str, ...]
    meaning: str = ""
    unit: str = ""
    default: str = ""


def list_parameter_differences(runs: Sequence[ComparedRun]) -> list[Difference]:
    """The parameters that are not the same in all runs, in the order of the contract, with meaning and unit.

    The folder of the derived tables always differs and is left out. A parameter that the code does not know any more
    comes last, without meaning.
    """
    known = {facts["name"]: facts for facts in describe_parameters()}
    names = [*known, *(name for run in runs for name in run.parameters if name not in known)]
    found = []
    for name in dict.fromkeys(names):
        values = [run.parameters.get(name) for run in runs]
        if name != "derived_dir" and any(value != values[0] for value in values[1:]):
            facts = known.get(name, {"meaning": "", "unit": "", "default": None})
            found.append(Difference(name, tuple(map(_show, values)), facts["meaning"], facts["unit"],
                                    _show(facts["default"])))  # fmt: skip
    return found


def _show(value: Any) -> str:
    return NOT_RECORDED if value is None else show(value)


def list_data_differences(runs: Sequence[ComparedRun]) -> list[Difference]:
    """The input files whose SHA-256 is not the same in all runs, by the first signs of it."""
    files = dict.fromkeys(name for run in runs for name in run.record["data"]["files"])
    hashes = {name: tuple(str(run.record["data"]["files"].get(name, "no such file"))[:_SHOWN_OF_HASH] for run in runs)
              for name in files}  # fmt: skip
    return [Difference(name, values) for name, values in hashes.items() if len(set(values)) > 1]


def list_code_differences(runs: Sequence[ComparedRun]) -> list[Difference]:
    """Version, commit, files changed since, Python and packages, where they are not the same in all runs."""
    facts: list[tuple[str, Callable[[ComparedRun], Any]]] = [
        ("Version", lambda run: run.record["code"].get("version")),
        ("Commit", lambda run: (run.record["code"].get("commit") or "none")[:_SHOWN_OF_HASH]),
        ("Files changed since the commit", lambda run: run.record["code"].get("changed_files")),
        ("Python", lambda run: run.record.get("python")),
        ("System", lambda run: run.record.get("system")),
    ]
    found = [Difference(name, tuple(map(_show, map(read, runs)))) for name, read in facts]
    packages = [run.record.get("packages", {}) for run in runs]
    found += [Difference(f"Package {name}", tuple(str(one.get(name, "not installed")) for one in packages))
              for name in sorted({name for one in packages for name in one})]  # fmt: skip
    return [one for one in found if len(set(one.printed)) > 1]


def say_data(differences: Sequence[Difference], runs: Sequence[ComparedRun]) -> str:
    """One sentence on the input files."""
    if not differences:
        return f"All {len(runs)} runs read the same data, file by file (SHA-256)." if len(runs) > 2 else (
            "Both runs read the same data, file by file (SHA-256).")
    names = ", ".join(one.name for one in differences)
    return (f"The data differ ({names}): what differs below may come from the data and not from a parameter, and one "
            "pseudonym may stand for two patients.")  # fmt: skip


def say_code(differences: Iterable[Difference], runs: Sequence[ComparedRun]) -> str:
    """One sentence on the code; a run made between commits leaves it open whether the code was the same."""
    names = {one.name for one in differences}
    if {"Version", "Commit"} & names:
        return "The code differs: what differs below may come from it and not from a parameter."
    if any(run.record["code"].get("commit") is None for run in runs):
        return "Not every run was under version control: whether the code was the same cannot be told."
    if any(run.record["code"].get("changed_files") for run in runs):
        return ("The commit is the same, but files were changed since in at least one run: whether the code was the "
                "same cannot be told.")  # fmt: skip
    return "The code is the same, to the commit."
