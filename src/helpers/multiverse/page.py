"""The page of a multiverse: its answer in words, an explorer of its universes, its curves and tables, in one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from helpers.multiverse import tables
from helpers.multiverse.answer import say_answer, say_size
from helpers.multiverse.gathered import Summaries, gather_summaries, list_tables
from helpers.multiverse.limits import LIMITS, NULL_IN_WORDS
from helpers.multiverse.methods import METHODS
from helpers.multiverse.payload import make_payload
from helpers.multiverse.pictures import draw_curves
from helpers.multiverse.results import RECORD, Multiverse
from helpers.multiverse.summaries import QUANTITIES
from helpers.parameters import ParameterError
from helpers.report.frame import NO_EVIDENCE, render
from helpers.run.folders import make_building_folder, put_in_place, remove_folder
from helpers.wording import format_number

SHORT = {
    "share": ("Difficult to treat, of those in the study", "difficult"),
    "any_apl": ("Any antiphospholipid antibody, odds ratio", "OR aPL"),
    "active_sediment": ("Active urinary sediment, odds ratio", "OR sediment"),
    "hazard": ("Composite outcome, hazard ratio", "HR"),
}  # fmt: skip
"""What a quantity is called where there is little room, and where there is hardly any."""

SCRIPTS = ("multiverse.data.js", "multiverse.pictures.js", "multiverse.specifications.js", "multiverse.js")
"""The parts of the page's one script: what is looked up, the pictures of a universe, the curves, the state."""

PSEUDONYMS = ("This page carries the pseudonyms of your tables, and which of these patients each definition calls "
              "difficult to treat: treat it as patient data, too.")  # fmt: skip
"""What is said where the patients are not simulated."""


def render_page(results: Multiverse, summaries: Summaries) -> str:
    """The whole page as text; the same results give the same page, and it can load nothing from anywhere."""
    banner, grid = NO_EVIDENCE if results.meta["synthetic"] else "", results.grid
    return render(
        "multiverse.html", styles=("page.css", "multiverse.css"), scripts=SCRIPTS, banner=banner,
        warning="" if banner else PSEUDONYMS, deck=say_size(results), answer=say_answer(results, summaries),
        made=say_origin(results), decisions=tables.list_decisions(grid), constraints=tables.list_constraints(grid),
        quantities=describe_quantities(results, summaries), conclusions=tables.list_conclusions(summaries),
        joint=tables.list_joint(summaries), variance=tables.list_variance(summaries, grid),
        words=tables.list_words(summaries), patients=tables.list_patients(summaries), limits=LIMITS,
        null_in_words=NULL_IN_WORDS, methods=METHODS, payload=write_payload(make_payload(results)))  # fmt: skip


def write_multiverse(results: Multiverse, folder: Path, *, summaries: Summaries | None = None) -> Path:
    """Write the page of a multiverse to a folder and return where it is.

    index.html, the summaries as tables/*.csv, the specification curves as figures/*.svg, and multiverse.json (what the
    multiverse was made of). All is made aside, and takes the place of an earlier page when it is whole; the same
    results give the same files. `summaries` are those of the results, where they have been gathered before. Raises
    ParameterError for a folder that holds anything else.
    """
    home = folder.resolve()
    check_home(home)
    summaries = summaries or gather_summaries(results)
    texts = {
        "index.html": render_page(results, summaries),
        **{f"tables/{name}.csv": table.to_csv(index=False, lineterminator="\n")
           for name, table in list_tables(summaries).items()},
        **{f"figures/{name}": svg for name, svg in draw_curves(results, summaries).items()},
        RECORD: json.dumps(dict(results.meta), indent=1, ensure_ascii=False) + "\n",
    }  # fmt: skip
    work = make_building_folder(home.parent, name=home.name)
    try:
        for name, text in texts.items():
            (work / name).parent.mkdir(exist_ok=True)
            (work / name).write_text(text, encoding="utf-8", newline="\n")
        put_in_place((work, home))
    except BaseException:
        remove_folder(work)
        raise
    return home / "index.html"


def check_home(home: Path) -> None:
    """Raise ParameterError where the page would take the place of anything but an earlier one."""
    if home.exists() and not home.is_dir():
        raise ParameterError(f"{home} is there and is no folder: choose another --name or --reports")
    is_ours = (home / RECORD).is_file() and (home / "index.html").is_file()
    if home.is_dir() and any(home.iterdir()) and not is_ours:
        raise ParameterError(f"{home} is there and is no page of a multiverse: choose another --name or --reports")


def write_payload(payload: dict[str, Any]) -> Markup:
    """The payload as text that can stand inside a page: no sign in it can end the element that holds it.

    >>> str(write_payload({"label": "a </script>"}))
    '{"label":"a \\\\u003c/script>"}'
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def describe_quantities(results: Multiverse, summaries: Summaries) -> list[dict[str, Any]]:
    """What the page says of each quantity beside its numbers."""
    return [
        {"name": name, "label": facts.label, "short": SHORT[name][0], "tiny": SHORT[name][1],
         "has_band": facts.is_ratio and len(results.null) > 0,
         "clear_words": "interval clear of no difference" if facts.is_ratio else "interval clear of the printed share",
         "caption": say_caption(summaries.specifications[name]["estimate"])}
        for name, facts in QUANTITIES.items()
    ]  # fmt: skip


def say_origin(results: Multiverse) -> str:
    """Of which data, with how many shuffles, and by which code the numbers came about."""
    meta = results.meta
    return (f"Data: {meta['data']}. {format_number(meta['permutations'])} shuffles, seed {meta['seed']}. "
            f"Code {meta['code'][:12]}.")  # fmt: skip


def say_caption(estimates: pd.Series) -> str:
    """How many specifications a curve has, and how many of them without an estimate.

    >>> say_caption(pd.Series([1.0, 2.0])), say_caption(pd.Series([1.0, None]))
    ('2 specifications in order.', '2 specifications in order; 1 without an estimate, at the right end.')
    """
    missing = int(estimates.isna().sum())
    return f"{format_number(len(estimates))} specifications in order" + (
        f"; {format_number(missing)} without an estimate, at the right end." if missing else ".")
