"""The data dictionary, the reader and writer of tables, the manifest, derived tables, data quality."""

import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from small_study import SMALL_STUDY, with_cell, write_small_study

from helpers import schema
from helpers.definitions import ANSWERS, ARM_LABELS, ARMS, CLASS_GROUPS, FEATURES
from helpers.schema import DataError
from helpers.schema import dictionary as schema_dictionary
from helpers.schema import manifest as schema_manifest

SYNTHETIC = {"synthetic": True, "description": "made up", "seed": 7, "generator_version": "1"}


# --- the dictionaries ------------------------------------------------------------------------------------------


def test_every_column_has_a_label_and_a_meaning_and_raw_ones_a_study_question():
    questions = {"cohort", "labelling", "predictors", "survival", "response", "adverse"}
    for table in schema.raw_dictionary().tables.values():
        for column in table.columns.values():
            assert column.label and column.meaning, column.name
            assert set(column.needed_for) <= questions and column.needed_for, column.name
    for table in schema.derived_dictionary().tables.values():
        assert all(column.label and column.meaning for column in table.columns.values())


def test_the_words_of_the_derived_tables_are_those_of_the_definitions():
    assert schema.choices_of("dtt_labels", "dtt_arm") == dict(ARM_LABELS) == schema.choices_of("dtt_trace", "arm")
    assert tuple(schema.choices_of("dtt_labels", "dtt")) == ANSWERS
    assert tuple(schema.choices_of("dtt_labels", "final_response")) == ("complete", "partial", "none", "cannot tell")
    assert set(schema.choices_of("cohort", "class_group")) == set(CLASS_GROUPS.values())
    for arm in ARMS:
        assert schema.label_of("dtt_labels", f"arm_{arm}") == ARM_LABELS[arm]
        assert tuple(schema.choices_of("dtt_labels", f"arm_{arm}")) == ANSWERS
    for feature in FEATURES.values():
        assert schema.label_of("cohort", feature.name) == feature.label


def test_labels_units_and_choices_come_from_the_dictionary():
    assert schema.label_of("visits", "upcr_g_g") == "Urine protein-creatinine ratio"
    assert schema.unit_of("visits", "upcr_g_g") == "g/g"
    assert schema.unit_of("patients", "sex") == ""
    assert schema.choices_of("visits", "urine_casts")["rbc"] == "Red-cell casts"
    assert schema.choices_of("visits", "visit_date") == {}


@pytest.mark.parametrize(("table", "column", "message"), [
    ("visit", "upcr_g_g", "There is no table visit: did you mean visits?"),
    ("visits", "upcr", "Table visits has no column upcr: did you mean upcr_g_g?"),
])  # fmt: skip
def test_a_label_that_does_not_exist_is_refused_with_the_nearest_name(table, column, message):
    with pytest.raises(LookupError, match=re.escape(message)):
        schema.label_of(table, column)


def test_sledai_items_have_the_points_of_sledai_2k():
    points = schema.sledai_points()  # eight items of 8, six of 4, seven of 2, three of 1: 105 in all
    assert sorted(points.values()) == [1] * 3 + [2] * 7 + [4] * 6 + [8] * 8
    assert points["sledai_seizure"] == 8 and points["sledai_fever"] == 1


def test_nih_indices_weigh_necrosis_and_crescents_twice():
    assert {name for name, weight in schema.nih_weights("activity").items() if weight == 2} == {
        "fibrinoid_necrosis", "cellular_crescents"}
    assert set(schema.nih_weights("chronicity").values()) == {1}


GOOD = "{name: {grain: g, key: [a], columns: {a: {label: A, type: text, required: always, meaning: m}}}}"


@pytest.mark.parametrize(("old", "new", "message"), [
    ("label: A", "lable: A", "label"),
    ("type: text", "type: txt", "type"),
    ("type: text", "type: choice", "lists its choices"),
    ("key: [a]", "key: [b]", "key column b"),
])
def test_a_slip_in_a_dictionary_file_is_refused(old, new, message):
    assert schema_dictionary.parse_dictionary(f"version: 1\ntables: {GOOD}").tables["name"].key == ("a",)
    with pytest.raises(ValidationError, match=message):
        schema_dictionary.parse_dictionary(f"version: 1\ntables: {GOOD.replace(old, new)}")


# --- reading raw tables ----------------------------------------------------------------------------------------


def test_raw_tables_have_the_dtypes_and_columns_of_the_dictionary_and_a_plain_index(raw):
    assert list(raw) == list(SMALL_STUDY)
    for name, table in raw.items():
        columns = schema.table_of(name).columns
        assert list(table) == list(columns)
        assert {column: str(dtype) for column, dtype in table.dtypes.items()} == {
            column.name: column.dtype for column in columns.values()}
        assert table.index.equals(pd.RangeIndex(len(table)))


def test_only_an_empty_cell_is_missing(folder):
    with_cell(folder, table="patients", row=2, column="patient_id", value="NA")
    for table in ("baseline", "biopsies", "visits", "treatments", "events"):
        path = folder / f"{table}.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("P1,", "NA,"), encoding="utf-8")
    raw = schema.read_raw(folder)
    assert raw["patients"]["patient_id"][0] == "NA"
    assert raw["visits"]["urine_casts"].eq("none").sum() == SMALL_STUDY["visits"].count(",none,")
    assert raw["patients"]["sle_onset_date"].isna().tolist() == [False, False, False, True, False]


def test_ids_are_texts_with_their_leading_zeros(folder):
    for table in SMALL_STUDY:
        path = folder / f"{table}.csv"
        path.write_text(path.read_text(encoding="utf-8").replace("P1,", "007,"), encoding="utf-8")
    assert schema.read_raw(folder)["patients"]["patient_id"][0] == "007"


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_a_byte_order_mark_and_other_line_ends_make_no_difference(folder, raw, ending):
    for table, text in SMALL_STUDY.items():
        (folder / f"{table}.csv").write_bytes(text.replace("\n", ending).encode("utf-8-sig"))
    for name, table in schema.read_raw(folder).items():
        pd.testing.assert_frame_equal(table, raw[name])


def test_columns_may_stand_in_any_order_and_unknown_ones_are_left_out_with_a_note(folder, raw):
    path = folder / "patients.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False).assign(favourite_colour="red")
    table[["favourite_colour", "sle_onset_date", "sex", "patient_id", "birth_date"]].to_csv(path, index=False)
    pd.testing.assert_frame_equal(schema.read_raw(folder)["patients"], raw["patients"])
    assert ("patients.csv: column favourite_colour is not in the data dictionary; it was left out"
            in schema.check_raw(folder).notes)


def test_empty_rows_are_left_out_with_a_note(folder, raw):
    with (folder / "patients.csv").open("a", encoding="utf-8") as file:
        file.write(",,,\n\n ,,,\nP6,male,1990-01-15,\n")
    assert len(schema.read_raw(folder)["patients"]) == len(raw["patients"]) + 1
    assert "patients.csv: 3 empty rows were left out" in schema.check_raw(folder).notes


def test_an_optional_column_that_is_absent_comes_back_all_missing(folder):
    path = folder / "baseline.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.drop(columns="preflare_creatinine_mg_dl").to_csv(path, index=False)
    values = schema.read_raw(folder)["baseline"]["preflare_creatinine_mg_dl"]
    assert str(values.dtype) == "float64" and values.isna().all()


def test_checking_a_folder_counts_rows_and_patients(folder):
    found = schema.check_raw(folder)
    assert dict(found.rows) == {name: text.count("\n") - 1 for name, text in SMALL_STUDY.items()}
    assert found.patients == 5
    assert found.notes == ("There is no manifest beside the data: what they are is not recorded.",)


# --- tables in memory, and writing them ------------------------------------------------------------------------


def test_tables_in_memory_are_held_to_the_same_rules(raw):
    visits = raw["visits"].copy()
    visits.loc[3, "upcr_g_g"] = 51.0
    with pytest.raises(DataError, match=re.escape(
            "visits.csv, column upcr_g_g, row 5, patient P1: 51 is outside 0 to 50 g/g")):
        schema.check_tables({**raw, "visits": visits})


def test_tables_in_memory_may_come_with_other_dtypes_that_hold_the_same(raw):
    loose = {name: table.astype(object).where(table.notna(), None) for name, table in raw.items()}
    loose["patients"]["sex"] = loose["patients"]["sex"].astype("category")
    for name, table in schema.check_tables(loose).items():
        pd.testing.assert_frame_equal(table, raw[name])


def test_tables_in_memory_may_lack_an_optional_column(raw):
    short = {**raw, "baseline": raw["baseline"].drop(columns="preflare_creatinine_mg_dl")}
    assert schema.check_tables(short)["baseline"]["preflare_creatinine_mg_dl"].isna().all()


def test_a_table_a_column_or_a_type_that_is_wrong_in_memory_is_named(raw):
    wrong = {name: table for name, table in raw.items() if name != "events"}
    wrong["visits"] = raw["visits"].drop(columns="upcr_g_g")
    wrong["biopsies"] = raw["biopsies"].assign(glomeruli="many")
    wrong["patients"] = raw["patients"].assign(birth_date="long ago")
    with pytest.raises(DataError) as caught:
        schema.check_tables(wrong)
    message = str(caught.value)
    assert "events.csv: the table is missing" in message
    assert "visits.csv, column upcr_g_g: the column is missing" in message
    assert "biopsies.csv, column glomeruli" in message and "of type integer" in message
    assert "patients.csv, column birth_date" in message and "of type date" in message


def test_what_is_written_is_read_back_the_same(raw, tmp_path):
    schema.write_raw(raw, tmp_path / "new" / "raw", manifest=SYNTHETIC)
    for name, table in schema.read_raw(tmp_path / "new" / "raw").items():
        pd.testing.assert_frame_equal(table, raw[name])


def test_the_same_tables_give_the_same_bytes_and_no_other_file_is_left(raw, tmp_path):
    for folder in (tmp_path / "one", tmp_path / "two"):
        schema.write_raw(raw, folder, manifest=SYNTHETIC)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted([*(f"{name}.csv" for name in SMALL_STUDY), "manifest.json"])
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes() for file in files)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_numbers_survive_writing_to_the_last_digit():
    numbers = [0.1 + 0.2, 1e-300, 1 / 3, 12345678.9, 5e-324, 0.0, 100.0]
    text = schema_manifest.to_csv_bytes(pd.DataFrame({"x": numbers})).decode()
    assert [float(line) for line in text.split()[1:]] == numbers


def test_a_text_with_a_comma_or_a_quote_is_quoted_when_written():
    frame = pd.DataFrame({"a": pd.array(['x, "y"', None], dtype="string"), "n": [1, 2]})
    assert schema_manifest.to_csv_bytes(frame) == b'a,n\n"x, ""y""",1\n,2\n'


def test_tables_that_would_be_refused_are_not_written(raw, tmp_path):
    with pytest.raises(DataError):
        schema.write_raw({**raw, "patients": raw["patients"].iloc[1:]}, tmp_path / "new", manifest=SYNTHETIC)
    assert not (tmp_path / "new").exists()


def test_a_write_that_fails_half_way_leaves_no_litter_and_old_data_stay_known(raw, tmp_path, monkeypatch):
    schema.write_raw(raw, tmp_path / "data", manifest=SYNTHETIC)
    (tmp_path / "data" / "README.md").write_text("stays")
    before = {path.name: path.read_bytes() for path in (tmp_path / "data").iterdir()}

    def full(*args):
        raise OSError("disk full")

    monkeypatch.setattr(schema_manifest.Path, "write_bytes", full)
    with pytest.raises(OSError, match="disk full"):
        schema.write_raw(raw, tmp_path / "data", manifest={**SYNTHETIC, "seed": 8})
    assert {path.name: path.read_bytes() for path in (tmp_path / "data").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


# --- the manifest ----------------------------------------------------------------------------------------------


def test_the_manifest_says_what_the_data_are(raw, tmp_path):
    schema.write_raw(raw, tmp_path / "data", manifest={**SYNTHETIC, "truth": "truth.json"})
    manifest = schema.read_manifest(tmp_path / "data")
    assert manifest is not None
    assert (manifest.synthetic, manifest.seed, manifest.generator_version) == (True, 7, "1")
    assert manifest.model_extra == {"truth": "truth.json"}
    content = (tmp_path / "data" / "visits.csv").read_bytes()
    assert manifest.files["visits.csv"].sha256 == hashlib.sha256(content).hexdigest()
    assert manifest.files["visits.csv"].rows == len(raw["visits"])
    assert schema.hash_inputs(tmp_path / "data") == {
        file: record.sha256 for file, record in manifest.files.items()}
    assert schema.is_synthetic(tmp_path / "data")
    assert schema.compare_with_manifest(tmp_path / "data") == []


def test_without_a_manifest_the_origin_of_the_data_is_said_to_be_unknown(folder):
    assert schema.read_manifest(folder) is None
    assert not schema.is_synthetic(folder)
    assert schema.compare_with_manifest(folder) == [
        "There is no manifest beside the data: what they are is not recorded."]


@pytest.mark.parametrize(("synthetic", "sentences"), [
    (True, ["The data are not those of the manifest: visits.csv.",
            "The manifest still calls them synthetic; for records of your own, replace it."]),
    (False, ["The data are not those of the manifest: visits.csv."]),
])  # fmt: skip
def test_changed_data_are_named_and_stay_what_the_manifest_says(raw, tmp_path, synthetic, sentences):
    schema.write_raw(raw, tmp_path / "data", manifest={**SYNTHETIC, "synthetic": synthetic})
    with_cell(tmp_path / "data", table="visits", row=2, column="albumin_g_dl", value="3.3")
    assert schema.compare_with_manifest(tmp_path / "data") == sentences
    assert schema.is_synthetic(tmp_path / "data") is synthetic


def test_a_manifest_may_list_no_files_and_then_says_nothing_of_changes(folder):
    (folder / "manifest.json").write_text('{"synthetic": false, "description": "our clinic"}')
    assert not schema.is_synthetic(folder)
    assert schema.check_raw(folder).notes == (
        "The manifest lists no files: whether the data have changed since is not known.",)


def test_files_that_the_manifest_lists_or_forgets_are_named(raw, tmp_path):
    schema.write_raw(raw, tmp_path / "data", manifest=SYNTHETIC)
    path = tmp_path / "data" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["files"]["patients.csv"]
    path.write_text(json.dumps(manifest))
    (tmp_path / "data" / "events.csv").unlink()
    assert schema.compare_with_manifest(tmp_path / "data")[0] == (
        "The data are not those of the manifest: patients.csv, events.csv.")


@pytest.mark.parametrize(("text", "message"), [
    ("{", "manifest.json, the file: Invalid JSON"),
    ('{"description": "x"}', "manifest.json, synthetic: Field required. Correct it, or delete the file"),
    ('{"synthetic": "no", "description": "x"}', "manifest.json, synthetic: Input should be a valid boolean"),
])  # fmt: skip
def test_a_manifest_that_cannot_be_read_is_refused(folder, text, message):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(DataError, match=re.escape(message)):
        schema.check_raw(folder)


# --- derived tables --------------------------------------------------------------------------------------------


def courses() -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": ["P1", "P2"], "course_number": [1, 1], "regimen": ["mycophenolate", "rituximab"],
        "start_date": pd.to_datetime(["2012-03-05", "2014-09-15"]), "stop_date": pd.to_datetime([None, "2015-03-16"]),
        "stop_reason": [None, "no_response"], "start_month": [0.0, 0.0], "end_month": [5, np.nan],
        "is_first": [True, True],
    })  # fmt: skip


def test_a_derived_table_comes_back_as_it_was_written_with_what_made_it(tmp_path):
    written = schema.write_derived(courses().set_index(pd.Index([4, 9])), "courses", tmp_path / "run",
                                   made_with={"seed": 1, "arms": ["é"]})
    read = schema.read_derived("courses", tmp_path / "run")
    pd.testing.assert_frame_equal(written, read)
    assert str(read["course_number"].dtype) == "Int64" and str(read["regimen"].dtype) == "string"
    assert read["is_first"].tolist() == [True, True]  # columns that are not listed pass
    assert read.index.equals(pd.RangeIndex(2))
    assert schema.read_stamp("courses", tmp_path / "run") == {"seed": 1, "arms": ["é"]}
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["courses.parquet"]


@pytest.mark.parametrize(("change", "message"), [
    (lambda c: c.drop(columns="regimen"), "courses, column regimen: the column is missing"),
    (lambda c: c.assign(regimen="aspirin"), 'courses, column regimen, row 1, patient P1: "aspirin" is not a known'),
    (lambda c: c.assign(patient_id="P1"), "courses, column patient_id and course_number, row 2: patient_id P1"),
    (lambda c: c.assign(start_month=[0.0, np.nan]), "column start_month, row 2, patient P2: the cell is empty"),
    (lambda c: c.assign(course_number=[1, 21]), "column course_number, row 2, patient P2: 21 is outside 1 to 20"),
    (lambda c: c.assign(course_number=[1, 1.5]), "courses, column course_number: the values are not of type integer"),
    (lambda c: c.assign(course_number=["one", "two"]), "courses, column course_number"),
])  # fmt: skip
def test_a_derived_table_that_breaks_its_contract_is_refused_and_not_written(tmp_path, change, message):
    with pytest.raises(DataError, match=re.escape(message)):
        schema.write_derived(change(courses()), "courses", tmp_path, made_with={})
    assert not (tmp_path / "courses.parquet").exists()


def test_a_derived_table_is_checked_again_when_it_is_read(tmp_path):
    courses().assign(regimen="aspirin").to_parquet(tmp_path / "courses.parquet")
    with pytest.raises(DataError, match='"aspirin" is not a known value of Regimen'):
        schema.read_derived("courses", tmp_path)


def test_an_arm_that_is_switched_off_may_leave_its_columns_out(tmp_path):
    labels = pd.DataFrame({
        "patient_id": ["P1"], "dtt": ["cannot tell"], "is_dtt": [None], "dtt_arm": [None], "dtt_date": [pd.NaT],
        "dtt_month": [np.nan], "arm_no_response": ["cannot tell"], "arm_no_response_month": [np.nan],
        "inductions_n": [1], "final_response": ["partial"],
    })  # fmt: skip
    checked = schema.check_derived(labels, "dtt_labels")
    assert "arm_early_flare" not in checked
    assert checked["is_dtt"].isna().all() and str(checked["is_dtt"].dtype) == "boolean"


def test_a_switched_off_arm_is_no_problem_beside_a_real_one():
    with pytest.raises(DataError) as caught:
        schema.check_derived(pd.DataFrame({"patient_id": ["P1"], "dtt": ["maybe"]}), "dtt_labels")
    assert '"maybe" is not a known value of Difficult to treat' in str(caught.value)
    assert "dtt_labels, column inductions_n: the column is missing" in str(caught.value)
    assert "arm_early_flare" not in str(caught.value)


def test_a_table_without_a_key_may_repeat_a_row():
    line = {column.name: None for column in schema.table_of("dtt_trace").columns.values()}
    line |= {"patient_id": "P1", "arm": "failure_6m", "criterion": "proteinuria below its limit"}
    assert len(schema.check_derived(pd.DataFrame([line, line]), "dtt_trace")) == 2


def test_a_missing_derived_table_names_the_notebook_to_run(tmp_path):
    with pytest.raises(DataError, match=r"dtt_labels\.parquet: the table is not there\. Run 02_dtt_labelling first$"):
        schema.read_derived("dtt_labels", tmp_path)
    with pytest.raises(DataError, match="Run the notebook that writes it first"):
        schema.read_derived("survival_estimates", tmp_path)
    assert schema.read_stamp("dtt_labels", tmp_path) == {}


def test_a_table_that_no_dictionary_lists_is_kept_as_it_is(tmp_path):
    frame = pd.DataFrame({"term": ["a"], "estimate": [1.5]})
    schema.write_derived(frame, "survival_estimates", tmp_path, made_with={"n": 1})
    pd.testing.assert_frame_equal(schema.read_derived("survival_estimates", tmp_path), frame)


def test_a_damaged_derived_table_is_named(tmp_path):
    (tmp_path / "cohort.parquet").write_bytes(b"not a table")
    with pytest.raises(DataError, match=r"cohort\.parquet: the file is not a readable table .* run the notebook again"):
        schema.read_derived("cohort", tmp_path)
    assert schema.read_stamp("cohort", tmp_path) == {}


def test_a_table_from_elsewhere_has_an_empty_stamp(tmp_path):
    courses().to_parquet(tmp_path / "courses.parquet")
    assert schema.read_stamp("courses", tmp_path) == {}


# --- data quality ----------------------------------------------------------------------------------------------


def test_the_quality_summary_counts_rows_patients_and_gaps(raw):
    summary = schema.summarise_quality(raw).set_index("table")
    assert summary["rows"].to_dict() == {"patients": 5, "baseline": 5, "biopsies": 5, "visits": 17, "treatments": 9,
                                         "events": 4}  # fmt: skip
    assert summary.loc["events", "patients"] == 3
    assert summary.loc["patients", "missing_share"] == 1 / 20  # one onset date in four columns of five patients


def test_a_gap_counts_only_where_the_column_applies(raw):
    missing = schema.summarise_missing(raw).set_index(["table", "column"])
    assert missing.loc[("events", "cause_of_death"), ["missing_n", "n"]].tolist() == [0, 1]
    assert missing.loc[("events", "grade"), ["missing_n", "n"]].tolist() == [0, 1]
    assert missing.loc[("visits", "upcr_g_g"), ["missing_n", "n"]].tolist() == [1, 17]
    assert ("treatments", "stop_date") not in missing.index  # empty says "still going on"


def test_a_share_of_no_rows_is_missing(raw):
    summary = schema.summarise_quality({**raw, "events": raw["events"].iloc[:0]}).set_index("table")
    assert np.isnan(summary.loc["events", "missing_share"])


def test_the_small_study_contradicts_itself_nowhere(raw):
    found = schema.count_contradictions(raw, low_c3_below_mg_dl=90)
    assert found["contradicting_n"].sum() == 0
    assert found.set_index("contradiction").loc["leucopenia", "n"] == 4  # one count of five is not known


CONTRADICTIONS = [
    # contradiction, table, row of the table, values, contradicts?
    ("haematuria", "baseline", 3, {"urine_rbc_hpf": 5.0, "sledai_haematuria": True}, True),
    ("haematuria", "baseline", 3, {"urine_rbc_hpf": 5.0, "sledai_haematuria": False}, False),
    ("haematuria", "baseline", 3, {"urine_rbc_hpf": 5.5, "sledai_haematuria": False}, True),
    ("haematuria", "baseline", 3, {"urine_rbc_hpf": np.nan, "sledai_haematuria": True}, False),
    ("pyuria", "baseline", 3, {"urine_wbc_hpf": 6.0, "sledai_pyuria": False}, True),
    ("pyuria", "baseline", 3, {"urine_wbc_hpf": 6.0, "sledai_pyuria": False, "urine_infection": True}, False),
    ("pyuria", "baseline", 3, {"urine_wbc_hpf": 6.0, "sledai_pyuria": True, "urine_infection": True}, True),
    ("pyuria", "baseline", 3, {"urine_wbc_hpf": 5.0, "sledai_pyuria": False}, False),
    ("urinary_casts", "baseline", 3, {"urine_casts": "rbc", "sledai_urinary_casts": False}, True),
    ("urinary_casts", "baseline", 3, {"urine_casts": "wbc", "sledai_urinary_casts": False}, False),
    ("leucopenia", "baseline", 3, {"leucocytes_10e9_l": 2.9, "sledai_leucopenia": False}, True),
    ("leucopenia", "baseline", 3, {"leucocytes_10e9_l": 3.0, "sledai_leucopenia": False}, False),
    ("leucopenia", "baseline", 3, {"leucocytes_10e9_l": 3.0, "sledai_leucopenia": True}, True),
    ("low_complement", "baseline", 3, {"c3_mg_dl": 89.9, "sledai_low_complement": False}, True),
    ("low_complement", "baseline", 3, {"c3_mg_dl": 90.0, "sledai_low_complement": False}, False),
    ("low_complement", "baseline", 3, {"c3_mg_dl": 120.0, "sledai_low_complement": True}, False),  # C4 may be low
    ("dna_binding", "baseline", 3, {"anti_dsdna": "positive", "sledai_dna_binding": False}, True),
    ("dna_binding", "baseline", 3, {"anti_dsdna": "negative", "sledai_dna_binding": True}, True),
    ("serositis", "baseline", 3, {"serositis": False, "sledai_pericarditis": True}, True),
    ("serositis", "baseline", 3, {"serositis": True, "sledai_pericarditis": True}, False),
    ("class_v_lesions", "biopsies", 4, {"cellular_crescents": 1}, True),
    ("class_v_lesions", "biopsies", 4, {"interstitial_inflammation": 2}, False),
    ("class_v_lesions", "biopsies", 1, {"cellular_crescents": 1}, False),  # class III + V
    ("proteinuria", "visits", 3, {"upcr_g_g": 0.25, "protein_24h_g": 0.75}, False),
    ("proteinuria", "visits", 3, {"upcr_g_g": 0.25, "protein_24h_g": 0.76}, True),
    ("proteinuria", "visits", 3, {"upcr_g_g": 0.76, "protein_24h_g": 0.25}, True),
    ("proteinuria", "visits", 3, {"upcr_g_g": 0.0, "protein_24h_g": 0.0}, False),
    ("complement", "visits", 0, {"c3_mg_dl": 82.5}, False),  # 1.5 times the 55 of the baseline table
    ("complement", "visits", 0, {"c3_mg_dl": 82.6}, True),
    ("complement", "visits", 0, {"c3_mg_dl": 36.0}, True),
    ("complement", "visits", 0, {"c3_mg_dl": np.nan}, False),
    ("complement", "visits", 0, {"c3_mg_dl": 200.0, "visit_date": pd.Timestamp("2012-03-15")}, True),
    ("complement", "visits", 0, {"c3_mg_dl": 200.0, "visit_date": pd.Timestamp("2012-03-16")}, False),  # day 15
    ("complement", "visits", 1, {"c3_mg_dl": 200.0, "visit_date": pd.Timestamp("2012-03-03")}, False),  # not nearest
    ("complement", "baseline", 0, {"c3_mg_dl": np.nan}, False),
    ("complement", "baseline", 0, {"c3_mg_dl": 200.0, "assessment_date": pd.NaT}, False),
    ("blood_pressure", "visits", 3, {"systolic_mmhg": 80.0, "diastolic_mmhg": 80.0}, True),
    ("blood_pressure", "visits", 3, {"systolic_mmhg": 81.0, "diastolic_mmhg": 80.0}, False),
    ("course_numbers", "treatments", 3, {"course_number": 3}, True),
    ("course_numbers", "treatments", 8, {"course_number": 2}, True),  # the first induction has another number than 1
    ("course_dates", "treatments", 3, {"start_date": pd.Timestamp("2014-09-14")}, True),
    ("course_dates", "treatments", 3, {"start_date": pd.Timestamp("2014-09-15")}, False),
    ("event_details", "events", 1, {"cause_of_death": "infection"}, True),
    ("event_details", "events", 2, {"grade": 5}, True),
]


@pytest.mark.parametrize(("contradiction", "table", "row", "values", "contradicts"), CONTRADICTIONS)
def test_findings_that_do_not_go_together_are_counted(raw, contradiction, table, row, values, contradicts):
    changed = raw[table].copy()
    for column, value in values.items():
        changed.loc[row, column] = value
    found = schema.count_contradictions({**raw, table: changed}, low_c3_below_mg_dl=90).set_index("contradiction")
    assert found.loc[contradiction, "contradicting_n"] == int(contradicts)


def test_the_small_study_can_be_written_where_a_colleague_wants_it(tmp_path):
    assert write_small_study(tmp_path / "a" / "b") == tmp_path / "a" / "b"
