"""A preview says what a change of parameters touches: it is held against the tables and labels of a real change."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from small_study import write_small_study

from helpers.cli import main
from helpers.definitions import RuleError
from helpers.flow import list_made_tables, stands_on
from helpers.parameters import ALL, Parameters, check_parameters, names_used_by
from helpers.preview import describe_preview, make_preview
from helpers.preview.moves import OUTSIDE, derive_moves
from helpers.preview.reach import list_changes, trace_reach
from helpers.preview.tables import compare_table, compare_tables
from helpers.preview.thresholds import MEASURES
from helpers.project import PROJECT
from helpers.schema import DataError, derived_dictionary, read_raw
from helpers.stages import make_tables

YES, NO, OPEN = "difficult to treat", "not difficult to treat", "cannot tell"


@pytest.fixture(scope="module")
def shipped():
    return read_raw(PROJECT / "data/raw")


@pytest.fixture(scope="module")
def preview():
    """Previews on the shipped cohort, each made once."""
    made = {}

    def get(**values):
        key = repr(sorted(values.items()))
        if key not in made:
            made[key] = make_preview(check_parameters(values))
        return made[key]

    return get


# Notebooks


def test_the_flow_of_the_preview_is_the_order_in_which_a_run_executes():
    for number, reach in enumerate(trace_reach(["study_start"])):
        assert reach.stands_on == stands_on(reach.notebook) == ALL[:min(number, 2)]
    tables = derived_dictionary().tables
    assert {name for maker in ALL for name in list_made_tables(maker)} == set(tables)
    assert {table.made_by for table in tables.values()} == set(stands_on(ALL[2]))


@pytest.mark.parametrize("name", [name for name in Parameters.model_fields if not name.endswith("_dir")])
def test_a_parameter_touches_the_notebooks_that_read_it_and_those_behind_them(name):
    touched = {one.notebook for one in trace_reach([name]) if one.is_touched}
    reading = {notebook for notebook in ALL if name in names_used_by(notebook)}
    behind = {notebook for notebook in ALL if reading & set(stands_on(notebook))}
    assert touched == reading | behind


def test_nothing_changed_touches_nothing():
    assert list_changes(Parameters()) == ()
    assert not any(one.is_touched for one in trace_reach([]))


# Tables


def test_a_table_is_compared_patient_by_patient_whatever_the_order_of_its_rows():
    before = pd.DataFrame({"patient_id": ["a", "b", "c"], "dtt": ["yes", "no", None], "dtt_month": [3.0, None, None]})
    same = compare_table("dtt_labels", before, before.iloc[::-1].reset_index(drop=True))
    assert same.is_same
    after = pd.DataFrame({"patient_id": ["d", "c", "a"], "dtt": ["no", "no", "yes"], "dtt_month": [1.0, None, 3.5]})
    change = compare_table("dtt_labels", before, after)
    assert (change.rows_before, change.rows_after, change.patients_n) == (3, 3, 4)
    assert dict(change.columns) == {"dtt": 1, "dtt_month": 1}


def test_columns_that_come_and_go_are_named():
    before = pd.DataFrame({"patient_id": ["a"], "dtt": ["yes"], "arm_failure_6m": ["yes"]})
    change = compare_table("dtt_labels", before, before.rename(columns={"arm_failure_6m": "arm_no_response"}))
    assert (change.gone, change.new, change.patients_n, change.is_same) == (
        ("arm_failure_6m",), ("arm_no_response",), 0, False)


def test_the_two_tables_of_several_rows_per_patient_count_patients(preview):
    trace = next(one for one in preview(response_deadline_months=6.0).tables if one.table == "dtt_trace")
    assert trace.columns == {}
    assert 0 < trace.patients_n <= 181


def test_tables_that_no_changed_parameter_reaches_are_as_they_were(preview):
    assert all(one.is_same for one in preview(landmark_months=12.0).tables)
    assert all(one.is_same for one in preview(seed=7).tables)
    by_name = {one.table: one for one in preview(response_rule="acr_2006").tables}
    assert [name for name, one in by_name.items() if one.is_same] == ["cohort", "assessments", "courses"]


# Patients


@pytest.mark.parametrize("values", [
    {"response_rule": "acr_2006"}, {"minimum_followup_months": 12.0}, {"dtt_arms": ["no_response"]},
    {"confirmation_visits": 2, "missing_window": "cannot_tell"},
])
def test_moves_add_up_to_the_counts_before_and_after(preview, values):
    found = preview(**values)
    moves, before, after = found.moves, found.before, found.after
    assert not moves["patient_id"].duplicated().any()
    assert len(moves) > 0
    gained, lost = ((moves[side].value_counts()) for side in ("after", "before"))
    assert after.yes - before.yes == gained.get(YES, 0) - lost.get(YES, 0)
    assert after.cannot_tell - before.cannot_tell == gained.get(OPEN, 0) - lost.get(OPEN, 0)
    assert after.eligible - before.eligible == lost.get(OUTSIDE, 0) - gained.get(OUTSIDE, 0)


def test_the_shipped_cohort_is_what_the_default_finds(preview):
    found = preview()
    assert (found.before.eligible, found.before.yes) == (181, 57)
    assert found.before == found.after
    assert found.moves.empty
    assert found.is_synthetic


@pytest.mark.slow
def test_a_preview_counts_as_the_run_itself_does(preview, real_run):
    results = json.loads((real_run.folder / "results.json").read_text(encoding="utf-8"))
    numbers = {entry["id"]: entry["value"] for entry in results["entries"]}
    found = preview().before
    assert found.eligible == numbers["cohort.eligible.n"]
    assert (found.yes, found.cannot_tell) == (numbers["dtt.n"], numbers["dtt.cannot_tell.n"])
    assert len(found.borderline) == numbers["dtt.borderline.n"]


def test_patients_who_can_be_told_again_are_said(shipped, preview):
    found = preview(confirmation_visits=2, missing_window="cannot_tell")
    back = found.moves.rename(columns={"before": "after", "after": "before"})
    text = describe_preview(replace(found, moves=back))
    assert re.search(r"\d can now be told", text)
    assert re.search(r"\d can no longer be told", describe_preview(found))


def test_a_move_says_by_which_arm_or_criterion(shipped):
    before = make_tables(shipped, Parameters())
    after = make_tables(shipped, Parameters(minimum_followup_months=60.0))
    moves = derive_moves(before, after)
    assert set(moves["after"]) == {OUTSIDE}
    assert set(moves["reason"]) == {"Follow-up too short"}
    back = derive_moves(after, before)
    assert set(back.loc[back["after"] == YES, "reason"]) <= {
        "Worsening at 3 months", "Failure by 6 months", "No response by the deadline",
        "Early flare after complete response"}
    assert compare_tables(before, before)[0].is_same


# Thresholds


def test_every_threshold_among_the_numbers_has_a_measure():
    assert set(MEASURES) == {name for name in Parameters.model_fields if re.search(r"_below|^study_|_months$", name)}


def test_follow_up_near_the_new_minimum_is_found(preview, shipped):
    [near] = preview(minimum_followup_months=12.0).near
    cohort = make_tables(shipped, Parameters(minimum_followup_months=0.0))["cohort"]
    months = cohort.loc[cohort["is_eligible"]].set_index("patient_id")["followup_months"]
    assert sorted(near.near) == sorted(months.index[(months - 12).abs() <= 1.2])
    assert set(near.between) >= set(months.index[(months >= 12) & (months < 24)])
    entered = preview(minimum_followup_months=12.0).moves
    assert set(entered.loc[entered["before"] == OUTSIDE, "patient_id"]) <= set(near.between)


def test_values_at_baseline_between_the_cuts_are_those_that_change_the_feature(preview, shipped):
    found = preview(low_c3_below_mg_dl=70.0)
    [near] = found.near
    values = shipped["baseline"].set_index("patient_id")["c3_mg_dl"]
    assert all(70 <= values[patient] <= 90 for patient in near.between)
    assert all(63 <= values[patient] <= 77 for patient in near.near)
    cohort = next(one for one in found.tables if one.table == "cohort")
    assert cohort.columns["low_c3"] >= len([p for p in near.between if values[p] < 90])


@pytest.mark.parametrize(("values", "low", "high"), [
    ({"response_deadline_months": 6.0}, 6, 12), ({"flare_window_months": 12.0}, 12, 24),
    ({"landmark_months": 12.0}, 12, 24),
])
def test_months_lie_between_the_old_and_the_new_value(preview, values, low, high):
    [near] = preview(**values).near
    assert near.parameter in values
    assert len(near.between) <= 181
    assert set(near.near) | set(near.between) <= {f"P{number:03}" for number in range(1, 241)}
    if near.parameter == "landmark_months":
        labels = make_tables(read_raw(PROJECT / "data/raw"), Parameters())["dtt_labels"].set_index("patient_id")
        assert sorted(near.between) == sorted(labels.index[labels["dtt_month"].between(low, high)])


def test_a_biopsy_near_the_new_end_of_the_study_is_found(preview, shipped):
    [near] = preview(study_end="2015-06-30").near
    first = shipped["biopsies"].groupby("patient_id")["biopsy_date"].agg(["min", "max"])
    for patient in near.near:
        assert (first.loc[patient] - pd.Timestamp("2015-06-30")).abs().min() <= pd.Timedelta(90, "D")


def test_a_threshold_of_zero_has_nobody_near_it(preview):
    [near] = preview(minimum_followup_months=0.0).near
    assert near.near == ()
    assert len(near.between) >= 1


# Words


def test_the_words_name_notebooks_counts_and_patients(preview):
    text = describe_preview(preview(response_deadline_months=6.0))
    assert "response_deadline_months: 12 -> 6 months" in text
    assert "  01_cohort               as it is\n" in text
    assert "  02_dtt_labelling        runs again: reads response_deadline_months\n" in text
    assert "03_predictors           runs again: stands on 02_dtt_labelling\n" in text
    assert "  in the study       181 -> 181\n" in text
    why = r"\(had been so by: no response by the deadline\): P\d"
    assert re.search(rf"\d  difficult to treat -> cannot tell {why}", text)
    assert "--ids" not in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_a_notebook_that_stands_on_unchanged_tables_is_told_apart(preview):
    assert "whose tables stay as" in describe_preview(preview(seed=7))
    assert "whose tables" not in describe_preview(preview(response_rule="acr_2006"))


def test_nothing_changed_is_said(preview):
    text = describe_preview(preview())
    assert "No parameter differs from its default" in text
    assert "Nobody changes label or cohort." in text
    assert "runs again" not in text


def test_patients_are_counted_not_named_unless_the_data_are_simulated(tmp_path, capsys):
    data = write_small_study(tmp_path / "raw")
    asked = ["preview", "--data", str(data), "--scenario", "no_followup_rule", "-p", "require_complete_records=no",
             "-p", "dtt_arms=[no_response]"]
    assert main(asked) == 0
    counted = capsys.readouterr().out
    assert not re.search(r"\bP[1-5]\b", counted)
    assert "not in the study -> cannot tell (was left out: follow-up too short)\n" in counted
    assert "--ids" in counted
    assert "arm_failure_6m is gone" in counted
    assert main([*asked, "--ids"]) == 0
    named = capsys.readouterr().out
    assert "(was left out: follow-up too short): P5" in named
    assert "counted, not named" not in named
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw"]


def test_a_study_that_loses_everybody_is_previewed(tmp_path):
    data = write_small_study(tmp_path / "raw")
    found = make_preview(check_parameters({"data_dir": str(data), "study_start": "2021-01-01"}))
    text = describe_preview(found)
    assert found.after.eligible == 0
    assert "  in the study       3 -> 0\n  difficult to treat 2 (66.7\u202f%) -> 0\n" in text
    assert "(left out: index biopsy outside the study period)" in text


def test_rules_of_a_file_are_used_after_the_change_and_not_before(tmp_path, preview):
    rules = tmp_path / "rules.yml"
    rules.write_text("flare_rules:\n  - {name: mine, label: Mine, source: us, any_of: "
                     "[{measure: upcr, kind: value, threshold: 0.6}]}\n")
    found = make_preview(check_parameters({"rules_file": str(rules), "flare_rule": "mine"}))
    assert found.before == preview().before
    assert found.after.borderline != found.before.borderline
    assert [one.name for one in found.changes] == ["rules_file", "flare_rule"]


def test_what_cannot_be_used_is_refused(tmp_path, capsys):
    with pytest.raises(RuleError, match="did you mean"):
        make_preview(check_parameters({"response_rule": "kdigo_2025"}))
    with pytest.raises(DataError):
        make_preview(check_parameters({"data_dir": str(tmp_path / "nowhere")}))
    assert main(["preview", "-p", "landmark_month=12"]) == 2
    assert main(["preview", "--data", str(tmp_path / "nowhere")]) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert "did you mean landmark_months?" in errors
