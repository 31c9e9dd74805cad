"""The grid of the multiverse: what it holds, its codes, and every mistake named with its place."""

import copy
import shlex
from itertools import pairwise

import pytest
import yaml

from helpers.cli.values import parse_parameters
from helpers.definitions import FEATURES
from helpers.multiverse import read_grid
from helpers.multiverse.checks import READS
from helpers.multiverse.grid import ANALYSES, DIGITS
from helpers.multiverse.reading import SHIPPED, parse_grid
from helpers.parameters import ParameterError, Parameters, check_parameters
from helpers.predictors.shrunken import PRESPECIFIED

GRID = {
    "definition": {
        "deadline": {"label": "Response by", "question": "By when?", "options": {
            "month_12": {"label": "month 12", "source": "a guideline"},
            "month_6": {"label": "month 6", "source": "a survey", "values": {"response_deadline_months": 6}},
        }},
        "flares": {"label": "Flares", "question": "Which?", "options": {
            "moderate": {"label": "moderate", "source": "a guideline"},
            "severe": {"label": "severe", "source": "a guideline", "values": {"flare_rule": "kdigo_2012_severe"}},
            "none": {"label": "none", "source": "ours",
                     "values": {"dtt_arms": ["worsening_3m", "failure_6m", "no_response"]}},
        }},
    },
    "analysis": {
        "time_zero": {"label": "Label counts", "question": "From when?", "options": {
            "own_day": {"label": "its own day", "source": "a paper", "reads": "timedependent"},
            "late": {"label": "month 24", "source": "a paper", "reads": "landmark"},
            "early": {"label": "month 12", "source": "a paper", "reads": "landmark", "values": {"landmark_months": 12}},
        }},
    },
    "constraints": [{"when": {"flares": "none"}, "allow": {"deadline": ["month_12"]}, "why": "Nothing else is left."}],
}  # fmt: skip


def parse(content=GRID):
    return parse_grid(content, name="ours.yml")


def spoil(*path, value):
    """The grid with one thing in it put in its place, or taken out (None)."""
    content = copy.deepcopy(GRID)
    inside = content
    for step in path[:-1]:
        inside = inside[step]
    if value is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = value
    return content


def option(**values):
    return {"label": "another", "source": "ours", "values": values}


def test_the_shipped_grid_has_540_definitions_and_36_analyses():
    # 9 response rules with limits, 5 flare rules with windows, 3 deadlines, confirmed or not, follow-up or not
    grid = read_grid()
    assert len(grid.list_definitions()) == 9 * 5 * 3 * 2 * 2
    assert len(grid.list_analyses()) == 3 * 2 * 2 * 3
    assert grid.size == 19_440


def test_the_first_universe_of_the_shipped_grid_is_the_study_as_it_stands():
    grid = read_grid()
    code = "0" * len(grid.decisions)
    assert grid.list_definitions()[0] + grid.list_analyses()[0] == code
    assert grid.parameters_of(code) == {}
    assert grid.ids_of(code) == {
        "share": "dtt.share", "any_apl": "predictors.multivariable.any_apl.or",
        "active_sediment": "predictors.multivariable.active_sediment.or",
        "hazard": "survival.composite.timedependent.hr"}  # fmt: skip


def test_the_covariates_of_the_shipped_grid_are_those_that_its_labels_say():
    options = {one.name: one for one in read_grid().decisions[7].options}
    of_biopsy = {"wire_loops", "interstitial_inflammation", "fibrinoid_necrosis", "crescents", "glomerulosclerosis"}
    named = [name for name, feature in FEATURES.items() if feature.named_in_abstract]
    assert len(named) == 15
    assert options["before_biopsy"].values["covariates"] == [name for name in named if name not in of_biopsy]
    assert options["independent"].values["covariates"] == list(PRESPECIFIED)


def test_no_universe_reads_the_naive_hazard_ratio():
    grid = read_grid()
    assert {one.reads for one in grid.decisions[-1].options} == {"timedependent", "landmark"}
    assert "naive" not in READS["time_zero"]


def test_codes_count_the_last_decision_fastest_and_leave_out_what_a_constraint_forbids():
    grid = parse()
    assert grid.list_definitions() == ("00", "01", "02", "10", "11")
    assert grid.list_analyses() == ("0000", "0001", "0002")
    assert grid.size == 15


def test_an_analysis_decision_that_a_grid_leaves_out_has_the_studys_own_option_only():
    decisions = parse().in_block("analysis")
    assert [one.name for one in decisions] == list(ANALYSES)
    assert [one.names for one in decisions[:3]] == [("all_named",), ("ml",), ("confirmed_doubling",)]


def test_code_choices_parameters_and_ids_belong_together():
    grid = parse()
    code = grid.code_of({"deadline": "month_6", "flares": "severe", "time_zero": "early"})
    assert code == "110002"
    assert grid.choices_of(code) == {
        "deadline": "month_6", "flares": "severe", "covariates": "all_named", "estimator": "ml",
        "worsening_rule": "confirmed_doubling", "time_zero": "early"}  # fmt: skip
    assert grid.parameters_of(code) == {
        "response_deadline_months": 6.0, "flare_rule": "kdigo_2012_severe", "landmark_months": 12.0}  # fmt: skip
    assert grid.ids_of(code)["hazard"] == "survival.composite.landmark.hr"


@pytest.mark.parametrize("code", ["000", "0300000", "ab0000", "", "120000"])
def test_a_code_that_is_none_is_refused(code):
    with pytest.raises(ParameterError, match=r"no universe|not in the grid: Nothing else is left"):
        parse().options_of(code)


@pytest.mark.parametrize(("choices", "message"), [
    ({"deadlin": "month_6"}, "There is no decision deadlin: did you mean deadline?"),
    ({"deadline": "month_7"}, "Decision deadline has no option month_7: did you mean month_6?"),
    ({"deadline": "month_6", "flares": "none"}, "Nothing else is left."),
])  # fmt: skip
def test_choices_that_are_none_are_refused(choices, message):
    with pytest.raises(ParameterError) as problem:
        parse().code_of(choices)
    assert message in str(problem.value)


def test_the_command_of_a_universe_sets_its_parameters_and_nothing_else():
    grid = parse()
    words = shlex.split(grid.command_of("020002", data_dir="our data"))
    assert words[:6] == ["python", "-m", "helpers", "run", "--name", "universe-020002"]
    values = parse_parameters([word for before, word in pairwise(words) if before == "-p"])
    assert check_parameters(values) == check_parameters(grid.parameters_of("020002") | {"data_dir": "our data"})
    assert grid.command_of("000000") == "python -m helpers run --name universe-000000"


def test_what_holds_everywhere_holds_in_every_universe_and_is_no_change_of_the_study():
    grid = parse(spoil("everywhere", value={"study_end": "2020-12-31"}))
    for code in ("000000", "110002"):
        assert grid.parameters_of(code)["study_end"] == "2020-12-31"


def test_a_grid_can_be_written_down_and_read_again():
    for grid in (read_grid(), parse(), parse(spoil("everywhere", value={"study_end": "2020-12-31"}))):
        again = parse_grid(yaml.safe_load(yaml.safe_dump(grid.describe(), sort_keys=False)), name="again.yml")
        assert again == grid
        assert again.list_definitions() == grid.list_definitions()


MANY = {f"o{place}": option(study_end=f"2020-01-{place:02}") if place else {"label": "own", "source": "ours"}
        for place in range(31)} | {f"p{place}": option(study_end=f"2020-02-{place:02}") for place in range(1, 7)}


@pytest.mark.parametrize(("content", "place", "message"), [
    ({}, "the whole file", "there is nothing in it"),
    ([1], "the whole file", "there is nothing in it"),
    ({"everywhere": {}}, "the whole file", "no decision has a second option"),
    (spoil("definitions", value={}), "definitions", "did you mean definition?"),
    (spoil("analysis", "timezero", value=GRID["analysis"]["time_zero"]), "analysis > timezero",
     "did you mean time_zero?"),
    (spoil("definition", "Deadline 2", value=GRID["definition"]["deadline"]), "definition > Deadline 2",
     "small letters"),
    (spoil("definition", "share", value=GRID["definition"]["deadline"]), "definition > share", "choose another"),
    (spoil("definition", "eligible_n", value=GRID["definition"]["deadline"]), "definition > eligible_n",
     "choose another"),
    (spoil("definition", "deadline", "label", value=None), "definition > deadline > label", "missing: add it"),
    (spoil("definition", "deadline", "labels", value="x"), "definition > deadline > labels", "did you mean label?"),
    (spoil("definition", "deadline", "options", value={}), "definition > deadline > options", "at least 1"),
    (spoil("definition", "deadline", "options", "month_6", "value", value={}),
     "definition > deadline > options > month_6 > value", "did you mean values?"),
    (spoil("definition", "deadline", "options", "month_6", "source", value=3),
     "definition > deadline > options > month_6 > source", "given: 3"),
    (spoil("definition", "deadline", "options", "month_6", "values", value={"deadline_months": 6}),
     "definition > deadline > month_6 > values", "There is no parameter deadline_months"),
    (spoil("definition", "deadline", "options", "month_6", "values", value={"response_deadline_months": 99}),
     "definition > deadline > month_6 > values", "from 3 to 36"),
    (spoil("definition", "deadline", "options", "month_6", "values", value={"seed": 1}),
     "definition > deadline > month_6 > values > seed", "cannot be set here"),
    (spoil("definition", "flares", "options", "severe", "values", value={"flare_rule": "kdigo_2012_sever"}),
     "definition > flares > severe > values", "did you mean kdigo_2012_severe?"),
    (spoil("everywhere", value={"bootstrap_samples": 20}), "everywhere > bootstrap_samples", "cannot be set here"),
    (spoil("everywhere", value={"study_end": "2020"}), "everywhere", "YYYY-MM-DD"),
    (spoil("definition", "deadline", "options", "month_6", "reads", value="firth"),
     "definition > deadline > month_6 > reads", "only the options of estimator and time_zero"),
    (spoil("analysis", "time_zero", "options", "late", "reads", value="naive"), "analysis > time_zero > late > reads",
     "no estimate is called 'naive'"),
    (spoil("analysis", "time_zero", "options", "late", "reads", value=None), "analysis > time_zero > late > reads",
     "say which: timedependent, landmark"),
    (spoil("analysis", "estimator", value={"label": "x", "question": "x", "options": {
        "ml": {"label": "x", "source": "x", "reads": "multivariable", "values": {"seed": 2}}}}),
     "analysis > estimator > ml > values > seed", "none can"),
    (spoil("definition", "deadline", "options", "month_9", value=option(response_deadline_months=6.0)),
     "definition > deadline > month_9", "the same as month_6"),
    (spoil("definition", "deadline", "options", "month_9", value=option(response_deadline_months=12.0)),
     "definition > deadline > month_9", "the same as month_12"),
    (spoil("analysis", "time_zero", "options", "again", value={"label": "x", "source": "x", "reads": "timedependent",
                                                               "values": {"landmark_months": 6.0}}),
     "analysis > time_zero > again", "the same as own_day"),
    (spoil("definition", "deadline", "options", "month_12", "values", value={"response_deadline_months": 24.0}),
     "definition > deadline > month_12", "the first option has to be the study's own"),
    (spoil("analysis", "time_zero", "options", "own_day", "reads", value="landmark"), "analysis > time_zero > own_day",
     "the first option has to be the study's own"),
    (spoil("definition", "month", value={"label": "x", "question": "x", "options": {
        "own": {"label": "x", "source": "x"}, "late": option(response_deadline_months=24.0)}}),
     "definition > month", "deadline sets response_deadline_months, too"),
    (spoil("definition", "period", value={"label": "x", "question": "x", "options": MANY}), "definition > period",
     "37 options"),
    (spoil("constraints", 0, "when", value={"flare": "none"}), "constraints > 1 > when", "did you mean flares?"),
    (spoil("constraints", 0, "allow", value={"deadline": "month_13"}), "constraints > 1 > allow > deadline",
     "did you mean month_12?"),
    (spoil("constraints", 0, "allow", value={"time_zero": "late"}), "constraints > 1", "of one section only"),
    (spoil("constraints", 0, value={"when": {"flares": "moderate"}, "allow": {"deadline": "month_6"}, "why": "x"}),
     "constraints > 1", "keeps out the study itself"),
    (spoil("constraints", 0, "why", value=None), "constraints > 1 > why", "missing: add it"),
    (spoil("constraints", 0, "unless", value={}), "constraints > 1 > unless", "known: when, allow, why"),
    (spoil("definition", "start", value=GRID["definition"]["deadline"]), "definition > start", "choose another"),
    (spoil("definition", "period", value={"label": "x", "question": "x", "options": {
        "own": {"label": "x", "source": "x"}, "late": option(study_start="2015-01-01")}})
     | {"everywhere": {"study_end": "2014-01-01"}}, "definition > period > late > values", "must lie before"),
])  # fmt: skip
def test_every_mistake_is_one_message_with_the_file_and_the_place(content, place, message):
    with pytest.raises(ParameterError) as problem:
        parse(content)
    text = str(problem.value)
    assert text.startswith(f"Grid ours.yml, {place}: ")
    assert message in text
    assert "\n" not in text


def two_ends():
    content = copy.deepcopy(GRID) | {"constraints": []}
    ends = {"start": {"study_start": "2018-01-01"}, "end": {"study_end": "2010-12-31"}}
    for name, values in ends.items():
        content["definition"][f"study_{name}"] = {"label": "x", "question": "x", "options": {
            "own": {"label": "x", "source": "x"}, "moved": option(**values)}}  # fmt: skip
    return content


def test_options_that_cannot_go_together_are_found_before_anything_runs():
    with pytest.raises(ParameterError, match="study_start moved, study_end moved together: study_start 2018"):
        parse(two_ends())
    forbidden = {"when": {"study_start": "moved"}, "allow": {"study_end": "own"}, "why": "Nothing would be between."}
    assert parse(two_ends() | {"constraints": [forbidden]}).size == 2 * 3 * 3 * 3


def test_a_universe_that_says_what_another_says_is_found():
    content = copy.deepcopy(GRID) | {"constraints": []}
    content["everywhere"] = {"response_rule": "eular_era_edta_2019"}
    content["definition"]["limit"] = {"label": "x", "question": "x", "options": {
        "own": {"label": "x", "source": "x"}, "same": option(complete_response_upcr=0.0)}}  # fmt: skip
    with pytest.raises(ParameterError, match="limit > same: this is the same as own"):
        parse(content)


def test_a_constraint_within_the_analysis_leaves_out_analyses():
    content = copy.deepcopy(GRID)
    content["analysis"]["estimator"] = {"label": "x", "question": "x", "options": {
        "ml": {"label": "x", "source": "x", "reads": "multivariable"},
        "firth": {"label": "x", "source": "x", "reads": "firth"}}}  # fmt: skip
    content["constraints"].append({"when": {"estimator": "firth"}, "allow": {"time_zero": "own_day"}, "why": "x"})
    assert parse(content).list_analyses() == ("0000", "0001", "0002", "0100")


def test_a_file_that_is_not_there_or_no_yaml_is_named(tmp_path):
    with pytest.raises(ParameterError, match=r"none\.yml does not exist: name a YAML file"):
        read_grid(tmp_path / "none.yml")
    (tmp_path / "odd.yml").write_text("definition: [")
    with pytest.raises(ParameterError, match=r"odd\.yml is not readable YAML"):
        read_grid(tmp_path / "odd.yml")
    (tmp_path / "bad.yml").write_text("definition: {}")
    with pytest.raises(ParameterError, match=r"Grid .*bad\.yml, the whole file: no decision has a second option"):
        read_grid(tmp_path / "bad.yml")


def test_a_copy_of_the_shipped_file_is_the_shipped_grid(tmp_path):
    copied = tmp_path / "copy.yml"
    copied.write_bytes(b"\xef\xbb\xbf" + SHIPPED.read_bytes())
    assert read_grid(copied) == read_grid()


def test_a_code_has_a_sign_for_each_of_36_options():
    assert len(set(DIGITS)) == 36
    few = {name: one for place, (name, one) in enumerate(MANY.items()) if place < 36}
    grid = parse(spoil("definition", "period", value={"label": "x", "question": "x", "options": few}))
    assert grid.list_definitions()[-1] == "11z"
    assert grid.parameters_of("00z0000") == {"study_end": "2020-02-05"}


def test_every_decision_of_the_shipped_grid_sets_what_the_report_reads():
    for decision in read_grid().decisions:
        for one in decision.options:
            assert set(one.values) <= set(Parameters.model_fields)
            assert one.source and one.label
