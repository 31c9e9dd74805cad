"""Numbers that stand for a whole curve: median, follow-up, events and rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import COMPOSITE_PARTS, GROUP_LABELS
from helpers.incidence import CENSORED, PER_YEARS, poisson_interval
from helpers.survival.curves import GROUPS, estimate_survival, keep_observed
from helpers.survival.models import compare_survival

_FLAT = 1e-8
"""How near to one half a curve must lie to be flat at one half (that of R's print method, rounded)."""


def estimate_median(outcomes: pd.DataFrame, *, outcome: str, by: str | None = "group") -> pd.DataFrame:
    """The month by which half of each group have had the event: term, label, estimate, low, high, p, n.

    One row per group (dtt and other; one row "all" where `by` is None). Missing without patients, and where the
    curve, or the edge of its interval, never falls to one half. A curve
    that is flat at exactly one half gives the middle of the flat stretch, as R's print method does (most
    Python packages give its start); if it never falls below, its start. The interval are the months at which
    the edges of the log-log band fall to one half (Brookmeyer and Crowley, Biometrics 1982;38:29). p is
    missing: a median is not tested.

    >>> table = pd.DataFrame({"death_months": [1.0, 2.0, 3.0, 4.0],
    ...                       "death_status": ["death", "death", "censored", "death"]})
    >>> estimate_median(table, outcome="death", by=None)[["estimate", "low", "high"]].values.tolist()
    [[3.0, 1.0, nan]]
    """
    curves = estimate_survival(outcomes, outcome=outcome, by=by)
    rows = [
        {"term": name, "estimate": _half_way(curve["month"], curve["estimate"]),
         "low": _half_way(curve["month"], curve["low"]), "high": _half_way(curve["month"], curve["high"]),
         "p": np.nan, "n": int(curve["n"].iloc[0])}
        for name, curve in curves.groupby("group", sort=True)
    ]  # fmt: skip
    terms = GROUPS if by == "group" else ("all",)
    table = pd.DataFrame({"term": terms, "label": [GROUP_LABELS[term] for term in terms]})
    found = pd.DataFrame(rows, columns=["term", "estimate", "low", "high", "p", "n"])
    numbers = dict.fromkeys(["estimate", "low", "high", "p", "n"], float)
    return table.merge(found, how="left", on="term").astype(numbers).fillna({"n": 0}).astype({"n": int})


def _half_way(months: pd.Series, shares: pd.Series) -> float:
    reached = shares <= 0.5 + _FLAT
    if not reached.any():
        return np.nan
    start = months[reached].iloc[0]
    below = months[shares < 0.5 - _FLAT]
    is_flat = abs(shares[reached].iloc[0] - 0.5) <= _FLAT
    return float((start + below.iloc[0]) / 2) if is_flat and len(below) else float(start)


def estimate_followup(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The median follow-up by reverse Kaplan-Meier: term, label, estimate, low, high, p, n, in months.

    Rows: "all" (whatever the group) and, where there is a column `group`, "dtt" and "other"; missing without
    patients. End of follow-up is the event and death the censoring: how long would patients have been followed
    had nobody died? A plain median of the times would be shortened by every death. Source: Schemper and Smith,
    Control Clin Trials 1996;17:343. Conventions as in `estimate_median`; on one day, ends of follow-up come
    before deaths.

    >>> table = pd.DataFrame({"death_months": [1.0, 5.0, 9.0], "death_status": ["death", "censored", "censored"]})
    >>> estimate_followup(table).estimate.tolist()
    [7.0]
    """
    table = _turn(outcomes)
    medians = [estimate_median(table, outcome="followup", by=None)]
    if "group" in table:
        medians.append(estimate_median(table, outcome="followup"))
    return pd.concat(medians, ignore_index=True)


def compare_followup(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The log-rank test of equal follow-up, the roles turned as in `estimate_followup`: one row, as `compare_survival`.

    Curves and rates allow for unequal follow-up; a count of who ever had an event does not.
    """
    return compare_survival(_turn(outcomes), outcome="followup")


def _turn(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The end of observation as the event, and death as what hides it."""
    turned = outcomes["death_status"].map({CENSORED: "seen_last", "death": CENSORED})
    return outcomes.assign(followup_status=turned, followup_months=outcomes["death_months"])


def count_first_events(outcomes: pd.DataFrame) -> pd.DataFrame:
    """How the composite outcome came about: one row per part, and "any" for all of them.

    part, label, and for all patients and each group: `<group>_n` (the part came first), `<group>_ever_n` (it
    came at any time; kidney failure after worsening, say), `<group>_share` (of those at risk, by first event).
    Worsening is not looked for after kidney failure.
    """
    observed = outcomes.loc[outcomes["composite_status"].notna()]
    status = observed["composite_status"]
    first = pd.DataFrame({part: status.eq(part) for part in COMPOSITE_PARTS} | {"any": status.ne(CENSORED)})
    ever = pd.DataFrame({part: observed[f"{part.split('_')[0]}_month"].notna() for part in COMPOSITE_PARTS})
    ever = ever.assign(any=first["any"])
    table = pd.DataFrame({"part": list(first), "label": [*COMPOSITE_PARTS.values(), "Any of them"]})
    for group in ("all", *GROUPS):
        inside = observed["group"].isin(GROUPS if group == "all" else [group])
        table[f"{group}_n"] = first[inside].sum().to_numpy()
        table[f"{group}_ever_n"] = ever[inside].sum().to_numpy()
        table[f"{group}_share"] = table[f"{group}_n"] / inside.sum() if inside.any() else np.nan
    return table


def estimate_rates(outcomes: pd.DataFrame, *, entry_months: float = 0.0) -> pd.DataFrame:
    """Events per 100 patient-years with exact intervals: one row per outcome and group (all, dtt, other).

    term (like "esrd.dtt"), outcome, label, group, events_n, n, person_years, estimate, low, high. The composite
    counts its first part over the time until it; kidney failure the time until it or death; death all time
    followed. Without person-time the rate is missing; without events it is 0 and has an upper limit.

    With `entry_months`, only those past it without the outcome are counted, and their time from it on (delayed
    entry; see `helpers.survival.entry`). Exact Poisson limits (`helpers.incidence.poisson_interval`).
    """
    own = {"composite": ("Composite outcome", tuple(COMPOSITE_PARTS)), "esrd": ("Kidney failure", ("esrd",)),
           "death": ("Death", ("death",))}  # fmt: skip
    tables = [
        _count_outcome(outcomes, outcome=outcome, parts=parts, entry_months=entry_months).assign(
            outcome=outcome, label=label)
        for outcome, (label, parts) in own.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    years = table["person_years"].where(table["person_years"] > 0) / PER_YEARS
    low, high = poisson_interval(table["events_n"], years)
    table = table.assign(term=table["outcome"] + "." + table["group"], estimate=table["events_n"] / years,
                         low=low, high=high)  # fmt: skip
    return table[["term", "outcome", "label", "group", "events_n", "n", "person_years", "estimate", "low", "high"]]


def _count_outcome(
    outcomes: pd.DataFrame, *, outcome: str, parts: tuple[str, ...], entry_months: float
) -> pd.DataFrame:
    observed = keep_observed(outcomes, outcome=outcome)
    months = observed["months"].to_numpy() - entry_months
    is_event = observed["status"].isin(parts).to_numpy()
    inside = {"all": months > 0} | {name: (months > 0) & observed["group"].eq(name).to_numpy() for name in GROUPS}
    return pd.DataFrame([
        {"group": name, "events_n": is_event[rows].sum(), "n": rows.sum(), "person_years": months[rows].sum() / 12}
        for name, rows in inside.items()
    ])  # fmt: skip
