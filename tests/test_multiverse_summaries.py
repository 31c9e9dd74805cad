"""What is said of a multiverse: curves, joint test, shares of variance, conclusions, patients; and the picture."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from made_up_multiverse import make_hazards, make_null, make_odds

from helpers.figures import make_svg
from helpers.figures.multiverse import COLUMNS, draw_specification_curve
from helpers.methods import METHODS as APPENDIX
from helpers.multiverse import limits, methods
from helpers.multiverse.conclusions import CONCLUSIONS, count_conclusions
from helpers.multiverse.joint import BEYOND, NOT_TESTED, WITHIN, compare_jointly, summarise_scores
from helpers.multiverse.patients import WORDS, count_words, summarise_patients
from helpers.multiverse.reading import SHIPPED, parse_grid
from helpers.multiverse.results import Multiverse
from helpers.multiverse.shuffles import FEWEST
from helpers.multiverse.summaries import (
    NO_DIFFERENCE,
    QUANTITIES,
    Z95,
    derive_null_band,
    find_printed_share,
    list_reaching,
    list_specifications,
)
from helpers.multiverse.universes import derive_universes
from helpers.multiverse.variance import TOGETHER, share_out_variance, share_variance
from helpers.published.numbers import find_wilson_interval

MONTHS, VISITS = ("month_12", "month_6", "failure_12"), ("one_visit", "two_visits")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def results() -> Multiverse:
    """Made-up numbers over three deadlines, one or two visits, and all analyses of the shipped grid: 6 x 36."""
    return make_results("deadline", "confirmation")


def make_results(*names: str, analysis: bool = True) -> Multiverse:
    """Made-up numbers over some decisions of the shipped grid; shares rise from definition to definition."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    content = {"definition": {name: content["definition"][name] for name in names},
               "analysis": content["analysis"] if analysis else {}}  # fmt: skip
    grid, rng = parse_grid(content, name="small"), np.random.default_rng(1)
    codes = grid.list_definitions()
    choices = [grid.choices_of(code + grid.list_analyses()[0]) for code in codes]
    share = np.linspace(0.32, 0.2, len(codes))
    definitions = pd.DataFrame({"definition": range(len(codes)), "code": codes,
                                **{name: [chosen[name] for chosen in choices] for name in names},
                                "share": share, "low": share - 0.06, "high": share + 0.07})  # fmt: skip
    odds, hazards, empty = make_odds(grid, rng=rng), make_hazards(grid, rng=rng), pd.DataFrame()
    return Multiverse(grid, {}, definitions, pd.DataFrame({"answers": ["y"] * len(codes)}), odds, hazards, empty,
                      make_null(grid, rng=rng), pd.DataFrame({"position": [0], "patient_id": ["P0"]}),
                      derive_universes(grid, definitions, odds, hazards))  # fmt: skip


def with_universes(results: Multiverse, **columns) -> Multiverse:
    return replace(results, universes=results.universes.assign(**columns))


def with_answers(results: Multiverse, *patients: str) -> Multiverse:
    """A multiverse whose patients have these answers, a letter for each of the six definitions."""
    rows = ["".join(letters) for letters in zip(*patients, strict=True)]
    ids = pd.DataFrame({"position": range(len(patients)), "patient_id": [f"P{n}" for n in range(len(patients))]})
    return replace(results, patients=ids, answers=results.answers.assign(answers=rows))


# curves


@pytest.mark.parametrize(("quantity", "size"), [("share", 6), ("any_apl", 36), ("active_sediment", 36), ("hazard", 36)])
def test_a_curve_has_each_specification_once_in_order_of_its_estimate(results, quantity, size):
    curve = list_specifications(results, quantity)
    reaching = [decision.name for decision in list_reaching(results.grid, quantity)]
    assert len(curve) == size == len(curve.drop_duplicates(reaching))
    known = curve["estimate"].dropna()
    assert known.is_monotonic_increasing
    assert curve["rank"].dropna().tolist() == list(range(1, len(known) + 1))
    assert curve["estimate"].isna().tolist() == [False] * len(known) + [True] * (size - len(known))


def test_each_point_of_a_curve_can_be_opened_as_the_universe_that_has_its_number(results):
    universes = results.universes.set_index("code")
    for quantity in QUANTITIES:
        curve = list_specifications(results, quantity).set_index("code")
        for end, column in {"estimate": "", "low": "_low", "high": "_high"}.items():
            pd.testing.assert_series_equal(curve[end], universes.loc[curve.index, f"{quantity}{column}"],
                                           check_names=False)  # fmt: skip
        codes = [results.grid.code_of(dict(row)) for _, row in
                 curve[[decision.name for decision in list_reaching(results.grid, quantity)]].iterrows()]  # fmt: skip
        assert codes == curve.index.tolist()
        assert curve.index[curve["is_default"]].tolist() == [results.universes["code"].iloc[0]]


@pytest.mark.parametrize(("low", "high", "is_clear"), [(1.0, 2.0, False), (1.01, 2.0, True), (0.5, 1.0, False),
                                                       (0.5, 0.99, True), (np.nan, 2.0, False)])  # fmt: skip
def test_an_interval_that_touches_no_difference_is_not_clear_of_it(results, low, high, is_clear):
    curve = list_specifications(with_universes(results, hazard_low=low, hazard_high=high), "hazard")
    assert curve["is_clear"].eq(is_clear).all()


def test_a_share_is_clear_where_its_interval_leaves_out_the_printed_share(results):
    assert find_printed_share() == pytest.approx(0.3149, abs=1e-4)
    for low, high, is_clear in ((0.2, 0.3, True), (0.2, 0.32, False), (0.32, 0.4, True)):
        curve = list_specifications(with_universes(results, share_low=low, share_high=high), "share")
        assert curve["is_clear"].eq(is_clear).all()
        assert curve["p"].isna().all()


def test_the_null_band_is_made_of_the_shuffled_scores_times_the_errors(results):
    error = 0.5
    same = with_universes(results, hazard=2.0, hazard_low=np.exp(-Z95 * error), hazard_high=np.exp(Z95 * error))
    scores = np.random.default_rng(1).normal(size=40)
    null = same.null.assign(permuted=[scores] * len(same.null))
    band = derive_null_band(replace(same, null=null), "hazard")
    assert len(band) == 36
    for name, percent in {"low": 2.5, "middle": 50, "high": 97.5}.items():
        np.testing.assert_allclose(band[name], np.exp(error * np.percentile(scores, percent)), rtol=1e-9)


def test_without_a_null_or_without_shuffles_there_is_no_band(results):
    assert derive_null_band(results, "share").empty
    none = replace(results, null=results.null.assign(permuted=[np.empty(0)] * len(results.null)))
    assert derive_null_band(none, "hazard").empty


def test_specifications_without_an_interval_have_no_part_in_the_band(results):
    missing = int(list_specifications(results, "hazard")["low"].isna().sum())
    assert missing == 1
    assert len(derive_null_band(results, "hazard")) == 36 - missing


# the joint test


def with_null(results: Multiverse, observed, permuted) -> Multiverse:
    rows = [("hazard", one, list(drawn)) for one, drawn in zip(observed, permuted, strict=True)]
    return replace(results, null=pd.DataFrame(rows, columns=["quantity", "observed", "permuted"]))


@pytest.mark.parametrize(("at_least", "p"), [(0, 1 / 20), (1, 2 / 20), (19, 1.0)])
def test_p_counts_the_shuffles_at_least_as_large_and_the_observed_itself(results, at_least, p):
    drawn = np.array([2.0] * at_least + [0.0] * (19 - at_least))
    table = compare_jointly(with_null(results, [2.0], [drawn])).set_index("statistic")
    assert table.loc["median_z", "p"] == pytest.approx(p)


@pytest.mark.parametrize(("permutations", "verdict"), [(38, WITHIN), (39, WITHIN), (40, BEYOND)])
def test_a_curve_is_beyond_its_null_where_p_is_below_a_fortieth(results, permutations, verdict):
    table = compare_jointly(with_null(results, [3.0], [np.zeros(permutations)]))
    assert table["verdict"].tolist() == [verdict] * 3  # p is 1/39, 1/40 and 1/41
    assert (permutations >= FEWEST) is (verdict == BEYOND)


def test_a_curve_on_the_other_side_than_printed_is_not_beyond_its_null(results):
    table = compare_jointly(with_null(results, [-4.0], [np.random.default_rng(1).normal(size=99)]))
    assert table.set_index("statistic").loc["median_z", "p"] == 1.0


def test_the_statistics_are_over_all_specifications_that_have_a_test(results):
    observed = [1.0, 1.96, 3.0, np.nan]
    table = compare_jointly(with_null(results, observed, np.full((4, 9), 0.0))).set_index("statistic")
    assert table["observed"].round(4).to_dict() == {"median_z": 1.96, "share_clear": 0.6667, "mean_z": 1.9867}
    assert table[["specifications_n", "missing_n", "permutations"]].drop_duplicates().to_numpy().tolist() == [[3, 1, 9]]


@pytest.mark.parametrize(("z", "share"), [(Z95 - 1e-9, 0.0), (Z95, 0.0), (Z95 + 1e-9, 1.0), (-3.0, 0.0)])
def test_clear_of_no_difference_is_a_score_above_that_of_the_95_percent_interval(z, share):
    assert summarise_scores(np.array([[z]]))["share_clear"].tolist() == [share]


@pytest.mark.parametrize(("observed", "permuted"), [([np.nan], [[np.nan] * 5]), ([2.0], [[]])])
def test_nothing_is_compared_without_a_test_or_without_shuffles(results, observed, permuted):
    table = compare_jointly(with_null(results, observed, permuted))
    assert table["verdict"].eq(NOT_TESTED).all()
    assert table[["p", "low", "high"]].isna().all(axis=None)


def test_every_quantity_but_the_share_is_tested(results):
    assert compare_jointly(results)["quantity"].unique().tolist() == ["any_apl", "active_sediment", "hazard"]


# variance


def test_variance_goes_to_the_decision_that_makes_it(results):
    by_month = results.universes["deadline"].map(dict(zip(MONTHS, (2.0, 4.0, 8.0), strict=True)))
    table = share_variance(with_universes(results, hazard=by_month), "hazard").set_index("decision")
    assert table.loc["deadline", "share"] == pytest.approx(1.0)
    assert table["share"].drop("deadline").abs().max() < 1e-9
    assert table.index[0] == "deadline"
    assert table.index[-1] == TOGETHER


def test_shares_of_variance_and_what_is_left_add_up_to_one(results):
    for quantity in QUANTITIES:
        table = share_variance(results, quantity)
        assert table["share"].sum() == pytest.approx(1.0)
        assert table["share"].min() > -1e-12


def test_ratios_are_taken_by_their_logarithm_and_so_have_no_interaction_where_effects_multiply(results):
    month = results.universes["deadline"].map(dict(zip(MONTHS, (2.0, 4.0, 8.0), strict=True)))
    both = month * np.where(results.universes["confirmation"].eq(VISITS[0]), 3.0, 1.0)
    for quantity, is_left in (("hazard", False), ("share", True)):
        table = share_variance(with_universes(results, **{quantity: both}), quantity).set_index("decision")
        assert bool(table.loc[TOGETHER, "share"] > 1e-3) is is_left


def test_what_decisions_do_only_together_is_no_share_of_either(results):
    late = results.universes["deadline"].eq("failure_12") == results.universes["confirmation"].eq("two_visits")
    first = results.universes["deadline"].ne("month_6")
    odd = with_universes(results, share=np.where(first, np.where(late, 0.4, 0.2), 0.3))
    table = share_variance(odd, "share").set_index("decision")
    assert table.loc[TOGETHER, "share"] == pytest.approx(1.0)


def test_missing_estimates_are_left_out_of_the_variance_and_counted(results):
    table = share_variance(results, "hazard")
    assert table[["n", "missing_n"]].drop_duplicates().to_numpy().tolist() == [[35, 1]]


def test_estimates_that_do_not_differ_have_no_variance_to_share(results):
    assert share_variance(with_universes(results, hazard=2.0), "hazard")["share"].isna().all()


def test_where_nothing_can_be_estimated_there_is_no_variance_to_share(results):
    table = share_variance(with_universes(results, hazard=np.nan), "hazard")
    assert table["share"].isna().all() and table["missing_n"].eq(36).all()


def test_a_decision_with_one_option_has_no_row(results):
    table = share_variance(make_results("deadline", analysis=False), "share")
    assert [decision.name for decision in results.grid.decisions if len(decision.options) > 1] != ["deadline"]
    assert table["decision"].tolist() == ["deadline", TOGETHER]


def test_factors_that_determine_each_other_share_alike():
    same = pd.DataFrame({"one": list("aabb"), "other": list("xxyy")})
    assert share_out_variance(np.array([1.0, 1.0, 5.0, 5.0]), same)["share"].tolist() == pytest.approx([0.5, 0.5])


# conclusions


def count(results, name, **columns):
    return count_conclusions(with_universes(results, **columns)).set_index("conclusion").loc[name]


def test_each_conclusion_has_a_row_in_order(results):
    table = count_conclusions(results)
    assert table["conclusion"].tolist() == [conclusion.name for conclusion in CONCLUSIONS]
    assert table["specifications_n"].tolist() == [6, 36, 36, 36, 36, 36, 36, 36, 216]


def test_about_a_third_is_the_interval_of_the_printed_count_ends_included(results):
    low, high = (end / 100 for end in find_wilson_interval(57, 181))
    for share, holds in ((low - 1e-9, 0), (low, 6), (high, 6), (high + 1e-9, 0)):
        assert count(results, "about_a_third", share=share)["holds_n"] == holds


@pytest.mark.parametrize(("value", "holds"), [(0.999, 0), (1.0, 0), (1.001, 36)])
def test_a_ratio_or_interval_of_exactly_one_is_not_above_one(results, value, holds):
    assert count(results, "hazard_above", hazard=value)["holds_n"] == holds
    assert count(results, "hazard_clear", hazard_low=value)["holds_n"] == holds


def test_a_specification_that_cannot_be_estimated_bears_nothing_out_and_is_counted(results):
    one = results.universes["confirmation"].eq(VISITS[0])
    row = count(results, "any_apl_above", any_apl=np.where(one, 2.0, np.nan))
    assert (row["holds_n"], row["not_estimated_n"], row["share"]) == (18, 18, 0.5)
    assert count(results, "any_apl_above", any_apl=np.nan)["weakest_code"] == ""


def test_both_predictors_have_to_be_clear_in_the_same_model(results):
    one = results.universes["confirmation"].eq(VISITS[0])
    apart = {"any_apl_low": np.where(one, 1.2, 0.8), "active_sediment_low": np.where(one, 0.8, 1.2)}
    assert count(results, "any_apl_clear", **apart)["holds_n"] == 18
    assert count(results, "both_clear", **apart)["holds_n"] == 0


def test_the_weakest_is_the_specification_with_the_smallest_number(results):
    row = count(results, "hazard_above")
    curve = list_specifications(results, "hazard")
    assert (row["weakest_code"], row["weakest_estimate"]) == (curve["code"].iloc[0], curve["estimate"].iloc[0])
    both = count(results, "both_clear", any_apl_low=1.5, active_sediment_low=1.2)
    assert both["weakest_quantity"] == "active_sediment"
    assert count(results, "all")["weakest_code"] == ""


def test_whether_a_conclusion_holds_in_the_study_is_that_of_the_first_universe(results):
    first = np.arange(len(results.universes)) == 0
    row = count(results, "hazard_above", hazard=np.where(first, 2.0, 0.5))
    assert (row["in_study"], row["holds_n"]) == (True, 1)
    assert not count(results, "hazard_above", hazard=np.where(first, 0.5, 2.0))["in_study"]


# patients


@pytest.mark.parametrize(("letters", "word"), [
    ("yyyyyy", "always"), ("yyyy?-", "always"), ("yyyyyn", "depends"), ("nnnnny", "depends"), ("nnnn??", "never"),
    ("???-??", "cannot tell"), ("------", "not in the study"),
])  # fmt: skip
def test_the_word_for_a_patient_counts_the_definitions_that_say_yes_or_no(results, letters, word):
    table = summarise_patients(with_answers(results, letters))
    assert table["word"].tolist() == [word]
    assert count_words(table).set_index("word").loc[word, "n"] == 1


@pytest.mark.parametrize(("yes", "word"), [
    (0, "never"), (1, "mostly not"), (2, "mostly not"), (3, "depends"), (17, "depends"), (18, "mostly"),
    (19, "mostly"), (20, "always"),
])  # fmt: skip
def test_mostly_begins_at_nine_in_ten_and_mostly_not_ends_at_one_in_ten(results, yes, word):
    size = 20
    definitions = pd.DataFrame({"definition": range(size), "deadline": "month_12", "confirmation": "one_visit"})
    answers = pd.DataFrame({"answers": ["y"] * yes + ["n"] * (size - yes)})
    ids = pd.DataFrame({"position": [0], "patient_id": ["P0"]})
    table = summarise_patients(replace(results, definitions=definitions, answers=answers, patients=ids))
    assert table["word"].tolist() == [word]
    assert word in WORDS


def test_shares_of_a_patient_are_of_definitions_of_the_study_and_of_those_that_label_him(results):
    row = summarise_patients(with_answers(results, "yn?-?y")).iloc[0]
    assert row["as_defined"] == "yes"
    assert row["dtt_share"] == pytest.approx(2 / 3)
    assert row["study_share"] == pytest.approx(5 / 6)
    assert row["cannot_tell_share"] == pytest.approx(2 / 5)


def test_the_decision_that_moves_a_patient_is_found_with_the_others_held(results):
    order = results.definitions[["deadline", "confirmation"]]
    by_visits = "".join(np.where(order["confirmation"].eq(VISITS[0]), "y", "n"))
    by_month = "".join(np.where(order["deadline"].eq("month_6"), "y", "n"))
    table = summarise_patients(with_answers(results, by_visits, by_month, "nnnnnn", "------"))
    assert table["decision"].tolist() == ["confirmation", "deadline", "", ""]
    assert table["changes_share"].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert table["decision_label"].iloc[0] == "Shown by"


def test_a_setting_in_which_one_option_alone_says_yes_or_no_compares_nothing(results):
    order = results.definitions[["deadline", "confirmation"]]
    is_first = order["confirmation"].eq(VISITS[0])
    letters = np.where(order["deadline"].eq("month_6"), np.where(is_first, "y", "n"), np.where(is_first, "y", "?"))
    row = summarise_patients(with_answers(results, "".join(letters))).iloc[0]
    assert (row["decision"], row["changes_share"]) == ("confirmation", 1.0)


# words and the picture


def test_limits_and_methods_are_whole_sentences():
    for text in (*limits.LIMITS, *limits.NULL_IN_WORDS):
        assert text.endswith(".")
        assert "  " not in text
    assert {method.id for method in methods.METHODS}.isdisjoint(method.id for method in APPENDIX)


def draw(results, quantity, *, curve=None, band=None):
    decisions = {one.name: (one.label, {option.name: option.label for option in one.options})
                 for one in list_reaching(results.grid, quantity)}  # fmt: skip
    table = list_specifications(results, quantity) if curve is None else curve
    return draw_specification_curve(table, decisions=decisions, title=QUANTITIES[quantity].label,
                                    reference=NO_DIFFERENCE if quantity != "share" else find_printed_share(),
                                    is_ratio=QUANTITIES[quantity].is_ratio, band=band)  # fmt: skip


@pytest.mark.parametrize("quantity", ["share", "hazard"])
def test_the_picture_names_every_option_marks_the_study_and_counts_its_specifications(results, quantity):
    figure = draw(results, quantity, band=derive_null_band(results, quantity))
    top, under = figure.axes
    reaching = list_reaching(results.grid, quantity)
    assert [tick.get_text() for tick in under.get_yticklabels()] == [
        option.label for decision in reaching for option in decision.options]  # fmt: skip
    assert [text.get_text() for text in under.texts] == [decision.label for decision in reaching]
    known = list_specifications(results, quantity)["estimate"].notna().sum()
    assert f"(n = {known}" in under.get_xlabel()
    words = [text.get_text() for text in top.get_legend().get_texts()]
    assert "The study as it stands" in words
    assert any(word.startswith("Patients shuffled") for word in words) is (quantity == "hazard")
    assert top.get_yscale() == ("log" if quantity == "hazard" else "linear")


def test_each_column_of_the_strip_adds_up_to_one_option_per_decision(results):
    figure = draw(results, "hazard")
    strip = np.asarray(figure.axes[1].images[0].get_array())
    first = 0
    for decision in list_reaching(results.grid, "hazard"):
        np.testing.assert_allclose(strip[first : first + len(decision.options)].sum(axis=0), 1.0)
        first += len(decision.options)


@pytest.mark.parametrize(("copies", "words"), [(1, ""), (20, "Each column of the strip holds 2 or 3 of them")])
def test_with_more_specifications_than_columns_the_axis_says_how_many_a_column_holds(results, copies, words):
    curve = pd.concat([list_specifications(results, "hazard")] * copies, ignore_index=True)
    curve = curve.assign(rank=np.arange(1, len(curve) + 1), is_default=False)
    figure = draw(results, "hazard", curve=curve)
    assert np.asarray(figure.axes[1].images[0].get_array()).shape[1] == min(35 * copies, COLUMNS)
    label = figure.axes[1].get_xlabel()
    assert words in label
    assert ("Each column" in label) is bool(words)


def test_a_curve_without_any_estimate_is_drawn_empty(results):
    curve = list_specifications(with_universes(results, hazard=np.nan), "hazard")
    figure = draw(results, "hazard", curve=curve)
    assert "36 more without one" in figure.axes[1].get_xlabel()
    assert "<svg" in make_svg(figure)
