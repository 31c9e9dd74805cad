"""The multiverse: its numbers are the chapters', it goes on where it was stopped, and it answers for tiny cohorts."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_study import write_small_study
from study_runs import hash_folder

from helpers import schema
from helpers.cohort import EXCLUSIONS
from helpers.definitions import ARMS
from helpers.ledger import Entry
from helpers.multiverse import engine, opening, pieces, read_grid, read_multiverse, run_multiverse
from helpers.multiverse.curves import derive_curves, find_span
from helpers.multiverse.definitions import write_answers
from helpers.multiverse.engine import derive_cohorts
from helpers.multiverse.measuring import PARTS, Measurer
from helpers.multiverse.opening import Number, find_universe, open_universe
from helpers.multiverse.reading import parse_grid
from helpers.multiverse.results import TABLES
from helpers.multiverse.shuffles import SEED
from helpers.multiverse.shuffling import derive_blocks
from helpers.parameters import ParameterError, check_parameters
from helpers.predictors import estimate_multivariable
from helpers.predictors.firth import estimate_firth
from helpers.predictors.sample import STATUSES
from helpers.project import PROJECT
from helpers.run import Store, folders
from helpers.run.progress import Progress
from helpers.shared_tables import Kept
from helpers.stages import make_tables
from helpers.survival import derive_outcomes, label_groups
from helpers.survival.risk_sets import derive_risk_periods
from helpers.survival.time_zero import estimate_time_zero


def decide(**options):
    """A decision whose first option is the study's; each further one has its values, and what it reads."""
    first, *others = options.items()
    return {"label": "x", "question": "x", "options": {
        name: {"label": name, "source": "ours", **facts} for name, facts in (first, *others)}}  # fmt: skip


GRID = {
    "definition": {
        "followup": decide(months_24={}, none={"values": {"minimum_followup_months": 0.0}}),
        "flares": decide(moderate={}, none={"values": {"dtt_arms": ["worsening_3m", "failure_6m", "no_response"]}}),
        "deadline": decide(month_12={}, month_6={"values": {"response_deadline_months": 6.0}}),
    },
    "analysis": {
        "covariates": decide(all_named={}, independent={"values": {"covariates": ["active_sediment", "any_apl"]}}),
        "estimator": decide(ml={"reads": "multivariable"}, firth={"reads": "firth"}),
        "time_zero": decide(own_day={"reads": "timedependent"}, late={"reads": "landmark"},
                            early={"reads": "landmark", "values": {"landmark_months": 12.0}}),
    },
    "constraints": [{"when": {"flares": "none"}, "allow": {"deadline": "month_12"}, "why": "Six are enough here."}],
}  # fmt: skip


def parse(content=GRID):
    return parse_grid(content, name="ours.yml")


def run(folder, *, grid=None, data="data/raw", workers=1, permutations=0, stream=None, **more):
    return run_multiverse(grid or parse(), data_dir=str(data), folder=folder, workers=workers,
                          permutations=permutations, stream=stream or io.StringIO(), **more)  # fmt: skip


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A multiverse of six definitions and 24 analyses on the shipped cohort, with few shuffles; not to be changed."""
    folder = tmp_path_factory.mktemp("multiverse") / "few"
    return folder, run(folder, workers=2, permutations=20)


@pytest.fixture(scope="module")
def raw():
    return schema.read_raw(PROJECT / "data/raw")


# ---- the numbers ----


def test_the_first_universe_has_the_numbers_of_the_default_report(finished):
    # the stored report of the shipped cohort: 57 of 181, odds ratios 6.21 and 7.39, hazard ratio 4.60
    first = finished[1].universes.iloc[0]
    assert first["code"] == "0000000"
    assert first["share"] == pytest.approx(57 / 181)
    assert first["any_apl"] == pytest.approx(6.206221, abs=1e-6)
    assert first["active_sediment"] == pytest.approx(7.390893, abs=1e-6)
    assert first["hazard"] == pytest.approx(4.599108, abs=1e-6)


def test_other_analyses_of_the_first_definition_have_the_reports_other_numbers(finished):
    universes = finished[1].universes.set_index("code")
    assert universes.loc["0000100", ["any_apl", "active_sediment"]].tolist() == pytest.approx([4.738101, 5.477007])
    assert universes.loc["0000001", "hazard"] == pytest.approx(5.091748, abs=1e-6)


def test_every_definition_has_the_counts_of_tables_that_are_made_for_it_alone(finished, raw):
    grid, results = finished[1].grid, finished[1]
    for number, code in enumerate(grid.list_definitions()):
        parameters = check_parameters(grid.parameters_of(code + "0000"))
        tables = make_tables(raw, parameters)
        labels, cohort = tables["dtt_labels"], tables["cohort"]
        row = results.definitions.set_index("definition").loc[number]
        counts = labels["dtt"].value_counts()
        assert [row["yes_n"], row["no_n"], row["cannot_tell_n"]] == [
            counts.get(word, 0) for word in ("yes", "no", "cannot tell")]  # fmt: skip
        assert row["eligible_n"] == len(labels)
        assert row["on_file_n"] == len(cohort) == row["eligible_n"] + row[[f"{name}_n" for name in EXCLUSIONS]].sum()
        arms = {arm: (labels[f"arm_{arm}"] == "yes").sum() for arm in parameters.dtt_arms}
        assert {arm: row[f"{arm}_n"] for arm in ARMS if arm in arms} == arms
        assert row[[f"{arm}_n" for arm in ARMS if arm not in arms]].isna().all()
        assert results.answers["answers"][number] == write_answers(cohort, labels)


def test_every_estimate_is_that_of_the_chapters_functions_under_the_same_parameters(finished, raw):
    grid, results = finished[1].grid, finished[1]
    for code in ("1101101", "0010002"):
        parameters = check_parameters(grid.parameters_of(code))
        tables = make_tables(raw, parameters)
        common = {"cohort": tables["cohort"], "labels": tables["dtt_labels"]}
        estimate = estimate_firth if grid.choices_of(code)["estimator"] == "firth" else estimate_multivariable
        odds = estimate(**common, covariates=parameters.covariates).set_index("term")
        rule = parameters.rulebook().worsening_rule(parameters.worsening_rule)
        outcomes = derive_outcomes(tables["assessments"], cohort=tables["cohort"], events=raw["events"], worsening=rule)
        hazards = estimate_time_zero(label_groups(outcomes, labels=tables["dtt_labels"]),
                                     landmark_months=parameters.landmark_months).set_index("term")  # fmt: skip
        row = results.universes.set_index("code").loc[code]
        expected = {"any_apl": odds.loc["any_apl"], "active_sediment": odds.loc["active_sediment"],
                    "hazard": hazards.loc[grid.options_of(code)["time_zero"].reads]}  # fmt: skip
        for name, found in expected.items():
            own = row[[name, f"{name}_low", f"{name}_high", f"{name}_p"]].to_numpy(float)
            np.testing.assert_allclose(own, found[["estimate", "low", "high", "p"]].to_numpy(float), rtol=1e-9)


def test_definitions_that_share_their_labels_share_their_estimates_and_no_others_do(finished):
    odds = finished[1].odds.drop(columns="definition")
    by_definition = {number: odds.loc[rows].reset_index(drop=True)
                     for number, rows in finished[1].odds.groupby("definition").groups.items()}  # fmt: skip
    answers = finished[1].answers.set_index("definition")["answers"]
    for one in by_definition:
        for other in by_definition:
            assert by_definition[one].equals(by_definition[other]) == (answers[one] == answers[other])


def test_universes_are_definitions_times_analyses_in_grid_order(finished):
    results = finished[1]
    grid = results.grid
    codes = [start + end for start in grid.list_definitions() for end in grid.list_analyses()]
    assert results.universes["code"].tolist() == codes
    assert len(codes) == grid.size == 6 * 12
    for row in results.universes.iloc[[0, 17, 40, 71]].to_dict("records"):
        assert grid.choices_of(row["code"]) == {one.name: row[one.name] for one in grid.decisions}
        hazard = results.hazards.query(
            "definition == @row['definition'] and time_zero == @row['time_zero']")["estimate"]  # fmt: skip
        assert hazard.tolist() == [row["hazard"]]


def test_there_is_a_score_for_every_specification_and_none_without_permutations(finished, raw):
    null = finished[1].null
    assert len(null) == 6 * (2 * 2 + 3)
    assert (null["permuted"].map(len) == 20).all()
    assert null["observed"].notna().all()
    assert set(null["quantity"]) == {"any_apl", "active_sediment", "hazard"}
    tables = Measurer(parse(), raw, blocks={}, permutations=0, seed=1).measure(0, 1)
    assert tables["null"].empty
    assert len(tables["odds"]) == 2 * (15 + 2)


def test_the_scores_hang_on_blocks_and_seed_and_not_on_who_computes_them(finished, raw):
    blocks = derive_blocks(derive_cohorts(parse(), raw))
    again = Measurer(parse(), raw, blocks=blocks, permutations=20, seed=SEED).measure(4, 5)["null"]
    own = finished[1].null.query("definition == 4").reset_index(drop=True)
    assert again["quantity"].tolist() == own["quantity"].tolist()
    np.testing.assert_allclose(again["observed"], own["observed"])
    np.testing.assert_allclose(np.stack(again["permuted"]), np.stack(own["permuted"]))
    other = Measurer(parse(), raw, blocks=blocks, permutations=20, seed=1).measure(4, 5)["null"]
    assert other["observed"].tolist() == again["observed"].tolist()
    assert not np.allclose(np.stack(other["permuted"]), np.stack(again["permuted"]))


def test_labels_are_shuffled_among_patients_who_are_eligible_in_the_same_cohorts(raw):
    cohorts = derive_cohorts(parse(), raw)
    assert [int(cohort["is_eligible"].sum()) for cohort in cohorts] == [181, 206]
    blocks = derive_blocks(cohorts)
    assert np.bincount(blocks["hazard"]).tolist() == [34, 25, 181]
    known = cohorts[0].sort_values("patient_id")["any_apl"].notna()
    assert pd.crosstab(blocks["any_apl"], known).to_numpy(bool).sum() == known.nunique()


# ---- the curves ----


def test_the_landmark_curves_are_those_of_the_report_and_end_where_they_do(raw):
    from helpers.survival.curves import count_at_risk, derive_axis_end, estimate_survival
    from helpers.survival.risk_sets import keep_landmark

    parameters = check_parameters({})
    tables = make_tables(raw, parameters)
    rule = parameters.rulebook().worsening_rule("confirmed_doubling")
    outcomes = label_groups(
        derive_outcomes(tables["assessments"], cohort=tables["cohort"], events=raw["events"], worsening=rule),
        labels=tables["dtt_labels"])  # fmt: skip
    people = keep_landmark(outcomes, landmark_months=24.0)
    end = derive_axis_end(people, outcome="composite")
    periods = derive_risk_periods(outcomes, approach="landmark", landmark_months=24.0)
    curves = derive_curves({"late": periods}, worsening_rule="x").set_index("group")
    at_risk = count_at_risk(people, outcome="composite", end=end)
    for group in ("dtt", "other"):
        row = curves.loc[group]
        shares = estimate_survival(people, outcome="composite", at=row["months"]).query("group == @group")
        np.testing.assert_allclose(row["survival"], shares["estimate"])
        assert row["months"][0] == 0 and row["months"][-1] == end
        own = at_risk.query("group == @group")
        assert row["ticks"].tolist() == own["month"].tolist() and row["at_risk_n"].tolist() == own["at_risk"].tolist()


def test_with_the_label_as_it_comes_a_patient_moves_from_one_curve_to_the_other():
    # twelve patients never labelled; six more labelled at months 1 to 6, who fail or leave at 10 to 15
    others = pd.DataFrame({"patient_id": range(12), "start": 0.0, "stop": [8.0, *[20.0] * 11],
                           "is_event": [True, *[False] * 11], "is_dtt": 0})  # fmt: skip
    waiting = pd.DataFrame({"patient_id": range(12, 18), "start": 0.0, "stop": [1.0, 2, 3, 4, 5, 6],
                            "is_event": False, "is_dtt": 0})  # fmt: skip
    labelled = waiting.assign(start=waiting["stop"], stop=[10.0, 11, 12, 13, 14, 15], is_dtt=1,
                              is_event=[True, False, True, False, False, False])  # fmt: skip
    periods = pd.concat([others, waiting, labelled])
    curves = derive_curves({"own_day": periods}, worsening_rule="x").set_index("group")
    dtt, other = curves.loc["dtt"], curves.loc["other"]
    assert dtt["months"].tolist() == [3.0, 10.0, 12.0, 13.0]  # three of the most there were, six, from month 3 to 13
    np.testing.assert_allclose(dtt["survival"], [1, 5 / 6, 5 / 6 * 3 / 4, 5 / 6 * 3 / 4])
    assert other["months"].tolist() == [0.0, 8.0, 13.0]
    np.testing.assert_allclose(other["survival"], [1, 11 / 12, 11 / 12])
    assert (dtt["n"], dtt["events"], other["n"], other["events"]) == (6, 2, 18, 1)
    assert dict(zip(dtt["ticks"], dtt["at_risk_n"], strict=True)) == {0.0: 0, 12.0: 4}
    assert dict(zip(other["ticks"], other["at_risk_n"], strict=True)) == {0.0: 18, 12.0: 11}


@pytest.mark.parametrize(("n", "last"), [(1, 1.0), (2, 2.0), (18, 10.0), (19, 10.0), (20, 11.0), (21, 12.0)])
def test_a_curve_ends_where_ten_are_left_or_half_of_a_small_group(n, last):
    rows = pd.DataFrame({"start": 0.0, "stop": [float(month) for month in range(1, n + 1)]})
    assert find_span(rows) == (0.0, last)


# ---- tiny and empty cohorts ----


def test_five_patients_get_rows_of_missing_numbers_with_their_reasons(tmp_path):
    results = run(tmp_path / "tiny", data=write_small_study(tmp_path / "raw"), permutations=20)
    assert len(results.universes) == parse().size
    assert results.odds["status"].ne("estimated").any() and results.hazards["note"].ne("").any()
    has_estimate = results.odds["status"].isin(["estimated", "interval not found"])
    assert results.odds["estimate"].notna().eq(has_estimate).all()
    assert (results.answers["answers"].str.len() == 5).all()


NOBODY = {"everywhere": {"study_start": "1990-01-01", "study_end": "1990-12-31"}}


@pytest.mark.parametrize("everywhere", [
    NOBODY["everywhere"],  # nobody is eligible
    {"confirmation_visits": 2, "dtt_arms": ["worsening_3m"], "worsening_window": [2.0, 2.1]},  # nobody is difficult
])  # fmt: skip
def test_a_grid_without_patients_or_labels_has_missing_numbers_and_no_crash(tmp_path, everywhere):
    content = {**GRID, "everywhere": everywhere, "constraints": [],
               "definition": {"deadline": GRID["definition"]["deadline"]}}  # fmt: skip
    results = run(tmp_path / "none", grid=parse(content), permutations=20)
    assert len(results.universes) == 2 * 12
    assert results.universes[["any_apl", "hazard"]].isna().all(axis=None)
    assert results.null["observed"].isna().all()
    assert (results.definitions["yes_n"] == 0).all()
    assert results.definitions["share"].isna().eq(results.definitions["eligible_n"] == 0).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_clinic_of_thirty_patients_gets_every_universe(tmp_path, raw, seed):
    ids = raw["patients"]["patient_id"].sample(30, random_state=seed)
    few = {name: table.loc[table["patient_id"].isin(ids)] for name, table in raw.items()}
    schema.write_raw(few, tmp_path / "raw", manifest={"synthetic": True, "description": "thirty"})
    results = run(tmp_path / "clinic", data=tmp_path / "raw", permutations=20)
    assert len(results.universes) == parse().size
    assert results.universes["share"].notna().all()
    assert set(results.odds["status"]) <= set(STATUSES)



# ---- stopped, resumed, spread ----


SCRIPT = """
import os, sys
from pathlib import Path
from helpers.multiverse import pieces, run_multiverse
from helpers.multiverse.reading import parse_grid

pieces.SIZE = 1
write = pieces.Pieces.write

def write_and_stop(self, *piece):
    write(self, *piece)
    if len(list(self._home.glob("0*"))) == 2:
        os.kill(os.getpid(), int(sys.argv[3]))

if __name__ == "__main__":
    if sys.argv[3] != "0":
        pieces.Pieces.write = write_and_stop
    grid = parse_grid({content!r}, name="ours.yml")
    run_multiverse(grid, data_dir="data/raw", folder=Path(sys.argv[1]), workers=int(sys.argv[2]), permutations=20,
                   stream=sys.stderr)
"""


def run_script(tmp_path, folder, *, workers, stop=0):
    """A multiverse in a process of its own, in pieces of one definition; `stop` is what ends it after two of them."""
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(content=GRID))
    return subprocess.run([sys.executable, script, folder, str(workers), str(int(stop))], capture_output=True,
                          text=True, check=False)  # fmt: skip


def leave_times(folder):
    return {name: found for name, found in hash_folder(folder).items() if name != "times.json"}


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_multiverse_goes_on_and_ends_with_the_same_bytes(tmp_path, finished, how):
    folder, straight = tmp_path / "stopped", tmp_path / "straight"
    assert run_script(tmp_path, folder, workers=1, stop=how).returncode == -how
    kept = hash_folder(folder / "pieces")
    assert len(kept) == 2 * len(PARTS)
    assert not (folder / "multiverse.json").exists()
    again = run_script(tmp_path, folder, workers=2)
    assert again.returncode == 0, again.stderr
    assert "2 definitions were done before; going on from there" in again.stderr
    assert json.loads((folder / "times.json").read_text())["definitions_before"] == 2
    assert run_script(tmp_path, straight, workers=1).returncode == 0
    assert leave_times(folder) == leave_times(straight)
    for name in TABLES:  # pieces of another size hold the same rows
        assert pq.read_table(folder / f"{name}.parquet").equals(pq.read_table(finished[0] / f"{name}.parquet"))


def test_a_finished_multiverse_is_read_and_not_made_again(finished, monkeypatch):
    folder, results = finished
    monkeypatch.setattr(engine, "run_tasks", None)
    before = hash_folder(folder)
    again = run(folder, permutations=20)
    assert hash_folder(folder) == before
    assert again.universes.equals(results.universes) and again.grid == results.grid


def fake_tasks(do, tasks, *, workers, scheduler, shared):
    for task in tasks:
        yield task, do(*shared, task)


def test_pieces_of_another_seed_are_not_read_and_stay_for_a_day(tmp_path, raw, monkeypatch):
    monkeypatch.setattr(pieces, "SIZE", 1)
    grid = parse({"definition": {"deadline": GRID["definition"]["deadline"]}})
    done = []

    def stop_after_one(do, tasks, **more):
        for task, found in fake_tasks(do, tasks, **more):
            done.append(task)
            yield task, found
            raise KeyboardInterrupt

    monkeypatch.setattr(engine, "run_tasks", stop_after_one)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, grid=grid, seed=1)
    monkeypatch.setattr(engine, "run_tasks", fake_tasks)
    stream = io.StringIO()
    results = run(tmp_path, grid=grid, seed=2, stream=stream)
    assert "done before" not in stream.getvalue()
    assert done == [(0, 1)]
    assert results.meta["seed"] == 2
    run(tmp_path, grid=grid, seed=1, stream=stream)
    assert "1 definitions were done before" in stream.getvalue()
    assert not (tmp_path / "pieces").exists()


def test_pieces_that_nobody_came_back_for_are_removed_after_a_day(tmp_path):
    kept = pieces.Pieces(tmp_path, digest="a" * 64)
    for name in ("old", "new", f"000000-000001-{'a' * 16}", f".building-000001-000002-{'a' * 16}-1"):
        (tmp_path / "pieces" / name).mkdir(parents=True)
    os.utime(tmp_path / "pieces/old", (time.time() - 90_000,) * 2)
    kept.remove()
    assert [path.name for path in (tmp_path / "pieces").iterdir()] == ["new"]


def test_a_scheduler_is_looked_at_before_anything_is_done(tmp_path, monkeypatch):
    asked, handed = [], []
    monkeypatch.setattr(engine, "check_scheduler", asked.append)
    monkeypatch.setattr(engine, "run_tasks", lambda *_, **more: handed.append((list(asked), more["scheduler"])) or [])
    with pytest.raises(FileNotFoundError):  # the pieces that nobody made
        run(tmp_path, scheduler="tcp://127.0.0.1:1")
    assert handed == [(["tcp://127.0.0.1:1"], "tcp://127.0.0.1:1")]


def test_a_piece_that_another_process_made_meanwhile_stands(tmp_path, raw):
    tables = Measurer(parse(), raw, blocks={}, permutations=0, seed=1).measure(0, 1)
    kept = pieces.Pieces(tmp_path, digest="a" * 64)
    kept.write((0, 1), tables)
    before = hash_folder(tmp_path)
    kept.write((0, 1), tables)
    assert hash_folder(tmp_path) == before
    assert kept.find_open([(0, 1), (1, 2)]) == [(1, 2)]
    assert {path.stem for path in tmp_path.rglob("*.parquet")} == set(PARTS)


def test_a_piece_that_cannot_be_kept_is_no_piece_of_another_process(tmp_path, raw, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    tables = Measurer(parse(), raw, blocks={}, permutations=0, seed=1).measure(0, 1)
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="No space left"):
        pieces.Pieces(tmp_path, digest="a" * 64).write((0, 1), tables)
    assert list((tmp_path / "pieces").iterdir()) == []


ONE = {"definition": {"deadline": GRID["definition"]["deadline"]}}


@pytest.mark.parametrize("done", [1, 2])
def test_of_two_on_the_same_pieces_the_second_leaves_what_the_first_has_finished(tmp_path, monkeypatch, done):
    monkeypatch.setattr(pieces, "SIZE", 1)
    data, out, left = write_small_study(tmp_path / "raw"), tmp_path / "out", {}

    def let_another_finish(do, tasks, **more):
        made = list(fake_tasks(do, tasks, **more))
        yield from made[:done]
        monkeypatch.setattr(engine, "run_tasks", fake_tasks)
        left["first"], left["files"] = run(out, grid=parse(ONE), data=data), hash_folder(out)
        yield from made[done:]

    monkeypatch.setattr(engine, "run_tasks", let_another_finish)
    second = run(out, grid=parse(ONE), data=data)
    assert second.universes.equals(left["first"].universes)
    assert hash_folder(out) == left["files"]
    assert {path.name for path in out.iterdir()} == {
        "multiverse.json", "times.json", *(f"{name}.parquet" for name in TABLES)}  # fmt: skip


def test_what_another_process_has_put_in_place_meanwhile_is_not_taken_away(tmp_path, monkeypatch):
    data, join = write_small_study(tmp_path / "raw"), pieces.Pieces.join
    run(tmp_path / "first", grid=parse(ONE), data=data)

    def join_late(self, *arguments, **options):
        join(self, *arguments, **options)
        shutil.copytree(tmp_path / "first", tmp_path / "second", dirs_exist_ok=True)

    monkeypatch.setattr(pieces.Pieces, "join", join_late)
    monkeypatch.setattr(engine, "_put_in_place", None)
    run(tmp_path / "second", grid=parse(ONE), data=data)
    assert leave_times(tmp_path / "second") == leave_times(tmp_path / "first")
    assert not (tmp_path / "second/pieces").exists()


def test_what_a_killed_process_left_half_put_together_is_cleared_away(tmp_path, finished, monkeypatch):
    folder = shutil.copytree(finished[0], tmp_path / "few")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with monkeypatch.context() as patch:
        patch.setattr(folders.os, "getpid", lambda: gone.pid)
        left = folders.make_building_folder(folder, name="whole")
    assert left.is_dir()
    run(folder, permutations=20)
    assert hash_folder(folder) == hash_folder(finished[0])
    assert not left.exists()


def test_more_patients_than_the_page_can_count_are_refused_before_anything_is_computed(tmp_path, monkeypatch):
    engine._check_size(65_534)
    with pytest.raises(schema.DataError, match="65,535 patients, and the page of a multiverse can count 65,534"):
        engine._check_size(65_535)
    monkeypatch.setattr(engine, "NOT_COUNTED", 5)
    with pytest.raises(schema.DataError, match="5 patients"):
        run(tmp_path / "new", data=write_small_study(tmp_path / "raw"))
    assert not (tmp_path / "new").exists()


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ParameterError, match=r"holds notes\.txt, which is not of a multiverse"):
        run(tmp_path)
    with pytest.raises(ParameterError, match="is no folder"):
        run(tmp_path / "notes.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_data_that_are_not_there_leave_nothing_behind(tmp_path):
    with pytest.raises(schema.DataError):
        run(tmp_path / "new", data=tmp_path / "nowhere")
    assert not (tmp_path / "new").exists()


def test_a_folder_without_a_whole_multiverse_is_not_read(tmp_path, finished):
    with pytest.raises(schema.DataError, match="holds no finished multiverse"):
        read_multiverse(tmp_path)
    (tmp_path / "multiverse.json").write_text("[]")
    with pytest.raises(schema.DataError, match="holds no finished multiverse"):
        read_multiverse(tmp_path)
    (tmp_path / "multiverse.json").write_text((finished[0] / "multiverse.json").read_text())
    (tmp_path / "definitions.parquet").write_text("cut off")
    with pytest.raises(schema.DataError, match="a table of the multiverse cannot be read"):
        read_multiverse(tmp_path)


def test_nothing_but_the_record_of_times_holds_a_time(finished):
    meta = json.loads((finished[0] / "multiverse.json").read_text())
    assert not {"seconds", "finished", "started"} & set(meta)
    assert (meta["definitions_n"], meta["analyses_n"], meta["universes_n"], meta["patients_n"]) == (6, 12, 72, 240)
    assert meta["synthetic"] is True and meta["permutations"] == 20


def test_rules_of_ones_own_are_part_of_what_a_multiverse_is_made_of(tmp_path):
    rules = tmp_path / "rules.yml"
    rules.write_text("worsening_rules:\n- {name: tripling, label: Tripling, kind: creatinine_ratio, threshold: 3.0,\n"
                     "   confirm_days: 28, source: ours}\n")  # fmt: skip
    content = {"everywhere": {"rules_file": str(rules)}, "analysis": {"worsening_rule": decide(
        confirmed_doubling={}, tripling={"values": {"worsening_rule": "tripling"}})}}  # fmt: skip
    grid = parse(content)
    common = {"data_dir": "data/raw", "permutations": 0, "seed": 1}
    before = engine._describe(grid, **common)["digest"]
    rules.write_text(rules.read_text().replace("3.0", "4.0"))
    assert engine._describe(grid, **common)["digest"] != before
    tables = Measurer(grid, schema.read_raw(PROJECT / "data/raw"), blocks={}, permutations=0, seed=1).measure(0, 1)
    assert tables["hazards"]["worsening_rule"].tolist() == ["confirmed_doubling", "tripling"]
    assert tables["hazards"]["events"][1] < tables["hazards"]["events"][0]


def test_of_each_kind_the_last_that_were_asked_for_are_kept():
    made = []
    kept = Kept(keep=2)
    for key in "abacab":
        kept.once("letter", key, lambda key=key: made.append(key))
    kept.once("other", "a", lambda: made.append("other a"))
    assert made == ["a", "b", "c", "b", "other a"]


# ---- a universe opened ----


def test_a_universe_is_computed_alone_where_no_multiverse_is_finished(tmp_path, finished):
    folder, results = finished
    grid = results.grid
    expected = results.universes.set_index("code").loc["1101101"]
    for place in (folder, tmp_path):
        row = find_universe(grid, "1101101", data_dir="data/raw", folder=place)
        for name in ("share", "any_apl", "any_apl_low", "active_sediment_p", "hazard", "hazard_high"):
            assert row[name] == pytest.approx(expected[name], rel=1e-12)


@pytest.mark.parametrize(("fact", "is_read"), [
    ("permutations", True), ("seed", True), ("grid", False), ("inputs", False), ("code", False), ("versions", False),
    ("rules", False),
])  # fmt: skip
def test_a_universe_is_read_only_where_its_numbers_follow_from_the_same(tmp_path, fact, is_read):
    data = str(write_small_study(tmp_path / "raw"))
    record = engine._describe(parse(), data_dir=data, permutations=40, seed=1)
    (tmp_path / "multiverse.json").write_text(json.dumps({**record, fact: "another"}))
    pd.DataFrame({"code": ["0000000"], "share": [9.0]}).to_parquet(tmp_path / "universes.parquet")
    row = find_universe(parse(), "0000000", data_dir=data, folder=tmp_path)
    assert (row["share"] == 9.0) is is_read


def test_numbers_agree_when_they_are_equal_or_both_missing():
    one = Number("hazard", "a.hr", "value", 2.0, 2.0 * (1 + 9e-10))
    assert one.agrees and replace(one, report=None, multiverse=None).agrees
    assert not replace(one, multiverse=2.0 * (1 + 3e-9)).agrees
    assert not replace(one, report=None).agrees and not replace(one, multiverse=None).agrees


def test_what_differs_between_report_and_multiverse_is_said(tmp_path, finished, monkeypatch):
    folder, results = finished
    ids = results.grid.ids_of("0000000")
    row = results.universes.iloc[0]
    entries = [Entry(id, float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"]), "odds ratio", 181,
                     f"Label of {name}", 1.0, "x", "x") for name, id in ids.items() if name != "hazard"]  # fmt: skip
    entries[0] = replace(entries[0], unit="share", low=0.1)
    entries += [Entry(f"{id.rpartition('.')[0]}.p", float(row[f"{name}_p"]), None, None, "p value", 181, "x", None, "x",
                      "x") for name, id in ids.items() if name in ("any_apl", "active_sediment")]  # fmt: skip

    store = Store(tmp_path / "kept")

    def give_run(parameters, *, progress, name, reports, derived, **more):
        assert more == {"store": store}
        home = reports / name
        home.mkdir(parents=True)
        (home / "results.json").write_text(json.dumps({"entries": [vars(entry) for entry in entries]}))
        return opening.FinishedRun(name, home / "index.html", ())

    monkeypatch.setattr(opening, "run_study", give_run)
    opened = open_universe(results.grid, "0000000", data_dir="data/raw", folder=folder, reports=tmp_path,
                           derived=tmp_path, progress=Progress(io.StringIO()), store=store)  # fmt: skip
    assert opened.run.name == "universe-0000000"
    share, apl, sediment, hazard = opened.sentences
    assert share.startswith("Label of share: 31.5") and "the multiverse has low 0.25" in share
    assert apl.startswith("Label of any_apl, odds ratio: 6.21") and "the multiverse has the same" in apl
    assert "the multiverse has the same" in sediment
    assert hazard.startswith("hazard: not in the report; the multiverse has value 4.599")
    assert [number.agrees for number in opened.numbers].count(False) == 1 + 4


@pytest.mark.slow
@pytest.mark.parametrize("choices", [
    {"response_rule": "kdigo_2024", "followup": "none", "flare_rule": "severe", "flare_window": "months_12",
     "complete_upcr": "below_0_3", "deadline": "month_6", "covariates": "before_biopsy", "estimator": "firth",
     "worsening_rule": "egfr_decline_40", "time_zero": "landmark_12"},
    {"response_rule": "acr_2006", "confirmation": "two_visits", "flare_rule": "none", "deadline": "failure_12",
     "covariates": "independent", "time_zero": "landmark_24"},
])  # fmt: skip
def test_the_report_of_a_universe_has_the_numbers_of_the_multiverse(tmp_path, choices):
    grid = read_grid()
    code = grid.code_of(choices)
    opened = open_universe(grid, code, data_dir="data/raw", folder=tmp_path / "none", reports=tmp_path / "reports",
                           derived=tmp_path / "derived", progress=Progress(io.StringIO()))  # fmt: skip
    assert opened.run.page == tmp_path / "reports" / f"universe-{code}" / "index.html"
    assert len(opened.numbers) == 3 + 3 * 4
    assert [number for number in opened.numbers if not number.agrees or number.report is None] == []
    assert all("the multiverse has the same" in sentence for sentence in opened.sentences)


def test_one_processor_and_two_give_the_same_bytes(tmp_path, finished):
    folder = tmp_path / "one"
    run(folder, workers=1, permutations=20)
    assert leave_times(folder) == leave_times(finished[0])
