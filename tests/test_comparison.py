"""Run against run: what differs, what made it differ, who moved, and one page of it, aside until whole."""

import csv
import json
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from in_browser import find_violations
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers import comparison, schema, stages
from helpers.cli import main
from helpers.comparison import ComparisonError, compare_runs, numbers, settings
from helpers.comparison.attribution import DATA, Attribution, attribute, list_players, read_raw
from helpers.comparison.causes import Moved, choose_arm, find_cause, find_failing
from helpers.comparison.headlines import REACHING, Headlines, derive_statuses
from helpers.comparison.moves import find_moves
from helpers.comparison.page import PSEUDONYMS
from helpers.comparison.pictures import derive_flow, join_flows
from helpers.comparison.runs import ComparedRun, read_runs
from helpers.comparison.sentences import list_changes, pair_cells
from helpers.comparison.shapley import share_out
from helpers.comparison.trace import flag_asked, list_trace_rows
from helpers.comparison.whole import RECORD, name_comparison
from helpers.figures.comparison import draw_run_curves
from helpers.ledger import Entry
from helpers.parameters import ALL, check_parameters
from helpers.project import PROJECT

SECOND = {"response_rule": "kdigo_2024", "response_deadline_months": 6.0}
THIRD = {"minimum_followup_months": 36.0, "landmark_months": 12.0, "dtt_arms": ["failure_6m", "no_response"]}
UNITS = {"dtt.share": "share"}


@pytest.fixture(scope="module")
def raw() -> dict[str, pd.DataFrame]:
    """The shipped cohort."""
    return schema.read_raw(PROJECT / "data/raw")


def write_run(top: Path, name: str, raw: dict[str, pd.DataFrame], *, synthetic: bool = True, **values) -> Path:
    """A finished run without its notebooks' work: tables, headline numbers, two sentences."""
    derived, folder = top / "derived" / name, top / "reports" / name
    parameters = check_parameters({**values, "derived_dir": derived.as_posix()})
    files = schema.hash_inputs(PROJECT / "data/raw")
    made = {"parameters": parameters.model_dump(exclude={"data_dir", "derived_dir"}), "inputs": files}
    tables = stages.make_tables(raw, parameters) | {f"raw_{table}": frame for table, frame in raw.items()}
    for table, frame in tables.items():
        schema.write_derived(frame, table, derived, made_with=made)
    found = Headlines({"": raw}).derive_numbers(parameters, data="")
    entries = [entry(id, value) for id, value in found.items()]
    entries += [entry("same.n", 5.0), entry("a.or", 2.0, 0.9 if values else 1.2, 4.0, null=1.0)]
    entries += [entry(f"own.{name}.n", 1.0), entry("table.t.x.n", 2.0 + len(values)), entry("table.t.y.n", 5.0)]
    (folder / "notebooks").mkdir(parents=True)
    for notebook in ALL:
        content = write_sentences(f"{found['dtt.n']:.0f} patients are {'<changed>' if values else 'as ever'}.")
        nbformat.write(content, folder / "notebooks" / f"{notebook}.ipynb")
    write_json(folder / "results.json", {"synthetic": synthetic, "entries": [e.__dict__ for e in entries]})
    write_json(folder / "run.json", {
        "run": name, "finished": "2024-01-01T10:00:00+00:00", "parameters": parameters.model_dump(),
        "data": {"synthetic": synthetic, "files": files, "folder": "data/raw"},
        "code": {"version": "1", "commit": "a" * 40, "changed_files": 0}, "python": "3.11", "system": "x",
        "packages": {"pandas": "2" if values else "1"}})
    return folder


def entry(id: str, value: float | None, low: float | None = None, high: float | None = None, *,
          null: float | None = None) -> Entry:
    value = None if value is None or np.isnan(value) else float(value)
    unit = UNITS.get(id, "odds ratio" if id.endswith(".or") else "hazard ratio" if id.endswith(".hr") else "patients")
    return Entry(id, value, low, high, unit, None, f"Label <of> {id}", null, ALL[0], "")


def write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def write_sentences(text: str) -> nbformat.NotebookNode:
    output = new_output("display_data", data={"text/plain": text}, metadata={"compendium": {"kind": "say"}})
    plain = new_output("display_data", data={"text/plain": "not said"})
    return new_notebook(cells=[new_markdown_cell("# T\n\n## Who is *it*?"),
                               new_code_cell("study.say()", outputs=[output, plain])])


@pytest.fixture(scope="module")
def top(tmp_path_factory, raw) -> Path:
    """Three runs in one folder."""
    folder = tmp_path_factory.mktemp("compared")
    for name, values in (("first", {}), ("second", SECOND), ("third", THIRD)):
        write_run(folder, name, raw, **values)
    return folder


@pytest.fixture(scope="module")
def runs(top) -> tuple[ComparedRun, ...]:
    return read_runs(["first", "second", "third"], reports=top / "reports")


@pytest.fixture(scope="module")
def found(runs) -> list[Attribution]:
    """What made the change from the first run to each of the others."""
    return [attribute(runs[0], second) for second in runs[1:]]


# Shapley


def test_the_parts_are_those_of_the_books_for_the_glove_and_the_airport_game():
    gloves = share_out(["l1", "l2", "r"], lambda who: pd.Series({"v": float("r" in who and len(who) > 1)})).parts["v"]
    assert gloves.to_numpy() == pytest.approx([1 / 6, 1 / 6, 2 / 3], abs=1e-12)
    costs = {"a": 1.0, "b": 4.0, "c": 10.0}
    airport = share_out(list(costs), lambda who: pd.Series({"v": max((costs[i] for i in who), default=0.0)})).parts["v"]
    assert airport.to_numpy() == pytest.approx([1 / 3, 1 / 3 + 1.5, 1 / 3 + 1.5 + 6], abs=1e-12)


@pytest.mark.parametrize("size", [1, 2, 5, 6, 7, 9])
def test_the_parts_add_up_to_the_whole_change_over_all_orders_and_over_drawn_ones(size):
    players = [f"p{place}" for place in range(size)]
    rng = np.random.default_rng(size)
    kept: dict[frozenset, pd.Series] = {}

    def value(who):
        return kept.setdefault(who, pd.Series(rng.normal(size=3), index=["a", "b", "c"]))

    shares = share_out(players, value, seed=3)
    whole = kept[frozenset(players)] - kept[frozenset()]
    assert shares.parts.sum().to_numpy() == pytest.approx(whole.to_numpy(), abs=1e-12)
    assert (shares.orders == 0) == (size <= 6)
    assert len(kept) <= (2**size if size <= 6 else 32 * size)


def test_a_number_without_a_value_somewhere_has_no_parts_and_the_others_do():
    shares = share_out(["a", "b"], lambda who: pd.Series({"lost": np.nan if who == {"a"} else 1.0, "n": len(who)}))
    assert shares.parts["lost"].isna().all()
    assert shares.parts["n"].tolist() == [1.0, 1.0]
    drawn = share_out(["a", "b", "c"], lambda who: pd.Series({"lost": np.nan if who == {"a"} else 1.0}), exact_up_to=0)
    assert drawn.parts["lost"].isna().all()


def test_drawn_orders_come_near_to_all_orders_and_are_the_same_for_the_same_seed():
    def value(who):
        return pd.Series({"v": sum(int(p[1:]) for p in who) + 2.0 * ({"p0", "p1"} <= who)})

    players = [f"p{place}" for place in range(5)]
    drawn = [share_out(players, value, seed=4, exact_up_to=0).parts["v"] for _ in range(2)]
    assert drawn[0].equals(drawn[1])
    assert drawn[0].to_numpy() == pytest.approx(share_out(players, value).parts["v"].to_numpy(), abs=0.6)


# What made the change


def test_the_change_of_each_headline_is_shared_out_and_adds_up(runs, found):
    for second, attribution in zip(runs[1:], found, strict=True):
        shares = attribution.shares
        assert list(attribution.players) == list_expected(second)
        assert attribution.notes == ()
        for id, parts in shares.parts.items():
            change = second.entries[id].value - runs[0].entries[id].value
            assert parts.sum() == pytest.approx(change, abs=1e-9), id


def list_expected(run: ComparedRun) -> list[str]:
    return [name for name in REACHING if name in (SECOND if run.name == "second" else THIRD)]


def test_a_late_parameter_has_no_part_in_an_early_number(found):
    parts = found[1].shares.parts
    early = ["cohort.eligible.n", "dtt.n", "survival.composite.timedependent.hr"]
    assert parts.loc["landmark_months", early].eq(0).all()
    assert parts.loc["landmark_months", "survival.composite.landmark.hr"] != 0
    assert parts.loc["dtt_arms", "cohort.eligible.n"] == 0


def change_run(run: ComparedRun, *, entries=None, record=None, **parts) -> ComparedRun:
    """The run with parts of its record or entries changed."""
    values = {**run.record, **(record or {})}
    return ComparedRun(**{**run.__dict__, "record": values, "entries": {**run.entries, **(entries or {})}, **parts})


def with_parameters(run: ComparedRun, **values) -> ComparedRun:
    return change_run(run, record={"parameters": {**run.parameters, **values}})


def test_one_change_alone_has_nothing_to_share(runs):
    found = attribute(runs[0], with_parameters(runs[0], seed=3, response_rule="dutch"))
    assert (list(found.players), found.shares, found.find_movers("P1", "x")) == (["response_rule"], None, [])
    assert attribute(runs[0], runs[0]).players == {}


def test_rules_go_with_the_file_they_may_come_from_and_other_data_are_a_change_too(runs):
    other = with_parameters(runs[0], rules_file="mine.yml", response_rule="mine", landmark_months=3.0)
    other = change_run(other, record={"data": {**other.record["data"], "files": {"visits.csv": "0"}}})
    assert list_players(runs[0], other) == {
        "landmark_months": ("landmark_months",), "rules_file with response_rule": ("rules_file", "response_rule"),
        DATA: ()}
    found = attribute(runs[0], other)
    assert found.shares is None
    assert "no longer in" in found.notes[0]


def test_raw_tables_come_from_the_data_folder_when_the_derived_ones_are_gone(runs, tmp_path):
    moved = with_parameters(runs[0], derived_dir=tmp_path.as_posix())
    assert read_raw(moved)["visits"].equals(read_raw(runs[0])["visits"])


def test_numbers_that_the_code_does_not_give_again_and_numbers_without_value_are_said(runs):
    wrong = change_run(runs[0], entries={"dtt.n": entry("dtt.n", 3)})
    assert "run A does not give what it recorded (Difficult to treat)" in attribute(wrong, runs[1]).notes[0]
    bare = with_parameters(runs[1], covariates=["serositis"])
    notes = attribute(runs[0], bare).notes
    assert "Not shared out" in notes[-1]
    assert "Any antiphospholipid antibody" in notes[-1]


def test_nobody_eligible_leaves_no_ratio_and_no_crash(raw):
    parameters = check_parameters({"study_start": "1900-01-01", "study_end": "1900-01-02"})
    found = Headlines({"": raw}).derive_numbers(parameters, data="")
    assert found["cohort.eligible.n"] == found["dtt.n"] == 0
    assert found.drop(["cohort.eligible.n", "dtt.n"]).isna().all()


@pytest.mark.slow
def test_headlines_in_process_are_those_of_the_chapters(real_run):
    entries = {e["id"]: e["value"] for e in json.loads((real_run.folder / "results.json").read_text())["entries"]}
    shipped = schema.read_raw(PROJECT / "data/raw")
    for id, value in Headlines({"": shipped}).derive_numbers(check_parameters({}), data="").items():
        assert entries[id] == pytest.approx(value, rel=1e-12), id


# Who moved


def test_everybody_is_in_one_place_in_each_run_and_the_moves_add_up(runs, found):
    for second, attribution in zip(runs[1:], found, strict=True):
        moves = find_moves(runs[0], second, attribution=attribution)
        before, after = (derive_statuses(run.tables["cohort"], run.tables["dtt_labels"]) for run in (runs[0], second))
        assert moves.n == (before != after).sum() == sum(n for *_, n in moves.movements)
        assert moves.n + sum(n for _, n in moves.stayed) == len(before)
        for group in moves.groups:
            for patient in group.patients:
                assert (patient.before, patient.after) == (before[patient.id], after[patient.id])
                assert patient.rows
                assert patient.alone
                assert any(row.is_changed for row in patient.rows) or group.where != "Inclusion"


def test_those_who_left_are_grouped_by_the_criterion_and_carry_how_long_they_were_followed(runs, found):
    moves = find_moves(runs[0], runs[2], attribution=found[1])
    left = [group for group in moves.groups if group.where == "Inclusion"]
    assert {group.what for group in left} == {"Follow-up too short"}
    for patient in (one for group in left for one in group.patients):
        months = float(patient.cause.measured.split()[2])
        assert 24 <= months < 36
        assert patient.alone == "minimum_followup_months alone"
        assert any(row.criterion == "Left out: follow-up too short" and row.is_changed for row in patient.rows)


def test_an_arm_that_is_switched_off_is_the_cause(runs, found):
    moves = find_moves(runs[0], runs[2], attribution=found[1])
    switched = [g for g in moves.groups if g.what.startswith("the arm is switched on in one")]
    assert switched
    assert {group.asked for group in switched} == {(("on", "off"),)}
    assert {group.where for group in switched} <= {"Worsening at 3 months", "Early flare after complete response"}


def test_without_derived_tables_nobody_can_be_said_to_have_moved(runs, found):
    gone = change_run(runs[1], tables={}, tables_note="gone")
    assert find_moves(runs[0], gone, attribution=found[0]) is None


def trace(*rows: tuple, arm: str = "failure_6m", rule: str = "r") -> pd.DataFrame:
    """Rows of a trace: criterion, note, day, value, comparator, threshold, passed."""
    names = ["criterion", "note", "visit_date", "value", "comparator", "threshold", "passed"]
    table = pd.DataFrame(rows, columns=names).assign(arm=arm, rule=rule)
    texts = {name: table[name].astype("string") for name in ("criterion", "note", "comparator", "arm", "rule")}
    table = table.assign(**texts, visit_date=pd.to_datetime(table["visit_date"]),
                         passed=table["passed"].astype("boolean"), part=texts["criterion"])
    return table.assign(month=table["visit_date"].dt.month.astype(float),
                        measure=table["criterion"].str.split(": ").str[-1])


SAID = ("answer: failure by 6 months", "why", "2020-06-01", np.nan, "", np.nan, True)


def test_the_same_visit_under_other_criteria_is_explained_by_what_keeps_it_from_a_response():
    first = trace(("complete: upcr_g_g", "judged", "2020-06-01", 2.5, "<", 0.5, False),
                  ("partial: upcr_g_g", "judged", "2020-06-01", 2.5, "<", 3.0, True), SAID)
    second = trace(("complete: upcr_g_g", "judged", "2020-06-01", 2.5, "<", 0.5, False),
                   ("partial: upcr_g_g", "judged", "2020-06-01", 2.5, "<=", 2.0, False),
                   ("partial: active_sediment", "judged", "2020-06-01", 1.0, "<=", 0.0, False), SAID, rule="s")
    assert find_failing(first) == []
    assert find_failing(second) == ["complete: upcr_g_g"]
    cause = find_cause(Moved("failure_6m", first, second))
    assert cause.what == "complete response: upcr_g_g"
    assert (cause.first, cause.second) == ("r asks for UPCR < 0.50", "s asks for UPCR < 0.50")
    assert cause.measured == "UPCR 2.50 at month 6.0"


def test_a_part_that_the_other_rule_does_not_ask_for_is_said_to_be_missing_there():
    first = trace(("partial: upcr_g_g", "judged", "2020-06-01", 1.0, "<", 3.0, True), SAID)
    second = trace(("partial: upcr_g_g", "judged", "2020-06-01", 1.0, "<", 3.0, True),
                   ("partial: active_sediment", "judged", "2020-06-01", 1.0, "<=", 0.0, False), SAID, rule="s")
    cause = find_cause(Moved("failure_6m", first, second))
    assert (cause.first, cause.second) == ("r asks for no such thing", "s asks for no active sediment")


def test_counts_other_visits_and_other_reasons_are_told_apart():
    counted = ("responses by the deadline", "counted", None, 0.0, ">=", 1.0, False)
    none, two = trace(counted, SAID), trace((*counted[:3], 2.0, ">=", 1.0, True), SAID, rule="s")
    two["measure"] = none["measure"] = "visits"
    cause = find_cause(Moved("no_response", none, two))
    assert (cause.what, cause.first, cause.measured) == ("responses by the deadline", "r finds 0 and asks for ≥ 1", "")
    judged = ("proteinuria has grown", "judged", "2020-03-01", 2.0, ">=", 1.5, True)
    early, late = trace(judged, SAID), trace((*judged[:2], "2020-04-01", *judged[3:]), SAID)
    assert find_cause(Moved("worsening_3m", early, late)).what == "another visit is judged"
    assert find_cause(Moved("worsening_3m", early, early)).what == "another reason decides"


def test_the_arm_that_decides_is_that_of_the_label_or_the_first_that_changed():
    yes = pd.Series({"dtt": "yes", "dtt_arm": "no_response", "arm_no_response": "yes"})
    no = pd.Series({"dtt": "no", "dtt_arm": pd.NA, "arm_no_response": "no", "arm_failure_6m": "no"})
    unknown = pd.Series({"dtt": "cannot tell", "dtt_arm": pd.NA, "arm_failure_6m": "cannot tell"})
    assert choose_arm(yes, no) == choose_arm(no, yes) == "no_response"
    assert choose_arm(no, unknown) == "failure_6m"
    assert choose_arm(no, no) == "worsening_3m"


def test_a_criterion_that_asks_nothing_of_a_visit_is_no_failure():
    rows = trace(("partial: egfr", "judged", "2020-06-01", 38.9, ">=", 35.0, False),
                 ("partial: egfr", "does not apply", "2020-06-01", 38.9, ">=", 40.0, False),
                 ("partial: egfr", "judged", "2020-06-01", 38.9, ">=", 43.7, False),
                 ("partial: egfr", "judged", "2020-06-01", np.nan, ">=", 43.7, None), SAID)
    assert flag_asked(rows).tolist() == [False, False, True, True, True]
    printed = list_trace_rows(rows, rows.iloc[2:])
    assert {row.first.met for row in printed} == {"does not apply", "no", "–", "yes"}
    assert printed[-1].criterion == "answer: failure by 6 months"
    assert any(row.second.met == "–" and row.second.asked == "–" for row in printed)


# Settings, numbers, sentences


def test_parameters_that_differ_come_with_meaning_unit_and_default(runs):
    found = settings.list_parameter_differences(runs)
    names = [one.name for one in found]
    assert set(names) == {*SECOND, *THIRD}
    deadline = found[names.index("response_deadline_months")]
    assert (deadline.printed, deadline.unit, deadline.default) == (("12", "6", "12"), "months", "12")
    assert "response" in deadline.meaning
    older = with_parameters(runs[1], gone_by_now=3)
    last = settings.list_parameter_differences([runs[0], older])[-1]
    assert (last.name, last.printed, last.meaning) == ("gone_by_now", ("not recorded", "3"), "")


def test_data_and_code_that_differ_are_said_plainly(runs):
    first, second, _ = runs
    assert settings.say_data(settings.list_data_differences(runs), runs).startswith("All 3 runs read the same data")
    assert settings.say_data([], runs[:2]).startswith("Both runs read the same data")
    other = change_run(second, record={"data": {**second.record["data"], "files": {"visits.csv": "0" * 64}}})
    found = settings.list_data_differences([first, other])
    assert "visits.csv" in settings.say_data(found, [first, other])
    code = settings.list_code_differences([first, second])
    assert [one.name for one in code] == ["Package pandas"]
    assert settings.say_code(code, [first, second]) == "The code is the same, to the commit."
    for facts, words in (({"commit": None}, "cannot be told"), ({"changed_files": 2}, "cannot be told"),
                         ({"version": "2"}, "The code differs")):
        both = [change_run(run, record={"code": {**run.record["code"], **facts}}) for run in (first, second)]
        pair = [first, both[1]] if "version" in facts else both
        assert words in settings.say_code(settings.list_code_differences(pair), pair)


def test_numbers_are_side_by_side_with_differences_and_the_folded_ones_apart(runs):
    named = numbers.list_rows(runs, numbers.list_ids(runs, of_tables=False))
    assert "table.t.x.n" not in [row.id for row in named]
    assert not [row for row in named if row.id.startswith("own.")]
    own = numbers.list_own(runs)
    assert {letter: [e.id for e in found] for letter, found in own.items()} == {
        "A": ["own.first.n"], "B": ["own.second.n"], "C": ["own.third.n"]}
    ratio = next(row for row in named if row.id == "a.or")
    assert ratio.printed[:2] == ("2.00 (1.20 to 4.00)", "2.00 (0.90 to 4.00)")
    assert ratio.printed_differences == ("0", "0")
    assert not ratio.is_same


def test_an_interval_that_comes_to_hold_no_difference_is_a_flip(runs):
    flips = numbers.list_flips(runs[0], runs[1])
    assert [(flip.id, flip.before, flip.after) for flip in flips] == [
        ("a.or", "above no difference", "not clear of no difference")]


def test_sentences_are_listed_when_words_change_and_not_when_numbers_do(runs):
    changes = list_changes(runs[0], runs[1])
    said = [change for change in changes if change.where == "Chapter 1: Who is it?"]
    assert len(said) == 1
    assert "<del>as ever.</del>" in said[0].first
    assert "<ins>&lt;changed&gt;.</ins>" in said[0].second
    assert "not said" not in str(changes)
    assert list_changes(runs[0], runs[0]) == []
    assert list(pair_cells([], [])) == []


def test_a_flow_without_its_cohort_is_read_from_the_ledger_if_it_adds_up(runs):
    flow = derive_flow(runs[0])
    pairs = zip(flow["step"][1:], flow["excluded_n"][1:], strict=True)
    steps = {f"table.cohort.excluded.{step}.n": n for step, n in pairs}
    known = {id: entry(id, n) for id, n in {**steps, "cohort.screened.n": 240}.items()}
    gone = change_run(runs[0], tables={}, entries=known)
    assert derive_flow(gone)["remaining_n"].tolist() == flow["remaining_n"].tolist()
    assert derive_flow(change_run(gone, entries={"cohort.screened.n": entry("cohort.screened.n", 9)})) is None
    assert derive_flow(change_run(runs[0], tables={})) is None
    assert join_flows([]) == []


def test_a_group_without_a_run_and_curves_of_nobody_are_drawn():
    curves = pd.DataFrame({"run": ["A", "A"], "group": ["dtt", "other"], "month": [0.0, 0.0], "estimate": [1.0, 1.0],
                           "low": np.nan, "high": np.nan, "n": 3})
    at_risk = curves.assign(at_risk=3)[["run", "group", "month", "at_risk"]]
    for part in (curves, curves.iloc[:0]):
        figure = draw_run_curves(part, at_risk=at_risk, runs={"A": "A: one", "B": "B: two"}, end=12.0, ylabel="Free")
        assert len(figure.axes) == 2 * max(part["group"].nunique(), 1)
        plt.close(figure)


# Runs that cannot be compared


@pytest.fixture
def said(capsys, top):
    """Run `compare` on the runs of this module and return exit code, output and message."""

    def say(*arguments: object) -> tuple[int, str, str]:
        code = main(["compare", *map(str, arguments), "--reports", str(top / "reports")])
        return code, *capsys.readouterr()

    return say


@pytest.mark.parametrize(("arguments", "message"), [
    (["first", "secnd"], "There is no run 'secnd' in"),
    (["first", "secnd"], "did you mean second?"),
    (["first", "first"], "first is given twice"),
    (["first"], "compare takes two to 6 runs; 1 given"),
    (["first"] * 7, "compare takes two to 6 runs; 7 given"),
    (["first", "second", "--out", ""], "is empty"),
    (["first", "second", "--out", "a b"], "choose another --out"),
    ([], "arguments are required"),
])
def test_runs_that_cannot_be_compared_get_one_message_and_nothing_is_written(said, top, arguments, message):
    before = sorted(top.rglob("*"))
    code, out, error = said(*arguments)
    assert (code, out) == (2, "")
    assert message in error
    assert sorted(top.rglob("*")) == before


def test_the_same_run_by_name_and_by_path_is_the_same_run(top):
    with pytest.raises(ComparisonError, match="given twice"):
        read_runs(["first", str(top / "reports/first/index.html")], reports=top / "reports")


def test_a_folder_that_is_no_run_or_cannot_be_read_is_named(top, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ComparisonError, match="is no finished run"):
        read_runs(["empty", "first"], reports=tmp_path)
    with pytest.raises(ComparisonError, match="there is none at all yet"):
        read_runs(["x", "y"], reports=tmp_path)
    broken = Path(shutil.copytree(top / "reports/first", tmp_path / "broken"))
    for name, text, reason in (("results.json", "{", "cannot be read"), ("run.json", "{}", "lacks 'run'")):
        kept = (broken / name).read_text(encoding="utf-8")
        (broken / name).write_text(text, encoding="utf-8")
        with pytest.raises(ComparisonError, match=reason):
            read_runs(["broken", str(top / "reports/first")], reports=tmp_path)
        (broken / name).write_text(kept, encoding="utf-8")


@pytest.mark.parametrize("place", ["first", "first/inside", "taken", "file", "."])
def test_the_page_takes_nobody_elses_place(top, place):
    (top / "reports" / "taken").mkdir(exist_ok=True)
    (top / "reports" / "taken" / "mine.txt").write_text("mine", encoding="utf-8")
    (top / "reports" / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(ComparisonError, match="choose another --out"):
        compare_runs(["first", "second"], reports=top / "reports", out=top / "reports" / place)
    shutil.rmtree(top / "reports" / "taken")
    (top / "reports" / "file").unlink()


def test_tables_of_another_run_and_tables_that_cannot_be_read_are_said(top, tmp_path, raw):
    write_run(tmp_path, "mine", raw)
    folder = tmp_path / "derived/mine"
    shutil.copyfile(top / "derived/second/dtt_labels.parquet", folder / "dtt_labels.parquet")
    names = [str(tmp_path / "reports/mine"), str(top / "reports/first")]
    assert "are of another run" in read_runs(names, reports=tmp_path)[0].tables_note
    shutil.copyfile(top / "derived/first/dtt_labels.parquet", folder / "dtt_labels.parquet")
    (folder / "dtt_trace.parquet").write_bytes(b"x")
    assert "cannot be read" in read_runs(names, reports=tmp_path)[0].tables_note
    shutil.rmtree(folder)
    assert "are gone" in read_runs(names, reports=tmp_path)[0].tables_note


# The page


@pytest.fixture(scope="module")
def page(top) -> Path:
    """The page of all three runs."""
    return compare_runs(["first", "second", "third"], reports=top / "reports")


def test_the_page_is_named_after_the_runs_and_says_it_all(page, top, runs):
    assert page == top / "reports/compare-first-second-third/index.html"
    text = page.read_text(encoding="utf-8")
    assert text.index('id="settings"') < text.index('id="headlines"') < text.index('id="ledger"')
    for words in ("What was set otherwise", "Which change did what?", "Who moved?", "Flow of patients", "kdigo_2024"):
        assert words in text
    assert "Label &lt;of&gt; a.or" in text
    assert "overlap is no test" in text
    assert sorted(path.name for path in page.parent.iterdir()) == [
        RECORD, "index.html", "moved.csv", "numbers.csv"]
    long, longer = (name_comparison([runs[0]] * count) for count in (40, 41))
    assert len(long) <= 80 and long.startswith("compare-first-first-") and long != longer


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_beside_the_page_are_all_numbers_and_all_who_moved_at_full_precision(page, runs, found):
    rows = read_rows(page.parent / "numbers.csv")
    share = next(row for row in rows if row["id"] == "dtt.share")
    assert float(share["value_B"]) - float(share["value_A"]) == pytest.approx(float(share["difference_B"]))
    moved = read_rows(page.parent / "moved.csv")
    moves = find_moves(runs[0], runs[1], attribution=found[0])
    assert len([row for row in moved if row["to_run"] == "second"]) == moves.n
    record = json.loads((page.parent / RECORD).read_text(encoding="utf-8"))
    assert [run["run"] for run in record["runs"]] == ["first", "second", "third"]
    assert set(record["shared_out"][0]["parts"]["dtt.n"]) == set(SECOND)


def test_the_same_runs_give_the_same_page_and_one_that_fails_leaves_the_earlier_one(top, tmp_path, monkeypatch):
    out = tmp_path / "page"
    page = compare_runs(["first", "second"], reports=top / "reports", out=out)
    before = page.read_bytes()
    assert compare_runs(["first", "second"], reports=top / "reports", out=out).read_bytes() == before

    def fail(*_: object, **__: object) -> str:
        raise OSError("no room")

    monkeypatch.setattr("helpers.comparison.whole.list_moved_cells", fail)
    with pytest.raises(OSError, match="no room"):
        compare_runs(["first", "second"], reports=top / "reports", out=out)
    assert page.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


def test_real_patients_put_the_warning_on_pseudonyms_on_the_page(page, top, tmp_path, raw):
    assert PSEUDONYMS not in page.read_text(encoding="utf-8")
    real = write_run(tmp_path, "real", raw, synthetic=False, landmark_months=12.0)
    made = compare_runs(["first", str(real)], reports=top / "reports", out=tmp_path / "page")
    text = made.read_text(encoding="utf-8")
    assert PSEUDONYMS in text
    assert "nothing on this page is evidence" not in text
    assert "Nobody: every patient has the same label" in text
    assert "only <code>landmark_months</code> differs" in text
    assert " ".join(PSEUDONYMS.split("pseudonyms")[1].split()[:4]) in " ".join(
        (PROJECT / "README.md").read_text(encoding="utf-8").split())


def test_a_run_whose_tables_are_gone_is_compared_by_its_numbers_and_sentences(top, tmp_path, raw):
    bare = write_run(tmp_path, "bare", raw, **SECOND)
    shutil.rmtree(tmp_path / "derived/bare")
    page = compare_runs(["first", str(bare)], reports=top / "reports", out=tmp_path / "page")
    text = page.read_text(encoding="utf-8")
    assert "Run B is not whole any more" in text
    assert "This cannot be told: the derived tables of both runs are needed." in text
    assert "fewer than two runs still have their derived tables" in text
    assert "Parts of each change" in text
    assert comparison.__all__ == ["ComparisonError", "compare_runs"]


def test_the_command_says_where_the_page_is(said, tmp_path):
    code, out, error = said("first", "second", "--out", tmp_path / "page")
    assert (code, error) == (0, "")
    assert out.strip() == str(tmp_path / "page" / "index.html")


# In a browser


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [1400, 390])
def test_in_a_browser_it_asks_nothing_fits_can_be_searched_and_axe_finds_nothing_serious(open_page, page, width):
    opened = open_page(page, width=width)
    shown = opened.page
    rows = shown.locator("table[data-searchable] tbody tr:visible")
    everything = rows.count()
    shown.get_by_role("button", name="Only numbers that differ").press("Enter")
    assert 0 < rows.count() < everything
    shown.get_by_label("Find a number").fill("eligible")
    assert rows.count() == 1
    shown.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert find_violations(shown) == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [page.as_uri()]
    assert opened.complaints == []
    assert all(shown.eval_on_selector_all("img", "all => all.map(i => i.alt.length > 40 && i.naturalWidth > 0)"))
