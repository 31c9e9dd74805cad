"""The page of a comparison: everything gathered, then rendered in the style of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.comparison import numbers, settings
from helpers.comparison.attribution import Attribution, attribute
from helpers.comparison.moves import Moves, find_moves
from helpers.comparison.pictures import draw_curves, draw_flows, join_flows
from helpers.comparison.runs import ComparedRun
from helpers.comparison.sentences import Change, list_changes
from helpers.report.frame import NO_EVIDENCE, render

MOST_TRACES = 200
"""As many patients are shown with their trace; the file beside the page has all of them."""

PSEUDONYMS = ("This page, and the files beside it, carry the pseudonyms of your tables with times and results per "
              "patient: treat them as patient data, too.")  # fmt: skip
"""What is said where any run is of patients who are not simulated."""


@dataclass(frozen=True)
class Part:
    """What one player did to one headline: the part in print, and how large it is against the largest."""

    printed: str
    length: int


@dataclass(frozen=True)
class SharedNumber:
    """One headline shared out: before, after, the whole change, and each player's part."""

    label: str
    before: str
    after: str
    whole: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Pair:
    """The first run against one of the others."""

    first: ComparedRun
    second: ComparedRun
    attribution: Attribution
    shared: tuple[SharedNumber, ...]
    moves: Moves | None
    sentences: tuple[Change, ...]
    flips: tuple[numbers.Flip, ...]

    @property
    def anchor(self) -> str:
        """The end of the anchors of this pair."""
        return f"{self.first.letter}-{self.second.letter}".lower()


def gather_pair(first: ComparedRun, second: ComparedRun) -> Pair:
    """All that is said of one pair of runs."""
    attribution = attribute(first, second)
    return Pair(first, second, attribution, list_shared(attribution, first),
                find_moves(first, second, attribution=attribution), tuple(list_changes(first, second)),
                tuple(numbers.list_flips(first, second)))  # fmt: skip


def list_shared(attribution: Attribution, first: ComparedRun) -> tuple[SharedNumber, ...]:
    """The headlines with their parts, in print; those that could not be shared out are left out."""
    shares = attribution.shares
    if shares is None:
        return ()
    found = []
    for id, label in numbers.HEADLINES.items():
        parts = shares.parts[id]
        if parts.isna().any():
            continue
        unit = first.entries[id].unit if id in first.entries else ""
        scale = 100 if unit == "share" else 1
        most = float(parts.abs().max()) or 1.0
        ends = [numbers.print_value(float(end), unit=unit) for end in (shares.before[id], shares.after[id])]
        found.append(SharedNumber(label, ends[0], ends[1], _print_part(float(parts.sum()), scale=scale), tuple(
            Part(_print_part(float(part), scale=scale), round(20 * abs(float(part)) / most)) for part in parts)))
    return tuple(found)


def _print_part(value: float, *, scale: int) -> str:
    return numbers.print_signed(scale * value, digits=2) + (" points" if scale == 100 else "")


def render_page(runs: Sequence[ComparedRun], pairs: Sequence[Pair]) -> str:
    """The whole page as text; the same runs give the same page."""
    banner = NO_EVIDENCE if all(run.is_synthetic for run in runs) else ""
    named = numbers.list_rows(runs, numbers.list_ids(runs, of_tables=False))
    cells = numbers.list_rows(runs, numbers.list_ids(runs, of_tables=True))
    data, code = settings.list_data_differences(runs), settings.list_code_differences(runs)
    flows = draw_flows(runs)
    return render(
        "comparison.html", styles=["page.css", "comparison.css"], scripts=["page.js", "comparison.js"], banner=banner,
        runs=runs, pairs=pairs, warning="" if banner else PSEUDONYMS,
        parameters=settings.list_parameter_differences(runs), data=data, code=code,
        say_data=settings.say_data(data, runs), say_code=settings.say_code(code, runs),
        headlines=numbers.list_rows(runs, numbers.HEADLINES, words=numbers.HEADLINES), named=named,
        cells=[row for row in cells if not row.is_same], same_cells=sum(row.is_same for row in cells),
        own=numbers.list_own(runs), print_entry=numbers.print_entry, flows=flows, flow_rows=join_flows(flows),
        curves=draw_curves(runs),
        most_traces=MOST_TRACES)  # fmt: skip
