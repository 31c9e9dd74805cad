"""Difficult to treat: the four arms, their windows, and how they are joined."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

ARM_LABELS = MappingProxyType({
    "worsening_3m": "Worsening at 3 months",
    "failure_6m": "Failure by 6 months",
    "no_response": "No response by the deadline",
    "early_flare": "Early flare after complete response",
})  # fmt: skip
ARMS = tuple(ARM_LABELS)
"""The arms in the order in which they are named when two become true on the same day."""


@dataclass(frozen=True)
class Window:
    """Visits of months `start` to `end` after time zero, both ends included; `target` is the planned month.

    The visit nearest to the target speaks for the window; of two equally near, the earlier.
    """

    target: float
    start: float
    end: float


@dataclass(frozen=True)
class DttRule:
    """The label "difficult to treat" as one object: arms, windows, thresholds and what to do with gaps.

    worsening_3m (ACR): at the 3-month window, proteinuria or creatinine at least `worsening_ratio` times baseline.
    failure_6m (ACR): at the 6-month window, neither complete nor partial response (ACR gives no number for
        failure, so it is borrowed from the response rule).
    no_response (EULAR/ERA-EDTA): neither complete nor partial response at any visit of the first course up to
        `deadline_months` plus `deadline_grace_months`.
    early_flare: complete response, then a flare within `flare_window_months` of the start of therapy (or of the
        complete response: `flare_clock`), and a second induction begun after the flare.

    confirmation_visits 2: a finding counts only when the next visit, at least `confirm_days` later, shows it too.
    missing_window: what an arm without a usable visit in its window says: `later_response_settles` = "no" when
        a later visit of the first course shows a response, else "cannot tell"; `cannot_tell`; `counts_as_failure`.
    Source: Hahn et al., Arthritis Care Res 2012;64:797; Bertsias et al., Ann Rheum Dis 2012;71:1771; the abstract.
    """

    response_rule: str
    flare_rule: str
    arms: tuple[str, ...]
    worsening_window: Window
    failure_window: Window
    deadline_months: float
    flare_window_months: float
    flare_clock: Literal["induction_start", "complete_response"]
    confirmation_visits: int
    missing_window: Literal["later_response_settles", "cannot_tell", "counts_as_failure"]
    worsening_ratio: float = 1.5
    deadline_grace_months: float = 1.0
    confirm_days: int = 28
