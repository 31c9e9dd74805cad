"""Made-up patients for the tests of chapter 3: the counts of each feature in both groups are given, nothing else is.

The counts are like those that the synthetic cohort aims at; they are not published.
"""

import numpy as np
import pandas as pd
import statsmodels.api as sm

DTT, OTHERS = 57, 124

COUNTS = {
    "is_male": (9, 6), "constitutional_symptoms": (40, 63), "serositis": (20, 23), "hypertension": (31, 40),
    "leucopenia": (20, 24), "active_sediment": (46, 58), "anti_ro60": (30, 43), "anti_u1rnp": (24, 32),
    "any_apl": (24, 18), "low_c3": (49, 87), "wire_loops": (28, 40), "interstitial_inflammation": (31, 45),
    "fibrinoid_necrosis": (16, 16), "crescents": (25, 31), "glomerulosclerosis": (21, 26), "anti_dsdna": (42, 84),
}  # fmt: skip
"""With the feature among the 57 difficult-to-treat and among the 124 others."""

COVARIATES = [name for name in COUNTS if name != "anti_dsdna"]


def make_patients(*, seed: int = 0, missing: float = 0.0, shared: float = 0.4) -> dict[str, pd.DataFrame]:
    """A cohort and its labels with exactly these counts (before values go missing).

    `shared` is how strongly all features but three hang together through one hidden severity.
    """
    rng = np.random.default_rng(seed)
    is_dtt = np.arange(DTT + OTHERS) < DTT
    severity = rng.normal(size=len(is_dtt))
    columns = {"patient_id": [f"P{number:03d}" for number in range(len(is_dtt))]}
    for name, counts in COUNTS.items():
        part = 0.0 if name in ("any_apl", "active_sediment", "anti_dsdna") else shared
        score = np.sqrt(part) * severity + np.sqrt(1 - part) * rng.normal(size=len(is_dtt))
        ranks = pd.Series(score).groupby(is_dtt).rank(ascending=False).to_numpy()
        values = pd.array(ranks <= np.where(is_dtt, *counts), dtype="boolean")
        values[rng.random(len(is_dtt)) < missing] = pd.NA
        columns[name] = values
    cohort = pd.DataFrame(columns).assign(**_make_measures(rng, len(is_dtt)), is_eligible=True)
    words = pd.array(np.where(is_dtt, "yes", "no"), dtype="string")
    labels = cohort[["patient_id"]].assign(dtt=words, is_dtt=pd.array(is_dtt, dtype="boolean"))
    return {"cohort": cohort, "labels": labels}


def _make_measures(rng: np.random.Generator, n: int) -> dict[str, object]:
    whole = {"age_years": (18, 50), "disease_duration_months": (1, 150), "sledai_2k": (4, 24),
             "activity_index": (0, 15), "chronicity_index": (0, 7)}  # fmt: skip
    groups = ["III", "IV", "V", "mixed"]
    regimens = ["nih_cyclophosphamide", "eurolupus_cyclophosphamide", "mycophenolate"]
    return {
        **{name: pd.array(rng.integers(*ends, n), dtype="Int64") for name, ends in whole.items()},
        "baseline_creatinine_mg_dl": np.exp(rng.normal(0, 0.5, n)), "baseline_egfr": rng.normal(90, 20, n),
        "baseline_upcr_g_g": np.exp(rng.normal(1, 0.7, n)),
        "class_group": pd.array(rng.choice(groups, n, p=[0.39, 0.41, 0.13, 0.07]), dtype="string"),
        "induction_regimen": pd.array(rng.choice(regimens, n), dtype="string"),
    }  # fmt: skip


def take_first(tables: dict[str, pd.DataFrame], dtt: int, others: int) -> dict[str, pd.DataFrame]:
    """The same tables with only so many patients of each group."""
    is_dtt = tables["labels"]["is_dtt"].to_numpy(bool)
    place = pd.Series(is_dtt).groupby(is_dtt).cumcount().to_numpy()
    kept = np.where(is_dtt, place < dtt, place < others)
    return {name: table.loc[kept].reset_index(drop=True) for name, table in tables.items()}


def load_poverty() -> pd.DataFrame:
    """Seventeen states of the USA in the year 1997 (statsmodels, cpunish): income, black, y; nearly separated.

    y is more than 12 % in poverty; income is in 5,000 dollars a household, black in 10 % of the population.
    """
    states = sm.datasets.cpunish.load_pandas().data
    return pd.DataFrame({
        "income": states["INCOME"] / 5_000, "black": states["PERBLACK"] / 10,
        "y": states["PERPOVERTY"].gt(12).astype(int),
    })  # fmt: skip
