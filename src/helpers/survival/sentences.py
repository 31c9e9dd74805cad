"""Sentences that must change their shape with the data: which template of `study.say` is true of this run.

A number that cannot be estimated, a rule that is switched off or a group in which nobody was lost makes the usual
sentence false or empty. Each function gives the template whose ids the notebook has recorded.
"""

from __future__ import annotations

import pandas as pd

from helpers.survival.shares import label_proportionality
from helpers.survival.tipping import SCENARIOS
from helpers.survival.tipping_words import describe_loss_tipping

_FEW = "too few were still under observation"


def phrase_overestimate(table: pd.DataFrame, *, month: int = 60) -> str:
    """What one minus Kaplan-Meier would say by the month, and by how much too high; `table` of `derive_overestimate`.

    A group without a share is not spoken of, and one in which both agree to the printed decimal is said to.
    """
    rows = table.set_index("term")["overestimate_share"].astype(float).to_dict()
    parts = []
    for group, words in (("dtt", "the difficult-to-treat"), ("other", "the others")):
        over = rows[f"kidney_failure_{group}_{month}"]
        name = f"table.survival.esrd.shares.kidney_failure_{group}_{month}"
        if pd.notna(over):
            tail = f"too high by {{{name}.overestimate_share:percent}}" if over >= 0.0005 else "the same here"
            parts.append(f"{{{name}.one_minus_km_share:percent}} of {words} ({tail})")
    if not parts:
        return f"One minus Kaplan-Meier cannot be held against it by five years: {_FEW}."
    return f"One minus Kaplan-Meier would say by five years: {' and '.join(parts)}."


def phrase_selection(rules: pd.DataFrame, *, rule: str) -> str:
    """What the rule in force leaves out, or that there is none; `rules` of `compare_entry_rules`, `rule` its term."""
    row = rules.set_index("term").loc[rule]
    if rule == "off":
        return ("No least follow-up is in force: nobody is left out for it, and the rows below the first show what "
                "such a rule would hide. With everybody in, whoever cannot be told counted as unlabelled, the hazard "
                "of the difficult-to-treat is {survival.entry_rule.off.hr:verdict} that of the others, "
                "{survival.entry_rule.off.hr:ci}; with these left out, as above, it is "
                "{survival.composite.timedependent.hr:ci}.")  # fmt: skip
    untold = (" Above it is {survival.composite.timedependent.hr:ci}, for there those whose label cannot be told take "
              "no part.") if row["untold_n"] else ""  # fmt: skip
    return ("The rule in force leaves out {survival.selection.hidden.n} patients, and with them "
            "{survival.selection.hidden.events} outcomes and {survival.selection.hidden.deaths} deaths. With "
            "everybody in, whoever cannot be told counted as unlabelled, the hazard of the difficult-to-treat is "
            "{survival.entry_rule.off.hr:verdict} that of the others, {survival.entry_rule.off.hr:ci}; under the rule "
            "the ratio, counted the same way, is {survival.selection.hr:ci}, {shift} that of everybody." + untold)


def phrase_bounds(bounds: pd.DataFrame, *, rule: str) -> str:
    """The share failed by five years and how far the lost could move it; `bounds` of `estimate_entry_bounds`."""
    row = bounds.set_index("term").loc[rule]
    if not row["short_n"]:
        return ("By five years kidney failure or death had come to {survival.selection.everybody.60m:ci}, as far as "
                "they were seen; nobody was left out, and there is nothing to bound.")  # fmt: skip
    if pd.isna(row[["best_estimate", "worst_estimate"]]).any():
        return f"By five years {_FEW} to bound what those left out could change."
    return ("By five years kidney failure or death had come to {survival.selection.kept.60m:ci} of those kept, and to "
            "{survival.selection.everybody.60m:ci} of everybody, as far as they were seen. Had none of the lost "
            "failed, it would be {survival.selection.best.60m:percent}; had all of them, "
            "{survival.selection.worst.60m:percent}.")


def phrase_entry(entry_months: float) -> tuple[str, str]:
    """The rates and the shares from the least follow-up on; without one, that both counts are the same."""
    shares = ("{survival.entry.death.dtt.cif.60m:ci} among the difficult-to-treat and "
              "{survival.entry.death.other.cif.60m:ci} among the others; without their kidneys{free}: "
              "{survival.entry.esrd.dtt.cif.60m:ci} and {survival.entry.esrd.other.cif.60m:ci}.")  # fmt: skip
    if not entry_months:
        return ("No least follow-up is asked for: counting begins at time zero, and both counts are the same. Deaths "
                "per hundred patient-years: {survival.death.all.rate:ci}; kidney failures: "
                "{survival.esrd.all.rate:ci}.",
                "Dead by five years: " + shares.replace("{free}", ""))  # fmt: skip
    return ("Least follow-up asked for: {survival.entry.months} months. Before it lie "
            "{table.survival.entry.rates.death_all.years_before:value} of the {survival.death.all.person_years:value} "
            "patient-years. Deaths per hundred patient-years: {survival.death.all.rate:ci} from time zero, "
            "{survival.entry.death.all.rate:ci} from the least follow-up on; kidney failures: "
            "{survival.esrd.all.rate:ci} and {survival.entry.esrd.all.rate:ci}.",
            "Dead by five years, of those alive at the least follow-up: "
            + shares.replace("{free}", ", of those then free of kidney failure"))  # fmt: skip


def phrase_moving(moving: pd.DataFrame, *, tests: pd.DataFrame) -> str:
    """What the score tests say of one ratio, and the ratio in both parts of the time where both have one."""
    rows = moving.set_index("term")["estimate"]
    known = rows[["timedependent.early", "timedependent.late"]].notna().all()
    told = {term: label_proportionality(tests, term=term) for term in ("timedependent", "landmark")}
    parts = ("Up to month {survival.moving.timedependent.cut:value} the ratio is "
             "{survival.moving.timedependent.early.hr:ci}, after it {survival.moving.timedependent.late.hr:ci}; there "
             "is {reading}." if known else "Early and late cannot both be estimated: on one side of the median event "
             "month one of the groups had no outcome.")  # fmt: skip
    return (f"The score test of the time-dependent model {told['timedependent']} one hazard ratio for all time: "
            "{table.survival.proportional_hazards.timedependent.p:p}. " + parts + " The test of the landmark model "
            f"{told['landmark']} one ratio: {{table.survival.proportional_hazards.landmark.p:p}}.")  # fmt: skip


def phrase_milestones(milestones: pd.DataFrame) -> str:
    """The difference in event-free shares one and five years after the landmark, where enough were at risk."""
    known = milestones.set_index("term")["estimate"].notna()
    words = {"m12": "one year", "m60": "five years"}
    parts = [f"{when} after the landmark it is {{survival.landmark.milestone.{term}.difference:verdict}} that of the "
             f"others, {{survival.landmark.milestone.{term}.difference:ci}} percentage points away"
             for term, when in words.items() if known[term]]  # fmt: skip
    if not parts:
        return f"Their event-free shares one and five years after the landmark cannot be compared: {_FEW}."
    tail = "" if len(parts) > 1 else f"; at the other milestone {_FEW}"
    return f"Of their event-free share: {'; '.join(parts)}{tail}."


def phrase_loss(table: pd.DataFrame) -> str:
    """What the suppositions about the lost do to the verdict; nothing where nobody was lost."""
    if not table.loc[table["scenario"].eq("all"), "lost_n"].iloc[0]:
        return "Nobody was lost before the outcome: there is nothing to suppose."
    if table["estimate"].isna().all():
        return ("Lost before the outcome: {survival.loss.n}, of them difficult to treat: {survival.loss.dtt.n}. There "
                "is no finite hazard ratio to start from.")  # fmt: skip
    told = {describe_loss_tipping(table, scenario=scenario) for scenario in SCENARIOS}
    verdicts = ("With their hazard multiplied, that of all, that of either group alone or that of the two set against "
                "each other, this verdict {all}." if len(told) == 1 else
                "With the hazard of all the lost multiplied, this verdict {all}; with that of the lost others alone, "
                "it {other}; with that of the lost difficult-to-treat alone, it {dtt}; with the two set against each "
                "other, it {opposed}.")  # fmt: skip
    return ("Lost before the outcome: {survival.loss.n}, of them difficult to treat: {survival.loss.dtt.n}. Followed "
            "on as their group, they leave the hazard of the difficult-to-treat {survival.loss.unchanged.hr:verdict} "
            "that of the others: {survival.loss.unchanged.hr:ci}. " + verdicts + " At one extreme, every lost other "
            "having the outcome on the day of leaving and no lost difficult-to-treat before the end of the study, the "
            "ratio is {survival.loss.lowest.hr:ci}; at the other extreme {survival.loss.highest.hr:ci}.")
