"""Which code made a result: a digest that comments and docstrings do not change."""

from __future__ import annotations

import ast
import hashlib
import platform
from functools import cache
from importlib import metadata, util
from pathlib import Path

from helpers.evidence.scenarios import FAMILIES, SCENARIOS

_ALWAYS = ("helpers.evidence.planted", "helpers.evidence.records")
_PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "lifelines", "firthmodels")


def digest_family(scenario: str, family: str) -> str:
    """One digest for what is planted, the estimators' code, and the versions of the libraries under them."""
    chosen = FAMILIES[family]
    parts = [repr(SCENARIOS[scenario].planted), *map(str, list_versions().items())]
    parts += [_read_code(module) for module in (*_ALWAYS, chosen.measure.__module__, *chosen.uses)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def list_versions() -> dict[str, str]:
    """The versions that can move a last digit: Python and the libraries that count."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in _PACKAGES}


@cache
def _read_code(module: str) -> str:
    """The code of a module without comments, docstrings and layout."""
    found = util.find_spec(module)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(module)
    tree = ast.parse(Path(found.origin).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            node.body = [part for part in node.body if not _is_words(part)] or [ast.Pass()]
    return ast.unparse(tree)


def _is_words(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, str)
