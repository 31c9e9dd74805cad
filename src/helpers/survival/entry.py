"""Delayed entry: what is counted only from the month on at which the study first could have seen it.

A study that asks for a least follow-up holds nobody who died before it. Time before it cannot contain a death, and
a rate that counts this time is too low: immortal time, for everybody this time. Source: Suissa, Am J Epidemiol
2008;167:492; Klein and Moeschberger, Survival Analysis, Springer 2003, section 4.6 (left truncation).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.survival.shares import estimate_shares
from helpers.survival.summaries import estimate_rates


def keep_entered(outcomes: pd.DataFrame, *, outcome: str, entry_months: float) -> pd.DataFrame:
    """The patients still followed and free of the outcome past the month at which counting begins.

    Same columns, fewer rows, the clock unchanged: all enter at one month, so that every estimate made of these
    rows is the one with delayed entry, given that the outcome had not come by then. Who ends at that very month
    leaves nothing to observe: out. At 0 everybody with an outcome is kept.

    >>> table = pd.DataFrame({"death_months": [24.0, 24.1, None]})
    >>> keep_entered(table, outcome="death", entry_months=24.0).death_months.tolist()
    [24.1]
    """
    return outcomes.loc[outcomes[f"{outcome}_months"] > entry_months]


def estimate_entry_rates(outcomes: pd.DataFrame, *, entry_months: float) -> pd.DataFrame:
    """The rates counted from time zero, and beside them those counted from the least follow-up on.

    One row per outcome and group: the columns of `estimate_rates`, then later_events_n, later_n, later_person_years,
    later_estimate, later_low, later_high, and years_before: the patient-years that the second count leaves out.
    """
    table = estimate_rates(outcomes)
    later = estimate_rates(outcomes, entry_months=entry_months).set_index("term")
    numbers = later[["events_n", "n", "person_years", "estimate", "low", "high"]].add_prefix("later_")
    table = table.merge(numbers, how="left", left_on="term", right_index=True)
    return table.assign(years_before=table["person_years"] - table["later_person_years"])


def estimate_entry_shares(
    outcomes: pd.DataFrame, *, outcome: str, event: str | None = None, entry_months: float,
    at: Sequence[float] = (60.0, 120.0),
) -> pd.DataFrame:  # fmt: skip
    """The shares of `estimate_shares` among those who entered; a month up to the entry has none, and says so."""
    entered = keep_entered(outcomes, outcome=outcome, entry_months=entry_months)
    table = estimate_shares(entered, outcome=outcome, event=event, at=at)
    is_early = (table["month"] <= entry_months) & (entry_months > 0)
    ends = {name: table[name].mask(is_early) for name in ("estimate", "low", "high")}
    return table.assign(**ends, note=table["note"].mask(is_early, "before counting begins"))
