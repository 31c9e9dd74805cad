"""The printed claims: against themselves, and against a run."""

import pandas as pd
import pytest

from helpers.definitions import FEATURES
from helpers.published import check_abstract_consistency, compare_with_run, describe_comparison, read_claims
from helpers.published.checks import VERDICTS
from helpers.published.claims import find_subgroup_sizes, list_claims
from helpers.published.numbers import (
    find_counts,
    find_wilson_interval,
    is_printed_as,
    round_percent,
    truncate_percent,
)


@pytest.fixture(scope="module")
def claims() -> pd.DataFrame:
    return read_claims()


@pytest.fixture(scope="module")
def checked(claims) -> pd.DataFrame:
    return check_abstract_consistency(claims).set_index("id")


def change(claims: pd.DataFrame, id: str, **values: object) -> pd.DataFrame:
    """The claims with one of them printed differently."""
    changed = claims.copy()
    for column, value in values.items():
        changed.loc[changed["id"].eq(id), column] = value
    return changed


# The claims as data


def test_every_claim_is_told_apart_and_says_where_it_stands(claims):
    assert claims.id.is_unique
    assert set(claims.section) == {"background", "methods", "results", "conclusion"}
    assert set(claims.obtained) == {"calibrated", "counts_calibrated", "emerged", "not_reported"}
    assert set(claims.evidence) == {"published", "literature", "not_printed"}
    assert set(claims["compare"]) == {
        "none", "count", "rest", "value", "median", "low", "high", "percent", "below", "at_least"}


def test_the_claims_name_the_features_that_the_definitions_name(claims):
    named = {f"univariable.{name}" for name, feature in FEATURES.items() if feature.named_in_abstract}
    assert set(claims.id[claims.id.str.startswith("univariable.")]) == named
    independent = {f"independent.{name}" for name, feature in FEATURES.items() if feature.independent_in_abstract}
    assert independent < set(claims.id)


def test_what_is_not_printed_has_no_figure(claims):
    assert claims.value[claims.evidence.eq("not_printed")].isna().all()
    assert claims.value[claims.unit.eq("p value")].isna().all()


def test_how_a_figure_was_obtained_is_said_of_every_claim_with_a_counterpart(claims):
    assert claims.obtained[claims.ledger_id.notna()].ne("not_reported").all()
    assert claims.obtained[claims.ledger_id.isna()].isin(["not_reported", "calibrated"]).all()
    chosen = claims.set_index("id").obtained
    assert set(chosen.filter(regex="^secondary|^odds_ratio")) == {"emerged"}
    assert chosen["composite.hazard_ratio"] == chosen["composite.higher"] == "counts_calibrated"


def test_counted_in_names_a_claim_or_a_group(claims):
    assert set(claims.counted_in.dropna()) <= set(claims.id) | set(claims.group.dropna())


# Arithmetic


@pytest.mark.parametrize(("count", "total", "decimals", "rounded", "truncated"), [
    (74, 181, 1, 40.9, 40.8), (13, 181, 1, 7.2, 7.1), (57, 181, 1, 31.5, 31.4), (22, 57, 1, 38.6, 38.5),
    (1, 8, 0, 13, 12), (1, 8, 1, 12.5, 12.5), (1, 16, 1, 6.3, 6.2), (57, 181, -1, 30, 30),
    (0, 57, 1, 0, 0), (57, 57, 0, 100, 100),
])  # fmt: skip
def test_a_share_is_rounded_half_up_and_truncated_exactly(count, total, decimals, rounded, truncated):
    assert round_percent(count, total, decimals=decimals) == rounded
    assert truncate_percent(count, total, decimals=decimals) == truncated
    assert is_printed_as(rounded, count, total, decimals=decimals)
    assert is_printed_as(truncated, count, total, decimals=decimals)


def test_every_count_is_found_again_from_its_percentage():
    for count in range(58):
        assert count in find_counts(round_percent(count, 57, decimals=1), 57, decimals=1)
    assert find_counts(91.7, 181, decimals=1) == [166]
    assert find_counts(65, 57, decimals=0) == [37]
    assert find_counts(0.3, 181, decimals=1) == []


@pytest.mark.parametrize(("count", "total", "low", "high"), [
    # Wilson 1927; R 4.2.2: prop.test(x, n, correct = FALSE)$conf.int
    (166, 181, 86.8, 94.9), (71, 181, 32.4, 46.5), (74, 181, 34.0, 48.2), (23, 181, 8.6, 18.3), (13, 181, 4.2, 11.9),
    (57, 181, 25.2, 38.6), (28, 57, 36.6, 61.7), (22, 57, 27.1, 51.6), (7, 57, 6.1, 23.2), (24, 57, 30.2, 55.0),
    (35, 57, 48.4, 72.9), (11, 57, 11.1, 31.3),
])  # fmt: skip
def test_wilsons_interval(count, total, low, high):
    assert tuple(round(end, 1) for end in find_wilson_interval(count, total)) == (low, high)


# The abstract against itself


@pytest.mark.parametrize(("id", "verdict"), [
    ("cohort.female", "match_implied"), ("cohort.class.III", "match_rounded"), ("cohort.class.IV", "match_truncated"),
    ("cohort.class.V", "match_rounded"), ("cohort.class.mixed", "match_truncated"), ("dtt", "match_truncated"),
    ("dtt.inductions.2", "match_rounded"), ("dtt.inductions.3", "match_rounded"),
    ("dtt.inductions.more", "match_rounded"),
    ("dtt.final.cr", "match_rounded"), ("dtt.final.pr", "match_rounded"), ("dtt.final.nr", "match_rounded"),
    ("dtt.second_induction", "match_implied"), ("followup.longest", "impossible"),
    ("conclusion.burden", "match_rounded"), ("conclusion.complete", "contradiction"),
    ("conclusion.not_in_remission", "contradiction"),
    ("literature.nonresponse.low", "not_checkable"), ("univariable.serositis", "not_checkable"),
    ("composite.higher", "not_checkable"), ("secondary.mortality", "not_checkable"),
    ("composite.method", "not_checkable"), ("conclusion.inductions", "leaves_out"),
    ("cohort.age.median", "not_checkable"),
    ("check.class.counts", "match_exact"), ("check.class.percentages", "match_truncated"),
    ("check.inductions.counts", "match_exact"), ("check.inductions.percentages", "match_rounded"),
    ("check.final.counts", "match_exact"), ("check.final.percentages", "match_rounded"),
    ("check.repeat.dtt.inductions.3", "not_checkable"),
])  # fmt: skip
def test_the_verdict_on_each_printed_figure(checked, id, verdict):
    assert checked.verdict[id] == verdict


def test_every_claim_has_a_verdict_of_the_list_and_its_arithmetic_or_a_reason(claims, checked):
    assert set(checked.verdict) <= set(VERDICTS)
    assert set(claims.id) < set(checked.index)
    assert (checked.arithmetic.ne("") | checked.note.ne("")).all()


def test_the_arithmetic_is_shown(checked):
    assert checked.arithmetic["dtt"] == "57 / 181 = 31.49 %"
    assert checked.arithmetic["check.class.percentages"] == "39.2 + 40.8 + 12.7 + 7.1 = 99.8 %"
    assert checked.arithmetic["followup.longest"] == "January 2004 to December 2022 is 228 months"
    assert checked.note["cohort.class.IV"] == "Rounding would give 40.9 %."
    assert checked.arithmetic["conclusion.inductions"] == "28 + 22 = 50, of 57"
    assert checked.note["conclusion.inductions"] == "7 had more than three inductions."
    assert checked.note["composite.method"].startswith("One minus Kaplan-Meier")
    assert checked.note["univariable.serositis"].startswith("Neither an estimate")
    assert checked.note["secondary.mortality"] == "No figure is printed."
    assert "100 - 65 = 35 %" in checked.arithmetic["conclusion.not_in_remission"]


def test_sixty_five_percent_needs_other_counts_than_those_printed(checked):
    reconstruction = checked.reconstruction["conclusion.complete"]
    assert reconstruction.startswith("fits: 37 of 57")
    assert "no count fits out of: 50" in reconstruction
    assert reconstruction.endswith("24 would be it out of: 37")
    assert checked.recomputed["conclusion.complete"] == pytest.approx(42.105, abs=0.001)


def test_subgroups_are_neighbours_of_one_group(claims):
    assert find_subgroup_sizes(list_claims(claims), total=57) == [57, 50, 35, 33, 29, 28, 24, 22, 11, 7]


@pytest.mark.parametrize(("id", "values", "verdict"), [
    ("cohort.female", {"value": 91.6}, "impossible"),
    ("cohort.female", {"value": 92.0, "decimals": 0}, "not_checkable"),
    ("cohort.class.III", {"value": 38.0}, "contradiction"),
    ("followup.longest", {"value": 228.0}, "not_checkable"),
    ("followup.longest", {"value": 229.0}, "impossible"),
    ("conclusion.complete", {"value": 42.0}, "match_rounded"),
    ("conclusion.not_in_remission", {"counted_in": pd.NA}, "not_checkable"),
    ("conclusion.inductions", {"denominator": 50}, "match_exact"),
    ("conclusion.inductions", {"counted_in": pd.NA}, "not_checkable"),
])  # fmt: skip
def test_other_figures_would_get_other_verdicts(claims, id, values, verdict):
    assert check_abstract_consistency(change(claims, id, **values)).set_index("id").verdict[id] == verdict


def test_a_matching_remainder_is_a_match(claims):
    changed = change(claims, "conclusion.complete", value=61.0)
    assert check_abstract_consistency(changed).set_index("id").verdict["conclusion.not_in_remission"] == "match_rounded"


def test_counts_and_percentages_that_do_not_add_up_contradict(claims):
    changed = change(claims, "dtt.inductions.2", numerator=29, value=49.3)
    checked = check_abstract_consistency(changed).set_index("id").verdict
    assert checked["check.inductions.counts"] == "contradiction"
    assert checked["check.inductions.percentages"] == "contradiction"
    assert checked["dtt.second_induction"] == "contradiction"


def test_the_period_is_needed_to_judge_the_follow_up(claims):
    alone = claims.loc[claims.id.eq("followup.longest")]
    assert check_abstract_consistency(alone).verdict.tolist() == ["not_checkable"]


# This run against the abstract


def make_ledger(**entries: tuple) -> pd.DataFrame:
    """A ledger with value, low, high and n by id; double underscores stand for dots."""
    rows = [(id.replace("__", "."), *entry) for id, entry in entries.items()]
    return pd.DataFrame(rows, columns=["id", "value", "low", "high", "n"])


def compare_one(claims: pd.DataFrame, id: str, ledger: pd.DataFrame, *, is_synthetic: bool = True) -> dict:
    table = compare_with_run(claims, ledger, is_synthetic=is_synthetic)
    assert len(table) == len(claims)
    return table.set_index("id").loc[id].to_dict()


SEROSITIS, ODDS = "predictors__univariable__serositis__p", "predictors__multivariable__any_apl__or"
ONE = "dtt__inductions__one__n"


@pytest.mark.parametrize(("id", "ledger", "verdict"), [
    ("cohort.class.III", make_ledger(cohort__class__III__n=(71, None, None, 181)), "match"),
    ("cohort.class.III", make_ledger(cohort__class__III__n=(70, None, None, 181)), "differs by −1 patient"),
    ("cohort.class.III", make_ledger(cohort__class__III__n=(75, None, None, 181)), "differs by +4 patients"),
    ("cohort.female", make_ledger(cohort__female__n=(166, None, None, 181)), "match"),
    ("cohort.female", make_ledger(cohort__female__n=(165, None, None, 181)), "differs by −1 patient"),
    ("cohort.n", make_ledger(cohort__eligible__n=(181, None, None, 241)), "match"),
    ("cohort.age.median", make_ledger(cohort__age__median=(29.4, 24, 32, 181)), "match"),
    ("cohort.age.median", make_ledger(cohort__age__median=(29.5, 24, 32, 181)), "differs by +0.5 years"),
    ("cohort.age.q1", make_ledger(cohort__age__median=(29, 23, 32, 181)), "differs by −1 year"),
    ("cohort.age.q3", make_ledger(cohort__age__median=(29, 23, None, 181)), "not in this run"),
    ("conclusion.burden", make_ledger(dtt__n=(57, None, None, 181)), "match"),
    ("conclusion.complete", make_ledger(dtt__final__cr__n=(24, None, None, 57)), "differs by −22.9 percentage points"),
    ("conclusion.complete", make_ledger(dtt__final__cr__n=(37, None, None, 57)), "match"),
    ("conclusion.complete", make_ledger(dtt__final__cr__n=(0, None, None, 0)), "not in this run"),
    ("univariable.serositis", make_ledger(**{SEROSITIS: (0.0499, None, None, 180)}), "match"),
    ("univariable.serositis", make_ledger(**{SEROSITIS: (0.05, None, None, 180)}), "differs: not below 0.05"),
    ("univariable.serositis", make_ledger(**{SEROSITIS: (None, None, None, 180)}), "not in this run"),
    ("dtt.second_induction", make_ledger(**{ONE: (0, None, None, 57)}), "match"),
    ("dtt.second_induction", make_ledger(**{ONE: (1, None, None, 57)}), "differs by −1 patient"),
    ("dtt.second_induction", make_ledger(**{ONE: (0, None, None, None)}), "not in this run"),
    ("dtt.second_induction", make_ledger(), "not in this run"),
    ("odds_ratio.any_apl", make_ledger(**{ODDS: (4.0, 2.0, 8.0, 140)}), "not reported"),
    ("odds_ratio.any_apl", make_ledger(**{ODDS: (None, None, None, 140)}), "not in this run"),
    ("followup.minimum", make_ledger(cohort__followup__min=(24.0, None, None, 181)), "match"),
    ("followup.minimum", make_ledger(cohort__followup__min=(23.9, None, None, 181)), "differs by −0.1 months"),
    ("literature.nonresponse.low", make_ledger(dtt__n=(57, None, None, 181)), "not in this run"),
])  # fmt: skip
def test_the_verdict_on_a_simulated_run(claims, id, ledger, verdict):
    assert compare_one(claims, id, ledger)["verdict"] == verdict


def test_an_empty_ledger_leaves_every_claim_unanswered(claims):
    table = compare_with_run(claims, make_ledger(), is_synthetic=True)
    assert table.verdict.eq("not in this run").all()
    assert table.id.tolist() == claims.id.tolist()


def test_the_interval_of_the_run_stands_beside_its_estimate_and_quartiles_do_not(claims):
    ledger = make_ledger(**{ODDS: (4.0, 2.0, 8.0, 140)}, cohort__age__median=(29, 24, 32, 181))
    assert compare_one(claims, "odds_ratio.any_apl", ledger)["high"] == 8
    assert pd.isna(compare_one(claims, "cohort.age.median", ledger)["high"])


def test_simulated_figures_say_how_they_came_about(claims):
    ledger = make_ledger(dtt__n=(57, None, None, 181))
    assert compare_one(claims, "dtt", ledger)["obtained"] == "calibrated"
    assert compare_one(claims, "dtt", ledger, is_synthetic=False)["obtained"] == "observed"
    assert compare_one(claims, "cohort.n", ledger, is_synthetic=False)["obtained"] == ""


@pytest.mark.parametrize(("count", "total", "verdict"), [
    (30, 100, "not clearly different from published"), (60, 100, "higher than published"),
    (10, 100, "lower than published"), (0, 0, "not in this run"),
])  # fmt: skip
def test_another_centre_is_held_against_the_published_cohort_by_intervals(claims, count, total, verdict):
    row = compare_one(claims, "dtt", make_ledger(dtt__n=(count, None, None, total)), is_synthetic=False)
    assert row["verdict"] == verdict


def test_another_centres_difference_is_in_percentage_points(claims):
    ledger = make_ledger(dtt__final__cr__n=(10, None, None, 40))
    row = compare_one(claims, "conclusion.complete", ledger, is_synthetic=False)
    assert (row["estimate"], row["unit"]) == (25.0, "percent")
    assert row["difference"] == pytest.approx(25 - 100 * 37 / 57)


@pytest.mark.parametrize(("alone", "verdict"), [
    (0, "not clearly different from published"), (20, "lower than published"),
])  # fmt: skip
def test_another_centres_second_inductions_are_held_against_all(claims, alone, verdict):
    row = compare_one(claims, "dtt.second_induction", make_ledger(**{ONE: (alone, None, None, 57)}), is_synthetic=False)
    assert (row["verdict"], row["published"]) == (verdict, 100)
    assert row["estimate"] == pytest.approx(100 * (57 - alone) / 57)


def test_a_rate_of_events_says_in_how_many_patients(claims):
    rate = {"adverse__major_infection__rate": (6.1, 4.9, 7.5, 90)}
    eligible = {"cohort__eligible__n": (181, None, None, 240)}
    assert compare_one(claims, "secondary.adverse_events", make_ledger(**rate, **eligible))["n"] == 181
    assert pd.isna(compare_one(claims, "secondary.adverse_events", make_ledger(**rate))["n"])


def test_the_comparison_is_named_after_what_it_compares():
    assert describe_comparison(is_synthetic=True) == "The simulated cohort against the abstract"
    assert describe_comparison(is_synthetic=False) == "Our centre against the published cohort"
