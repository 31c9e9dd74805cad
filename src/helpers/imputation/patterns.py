"""Which values are missing together, and in whom."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.imputation.logistic import fit_logistic

COMPLETE = "complete"
OTHER = "other"

_Z95 = float(stats.norm.ppf(0.975))
_WIDEST = 2.35
"""A standard error above this spans a factor of ten thousand: an estimate that says nothing."""


def count_patterns(patients: pd.DataFrame, *, names: Mapping[str, str], most: int = 8) -> pd.DataFrame:
    """How many patients lack which variables together.

    One row per pattern, the complete first and the others by how many have them (ties: by the columns' order): `term`
    ("complete", "pattern_1", ..., "other"), `label` (the labels of what is missing), `missing_n` (variables), `n`,
    `share`, `missing` (the columns, joined by a semicolon). Patterns past `most` are pooled as "other". The shares add
    up to one; the complete have a row also where there are none.

    >>> table = pd.DataFrame({"apl": [1.0, None, None], "c3": [0.0, 1.0, 1.0]})
    >>> count_patterns(table, names={"apl": "aPL", "c3": "Low C3"})[["label", "n"]].values.tolist()
    [['Nothing missing', 1], ['aPL', 2]]
    """
    lacks = patients[list(names)].isna()
    counts = lacks.value_counts(sort=False).reset_index(name="n") if len(patients) else lacks.assign(n=0)
    what = [[name for name in names if row[name]] for row in counts.to_dict("records")]
    table = pd.DataFrame({
        "missing": [";".join(part) for part in what], "missing_n": [len(part) for part in what],
        "label": [_join(names[name] for name in part) for part in what], "n": counts["n"].to_numpy(int),
    })  # fmt: skip
    complete = pd.DataFrame([{"missing": "", "missing_n": 0, "label": "Nothing missing",
                              "n": int(table.loc[table["missing_n"].eq(0), "n"].sum())}])  # fmt: skip
    table = table.loc[table["missing_n"].gt(0)].sort_values("n", ascending=False, kind="stable", ignore_index=True)
    rest = table.iloc[most:]
    table = table.iloc[:most].assign(term=[f"pattern_{place + 1}" for place in range(min(len(table), most))])
    parts = [complete.assign(term=COMPLETE), table]
    if len(rest):
        parts.append(pd.DataFrame([{"term": OTHER, "missing": "", "missing_n": np.nan, "n": int(rest["n"].sum()),
                                    "label": f"Other patterns ({len(rest)})"}]))  # fmt: skip
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    table["share"] = table["n"] / max(len(patients), 1)
    return table[["term", "label", "missing_n", "n", "share", "missing"]]


def _join(labels: object) -> str:
    words = [str(label) for label in labels]  # type: ignore[attr-defined]
    return ", ".join(words[:1] + [word[:1].lower() + word[1:] for word in words[1:]])


def estimate_incompleteness(
    traits: pd.DataFrame, *, incomplete: pd.Series, names: Mapping[str, str]
) -> pd.DataFrame:
    """Whether being incomplete goes with a trait: the odds ratio of lacking a value, for each trait alone.

    One row per trait of `names`: `term`, `label`, `estimate` (odds ratio per unit of the trait), `low`, `high`, `p`,
    `n` (patients in whom the trait is known), `incomplete_n`, `note`. Logistic regression, Wald interval. Without an
    estimate (nobody or everybody incomplete, a trait that does not vary, or one that parts them) the note says so.

    Incompleteness that goes with the outcome is what may bias complete cases; that it goes with nothing seen does not
    prove that it goes with nothing.
    """
    rows = [_estimate_one(traits[name].astype(float), incomplete, term=name, label=label)
            for name, label in names.items()]  # fmt: skip
    columns = ["term", "label", "estimate", "low", "high", "p", "n", "incomplete_n", "note"]
    return pd.DataFrame(rows, columns=columns)


def _estimate_one(trait: pd.Series, incomplete: pd.Series, *, term: str, label: str) -> dict[str, object]:
    known = trait.notna()
    x, y = trait[known].to_numpy(float), incomplete[known].to_numpy(float)
    row: dict[str, object] = {"term": term, "label": label, "estimate": np.nan, "low": np.nan, "high": np.nan,
                              "p": np.nan, "n": len(x), "incomplete_n": int(y.sum()), "note": ""}  # fmt: skip
    if not len(x) or np.ptp(y) == 0 or np.ptp(x) == 0:
        constant = len(x) > 0 and np.ptp(y) > 0
        return row | {"note": "does not vary" if constant else "nobody to compare"}
    spread = x.std()
    fit = fit_logistic(np.stack([np.ones(len(x)), (x - x.mean()) / spread], axis=1)[None], y)
    beta, error = fit.beta[0, 1] / spread, np.sqrt(fit.variance[0, 1]) / spread
    if not error * spread < _WIDEST:
        return row | {"note": "not estimable"}
    ends = np.exp([beta, beta - _Z95 * error, beta + _Z95 * error])
    return row | dict(zip(("estimate", "low", "high"), ends, strict=True)) | {"p": 2 * stats.norm.sf(abs(beta / error))}


def list_related(table: pd.DataFrame) -> list[str]:
    """The labels, as words inside a sentence, of the traits that being incomplete goes with (p below the limit)."""
    labels = table.loc[table["p"].lt(SIGNIFICANT_BELOW), "label"]
    return [label[:1].lower() + label[1:].split(",")[0] for label in labels]
