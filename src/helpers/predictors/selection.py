"""Would the same features be chosen again? The whole screening recipe, repeated in bootstrap samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.definitions import FEATURES
from helpers.definitions.stability import STABLE_FROM
from helpers.predictors.irls import fit_logits, measure_weighted_auc, weigh_samples
from helpers.predictors.recipe import Candidates, Choices, choose_features
from helpers.predictors.resampling import measure_samples
from helpers.predictors.sample import Floats, keep_labelled

_SHOWN = 8
"""Final sets of features that are listed; the rest are counted together."""


@dataclass(frozen=True)
class Selections:
    """The recipe in the patients as they are (`original`, one sample) and in the bootstrap samples (`repeated`), the
    log odds ratios of the model that always holds the covariates, and the areas under the curve."""

    terms: tuple[str, ...]
    original: Choices
    repeated: Choices
    always: Floats
    apparent_auc: float
    optimism_auc: Floats
    n: int
    events: int

    @property
    def samples(self) -> int:
        """Bootstrap samples drawn."""
        return len(self.repeated.answered)

    @property
    def answers(self) -> bool:
        """Whether the recipe can be followed in the patients as they are."""
        return bool(self.original.answered.any())


def derive_selections(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], samples: int, seed: int,
    candidates: Sequence[str] = tuple(FEATURES),
) -> Selections:
    """The screening recipe of `choose_features` over the `candidates`, in the patients and in samples of them.

    All labelled patients are drawn from; each step leaves out who lacks one of its features. `covariates` are those of
    the model that no selection touches, for comparison. The optimism of the area under the curve is that of the whole
    recipe: choice and fit are made in the sample, its last model is scored there and on the patients as they are
    (Harrell, Lee and Mark, Stat Med 1996;15:361; Heinze, Wallisch and Dunkler, Biom J 2018;60:431).
    """
    data = _take_candidates(keep_labelled(cohort, labels), candidates)
    n, inside = len(data.y), np.isin(candidates, covariates)
    found = measure_samples(partial(_repeat, inside=inside), data, n=n, samples=samples, seed=seed)
    repeated, optimism, always = zip(*found, strict=True)
    everyone = np.ones((1, n))
    original = choose_features(data, everyone)
    return Selections(
        tuple(candidates), original, _stack(repeated), np.concatenate(always),
        float(measure_weighted_auc(original.logits, data.y, everyone)[0]), np.concatenate(optimism), n,
        int(data.y.sum()),
    )  # fmt: skip


def _take_candidates(patients: pd.DataFrame, candidates: Sequence[str]) -> Candidates:
    """The patients' features as numbers; without a patient, one in whom nothing is known, who selects nothing."""
    values = patients[list(candidates)].astype("Float64")
    known = values.notna().to_numpy(bool)
    if not len(patients):
        return Candidates(np.zeros((1, len(candidates))), np.zeros((1, len(candidates)), dtype=bool), np.array([False]))
    return Candidates(values.fillna(0.0).to_numpy(float), known, patients["is_dtt"].to_numpy(bool))


def _repeat(
    data: Candidates, drawn: NDArray[np.int64], *, inside: NDArray[np.bool_]
) -> tuple[Choices, Floats, Floats]:
    """Of each sample: the recipe's choices, its optimism, and the model that no selection touches."""
    weights = weigh_samples(drawn, n=len(data.y))
    choices = choose_features(data, weights)
    return choices, _measure_optimism(data, choices, weights), _fit_always(data, weights, inside=inside)


def _stack(parts: Sequence[Choices]) -> Choices:
    names = ("screened", "chosen", "logits", "answered")
    return Choices(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _measure_optimism(data: Candidates, choices: Choices, weights: Floats) -> Floats:
    own = measure_weighted_auc(choices.logits, data.y, weights)
    return np.asarray(own - measure_weighted_auc(choices.logits, data.y, np.ones_like(weights)))


def _fit_always(data: Candidates, weights: Floats, *, inside: np.ndarray) -> Floats:
    """Log odds ratios of the model that always holds the same features, in its complete cases."""
    complete = data.known[:, inside].all(axis=1)
    kept = np.broadcast_to(inside, (len(weights), len(inside)))
    fit = fit_logits(data.x, data.y, weights * complete, inside=kept)
    return np.asarray(np.where(fit.converged[:, None] & kept, fit.beta[:, 1:], np.nan))


def summarise_inclusion(selections: Selections, *, limit: float = STABLE_FROM) -> pd.DataFrame:
    """How often the recipe ended with each feature, and what its odds ratio was then.

    One row per candidate, most often chosen first: `term`, `label`, `screened_share` (samples in which it passed the
    screen), `chosen_share` (in which the recipe ended with it), `is_stable` ("yes" from `limit` on, "no";
    "cannot tell" when the recipe cannot be followed), `always_odds` (median odds ratio over all samples by the model
    that always holds the covariates), `chosen_odds` (the same, over the samples in which the recipe chose it),
    `exaggeration` (how much further from one the second is, as a ratio), `n` (samples), `chosen_n`. Odds ratios are
    missing for a feature that is not among the covariates or was never chosen.

    A sample in which the recipe had no answer counts as one in which nothing was chosen. To be chosen an odds ratio
    must be large, so those that are chosen are too large on average: the winner's curse, or error of type M (Gelman
    and Carlin, Perspect Psychol Sci 2014;9:641). Bootstrap samples vary more than new patients would around a truth
    that is not there: a feature that tells nothing passes each test in about one sample of six.
    """
    repeated, samples = selections.repeated, max(selections.samples, 1)
    chosen_n = repeated.chosen.sum(axis=0)
    when = _take_median(np.where(repeated.chosen, selections.always, np.nan))
    always = _take_median(selections.always)
    share = chosen_n / samples
    stable = np.where(share >= limit, "yes", "no") if selections.answers else np.full(len(share), "cannot tell")
    table = pd.DataFrame({
        "term": list(selections.terms), "label": [FEATURES[term].label for term in selections.terms],
        "screened_share": repeated.screened.sum(axis=0) / samples, "chosen_share": share, "is_stable": stable,
        "always_odds": np.exp(always), "chosen_odds": np.exp(when),
        "exaggeration": np.exp(np.abs(when) - np.abs(always)),
        "n": selections.samples, "chosen_n": chosen_n,
    })  # fmt: skip
    return table.sort_values("chosen_share", ascending=False, kind="stable", ignore_index=True)


def _take_median(values: Floats) -> Floats:
    """The median of what is there in each column; missing where nothing is."""
    empty = np.isnan(values).all(axis=0)
    filled = np.where(empty, 0.0, values)
    return np.asarray(np.where(empty, np.nan, np.nanmedian(filled, axis=0) if len(filled) else np.nan))


def count_models(selections: Selections) -> pd.DataFrame:
    """The sets of features that the recipe ended with, most frequent first.

    One row per set, at most eight, and one for all the others: `term` (set_1, set_2, ..., others), `label` (the
    features), `samples_n`, `share`, `features_n` (missing for the others), `is_abstract` (the abstract's own set),
    `is_run` (the set of the patients as they are), `n` (samples). Samples without an answer are a row of their own.
    """
    if not selections.samples:
        return pd.DataFrame(columns=["term", "label", "samples_n", "share", "features_n", "is_abstract", "is_run", "n"])
    repeated = selections.repeated
    # one number per set, in order of first appearance; minus one: no answer
    ids = np.full(selections.samples, -1)
    ids[repeated.answered] = pd.factorize(pd.Series([row.tobytes() for row in repeated.chosen[repeated.answered]]))[0]
    counts = pd.Series(ids).value_counts()
    rows = [_describe_set(selections, int(np.argmax(ids == id)) if id >= 0 else None, int(count))
            for id, count in zip(counts.index[:_SHOWN], counts[:_SHOWN], strict=True)]  # fmt: skip
    rest = int(counts.iloc[_SHOWN:].sum())
    if rest:
        rows.append({"label": f"{len(counts) - _SHOWN} other sets", "samples_n": rest, "features_n": pd.NA,
                     "is_abstract": False, "is_run": False})  # fmt: skip
    terms = [f"set_{place + 1}" for place in range(len(rows) - bool(rest))] + ["others"] * bool(rest)
    table = pd.DataFrame(rows).assign(term=terms, n=selections.samples)
    table = table.assign(share=table["samples_n"] / table["n"], features_n=table["features_n"].astype("Int64"))
    return table[["term", "label", "samples_n", "share", "features_n", "is_abstract", "is_run", "n"]]


def _describe_set(selections: Selections, place: int | None, count: int) -> dict[str, object]:
    if place is None:
        return {"label": "No answer (separation or one outcome)", "samples_n": count, "features_n": pd.NA,
                "is_abstract": False, "is_run": False}  # fmt: skip
    chosen = selections.repeated.chosen[place]
    names = [FEATURES[term].label for term, inside in zip(selections.terms, chosen, strict=True) if inside]
    abstract = [FEATURES[term].independent_in_abstract for term in selections.terms]
    return {
        "label": ", ".join(names) or "None", "samples_n": count, "features_n": len(names),
        "is_abstract": bool((chosen == np.array(abstract)).all()),
        "is_run": bool(selections.answers and (chosen == selections.original.chosen[0]).all()),
    }  # fmt: skip
