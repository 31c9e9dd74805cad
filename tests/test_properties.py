"""What must hold for any patients: order, names and calendar change nothing, looser rules and the flow lose nobody."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.cohort import count_flow
from helpers.definitions import ARMS, RESPONSE_RULES, UpcrLimit, load_rulebook
from helpers.kidney import flag_response
from helpers.labelling.comparison import estimate_kappa
from helpers.parameters import Parameters
from helpers.stages import make_tables
from helpers.synthetic import simulate_cohort

RARELY = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
OFTEN = settings(max_examples=60, deadline=None)
SEEDS = st.integers(min_value=1, max_value=10_000)
BOOK = load_rulebook()


def simulate(seed: int, n: int = 30) -> dict[str, pd.DataFrame]:
    return simulate_cohort(n=n, seed=seed)


def parameters_from(draw) -> Parameters:
    return Parameters(
        response_rule=draw(st.sampled_from(sorted(RESPONSE_RULES))),
        flare_rule=draw(st.sampled_from(sorted(BOOK.flare))),
        dtt_arms=draw(st.lists(st.sampled_from(ARMS), min_size=1, unique=True)),
        confirmation_visits=draw(st.sampled_from([1, 2])),
        missing_window=draw(st.sampled_from(["later_response_settles", "cannot_tell", "counts_as_failure"])),
        flare_clock=draw(st.sampled_from(["induction_start", "complete_response"])),
        minimum_followup_months=draw(st.sampled_from([0.0, 6.0, 24.0])),
    )  # fmt: skip


any_parameters = st.composite(lambda draw: parameters_from(draw))()


def plain(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    labels = tables["dtt_labels"].sort_values("patient_id", ignore_index=True)
    return labels.drop(columns=["dtt_date", "patient_id"])


@RARELY
@given(seed=SEEDS, parameters=any_parameters, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(seed, parameters, order):
    raw = simulate(seed)
    shuffled = {name: frame.sample(frac=1, random_state=order.randrange(2**31)) for name, frame in raw.items()}
    before, after = (make_tables(tables, parameters, rulebook=BOOK) for tables in (raw, shuffled))
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, after[name])


@RARELY
@given(seed=SEEDS, parameters=any_parameters)
def test_what_a_patient_is_called_changes_nothing(seed, parameters):
    raw = simulate(seed)
    names = {old: f"Z{number:05d}" for number, old in enumerate(raw["patients"]["patient_id"][::-1])}
    renamed = {name: frame.assign(patient_id=frame["patient_id"].map(names).astype("string"))
               for name, frame in raw.items()}  # fmt: skip
    before = make_tables(raw, parameters, rulebook=BOOK)["dtt_labels"].set_index("patient_id")
    after = make_tables(renamed, parameters, rulebook=BOOK)["dtt_labels"].set_index("patient_id")
    before.index = before.index.map(names)
    pd.testing.assert_frame_equal(before.sort_index(), after.sort_index(), check_index_type=False, check_names=False)


@RARELY
@given(seed=SEEDS, parameters=any_parameters, weeks=st.sampled_from([-1, 1, 52]))
def test_moving_all_dates_changes_no_label(seed, parameters, weeks):
    raw, shift = simulate(seed), pd.Timedelta(weeks=weeks)
    moved = {name: frame.assign(**{column: frame[column] + shift for column in frame.select_dtypes("datetime")})
             for name, frame in raw.items()}  # fmt: skip
    always = {"study_start": "1990-01-01", "study_end": "2040-12-31"}
    settings_of_both = Parameters(**{**parameters.model_dump(), **always})
    before, after = (make_tables(tables, settings_of_both, rulebook=BOOK) for tables in (raw, moved))
    pd.testing.assert_frame_equal(plain(before), plain(after))
    pd.testing.assert_series_equal(before["dtt_labels"]["dtt_date"] + shift, after["dtt_labels"]["dtt_date"])


@RARELY
@given(seed=SEEDS, parameters=any_parameters)
def test_labels_are_total_dated_and_explained(seed, parameters):
    tables = make_tables(simulate(seed), parameters, rulebook=BOOK)
    labels, trace, cohort = tables["dtt_labels"], tables["dtt_trace"], tables["cohort"]
    assert set(labels["patient_id"]) == set(cohort.loc[cohort["is_eligible"], "patient_id"])
    assert labels["dtt"].isin(["yes", "no", "cannot tell"]).all()
    is_yes = labels["dtt"].eq("yes")
    assert (is_yes == labels["dtt_date"].notna()).all() and (is_yes == labels["dtt_arm"].notna()).all()
    assert labels.loc[is_yes, "dtt_month"].ge(0).all()
    end = labels["patient_id"].map(cohort.set_index("patient_id")["followup_end_date"])
    assert (labels["dtt_date"] <= end)[is_yes].all()
    answers = trace.loc[trace["criterion"].str.startswith("answer: ")]
    assert len(answers) == len(labels) * len(parameters.dtt_rule().arms)
    assert answers["note"].str.len().gt(0).all()


@RARELY
@given(seed=SEEDS, parameters=any_parameters)
def test_the_flow_conserves_patients(seed, parameters):
    raw = simulate(seed)
    flow = count_flow(make_tables(raw, parameters, rulebook=BOOK)["cohort"])
    assert flow["remaining_n"].iloc[-1] + flow["excluded_n"].sum() == len(raw["patients"])
    assert flow["remaining_n"].is_monotonic_decreasing


@RARELY
@given(seed=SEEDS)
def test_gaps_counted_as_failure_never_turn_a_yes_and_open_gaps_never_settle_one(seed):
    raw = simulate(seed)
    found = {policy: make_tables(raw, Parameters(missing_window=policy), rulebook=BOOK)["dtt_labels"]["dtt"]
             for policy in ("later_response_settles", "cannot_tell", "counts_as_failure")}  # fmt: skip
    settled, left_open, failed = found.values()
    assert settled[left_open.ne("cannot tell")].eq(left_open[left_open.ne("cannot tell")]).all()
    assert failed[left_open.eq("yes")].eq("yes").all()


@RARELY
@given(seed=SEEDS, settles=st.booleans(), share=st.floats(0.05, 0.5))
def test_a_proteinuria_taken_away_opens_the_deadline_arm_and_never_turns_it(seed, settles, share):
    raw = simulate(seed)
    parameters = Parameters(require_complete_records=False, minimum_followup_months=0.0, dtt_arms=["no_response"],
                            missing_window="later_response_settles" if settles else "cannot_tell")  # fmt: skip
    visits = raw["visits"]
    starts = raw["treatments"].groupby("patient_id")["start_date"].min()
    late = visits["visit_date"] > visits["patient_id"].map(starts) + pd.Timedelta(days=7)
    lost = late & (np.random.default_rng(seed).random(len(visits)) < share)
    less = {**raw, "visits": visits.assign(upcr_g_g=visits["upcr_g_g"].mask(lost),
                                           protein_24h_g=visits["protein_24h_g"].mask(lost))}  # fmt: skip
    whole, part = (make_tables(tables, parameters, rulebook=BOOK) for tables in (raw, less))
    before, after = whole["dtt_labels"]["dtt"], part["dtt_labels"]["dtt"]
    # kidney failure in time is no response unless one was seen, so that there an unseen response does turn the arm
    failed = part["dtt_trace"].loc[part["dtt_trace"]["criterion"].eq("kidney failure in time"), "patient_id"]
    is_open = after.eq("cannot tell") | part["dtt_labels"]["patient_id"].isin(failed)
    assert lost.any() and (after.eq(before) | is_open).all()


amounts = st.one_of(st.none(), st.floats(min_value=0.01, max_value=20).map(lambda value: round(value, 2)))
rates = st.one_of(st.none(), st.floats(min_value=5, max_value=130).map(lambda value: round(value, 1)))
visits = st.fixed_dictionaries({
    "month": st.floats(min_value=0.1, max_value=40).map(lambda value: round(value, 2)), "creatinine_mg_dl": amounts,
    "upcr_g_g": amounts, "egfr": rates, "active_sediment": st.sampled_from([True, False, None]),
    "baseline_creatinine_mg_dl": amounts, "baseline_upcr_g_g": amounts, "baseline_egfr": rates, "reference_egfr": rates,
    "reference_creatinine_mg_dl": amounts,
})  # fmt: skip


def as_visits(rows: list[dict]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    numbers = {name: float for name in frame if name != "active_sediment"}
    return frame.astype({**numbers, "active_sediment": "boolean"})


@OFTEN
@given(rows=st.lists(visits, min_size=1, max_size=20), name=st.sampled_from(sorted(RESPONSE_RULES)),
       more=st.floats(1, 3))  # fmt: skip
def test_a_looser_threshold_never_removes_a_responder(rows, name, more):
    rule, table = RESPONSE_RULES[name], as_visits(rows)
    looser = {
        grade: replace(asked, upcr=asked.upcr and UpcrLimit(asked.upcr.value * more, asked.upcr.included),
                       falls=tuple((month, fall / more) for month, fall in asked.falls), inactive_sediment=False)
        for grade, asked in (("complete", rule.complete), ("partial", rule.partial))
    }  # fmt: skip
    before, after = (flag_response(table, rule=one)["is_response"] for one in (rule, replace(rule, **looser)))
    assert after[before.fillna(False)].fillna(False).all()
    assert not before[~after.fillna(True)].fillna(True).any()


@OFTEN
@given(rows=st.lists(visits, min_size=1, max_size=12), name=st.sampled_from(sorted(RESPONSE_RULES)),
       column=st.sampled_from(["upcr_g_g", "egfr", "creatinine_mg_dl", "reference_egfr", "baseline_upcr_g_g"]))
def test_taking_a_value_away_never_turns_an_answer_only_opens_it(rows, name, column):
    table = as_visits(rows)
    known = flag_response(table, rule=RESPONSE_RULES[name])["is_response"]
    less = flag_response(table.assign(**{column: np.nan}), rule=RESPONSE_RULES[name])["is_response"]
    both = known.notna() & less.notna()
    assert known[both].eq(less[both]).all()
    assert known[less.notna()].notna().all()


@OFTEN
@given(ratings=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60))
def test_kappa_is_symmetric_and_one_only_for_full_agreement(ratings):
    first, second = np.array(ratings, dtype=bool).T
    one, other = estimate_kappa(first, second), estimate_kappa(second, first)
    assert one["agreement"] == other["agreement"]
    if np.isnan(one["estimate"]):
        assert np.isnan(other["estimate"])
    else:
        assert one["estimate"] == pytest.approx(other["estimate"])
        assert (one["estimate"] == pytest.approx(1.0)) == bool((first == second).all())
        assert one["low"] <= one["estimate"] <= one["high"] + 1e-12
