"""Times between visits: which visits bound an event, what ends observation, medians both ways, and the figure."""

import lifelines
import lifelines.datasets
import lifelines.utils
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures.visits import draw_interval_curves
from helpers.response.interval_means import restrict_means
from helpers.response.interval_times import (
    CURVE_ENDS,
    derive_interval_curves,
    derive_interval_times,
    summarise_interval_times,
)
from helpers.response.visit_facts import summarise_visit_facts

NEVER = float("nan")


def visits(*rows: tuple) -> pd.DataFrame:
    """patient, month, response of the visit, and whether it is a flare."""
    table = pd.DataFrame([(*row, False)[:4] for row in rows], columns=["patient_id", "month", "response", "is_flare"])
    return table.assign(course_response=table["response"]).astype({"month": float, "is_flare": bool})


def people(**ends: tuple[float, float, float]) -> pd.DataFrame:
    """Per patient: months of follow-up, month of death, month of kidney failure."""
    frame = pd.DataFrame(list(ends.values()), columns=["followup_months", "death_month", "esrd_month"], dtype=float)
    return frame.assign(patient_id=pd.Series(list(ends), dtype="object"), group="dtt")


def times_of(seen, who, outcome="complete") -> pd.DataFrame:
    table = derive_interval_times(seen, followup=who)
    return table.loc[table["outcome"].eq(outcome)].set_index("patient_id")


ALIVE = (24.0, NEVER, NEVER)


def test_an_event_lies_between_the_last_visit_without_and_the_first_with():
    seen = visits(("A", 2, "none"), ("A", 3, "partial"), ("A", 4, "cannot tell"), ("A", 6, "complete"))
    found = times_of(seen, people(A=ALIVE)).loc["A"]
    assert found[["low", "high", "months", "status"]].tolist() == [3.0, 6.0, 6.0, "seen"]
    assert times_of(seen, people(A=ALIVE), "any").loc["A", ["low", "high"]].tolist() == [2.0, 3.0]


def test_a_first_visit_that_shows_it_bounds_it_by_time_zero():
    assert times_of(visits(("A", 2, "complete")), people(A=ALIVE)).loc["A", ["low", "high"]].tolist() == [0.0, 2.0]


def test_without_the_event_nothing_is_known_after_the_last_visit_that_tells():
    seen = visits(("A", 6, "none"), ("A", 12, "cannot tell"))
    found = times_of(seen, people(A=ALIVE)).loc["A"]
    assert found["low"] == 6.0 and np.isnan(found["high"]) and found["months"] == 24.0 and found["status"] == "censored"


@pytest.mark.parametrize(("end", "status"), [(5.9, "censored"), (6.0, "censored"), (6.1, "seen")])
def test_kidney_failure_and_death_end_the_time_under_observation(end, status):
    seen = visits(("A", 3, "none"), ("A", 6, "complete"))
    assert times_of(seen, people(A=(24.0, NEVER, end))).loc["A", "status"] == status
    assert times_of(seen, people(A=(end, end, NEVER))).loc["A", "status"] == status


def test_a_visit_on_the_last_day_of_follow_up_counts():
    assert times_of(visits(("A", 24, "complete")), people(A=ALIVE)).loc["A", "status"] == "seen"


def test_flares_are_counted_from_the_first_complete_response_of_those_who_had_one():
    seen = visits(("A", 6, "complete"), ("A", 9, "complete"), ("A", 12, "none", True), ("B", 6, "none"))
    found = times_of(seen, people(A=ALIVE, B=ALIVE), "flare")
    assert found.index.tolist() == ["A"]
    assert found.loc["A", ["low", "high", "months"]].tolist() == [3.0, 6.0, 6.0]


def test_medians_both_ways_and_the_shift_between_them():
    words = {1: "none", 3: "none", 6: "complete"}
    seen = visits(*((name, month, word) for name in "ABC" for month, word in words.items()))
    times = derive_interval_times(seen, followup=people(A=ALIVE, B=ALIVE, C=ALIVE))
    table = summarise_interval_times(times)
    row = table.set_index("term").loc["complete_all"]
    assert row[["n", "events_n", "gap_months", "estimate"]].tolist() == [3, 3, 3.0, 6.0]
    assert row[["turnbull_low", "turnbull_high", "later_estimate"]].tolist() == [3.0, 6.0, 1.5]
    assert row[["resampled_low", "later_low"]].isna().all(), "without resamples there is no range"
    assert len(table) == 9
    drawn = summarise_interval_times(times, samples=20, seed=1).set_index("term").loc["complete_all"]
    assert drawn[["resampled_low", "resampled_high", "later_low", "later_high"]].tolist() == [3.0, 6.0, 1.5, 1.5]


def test_where_the_curve_is_flat_at_one_half_the_range_of_the_median_is_as_wide_as_the_flat_stretch():
    """Half respond between months 1 and 2, the others between 10 and 11: half a patient moves the median by nine."""
    low = np.array([1.0] * 20 + [10.0] * 20)
    times = pd.DataFrame({"patient_id": range(40), "group": "other", "outcome": "complete", "low": low, "high": low + 1,
                          "months": low + 1, "status": "seen"})  # fmt: skip
    row = summarise_interval_times(times, samples=200, seed=3).set_index("term").loc["complete_all"]
    assert row[["resampled_low", "resampled_high"]].tolist() == [1.0, 11.0]
    assert row[["later_estimate", "later_low", "later_high"]].tolist() == pytest.approx([0.5, 0.5, 0.5])


def test_an_event_that_a_resample_in_forty_does_not_reach_has_no_upper_end():
    low = np.array([1.0] * 21 + [20.0] * 19)
    high = np.where(low == 1, 2.0, NEVER)
    times = pd.DataFrame({"patient_id": range(40), "group": "other", "outcome": "complete", "low": low, "high": high,
                          "months": np.where(low == 1, 2.0, 30.0), "status": np.where(low == 1, "seen", "censored")})
    row = summarise_interval_times(times, samples=200, seed=3).set_index("term").loc["complete_all"]
    assert row["resampled_low"] == 1.0 and np.isnan(row["resampled_high"])


def test_means_are_not_told_beyond_the_last_patient_followed():
    times = pd.DataFrame({"patient_id": [1, 2], "group": "other", "outcome": "complete", "low": [1.0, 5.0],
                          "high": [2.0, NEVER], "months": [2.0, 10.0], "status": ["seen", "censored"]})  # fmt: skip
    row = summarise_interval_times(times, samples=20, seed=3).set_index("term").loc["complete_all"]
    assert row[["later_estimate", "later_low"]].isna().all()


def test_restricted_means_are_those_of_lifelines():
    lung = lifelines.datasets.load_lung().dropna(subset=["time"])
    is_seen = lung["status"].eq(1)
    fitted = lifelines.KaplanMeierFitter().fit(lung["time"], is_seen)
    expected = lifelines.utils.restricted_mean_survival_time(fitted, t=500)
    found = restrict_means(lung["time"], is_seen, counts=np.ones((1, len(lung))), until=500.0)
    assert found[0] == pytest.approx(expected, rel=1e-9)
    doubled = np.where(np.arange(len(lung)) % 2, 2.0, 0.0)
    rows = lung.loc[np.repeat(lung.index, doubled.astype(int))]
    again = lifelines.KaplanMeierFitter().fit(rows["time"], rows["status"].eq(1))
    found = restrict_means(lung["time"], is_seen, counts=doubled[None, :], until=500.0)
    assert found[0] == pytest.approx(lifelines.utils.restricted_mean_survival_time(again, t=500), rel=1e-9)


def test_a_group_without_patients_and_an_event_that_never_came_are_missing():
    table = summarise_interval_times(derive_interval_times(visits(("A", 6, "none")), followup=people(A=ALIVE)))
    rows = table.set_index("term")
    assert rows.loc[["complete_other", "complete_all", "flare_all"], "estimate"].isna().all()
    assert rows.loc[["complete_other", "complete_all"], "turnbull_low"].isna().all()
    assert rows.loc["complete_other", "n"] == 0


def test_the_curves_bound_each_other_and_are_drawn():
    seen = visits(("A", 1, "none"), ("A", 6, "complete"), ("B", 3, "complete"), ("B", 9, "none", True))
    times = derive_interval_times(seen, followup=people(A=ALIVE, B=ALIVE))
    curves = derive_interval_curves(times)
    assert (curves.dropna()["low"] <= curves.dropna()["high"] + 1e-12).all()
    assert curves.groupby("outcome")["month"].max()["complete"] <= CURVE_ENDS["complete"]
    figure = draw_interval_curves(curves)
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert titles == ["Complete response", "Any response", "Flare after complete response"]
    plt.close(figure)


def test_curves_of_nobody_are_drawn_empty():
    times = derive_interval_times(visits(("A", 6, "none")), followup=people(A=ALIVE))
    plt.close(draw_interval_curves(derive_interval_curves(times)))
    plt.close(draw_interval_curves(derive_interval_curves(times).iloc[:0]))


def test_the_ledger_keeps_rates_ratios_and_medians():
    medians = summarise_interval_times(derive_interval_times(visits(("A", 6, "complete")), followup=people(A=ALIVE)))
    rates = pd.DataFrame([{"term": "dtt", "label": "Difficult", "estimate": 4.0, "low": 3.0, "high": 5.0, "n": 1}])
    facts = summarise_visit_facts(medians, rates, rates.assign(term="after"))
    assert facts["visits.complete.turnbull_months"]["low"] == 0.0
    assert {"visits.any.resampled_months", "visits.flare.later_months"} <= set(facts)
    assert facts["visits.dtt.rate"]["value"] == 4.0 and facts["visits.after.ratio"]["null"] == 1.0
