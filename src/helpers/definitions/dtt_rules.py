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


VISIT_WINDOWS = MappingProxyType({
    "3": Window(3, 2, 4), "6": Window(6, 5, 8), "12": Window(12, 9, 15), "24": Window(24, 20, 28),
})  # fmt: skip
"""Months for which visits are looked for and response is reported, by name; no visit can serve two of them. 3 and 6
are the label's default windows, 12 and 24 are as wide as visits are apart by then."""


@dataclass(frozen=True)
class DttRule:
    """The label "difficult to treat" as one object: arms, windows, thresholds and what to do with gaps.

    worsening_3m (ACR): at the 3-month window, proteinuria or creatinine at least `worsening_ratio` times baseline.
    failure_6m (ACR): at the 6-month window, neither complete nor partial response (ACR gives no number for
        failure, so it is borrowed from the response rule).
    no_response (EULAR/ERA-EDTA): neither complete nor partial response at any visit of the first course up to
        `deadline_months` plus `deadline_grace_months`.
    early_flare: complete response, then a flare within `flare_window_months` of the start of therapy (or of the
        complete response: `flare_clock`), and a second induction begun at most `flare_to_induction_months` after
        the flare: later than that, something else led to it.

    confirmation_visits 2: a finding counts only when the next visit, at least `confirm_days` later, shows it too.
    missing_window: what an arm says that has no usable visit in its window: `later_response_settles` = "no" when
        the first later visit of the first course that can be read shows a response, at most `settle_within_months`
        after the window, else "cannot tell" (for the 6-month window that is the deadline with its grace);
        `cannot_tell`; `counts_as_failure`. A response after the deadline says nothing about one by the deadline,
        so `no_response` is never settled so.
    The limits `flare_to_induction_months` and `settle_within_months` are choices of this compendium.
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
    flare_to_induction_months: float = 12.0
    settle_within_months: float = 5.0
