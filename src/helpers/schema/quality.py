"""Data quality at a glance: how much there is, how much is missing, and which records contradict themselves.

Nothing here stops a run: these values are possible, each by itself, and only a chart can settle which is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.schema.dictionary import Column, raw_dictionary

Tables = Mapping[str, pd.DataFrame]

SLEDAI_CELLS_ABOVE = 5
"""Cells per high-power field that score haematuria or pyuria (SLEDAI-2K: Gladman et al., J Rheumatol 2002;29:288)."""

SLEDAI_LEUCOCYTES_BELOW = 3.0
"""10⁹/L; the leucopenia item of SLEDAI-2K."""

PROTEINURIA_RATIO = 3.0
"""A ratio and a 24-hour collection of the same day should not differ by more than this factor (ours)."""

COMPLEMENT_RATIO = 1.5
"""C3 of the baseline table and of a visit at most `COMPLEMENT_DAYS` away should not differ by more (ours)."""

COMPLEMENT_DAYS = 14


@dataclass(frozen=True)
class Contradiction:
    """Two findings of one row that do not go together, and where both are known."""

    name: str
    label: str
    contradicts: pd.Series
    assessable: pd.Series


def summarise_quality(raw: Tables) -> pd.DataFrame:
    """One row per raw table: rows, patients, and the share of cells that are missing where a value is expected."""
    tables = raw_dictionary().tables
    missing = summarise_missing(raw).groupby("table")[["missing_n", "n"]].sum().reindex(list(tables))
    return pd.DataFrame({
        "table": list(tables), "grain": [table.grain for table in tables.values()],
        "rows": [len(raw[name]) for name in tables],
        "patients": [raw[name]["patient_id"].nunique() for name in tables],
        "missing_share": _shares(missing["missing_n"], missing["n"]).to_numpy(),
    })  # fmt: skip


def summarise_missing(raw: Tables) -> pd.DataFrame:
    """One row per column: table, column, label, missing_n, n and missing_share.

    n counts the rows to which the column applies (a cause of death, to deaths). Columns whose empty cell has a
    meaning of its own ("still going on") are left out. A share of no rows is missing.
    """
    rows = []
    for name, table in raw_dictionary().tables.items():
        for column in table.columns.values():
            if column.empty_means != "not known":
                continue
            values = raw[name].loc[_applies(raw[name], column), column.name]
            rows.append({"table": name, "column": column.name, "label": column.label,
                         "missing_n": int(values.isna().sum()), "n": len(values)})  # fmt: skip
    summary = pd.DataFrame(rows)
    return summary.assign(missing_share=_shares(summary["missing_n"], summary["n"]))


def _applies(frame: pd.DataFrame, column: Column) -> pd.Series:
    applies = pd.Series(True, index=frame.index)
    for other, value in column.only_where.items():
        applies &= frame[other].eq(value).fillna(False).astype(bool)
    return applies


def _shares(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)


def count_contradictions(raw: Tables, *, low_c3_below_mg_dl: float) -> pd.DataFrame:
    """One row per pair of findings that should agree: contradiction, label, contradicting_n, n (both known), share.

    Counts only, no patient is named. `low_c3_below_mg_dl`: the laboratory's limit in force.
    """
    found = [*_in_sledai(raw["baseline"], low_c3_below_mg_dl=low_c3_below_mg_dl), *_in_biopsies(raw["biopsies"]),
             *_in_visits(raw["visits"]), _in_complement(raw["baseline"], raw["visits"]),
             *_in_courses(raw["treatments"]), *_in_events(raw["events"])]  # fmt: skip
    counts = pd.DataFrame([
        {"contradiction": one.name, "label": one.label,
         "contradicting_n": int((one.contradicts & one.assessable).sum()), "n": int(one.assessable.sum())}
        for one in found
    ])  # fmt: skip
    return counts.assign(share=_shares(counts["contradicting_n"], counts["n"]))


def _pair(name: str, label: str, frame: pd.DataFrame, columns: list[str],
          contradicts: Callable[[pd.DataFrame], pd.Series]) -> Contradiction:
    """Judged on the rows in which all `columns` are known."""
    assessable = frame[columns].notna().all(axis=1)
    flags = contradicts(frame.loc[assessable]).astype(bool)
    return Contradiction(name, label, flags.reindex(frame.index, fill_value=False), assessable)


def _in_sledai(base: pd.DataFrame, *, low_c3_below_mg_dl: float) -> list[Contradiction]:
    return [
        _pair("haematuria", "SLEDAI haematuria against red cells", base, ["sledai_haematuria", "urine_rbc_hpf"],
              lambda f: f["sledai_haematuria"] != (f["urine_rbc_hpf"] > SLEDAI_CELLS_ABOVE)),
        _pair("pyuria", "SLEDAI pyuria against white cells and infection", base,
              ["sledai_pyuria", "urine_wbc_hpf", "urine_infection"],
              lambda f: f["sledai_pyuria"] != ((f["urine_wbc_hpf"] > SLEDAI_CELLS_ABOVE) & ~f["urine_infection"])),
        _pair("urinary_casts", "Red-cell casts without the SLEDAI item", base, ["sledai_urinary_casts", "urine_casts"],
              lambda f: f["urine_casts"].eq("rbc") & ~f["sledai_urinary_casts"]),
        _pair("leucopenia", "SLEDAI leucopenia against the leucocyte count", base,
              ["sledai_leucopenia", "leucocytes_10e9_l"],
              lambda f: f["sledai_leucopenia"] != (f["leucocytes_10e9_l"] < SLEDAI_LEUCOCYTES_BELOW)),
        _pair("low_complement", "Low C3 without the SLEDAI item", base, ["sledai_low_complement", "c3_mg_dl"],
              lambda f: (f["c3_mg_dl"] < low_c3_below_mg_dl) & ~f["sledai_low_complement"]),
        _pair("dna_binding", "SLEDAI DNA binding against anti-dsDNA", base, ["sledai_dna_binding", "anti_dsdna"],
              lambda f: f["sledai_dna_binding"] != f["anti_dsdna"].eq("positive")),
        _pair("serositis", "SLEDAI pleurisy or pericarditis without serositis", base,
              ["serositis", "sledai_pleurisy", "sledai_pericarditis"],
              lambda f: (f["sledai_pleurisy"] | f["sledai_pericarditis"]) & ~f["serositis"]),
    ]  # fmt: skip


def _in_biopsies(biopsies: pd.DataFrame) -> list[Contradiction]:
    pure = biopsies[biopsies["isn_rps_class"].eq("V").fillna(False)]
    lesions = ["wire_loops", "fibrinoid_necrosis", "cellular_crescents"]
    return [_pair("class_v_lesions", "Pure class V with wire loops, necrosis or crescents", pure, lesions,
                  lambda f: (f[lesions] > 0).any(axis=1))]


def _in_visits(visits: pd.DataFrame) -> list[Contradiction]:
    def differ(frame: pd.DataFrame) -> pd.Series:
        low, high = (frame[["upcr_g_g", "protein_24h_g"]].agg(how, axis=1) for how in ("min", "max"))
        return high > PROTEINURIA_RATIO * low

    return [
        _pair("proteinuria", "Proteinuria: ratio against 24-hour collection", visits, ["upcr_g_g", "protein_24h_g"],
              differ),
        _pair("blood_pressure", "Diastolic not below systolic pressure", visits, ["systolic_mmhg", "diastolic_mmhg"],
              lambda f: f["diastolic_mmhg"] >= f["systolic_mmhg"]),
    ]  # fmt: skip


def _in_complement(base: pd.DataFrame, visits: pd.DataFrame) -> Contradiction:
    """One row per patient of the baseline table, with the C3 of the nearest visit within the days allowed."""
    measured = visits.loc[visits["c3_mg_dl"].notna(), ["patient_id", "visit_date", "c3_mg_dl"]]
    near = base[["patient_id", "assessment_date"]].merge(measured, on="patient_id")
    near = near.assign(apart=(near["visit_date"] - near["assessment_date"]).dt.days.abs())
    near = near.loc[near["apart"] <= COMPLEMENT_DAYS].sort_values(["patient_id", "apart", "visit_date"])
    nearest = near.drop_duplicates("patient_id").set_index("patient_id")["c3_mg_dl"]
    both = base[["c3_mg_dl"]].assign(visit=base["patient_id"].map(nearest).astype(float))

    def differ(frame: pd.DataFrame) -> pd.Series:
        return frame.max(axis=1) > COMPLEMENT_RATIO * frame.min(axis=1)

    return _pair("complement", "C3 of the baseline against the nearest visit", both, ["c3_mg_dl", "visit"],
                 lambda f: differ(f[["c3_mg_dl", "visit"]]))


def _in_courses(treatments: pd.DataFrame) -> list[Contradiction]:
    inductions = treatments[treatments["phase"].eq("induction").fillna(False)]
    ordered = inductions.sort_values(["patient_id", "course_number"], kind="stable")
    before = ordered.groupby("patient_id")[["course_number", "start_date"]].shift()
    courses = ordered.assign(number_before=before["course_number"].fillna(0), start_before=before["start_date"])
    return [
        _pair("course_numbers", "Induction courses that skip a number", courses, ["course_number"],
              lambda f: f["course_number"] != f["number_before"] + 1),
        _pair("course_dates", "Induction courses that start before the previous one", courses,
              ["start_date", "start_before"], lambda f: f["start_date"] < f["start_before"]),
    ]  # fmt: skip


def _in_events(events: pd.DataFrame) -> list[Contradiction]:
    columns = [column for column in raw_dictionary().tables["events"].columns.values() if column.only_where]
    outside = [events[column.name].notna() & ~_applies(events, column) for column in columns]
    return [Contradiction("event_details", "Details that belong to another type of event",
                          pd.concat(outside, axis=1).any(axis=1), events["event_type"].notna())]
