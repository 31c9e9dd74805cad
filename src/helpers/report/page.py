"""The report of a run: one page that needs no network, made from the files of the run's folder."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import nbformat

from helpers.ledger import CrossCheck, Entry, find_disagreements
from helpers.parameters import ALL, describe_parameters
from helpers.report.appendix import EVIDENCE, Appendix, make_appendix
from helpers.report.chapters import Chapter, make_chapter
from helpers.report.claims import Claims, make_claims
from helpers.report.frame import NO_EVIDENCE, compile_ahead, render
from helpers.report.summary import make_bottom_line
from helpers.report.text import DISAGREES

TEMPLATE = "page.html"
_reading = Lock()
"""One at a time reads: several notebooks may be done at once."""

TITLE = "Difficult-to-treat lupus nephritis"


@dataclass(frozen=True)
class Setting:
    """One parameter as the page lists it."""

    name: str
    value: str
    default: str
    is_changed: bool
    unit: str
    meaning: str


def read_ahead(name: str, notebook: nbformat.NotebookNode) -> None:
    """Do what takes longest of a chapter before the rest of its run is there: `write_page` finds it done."""
    with _reading, suppress(Exception):  # whatever is wrong, `write_page` comes upon it again and says so
        compile_ahead(TEMPLATE)
        make_chapter(name, notebook, folder=Path())


def write_page(folder: Path, claims: Claims | None = None) -> tuple[str, ...]:
    """Write `index.html` for the run in `folder` and return its bottom line.

    The folder holds notebooks/, tables/, figures/, results.json and run.json. The same files give the same
    page; `claims` made of them already are not made anew. Raises ReportError for a figure without alt text and for
    an output that is an error.
    """
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    entries = {fields["id"]: Entry(**fields) for fields in results["entries"]}
    checks = [CrossCheck(**fields) for fields in results.get("cross_checks", [])]
    against = find_disagreements(entries.values(), checks)
    chapters = [make_chapter(name, _read(folder, name), folder=folder, against=against) for name in ALL]
    claims = claims or make_claims(
        (entry for entry in entries.values() if entry.notebook in ALL), against=against,
        is_synthetic=record["data"]["synthetic"], is_calibrated=record["data"]["calibrated"])
    evidence = folder / "tables" / EVIDENCE
    appendix = make_appendix(entries, checks, against=against, titles={c.name: c.title for c in chapters},
                             evidence=evidence if evidence.is_file() else None)  # fmt: skip
    page = render_page(record, entries, chapters, claims, appendix=appendix, against=against)
    (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")
    return tuple(line.text for line in make_bottom_line(entries, checks))


def _read(folder: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.v4.reads((folder / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))


def render_page(record: dict[str, Any], entries: dict[str, Entry], chapters: list[Chapter], claims: Claims, *,
                appendix: Appendix, against: frozenset[str]) -> str:
    """The whole page as text."""
    return render(
        TEMPLATE, styles=["page.css"], scripts=["page.js"],
        banner=NO_EVIDENCE if record["data"]["synthetic"] else "",
        title=TITLE, record=record, chapters=chapters, claims=claims, appendix=appendix,
        bottom_line=[line.show(against) for line in make_bottom_line(entries, appendix.checks)],
        against=against, disagrees=DISAGREES,
        settings=list_settings(record), entries=[e for e in entries.values() if not e.id.startswith("table.")],
        all_entries=len(entries))


def list_settings(record: dict[str, Any]) -> list[Setting]:
    """Every parameter of the run with its default, in the order of the contract."""
    return [
        Setting(
            name=facts["name"], value=show(record["parameters"][facts["name"]]), default=show(facts["default"]),
            is_changed=facts["name"] in record["changed"], unit=facts["unit"], meaning=facts["meaning"])
        for facts in describe_parameters() if facts["name"] != "derived_dir"
    ]  # fmt: skip


def show(value: Any) -> str:
    """A parameter's value as a reader writes it.

    >>> show(True), show([2.0, 4.0]), show(""), show(24.0)
    ('yes', '2, 4', 'none', '24')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(show(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"
