"""What each command does. Heavy modules are imported by the command that needs them, so that help comes at once."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from helpers.cli.help import describe_parameters_fully, describe_rules, describe_scenarios
from helpers.cli.runs import (
    DISAGREEMENT,
    choose_store,
    no_collection,
    preview,
    rebuild_register,
    register,
    say_where_it_goes_on,
)
from helpers.cli.universes import multiverse, universe
from helpers.cli.values import UsageError, from_here, gather_parameters, to_folder
from helpers.definitions import load_rulebook


@no_collection()
def run(options: Namespace) -> int:
    """Run the study and say where the report is."""
    parameters = gather_parameters(options)
    from helpers.run import run_study
    from helpers.run.progress import Progress
    from helpers.spread import use_scheduler

    derived = to_folder(options.derived, "data/derived")
    with use_scheduler(options.scheduler or ""):
        done = run_study(parameters, progress=Progress(sys.stderr), name=options.name,
                         reports=to_folder(options.reports, "reports"), derived=derived,
                         store=choose_store(options, derived))
    rebuild_register(done.page.parents[1])
    print(f"\n{done.page}\n")
    for sentence in done.bottom_line:
        print(sentence)
    if done.disagreements:
        print(f"Two engines disagree on: {', '.join(done.disagreements)}. The report marks them.", file=sys.stderr)
        return DISAGREEMENT
    return 0


def compare(options: Namespace) -> int:
    """Compare finished runs and say where the page is."""
    from helpers.comparison import ComparisonError, compare_runs

    out = Path(options.out).expanduser() if options.out else None
    try:
        print(compare_runs(options.runs, reports=to_folder(options.reports, "reports"), out=out))
    except ComparisonError as problem:
        raise UsageError(str(problem)) from problem
    return 0


def check(options: Namespace) -> int:
    """Check raw tables and say what is in them."""
    from helpers import schema
    from helpers.project import PROJECT

    found = schema.check_raw(PROJECT / from_here(options.data))
    for table, rows in found.rows.items():
        print(f"{table:<12}{rows:>9,} rows")
    print(f"{found.patients:,} patients on file. The tables can be used.")
    for note in found.notes:
        print(f"Note: {note}")
    return 0


def simulate(options: Namespace) -> int:
    """Simulate patients and write them as raw tables with their manifest."""
    out = Path(options.out).expanduser()
    from helpers import schema
    from helpers.project import PROJECT

    is_shipped = out.resolve() == (PROJECT / "data/raw").resolve()
    if out.is_file() or is_shipped or (out.is_dir() and any(out.iterdir()) and not _is_as_simulated(out)):
        raise UsageError(f"{out} holds files that were not simulated here, or have been changed since: choose an "
                         "empty or a new folder")
    from helpers.synthetic import GENERATOR_VERSION, simulate_cohort
    from helpers.synthetic.truth import DEFAULT_TRUTH, derive_truth_record

    tables = simulate_cohort(n=options.patients, seed=options.seed)
    schema.write_raw(tables, out, manifest={
        "synthetic": True, "generator_version": GENERATOR_VERSION, "seed": options.seed,
        "description": f"{options.patients} simulated patients, not calibrated to any publication"})
    truth = json.dumps(derive_truth_record(DEFAULT_TRUTH), indent=1, ensure_ascii=False)
    (out / "truth.json").write_text(truth + "\n", encoding="utf-8", newline="\n")
    print(f"{options.patients} simulated patients written to {out}. Run the study on them: "
          f"python -m helpers run --data {options.out}")
    return 0


def _is_as_simulated(folder: Path) -> bool:
    """Whether the manifest calls the tables synthetic and every table is still the one that it lists."""
    from helpers import schema

    return schema.is_synthetic(folder) and schema.compare_with_manifest(folder) == []


def data(_: Namespace) -> int:
    """Make the shipped cohort again, unless the folder holds tables that are not simulated ones."""
    from helpers import schema
    from helpers.project import PROJECT

    folder = PROJECT / "data/raw"
    if schema.hash_inputs(folder) and not _is_as_simulated(folder):
        raise UsageError(f"{folder} holds tables that were not simulated here, or have been changed since: move your "
                         "tables away first (a run reads them from any folder: --data)")
    from helpers.calibration import write_shipped_cohort

    write_shipped_cohort(folder)
    return 0


def notebooks(_: Namespace) -> int:
    """Run the notebooks as they stand, on the shipped cohort, and store them with their outputs."""
    from helpers.run import store_notebooks
    from helpers.run.progress import Progress

    store_notebooks(progress=Progress(sys.stderr))
    return 0


def docs(_: Namespace) -> int:
    """Write the generated pages of docs/."""
    from helpers.documentation import write_docs
    from helpers.project import PROJECT

    for path in write_docs(PROJECT / "docs"):
        print(path.relative_to(PROJECT))
    return 0


def evidence(options: Namespace) -> int:
    """Hold the estimators against made cohorts with a known truth, and say what came out."""
    from helpers.evidence.whole import BenchError, gather_evidence, store_evidence
    from helpers.project import PROJECT
    from helpers.spread import check_scheduler

    folder = to_folder(options.out, "data/derived/evidence")
    if options.scheduler:
        check_scheduler(options.scheduler)
    try:
        with say_where_it_goes_on(folder):
            summary = gather_evidence(folder, cohorts=options.cohorts, size=options.size, seed=options.seed,
                                      workers=options.workers, scheduler=options.scheduler or "",
                                      stream=sys.stderr)  # fmt: skip
    except BenchError as problem:
        raise UsageError(str(problem)) from problem
    print(*summary.sentences, sep="\n")
    for place in [folder, PROJECT / "docs"] if options.store else [folder]:
        print(*store_evidence(summary, place), sep="\n")
    return 0


def parameters(_: Namespace) -> int:
    """List every parameter."""
    print(describe_parameters_fully())
    return 0


def scenarios(_: Namespace) -> int:
    """List every scenario."""
    print(describe_scenarios())
    return 0


def rules(options: Namespace) -> int:
    """List every rule."""
    print(describe_rules(load_rulebook(options.rules_file)))
    return 0


COMMANDS: Mapping[str, Callable[[Namespace], int]] = MappingProxyType({
    "run": run, "compare": compare, "preview": preview, "register": register, "multiverse": multiverse,
    "universe": universe, "check": check, "simulate": simulate,
    "data": data, "notebooks": notebooks, "docs": docs, "evidence": evidence, "parameters": parameters,
    "scenarios": scenarios, "rules": rules,
})  # fmt: skip
