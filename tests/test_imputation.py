"""Multiple imputation against R's mice, against a truth that is known, and at its edges.

Run as a program with a folder, this file writes the data sets that tests/golden/imputation.R reads.
"""

import json
import sys
from pathlib import Path

import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
import statsmodels.datasets
from scipy.special import expit

from helpers.imputation import continue_chains, impute_chained, pool_rubin
from helpers.imputation.frame import choose_sets, derive_auxiliaries
from helpers.imputation.hazards import accumulate_hazard, fit_cox_sets, list_risk_sets
from helpers.imputation.logistic import fit_logistic
from helpers.imputation.patterns import count_patterns, estimate_incompleteness, list_related
from helpers.imputation.tipping import compare_verdicts, find_tipping, label_verdicts
from helpers.survival.models import fit_cox

GOLDEN_FILE = Path(__file__).parent / "golden" / "imputation.json"
SETS = 10


def load_rossi() -> pd.DataFrame:
    data = shipped.load_rossi()
    return pd.DataFrame({"y": data.arrest, "fin": data.fin, "race": data.race, "wexp": data.wexp, "age": data.age,
                         "prio": data.prio, "week": data.week}).astype(float)  # fmt: skip


def load_fair() -> pd.DataFrame:
    data = statsmodels.datasets.fair.load_pandas().data.iloc[::8]
    return pd.DataFrame({"y": data.affairs > 0, "children": data.children > 0, "age": data.age,
                         "rate": data.rate_marriage, "religious": data.religious}).astype(float)  # fmt: skip


def load_stanford() -> pd.DataFrame:
    data = shipped.load_stanford_heart_transplants()
    return data[["id", "start", "stop", "event", "age", "year", "surgery", "transplant"]].astype(float)


LOADERS = {"rossi": load_rossi, "fair": load_fair, "stanford": load_stanford}
HOLES = {"rossi": ("race", "age"), "fair": ("children", "rate"), "stanford": ("age",)}


def punch(name: str) -> pd.DataFrame:
    """The data set with holes: row i of the k-th column lacks its value where (7 i + 5 k) mod 23 is 4 or less, or 8 or
    less where the row has the event: absence goes with the outcome."""
    data = LOADERS[name]()
    event = data["event" if name == "stanford" else "y"].to_numpy(bool)
    rows = np.arange(len(data))
    for place, column in enumerate(HOLES[name]):
        data.loc[(7 * rows + 5 * place) % 23 <= np.where(event, 8, 4), column] = np.nan
    return data


def fill(name: str, sets: int = SETS) -> list[pd.DataFrame]:
    """Fixed completed data sets: in the s-th, row i takes the known value at place 11 i + 17 s + i s of its column."""
    holed, filled = punch(name), []
    for number in range(sets):
        data = holed.copy()
        for column in HOLES[name]:
            holes, known = data[column].isna().to_numpy(), holed[column].dropna().to_numpy()
            rows = np.flatnonzero(holes)
            data.loc[holes, column] = known[(11 * rows + 17 * number + rows * number) % len(known)]
        filled.append(data)
    return filled


def export_datasets(folder: Path) -> None:
    for name in LOADERS:
        punch(name).to_csv(folder / f"{name}_holes.csv", index=False)
        pd.concat([part.assign(set=number) for number, part in enumerate(fill(name))]).to_csv(
            folder / f"{name}_filled.csv", index=False)


if __name__ == "__main__":
    export_datasets(Path(sys.argv[1]))

GOLDEN = json.loads(GOLDEN_FILE.read_text(encoding="utf-8")) if GOLDEN_FILE.exists() else {}


def agrees(found, golden, *, atol=1e-6):
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(golden, dtype=float), rtol=1e-7, atol=atol)


# Rubin's rules, on fixed completed data sets

LOGISTIC = {"rossi": ["fin", "race", "wexp", "age", "prio"], "fair": ["children", "age", "rate", "religious"]}
HAZARDS = {"rossi": ["fin", "race", "wexp", "age", "prio"], "stanford": ["age", "surgery", "transplant"]}


def design(parts: list[pd.DataFrame], terms: list[str]) -> np.ndarray:
    return np.stack([np.column_stack([np.ones(len(part)), part[terms]]) for part in parts])


def periods_of(name: str, part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if name == "stanford":
        return part.start.to_numpy(), part.stop.to_numpy(), part.event.to_numpy(bool)
    return np.zeros(len(part)), part.week.to_numpy(), part.y.to_numpy(bool)


def compare_pooled(found: pd.DataFrame, golden: dict) -> None:
    same = ("estimate", "df", "riv", "fmi", "low", "high", "p")
    for ours, theirs in {"within": "ubar", "between": "b", **dict(zip(same, same, strict=True))}.items():
        agrees(found[ours], golden[theirs])
    agrees(found["error"] ** 2, golden["t"])


@pytest.mark.parametrize("name", LOGISTIC)
def test_pooled_logistic_regressions_equal_pool_of_mice(name):
    parts = fill(name)
    fit = fit_logistic(design(parts, LOGISTIC[name]), parts[0].y.to_numpy())
    assert fit.converged.all()
    coefficients = fit.beta.shape[1]
    compare_pooled(pool_rubin(fit.beta, fit.variance, complete_df=len(parts[0]) - coefficients),
                   GOLDEN["logistic"][name])  # fmt: skip


@pytest.mark.parametrize("name", HAZARDS)
def test_pooled_cox_models_equal_pool_of_mice(name):
    parts = fill(name)
    start, stop, is_event = periods_of(name, parts[0])
    fit = fit_cox_sets(list_risk_sets(start, stop, is_event), np.stack([part[HAZARDS[name]] for part in parts]))
    spread = np.diagonal(fit.covariance, axis1=1, axis2=2)
    pooled = pool_rubin(fit.beta, spread, complete_df=is_event.sum() - fit.beta.shape[1])
    compare_pooled(pooled, GOLDEN["hazards"][name])


@pytest.mark.parametrize("name", LOGISTIC)
def test_pooling_equals_pool_scalar_with_a_finite_and_an_infinite_sample(name):
    parts, term = fill(name), LOGISTIC[name].index(HOLES[name][0]) + 1
    fit = fit_logistic(design(parts, LOGISTIC[name]), parts[0].y.to_numpy())
    left = len(parts[0]) - fit.beta.shape[1]
    for kind, df in (("finite", left), ("infinite", np.inf)):
        found = pool_rubin(fit.beta, fit.variance, complete_df=df).iloc[term]
        golden = GOLDEN["scalar"][name][kind]
        agrees(found[["estimate", "df", "riv", "fmi"]], [golden[key] for key in ("qbar", "df", "r", "fmi")])
        agrees(found["error"] ** 2, golden["t"])


def test_with_nothing_between_the_data_sets_nothing_is_missing_and_barnard_rubin_has_its_own_limit():
    pooled = pool_rubin(np.ones((4, 1)), np.full((4, 1), 0.25), complete_df=20.0).iloc[0]
    assert (pooled.fmi, pooled.riv, pooled.error) == (0, 0, 0.5)
    assert pooled.df == pytest.approx(21 / 23 * 20)
    assert np.isinf(pool_rubin(np.ones((4, 1)), np.full((4, 1), 0.25)).df.iloc[0])


def test_one_data_set_and_one_without_an_answer_are_pooled_as_missing():
    assert pool_rubin(np.ones((1, 1)), np.ones((1, 1))).drop(columns="sets").isna().all(axis=None)
    spread = np.array([[1.0, 1.0], [np.nan, 1.0]])
    found = pool_rubin(np.array([[1.0, 1.0], [2.0, 2.0]]), spread)
    assert np.isnan(found.estimate[0])
    assert found.estimate[1] == 1.5


# Cox models of many data sets, and strata


@pytest.mark.parametrize(("name", "terms", "strata"), [
    ("rossi", ["fin", "age", "prio"], "race"), ("stanford", ["age", "transplant"], "surgery")])  # fmt: skip
def test_stratified_cox_models_equal_coxph(name, terms, strata):
    part, golden = fill(name)[3], GOLDEN["cox"][name]
    start, stop, is_event = periods_of(name, part)
    periods = part.assign(start=start, stop=stop, is_event=is_event)
    fit = fit_cox(periods, covariates=terms, strata=strata)
    agrees(fit.log_ratios, golden["beta"])
    agrees(fit.covariance, golden["covariance"])
    risk = list_risk_sets(start, stop, is_event, strata=part[strata].to_numpy(int))
    many = fit_cox_sets(risk, np.stack([part[terms]] * 2))
    for place in range(2):
        agrees(many.beta[place], golden["beta"])
        agrees(many.covariance[place], golden["covariance"])


def test_the_cumulative_baseline_hazard_equals_basehaz():
    part, golden = fill("stanford")[3], GOLDEN["cox"]["stanford_hazard"]
    start, stop, is_event = periods_of("stanford", part)
    risk = list_risk_sets(start, stop, is_event)
    x = part[["age", "transplant"]].to_numpy()[None]
    hazard = accumulate_hazard(risk, x, beta=fit_cox_sets(risk, x).beta, weights=np.ones((1, len(part))))[0]
    times = np.asarray(golden["time"])
    place = np.searchsorted(risk.times, times, side="right") - 1
    agrees(np.where(place < 0, 0, hazard[place]), golden["hazard"])


def test_a_cox_model_of_many_sets_says_which_of_them_have_no_finite_answer():
    stop, is_event = np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False])
    risk = list_risk_sets(np.zeros(4), stop, is_event)
    x = np.array([[1.0, 1, 0, 0], [1.0, 0, 1, 0], [0.0, 0, 0, 0]])[:, :, None]
    assert fit_cox_sets(risk, x).converged.tolist() == [False, True, False]
    nobody = fit_cox_sets(list_risk_sets(np.zeros(4), stop, np.zeros(4, dtype=bool)), x)
    assert not nobody.converged.any()
    assert np.isnan(nobody.beta).all()


def test_a_weight_counts_a_patient_as_often_as_it_says():
    stop, is_event = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([True, True, False, True, True])
    x = np.array([1.0, 0, 1, 0, 1])
    single = list_risk_sets(np.zeros(5), stop, is_event)
    twice = np.repeat(np.arange(5), [1, 1, 2, 1, 1])
    more = list_risk_sets(np.zeros(6), stop[twice], is_event[twice])
    weighted = fit_cox_sets(single, x[None, :, None], weights=np.array([[1.0, 1, 2, 1, 1]]))
    agrees(weighted.beta, fit_cox_sets(more, x[twice][None, :, None]).beta)


# The imputer: against mice, against the truth, and perfect prediction


@pytest.mark.parametrize("name", LOGISTIC)
def test_pooled_estimates_agree_with_those_of_mice_within_the_error_of_finitely_many_draws(name):
    """100 data sets here, 200 there: two pooled estimates from the same model differ by chance by the root of
    B (1/100 + 1/200), B the variance between data sets. Four times that is allowed, and a tenth of a standard error for
    the two programs' different weak priors (mice augments towards one half). Standard errors within six percent."""
    golden, data = GOLDEN["mice"][name], punch(name).drop(columns="week", errors="ignore")
    done = impute_chained(data, sets=100, seed=1)
    terms = LOGISTIC[name]
    ones = np.ones((100, len(data), 1))
    fit = fit_logistic(np.concatenate([ones, done.take(terms)], axis=2), data.y.to_numpy())
    pooled = pool_rubin(fit.beta, fit.variance, complete_df=len(data) - len(terms) - 1)
    chance = np.sqrt(np.asarray(golden["b"]) * (1 / 100 + 1 / 200))
    assert (np.abs(pooled["estimate"] - golden["estimate"]) < 4 * chance + 0.1 * pooled["error"]).all()
    np.testing.assert_allclose(pooled["error"], np.sqrt(golden["t"]), rtol=0.06)
    binary, number = HOLES[name]
    drawn = {column: done.take([column])[:, data[column].isna().to_numpy(), 0] for column in HOLES[name]}
    assert abs(drawn[binary].mean() - golden["share"]) < 0.02
    assert abs(drawn[number].mean() - golden["mean"]) < 0.05 * data[number].std()


def make_truth(seed: int, n: int = 3000) -> tuple[pd.DataFrame, np.ndarray]:
    """Two features that go together and foretell an outcome; the second is missing more often the more the first two
    say so: missing at random, and complete cases are biased for the first feature."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 2, n).astype(float)
    second = (rng.random(n) < expit(-1 + first)).astype(float)
    y = (rng.random(n) < expit(-0.5 + 1.0 * first + 1.0 * second)).astype(float)
    chance = np.where((first == 1) & (y == 1), 0.75, 0.1)
    table = pd.DataFrame({"first": first, "second": second, "y": y})
    table["second"] = table["second"].mask(rng.random(n) < chance)
    return table, np.array([-0.5, 1.0, 1.0])


def test_where_absence_goes_with_feature_and_outcome_complete_cases_are_biased_and_imputation_is_not():
    table, truth = make_truth(5)
    complete = table.dropna()
    alone = fit_logistic(design([complete], ["first", "second"]), complete.y.to_numpy())
    assert abs(alone.beta[0, 1] - truth[1]) > 5 * np.sqrt(alone.variance[0, 1])
    done = impute_chained(table, sets=40, seed=2)
    x = np.concatenate([np.ones((40, len(table), 1)), done.take(["first", "second"])], axis=2)
    fit = fit_logistic(x, table.y.to_numpy())
    pooled = pool_rubin(fit.beta, fit.variance)
    assert (np.abs(pooled["estimate"] - truth) < 2.5 * pooled["error"]).all()


def test_over_many_made_up_samples_imputation_is_unbiased_and_its_intervals_hold():
    rows = []
    for seed in range(60):
        table, truth = make_truth(seed, n=400)
        done = impute_chained(table, sets=20, seed=seed, cycles=2)
        x = np.concatenate([np.ones((20, 400, 1)), done.take(["first", "second"])], axis=2)
        fit = fit_logistic(x, table.y.to_numpy())
        pooled = pool_rubin(fit.beta, fit.variance, complete_df=397).iloc[1]
        rows.append((pooled.estimate - truth[1], pooled.low < truth[1] < pooled.high))
    error, covered = np.array(rows).T
    assert abs(error.mean()) < 3 * error.std() / np.sqrt(60) + 0.03
    assert covered.mean() >= 0.88


def test_the_same_seed_gives_the_same_draws_and_known_values_are_never_touched():
    data = punch("rossi")
    one, two, other = (impute_chained(data, sets=3, seed=seed) for seed in (1, 1, 2))
    assert (one.draws == two.draws).all()
    assert (one.draws != other.draws).any()
    known = data.notna().to_numpy()
    assert (one.draws[:, known] == data.to_numpy()[known]).all()
    assert not np.isnan(one.draws).any()
    assert set(np.unique(one.take(["race"]))) == {0.0, 1.0}
    assert set(np.unique(one.take(["age"]))) <= set(data.age.dropna())


def test_perfect_prediction_draws_neither_nonsense_nor_a_warning():
    x = np.repeat([0.0, 1.0], 20)
    table = pd.DataFrame({"x": x, "apl": np.where(np.arange(40) % 5 == 0, np.nan, x)})
    done = impute_chained(table, sets=50, seed=1)
    drawn = done.draws[:, table.apl.isna().to_numpy(), 1]
    assert 0.7 < drawn[:, 4:].mean() <= 1
    assert 0 <= drawn[:, :4].mean() < 0.3


def test_a_rare_feature_is_not_drawn_towards_one_half():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.integers(0, 2, size=(200, 20)).astype(float))
    table.columns = [f"x{place}" for place in table]
    table["rare"] = np.where(np.arange(200) < 8, 1.0, 0.0)
    table.loc[100:, "rare"] = np.nan
    drawn = impute_chained(table, sets=50, seed=1).take(["rare"])[:, 100:]
    assert drawn.mean() < 0.16


def test_what_does_not_vary_is_filled_with_its_value_and_what_nobody_knows_is_left_out():
    table = pd.DataFrame({"same": [1.0, 1, np.nan, 1], "none": [np.nan] * 4, "x": [0.0, 1, np.nan, 1]})
    done = impute_chained(table, sets=2, seed=1)
    assert done.names == ("same", "x")
    assert (done.take(["same"]) == 1).all()
    assert done.count_missing("x") == 1


def test_a_clinic_with_fewer_patients_than_variables_is_completed_all_the_same():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(size=(8, 12))).rename(columns="v{}".format)
    table["flag"] = [0.0, 1, 0, 1, np.nan, 0, 1, np.nan]
    table.loc[[1, 2, 3, 4, 5], "v0"] = np.nan
    done = impute_chained(table, sets=4, seed=1)
    assert np.isfinite(done.draws).all()


# Suppositions


def test_shifting_the_log_odds_moves_the_share_drawn_and_its_ends_are_none_and_all():
    data = punch("rossi")
    done = impute_chained(data, sets=30, seed=1)
    holes = data.race.isna().to_numpy()
    chains = continue_chains(done, shifts={"race": [-np.inf, -2.0, 0.0, 2.0, np.inf]}, seed=4)
    shares = [float(chain.take(["race"])[:, holes].mean()) for chain in chains]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)
    assert abs(shares[2] - done.take(["race"])[:, holes].mean()) < 0.04
    longer = continue_chains(done, shifts={"race": [-2.0]}, seed=4, cycles=4)[0]
    assert abs(longer.take(["race"])[:, holes].mean() - shares[1]) < 0.05


GRID = pd.DataFrame({"delta": [0.0, 0.5, 1.0, 2.0, 4.0], "label": list("abcde"), "verdict": [
    "higher than", "higher than", "higher than", "not comparable with", "not clearly different from"]})  # fmt: skip


def test_the_tipping_point_is_the_nearest_supposition_that_changes_the_verdict_on_either_side():
    found = find_tipping(GRID, reference=1.0)
    assert found["side"].tolist() == ["below", "above"]
    assert np.isnan(found["delta"][0])
    assert found["delta"][1] == 4.0
    assert found["furthest"].tolist() == ["a", "e"]
    assert find_tipping(GRID.iloc[[2]], reference=1.0)["furthest"].tolist() == ["", ""]


def test_a_reference_without_a_verdict_tips_nowhere():
    blank = GRID.assign(verdict=["higher than", "higher than", "not comparable with", "lower than", "lower than"])
    assert find_tipping(blank, reference=1.0)["delta"].isna().all()


def test_verdicts_are_the_words_of_the_report():
    rows = pd.DataFrame({"estimate": [2.0, np.nan], "low": [1.0, np.nan], "high": [3.0, np.nan]})
    assert label_verdicts(rows).tolist() == ["not clearly different from", "not comparable with"]
    assert compare_verdicts("lower than", "higher than") == "another"


# Patterns


def test_patterns_are_counted_with_the_complete_first_and_the_rare_pooled():
    lacking = {"a": [1, 2, 3, 5], "b": [3, 4], "c": [5]}
    table = pd.DataFrame({name: [None if row in rows else 1 for row in range(6)] for name, rows in lacking.items()})
    found = count_patterns(table, names={"a": "First", "b": "Second", "c": "Third"}, most=1)
    assert found["term"].tolist() == ["complete", "pattern_1", "other"]
    assert found["n"].tolist() == [1, 2, 3]
    assert found["label"].tolist() == ["Nothing missing", "First", "Other patterns (3)"]
    assert found["share"].sum() == pytest.approx(1)


def test_without_patients_or_without_complete_ones_patterns_still_have_their_first_row():
    empty = count_patterns(pd.DataFrame({"a": pd.Series(dtype=float)}), names={"a": "A"})
    assert empty[["term", "n", "share"]].to_numpy().tolist() == [["complete", 0, 0.0]]
    found = count_patterns(pd.DataFrame({"a": [None, None]}, dtype=float), names={"a": "A"})
    assert found[["term", "n"]].to_numpy().tolist() == [["complete", 0], ["pattern_1", 2]]


def test_being_incomplete_is_related_to_traits_and_says_why_where_it_cannot_be():
    traits = pd.DataFrame({"dtt": [1.0, 1, 1, 0, 0, 0, 1, 0], "same": 1.0, "parts": [1.0, 1, 1, 0, 0, 0, 1, 1]})
    incomplete = pd.Series([True, True, False, False, False, True, True, False])
    names = {"dtt": "Difficult to treat", "same": "Same", "parts": "Parts"}
    found = estimate_incompleteness(traits, incomplete=incomplete, names=names)
    assert found["estimate"][0] == pytest.approx(9.0)
    assert found["note"][1] == "does not vary"
    none = estimate_incompleteness(traits, incomplete=pd.Series([False] * 8), names=names)
    assert set(none["note"]) == {"nobody to compare"}
    parted = estimate_incompleteness(traits, incomplete=traits["dtt"].eq(1), names={"dtt": "Difficult to treat"})
    assert parted["note"].tolist() == ["not estimable"]
    assert list_related(found.assign(p=[0.01, np.nan, 0.2])) == ["difficult to treat"]


def test_auxiliaries_are_numbers_with_rare_regimens_pooled_and_the_commonest_left_out():
    people = pd.DataFrame({
        "baseline_upcr_g_g": [0.0, 1.0] * 15, "baseline_egfr": [90.0, None] * 15,
        "time_zero_date": pd.Timestamp("2010-05-01"), "class_group": ["III"] * 18 + ["IV"] * 12,
        "induction_regimen": pd.array(["a"] * 14 + ["b"] * 11 + ["c"] * 3 + [None] * 2, dtype="string")})  # fmt: skip
    found = derive_auxiliaries(people)
    assert list(found) == ["aux_year", "aux_egfr", "aux_log_upcr", "aux_regimen_b", "aux_regimen_rare", "aux_class_IV"]
    assert found["aux_regimen_rare"].sum() == 5
    assert np.isfinite(found["aux_log_upcr"]).all()


def test_the_number_of_data_sets_is_the_percentage_of_incomplete_patients_and_at_least_twenty():
    table = pd.DataFrame({"a": [1.0] * 77 + [None] * 23})
    assert choose_sets(table, asked=0) == 23
    assert choose_sets(table, asked=7) == 7
    assert choose_sets(table.iloc[:0], asked=0) == 20
