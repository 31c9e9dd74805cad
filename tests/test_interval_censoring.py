"""Turnbull's estimate: against R on data that lifelines ships, against the conditions of a maximum, and at its edges.

Run as a program with a folder, this file writes the data sets that tests/golden/turnbull.R reads.
"""

import sys
from pathlib import Path

import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
from golden_values import read_golden

from helpers.interval_censoring import (
    draw_intervals,
    estimate_interval_median,
    estimate_intervals,
    read_curve,
    read_medians,
    summarise_range,
)

GOLDEN = read_golden("turnbull")
NEVER = np.inf


def load_diabetes() -> pd.DataFrame:
    return shipped.load_diabetes()[["left", "right"]].set_axis(["low", "high"], axis=1)


def load_mice() -> pd.DataFrame:
    return shipped.load_mice()[["l", "u"]].set_axis(["low", "high"], axis=1)


def load_lung_visits() -> pd.DataFrame:
    """The lung cancer trial, were the dead found out at a visit every 91 days only."""
    lung = shipped.load_lung()
    died = lung.status.eq(1).to_numpy()
    low = np.where(died, np.floor((lung.time - 1) / 91), np.floor(lung.time / 91)) * 91
    return pd.DataFrame({"low": low, "high": np.where(died, low + 91, NEVER)})


LOADERS = {"diabetes": load_diabetes, "mice": load_mice, "lung_visits": load_lung_visits}

if __name__ == "__main__":
    for name, load in LOADERS.items():
        load().to_csv(Path(sys.argv[1]) / f"{name}.csv", index=False)


def likelihood(data: pd.DataFrame, places, share) -> float:
    low, high, places = data.low.to_numpy()[:, None], data.high.to_numpy()[:, None], np.asarray(places)
    inside = ((places > low) & (places <= high)) | ((low == high) & (places == low))
    return float(np.log(inside @ np.asarray(share)).sum())


def place_of(table: pd.DataFrame) -> np.ndarray:
    return np.where(np.isinf(table.high), 1e9, table.high)


@pytest.mark.parametrize("name", ["diabetes", "lung_visits"])
def test_the_shares_are_those_of_r(name):
    golden, table = GOLDEN[name]["values"], estimate_intervals(**LOADERS[name]())
    finite = table.loc[np.isfinite(table.high)]
    share = [float(finite.share[(finite.low <= at) & (at <= finite.high)].sum()) for at in golden["jumps"]]
    np.testing.assert_allclose(share, golden["share"], rtol=0, atol=1e-6)


def test_where_the_iterations_of_r_creep_the_likelihood_is_at_least_theirs():
    data, golden = load_mice(), GOLDEN["mice"]["values"]
    table = estimate_intervals(**data)
    theirs = likelihood(data, golden["jumps"], golden["share"])
    assert theirs <= likelihood(data, place_of(table), table.share) + 1e-9
    assert theirs == pytest.approx(likelihood(data, place_of(table), table.share), abs=1e-3)


@pytest.mark.parametrize("name", LOADERS)
def test_no_move_of_probability_raises_the_likelihood(name):
    data = LOADERS[name]()
    table = estimate_intervals(**data)
    low, high, at = data.low.to_numpy()[:, None], data.high.to_numpy()[:, None], place_of(table)
    inside = ((at > low) & (at <= high)) | ((low == high) & (at == low))
    slope = (inside / (inside @ table.share.to_numpy())[:, None]).mean(axis=0)
    np.testing.assert_allclose(slope, 1.0, atol=1e-6)


def test_exact_times_and_censored_ones_give_kaplan_meier():
    table = estimate_intervals([1, 2, 2, 3, 4], [1, NEVER, 2, NEVER, 4])
    np.testing.assert_allclose(table.cumulative, [0.2, 0.4, 1.0], atol=1e-9)
    assert table.low.tolist() == table.high.tolist() == [1.0, 2.0, 4.0]


def test_an_interval_is_open_at_its_start():
    table = estimate_intervals([0, 2], [2, 4])
    np.testing.assert_allclose(table[["low", "high", "share"]], [[0.0, 2.0, 0.5], [2.0, 4.0, 0.5]])
    exact = estimate_intervals([2, 2], [2, 4])
    np.testing.assert_allclose(exact.share, [0.5, 0.5])


def test_when_nobody_has_the_event_all_of_it_lies_after_the_last_visit():
    table = estimate_intervals([1, 5, 3], [None, None, None])
    assert table.to_dict("list") == {"low": [5.0], "high": [NEVER], "share": [1.0], "cumulative": [1.0]}
    assert np.isnan(estimate_interval_median(table)).all()


def test_nobody_and_one_patient():
    assert estimate_intervals([], []).empty
    assert np.isnan(estimate_interval_median(estimate_intervals([], []))).all()
    assert read_curve(estimate_intervals([], []), [1.0]).to_numpy().tolist() == [[1.0, 0.0, 0.0]]
    assert estimate_interval_median(estimate_intervals([1], [2])) == (1.0, 2.0)


def test_the_median_of_a_share_that_is_never_reached_is_missing():
    table = estimate_intervals([0, 5, 5], [1, NEVER, NEVER])
    assert np.isnan(estimate_interval_median(table)).all()
    assert estimate_interval_median(table, share=0.3) == (0.0, 1.0)


@pytest.mark.parametrize(("low", "high"), [([None], [1.0]), ([2.0], [1.0])])
def test_an_interval_without_start_or_turned_round_is_refused(low, high):
    with pytest.raises(ValueError, match="start that is known"):
        estimate_intervals(low, high)


@pytest.mark.parametrize("name", LOADERS)
def test_every_resample_comes_near_the_estimate_of_its_patients(name):
    """In likelihood, and in its median to within the cells that a resample has no endpoint to tell apart."""
    data = LOADERS[name]()
    found = draw_intervals(data.low, data.high, samples=20, seed=5)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1.0)
    assert (found.counts.sum(axis=1) == len(data)).all()
    inside, places = [], np.where(np.isinf(found.cells[:, 1]), 1e9, found.cells[:, 1])
    for counts, share, first, last in zip(found.counts, found.shares, *read_medians(found), strict=True):
        drawn = data.iloc[np.repeat(np.arange(len(data)), counts.astype(int))]
        exact = estimate_intervals(drawn.low, drawn.high)
        assert likelihood(drawn, places, share) >= likelihood(drawn, place_of(exact), exact.share) - 0.05
        low, high = estimate_interval_median(exact)
        inside.append((low <= first and last <= high) if np.isfinite(high) else bool(np.isinf(last)))
    assert np.mean(inside) >= 0.7


def test_the_same_seed_draws_the_same_and_nobody_is_no_error():
    data = load_mice()
    one, other = (draw_intervals(data.low, data.high, samples=5, seed=9) for _ in range(2))
    assert (one.shares == other.shares).all()
    for nobody in (draw_intervals([], [], samples=5, seed=1), draw_intervals([1.0], [NEVER], samples=5, seed=1),
                   draw_intervals([1.0], [2.0], samples=0, seed=1)):  # fmt: skip
        assert np.isnan(list(summarise_range(*read_medians(nobody)).values())).all()


def test_a_range_needs_nine_answers_in_ten_and_an_end_that_is_never_reached_is_missing():
    assert summarise_range([1.0, np.nan], [1.0, np.nan])["low"] != summarise_range([1.0], [1.0])["low"]
    found = summarise_range([1.0] * 19 + [np.inf], [2.0] * 19 + [np.inf])
    assert (found["low"], found["estimate"]) == (1.0, 1.5) and np.isnan(found["high"])
