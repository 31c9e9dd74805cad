"""Why a patient moved: the arm whose answer changed, and the criterion in its trace that made the difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from helpers.comparison.trace import SIGNS, flag_asked
from helpers.definitions import ARM_LABELS, ARMS
from helpers.labelling.trace import NOT_ASKED
from helpers.wording import format_number, join_words

_ANSWER = "answer: "
_JUDGED = "judged"
_GRADES = ("partial", "complete")
_MEASURES = {"upcr_g_g": "UPCR", "creatinine_mg_dl": "creatinine", "egfr": "eGFR"}
_COUNTED = ("visits", "inductions")
_BY_RESPONSE = ("failure_6m", "no_response")
ONE_SIDED = "the arm is switched on in one of the two runs only"


class Cause(NamedTuple):
    """Which arm or step moved a patient, what in it did, what each run asked for, and what was measured."""

    where: str
    what: str
    first: str
    second: str
    measured: str = ""


@dataclass(frozen=True)
class Moved:
    """One patient's rows of the two traces, and which arm's answer decides between them."""

    arm: str
    first: pd.DataFrame
    second: pd.DataFrame


def choose_arm(before: pd.Series, after: pd.Series) -> str:
    """The arm that decides: the one that made the label where a run says yes, else the first whose answer changed."""
    for row in (after, before):
        if row["dtt"] == "yes" and not pd.isna(row["dtt_arm"]):
            return str(row["dtt_arm"])
    changed = [arm for arm in ARMS if _answer(before, arm) != _answer(after, arm)]
    return changed[0] if changed else ARMS[0]


def _answer(row: pd.Series, arm: str) -> Any:
    return row.get(f"arm_{arm}", None)


def find_cause(moved: Moved) -> Cause:
    """The arm, what in its trace made the difference, and the values asked for in each run.

    In this order: the arm is switched on in one run only; for the arms that look for a response, at the same visit,
    the criteria that stand between the patient and a response; the first criterion with another answer at the same
    visit; else the reasons that the two runs give.
    """
    where = ARM_LABELS[moved.arm]
    if moved.first.empty or moved.second.empty:
        return Cause(where, ONE_SIDED, "off" if moved.first.empty else "on", "off" if moved.second.empty else "on")
    if moved.arm in _BY_RESPONSE and _judged_days(moved.first) == _judged_days(moved.second) != []:
        cause = _missing_response(moved, where)
        if cause is not None:
            return cause
    changed = _changed_criterion(moved, where)
    if changed is not None:
        return changed
    is_other_visit = _judged_days(moved.first) != _judged_days(moved.second)
    what = "another visit is judged" if is_other_visit else "another reason decides"
    return Cause(where, what, _reason(moved.first), _reason(moved.second))


def _judged_days(rows: pd.DataFrame) -> list[Any]:
    return sorted(rows.loc[rows["note"].eq(_JUDGED), "visit_date"].dropna().unique())


def _reason(rows: pd.DataFrame) -> str:
    return str(rows.loc[rows["criterion"].str.startswith(_ANSWER), "note"].iloc[-1])


def _missing_response(moved: Moved, where: str) -> Cause | None:
    """What the run that sees no response at the judged visit asks for, and what the other asked for there."""
    failed = [find_failing(rows) for rows in (moved.first, moved.second)]
    if bool(failed[0]) == bool(failed[1]):
        return None
    names = failed[0] or failed[1]
    grade = "partial" if all(name.startswith("partial") for name in names) else "complete"
    what = f"{grade} response: {join_words([name.partition(': ')[2] for name in names])}"
    return Cause(where, what, _asked(moved.first, names), _asked(moved.second, names),
                 _measured(moved.first if failed[0] else moved.second, names))  # fmt: skip


def find_failing(rows: pd.DataFrame) -> list[str]:
    """The parts that keep the judged visit from the grade that it is nearest to; none where it has a grade.

    Criteria of one part are alternatives. Of two grades equally near, the lesser.
    """
    judged = rows.loc[rows["note"].eq(_JUDGED) & rows["passed"].notna()]
    met = judged.groupby("part", sort=False)["passed"].any()
    failing = {grade: [str(part) for part in met.index[~met.astype(bool)] if str(part).startswith(f"{grade}:")]
               for grade in _GRADES if any(str(part).startswith(f"{grade}:") for part in met.index)}  # fmt: skip
    if not failing or not all(failing.values()):
        return []
    return min(failing.values(), key=len)


def _asked(rows: pd.DataFrame, parts: list[str]) -> str:
    """What a run's rule asks for in these parts at the judged visit, in words; or that it has no such part."""
    judged = rows.loc[rows["note"].eq(_JUDGED)]
    chosen = judged.loc[judged["part"].isin(parts) & flag_asked(judged)]
    if chosen.empty:
        return f"{judged['rule'].iloc[0]} asks for no such thing"
    each = [" or ".join(_limits(alternatives)) for _, alternatives in chosen.groupby("part", sort=False)]
    return f"{chosen['rule'].iloc[0]} asks for {' and '.join(each)}"


def _limits(alternatives: pd.DataFrame) -> list[str]:
    """What each measure is held against, in words; several limits of one measure are joined."""
    limits: dict[str, list[str]] = {}
    for measure, sign, threshold in alternatives[["measure", "comparator", "threshold"]].to_numpy():
        words = f"no {_words(measure)}" if _is_finding(measure) else f"{_words(measure)} {SIGNS[sign]}"
        limits.setdefault(words, []).append("" if _is_finding(measure) else f" {_print_value(threshold)}")
    return [words + " or".join(dict.fromkeys(found)) for words, found in limits.items()]


def _words(measure: Any) -> str:
    text = str(measure)
    for name, word in _MEASURES.items():
        text = text.replace(name, word)
    return text.replace("_", " ")


def _is_finding(measure: Any) -> bool:
    """Whether the measure is seen or not seen, and no quantity."""
    return str(measure).replace("_", " ") == "active sediment"


def _measured(rows: pd.DataFrame, parts: list[str]) -> str:
    """What was measured for these parts at the judged visit, and when."""
    chosen = rows.loc[rows["note"].eq(_JUDGED) & rows["part"].isin(parts)].drop_duplicates("measure")
    values = [_words(measure) if _is_finding(measure) else f"{_words(measure)} {_print_value(value)}"
              for measure, value in chosen[["measure", "value"]].to_numpy()]  # fmt: skip
    return f"{join_words(values)} at month {float(chosen['month'].iloc[0]):.1f}"


def _changed_criterion(moved: Moved, where: str) -> Cause | None:
    """The first criterion with another answer in the other run, at the same visit or counted over the same course."""
    first, second = (_comparable(rows) for rows in (moved.first, moved.second))
    both = first.merge(second, on=["criterion", "note", "visit_date"], suffixes=("_a", "_b"))
    told = both.loc[both["passed_a"].notna() & both["passed_b"].notna()]
    changed = told.loc[told["passed_a"].astype(bool) != told["passed_b"].astype(bool)]
    if changed.empty:
        return None
    row = changed.iloc[0]
    found = [f"{rule} finds {_print_value(value)} and asks for {SIGNS[sign]} {_print_value(threshold)}"
             for rule, value, sign, threshold in (
                 [row[f"{name}_{side}"] for name in ("rule", "value", "comparator", "threshold")] for side in "ab")]
    month = row["month_b"] if pd.isna(row["month_a"]) else row["month_a"]
    return Cause(where, str(row["criterion"]).replace(": ", " response: "), found[0], found[1],
                 "" if pd.isna(month) else f"month {month:.1f}")  # fmt: skip


def _comparable(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that ask something; what is counted over the whole course stands for no visit of its own."""
    asked = rows.loc[~rows["criterion"].str.startswith(_ANSWER) & rows["note"].ne(NOT_ASKED)]
    return asked.assign(visit_date=asked["visit_date"].mask(asked["measure"].isin(_COUNTED)))


def _print_value(value: Any) -> str:
    return "nothing" if pd.isna(value) else format_number(float(value))
