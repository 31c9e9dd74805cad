"""Who is in the study, counted again from the raw tables by a database: SQL in place of data frames."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing

import pandas as pd

from helpers.definitions import BASELINE_DAYS_AFTER, BASELINE_DAYS_BEFORE, CLASS_GROUPS, DAYS_PER_MONTH
from helpers.parameters import Parameters

_COLUMNS = {
    "patients": ["patient_id", "sex", "birth_date", "sle_onset_date"],
    "baseline": ["patient_id", "assessment_date"],
    "biopsies": ["patient_id", "biopsy_id", "biopsy_date", "isn_rps_class"],
    "visits": ["patient_id", "visit_date", "creatinine_mg_dl", "upcr_g_g", "protein_24h_g"],
    "treatments": ["patient_id", "phase", "start_date", "stop_date"],
    "events": ["patient_id", "event_type", "event_date", "event_end_date"],
}

_RECOUNT = """
WITH seen(patient_id, day) AS (
    SELECT patient_id, visit_date FROM visits UNION ALL SELECT patient_id, event_date FROM events
    UNION ALL SELECT patient_id, event_end_date FROM events UNION ALL SELECT patient_id, start_date FROM treatments
    UNION ALL SELECT patient_id, stop_date FROM treatments UNION ALL SELECT patient_id, biopsy_date FROM biopsies
    UNION ALL SELECT patient_id, assessment_date FROM baseline
),
ends AS (SELECT patient_id, MAX(day) AS last_day FROM seen GROUP BY patient_id),
deaths AS (SELECT patient_id, MIN(event_date) AS died FROM events WHERE event_type = 'death' GROUP BY patient_id),
induced AS (
    SELECT patient_id, MIN(start_date) AS induced FROM treatments WHERE phase = 'induction' GROUP BY patient_id
),
ranked AS (
    SELECT b.patient_id, b.biopsy_date, b.isn_rps_class, g.class_group, ROW_NUMBER() OVER (
        PARTITION BY b.patient_id
        ORDER BY CASE WHEN g.class_group IS NULL THEN 2
                      WHEN b.biopsy_date BETWEEN :study_start AND :study_end THEN 0 ELSE 1 END,
                 b.biopsy_date, b.biopsy_id) AS place
    FROM biopsies b LEFT JOIN class_groups g ON g.isn_rps_class = b.isn_rps_class
),
people AS (
    SELECT p.patient_id, p.sex, p.birth_date, p.sle_onset_date, r.biopsy_date, r.class_group, i.induced,
           CASE :time_zero WHEN 'biopsy' THEN r.biopsy_date ELSE i.induced END AS zero,
           d.died, COALESCE(d.died, e.last_day) AS last_day
    FROM patients p LEFT JOIN ranked r ON r.patient_id = p.patient_id AND r.place = 1
    LEFT JOIN induced i ON i.patient_id = p.patient_id LEFT JOIN deaths d ON d.patient_id = p.patient_id
    LEFT JOIN ends e ON e.patient_id = p.patient_id
),
dated AS (
    SELECT p.*, julianday(v.visit_date) - julianday(p.zero) AS days, v.visit_date,
           v.creatinine_mg_dl AS creatinine, COALESCE(v.upcr_g_g, v.protein_24h_g) AS protein
    FROM people p JOIN visits v ON v.patient_id = p.patient_id
),
looked AS (
    SELECT patient_id,
           MAX(days BETWEEN -:days_before AND MAX(:days_after, julianday(induced) - julianday(zero))
               AND creatinine IS NOT NULL) AS has_creatinine,
           MAX(days BETWEEN -:days_before AND MAX(:days_after, julianday(induced) - julianday(zero))
               AND protein IS NOT NULL) AS has_protein,
           MAX(days > 0 AND days / :days_per_month <= 12 AND visit_date > induced
               AND creatinine IS NOT NULL AND protein IS NOT NULL) AS has_later
    FROM dated GROUP BY patient_id
)
SELECT p.patient_id, p.sex, p.class_group, p.died IS NOT NULL AS is_dead,
       (julianday(p.last_day) - julianday(p.zero)) / :days_per_month AS followup_months,
       (strftime('%Y', biopsy_date) - strftime('%Y', birth_date)) * 12
           + strftime('%m', biopsy_date) - strftime('%m', birth_date)
           - (strftime('%d', biopsy_date) < strftime('%d', birth_date)) AS age_months,
       (strftime('%Y', biopsy_date) - strftime('%Y', sle_onset_date)) * 12
           + strftime('%m', biopsy_date) - strftime('%m', sle_onset_date)
           - (strftime('%d', biopsy_date) < strftime('%d', sle_onset_date)) AS disease_months,
       CASE WHEN biopsy_date IS NULL THEN 'excluded_no_biopsy'
            WHEN class_group IS NULL THEN 'excluded_other_class'
            WHEN NOT biopsy_date BETWEEN :study_start AND :study_end THEN 'excluded_outside_period'
            WHEN induced IS NULL THEN 'excluded_no_induction'
            WHEN (julianday(last_day) - julianday(zero)) / :days_per_month < :least THEN 'excluded_short_followup'
            WHEN :complete AND NOT (COALESCE(has_creatinine, 0) AND COALESCE(has_protein, 0)
                                    AND COALESCE(has_later, 0)) THEN 'excluded_incomplete_records'
            ELSE 'eligible' END AS step
FROM people p LEFT JOIN looked l ON l.patient_id = p.patient_id ORDER BY p.patient_id
"""


def recount_patients(raw: Mapping[str, pd.DataFrame], *, parameters: Parameters) -> pd.DataFrame:
    """Every patient on file as SQL sees them: one row per patient, sorted.

    patient_id, sex, class_group, is_dead (0 or 1), followup_months, age_months and disease_months (completed, at the
    index biopsy; negative where the dates are the wrong way round), step ("eligible", or the exclusion that comes
    first). The same criteria as the cohort's, written a second time in another language; only the named numbers of
    `definitions` are shared.
    """
    with closing(sqlite3.connect(":memory:")) as base:
        for name, columns in _COLUMNS.items():
            _as_text_dates(raw[name][columns]).to_sql(name, base, index=False)
        groups = pd.DataFrame(list(CLASS_GROUPS.items()), columns=["isn_rps_class", "class_group"])
        groups.to_sql("class_groups", base, index=False)
        for name in _COLUMNS:
            base.execute(f"CREATE INDEX of_{name} ON {name}(patient_id)")
        return pd.read_sql_query(_RECOUNT, base, params={
            "study_start": parameters.study_start, "study_end": parameters.study_end,
            "time_zero": parameters.time_zero, "least": parameters.minimum_followup_months,
            "complete": int(parameters.require_complete_records), "days_per_month": DAYS_PER_MONTH,
            "days_before": BASELINE_DAYS_BEFORE, "days_after": BASELINE_DAYS_AFTER})  # fmt: skip


def _as_text_dates(table: pd.DataFrame) -> pd.DataFrame:
    """Dates as YYYY-MM-DD, other columns as plain values that a database takes."""
    dates = {name: table[name].dt.strftime("%Y-%m-%d") for name in map(str, table) if name.endswith("_date")}
    plain = table.assign(**dates).astype(object)
    return plain.where(plain.notna(), None)
