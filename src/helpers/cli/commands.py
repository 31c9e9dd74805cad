"""What each command does. Heavy modules are imported by the command that needs them, so that help comes at once."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from helpers.cli.help import describe_parameters_fully, describe_rules
from helpers.definitions import load_rulebook
from helpers.parameters import ParameterError, Parameters, check_parameters


class UsageError(ValueError):
    """An argument that cannot be used; the message says what to do."""


def run(options: Namespace) -> int:
    """Run the study and say where the report is."""
    parameters = gather_parameters(options)
    from helpers.project import PROJECT
    from helpers.run import run_study
    from helpers.run.progress import Progress

    done = run_study(parameters, progress=Progress(sys.stderr), name=options.name,
                     reports=_folder(options.reports, PROJECT / "reports"),
                     derived=_folder(options.derived, PROJECT / "data/derived"))
    print(f"\n{done.page}\n")
    for sentence in done.bottom_line:
        print(sentence)
    return 0


def _folder(given: str | None, default: Path) -> Path:
    return Path(given).expanduser().resolve() if given else default


def gather_parameters(options: Namespace) -> Parameters:
    """The parameters of file and command line, checked; -p goes before the file.

    Raises ParameterError or UsageError.
    """
    values = {**read_parameter_file(options.parameters), **parse_parameters(options.parameter)}
    if "derived_dir" in values:
        raise UsageError("derived_dir belongs to the run itself: use --derived to choose another folder")
    if options.data and "data_dir" in values:
        raise UsageError("data_dir and --data say the same thing: give one of them")
    if options.data:
        values["data_dir"] = options.data
    return check_parameters({name: _here(value) if name in ("data_dir", "rules_file") else value
                             for name, value in values.items()})


def _here(value: Any) -> Any:
    """A path as given on the command line, from the project's folder where it lies in there, else in full."""
    from helpers.project import PROJECT
    from helpers.run import as_project_path

    if not isinstance(value, str) or not value:
        return value
    path = Path(value).expanduser()
    if not path.is_absolute() and not path.exists() and (PROJECT / path).exists():
        path = PROJECT / path
    return as_project_path(path)


def read_parameter_file(name: str | None) -> dict[str, Any]:
    """The parameters of a YAML file, by name; none without a file."""
    if not name:
        return {}
    path = Path(name).expanduser()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"The parameter file {path} does not exist") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise UsageError(f"The parameter file {path} is not readable YAML: {str(problem).splitlines()[0]}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UsageError(f"The parameter file {path} must hold lines like: landmark_months: 12")
    return {str(key): _plain(value) for key, value in content.items()}


def parse_parameters(pairs: list[str]) -> dict[str, Any]:
    """The values of `-p name=value`, read as YAML.

    >>> parse_parameters(["landmark_months=12", "study_start=2010-01-01", "dtt_arms=[no_response]"])
    {'landmark_months': 12, 'study_start': '2010-01-01', 'dtt_arms': ['no_response']}
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        name = name.strip()
        if not sign or not name:
            raise UsageError(f"-p {pair}: write -p name=value")
        if name in values:
            raise ParameterError(f"Parameter {name} is given twice")
        try:
            values[name] = _plain(yaml.safe_load(text))
        except yaml.YAMLError:
            raise UsageError(f"-p {pair}: the value is not readable; put a text with special signs in quotes") from None
    return values


def _plain(value: Any) -> Any:
    """A value as the contract takes it: dates as text, nothing as an empty text."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else value


def check(options: Namespace) -> int:
    """Check raw tables and say what is in them."""
    from helpers import schema
    from helpers.project import PROJECT

    found = schema.check_raw(PROJECT / _here(options.data))
    for table, rows in found.rows.items():
        print(f"{table:<12}{rows:>9,} rows")
    print(f"{found.patients:,} patients on file. The tables can be used.")
    for note in found.notes:
        print(f"Note: {note}")
    return 0


def simulate(options: Namespace) -> int:
    """Simulate patients and write them as raw tables with their manifest."""
    out = Path(options.out).expanduser()
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not _is_simulated(out)):
        raise UsageError(f"{out} holds files that were not simulated here: choose an empty or a new folder")
    from helpers import schema
    from helpers.synthetic import GENERATOR_VERSION, simulate_cohort
    from helpers.synthetic.truth import DEFAULT_TRUTH, derive_truth_record

    tables = simulate_cohort(n=options.patients, seed=options.seed)
    schema.write_raw(tables, out, manifest={
        "synthetic": True, "generator_version": GENERATOR_VERSION, "seed": options.seed,
        "description": f"{options.patients} simulated patients, not calibrated to any publication"})
    truth = json.dumps(derive_truth_record(DEFAULT_TRUTH), indent=1, ensure_ascii=False)
    (out / "truth.json").write_text(truth + "\n", encoding="utf-8", newline="\n")
    print(f"{options.patients} simulated patients written to {out}. Run the study on them: "
          f"python -m helpers run --data {options.out}")
    return 0


def _is_simulated(folder: Path) -> bool:
    from helpers import schema
    from helpers.project import PROJECT

    return schema.is_synthetic(folder) and folder.resolve() != (PROJECT / "data/raw").resolve()


def data(_: Namespace) -> int:
    """Make the shipped cohort again."""
    from helpers.calibration import write_shipped_cohort
    from helpers.project import PROJECT

    write_shipped_cohort(PROJECT / "data/raw")
    return 0


def notebooks(_: Namespace) -> int:
    """Run the notebooks as they stand, on the shipped cohort, and store them with their outputs."""
    from helpers.run import store_notebooks
    from helpers.run.progress import Progress

    store_notebooks(progress=Progress(sys.stderr))
    return 0


def docs(_: Namespace) -> int:
    """Write the generated pages of docs/."""
    from helpers.documentation import write_docs
    from helpers.project import PROJECT

    for path in write_docs(PROJECT / "docs"):
        print(path.relative_to(PROJECT))
    return 0


def parameters(_: Namespace) -> int:
    """List every parameter."""
    print(describe_parameters_fully())
    return 0


def rules(options: Namespace) -> int:
    """List every rule."""
    print(describe_rules(load_rulebook(options.rules_file)))
    return 0


COMMANDS: Mapping[str, Callable[[Namespace], int]] = MappingProxyType({
    "run": run, "check": check, "simulate": simulate, "data": data, "notebooks": notebooks, "docs": docs,
    "parameters": parameters, "rules": rules,
})  # fmt: skip
