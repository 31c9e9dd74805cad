"""Who is in the study: index biopsy, dates, features, scores, exclusions and the flow, on the smallest patients."""

import numpy as np
import pandas as pd
import pytest

from helpers.cohort import EXCLUSIONS, count_flow, derive_cohort
from helpers.cohort.features import answer_apl, derive_nih_index, derive_sledai
from helpers.cohort.summaries import (
    count_by_era,
    derive_followup_lines,
    derive_followup_outcomes,
    derive_missing_map,
    describe_least_followup,
    find_differences,
    label_inclusion,
    summarise_cohort,
    summarise_excluded,
    summarise_visit_coverage,
)
from helpers.cohort.times import count_completed_months, derive_followup_ends, label_era
from helpers.figures.cohort import draw_era_regimens, draw_flow, draw_followup_lines, draw_missing_map
from helpers.parameters import Parameters
from helpers.schema.dictionary import nih_weights, raw_dictionary, sledai_points
from helpers.stages import derive_cohort_tables, make_tables
from helpers.synthetic import simulate_cohort

ZERO = pd.Timestamp("2015-03-02")


def day(number: float) -> pd.Timestamp:
    return ZERO + pd.Timedelta(days=number)


def table(name: str, rows: list[dict]) -> pd.DataFrame:
    dtypes = {column.name: column.dtype for column in raw_dictionary().tables[name].columns.values()}
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)


def make_raw(**changes: object) -> dict[str, pd.DataFrame]:
    """One eligible patient; `table__column=value` changes all rows of a column, `table=rows` replaces a table."""
    who = {"patient_id": "P"}
    rows = {
        "patients": [{**who, "sex": "female", "birth_date": pd.Timestamp("1985-03-10"),
                      "sle_onset_date": pd.Timestamp("2011-02-25")}],
        "baseline": [{**who, "assessment_date": day(-5)}],
        "biopsies": [{**who, "biopsy_id": "B1", "biopsy_date": day(-5), "isn_rps_class": "IV"}],
        "visits": [{**who, "visit_date": day(at), "creatinine_mg_dl": 1.0, "upcr_g_g": upcr}
                   for at, upcr in ((0, 3.0), (180, 1.0), (900, 0.4))],
        "treatments": [{**who, "course_number": 1, "phase": "induction", "regimen": "mycophenolate",
                        "start_date": day(0)}],
        "events": [],
    }  # fmt: skip
    rows |= {name: value for name, value in changes.items() if "__" not in name}
    raw = {name: table(name, content) for name, content in rows.items()}
    for name, value in changes.items():
        if "__" in name:
            which, column = name.split("__")
            raw[which][column] = pd.Series([value] * len(raw[which]), dtype=raw[which][column].dtype)
    return raw


def cohort(parameters: dict | None = None, **changes: object) -> pd.Series:
    found = derive_cohort(make_raw(**changes), parameters=Parameters(**(parameters or {})))
    assert len(found) == 1
    return found.iloc[0]


def biopsy(at: float, isn: str | None, name: str = "B") -> dict:
    return {"patient_id": "P", "biopsy_id": f"{name}{at}", "biopsy_date": day(at), "isn_rps_class": isn}


def test_the_smallest_eligible_patient_is_in_the_study():
    found = cohort()
    assert bool(found["is_eligible"]) and found["first_exclusion"] is pd.NA
    assert (found["age_years"], found["disease_duration_months"]) == (29, 48)
    assert (found["time_zero_date"], found["followup_end_date"]) == (day(0), day(900))
    assert found["followup_months"] == pytest.approx(900 / 30.4375)
    assert (found["era"], found["class_group"], found["induction_regimen"]) == ("2013 to 2016", "IV", "mycophenolate")


@pytest.mark.parametrize(("biopsies", "expected", "exclusion"), [
    ([biopsy(-5, "II"), biopsy(-3, "III")], -3, None),
    ([biopsy(-3, "V"), biopsy(-5, "IV+V")], -5, None),
    ([biopsy(-5000, "III"), biopsy(-5, "IV")], -5, None),
    ([biopsy(-5000, "III"), biopsy(-6000, "II")], -5000, "excluded_outside_period"),
    ([biopsy(-5, "II"), biopsy(-9, "VI")], -9, "excluded_other_class"),
    ([biopsy(-5, None)], -5, "excluded_other_class"),
    ([], None, "excluded_no_biopsy"),
])  # fmt: skip
def test_the_index_biopsy_is_the_first_of_the_right_class_in_the_period(biopsies, expected, exclusion):
    found = cohort(biopsies=biopsies)
    assert found["index_biopsy_date"] is pd.NaT if expected is None else found["index_biopsy_date"] == day(expected)
    assert found["first_exclusion"] is pd.NA if exclusion is None else found["first_exclusion"] == exclusion


@pytest.mark.parametrize(("at", "inside"), [
    ("2004-01-01", True), ("2003-12-31", False), ("2022-12-31", True), ("2023-01-01", False)])  # fmt: skip
def test_both_ends_of_the_study_period_count(at, inside):
    found = cohort(biopsies=[{**biopsy(0, "III"), "biopsy_date": pd.Timestamp(at)}])
    assert bool(found["excluded_outside_period"]) is not inside


@pytest.mark.parametrize(("isn", "group"), [
    ("III", "III"), ("IV", "IV"), ("V", "V"), ("III+V", "mixed"), ("IV+V", "mixed"), ("II", None),
    ("VI", None)])  # fmt: skip
def test_classes_fall_into_the_four_groups_of_the_abstract(isn, group):
    found = cohort(biopsies=[biopsy(-5, isn)])["class_group"]
    assert found is pd.NA if group is None else found == group


def test_without_induction_there_is_no_time_zero():
    found = cohort(treatments=[])
    assert found["first_exclusion"] == "excluded_no_induction" and found["time_zero_date"] is pd.NaT
    assert not found["excluded_short_followup"] and not found["excluded_incomplete_records"]
    assert cohort({"time_zero": "biopsy"}, treatments=[])["first_exclusion"] == "excluded_no_induction"


def test_time_zero_can_be_the_biopsy():
    assert cohort({"time_zero": "biopsy"})["time_zero_date"] == day(-5)


@pytest.mark.parametrize(("last", "is_short"), [(730, True), (731, False)])
def test_follow_up_of_the_minimum_is_long_enough(last, is_short):
    visits = [visit(at, 1.0, 1.0) for at in (0, 180, last)]
    assert bool(cohort(visits=visits)["excluded_short_followup"]) is is_short
    assert not cohort({"minimum_followup_months": last / 30.4375}, visits=visits)["excluded_short_followup"]


EVENT = {"patient_id": "P", "event_id": "E"}


@pytest.mark.parametrize(("changes", "expected", "is_dead"), [
    ({}, 900, False),
    ({"events": [{**EVENT, "event_date": day(1000), "event_type": "lost_to_followup"}]}, 1000, False),
    ({"events": [{**EVENT, "event_date": day(950), "event_type": "death"}]}, 950, True),
    ({"events": [{**EVENT, "event_date": day(800), "event_end_date": day(990), "event_type": "dialysis"}]}, 990, False),
    ({"treatments__stop_date": day(1200)}, 1200, False),
    ({"biopsies": [biopsy(-5, "IV"), biopsy(1300, "IV")]}, 1300, False),
])  # fmt: skip
def test_follow_up_ends_with_death_or_the_last_sign_of_life(changes, expected, is_dead):
    found = cohort(**changes)
    assert found["followup_end_date"] == day(expected) and bool(found["is_dead"]) is is_dead


def test_a_patient_whom_no_table_shows_has_no_follow_up():
    raw = make_raw(baseline=[], biopsies=[], visits=[], treatments=[])
    assert derive_followup_ends(raw).empty
    found = derive_cohort(raw, parameters=Parameters()).iloc[0]
    assert found["followup_end_date"] is pd.NaT and not found["is_dead"]


def visit(at: float, creatinine: float | None, upcr: float | None, **more: object) -> dict:
    return {"patient_id": "P", "visit_date": day(at), "creatinine_mg_dl": creatinine, "upcr_g_g": upcr, **more}


LATER = [visit(180, 1.0, 1.0), visit(900, 1.0, 0.4)]


@pytest.mark.parametrize(("visits", "creatinine", "upcr"), [
    ([visit(-90, 1.2, 4.0)], 1.2, 4.0), ([visit(-91, 1.2, 4.0)], None, None),
    ([visit(7, 1.2, 4.0)], 1.2, 4.0), ([visit(8, 1.2, 4.0)], None, None),
    ([visit(-30, 1.1, 3.0), visit(-2, 1.2, None), visit(3, 1.3, 5.0)], 1.2, 3.0),
    ([visit(-30, None, 3.0), visit(0, 1.2, 4.0)], 1.2, 4.0),
    ([visit(2, 1.1, None), visit(6, 1.2, 4.0)], 1.1, 4.0),
    ([visit(0, 1.2, None, protein_24h_g=2.5)], 1.2, 2.5),
])  # fmt: skip
def test_the_baseline_is_the_last_value_before_treatment_can_act(visits, creatinine, upcr):
    found = cohort(visits=visits + LATER)
    for name, expected in (("baseline_creatinine_mg_dl", creatinine), ("baseline_upcr_g_g", upcr)):
        assert np.isnan(found[name]) if expected is None else found[name] == expected
    assert bool(found["excluded_incomplete_records"]) is (creatinine is None)


@pytest.mark.parametrize(("later", "is_incomplete"), [
    ([visit(365, 1.0, 1.0)], False), ([visit(366, 1.0, 1.0)], True),
    ([visit(100, None, 1.0), visit(110, 1.0, None)], True),
])  # fmt: skip
def test_records_are_complete_with_one_whole_visit_in_the_first_year(later, is_incomplete):
    visits = [visit(0, 1.0, 3.0), *later, visit(900, 1.0, 1.0)]
    assert bool(cohort(visits=visits)["excluded_incomplete_records"]) is is_incomplete
    assert not cohort({"require_complete_records": False}, visits=visits)["excluded_incomplete_records"]


def begin_induction(at: float) -> list[dict]:
    return [{"patient_id": "P", "course_number": 1, "phase": "induction", "regimen": "mycophenolate",
             "start_date": day(at)}]


@pytest.mark.parametrize(("at", "known"), [(30, True), (31, False)])
def test_with_the_biopsy_as_time_zero_the_baseline_reaches_to_the_first_day_of_induction(at, known):
    treatments = begin_induction(30)
    visits = [visit(at, 1.3, 4.0), visit(210, 1.0, 1.0), visit(900, 1.0, 0.4)]
    found = cohort({"time_zero": "biopsy"}, visits=visits, treatments=treatments)
    assert found["time_zero_date"] == found["index_biopsy_date"]
    assert bool(found["baseline_creatinine_mg_dl"] == 1.3) is known
    assert bool(found["excluded_incomplete_records"]) is not known
    both = cohort({"time_zero": "biopsy"}, visits=[visit(-5, 0.9, 3.0), *visits], treatments=treatments)
    assert both["baseline_creatinine_mg_dl"] == 0.9


def test_a_visit_before_induction_is_the_baseline_and_not_the_later_visit_too():
    treatments = begin_induction(30)
    visits = [visit(20, 1.3, 4.0), visit(900, 1.0, 0.4)]
    found = cohort({"time_zero": "biopsy"}, visits=visits, treatments=treatments)
    assert found["baseline_upcr_g_g"] == 4.0 and found["excluded_incomplete_records"]


def test_the_value_before_nephritis_is_the_reference_where_it_is_known():
    found = cohort(baseline__preflare_creatinine_mg_dl=0.7)
    assert (found["reference_creatinine_mg_dl"], found["baseline_creatinine_mg_dl"]) == (0.7, 1.0)
    assert found["reference_egfr"] > found["baseline_egfr"]
    assert cohort()["reference_egfr"] == cohort()["baseline_egfr"]
    raw = make_raw()
    raw["baseline"] = raw["baseline"].drop(columns="preflare_creatinine_mg_dl")
    assert derive_cohort(raw, parameters=Parameters())["reference_creatinine_mg_dl"].tolist() == [1.0]


def feature(name: str, parameters: dict | None = None, **changes: object) -> bool | None:
    found = cohort(parameters, **changes)[name]
    return None if found is pd.NA else bool(found)


@pytest.mark.parametrize(("name", "changes", "expected"), [
    ("is_male", {"patients__sex": "male"}, True), ("is_male", {}, False),
    ("serositis", {"baseline__serositis": True}, True), ("serositis", {}, None),
    ("constitutional_symptoms", {"baseline__constitutional_symptoms": False}, False),
    ("leucopenia", {"baseline__leucocytes_10e9_l": 3.99}, True),
    ("leucopenia", {"baseline__leucocytes_10e9_l": 4.0}, False),
    ("leucopenia", {}, None),
    ("low_c3", {"baseline__c3_mg_dl": 89.9}, True), ("low_c3", {"baseline__c3_mg_dl": 90.0}, False),
    ("low_c3", {}, None),
    ("hypertension", {"baseline__systolic_mmhg": 140.0}, True),
    ("hypertension", {"baseline__diastolic_mmhg": 90.0}, True),
    ("hypertension", {"baseline__antihypertensive_treatment": True}, True),
    ("hypertension", {"baseline__systolic_mmhg": 139.0, "baseline__diastolic_mmhg": 89.0}, None),
    ("hypertension", {"baseline__systolic_mmhg": 139.0, "baseline__diastolic_mmhg": 89.0,
                      "baseline__antihypertensive_treatment": False}, False),
    ("anti_ro60", {"baseline__anti_ro60": "positive"}, True), ("anti_ro60", {"baseline__anti_ro60": "negative"}, False),
    ("anti_u1rnp", {}, None), ("anti_dsdna", {"baseline__anti_dsdna": "negative"}, False),
    ("active_sediment", {"baseline__urine_rbc_hpf": 6.0}, True), ("active_sediment", {}, None),
    ("wire_loops", {"biopsies__wire_loops": 0}, False), ("wire_loops", {"biopsies__wire_loops": 1}, True),
    ("wire_loops", {}, None), ("crescents", {"biopsies__cellular_crescents": 2}, True),
    ("interstitial_inflammation", {"biopsies__interstitial_inflammation": 3}, True),
    ("fibrinoid_necrosis", {"biopsies__fibrinoid_necrosis": 0}, False),
    ("glomerulosclerosis", {"biopsies__glomerulosclerosis": 1}, True),
])  # fmt: skip
def test_each_feature_turns_at_its_cut_and_is_missing_where_it_cannot_be_told(name, changes, expected):
    assert feature(name, **changes) is expected


def test_cuts_follow_the_parameters():
    assert feature("leucopenia", {"leucopenia_below": 3.0}, baseline__leucocytes_10e9_l=3.5) is False
    assert feature("low_c3", {"low_c3_below_mg_dl": 80.0}, baseline__c3_mg_dl=85.0) is False


def test_a_patient_without_a_baseline_row_has_no_features_and_no_score():
    found = cohort(baseline=[])
    assert found["serositis"] is pd.NA and found["sledai_2k"] is pd.NA and bool(found["is_eligible"])


FIRST = ("la_first", "acl_first_u_ml", "anti_b2gpi_first_u_ml")
REPEAT = ("la_repeat", "acl_repeat_u_ml", "anti_b2gpi_repeat_u_ml")
NEGATIVE, POSITIVE, UNKNOWN = ("negative", 40.0, 20.0), ("positive", 40.1, 20.1), (None, None, None)


def apl(first: tuple, repeat: tuple, *, rule: str, days: float | None = 84) -> bool | None:
    row = dict(zip((*FIRST, *REPEAT), (*first, *repeat), strict=True))
    row |= {"apl_first_date": day(0), "apl_repeat_date": pd.NaT if days is None else day(days)}
    dtypes = {name: "string" if name.startswith("la") else float for name in (*FIRST, *REPEAT)}
    onset = pd.DataFrame([row]).astype(dtypes)
    found = answer_apl(onset, rule=rule)[0]
    return None if found is pd.NA else bool(found)


@pytest.mark.parametrize(("first", "repeat", "expected"), [
    (NEGATIVE, UNKNOWN, False), (UNKNOWN, UNKNOWN, None), (UNKNOWN, NEGATIVE, False), (NEGATIVE, NEGATIVE, False),
    (("positive", None, None), UNKNOWN, True), ((None, 40.1, None), UNKNOWN, True), ((None, None, 20.1), UNKNOWN, True),
    (NEGATIVE, ("positive", None, None), True), ((None, 40.0, 20.0), UNKNOWN, None),
    ((None, 40.0, 20.0), ("negative", None, None), False), (("negative", 40.0, None), (None, None, 20.1), True),
])  # fmt: skip
def test_any_single_positive_test_is_enough_and_all_three_must_be_known_to_rule_it_out(first, repeat, expected):
    assert apl(first, repeat, rule="any_single") is expected


@pytest.mark.parametrize(("first", "repeat", "days", "expected"), [
    (POSITIVE, POSITIVE, 84, True), (POSITIVE, POSITIVE, 83, None), (POSITIVE, POSITIVE, None, None),
    (POSITIVE, NEGATIVE, 84, False), (NEGATIVE, POSITIVE, 84, False), (NEGATIVE, UNKNOWN, None, False),
    (POSITIVE, UNKNOWN, None, None), (("positive", 40.0, 20.0), ("negative", 40.1, 20.0), 84, False),
    (("negative", 40.1, 20.0), ("negative", 40.1, None), 84, True), (UNKNOWN, NEGATIVE, 84, False),
    (("negative", 40.0, 20.1), ("negative", 40.0, 20.1), 30, None),
])  # fmt: skip
def test_a_persistent_antibody_is_the_same_test_positive_again_twelve_weeks_later(first, repeat, days, expected):
    assert apl(first, repeat, rule="persistent", days=days) is expected


def test_sledai_is_the_sum_of_its_points_with_up_to_four_items_unknown():
    points = sledai_points()
    everything = pd.DataFrame([dict.fromkeys(points, True)])
    assert derive_sledai(everything, points=points).tolist() == [105]
    names = list(points)
    rows = pd.DataFrame([dict.fromkeys(names, False)] * 3).astype("boolean")
    rows.loc[0, ["sledai_proteinuria", "sledai_rash", "sledai_fever"]] = True
    rows.loc[1, names[:4]] = pd.NA
    rows.loc[2, names[:5]] = pd.NA
    assert derive_sledai(rows, points=points).tolist() == [7, 0, pd.NA]


def test_an_nih_index_weighs_necrosis_and_crescents_twice_and_needs_every_item():
    items = nih_weights("activity")
    worst = pd.DataFrame([dict.fromkeys(items, 3)] * 2).astype("Int64")
    worst.loc[1, "wire_loops"] = pd.NA
    assert derive_nih_index(worst, weights=items).tolist() == [24, pd.NA]
    assert derive_nih_index(pd.DataFrame([dict.fromkeys(nih_weights("chronicity"), 3)]),
                            weights=nih_weights("chronicity")).tolist() == [12]


@pytest.mark.parametrize(("start", "end", "expected"), [
    ("2000-02-29", "2001-02-28", 11), ("2000-02-29", "2001-03-01", 12), ("2000-05-31", "2000-06-30", 0),
    ("2000-05-31", "2000-07-01", 1), ("2000-05-31", "2000-05-31", 0), ("2000-06-01", "2000-05-31", None),
    (None, "2000-05-31", None),
])  # fmt: skip
def test_only_completed_months_count(start, end, expected):
    found = count_completed_months(pd.Series([pd.Timestamp(start)]), pd.Series([pd.Timestamp(end)]))[0]
    assert found is pd.NA if expected is None else found == expected


def test_eras_meet_without_a_gap():
    days = pd.Series(pd.to_datetime(["2007-12-31", "2008-01-01", "2012-12-31", "2013-01-01", "2017-01-01", None]))
    assert label_era(days).tolist() == [
        "before 2008", "2008 to 2012", "2008 to 2012", "2013 to 2016", "2017 and after", pd.NA]  # fmt: skip


def test_courses_are_numbered_by_their_start_and_end_where_the_next_begins():
    same = {"patient_id": "P", "regimen": "mycophenolate"}
    courses = [{**same, "course_number": number, "phase": phase, "start_date": day(at)}
               for number, phase, at in ((2, "induction", 0), (1, "induction", 300), (1, "maintenance", 100))]
    tables = derive_cohort_tables(make_raw(treatments=courses), Parameters())
    found = tables["courses"]
    assert found["course_number"].tolist() == [1, 2]
    assert found["start_date"].tolist() == [day(0), day(300)]
    assert (found["end_month"] * 30.4375).round(6).tolist() == [300, 900]
    assert tables["assessments"]["course_number"].tolist() == [1, 1, 2]


def test_a_course_is_in_force_from_its_first_day_and_visits_long_before_are_left_out():
    visits = [visit(-91, 1.0, 3.0), visit(-1, 1.0, 3.0), visit(0, 1.0, 3.0), *LATER]
    found = derive_cohort_tables(make_raw(visits=visits), Parameters())["assessments"]
    assert found["course_number"].tolist() == [0, 1, 1, 1]
    assert found["month"].round(3).tolist() == [-0.033, 0.0, 5.914, 29.569]
    assert found["baseline_upcr_g_g"].eq(3.0).all()


@pytest.fixture(scope="module")
def made() -> dict[str, pd.DataFrame]:
    return make_tables(simulate_cohort(n=150, seed=4), Parameters())


def test_the_flow_loses_nobody_and_ends_with_the_eligible(made):
    flow = count_flow(made["cohort"])
    assert flow["step"].tolist() == ["screened", *EXCLUSIONS]
    assert (flow["remaining_n"].iloc[0], flow["remaining_n"].iloc[-1]) == (150, made["cohort"]["is_eligible"].sum())
    assert flow["excluded_n"].sum() + flow["remaining_n"].iloc[-1] == 150
    assert (-flow["remaining_n"].diff().iloc[1:]).eq(flow["excluded_n"].iloc[1:]).all()


def test_a_flow_that_does_not_add_up_is_not_drawn(made):
    flow = count_flow(made["cohort"])
    draw_flow(flow)
    flow.loc[3, "remaining_n"] += 1
    with pytest.raises(ValueError, match="does not add up at: Index biopsy"):
        draw_flow(flow)


def test_the_cohort_in_numbers_is_that_of_the_table(made):
    cohort, facts = made["cohort"], summarise_cohort(made["cohort"])
    eligible = cohort.loc[cohort["is_eligible"]]
    assert facts["screened.n"]["value"] == 150 and facts["eligible.n"]["value"] == len(eligible)
    assert facts["female.n"]["value"] == (eligible["sex"] == "female").sum()
    assert sum(facts[f"class.{group}.n"]["value"] for group in ("III", "IV", "V", "mixed")) == len(eligible)
    assert facts["age.median"]["value"] == eligible["age_years"].median()
    assert facts["followup.min"]["value"] == eligible["followup_months"].min() >= 24
    assert facts["followup.max"]["value"] == eligible["followup_months"].max()
    assert facts["age.median"]["low"] <= facts["age.median"]["value"] <= facts["age.median"]["high"]
    known = summarise_cohort(pd.DataFrame({**{name: [] for name in cohort}}).astype(cohort.dtypes))
    assert known["eligible.n"]["value"] == 0 and np.isnan(known["eligible.share"]["value"])
    assert np.isnan(known["age.median"]["value"]) and np.isnan(known["followup.max"]["value"])


@pytest.mark.parametrize(("months", "words"), [(0.0, "No least follow-up"), (0.5, "one of survivors")])
def test_a_study_is_called_one_of_survivors_only_where_a_least_follow_up_was_asked_for(months, words):
    assert words in describe_least_followup(months)


def test_those_left_out_are_counted_once_with_their_deaths(made):
    found = summarise_excluded(made["cohort"]).set_index("step")
    assert found["n"].sum() == 150 and found["dead_n"].sum() == made["cohort"]["is_dead"].sum()
    empty = found.loc["excluded_no_biopsy"]
    assert empty["n"] == 0 and np.isnan(empty["dead_share"])


def test_only_the_patients_whom_the_study_would_have_had_are_compared(made):
    words = label_inclusion(made["cohort"])
    late = ["excluded_short_followup", "excluded_incomplete_records"]
    assert (words["inclusion"].eq("left_out") == made["cohort"]["first_exclusion"].isin(late)).all()
    assert (words["inclusion"].eq("eligible") == made["cohort"]["is_eligible"]).all()


def test_differences_are_named_once_and_only_above_the_limit():
    table_one = pd.DataFrame({"label": ["Age", "Class: III", "Class: IV", "Sex", "None"],
                              "smd": [0.11, -0.3, 0.4, 0.1, np.nan]})  # fmt: skip
    assert find_differences(table_one) == ["Age", "Class"]
    assert find_differences(table_one, above=0.5) == []


def test_the_missing_map_has_a_row_for_each_patient_and_gap_ridden_variable(made):
    eligible = made["cohort"].loc[made["cohort"]["is_eligible"]]
    cells = derive_missing_map(eligible)
    assert cells.groupby("variable")["is_missing"].mean().eq(cells.groupby("variable")["missing_share"].first()).all()
    assert cells["missing_share"].min() > 0 and cells["missing_share"].is_monotonic_decreasing
    assert len(cells) == len(eligible) * cells["variable"].nunique()
    assert draw_missing_map(cells).axes and draw_missing_map(cells.head(0)).axes


def test_coverage_counts_patients_who_were_followed_long_enough():
    cohort = pd.DataFrame({"patient_id": ["A", "B", "C"], "is_eligible": True, "followup_months": [30.0, 8.0, 7.9]})
    visits = pd.DataFrame({"patient_id": ["A", "A", "B", "C"], "month": [2.0, 8.0, 5.0, 6.0],
                           "creatinine_mg_dl": [1.0, None, 1.0, 1.0], "upcr_g_g": 1.0})
    found = summarise_visit_coverage(visits, cohort).set_index("month")
    assert found.loc[6, ["n", "seen_n", "judged_n"]].tolist() == [2, 2, 1]
    assert found.loc[3, ["n", "seen_n", "judged_n"]].tolist() == [3, 1, 1]
    assert np.isnan(summarise_visit_coverage(visits, cohort.head(0))["seen_share"]).all()


def test_follow_up_is_drawn_and_handed_on_patient_by_patient(made):
    lines, outcomes = derive_followup_lines(made["cohort"]), derive_followup_outcomes(made["cohort"])
    assert len(lines) == len(outcomes) == made["cohort"]["is_eligible"].sum()
    assert (lines["ended_by"] == "death").sum() == (outcomes["death_status"] == "death").sum()
    assert lines["start_date"].is_monotonic_increasing
    assert draw_followup_lines(lines).axes and draw_followup_lines(lines.loc[lines["ended_by"] != "death"]).axes


def test_periods_come_in_time_order_and_each_adds_up(made):
    shares = count_by_era(made["cohort"])
    assert shares.groupby("era")["share"].sum().round(9).eq(1).all()
    assert list(dict.fromkeys(shares["era"])) == ["before 2008", "2008 to 2012", "2013 to 2016", "2017 and after"]
    assert shares["n"].sum() == made["cohort"]["is_eligible"].sum()
    assert draw_era_regimens(shares).axes
