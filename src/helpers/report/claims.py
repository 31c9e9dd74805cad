"""The chapter of the printed claims: the abstract against itself, and this run against the abstract."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.exhibits import MISSING, make_html_table, plan_columns, print_cell, record_cells
from helpers.ledger import Entry, Ledger, derive_ledger_table
from helpers.published import (
    ASSUMED_LIMIT,
    check_abstract_consistency,
    compare_with_run,
    describe_comparison,
    read_claims,
)
from helpers.report.chapters import Block
from helpers.report.text import Table, read_table
from helpers.wording import fill_sentence, format_number, format_p, format_percent

NUMBER = 6
NAME = "claims"
UNFAVOURABLE = ("leaves some out", "contradiction", "impossible", "differs", "higher than", "lower than")

_SELF = "Of {claims.consistency.checkable.n} printed figures and sums that can be checked against counts printed " \
        "elsewhere in the abstract, {claims.consistency.agree.n} agree and {claims.consistency.against.n} do not."
_RUN = "Of {claims.comparison.comparable.n} printed figures and statements that this run can be held against, " \
       "{claims.comparison.match.n} match. {claims.comparison.significance.n} of them state significance, for which " \
       "the abstract prints no limit: {limit} is assumed."
_OBTAINED = {"counts_calibrated": "emerged; its counts were calibrated within ranges"}
_NOTE_SYNTHETIC = "Calibrated: the simulated patients were chosen so that the run shows this figure under default " \
                  "parameters. Emerged: they were not."
_NOTE_REAL = "Shares are compared by the interval of their difference."
_HEADINGS_SELF = {
    "printed": "Printed", "arithmetic": "Done again", "estimate": "Share, % (95\u202f% CI)", "verdict": "Verdict",
    "remark": "Remark",
}  # fmt: skip
_HEADINGS_RUN = {
    "printed": "Printed", "published": "Printed figure", "estimate": "This run (95\u202f% CI)", "n": "n",
    "difference": "Difference", "unit": "Unit", "verdict": "Verdict", "obtained": "This run's figure was",
}  # fmt: skip


@dataclass(frozen=True)
class Claims:
    """The chapter: its tables, what they come to in sentences, and the numbers in both as ledger entries."""

    title: str
    sentences: tuple[str, ...]
    tables: tuple[Block, ...]
    entries: tuple[Entry, ...]
    frames: dict[str, pd.DataFrame]


def make_claims(
    entries: Iterable[Entry], *, is_synthetic: bool, is_calibrated: bool, against: Container[str] = frozenset()
) -> Claims:
    """The chapter for the entries that the notebooks of one run recorded.

    `against` holds the ids of the numbers on which two engines disagree; the run's figures among them are marked.

    `is_calibrated` says whether the simulated patients were chosen so as to show the published figures; where
    they were not, every figure of the run emerged.
    """
    claims = read_claims()
    consistency = check_abstract_consistency(claims)
    comparison = compare_with_run(claims, derive_ledger_table(list(entries)), is_synthetic=is_synthetic)
    if not is_calibrated:
        comparison["obtained"] = comparison["obtained"].replace(["calibrated", "counts_calibrated"], "emerged")
    frames = {"claims.consistency": consistency, "claims.comparison": comparison}
    ledger = Ledger(NAME)
    _count(ledger, consistency, comparison)
    for id, frame in frames.items():
        record_cells(ledger, frame, id=id, index="id", caption=id)
    title = describe_comparison(is_synthetic=is_synthetic)
    compared = _block(_shorten_comparison(comparison), id="claims.comparison", number=f"{NUMBER}.2",
                      headings=_HEADINGS_RUN, caption=title, note=_NOTE_SYNTHETIC if is_synthetic else _NOTE_REAL)
    _mark_run_figures(compared, ids=comparison["ledger_id"].dropna().tolist(), against=against)
    return Claims(
        title="What was printed, and does it hold?",
        sentences=tuple(fill_sentence(template, book=ledger, words={"limit": ASSUMED_LIMIT})
                        for template in (_SELF, _RUN)),
        tables=(
            _block(_shorten_consistency(consistency), id="claims.consistency", number=f"{NUMBER}.1",
                   headings=_HEADINGS_SELF, caption="The abstract against itself",
                   note="Only what can be checked; the CSV has every claim. Intervals are Wilson's."),
            compared,
        ),
        entries=tuple(ledger),
        frames=frames,
    )


def write_claims(claims: Claims, folder: Path) -> None:
    """Write the chapter's tables as CSV, at full precision, among the run's other tables."""
    for id, frame in claims.frames.items():
        frame.to_csv(folder / f"{id}.csv", index=False, lineterminator="\n")


def _count(ledger: Ledger, consistency: pd.DataFrame, comparison: pd.DataFrame) -> None:
    """Record how many claims stand and how many do not."""
    checkable = consistency["verdict"] != "not_checkable"
    agree = consistency["verdict"].str.startswith("match")
    comparable = ~comparison["verdict"].isin(["not reported", "not in this run"])
    match = comparison["verdict"].isin(["match", "not clearly different from published"])
    significance = comparable & comparison["unit"].eq("p value") & comparison["published"].isna()
    counts = {
        "consistency.checkable": (checkable, "Claims that the abstract itself can be asked about"),
        "consistency.agree": (agree, "Claims that agree with the abstract's own counts"),
        "consistency.against": (checkable & ~agree, "Claims that the abstract's own counts contradict"),
        "comparison.comparable": (comparable, "Claims that this run can be held against"),
        "comparison.match": (match, "Claims that this run matches"),
        "comparison.significance": (significance, "Claims of significance that this run can be held against"),
    }
    for name, (rows, label) in counts.items():
        ledger.add(f"claims.{name}.n", int(rows.sum()), unit="claims", n=len(rows), label=label,
                   origin=f"tables/claims.{name.split('.')[0]}.csv")


def _shorten_consistency(table: pd.DataFrame) -> pd.DataFrame:
    """The rows and columns that a reader needs."""
    kept = table.loc[table["verdict"] != "not_checkable"].rename(columns={"recomputed": "estimate"})
    remark = (kept["reconstruction"] + ". " + kept["note"]).str.removeprefix(". ").str.strip()
    words = kept["verdict"].replace({"match_exact": "adds up", "match_rounded": "agrees, rounded", "match_truncated":
                                     "agrees, truncated", "match_implied": "agrees, by implication",
                                     "leaves_out": "leaves some out"})
    return kept.assign(remark=remark, verdict=words)[
        ["printed", "arithmetic", "estimate", "low", "high", "verdict", "remark"]]


def _shorten_comparison(table: pd.DataFrame) -> pd.DataFrame:
    """The claims that have a counterpart among a run's numbers, each number printed as its unit asks."""
    kept = table.loc[table["ledger_id"].notna()]
    columns = ["published", "estimate", "low", "high", "difference", "unit"]
    records = kept[columns].to_dict("records")
    return pd.DataFrame({
        "printed": kept["printed"].to_numpy(), "published": [_print_published(row) for row in records],
        "estimate": [_print_estimate(row) for row in records], "n": kept["n"].to_numpy(),
        "difference": [print_figure(row["difference"], unit=row["unit"]) for row in records],
        "unit": kept["unit"].to_numpy(), "verdict": kept["verdict"].to_numpy(),
        "obtained": kept["obtained"].replace(_OBTAINED).str.replace("_", " ").to_numpy(),
    })  # fmt: skip


def print_figure(value: float, *, unit: str) -> str:
    """A number as its unit asks: people and features whole, shares as percentages, p values never as zero.

    >>> print_figure(71.0, unit="patients"), print_figure(0.0002, unit="p value"), print_figure(0.184, unit="share")
    ('71', '<0.001', '18.4\u202f%')
    >>> print_figure(47.6, unit="months"), print_figure(float("nan"), unit="months")
    ('47.6', '–')
    """
    if pd.isna(value):
        return MISSING
    if unit == "p value":
        return format_p(value, sign=False)
    if unit == "share":
        return format_percent(value)
    return format_number(value, digits=0 if unit in ("patients", "features") else None)


def _print_published(row: dict[Any, Any]) -> str:
    """The printed figure; a statement of significance as such."""
    if row["unit"] == "p value":
        return f"significant (limit assumed {ASSUMED_LIMIT:g})"
    return print_figure(row["published"], unit=row["unit"])


def _print_estimate(row: dict[Any, Any]) -> str:
    """The run's figure, with its interval where it has one."""
    if pd.isna(row["low"]) and pd.isna(row["high"]):
        return print_figure(row["estimate"], unit=row["unit"])
    if row["unit"] != "share":
        return print_cell([row["estimate"], row["low"], row["high"]], "interval")
    ends = [MISSING if pd.isna(end) else format_number(100 * end, digits=1) for end in (row["low"], row["high"])]
    return f"{format_percent(row['estimate'])} ({ends[0]} to {ends[1]})"


def _block(frame: pd.DataFrame, *, id: str, number: str, headings: dict[str, str], caption: str, note: str) -> Block:
    columns = plan_columns(frame, headings=headings)
    table = mark_verdicts(read_table(make_html_table(frame, id=id, caption=caption, note="", columns=columns)))
    return Block("table", id=id, number=number, caption=caption, note=note, table=table,
                 files=[("CSV", f"tables/{id}.csv")])


def _mark_run_figures(block: Block, *, ids: list[str], against: Container[str]) -> None:
    """Mark this run's figure in the rows whose number two engines do not agree on; `ids` name the rows' numbers."""
    place = list(_HEADINGS_RUN).index("estimate")
    for row, id in zip(block.table.rows if block.table else [], ids, strict=True):
        row[place].disagrees = id in against


def mark_verdicts(table: Table) -> Table:
    """The same table, its unfavourable verdicts marked for the style sheet."""
    for row in table.rows:
        for cell in row:
            if cell.text.startswith(UNFAVOURABLE):
                cell.kind += " against"
    return table
