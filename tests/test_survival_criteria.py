"""Label and outcome must not share criteria: which labels creatinine made, read from a trace as it is written."""

import numpy as np
import pandas as pd
import pytest

from helpers.definitions import WORSENING_RULES
from helpers.parameters import Parameters
from helpers.stages import make_tables
from helpers.survival import derive_outcomes, label_groups
from helpers.survival.criteria import estimate_criteria, estimate_parts, keep_new_criteria
from helpers.survival.incorporation import count_shared_criteria, flag_creatinine_arms, label_without_creatinine
from helpers.survival.time_zero import estimate_time_zero
from helpers.synthetic import simulate_cohort

URINE, CREATININE, EGFR = "ratio of upcr_g_g to baseline", "ratio of creatinine_mg_dl to baseline", "egfr"
DAY = "2020-04-01"


def trace_of(arm, *rows, why="the visit nearest to the target speaks for the window", answer=True):
    """Rows of (part, measure, passed[, note[, day]]), then the arm's answer."""
    full = [(*row, *["judged", DAY][len(row) - 3:]) for row in rows]
    full.append(("answer", "answer", answer, why, DAY))
    table = pd.DataFrame(full, columns=["part", "measure", "passed", "note", "visit_date"])
    texts = {name: table[name].astype("string") for name in ("part", "measure", "note")}
    return table.assign(**texts, passed=table.passed.astype("boolean"), patient_id="P1", arm=arm,
                        visit_date=pd.to_datetime(table.visit_date))  # fmt: skip


def needs(trace):
    found = flag_creatinine_arms(trace)
    return found.needs_creatinine.tolist()


@pytest.mark.parametrize(("urine", "creatinine", "expected"), [
    (True, False, False), (True, True, False), (False, True, True), (None, True, True)])  # fmt: skip
def test_worsening_needs_creatinine_when_proteinuria_does_not_show_it(urine, creatinine, expected):
    assert needs(trace_of("worsening_3m", ("worsening", URINE, urine), ("worsening", CREATININE, creatinine))) == [
        expected]


def test_an_arm_that_says_no_is_not_asked():
    assert needs(trace_of("worsening_3m", ("worsening", URINE, False), ("worsening", CREATININE, False),
                          answer=False)) == []  # fmt: skip


def test_a_confirming_visit_that_only_creatinine_confirms_needs_it_too():
    both = [("worsening", URINE, True), ("worsening", CREATININE, False)]
    later = [("worsening", URINE, False, "asked to confirm", "2020-04-20"),
             ("worsening", CREATININE, True, "asked to confirm", "2020-04-20")]  # fmt: skip
    assert needs(trace_of("worsening_3m", *both, *later)) == [True]


def failure(complete, fallen, low, kidney):
    return trace_of("failure_6m", ("complete: proteinuria low enough", "upcr_g_g", complete),
                    ("complete: kidney function", EGFR, kidney), ("partial: proteinuria low enough", "upcr_g_g", low),
                    ("partial: proteinuria fallen enough", "fall of upcr_g_g", fallen),
                    ("partial: kidney function", EGFR, kidney))  # fmt: skip


@pytest.mark.parametrize(("complete", "fallen", "low", "expected"), [
    (False, False, True, False), (False, True, False, False),  # the urine denies the response
    (False, True, True, True), (True, False, True, True),  # it would have been one, but for kidney function
    (False, True, None, False),  # cannot be told: shows nothing
])  # fmt: skip
def test_failure_needs_creatinine_when_the_urine_alone_would_be_a_response(complete, fallen, low, expected):
    assert needs(failure(complete, fallen, low, kidney=False)) == [expected]


def test_a_flare_needs_creatinine_when_no_urine_criterion_that_applies_shows_it():
    rises = [("flare", "rise of creatinine_mg_dl", True), ("flare", "upcr_g_g", True, "does not apply")]
    assert needs(trace_of("early_flare", *rises, ("flare", "rise of upcr_g_g", False))) == [True]
    assert needs(trace_of("early_flare", *rises, ("flare", "rise of upcr_g_g", True))) == [False]


def test_kidney_failure_instead_of_a_response_counts_as_creatinine():
    assert needs(trace_of("no_response", why="kidney failure by the end of the window")) == [True]


LABELS = pd.DataFrame({
    "patient_id": ["P1", "P2", "P3", "P4"], "dtt": ["yes", "yes", "no", "yes"],
    "dtt_arm": ["worsening_3m", "worsening_3m", None, "failure_6m"], "dtt_date": pd.to_datetime([DAY, DAY, None, DAY]),
    "dtt_month": [3.0, 3.0, np.nan, 6.0],
    "arm_worsening_3m": ["yes", "yes", "no", "cannot tell"], "arm_worsening_3m_month": [3.0, 3.0, np.nan, np.nan],
    "arm_failure_6m": ["yes", "no", "no", "yes"], "arm_failure_6m_month": [5.0, np.nan, np.nan, 6.0],
})  # fmt: skip


def traces():
    rise = trace_of("worsening_3m", ("worsening", URINE, False), ("worsening", CREATININE, True))
    kidney = failure(False, True, True, kidney=False)
    return pd.concat([rise, rise.assign(patient_id="P2"), kidney.assign(patient_id="P4")], ignore_index=True)


def test_a_label_without_creatinine_comes_from_the_other_arms_on_their_day():
    found = label_without_creatinine(LABELS, trace=traces())
    assert found.dtt.tolist() == ["yes", "no", "no", "cannot tell"]
    assert found.dtt_date.dt.strftime("%Y-%m-%d").fillna("").tolist() == ["2020-06-01", "", "", ""]  # two months on


def test_an_arm_that_is_switched_off_is_not_asked():
    alone = LABELS.drop(columns=["arm_failure_6m", "arm_failure_6m_month"])
    assert label_without_creatinine(alone, trace=traces()).dtt.tolist() == ["no", "no", "no", "cannot tell"]


def test_outcomes_that_came_with_or_before_the_label_are_counted_by_arm():
    outcomes = pd.DataFrame({
        "patient_id": ["P1", "P2", "P3", "P4"], "group": ["dtt", "dtt", "other", "dtt"],
        "label_month": [3.0, 3.0, np.nan, 6.0], "composite_months": [3.0, 8.0, 3.0, 5.0],
        "composite_status": ["worsening_creatinine", "worsening_creatinine", "esrd", "esrd"]})  # fmt: skip
    found = count_shared_criteria(outcomes, labels=LABELS, trace=traces()).set_index("arm")
    worse = found.loc["worsening_3m"]
    assert (worse.dtt_n, worse.needs_creatinine_n, worse.outcomes_n, worse.by_label_n) == (2, 2, 2, 1)
    assert (worse.same_day_n, worse.same_event_n, worse.after_creatinine_n) == (1, 1, 1)
    failed = found.loc["failure_6m"]
    assert (failed.by_label_n, failed.esrd_n, failed.same_day_n, failed.same_event_n) == (1, 1, 0, 0)
    assert found.loc["no_response"].drop("label").eq(0).all()
    assert found.loc["all"].drop("label").tolist() == [3, 3, 3, 2, 1, 1, 0, 1, 1, 1]
    nobody = count_shared_criteria(outcomes.loc[outcomes.group == "other"], labels=LABELS, trace=traces())
    assert nobody.drop(columns=["arm", "label"]).eq(0).all(axis=None)


@pytest.mark.parametrize(("n", "seed"), [(4, 1), (30, 5), (150, 11)])
def test_the_criteria_of_any_simulated_cohort_agree_with_the_table_of_time_zero(n, seed):
    raw = simulate_cohort(n=n, seed=seed)
    tables = make_tables(raw, Parameters())
    common = {"cohort": tables["cohort"], "events": raw["events"], "worsening": WORSENING_RULES["confirmed_doubling"]}
    outcomes = derive_outcomes(tables["assessments"], **common)
    plain = label_without_creatinine(tables["dtt_labels"], trace=tables["dtt_trace"])
    labelled = label_groups(outcomes, labels=tables["dtt_labels"])
    assert (plain.dtt.eq("yes") <= tables["dtt_labels"].dtt.eq("yes")).all()
    assert (plain.dtt_date.dropna() >= tables["dtt_labels"].dtt_date[plain.dtt_date.notna()]).all()
    later = derive_outcomes(tables["assessments"], **common, from_months=24.0)
    found = estimate_criteria(labelled, landmark_months=24.0, rebaselined=later,
                              relabelled=label_groups(outcomes, labels=plain)).set_index("term")  # fmt: skip
    rows = estimate_time_zero(labelled, landmark_months=24.0, rebaselined=later).set_index("term")
    for way in ("naive", "landmark", "timedependent", "rebaselined"):
        np.testing.assert_allclose(found.estimate[f"composite.{way}"], rows.estimate[way])
    parts = estimate_parts(labelled).set_index("term")
    np.testing.assert_allclose(found.estimate[parts.index].astype(float), parts.estimate.astype(float))
    assert len(keep_new_criteria(found.reset_index())) == len(found) - 3
    shared = count_shared_criteria(labelled, labels=tables["dtt_labels"], trace=tables["dtt_trace"]).set_index("arm")
    assert (shared.drop(index="all").drop(columns="label").sum() == shared.loc["all"].drop("label")).all()
