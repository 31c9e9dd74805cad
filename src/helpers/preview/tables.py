"""Which of the stored tables a change of parameters changes, and for how many patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.schema import derived_dictionary

PATIENT = "patient_id"


@dataclass(frozen=True)
class TableChange:
    """One table before and after: its rows, the patients whose rows differ, and the columns in which they do.

    `columns` counts the patients who differ in each column, for tables of one row per patient; patients who are in
    one of the two tables only count as differing and not in any column. `gone` and `new` are columns that only one
    of the two tables has.
    """

    table: str
    made_by: str
    rows_before: int
    rows_after: int
    patients_n: int
    columns: Mapping[str, int]
    gone: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not (self.patients_n or self.gone or self.new)


def compare_tables(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> tuple[TableChange, ...]:
    """What differs between the stored tables made under two sets of parameters, table by table, in their order."""
    return tuple(compare_table(name, before[name], after[name]) for name in before)


def compare_table(name: str, before: pd.DataFrame, after: pd.DataFrame) -> TableChange:
    """What differs between two versions of one stored table; the order of rows does not matter."""
    table = derived_dictionary().tables[name]
    common = [column for column in before.columns if column in after.columns]
    one, other = _digest_by_patient(before[common]), _digest_by_patient(after[common])
    everyone = one.index.union(other.index)
    differs = one.reindex(everyone).ne(other.reindex(everyone)).fillna(True)
    return TableChange(
        name, table.made_by, len(before), len(after), int(differs.sum()),
        _count_by_column(before[common], after[common]) if list(table.key) == [PATIENT] else {},
        tuple(column for column in before.columns if column not in common),
        tuple(column for column in after.columns if column not in common),
    )  # fmt: skip


def _digest_by_patient(table: pd.DataFrame) -> pd.Series:
    """One number per patient that changes with any cell of the patient's rows."""
    rows = pd.util.hash_pandas_object(table.astype("string").fillna("–"), index=False)
    return rows.groupby(table[PATIENT].to_numpy()).sum().astype("UInt64")


def _count_by_column(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, int]:
    """How many of the patients in both tables differ, column by column, where any do."""
    one, other = before.set_index(PATIENT), after.set_index(PATIENT)
    both = one.index.intersection(other.index)
    texts = [table.loc[both].astype("string").fillna("–") for table in (one, other)]
    counts = texts[0].ne(texts[1]).sum()
    return {str(column): int(count) for column, count in counts.items() if count}
