"""The hazard ratio of the label with other things held equal, with gaps filled in, and with the lost followed on."""

import numpy as np
import pandas as pd
import pytest

from helpers.survival.adjusted import (
    BASELINE,
    MODELS,
    add_adjusters,
    derive_adjusters,
    estimate_adjusted,
    keep_usable,
    label_adjustment,
    list_rare,
)
from helpers.survival.imputed import (
    UNPOOLED,
    compare_incomplete,
    derive_imputation_frame,
    estimate_adjusted_imputed,
    join_imputed,
    measure_hazard,
)
from helpers.survival.models import estimate_cox
from helpers.survival.risk_sets import derive_risk_periods
from helpers.survival.tipping import SCENARIOS, derive_loss, draw_times, estimate_loss_tipping
from helpers.survival.tipping_words import describe_loss_tipping, list_loss_facts, spread_scenarios

REGIMENS = ("nih_cyclophosphamide", "eurolupus_cyclophosphamide", "mycophenolate", "tacrolimus")
END = pd.Timestamp("2022-12-31")


Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def make_patients(n: int = 160, *, seed: int = 1, lost: float = 0.3) -> Tables:
    """Outcomes, cohort and events of made-up patients: the label trebles the hazard, some are lost or untested."""
    rng = np.random.default_rng(seed)
    ids = [f"P{place:03d}" for place in range(n)]
    is_dtt = rng.random(n) < 0.35
    time = rng.exponential(150 / np.where(is_dtt, 3.0, 1.0)) + 12
    zero = pd.to_datetime("2008-01-01") + pd.to_timedelta(rng.integers(0, 2500, n), unit="D")
    horizon = ((END - zero).days / 30.4375).to_numpy(float)
    leaves = np.where(rng.random(n) < lost, rng.uniform(13, 100, n), np.inf)
    stop = np.minimum.reduce([time, horizon, leaves])
    status = np.where(stop == time, "worsening_creatinine", "censored")
    outcomes = pd.DataFrame({
        "patient_id": ids, "composite_months": stop, "composite_status": pd.array(status, dtype="string"),
        "group": np.where(is_dtt, "dtt", "other"),
        "label_month": np.where(is_dtt, rng.uniform(3, 12, n), np.nan),
    })  # fmt: skip
    cohort = pd.DataFrame({
        "patient_id": ids, "is_eligible": True, "time_zero_date": zero,
        "is_dead": pd.array([False] * n, dtype="boolean"),
        "followup_end_date": zero + pd.to_timedelta(np.floor(stop * 30.4375), unit="D"),
        "age_years": pd.array(rng.integers(18, 60, n), dtype="Int64"), "baseline_egfr": rng.normal(85, 20, n),
        "baseline_upcr_g_g": rng.lognormal(0.9, 0.7, n), "class_group": rng.choice(["III", "IV"], n),
        "any_apl": pd.array(rng.random(n) < 0.3, dtype="boolean"),
        "active_sediment": pd.array(rng.random(n) < 0.5, dtype="boolean"),
        "induction_regimen": pd.array(rng.choice(REGIMENS, n, p=[0.4, 0.3, 0.25, 0.05]), dtype="string"),
        "era": pd.array(np.where(zero.year < 2012, "early", "late"), dtype="string")})  # fmt: skip
    cohort.loc[rng.random(n) < 0.15, "any_apl"] = pd.NA
    gone = np.array(ids)[stop == leaves]
    events = pd.DataFrame({"patient_id": gone, "event_type": "lost_to_followup"})
    return outcomes, cohort, events


def silence_others(outcomes: pd.DataFrame) -> pd.DataFrame:
    """All events on one side: no finite hazard ratio."""
    return outcomes.assign(
        composite_status=outcomes["composite_status"].mask(outcomes["group"].eq("other"), "censored"))


def periods_of(outcomes: pd.DataFrame) -> pd.DataFrame:
    return derive_risk_periods(outcomes, approach="timedependent", landmark_months=0.0)


# Adjusted models


def test_every_model_has_a_row_and_the_crude_one_is_the_label_alone():
    outcomes, cohort, _ = make_patients()
    periods = periods_of(outcomes)
    table = estimate_adjusted(periods, adjusters=derive_adjusters(cohort))
    assert table["term"].tolist() == list(MODELS)
    assert table["estimate"][0] == estimate_cox(periods)["estimate"][0]
    assert table["estimate"].between(1, 10).all()
    complete = cohort["any_apl"].notna().sum()
    assert table.set_index("term").loc["baseline", "n"] == complete
    assert table.set_index("term").loc["baseline", "parameters"] == len(BASELINE) + 1
    assert (table["events_per_parameter"] * table["parameters"]).round(6).tolist() == table["events"].tolist()


def test_regimens_of_few_patients_are_pooled_whatever_their_outcomes_and_the_table_names_them():
    outcomes, cohort, _ = make_patients()
    rare = cohort["induction_regimen"].eq("tacrolimus")
    cohort.loc[rare.index[rare][:3], "induction_regimen"] = "azathioprine"
    assert 1 < cohort["induction_regimen"].isin(["tacrolimus", "azathioprine"]).sum() < 20
    adjusters = derive_adjusters(cohort)
    joined, regimens = add_adjusters(periods_of(outcomes), adjusters)
    assert set(regimens) == {"regimen_eurolupus_cyclophosphamide", "regimen_mycophenolate", "regimen_rarer"}
    blind = outcomes.assign(composite_status=outcomes["composite_status"].to_numpy()[::-1])
    assert add_adjusters(periods_of(blind), adjusters)[1] == regimens
    assert len(joined) == len(periods_of(outcomes))
    note = estimate_adjusted(periods_of(outcomes), adjusters=adjusters).set_index("term").loc["regimen_year", "note"]
    assert note.startswith("pooled as rarer: azathioprine, tacrolimus")


def test_nine_patients_are_few_and_ten_are_not():
    rows = pd.DataFrame({"patient_id": range(29), "regimen": ["a"] * 10 + ["b"] * 9 + ["c"] * 9 + [None]})
    assert list_rare(rows) == ["b", "c"]
    assert list_rare(rows.assign(patient_id=0)) == ["a", "b", "c"]  # many periods of one patient are one patient


def test_an_unknown_regimen_is_left_out_of_the_models_with_regimen_only():
    outcomes, cohort, _ = make_patients()
    cohort.loc[:9, "induction_regimen"] = pd.NA
    table = estimate_adjusted(periods_of(outcomes), adjusters=derive_adjusters(cohort)).set_index("term")
    assert table.loc["crude", "n"] - table.loc["by_regimen", "n"] == 10
    assert table.loc["by_era", "n"] == table.loc["crude", "n"]


def test_what_does_not_vary_or_repeats_another_is_left_out_by_name_and_the_label_stays():
    rows = pd.DataFrame({"is_event": [True, True, False, False, True], "is_dtt": [1, 0, 1, 0, 0], "same": 1.0,
                         "age": [1.0, 2, 3, 4, 5], "again": [2.0, 4, 6, 8, 10], "one_sided": [1.0, 1, 0, 1, 1]})
    kept, dropped = keep_usable(rows, ["is_dtt", "age", "same", "again", "one_sided"])
    assert kept == ("is_dtt", "age")
    assert dropped == ("same", "again", "one_sided")


def test_without_events_or_without_a_second_group_every_model_is_missing_and_says_why():
    outcomes, cohort, _ = make_patients(30)
    quiet = outcomes.assign(composite_status="censored")
    table = estimate_adjusted(periods_of(quiet), adjusters=derive_adjusters(cohort))
    assert table["estimate"].isna().all()
    assert set(table["note"]) == {"no event"}
    alone = outcomes.assign(group="other", label_month=np.nan)
    nobody = estimate_adjusted(periods_of(alone), adjusters=derive_adjusters(cohort))
    assert set(nobody["note"]) == {"nobody to compare with"}
    assert label_adjustment(table) == "cannot be told for all of these"


def test_a_covariate_that_nobody_varies_in_is_named_in_the_note():
    outcomes, cohort, _ = make_patients()
    cohort["active_sediment"] = pd.array([True] * len(cohort), dtype="boolean")
    table = estimate_adjusted(periods_of(outcomes), adjusters=derive_adjusters(cohort)).set_index("term")
    assert table.loc["baseline", "note"] == "left out: active sediment"


def test_the_verdict_stays_or_changes_in_words():
    rows = pd.DataFrame({"term": ["crude", "by_era"], "estimate": 3.0, "low": [1.5, 1.1], "high": 6.0})
    assert label_adjustment(rows, terms=["by_era"]) == "stays the same in all of these"


# Multiple imputation


def test_the_imputation_model_holds_the_event_and_the_nelson_aalen_hazard():
    outcomes, cohort, _ = make_patients()
    frame = derive_imputation_frame(outcomes, cohort=cohort, adjusters=derive_adjusters(cohort))
    assert {"is_event", "hazard", "is_dtt", *BASELINE} <= set(frame)
    assert frame["any_apl"].isna().sum() == cohort["any_apl"].isna().sum()
    by_time = frame["hazard"].to_numpy()[np.argsort(outcomes["composite_months"].to_numpy())]
    assert (np.diff(by_time) >= 0).all()


def test_nelson_aalen_counts_tied_events_at_once():
    found = measure_hazard(np.array([1.0, 1.0, 2.0, 3.0]), np.array([True, True, False, True]))
    assert found.tolist() == [0.5, 0.5, 0.5, 1.5]


def test_with_nothing_missing_imputation_gives_the_model_of_everybody():
    outcomes, cohort, _ = make_patients()
    cohort["any_apl"] = cohort["any_apl"].fillna(False)
    periods, adjusters = periods_of(outcomes), derive_adjusters(cohort)
    frame = derive_imputation_frame(outcomes, cohort=cohort, adjusters=adjusters)
    found = estimate_adjusted_imputed(periods, frame=frame, imputations=0, seed=1).iloc[0]
    plain = estimate_adjusted(periods, adjusters=adjusters).set_index("term").loc["baseline"]
    assert found["estimate"] == pytest.approx(plain["estimate"], abs=1e-7)
    assert (found["fmi"], found["sets"]) == (0, 20)


def test_imputation_keeps_everybody_and_stands_beside_the_complete_cases():
    outcomes, cohort, _ = make_patients()
    periods, adjusters = periods_of(outcomes), derive_adjusters(cohort)
    frame = derive_imputation_frame(outcomes, cohort=cohort, adjusters=adjusters)
    filled = estimate_adjusted_imputed(periods, frame=frame, imputations=5, seed=1)
    assert filled["n"][0] == 160
    assert filled["sets"][0] == 5
    assert 0 < filled["fmi"][0] < 0.5
    beside = join_imputed(estimate_adjusted(periods, adjusters=adjusters), filled)
    assert beside["term"].tolist() == ["crude", "crude_complete", "baseline", "baseline_imputed"]
    assert beside["events_per_parameter"].notna().all()
    again = estimate_adjusted_imputed(periods, frame=frame, imputations=5, seed=1)
    pd.testing.assert_frame_equal(filled, again)


def test_imputing_a_covariate_that_nobody_knows_leaves_it_out_and_says_so():
    outcomes, cohort, _ = make_patients()
    cohort["any_apl"] = pd.array([pd.NA] * len(cohort), dtype="boolean")
    frame = derive_imputation_frame(outcomes, cohort=cohort, adjusters=derive_adjusters(cohort))
    found = estimate_adjusted_imputed(periods_of(outcomes), frame=frame, imputations=3, seed=1).iloc[0]
    assert found["note"] == "left out: any apl"
    assert found["estimate"] > 1


def test_imputation_without_events_is_missing_with_a_note():
    outcomes, cohort, _ = make_patients(40)
    quiet = outcomes.assign(composite_status="censored")
    frame = derive_imputation_frame(quiet, cohort=cohort, adjusters=derive_adjusters(cohort))
    found = estimate_adjusted_imputed(periods_of(quiet), frame=frame, imputations=3, seed=1).iloc[0]
    assert np.isnan(found["estimate"])
    assert found["note"] == "no event"
    one_sided = silence_others(outcomes)
    frame = derive_imputation_frame(one_sided, cohort=cohort, adjusters=derive_adjusters(cohort))
    assert estimate_adjusted_imputed(periods_of(one_sided), frame=frame, imputations=3, seed=1)["note"][0] == UNPOOLED


def test_being_incomplete_is_held_against_the_outcome_and_the_label():
    outcomes, cohort, _ = make_patients()
    frame = derive_imputation_frame(outcomes, cohort=cohort, adjusters=derive_adjusters(cohort))
    assert compare_incomplete(frame)["term"].tolist() == ["is_event", "is_dtt", "aux_year", "aux_egfr"]


# The lost


def test_only_a_recorded_loss_before_the_outcome_counts_and_not_the_dead():
    outcomes, cohort, events = make_patients()
    loss = derive_loss(outcomes, cohort=cohort, events=events)
    gone = set(events["patient_id"])
    assert 0 < loss.is_lost.sum() <= len(gone)
    assert not loss.is_event[loss.is_lost].any()
    assert (loss.horizon[loss.is_lost] > loss.stop[loss.is_lost]).all()
    cohort["is_dead"] = pd.array([True] * len(cohort), dtype="boolean")
    assert not derive_loss(outcomes, cohort=cohort, events=events).is_lost.any()


def test_at_a_factor_of_one_the_estimate_is_the_censored_one_but_for_chance():
    outcomes, cohort, events = make_patients(300)
    table = estimate_loss_tipping(derive_loss(outcomes, cohort=cohort, events=events), seed=1, sets=60, deltas=(1.0,))
    censored = estimate_cox(periods_of(outcomes)).iloc[0]
    same = table.iloc[0]
    error = (np.log(censored["high"]) - np.log(censored["low"])) / 3.92
    assert abs(np.log(same["estimate"] / censored["estimate"])) < 0.35 * error
    width = np.log(same["high"] / same["low"]) / np.log(censored["high"] / censored["low"])
    assert 0.85 < width < 1.25
    assert np.ptp(table["estimate"]) < 1e-12


def test_the_more_the_lost_others_fail_the_nearer_the_ratio_comes_to_one_and_the_words_name_where_it_tips():
    outcomes, cohort, events = make_patients(160, lost=0.6)
    table = estimate_loss_tipping(derive_loss(outcomes, cohort=cohort, events=events), seed=1)
    others = table.query("scenario == 'other'")
    assert others["estimate"].is_monotonic_decreasing
    assert table.query("scenario == 'dtt'")["estimate"].is_monotonic_increasing
    assert (table.query("scenario == 'all'")["drawn_events"].diff().dropna() > 0).all()
    ends = table.set_index("term")
    assert table["estimate"].max() == ends.loc["opposed_0", "estimate"] > table["estimate"].min()
    assert table["estimate"].min() == ends.loc["opposed_inf", "estimate"]
    assert table.loc[table["term"].eq("all_0"), "drawn_events"].iloc[0] == 0
    assert describe_loss_tipping(table.query("delta != 0"), scenario="opposed").startswith(
        "changes when it is multiplied by")
    assert "not clearly different from" in describe_loss_tipping(table, scenario="opposed")
    assert describe_loss_tipping(table.query("delta >= 0.5 and delta <= 2"), scenario="all") == (
        "holds for every factor tried, from 0.5 to 2")
    assert describe_loss_tipping(table, scenario="dtt") == "holds whatever is supposed of them"


def test_at_the_ends_of_the_grid_all_the_lost_fail_at_once_or_none_does_and_no_draw_has_a_say():
    outcomes, cohort, events = make_patients(60)
    loss = derive_loss(outcomes, cohort=cohort, events=events)
    one, two = (estimate_loss_tipping(loss, seed=seed, sets=3, deltas=(0.0, 1.0, np.inf)).set_index("term")
                for seed in (1, 2))  # fmt: skip
    assert one.loc["all_0", "drawn_events"] == 0 and one.loc["all_inf", "drawn_events"] == loss.is_lost.sum()
    for term in ("all_0", "all_inf", "opposed_0", "opposed_inf"):
        assert one.loc[term, "estimate"] == two.loc[term, "estimate"] and one.loc[term, "fmi"] == 0
    at_once = outcomes.assign(composite_status=outcomes["composite_status"].mask(
        outcomes["patient_id"].isin(events["patient_id"]), "esrd"))
    assert one.loc["all_inf", "estimate"] == pytest.approx(estimate_cox(periods_of(at_once))["estimate"][0], rel=0.02)
    assert list_loss_facts(one.reset_index(), origin="x")["survival.loss.lowest.hr"]["value"] == (
        one.loc["opposed_inf", "estimate"])


@pytest.mark.parametrize(("scenario", "delta", "words"), [
    ("all", np.inf, "changes only if all of them had it on the day they left (then lower than that of the others)"),
    ("all", 0.0, "changes only if none of them had it (then lower than that of the others)"),
    ("opposed", np.inf, "changes only if all the lost others had it at once and no lost difficult-to-treat ever (then "
                        "lower than that of the others)")])  # fmt: skip
def test_a_verdict_that_changes_only_at_an_end_of_the_grid_says_what_that_end_is(scenario, delta, words):
    grid = pd.DataFrame({"delta": [0.0, 1.0, np.inf], "lost_n": 3, "estimate": 1.0, "scenario": scenario, "label": "",
                         "verdict": "higher than"})  # fmt: skip
    grid.loc[grid["delta"].eq(delta), "verdict"] = "lower than"
    assert describe_loss_tipping(grid, scenario=scenario) == words


def test_the_landmark_clock_starts_at_the_landmark():
    outcomes, cohort, events = make_patients()
    whole = derive_loss(outcomes, cohort=cohort, events=events)
    later = derive_loss(outcomes, cohort=cohort, events=events, approach="landmark", landmark_months=24.0)
    assert later.horizon.max() < whole.horizon.max()
    assert estimate_loss_tipping(later, seed=1, sets=3, deltas=(1.0, 4.0))["estimate"].notna().all()


def test_an_event_is_drawn_where_the_hazard_is_used_up_and_the_others_end_at_the_horizon():
    outcomes, cohort, events = make_patients(40)
    loss = derive_loss(outcomes, cohort=cohort, events=events)
    n = int(loss.is_lost.sum())
    times, hazard = np.array([1.0, 200.0]), np.array([[0.0, 10.0]])
    stop, happened = draw_times(loss, times=times, hazard=hazard, pace=np.ones((1, n)), spent=np.full((1, n), 1e-9))
    assert happened.all()
    assert (stop >= loss.stop[loss.is_lost]).all()
    stop, happened = draw_times(loss, times=times, hazard=hazard, pace=np.zeros((1, n)), spent=np.ones((1, n)))
    assert not happened.any()
    assert (stop == loss.horizon[loss.is_lost]).all()


def test_nobody_lost_no_event_and_no_finite_ratio_each_have_their_words():
    outcomes, cohort, events = make_patients(60)
    none = estimate_loss_tipping(derive_loss(outcomes, cohort=cohort, events=events.iloc[:0]), seed=1, sets=3)
    assert describe_loss_tipping(none, scenario="all") == "has nothing to tip it: nobody was lost"
    quiet = outcomes.assign(composite_status="censored")
    still = estimate_loss_tipping(derive_loss(quiet, cohort=cohort, events=events), seed=1, sets=3)
    assert set(still["note"]) == {"no event"}
    assert describe_loss_tipping(still, scenario="all") == "cannot be told"
    one_sided = silence_others(outcomes)
    found = estimate_loss_tipping(derive_loss(one_sided, cohort=cohort, events=events), seed=1, sets=3)
    assert set(found["note"]) == {"no finite hazard ratio to start from"}


def test_the_printed_table_has_a_row_per_factor_and_the_ledger_its_numbers():
    outcomes, cohort, events = make_patients(80)
    table = estimate_loss_tipping(derive_loss(outcomes, cohort=cohort, events=events), seed=1, sets=3)
    wide = spread_scenarios(table)
    assert wide["term"].tolist()[:3] == ["times_0", "times_0_25", "times_0_5"]
    assert {f"{name}_{end}" for name in SCENARIOS for end in ("estimate", "low", "high")} <= set(wide)
    assert wide["term"].tolist()[-1] == "times_inf" and wide["opposed_estimate"].notna().all()
    facts = list_loss_facts(table, origin="x")
    assert facts["survival.loss.n"]["value"] == table["lost_n"].iloc[0]
    assert facts["survival.loss.unchanged.hr"]["null"] == 1.0
