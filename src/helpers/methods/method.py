"""What the statistical appendix says of one method, before a run has given its result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """One statistical method of the compendium.

    `answers` is the question it is used for; `assumes` what must hold; `check` how that, or the arithmetic, is looked
    at; `result` a sentence that the run's ledger completes (ids in braces, as `study.say` takes them); `verified`
    where the code's numbers were compared with another program's.
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
