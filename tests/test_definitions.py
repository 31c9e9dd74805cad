"""Rules are frozen and sourced, a user's YAML adds to them, and parameters are refused with a reason."""

from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import pytest

from helpers.definitions import (
    ACTIVE_SEDIMENT,
    APL_CUTS,
    ARM_LABELS,
    ARMS,
    CLASS_GROUPS,
    EGFR_EQUATIONS,
    ESRD,
    FEATURES,
    FLARE_RULES,
    HYPERTENSION,
    RESPONSE_RULES,
    WORSENING_RULES,
    RuleError,
    UpcrLimit,
    Window,
    load_rulebook,
    nearest_name,
)
from helpers.parameters import (
    ALL,
    ParameterError,
    Parameters,
    check_parameters,
    describe_parameters,
    describe_range,
    names_used_by,
)

SOURCED = [
    *RESPONSE_RULES.values(), *FLARE_RULES.values(), *WORSENING_RULES.values(), *EGFR_EQUATIONS.values(),
    ESRD, ACTIVE_SEDIMENT, APL_CUTS, HYPERTENSION,
]  # fmt: skip


@pytest.mark.parametrize("rule", SOURCED, ids=lambda rule: getattr(rule, "name", type(rule).__name__))
def test_every_rule_is_frozen_and_says_where_it_comes_from(rule):
    assert is_dataclass(rule) and rule.source
    with pytest.raises(FrozenInstanceError):
        setattr(rule, fields(rule)[0].name, "changed")


@pytest.mark.parametrize("rules", [RESPONSE_RULES, FLARE_RULES, WORSENING_RULES, EGFR_EQUATIONS, FEATURES])
def test_a_rule_goes_by_its_own_name_and_the_list_cannot_be_changed(rules):
    assert all(name == rule.name for name, rule in rules.items())
    with pytest.raises(TypeError):
        rules["mine"] = None


def test_the_rules_that_the_study_compares_are_all_there():
    assert set(RESPONSE_RULES) >= {"acr_2006", "eular_era_edta_2012", "eular_era_edta_2019", "kdigo_2012", "kdigo_2024",
                                   "dutch", "newsletter"}  # fmt: skip
    assert set(FLARE_RULES) >= {"kdigo_2012_moderate", "kdigo_2012_severe", "milan", "trial"}
    assert set(WORSENING_RULES) >= {"confirmed_doubling", "egfr_decline_30", "egfr_decline_40", "egfr_decline_57",
                                    "creatinine_above_1_5"}  # fmt: skip
    assert tuple(ARM_LABELS) == ARMS == ("worsening_3m", "failure_6m", "no_response", "early_flare")
    assert set(CLASS_GROUPS.values()) == {"III", "IV", "V", "mixed"}


def test_fifteen_features_are_named_in_the_abstract_and_two_stayed_independent():
    assert sum(feature.named_in_abstract for feature in FEATURES.values()) == 15
    independent = [name for name, feature in FEATURES.items() if feature.independent_in_abstract]
    assert independent == ["active_sediment", "any_apl"]


MINE = """
response_rules:
  - name: mine
    label: My own
    source: our clinic
    complete: {upcr: {value: 0.3}, kidney: [{measure: egfr, anchor: fixed, factor: 60}]}
    partial: {falls: [[0, 0.4], [6, 0.6]], fall_included: false}
flare_rules:
  - {name: my_flare, label: My flare, source: our clinic, visits: 2,
     any_of: [{measure: upcr, kind: ratio, threshold: 3}]}
worsening_rules:
  - {name: my_worsening, label: Mine, kind: egfr_decline, threshold: 0.25, confirm_days: 0, source: our clinic}
"""


@pytest.fixture
def write(tmp_path):
    def written(text: str, encoding: str = "utf-8"):
        path = tmp_path / "rules.yml"
        path.write_text(text, encoding=encoding)
        return path

    return written


def test_a_users_yaml_adds_rules_beside_the_shipped_ones(write):
    book = load_rulebook(write(MINE))
    assert set(book.response) == {*RESPONSE_RULES, "mine"}
    mine = book.response_rule("mine")
    assert mine.complete.upcr.value == 0.3 and not mine.complete.upcr.included
    assert mine.complete.kidney[0].factor == 60
    assert mine.partial.falls == ((0.0, 0.4), (6.0, 0.6)) and not mine.partial.fall_included
    assert book.flare_rule("my_flare").any_of[0].threshold == 3 and book.flare_rule("my_flare").visits == 2
    assert book.worsening_rule("my_worsening").threshold == 0.25


def test_an_empty_file_adds_nothing(write):
    assert load_rulebook(write("")).response == load_rulebook().response


@pytest.mark.parametrize(("text", "message"), [
    ("response_rules: [{name: dutch, label: D, source: s, complete: {upcr: {value: 1}}, partial: {upcr: {value: 2}}}]",
     "is a shipped rule: rename"),
    ("respons_rules: []", "unknown section respons_rules: did you mean response_rules?"),
    ("response_rules: {name: x}", "response_rules must be a list of rules"),
    ("- a list", "must hold sections"),
    ("response_rules: [{name: x, label: X, source: s, complete: {ucpr: {value: 1}}, partial: {}}]", "complete.ucpr"),
    ("response_rules: [{name: x}]", "rule 1, label: Field required"),
    ("response_rules: [word]", "rule 1"),
    ("flare_rules: [{name: x, label: X, source: s, any_of: [{measure: albumin, kind: rise, threshold: 1}]}]",
     "any_of.0.measure"),
    ("worsening_rules: [{name: x, label: X, kind: guess, threshold: 1, confirm_days: 0, source: s}]", "rule 1, kind"),
    ("worsening_rules:\n- &a {name: x, label: X, kind: egfr_decline, threshold: 1, confirm_days: 0, source: s}\n- *a",
     "the name x is used twice"),
    ("response_rules: [", "is not readable YAML"),
])  # fmt: skip
def test_a_rule_that_cannot_be_used_is_refused_by_name(write, text, message):
    with pytest.raises(RuleError, match=r"rules\.yml") as problem:
        load_rulebook(write(text))
    assert message in str(problem.value)


def test_the_limit_of_a_complete_response_can_be_moved_and_the_rules_words_say_so():
    book = load_rulebook()
    moved = book.with_complete_upcr("kdigo_2024", 0.7)
    rule, own = moved.response_rule("kdigo_2024"), book.response_rule("kdigo_2024")
    assert rule.label == "KDIGO 2021/2024, complete below 0.7 g/g"
    assert rule.complete == replace(own.complete, upcr=UpcrLimit(0.7)) and rule.partial == own.partial
    assert {name for name in book.response if book.response[name] != moved.response[name]} == {"kdigo_2024"}


def test_a_limit_that_the_rule_has_already_changes_nothing_and_an_unknown_rule_is_refused():
    book = load_rulebook()
    assert book.with_complete_upcr("kdigo_2024", 0.5) is book
    assert book.with_complete_upcr("kdigo_2012", 0.5) is not book, "KDIGO 2012 counts 0.5 itself as complete"
    with pytest.raises(RuleError, match="did you mean kdigo_2024"):
        book.with_complete_upcr("kdigo_204", 0.7)


def test_the_rules_in_force_follow_from_the_parameters(write):
    assert check_parameters({}).rulebook() == load_rulebook()
    limit = check_parameters({"complete_response_upcr": 0.7, "rules_file": str(write(MINE))}).rulebook()
    assert set(limit.response) > set(RESPONSE_RULES)
    assert limit.response_rule("eular_era_edta_2012").complete.upcr == UpcrLimit(0.7)


def test_a_rule_file_that_is_missing_or_in_another_encoding_is_refused(write, tmp_path):
    with pytest.raises(RuleError, match="does not exist: check rules_file"):
        load_rulebook(tmp_path / "none.yml")
    with pytest.raises(RuleError, match="is not readable YAML"):
        load_rulebook(write("# Größe\nresponse_rules: []", encoding="latin-1"))


def test_an_unknown_rule_is_answered_with_the_nearest_name():
    book = load_rulebook()
    for pick, name, answer in (
        (book.response_rule, "eular_2012", "did you mean eular_era_edta_2012?"),
        (book.flare_rule, "milano", "did you mean milan?"), (book.worsening_rule, "zzz", "known: confirmed_doubling"),
    ):  # fmt: skip
        with pytest.raises(RuleError, match="There is no") as problem:
            pick(name)
        assert answer in str(problem.value)
    assert nearest_name("q", ["a", "b"]) == "known: a, b"


@pytest.mark.parametrize(("values", "message"), [
    ({"landmark_month": 24.0}, "There is no parameter landmark_month: did you mean landmark_months?"),
    ({"minimum_followup_months": -0.1}, "minimum_followup_months"),
    ({"minimum_followup_months": 120.1}, "from 0 to 120"),
    ({"minimum_followup_months": "24"}, "minimum_followup_months"), ({"minimum_followup_months": True}, "a number"),
    ({"confirmation_visits": 3}, "confirmation_visits"), ({"confirmation_visits": 1.5}, "a whole number"),
    ({"require_complete_records": "yes"}, "true or false"), ({"time_zero": "onset"}, "one of induction_start, biopsy"),
    ({"study_start": "2004-13-01"}, "is not a date: write it as YYYY-MM-DD"),
    ({"study_start": "2022-12-31"}, "must lie before study_end"),
    ({"dtt_arms": []}, "name at least one"), ({"dtt_arms": ["failure_6m", "failure_6m"]}, "none twice"),
    ({"dtt_arms": ["failure"]}, "is not known: did you mean failure_6m?"),
    ({"covariates": ["any_apls"]}, "did you mean any_apl?"),
    ({"worsening_window": [4.0, 2.0]}, "a window is two months"), ({"failure_window": [5.0]}, "a window is two months"),
    ({"failure_window": [0.0, 8.0]}, "a window is two months"),
    ({"failure_window": [5.0, 36.1]}, "a window is two months"),
    ({"leucopenia_below": 5.1}, "10⁹/L"), ({"leucopenia_below": 1.9}, "leucopenia_below"),
])  # fmt: skip
def test_a_parameter_that_cannot_be_used_is_refused_with_what_it_accepts(values, message):
    with pytest.raises(ParameterError) as problem:
        check_parameters(values)
    assert message in str(problem.value)


def test_every_problem_is_told_at_once():
    with pytest.raises(ParameterError) as problem:
        check_parameters({"landmark_months": 1.0, "seed": -1})
    assert len(str(problem.value).splitlines()) == 2


def test_ends_of_a_range_are_accepted_and_whole_numbers_are_numbers():
    accepted = check_parameters({"minimum_followup_months": 0, "landmark_months": 60, "failure_window": [5, 36]})
    assert (accepted.minimum_followup_months, accepted.landmark_months) == (0.0, 60.0)
    assert accepted.failure_window == [5.0, 36.0]


def test_the_label_rule_holds_what_the_parameters_say():
    rule = check_parameters({"dtt_arms": ["early_flare", "worsening_3m"], "worsening_window": [2.0, 4.0],
                             "failure_window": [7.0, 9.0], "confirmation_visits": 2}).dtt_rule()  # fmt: skip
    assert rule.arms == ("worsening_3m", "early_flare")
    assert rule.worsening_window == Window(3.0, 2.0, 4.0)
    assert rule.failure_window == Window(8.0, 7.0, 9.0)
    assert (rule.confirmation_visits, rule.response_rule) == (2, "eular_era_edta_2012")


def test_what_differs_from_the_default_is_listed_without_folders():
    assert Parameters().changed() == {}
    changed = Parameters(landmark_months=12.0, data_dir="elsewhere").changed()
    assert changed == {"landmark_months": 12.0}


def test_each_parameter_is_described_and_read_by_a_notebook():
    records = describe_parameters()
    assert [record["name"] for record in records] == list(Parameters.model_fields)
    assert all(record["meaning"] and record["source"] and record["range"] and record["notebooks"] for record in records)
    assert {name for notebook in ALL for name in names_used_by(notebook)} == set(Parameters.model_fields)
    assert list(Parameters().used_by("04_survival")) == names_used_by("04_survival")
    assert describe_range(Parameters.model_fields["study_start"]) == "a date, YYYY-MM-DD"
    assert describe_range(Parameters.model_fields["seed"]) == "a whole number from 0"


def write_rules(folder, text):
    path = folder / "rules.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "message"), [
    ("flare_rules: [{name: my rule, label: x, source: y, any_of: [{measure: upcr, kind: rise, threshold: 1}]}]",
     "name"),
    ("flare_rules: [{name: mine, label: '', source: y, any_of: [{measure: upcr, kind: rise, threshold: 1}]}]",
     "label"),
    ("flare_rules: [{name: mine, label: x, source: y, any_of: []}]", "any_of"),
    ("flare_rules: [{name: mine, label: x, source: y, any_of: [{measure: upcr, kind: value, threshold: 0}]}]",
     "threshold"),
    ("response_rules: [{name: mine, label: x, source: y, complete: {upcr: {value: -3}}, partial: {}}]", "value"),
    ("response_rules: [{name: mine, label: x, source: y, complete: {upcr: {value: 1}}, partial: {}}]",
     "ask for something"),
    ("response_rules: [{name: mine, label: x, source: y, complete: {falls: [[0, 1.1]]}, partial: {falls: [[0, 0.2]]}}]",
     "falls"),
    ("worsening_rules: [{name: mine, label: x, kind: creatinine_ratio, threshold: 2, confirm_days: -1, source: y}]",
     "confirm_days"),
])  # fmt: skip
def test_a_rule_that_asks_for_nothing_or_for_nonsense_is_refused(tmp_path, text, message):
    with pytest.raises(RuleError, match=message):
        load_rulebook(write_rules(tmp_path, text))


def test_a_folder_is_no_rule_file(tmp_path):
    with pytest.raises(RuleError, match="cannot be read"):
        load_rulebook(tmp_path)


@pytest.mark.parametrize("day", ["2010-W01-1", "20100104", "2010-1-4", "2010-02-30"])
def test_a_day_is_written_in_one_way_only(day):
    with pytest.raises(ParameterError, match="is not a date"):
        check_parameters({"study_start": day})
