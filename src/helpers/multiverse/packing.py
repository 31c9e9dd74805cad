"""Numbers as short text for a page: arrays in base64, and tables laid out as arrays that need no keys."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

KINDS = {"f8": "<f8", "u2": "<u2", "u4": "<u4"}
"""The kinds of arrays that a page reads, least significant byte first: Float64Array, Uint16Array, Uint32Array."""


def pack(values: ArrayLike, kind: str) -> dict[str, str]:
    """An array as its kind and its bytes in base64.

    Raises ValueError for numbers that do not fit the kind, since they would silently become others.

    >>> pack([1, 258], "u2")
    {'kind': 'u2', 'data': 'AQACAQ=='}
    """
    given = np.asarray(values)
    packed = given.astype(KINDS[kind])
    if kind != "f8" and not np.array_equal(packed, given):
        raise ValueError(f"{kind} cannot hold all of these numbers: whole ones from 0 to {np.iinfo(packed.dtype).max}")
    return {"kind": kind, "data": base64.b64encode(packed.tobytes()).decode()}


def arrange(table: pd.DataFrame, *, by: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """The table with one row per combination of the values in `by`, the last varying fastest; missing where none is.

    So that the place of a row says which one it is, and no key has to be kept with it.

    >>> table = pd.DataFrame({"rule": ["b", "a"], "month": [6, 12], "n": [1.0, 2.0]})
    >>> arrange(table, by={"rule": ["a", "b"], "month": [6, 12]})["n"].tolist()
    [nan, 2.0, 1.0, nan]
    """
    places = pd.MultiIndex.from_product(list(by.values()), names=list(by))
    return table.set_index(list(by)).reindex(places).reset_index()


def keep_finite(values: ArrayLike) -> np.ndarray:
    """The numbers, those without an end as missing: no page prints them.

    >>> keep_finite([1.0, float("inf")]).tolist()
    [1.0, nan]
    """
    given = np.asarray(values, dtype=float)
    return np.where(np.isfinite(given), given, np.nan)


def number_words(words: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The distinct words in order of first appearance, and which of them stands where.

    >>> found, places = number_words(["b", "a", "b"])
    >>> found, places.tolist()
    (['b', 'a'], [0, 1, 0])
    """
    places, found = pd.factorize(pd.Series(words, dtype=object))
    return [str(word) for word in found], places
