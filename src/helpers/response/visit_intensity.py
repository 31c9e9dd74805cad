"""Who is seen how often: visits per patient-year before and after the label, gaps, windows seen, and rate ratios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.definitions import DAYS_PER_MONTH as MONTH
from helpers.definitions import DAYS_PER_YEAR, VISIT_WINDOWS

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


def compare_visit_rates(periods: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Visit rates of the difficult to treat over those of the others at the same time since time zero: two rows.

    term ("before", "after" the label), label, estimate (rate ratio), low, high, p, n (patients), events (visits).
    """
    rows = []
    for period in ("before", "after"):
        parts = [table.loc[table["period"].isin(["never", period])] for table in (periods, visits)]
        rows.append({"term": period, "label": f"Visits {period} the label, over those of the others",
                     **estimate_visit_ratio(*parts, exposed=period)})  # fmt: skip
    return pd.DataFrame(rows)


def estimate_visit_ratio(periods: pd.DataFrame, visits: pd.DataFrame, *, exposed: str) -> dict[str, float]:
    """The ratio of visit rates between the periods called `exposed` and all others: estimate, low, high, p, n, events.

    Andersen and Gill's model of recurrent events, Ann Stat 1982;10:1100: a common course of visits over time, whatever
    its shape, and one ratio; ties by Breslow; robust variance with patients as clusters (Lin and Wei, J Am Stat Assoc
    1989;84:1074), as in R's coxph(Surv(start, stop, event) ~ z, ties = "breslow", cluster = id). Missing where one of
    the two has no visit while the other is at risk.
    """
    of = periods["period"].eq(exposed).to_numpy()
    times, place = np.unique(visits["month"].to_numpy(dtype=float), return_inverse=True)
    own = visits["period"].eq(exposed).to_numpy()
    deaths = np.bincount(place, minlength=len(times)).astype(float)
    start, stop = periods["start"].to_numpy(dtype=float), periods["stop"].to_numpy(dtype=float)
    at_risk = [_count_at_risk(times, start[part], stop[part]) for part in (~of, of)]
    base = {"n": periods["patient_id"].nunique(), "events": len(visits)}
    both = (at_risk[0] > 0) & (at_risk[1] > 0)
    if not (own & both[place]).any() or not (~own & both[place]).any():
        return {**dict.fromkeys(("estimate", "low", "high", "p"), np.nan), **base}
    beta = _solve(own.sum(), deaths, *at_risk)
    weight = at_risk[0] + at_risk[1] * np.exp(beta)
    share = at_risk[1] * np.exp(beta) / weight
    information = float((deaths * share * (1 - share)).sum())
    residual = _score_residuals(periods, visits, times, place, of, own, deaths / weight, share, beta)
    error = float(np.sqrt((residual**2).sum()) / information)
    return {"estimate": float(np.exp(beta)), "low": float(np.exp(beta - _Z95 * error)),
            "high": float(np.exp(beta + _Z95 * error)), "p": float(2 * norm.sf(abs(beta / error))), **base}  # fmt: skip


def _count_at_risk(times: Floats, start: Floats, stop: Floats) -> Floats:
    """How many periods hold each time: open at their start, closed at their stop."""
    begun, over = (np.searchsorted(np.sort(ends), times, side="left") for ends in (start, stop))
    return np.asarray(begun - over, dtype=float)


def _solve(events: int, deaths: Floats, others: Floats, exposed: Floats) -> float:
    beta = 0.0
    for _ in range(50):
        share = exposed * np.exp(beta) / (others + exposed * np.exp(beta))
        step = (events - (deaths * share).sum()) / (deaths * share * (1 - share)).sum()
        beta += float(np.clip(step, -2, 2))
        if abs(step) < 1e-12:
            break
    return beta


def _score_residuals(
    periods: pd.DataFrame, visits: pd.DataFrame, times: Floats, place: Any, of: Any, own: Any, hazard: Floats,
    share: Floats, beta: float,
) -> Floats:  # fmt: skip
    """Each patient's part of the score: own visits less what the periods under observation would lead one to expect."""
    sums = np.vstack([np.zeros(2), np.cumsum(np.column_stack([hazard, hazard * share]), axis=0)])
    first, last = (np.searchsorted(times, periods[name].to_numpy(dtype=float), side="right")
                   for name in ("start", "stop"))  # fmt: skip
    hazards, shared = (sums[last] - sums[first]).T
    expected = np.exp(beta * of) * (of * hazards - shared)
    seen = pd.Series(own - share[place]).groupby(visits["patient_id"].to_numpy()).sum()
    due = pd.Series(expected).groupby(periods["patient_id"].to_numpy()).sum()
    return seen.sub(due, fill_value=0.0).to_numpy(dtype=float)
