"""A notebook's view of the study: parameters picked up, tables made once, exhibits written beside what is shown."""

import json

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers import schema, study
from helpers.ledger import LedgerError
from helpers.parameters import ParameterError
from helpers.project import PROJECT
from helpers.study import open_study
from helpers.synthetic import simulate_cohort

MANIFEST = {"synthetic": True, "description": "Simulated for a test"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    schema.write_raw(simulate_cohort(n=120, seed=3), folder, manifest={**MANIFEST, "seed": 3})
    return folder


@pytest.fixture
def folders(data_dir, tmp_path):
    return {"data_dir": str(data_dir), "derived_dir": str(tmp_path)}


@pytest.fixture
def shown(monkeypatch):
    outputs = []

    def keep(data, raw, metadata):
        assert raw
        outputs.append((data, metadata["compendium"]))

    monkeypatch.setattr(study, "display", keep)
    return outputs


def test_parameters_are_picked_out_of_the_notebooks_variables(folders):
    opened = open_study("04_survival", {**folders, "landmark_months": 12.0, "anything": 3, "In": []})
    assert opened.parameters.landmark_months == 12.0
    assert opened.parameters.worsening_rule == "confirmed_doubling"


def test_a_misspelt_parameter_that_papermill_let_through_is_refused(folders):
    with pytest.raises(ParameterError, match="did you mean landmark_months"):
        open_study("04_survival", {**folders, "landmark_month": 12.0})


def test_relative_folders_start_at_the_projects_top():
    assert open_study("01_cohort", {}).data_dir == PROJECT / "data" / "raw"


def test_a_late_notebook_makes_the_tables_it_stands_on_and_the_next_one_reads_them(folders, tmp_path):
    first = open_study("03_predictors", folders)
    assert set(first.labels["patient_id"]) == set(first.eligible["patient_id"])
    assert len(first.trace) and len(first.courses) and len(first.assessments)
    made = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.parquet")}
    assert set(made) == {f"{name}.parquet" for name in (*study.COHORT_TABLES, *study.LABEL_TABLES)}
    again = open_study("04_survival", folders)
    pd.testing.assert_frame_equal(again.labels, first.labels)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.parquet")} == made


def test_tables_made_from_other_data_are_made_anew(folders, tmp_path):
    first = open_study("03_predictors", folders)
    assert len(first.cohort) == 120
    other = tmp_path / "other"
    schema.write_raw(simulate_cohort(n=90, seed=4), other, manifest={**MANIFEST, "seed": 4})
    assert len(open_study("03_predictors", {**folders, "data_dir": str(other)}).cohort) == 90


def test_the_labelling_notebook_always_labels_afresh(folders):
    assert set(open_study("03_predictors", folders).labels["dtt"]) >= {"yes", "no"}
    strict = open_study("02_dtt_labelling", {**folders, "dtt_arms": ["worsening_3m"]})
    assert strict.labels["dtt_arm"].dropna().unique().tolist() == ["worsening_3m"]
    assert schema.read_stamp("dtt_labels", folders["derived_dir"])["parameters"]["dtt_arms"] == ["worsening_3m"]


def test_a_rule_file_of_ones_own_is_in_force(folders, tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text("flare_rules: [{name: mine, label: Mine, source: protocol, any_of: "
                    "[{measure: upcr, kind: value, threshold: 3.0}]}]", encoding="utf-8")  # fmt: skip
    opened = open_study("02_dtt_labelling", {**folders, "rules_file": str(path), "flare_rule": "mine"})
    assert opened.rules.flare_rule("mine").any_of[0].threshold == 3.0


def test_a_table_is_shown_recorded_and_written(folders, tmp_path, shown):
    opened = open_study("03_predictors", folders)
    opened.record("predictors.n", 12, label="Patients", origin="test", unit="patients")
    frame = pd.DataFrame({"term": ["<i>a</i>", "b"], "p": [0.5, None]}, index=[7, 9])
    opened.table(frame, id="predictors.small", caption="Of {predictors.n} patients", note="{word}", word="A note")
    data, facts = shown[0]
    assert facts == {"kind": "table", "id": "predictors.small", "number": "3.1", "caption": "Of 12 patients",
                     "note": "A note", "numbers": {"caption": [[3, 5, "predictors.n"]]}}  # fmt: skip
    assert "&lt;i&gt;a" in data["text/html"] and "0.500" in data["text/plain"]
    assert opened.book["table.predictors.small.i_a_i.p"].value == 0.5
    assert opened.book["table.predictors.small.b.p"].value is None
    written = pd.read_csv(tmp_path / "exhibits/03_predictors/tables/predictors.small.csv")
    assert written["p"].tolist()[0] == 0.5


def test_a_figure_is_shown_as_svg_with_its_alt_text_and_written_with_its_data(folders, tmp_path, shown):
    opened = open_study("04_survival", folders)
    opened.record("survival.n", 7, label="Patients", origin="test")
    drawn, axes = plt.subplots()
    axes.plot([0, 1])
    opened.figure(drawn, id="survival.small", caption="Small", alt="A line for {survival.n} patients",
                  data=pd.DataFrame({"x": [0, 1]}))  # fmt: skip
    data, facts = shown[0]
    assert facts["alt"] == "A line for 7 patients" and facts["number"] == "4.1"
    assert data["image/svg+xml"].startswith("<?xml")
    folder = tmp_path / "exhibits/04_survival/figures"
    assert {path.suffix for path in folder.iterdir()} == {".svg", ".png", ".csv"}
    assert not plt.fignum_exists(drawn.number)


def test_a_figure_without_alt_text_is_refused(folders):
    drawn, _ = plt.subplots()
    with pytest.raises(ValueError, match="needs an alt text"):
        open_study("04_survival", folders).figure(drawn, id="x", caption="c", alt=" ", data=pd.DataFrame())
    plt.close(drawn)


def test_sentences_take_their_numbers_from_this_notebooks_ledger(folders, shown):
    opened = open_study("02_dtt_labelling", folders)
    opened.record_estimates(
        pd.DataFrame({"term": ["a"], "estimate": [2.0], "low": [1.1], "high": [3.0], "p": [0.04], "n": [5]}),
        prefix="dtt.x", measure="or", unit="odds ratio", origin="test", null=1.0)  # fmt: skip
    opened.say("{who}: {dtt.x.a.or:ci}, {dtt.x.a.or:verdict} none", who="All")
    assert shown[0][0]["text/markdown"] == "All: 2.00 (95\u202f% CI 1.10 to 3.00), higher than none"
    with pytest.raises(LedgerError):
        opened.say("{dtt.y.n}")


def test_the_header_marks_what_differs_from_the_default(folders, shown):
    open_study("02_dtt_labelling", {**folders, "confirmation_visits": 2, "rules_file": ""}).header()
    text = shown[0][0]["text/plain"]
    assert next(line for line in text.splitlines() if "confirmation visits" in line).endswith("changed")
    assert "rows of patients" in text and "worsening_3m, failure_6m" in text


def test_finishing_writes_the_ledger(folders, tmp_path, shown):
    opened = open_study("05_response_over_time", folders)
    opened.record("response.n", 3, label="x", origin="y")
    opened.finish()
    assert json.loads((tmp_path / "ledger/05_response_over_time.json").read_text())["entries"][0]["value"] == 3.0
    assert shown[0][1]["kind"] == "finish"


def test_a_folder_of_raw_tables_is_never_written_to(folders, data_dir):
    with pytest.raises(ParameterError, match="lies in a folder of raw tables"):
        open_study("01_cohort", {**folders, "derived_dir": str(data_dir / "derived")})
    with pytest.raises(ParameterError, match="lies in a folder of raw tables"):
        open_study("01_cohort", {**folders, "derived_dir": "data/raw"})


def test_a_cohort_without_an_eligible_patient_is_refused_with_its_reasons(folders):
    late = open_study("01_cohort", {**folders, "study_start": "2022-12-30"})
    with pytest.raises(schema.DataError, match=r"Not one of 120 patients is eligible \(.* by excluded_"):
        assert late.cohort.empty


def test_tables_made_by_other_code_are_made_anew(folders, tmp_path, monkeypatch):
    assert len(open_study("03_predictors", folders).labels)
    made = (tmp_path / "cohort.parquet").stat().st_mtime_ns
    monkeypatch.setattr(study, "hash_code", lambda: "another")
    assert len(open_study("03_predictors", folders).labels)
    assert (tmp_path / "cohort.parquet").stat().st_mtime_ns > made


def test_the_header_names_parameters_of_the_tables_it_reads(folders, shown):
    earlier = open_study("02_dtt_labelling", {**folders, "response_rule": "kdigo_2012"})
    assert len(earlier.labels)
    late = open_study("03_predictors", folders)
    assert len(late.labels)
    late.header()
    assert any("response rule (of the tables read)" in line and "kdigo_2012" in line
               for line in shown[-1][0]["text/plain"].splitlines())  # fmt: skip


def test_the_open_tables_follow_the_parameters_of_the_tables_in_the_folder(folders):
    earlier = open_study("02_dtt_labelling", {**folders, "dtt_arms": ["failure_6m"]})
    assert "arm_early_flare" not in earlier.labels
    late = open_study("04_survival", folders)
    assert "arm_early_flare" not in late.open_tables["dtt_labels"]
    assert "arm_early_flare" not in late.labels


def test_text_in_a_sentence_stays_text(folders, shown):
    open_study("02_dtt_labelling", folders).say("By {rule}", rule="<script>1 & 2</script>")
    assert shown[0][0]["text/markdown"] == "By &lt;script&gt;1 &amp; 2&lt;/script&gt;"
    assert shown[0][0]["text/plain"] == "By <script>1 & 2</script>"


def test_in_a_run_a_notebook_refuses_tables_that_the_run_did_not_make(folders, monkeypatch):
    assert len(open_study("01_cohort", folders).raw)
    assert len(open_study("03_predictors", folders).labels)
    monkeypatch.setenv("COMPENDIUM_CODE", "that of the run")
    with pytest.raises(schema.DataError, match="data changed while the study ran"):
        assert len(open_study("03_predictors", folders).labels)


def test_later_notebooks_take_the_raw_tables_as_the_first_one_checked_them(folders, monkeypatch):
    first = open_study("01_cohort", folders).raw
    monkeypatch.setattr(schema, "read_raw", lambda _: pytest.fail("read again"))
    later = open_study("04_survival", folders).raw
    assert list(later) == list(first)
    for name, table in first.items():
        pd.testing.assert_frame_equal(later[name], table)
