"""What a process computes with: the Python, the libraries and the code, each of which can move a last digit."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata

from helpers.project import hash_code, read_code

_PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "lifelines", "firthmodels")
_CODE = "the study's code"


def list_versions() -> dict[str, str]:
    """The versions that can move a last digit: Python and the libraries that count."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in _PACKAGES}


def describe_place() -> dict[str, str]:
    """The versions, and a hash of the helpers that this process began with.

    The hash says so where the files are others now: what such a process imports next does not go with the rest.
    """
    begun, now = hash_code()[:12], read_code()[:12]
    return {**list_versions(), _CODE: begun if begun == now else f"{begun}, since changed to {now}"}


@cache
def recall_place() -> dict[str, str]:
    """The same, as it was when this process was first asked: cheap enough to ask before every task."""
    return describe_place()


def compare_places(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What differs, in words; empty where nothing does.

    >>> compare_places({"python": "3.11.2", "numpy": "2.4.6"}, {"python": "3.11.2", "numpy": "2.4.5"})
    'numpy is 2.4.5 there and 2.4.6 here'
    """
    return "; ".join(f"{name} is {found.get(name, 'missing')} there and {wanted[name]} here"
                     for name in wanted if found.get(name) != wanted[name])  # fmt: skip
