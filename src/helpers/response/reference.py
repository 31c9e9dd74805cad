"""How good the kidney is of those in complete response: response is held against a reference, often a poor one."""

from __future__ import annotations

import numpy as np
import pandas as pd

KIDNEY_BANDS = {
    "preserved": "eGFR 60 or more", "reduced": "eGFR 45 to below 60", "poor": "eGFR below 45",
    "not_known": "eGFR not known",
}  # fmt: skip
"""The limits are those of the KDIGO categories G3a and G3b, in mL/min/1.73 m²."""


def flag_known_references(followup: pd.DataFrame, *, baseline: pd.DataFrame) -> pd.Series:
    """Whether the kidney function before nephritis is known, for each patient of `followup`, in its order.

    Where it is not, response is held against the value at the start of treatment, when the kidney was ill.

    >>> followup = pd.DataFrame({"patient_id": ["P1", "P2"]})
    >>> baseline = pd.DataFrame({"patient_id": ["P2", "P1"], "preflare_creatinine_mg_dl": [0.8, None]})
    >>> flag_known_references(followup, baseline=baseline).tolist()
    [False, True]
    """
    table = baseline.reindex(columns=["patient_id", "preflare_creatinine_mg_dl"])
    known = table.loc[table["preflare_creatinine_mg_dl"].notna(), "patient_id"]
    return followup["patient_id"].isin(known)


def count_final_kidney(visits: pd.DataFrame, *, labels: pd.DataFrame) -> pd.DataFrame:
    """The eGFR of those in complete response at the last follow-up: one row per band, the best first.

    band, label, n, share (of all in complete response at the last follow-up; missing where there are none). The
    eGFR is that of the last visit whose response can be told. Exactly 60 and exactly 45 belong to the better band.
    """
    told = visits.loc[visits["response"].ne("cannot tell")].sort_values("visit_date", kind="stable")
    last = told.groupby("patient_id")["egfr"].last(skipna=False)
    complete = labels.loc[labels["final_response"].eq("complete").fillna(False), "patient_id"]
    egfr = complete.map(last).astype(float)
    band = np.select([egfr.isna(), egfr >= 60, egfr >= 45], ["not_known", "preserved", "reduced"], default="poor")
    n = pd.Series(band, dtype=object).value_counts().reindex(list(KIDNEY_BANDS), fill_value=0)
    share = n / len(complete) if len(complete) else np.full(len(n), np.nan)
    return pd.DataFrame({"band": n.index, "label": list(KIDNEY_BANDS.values()), "n": n.to_numpy(),
                         "share": np.asarray(share, dtype=float)})  # fmt: skip
