"""Adverse events: how many, in how many patients, and how often per 100 patient-years, with exact intervals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import pandas as pd
from scipy import stats

from helpers.definitions import DAYS_PER_MONTH
from helpers.incidence import PER_YEARS, poisson_interval
from helpers.schema.dictionary import choices_of

GROUPS = ("all", "dtt", "other")
ANY = "any"
NOT_STATED = "not_stated"
LEVEL = 0.95
WOMEN_ONLY = ("amenorrhoea",)
"""Types that only women can have: men give no person-time to them."""

_LABELS = {ANY: "Any adverse event", NOT_STATED: "Type not stated"}


def keep_adverse_events(events: pd.DataFrame, *, followup: pd.DataFrame) -> pd.DataFrame:
    """The adverse events that patients of the study had while they were followed.

    One row per event: `patient_id`, `group`, `adverse_event_type`, `grade`, `month` (from time zero). Kept are
    events from time zero to the end of follow-up, both days included: only for these is there person-time. An
    event without a type is "not_stated"; it counts among the events of any type, and in a row of its own.

    `followup` holds one row per patient (patient_id, group, time_zero_date, followup_months).
    """
    harms = events.loc[events["event_type"].eq("adverse_event")]
    seen = harms.merge(followup[["patient_id", "group", "time_zero_date", "followup_months"]], on="patient_id")
    month = (seen["event_date"] - seen["time_zero_date"]).dt.days / DAYS_PER_MONTH
    seen = seen.assign(month=month, adverse_event_type=seen["adverse_event_type"].fillna(NOT_STATED))
    inside = seen["month"].ge(0) & seen["month"].le(seen["followup_months"])
    kept = seen.loc[inside, ["patient_id", "group", "adverse_event_type", "grade", "month"]]
    return kept.sort_values(["patient_id", "month"], kind="stable", ignore_index=True)


def estimate_adverse_rates(
    harms: pd.DataFrame, *, followup: pd.DataFrame, counting: Literal["all", "first"] = "all"
) -> pd.DataFrame:
    """Events per 100 patient-years with exact Poisson intervals.

    One row per group (all, dtt, other) and type (any, then those of the data dictionary, then "not_stated"
    where it occurs): term ("dtt_any"), `label`, `events_n`, `patients_n` (with at least one), `n` (patients followed),
    `person_years`, `estimate`, `low`, `high`. A type that never occurred has rate 0 and an upper limit. Without
    person-time there is no rate. Patients whose group cannot be told count under `all` only. A type of `WOMEN_ONLY`
    has the women alone in events, patients and person-time (`followup` holds `is_female`); a man recorded with one
    counts under any type only.

    counting "all": every event, over all time followed. "first": each patient's first event of the type, over
    the time until then. All events are what a clinic has to treat, but a few patients may bring many, and the
    interval (which takes events as independent) is then too narrow; first events are free of that.

    Source: exact limits as in R's poisson.test; Garwood, Biometrika 1936;28:437.

    >>> followup = pd.DataFrame({"patient_id": ["A", "B"], "group": ["dtt", "other"], "followup_months": 60.0,
    ...                          "is_female": True})
    >>> harms = pd.DataFrame({"patient_id": ["A", "A"], "month": [12.0, 24.0], "adverse_event_type": "other"})
    >>> rates = estimate_adverse_rates(harms, followup=followup)
    >>> rates.query("adverse_event_type == 'other'")[["group", "events_n", "estimate"]].values.tolist()
    [['all', 2, 20.0], ['dtt', 2, 40.0], ['other', 0, 0.0]]
    """
    labels = _type_labels(harms)
    counts = _count_by_group(harms, followup=followup, counting=counting)
    table = counts.reindex(pd.MultiIndex.from_product([GROUPS, labels], names=counts.index.names), fill_value=0)
    table = table.reset_index().merge(_followed(followup, types=labels), on=["group", "adverse_event_type"])
    years = (table["months"] - table["months_after"]).clip(lower=0) / 12
    low, high = poisson_interval(table["events_n"], years / PER_YEARS)
    table = table.assign(
        label=table["adverse_event_type"].map(labels), person_years=years, low=low, high=high,
        estimate=(table["events_n"] / years.where(years > 0) * PER_YEARS).astype(float),
    )  # fmt: skip
    table.insert(0, "term", table["group"] + "_" + table["adverse_event_type"])
    return table[["term", "group", "adverse_event_type", "label", "events_n", "patients_n", "n", "person_years",
                  "estimate", "low", "high"]]  # fmt: skip


def estimate_adverse_ratios(rates: pd.DataFrame) -> pd.DataFrame:
    """Rate in the difficult-to-treat group over the rate in the others, with exact conditional intervals.

    One row per type: term, label, estimate, low, high, n (events of both groups). Without an event among the
    others the ratio has no upper limit (missing) and no value; without any event there is neither.

    Given the total, the events of one group are binomial; its exact limits become those of the ratio, as in
    R's two-sample poisson.test. The groups are told apart by what happens under treatment, and the
    difficult-to-treat receive more courses: a ratio describes them, it is no effect of the disease alone.
    """
    dtt, other = (rates.loc[rates["group"].eq(group)].drop(columns="group") for group in GROUPS[1:])
    both = dtt.merge(other, on=["adverse_event_type", "label"], suffixes=("", "_other"))
    ours, theirs = both["events_n"].astype(float), both["events_n_other"].astype(float)
    years, years_other = (both[name].where(both[name] > 0) for name in ("person_years", "person_years_other"))
    scale, tail = years_other / years, (1 - LEVEL) / 2
    low = pd.Series(stats.beta.ppf(tail, ours.where(ours > 0), theirs + 1)).mask(ours.eq(0) & theirs.gt(0), 0.0)
    high = pd.Series(stats.beta.ppf(1 - tail, ours + 1, theirs.where(theirs > 0)))
    return pd.DataFrame({
        "term": both["adverse_event_type"], "label": both["label"],
        "estimate": ours / theirs.where(theirs > 0) * scale, "low": low / (1 - low) * scale,
        "high": high / (1 - high) * scale, "n": both["events_n"] + both["events_n_other"],
    })  # fmt: skip


def _type_labels(harms: pd.DataFrame) -> dict[str, str]:
    known = {ANY: _LABELS[ANY], **choices_of("events", "adverse_event_type")}
    return known | ({NOT_STATED: _LABELS[NOT_STATED]} if harms["adverse_event_type"].eq(NOT_STATED).any() else {})


def _in_each_group(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows twice: under `all`, and under their own group where they have one."""
    return pd.concat([rows.assign(group="all"), rows.loc[rows["group"].notna()]], ignore_index=True)


def _followed(followup: pd.DataFrame, *, types: Iterable[str]) -> pd.DataFrame:
    """Patients and months of every group, for each type: n, months."""
    everybody, women = _totals(followup), _totals(followup.loc[followup["is_female"]])
    return pd.concat([
        (women if kind in WOMEN_ONLY else everybody).assign(adverse_event_type=kind) for kind in types
    ], ignore_index=True)  # fmt: skip


def _totals(followup: pd.DataFrame) -> pd.DataFrame:
    totals = _in_each_group(followup).groupby("group").agg(n=("patient_id", "size"), months=("followup_months", "sum"))
    return totals.reindex(pd.Index(GROUPS, name="group"), fill_value=0).reset_index()


def _count_by_group(harms: pd.DataFrame, *, followup: pd.DataFrame, counting: str) -> pd.DataFrame:
    """Events, patients and (for first events) the months that no longer count, by group and type."""
    known = harms[["patient_id", "adverse_event_type", "month"]]
    rows = pd.concat([known.assign(adverse_event_type=ANY), known], ignore_index=True)
    rows = rows.merge(followup[["patient_id", "group", "followup_months", "is_female"]], on="patient_id")
    rows = rows.loc[rows["is_female"] | ~rows["adverse_event_type"].isin(WOMEN_ONLY)]
    rows["months_after"] = (rows["followup_months"] - rows["month"]) * (counting == "first")
    if counting == "first":
        rows = rows.sort_values("month", kind="stable").drop_duplicates(["patient_id", "adverse_event_type"])
    return _in_each_group(rows).groupby(["group", "adverse_event_type"]).agg(
        events_n=("patient_id", "size"), patients_n=("patient_id", "nunique"), months_after=("months_after", "sum"),
    )  # fmt: skip
