"""Who could enter: what the rule "at least so much follow-up" makes of the numbers, and what it hides.

Asking for a least follow-up leaves out whoever died or was lost before it: the study starts where the future is
already known (selection; Hernan, Hernandez-Diaz and Robins, Epidemiology 2004;15:615). Delayed entry keeps the rule's
patients and drops the time before it; only taking everybody in brings back what happened early.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.incidence import CENSORED
from helpers.survival.curves import FEWEST_AT_RISK, estimate_survival
from helpers.survival.models import estimate_cox
from helpers.survival.risk_sets import derive_risk_periods

ENTRY_RULES = (0.0, 6.0, 12.0, 24.0)
"""The least follow-up asked for in each row, in months; 0 is the rule switched off."""


def derive_entry_rules(months: Sequence[float], *, in_force: float) -> pd.DataFrame:
    """The rules in order, the one in force among them: one row per rule: months, term, label.

    >>> derive_entry_rules([0.0, 6.0], in_force=6.0).label.tolist()
    ['Off: everybody', 'At least 6 months (in force)']
    """
    rules = sorted({float(month) for month in (*months, in_force)})
    names = [name_entry_rule(month) for month in rules]
    words = [f"At least {month:g} months" if month else "Off: everybody" for month in rules]
    labels = [word + (" (in force)" if month == in_force else "") for word, month in zip(words, rules, strict=True)]
    return pd.DataFrame({"months": rules, "term": names, "label": labels})


def name_entry_rule(months: float) -> str:
    """The name of a rule in tables and ids.

    >>> name_entry_rule(24.0), name_entry_rule(0.0)
    ('from_24m', 'off')
    """
    return f"from_{months:g}m".replace(".", "_") if months else "off"


def compare_entry_rules(
    outcomes: pd.DataFrame, *, months: Sequence[float] = ENTRY_RULES, in_force: float
) -> pd.DataFrame:
    """What each rule leaves of the study, and the hazard ratios that come out: one row per rule.

    term, label, n, dtt_n, untold_n (label cannot be told), events_n (composite), esrd_n, death_n, hidden_n (patients
    left out for their follow-up), hidden_events_n, hidden_death_n; estimate, low, high, p (composite,
    difficult-to-treat against the others, the label counted from its day), late_estimate, late_low, late_high (the
    same, entry delayed to the rule's month), death_estimate, death_low, death_high, note.

    `outcomes` are those of everybody, with the rule off. A patient whose label cannot be told, because it was
    over too early, was never known as difficult to treat: here that time counts as unlabelled, for leaving it out
    would be the same selection again. Follow-up of exactly the rule's months is enough. Deaths of an excluding rule
    all lie after it, so that its hazard ratio of death is that of delayed entry.
    """
    rules = derive_entry_rules(months, in_force=in_force)
    rows = [_compare_rule(outcomes, months=month) for month in rules["months"]]
    table = pd.concat([rules.drop(columns="months"), pd.concat(rows, ignore_index=True)], axis=1)
    is_kept = outcomes["composite_status"].notna()
    hidden = {"n": is_kept.sum(), "events_n": outcomes["composite_status"].ne(CENSORED)[is_kept].sum(),
              "death_n": outcomes["death_month"].notna()[is_kept].sum()}  # fmt: skip
    for name, everybody in hidden.items():
        table[f"hidden_{name}"] = int(everybody) - table[name]
    counts = ["n", "dtt_n", "untold_n", "events_n", "esrd_n", "death_n", *(f"hidden_{name}" for name in hidden)]
    ratios = [f"{prefix}{end}" for prefix in ("", "late_", "death_") for end in ("estimate", "low", "high")]
    return table[["term", "label", *counts, *ratios, "p", "note"]]


def _compare_rule(outcomes: pd.DataFrame, *, months: float) -> pd.DataFrame:
    """One row: the counts and ratios of those followed for at least so long."""
    kept = outcomes.loc[(outcomes["followup_months"] >= months) & outcomes["composite_status"].notna()]
    known = kept.assign(group=kept["group"].where(kept["group"].eq("dtt"), "other"))
    periods = derive_risk_periods(known, approach="timedependent", landmark_months=months)
    found = estimate_cox(periods)[["estimate", "low", "high", "p", "note"]]
    late = estimate_cox(delay_entry(periods, entry_months=months))[["estimate", "low", "high"]]
    deaths = derive_risk_periods(known, approach="timedependent", landmark_months=months, outcome="death")
    death = estimate_cox(deaths)[["estimate", "low", "high"]]
    return pd.concat([found, late.add_prefix("late_"), death.add_prefix("death_")], axis=1).assign(
        n=len(kept), dtt_n=int(kept["group"].eq("dtt").sum()), untold_n=int(kept["group"].eq("cannot tell").sum()),
        events_n=int(kept["composite_status"].ne(CENSORED).sum()), esrd_n=int(kept["esrd_month"].notna().sum()),
        death_n=int(kept["death_month"].notna().sum()))  # fmt: skip


def delay_entry(periods: pd.DataFrame, *, entry_months: float) -> pd.DataFrame:
    """The risk periods from the month of entry on: same columns, later starts; what ended by then is left out.

    >>> periods = pd.DataFrame({"start": [0.0, 0.0, 9.0], "stop": [6.0, 9.0, 20.0]})
    >>> delay_entry(periods, entry_months=6.0).to_numpy().tolist()
    [[6.0, 9.0], [9.0, 20.0]]
    """
    kept = periods.loc[periods["stop"] > entry_months]
    return kept.assign(start=kept["start"].clip(lower=entry_months)).reset_index(drop=True)


def estimate_entry_bounds(
    outcomes: pd.DataFrame, *, months: Sequence[float] = ENTRY_RULES, in_force: float, until: float = 60.0
) -> pd.DataFrame:  # fmt: skip
    """The share with kidney failure or death by month `until`, and how far those left out could move it.

    One row per rule: term, label, n (patients the rule keeps), short_n (those it leaves out), short_failed_n (of
    these, known to have failed), short_lost_n (the rest: lost before), estimate, low, high (one minus
    Kaplan-Meier of those kept), at_risk (at `until`), best_estimate and worst_estimate (everybody, where none or all
    of the lost fail: none by `until`, or all on the day they were last seen), note. Missing, with the note "too few at
    risk", where fewer than `FEWEST_AT_RISK` are. Bounds, not estimates: the truth lies between them whatever
    made those patients leave (Manski, Am Econ Rev 1990;80:319), as far as the others' censoring is harmless.
    """
    rules = derive_entry_rules(months, in_force=in_force)
    rows = [_bound_rule(outcomes, months=month, until=until) for month in rules["months"]]
    return pd.concat([rules.drop(columns="months"), pd.DataFrame(rows)], axis=1)


def _bound_rule(outcomes: pd.DataFrame, *, months: float, until: float) -> dict[str, object]:
    people = outcomes.loc[outcomes["esrd_status"].notna()]
    is_short = people["followup_months"] < months
    is_lost = is_short & people["esrd_status"].eq(CENSORED)
    kept = _share_failed(people.loc[~is_short], until=until)
    best = people.assign(esrd_months=people["esrd_months"].mask(is_lost, np.maximum(until, people["esrd_months"])))
    worst = people.assign(esrd_status=people["esrd_status"].mask(is_lost, "esrd"))
    bounds = {f"{name}_estimate": _share_failed(table, until=until)["estimate"]
              for name, table in {"best": best, "worst": worst}.items()}  # fmt: skip
    return {"n": int((~is_short).sum()), "short_n": int(is_short.sum()),
            "short_failed_n": int((is_short & ~is_lost).sum()), "short_lost_n": int(is_lost.sum()), **kept, **bounds,
            "note": "" if kept["at_risk"] >= FEWEST_AT_RISK else "too few at risk"}  # fmt: skip


def _share_failed(outcomes: pd.DataFrame, *, until: float) -> dict[str, float]:
    """One minus Kaplan-Meier of the first of kidney failure and death at one month."""
    found = estimate_survival(outcomes, outcome="esrd", by=None, at=[until])
    at_risk = int(found["at_risk"].iloc[0]) if len(found) else 0
    if at_risk < FEWEST_AT_RISK:
        return {"estimate": np.nan, "low": np.nan, "high": np.nan, "at_risk": at_risk}
    share, low, high = found[["estimate", "low", "high"]].iloc[0].astype(float)
    return {"estimate": 1 - share, "low": 1 - high, "high": 1 - low, "at_risk": at_risk}
