"""The kidney of those in complete response: bands at their edges, and whose reference is known."""

import numpy as np
import pandas as pd
import pytest

from helpers.response import headings
from helpers.response.reference import KIDNEY_BANDS, count_final_kidney, flag_known_references

ZERO = pd.Timestamp("2010-01-01")


def visits(*rows):
    """Rows of (patient, day, response, eGFR)."""
    table = pd.DataFrame(rows, columns=["patient_id", "day", "response", "egfr"])
    return table.assign(visit_date=ZERO + pd.to_timedelta(table.day.astype("int64"), unit="D"),
                        egfr=table.egfr.astype(float))  # fmt: skip


def labels(**final):
    return pd.DataFrame({
        "patient_id": pd.array(list(final), dtype="string"),
        "final_response": pd.array(list(final.values()), dtype="string")})  # fmt: skip


def bands(rows, **final):
    table = count_final_kidney(rows, labels=labels(**final))
    return table.loc[table["n"].gt(0)].set_index("band")["n"].to_dict()


@pytest.mark.parametrize(
    ("egfr", "band"),
    [(60.1, "preserved"), (60.0, "preserved"), (59.9, "reduced"), (45.0, "reduced"), (44.9, "poor"),
     (np.nan, "not_known")],
)  # fmt: skip
def test_an_egfr_at_the_limit_belongs_to_the_better_band(egfr, band):
    assert bands(visits(("A", 10, "complete", egfr)), A="complete") == {band: 1}


def test_the_last_visit_that_tells_speaks_whatever_the_order_of_rows():
    rows = visits(("A", 300, "cannot tell", 20), ("A", 200, "complete", 50), ("A", 100, "complete", 90))
    assert bands(rows, A="complete") == {"reduced": 1}
    missing_last = visits(("A", 100, "complete", 90), ("A", 200, "complete", np.nan))
    assert bands(missing_last, A="complete") == {"not_known": 1}


def test_only_those_in_complete_response_are_counted_and_nobody_gives_no_share():
    rows = visits(("A", 10, "complete", 90), ("B", 10, "partial", 30))
    table = count_final_kidney(rows, labels=labels(A="complete", B="partial", C=None))
    assert table.set_index("band").share["preserved"] == 1
    assert table.band.tolist() == list(KIDNEY_BANDS)
    assert set(table) == set(headings.FINAL_KIDNEY)
    nobody = count_final_kidney(rows, labels=labels(B="partial"))
    assert nobody.n.sum() == 0 and nobody.share.isna().all()


def test_a_reference_is_known_where_the_value_before_nephritis_is():
    people = pd.DataFrame({"patient_id": ["A", "B"]})
    baseline = pd.DataFrame({"patient_id": ["A", "B"], "preflare_creatinine_mg_dl": [np.nan, 0.7]})
    assert flag_known_references(people, baseline=baseline).tolist() == [False, True]
    assert not flag_known_references(people, baseline=baseline[["patient_id"]]).any()
