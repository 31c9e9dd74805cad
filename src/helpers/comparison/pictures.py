"""The figures of a comparison: the flow of each run, and the curves of all runs over one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers.cohort import count_flow
from helpers.cohort.selection import EXCLUSIONS
from helpers.comparison.runs import ComparedRun
from helpers.figures import make_svg
from helpers.figures.cohort import draw_flow
from helpers.figures.comparison import draw_run_curves
from helpers.parameters import check_parameters
from helpers.report.text import Picture, picture
from helpers.survival import derive_outcomes, label_groups
from helpers.survival.curves import count_at_risk, derive_axis_end, estimate_incidence, estimate_survival

_ROUND_UP = 0.1


@dataclass(frozen=True)
class Shown:
    """A figure as the page shows it, with its caption and what it says to those who do not see it."""

    id: str
    caption: str
    alt: str
    picture: Picture


@dataclass(frozen=True)
class Flow:
    """The flow of one run: who was left out at each step and who was left; nothing where that is not known."""

    letter: str
    name: str
    steps: tuple[tuple[str, float, float], ...] = ()
    shown: Shown | None = None


@dataclass(frozen=True)
class FlowRow:
    """One step in all runs that have one: left out and left in each, and whether it is not the same in all."""

    label: str
    steps: tuple[tuple[float, float], ...]

    @property
    def is_different(self) -> bool:
        """Whether some run left out others in number."""
        return len(set(self.steps)) > 1


def draw_flows(runs: Sequence[ComparedRun]) -> list[Flow]:
    """The flow of patients of each run."""
    return [_draw_flow(run) for run in runs]


def derive_flow(run: ComparedRun) -> pd.DataFrame | None:
    """The flow of a run, from its cohort or, where that is gone, from its ledger; None where neither adds up."""
    if run.tables:
        return count_flow(run.tables["cohort"])
    ids = ["cohort.screened.n", *(f"table.cohort.excluded.{step}.n" for step in EXCLUSIONS)]
    numbers = [run.entries[id].value for id in ids if id in run.entries]
    known = [int(number) for number in numbers if number is not None]
    if len(known) < len(ids):
        return None
    flow = pd.DataFrame({"label": ["Patients on file", *EXCLUSIONS.values()], "excluded_n": [0, *known[1:]]})
    flow["remaining_n"] = known[0] - flow["excluded_n"].cumsum()
    eligible = run.entries.get("cohort.eligible.n")
    return flow if eligible is not None and eligible.value == flow["remaining_n"].iloc[-1] else None


def _draw_flow(run: ComparedRun) -> Flow:
    flow = derive_flow(run)
    if flow is None:
        return Flow(run.letter, run.name)
    parts = (flow["label"].astype(str), flow["excluded_n"].astype(float), flow["remaining_n"].astype(float))
    steps = tuple(zip(*parts, strict=True))
    alt = "; ".join([f"{steps[0][0]}: {steps[0][2]:.0f}",
                     *(f"{label}: {out:.0f} left out, {left:.0f} left" for label, out, left in steps[1:])])  # fmt: skip
    shown = Shown(f"flow-{run.letter}", f"Run {run.letter}, {run.name}",
                  f"Flow of patients in run {run.letter}. {alt}.", _keep(draw_flow(flow)))  # fmt: skip
    return Flow(run.letter, run.name, steps, shown)


def join_flows(flows: Sequence[Flow]) -> list[FlowRow]:
    """The steps side by side, for the runs that have them."""
    drawn = [flow.steps for flow in flows if flow.steps]
    return [FlowRow(same[0][0], tuple(step[1:] for step in same)) for same in zip(*drawn, strict=True)]


def _keep(figure: Figure) -> Picture:
    svg = make_svg(figure)
    plt.close(figure)
    return picture(svg)


def draw_curves(runs: Sequence[ComparedRun]) -> list[Shown]:
    """Freedom from the composite outcome and cumulative incidence of kidney failure, the runs over one another.

    From the tables of the runs that still have theirs; nothing where fewer than two do.
    """
    outcomes = {f"{run.letter}: {run.name}": derive_run_outcomes(run) for run in runs if run.tables}
    if len(outcomes) < 2:
        return []
    names = ", ".join(outcomes)
    composite = _draw(outcomes, outcome="composite", estimate=estimate_survival, ylabel="Free of the outcome")
    failure = _draw(outcomes, outcome="esrd", estimate=_estimate_failure, ylabel="Cumulative incidence")
    return [
        Shown("composite", "Free of worsening creatinine, kidney failure and death (Kaplan-Meier), everybody in the "
              "final group from time zero on, as the report draws it first",
              f"Kaplan-Meier curves of the composite outcome by group, runs over one another: {names}. "
              f"{_describe(composite[1])}", composite[0]),
        Shown("kidney-failure", "Cumulative incidence of kidney failure, death competing",
              f"Cumulative incidence of kidney failure by group, runs over one another: {names}. "
              f"{_describe(failure[1])}", failure[0]),
    ]  # fmt: skip


def derive_run_outcomes(run: ComparedRun) -> pd.DataFrame:
    """The outcomes of a run with their groups, made again from its own derived tables under its own rule."""
    parameters = check_parameters({
        name: run.parameters[name] for name in ("rules_file", "worsening_rule") if name in run.parameters})
    rule = parameters.rulebook().worsening_rule(parameters.worsening_rule)
    outcomes = derive_outcomes(run.tables["assessments"], cohort=run.tables["cohort"],
                               events=run.tables["raw_events"], worsening=rule)  # fmt: skip
    return label_groups(outcomes, labels=run.tables["dtt_labels"])


def _estimate_failure(outcomes: pd.DataFrame, *, outcome: str) -> pd.DataFrame:
    return estimate_incidence(outcomes, outcome=outcome, states=["esrd"])


def _draw(outcomes: dict[str, pd.DataFrame], *, outcome: str, estimate: Callable[..., pd.DataFrame],
          ylabel: str) -> tuple[Picture, pd.DataFrame]:  # fmt: skip
    """The figure up to where in each run and group enough are left, and the curves in it."""
    end = min(derive_axis_end(table, outcome=outcome) for table in outcomes.values())
    curves = _stack({run: estimate(table, outcome=outcome) for run, table in outcomes.items()})
    at_risk = _stack({run: count_at_risk(table, outcome=outcome, end=end) for run, table in outcomes.items()})
    shown = curves.loc[curves["month"] <= end]
    top = 1.0
    if outcome == "esrd":
        top = min(1.0, max(_ROUND_UP, float(shown["high"].fillna(shown["estimate"]).max()) + _ROUND_UP / 2))
    letters = {run: run.partition(":")[0] for run in outcomes}
    figure = draw_run_curves(
        curves.assign(run=curves["run"].map(letters)), at_risk=at_risk.assign(run=at_risk["run"].map(letters)),
        runs={letters[run]: run for run in outcomes}, end=end, ylabel=ylabel, top_share=top)  # fmt: skip
    return _keep(figure), shown


def _stack(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([table.assign(run=run) for run, table in tables.items()], ignore_index=True)


def _describe(curves: pd.DataFrame) -> str:
    """Where each curve stands at the end of the axis."""
    last = curves.dropna(subset=["estimate"]).groupby(["run", "group"], sort=True).tail(1)
    words = {"dtt": "difficult to treat", "other": "others"}
    return "; ".join(f"{run}, {words.get(group, group)}: {100 * estimate:.0f} % at month {month:.0f}"
                     for run, group, month, estimate in last[["run", "group", "month", "estimate"]].to_numpy()) + "."
