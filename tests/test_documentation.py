"""The generated pages say what the objects say, and those that are committed are up to date."""

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from helpers.definitions import (
    EGFR_EQUATIONS,
    FLARE_RULES,
    RESPONSE_RULES,
    WORSENING_RULES,
    FlareCriterion,
    FlareRule,
    KidneyTest,
    ResponseCriteria,
    ResponseRule,
    load_rulebook,
)
from helpers.documentation import (
    PAGES,
    check_docs,
    make_dictionary_page,
    make_parameters_page,
    make_rules_page,
    write_docs,
)
from helpers.parameters import ALL, Parameters, check_parameters
from helpers.rules_in_words import describe_dtt, describe_flare, describe_response
from helpers.schema import derived_dictionary, raw_dictionary

DOCS = Path(__file__).parents[1] / "docs"


def test_the_committed_pages_are_what_would_be_written_now():
    assert check_docs(DOCS) == [], "run `python -m helpers docs`"


def test_pages_that_are_missing_or_behind_are_named(tmp_path):
    assert check_docs(tmp_path) == list(PAGES)
    assert [path.name for path in write_docs(tmp_path)] == list(PAGES)
    assert check_docs(tmp_path) == []
    (tmp_path / "rules.md").write_text("old", encoding="utf-8")
    assert check_docs(tmp_path) == ["rules.md"]


def test_every_table_and_column_is_in_the_dictionary_page():
    page = make_dictionary_page()
    for table in [*raw_dictionary().tables.values(), *derived_dictionary().tables.values()]:
        section = page.split(f"\n### {table.name}\n", 1)[1].split("\n##", 1)[0]
        for column in table.columns.values():
            assert f"| `{column.name}` | {column.label} |" in section
            assert column.meaning in section


def test_the_dictionary_page_says_what_is_accepted():
    page = make_dictionary_page()
    assert "| number | mg/dL | 0.1 to 30 | column yes, cell may be empty | Serum creatinine" in page
    assert "`IV+V` (IV + V)" in page and "a `patients` row" in page
    assert "`treatments.stop_date` not before `treatments.start_date`, nor after death" in page
    assert "SLEDAI-2K item; 8 points" in page and "weight 2 in the activity index" in page
    assert "Cause, for deaths; only where event_type is death" in page
    assert "One row per event. Key: `event_id`. May be empty." in page
    assert "Made by `02_dtt_labelling`." in page


def test_every_rule_is_in_the_rules_page_with_its_source():
    page = make_rules_page()
    for rules in (RESPONSE_RULES, FLARE_RULES, WORSENING_RULES, EGFR_EQUATIONS):
        for rule in rules.values():
            assert f"`{rule.name}`" in page and rule.label in page and rule.source in page


def test_the_rules_page_marks_the_defaults():
    page, default = make_rules_page(), Parameters()
    for name in (default.response_rule, default.flare_rule, default.worsening_rule, default.egfr_equation):
        assert f"`{name}`, the default" in page
    assert page.count(", the default") == 4


def test_the_example_of_a_rule_of_ones_own_can_be_used_as_it_stands(tmp_path):
    text = make_rules_page().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "rules.yml").write_text(text, encoding="utf-8")
    added = load_rulebook(tmp_path / "rules.yml").response_rule("our_clinic")
    assert added.complete == RESPONSE_RULES["dutch"].complete
    assert yaml.safe_load(text)["response_rules"][0]["source"] == "clinic protocol"


def test_every_parameter_is_in_its_page_once():
    page = make_parameters_page()
    for name in Parameters.model_fields:
        assert page.count(f"| `{name}` |") == 1
    assert "| `data_dir` | data/raw | a text |" in page
    assert "| `rules_file` | (empty) |" in page
    assert "one of confirmed_doubling, egfr_decline_30," in page
    assert "creatinine_above_1_5, or a rule of your own" in page
    assert "any of worsening_3m, failure_6m, no_response, early_flare |" in page
    assert "| `require_complete_records` | true |" in page
    assert "| `worsening_window` | 2, 4 |" in page
    assert f"{', '.join(name[:2] for name in ALL)} |" in page


def test_no_page_has_a_line_with_trailing_blanks_or_a_broken_table():
    for make in PAGES.values():
        lines = make().split("\n")
        assert [line for line in lines if line != line.rstrip()] == []
        widths = [(first.replace("\\|", "").count("|"), second.replace("\\|", "").count("|"))
                  for first, second in pairwise(lines) if first.startswith("|") and second.startswith("|")]
        assert widths and all(first == second for first, second in widths)


def test_the_label_is_described_by_the_parameters_in_force():
    def words(**values):
        return describe_dtt(check_parameters(values).dtt_rule(), rulebook=load_rulebook())

    assert "months 2 to 4 nearest to month 3" in words()["worsening_3m"]
    assert "months 2 to 5 nearest to month 3" in words(worsening_window=[2, 5])["worsening_3m"]
    assert "by the Dutch SLE working group rule" in words(response_rule="dutch")["failure_6m"]
    assert "up to month 6 " in words(response_deadline_months=6)["no_response"]
    assert "within 24 months of the start of therapy" in words()["early_flare"]
    assert "of the complete response" in words(flare_clock="complete_response")["early_flare"]
    assert "at least 28 days later" in words(confirmation_visits=2)["confirmation"]
    assert words(missing_window="cannot_tell")["gaps"] != words(missing_window="counts_as_failure")["gaps"]
    assert [name for name in words(dtt_arms=["no_response"]) if name in words()][:2] == ["no_response", "any"]


@pytest.mark.parametrize(("name", "complete", "partial"), [
    ("acr_2006",
     "Proteinuria below 0.2 g/g; and eGFR at least 90 mL/min/1.73 m², or eGFR at least 125 % of its baseline value "
     "(where baseline eGFR was below 90); and no active urinary sediment.",
     "Proteinuria at most 2 g/g; and eGFR at least 100 % of its baseline value (where baseline eGFR was 90 or more), "
     "or eGFR at least 90 mL/min/1.73 m², or eGFR at least 125 % of its baseline value (where baseline eGFR was below "
     "90); and no active urinary sediment."),
    ("kdigo_2012",
     "Proteinuria at most 0.5 g/g; and creatinine at most 110 % of its reference value.",
     "Proteinuria down from its baseline value by more than 50 %; and proteinuria below 3 g/g in patients with 3 g/g "
     "or more at baseline; and creatinine at most 125 % of its baseline value."),
    ("eular_era_edta_2019",
     "Proteinuria below 0.7 g/g; and eGFR at least 90 mL/min/1.73 m², or eGFR at least 90 % of its reference value.",
     "Proteinuria down from its baseline value by at least 25 %, and by at least 50 % from month 5 on; and eGFR at "
     "least 90 mL/min/1.73 m², or eGFR at least 90 % of its baseline value."),
])  # fmt: skip
def test_response_rules_read_as_a_clinician_would_say_them(name, complete, partial):
    assert describe_response(RESPONSE_RULES[name]) == {"complete": complete, "partial": partial}


def test_a_sentence_may_begin_with_egfr_in_lower_case():
    rule = ResponseRule("x", "X", ResponseCriteria(kidney=(KidneyTest("egfr", "fixed", 60),)), ResponseCriteria(), "s")
    assert describe_response(rule)["complete"] == "eGFR at least 60 mL/min/1.73 m²."


def test_flare_rules_read_as_a_clinician_would_say_them():
    rule = FlareRule("x", "X", (
        FlareCriterion("upcr", "value", 2.0, anchor_from=0.5, anchor_below=1.0),
        FlareCriterion("upcr", "value", 3.0),
        FlareCriterion("creatinine", "ratio", 1.3, active_sediment=True),
        FlareCriterion("egfr", "fall", 0.1, included=False, haematuria_steps=2),
    ), "s")  # fmt: skip
    assert describe_flare(rule) == [
        "Value at the last complete response at least 0.5 and below 1 g/g: proteinuria at least 2 g/g.",
        "Proteinuria at least 3 g/g.",
        "Whatever the value at the last complete response was: creatinine at least 1.3 times it, with an active "
        "urinary sediment.",
        "Whatever the value at the last complete response was: eGFR down by more than 10 %, with red cells up by at "
        "least 2 grades.",
    ]
