"""Who is seen how often: visits per patient-year before and after the label, gaps, windows seen, and rate ratios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.definitions import DAYS_PER_MONTH as MONTH
from helpers.definitions import DAYS_PER_YEAR, VISIT_WINDOWS
from helpers.response.matched_ratio import estimate_matched_ratio

Floats = NDArray[np.float64]

ROWS = {
    "other": "Not difficult to treat", "dtt": "Difficult to treat",
    "dtt_before": "Difficult to treat: before the label",
    "dtt_after": "Difficult to treat: after the label",
}  # fmt: skip
_Z95 = float(norm.ppf(0.975))
_PER_YEAR = DAYS_PER_YEAR / MONTH


def derive_visit_periods(
    assessments: pd.DataFrame, *, followup: pd.DataFrame, labels: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The time under observation in periods, and the visits in them.

    periods: one row per patient of a known group and period: patient_id, group, `period` ("never", "before" or "after"
    the label), `start`, `stop` (months since time zero; periods without time are left out). visits: one row per visit
    after time zero and up to the end of follow-up: patient_id, group, period, month, `gap_months` (since the visit
    before, or since time zero). A visit on the day of the label belongs to the time before: it often is what made
    the label.
    """
    known = followup.loc[followup["group"].isin(["dtt", "other"]), ["patient_id", "group", "followup_months"]]
    known = known.assign(label=known["patient_id"].map(labels.set_index("patient_id")["dtt_month"]).astype(float))
    turn = known["label"].where(known["group"].eq("dtt")).clip(lower=0.0)
    end = known["followup_months"].astype(float)
    before = known.assign(period=np.where(known["group"].eq("dtt"), "before", "never"), start=0.0,
                          stop=np.fmin(turn, end))  # fmt: skip
    after = known.assign(period="after", start=turn, stop=end).loc[turn.notna()]
    periods = pd.concat([before, after], ignore_index=True)
    periods = periods.loc[periods["stop"] > periods["start"], ["patient_id", "group", "period", "start", "stop"]]
    seen = assessments.loc[assessments["month"] > 0, ["patient_id", "month"]].merge(known, on="patient_id")
    seen = seen.loc[seen["month"] <= seen["followup_months"]].sort_values(["patient_id", "month"], ignore_index=True)
    gap = seen.groupby("patient_id")["month"].diff().fillna(seen["month"])
    words = np.select([seen["group"].eq("other"), seen["month"] <= seen["label"].clip(lower=0.0)],
                      ["never", "before"], "after")  # fmt: skip
    visits = seen.assign(gap_months=gap, period=words)[["patient_id", "group", "period", "month", "gap_months"]]
    return periods.reset_index(drop=True), visits


def summarise_visit_intensity(periods: pd.DataFrame, visits: pd.DataFrame, *, followup: pd.DataFrame) -> pd.DataFrame:
    """Visits by group, and of the difficult to treat before and after their label: one row per line of `ROWS`.

    Columns: term, label, `n` (patients), `visits_n`, `patient_years`, `estimate`, `low`, `high` (visits per
    patient-year),
    `gap_months` and `gap_high_months` (median and ninth decile of the time since the visit before), `windows_share` (of
    the months three, six, twelve and twenty-four, of patients followed to the end of the window, those with a visit in
    the window; by group only).
    """
    windows = _share_of_windows(visits, followup)
    rows = []
    for term, label in ROWS.items():
        group, _, period = term.partition("_")
        time, seen = (table.loc[table["group"].eq(group) & (table["period"].eq(period) | (period == ""))]
                      for table in (periods, visits))  # fmt: skip
        years = (time["stop"] - time["start"]).groupby(time["patient_id"]).sum() / _PER_YEAR
        counts = seen.groupby("patient_id").size().reindex(years.index, fill_value=0)
        gaps = seen["gap_months"].quantile([0.5, 0.9]).tolist()
        rows.append({"term": term, "label": label, "n": len(years), "visits_n": int(counts.sum()),
                     "patient_years": float(years.sum()),
                     **estimate_rate(counts.to_numpy(dtype=float), years.to_numpy(dtype=float)),
                     "gap_months": gaps[0], "gap_high_months": gaps[1],
                     "windows_share": windows.get(term, np.nan)})  # fmt: skip
    return pd.DataFrame(rows)


def _share_of_windows(visits: pd.DataFrame, followup: pd.DataFrame) -> dict[str, float]:
    expected, found = dict.fromkeys(("dtt", "other"), 0), dict.fromkeys(("dtt", "other"), 0)
    end = followup.set_index("patient_id")["followup_months"]
    for window in VISIT_WINDOWS.values():
        inside = visits.loc[visits["month"].between(window.start, window.end), "patient_id"]
        for group in expected:
            followed = end.index[(followup["group"].eq(group) & followup["followup_months"].ge(window.end)).to_numpy()]
            expected[group] += len(followed)
            found[group] += int(followed.isin(inside).sum())
    return {group: found[group] / expected[group] if expected[group] else np.nan for group in expected}


def estimate_rate(counts: Any, years: Any) -> dict[str, float]:
    """Events per year with an interval that lets patients differ: estimate, low, high.

    The total over the total; the variance of its logarithm is the sum over patients of (count - rate x years)² over the
    square of the total (the sandwich of a Poisson model with patients as clusters), so that visits of one patient may
    hang together. Missing without time; without events the interval is.
    """
    if years.sum() <= 0:
        return {"estimate": np.nan, "low": np.nan, "high": np.nan}
    rate = counts.sum() / years.sum()
    if rate == 0:
        return {"estimate": 0.0, "low": np.nan, "high": np.nan}
    error = np.sqrt(((counts - rate * years) ** 2).sum()) / counts.sum()
    return {"estimate": float(rate), "low": float(rate * np.exp(-_Z95 * error)),
            "high": float(rate * np.exp(_Z95 * error))}  # fmt: skip


COMPARISONS = {
    "label": ("after", ("never", "before"), "After the label, over patients without one by then"),
    "after": ("after", ("never",), "After the label, over patients never labelled (looks ahead)"),
    "before": ("before", ("never",), "Before a label to come, over patients never labelled (looks ahead)"),
}
"""Which periods are compared with which. The first needs only what was known at the time; the others choose patients by
a label that nobody could know yet."""


def compare_visit_rates(periods: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Visit rates over those of others at the same time since time zero: one row per entry of `COMPARISONS`.

    term, label, estimate (rate ratio), low, high, p, n (patients), events (visits).

    "label" is the fair one: at every time those labelled by then against those not labelled by then, whatever becomes
    of them. "before" and "after" leave the patients out who are to be labelled, or choose them: both condition on the
    future, as immortal time does, and describe the groups only.
    """
    rows = []
    for term, (exposed, others, label) in COMPARISONS.items():
        parts = [table.loc[table["period"].isin([exposed, *others])] for table in (periods, visits)]
        rows.append({"term": term, "label": label, **estimate_matched_ratio(*parts, exposed=exposed)})
    return pd.DataFrame(rows)
