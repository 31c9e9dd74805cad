"""Table 1: the printed cells, the numbers behind them, and the tables that a hospital may send."""

import re

import numpy as np
import pandas as pd
import pytest
from made_up_patients import make_patients

from helpers.exhibits import plan_columns
from helpers.table_one import NUMBERS, derive_table_one, name_table_one_columns


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    tables = make_patients(missing=0.05)
    return tables["cohort"].merge(tables["labels"], on="patient_id")


def test_one_row_per_measure_feature_and_value_and_each_row_is_told_apart(patients):
    table = derive_table_one(patients)
    assert table.row.is_unique
    assert table.row.tolist()[0] == "patients"
    assert len(table) == 1 + 8 + 4 + 3 + 16


def test_the_text_says_what_the_numbers_behind_it_say(patients):
    table = derive_table_one(patients, by="dtt", groups=["yes", "no"])
    for group in ("overall", "yes", "no"):
        measures = table.loc[table[f"{group}_median"].notna()]
        found = measures[group].str.extract(r"^([\d.]+) \(([\d.]+) to ([\d.]+)\)$").astype(float)
        wanted = measures[[f"{group}_median", f"{group}_low", f"{group}_high"]]
        assert (np.abs(found.to_numpy() - wanted.to_numpy()) <= 0.5 + 1e-9).all()
        shares = table.loc[table[f"{group}_share"].notna()]
        pairs = zip(shares[f"{group}_n"], shares[f"{group}_share"], strict=True)
        texts = [f"{n} ({100 * share:.1f})" for n, share in pairs]
        assert shares[group].tolist() == texts


def test_the_groups_come_in_the_order_asked_for_and_the_difference_last(patients):
    table = derive_table_one(patients, by="dtt", groups=["yes", "no"])
    assert list(table.columns)[:7] == ["row", "variable", "label", "unknown_n", "overall", "yes", "no"]
    assert list(table.columns)[-1] == "smd"
    assert table.loc[0, ["overall", "yes", "no"]].tolist() == ["181", "57", "124"]


def test_class_groups_come_in_the_order_of_the_abstract_and_without_a_difference(patients):
    table = derive_table_one(patients, by="class_group")
    assert list(table.columns)[4:9] == ["overall", "III", "IV", "V", "mixed"]
    assert "smd" not in table


def test_patients_of_another_group_or_none_are_left_out_of_the_whole_table():
    patients = pd.DataFrame({"age_years": [20, 30, 40, 50], "era": ["a", "b", "c", None]})
    table = derive_table_one(patients, by="era", groups=["a", "b"], variables=["age_years"])
    assert table.loc[0, ["overall", "a", "b"]].tolist() == ["2", "1", "1"]
    assert derive_table_one(patients, by="era", variables=["age_years"]).loc[0, "overall"] == "3"


def test_the_unknown_are_counted_and_left_out_of_the_percentage():
    patients = pd.DataFrame({"serositis": pd.array([True, False, False, pd.NA], dtype="boolean")})
    [row] = derive_table_one(patients, variables=["serositis"]).iloc[1:].to_dict("records")
    assert (row["unknown_n"], row["overall"], row["overall_n"]) == (1, "1 (33.3)", 1)


def test_what_nobody_has_on_file_is_blank_and_what_nobody_has_is_zero():
    patients = pd.DataFrame({"serositis": [False, False], "low_c3": pd.array([pd.NA] * 2, dtype="boolean")})
    table = derive_table_one(patients, variables=["serositis", "low_c3", "age_years", "class_group"]).set_index("row")
    assert table.overall["serositis"] == "0 (0.0)"
    assert table.overall[["low_c3", "age_years", "class_group_IV"]].isna().all()
    assert table.unknown_n[["low_c3", "age_years"]].tolist() == [2, 2]


def test_a_value_of_a_category_that_nobody_has_gets_no_row():
    patients = pd.DataFrame({"class_group": ["III", "V", "III"]})
    assert derive_table_one(patients, variables=["class_group"]).row.tolist() == [
        "patients", "class_group_III", "class_group_V"]


@pytest.mark.parametrize("rows", [[], [0], [0, 1], [56, 57], [0, 180]])
def test_few_patients_make_a_table_without_a_warning(patients, rows):
    table = derive_table_one(patients.iloc[rows], by="dtt", groups=["no", "yes"])
    assert table.loc[0, "overall"] == str(len(rows))
    assert not np.isinf(table.smd).any()
    derive_table_one(patients.iloc[rows], by="class_group")


def test_headings_carry_the_number_of_patients_and_hide_the_numbers_behind(patients):
    table = derive_table_one(patients, by="dtt", groups=["yes", "no"])
    headings = name_table_one_columns(table, headings={"yes": "Difficult to treat"})
    assert headings["yes"] == "Difficult to treat (n = 57)"
    assert headings["no"] == "no (n = 124)"
    shown = [column.heading for column in plan_columns(table, headings=headings)]
    assert shown == ["Characteristic", "Not known", "Overall (n = 181)", "Difficult to treat (n = 57)", "no (n = 124)",
                     "SMD"]  # fmt: skip
    assert all(headings[f"yes_{number}"] == "" for number in NUMBERS)


def test_no_bracket_of_the_package_is_left_in_the_text(patients):
    assert not any(re.search(r"[\[\],]", text) for text in derive_table_one(patients).overall.dropna())
