"""The label of the same patients with the noise of proteinuria added, measured again, or taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.answers import Answers, any_of, is_true, is_unknown
from helpers.definitions import DttRule, Rulebook
from helpers.kidney.response import flag_response
from helpers.labelling import judge_arms
from helpers.labelling.course import FirstCourses, derive_first_courses, derive_worsening_criteria
from helpers.labelling.noise_draws import NoiseSpread, draw_shifts, find_spread
from helpers.labelling.noise_line import estimate_line_residual
from helpers.labelling.noise_truth import Measured, TruthModel, derive_measured, find_noise, fit_truth

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

YES, NO, OPEN = 1, 0, -1
ADDED = (0.5, 1.0, 1.5, 2.0)
"""How many times the variance of the noise is added for the extrapolation (Carroll et al., Measurement Error, 2006)."""

HALF = 2
"""One noise-free label for so many second measurements."""

PART = 4
"""The extrapolation, the other rule and the noise stated use one copy in so many: they give averages over patients."""

_CHUNK = 50
_MEASURES = ("month", "upcr_g_g", "creatinine_mg_dl", "egfr", "urine_rbc_hpf", "baseline_upcr_g_g",
             "baseline_creatinine_mg_dl", "baseline_egfr", "reference_egfr", "reference_creatinine_mg_dl")  # fmt: skip


@dataclass(frozen=True)
class Relabelled:
    """Labels of many copies under one rule: 1 yes, 0 no, -1 cannot tell; copies by patients, the arms by name."""

    label: Codes
    arms: Mapping[str, Codes]


@dataclass(frozen=True)
class OwnNoise:
    """What these data say of their noise: the model; what it leaves open, if it could be fitted; and the residual SD
    about a line of each patient's own, which holds drift besides noise (`estimate_line_residual`)."""

    model: TruthModel
    spread: NoiseSpread | None
    line_sd: float


@dataclass(frozen=True)
class LabelNoise:
    """The labels under noise, by number of visits that a finding must be shown at (1, 2) and by what was done.

    patients: patient_id, in the order of the columns. readings: for (visits asked, reading) the labels of the copies;
    readings are "measured", "added 0.5" to "added 2.0", "again" and "true" under the noise that these data themselves
    show (`own`), "again stated" under the noise stated (`noise_sd`). Copy k of "true" is the noise-free course under
    copy k of "again". `rule` is the one in force; its twin has "measured" and "again" only.
    """

    patients: pd.Series
    rule: DttRule
    noise_sd: float
    own: OwnNoise
    readings: Mapping[tuple[int, str], Relabelled]

    def knows(self, reading: str) -> bool:
        """Whether a reading says anything: without a fitted model all that is not measured would look free of noise."""
        return reading == "measured" or self.own.spread is not None


def simulate_label_noise(
    assessments: pd.DataFrame, courses: pd.DataFrame, cohort: pd.DataFrame, *,
    rule: DttRule, rulebook: Rulebook, events: pd.DataFrame, noise_sd: float, samples: int, seed: int,
) -> LabelNoise:  # fmt: skip
    """Label the same visits again and again with the noise of log proteinuria changed; `noise_sd` is the one stated.

    "again": what if the same visits were measured a second time? A noise-free course is drawn given the measurements,
    and fresh noise put on it; how large the noise is, is drawn too, as unsure as the data leave it (`NoiseSpread`).
    "true": the label of that noise-free course. "added": the noise once more on top of what was measured, which holds
    noise already; extrapolation starts from it. "again stated": with noise as large as stated at every visit; at
    baseline it is what goes best with that.

    Only proteinuria moves, independently from visit to visit; creatinine, sediment, the dates, and what doctors did on
    what they saw, second inductions above all, stay as they were.
    """
    everything = derive_first_courses(
        assessments, courses, cohort, rule=rule, events=events,
        response_rule=rulebook.response_rule(rule.response_rule))  # fmt: skip
    first = keep_deciding_visits(everything, rule=rule)
    rng = np.random.default_rng(seed)
    measured = derive_measured(first)
    own = find_own_noise(measured)
    models = own.spread.draw_models(measured, rng=rng) if own.spread else [own.model]
    stated = [fit_truth(measured, noise_sd=noise_sd)]
    reread = _Reader(first, rule, rulebook, measured.place)
    few = max(samples // PART, 5)
    readings = dict(reread.read("measured", np.zeros((1, *measured.value.shape)), both=1))
    for times in ADDED:
        noise = find_noise(own.model, measured) * np.sqrt(times) * rng.standard_normal((few, *measured.value.shape))
        readings |= reread.read(f"added {times}", noise, both=0)
    truth, again = draw_shifts(models, measured, copies=samples, rng=rng)
    readings |= reread.read("true", truth[: samples // HALF], both=0)
    readings |= reread.read("again", again, both=few)
    readings |= reread.read("again stated", draw_shifts(stated, measured, copies=few, rng=rng)[1], both=0)
    return LabelNoise(first.patients["patient_id"], rule, noise_sd, own, MappingProxyType(readings))


def find_own_noise(measured: Measured) -> OwnNoise:
    """The noise that the measurements themselves show; that at baseline is the median of its likelihood."""
    model, line = fit_truth(measured), estimate_line_residual(measured)
    if not model.is_fitted:
        return OwnNoise(model, None, line)
    spread = find_spread(model, measured)
    return OwnNoise(replace(model, baseline_sd=float(spread.baseline_at(np.array([0.5]))[0])), spread, line)


def keep_deciding_visits(first: FirstCourses, *, rule: DttRule) -> FirstCourses:
    """The first courses with those visits only that can decide a label, with one or with two visits asked for.

    All visits that speak of patients whose flares are looked at (`_may_flare`). Of the others those up to the
    last window and its grace, and one more with everything measured, which confirms what the last one in time showed.
    """
    ends = (rule.worsening_window.end, rule.failure_window.end, rule.deadline_months + rule.deadline_grace_months)
    horizon = max(ends) + max(rule.settle_within_months, 2.0)
    visits = first.visits
    treated = _may_flare(first, rule=rule)[first.patient]
    whole = visits[["upcr_g_g", "creatinine_mg_dl", "egfr", "active_sediment"]].notna().all(axis=1)
    after = first.speaks & (first.month > horizon)
    ending = (whole & after).astype(int)
    before = (ending.groupby(first.patient).cumsum() - ending).to_numpy()
    kept = first.speaks & ((first.month <= horizon) | treated | (after & (before == 0)))
    return FirstCourses(first.patients, visits.loc[kept].reset_index(drop=True))


def _may_flare(first: FirstCourses, *, rule: DttRule) -> NDArray[np.bool_]:
    """Patients with a second induction soon enough for an early flare; with a clock that starts later, any time."""
    latest = first.moment("first_start") + rule.flare_window_months + rule.flare_to_induction_months
    limit = latest if rule.flare_clock == "induction_start" else np.full(len(latest), np.inf)
    return np.asarray(first.moment("second_start") <= limit + 1.0)


@dataclass(frozen=True)
class _Reader:
    """Labels copies of the same first courses; `shift` (copies by patients by column) is added to log proteinuria.

    `place` is the column of each visit.
    """

    first: FirstCourses
    rule: DttRule
    rulebook: Rulebook
    place: NDArray[np.int64]

    def read(self, reading: str, shift: Floats, *, both: int) -> dict[tuple[int, str], Relabelled]:
        """The labels by the rule in force for all copies, and by its twin (two visits for one) for the first `both`."""
        asked = self.rule.confirmation_visits
        found: dict[int, list[dict[str, Codes]]] = {1: [], 2: []}
        for start in range(0, len(shift), _CHUNK):
            part = shift[start : start + _CHUNK]
            copied = self._copies(part)
            found[asked].append(self._codes(copied, asked, len(part)))
            if start < both:
                twin = self._codes(copied, 3 - asked, len(part))
                found[3 - asked].append({name: codes[: both - start] for name, codes in twin.items()})
        joined = {visits: {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
                  for visits, parts in found.items() if parts}  # fmt: skip
        return {(visits, reading): Relabelled(codes.pop("label"), codes) for visits, codes in joined.items()}

    def _codes(self, copied: FirstCourses, visits: int, copies: int) -> dict[str, Codes]:
        rule = replace(self.rule, confirmation_visits=visits)
        judged = {arm: one.answer for arm, one in judge_arms(copied, rule=rule, rulebook=self.rulebook)[0].items()}
        return {name: _code(answer).reshape(copies, -1)
                for name, answer in {"label": any_of(list(judged.values())), **judged}.items()}  # fmt: skip

    def _copies(self, shift: Floats) -> FirstCourses:
        """The first courses so many times over, each copy with patients of its own and its own proteinuria."""
        copies, n = len(shift), len(self.first.patients)
        patient, visits = self.first.patient, self.first.visits
        table = {name: np.tile(visits[name].to_numpy(dtype=float, na_value=np.nan), copies) for name in _MEASURES}
        table["upcr_g_g"] *= np.exp(shift[:, patient, self.place]).ravel()
        table["baseline_upcr_g_g"] *= np.exp(shift[:, patient, 0]).ravel()
        rows = np.tile(np.arange(len(visits)), copies)
        whose = (patient + n * np.arange(copies)[:, None]).ravel()
        frame = pd.DataFrame({
            **table, "patient": whose, "speaks": True, "visit_date": self.first.dates[rows],
            "active_sediment": visits["active_sediment"].array.take(rows),
        })  # fmt: skip
        frame = flag_response(frame, rule=self.rulebook.response_rule(self.rule.response_rule))
        worse = [criterion.passed for criterion in derive_worsening_criteria(frame, ratio=self.rule.worsening_ratio)]
        people = self.first.patients.take(np.tile(np.arange(n), copies)).reset_index(drop=True)
        return FirstCourses(people, frame.assign(is_worse=any_of(worse)))


def _code(answer: Answers) -> Codes:
    return np.where(is_unknown(answer), OPEN, is_true(answer)).astype(np.int8)
