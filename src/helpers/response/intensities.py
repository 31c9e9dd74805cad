"""How the intensity of a change of state adds up over the months."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from helpers.response.transitions import mark_exposed, slug_transition
from helpers.response.visits import keep_each_group

INTENSITIES = (("active", "partial"), ("active", "complete"), ("partial", "complete"), ("complete", "flare"))
"""The transitions whose intensity is followed over time: the ways into a response, and the way out by flare."""


def estimate_cumulative_intensities(
    periods: pd.DataFrame, *, transitions: Sequence[tuple[str, str]] = INTENSITIES,
    groups: Sequence[str] = ("all",), level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """The intensity of each transition added up over the months (Nelson-Aalen).

    One row per transition, group and month at which it occurred, after one at zero: term, group, from, to, month,
    estimate, standard_error, low, high, at_risk (in the state left, just before the month), events.

    A constant intensity is a straight line through zero; a bend says when it changed. Patients are the units of the
    variance (infinitesimal jackknife), so that it holds for repeated changes of the same patient; the interval is
    on the log scale, missing at zero. Whoever comes later under observation (the label, a landmark) counts from then.

    Source: Aalen, Borgan, Gjessing, Survival and Event History Analysis, Springer 2008, section 3.1; robust variance:
    Lawless and Nadeau, Technometrics 1995;37:158.

    >>> periods = pd.DataFrame({"patient_id": ["A", "B"], "group": "dtt", "start": 0.0, "stop": [1.0, 2.0],
    ...                         "state": "complete", "to": ["flare", "flare"]})
    >>> estimate_cumulative_intensities(periods, transitions=[("complete", "flare")])["estimate"].tolist()
    [0.0, 0.5, 1.5]
    """
    rows = keep_each_group(periods.assign(person=pd.factorize(periods["patient_id"])[0]))
    parts = [
        _add_up(rows.loc[rows["group"].eq(group)], source=source, target=target, level=level).assign(group=group)
        for source, target in transitions for group in groups
    ]  # fmt: skip
    columns = ["term", "group", "from", "to", "month", "estimate", "standard_error", "low", "high", "at_risk", "events"]
    return pd.concat(parts, ignore_index=True)[columns]


def _add_up(periods: pd.DataFrame, *, source: str, target: str, level: float) -> pd.DataFrame:
    rows = periods.loc[periods["state"].eq(source)]
    made = rows.loc[rows["to"].eq(target)]
    times, place = np.unique(made["stop"].to_numpy(float), return_inverse=True)
    patients = int(periods["person"].max()) + 1 if len(periods) else 0
    moved = np.zeros((len(times), patients))
    np.add.at(moved, (place, made["person"].to_numpy(int)), 1.0)
    exposed = mark_exposed(rows, times=times, patients=patients)
    at_risk, events = exposed.sum(axis=1), moved.sum(axis=1)
    hazard = events / np.maximum(at_risk, 1)
    influence = np.cumsum((moved - exposed * hazard[:, None]) / np.maximum(at_risk, 1)[:, None], axis=0)
    estimate, error = np.cumsum(hazard), np.sqrt((influence**2).sum(axis=1))
    factor = np.exp(NormalDist().inv_cdf((1 + level) / 2) * error / estimate)
    table = pd.DataFrame({
        "month": times, "estimate": estimate, "standard_error": error, "low": estimate / factor,
        "high": estimate * factor, "at_risk": at_risk, "events": events,
    })  # fmt: skip
    zero: dict[str, Any] = {"month": 0.0, "estimate": 0.0, "standard_error": 0.0, "low": np.nan, "high": np.nan,
                            "at_risk": float(rows["start"].eq(0).sum()), "events": 0.0}  # fmt: skip
    table = pd.concat([pd.DataFrame([zero]), table], ignore_index=True)
    table.insert(0, "term", slug_transition(source, target))
    return table.assign(**{"from": source, "to": target})
