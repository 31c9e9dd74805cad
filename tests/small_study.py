"""Five invented patients in all six raw tables, valid as they stand; tests spoil copies of them.

P1  class IV, complete response, still followed          P4  class II: on file, not eligible
P2  class III + V, no response, second induction         P5  class V, few records, lost early
P3  class IV, responds, flares, dialysis, dies
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from helpers.schema import raw_dictionary, read_raw

PATIENTS = """\
patient_id,sex,birth_date,sle_onset_date
P1,female,1985-04-15,2008-02-01
P2,male,1979-11-15,2011-06-15
P3,female,1990-07-15,2010-01-10
P4,female,1988-01-15,
P5,female,1993-09-15,2016-05-20
"""

BIOPSIES = """\
biopsy_id,patient_id,biopsy_date,isn_rps_class,glomeruli,endocapillary_hypercellularity,neutrophils_karyorrhexis,\
fibrinoid_necrosis,wire_loops,cellular_crescents,interstitial_inflammation,glomerulosclerosis,fibrous_crescents,\
tubular_atrophy,interstitial_fibrosis
B1,P1,2012-03-01,IV,18,2,1,0,1,1,1,0,0,0,0
B2,P2,2014-09-10,III+V,12,1,1,1,0,0,2,1,0,1,1
B3,P3,2013-05-20,IV,22,3,2,1,2,2,2,1,1,1,1
B4,P4,2015-02-11,II,9,0,0,0,0,0,0,0,0,0,0
B5,P5,2019-10-02,V,14,,,0,0,0,1,0,0,0,0
"""

VISITS = """\
patient_id,visit_date,creatinine_mg_dl,upcr_g_g,protein_24h_g,urine_rbc_hpf,urine_wbc_hpf,urine_casts,albumin_g_dl,\
c3_mg_dl,c4_mg_dl,anti_dsdna_iu_ml,systolic_mmhg,diastolic_mmhg
P1,2012-03-02,1.1,3.2,,12,4,rbc,2.8,55,8,220,138,88
P1,2012-06-04,0.9,1.1,,4,2,none,3.4,80,14,90,128,80
P1,2012-09-06,0.8,0.4,,2,1,none,3.9,95,18,30,122,78
P1,2013-03-05,0.8,0.2,0.25,1,1,none,4.1,102,20,20,120,76
P1,2016-03-07,0.8,0.1,,1,0,none,4.2,110,22,15,118,74
P2,2014-09-12,1.3,4.8,5.0,30,12,rbc,2.1,60,10,150,150,95
P2,2014-12-15,1.4,4.5,,25,10,rbc,2.2,65,11,140,148,92
P2,2015-03-16,1.5,4.1,,20,8,wbc,2.4,70,12,120,146,92
P2,2015-09-14,1.2,1.6,,8,4,none,3.1,85,15,60,136,86
P2,2018-09-17,1.1,0.6,,3,2,none,3.8,98,19,25,130,82
P3,2013-05-21,1.6,5.5,,45,20,rbc,1.9,40,5,400,160,100
P3,2013-08-22,1.2,1.9,,10,6,none,2.7,70,11,160,142,90
P3,2013-11-25,1.0,0.4,,3,2,none,3.5,92,17,60,130,84
P3,2014-08-28,1.7,3.1,,28,9,rbc,2.6,58,9,260,152,96
P3,2016-02-15,4.8,4.0,,15,6,other,2.3,66,12,180,164,102
P4,2015-02-11,0.7,0.6,,3,1,none,3.8,88,16,40,118,76
P5,2019-10-03,0.6,,2.9,2,2,none,2.5,90,18,20,116,72
"""

TREATMENTS = """\
patient_id,course_number,phase,regimen,start_date,stop_date,stop_reason
P1,1,induction,nih_cyclophosphamide,2012-03-05,2012-09-05,completed
P1,1,maintenance,azathioprine,2012-09-06,,
P2,1,induction,eurolupus_cyclophosphamide,2014-09-15,2015-03-16,no_response
P2,2,induction,mycophenolate,2015-03-17,2015-09-14,completed
P2,2,maintenance,mycophenolate,2015-09-15,,
P3,1,induction,nih_cyclophosphamide,2013-05-22,2013-11-25,completed
P3,1,maintenance,azathioprine,2013-11-26,2014-08-28,flare
P3,2,induction,rituximab,2014-09-01,2015-03-01,completed
P5,1,induction,mycophenolate,2019-10-05,,
"""

EVENTS = """\
event_id,patient_id,event_date,event_type,event_end_date,adverse_event_type,grade,cause_of_death
E1,P1,2012-07-10,adverse_event,,herpes_zoster,2,
E2,P3,2016-03-01,dialysis,,,,
E3,P3,2016-11-20,death,,,,infection
E4,P5,2020-01-15,lost_to_followup,,,,
"""

_USUAL = {"yes_no": "no", "choice": "negative", "number": "10", "text": "", "date": ""}
_BASELINE: dict[str, dict[str, str]] = {
    "P1": {"assessment_date": "2012-03-01", "constitutional_symptoms": "yes", "urine_rbc_hpf": "12",
           "urine_casts": "rbc", "sledai_haematuria": "yes", "sledai_proteinuria": "yes",
           "sledai_urinary_casts": "yes", "c3_mg_dl": "55",
           "sledai_low_complement": "yes", "anti_dsdna": "positive", "sledai_dna_binding": "yes"},
    "P2": {"assessment_date": "2014-09-10", "systolic_mmhg": "150", "diastolic_mmhg": "95", "urine_rbc_hpf": "30",
           "urine_wbc_hpf": "12", "urine_casts": "rbc", "sledai_haematuria": "yes", "sledai_pyuria": "yes",
           "sledai_proteinuria": "yes", "la_first": "positive", "la_repeat": "positive", "c3_mg_dl": "60",
           "sledai_low_complement": "yes", "anti_dsdna": "positive", "sledai_dna_binding": "yes",
           "sledai_urinary_casts": "yes", "preflare_creatinine_mg_dl": "0.9"},
    "P3": {"assessment_date": "2013-05-20", "serositis": "yes", "sledai_pleurisy": "yes", "leucocytes_10e9_l": "2.9",
           "sledai_leucopenia": "yes", "urine_rbc_hpf": "45", "urine_wbc_hpf": "20", "urine_casts": "rbc",
           "sledai_haematuria": "yes", "sledai_pyuria": "yes", "sledai_urinary_casts": "yes",
           "sledai_proteinuria": "yes", "acl_first_u_ml": "62", "c3_mg_dl": "40", "sledai_low_complement": "yes",
           "anti_dsdna": "positive", "sledai_dna_binding": "yes", "anti_ro60": "positive"},
    "P4": {"assessment_date": "2015-02-11", "c3_mg_dl": "95"},
    "P5": {"assessment_date": "2019-10-02", "c3_mg_dl": "92", "anti_u1rnp": "", "leucocytes_10e9_l": "",
           "sledai_leucopenia": "", "sledai_proteinuria": "yes", "apl_repeat_date": "", "la_repeat": ""},
}  # fmt: skip
_TYPICAL = {
    "systolic_mmhg": "120", "diastolic_mmhg": "76", "leucocytes_10e9_l": "6.2", "urine_rbc_hpf": "2",
    "urine_wbc_hpf": "2",
    "urine_casts": "none", "apl_first_date": "2012-03-01", "apl_repeat_date": "2012-06-04",
    "preflare_creatinine_mg_dl": "", "c4_mg_dl": "15",
}  # fmt: skip


def _baseline() -> str:
    columns = raw_dictionary().tables["baseline"].columns
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator="\n")
    writer.writeheader()
    for patient, special in _BASELINE.items():
        usual = {name: _TYPICAL.get(name, _USUAL[column.type]) for name, column in columns.items()}
        writer.writerow({**usual, "patient_id": patient, **special})
    return out.getvalue()


SMALL_STUDY = {
    "patients": PATIENTS, "baseline": _baseline(), "biopsies": BIOPSIES, "visits": VISITS,
    "treatments": TREATMENTS, "events": EVENTS,
}  # fmt: skip
"""The text of each CSV file, by table."""


def write_small_study(folder: Path) -> Path:
    """Write the six files into a folder (made if need be) and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in SMALL_STUDY.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


def small_study(folder: Path) -> dict[str, pd.DataFrame]:
    """The six tables as `read_raw` gives them; the files are written to `folder` on the way."""
    return read_raw(write_small_study(folder))


def with_cell(folder: Path, *, table: str, row: int, column: str, value: str) -> None:
    """Write `value` into one cell of a file; rows are counted as in a spreadsheet (the header is row 1)."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[row - 1][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
