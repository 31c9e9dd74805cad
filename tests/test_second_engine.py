"""The second engine finds what the first finds, by another way; where neither has an answer, both say so."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_lymph_node, load_rossi
from statsmodels.datasets import heart

from helpers import schema, stages, study
from helpers.adverse import estimate_adverse_ratios
from helpers.cohort import count_flow
from helpers.definitions import FLARE_RULES, RESPONSE_RULES, load_rulebook
from helpers.incidence import estimate_cumulative_incidence, estimate_time_to_share, poisson_interval
from helpers.labelling.comparison import compare_rules, summarise_agreement
from helpers.ledger import CrossCheck, Entry, Ledger, LedgerError, find_disagreements, read_cross_checks
from helpers.parameters import check_parameters
from helpers.predictors.firth import estimate_firth
from helpers.predictors.models import NEAR_SEPARATION_ERROR, estimate_multivariable, estimate_univariable
from helpers.predictors.validation import measure_delong_interval
from helpers.second_engine import Check, Engines, compare_engines, tabulate_checks
from helpers.second_engine.cohort import check_cohort, find_quartiles
from helpers.second_engine.cox import lay_out_periods, solve_cox
from helpers.second_engine.curves import (
    add_incidence,
    find_log_rank,
    fit_median,
    fit_survival,
    integrate_survival,
)
from helpers.second_engine.labels import check_labels, judge_trace
from helpers.second_engine.logistic import (
    cross_product,
    find_area,
    fit_firth,
    fit_weighted,
    is_separated,
    keep_independent,
    list_wald,
)
from helpers.second_engine.predictors import check_predictors
from helpers.second_engine.recount import recount_patients
from helpers.second_engine.response import check_response, find_median_time
from helpers.second_engine.shares import find_rate, solve_rate_ratio, solve_wilson
from helpers.second_engine.states import multiply_states
from helpers.second_engine.survival import check_survival
from helpers.study import open_study
from helpers.survival import derive_outcomes, label_groups
from helpers.survival.curves import estimate_survival
from helpers.survival.models import compare_survival, estimate_cox
from helpers.survival.restricted_mean import estimate_restricted_mean
from helpers.survival.summaries import estimate_median
from helpers.synthetic import simulate_cohort

GOLDEN = Path(__file__).parent / "golden"
PAIR = Engines("first", "second", 1e-8, "rounding")
SHARE = 1e-8


@pytest.fixture(scope="module")
def raw():
    return simulate_cohort(n=120, seed=3)


def tables_of(raw, **values):
    parameters = check_parameters(values)
    cohort = stages.derive_cohort_tables(raw, parameters)
    labels = stages.derive_label_tables(
        cohort, rule=parameters.dtt_rule(), rulebook=load_rulebook(""), events=raw["events"])  # fmt: skip
    return parameters, {**cohort, **labels}


@pytest.fixture(scope="module")
def made(raw):
    return tables_of(raw)


# Agreement


def test_missing_on_both_sides_agrees_and_on_one_side_does_not():
    checks = tabulate_checks([Check("a.n", None, PAIR), Check("b.n", 1.0, PAIR), Check("c.n", None, PAIR)])
    table = compare_engines(checks, first=[None, float("nan"), 2.0], labels=["A", "B", "C"])
    assert table["agrees"].tolist() == [True, False, False]
    assert table["difference"].isna().all()


def test_the_tolerance_is_relative_and_none_asks_for_the_same_number():
    exact = replace(PAIR, tolerance=0.0)
    checks = tabulate_checks([Check("a.n", 1000.0, PAIR, "low"), Check("b.n", 57.0, exact), Check("c.n", 57.0, exact)])
    table = compare_engines(checks, first=[1000.0 + 5e-6, 57.0, 57.0 + 1e-13], labels=["A", "B", "C"])
    assert table["agrees"].tolist() == [True, True, False]
    assert table["what"].tolist() == ["A, lower limit", "B", "C"]


def test_without_checks_there_is_an_empty_comparison():
    assert compare_engines(tabulate_checks([]), first=[], labels=[]).empty


# The cohort


@pytest.mark.parametrize("values", [
    {}, {"time_zero": "biopsy"}, {"minimum_followup_months": 0.0}, {"require_complete_records": False},
    {"minimum_followup_months": 60.0, "study_start": "2010-01-01", "study_end": "2015-12-31"},
])
def test_a_database_counts_the_same_patients_as_the_cohort(raw, values):
    parameters, tables = tables_of(raw, **values)
    people = recount_patients(raw, parameters=parameters)
    cohort = tables["cohort"]
    assert people["patient_id"].tolist() == cohort["patient_id"].tolist()
    assert people["step"].tolist() == cohort["first_exclusion"].fillna("eligible").tolist()
    np.testing.assert_allclose(people["followup_months"].astype(float), cohort["followup_months"], rtol=1e-12)
    assert (people["age_months"] // 12).dropna().astype(int).tolist() == cohort["age_years"].dropna().tolist()
    eligible = count_flow(cohort)["remaining_n"].iloc[-1]
    checks = check_cohort(raw, parameters=parameters).set_index("id")
    assert checks.loc["cohort.eligible.n", "second_value"] == eligible


def test_quartiles_of_one_patient_are_that_patient_and_of_nobody_missing():
    assert set(find_quartiles(pd.Series([7.0])).values()) == {7.0}
    assert set(find_quartiles(pd.Series([], dtype=float)).values()) == {None}


# Shares and rates


def test_shares_and_rates_have_the_limits_of_r():
    golden = pd.read_csv(GOLDEN / "wilson.csv", comment="#")
    found = [solve_wilson(count, n) for count, n in zip(golden["count"], golden["n"], strict=True)]
    np.testing.assert_allclose([one["low"] for one in found], golden["share_low"], atol=1e-9)
    np.testing.assert_allclose([one["high"] for one in found], golden["share_high"], atol=1e-9)
    rates = pd.read_csv(GOLDEN / "poisson_rates.csv", comment="#").query("kind == 'rate'")
    limits = [find_rate(row.events, row.years) for row in rates.itertuples()]
    np.testing.assert_allclose([one["low"] for one in limits], rates["low"], rtol=1e-9)
    np.testing.assert_allclose([one["high"] for one in limits], rates["high"], rtol=1e-9)
    low, high = poisson_interval([4], [12.0])
    assert find_rate(4, 12.0, per=1.0)["low"] == pytest.approx(low[0], rel=1e-9)
    assert find_rate(4, 12.0, per=1.0)["high"] == pytest.approx(high[0], rel=1e-9)


def test_nobody_has_no_share_and_no_time_no_rate():
    assert set(solve_wilson(0, 0).values()) == set(find_rate(0, 0.0).values()) == {None}
    assert set(solve_rate_ratio(0, 0, years=1.0, years_other=1.0).values()) == {None}


@pytest.mark.parametrize(("ours", "theirs"), [(7, 3), (0, 5), (5, 0), (1, 1)])
def test_rate_ratios_have_the_limits_of_the_beta_quantiles(ours, theirs):
    rates = pd.DataFrame({"group": ["dtt", "other"], "adverse_event_type": "any", "label": "Any",
                          "events_n": [ours, theirs], "person_years": [120.0, 300.0]})  # fmt: skip
    expected = estimate_adverse_ratios(rates).iloc[0]
    found = solve_rate_ratio(ours, theirs, years=120.0, years_other=300.0)
    for part, column in (("value", "estimate"), ("low", "low"), ("high", "high")):
        value = found[part]
        assert (np.nan if value is None else value) == pytest.approx(expected[column], rel=1e-7, nan_ok=True)


# Curves


def make_outcomes(seed: int, n: int = 80) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    group = np.where(draw.random(n) < 0.4, "dtt", "other")
    months = np.ceil(draw.exponential(np.where(group == "dtt", 50, 90)))
    word = draw.choice(["esrd", "death", "worsening_creatinine", "censored"], size=n, p=[0.2, 0.15, 0.25, 0.4])
    death = np.where(word == "death", "death", "censored")
    esrd = np.where(word == "worsening_creatinine", "censored", word)
    return pd.DataFrame({
        "patient_id": [f"P{place}" for place in range(n)], "group": group,
        "label_month": np.where(group == "dtt", np.floor(draw.uniform(0, 24, n)), np.nan),
        "composite_months": months, "composite_status": word, "esrd_months": months, "esrd_status": esrd,
        "death_months": months, "death_status": death,
    })  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_curves_are_those_of_the_first_engine_under_ties(seed):
    table = make_outcomes(seed)
    months, words = table["composite_months"].to_numpy(), table["composite_status"].to_numpy(object)
    is_event = words != "censored"
    expected = estimate_survival(table, outcome="composite", by=None, at=[12, 60, 1000])
    for row, found in zip(expected.itertuples(), fit_survival(months, is_event, at=[12, 60, 1000]), strict=True):
        for one, other in ((row.estimate, found["value"]), (row.low, found["low"]), (row.high, found["high"])):
            assert (np.nan if other is None else other) == pytest.approx(one, rel=SHARE, nan_ok=True)
    median = estimate_median(table, outcome="composite", by=None).iloc[0]
    assert fit_median(months, is_event)["value"] == pytest.approx(median["estimate"], nan_ok=True)
    assert (fit_median(months, is_event)["high"] or np.nan) == pytest.approx(median["high"], nan_ok=True)
    p = compare_survival(table, outcome="composite")["p"].iloc[0]
    assert find_log_rank(months, is_event, table["group"].to_numpy(str)) == pytest.approx(p, rel=1e-8)


def test_incidence_and_its_variance_are_those_of_the_first_engine_on_the_lymph_nodes():
    data = load_lymph_node()
    months = np.ceil(data["rectime"].to_numpy(float) / 30)
    dies = data["censrec"].eq(1) & data["rectime"].eq(data["survtime"]) & data["censdead"].eq(1)
    words = np.select([dies, data["censrec"].eq(1)], ["death", "recurrence"], "censored").astype(object)
    at = [6.0, 24.0, 60.0, 500.0]
    expected = estimate_cumulative_incidence(months, words, at=at, states=["recurrence"])
    for row, found in zip(expected.itertuples(), add_incidence(months, words, state="recurrence", at=at), strict=True):
        for one, other in ((row.estimate, found["value"]), (row.low, found["low"]), (row.high, found["high"])):
            assert (np.nan if other is None else other) == pytest.approx(one, rel=SHARE, nan_ok=True)


def test_areas_and_their_variance_are_those_of_the_first_engine():
    table = make_outcomes(4)
    expected = estimate_restricted_mean(table, outcome="composite", until=60.0).set_index("term")
    part = table.loc[table["group"].eq("dtt")]
    area = integrate_survival(part["composite_months"].to_numpy(), part["composite_status"].ne("censored").to_numpy(),
                              until=60.0)  # fmt: skip
    assert area is not None
    assert area[0] == pytest.approx(expected.loc["dtt", "estimate"], rel=1e-10)
    assert area[1] ** 0.5 == pytest.approx(expected.loc["dtt", "standard_error"], rel=1e-10)


def test_without_patients_or_events_curves_say_nothing_rather_than_something():
    nobody, none = np.array([]), np.array([], dtype=bool)
    assert set(fit_survival(nobody, none, at=[6])[0].values()) == {None}
    assert set(fit_median(nobody, none).values()) == {None}
    assert set(add_incidence(nobody, [], state="death", at=[6])[0].values()) == {None}
    assert integrate_survival(nobody, none, until=6.0) is None
    months, quiet = np.array([3.0, 9.0]), np.array([False, False])
    assert fit_median(months, quiet)["value"] is None
    assert find_log_rank(months, quiet, np.array(["a", "b"])) is None
    assert find_log_rank(months, ~quiet, np.array(["a", "a"])) is None
    assert integrate_survival(months, quiet, until=12.0) is None
    assert add_incidence(months, ["censored", "death"], state="death", at=[6, 9])[1] == {
        "value": 1.0, "low": None, "high": None}


def test_a_curve_that_is_flat_at_one_half_has_its_median_in_the_middle():
    assert fit_median(np.array([1.0, 2.0, 5.0, 6.0]), np.array([True, True, True, True]))["value"] == 3.5


# Hazards


def test_hazard_ratios_are_those_of_the_first_engine_with_late_entry_and_ties():
    data = heart.load_pandas().data
    rossi = load_rossi()
    draw = np.random.default_rng(5)
    for stop, is_event, exposed in (
        (data["survival"].to_numpy(float) + 1, data["censors"].to_numpy(bool), data["age"].gt(48).to_numpy(int)),
        (rossi["week"].to_numpy(float), rossi["arrest"].to_numpy(bool), rossi["fin"].to_numpy(int)),
    ):
        start = np.floor(draw.uniform(0, 0.5, len(stop)) * stop)
        periods = pd.DataFrame({"patient_id": range(len(stop)), "start": start, "stop": stop,
                                "is_event": is_event, "is_dtt": exposed})  # fmt: skip
        expected, found = estimate_cox(periods).iloc[0], solve_cox(periods)
        for part, column in (("value", "estimate"), ("low", "low"), ("high", "high"), ("p", "p")):
            assert found[part] == pytest.approx(expected[column], rel=1e-7)


def test_without_an_event_on_both_sides_or_without_a_peak_there_is_no_hazard_ratio():
    periods = pd.DataFrame({"start": 0.0, "stop": [1.0, 2.0, 3.0, 4.0], "is_event": True, "is_dtt": [1, 1, 0, 0]})
    assert solve_cox(periods)["value"] is None  # all of one side go first: the ratio has no end
    assert solve_cox(periods.assign(is_dtt=1))["value"] is None
    assert solve_cox(periods.assign(is_event=[True, True, False, False]))["value"] is None


def test_the_clock_is_laid_out_by_the_label():
    table = pd.DataFrame({"group": ["dtt", "dtt", "dtt", "other"], "label_month": [6.0, 12.0, 0.0, np.nan],
                          "composite_months": [20.0, 12.0, 9.0, 30.0],
                          "composite_status": ["death", "esrd", "censored", "censored"]})  # fmt: skip
    split = lay_out_periods(table, approach="timedependent", landmark_months=0.0)
    assert split[["start", "stop", "is_event", "is_dtt"]].to_numpy(float).tolist() == [
        [0, 6, 0, 0], [0, 12, 1, 0], [0, 30, 0, 0], [6, 20, 1, 1], [0, 9, 0, 1]]
    late = lay_out_periods(table, approach="landmark", landmark_months=10.0)
    assert late[["stop", "is_dtt"]].to_numpy(float).tolist() == [[10, 1], [2, 0], [20, 0]]


@pytest.mark.parametrize("fewest", [5, 1000])
def test_the_chapter_on_survival_is_found_again_and_too_few_at_risk_is_missing(raw, made, fewest):
    parameters, tables = made
    rule = load_rulebook("").worsening_rule(parameters.worsening_rule)
    outcomes = label_groups(
        derive_outcomes(tables["assessments"], cohort=tables["cohort"], events=raw["events"], worsening=rule),
        labels=tables["dtt_labels"])  # fmt: skip
    checks = check_survival(outcomes, landmark_months=24.0, fewest_at_risk=fewest)
    checks = checks.set_index(["id", "part"])["second_value"]
    periods = lay_out_periods(outcomes, approach="naive", landmark_months=24.0).assign(patient_id=0)
    expected = estimate_cox(periods)["estimate"].iloc[0]
    assert checks["survival.composite.naive.hr", "value"] == pytest.approx(expected, rel=1e-7)
    assert np.isnan(checks["survival.esrd.dtt.cif.60m", "value"]) == (fewest == 1000)
    empty = check_survival(outcomes.head(0), landmark_months=24.0, fewest_at_risk=fewest)
    assert len(empty) == len(checks)
    assert empty.loc[empty["id"].eq("survival.composite.n"), "second_value"].tolist() == [0]


# Logistic models


@pytest.fixture(scope="module")
def features():
    draw = np.random.default_rng(8)
    x = (draw.random((160, 4)) < [0.5, 0.3, 0.2, 0.4]).astype(float)
    y = draw.random(160) < 1 / (1 + np.exp(1 - 1.2 * x[:, 0] - 0.8 * x[:, 1]))
    names = ["serositis", "hypertension", "leucopenia", "any_apl"]
    cohort = pd.DataFrame(x, columns=names).assign(patient_id=range(160))
    labels = pd.DataFrame({"patient_id": range(160), "is_dtt": pd.array(y, dtype="boolean")})
    return x, y, names, cohort, labels


def test_odds_ratios_alone_together_and_by_firth_are_those_of_the_first_engine(features):
    x, y, names, cohort, labels = features
    alone = estimate_univariable(cohort, labels, covariates=names)
    together = estimate_multivariable(cohort, labels, covariates=names)
    penalised = estimate_firth(cohort, labels, covariates=names)
    fits = list_wald(fit_weighted(x, y), terms=4, widest_error=NEAR_SEPARATION_ERROR)
    firth = fit_firth(x, y)
    for place in range(4):
        cells = cross_product(x[:, place] == 1, y, widest_error=NEAR_SEPARATION_ERROR)
        for found, expected in ((cells, alone.iloc[place]), (fits[place], together.iloc[place])):
            for part, column in (("value", "estimate"), ("low", "low"), ("high", "high"), ("p", "p")):
                assert found[part] == pytest.approx(expected[column], rel=1e-7)
        assert firth[place]["value"] == pytest.approx(penalised["estimate"].iloc[place], rel=1e-7)
        assert firth[place]["p"] == pytest.approx(penalised["p"].iloc[place], rel=1e-6)


def test_separation_leaves_maximum_likelihood_without_an_answer_and_firth_with_one():
    x = np.column_stack([[0.0] * 5 + [1.0] * 5, [0.0, 1.0] * 5])
    y = np.array([False] * 5 + [True] * 5)
    assert is_separated(x, y) and fit_weighted(x, y) is None
    assert cross_product(x[:, 0] == 1, y, widest_error=2.35)["value"] is None
    assert list_wald(None, terms=2, widest_error=2.35)[0]["value"] is None
    cohort = pd.DataFrame({"patient_id": range(10), "serositis": x[:, 0], "any_apl": x[:, 1]})
    labels = pd.DataFrame({"patient_id": range(10), "is_dtt": y})
    expected = estimate_firth(cohort, labels, covariates=["serositis", "any_apl"])
    np.testing.assert_allclose([row["value"] for row in fit_firth(x, y)], expected["estimate"], rtol=1e-6)


def test_columns_that_say_nothing_new_are_left_out_as_in_the_first_engine():
    one = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    x = np.column_stack([one, np.ones(5), 1 - one, [0.0, 0.0, 1.0, 1.0, 0.0]])
    assert keep_independent(x).tolist() == [0, 3]


def test_the_area_has_delongs_interval_and_none_without_two_on_a_side():
    draw = np.random.default_rng(2)
    scores, y = draw.random(60).round(1), draw.random(60) < 0.4
    found = find_area(scores, y)
    assert [found["low"], found["high"]] == pytest.approx(measure_delong_interval(scores, y), rel=1e-9)
    assert find_area(scores, np.zeros(60, dtype=bool))["value"] is None
    assert find_area(scores, np.arange(60) == 3)["low"] is None


def test_the_chapter_on_predictors_is_found_again_and_answers_without_patients(made):
    parameters, tables = made
    given = {"covariates": parameters.covariates, "widest_error": NEAR_SEPARATION_ERROR}
    checks = check_predictors(tables["cohort"], tables["dtt_labels"], **given)
    values = checks.set_index(["id", "part"])["second_value"]
    expected = estimate_firth(tables["cohort"], tables["dtt_labels"], covariates=parameters.covariates)
    expected = expected.set_index("term")
    term = expected["estimate"].first_valid_index()
    assert values[f"predictors.firth.{term}.or", "value"] == pytest.approx(expected.loc[term, "estimate"], rel=1e-6)
    nobody = tables["dtt_labels"].assign(is_dtt=pd.array([pd.NA] * len(tables["dtt_labels"]), dtype="boolean"))
    empty = check_predictors(tables["cohort"], nobody, **given).set_index(["id", "part"])["second_value"]
    assert empty["predictors.complete.n", "value"] == 0 and np.isnan(empty["predictors.auc.apparent", "value"])


# Labels


@pytest.mark.parametrize("values", [
    {}, {"confirmation_visits": 2}, {"missing_window": "cannot_tell"}, {"missing_window": "counts_as_failure"},
    {"dtt_arms": ["failure_6m", "early_flare"]}, {"response_rule": "kdigo_2012", "flare_clock": "complete_response"},
])
def test_the_label_is_put_together_again_from_its_trace(raw, values):
    parameters, tables = tables_of(raw, **values)
    rule, labels = parameters.dtt_rule(), tables["dtt_labels"]
    arms = judge_trace(tables["dtt_trace"], rule=rule).pivot_table(index="patient_id", columns="arm", values="answer")
    words = arms.max(axis=1).map({1.0: "yes", 0.0: "no", 0.5: "cannot tell"})
    assert words.loc[labels["patient_id"]].tolist() == labels["dtt"].tolist()
    for arm in rule.arms:
        told = arms[arm].map({1.0: "yes", 0.0: "no", 0.5: "cannot tell"})
        assert told.loc[labels["patient_id"]].tolist() == labels[f"arm_{arm}"].tolist()


def test_a_trace_that_contradicts_its_label_is_found_out(made):
    parameters, tables = made
    trace = tables["dtt_trace"].copy()
    yes = trace["arm"].eq("failure_6m") & trace["criterion"].str.startswith("answer") & trace["passed"].eq(True)
    patient = trace.loc[yes, "patient_id"].iloc[0]
    good = trace["patient_id"].eq(patient) & trace["arm"].eq("failure_6m") & trace["note"].eq("judged")
    trace.loc[good, "threshold"] = trace.loc[good, "value"]
    trace.loc[good, "comparator"] = ">="
    answer = judge_trace(trace, rule=parameters.dtt_rule()).set_index(["patient_id", "arm"])["answer"]
    assert answer[patient, "failure_6m"] == 0.0


def test_the_chapter_on_the_label_is_found_again(raw, made):
    parameters, tables = made
    rule, book = parameters.dtt_rule(), load_rulebook("")
    pairs = compare_rules(tables["assessments"], tables["courses"], tables["cohort"], rule=rule, rulebook=book,
                          events=raw["events"], response_rules=["eular_era_edta_2012", "kdigo_2012", "acr_2006"])
    given = {"assessments": tables["assessments"], "courses": tables["courses"], "cohort": tables["cohort"],
             "events": raw["events"], "rule": rule, "response_rule": book.response_rule(rule.response_rule)}
    values = check_labels(tables["dtt_trace"], pairs=pairs, **given).set_index(["id", "part"])["second_value"]
    labels = tables["dtt_labels"]
    of_label = labels.loc[labels["dtt"].eq("yes")]
    assert values["dtt.n", "value"] == len(of_label)
    assert values["dtt.final.cr.n", "value"] == of_label["final_response"].eq("complete").sum()
    assert values["dtt.final.nr.n", "value"] == of_label["final_response"].eq("none").sum()
    assert values["dtt.inductions.2.n", "value"] == of_label["inductions_n"].eq(2).sum()
    kappa = summarise_agreement(pairs, rule=rule)["lowest"]
    assert values["dtt.agreement.lowest.kappa", "low"] == pytest.approx(kappa["low"], rel=1e-8)
    alone = check_labels(tables["dtt_trace"], pairs=pairs.head(1), **given).set_index(["id", "part"])["second_value"]
    assert np.isnan(alone["dtt.agreement.lowest.kappa", "value"])


# Response


def test_states_are_those_of_survfit_in_r_under_ties():
    spells = pd.read_csv(GOLDEN / "state_spells.csv")
    golden = pd.read_csv(GOLDEN / "state_shares.csv", comment="#")
    states, months = sorted(golden["state"].unique()), sorted(golden["month"].unique())
    found = multiply_states(spells, states=states, absorbing="dead", followed_until=np.inf, at=months)
    for row in golden.itertuples():
        assert found[row.month][states.index(row.state)] == pytest.approx(row.estimate, abs=1e-10)
    past = multiply_states(spells, states=states, absorbing="dead", followed_until=50.0, at=[51.0])
    assert np.isnan(past[51.0]).all()


@pytest.mark.parametrize("responders", [0.0, 0.3, 0.9])
def test_the_median_time_is_that_of_the_first_engine(responders):
    draw = np.random.default_rng(11)
    n = 90
    responded = np.where(draw.random(n) < responders, np.ceil(draw.exponential(6, n)), np.nan)
    people = pd.DataFrame({"death_month": np.where(draw.random(n) < 0.1, np.ceil(draw.exponential(30, n)), np.nan),
                           "esrd_month": np.nan, "followup_months": np.ceil(draw.uniform(6, 60, n))})  # fmt: skip
    ends = np.column_stack([people["death_month"], responded, people["followup_months"]])
    ends = np.where(np.isnan(ends), np.inf, ends)
    words = np.array(["death", "response", "censored"], dtype=object)[ends.argmin(axis=1)]
    curves = estimate_cumulative_incidence(ends.min(axis=1), words, states=["response"])
    expected = estimate_time_to_share(curves)["estimate"].iloc[0]
    found = find_median_time(people, responded=responded)
    assert (np.nan if found is None else found) == pytest.approx(expected, nan_ok=True)


def test_the_chapter_on_response_is_counted_again(raw):
    followup = pd.DataFrame({
        "patient_id": ["A", "B", "C"], "group": ["dtt", "other", "cannot tell"], "is_female": [True, False, True],
        "time_zero_date": pd.to_datetime(["2010-01-01"] * 3), "followup_months": [60.0, 70.0, 10.0],
        "death_month": [np.nan, np.nan, 10.0], "esrd_month": [20.0, np.nan, np.nan], "is_lost": False})  # fmt: skip
    visits = pd.DataFrame({
        "patient_id": ["A", "A", "B", "B", "B", "C"], "month": [5.5, 6.5, 6.0, 11.0, 13.0, 6.0],
        "response": ["none", "complete", "partial", "complete", "none", "cannot tell"]})  # fmt: skip
    spells = pd.DataFrame({"patient_id": ["A", "A", "B", "C", "C"], "month": [0.0, 20.0, 0.0, 0.0, 10.0],
                           "until_month": [20.0, 60.0, 70.0, 10.0, 10.0],
                           "state": ["active", "esrd", "active", "active", "dead"]})  # fmt: skip
    labels = pd.DataFrame({"patient_id": ["A", "B", "C"], "final_response": ["none", "complete", "cannot tell"]})
    events = pd.DataFrame({
        "patient_id": ["A", "A", "B", "Z"], "event_type": ["adverse_event", "adverse_event", "adverse_event", "death"],
        "event_date": pd.to_datetime(["2011-01-01", "2019-01-01", "2010-06-01", "2012-01-01"]),
        "adverse_event_type": ["herpes_zoster", "other", "amenorrhoea", None]})  # fmt: skip
    checks = check_response(visits, followup=followup, spells=spells, labels=labels, events=events)
    values = checks.set_index(["id", "part"])["second_value"]
    assert values["response.6.nr.share", "value"] == 0.5  # the earlier of two visits equally near; one cannot tell
    assert values["response.12.cr.share", "value"] == 0.5  # C is dead by then, A has no visit
    assert values["response.24.nr.share", "value"] == 1.0
    assert values["response.last.cr.share", "value"] == 0.5
    assert values["table.response.states.kidney_failure.share_60", "value"] == pytest.approx(1 / 3)
    assert np.isnan(values["table.response.states.dead.share_120", "value"])
    years = (60 + 70 + 10) / 12
    assert values["adverse.any.rate", "value"] == pytest.approx(2 / years * 100)
    assert values["adverse.amenorrhoea.rate", "value"] == 0.0  # recorded of a man


# In a notebook, and after it


@pytest.fixture
def opened(tmp_path, monkeypatch, raw):
    shown = []
    monkeypatch.setattr(study, "display", lambda data, metadata, **_: shown.append((data, metadata["compendium"])))
    folder = tmp_path / "raw"
    schema.write_raw(raw, folder, manifest={"synthetic": True, "description": "Simulated", "seed": 3})
    book = open_study("04_survival", {"data_dir": str(folder), "derived_dir": str(tmp_path / "derived")})
    book.record("a.n", 57, label="Patients", origin="x")
    book.record("a.hr", 4.599, low=2.3, high=8.9, label="Hazard ratio", origin="x")
    return book, shown, tmp_path / "derived"


def test_a_notebook_shows_the_comparison_and_keeps_it_in_its_ledger(opened):
    book, shown, folder = opened
    checks = [Check("a.n", 57, replace(PAIR, tolerance=0.0)), Check("a.hr", 4.7, PAIR), Check("a.hr", 2.3, PAIR, "low")]
    book.cross_check(tabulate_checks(checks), prefix="a")
    table, sentence = shown[0], shown[1]
    assert table[1]["id"] == "a.cross_checks" and "Hazard ratio, lower limit" in table[0]["text/html"]
    assert sentence[0]["text/plain"] == (
        "Computed twice: 3 numbers. Within their tolerance two independent engines agree on 2 of them. The engines do "
        "not agree on: Hazard ratio.")
    assert sentence[1]["numbers"]["say"][0][2] == "a.cross_checks.n"
    assert book.book["a.cross_checks.agree.n"].value == 2
    book.cross_check(tabulate_checks(checks[:1]), prefix="b")
    book.finish()
    kept = read_cross_checks(folder / "ledger")
    assert [(check.id, check.part, check.agrees) for check in kept] == [
        ("a.hr", "value", False), ("a.hr", "low", True), ("a.n", "value", True)]
    written = pd.read_csv(folder / "exhibits/04_survival/tables/a.cross_checks.csv")
    assert written["value"].tolist() == [57.0, 4.599, 2.3]
    with pytest.raises(LedgerError, match=r"has no a\.p"):
        book.cross_check(tabulate_checks([Check("a.p", 1.0, PAIR)]), prefix="c")


def test_a_number_under_another_id_is_the_same_number_unless_it_is_whole():
    def entry(id, value, notebook="04_survival"):
        return Entry(id, value, None, None, "", None, "", None, notebook, "")

    def check(id):
        return CrossCheck(id, "value", id, "x", "y", 1.0, 2.0, 0.5, 0.0, "", False)

    entries = [entry("a.hr", 4.599), entry("table.a.naive.estimate", 4.599), entry("b.hr", 4.599, "03_predictors"),
               entry("a.n", 57.0), entry("table.a.x.n", 57.0), entry("a.p", None), entry("b.p", None)]  # fmt: skip
    found = find_disagreements(entries, [check("a.hr"), check("a.n"), check("a.p")])
    assert found == {"a.hr", "table.a.naive.estimate", "a.n", "a.p"}
    assert find_disagreements(entries, []) == frozenset()
    assert Ledger("x")._cross_checks == []


SETTINGS = [*({"response_rule": name} for name in RESPONSE_RULES), *({"flare_rule": name} for name in FLARE_RULES),
            {"response_rule": "acr_2006", "confirmation_visits": 2, "missing_window": "cannot_tell"},
            {"missing_window": "counts_as_failure"}, {"flare_clock": "complete_response"},
            {"dtt_arms": ["no_response", "early_flare"], "response_deadline_months": 6.0}]  # fmt: skip


@pytest.mark.parametrize("values", SETTINGS, ids=str)
def test_labels_are_found_again_under_every_rule(raw, values):
    parameters, tables = tables_of(raw, **values)
    pairs = pd.DataFrame(columns=["rule_a", "rule_b", "n", "agreement", "dtt_a", "dtt_b"])
    response_rule = load_rulebook("").response_rule(parameters.response_rule)
    found = check_labels(
        tables["dtt_trace"], assessments=tables["assessments"], courses=tables["courses"], cohort=tables["cohort"],
        events=raw["events"], rule=parameters.dtt_rule(), pairs=pairs, response_rule=response_rule)  # fmt: skip
    checks = found.set_index("id")["second_value"]
    labels = tables["dtt_labels"]
    assert checks["dtt.n"] == labels["dtt"].eq("yes").sum()
    assert checks["dtt.cannot_tell.n"] == labels["dtt"].eq("cannot tell").sum()
    for arm in parameters.dtt_arms:
        assert checks[f"dtt.arm.{arm}.n"] == labels[f"arm_{arm}"].eq("yes").sum()
