"""What the statistical appendix says of one method, before a run has given its result."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """Between which values the number of a check has to lie; outside, or missing, the check has failed."""

    id: str
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Method:
    """One statistical method of the compendium.

    `answers` is the question it is used for; `assumes` what must hold; `check` how that, or the arithmetic, is looked
    at; `result` a sentence that the run's ledger completes; `verified` where the code's numbers were compared with
    another program's. `check` and `result` may hold ledger ids in braces, as `study.say` takes them. `limits` are the
    numbers by which the run itself passes or fails the check; without any, the reader judges.
    """

    id: str
    chapter: str
    name: str
    answers: str
    reference: str
    assumes: str
    check: str
    result: str
    verified: str
    limits: tuple[Limit, ...] = ()
