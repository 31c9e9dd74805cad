"""The same patients under other rules: agreement between response rules, sensitivity to windows and confirmation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.answers import is_true, is_unknown
from helpers.definitions import DttRule, Rulebook, Window
from helpers.kidney.response import flag_response
from helpers.labelling import judge_label
from helpers.labelling.course import derive_first_courses


@dataclass(frozen=True)
class WindowChoice:
    """A named pair of windows for the visits at 3 and 6 months."""

    label: str
    worsening: Window
    failure: Window


WINDOW_CHOICES = (
    WindowChoice("narrow", Window(3, 2.5, 3.5), Window(6, 5.5, 7)),
    WindowChoice("current", Window(3, 2, 4), Window(6, 5, 8)),
    WindowChoice("wide", Window(3, 1.5, 4.5), Window(6, 4.5, 9)),
)
"""The windows of the sensitivity analysis; "current" is replaced by those of the rule."""


def compare_rules(
    assessments: pd.DataFrame, courses: pd.DataFrame, cohort: pd.DataFrame, *,
    rule: DttRule, rulebook: Rulebook, events: pd.DataFrame, response_rules: Iterable[str] = (),
) -> pd.DataFrame:  # fmt: skip
    """Agreement between the labels that different response rules give the same patients: one row per pair of rules.

    Columns: pair, rule_a, rule_b (each pair once, a rule with itself included), label_a, label_b, n (patients whom
    both label yes or no), dtt_a, dtt_b (labelled yes by each, among these n), agreement (share labelled alike), and
    estimate, low, high (Cohen's kappa with its 95 % interval). `rule` says everything but the response rule; all
    rules of the book by default.
    """
    names = list(response_rules) or list(rulebook.response)
    laid_out = derive_first_courses(assessments, courses, cohort, rule=rule, events=events,
                                    response_rule=rulebook.response_rule(rule.response_rule))  # fmt: skip
    answers = {}
    for name in names:
        judged = replace(laid_out, visits=flag_response(laid_out.visits, rule=rulebook.response_rule(name)))
        answers[name] = judge_label(judged, rule=replace(rule, response_rule=name), rulebook=rulebook)
    rows = []
    for a, b in combinations_with_replacement(names, 2):
        known = ~(is_unknown(answers[a]) | is_unknown(answers[b]))
        first, second = is_true(answers[a])[known], is_true(answers[b])[known]
        rows.append({
            "pair": f"{a}.{b}", "rule_a": a, "rule_b": b, "label_a": rulebook.response_rule(a).label,
            "label_b": rulebook.response_rule(b).label, "dtt_a": int(first.sum()), "dtt_b": int(second.sum()),
            **estimate_kappa(first, second),
        })  # fmt: skip
    return pd.DataFrame(rows)


def summarise_agreement(pairs: pd.DataFrame, *, rule: DttRule) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the agreement: lowest and highest kappa of other rules against the one in force,
    fewest and most patients that any rule labels yes. Not estimable where there is no other rule."""
    itself = pairs["rule_a"] == pairs["rule_b"]
    involved = (pairs["rule_a"] == rule.response_rule) | (pairs["rule_b"] == rule.response_rule)
    others = pairs.loc[involved & ~itself & pairs["estimate"].notna()].sort_values("estimate", kind="stable")
    ends = [*others.index[:1], *others.index[-1:]]
    kappas = others.loc[ends, ["estimate", "low", "high", "n"]].to_dict("records")
    kappas = kappas or [dict.fromkeys(("estimate", "low", "high", "n"))] * 2
    origin = "helpers.labelling.comparison.compare_rules"
    facts: dict[str, dict[str, Any]] = {
        name: {"value": row["estimate"], "low": row["low"], "high": row["high"], "n": row["n"], "unit": "kappa",
               "label": f"Kappa against the rule in force, {name}", "origin": origin}
        for name, row in zip(("lowest", "highest"), kappas, strict=True)
    }  # fmt: skip
    counts = pairs.loc[itself, "dtt_a"]
    for name, count in (("fewest", counts.min()), ("most", counts.max())):
        facts[name] = {"value": count, "unit": "patients", "origin": origin,
                       "label": f"Difficult to treat by the rule that calls the {name}"}  # fmt: skip
    return facts


def estimate_kappa(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Cohen's kappa of two true/false ratings of the same n: n, agreement, estimate, low, high.

    The 95 % interval is kappa plus or minus 1.96 of the large-sample standard error (Fleiss, Cohen and Everitt,
    Psychol Bull 1969;72:323). Kappa is missing where chance alone would agree on everybody.

    >>> ratings = np.repeat([[True, True], [True, False], [False, True], [False, False]], [20, 5, 10, 15], axis=0)
    >>> round(estimate_kappa(ratings[:, 0], ratings[:, 1])["estimate"], 3)
    0.4
    """
    n = len(first)
    ratings = np.column_stack([first, ~first]).astype(float), np.column_stack([second, ~second]).astype(float)
    share = ratings[0].T @ ratings[1] / max(n, 1)
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    agreement, chance = float(np.trace(share)), float(rows @ columns)
    if n == 0 or np.isclose(chance, 1):
        return {"n": n, "agreement": agreement if n else np.nan, "estimate": np.nan, "low": np.nan, "high": np.nan}
    kappa = (agreement - chance) / (1 - chance)
    diagonal = np.diag(share) * (1 - (rows + columns) * (1 - kappa)) ** 2
    crossed = share * (columns[:, None] + rows[None, :]) ** 2
    off = (1 - kappa) ** 2 * (crossed.sum() - np.trace(crossed))
    variance = (diagonal.sum() + off - (kappa - chance * (1 - kappa)) ** 2) / (1 - chance) ** 2 / n
    half = float(norm.ppf(0.975)) * np.sqrt(max(variance, 0.0))
    return {"n": n, "agreement": agreement, "estimate": kappa, "low": kappa - half, "high": min(kappa + half, 1.0)}


def summarise_sensitivity(
    assessments: pd.DataFrame, courses: pd.DataFrame, cohort: pd.DataFrame, *,
    rule: DttRule, rulebook: Rulebook, events: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """How the label moves with windows, deadline and confirmation: one row per variation of the rule.

    Columns: setting (words), windows, deadline_months, confirmation_visits, yes_n, no_n, cannot_tell_n, share (yes
    among all), share_high (yes or cannot tell among all), is_in_force (the rule as it stands).
    """
    first = derive_first_courses(assessments, courses, cohort, rule=rule, events=events,
                                 response_rule=rulebook.response_rule(rule.response_rule))  # fmt: skip
    rows = []
    for variation, windows in derive_variations(rule):
        answers = judge_label(first, rule=variation, rulebook=rulebook)
        n = max(len(answers), 1)
        yes, unknown = int(is_true(answers).sum()), int(is_unknown(answers).sum())
        rows.append({
            "setting": f"{windows} windows, month {variation.deadline_months:g}, "
                       + ("one visit" if variation.confirmation_visits == 1 else "two visits"),
            "windows": windows, "deadline_months": variation.deadline_months,
            "confirmation_visits": variation.confirmation_visits, "yes_n": yes, "no_n": len(answers) - yes - unknown,
            "cannot_tell_n": unknown, "share": yes / n, "share_high": (yes + unknown) / n,
            "is_in_force": variation == rule,
        })  # fmt: skip
    return pd.DataFrame(rows)


def derive_variations(rule: DttRule) -> list[tuple[DttRule, str]]:
    """The variations of a rule that are tried, each with the name of its windows; the rule itself is one of them."""
    deadlines = sorted({6.0, 12.0, rule.deadline_months})
    varied = []
    for choice in WINDOW_CHOICES:
        worsening, failure = (
            (rule.worsening_window, rule.failure_window) if choice.label == "current"
            else (choice.worsening, choice.failure)
        )  # fmt: skip
        varied += [
            (replace(rule, worsening_window=worsening, failure_window=failure, deadline_months=deadline,
                     confirmation_visits=visits), choice.label)
            for deadline in deadlines for visits in (1, 2)
        ]  # fmt: skip
    return varied
