"""Chapter 3 with the first induction and the calendar year held equal."""

import numpy as np
import pandas as pd
import pytest
from made_up_patients import COUNTS, COVARIATES, make_patients

from helpers.definitions import SMALL_DIFFERENCE
from helpers.predictors import estimate_multivariable, estimate_univariable
from helpers.predictors import facts as facts
from helpers.predictors import headings as headings
from helpers.predictors.association import label_associations
from helpers.predictors.firth import estimate_firth
from helpers.predictors.sample import CONSTANT, ESTIMATED, NO_PATIENTS
from helpers.predictors.treatment import (
    POOLED,
    YEAR,
    compare_with_treatment,
    derive_treatment_terms,
    estimate_with_treatment,
    keep_treatment,
)

LOW_DOSE = "regimen_eurolupus_cyclophosphamide"


def treat(tables: dict[str, pd.DataFrame], regimens: object) -> dict[str, pd.DataFrame]:
    """The patients with these regimens, begun in 2005 to 2019 in turn."""
    years = 2005 + np.arange(len(tables["cohort"])) % 15
    start = pd.to_datetime(pd.Series(years).astype(str) + "-07-01")
    regimens = pd.array(list(regimens), dtype="string")
    return tables | {"cohort": tables["cohort"].assign(induction_regimen=regimens, time_zero_date=start)}


def give_low_dose(tables: dict[str, pd.DataFrame], *, to: pd.Series) -> dict[str, pd.DataFrame]:
    """Low-dose cyclophosphamide to these, high dose to the rest."""
    words = np.where(to, "eurolupus_cyclophosphamide", "nih_cyclophosphamide")
    return treat(tables, words)


def compare(tables: dict[str, pd.DataFrame], covariates: list[str]) -> pd.DataFrame:
    alone = estimate_univariable(**tables, covariates=list(COUNTS))
    together, penalised = (fit(**tables, covariates=covariates) for fit in (estimate_multivariable, estimate_firth))
    treated_ml, treated = estimate_with_treatment(**tables, covariates=covariates)
    inclusion = pd.DataFrame({"term": list(COUNTS), "chosen_share": 0.9, "is_stable": "yes"})
    return compare_with_treatment(
        penalised, treated, before=label_associations(alone, together, penalised, inclusion=inclusion),
        after=label_associations(alone, treated_ml, treated, inclusion=inclusion))  # fmt: skip


@pytest.mark.parametrize(("rare", "terms"), [
    (9, ["regimen_mycophenolate", POOLED, YEAR]),
    (10, ["regimen_mycophenolate", "regimen_azathioprine", YEAR]),
    (11, ["regimen_mycophenolate", "regimen_azathioprine", YEAR]),
])  # fmt: skip
def test_a_regimen_of_fewer_than_ten_is_pooled(rare, terms):
    regimens = ["azathioprine"] * rare + ["mycophenolate"] * 50 + ["nih_cyclophosphamide"] * (131 - rare)
    cohort, names = derive_treatment_terms(**treat(make_patients(), regimens))
    assert list(names) == terms
    assert cohort[terms[1]].sum() + cohort[terms[0]].sum() == 50 + rare
    assert names["regimen_mycophenolate"] == "Mycophenolate (against cyclophosphamide, high dose)"


def test_only_patients_compared_count_towards_the_ten():
    regimens = ["azathioprine"] * 10 + ["mycophenolate"] * 171
    tables = treat(make_patients(), regimens)
    tables["labels"].loc[0, "is_dtt"] = pd.NA
    assert list(derive_treatment_terms(**tables)[1]) == [POOLED, YEAR]


def test_an_unknown_regimen_or_start_stays_unknown_and_leaves_the_patient_out():
    tables = treat(make_patients(), [pd.NA, "tacrolimus"] + ["mycophenolate"] * 100 + ["nih_cyclophosphamide"] * 79)
    tables["cohort"].loc[2, "time_zero_date"] = pd.NaT
    cohort, names = derive_treatment_terms(**tables)
    assert cohort.loc[0, [term for term in names if term != YEAR]].isna().all()
    assert cohort[POOLED].tolist()[1:3] == [True, False]
    assert np.isnan(cohort[YEAR][2])
    assert estimate_with_treatment(**tables, covariates=["any_apl"])[0]["n"].eq(179).all()


def test_years_are_counted_from_the_median_start():
    cohort, _ = derive_treatment_terms(**treat(make_patients().copy(), ["mycophenolate"] * 181))
    assert (cohort[YEAR].min(), cohort[YEAR].median(), cohort[YEAR].max()) == (-7, 0, 7)


def test_one_regimen_and_one_year_leave_the_model_as_it_was():
    tables = treat(make_patients(), ["mycophenolate"] * 181)
    tables["cohort"]["time_zero_date"] = pd.Timestamp("2010-01-01")
    together, _ = estimate_with_treatment(**tables, covariates=COVARIATES)
    assert together["status"].tolist() == [ESTIMATED] * 15 + [CONSTANT]
    without = estimate_multivariable(**tables, covariates=COVARIATES)
    np.testing.assert_allclose(together["estimate"][:15], without["estimate"], rtol=1e-9)
    assert facts.list_treatment_facts(compare(tables, COVARIATES), origin="here")["parameters"]["value"] == 15


def test_without_anyone_to_compare_there_is_a_table_all_the_same():
    tables = {name: table.head(0) for name, table in treat(make_patients(), ["mycophenolate"] * 181).items()}
    for table in estimate_with_treatment(**tables, covariates=["any_apl"]):
        assert table["status"].eq(NO_PATIENTS).all()
        assert table["term"].tolist() == ["any_apl", YEAR]


def test_a_feature_that_is_all_treatment_does_not_stay_independent():
    tables = make_patients()
    rng = np.random.default_rng(5)
    low_dose = tables["cohort"]["any_apl"].astype(bool) ^ (rng.random(181) < 0.03)
    tables = give_low_dose(tables, to=low_dose)
    table = compare(tables, COVARIATES).set_index("term")
    assert table.loc[["any_apl", "active_sediment"], "was_independent"].tolist() == ["yes", "yes"]
    assert table.loc[["any_apl", "active_sediment"], "is_independent"].tolist() == ["no", "yes"]
    held = facts.list_treatment_facts(table.reset_index(), origin="here")
    assert (held["stay"]["value"], held["stay"]["n"]) == (1, 2)
    assert (held["parameters"]["value"], held["parameters"]["n"], held["events"]["value"]) == (17, 181, 57)


def test_treatment_that_has_nothing_to_do_with_it_changes_little():
    tables = give_low_dose(make_patients(), to=pd.Series(np.arange(181) % 2 == 1))
    table = compare(tables, COVARIATES).set_index("term")
    assert table.loc[["any_apl", "active_sediment"], "is_independent"].tolist() == ["yes", "yes"]
    features = table.loc[COVARIATES]
    np.testing.assert_allclose(np.log(features["with_estimate"]), np.log(features["without_estimate"]), atol=0.35)
    assert table.loc[[LOW_DOSE, YEAR], ["without_estimate", "was_independent", "is_independent"]].isna().all(axis=None)


@pytest.mark.parametrize(("low", "high", "kept"), [
    (1.0, 4.0, False), (1.0001, 4.0, True), (0.2, 1.0, False), (0.2, 0.9999, True), (np.nan, np.nan, False),
])  # fmt: skip
def test_treatment_is_named_when_its_interval_leaves_one_out(low, high, kept):
    rows = pd.DataFrame({"with_low": [low, 2.0], "with_high": [high, 4.0], "is_independent": [None, "yes"]})
    assert len(keep_treatment(rows)) == kept


def test_every_column_of_the_sensitivity_has_a_heading_and_the_notes_name_the_threshold():
    tables = give_low_dose(make_patients(), to=pd.Series(np.arange(181) % 2 == 1))
    merged = {f"{model}_{end}" for model in ("without", "with") for end in ("low", "high")}
    assert set(compare(tables, ["any_apl"]).columns) - merged == set(headings.TREATMENT)
    assert f"up to {SMALL_DIFFERENCE:g} either way" in headings.BASELINE_NOTE
