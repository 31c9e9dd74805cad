"""What the ledger keeps of the noise in the label, and the verdicts that sentences take from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.labelling.noise import LabelNoise
from helpers.labelling.noise_facts import summarise_noise, summarise_noisy_arms
from helpers.labelling.noise_rules import summarise_two_visits

Fact = dict[str, Any]


def summarise_noise_facts(noise: LabelNoise, patients: pd.DataFrame) -> dict[str, Fact]:
    """What the ledger keeps of the noise, by id; `patients` as `derive_flip_probabilities` gives them."""
    table = summarise_noise(noise).set_index("term")
    force, n = table.loc[table["is_in_force"]].rename(lambda term: term.split("_", 1)[1]), len(patients)
    told = patients.loc[patients["flip_probability"].notna()]
    unsure = told.loc[told["is_unsure"]]
    again = force.loc["again"]
    facts: dict[str, Fact] = {
        **_sizes(noise),
        "dtt.noise.flip.share": _flip(again, "Labels turned when measured again", n),
        "dtt.noise.stated.flip.share": _flip(force.loc["again_stated"], "Labels turned, noise as stated", n),
        "dtt.noise.added.flip.share": _flip(force.loc["added"], "Labels turned by the noise added once more", n),
        "dtt.noise.again.share": _share(again["share"], "Difficult to treat when measured again", n),
        "dtt.noise.again.lowest.share": _share(again["low_share"], "The same, lower end of 95 % of the copies", n),
        "dtt.noise.again.highest.share": _share(again["high_share"], "The same, upper end of 95 % of the copies", n),
        "dtt.noise.true.share": _share(force.loc["true", "share"], "Difficult to treat without noise, by the model", n),
        "dtt.noise.simex.share": _share(force.loc["extrapolated", "share"],
                                        "Difficult to treat without noise, extrapolated", n),
        "dtt.noise.unsure.n": {"value": len(unsure), "unit": "patients", "n": len(told),
                               "label": "Labels that at least one second measurement in four would turn"},
        "dtt.noise.unsure.borderline.n": {"value": int(unsure["is_borderline"].fillna(False).sum()), "unit": "patients",
                                          "n": len(unsure), "label": "Unsure labels that a small change would turn"},
        "dtt.noise.one.changed.share": _share(table.loc["one_again", "changed_share"],
                                              "Answers changed when measured again, one visit", n),
        "dtt.noise.two.changed.share": _share(table.loc["two_again", "changed_share"],
                                              "Answers changed when measured again, two visits in a row", n),
        **summarise_two_visits(noise),
        **_flares(noise),
    }  # fmt: skip
    for word in ("yes", "no"):
        part = told.loc[told["label"] == word, "flip_probability"].to_numpy(dtype=float)
        facts[f"dtt.noise.{word}.flip.share"] = _share(
            part.mean() if len(part) else np.nan, f"Labels “{word}” turned when measured again", len(part))
    origin = "helpers.labelling.noise.simulate_label_noise"
    return {name: {"origin": origin, **fact} for name, fact in facts.items()}


def _sizes(noise: LabelNoise) -> dict[str, Fact]:
    """The sizes of the noise: these data's own at visits and at baseline, and two residuals about a line."""
    spread = noise.own.spread
    middle, low, high = spread.baseline_at(np.array([0.5, 0.025, 0.975])) if spread else (np.nan,) * 3
    ends = spread.visit_range if spread else (np.nan, np.nan)
    sizes = {
        "sd": (noise.own.model.noise_sd if spread else np.nan, *ends,
               "SD of log proteinuria that does not carry over to the next visit"),
        "baseline.sd": (middle, low, high, "The same at baseline (median and 95 % of its likelihood)"),
        "line.sd": (noise.own.line_sd, None, None, "Residual SD of log proteinuria about a line of each patient's own"),
        "stated.sd": (noise.noise_sd, None, None, "Residual SD of log proteinuria, as stated"),
    }  # fmt: skip
    return {f"dtt.noise.{name}": {"value": value, "low": low, "high": high, "unit": "log units", "label": label}
            for name, (value, low, high, label) in sizes.items()}  # fmt: skip


def _flares(noise: LabelNoise) -> dict[str, Fact]:
    """The early flares lost and gained when measured again, means over the copies; missing where the arm is off."""
    arms = summarise_noisy_arms(noise).set_index("arm").reindex(["early_flare"]).iloc[0]
    return {f"dtt.noise.flare.{word}.n": {"value": float(arms[f"{word}_n"]), "unit": "patients", "n": arms["yes_n"],
                                          "label": f"Early flares {word} when measured again, mean"}
            for word in ("lost", "gained")}  # fmt: skip


def _flip(row: Any, label: str, n: int) -> Fact:
    return {"value": row["flip_share"], "low": row["flip_low_share"], "high": row["flip_high_share"], "unit": "share",
            "n": n, "label": label}  # fmt: skip


def _share(value: Any, label: str, n: int) -> Fact:
    return {"value": float(value), "unit": "share", "n": n, "label": label}


def label_stated_noise(noise: LabelNoise) -> str:
    """What the noise stated is to that of these data, in words: a bound from above, or none."""
    if noise.own.spread is None:
        return "cannot be compared with what does not carry over"
    low, high = noise.own.spread.visit_range
    if noise.noise_sd >= high:
        return "is more than what does not carry over, and bounds it from above"
    word = "less than" if noise.noise_sd <= low else "not clearly different from"
    return f"is {word} what does not carry over, and bounds nothing"


def describe_check(noise: LabelNoise) -> str:
    """Whether the copies measured again look like the data, as a sentence with the ledger's ids in it.

    A posterior predictive check: the share as measured against the middle ninety-five in a hundred of the copies. The
    early flares are told apart, since second inductions stay as they were and a flare that only a copy shows has none.
    """
    table = summarise_noise(noise).set_index("reading").query("is_in_force")
    again, measured = table.loc["Measured again"], table.loc["As measured", "share"]
    if np.isnan(again["low_share"]):
        return "Whether the model gives the data back could not be checked."
    fits = again["low_share"] <= measured <= again["high_share"]
    found = ("gives the data back" if fits else
             "does not give the data back, and its own noise-free share should not be leaned on")  # fmt: skip
    text = ("Measured again, {dtt.noise.again.share:percent} are difficult to treat (in nineteen copies of twenty "
            "{dtt.noise.again.lowest.share:percent} to {dtt.noise.again.highest.share:percent}), as measured "
            f"{{dtt.share:percent}}: the model {found}.")  # fmt: skip
    if "early_flare" not in noise.rule.arms:
        return text
    return text + (" Of {dtt.noise.flare.lost.n:n} early flares {dtt.noise.flare.lost.n} are lost on average, and "
                   "{dtt.noise.flare.gained.n} gained: second inductions stay as they were, so that a flare which only "
                   "a copy shows is seldom followed by one.")  # fmt: skip
