"""Event-free months up to a limit: a comparison of two groups that needs no proportional hazards."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.definitions import GROUP_LABELS
from helpers.incidence import CENSORED
from helpers.survival.curves import GROUPS, Flags, Floats, kaplan_meier, keep_observed


def estimate_restricted_mean(outcomes: pd.DataFrame, *, outcome: str, until: float) -> pd.DataFrame:
    """The mean event-free months of the first `until` months, of each group, and how the groups compare.

    term, label, estimate, standard_error, low, high, p, n, note. Rows: "dtt", "other", "ratio" (dtt over other) and
    "difference" (dtt minus other), the last two with a p value.
    A group without patients, or not observed up to `until`, has no estimate, and one without an event before it no
    interval (nor have the comparisons then); the note says which. The area under each Kaplan-Meier curve, with
    Greenwood's variance (R: print(survfit, rmean = until)) and a normal interval, that of a mean cut at 0 and `until`.
    The standard error and the interval of the ratio are those of its logarithm (delta method). Sources: Royston and
    Parmar, BMC Med Res Methodol 2013;13:152; Uno et al., J Clin Oncol 2014;32:2380 (the ratio).

    >>> table = pd.DataFrame({"group": ["dtt"] * 2 + ["other"] * 2, "death_months": [1.0, 3.0, 2.0, 2.0],
    ...                       "death_status": ["death", "censored", "censored", "censored"]})
    >>> estimate_restricted_mean(table, outcome="death", until=2.0).estimate.tolist()
    [1.5, 2.0, 0.75, -0.5]
    """
    rows = keep_observed(outcomes, outcome=outcome)
    parts = [rows.loc[rows["group"] == group] for group in GROUPS]
    means, errors = np.array([
        _mean_until(part["months"].to_numpy(), part["status"].ne(CENSORED).to_numpy(), until=until) for part in parts
    ]).T  # fmt: skip
    note = _why_not(means, errors)
    table = pd.DataFrame({"term": GROUPS, "label": [GROUP_LABELS[group] for group in GROUPS], "estimate": means,
                          "standard_error": errors, "n": [len(part) for part in parts], "note": note})  # fmt: skip
    width = norm.ppf(0.975) * table["standard_error"].where(table["standard_error"] > 0)
    table = table.assign(low=(means - width).clip(lower=0.0), high=(means + width).clip(upper=until), p=np.nan)
    compared = _compare(means, errors).assign(n=len(rows), note=next(filter(None, note), ""))
    return pd.concat([table, compared], ignore_index=True)[
        ["term", "label", "estimate", "standard_error", "low", "high", "p", "n", "note"]]


def _why_not(means: Floats, errors: Floats) -> list[str]:
    return ["not observed so long" if np.isnan(mean) else "" if error > 0 else "no event"
            for mean, error in zip(means, errors, strict=True)]  # fmt: skip


def _compare(means: Floats, errors: Floats) -> pd.DataFrame:
    """The ratio and the difference of two means, each with its error on its own scale (the ratio's: logarithm)."""
    if not (means > 0).all():
        means, errors = np.full(2, np.nan), np.full(2, np.nan)
    known = errors if (errors > 0).all() else np.full(2, np.nan)
    log_ratio, difference = float(np.log(means[0] / means[1])), float(means[0] - means[1])
    spread = np.array([np.hypot(*(known / means)), np.hypot(*known)])
    width = norm.ppf(0.975) * spread
    return pd.DataFrame({
        "term": ["ratio", "difference"], "label": ["Ratio", "Difference"], "standard_error": spread,
        "estimate": [np.exp(log_ratio), difference], "low": [np.exp(log_ratio - width[0]), difference - width[1]],
        "high": [np.exp(log_ratio + width[0]), difference + width[1]],
        "p": 2 * norm.sf(np.abs([log_ratio, difference]) / spread),
    })  # fmt: skip


def _mean_until(months: Floats, is_event: Flags, *, until: float) -> tuple[float, float]:
    """Area under one curve up to a month, and its standard error."""
    if not len(months) or (until > months.max() and kaplan_meier(months, is_event)[1][-1] > 0):
        return np.nan, np.nan
    steps, survival, _ = kaplan_meier(months, is_event)
    inside = steps < until
    widths = np.diff(np.append(steps[inside], until))
    areas = widths * survival[inside]
    hits, moments = np.sort(months[is_event]), np.sort(months)
    at_risk = len(moments) - np.searchsorted(moments, steps[inside], side="left")
    events = np.searchsorted(hits, steps[inside], "right") - np.searchsorted(hits, steps[inside], "left")
    left = at_risk - events
    jumps = np.divide(events, at_risk * left, out=np.zeros(len(left)), where=left > 0)
    later = np.cumsum(areas[::-1])[::-1]
    return float(areas.sum()), float(np.sqrt((later**2 * jumps).sum()))
