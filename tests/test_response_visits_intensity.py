"""Visit rates: robust rates and ratios against R, periods before and after the label, windows, and the edges.

Run as a program with a folder, this file writes the data sets that tests/golden/visits.R reads.
"""

import sys
from pathlib import Path

import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
from golden_values import read_golden

from helpers.response.matched_ratio import estimate_matched_ratio
from helpers.response.visit_intensity import (
    compare_visit_rates,
    derive_visit_periods,
    estimate_rate,
    summarise_visit_intensity,
)

GOLDEN = read_golden("visits")


def load_recur() -> pd.DataFrame:
    data = shipped.load_recur()
    return pd.DataFrame({"id": data.ID, "start": data.TIME0, "stop": data.TIME1, "event": data.CENSOR, "z": data.TREAT})


def load_stanford() -> pd.DataFrame:
    data = shipped.load_stanford_heart_transplants()
    return data[["id", "start", "stop", "event", "transplant"]].rename(columns={"transplant": "z"})


LOADERS = {"recur": load_recur, "stanford": load_stanford}

if __name__ == "__main__":
    for name, load in LOADERS.items():
        load().to_csv(Path(sys.argv[1]) / f"ag_{name}.csv", index=False)


def as_periods(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    words = np.where(data.z.eq(1), "after", "never")
    periods = data.assign(patient_id=data.id, period=words)
    return periods, periods.loc[periods.event.eq(1)].rename(columns={"stop": "month"})


@pytest.mark.parametrize("name", LOADERS)
def test_the_ratio_and_its_robust_error_are_those_of_r(name):
    golden = GOLDEN[f"ag.{name}"]["values"]
    found = estimate_matched_ratio(*as_periods(LOADERS[name]()), exposed="after")
    assert np.log(found["estimate"]) == pytest.approx(golden["log_ratio"], abs=1e-6)
    error = np.log(found["high"] / found["low"]) / 2 / 1.959963984540054
    assert error == pytest.approx(golden["robust_error"], abs=1e-6)
    assert found["events"] == golden["events"]


@pytest.mark.parametrize("name", LOADERS)
def test_the_rate_and_its_robust_error_are_those_of_r(name):
    data = LOADERS[name]()
    people = data.assign(years=data.stop - data.start).groupby("id")[["years", "event"]].sum()
    golden, found = GOLDEN[f"rate.{name}"]["values"], estimate_rate(people.event.to_numpy(), people.years.to_numpy())
    assert found["estimate"] == pytest.approx(golden["rate"], abs=1e-6)
    error = np.log(found["high"] / found["estimate"]) / 1.959963984540054
    assert error == pytest.approx(golden["robust_error"], abs=1e-6)


def test_rates_without_time_or_without_visits_say_so():
    assert np.isnan(list(estimate_rate(np.array([]), np.array([])).values())).all()
    found = estimate_rate(np.array([0.0]), np.array([2.0]))
    assert found["estimate"] == 0 and np.isnan(found["low"])


FOLLOWUP = pd.DataFrame({
    "patient_id": ["A", "B", "C", "D"], "group": ["dtt", "other", "cannot tell", "dtt"],
    "followup_months": [24.0, 30.0, 30.0, 12.0],
})  # fmt: skip
LABELS = pd.DataFrame({"patient_id": ["A", "B", "C", "D"], "dtt_month": [6.0, np.nan, np.nan, 12.0]})


def visits(**months: list[float]) -> pd.DataFrame:
    return pd.DataFrame([(name, month) for name, found in months.items() for month in found],
                        columns=["patient_id", "month"])  # fmt: skip


SEEN = visits(A=[0.0, 3.0, 6.0, 12.0, 24.0, 25.0], B=[3.0, 6.5, 12.0], C=[3.0], D=[1.0])


def test_periods_end_and_start_with_the_label_and_its_visit_belongs_to_the_time_before():
    periods, seen = derive_visit_periods(SEEN, followup=FOLLOWUP, labels=LABELS)
    assert periods.to_numpy().tolist() == [
        ["A", "dtt", "before", 0.0, 6.0], ["B", "other", "never", 0.0, 30.0], ["D", "dtt", "before", 0.0, 12.0],
        ["A", "dtt", "after", 6.0, 24.0]]  # fmt: skip
    assert seen.loc[seen.patient_id.eq("A"), "period"].tolist() == ["before", "before", "after", "after"]
    assert seen.loc[seen.patient_id.eq("A"), "gap_months"].tolist() == [3.0, 3.0, 6.0, 12.0]
    assert "C" not in set(seen.patient_id)


def test_the_table_counts_patients_visits_years_and_windows():
    table = summarise_visit_intensity(
        *derive_visit_periods(SEEN, followup=FOLLOWUP, labels=LABELS), followup=FOLLOWUP).set_index("term")
    assert table.loc["dtt", ["n", "visits_n", "patient_years"]].tolist() == [2, 5, 3.0]
    assert table.loc["dtt_after", "estimate"] == pytest.approx(2 / 1.5)
    assert table.loc["other", "windows_share"] == pytest.approx(3 / 4)
    assert table.loc["dtt", "windows_share"] == pytest.approx(3 / 5)
    assert np.isnan(table.loc["dtt_before", "windows_share"])


def test_without_a_group_nothing_is_estimated_and_nothing_breaks():
    nobody = FOLLOWUP.assign(group="other")
    periods, seen = derive_visit_periods(SEEN, followup=nobody, labels=LABELS)
    table = summarise_visit_intensity(periods, seen, followup=nobody).set_index("term")
    assert table.loc["dtt", "n"] == 0 and np.isnan(table.loc["dtt", ["estimate", "windows_share"]].astype(float)).all()
    assert compare_visit_rates(periods, seen)["estimate"].isna().all()


def test_twice_the_visits_at_the_same_times_are_a_ratio_of_two():
    times = np.arange(1.0, 13.0)
    seen = visits(A=[*times, *(times - 0.5)], B=[*times])
    followup = FOLLOWUP.iloc[:2].assign(followup_months=12.5)
    labels = LABELS.iloc[:2].assign(dtt_month=[12.5, np.nan])
    found = compare_visit_rates(*derive_visit_periods(seen, followup=followup, labels=labels)).set_index("term")
    assert found.loc["before", "estimate"] == pytest.approx(2.0)
    assert found.loc[["label", "after"], "estimate"].isna().all()


def test_the_fair_comparison_lets_those_not_yet_labelled_stand_for_the_unlabelled():
    """A is labelled at month 6 and seen monthly before, every two weeks after; D, labelled later, is seen monthly."""
    months = np.arange(1.0, 13.0)
    seen = visits(A=[*months, *(months[6:] - 0.5)], D=[*months])
    followup = FOLLOWUP.iloc[[0, 3]].assign(followup_months=12.5)
    labels = LABELS.iloc[[0, 3]].assign(dtt_month=[6.0, 12.4])
    table = compare_visit_rates(*derive_visit_periods(seen, followup=followup, labels=labels))
    assert table["term"].tolist() == ["label", "after", "before"]
    found = table.set_index("term")
    assert found.loc["label", "estimate"] == pytest.approx(2.0)
    assert np.isnan(found.loc["after", "estimate"]), "nobody was never labelled"
    assert found["label"].str.contains("looks ahead").tolist() == [False, True, True]
