"""The values that a command line and its parameter file give, before any command does anything."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from helpers.parameters import ParameterError, Parameters, check_parameters
from helpers.scenarios import combine_scenarios


class UsageError(ValueError):
    """An argument that cannot be used; the message says what to do."""


def gather_parameters(options: Namespace) -> Parameters:
    """The parameters of scenarios, file and command line, checked; -p goes before the file, which goes before those.

    Raises ParameterError or UsageError.
    """
    values = {**combine_scenarios(options.scenario), **read_parameter_file(options.parameters),
              **parse_parameters(options.parameter)}  # fmt: skip
    if "derived_dir" in values:
        raise UsageError("derived_dir belongs to the run itself: use --derived to choose another folder")
    if options.data and "data_dir" in values:
        raise UsageError("data_dir and --data say the same thing: give one of them")
    if options.data:
        values["data_dir"] = options.data
    if values.get("data_dir") == "":
        raise UsageError("data_dir is empty: name the folder of the raw tables")
    return check_parameters({name: from_here(value) if name in ("data_dir", "rules_file") else value
                             for name, value in values.items()})


def from_here(value: Any) -> Any:
    """A path as given on the command line, from the project's folder where it lies in there, else in full."""
    from helpers.project import PROJECT
    from helpers.run import as_project_path

    if not isinstance(value, str) or not value:
        return value
    path = Path(value).expanduser()
    if not path.is_absolute() and not path.exists() and (PROJECT / path).exists():
        path = PROJECT / path
    return as_project_path(path)


def to_folder(given: str | None, default: str) -> Path:
    """A folder as given on the command line, in full; without one the project's own of that name."""
    from helpers.project import PROJECT

    return Path(given).expanduser().resolve() if given else PROJECT / default


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
