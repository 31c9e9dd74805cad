"""The bench of made cohorts: what is planted, whether it comes back, and that a stopped bench goes on where it was."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from helpers.cli import main
from helpers.evidence import SCENARIOS, bench, code, truth
from helpers.evidence.bench import BenchError, Piece, find_open_pieces, measure_piece, read_records, run_bench
from helpers.evidence.competing_estimators import estimate_incidence_ratio
from helpers.evidence.conclusion_estimators import SAMPLES, estimate_conclusion, find_independent
from helpers.evidence.course_estimators import estimate_curves, estimate_failure, estimate_three_ways
from helpers.evidence.feature_estimators import estimate_likelihood, estimate_penalised, estimate_screened
from helpers.evidence.lines import BROKEN, LINES
from helpers.evidence.page import describe_evidence, say_evidence
from helpers.evidence.planted import Course, Race, simulate_course, simulate_race
from helpers.evidence.planted_features import (
    FeatureTruth,
    derive_crude_log_ratio,
    derive_intercept,
    derive_joint_shares,
    simulate_features,
)
from helpers.evidence.planted_states import Chain, derive_months, simulate_chain
from helpers.evidence.records import record, record_ratio
from helpers.evidence.summary import COLUMNS, confirm_verdicts, list_doubtful, summarise_evidence
from helpers.evidence.whole import gather_evidence, store_evidence
from helpers.predictors import estimate_multivariable, estimate_univariable
from helpers.predictors.association import label_associations
from helpers.predictors.firth import estimate_firth
from helpers.predictors.selection import derive_selections, summarise_inclusion

MANY = 200_000
HARM = Course(ratio=4.0)
WANES = SCENARIOS["harm_wanes"].planted


def draw(planted, size=MANY, seed=3):
    random = np.random.default_rng(seed)
    simulate = {Course: simulate_course, Race: simulate_race, FeatureTruth: simulate_features, Chain: simulate_chain}
    return simulate[type(planted)](planted, size=size, random=random)


@pytest.fixture(scope="module")
def course():
    return draw(HARM)


# What is planted comes back from a cohort without end


@pytest.mark.parametrize("planted", [HARM, WANES, Course()])
@pytest.mark.parametrize("is_dtt", [True, False])
def test_the_curve_from_the_landmark_is_the_one_written_down(planted, is_dtt):
    table = draw(replace(planted, followup_from=1000, followup_to=1001))
    later = table.loc[(table.composite_months > 24) & table.group.eq("dtt" if is_dtt else "other")]
    for month in (12.0, 30.0, 60.0):
        found = (later.composite_months > 24 + month).mean()
        assert found == pytest.approx(truth.derive_free_share(planted, month, is_dtt=is_dtt, landmark=24.0), abs=0.006)


def test_the_share_with_kidney_failure_is_the_one_written_down():
    table = draw(replace(HARM, followup_from=1000, followup_to=1001))
    for group, is_dtt in (("dtt", True), ("other", False)):
        later = table.loc[(table.esrd_months > 24) & table.group.eq(group)]
        found = (later.esrd_status.eq("esrd") & (later.esrd_months <= 84)).mean()
        wanted = truth.derive_failure_share(HARM, 60.0, is_dtt=is_dtt, landmark=24.0)
        assert found == pytest.approx(wanted, abs=0.005)


@pytest.mark.parametrize("planted", [HARM, WANES])
def test_the_difference_in_restricted_means_is_the_area_between_the_curves(planted):
    steps = np.linspace(0, 60, 60_001)
    curves = [[truth.derive_free_share(planted, month, is_dtt=group, landmark=24.0) for month in steps[::100]]
              for group in (True, False)]  # fmt: skip
    area = np.trapezoid(np.subtract(*curves), steps[::100])
    assert truth.derive_mean_difference(planted, 60.0, landmark=24.0) == pytest.approx(area, abs=1e-3)


@pytest.mark.parametrize("planted", [HARM, WANES])
def test_all_severe_patients_together_fare_as_written_down(planted):
    everybody = draw(replace(planted, severe_share=1.0, followup_from=1000, followup_to=1001))
    found = (everybody.composite_months > 60).mean()
    assert found == pytest.approx(truth.derive_severe_share(planted, 60.0), abs=0.004)


def test_the_hazard_ratio_after_the_landmark_is_the_planted_one_and_before_all_labels_it_is_not(course):
    later = course.loc[course.composite_months > 24]
    is_event = later.composite_status.ne("censored").to_numpy()
    found = truth.fit_one_ratio(later.composite_months.to_numpy() - 24, is_event,
                                later.group.eq("dtt").to_numpy())  # fmt: skip
    assert found == pytest.approx(np.log(4), abs=0.03)


def test_the_quick_fit_of_one_ratio_equals_the_cox_model_of_the_study(course):
    few = course.head(1500)
    quick = truth.fit_one_ratio(few.composite_months.to_numpy(), few.composite_status.ne("censored").to_numpy(),
                                few.group.eq("dtt").to_numpy())  # fmt: skip
    [naive, *_] = estimate_three_ways(few)
    assert quick == pytest.approx(naive["estimate"], abs=1e-6)


def test_an_early_landmark_settles_on_less_than_the_planted_ratio(monkeypatch):
    monkeypatch.setattr(truth, "MANY", 100_000)
    found = truth.derive_landmark_log_ratio.__wrapped__(HARM, 6.0)
    assert found == pytest.approx(0.957, abs=0.04)  # from a million; the planted one is 1.386


def test_the_label_as_it_comes_finds_the_planted_ratio_and_the_eventual_label_does_not(course):
    naive, landmark, dependent = estimate_three_ways(course.head(4000))
    assert landmark["estimate"] == pytest.approx(np.log(4), abs=0.18)
    assert dependent["estimate"] == pytest.approx(np.log(4), abs=0.18)
    assert naive["estimate"] < np.log(4) - 0.15  # immortal time draws the ratio towards one


def test_who_had_an_outcome_before_the_label_is_never_labelled(course):
    assert (course.label_month.dropna() < course.composite_months[course.label_month.notna()]).all()
    assert course.label_month.dropna().between(3, 24).all()
    assert course.group.eq("dtt").mean() < HARM.severe_share


def test_wrong_labels_miss_and_add_as_planted():
    table = draw(replace(HARM, severe_share=0.0, false=0.05, worsening=1e-9, esrd=1e-9, death=1e-9, followup_from=50))
    assert table.group.eq("dtt").mean() == pytest.approx(0.05, abs=0.003)
    table = draw(replace(HARM, severe_share=1.0, missed=0.2, worsening=1e-9, esrd=1e-9, death=1e-9, followup_from=50))
    assert table.group.eq("dtt").mean() == pytest.approx(0.8, abs=0.004)


def test_outcomes_agree_with_their_parts(course):
    parts = course[["worsening_month", "esrd_month", "death_month"]].min(axis=1)
    ended = course.composite_status.ne("censored")
    assert np.allclose(course.composite_months[ended], parts[ended])
    assert parts[~ended].isna().all()
    assert (course.composite_months <= course.followup_months).all()
    assert course.death_status.eq("death").equals(course.death_month.notna())
    assert not (course.esrd_month > course.death_month).any()


@pytest.mark.parametrize("race", [SCENARIOS["race_even"].planted, SCENARIOS["race_uneven"].planted])
def test_the_race_has_the_incidence_written_down_and_its_ratio(race):
    table = draw(replace(race, followup_from=1000, followup_to=1001))
    for group, is_dtt in (("dtt", True), ("other", False)):
        rows = table.loc[table.group.eq(group)]
        for month in (24.0, 60.0):
            found = (rows.esrd_status.eq("esrd") & (rows.esrd_months <= month)).mean()
            assert found == pytest.approx(float(race.derive_incidence(month, is_dtt=is_dtt)), abs=0.006)
    curves = [np.log1p(-race.derive_incidence(np.array([12.0, 60.0, 120.0]), is_dtt=group)) for group in (True, False)]
    assert np.allclose(curves[0] / curves[1], race.ratio)  # the cumulative subdistribution hazards are proportional


def test_the_fine_gray_model_finds_the_planted_subdistribution_ratio():
    [found] = estimate_incidence_ratio(draw(SCENARIOS["race_uneven"].planted, size=2000))
    assert found["estimate"] == pytest.approx(np.log(2), abs=0.2)


@pytest.mark.parametrize("misses", [False, True])
def test_features_and_label_have_the_shares_written_down(misses):
    planted = FeatureTruth(ratio=3.0, misses=misses, known=(1.0, 1.0, 1.0))
    tables = draw(planted)
    x = tables["cohort"][list(planted.names)].to_numpy(float)
    y = tables["labels"].is_dtt.to_numpy()
    joint = derive_joint_shares(planted)
    assert joint.sum() == pytest.approx(1)
    for cell in np.ndindex(2, 2, 2):
        assert np.all(x[:, :3] == cell, axis=1).mean() == pytest.approx(joint[cell], abs=0.005)
    assert y.mean() == pytest.approx(0.315, abs=0.004)
    both = (x[:, 0] == 1) & (x[:, 1] == 0)
    assert y[both].mean() == pytest.approx(expit(derive_intercept(planted) + np.log(3)), abs=0.01)
    for acting, place in ((True, 0), (False, 2)):
        a, b, c, d = (np.sum((x[:, place] == one) & (y == two)) for one in (1, 0) for two in (1, 0))
        found = np.log(a * d / (b * c))
        assert found == pytest.approx(derive_crude_log_ratio(planted, acting=acting), abs=0.04)


def test_odds_ratios_are_found_by_maximum_likelihood_in_a_large_cohort():
    acting, idle = estimate_likelihood(draw(FeatureTruth(ratio=3.0), size=30_000))
    assert acting["estimate"] == pytest.approx(np.log(3), abs=0.08)
    assert idle["estimate"] == pytest.approx(0, abs=0.08)


def test_what_is_missing_depends_on_label_and_era_as_planted():
    planted = SCENARIOS["features_missing"].planted
    tables = draw(planted)
    is_known = tables["cohort"][planted.names[0]].notna().to_numpy()
    is_old, is_dtt = tables["cohort"].start_year.eq(0).to_numpy(), tables["labels"].is_dtt.to_numpy()
    for rows, share in ((is_old & is_dtt, 0.9), (is_old & ~is_dtt, 0.4), (~is_old, 0.95)):
        assert is_known[rows].mean() == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("is_dtt", [True, False])
def test_months_in_each_state_are_those_of_the_chain(is_dtt):
    chain = replace(Chain(), dtt_share=float(is_dtt), followup_from=60.0, followup_to=60.0)
    spells = draw(chain, size=20_000)
    alive = spells.loc[spells.state.ne("dead")]
    spent = (alive.until_month - alive.month).groupby(alive.state).sum() / 20_000
    wanted = derive_months(chain, is_dtt=is_dtt, until=60.0)
    assert spent["complete"] == pytest.approx(wanted[0], abs=0.3)
    assert spent["active"] == pytest.approx(wanted[1], abs=0.3)


# Estimators that have no answer say so


def test_a_ratio_without_an_estimate_is_recorded_as_missing():
    row = pd.Series({"estimate": np.nan, "low": np.nan, "high": np.nan, "p": np.nan})
    assert record_ratio("x", row)["estimate"] is None
    assert record("x")["error"] is None


def test_a_cohort_in_which_nothing_happens_has_records_and_no_estimates():
    table = draw(replace(HARM, worsening=1e-12, esrd=1e-12, death=1e-12), size=40)
    assert all(one["estimate"] is None for one in estimate_three_ways(table))
    assert {one["estimator"] for one in estimate_curves(table)} >= {"kaplan_meier_dtt", "restricted_mean_difference"}


def test_a_cohort_without_labels_has_no_curve_of_the_labelled():
    table = draw(replace(HARM, severe_share=0.0), size=40)
    names = {one["estimator"] for one in estimate_curves(table) + estimate_failure(table)}
    assert "kaplan_meier_other" in names
    assert not any(name.endswith("_dtt") for name in names)


def test_features_that_do_not_vary_have_no_penalised_estimate_and_pass_no_screen():
    tables = draw(replace(FeatureTruth(), share=1e-9), size=40)
    assert all(one["estimate"] is None for one in estimate_penalised(tables))
    for estimate in (estimate_screened, estimate_conclusion):
        found, any_idle = estimate(tables, FeatureTruth())
        assert found["estimate"] is None
        assert any_idle["p"] == 1


def test_the_screen_keeps_what_is_strong():
    tables = draw(FeatureTruth(ratio=8.0), size=2000)
    for estimate in (estimate_screened, estimate_conclusion):
        assert estimate(tables, FeatureTruth(ratio=8.0))[0]["p"] < 0.05


def test_where_nothing_acts_every_feature_is_one_without_effect():
    assert FeatureTruth(ratio=1.0).idle == FeatureTruth().names
    assert FeatureTruth(ratio=3.0).idle == FeatureTruth().names[2:]
    tables = draw(FeatureTruth(ratio=8.0), size=500)
    for estimate in (estimate_screened, estimate_conclusion):
        assert estimate(tables, FeatureTruth(ratio=1.0))[1]["p"] == 0


@pytest.mark.parametrize("cohort", range(4))
def test_the_conclusion_is_the_word_of_the_whole_rule_on_all_features(cohort):
    tables = SCENARIOS["features_acting"].simulate(cohort=cohort, size=181, seed=1)
    names = list(FeatureTruth().names)
    selections = derive_selections(**tables, covariates=names, samples=SAMPLES, seed=1, candidates=names)
    fits = [fit(**tables, covariates=names) for fit in (estimate_univariable, estimate_multivariable, estimate_firth)]
    whole = label_associations(*fits, inclusion=summarise_inclusion(selections))
    called = whole.loc[whole.is_independent.eq("yes"), "term"]
    found = find_independent(tables, names)
    assert found.index.tolist() == called.tolist()
    if len(called):
        pd.testing.assert_frame_equal(found, fits[2].set_index("term").loc[called])


# The bench


SMALL = {"harm_after_label": ("curves", "failure"), "race_uneven": ("gray",), "features_acting": ("likelihood",)}


def fill(folder, *, workers=1, cohorts=4, size=60, seed=5, plan=SMALL, stream=None):
    run_bench(folder, cohorts=cohorts, size=size, workers=workers, seed=seed, families=plan,
              stream=stream or io.StringIO())  # fmt: skip


def read_all(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def in_here(monkeypatch):
    """The pieces are worked off in this process, two cohorts each."""
    monkeypatch.setattr(bench, "PIECE", 2)

    def run_here(do, tasks, **_):
        yield from ((task, do(task)) for task in tasks)

    monkeypatch.setattr(bench, "run_tasks", run_here)


@pytest.mark.slow
def test_one_worker_and_two_leave_the_same_bytes_and_the_settings_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "PIECE", 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    fill(tmp_path / "one", workers=1)
    fill(tmp_path / "two", workers=2)
    assert (os.environ["OMP_NUM_THREADS"], os.environ.get("MKL_NUM_THREADS")) == ("3", None)
    assert len(read_all(tmp_path / "one")) == 9
    assert read_all(tmp_path / "one") == read_all(tmp_path / "two")


def test_each_cohort_depends_on_its_number_alone():
    scenario = SCENARIOS["no_harm"]
    again = scenario.simulate(cohort=7, size=30, seed=1)
    pd.testing.assert_frame_equal(scenario.simulate(cohort=7, size=30, seed=1), again)
    assert not scenario.simulate(cohort=8, size=30, seed=1).equals(again)
    assert not SCENARIOS["harm_from_start"].simulate(cohort=7, size=30, seed=1).followup_months.equals(
        again.followup_months)  # fmt: skip


def test_a_stopped_bench_goes_on_where_it_was(tmp_path, in_here, monkeypatch):
    fill(tmp_path / "whole")

    def stop_early(do, tasks, **_):
        yield tasks[0], do(tasks[0])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bench, "run_tasks", stop_early)
        with pytest.raises(KeyboardInterrupt):
            fill(tmp_path / "part")
    left = list(find_open_pieces(tmp_path / "part", plan=SMALL, cohorts=4, size=60, seed=5))
    assert len(left) == 5
    fill(tmp_path / "part")
    assert read_all(tmp_path / "part") == read_all(tmp_path / "whole")
    stream = io.StringIO()
    fill(tmp_path / "part", stream=stream)
    assert stream.getvalue() == ""


def test_more_cohorts_add_to_what_is_there(tmp_path, in_here):
    fill(tmp_path, cohorts=2)
    before = read_all(tmp_path)
    fill(tmp_path, cohorts=4)
    assert before.items() <= read_all(tmp_path).items()


def test_another_seed_or_size_or_a_strange_folder_is_refused(tmp_path, in_here):
    fill(tmp_path / "kept", cohorts=2)
    with pytest.raises(BenchError, match="cohorts of 60 patients from seed 5"):
        fill(tmp_path / "kept", seed=6)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("dear")
    with pytest.raises(BenchError, match="not of a bench"):
        fill(tmp_path / "letters")


def test_results_of_other_code_stay_aside_and_are_made_anew(tmp_path, in_here, monkeypatch):
    fill(tmp_path, cohorts=2)
    before = read_all(tmp_path)

    def digest(scenario, family):
        return "newer" if family == "gray" else code.digest_family(scenario, family)

    monkeypatch.setattr(bench, "digest_family", digest)
    stream = io.StringIO()
    fill(tmp_path, cohorts=2, stream=stream)
    assert "race_uneven/gray: the code has changed" in stream.getvalue()
    assert "features_acting" not in stream.getvalue()
    [new] = set(read_all(tmp_path)) - set(before)
    assert new == "race_uneven/gray/newer/000000-000002.jsonl"
    assert before.items() <= read_all(tmp_path).items()
    assert len(read_records(tmp_path, cohorts=2).query("family == 'gray'")) == 2


def test_the_digest_follows_imports_but_not_into_the_clinical_rules():
    found = code._follow_imports(("helpers.survival.models",))
    assert {"helpers.survival.models", "helpers.survival.curves", "helpers.incidence"} <= set(found)
    assert not any(name.startswith("helpers.definitions") for name in found)
    named = code._follow_imports(("helpers.predictors.selection", "helpers.definitions.stability"))
    assert [name for name in named if name.startswith("helpers.definitions")] == ["helpers.definitions.stability"]


def test_an_estimator_that_breaks_names_its_cohort(monkeypatch):
    monkeypatch.setattr("helpers.evidence.scenarios.FAMILIES", {})
    with pytest.raises(RuntimeError, match="cox failed on cohort 3 of no_harm"):
        measure_piece(Piece("no_harm", ("cox",), 3, 4, 30, 1))


def test_words_do_not_change_the_digest_and_code_does(tmp_path, monkeypatch):
    texts = {"a": '"""One."""\nx = 1  # one\n', "b": '"""Two."""\nx = 1\n', "c": "x = 2\n"}
    found = {}
    for name, text in texts.items():
        (tmp_path / f"digest_{name}.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        found[name] = code._read_code(f"digest_{name}")
    assert found["a"] == found["b"] != found["c"]
    with pytest.raises(ModuleNotFoundError):
        code._read_code("helpers_nowhere")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to a child there")
def test_an_interrupt_leaves_a_folder_from_which_the_bench_goes_on(tmp_path):
    command = [sys.executable, "-m", "helpers", "evidence", "--cohorts", "100", "--workers", "1", "--size", "20",
               "--out", str(tmp_path / "out")]  # fmt: skip
    started = subprocess.Popen(["python3", "-c", RESTORE, *command], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 90
    while not list((tmp_path / "out").rglob("*.jsonl")) and time.monotonic() < until:
        time.sleep(0.2)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=90)
    assert started.returncode == 130
    assert "goes on there" in said
    assert read_records(tmp_path / "out", cohorts=100).cohort.nunique() >= 10


RESTORE = """import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background ignores it, and so would a child
os.execv(sys.argv[1], sys.argv[1:])"""


# The summary and its page


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A very small bench of everything."""
    folder = tmp_path_factory.mktemp("bench")
    records = [
        {"scenario": name, "family": family, **one}
        for name, scenario in SCENARIOS.items()
        for family, rows in measure_piece(Piece(name, scenario.families, 0, 2, 120, 1)).items()
        for one in rows
    ]
    numbers = ["estimate", "error", "low", "high", "p", "truth", "events"]
    return folder, pd.DataFrame(records).astype(dict.fromkeys(numbers, float))


@pytest.fixture(scope="module")
def summary(found):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(truth, "MANY", 50_000)
        truth.derive_landmark_log_ratio.cache_clear()
        table = summarise_evidence(found[1], cohorts=2)
    truth.derive_landmark_log_ratio.cache_clear()
    return table


def test_every_estimator_has_a_line_and_every_line_an_estimator(found, summary):
    assert set(found[1].estimator) == set(LINES)
    assert summary.columns.tolist() == list(COLUMNS)
    assert {name for _, name in BROKEN} <= set(LINES)
    stated = summary.loc[summary.measure.ne("test")]
    assert stated.truth.notna().all()


def make_records(estimates, *, error=1.0, estimator="time_dependent_cox", p=0.5, truth=np.nan):
    wide = 1.96 * error
    rows = [record(estimator, estimate=one, low=one - wide, high=one + wide, p=p, truth=truth, events=50)
            for one in estimates]  # fmt: skip
    numbers = ["estimate", "error", "low", "high", "p", "truth", "events"]
    return pd.DataFrame(rows).assign(scenario="no_harm", cohort=range(len(rows))).astype(dict.fromkeys(numbers, float))


def judge(records):
    return summarise_evidence(records, cohorts=len(records)).iloc[0]


NORMAL = np.random.default_rng(1).normal(size=2000)


def test_bias_coverage_and_their_errors_are_those_of_the_textbook():
    row = judge(make_records(NORMAL))
    inside = np.abs(NORMAL) <= 1.96
    assert row.bias == pytest.approx(NORMAL.mean())
    assert row.mc_error == pytest.approx(NORMAL.std(ddof=1) / 2000**0.5)
    assert row.coverage == pytest.approx(inside.mean())
    assert row.coverage_mc_error == pytest.approx((inside.mean() * (1 - inside.mean()) / 2000) ** 0.5)
    assert (row.verdict, row.reason, row.rejects, row.missing) == ("covers", "", 0, 0)
    assert row.mean_error == pytest.approx(1, abs=1e-4)


def test_a_biased_estimator_covers_less_and_the_reason_says_by_how_much():
    row = judge(make_records(NORMAL + 0.5))
    assert row.verdict == "covers less than it says"
    assert f"{(0.5 + NORMAL.mean()) / NORMAL.std(ddof=1):.2f} standard deviations" in row.reason
    assert "above the truth, with 50 events" in row.reason


def test_a_wrong_standard_error_is_named_as_the_reason():
    assert "% too small" in judge(make_records(NORMAL, error=0.7)).reason
    row = judge(make_records(NORMAL, error=1.5))
    assert row.verdict == "covers more than it says"
    assert "% too large" in row.reason


def test_an_interval_of_the_wrong_shape_has_no_other_reason():
    records = make_records(NORMAL)
    narrow = records.assign(low=records.low + 0.6, high=records.high - 0.6)
    row = judge(narrow)
    assert row.verdict == "covers less than it says"
    assert "chance" in row.reason


def test_tests_are_judged_by_how_often_they_reject_where_there_is_nothing_to_find():
    for share, word in ((0.05, "keeps its level"), (0.2, "rejects too often"), (0.0, "rejects too rarely")):
        p = np.where(np.arange(2000) < share * 2000, 0.01, 0.5)
        records = make_records(np.full(2000, np.nan), estimator="landmark_24_logrank").assign(p=p)
        assert judge(records).verdict == word
    assert judge(records.assign(scenario="harm_after_label")).verdict == "power only"


def test_a_conclusion_that_promises_at_most_its_level_may_err_more_rarely():
    for share, word in ((0.2, "rejects too often"), (0.0, "keeps its level")):
        p = np.where(np.arange(2000) < share * 2000, 0.0, 1.0)
        records = make_records(np.full(2000, np.nan), estimator="conclusion_any_idle").assign(p=p)
        assert judge(records.assign(scenario="features_null")).verdict == word


def test_the_page_and_its_reasons_count_the_same_judgements():
    power = make_records(np.full(2000, np.nan), estimator="landmark_24_logrank").assign(scenario="harm_after_label")
    narrow = make_records(NORMAL).eval("low = low + 0.6").eval("high = high - 0.6")
    table = summarise_evidence(pd.concat([narrow, power]), cohorts=2000)
    assert table.verdict.tolist() == ["covers less than it says", "power only"]
    assert "(1 rows are judged" in table.reason[0]
    assert say_evidence(table)[0].startswith("Of 1 judgements")


def test_an_estimator_without_interval_is_judged_by_its_bias():
    records = make_records(NORMAL + 0.5, estimator="auc_corrected", truth=0.5).assign(low=np.nan, high=np.nan)
    assert judge(records).verdict == "no clear bias"
    assert judge(records.assign(estimate=records.estimate + 1)).verdict == "too high"
    assert judge(records.assign(estimate=records.estimate - 1)).verdict == "too low"
    one = judge(records.head(1))
    assert one.verdict == "no clear bias"
    assert np.isnan(one.mc_error)


def test_what_was_never_estimated_is_neither_right_nor_wrong():
    table = summarise_evidence(make_records([np.nan] * 3, estimator="conclusion_acting").assign(
        scenario="features_null", low=np.nan, high=np.nan), cohorts=3)  # fmt: skip
    assert table.verdict.tolist() == ["never estimated"]
    page = describe_evidence(table, size=120, command="x")
    assert "nan" not in page
    assert "independent (features_null) finds" not in page


def test_a_broken_assumption_is_given_as_the_reason():
    records = make_records(NORMAL).assign(scenario="wrong_labels")
    assert "on purpose" in judge(records).reason


def test_the_page_says_what_was_planted_how_to_make_it_and_who_falls_short(summary):
    page = describe_evidence(summary, size=120, command="python -m helpers evidence --cohorts 2")
    assert "`python -m helpers evidence --cohorts 2`" in page
    assert page.count("## Scenario") == len(SCENARIOS)
    assert all(scenario.words in page for scenario in SCENARIOS.values())
    assert "nan" not in page
    worst = summary.assign(verdict="covers", reason="")
    assert "None." in describe_evidence(worst, size=120, command="x")
    assert len(say_evidence(worst)) == 1


def test_a_doubtful_verdict_is_held_against_fresh_cohorts():
    first = summarise_evidence(make_records(NORMAL + 0.5), cohorts=2000)
    assert list_doubtful(first) == [("no_harm", "time_dependent_cox")]
    same, gone = (confirm_verdicts(first, summarise_evidence(make_records(NORMAL + shift), cohorts=2000)).iloc[0]
                  for shift in (0.5, 0.0))  # fmt: skip
    assert same.verdict == gone.verdict == "covers less than it says"
    assert (same.again, gone.again) == ("covers less than it says", "covers")
    assert "above the truth" in same.reason and "show it again (covers less than it says, 9" in same.reason
    assert gone.reason.startswith("chance: as many fresh cohorts do not show it (covers, 9")
    fine = summarise_evidence(make_records(NORMAL), cohorts=2000)
    assert list_doubtful(fine) == []
    pd.testing.assert_frame_equal(confirm_verdicts(fine, first), fine)
    broken = summarise_evidence(make_records(NORMAL + 0.5).assign(scenario="wrong_labels"), cohorts=2000)
    assert list_doubtful(broken) == []


def test_a_doubtful_test_or_mean_is_held_against_fresh_cohorts_too():
    often = np.where(np.arange(2000) < 400, 0.01, 0.5)
    tests = make_records(np.full(2000, np.nan), estimator="landmark_24_logrank").assign(p=often)
    areas = make_records(NORMAL + 1.5, estimator="auc_corrected", truth=0.5).assign(low=np.nan, high=np.nan)
    for records, words in ((tests, "(rejects too often, 20.0 %)"), (areas, "(too high)")):
        found = summarise_evidence(records, cohorts=2000)
        assert words in confirm_verdicts(found, found).reason.iloc[0]


def test_the_whole_looks_again_at_what_is_in_doubt(tmp_path, in_here, monkeypatch):
    only = {"race_uneven": replace(SCENARIOS["race_uneven"], families=("gray", "fine_gray"))}
    for module in ("bench", "summary", "page"):
        monkeypatch.setattr(f"helpers.evidence.{module}.SCENARIOS", only)
    monkeypatch.setattr("helpers.evidence.whole.list_doubtful", lambda _: [("race_uneven", "fine_gray")])
    stream = io.StringIO()
    gather_evidence(tmp_path, cohorts=3, size=80, workers=1, seed=2, stream=stream)
    assert "looking again" in stream.getvalue()
    assert json.loads((tmp_path / "second" / "manifest.json").read_text())["seed"] == 3
    assert not (tmp_path / "second" / "race_uneven" / "gray").exists()


def test_the_whole_is_gathered_and_stored(tmp_path, in_here, monkeypatch):
    only = {"race_uneven": replace(SCENARIOS["race_uneven"], families=("gray", "fine_gray"))}
    for module in ("bench", "summary", "page"):
        monkeypatch.setattr(f"helpers.evidence.{module}.SCENARIOS", only)
    evidence = gather_evidence(tmp_path, cohorts=3, size=80, workers=1, seed=2, stream=io.StringIO())
    table, page = store_evidence(evidence, tmp_path)
    assert pd.read_csv(table).estimator.tolist() == ["fine_gray", "gray"]
    assert "--cohorts 3 --size 80 --seed 2" in page.read_text(encoding="utf-8")


# The command


def test_the_command_refuses_what_it_cannot_use(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("dear")
    assert main(["evidence", "--cohorts", "2", "--out", str(tmp_path)]) == 2
    assert "not of a bench" in capsys.readouterr().err
    assert main(["evidence", "--cohorts", "none"]) == 2


def test_the_command_prints_the_bottom_line_and_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    class Found:
        sentences = ("Of 9 judgements, 9 are as promised.",)

    monkeypatch.setattr("helpers.evidence.whole.gather_evidence", lambda *_, **__: Found())
    monkeypatch.setattr("helpers.evidence.whole.store_evidence", lambda _, folder: [folder / "evidence.md"])
    assert main(["evidence", "--out", str(tmp_path), "--store"]) == 0
    assert "docs" in capsys.readouterr().out

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("helpers.evidence.whole.gather_evidence", stop)
    assert main(["evidence", "--out", str(tmp_path)]) == 130
    assert str(tmp_path) in capsys.readouterr().err
