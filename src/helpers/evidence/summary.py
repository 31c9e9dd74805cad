"""What a thousand cohorts say of each estimator: bias, coverage, errors of the tests, and the verdict on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.evidence.lines import BROKEN, KNOWN, LINES, TEST, Line
from helpers.evidence.scenarios import SCENARIOS

LEVEL = 0.95
_Z = float(norm.ppf(0.975))

COLUMNS = (
    "scenario", "estimator", "label", "measure", "truth", "mean", "bias", "mc_error", "sd", "mean_error", "coverage",
    "coverage_mc_error", "rejects", "missing", "events", "recommended", "verdict", "again", "reason", "cohorts",
)  # fmt: skip

COVERS, LESS, MORE = "covers", "covers less than it says", "covers more than it says"
KEEPS, OFTEN, RARELY = "keeps its level", "rejects too often", "rejects too rarely"
POWER, UNBIASED, HIGH, LOW, NEVER = "power only", "no clear bias", "too high", "too low", "never estimated"
GOOD = (COVERS, KEEPS, POWER, UNBIASED)


def summarise_evidence(records: pd.DataFrame, *, cohorts: int) -> pd.DataFrame:
    """One row per scenario and estimator, in the order of the scenarios and of `LINES`.

    truth, mean, bias (mean less truth) and mc_error (the Monte Carlo error of the bias), sd (of the estimates over
    the cohorts: the error that they really have), mean_error (the one that they state, root mean square), coverage
    (share of the intervals that hold the truth) and its Monte Carlo error, rejects (share with p below 0.05: the type
    I error where there is nothing to find, the power elsewhere), missing (share of cohorts without an estimate),
    events (mean), recommended, verdict, again ("" here; see `confirm_verdicts`), reason (why a recommended one is not
    as it should be), cohorts. Ratios are on the log scale. Measures as in Morris, White and Crowther, Stat Med
    2019;38:2074.
    """
    present = records.set_index(["scenario", "estimator"]).sort_index()
    rows = [
        {"scenario": scenario, "estimator": name, **_summarise_one(present.loc[[(scenario, name)]], LINES[name],
                                                                  scenario=scenario, cohorts=cohorts)}
        for scenario in SCENARIOS for name in LINES if (scenario, name) in present.index
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    judged = int(flag_judged(table).sum())
    reasons = [_find_reason(row, of=judged) for row in rows]
    return table.assign(reason=reasons, again="")[list(COLUMNS)]


def flag_judged(summary: pd.DataFrame) -> pd.Series:
    """Which rows are judged: those of recommended estimators, but for tests where there is something to find."""
    return summary["recommended"] & summary["verdict"].ne(POWER)


def list_doubtful(summary: pd.DataFrame) -> list[tuple[str, str]]:
    """The recommended estimators that are not as promised though nothing was broken: (scenario, estimator)."""
    rows = summary.loc[summary["recommended"] & ~summary["verdict"].isin(GOOD), ["scenario", "estimator"]]
    return [pair for pair in rows.itertuples(index=False, name=None) if pair not in BROKEN]


def confirm_verdicts(summary: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """The summary with what as many fresh cohorts said of each doubtful row: `again`, and its reason in that light.

    Of many rows judged at one in twenty, some fall outside by chance; who does so twice in a row hardly does. A row
    keeps the verdict of the first cohorts. `again` is the verdict of the second ("" where nobody looked).
    """
    later = {(row["scenario"], row["estimator"]): row for row in second.to_dict("records")}
    doubtful = list_doubtful(summary)
    rows = [{str(name): value for name, value in row.items()} for row in summary.to_dict("records")]
    return pd.DataFrame([
        {**row, **_confirm(row, later[key])} if (key := (row["scenario"], row["estimator"])) in doubtful else row
        for row in rows
    ], columns=list(COLUMNS))  # fmt: skip


def _confirm(row: Mapping[str, Any], again: Mapping[Any, Any]) -> dict[str, str]:
    """What a second look says of one row: `again`, and the reason in its light."""
    share = again["rejects"] if again["measure"] == TEST else again["coverage"]
    words = again["verdict"] + ("" if np.isnan(share) else f", {100 * share:.1f} %")
    if again["verdict"] in GOOD:
        return {"again": again["verdict"], "reason": f"chance: as many fresh cohorts do not show it ({words})"}
    return {"again": again["verdict"], "reason": f"{row['reason']}; as many fresh cohorts show it again ({words})"}


def _summarise_one(rows: pd.DataFrame, line: Line, *, scenario: str, cohorts: int) -> dict[str, Any]:
    known = rows["estimate"].dropna()
    truth = rows["truth"].fillna(line.truth(SCENARIOS[scenario]))
    gaps = (rows["estimate"] - truth).dropna()
    inside = (rows["low"] <= truth) & (rows["high"] >= truth)
    n = int((rows["low"].notna() & rows["high"].notna() & truth.notna()).sum())
    coverage = float(inside.sum() / n) if n else np.nan
    has_p = line.measure == TEST or rows["p"].notna().any()
    found = {
        "label": line.label, "measure": line.measure, "truth": float(truth.mean()),
        "mean": float(known.mean()), "bias": float(gaps.mean()), "mc_error": _error(gaps), "sd": float(known.std()),
        "mean_error": float(np.sqrt((rows["error"] ** 2).mean())), "coverage": coverage,
        "coverage_mc_error": float(np.sqrt(coverage * (1 - coverage) / n)) if n else np.nan,
        "rejects": float(rows["p"].lt(SIGNIFICANT_BELOW).sum() / cohorts) if has_p else np.nan,
        "missing": 1 - float((rows["p"] if line.measure == TEST else rows["estimate"]).notna().sum() / cohorts),
        "events": float(rows["events"].mean()), "recommended": line.recommended, "cohorts": cohorts,
    }  # fmt: skip
    return found | {"verdict": _judge(found, intervals=n, nothing=scenario in line.nothing_to_find,
                                       is_cautious=line.is_cautious)}  # fmt: skip


def _error(values: pd.Series) -> float:
    return float(values.std() / np.sqrt(len(values))) if len(values) > 1 else np.nan


def _judge(found: Mapping[str, Any], *, intervals: int, nothing: bool, is_cautious: bool) -> str:
    """The verdict in words: within the Monte Carlo error of what the method promises, or on which side of it."""
    if found["measure"] == TEST:
        if not nothing:
            return POWER
        words = (KEEPS if is_cautious else RARELY, KEEPS, OFTEN)
        return _side(found["rejects"], 1 - LEVEL, of=found["cohorts"], words=words)
    if intervals:
        return _side(found["coverage"], LEVEL, of=intervals, words=(LESS, COVERS, MORE))
    if np.isnan(found["mean"]):
        return NEVER
    off = found["bias"] / found["mc_error"] if found["mc_error"] else np.nan
    return UNBIASED if not abs(off) > _Z else HIGH if off > 0 else LOW


def _side(share: float, promised: float, *, of: int, words: tuple[str, str, str]) -> str:
    limit = _Z * np.sqrt(promised * (1 - promised) / of)
    return words[0] if share < promised - limit else words[2] if share > promised + limit else words[1]


def _find_reason(row: Mapping[str, Any], *, of: int) -> str:
    """Why a recommended estimator is not as it should be: what was broken, or what the numbers show."""
    if not row["recommended"] or row["verdict"] in GOOD:
        return ""
    broken = BROKEN.get((row["scenario"], row["estimator"]))
    if broken:
        return broken
    reasons = []
    if abs(row["bias"]) > _Z * row["mc_error"] and abs(row["bias"]) > 0.05 * row["sd"]:
        side = "above" if row["bias"] > 0 else "below"
        about = f", with {row['events']:.0f} events on average" if np.isfinite(row["events"]) else ""
        reasons.append(f"the mean lies {abs(row['bias']) / row['sd']:.2f} standard deviations {side} the truth{about}")
    ratio = row["mean_error"] / row["sd"] if row["sd"] else np.nan
    if abs(ratio - 1) > 0.03:
        side = "small" if ratio < 1 else "large"
        reasons.append(f"the stated standard error is {100 * abs(ratio - 1):.0f} % too {side}")
    reasons += [KNOWN[row["estimator"]]] if row["estimator"] in KNOWN else []
    chance = (f"no bias and a right standard error: the shape of the interval, or chance ({of} rows are judged, and "
              "one in twenty falls outside by chance alone)")  # fmt: skip
    return "; ".join(reasons or [chance])
