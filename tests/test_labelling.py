"""The hand-made patients of tests/patients, from raw tables to label, and what a trace must hold."""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.definitions import ARM_LABELS, DAYS_PER_MONTH
from helpers.parameters import check_parameters
from helpers.schema.dictionary import raw_dictionary
from helpers.stages import make_tables

TIME_ZERO = pd.Timestamp("2015-03-02")
WORDS = {"y": "yes", "n": "no", "?": "cannot tell"}
RESPONSES = {"CR": "complete", "PR": "partial", "NR": "none", "?": "cannot tell"}
ANYBODY = {"minimum_followup_months": 0.0, "require_complete_records": False}
FOLDER = Path(__file__).parent / "patients"


def read_patients(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


PATIENTS = [patient for arm in ARM_LABELS for patient in read_patients(FOLDER / f"{arm}.md")]


def day_of(time: str) -> int:
    return int(time[1:]) if time.startswith("d") else round(float(time) * DAYS_PER_MONTH)


def date_of(time: str) -> pd.Timestamp:
    return TIME_ZERO + pd.Timedelta(days=day_of(time))


def number(text: str) -> float:
    return np.nan if text == "-" else float(text)


def make_visits(patient: dict[str, str]) -> pd.DataFrame:
    rows = []
    for visit in patient["Visits"].split(", "):
        time, values = visit.split(": ")
        creatinine, upcr = values.split("/")
        rows.append({"visit_date": date_of(time), "creatinine_mg_dl": number(creatinine), "upcr_g_g": number(upcr)})
    frame = pd.DataFrame(rows).assign(protein_24h_g=np.nan, urine_rbc_hpf=np.nan, urine_wbc_hpf=np.nan)
    return frame.assign(patient_id=patient["Patient"], urine_casts=pd.array([pd.NA] * len(frame), dtype="string"))


def make_treatments(patient: dict[str, str]) -> pd.DataFrame:
    rows = []
    for course, text in enumerate(patient["Inductions"].split(", "), start=1):
        time, reason = re.fullmatch(r"(\S+)(?: \((\w+)\))?", text).groups()
        rows.append({"patient_id": patient["Patient"], "course_number": course, "phase": "induction",
                     "regimen": "mycophenolate", "start_date": date_of(time), "stop_date": pd.NaT,
                     "stop_reason": reason})
    frame = pd.DataFrame(rows).astype({"stop_date": "datetime64[ns]", "course_number": "Int64"})
    return frame.astype(dict.fromkeys(("patient_id", "phase", "regimen", "stop_reason"), "string"))


def make_events(patient: dict[str, str]) -> pd.DataFrame:
    rows = []
    for event in filter(None, patient["Events"].split(", ")):
        kind, times = event.rsplit(" ", 1)
        start, _, end = times.partition("-") if not times.startswith("d-") else (times, "", "")
        kind = {"last seen": "lost_to_followup"}.get(kind, kind)
        rows.append((kind, date_of(start), date_of(end) if end else pd.NaT))
    if not any(kind in ("death", "lost_to_followup") for kind, _, _ in rows):
        rows.append(("adverse_event", date_of("30"), pd.NaT))
    frame = pd.DataFrame(rows, columns=["event_type", "event_date", "event_end_date"])
    return frame.assign(patient_id=patient["Patient"], event_type=frame["event_type"].astype("string"),
                        event_end_date=frame["event_end_date"].astype("datetime64[ns]"))


def make_raw(patient: dict[str, str]) -> dict[str, pd.DataFrame]:
    one = pd.DataFrame({"patient_id": pd.array([patient["Patient"]], dtype="string")})
    sparse = {
        "patients": one.assign(sex="female", birth_date=pd.Timestamp("1990-01-15")),
        "baseline": one, "biopsies": one.assign(biopsy_id="B", biopsy_date=date_of("d-5"), isn_rps_class="IV"),
        "visits": make_visits(patient), "treatments": make_treatments(patient), "events": make_events(patient),
    }
    tables = {}
    for name, frame in sparse.items():
        dtypes = {column.name: column.dtype for column in raw_dictionary().tables[name].columns.values()}
        tables[name] = frame.reindex(columns=list(dtypes)).astype(dtypes)
    return tables


@cache
def label_all(rule: str) -> dict[str, pd.DataFrame]:
    """The tables of all hand-made patients that share a rule."""
    raws = [make_raw(patient) for patient in PATIENTS if patient["Rule"] == rule]
    raw = {name: pd.concat([one[name] for one in raws], ignore_index=True) for name in raws[0]}
    changes = dict(change.split("=", 1) for change in filter(None, rule.split("; ")))
    values = {name: json.loads(text) if re.match(r"[\[\d]", text) else text for name, text in changes.items()}
    return make_tables(raw, check_parameters({**ANYBODY, **values}))


def label(patient: dict[str, str]) -> tuple[pd.Series, pd.DataFrame]:
    tables = label_all(patient["Rule"])
    labels, trace = (tables[name].loc[tables[name]["patient_id"] == patient["Patient"]]
                     for name in ("dtt_labels", "dtt_trace"))
    return labels.iloc[0], trace


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient["Patient"])
def test_a_hand_made_patient_gets_the_label_that_a_clinician_expects(patient):
    found, _ = label(patient)
    arms = {arm: WORDS[patient[arm[0].upper()]] for arm in ARM_LABELS if patient[arm[0].upper()] != "."}
    expected = {"dtt": patient["DTT"], **{f"arm_{arm}": word for arm, word in arms.items()}}
    assert {name: found[name] for name in expected} == expected
    assert (patient["Arm"] or pd.NA) is found["dtt_arm"] or patient["Arm"] == found["dtt_arm"]
    assert found["dtt_date"] is pd.NaT if not patient["When"] else found["dtt_date"] == date_of(patient["When"])
    assert found["final_response"] == RESPONSES[patient["Final"]]
    assert found["inductions_n"] == len(patient["Inductions"].split(", "))


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient["Patient"])
def test_the_trace_of_each_arm_ends_with_its_answer_and_reason(patient):
    found, trace = label(patient)
    answers = trace.loc[trace["criterion"].str.startswith("answer: ")].set_index("arm")
    for arm in ARM_LABELS:
        if f"arm_{arm}" in found:
            passed = answers.loc[arm, "passed"]
            assert ("cannot tell" if pd.isna(passed) else "yes" if passed else "no") == found[f"arm_{arm}"]
            assert answers.loc[arm, "note"]
        else:
            assert arm not in answers.index


def test_there_are_hand_made_patients_for_every_arm_and_every_answer():
    assert len(PATIENTS) > 100
    for letter in "WFNE":
        assert {patient[letter] for patient in PATIENTS} >= {"y", "n", "?"}


def test_with_the_biopsy_as_time_zero_visits_before_treatment_still_never_count():
    patient = {"Patient": "B01", "Visits": "0: 0.8/3.0, d10: 0.8/0.3, 6: 0.8/2.0, 9: 0.8/2.0", "Inductions": "d20",
               "Events": "", "Rule": ""}  # fmt: skip
    raw = make_raw(patient)
    found = make_tables(raw, check_parameters({**ANYBODY, "time_zero": "biopsy"}))["dtt_labels"].iloc[0]
    assert (found["dtt"], found["dtt_arm"], found["dtt_date"]) == ("yes", "failure_6m", date_of("6"))
    assert found["dtt_month"] == pytest.approx((day_of("6") + 5) / DAYS_PER_MONTH)
    assert found["arm_no_response"] == "yes"


def test_with_the_biopsy_as_time_zero_visits_before_it_never_count_even_under_treatment():
    patient = {"Patient": "B03", "Visits": "d-50: 0.8/3.0, d-20: 0.8/0.3, 6: 0.8/2.0, 9: 0.8/2.0", "Inductions": "d-40",
               "Events": "", "Rule": ""}  # fmt: skip
    found = make_tables(make_raw(patient), check_parameters({**ANYBODY, "time_zero": "biopsy"}))["dtt_labels"].iloc[0]
    assert found["arm_no_response"] == "yes"


def test_a_flare_clock_that_starts_with_treatment_does_not_start_with_the_biopsy():
    patient = {"Patient": "B02", "Visits": "0: 0.8/3.0, 3: 0.8/1.0, 6: 0.8/0.3, d734: 0.8/2.0", "Inductions": "d4, 25",
               "Events": "", "Rule": ""}  # fmt: skip
    for at, expected in (("d734", "yes"), ("d735", "no")):
        raw = make_raw({**patient, "Visits": patient["Visits"].replace("d734", at)})
        found = make_tables(raw, check_parameters({**ANYBODY, "time_zero": "biopsy"}))["dtt_labels"].iloc[0]
        assert found["arm_early_flare"] == expected


def test_nobody_eligible_gives_empty_tables_of_the_same_form():
    raw = make_raw({"Patient": "N01", "Visits": "0: 0.8/3.0, 6: 0.8/2.0", "Inductions": "0", "Events": "", "Rule": ""})
    some, none = (make_tables(raw, check_parameters({**ANYBODY, **more})) for more in ({}, {"study_end": "2010-01-01"}))
    for name in ("assessments", "courses", "dtt_labels", "dtt_trace"):
        assert len(some[name]) and none[name].empty
        assert none[name].columns.tolist() == some[name].columns.tolist()
        assert none[name].dtypes.tolist() == some[name].dtypes.tolist()
