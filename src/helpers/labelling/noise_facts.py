"""What noise does to the labels, in tables: readings, arms, patients, and the extrapolation to no noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.definitions import ARM_LABELS
from helpers.labelling.noise import ADDED, NO, OPEN, YES, Codes, LabelNoise, Relabelled

Fact = dict[str, Any]
Floats = NDArray[np.float64]

UNSURE_FROM = 0.25
"""A label is called unsure when at least one second measurement in four would turn it (ours)."""

READINGS = {
    "measured": "As measured", "again": "Measured again", "true": "Without noise, by the model",
    "added 1.0": "The noise added once more", "again stated": "Measured again, noise as stated",
}  # fmt: skip
VISITS = {1: "one visit", 2: "two visits in a row"}
_NAMES = {1: "one", 2: "two"}


def summarise_noise(noise: LabelNoise) -> pd.DataFrame:
    """The labels as measured and under each reading, for findings at one visit and at two in a row: one row per pair.

    Columns: `term` ("one_again"), `asked`, `reading` (words), `share` (difficult to treat among all patients, the open
    ones counted as no, as in `dtt.share`), `low_share` and `high_share` (2.5th and 97.5th percentile over the copies),
    `open_share` (cannot be told), `changed_share` (another answer than as measured, cannot tell being one of three),
    `flip_share`, `flip_low_share`, `flip_high_share` (labelled the other way, of those told both times; mean and
    percentiles), `copies`, `is_in_force`. The rule in force has more rows, "extrapolated" among them
    (`extrapolate_share`); its twin was only measured, and measured again.
    """
    rows = []
    for visits in VISITS:
        force = visits == noise.rule.confirmation_visits
        for reading, words in READINGS.items():
            if (visits, reading) in noise.readings:
                rows.append({"term": f"{_NAMES[visits]}_{reading.replace(' 1.0', '').replace(' ', '_')}",
                             "asked": VISITS[visits], "reading": words, **_shares(noise, visits, reading),
                             "is_in_force": force})  # fmt: skip
        if force:
            rows.append({"term": f"{_NAMES[visits]}_extrapolated", "asked": VISITS[visits],
                         "reading": "Without noise, by extrapolation", "share": extrapolate_share(noise),
                         "is_in_force": True})  # fmt: skip
    return pd.DataFrame(rows)


def _shares(noise: LabelNoise, visits: int, reading: str) -> Fact:
    found, measured = noise.readings[visits, reading], noise.readings[visits, "measured"].label
    if not noise.knows(reading):
        return dict.fromkeys(("share", "low_share", "high_share", "open_share", "changed_share", "flip_share",
                              "flip_low_share", "flip_high_share"), np.nan) | {"copies": 0}  # fmt: skip
    flips, yes = _flips_by_copy(measured, found.label), _yes_by_copy(found)
    (low, high), (low_share, high_share) = _percentiles(flips), _percentiles(yes)
    return {"share": _mean(found.label == YES), "low_share": low_share, "high_share": high_share,
            "open_share": _mean(found.label == OPEN), "changed_share": _mean(found.label != measured),
            "flip_share": _mean(flips[~np.isnan(flips)]), "flip_low_share": low, "flip_high_share": high,
            "copies": len(found.label)}  # fmt: skip


def _yes_by_copy(found: Relabelled) -> Floats:
    """For each copy the share labelled yes; missing where there is nobody."""
    return np.asarray((found.label == YES).mean(axis=1)) if found.label.size else np.full(len(found.label), np.nan)


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

    `added` is the variance added, in multiples of what these data show; `kind` is "simulated" for 0 and above and
    "extrapolated" from there down to -1, where no noise would be left: the quadratic through the simulated shares.
    """
    asked = noise.rule.confirmation_visits
    names = ["measured", *(f"added {times}" for times in ADDED)]
    shares = [_mean(noise.readings[asked, name].label == YES) if noise.knows(name) else np.nan for name in names]
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

    SIMEX: Cook and Stefanski, J Am Stat Assoc 1994;89:1314. It needs the noise's SD and no model of the true values;
    it is known to go only part of the way where the share bends more than a parabola does.
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
    known = 1.0 if noise.knows("again") else np.nan
    rows = []
    for arm in noise.rule.arms:
        before = noise.readings[asked, "measured"].arms[arm] == YES
        after = noise.readings[asked, "again"].arms[arm] == YES
        lost = known * float((before & ~after).sum(axis=1).mean())
        gained = known * float((~before & after).sum(axis=1).mean())
        rows.append({"arm": arm, "label": ARM_LABELS[arm], "yes_n": int(before.sum()), "lost_n": lost,
                     "gained_n": gained, "turned_share": (lost + gained) / max(before.shape[1], 1)})  # fmt: skip
    return pd.DataFrame(rows)


def derive_flip_probabilities(noise: LabelNoise, borderline: pd.DataFrame) -> pd.DataFrame:
    """How likely each label is to turn when the same visits are measured again: one row per patient.

    Columns: patient_id, `label` (yes, no, cannot tell), `flip_probability` (share of the copies that tell, in which the
    label is the other one; missing where the label or no copy tells), `open_probability` (share of copies that cannot
    tell), `change_to_turn` and `is_borderline` (of `flag_borderline`), `is_unsure` (a flip in at least one of four).
    """
    asked = noise.rule.confirmation_visits
    measured, again = noise.readings[asked, "measured"].label, noise.readings[asked, "again"].label
    told = (again != OPEN) & (measured != OPEN) & noise.knows("again")
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
