"""States over time: how a path is read from visits and events, and how many are in each state."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.response.occupancy import estimate_state_shares
from helpers.response.states import (
    ENDED,
    STATES,
    count_states,
    derive_state_spells,
    summarise_states,
)

GOLDEN = Path(__file__).parent / "golden"
NEVER = float("nan")


def visits(*rows: tuple[str, float, str]) -> pd.DataFrame:
    """Patient, month, response to the course; "flare" is a visit without response that the flare rule marks."""
    frame = pd.DataFrame(rows, columns=["patient_id", "month", "word"]).astype({"month": float, "word": object})
    flare = frame.word.eq("flare").astype(bool)
    return frame.assign(course_response=frame.word.mask(flare, "none"), is_flare=flare).drop(columns="word")


def people(end: float = 60, death: float = NEVER, esrd: float = NEVER, lost: bool = False, n: int = 1) -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": pd.Series(list("ABCDEF")[:n], dtype="object"), "group": "dtt", "followup_months": float(end),
        "death_month": death, "esrd_month": esrd, "is_lost": lost,
    }).astype({"death_month": float, "esrd_month": float})  # fmt: skip


def courses(*starts: float) -> pd.DataFrame:
    return pd.DataFrame({"patient_id": "A", "course_number": range(1, len(starts) + 1), "start_month": starts})


def path(seen, who, treated=None) -> list[tuple[float, str]]:
    """Month and state of every change of patient A."""
    spells = derive_state_spells(seen, followup=who, courses=courses(0) if treated is None else treated)
    assert spells.until_month.tolist()[:-1] == spells.month.tolist()[1:]
    assert spells.until_month.iloc[-1] == who.followup_months.iloc[0]
    return list(zip(spells.month, spells.state, strict=True))


def test_everybody_starts_active_and_moves_with_the_visits():
    words = {3: "partial", 6: "complete", 9: "complete", 12: "flare", 15: "none"}
    seen = visits(*[("A", month, word) for month, word in words.items()])
    assert path(seen, people(20)) == [(0, "active"), (3, "partial"), (6, "complete"), (12, "flare"), (15, "active")]


def test_a_visit_that_cannot_tell_moves_nobody():
    assert path(visits(("A", 6, "complete"), ("A", 9, "cannot tell")), people(12)) == [(0, "active"), (6, "complete")]


@pytest.mark.parametrize(("month", "seen_again"), [(17.9, True), (18.0, True), (18.1, False)])
def test_a_state_is_carried_for_twelve_months_and_then_the_patient_is_not_seen(month, seen_again):
    found = path(visits(("A", 6, "complete"), ("A", month, "none")), people(20))
    assert found[2:] == ([(month, "active")] if seen_again else [(18.0, "not seen"), (month, "active")])


def test_a_visit_that_cannot_tell_does_not_prolong_a_state():
    assert path(visits(("A", 6, "complete"), ("A", 14, "cannot tell")), people(20))[-1] == (18, "not seen")


@pytest.mark.parametrize(("end", "last"), [(18.0, (6.0, "complete")), (18.1, (18.0, "not seen"))])
def test_nobody_goes_out_of_sight_on_the_day_follow_up_ends(end, last):
    assert path(visits(("A", 6, "complete")), people(end))[-1] == last


def test_a_later_induction_is_active_unless_that_days_visit_says_otherwise():
    assert path(visits(("A", 6, "complete")), people(12), courses(0, 8))[-1] == (8, "active")
    seen = visits(("A", 6, "complete"), ("A", 8, "flare"))
    assert path(seen, people(12), courses(0, 8))[-1] == (8, "flare")


def test_kidney_failure_is_left_by_death_only():
    seen = visits(("A", 6, "none"), ("A", 11, "complete"))
    found = path(seen, people(20, death=20, esrd=10), courses(0, 12))
    assert found == [(0, "active"), (10, "esrd"), (20, "dead")]


def test_on_one_day_death_goes_before_kidney_failure_and_both_before_the_visit():
    assert path(visits(("A", 10, "complete")), people(20, esrd=10))[-1] == (10, "esrd")
    assert path(visits(("A", 10, "complete")), people(10, death=10, esrd=10))[-1] == (10, "dead")


def test_kidney_failure_before_time_zero_is_there_from_the_start():
    assert path(visits(("A", 3, "partial")), people(12, esrd=-2)) == [(0, "esrd")]


def test_nothing_is_read_after_the_end_of_follow_up_nor_before_time_zero():
    seen = visits(("A", -1, "complete"), ("A", 0, "complete"), ("A", 12, "partial"), ("A", 12.1, "complete"))
    assert path(seen, people(12)) == [(0, "active"), (12, "partial")]


def test_counts_hold_every_patient_every_month_and_every_state():
    who = pd.concat([people(10), people(20).assign(patient_id="B", death_month=20.0), people(5, lost=True).assign(
        patient_id="C")])  # fmt: skip
    spells = derive_state_spells(visits(("A", 6, "complete")), followup=who, courses=courses(0))
    counts = count_states(spells, followup=who, months=range(25))
    assert counts.groupby("month").n.sum().eq(3).all()
    assert counts.groupby("month").share.sum().tolist() == pytest.approx([1] * 25)
    assert counts.loc[counts.month.eq(0), "state"].tolist() == [*STATES, "lost", "censored"]
    at = counts.loc[counts.n.gt(0)].groupby("month").apply(
        lambda rows: dict(zip(rows.state, rows.n, strict=True)), include_groups=False)  # fmt: skip
    assert at[5] == {"active": 3}
    assert at[6] == {"complete": 1, "active": 1, "lost": 1}
    assert at[10] == {"complete": 1, "active": 1, "lost": 1}
    assert at[11] == {"active": 1, "lost": 1, "censored": 1}
    assert at[12] == {"not seen": 1, "lost": 1, "censored": 1}
    assert at[24] == {"dead": 1, "lost": 1, "censored": 1}


def test_without_patients_nothing_is_counted_and_nothing_is_estimated():
    who = people(n=0)
    spells = derive_state_spells(visits(), followup=who, courses=courses())
    assert count_states(spells, followup=who).empty
    assert estimate_state_shares(spells, months=[0]).estimate.isna().all()


def test_shares_had_all_been_followed_equal_those_of_survfit_under_ties():
    spells = pd.read_csv(GOLDEN / "state_spells.csv").assign(group="all")
    golden = pd.read_csv(GOLDEN / "state_shares.csv", comment="#")
    found = estimate_state_shares(spells, months=sorted(golden.month.unique()))
    both = golden.merge(found, on=["month", "state"], suffixes=("_r", ""), validate="one_to_one")
    assert len(both) == len(golden) == 40
    np.testing.assert_allclose(both.estimate, both.estimate_r, rtol=0, atol=1e-10)


def test_while_nobody_has_left_the_shares_are_the_counts():
    who = people(30, n=2)
    seen = visits(("A", 6, "complete"), ("B", 9, "flare"))
    spells = derive_state_spells(seen, followup=who, courses=courses(0))
    shares = estimate_state_shares(spells, months=[0, 6, 9, 30, 31])
    counts = count_states(spells, followup=who, months=[0, 6, 9, 30])
    both = counts.merge(shares, on=["month", "state"])
    assert both.estimate.tolist() == pytest.approx(both.share.tolist())
    assert shares.loc[shares.month.eq(31), "estimate"].isna().all()
    assert shares.drop_duplicates("month").at_risk.tolist() == [2, 2, 2, 2, 0]


def test_who_leaves_follow_up_takes_no_share_and_the_dead_keep_theirs():
    who = people(5, n=3).assign(followup_months=[5.0, 20.0, 10.0], death_month=[NEVER, NEVER, 10.0])
    spells = derive_state_spells(visits(("B", 8, "complete")), followup=who, courses=courses(0))
    shares = estimate_state_shares(spells, months=[8, 12, 20]).set_index(["month", "state"])
    assert shares.loc[8, "estimate"].loc[["complete", "active"]].tolist() == [0.5, 0.5]
    assert shares.loc[12, "estimate"].loc[["complete", "active", "dead"]].tolist() == [0.5, 0, 0.5]
    assert shares.at_risk.loc[(20, "dead")] == 1, "the dead are no longer at risk of anything"


def test_when_all_have_died_the_shares_stay():
    who = people(5, n=1).assign(death_month=5.0)
    spells = derive_state_spells(visits(), followup=who, courses=courses(0))
    shares = estimate_state_shares(spells, months=[99]).set_index("state").estimate
    assert shares.to_dict() == {state: float(state == "dead") for state in STATES}


def test_the_printed_table_shows_counts_and_shares_side_by_side():
    who = people(10, n=2).assign(followup_months=[10.0, 5.0])
    spells = derive_state_spells(visits(("A", 6, "complete")), followup=who, courses=courses(0))
    counts = count_states(spells, followup=who, months=[4, 6])
    shares = estimate_state_shares(spells, months=[4, 6])
    table = summarise_states(counts, shares, months=[4, 6]).set_index("state")
    assert table.index.tolist() == [*STATES, *ENDED]
    assert table.loc["active"].tolist() == [2, 1, 0, 0]
    assert table.loc["complete"].tolist() == [0, 0, 1, 1]
    assert table.loc["censored", ["n_4", "n_6"]].tolist() == [0, 1]
    assert table.loc["censored", ["share_4", "share_6"]].isna().all()
