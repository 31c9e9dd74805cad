"""Bootstrap samples in pieces whose size no machine decides, so that every way of working has the same results."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from helpers.spread.environment import find_scheduler
from helpers.spread.workers import run_tasks

Part = TypeVar("Part")
Result = TypeVar("Result")

SAMPLES = 500
"""Samples in one piece."""

CELLS = 2_000_000
"""Samples times patients in one piece at most (16 MB per matrix)."""


def cut_samples(samples: int, *, n: int) -> list[slice]:
    """The samples of each piece; one empty piece where there are none. `n` patients are in each sample.

    The last digits of a sum depend on how many samples share a matrix product, so the pieces hang on the numbers of
    samples and patients alone.

    >>> cut_samples(1100, n=181)
    [slice(0, 500, None), slice(500, 1000, None), slice(1000, 1100, None)]
    """
    step = min(SAMPLES, max(1, CELLS // max(n, 1)))
    return [slice(start, min(start + step, samples)) for start in range(0, max(samples, 1), step)]


def run_pieces(do: Callable[[Any, Part], Result], common: Any, parts: Sequence[Part]) -> list[Result]:
    """`do(common, part)` for each part, in the order of the parts.

    One part is done here and now. More are done side by side: by the cluster whose address the run was given, else by
    threads of this process. They pay because matrix products and the functions of numpy run side by side in threads,
    while new processes would take longer to import their libraries than most bootstraps take; and a notebook's process
    may not have processes of its own.
    """
    if len(parts) < 2:
        return [do(common, part) for part in parts]
    scheduler = find_scheduler()
    if scheduler:
        return _run_on(scheduler, do, common, parts)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(partial(do, common), parts))


def _run_on(scheduler: str, do: Callable[..., Any], common: Any, parts: Sequence[Any]) -> list[Any]:
    found = run_tasks(_do_numbered, list(enumerate(parts)), workers=1, scheduler=scheduler, shared=(do, common))
    by_place = {place: result for (place, _), result in found}
    return [by_place[place] for place in range(len(parts))]


def _do_numbered(do: Callable[..., Any], common: Any, numbered: tuple[int, Any]) -> Any:
    return do(common, numbered[1])
