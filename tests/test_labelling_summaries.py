"""Tallies, borderline labels, agreement, sensitivity, examples and figures of chapter 2."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from helpers.answers import is_true
from helpers.definitions import ARM_LABELS, ARMS, load_rulebook
from helpers.figures.labelling import (
    draw_arm_overlap,
    draw_onset_curve,
    draw_rule_agreement,
    draw_sensitivity,
    draw_timelines,
    draw_turning_curve,
)
from helpers.labelling import label_dtt
from helpers.labelling.comparison import (
    compare_rules,
    derive_variations,
    estimate_kappa,
    summarise_agreement,
    summarise_sensitivity,
)
from helpers.labelling.facts import (
    choose_examples,
    derive_timelines,
    derive_turning_curve,
    describe_arm_counts,
    keep_example_traces,
    summarise_gaps,
    summarise_labels,
)
from helpers.labelling.summaries import (
    count_answers,
    count_arms,
    count_final_responses,
    count_inductions,
    derive_arm_overlap,
    derive_onset_curve,
    flag_borderline,
)
from helpers.labelling.words import describe_rule
from helpers.parameters import Parameters
from helpers.stages import make_tables
from helpers.synthetic import simulate_cohort

RULE, BOOK = Parameters().dtt_rule(), load_rulebook()


@pytest.fixture(scope="module")
def raw() -> dict[str, pd.DataFrame]:
    return simulate_cohort(n=150, seed=11)


@pytest.fixture(scope="module")
def made(raw) -> dict[str, pd.DataFrame]:
    return make_tables(raw, Parameters(), rulebook=BOOK)


@pytest.fixture(scope="module")
def given(made, raw) -> tuple[tuple, dict]:
    tables = made["assessments"], made["courses"], made["cohort"]
    return tables, {"rule": RULE, "rulebook": BOOK, "events": raw["events"]}


def labels_of(**columns: list) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    table = pd.DataFrame({"patient_id": [f"P{number}" for number in range(n)], **columns})
    words = ("patient_id", "dtt", "dtt_arm", "final_response")
    texts = [name for name in table if name in words or name.startswith("arm_")]
    table = table.astype(dict.fromkeys(texts, "string"))
    answers = {"yes": True, "no": False, "cannot tell": pd.NA}
    return table.assign(is_dtt=table["dtt"].map(answers).astype("boolean")) if "dtt" in table else table


SMALL = labels_of(
    dtt=["yes", "yes", "yes", "no", "cannot tell"], dtt_arm=["worsening_3m", "worsening_3m", "early_flare", None, None],
    arm_worsening_3m=["yes", "yes", "no", "no", "cannot tell"], arm_failure_6m=["yes", "no", "no", "no", "no"],
    arm_no_response=["yes", "no", "no", "no", "no"], arm_early_flare=["no", "no", "yes", "no", "no"],
    dtt_month=[3.0, 2.5, 14.0, None, None], inductions_n=[1, 2, 4, 1, 2],
    final_response=["none", "complete", "partial", "complete", "cannot tell"],
)  # fmt: skip


def test_arms_are_counted_by_answer_and_by_who_came_first():
    found = count_arms(SMALL, rule=RULE).set_index("arm")
    assert found.loc["worsening_3m", ["yes_n", "no_n", "cannot_tell_n", "first_n"]].tolist() == [2, 2, 1, 2]
    assert found.loc["early_flare", ["yes_n", "no_n", "cannot_tell_n", "first_n"]].tolist() == [1, 4, 0, 1]
    assert count_arms(SMALL, rule=replace(RULE, arms=("early_flare",)))["arm"].tolist() == ["early_flare"]


def test_answers_are_counted_with_zero_for_the_absent():
    assert count_answers(SMALL)["n"].tolist() == [3, 1, 1]
    assert count_answers(SMALL.loc[SMALL["dtt"] == "yes"])["n"].tolist() == [3, 0, 0]
    assert count_answers(SMALL.head(0))["share"].tolist() == [0, 0, 0]


def test_combinations_of_arms_come_by_frequency_and_add_up():
    found = derive_arm_overlap(SMALL, rule=RULE)
    assert found["n"].sum() == 3 and sorted(found["arms_n"]) == [1, 1, 3]
    three = found.loc[found["arms_n"] == 3].iloc[0]
    assert three["combination"] == " and ".join(ARM_LABELS[arm] for arm in ARMS[:3])
    assert derive_arm_overlap(SMALL.loc[SMALL["dtt"] == "no"], rule=RULE).empty


def test_the_onset_curve_counts_up_by_month():
    found = derive_onset_curve(SMALL, rule=RULE)
    assert found["month"].tolist() == [2.5, 3.0, 14.0] and found["number"].tolist() == [1, 2, 3]
    assert found["number_of_arm"].tolist() == [1, 2, 1]


def test_inductions_and_final_responses_are_counted_among_the_difficult_to_treat():
    assert count_inductions(SMALL)["n"].tolist() == [1, 1, 0, 1]
    assert count_inductions(SMALL)["share"].tolist() == pytest.approx([1 / 3, 1 / 3, 0, 1 / 3])
    assert count_inductions(SMALL)["n"].sum() == is_true(SMALL["is_dtt"]).sum()
    assert count_final_responses(SMALL)["n"].tolist() == [1, 1, 1, 0]
    assert count_inductions(SMALL.tail(2))["share"].isna().all()


def test_the_ledger_takes_what_the_tables_say():
    facts = summarise_labels(SMALL, rule=replace(RULE, arms=("worsening_3m", "early_flare")))
    assert facts["dtt.n"]["value"] == 3 and facts["dtt.cannot_tell.n"]["value"] == 1
    assert facts["dtt.share"]["value"] == pytest.approx(0.6)
    assert facts["dtt.share_if_open_is_yes"]["value"] == pytest.approx(0.8)
    assert facts["dtt.inductions.one.n"]["value"] == 1
    assert facts["dtt.arm.worsening_3m.n"]["value"] == 2 and facts["dtt.arm.failure_6m.n"]["value"] is None
    assert facts["dtt.inductions.more.n"]["value"] == 1 and facts["dtt.final.cr.n"]["value"] == 1
    assert (facts["dtt.month.median"]["low"], facts["dtt.month.median"]["value"]) == (2.75, 3.0)
    nobody = summarise_labels(SMALL.head(0), rule=RULE)
    assert np.isnan(nobody["dtt.share"]["value"]) and np.isnan(nobody["dtt.month.median"]["value"])


def test_gaps_that_a_later_response_settled_are_counted_by_arm_and_among_the_no(given, made):
    tables, common = given
    labels, trace = made["dtt_labels"], made["dtt_trace"]
    facts = summarise_gaps(labels, trace)
    left_open, _ = label_dtt(*tables, **{**common, "rule": replace(RULE, missing_window="cannot_tell")})
    more_open = (left_open["dtt"].eq("cannot tell") & labels["dtt"].eq("no")).sum()
    assert facts["dtt.settled.no.n"]["value"] == more_open > 0
    assert facts["dtt.settled.no.n"]["n"] == labels["dtt"].eq("no").sum()
    arms = [f"arm_{arm}" for arm in ARMS]
    assert facts["dtt.settled.gaps.n"]["value"] == (left_open[arms] != labels[arms]).sum().sum()


def test_a_flare_criterion_outside_its_range_does_not_apply_in_the_trace(made):
    trace = made["dtt_trace"].loc[made["dtt_trace"]["rule"] == "kdigo_2012_moderate"]
    other = trace.loc[trace["criterion"].str.contains("^upcr .* after (?:1|0.5) or more")]
    assert len(other) and set(other["note"]) == {"does not apply"} and not is_true(other["passed"]).any()
    asked = trace.loc[trace["criterion"] == "upcr value after less than 0.5", "note"]
    assert set(asked) <= {"judged", "asked to confirm"}


def test_only_the_arms_that_are_switched_on_are_named():
    words = describe_arm_counts(replace(RULE, arms=("no_response",)))
    assert words == "no response by the deadline in {dtt.arm.no_response.n}"
    assert describe_arm_counts(RULE).count("{dtt.arm.") == len(ARMS)


def test_the_share_has_a_wilson_interval():
    # R 4.2.2: prop.test(57, 181, correct = FALSE)$conf.int
    labels = pd.concat([SMALL.head(1)] * 57 + [SMALL.iloc[[3]]] * 124, ignore_index=True)
    share = summarise_labels(labels, rule=RULE)["dtt.share"]
    assert (share["low"], share["high"]) == pytest.approx((0.251692807257, 0.385834398882), abs=1e-11)


def trace_of(*rows: tuple) -> pd.DataFrame:
    columns = ["patient_id", "arm", "criterion", "part", "margin", "passed", "note", "value"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype(dict.fromkeys(("patient_id", "arm", "criterion", "part", "note"), "string")).astype(
        {"passed": "boolean"})  # fmt: skip


def judged(arm: str, part: str, factor: float, passed: bool, patient: str = "P0") -> tuple:
    return (patient, arm, part, part, np.log(factor), passed, "judged", 1.0)


def answer(arm: str, passed: bool | None, patient: str = "P0") -> tuple:
    return (patient, arm, f"answer: {arm}", "answer", np.nan, passed, "why", np.nan)


def turn(dtt: str, *rows: tuple, within: float = 0.1) -> tuple:
    found = flag_borderline(labels_of(dtt=[dtt]), trace_of(*rows), within=within).iloc[0]
    return round(found["change_to_turn"], 6), found["turning_arm"], bool(found["is_borderline"])


def test_a_yes_turns_when_its_better_alternative_does():
    rows = (judged("worsening_3m", "worsening", 1.05, True), judged("worsening_3m", "worsening", 1.2, True),
            answer("worsening_3m", True))  # fmt: skip
    assert turn("yes", *rows) == (0.2, "worsening_3m", False)


def test_a_failure_turns_when_the_nearer_grade_is_reached_in_all_its_parts():
    rows = (judged("failure_6m", "complete: fall", 1 / 3, False), judged("failure_6m", "complete: kidney", 1.5, True),
            judged("failure_6m", "partial: fall", 1 / 1.08, False), judged("failure_6m", "partial: kidney", 1.1, True),
            answer("failure_6m", True))  # fmt: skip
    assert turn("yes", *rows) == (0.08, "failure_6m", True)


def test_a_yes_by_two_arms_turns_only_when_both_do():
    rows = (judged("worsening_3m", "worsening", 1.05, True), answer("worsening_3m", True),
            judged("failure_6m", "complete: x", 1 / 1.5, False), judged("failure_6m", "partial: x", 1 / 1.4, False),
            answer("failure_6m", True))  # fmt: skip
    assert turn("yes", *rows) == (0.4, "failure_6m", False)


def test_a_no_turns_when_one_arm_does():
    rows = (judged("worsening_3m", "worsening", 1 / 1.02, False), answer("worsening_3m", False),
            judged("failure_6m", "complete: x", 1.5, True), judged("failure_6m", "partial: x", 1.3, True),
            answer("failure_6m", False))  # fmt: skip
    assert turn("no", *rows) == (0.02, "worsening_3m", True)


def test_an_arm_that_no_measurement_decided_cannot_turn():
    assert turn("yes", answer("failure_6m", True)) == (np.inf, pd.NA, False)
    assert turn("no", answer("early_flare", False)) == (np.inf, pd.NA, False)
    unresolved = flag_borderline(labels_of(dtt=["cannot tell"]), trace_of(answer("failure_6m", None)), within=0.1)
    assert unresolved["change_to_turn"].isna().all() and not unresolved["is_borderline"].any()


def test_a_no_by_the_deadline_stands_on_all_its_responses():
    rows = (judged("no_response", "complete: x", 1.01, True), answer("no_response", False))
    counted = ("P0", "no_response", "responses by the deadline", "x", np.nan, True, "counted", 2.0)
    assert turn("no", *rows)[0] == 0.01
    assert turn("no", *rows, counted)[0] == np.inf


def test_borderline_ends_are_included():
    rows = (judged("worsening_3m", "worsening", 1.25, True), answer("worsening_3m", True))
    assert [turn("yes", *rows, within=within)[2] for within in (0.24, 0.2500001, 0.26)] == [False, True, True]


def test_every_told_label_agrees_with_the_side_its_margins_lie_on(made):
    found = flag_borderline(made["dtt_labels"], made["dtt_trace"], within=0.1)
    told = found["dtt"].isin(["yes", "no"])
    assert (found.loc[told, "change_to_turn"] >= 0).all()
    assert found.loc[~told, "change_to_turn"].isna().all()


def test_the_turning_curve_keeps_those_whom_nothing_turns_in_the_denominator():
    table = labels_of(dtt=["yes", "yes", "no", "cannot tell"]).assign(change_to_turn=[np.inf, 0.1, 0.3, np.nan])
    found = derive_turning_curve(table)
    assert found[["label", "change_to_turn", "share"]].to_numpy().tolist() == [["yes", 0.1, 0.5], ["no", 0.3, 1.0]]


@pytest.mark.parametrize("counts", [(20, 5, 10, 15), (50, 0, 0, 50), (1, 30, 20, 2), (40, 3, 1, 0)])
def test_kappa_equals_that_of_statsmodels(counts):
    pairs = np.repeat([[True, True], [True, False], [False, True], [False, False]], counts, axis=0)
    found = estimate_kappa(pairs[:, 0], pairs[:, 1])
    outside = cohens_kappa(np.array(counts).reshape(2, 2))
    assert found["estimate"] == pytest.approx(outside.kappa)
    assert (found["low"], found["high"]) == pytest.approx((outside.kappa_low, min(outside.kappa_upp, 1)))


def test_kappa_is_missing_where_chance_alone_agrees():
    everybody = np.array([True, True])
    assert np.isnan(estimate_kappa(everybody, everybody)["estimate"])
    assert np.isnan(estimate_kappa(everybody[:0], everybody[:0])["agreement"])


def test_rules_are_compared_pair_by_pair_on_the_patients_whom_both_tell(given):
    tables, common = given
    pairs = compare_rules(*tables, **common, response_rules=["eular_era_edta_2012", "newsletter"])
    assert pairs["pair"].tolist() == ["eular_era_edta_2012.eular_era_edta_2012", "eular_era_edta_2012.newsletter",
                                      "newsletter.newsletter"]  # fmt: skip
    assert pairs["estimate"].tolist()[::2] == [1.0, 1.0]
    assert (pairs["dtt_a"] <= pairs["n"]).all() and pairs.loc[1, "estimate"] < 1
    own = dict(zip(("eular_era_edta_2012", "newsletter"), pairs["dtt_a"].iloc[[0, 2]], strict=True))
    for name, labelled in own.items():
        labels, _ = label_dtt(*tables, **{**common, "rule": replace(RULE, response_rule=name)})
        assert labelled == (labels["dtt"] == "yes").sum()
    facts = summarise_agreement(pairs, rule=RULE)
    assert facts["lowest"]["value"] == facts["highest"]["value"] == pairs.loc[1, "estimate"]
    assert facts["fewest"]["value"] == pairs["dtt_a"].iloc[[0, 2]].min()


def test_agreement_of_a_rule_with_nobody_is_not_estimable(given):
    tables, common = given
    pairs = compare_rules(*tables, **common, response_rules=["newsletter"])
    facts = summarise_agreement(pairs, rule=RULE)
    assert facts["lowest"]["value"] is None and facts["most"]["value"] == pairs.loc[0, "dtt_a"]


def test_sensitivity_tries_the_rule_in_force_once_among_its_variations(given):
    tables, common = given
    found = summarise_sensitivity(*tables, **common)
    assert len(found) == 12 and found["setting"].is_unique and found["is_in_force"].sum() == 1
    for row, (variation, _) in zip(found.to_dict("records"), derive_variations(RULE), strict=True):
        words = label_dtt(*tables, **{**common, "rule": variation})[0]["dtt"]
        assert (row["yes_n"], row["cannot_tell_n"]) == (words.eq("yes").sum(), words.eq("cannot tell").sum())
    assert (found["share"] <= found["share_high"]).all()
    assert len(derive_variations(replace(RULE, deadline_months=9.0))) == 18


def test_examples_show_each_arm_and_are_chosen_by_the_data(made, given):
    tables, _ = given
    borderline = flag_borderline(made["dtt_labels"], made["dtt_trace"], within=0.1)
    examples = choose_examples(borderline, rule=RULE)
    assert examples["example"].tolist() == ["A", "B", "C", "D", "E", "F"][: len(examples)]
    assert examples["title"].tolist()[:4] == list(ARM_LABELS.values())
    shuffled = choose_examples(borderline.sample(frac=1, random_state=1), rule=RULE)
    assert shuffled["title"].tolist() == examples["title"].tolist()
    lines = derive_timelines(examples, assessments=tables[0], courses=tables[1], labels=made["dtt_labels"],
                             response_rule=BOOK.response_rule(RULE.response_rule), until=24.0)  # fmt: skip
    assert lines["month"].max() <= 24 and set(lines["kind"]) == {"visit", "induction", "label"}
    assert "patient_id" not in lines
    shown = keep_example_traces(made["dtt_trace"], examples)
    assert shown["row"].is_unique and set(shown["example"]) == set(examples["example"])
    assert set(shown["passed"]) <= {"yes", "no", "cannot tell", "does not apply"}
    plt.close(draw_timelines(lines))


def test_a_patient_who_cannot_be_told_is_shown_with_all_answers():
    table = labels_of(dtt=["cannot tell"], dtt_arm=[None]).assign(
        dtt_month=np.nan, change_to_turn=np.nan, turning_arm=pd.array([pd.NA], "string"))  # fmt: skip
    examples = choose_examples(table, rule=RULE)
    assert examples["title"].tolist() == ["Cannot tell"]
    trace = trace_of(answer("failure_6m", None), judged("failure_6m", "x", 2.0, True), answer("no_response", False))
    trace = trace.assign(month=np.nan, comparator="", threshold=np.nan)
    shown = keep_example_traces(trace, examples)
    assert shown["passed"].tolist() == ["cannot tell", "no"]


def test_the_rule_in_words_has_a_sentence_for_each_arm_that_is_on():
    words = describe_rule(RULE, rulebook=BOOK)
    assert set(ARM_LABELS.values()) <= set(words["part"])
    assert words["words"].str.endswith(".").all() and words["source"].str.len().gt(0).all()
    less = describe_rule(replace(RULE, arms=("failure_6m",), flare_rule="trial"), rulebook=BOOK)
    assert not less["part"].str.contains("Flare").any()
    trial = describe_rule(replace(RULE, flare_rule="trial"), rulebook=BOOK)
    assert trial["part"].str.contains("at 2 visits in a row").any()


def test_the_trace_explains_itself(made):
    trace = made["dtt_trace"]
    criteria = trace.loc[trace["comparator"].isin(["<", "<=", ">", ">="]) & trace["passed"].notna()]
    value, threshold = criteria["value"].round(9), criteria["threshold"].round(9)
    asked = [criteria["comparator"].eq(comparator) for comparator in ("<", "<=", ">")]
    outcomes = [value < threshold, value <= threshold, value > threshold]
    holds = np.select(asked, outcomes, value >= threshold).astype(bool)
    plain = ~criteria["criterion"].str.contains("after|nephrotic|baseline", regex=True)
    assert (criteria.loc[plain, "passed"].to_numpy(dtype=bool) == holds[plain]).all()
    assert trace["note"].notna().all() and trace["arm"].isin(ARMS).all()


def test_figures_are_drawn_from_their_tables_and_from_none(made, given):
    tables, common = given
    figures = [
        draw_onset_curve(derive_onset_curve(made["dtt_labels"], rule=RULE)),
        draw_onset_curve(derive_onset_curve(SMALL.head(0), rule=RULE)),
        draw_arm_overlap(derive_arm_overlap(made["dtt_labels"], rule=RULE)),
        draw_arm_overlap(derive_arm_overlap(SMALL.head(0), rule=RULE)),
        draw_rule_agreement(compare_rules(*tables, **common, response_rules=["dutch", "newsletter"])),
        draw_turning_curve(derive_turning_curve(flag_borderline(made["dtt_labels"], made["dtt_trace"], within=0.1)),
                           within=0.1),
        draw_turning_curve(pd.DataFrame({"label": [], "change_to_turn": [], "share": []}), within=0.1),
        draw_sensitivity(summarise_sensitivity(*tables, **common)),
        draw_timelines(pd.DataFrame(columns=["example", "title", "kind", "month", "upcr_g_g", "response"])),
    ]  # fmt: skip
    bars = [patch.get_height() for patch in figures[2].axes[0].patches]
    assert bars == derive_arm_overlap(made["dtt_labels"], rule=RULE)["n"].tolist()
    for figure in figures:
        assert figure.axes
        plt.close(figure)
