"""What a notebook was given: parameters that papermill injected, or a reader typed, under a name that is none.

Papermill itself only warns of a parameter that a notebook does not have, and the default runs on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from helpers.definitions import nearest_name
from helpers.parameters import ParameterError, Parameters, names_used_by

_INJECTED = "# Parameters"
_NEAR_MISS = 0.85


def check_namespace(namespace: Mapping[str, Any], *, notebook: str) -> None:
    """Raise ParameterError for a parameter that the notebook does not have.

    That is a name assigned in a cell that papermill injected (known by its first line, in IPython's history
    `In`), and a plain value whose name is a near miss of a parameter's.

    >>> check_namespace({"landmark_months": 12.0, "anything": 3}, notebook="04_survival")
    """
    own = names_used_by(notebook)
    for name in _injected_names(namespace):
        if name in Parameters.model_fields and name not in own:
            raise ParameterError(f"{notebook} does not use the parameter {name}: leave it out, or run the whole study")
        if name not in own:
            raise ParameterError(f"There is no parameter {name}: {nearest_name(name, own)}")
    for name in _plain_names(namespace):
        near = get_close_matches(name, Parameters.model_fields, n=1, cutoff=_NEAR_MISS)
        if near and name not in Parameters.model_fields:
            raise ParameterError(f"There is no parameter {name}: did you mean {near[0]}?")


def _injected_names(namespace: Mapping[str, Any]) -> Iterator[str]:
    for source in namespace.get("In", []):
        if source.startswith(_INJECTED):
            for node in ast.parse(source).body:
                if isinstance(node, ast.Assign):
                    yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _plain_names(namespace: Mapping[str, Any]) -> Iterator[str]:
    for name, value in namespace.items():
        if isinstance(value, bool | int | float | str | list) and name[0] != "_" and name not in ("In", "Out"):
            yield name
