"""Each thing that can be wrong with the data gets one clear message: which table, column, row, and what to do."""

import re
from pathlib import Path

import pytest
from small_study import SMALL_STUDY, with_cell

from helpers.schema import DataError, read_raw


def refusal(folder: Path) -> str:
    """The message with which a folder is refused."""
    with pytest.raises(DataError) as caught:
        read_raw(folder)
    return str(caught.value)


def edit(folder: Path, table: str, change) -> None:
    """Rewrite one file through a function of its text."""
    path = folder / f"{table}.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")


ONE_CELL = [
    # what is wrong: table, row, column, value, and the message in full
    ("a decimal comma", "visits", 3, "creatinine_mg_dl", "1,2",
     'visits.csv, column creatinine_mg_dl, row 3, patient P1: "1,2" is not a number. Write a decimal point: 1.2'),
    ("a number with its unit", "visits", 3, "upcr_g_g", "1.1 g/g",
     'visits.csv, column upcr_g_g, row 3, patient P1: "1.1 g/g" is not a number. Write the number only, in g/g: 1.1'),
    ("a value below detection", "visits", 3, "anti_dsdna_iu_ml", "<10",
     'visits.csv, column anti_dsdna_iu_ml, row 3, patient P1: "<10" is not a number. '
     "Write the limit of detection as a number, or leave the cell empty"),
    ("a word for missing", "visits", 3, "albumin_g_dl", "NA",
     'visits.csv, column albumin_g_dl, row 3, patient P1: "NA" is not a number. '
     "Leave the cell empty where the value is not known"),
    ("text in a number", "visits", 3, "albumin_g_dl", "high",
     'visits.csv, column albumin_g_dl, row 3, patient P1: "high" is not a number. '
     "Write digits with a decimal point, or leave the cell empty"),
    ("an infinite number", "visits", 3, "albumin_g_dl", "inf",
     'visits.csv, column albumin_g_dl, row 3, patient P1: "inf" is not a number. '
     "Write digits with a decimal point, or leave the cell empty"),
    ("a fraction of a glomerulus", "biopsies", 3, "glomeruli", "2.5",
     'biopsies.csv, column glomeruli, row 3, patient P2: "2.5" is not a whole number. Write a whole number'),
    ("a day and month that can change places", "visits", 4, "visit_date", "03/04/2012",
     'visits.csv, column visit_date, row 4, patient P1: "03/04/2012" is not written as YYYY-MM-DD and can be read '
     "in two ways. Write 2012-04-03 or 2012-03-04, whichever is meant"),
    ("a date with the day first", "visits", 4, "visit_date", "25.12.2012",
     'visits.csv, column visit_date, row 4, patient P1: "25.12.2012" is not written as YYYY-MM-DD. Write 2012-12-25'),
    ("a date with the month first", "visits", 4, "visit_date", "12/25/2012",
     'visits.csv, column visit_date, row 4, patient P1: "12/25/2012" is not written as YYYY-MM-DD. Write 2012-12-25'),
    ("a date in words", "visits", 4, "visit_date", "6 Sept 2012",
     'visits.csv, column visit_date, row 4, patient P1: "6 Sept 2012" is not a date. Write it as YYYY-MM-DD'),
    ("a spreadsheet's day number", "visits", 4, "visit_date", "41158",
     'visits.csv, column visit_date, row 4, patient P1: "41158" is not a date but a spreadsheet\'s day number. '
     "Format the column as YYYY-MM-DD and save again"),
    ("a date with a time", "visits", 4, "visit_date", "2012-09-06 00:00",
     'visits.csv, column visit_date, row 4, patient P1: "2012-09-06 00:00" is a date with a time. '
     "Write the day only: 2012-09-06"),
    ("a day that does not exist", "patients", 2, "birth_date", "1985-02-30",
     'patients.csv, column birth_date, row 2, patient P1: "1985-02-30" is not a day of the calendar. '
     "Check the month and the day (YYYY-MM-DD)"),
    ("a slip in the century", "patients", 2, "birth_date", "1085-04-15",
     'patients.csv, column birth_date, row 2, patient P1: "1085-04-15" is not a day of the calendar. '
     "Check the month and the day (YYYY-MM-DD)"),
    ("a year before anyone alive", "patients", 2, "birth_date", "1885-04-15",
     'patients.csv, column birth_date, row 2, patient P1: "1885-04-15" is outside 1900 to 2099. Check the year'),
    ("a word for a missing date", "patients", 3, "sle_onset_date", "unknown",
     'patients.csv, column sle_onset_date, row 3, patient P2: "unknown" is not a date. '
     "Leave the cell empty where the value is not known"),
    ("true for yes", "baseline", 2, "serositis", "TRUE",
     'baseline.csv, column serositis, row 2, patient P1: "TRUE" is neither yes nor no. Write yes'),
    ("zero for no", "baseline", 2, "serositis", "0",
     'baseline.csv, column serositis, row 2, patient P1: "0" is neither yes nor no. Write no'),
    ("a doubtful yes", "baseline", 2, "serositis", "perhaps",
     'baseline.csv, column serositis, row 2, patient P1: "perhaps" is neither yes nor no. '
     "Write yes or no, or leave the cell empty"),
    ("an unknown class", "biopsies", 2, "isn_rps_class", "VII",
     'biopsies.csv, column isn_rps_class, row 2, patient P1: "VII" is not a known value of ISN/RPS class: '
     "did you mean VI?"),
    ("a class in another case", "biopsies", 2, "isn_rps_class", "class iv",
     'biopsies.csv, column isn_rps_class, row 2, patient P1: "class iv" is not a known value of ISN/RPS class: '
     "did you mean IV?"),
    ("a class near none", "biopsies", 2, "isn_rps_class", "4",
     'biopsies.csv, column isn_rps_class, row 2, patient P1: "4" is not a known value of ISN/RPS class: '
     "known: I, II, III, IV, V, III+V, IV+V, VI"),
    ("a label for its word", "treatments", 4, "regimen", "Cyclophosphamide (low dose)",
     'treatments.csv, column regimen, row 4, patient P2: "Cyclophosphamide (low dose)" is not a known value of '
     "Regimen: did you mean eurolupus_cyclophosphamide?"),
    ("a word for a missing choice", "biopsies", 2, "isn_rps_class", "n/a",
     'biopsies.csv, column isn_rps_class, row 2, patient P1: "n/a" is not a known value of ISN/RPS class: '
     "known: I, II, III, IV, V, III+V, IV+V, VI. Leave the cell empty where the value is not known"),
    ("a value above its range", "visits", 3, "creatinine_mg_dl", "97",
     "visits.csv, column creatinine_mg_dl, row 3, patient P1: 97 is outside 0.1 to 30 mg/dL. "
     "Check the value and its unit"),
    ("a value below its range", "visits", 3, "upcr_g_g", "-0.1",
     "visits.csv, column upcr_g_g, row 3, patient P1: -0.1 is outside 0 to 50 g/g. Check the value and its unit"),
    ("a grade that does not exist", "events", 2, "grade", "6",
     "events.csv, column grade, row 2, patient P1: 6 is outside 1 to 5. Check the value and its unit"),
    ("a gap where a value is needed", "patients", 3, "sex", "",
     "patients.csv, column sex, row 3, patient P2: the cell is empty, and every row needs sex. Fill it in"),
    ("a row without a patient", "visits", 3, "patient_id", "",
     "visits.csv, column patient_id, row 3: the cell is empty, and every row needs patient. Fill it in"),
    ("a visit on a day that has one", "visits", 3, "visit_date", "2012-03-02",
     "visits.csv, column patient_id and visit_date, row 3: patient_id P1, visit_date 2012-03-02 is already in row 2. "
     "Keep one row (one row per patient and visit day)"),
    ("a biopsy id used twice", "biopsies", 4, "biopsy_id", "B1",
     "biopsies.csv, column biopsy_id, row 4: biopsy_id B1 is already in row 2. "
     "Keep one row (one row per kidney biopsy)"),
    ("a patient who is not on file", "events", 5, "patient_id", "P9",
     'events.csv, column patient_id, row 5, patient P9: "P9" is not in patients.csv. '
     "Add the patient there, or correct the id"),
    ("onset before birth", "patients", 2, "sle_onset_date", "1985-04-14",
     "patients.csv, column sle_onset_date, row 2, patient P1: 1985-04-14 lies before birth_date 1985-04-15. "
     "Correct one of the two dates"),
    ("a biopsy before birth", "biopsies", 2, "biopsy_date", "1984-03-01",
     "biopsies.csv, column biopsy_date, row 2, patient P1: 1984-03-01 lies before birth_date 1985-04-15. "
     "Correct one of the two dates"),
    ("a visit after death", "visits", 16, "visit_date", "2016-11-21",
     "visits.csv, column visit_date, row 16, patient P3: 2016-11-21 lies after death on 2016-11-20. "
     "Correct one of the two dates"),
    ("a course that stops before it starts", "treatments", 2, "stop_date", "2012-03-04",
     "treatments.csv, column stop_date, row 2, patient P1: 2012-03-04 lies before start_date 2012-03-05. "
     "Correct one of the two dates"),
    ("dialysis that ends before it begins", "events", 3, "event_end_date", "2016-02-29",
     "events.csv, column event_end_date, row 3, patient P3: 2016-02-29 lies before event_date 2016-03-01. "
     "Correct one of the two dates"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "column", "value", "message"), [case[1:] for case in ONE_CELL],
                         ids=[case[0] for case in ONE_CELL])  # fmt: skip
def test_one_spoilt_cell_gets_one_message_that_says_where_and_what_to_do(folder, table, row, column, value, message):
    with_cell(folder, table=table, row=row, column=column, value=value)
    assert refusal(folder) == message


ACCEPTED = [
    ("the lowest value of a range", "visits", 3, "creatinine_mg_dl", "0.1"),
    ("the highest value of a range", "visits", 3, "creatinine_mg_dl", "30"),
    ("a whole number written with a point", "biopsies", 2, "glomeruli", "18.0"),
    ("blanks around a value", "biopsies", 2, "isn_rps_class", " IV "),
    ("a blank for a missing value", "visits", 3, "upcr_g_g", "  "),
    ("onset on the day of birth", "patients", 2, "sle_onset_date", "1985-04-15"),
    ("a visit on the day of death", "visits", 16, "visit_date", "2016-11-20"),
    ("a course of a single day", "treatments", 2, "stop_date", "2012-03-05"),
    ("a number with an exponent", "visits", 3, "anti_dsdna_iu_ml", "2e2"),
    ("a number with a plus", "visits", 3, "anti_dsdna_iu_ml", "+20"),
]


@pytest.mark.parametrize(("table", "row", "column", "value"), [case[1:] for case in ACCEPTED],
                         ids=[case[0] for case in ACCEPTED])  # fmt: skip
def test_what_lies_just_inside_is_accepted(folder, table, row, column, value):
    with_cell(folder, table=table, row=row, column=column, value=value)
    assert set(read_raw(folder)) == set(SMALL_STUDY)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    message = refusal(tmp_path / "nowhere")
    assert message.startswith(f"{tmp_path / 'nowhere'}: there is no such folder. Give the folder that holds")


def test_a_missing_table_is_named_and_a_file_of_a_similar_name_offered(folder):
    (folder / "visits.csv").rename(folder / "visit.csv")
    message = refusal(folder)
    assert message == f"visits.csv: the table is missing from {folder}. Add the file; did you mean visit.csv?"


def test_a_folder_without_any_table_names_all_six(tmp_path):
    message = refusal(tmp_path)
    assert message.startswith("The data cannot be used: 6 problems.")
    for table in SMALL_STUDY:
        assert f"{table}.csv: the table is missing from {tmp_path}. Add the file\n" in message + "\n"


def test_a_missing_column_is_named_with_what_it_means(folder):
    edit(folder, "treatments", lambda text: re.sub(r",[^,\n]*$", "", text, flags=re.MULTILINE))
    assert refusal(folder) == (
        "treatments.csv, column stop_reason: the column is missing from row 1. Add it (its cells may be empty): "
        "Why it ended; empty while it goes on. "
        "Row 1 has: patient_id, course_number, phase, regimen, start_date, stop_date")


def test_a_misspelt_column_is_recognised(folder):
    edit(folder, "visits", lambda text: text.replace("upcr_g_g", "UPCR g g", 1))
    assert refusal(folder) == (
        'visits.csv, column upcr_g_g: the column is missing from row 1. If "UPCR g g" holds the same in the same unit '
        "(g/g), rename it to upcr_g_g")


def test_a_column_in_another_unit_is_not_taken_for_a_misspelling(folder):
    edit(folder, "visits", lambda text: text.replace("creatinine_mg_dl", "creatinine_umol_l", 1))
    assert refusal(folder).startswith(
        "visits.csv, column creatinine_mg_dl: the column is missing from row 1. Add it (its cells may be empty): "
        "Serum creatinine (µmol/L divided by 88.4). Row 1 has: patient_id, visit_date, creatinine_umol_l")


def test_a_misspelt_optional_column_is_not_lost_in_silence(folder):
    edit(folder, "baseline", lambda text: text.replace("preflare_creatinine_mg_dl", "preflare_creatinin_mg_dl", 1))
    message = refusal(folder)
    assert message.startswith("baseline.csv, column preflare_creatinine_mg_dl: the column is missing from row 1. If ")
    assert message.endswith("otherwise give it a name that cannot be mistaken")


def test_a_column_that_is_there_twice_is_refused(folder):
    edit(folder, "patients", lambda text: text.replace("sle_onset_date", "birth_date", 1))
    assert "patients.csv, column birth_date: the column is there twice. Delete one of them" in refusal(folder)


def test_a_file_without_a_header_is_told_what_row_1_must_hold(folder):
    edit(folder, "patients", lambda text: text.split("\n", 1)[1])
    assert refusal(folder) == (
        "patients.csv, row 1: there is no known column name in it (P1, female, 1985-04-15, 2008-02-01). "
        "Row 1 must hold the column names: patient_id, sex, birth_date, sle_onset_date")


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_told_what_row_1_must_hold(folder, content):
    (folder / "visits.csv").write_text(content, encoding="utf-8")
    assert refusal(folder) == (
        "visits.csv: the file is empty. Row 1 must hold the column names: patient_id, visit_date, creatinine_mg_dl, "
        "upcr_g_g, protein_24h_g, ...")


def test_a_table_with_a_header_only_is_refused(folder):
    edit(folder, "biopsies", lambda text: text.split("\n", 1)[0])
    assert refusal(folder) == "biopsies.csv: there are no rows below the header. Add one row per kidney biopsy"


def test_events_may_be_empty_since_nothing_may_have_happened_yet(folder):
    edit(folder, "events", lambda text: text.split("\n", 1)[0] + "\n")
    events = read_raw(folder)["events"]
    assert len(events) == 0
    assert str(events["grade"].dtype) == "Int64"


def test_a_wrong_encoding_names_column_and_row(folder):
    path = folder / "patients.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("male,1979", "mâle,1979").encode("latin-1"))
    assert refusal(folder) == (
        'patients.csv, column sex, row 3: there is a character that is not UTF-8, near "P2,mâle,1". '
        'Save the file again as "CSV UTF-8"')


def test_utf_16_is_recognised(folder):
    path = folder / "patients.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    assert refusal(folder) == 'patients.csv: the file is in UTF-16, not UTF-8. Save it again as "CSV UTF-8"'


def test_a_workbook_under_the_name_of_a_csv_file_is_recognised(folder):
    (folder / "visits.csv").write_bytes(b"PK\x03\x04rest")
    assert refusal(folder).startswith("visits.csv: the file is a spreadsheet workbook, not CSV. Open it and save")


def test_a_file_that_cannot_be_opened_is_named(folder, monkeypatch):
    def locked(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", locked)
    assert "visits.csv: the file cannot be read (Permission denied). Close it in other programs" in refusal(folder)


@pytest.mark.parametrize(("mark", "words"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_a_wrong_separator_is_named(folder, mark, words):
    edit(folder, "visits", lambda text: text.replace(",", mark))
    assert refusal(folder) == (
        f"visits.csv: the columns are separated by {words}, not by commas: save the file as CSV with commas between "
        "the columns and points in the numbers")


def test_a_quote_that_is_never_closed_in_row_1_is_refused_without_a_crash(folder):
    edit(folder, "visits", lambda text: '"' + text + "x" * 200_000)
    assert refusal(folder).startswith("visits.csv, row 1: there is no known column name in it")


def test_ragged_rows_are_named_by_their_number_in_the_file(folder):
    def spoil(text: str) -> str:
        rows = text.split("\n")
        rows[2] += ",extra"
        rows[3] = ""
        rows[5] = rows[5].rsplit(",", 1)[0]
        return "\n".join(rows)

    edit(folder, "visits", spoil)
    message = refusal(folder)
    remedy = "Put a text that holds a comma in double quotes, and write decimals with a point"
    assert f"visits.csv, row 3: the row has 15 cells and the header has 14. {remedy}" in message
    assert f"visits.csv, row 6: the row has 13 cells and the header has 14. {remedy}" in message
    assert message.startswith("The data cannot be used: 2 problems.")


def test_rows_after_empty_and_two_line_rows_keep_the_number_that_a_spreadsheet_shows(folder):
    def spoil(text: str) -> str:
        rows = text.split("\n")
        rows[2] = rows[2].replace("azathioprine", '"azathio\nprine"')
        return "\n".join([rows[0], rows[1], "", ",,,,,,", *rows[2:]])

    edit(folder, "treatments", spoil)
    assert refusal(folder) == (
        'treatments.csv, column regimen, row 5, patient P1: "azathio prine" is not a known value of Regimen: '
        "did you mean azathioprine?")


def test_many_problems_of_one_kind_are_counted_and_three_shown(folder):
    edit(folder, "visits", lambda text: text.replace(",none,", ",None,"))
    count = SMALL_STUDY["visits"].count(",none,")
    message = refusal(folder)
    assert message.startswith(f"The data cannot be used: {count} problems.")
    assert message.count('"None" is not a known value of Urinary casts: did you mean none?') == 3
    assert message.endswith(f"visits.csv, column urine_casts: {count - 3} more of the same kind")


def test_problems_of_all_tables_are_reported_together(folder):
    with_cell(folder, table="patients", row=2, column="sex", value="F")
    with_cell(folder, table="visits", row=2, column="albumin_g_dl", value="2,8")
    (folder / "events.csv").unlink()
    message = refusal(folder)
    assert message.startswith("The data cannot be used: 3 problems.")
    for file in ("patients.csv, column sex, row 2", "visits.csv, column albumin_g_dl, row 2", "events.csv: the table"):
        assert file in message


def test_a_message_stays_readable_when_everything_is_wrong(folder):
    edit(folder, "baseline", lambda text: text.replace(",no", ",NO").replace(",yes", ",YES"))
    edit(folder, "biopsies", lambda text: re.sub(r",(\d)(?=[,\n])", r",\1 ?", text))
    edit(folder, "visits", lambda text: re.sub(r",(\d+\.?\d*)(?=[,\n])", r",\1 ?", text))
    message = refusal(folder)
    assert re.search(r"\.\.\. and \d+ more kinds of problem: mend these first$", message)


def test_two_deaths_of_one_patient_are_refused(folder):
    edit(folder, "events", lambda text: text + "E5,P3,2016-11-21,death,,,,other\n")
    message = refusal(folder)
    assert "events.csv, column event_type, row 6, patient P3: death is in an earlier row of this patient" in message


def test_a_patient_on_file_twice_is_refused_with_both_rows(folder):
    edit(folder, "patients", lambda text: text + "P1,female,1985-04-15,\n")
    assert refusal(folder) == (
        "patients.csv, column patient_id, row 7: patient_id P1 is already in row 2. "
        "Keep one row (one row per patient on file, eligible or not)")


def test_long_texts_and_line_breaks_do_not_spread_over_the_message(folder):
    with_cell(folder, table="visits", row=3, column="upcr_g_g", value="see\nthe letter of " + "x" * 60)
    assert refusal(folder).count("\n") == 0
    assert '"see the letter of xxxxxxxxxxxxxxxxxxxxx…"' in refusal(folder)
