"""The kidney at one visit: filtration, sediment, response by every rule, flare by every rule, failure."""

import numpy as np
import pandas as pd
import pytest

from helpers.answers import all_of, answer_where, any_of, as_answers, is_false, is_true, is_unknown
from helpers.definitions import (
    EGFR_EQUATIONS,
    FLARE_RULES,
    RESPONSE_RULES,
    EsrdRule,
    FlareCriterion,
    FlareRule,
    KidneyTest,
    ResponseCriteria,
    ResponseRule,
    UpcrLimit,
    load_rulebook,
)
from helpers.kidney import (
    derive_age,
    derive_egfr,
    derive_kidney_failure,
    derive_next_rows,
    derive_response_criteria,
    flag_active_sediment,
    flag_flare,
    flag_response,
    label_response,
)
from helpers.kidney.flare import derive_anchor_rows, derive_flare_criteria

# The CKD-EPI equations as printed by the National Kidney Foundation (2021 and 2009), worked out in R 4.2.2:
# 142 * pmin(s / k, 1)^a * pmax(s / k, 1)^-1.2 * 0.9938^age * 1.012 (women), k 0.7 / 0.9, a -0.241 / -0.302;
# 141 * pmin(s / k, 1)^a * pmax(s / k, 1)^-1.209 * 0.993^age * 1.018 (women), a -0.329 / -0.411.
GOLDEN_EGFR = [
    (True, 29, 0.6, 124.5299, 123.1744), (True, 29, 0.7, 119.9885, 117.0833), (True, 29, 1.0, 78.2091, 76.0709),
    (True, 29, 2.0, 34.0425, 32.9059), (False, 29, 0.9, 118.5657, 115.0131), (False, 29, 1.2, 83.9523, 81.2262),
    (False, 29, 2.4, 36.5424, 35.1359), (True, 40, 5.0, 10.5872, 10.0602),
]  # fmt: skip


@pytest.mark.parametrize(("is_female", "age", "creatinine", "new", "old"), GOLDEN_EGFR)
def test_filtration_equals_the_printed_equations(is_female, age, creatinine, new, old):
    found = [derive_egfr([creatinine], [age], [is_female], equation=EGFR_EQUATIONS[name])[0]
             for name in ("ckd_epi_2021", "ckd_epi_2009")]
    assert found == pytest.approx([new, old], abs=5e-5)


@pytest.mark.parametrize(("creatinine", "age", "is_female"), [
    (None, 29, True), (1.0, None, True), (1.0, 29, None), (0.0, 29, True), (1.0, 17.99, True),
])  # fmt: skip
def test_filtration_is_missing_where_it_cannot_be_told(creatinine, age, is_female):
    found = derive_egfr([creatinine], [age], [is_female], equation=EGFR_EQUATIONS["ckd_epi_2021"])
    assert np.isnan(found).all()
    assert not np.isnan(derive_egfr([1.0], [18], [True], equation=EGFR_EQUATIONS["ckd_epi_2021"])).any()


def test_age_does_not_change_when_both_dates_move():
    birth, day = pd.Series(pd.to_datetime(["1992-02-27"])), pd.Series(pd.to_datetime(["2020-02-28"]))
    week = pd.Timedelta(days=7)
    assert derive_age(birth, day)[0] == derive_age(birth + week, day + week)[0]


@pytest.mark.parametrize(("red", "white", "casts", "infection", "expected"), [
    (5, 5, "none", False, False), (5.01, 5, "none", False, True), (5, 5.01, "none", False, True),
    (5, 6, "none", True, False), (5, 6, "none", None, None), (6, 6, "none", True, True),
    (0, 0, "rbc", False, True), (0, 0, "wbc", True, True), (0, 0, "other", False, False),
    (None, 0, "none", False, None), (0, None, "none", False, None), (0, 0, None, False, None),
    (None, 0, "rbc", False, True), (0, None, "none", True, False),
])  # fmt: skip
def test_an_active_sediment_needs_one_part_for_certain(red, white, casts, infection, expected):
    urine = pd.DataFrame({"urine_rbc_hpf": [red], "urine_wbc_hpf": [white], "urine_casts": pd.array([casts], "string"),
                          "urine_infection": pd.array([infection], "boolean")}).astype(
                              {"urine_rbc_hpf": float, "urine_wbc_hpf": float})  # fmt: skip
    found = flag_active_sediment(urine)["active_sediment"][0]
    assert found is pd.NA if expected is None else bool(found) == expected


def test_white_cells_at_a_visit_leave_the_sediment_open():
    visits = pd.DataFrame({"urine_rbc_hpf": [0.0, 9.0], "urine_wbc_hpf": [9.0, 9.0], "urine_casts": "none"})
    assert flag_active_sediment(visits)["active_sediment"].tolist() == [pd.NA, True]


VISIT = {
    "month": 6.0, "creatinine_mg_dl": 0.8, "upcr_g_g": 1.0, "egfr": 100.0, "active_sediment": False,
    "baseline_creatinine_mg_dl": 0.8, "baseline_upcr_g_g": 4.0, "baseline_egfr": 100.0, "reference_egfr": 100.0,
    "reference_creatinine_mg_dl": 0.8,
}  # fmt: skip


def respond(rule: str, **changes: object) -> str:
    visit = pd.DataFrame([{**VISIT, **changes}]).astype({"active_sediment": "boolean"})
    visit = visit.astype({name: float for name in VISIT if name != "active_sediment"})
    return label_response(visit, rule=RESPONSE_RULES[rule])[0]


RESPONSES = [
    # ACR 2006: below 0.2 complete, up to and with 2.0 partial; eGFR normal, kept where normal, or up by a quarter
    ("acr_2006", {"upcr_g_g": 0.19}, "complete"), ("acr_2006", {"upcr_g_g": 0.2}, "partial"),
    ("acr_2006", {"upcr_g_g": 2.0}, "partial"), ("acr_2006", {"upcr_g_g": 2.01}, "none"),
    ("acr_2006", {"upcr_g_g": 0.1, "active_sediment": True}, "none"),
    ("acr_2006", {"upcr_g_g": 0.1, "active_sediment": None}, "cannot tell"),
    ("acr_2006", {"upcr_g_g": 2.01, "active_sediment": None}, "none"),
    ("acr_2006", {"upcr_g_g": 0.1, "baseline_egfr": 60.0, "egfr": 75.0}, "complete"),
    ("acr_2006", {"upcr_g_g": 0.1, "baseline_egfr": 60.0, "egfr": 74.9}, "none"),
    ("acr_2006", {"upcr_g_g": 0.1, "baseline_egfr": 89.9, "egfr": 90.0}, "complete"),
    ("acr_2006", {"upcr_g_g": 0.1, "baseline_egfr": 90.0, "egfr": 89.9}, "none"),
    # EULAR/ERA-EDTA 2012: below 0.5 and eGFR 90 or within a tenth of reference; halved to below 3.0
    ("eular_era_edta_2012", {"upcr_g_g": 0.49}, "complete"), ("eular_era_edta_2012", {"upcr_g_g": 0.5}, "partial"),
    ("eular_era_edta_2012", {"upcr_g_g": 2.0}, "partial"), ("eular_era_edta_2012", {"upcr_g_g": 2.01}, "none"),
    ("eular_era_edta_2012", {"upcr_g_g": 3.0, "baseline_upcr_g_g": 8.0}, "none"),
    ("eular_era_edta_2012", {"upcr_g_g": 2.99, "baseline_upcr_g_g": 8.0}, "partial"),
    ("eular_era_edta_2012", {"upcr_g_g": 0.3, "egfr": 72.0, "reference_egfr": 80.0, "baseline_egfr": 50.0}, "complete"),
    ("eular_era_edta_2012", {"upcr_g_g": 0.3, "egfr": 71.9, "reference_egfr": 80.0, "baseline_egfr": 50.0}, "partial"),
    ("eular_era_edta_2012", {"upcr_g_g": 0.3, "egfr": 44.9, "reference_egfr": 80.0, "baseline_egfr": 50.0}, "none"),
    ("eular_era_edta_2012", {"upcr_g_g": 0.3, "egfr": 45.0, "reference_egfr": 80.0, "baseline_egfr": 50.0}, "partial"),
    ("eular_era_edta_2012", {"upcr_g_g": None}, "cannot tell"),
    ("eular_era_edta_2012", {"upcr_g_g": None, "egfr": 50.0}, "none"),
    ("eular_era_edta_2012", {"egfr": None}, "cannot tell"),
    ("eular_era_edta_2012", {"egfr": None, "upcr_g_g": 3.5}, "none"),
    ("eular_era_edta_2012", {"baseline_upcr_g_g": 0.0, "upcr_g_g": 1.0}, "cannot tell"),
    ("eular_era_edta_2012", {"egfr": 80.0, "reference_egfr": None, "baseline_egfr": None}, "cannot tell"),
    ("eular_era_edta_2012", {"egfr": 90.0, "reference_egfr": None, "baseline_egfr": None}, "partial"),
    # EULAR/ERA-EDTA 2019: below 0.7; a quarter less, from month 5 on half
    ("eular_era_edta_2019", {"upcr_g_g": 0.69}, "complete"), ("eular_era_edta_2019", {"upcr_g_g": 0.7}, "partial"),
    ("eular_era_edta_2019", {"month": 4.99, "upcr_g_g": 3.0}, "partial"),
    ("eular_era_edta_2019", {"month": 4.99, "upcr_g_g": 3.01}, "none"),
    ("eular_era_edta_2019", {"month": 5.0, "upcr_g_g": 3.0}, "none"),
    ("eular_era_edta_2019", {"month": 5.0, "upcr_g_g": 2.0}, "partial"),
    ("eular_era_edta_2019", {"month": -1.0, "upcr_g_g": 3.0}, "partial"),
    # KDIGO 2012: 0.5 itself is complete; more than halved, and below 3.0 for the nephrotic only; creatinine
    ("kdigo_2012", {"upcr_g_g": 0.5, "creatinine_mg_dl": 0.88}, "complete"),
    ("kdigo_2012", {"upcr_g_g": 0.51}, "partial"), ("kdigo_2012", {"upcr_g_g": 2.0}, "none"),
    ("kdigo_2012", {"upcr_g_g": 0.5, "creatinine_mg_dl": 0.89}, "partial"),
    ("kdigo_2012", {"upcr_g_g": 1.0, "creatinine_mg_dl": 1.0}, "partial"),
    ("kdigo_2012", {"upcr_g_g": 1.0, "creatinine_mg_dl": 1.01}, "none"),
    ("kdigo_2012", {"upcr_g_g": 3.0, "baseline_upcr_g_g": 8.0}, "none"),
    ("kdigo_2012", {"upcr_g_g": 1.4, "baseline_upcr_g_g": 2.9}, "partial"),
    ("kdigo_2012", {"upcr_g_g": 2.99, "baseline_upcr_g_g": 8.0}, "partial"),
    # KDIGO 2021/2024: below 0.5, halved to below 3.0, eGFR within 15 per cent of baseline
    ("kdigo_2024", {"upcr_g_g": 0.49}, "complete"), ("kdigo_2024", {"upcr_g_g": 0.5}, "partial"),
    ("kdigo_2024", {"egfr": 85.0}, "partial"), ("kdigo_2024", {"egfr": 84.9}, "none"),
    ("kdigo_2024", {"upcr_g_g": 2.01}, "none"), ("kdigo_2024", {"upcr_g_g": 3.0, "baseline_upcr_g_g": 8.0}, "none"),
    # Dutch: creatinine within a quarter of the value before the flare; more than halved
    ("dutch", {"upcr_g_g": 0.49, "creatinine_mg_dl": 1.0}, "complete"),
    ("dutch", {"upcr_g_g": 0.49, "creatinine_mg_dl": 1.01}, "none"),
    ("dutch", {"upcr_g_g": 0.5}, "partial"), ("dutch", {"upcr_g_g": 2.0}, "none"),
    ("dutch", {"upcr_g_g": 1.99}, "partial"),
    # The newsletter: partial only below 0.7
    ("newsletter", {"upcr_g_g": 0.49}, "complete"), ("newsletter", {"upcr_g_g": 0.5}, "partial"),
    ("newsletter", {"upcr_g_g": 0.69}, "partial"), ("newsletter", {"upcr_g_g": 0.7}, "none"),
    ("newsletter", {"upcr_g_g": 0.49, "egfr": 89.9}, "none"),
    ("newsletter", {"upcr_g_g": 0.49, "egfr": 90.0}, "complete"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "changes", "expected"), RESPONSES)
def test_each_response_rule_turns_at_its_thresholds(rule, changes, expected):
    assert respond(rule, **changes) == expected


@pytest.mark.parametrize(("upcr", "expected"), [(0.69, "complete"), (0.7, "partial"), (0.71, "partial")])
def test_a_moved_limit_of_complete_response_turns_at_its_new_threshold(upcr, expected):
    rule = load_rulebook().with_complete_upcr("eular_era_edta_2012", 0.7).response_rule("eular_era_edta_2012")
    assert label_response(pd.DataFrame([{**VISIT, "upcr_g_g": upcr}]), rule=rule)[0] == expected


def test_every_shipped_response_rule_has_its_thresholds_tested():
    assert {rule for rule, _, _ in RESPONSES} == set(RESPONSE_RULES)


def test_a_response_can_be_known_where_its_grade_is_not():
    rule = ResponseRule("own", "Own", source="test", complete=ResponseCriteria(UpcrLimit(0.5), inactive_sediment=True),
                        partial=ResponseCriteria(UpcrLimit(1.0)))  # fmt: skip
    visit = pd.DataFrame([{**VISIT, "upcr_g_g": 0.3, "active_sediment": None}]).astype({"active_sediment": "boolean"})
    flags = flag_response(visit, rule=rule)
    assert flags[["is_complete", "is_partial", "is_response"]].iloc[0].tolist() == [pd.NA, True, True]
    assert label_response(visit, rule=rule)[0] == "cannot tell"


def test_the_margin_says_by_how_much_a_value_passed_or_failed():
    visit = pd.DataFrame([{**VISIT, "upcr_g_g": 1.0, "egfr": 50.0, "baseline_upcr_g_g": 4.0}])
    groups = derive_response_criteria(visit, asked=RESPONSE_RULES["eular_era_edta_2012"].partial)
    margins = {criterion.name: float(np.exp(criterion.margin[0])) for group in groups for criterion in group}
    assert margins == pytest.approx({
        "proteinuria low enough": 3.0, "proteinuria fallen enough": 2.0, "egfr at a fixed value": 50 / 90,
        "egfr against baseline": 50 / 90,
    })  # fmt: skip


def test_a_criterion_that_does_not_apply_cannot_be_turned_by_any_value():
    visit = pd.DataFrame([{**VISIT, "baseline_upcr_g_g": 2.0}])
    nephrotic = derive_response_criteria(visit, asked=RESPONSE_RULES["kdigo_2012"].partial)[1][0]
    assert nephrotic.margin[0] == np.inf
    only_abnormal = ResponseCriteria(kidney=(KidneyTest("egfr", "baseline", 1.25, only_if_baseline_abnormal=True),))
    assert derive_response_criteria(visit, asked=only_abnormal)[0][0].margin[0] == -np.inf
    included = ResponseCriteria(nephrotic_upcr=UpcrLimit(1.0, included=True))
    assert is_true(derive_response_criteria(visit.assign(baseline_upcr_g_g=4.0), asked=included)[0][0].passed).all()


CALM = {
    "upcr_g_g": 0.3, "creatinine_mg_dl": 0.8, "egfr": 100.0, "urine_rbc_hpf": 3.0, "active_sediment": False,
    "anchor_upcr_g_g": 0.3, "anchor_creatinine_mg_dl": 0.8, "anchor_egfr": 100.0, "anchor_urine_rbc_hpf": 3.0,
}  # fmt: skip


def flares(rule: FlareRule, **changes: object) -> bool | None:
    visit = pd.DataFrame([{**CALM, **changes}]).astype({"active_sediment": "boolean"})
    visit = visit.astype({name: float for name in CALM if name != "active_sediment"})
    found = flag_flare(visit, rule=rule)["is_flare"][0]
    return None if found is pd.NA else bool(found)


FLARES = [
    ("kdigo_2012_moderate", {}, False),
    ("kdigo_2012_moderate", {"upcr_g_g": 0.99}, False), ("kdigo_2012_moderate", {"upcr_g_g": 1.0}, True),
    ("kdigo_2012_moderate", {"anchor_upcr_g_g": 0.5, "upcr_g_g": 1.99}, False),
    ("kdigo_2012_moderate", {"anchor_upcr_g_g": 0.5, "upcr_g_g": 2.0}, True),
    ("kdigo_2012_moderate", {"anchor_upcr_g_g": 1.0, "upcr_g_g": 1.99}, False),
    ("kdigo_2012_moderate", {"anchor_upcr_g_g": 1.0, "upcr_g_g": 2.0}, True),
    ("kdigo_2012_moderate", {"anchor_upcr_g_g": 1.1, "upcr_g_g": 2.19}, False),
    ("kdigo_2012_moderate", {"anchor_upcr_g_g": 1.1, "upcr_g_g": 2.2}, True),
    ("kdigo_2012_moderate", {"creatinine_mg_dl": 0.99}, False),
    ("kdigo_2012_moderate", {"creatinine_mg_dl": 1.0}, True),
    ("kdigo_2012_moderate", {"anchor_creatinine_mg_dl": 2.0, "creatinine_mg_dl": 2.39}, False),
    ("kdigo_2012_moderate", {"anchor_creatinine_mg_dl": 2.0, "creatinine_mg_dl": 2.4}, True),
    ("kdigo_2012_moderate", {"upcr_g_g": None}, None),
    ("kdigo_2012_moderate", {"upcr_g_g": None, "creatinine_mg_dl": 1.0}, True),
    ("kdigo_2012_moderate", {"anchor_upcr_g_g": None, "upcr_g_g": 0.99}, None),
    ("kdigo_2012_severe", {"creatinine_mg_dl": 1.8}, False), ("kdigo_2012_severe", {"creatinine_mg_dl": 1.81}, True),
    ("kdigo_2012_severe", {"anchor_creatinine_mg_dl": 2.0, "creatinine_mg_dl": 3.5}, False),
    ("kdigo_2012_severe", {"anchor_creatinine_mg_dl": 2.0, "creatinine_mg_dl": 3.51}, True),
    ("kdigo_2012_severe", {"upcr_g_g": 5.3}, False), ("kdigo_2012_severe", {"upcr_g_g": 5.31}, True),
    ("milan", {"upcr_g_g": 2.29}, False), ("milan", {"upcr_g_g": 2.3}, True),
    ("milan", {"anchor_upcr_g_g": 3.5, "upcr_g_g": 6.99}, False),
    ("milan", {"anchor_upcr_g_g": 3.5, "upcr_g_g": 7.0}, True),
    ("milan", {"creatinine_mg_dl": 1.04, "active_sediment": True}, True),
    ("milan", {"creatinine_mg_dl": 1.03, "active_sediment": True}, False),
    ("milan", {"creatinine_mg_dl": 1.04, "active_sediment": False}, False),
    ("milan", {"creatinine_mg_dl": 1.04, "active_sediment": None}, None),
    ("trial", {"upcr_g_g": 0.5}, False), ("trial", {"upcr_g_g": 0.51}, True),
    ("trial", {"anchor_upcr_g_g": 0.6, "upcr_g_g": 1.19}, False),
    ("trial", {"anchor_upcr_g_g": 0.6, "upcr_g_g": 1.2}, True),
    ("trial", {"egfr": 89.9, "urine_rbc_hpf": 11.0}, True), ("trial", {"egfr": 90.0, "urine_rbc_hpf": 11.0}, False),
    ("trial", {"egfr": 89.9, "urine_rbc_hpf": 10.0}, False), ("trial", {"egfr": 89.9, "urine_rbc_hpf": None}, None),
    ("trial", {"egfr": 89.9, "urine_rbc_hpf": 26.0, "anchor_urine_rbc_hpf": 10.0}, True),
    ("trial", {"egfr": 89.9, "urine_rbc_hpf": 51.0, "anchor_urine_rbc_hpf": 26.0}, False),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "changes", "expected"), FLARES)
def test_each_flare_rule_turns_at_its_thresholds(rule, changes, expected):
    assert flares(FLARE_RULES[rule], **changes) is expected


def test_every_shipped_flare_rule_has_its_thresholds_tested():
    assert {rule for rule, _, _ in FLARES} == set(FLARE_RULES)


def test_the_margin_of_a_flare_is_measured_on_the_value_itself():
    visit = pd.DataFrame([{**CALM, "creatinine_mg_dl": 1.5}])
    rise, out_of_range = derive_flare_criteria(visit, rule=FLARE_RULES["kdigo_2012_moderate"])[:2]
    assert np.exp(rise.margin[0]) == pytest.approx(1.5)  # 1.5 against the 1.0 at which a rise of 0.2 from 0.8 begins
    assert out_of_range.margin[0] == -np.inf


def test_a_flare_by_loss_of_filtration_is_a_share_of_the_anchor():
    rule = FlareRule("own", "Own", (FlareCriterion("egfr", "fall", 0.25),), "test")
    assert [flares(rule, egfr=value) for value in (76.0, 75.0, 74.0)] == [False, True, True]


def test_a_flare_is_anchored_at_the_last_earlier_response_of_the_same_patient():
    patients = np.array([0, 0, 0, 1, 1])
    assert derive_anchor_rows(patients, np.array([True, False, True, False, True])).tolist() == [-1, 0, 0, -1, -1]
    assert derive_anchor_rows(np.array([], dtype=int), np.array([], dtype=bool)).tolist() == []


def test_the_next_visit_is_one_of_the_same_patient_and_far_enough_away():
    assert derive_next_rows([0, 0, 1, 1], [0, 40, 41, 60], at_least_days=0).tolist() == [1, -1, 3, -1]
    assert derive_next_rows([0, 0, 1, 1], [0, 40, 41, 60], at_least_days=20).tolist() == [1, -1, -1, -1]


ZERO = pd.Timestamp("2015-01-01")


def failure(events: list[tuple], visits: list[tuple] = (), end: int = 1000, rule: EsrdRule | None = None) -> list[int]:
    """Days from time zero on which the kidney failed."""
    table = pd.DataFrame(events, columns=["event_type", "start", "end"]).assign(patient_id="P")
    table["event_date"] = ZERO + pd.to_timedelta(table["start"].astype(float), unit="D")
    table["event_end_date"] = ZERO + pd.to_timedelta(table["end"].astype(float), unit="D")
    seen = pd.DataFrame(visits, columns=["day", "egfr"]).astype(float).assign(patient_id="P")
    seen["visit_date"] = ZERO + pd.to_timedelta(seen["day"], unit="D")
    people = pd.DataFrame({"patient_id": ["P"], "time_zero_date": [ZERO],
                           "followup_end_date": [ZERO + pd.Timedelta(days=end)]})  # fmt: skip
    found = derive_kidney_failure(table, seen, people, **({"rule": rule} if rule else {}))
    return [(day - ZERO).days for day in found["esrd_date"]]


@pytest.mark.parametrize(("events", "expected"), [
    ([], []), ([("transplant", 300, None)], [300]), ([("dialysis", 100, None)], [100]),
    ([("dialysis", 100, 189)], []), ([("dialysis", 100, 190)], [100]), ([("dialysis", 950, 1000)], [950]),
    ([("dialysis", 100, 120), ("dialysis", 500, None)], [500]), ([("dialysis", -200, 0)], []),
    ([("dialysis", -200, 1)], [-200]), ([("transplant", 300, None), ("dialysis", 200, None)], [200]),
    ([("adverse_event", 5, None)], []),
])  # fmt: skip
def test_kidney_failure_is_lasting_dialysis_or_a_transplant(events, expected):
    assert failure(events) == expected


@pytest.mark.parametrize(("visits", "expected"), [
    ([(10, 14.9), (99, 14.0)], []), ([(10, 14.9), (100, 14.0)], [10]), ([(10, 15.0), (100, 14.0), (190, 14.0)], [100]),
    ([(10, 14.0), (50, 15.0), (120, 14.0)], []), ([(10, 14.0), (50, None), (120, 14.0)], [10]),
    ([(0, 14.0), (90, 14.0)], []), ([(10, 14.0)], []), ([(10, 40.0), (120, 40.0)], []),
])  # fmt: skip
def test_kidney_failure_is_low_filtration_on_every_visit_for_long_enough(visits, expected):
    assert failure([], visits) == expected


def test_low_filtration_of_one_patient_is_found_whoever_comes_before():
    names = pd.Series(["A"] * 2 + ["B"] * 3 + ["C"] * 2, dtype="string")
    visits = pd.DataFrame({"patient_id": names, "visit_date": [ZERO + pd.Timedelta(days=at) for at in
                           (10, 200, 10, 50, 150, 160, 300)], "egfr": [40.0, 14.0, 60.0, 14.0, 13.0, 12.0, 11.0]})
    people = pd.DataFrame({"patient_id": pd.Series(["A", "B", "C"], dtype="string"), "time_zero_date": ZERO,
                           "followup_end_date": ZERO + pd.Timedelta(days=900)})  # fmt: skip
    events = pd.DataFrame({"patient_id": pd.Series([], dtype="string"), "event_type": pd.Series([], dtype="string"),
                           "event_date": pd.to_datetime([]), "event_end_date": pd.to_datetime([])})  # fmt: skip
    found = derive_kidney_failure(events, visits, people).set_index("patient_id")["esrd_date"]
    assert {name: (day - ZERO).days for name, day in found.items()} == {"B": 50, "C": 160}


def test_kidney_failure_of_a_patient_who_is_not_followed_is_not_looked_for():
    events = pd.DataFrame({"patient_id": ["Q"], "event_type": ["transplant"], "event_date": [ZERO],
                           "event_end_date": [pd.NaT]})  # fmt: skip
    people = pd.DataFrame({"patient_id": ["P"], "time_zero_date": [ZERO], "followup_end_date": [ZERO]})
    visits = pd.DataFrame({"patient_id": ["Q"], "visit_date": [ZERO], "egfr": [5.0]})
    assert derive_kidney_failure(events, visits, people).empty


ANSWERS = [True, False, None]


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("second", ANSWERS)
def test_a_missing_part_matters_only_where_it_could_change_the_whole(first, second):
    parts = [as_answers([first]), as_answers([second])]
    possible = [(a, b) for a in ((first,) if first is not None else (True, False))
                for b in ((second,) if second is not None else (True, False))]
    for combine, check in ((all_of, all), (any_of, any)):
        outcomes = {check(pair) for pair in possible}
        found = combine(parts)
        assert is_unknown(found)[0] == (len(outcomes) == 2)
        assert is_true(found)[0] == (outcomes == {True})
        assert is_false(found)[0] == (outcomes == {False})


def test_comparisons_forgive_what_binary_fractions_do_to_printed_decimals():
    assert answer_where([0.1 + 0.2, 0.3, 0.29999], ">=", 0.3).tolist() == [True, True, False]
    whole = pd.array([1, None], dtype="Int64")
    assert answer_where(whole, "<", pd.array([2, 2], dtype="Int64")).tolist() == [True, pd.NA]
