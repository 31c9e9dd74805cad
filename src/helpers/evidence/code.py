"""Which code made a result: a digest that comments and docstrings do not change."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from importlib import util
from pathlib import Path

from helpers.evidence.scenarios import FAMILIES, SCENARIOS
from helpers.spread.place import list_versions

_ALWAYS = ("helpers.evidence.planted", "helpers.evidence.records")
_NOT_FOLLOWED = ("helpers.definitions", "helpers.spread")


@cache
def digest_family(scenario: str, family: str) -> str:
    """One digest for what is planted, the estimators' code, and the versions of the libraries under them."""
    chosen = FAMILIES[family]
    parts = [repr(SCENARIOS[scenario].planted), *map(str, list_versions().items())]
    parts += [_read_code(module) for module in _follow_imports((*_ALWAYS, *chosen.uses))]
    parts.append(_read_code(chosen.measure.__module__))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _follow_imports(modules: tuple[str, ...]) -> list[str]:
    """These modules and all of the project that they import, and so on, in the alphabet's order.

    Without the clinical rules, which change for reasons of their own, unless a module of them is among `modules`: an
    estimator that asks a rule names it. Without the code that spreads work, which changes no result.
    """
    found, waiting = set[str](), list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += [node.module for node in ast.walk(ast.parse(_read_code(module)))
                        if isinstance(node, ast.ImportFrom) and node.module and _is_followed(node.module)]
    return sorted(found)


def _is_followed(module: str) -> bool:
    return module.startswith("helpers.") and not module.startswith(_NOT_FOLLOWED)


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
