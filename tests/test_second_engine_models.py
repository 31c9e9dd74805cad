"""The second engine of competing events, fair starts, adjusted, pooled and penalised models, states and intervals."""

import numpy as np
import pandas as pd
import pytest

from helpers import stages
from helpers.definitions import FEATURES, load_rulebook
from helpers.interval_censoring import estimate_interval_median, estimate_intervals
from helpers.parameters import check_parameters
from helpers.predictors.imputed import (
    estimate_multivariable_imputed,
    estimate_univariable_imputed,
    impute_features,
)
from helpers.predictors.log_f import estimate_log_f
from helpers.predictors.models import NEAR_SEPARATION_ERROR, estimate_univariable
from helpers.predictors.strata import estimate_stratified
from helpers.predictors.treatment import estimate_with_treatment
from helpers.response import derive_followup, derive_visit_responses
from helpers.response.flares import flag_flares
from helpers.response.interval_times import derive_interval_times, summarise_interval_times
from helpers.response.state_months import estimate_state_months, summarise_month_facts
from helpers.response.states import derive_state_spells, keep_spells_from
from helpers.response.transitions import derive_periods, estimate_transition_rates
from helpers.second_engine import tabulate_checks
from helpers.second_engine.adjusted import fit_phreg, pool_regimens
from helpers.second_engine.fair_starts import check_entry_rules, check_races
from helpers.second_engine.imputed import pool_as_written
from helpers.second_engine.intervals import find_interval_median
from helpers.second_engine.predictors import check_predictors
from helpers.second_engine.races import find_gray, solve_fine_gray
from helpers.second_engine.response import check_response
from helpers.second_engine.starts import solve_second_induction
from helpers.second_engine.survival import check_survival
from helpers.second_engine.treated import pool_strata
from helpers.survival import derive_outcomes, label_groups
from helpers.survival.adjusted import derive_adjusters, estimate_adjusted
from helpers.survival.competing import compare_competing
from helpers.survival.criteria import estimate_criteria
from helpers.survival.incorporation import label_without_creatinine
from helpers.survival.milestones import estimate_milestones
from helpers.survival.models import estimate_cox
from helpers.survival.restricted_mean import estimate_restricted_mean
from helpers.survival.risk_sets import derive_risk_periods, keep_landmark
from helpers.survival.second_induction import derive_second_inductions
from helpers.survival.selection import compare_entry_rules, estimate_entry_bounds
from helpers.survival.time_zero import LANDMARKS, estimate_time_zero
from helpers.synthetic import simulate_cohort

LANDMARK = 24.0
ENDS = {"value": "estimate", "low": "low", "high": "high"}


@pytest.fixture(scope="module", params=[(140, 3), (30, 5)], ids=["a clinic of 140", "a clinic of 30"])
def made(request):
    n, seed = request.param
    raw = simulate_cohort(n=n, seed=seed)
    parameters = check_parameters({})
    cohort = stages.derive_cohort_tables(raw, parameters)
    labels = stages.derive_label_tables(
        cohort, rule=parameters.dtt_rule(), rulebook=load_rulebook(""), events=raw["events"])  # fmt: skip
    return parameters, raw, {**cohort, **labels}


@pytest.fixture(scope="module")
def fates(made):
    parameters, raw, tables = made
    rule = load_rulebook("").worsening_rule(parameters.worsening_rule)
    common = {"cohort": tables["cohort"], "events": raw["events"], "worsening": rule}
    outcomes = label_groups(derive_outcomes(tables["assessments"], **common), labels=tables["dtt_labels"])
    again = derive_outcomes(tables["assessments"], **common, from_months=LANDMARK)
    plain = label_without_creatinine(tables["dtt_labels"], trace=tables["dtt_trace"])
    relabelled = label_groups(outcomes.drop(columns=["group", "label_month"]), labels=plain)
    return {"outcomes": outcomes, "rebaselined": again, "relabelled": relabelled,
            "starts": derive_second_inductions(tables["courses"]), "adjusters": derive_adjusters(tables["cohort"])}


def read(checks):
    return checks.set_index(["id", "part"])["second_value"]


def agrees(found, expected, *, rel=1e-6):
    assert found == pytest.approx(expected, rel=rel, abs=1e-12, nan_ok=True)


def agrees_with_rows(values, table, *, stem, measure="hr", rel=1e-6, ends=ENDS, p=True):
    """Every estimate of a table, its interval and its p value, against what the second engine found."""
    for row in table.to_dict("records"):
        for part, column in ends.items():
            agrees(values[stem.format(row["term"]) + f".{measure}", part], row[column], rel=rel)
        if p:
            agrees(values[stem.format(row["term"]) + ".p", "value"], row["p"], rel=rel)


# Survival


def test_the_fair_starts_are_found_again_in_large_clinics_and_small(fates):
    outcomes, given = fates["outcomes"], {name: fates[name] for name in fates if name != "outcomes"}
    values = read(check_survival(outcomes, landmark_months=LANDMARK, fewest_at_risk=10, everybody=outcomes,
                                 entry_months=LANDMARK, **given))  # fmt: skip
    starts = estimate_time_zero(outcomes, landmark_months=LANDMARK, landmarks=LANDMARKS,
                                second_inductions=fates["starts"])  # fmt: skip
    agrees_with_rows(values, starts, stem="survival.composite.{}")
    criteria = estimate_criteria(outcomes, landmark_months=LANDMARK, rebaselined=fates["rebaselined"],
                                 relabelled=fates["relabelled"])  # fmt: skip
    agrees_with_rows(values, criteria, stem="survival.{}")
    agrees_with_rows(values, estimate_adjusted(
        derive_risk_periods(outcomes, approach="timedependent", landmark_months=LANDMARK),
        adjusters=fates["adjusters"]), stem="survival.composite.adjusted.{}")  # fmt: skip
    rules = compare_entry_rules(outcomes, in_force=LANDMARK)
    agrees_with_rows(values, rules, stem="survival.entry_rule.{}")


def test_races_and_milestones_are_found_again(fates):
    values = read(check_survival(fates["outcomes"], landmark_months=LANDMARK, fewest_at_risk=10))
    table = compare_competing(fates["outcomes"], landmark_months=LANDMARK)
    is_gray = table["term"].str.endswith(".gray")
    agrees_with_rows(values, table.loc[~is_gray], stem="survival.competing.{}")
    agrees_with_rows(values, table.loc[is_gray], stem="survival.competing.{}", ends={})
    at_landmark = keep_landmark(fates["outcomes"], landmark_months=LANDMARK)
    agrees_with_rows(values, estimate_milestones(at_landmark, outcome="composite"), measure="difference", p=False,
                     stem="survival.landmark.milestone.{}")  # fmt: skip
    ratio = estimate_restricted_mean(at_landmark, outcome="composite", until=60.0).set_index("term").loc["ratio"]
    for part, column in ENDS.items():
        agrees(values["survival.landmark.restricted_mean.ratio.of_means", part], ratio[column])
    agrees(values["survival.landmark.restricted_mean.ratio.p", "value"], ratio["p"])


def make_race(seed, n=70):
    draw = np.random.default_rng(seed)
    exposed = (draw.random(n) < 0.4).astype(float)
    months = np.ceil(draw.exponential(np.where(exposed == 1, 20, 35)))
    return months, draw.choice(["esrd", "death", "censored"], size=n, p=[0.3, 0.3, 0.4]).astype(object), exposed


@pytest.mark.parametrize("seed", range(6))
def test_fine_gray_and_gray_are_those_of_the_first_engine_under_heavy_ties(seed):
    from helpers.survival.fine_gray import estimate_subdistribution
    from helpers.survival.gray import compare_incidence

    months, words, exposed = make_race(seed)
    patients = pd.DataFrame({"months": months, "status": words, "is_dtt": exposed})
    expected = estimate_subdistribution(patients, event="esrd").iloc[0]
    found = solve_fine_gray(months, words, exposed, event="esrd")
    for part, column in (ENDS | {"p": "p"}).items():
        agrees(found[part], expected[column], rel=1e-9)
    table = pd.DataFrame({"group": np.where(exposed == 1, "dtt", "other"), "esrd_months": months, "esrd_status": words})
    agrees(find_gray(months, words, exposed, event="esrd"),
           compare_incidence(table, outcome="esrd", event="esrd")["p"].iloc[0], rel=1e-9)  # fmt: skip


def test_races_without_an_answer_have_none():
    months, exposed = np.array([1.0, 2.0, 3.0]), np.ones(3)
    words = np.array(["esrd", "death", "censored"], dtype=object)
    assert solve_fine_gray(months, words, exposed, event="esrd")["value"] is None
    assert find_gray(months, words, exposed, event="esrd") is None
    apart = np.array([1.0, 0.0, 0.0])
    assert find_gray(np.array([9.0, 1.0, 2.0]), words, apart, event="esrd") is None  # nobody of the others is left
    late = np.array(["censored", "esrd", "esrd"], dtype=object)
    assert solve_fine_gray(months, late, apart, event="esrd")["value"] is None
    parted = solve_fine_gray(np.arange(1.0, 5), np.array(["esrd"] * 4), np.array([1.0, 1, 0, 0]), event="esrd")
    assert parted["value"] is None  # the score never comes to nothing


def test_second_inductions_without_an_answer_have_none(fates):
    nobody = solve_second_induction(fates["outcomes"], starts=pd.Series(dtype=float))
    assert set(nobody.values()) == {None}


def test_bounds_on_failure_are_found_again(fates):
    everybody = fates["outcomes"]
    bounds = estimate_entry_bounds(everybody, in_force=36.0).set_index("term").loc["from_36m"]
    values = read(tabulate_checks(check_entry_rules(everybody, in_force=36.0, fewest=10)))
    for name, column in (("kept", "estimate"), ("best", "best_estimate"), ("worst", "worst_estimate")):
        agrees(values[f"survival.selection.{name}.60m", "value"], float(bounds[column]))


@pytest.mark.parametrize(("patients", "name"), [(9, "rarer"), (10, "b")])
def test_regimens_of_fewer_than_ten_patients_share_a_name(patients, name):
    regimens = ["a"] * 12 + ["b"] * patients + [None]
    periods = pd.DataFrame({"patient_id": range(len(regimens)), "regimen": regimens})
    assert pool_regimens(periods) == {"a": "a", "b": name}
    assert pool_regimens(pd.concat([periods, periods])) == {"a": "a", "b": name}


def test_a_model_that_whole_newton_steps_lead_astray_is_climbed_by_a_trust_region():
    draw = np.random.default_rng(4)
    periods = pd.DataFrame({"patient_id": range(40), "start": 0.0, "stop": np.arange(1.0, 41.0), "is_event": True,
                            "is_dtt": [1] * 5 + [0] * 34 + [1], "far": draw.normal(size=40) ** 3})  # fmt: skip
    expected = estimate_cox(periods, covariates=("is_dtt", "far")).iloc[0]
    agrees(fit_phreg(periods, held=("far",))["value"], expected["estimate"])
    parted = periods.assign(is_event=periods["is_dtt"].eq(1))
    assert fit_phreg(parted)["value"] is None
    ordered = periods.assign(is_dtt=[1] * 20 + [0] * 20)
    assert fit_phreg(ordered)["value"] is None and np.isnan(estimate_cox(ordered)["estimate"].iloc[0])


# Predictors


def test_treatment_strata_the_prior_and_pooled_odds_ratios_are_found_again(made):
    _, _, tables = made
    cohort, labels = tables["cohort"], tables["dtt_labels"]
    given = {"covariates": ["serositis", "hypertension", "any_apl", "low_c3"]}
    imputed = impute_features(cohort, labels, **given, imputations=5, seed=1)
    values = read(check_predictors(cohort, labels, **given, widest_error=NEAR_SEPARATION_ERROR, prior=1.0,
                                   prespecified=["any_apl"], imputed=imputed))  # fmt: skip
    treated = estimate_with_treatment(cohort, labels, **given)[1]
    agrees_with_rows(values, treated, stem="predictors.treatment.{}", measure="or", ends={"value": "estimate"},
                     rel=1e-5)  # fmt: skip
    for name, terms in (("log_f", given["covariates"]), ("prespecified", ["any_apl"])):
        agrees_with_rows(values, estimate_log_f(cohort, labels, covariates=terms), stem=f"predictors.{name}.{{}}",
                         measure="or", ends={"value": "estimate"}, rel=1e-6)  # fmt: skip
    alone = estimate_univariable(cohort, labels, covariates=list(FEATURES))
    agrees_with_rows(values, estimate_stratified(cohort, labels, alone=alone, **given), measure="or",
                     stem="predictors.stratified.{}")  # fmt: skip
    agrees_with_rows(values, estimate_multivariable_imputed(imputed, **given), measure="or",
                     stem="predictors.multivariable_imputed.{}")  # fmt: skip
    agrees_with_rows(values, estimate_univariable_imputed(imputed, covariates=list(FEATURES)), measure="or",
                     stem="predictors.univariable_imputed.{}")  # fmt: skip


def test_without_patients_nothing_is_found_and_nothing_breaks(made):
    _, _, tables = made
    nobody = tables["dtt_labels"].assign(is_dtt=pd.array([pd.NA] * len(tables["dtt_labels"]), dtype="boolean"))
    values = read(check_predictors(tables["cohort"], nobody, covariates=["serositis"], prior=1.0,
                                   widest_error=NEAR_SEPARATION_ERROR))  # fmt: skip
    assert np.isnan(values["predictors.log_f.serositis.or", "value"])
    assert np.isnan(values["predictors.stratified.serositis.or", "value"])


def test_strata_that_do_not_compare_have_no_odds_ratio():
    table = pd.DataFrame({"has": [1.0, 0.0], "y": [True, True], "regimen": "a", "era": "b"})
    assert pool_strata(table)["value"] is None


def test_sets_that_do_not_differ_are_pooled_as_one_normal_estimate():
    found = pool_as_written([(0.4, 0.2)] * 5)
    assert np.log(found["value"]) == pytest.approx(0.4)
    assert np.log(found["high"]) == pytest.approx(0.4 + 1.959964 * 0.2)


# States and times


def test_months_rates_and_interval_medians_are_found_again(made):
    parameters, raw, tables = made
    book, labels = load_rulebook(""), tables["dtt_labels"]
    visits = derive_visit_responses(tables["assessments"], courses=tables["courses"],
                                    rule=book.response_rule(parameters.response_rule))  # fmt: skip
    visits = flag_flares(visits, rule=book.flare_rule(parameters.flare_rule))
    followup = derive_followup(tables["cohort"], labels=labels, events=raw["events"], assessments=tables["assessments"])
    spells = derive_state_spells(visits, followup=followup, courses=tables["courses"])
    label_months = labels.set_index("patient_id")["dtt_month"]
    later = keep_spells_from(spells, start_month=24.0, label_months=label_months)
    intervals = derive_interval_times(visits, followup=followup)
    values = read(check_response(visits, followup=followup, spells=spells, labels=labels, events=raw["events"],
                                 intervals=intervals, from_landmark=later, landmark_until=96.0))  # fmt: skip
    for prefix, rows, until in (("response.months", spells, 120.0), ("response.months.landmark", later, 96.0)):
        facts = summarise_month_facts(estimate_state_months(rows, until=until), prefix=prefix, origin="")
        for id, fact in facts.items():
            agrees(values[id, "value"], float(fact["value"]), rel=1e-9)
    laid_out = {"": derive_periods(spells, label_months=label_months), ".final": derive_periods(spells)}
    for prefix, periods in laid_out.items():
        rates = estimate_transition_rates(periods)
        for row in rates.loc[rates["term"].isin(["complete_to_flare", "active_to_esrd"])].to_dict("records"):
            for part, column in ENDS.items():
                agrees(values[f"response.transitions{prefix}.{row['group']}.{row['term']}.rate", part], row[column])
    medians = summarise_interval_times(intervals).set_index("term")
    for outcome in ("complete", "any", "flare"):
        for part, column in (("low", "turnbull_low"), ("high", "turnbull_high")):
            agrees(values[f"visits.{outcome}.turnbull_months", part], medians.loc[f"{outcome}_all", column])


@pytest.mark.parametrize("seed", range(8))
def test_interval_medians_are_those_of_the_first_engine_exact_times_among_them(seed):
    draw = np.random.default_rng(seed)
    low = draw.integers(0, 20, 60).astype(float)
    high = np.where(draw.random(60) < 0.3, np.nan, low + draw.integers(0, 9, 60))
    expected = estimate_interval_median(estimate_intervals(low, high))
    found = find_interval_median(low, high)
    assert [np.nan if end is None else end for end in found] == pytest.approx(list(expected), nan_ok=True)
    nobody = find_interval_median(low, np.full(60, np.nan))
    assert nobody == (None, None)


def test_a_stretch_with_an_end_inside_it_holds_no_event_of_its_own():
    assert find_interval_median(np.array([0.0, 0.0, 2.0, 2.0]), np.array([1.0, 3.0, 3.0, 3.0])) == (2.0, 3.0)
    assert find_interval_median(np.array([]), np.array([])) == (None, None)


def test_one_start_that_nobody_outlives_has_no_peak_and_one_patient_alone_no_interval():
    fates = pd.DataFrame({"patient_id": ["a", "b", "c"], "composite_months": [4.0, 9.0, 9.0],
                          "composite_status": ["death", "censored", "censored"]})  # fmt: skip
    assert solve_second_induction(fates, starts=pd.Series({"a": 1.0}))["value"] is None


def test_races_of_nobody_are_missing():
    nobody = pd.DataFrame({"patient_id": [], "group": [], "label_month": [], "esrd_months": [], "esrd_status": [],
                           "composite_months": [], "composite_status": []})  # fmt: skip
    assert {check.value for check in check_races(nobody, landmark_months=24.0)} == {None}
