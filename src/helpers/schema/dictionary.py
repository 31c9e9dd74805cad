"""The data dictionaries as typed objects: every column of the raw and of the derived tables, once.

dictionary.yml describes what a clinic fills in, derived.yml what the notebooks make of it. Checks, labels in
tables and figures, and the documentation page all come from these objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from helpers.definitions import nearest_name
from helpers.flow import load_yaml

DTYPES = MappingProxyType({
    "text": "string", "choice": "string", "yes_no": "boolean", "flag": "bool", "integer": "Int64",
    "number": "float64", "date": "datetime64[ns]",
})  # fmt: skip
"""What each type of the dictionary is in memory; a flag is a yes_no that is never missing."""

_STRICT = ConfigDict(frozen=True, extra="forbid")


class Column(BaseModel):
    """One column: what it is called, what it may hold, what it means and which question needs it."""

    model_config = _STRICT

    name: str
    label: str
    type: Literal["text", "choice", "yes_no", "flag", "integer", "number", "date"]
    required: Literal["always", "column", "optional"]
    meaning: str
    needed_for: tuple[str, ...] = ()
    unit: str = ""
    range: tuple[float, float] | None = None
    choices: Mapping[str, str] = {}
    references: str = ""
    points: int | None = None
    nih: Literal["activity", "chronicity"] | None = None
    weight: int = 1
    only_where: Mapping[str, str] = {}
    empty_means: str = "not known"

    @model_validator(mode="after")
    def _choices_belong_to_choice(self) -> Column:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError(f"{self.name}: a column of type choice, and only such a column, lists its choices")
        return self

    @property
    def dtype(self) -> str:
        """The pandas dtype of this column."""
        return DTYPES[self.type]


class Table(BaseModel):
    """One table: its grain, its key, its columns in order, and (derived tables) the notebook that makes it."""

    model_config = _STRICT

    name: str
    grain: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    may_be_empty: bool = False
    made_by: str = ""

    @model_validator(mode="after")
    def _key_exists(self) -> Table:
        for name in self.key:
            if name not in self.columns:
                raise ValueError(f"{self.name}: the key column {name} is not among the columns")
        return self


class DateOrder(BaseModel):
    """A date that may not lie before another one (`table.column`), nor after death."""

    model_config = _STRICT

    table: str
    column: str
    not_before: str
    not_after: Literal["death"] | None = None


class Dictionary(BaseModel):
    """All tables of one dictionary file, and the order that its dates must keep."""

    model_config = _STRICT

    version: int
    tables: Mapping[str, Table]
    date_order: tuple[DateOrder, ...] = ()


@cache
def raw_dictionary() -> Dictionary:
    """The raw tables: what a clinic fills in.

    >>> list(raw_dictionary().tables)
    ['patients', 'baseline', 'biopsies', 'visits', 'treatments', 'events']
    """
    return parse_dictionary(files("helpers").joinpath("dictionary.yml").read_text(encoding="utf-8"))


@cache
def derived_dictionary() -> Dictionary:
    """The derived tables: the contract between the notebooks.

    >>> derived_dictionary().tables["dtt_labels"].made_by
    '02_dtt_labelling'
    """
    return parse_dictionary(files("helpers").joinpath("derived.yml").read_text(encoding="utf-8"))


def parse_dictionary(text: str) -> Dictionary:
    """A dictionary from the text of its YAML file; a field or a type that does not exist is refused (ValueError)."""
    content: dict[str, Any] = load_yaml(text)
    for table_name, table in content["tables"].items():
        table["name"] = table_name
        table["columns"] = {name: _filled(name, column) for name, column in table["columns"].items()}
    return Dictionary.model_validate(content)


def _filled(name: str, column: dict[str, Any]) -> dict[str, Any]:
    if "same_as" not in column:
        return {"name": name, **column}
    table, source = column["same_as"].split(".")
    only_raw = {"name", "references", "only_where", "needed_for"}
    model = raw_dictionary().tables[table].columns[source].model_dump(exclude=only_raw)
    return {"name": name, **model, **{key: value for key, value in column.items() if key != "same_as"}}


def table_of(name: str) -> Table:
    """The raw or derived table of that name; LookupError, with the nearest name, when there is none."""
    known = {**raw_dictionary().tables, **derived_dictionary().tables}
    if name not in known:
        raise LookupError(f"There is no table {name}: {nearest_name(name, known)}")
    return known[name]


def column_of(table: str, column: str) -> Column:
    """One column of a raw or derived table; LookupError, with the nearest name, when there is none."""
    columns = table_of(table).columns
    if column not in columns:
        raise LookupError(f"Table {table} has no column {column}: {nearest_name(column, columns)}")
    return columns[column]


def label_of(table: str, column: str) -> str:
    """The words for a column in tables and figures.

    >>> label_of("visits", "creatinine_mg_dl")
    'Serum creatinine'
    """
    return column_of(table, column).label


def unit_of(table: str, column: str) -> str:
    """The unit of a column, "" where it has none.

    >>> unit_of("visits", "upcr_g_g")
    'g/g'
    """
    return column_of(table, column).unit


def choices_of(table: str, column: str) -> dict[str, str]:
    """The words that a choice column may hold, each with its label, in the dictionary's order.

    >>> choices_of("patients", "sex")
    {'female': 'Female', 'male': 'Male'}
    """
    return dict(column_of(table, column).choices)


def sledai_points() -> dict[str, int]:
    """The points of the 24 SLEDAI-2K items by column of `baseline`; they add up to 105.

    >>> len(sledai_points()), sum(sledai_points().values())
    (24, 105)
    """
    columns = table_of("baseline").columns.values()
    return {column.name: column.points for column in columns if column.points is not None}


def nih_weights(kind: Literal["activity", "chronicity"]) -> dict[str, int]:
    """The weights of the modified NIH index items by column of `biopsies`; each item is scored 0 to 3.

    >>> sum(nih_weights("activity").values()) * 3, sum(nih_weights("chronicity").values()) * 3
    (24, 12)
    """
    return {column.name: column.weight for column in table_of("biopsies").columns.values() if column.nih == kind}
