"""What noise does to the labels, in tables: readings, arms, patients, and the extrapolation to no noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.definitions import ARM_LABELS
from helpers.labelling.comparison import estimate_kappa
from helpers.labelling.noise import ADDED, NO, OPEN, YES, Codes, LabelNoise, Relabelled

Fact = dict[str, Any]
Floats = NDArray[np.float64]

UNSURE_FROM = 0.25
"""A label is called unsure when at least one second measurement in four would turn it (ours)."""

READINGS = {
    "measured": "As measured", "added 1.0": "The noise added once more", "again": "Measured again",
    "true": "Without noise, by the model", "again own": "Measured again, with the noise of these data",
    "true own": "Without noise, with the noise of these data",
}  # fmt: skip
VISITS = {1: "one visit", 2: "two visits in a row"}
_NAMES = {1: "one", 2: "two"}


def summarise_noise(noise: LabelNoise) -> pd.DataFrame:
    """The labels as measured and under each reading, for findings at one visit and at two in a row: one row per pair.

    Columns: `term` ("one_again"), `asked`, `reading` (words), `share` (difficult to treat among all patients, the open
    ones counted as no, as in `dtt.share`), `open_share` (cannot be told), `flip_share`, `flip_low_share`,
    `flip_high_share` (labelled the other way, of those told both times: mean, 2.5th and 97.5th percentile over the
    copies), `copies`, `is_in_force`. The rule in force has one more row, "extrapolated" (`extrapolate_share`).
    """
    rows = []
    for visits in VISITS:
        for reading in READINGS:
            found = noise.readings[visits, reading]
            rows.append({"term": f"{_NAMES[visits]}_{reading.replace(' 1.0', '').replace(' ', '_')}",
                         "asked": VISITS[visits], "reading": READINGS[reading], **_shares(noise, visits, found),
                         "is_in_force": visits == noise.rule.confirmation_visits})  # fmt: skip
        if visits == noise.rule.confirmation_visits:
            rows.append({"term": f"{_NAMES[visits]}_extrapolated", "asked": VISITS[visits],
                         "reading": "Without noise, by extrapolation", "share": extrapolate_share(noise),
                         "is_in_force": True})  # fmt: skip
    return pd.DataFrame(rows)


def _shares(noise: LabelNoise, visits: int, found: Relabelled) -> Fact:
    flips = _flips_by_copy(noise.readings[visits, "measured"].label, found.label)
    low, high = _percentiles(flips)
    return {"share": _mean(found.label == YES), "open_share": _mean(found.label == OPEN),
            "flip_share": _mean(flips[~np.isnan(flips)]), "flip_low_share": low, "flip_high_share": high,
            "copies": len(found.label)}  # fmt: skip


def _flips_by_copy(measured: Codes, codes: Codes) -> Floats:
    """For each copy the share labelled the other way, of the patients told both times; missing where there is none."""
    told = (measured != OPEN) & (codes != OPEN)
    flipped = (told & (codes != measured)).sum(axis=1)
    return np.asarray(np.divide(flipped, told.sum(axis=1), out=np.full(len(codes), np.nan), where=told.any(axis=1)))


def _percentiles(values: Floats) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return float(low), float(high)


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else np.nan


def derive_noise_curve(noise: LabelNoise) -> pd.DataFrame:
    """The share difficult to treat under the rule in force with ever more noise: one row per noise; added, share, kind.

    `added` is the variance added, in multiples of the noise stated; `kind` is "simulated" for 0 and above and
    "extrapolated" from there down to -1, where no noise would be left: the quadratic through the simulated shares.
    """
    asked = noise.rule.confirmation_visits
    names = ["measured", *(f"added {times}" for times in ADDED)]
    shares = [_mean(noise.readings[asked, name].label == YES) for name in names]
    simulated = pd.DataFrame({"added": [0.0, *ADDED], "share": shares, "kind": "simulated"})
    if np.isnan(shares).any():
        return simulated
    line = np.polyfit(simulated["added"], simulated["share"], 2)
    places = np.linspace(-1.0, 2.0, 61)
    fitted = np.clip(np.polyval(line, places), 0.0, 1.0)
    return pd.concat([simulated, pd.DataFrame({"added": places, "share": fitted, "kind": "extrapolated"})],
                     ignore_index=True)  # fmt: skip


def extrapolate_share(noise: LabelNoise) -> float:
    """The share difficult to treat without noise, extrapolated from shares with noise added (quadratic, at minus one).

    SIMEX: Cook and Stefanski, J Am Stat Assoc 1994;89:1314. It needs the noise's SD and no model of the true values; it
    is known to go only part of the way where the share bends more than a parabola does.
    """
    curve = derive_noise_curve(noise)
    end = curve.loc[curve["kind"].eq("extrapolated") & curve["added"].eq(-1.0), "share"]
    return float(end.iloc[0]) if len(end) else np.nan


def summarise_noisy_arms(noise: LabelNoise) -> pd.DataFrame:
    """Which arm turns when the same visits are measured again: one row per arm in force.

    Columns: arm, label, `yes_n` (as measured), `lost_n` (of these no longer yes) and `gained_n` (yes instead), both as
    means over the copies, and `turned_share`: lost and gained together, of all patients.
    """
    asked = noise.rule.confirmation_visits
    rows = []
    for arm in noise.rule.arms:
        before = noise.readings[asked, "measured"].arms[arm] == YES
        after = noise.readings[asked, "again"].arms[arm] == YES
        lost, gained = (before & ~after).sum(axis=1).mean(), (~before & after).sum(axis=1).mean()
        turned = float(lost + gained) / max(before.shape[1], 1)
        rows.append({"arm": arm, "label": ARM_LABELS[arm], "yes_n": int(before.sum()), "lost_n": float(lost),
                     "gained_n": float(gained), "turned_share": turned})  # fmt: skip
    return pd.DataFrame(rows)


def derive_flip_probabilities(noise: LabelNoise, borderline: pd.DataFrame) -> pd.DataFrame:
    """How likely each label is to turn when the same visits are measured again: one row per patient.

    Columns: patient_id, `label` (yes, no, cannot tell), `flip_probability` (share of the copies that tell, in which the
    label is the other one; missing where the label or no copy tells), `open_probability` (share of copies that cannot
    tell), `change_to_turn` and `is_borderline` (of `flag_borderline`), `is_unsure` (a flip in at least one of four).
    """
    asked = noise.rule.confirmation_visits
    measured, again = noise.readings[asked, "measured"].label, noise.readings[asked, "again"].label
    told = (again != OPEN) & (measured != OPEN)
    flips = (told & (again != measured)).sum(axis=0)
    table = pd.DataFrame({
        "patient_id": noise.patients.to_numpy(), "label": np.select(
            [measured[0] == YES, measured[0] == NO], ["yes", "no"], "cannot tell"),
        "flip_probability": np.divide(flips, told.sum(axis=0), out=np.full(len(flips), np.nan), where=told.any(axis=0)),
        "open_probability": (again == OPEN).mean(axis=0),
    })  # fmt: skip
    near = borderline.set_index("patient_id")[["change_to_turn", "is_borderline"]]
    table = table.join(near, on="patient_id")
    return table.assign(is_unsure=table["flip_probability"] >= UNSURE_FROM)


def summarise_noise_facts(noise: LabelNoise, patients: pd.DataFrame) -> dict[str, Fact]:
    """What the ledger keeps of the noise, by id; `patients` as `derive_flip_probabilities` gives them."""
    table = summarise_noise(noise).set_index("term")
    force, n = table.loc[table["is_in_force"]].rename(lambda term: term.split("_", 1)[1]), len(patients)
    origin = "helpers.labelling.noise.simulate_label_noise"
    told = patients.loc[patients["flip_probability"].notna()]
    unsure = told.loc[told["is_unsure"]]
    facts: dict[str, Fact] = {
        "dtt.noise.sd": {"value": noise.noise_sd, "unit": "log units", "label": "Noise of log proteinuria, as stated"},
        "dtt.noise.own.sd": {"value": noise.own.noise_sd if noise.own.is_fitted else None, "unit": "log units",
                             "label": "Noise of log proteinuria that these data show"},
        "dtt.noise.flip.share": _flip(force.loc["again"], "Labels turned when measured again", n),
        "dtt.noise.own.flip.share": _flip(force.loc["again_own"], "Labels turned when measured again, own noise", n),
        "dtt.noise.added.flip.share": _flip(force.loc["added"], "Labels turned by the noise added once more", n),
        "dtt.noise.true.share": _share(force.loc["true", "share"], "Difficult to treat without noise, by the model", n),
        "dtt.noise.own.true.share": _share(force.loc["true_own", "share"],
                                           "Difficult to treat without noise, by the model, own noise", n),
        "dtt.noise.simex.share": _share(force.loc["extrapolated", "share"],
                                        "Difficult to treat without noise, extrapolated", n),
        "dtt.noise.unsure.n": {"value": len(unsure), "unit": "patients", "n": len(told),
                               "label": "Labels that at least one second measurement in four would turn"},
        "dtt.noise.unsure.borderline.n": {"value": int(unsure["is_borderline"].fillna(False).sum()), "unit": "patients",
                                          "n": len(unsure), "label": "Unsure labels that a small change would turn"},
    }  # fmt: skip
    for word in ("yes", "no"):
        part = told.loc[told["label"] == word, "flip_probability"]
        facts[f"dtt.noise.{word}.flip.share"] = _share(
            _mean(part.to_numpy(dtype=float)), f"Labels “{word}” turned when measured again", len(part))
    for visits, name in _NAMES.items():
        facts[f"dtt.noise.{name}.n"] = {
            "value": int((noise.readings[visits, "measured"].label == YES).sum()), "unit": "patients", "n": n,
            "label": f"Difficult to treat when a finding needs {VISITS[visits]}"}  # fmt: skip
        facts[f"dtt.noise.{name}.flip.share"] = _flip(
            table.loc[f"{name}_again"], f"Labels turned when measured again, {VISITS[visits]}", n)
    facts["dtt.noise.rules.kappa"] = _agreement(noise)
    return {name: {"origin": origin, **fact} for name, fact in facts.items()}


def _agreement(noise: LabelNoise) -> Fact:
    one, two = (noise.readings[visits, "measured"].label[0] for visits in (1, 2))
    told = (one != OPEN) & (two != OPEN)
    kappa = estimate_kappa(one[told] == YES, two[told] == YES)
    return {"value": kappa["estimate"], "low": kappa["low"], "high": kappa["high"], "n": int(told.sum()),
            "unit": "kappa",
            "label": "Agreement of the labels by one visit and by two, among those told by both"}  # fmt: skip


def _flip(row: Any, label: str, n: int) -> Fact:
    return {"value": row["flip_share"], "low": row["flip_low_share"], "high": row["flip_high_share"], "unit": "share",
            "n": n, "label": label}  # fmt: skip


def _share(value: Any, label: str, n: int) -> Fact:
    return {"value": float(value), "unit": "share", "n": n, "label": label}
