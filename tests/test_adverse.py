"""Adverse events: who is counted, over which time, and exact intervals against R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.adverse import (
    estimate_adverse_rates,
    estimate_adverse_ratios,
    keep_adverse_events,
)
from helpers.definitions import DAYS_PER_MONTH
from helpers.incidence import poisson_interval
from helpers.schema.dictionary import choices_of

GOLDEN = pd.read_csv(Path(__file__).parent / "golden" / "poisson_rates.csv", comment="#")
ZERO = pd.Timestamp("2010-01-01")


def followup(*, men: tuple[str, ...] = (), **patients: tuple[str | None, float]) -> pd.DataFrame:
    """One row per patient: group and months of follow-up; women, but for those named."""
    return pd.DataFrame({
        "patient_id": pd.array(list(patients), dtype="string"),
        "group": pd.array([group for group, _ in patients.values()], dtype="string"),
        "time_zero_date": pd.Series([ZERO] * len(patients), dtype="datetime64[ns]"),
        "followup_months": [float(months) for _, months in patients.values()],
        "is_female": [patient not in men for patient in patients],
    })  # fmt: skip


def harm(patient: str, month: float, kind: str | None = "herpes_zoster") -> dict[str, object]:
    return {"patient_id": patient, "adverse_event_type": kind, "month": month}


def harms(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["patient_id", "adverse_event_type", "month"])


def events(*rows: tuple[str, int, str, str | None]) -> pd.DataFrame:
    """Raw events: patient, day after time zero, event type, adverse event type."""
    frame = pd.DataFrame(rows, columns=["patient_id", "day", "event_type", "adverse_event_type"])
    return pd.DataFrame({
        "patient_id": frame.patient_id.astype("string"), "event_type": frame.event_type.astype("string"),
        "event_date": ZERO + pd.to_timedelta(frame.day.astype("int64"), unit="D"),
        "adverse_event_type": frame.adverse_event_type.astype("string"),
        "grade": pd.array([3] * len(frame), dtype="Int64"),
    })  # fmt: skip


def rate(table: pd.DataFrame, group: str, kind: str) -> pd.Series:
    return table.set_index(["group", "adverse_event_type"]).loc[(group, kind)]


def test_events_count_from_time_zero_to_the_last_day_of_follow_up_both_included():
    days = [-1, 0, 365, 366]
    raw = events(*[("A", day, "adverse_event", "herpes_zoster") for day in days])
    kept = keep_adverse_events(raw, followup=followup(A=("dtt", 365 / DAYS_PER_MONTH)))
    assert (kept.month * DAYS_PER_MONTH).round().tolist() == [0, 365]


def test_only_adverse_events_of_patients_in_the_study_are_kept():
    raw = events(
        ("A", 10, "adverse_event", "tuberculosis"), ("A", 11, "dialysis", None), ("X", 10, "adverse_event", "other")
    )
    kept = keep_adverse_events(raw, followup=followup(A=(None, 24)))
    assert kept[["patient_id", "adverse_event_type"]].to_numpy().tolist() == [["A", "tuberculosis"]]


def test_an_event_without_a_type_is_shown_as_not_stated_and_counts_as_any():
    people = followup(A=("dtt", 60))
    kept = keep_adverse_events(events(("A", 10, "adverse_event", None)), followup=people)
    table = estimate_adverse_rates(kept, followup=people)
    assert rate(table, "dtt", "not_stated").events_n == rate(table, "all", "any").events_n == 1


def test_not_stated_has_no_row_when_every_type_is_known():
    table = estimate_adverse_rates(harms(harm("A", 1)), followup=followup(A=("dtt", 60)))
    assert table.query("group == 'all'").adverse_event_type.tolist() == [
        "any", *choices_of("events", "adverse_event_type")
    ]


def test_all_events_over_all_time_and_patients_with_any():
    people = followup(A=("dtt", 60), B=("dtt", 60), C=("other", 120))
    table = estimate_adverse_rates(
        harms(harm("A", 12), harm("A", 24), harm("A", 30, "other"), harm("C", 5)), followup=people
    )
    zoster = rate(table, "dtt", "herpes_zoster")
    assert zoster[["events_n", "patients_n", "n", "person_years", "estimate"]].tolist() == [2, 1, 2, 10, 20]
    assert rate(table, "all", "any")[["events_n", "patients_n", "n", "person_years"]].tolist() == [4, 2, 3, 20]
    assert rate(table, "other", "herpes_zoster").estimate == 10


def test_first_events_stop_the_clock_of_that_type_only():
    people = followup(A=("dtt", 60), B=("dtt", 60))
    rows = harms(harm("A", 24), harm("A", 12), harm("A", 36, "other"))
    table = estimate_adverse_rates(rows, followup=people, counting="first")
    assert rate(table, "dtt", "herpes_zoster")[["events_n", "person_years"]].tolist() == [1, 6]
    assert rate(table, "dtt", "other")[["events_n", "person_years"]].tolist() == [1, 8]
    assert rate(table, "dtt", "any")[["events_n", "person_years"]].tolist() == [1, 6]


def test_a_patient_whose_group_cannot_be_told_counts_among_all_only():
    table = estimate_adverse_rates(harms(harm("A", 1)), followup=followup(A=(None, 60), B=("dtt", 60)))
    assert [rate(table, group, "any").events_n for group in ("all", "dtt", "other")] == [1, 0, 0]
    assert [rate(table, group, "any").n for group in ("all", "dtt", "other")] == [2, 1, 0]


@pytest.mark.parametrize("counting", ["all", "first"])
def test_without_any_event_rates_are_zero_with_an_upper_limit(counting):
    table = estimate_adverse_rates(harms(), followup=followup(A=("dtt", 120), B=("other", 0)), counting=counting)
    row = rate(table, "dtt", "any")
    # the upper limit for no event is -log(0.025) events
    assert row[["estimate", "low", "high"]].tolist() == pytest.approx([0, 0, -np.log(0.025) * 10])


def test_without_person_time_there_is_no_rate():
    table = estimate_adverse_rates(harms(), followup=followup(B=("other", 0)))
    assert rate(table, "other", "any")[["estimate", "low", "high"]].isna().all()
    assert rate(table, "dtt", "any")[["n", "person_years"]].tolist() == [0, 0]
    assert rate(table, "dtt", "any")[["estimate", "low", "high"]].isna().all()


def test_rate_limits_equal_those_of_poisson_test():
    golden = GOLDEN.query("kind == 'rate'")
    low, high = poisson_interval(golden.events.to_numpy(), golden.years.to_numpy() / 100)
    assert len(golden) == 9
    np.testing.assert_allclose(np.column_stack([low, high]), golden[["low", "high"]], rtol=0, atol=1e-9)


def test_ratios_and_their_limits_equal_those_of_the_two_sample_poisson_test():
    golden = GOLDEN.query("kind == 'ratio'").reset_index(drop=True)
    arms = [
        pd.DataFrame({"group": group, "adverse_event_type": golden.index.astype(str), "label": "x",
                      "events_n": golden[f"events{end}"].astype(int), "person_years": golden[f"years{end}"]})
        for group, end in (("other", ""), ("dtt", "_2"))
    ]  # fmt: skip
    found = estimate_adverse_ratios(pd.concat(arms)).sort_values("term")
    wanted = golden[["estimate", "low", "high"]].replace(np.inf, np.nan)
    assert found.term.tolist() == list("01234")
    np.testing.assert_allclose(found[["estimate", "low", "high"]], wanted, rtol=1e-9, atol=0)


def test_without_an_event_or_without_person_time_there_is_no_ratio():
    people = followup(A=("dtt", 60), B=("other", 0))
    found = estimate_adverse_ratios(estimate_adverse_rates(harms(harm("A", 1)), followup=people))
    assert found[["estimate", "low", "high"]].isna().all(axis=None)
    assert found.set_index("term").n.loc[["any", "other"]].tolist() == [1, 0]


@pytest.mark.parametrize(("counting", "person_years"), [("all", 10), ("first", 6)])
def test_amenorrhoea_is_counted_over_the_time_of_women_alone(counting, person_years):
    people = followup(A=("dtt", 60), B=("dtt", 60), M=("dtt", 120), men=("M",))
    rows = harms(harm("A", 12, "amenorrhoea"), harm("M", 12))
    table = estimate_adverse_rates(rows, followup=people, counting=counting)
    women, everybody = rate(table, "dtt", "amenorrhoea"), rate(table, "dtt", "any")
    assert women[["events_n", "patients_n", "n", "person_years"]].tolist() == [1, 1, 2, person_years]
    assert women.estimate == pytest.approx(100 / person_years)
    assert everybody[["events_n", "n"]].tolist() == [2, 3]


def test_a_man_recorded_with_amenorrhoea_counts_under_any_type_only():
    people = followup(A=("dtt", 60), M=("dtt", 60), men=("M",))
    table = estimate_adverse_rates(harms(harm("M", 12, "amenorrhoea")), followup=people)
    assert rate(table, "dtt", "amenorrhoea")[["events_n", "n"]].tolist() == [0, 1]
    assert rate(table, "dtt", "any").events_n == 1


def test_where_all_are_men_amenorrhoea_has_no_rate():
    table = estimate_adverse_rates(harms(), followup=followup(M=("dtt", 60), men=("M",)))
    assert rate(table, "dtt", "amenorrhoea")[["n", "person_years"]].tolist() == [0, 0]
    assert np.isnan(rate(table, "dtt", "amenorrhoea").estimate)
    assert rate(table, "dtt", "herpes_zoster").n == 1
