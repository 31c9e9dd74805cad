"""The choice of the shipped cohort: counts are met, labels are the pipeline's own, and the files are what they say."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.calibration import (
    DESCRIPTION,
    choose_calibrated_cohort,
    derive_pool,
    has_published_pattern,
    keep_patients,
    make_shipped_cohort,
    write_shipped_cohort,
)
from helpers.calibration.choice import CalibrationError, choose_patients, count_targets, derive_indicators
from helpers.calibration.targets import Target, make_feature_targets, make_rank_targets, make_targets
from helpers.definitions import FEATURES
from helpers.parameters import Parameters
from helpers.schema import compare_with_manifest, read_manifest, read_raw
from helpers.synthetic import GENERATOR_VERSION, simulate_cohort
from helpers.synthetic.truth import DEFAULT_TRUTH, derive_truth_record

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "raw"
COVARIATES = Parameters().covariates


@pytest.fixture(scope="module")
def simulated() -> dict[str, pd.DataFrame]:
    return simulate_cohort(n=300, seed=12)


@pytest.fixture(scope="module")
def pool(simulated) -> pd.DataFrame:
    return derive_pool(simulated, parameters=Parameters())


@pytest.fixture(scope="module")
def shipped() -> dict[str, pd.DataFrame]:
    return read_raw(SHIPPED)


@pytest.fixture(scope="module")
def record() -> dict:
    return json.loads((SHIPPED / "calibration.json").read_text(encoding="utf-8"))


# Targets


def _wald_p(yes: int, yes_known: int, no: int, no_known: int) -> float:
    """The p of logistic regression on one true/false feature: the log odds ratio over its standard error."""
    cells = np.array([yes, yes_known - yes, no, no_known - no], dtype=float)
    log_odds_ratio = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    return float(2 * stats.norm.sf(abs(log_odds_ratio) / np.sqrt((1 / cells).sum())))


@pytest.mark.parametrize("feature", FEATURES)
def test_every_corner_of_the_ranges_keeps_the_named_features_significant(feature):
    ranges = {target.name: range(target.low, target.high + 1) for target in make_feature_targets()}
    corners = product(*(ranges[f"{feature}{part}"] for part in (".yes", ".known.yes", ".no", ".known.no")))
    significant = [_wald_p(*corner) < 0.05 for corner in corners]
    assert all(significant) if FEATURES[feature].named_in_abstract else not any(significant)


def test_every_target_says_what_it_rests_on_and_is_a_range():
    targets = make_targets()
    assert len({target.name for target in targets}) == len(targets)
    assert {target.evidence for target in targets} == {"published", "synthetic_target"}
    assert all(0 <= target.low <= target.high for target in targets)
    printed = {target.name: target.low for target in targets if target.evidence == "published"}
    assert (printed["eligible"], printed["female"], printed["dtt.yes"], printed["final.none"]) == (181, 166, 57, 22)
    assert "dtt.cannot tell" not in printed  # nobody printed that every label could be told


def test_the_composite_can_be_left_out_of_the_targets():
    names = {target.name for target in make_targets(with_composite=False)}
    assert not any(name.startswith("composite") for name in names)
    assert len(names) == len(make_targets()) - 4


def test_rank_targets_are_equivalent_to_the_linear_quantiles_of_181_values():
    rng = np.random.default_rng(1)
    seen = set()
    for _ in range(300):
        values = rng.integers(27, 32, 181)
        below, upto = make_rank_targets("age_years", 91, 29, 29, "published")
        counts_met = (values < 29).sum() <= below.high and (values <= 29).sum() >= upto.low
        assert counts_met == (np.quantile(values, 0.5) == 29)
        seen.add(bool(counts_met))
    assert seen == {True, False}


# The pool and the choice


def test_the_pool_has_one_row_per_patient_with_labels_for_the_eligible_only(pool, simulated):
    assert pool["patient_id"].tolist() == simulated["patients"]["patient_id"].tolist()
    assert (pool["dtt"].notna() == pool["is_eligible"]).all()
    assert pool["has_composite"].any()
    assert not pool.loc[~pool["is_eligible"], "has_composite"].any()


def test_indicators_count_each_eligible_patient_once_per_question(pool):
    found = derive_indicators(pool)
    eligible = found["eligible"]
    for names in (["female", "male"], ["dtt.yes", "dtt.no", "dtt.cannot tell"],
                  ["class.III", "class.IV", "class.V", "class.mixed"]):
        assert (found[names].sum(axis=1) == eligible).all()
    inductions = ["inductions.1", "inductions.2", "inductions.3", "inductions.more"]
    assert (found[inductions].sum(axis=1) == found["dtt.yes"]).all()
    assert (found["excluded.all"] == ~eligible).all()
    reasons = [name for name in found if name.startswith("excluded.excluded_")]
    assert (found[reasons].sum(axis=1) == ~eligible).all()
    assert found["deaths.early"].sum() < found["deaths.all"].sum()
    known = found["any_apl.known.yes"] | found["any_apl.known.no"]
    assert (known <= eligible).all()
    assert known.sum() < eligible.sum()


def test_indicators_do_without_the_composite(pool):
    without = derive_indicators(pool.drop(columns=["has_composite", "composite_months"]))
    assert not any(name.startswith("composite") for name in without)


def test_an_early_composite_is_one_up_to_month_sixty(pool):
    patient = pool.index[pool["is_eligible"] & (pool["dtt"] == "no")][:1]
    for month, early in ((60.0, True), (60.1, False), (np.nan, False)):
        changed = pool.copy()
        changed.loc[patient, "has_composite"] = True
        changed.loc[patient, "composite_months"] = month
        found = derive_indicators(changed).loc[patient]
        assert found["composite.no"].all()
        assert found["composite.early.no"].tolist() == [early]
        assert not found["composite.early.yes"].any()


def test_class_v_is_counted_by_its_own_features_and_a_sledai_above_ten(pool):
    pure = pool.index[pool["is_eligible"] & (pool["class_group"] == "V")][:1]
    other = pool.index[pool["is_eligible"] & (pool["class_group"] == "IV")][:1]
    for score, high in ((10, False), (11, True), (pd.NA, False)):
        changed = pool.copy()
        for rows in (pure, other):
            changed.loc[rows, "sledai_2k"] = score
            changed.loc[rows, "low_c3"] = True
        found = derive_indicators(changed)
        assert found.loc[pure, "class.V.high_sledai"].tolist() == [high]
        assert found.loc[pure, "class.V.low_c3"].all()
        assert not found.loc[other, [name for name in found if name.startswith("class.V.")]].any(axis=None)


SMALL = (
    Target("eligible", 40, 40, "published"), Target("male", 5, 5, "published"), Target("dtt.yes", 15, 15, "published"),
    Target("dtt.cannot tell", 0, 0, "published"), Target("excluded.all", 3, 6, "synthetic_target"),
    *make_rank_targets("sledai_2k", 21, 12, 13, "published")[:1],
)  # fmt: skip


def test_the_chosen_patients_show_every_count(pool):
    chosen = choose_patients(pool, targets=SMALL, seed=1)
    counts = count_targets(pool, chosen=chosen, targets=SMALL)
    assert counts["is_met"].all()
    assert counts.set_index("name").loc["dtt.yes", "found"] == 15
    assert 43 <= len(chosen) <= 46


def test_a_choice_that_misses_a_count_is_seen(pool):
    counts = count_targets(pool, chosen=pool.index[:0], targets=SMALL)
    assert counts.set_index("name")["is_met"].to_dict() == {
        "eligible": False, "male": False, "dtt.yes": False, "dtt.cannot tell": True, "excluded.all": False,
        "sledai_2k.below.12": True}


def test_the_seed_alone_decides_who_is_chosen(pool):
    once, again, other = (choose_patients(pool, targets=SMALL, seed=seed) for seed in (1, 1, 2))
    assert once.equals(again)
    assert not once.equals(other)


def test_a_patient_whose_label_cannot_be_told_is_never_chosen(pool):
    free = (Target("eligible", 150, 181, "published"),)
    chosen = choose_patients(pool, targets=free, seed=1)
    eligible = pool.loc[chosen][pool.loc[chosen, "is_eligible"]]
    assert (pool.loc[pool["is_eligible"], "dtt"] == "cannot tell").any()
    assert set(eligible["dtt"]) == {"yes", "no"}


def test_counts_that_the_pool_cannot_show_are_an_error(pool):
    with pytest.raises(CalibrationError, match="No choice out of"):
        choose_patients(pool, targets=[Target("male", 250, 250, "published")], seed=1)


# The pattern and the search for it


def test_seeds_are_tried_until_the_pattern_holds(pool, monkeypatch):
    answers = iter([False, False, True])
    monkeypatch.setattr("helpers.calibration.shipped.has_published_pattern", lambda *_, **__: next(answers))
    choice = choose_calibrated_cohort(pool, targets=SMALL, covariates=COVARIATES, first_seed=5)
    assert choice.seed == 7
    assert dict(choice.tried) == {5: False, 6: False, 7: True}
    assert list(choice.patient_ids) == pool.loc[choose_patients(pool, targets=SMALL, seed=7), "patient_id"].tolist()


def test_too_many_seeds_without_the_pattern_are_an_error(pool):
    with pytest.raises(CalibrationError, match="None of 2 choices"):
        choose_calibrated_cohort(pool, targets=SMALL, covariates=COVARIATES, most_seeds=2)


def test_kept_patients_are_renumbered_in_the_order_given_with_all_their_rows(simulated):
    ids = ["P120", "P007"]
    kept = keep_patients(simulated, patient_ids=ids)
    assert kept["patients"]["patient_id"].tolist() == ["P001", "P002"]
    assert kept["biopsies"]["biopsy_id"].tolist() == ["B0001", "B0002"]
    given, before = (dict(list(tables["visits"].groupby("patient_id")["visit_date"])) for tables in (kept, simulated))
    for new, old in zip(("P001", "P002"), ids, strict=True):
        assert given[new].tolist() == before[old].tolist()
    assert kept["events"]["event_id"].is_unique


def test_a_shipped_cohort_is_made_labelled_chosen_and_written(monkeypatch, tmp_path):
    monkeypatch.setattr("helpers.calibration.shipped.make_targets", lambda: SMALL)
    monkeypatch.setattr("helpers.calibration.shipped.has_published_pattern", lambda *_, **__: True)
    made = make_shipped_cohort(pool_size=300, pool_seed=12)
    assert made.record["seeds_tried"] == 1
    assert all(target["is_met"] for target in made.record["targets"])
    assert made.truth == derive_truth_record(DEFAULT_TRUTH)
    assert write_shipped_cohort(tmp_path, cohort=made) is made
    written = read_raw(tmp_path)
    for name, table in made.tables.items():
        pd.testing.assert_frame_equal(written[name], table, check_exact=True)
    manifest = read_manifest(tmp_path)
    assert manifest.synthetic
    assert manifest.description == DESCRIPTION
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["noise"]


# The cohort that is shipped


def test_the_pipeline_finds_every_target_in_the_shipped_cohort(shipped):
    pool, targets = derive_pool(shipped, parameters=Parameters()), make_targets()
    counts = count_targets(pool, chosen=pool.index, targets=targets)
    assert counts.loc[~counts["is_met"], ["name", "low", "high", "found"]].to_dict(orient="records") == []


def test_the_shipped_cohort_has_the_published_pattern_and_loses_it_when_labels_are_shuffled(shipped):
    pool = derive_pool(shipped, parameters=Parameters())
    assert has_published_pattern(pool, covariates=COVARIATES)
    shuffled = pool["is_dtt"].sample(frac=1, random_state=1).to_numpy()
    assert not has_published_pattern(pool.assign(is_dtt=shuffled), covariates=COVARIATES)


def test_the_shipped_quartiles_are_the_printed_ones(shipped):
    pool = derive_pool(shipped, parameters=Parameters())
    found = pool.loc[pool["is_eligible"], ["age_years", "disease_duration_months", "sledai_2k"]].astype(float)
    assert np.quantile(found, [0.25, 0.5, 0.75], axis=0).T.tolist() == [[24, 29, 32], [24, 48, 84], [8, 12, 16]]


def test_the_shipped_patients_are_those_of_the_recorded_simulation(shipped, record):
    """Made again from the seed, not compared with a copy: the files hold what the simulator made, unaltered."""
    raw = simulate_cohort(n=record["pool_size"], seed=record["pool_seed"])
    for name, table in keep_patients(raw, patient_ids=record["pool_patient_ids"]).items():
        pd.testing.assert_frame_equal(shipped[name], table)


def test_the_manifest_and_the_truth_beside_the_shipped_tables_are_theirs(record):
    manifest = read_manifest(SHIPPED)
    assert manifest.synthetic
    assert (manifest.generator_version, manifest.seed) == (GENERATOR_VERSION, record["pool_seed"])
    assert compare_with_manifest(SHIPPED) == []
    truth = json.loads((SHIPPED / "truth.json").read_text(encoding="utf-8"))
    assert truth == json.loads(json.dumps(derive_truth_record(DEFAULT_TRUTH)))
