"""Hazards that may move, where there is little to go by (where there is more: against R, in the golden tests)."""

import numpy as np
import pandas as pd
import pytest

from helpers.survival.milestones import estimate_milestones
from helpers.survival.models import fit_cox
from helpers.survival.newton import NO_PEAK
from helpers.survival.proportionality import (
    compare_moving_hazards,
    label_movement,
    summarise_milestones,
    summarise_moving,
    summarise_restricted_mean,
)
from helpers.survival.restricted_mean import estimate_restricted_mean
from helpers.survival.time_varying import derive_effects, estimate_time_varying, fit_moving


def periods(*rows):
    """Rows of (stop, event?, dtt)."""
    table = pd.DataFrame(rows, columns=["stop", "is_event", "is_dtt"])
    return table.assign(patient_id=range(len(rows)), start=0.0, stop=table.stop.astype(float),
                        is_event=table.is_event.astype(bool), is_dtt=table.is_dtt.astype(int))  # fmt: skip


def deaths(*rows):
    """Rows of (months, died?, group)."""
    months, died, group = zip(*rows, strict=True)
    return pd.DataFrame({"death_months": [float(m) for m in months], "group": group,
                         "death_status": ["death" if d else "censored" for d in died]})  # fmt: skip


def outcomes(n=80, *, seed=1):
    rng = np.random.default_rng(seed)
    is_dtt = rng.random(n) < 0.5
    months = rng.exponential(np.where(is_dtt, 60, 120)) + 1
    return pd.DataFrame({
        "patient_id": range(n), "group": np.where(is_dtt, "dtt", "other"),
        "label_month": np.where(is_dtt, rng.uniform(1, 20, n), np.nan), "composite_months": months,
        "composite_status": np.where(rng.random(n) < 0.7, "death", "censored")})  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(1, 0, 1), (2, 0, 0)], "no event"),
        ([(1, 1, 1), (2, 0, 1)], "nobody to compare with"),
        ([(1, 1, 1), (2, 0, 0)], "no event on one side"),
    ],
)
def test_a_model_without_an_answer_moves_nowhere_and_says_why(rows, note):
    found = estimate_time_varying(periods(*rows))
    assert set(found.note) == {note}
    assert found[["estimate", "low", "high", "p"]].isna().all(axis=None)
    assert found.term.tolist() == ["early", "late", "late_over_early", "per_doubling", "at_12", "at_60"]
    assert derive_effects(periods(*rows), end=12.0).empty


def test_a_half_without_an_event_on_one_side_has_no_finite_ratio():
    rows = [(1, 1, 1), (2, 1, 0), (3, 1, 1), (4, 1, 0), (5, 1, 0), (6, 1, 0), (7, 1, 0), (8, 0, 1), (9, 0, 0)]
    found = estimate_time_varying(periods(*rows)).set_index("term")
    assert found.loc["late", "note"] == NO_PEAK and np.isnan(found.loc["early", "estimate"])
    assert found.loc["early", "cut_months"] == 4 and found.loc[["early", "late"], "events"].tolist() == [4, 3]


def test_all_events_on_one_day_leave_nothing_after_the_cut():
    found = estimate_time_varying(periods(*[(5, 1, 1)] * 4, *[(5, 1, 0)] * 2, *[(9, 0, 0)] * 4, (9, 0, 1)))
    assert found.set_index("term").loc["late", "note"] == NO_PEAK


def test_a_basis_of_ones_is_the_cox_model_under_ties_and_late_entry():
    rng = np.random.default_rng(2)
    table = periods(*zip(rng.integers(5, 20, 80), rng.random(80) < 0.7, rng.random(80) < 0.5, strict=True))
    table = table.assign(start=rng.integers(0, 5, 80).astype(float))
    fit, cox = fit_moving(table, basis=lambda at: np.ones((len(at), 1))), fit_cox(table, covariates=["is_dtt"])
    np.testing.assert_allclose(fit.coefficients, cox.log_ratios, atol=1e-9)
    np.testing.assert_allclose(fit.covariance, cox.covariance, atol=1e-9)


def test_a_ratio_that_fades_is_seen_before_and_after_the_cut():
    rng = np.random.default_rng(4)
    exposed = rng.random(800) < 0.5
    early = rng.exponential(1 / np.where(exposed, 0.12, 0.02))
    fading = np.where(early > 8, 8 + rng.exponential(50, 800), early)
    table = periods(*zip(fading, np.ones(800), exposed, strict=True))
    found = estimate_time_varying(table, cut=8.0).set_index("term")
    assert found.loc["early", "low"] > 4 and found.loc["late", "low"] < 1 < found.loc["late", "high"]
    assert found.loc["late_over_early", "high"] < 0.5 and found.loc["per_doubling", "high"] < 1
    assert found.loc["at_12", "estimate"] > found.loc["at_60", "estimate"]
    effects = derive_effects(table, end=60.0)
    assert set(effects.model) == {"constant", "steps", "log_time"}
    assert (effects.low < effects.estimate).all() and (effects.estimate < effects.high).all()


def test_both_fair_models_are_described_and_the_ledger_gets_each_row():
    moving = compare_moving_hazards(outcomes(), landmark_months=12.0)
    assert len(moving) == 12 and moving.term.tolist()[0] == "timedependent.early"
    facts = summarise_moving(moving)
    assert facts["survival.moving.landmark.early.hr"]["unit"] == "hazard ratio"
    assert facts["survival.moving.landmark.per_doubling.hr"]["unit"] == "ratio of hazard ratios"
    assert facts["survival.moving.timedependent.cut"]["value"] > facts["survival.moving.landmark.cut"]["value"] > 0
    assert len(facts) == 2 * 12 + 2


def test_nobody_at_the_landmark_gives_missing_rows_and_no_warning():
    moving = compare_moving_hazards(outcomes(), landmark_months=9999.0)
    assert moving.loc[moving.term.str.startswith("landmark"), "note"].eq("no event").all()
    assert np.isnan(summarise_moving(moving)["survival.moving.landmark.cut"]["value"])


@pytest.mark.parametrize(("left", "note"), [(9, "too few at risk"), (10, ""), (11, "")])
def test_a_milestone_is_given_only_where_ten_are_at_risk_in_both_groups(left, note):
    table = deaths(*[(m, 1, "dtt") for m in (3, 4)], *[(99, 0, "dtt")] * left,
                   *[(3, 1, "other")], *[(99, 0, "other")] * 30)  # fmt: skip
    found = estimate_milestones(table, outcome="death", at=[12]).iloc[0]
    assert found.note == note and (found.dtt_at_risk_n, found.other_at_risk_n) == (left, 30)
    assert np.isnan(found.estimate) == np.isnan(found.low) == np.isnan(found.dtt_share) == bool(note)
    assert found.n == left + 33


def test_a_milestone_by_hand():
    table = deaths(*[(5, 1, "dtt")] * 10, *[(24, 0, "dtt")] * 10, *[(5, 1, "other")] * 5, *[(24, 0, "other")] * 15)
    found = estimate_milestones(table, outcome="death", at=[12]).iloc[0]
    error = np.sqrt(0.5 * 0.5 / 20 + 0.75 * 0.25 / 20)
    assert found.estimate == pytest.approx(-25)
    assert found.high == pytest.approx(100 * (-0.25 + 1.959964 * error), rel=1e-6)


def test_a_milestone_before_any_event_of_a_group_has_no_interval():
    table = deaths(*[(24, 0, "dtt")] * 20, *[(5, 1, "other")] * 5, *[(24, 0, "other")] * 15)
    found = estimate_milestones(table, outcome="death", at=[12]).iloc[0]
    assert (found.estimate, found.note) == (25, "no event in one group")
    assert np.isnan([found.low, found.high, found.p]).all()


def test_milestones_of_one_group_or_nobody_are_missing_rows():
    alone = estimate_milestones(deaths(*[(200, 0, "dtt")] * 20), outcome="death")
    assert alone.term.tolist() == ["m12", "m36", "m60", "m120"] and alone.estimate.isna().all()
    assert alone.note.eq("too few at risk").all() and alone.n.eq(20).all()
    nobody = estimate_milestones(deaths((1, 0, "dtt")).iloc[:0], outcome="death")
    assert nobody.n.eq(0).all() and nobody.estimate.isna().all()


def test_milestones_and_means_go_to_the_ledger_with_their_units():
    table = deaths(*[(5, 1, "dtt")] * 10, *[(24, 0, "dtt")] * 10, *[(5, 1, "other")] * 5, *[(24, 0, "other")] * 15)
    facts = summarise_milestones(estimate_milestones(table, outcome="death", at=[12]), prefix="x")
    assert list(facts) == ["x.m12.difference"] and facts["x.m12.difference"]["null"] == 0.0
    means = summarise_restricted_mean(estimate_restricted_mean(table, outcome="death", until=20), prefix="x")
    assert means["x.ratio.of_means"]["value"] == pytest.approx((10 * 5 + 10 * 20) / (5 * 5 + 15 * 20))
    assert set(means) == {"x.ratio.of_means", "x.ratio.p"}


@pytest.mark.parametrize(
    ("p", "change", "words"),
    [
        (0.2, 0.5, "no clear reason to read the two apart"),
        (np.nan, 0.5, "no test that could say whether to read the two apart"),
        (0.01, 0.5, "reason to read the two rather than the one ratio, which fell with time and is only their average"),
        (0.01, 2.0, "reason to read the two rather than the one ratio, which rose with time and is only their average"),
        (0.01, np.nan, "reason to mistrust the one ratio, though the two parts cannot both be estimated"),
    ],
)
def test_the_two_parts_are_leant_on_only_where_the_test_speaks_against_one_ratio(p, change, words):
    tests = pd.DataFrame({"term": ["naive", "landmark"], "p": [0.5, p]})
    moving = pd.DataFrame({"term": ["landmark.late_over_early"], "estimate": [change]})
    assert label_movement(moving, tests=tests, approach="landmark") == words
