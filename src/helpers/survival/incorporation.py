"""What the label and the outcome have in common: which labels creatinine made, and which outcomes made a label.

Creatinine, or the eGFR computed from it, can settle every arm of the label: worsening by creatinine alone, a response
denied by kidney function alone, a flare by creatinine alone, kidney failure instead of a response.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import ARM_LABELS, ARMS, COMPOSITE_PARTS, DAYS_PER_MONTH
from helpers.incidence import CENSORED

_KIDNEY_MEASURES = ("creatinine", "egfr")
_ALL = "all"
_ASIDE = ("a later response", "does not apply")


def flag_creatinine_arms(trace: pd.DataFrame) -> pd.DataFrame:
    """Which answers "yes" of an arm would not have been given without creatinine: one row per patient and arm.

    patient_id, arm, needs_creatinine. Read from the criteria that the trace holds for the visit that was judged and
    the one that confirmed it. Worsening and flare: no measure but creatinine showed it at one of these visits. Failure
    and no response: proteinuria alone would have been a response at one of them. Kidney failure in place of a visit
    counts as creatinine. Under "no response" the trace holds the last visit judged, so that an earlier response by
    proteinuria alone goes unseen. A criterion that could not be told did not show anything.
    """
    answers = trace.loc[trace["part"].eq("answer") & trace["passed"].eq(True).fillna(False)]
    keys = answers[["patient_id", "arm", "note"]].rename(columns={"note": "why"})
    rows = trace.loc[trace["visit_date"].notna() & ~trace["part"].eq("answer") & ~trace["note"].isin(_ASIDE)]
    rows = rows.merge(keys, on=["patient_id", "arm"])
    is_kidney = rows["measure"].str.contains("|".join(_KIDNEY_MEASURES), regex=True).fillna(False).to_numpy(dtype=bool)
    passed = rows["passed"].eq(True).fillna(False).to_numpy(dtype=bool)
    urine = rows.assign(passed=passed).loc[~is_kidney]
    settled = pd.concat([_without_finding(urine), _with_response(urine)], ignore_index=True).drop_duplicates()
    found = keys.merge(settled, how="left", on=["patient_id", "arm"])
    failed = found["why"].str.startswith("kidney failure").fillna(False).to_numpy(dtype=bool)
    return found[["patient_id", "arm"]].assign(needs_creatinine=found["needs_creatinine"].eq(True).to_numpy() | failed)


def _without_finding(urine: pd.DataFrame) -> pd.DataFrame:
    """Worsening and flare: a visit at which no measure of the urine shows it."""
    rows = urine.loc[urine["part"].isin(["worsening", "flare"])]
    shown = rows.groupby(["patient_id", "arm", "visit_date"])["passed"].any().reset_index()
    return shown.loc[~shown["passed"], ["patient_id", "arm"]].assign(needs_creatinine=True)


def _with_response(urine: pd.DataFrame) -> pd.DataFrame:
    """Failure and no response: a visit at which all that is asked of the urine for one grade holds."""
    rows = urine.assign(grade=urine["part"].str.extract(r"^(complete|partial):", expand=False)).dropna(subset=["grade"])
    met = rows.groupby(["patient_id", "arm", "visit_date", "grade"])["passed"].all().reset_index()
    return met.loc[met["passed"], ["patient_id", "arm"]].assign(needs_creatinine=True)


def label_without_creatinine(labels: pd.DataFrame, *, trace: pd.DataFrame) -> pd.DataFrame:
    """The labels as they are when no answer counts that creatinine gave: patient_id, dtt, dtt_date.

    One row per patient, as given. An arm that needed creatinine (`flag_creatinine_arms`) answers no; the label is then
    yes on the first day of the arms that still say so, no where all say no, else "cannot tell".
    """
    flags = flag_creatinine_arms(trace).pivot_table(
        index="patient_id", columns="arm", values="needs_creatinine", aggfunc="max")
    arms = [arm for arm in ARMS if f"arm_{arm}" in labels]
    needs = flags.reindex(index=labels["patient_id"], columns=arms).eq(True).to_numpy()
    answers = labels[[f"arm_{arm}" for arm in arms]].to_numpy(dtype=object)
    says_yes = (answers == "yes") & ~needs
    months = np.where(says_yes, labels[[f"arm_{arm}_month" for arm in arms]].to_numpy(dtype=float), np.nan)
    month = pd.DataFrame(months).min(axis=1).to_numpy()
    dtt = np.select([says_yes.any(axis=1), (answers == "cannot tell").any(axis=1)], ["yes", "cannot tell"], "no")
    # the date of the label is that of its first arm: shift it by the months between the two
    gap = (month - labels["dtt_month"].to_numpy(dtype=float)) * DAYS_PER_MONTH
    shift = pd.to_timedelta(np.round(np.nan_to_num(gap)), unit="D")
    date = pd.Series(labels["dtt_date"].to_numpy() + shift).mask(np.isnan(gap))
    return pd.DataFrame({"patient_id": labels["patient_id"].to_numpy(), "dtt": pd.array(dtt, dtype="string"),
                         "dtt_date": date})  # fmt: skip


def count_shared_criteria(outcomes: pd.DataFrame, *, labels: pd.DataFrame, trace: pd.DataFrame) -> pd.DataFrame:
    """How often label and outcome were one and the same: one row per arm that made labels first, and "all".

    arm, label (words), dtt_n (labelled patients with an outcome to follow), needs_creatinine_n (labels that creatinine
    or kidney failure settled), outcomes_n (composite outcomes of theirs), by_label_n (outcomes on or before the day
    of the label) and its parts worsening_creatinine_n, esrd_n, death_n, same_day_n (on that very day),
    same_event_n (on that day, and creatinine or kidney failure settled the label: one event, counted as both),
    after_creatinine_n (worsening creatinine after a label that creatinine had settled).
    """
    people = outcomes.loc[outcomes["composite_status"].notna() & outcomes["group"].eq("dtt")].merge(
        labels[["patient_id", "dtt_arm"]], on="patient_id").merge(
        flag_creatinine_arms(trace), how="left", left_on=["patient_id", "dtt_arm"], right_on=["patient_id", "arm"])
    status = people["composite_status"]
    months, label = people["composite_months"].astype(float), people["label_month"].astype(float)
    is_event, needs = status.ne(CENSORED), people["needs_creatinine"].eq(True)
    is_early, is_same = is_event & (months <= label), is_event & (months == label)
    flags = pd.DataFrame({
        "dtt_n": True, "needs_creatinine_n": needs, "outcomes_n": is_event, "by_label_n": is_early,
        **{f"{part}_n": is_early & status.eq(part) for part in COMPOSITE_PARTS}, "same_day_n": is_same,
        "same_event_n": is_same & needs & ~status.eq("death"),
        "after_creatinine_n": needs & status.eq("worsening_creatinine") & (months > label),
    }, index=people.index).astype(int)  # fmt: skip
    arms = people["dtt_arm"].astype(object)
    counts = flags.groupby(arms).sum().reindex(list(ARMS), fill_value=0)
    table = pd.concat([counts, flags.sum().to_frame(_ALL).T]).rename_axis("arm").reset_index()
    table.insert(1, "label", table["arm"].map({**ARM_LABELS, _ALL: "Any arm"}))
    return table
