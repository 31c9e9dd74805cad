"""One notebook's view of the study: its parameters, its tables, and the exhibits and sentences that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from matplotlib.figure import Figure

from helpers import schema, stages
from helpers.definitions import Rulebook
from helpers.exhibits import make_html_table, make_text_table, plan_columns, record_cells
from helpers.figures import make_png, make_svg
from helpers.flow import list_made_tables, name_raw_copies, stands_on, wait_for_tables
from helpers.labelling.noise import LabelNoise
from helpers.ledger import Ledger
from helpers.namespace import check_namespace
from helpers.parameters import ALL, ParameterError, Parameters, check_parameters, names_used_by
from helpers.project import PROJECT, code_of_run, from_project, hash_code
from helpers.second_engine import compare_engines, exhibit, label_crosscheck
from helpers.wording import Mark, fill_marked, fill_sentence

COHORT_TABLES, LABEL_TABLES = (list_made_tables(notebook) for notebook in ALL[:2])


def open_study(notebook: str, namespace: Mapping[str, Any]) -> Study:
    """The study as `notebook` sees it, under the parameters found among the notebook's variables.

    In a run, where notebooks start before the tables are there that they read, it waits for these. Raises
    ParameterError for a value that the contract refuses and for a parameter that the notebook lacks.
    """
    check_namespace(namespace, notebook=notebook)
    names = names_used_by(notebook)
    study = Study(notebook, check_parameters({name: namespace[name] for name in names if name in namespace}))
    if code_of_run():
        wait_for_tables(notebook, study.derived_dir)
    return study


class Study:
    """What a notebook works with. Tables are made once, or read where an earlier notebook left them."""

    def __init__(self, notebook: str, parameters: Parameters) -> None:
        self.notebook = notebook
        self.parameters = parameters
        self.rules: Rulebook = parameters.rulebook()
        self.book = Ledger(notebook)
        self.data_dir = from_project(parameters.data_dir)
        self.derived_dir = from_project(parameters.derived_dir)
        for raw in (self.data_dir, PROJECT / "data" / "raw"):
            if self.derived_dir.resolve().is_relative_to(raw.resolve()):
                raise ParameterError(f"derived_dir {parameters.derived_dir} lies in a folder of raw tables, which is "
                                     "never written to: choose another")
        self._shown = {"table": 0, "figure": 0}

    @cached_property
    def raw(self) -> dict[str, pd.DataFrame]:
        """The raw tables, read and checked; once checked by the first notebook, the others take them from there."""
        kept = name_raw_copies()
        if self.notebook != ALL[0] and self._is_current(tuple(kept.values())):
            return {name: schema.read_derived(table, self.derived_dir) for name, table in kept.items()}
        tables = schema.read_raw(self.data_dir)
        if self.notebook == ALL[0]:
            self._keep({kept[name]: frame for name, frame in tables.items()})
        return tables

    @cached_property
    def _input_hashes(self) -> dict[str, str]:
        return schema.hash_inputs(self.data_dir)

    @cached_property
    def _cohort_tables(self) -> dict[str, pd.DataFrame]:
        if self.notebook != ALL[0] and self._is_current(COHORT_TABLES):
            return {name: schema.read_derived(name, self.derived_dir) for name in COHORT_TABLES}
        return self._keep(keep_some_eligible(stages.derive_cohort_tables(self.raw, self.parameters)))

    @cached_property
    def _label_tables(self) -> dict[str, pd.DataFrame]:
        if self.notebook > ALL[1] and self._is_current(LABEL_TABLES):
            return {name: schema.read_derived(name, self.derived_dir) for name in LABEL_TABLES}
        return self._keep(stages.derive_label_tables(
            self._cohort_tables, rule=self.parameters.dtt_rule(), rulebook=self.rules, events=self.raw["events"]))

    def _is_current(self, names: tuple[str, ...]) -> bool:
        """Whether the tables were left in the folder, by the same raw data and the same code.

        In a run they must be: made anew, they would follow this notebook's parameters and not those of the notebook
        whose tables they are, and one report would hold two cohorts. Raises DataError then.
        """
        found = all(self._made_of.items() <= schema.read_stamp(name, self.derived_dir).items() for name in names)
        if code_of_run() and not found:
            raise schema.DataError(f"{', '.join(names)}: not those that this run began with: data changed while "
                                   "the study ran. Run it again")
        return found

    @cached_property
    def _made_of(self) -> dict[str, Any]:
        return {"inputs": self._input_hashes, "code": code_of_run() or hash_code()}

    @cached_property
    def _made_under(self) -> dict[str, Any]:
        """Parameters under which earlier notebooks made the tables read here; none where no such tables are there."""
        found: dict[str, Any] = {}
        for maker in stands_on(self.notebook):
            made = schema.read_stamp(list_made_tables(maker)[0], self.derived_dir).get("parameters", {})
            found |= {name: value for name, value in made.items() if name in names_used_by(maker)}
        return found

    def _keep(self, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        for name, frame in tables.items():
            self.write(name, frame)
        return tables

    @property
    def cohort(self) -> pd.DataFrame:
        """One row per patient on file, with features and exclusion flags."""
        return self._cohort_tables["cohort"]

    @property
    def eligible(self) -> pd.DataFrame:
        """The rows of `cohort` that are in the study."""
        return self.cohort.loc[self.cohort["is_eligible"]]

    @property
    def assessments(self) -> pd.DataFrame:
        """One row per visit of an eligible patient."""
        return self._cohort_tables["assessments"]

    @property
    def courses(self) -> pd.DataFrame:
        """One row per induction course of an eligible patient."""
        return self._cohort_tables["courses"]

    @cached_property
    def open_tables(self) -> dict[str, pd.DataFrame]:
        """All five tables as they would be were no follow-up asked for, everything else as in this run."""
        return stages.make_open_tables(self.raw, self.parameters, rulebook=self.rules, made_under=self._made_under)

    @property
    def labels(self) -> pd.DataFrame:
        """One row per eligible patient, with the label and its arms."""
        return self._label_tables["dtt_labels"]

    @property
    def trace(self) -> pd.DataFrame:
        """One row per patient, arm and criterion: why a label is what it is."""
        return self._label_tables["dtt_trace"]

    @cached_property
    def label_noise(self) -> LabelNoise:
        """The labels under noise: with it added, with the visits measured again, and without it."""
        return stages.derive_label_noise(
            self.raw, self._cohort_tables, parameters=self.parameters, rulebook=self.rules)

    def header(self) -> None:
        """Show the parameters in force and the tables with their row counts."""
        changed = self.parameters.changed()
        used = self.parameters.used_by(self.notebook)
        rows = [
            {"item": name.replace("_", " "), "value": _plain(value), "differs": "changed" if name in changed else ""}
            for name, value in used.items()
            if not name.endswith("_dir")
        ]
        rows += [
            {"item": f"{name.replace('_', ' ')} (of the tables read)", "value": _plain(value), "differs": "changed"}
            for name, value in check_parameters(self._made_under).changed().items() if name not in used
        ]  # fmt: skip
        rows += [{"item": f"rows of {name}", "value": f"{len(table)}", "differs": ""}
                 for name, table in self.raw.items()]  # fmt: skip
        frame = pd.DataFrame(rows).rename(columns={"differs": "against the default"})
        columns = plan_columns(frame, headings={})
        caption = "Parameters in force and data read"
        html = make_html_table(frame, id="header", caption=caption, note="", columns=columns)
        self._display({"text/html": html, "text/plain": make_text_table(frame, columns=columns)},
                      kind="header", id=f"{self.notebook}.header", caption=caption)

    def record(self, id: str, value: Any, *, label: str, origin: str, unit: str = "", n: Any = None,
               low: Any = None, high: Any = None, null: float | None = None) -> None:
        """Put one number into the ledger."""
        self.book.add(id, value, unit=unit, label=label, origin=origin, n=n, low=low, high=high, null=null)

    def record_facts(self, facts: Mapping[str, Mapping[str, Any]]) -> None:
        """Put several numbers into the ledger: each id with what `record` takes (value, label, origin, unit, ...)."""
        for id, fact in facts.items():
            self.record(id, **fact)

    def record_estimates(self, estimates: pd.DataFrame, *, prefix: str, measure: str, unit: str, origin: str,
                         null: float | None = None) -> None:
        """Put a table of estimates into the ledger, one id per term."""
        self.book.add_estimates(estimates, prefix=prefix, measure=measure, unit=unit, origin=origin, null=null)

    def say(self, template: str, **words: Any) -> None:
        """Show a sentence whose numbers come from the ledger; text in `words` stays text, whatever it holds."""
        plain = fill_sentence(template, book=self.book, words=words)
        safe = {name: escape(word, quote=False) if isinstance(word, str) else word for name, word in words.items()}
        marked, marks = fill_marked(template, book=self.book, words=safe)
        self._display({"text/markdown": marked, "text/plain": plain}, kind="say", id="", numbers=_list_marks(say=marks))

    def table(self, frame: pd.DataFrame, *, id: str, caption: str, note: str = "", index: str | None = None,
              columns: Mapping[str, str] | None = None, **words: Any) -> None:
        """Show a table, write it as CSV at full precision and record every number in it.

        `index` names the column that tells the rows apart (the first one by default); `columns` maps columns
        to headings, "" hides one.
        """
        frame = frame.reset_index(drop=True)
        (caption, of_caption), (note, of_note) = (fill_marked(t, book=self.book, words=words) for t in (caption, note))
        index = index or str(frame.columns[0])
        record_cells(self.book, frame, id=id, index=index, caption=caption)
        frame.to_csv(self._exhibit_path("tables", id, "csv"), index=False, lineterminator="\n")
        planned = plan_columns(frame, headings=columns or {})
        html = make_html_table(frame, id=id, caption=caption, note=note, columns=planned, index=index)
        self._display({"text/html": html, "text/plain": make_text_table(frame, columns=planned)},
                      kind="table", id=id, caption=caption, note=note,
                      numbers=_list_marks(caption=of_caption, note=of_note))

    def figure(self, figure: Figure, *, id: str, caption: str, alt: str, data: pd.DataFrame, note: str = "",
               **words: Any) -> None:
        """Show a figure; write it as SVG and PNG, and its data as CSV. Caption and alt text may hold ledger ids.

        Raises ValueError for a figure without alt text.
        """
        if not alt.strip():
            raise ValueError(f"The figure {id} needs an alt text")
        (caption, of_caption), (alt, _), (note, of_note) = (
            fill_marked(text, book=self.book, words=words) for text in (caption, alt, note))
        svg = make_svg(figure)
        self._exhibit_path("figures", id, "svg").write_text(svg, encoding="utf-8")
        self._exhibit_path("figures", id, "png").write_bytes(make_png(figure))
        data.to_csv(self._exhibit_path("figures", id, "csv"), index=False, lineterminator="\n")
        plt.close(figure)
        self._display({"image/svg+xml": svg, "text/plain": f"[figure] {alt}"},
                      kind="figure", id=id, caption=caption, note=note, alt=alt,
                      numbers=_list_marks(caption=of_caption, note=of_note))

    def cross_check(self, checks: pd.DataFrame, *, prefix: str) -> None:
        """Hold this notebook's numbers against those of a second engine: a table, a sentence, a note in the ledger.

        `checks` come from `helpers.second_engine`; `prefix` is the first word of the ledger's ids. A number on which
        the engines disagree is marked wherever the report prints it. Raises LedgerError for a number that was not
        recorded before.
        """
        entries = [self.book[id] for id in checks["id"]]
        first = [getattr(entry, part) for entry, part in zip(entries, checks["part"], strict=True)]
        table = compare_engines(checks, first=first, labels=[entry.label for entry in entries])
        self.book.add_cross_checks(table)
        self.record_facts(exhibit.derive_crosscheck_facts(table, prefix=prefix))
        self.table(exhibit.derive_crosscheck_table(table), id=f"{prefix}.cross_checks", index="row",
                   columns=exhibit.HEADINGS, caption=exhibit.CAPTION, note=exhibit.NOTE)
        self.say(exhibit.make_crosscheck_sentence(prefix=prefix), verdict=label_crosscheck(table))

    def write(self, name: str, frame: pd.DataFrame) -> None:
        """Write a derived table as Parquet, stamped with the parameters and the input hashes that made it."""
        parameters = self.parameters.model_dump(exclude={"data_dir", "derived_dir"})
        made_with = {"parameters": parameters, **self._made_of, "notebook": self.notebook}
        schema.write_derived(frame, name, self.derived_dir, made_with=made_with)

    def finish(self) -> None:
        """Write this notebook's ledger and say how many numbers it holds."""
        self.book.write(self.derived_dir / "ledger")
        text = f"{len(list(self.book))} numbers recorded in the ledger of {self.notebook}."
        self._display({"text/markdown": text, "text/plain": text}, kind="finish", id="")

    def _exhibit_path(self, kind: str, id: str, ending: str) -> Path:
        folder = self.derived_dir / "exhibits" / self.notebook / kind
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{id}.{ending}"

    def _display(self, bundle: dict[str, str], *, kind: str, id: str, **facts: Any) -> None:
        facts = {name: fact for name, fact in facts.items() if name != "numbers" or fact}
        if kind in self._shown:
            self._shown[kind] += 1
            facts["number"] = f"{int(self.notebook[:2])}.{self._shown[kind]}"
        display(bundle, raw=True, metadata={"compendium": {"kind": kind, "id": id, **facts}})  # type: ignore[no-untyped-call]


def keep_some_eligible(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables as they are; raises DataError when not one patient is eligible."""
    cohort = tables["cohort"]
    if not cohort["is_eligible"].any():
        reasons = ", ".join(f"{count} by {name}" for name, count in cohort["first_exclusion"].value_counts().items())
        raise schema.DataError(f"Not one of {len(cohort)} patients is eligible ({reasons}): check study_start, "
                               "study_end, minimum_followup_months and the tables")
    return tables


def _list_marks(**marks: list[Mark]) -> dict[str, list[list[Any]]]:
    """Where the ledger's numbers stand in each text (start, end, id), for the report; texts with none are left out."""
    return {text: [[mark.start, mark.end, mark.id] for mark in found] for text, found in marks.items() if found}


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"
