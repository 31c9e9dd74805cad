"""Named scenarios: each fits the contract, says what it means and where it comes from, and can be asked for."""

import re

import pytest

from helpers import run
from helpers.cli import main
from helpers.documentation import make_parameters_page
from helpers.parameters import ParameterError, Parameters, check_parameters, describe_parameters
from helpers.run import FinishedRun
from helpers.run.checks import check_rules
from helpers.scenarios import Scenario, combine_scenarios, find_scenario, load_scenarios

ASKED_FOR = {"strict", "acr_only", "eular_only", "kdigo_2024", "newsletter_rule", "confirmed", "no_followup_rule"}


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What a run was asked for; none is really made."""
    parameters: list[Parameters] = []

    def pretend(given, **_):
        parameters.append(given)
        return FinishedRun("x", tmp_path / "x/index.html", ())

    monkeypatch.setattr(run, "run_study", pretend)
    return parameters


def test_the_scenarios_that_reviewers_ask_for_are_shipped():
    assert set(load_scenarios()) >= ASKED_FOR
    assert len(load_scenarios()) >= 8


@pytest.mark.parametrize("scenario", load_scenarios().values(), ids=lambda one: one.name)
def test_a_scenario_fits_the_contract_and_every_value_differs_from_the_default(scenario):
    parameters = check_parameters(scenario.values)
    check_rules(parameters)
    assert parameters.changed() == scenario.values
    assert all(type(value) is type(getattr(parameters, name)) for name, value in scenario.values.items())


@pytest.mark.parametrize("scenario", load_scenarios().values(), ids=lambda one: one.name)
def test_a_scenario_says_what_it_means_in_one_sentence_and_where_it_comes_from(scenario):
    assert re.fullmatch(r"[A-Z][^.]*\.", scenario.meaning)
    assert len(scenario.source) > 10
    assert not scenario.source.endswith(".")


def test_no_two_scenarios_set_the_same():
    values = [one.values for one in load_scenarios().values()]
    assert all(one not in values[:place] for place, one in enumerate(values))


@pytest.mark.parametrize("facts", [
    {"name": "Bad name"}, {"meaning": "no capital."}, {"meaning": "No end"}, {"source": ""}, {"values": {}},
    {"more": 1},
])
def test_a_scenario_without_name_meaning_source_or_values_is_none(facts):
    whole = {"name": "one", "meaning": "It means this.", "source": "a paper", "values": {"seed": 1}}
    Scenario(**whole)
    with pytest.raises(ValueError):
        Scenario(**{**whole, **facts})


@pytest.mark.parametrize(("names", "message"), [
    (["strct"], "There is no scenario strct: did you mean strict?"),
    (["nothing_like_it"], "There is no scenario nothing_like_it: known: strict, acr_only"),
    (["strict", "confirmed"], "Scenarios strict and confirmed both set confirmation_visits"),
    (["acr_only", "eular_only"], "Scenarios acr_only and eular_only both set dtt_arms"),
    (["confirmed", "confirmed"], "Scenario confirmed is given twice"),
])
def test_scenarios_that_are_none_or_do_not_go_together_are_refused_before_anything_runs(
        asked, capsys, names, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        combine_scenarios(names)
    for command in ("run", "preview"):
        assert main([command, *(f"--scenario={name}" for name in names)]) == 2
        out, errors = capsys.readouterr()
        assert message in errors
        assert out == ""
    assert asked == []


def test_two_scenarios_that_set_nothing_in_common_are_combined(asked):
    main(["run", "--scenario", "kdigo_2024", "--scenario", "eular_only"])
    assert asked[0].changed() == {"response_rule": "kdigo_2024", "dtt_arms": ["no_response"]}


def test_the_command_line_goes_before_a_file_and_a_file_before_a_scenario(asked, tmp_path):
    path = tmp_path / "mine.yml"
    path.write_text("flare_rule: milan\napl_rule: any_single\nseed: 4\n")
    main(["run", "--scenario", "strict", "--parameters", str(path), "-p", "flare_rule=trial"])
    assert (asked[0].apl_rule, asked[0].flare_rule, asked[0].seed) == ("any_single", "trial", 4)
    assert (asked[0].confirmation_visits, asked[0].missing_window) == (2, "cannot_tell")


def test_a_scenario_is_found_by_what_it_sets():
    assert all(find_scenario(one.values) == name for name, one in load_scenarios().items())
    assert find_scenario({}) == ""


def test_help_list_and_page_name_every_scenario_and_help_every_parameter(capsys):
    texts = []
    for arguments in (["run", "--help"], ["preview", "--help"], ["scenarios"]):
        assert main(arguments) == 0
        texts.append(" ".join(capsys.readouterr().out.split()))
    page = make_parameters_page()
    for name, one in load_scenarios().items():
        assert all(f"{name} {one.meaning} Sets {next(iter(one.values))}=" in text for text in texts)
        assert f"| `{name}` | {one.meaning} |" in page
        assert one.source in page
    for facts in describe_parameters():
        if not facts["name"].endswith("_dir"):
            assert f"{facts['name']} {facts['meaning']}; {facts['range']}. Default: " in texts[1]
