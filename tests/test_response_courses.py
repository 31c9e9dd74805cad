"""Courses: what each achieved, how it ended, what followed, and the paths of a swimmer plot."""

import pandas as pd

from helpers.response.courses import (
    count_switches,
    label_course_outcomes,
    summarise_courses,
    summarise_final_status,
)
from helpers.response.paths import count_marks, derive_paths

NEVER = float("nan")


def visits(*rows: tuple[int, float, str]) -> pd.DataFrame:
    """Visits of patient A: course, month, response to it; "flare" is marked as one."""
    frame = pd.DataFrame(rows, columns=["course_number", "month", "word"])
    flare = frame.word.eq("flare").astype(bool)
    return frame.assign(patient_id="A", course_response=frame.word.mask(flare, "none"), is_flare=flare).astype(
        {"course_number": "Int64", "month": float})  # fmt: skip


def people(
    end: float = 60, death: float = NEVER, esrd: float = NEVER, lost: bool = False, group: str = "dtt"
) -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": ["A"], "group": group, "followup_months": end, "death_month": death, "esrd_month": esrd,
        "is_lost": lost,
    })  # fmt: skip


def courses(*rows: tuple[str, float], end: float = 60.0) -> pd.DataFrame:
    """Courses of patient A: regimen and month of start."""
    frame = pd.DataFrame(rows, columns=["regimen", "start_month"]).astype({"start_month": float})
    number = pd.array(range(1, len(rows) + 1), dtype="Int64")
    return frame.assign(patient_id="A", course_number=number, end_month=frame.start_month.shift(-1).fillna(end))


TWO = courses(("mycophenolate", 0), ("rituximab", 12))


def test_the_best_and_the_last_response_of_each_course_are_told_apart():
    seen = visits((1, 3, "partial"), (1, 6, "complete"), (1, 9, "none"), (1, 11, "cannot tell"), (2, 20, "cannot tell"))
    found = label_course_outcomes(seen, courses=TWO, followup=people())
    assert found.best_response.tolist() == ["complete", "cannot tell"]
    assert found.last_response.tolist() == ["none", "cannot tell"]


def test_a_course_ends_with_the_next_induction_or_with_follow_up():
    found = label_course_outcomes(visits(), courses=TWO, followup=people())
    assert found.ending.tolist() == ["next induction", "follow-up ended"]
    assert found.next_regimen.tolist()[0] == "rituximab"
    assert found.next_regimen.isna().tolist() == [False, True]


def test_death_ends_the_last_course_only():
    found = label_course_outcomes(visits(), courses=TWO, followup=people(60, death=60))
    assert found.ending.tolist() == ["next induction", "death"]


def test_kidney_failure_ends_the_course_in_which_it_came_even_when_another_induction_or_death_followed():
    first = label_course_outcomes(visits(), courses=TWO, followup=people(esrd=12))
    assert first.ending.tolist() == ["kidney failure", "follow-up ended"]
    second = label_course_outcomes(visits(), courses=TWO, followup=people(death=60, esrd=12.1))
    assert second.ending.tolist() == ["next induction", "kidney failure"]


def test_summaries_count_every_course_once_per_column_group():
    seen = visits((1, 6, "complete"), (2, 20, "none"))
    outcomes = label_course_outcomes(seen, courses=TWO, followup=people())
    table = summarise_courses(outcomes).set_index("course")
    assert table.loc["1", ["courses_n", "complete_n", "next_induction_n", "followup_ended_n"]].tolist() == [1, 1, 1, 0]
    assert table.loc["2", ["courses_n", "none_n", "next_induction_n", "followup_ended_n"]].tolist() == [1, 1, 0, 1]
    assert table.loc["3 or more"].tolist() == ["Third and later", *[0] * 9]
    named = summarise_courses(outcomes, by="regimen", labels={"rituximab": "Rituximab", "other": "Other"})
    assert named[["regimen", "label", "courses_n"]].to_numpy().tolist() == [
        ["rituximab", "Rituximab", 1], ["other", "Other", 0]]  # fmt: skip


def test_third_and_later_courses_stand_together():
    four = courses(("mycophenolate", 0), ("rituximab", 12), ("other", 24), ("tacrolimus", 36))
    outcomes = label_course_outcomes(visits(), courses=four, followup=people())
    assert outcomes.course.tolist() == ["1", "2", "3 or more", "3 or more"]


def test_switches_count_pairs_of_neighbouring_courses():
    outcomes = pd.DataFrame({
        "regimen": ["tacrolimus", "mycophenolate", "mycophenolate", "mycophenolate", "rituximab"],
        "next_regimen": ["tacrolimus", "rituximab", "rituximab", "tacrolimus", None],
    })  # fmt: skip
    table = count_switches(outcomes)
    assert table.drop(columns="pair").to_numpy().tolist() == [
        ["mycophenolate", "rituximab", 2, 3, 2 / 3], ["mycophenolate", "tacrolimus", 1, 3, 1 / 3],
        ["tacrolimus", "tacrolimus", 1, 1, 1.0],
    ]  # fmt: skip
    assert table.pair[0] == "Mycophenolate to rituximab"


def test_without_a_second_induction_there_is_no_switch():
    outcomes = label_course_outcomes(visits(), courses=courses(("mycophenolate", 0)), followup=people())
    assert count_switches(outcomes).empty
    assert list(count_switches(outcomes)) == ["regimen", "next_regimen", "pair", "n", "from_n", "share"]


def test_the_final_status_crosses_the_last_response_with_who_is_alive():
    answers = pd.DataFrame({
        "group": ["dtt"] * 5 + ["other"], "point": "last",
        "status": ["assessed", "dead", "esrd", "missing", "dead", "assessed"],
        "response": ["complete", "complete", "none", "cannot tell", "none", "complete"],
    })  # fmt: skip
    table = summarise_final_status(pd.concat([answers, answers.assign(point="6")])).set_index("response")
    columns = ["n", "alive_n", "esrd_n", "dead_n"]
    assert table[columns].to_numpy().tolist() == [[2, 1, 0, 1], [0, 0, 0, 0], [2, 0, 1, 1], [1, 1, 0, 0]]
    assert table.share.tolist() == [0.4, 0, 0.4, 0.2]
    assert (table.low_share <= table.share).all() and (table.share <= table.high_share).all()


def test_without_anybody_in_the_group_the_final_status_is_all_zero_and_has_no_share():
    answers = pd.DataFrame({"group": ["other"], "point": "last", "status": "assessed", "response": "complete"})
    table = summarise_final_status(answers)
    assert table.n.tolist() == [0, 0, 0, 0]
    assert table[["share", "low_share", "high_share"]].isna().all(axis=None)


def spells(*rows: tuple[str, float, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["patient_id", "month", "until_month", "state"])


def test_a_path_holds_states_as_segments_and_the_rest_as_marks():
    who = people(30, death=30.0, esrd=20.0)
    states = spells(("A", 0, 8, "complete"), ("A", 8, 10, "flare"), ("A", 10, 20, "active"), ("A", 20, 30, "esrd"),
                    ("A", 30, 30, "dead"))  # fmt: skip
    paths = derive_paths(states, courses=TWO, followup=who)
    assert paths.loc[paths.kind.eq("state"), ["word", "start_month", "end_month"]].to_numpy().tolist() == [
        ["complete", 0, 8], ["flare", 8, 10], ["active", 10, 20], ["esrd", 20, 30]]  # fmt: skip
    marks = paths.loc[paths.kind.ne("state")]
    assert marks.groupby("kind").start_month.apply(list).to_dict() == {
        "course": [0, 12], "flare": [8], "esrd": [20], "death": [30]}  # fmt: skip
    assert (marks.start_month == marks.end_month).all()
    assert marks.loc[marks.kind.eq("course"), "word"].tolist() == ["mycophenolate", "rituximab"]
    counts = count_marks(paths).set_index("kind")
    assert counts.marks_n.to_dict() == {"course": 2, "flare": 1, "esrd": 1, "death": 1, "lost": 0}
    assert counts.patients_n.to_dict() == {"course": 1, "flare": 1, "esrd": 1, "death": 1, "lost": 0}


def test_only_the_group_asked_for_is_shown_and_the_longest_followed_first():
    who = pd.concat([
        people(20).assign(patient_id="B"), people(50, lost=True), people(20, group="other").assign(patient_id="C"),
    ])  # fmt: skip
    every = spells(("A", 0, 50, "active"), ("B", 0, 20, "active"), ("C", 0, 20, "active"))
    paths = derive_paths(every, courses=TWO, followup=who)
    assert paths.drop_duplicates("place").patient_id.tolist() == ["A", "B"]
    assert paths.loc[paths.kind.eq("lost"), ["patient_id", "start_month"]].to_numpy().tolist() == [["A", 50]]


def test_nobody_in_the_group_gives_an_empty_path():
    paths = derive_paths(spells(), courses=TWO, followup=people(group="other"))
    assert paths.empty
    assert list(paths) == ["patient_id", "place", "kind", "word", "start_month", "end_month"]
