"""Every rule in words, made from the rule object itself: the label's description can never drift from the label."""

from __future__ import annotations

from helpers.definitions import (
    DttRule,
    EgfrEquation,
    EsrdRule,
    FlareCriterion,
    FlareRule,
    KidneyTest,
    ResponseCriteria,
    ResponseRule,
    Rulebook,
    UpcrLimit,
    WorseningRule,
)
from helpers.definitions.response_rules import NEPHROTIC_UPCR, NORMAL_EGFR

EGFR_UNIT = "mL/min/1.73 m²"
_MEASURES = {"upcr": ("proteinuria", " g/g"), "creatinine": ("creatinine", " mg/dL"), "egfr": ("eGFR", f" {EGFR_UNIT}")}


def _percent(share: float) -> str:
    return f"{share * 100:g} %"


def describe_response(rule: ResponseRule) -> dict[str, str]:
    """What complete and partial response ask for, one sentence each.

    >>> from helpers.definitions import RESPONSE_RULES
    >>> describe_response(RESPONSE_RULES["kdigo_2012"])["complete"]
    'Proteinuria at most 0.5 g/g; and creatinine at most 110 % of its reference value.'
    """
    return {"complete": _describe_criteria(rule.complete), "partial": _describe_criteria(rule.partial)}


def _describe_criteria(criteria: ResponseCriteria) -> str:
    parts = []
    if criteria.upcr:
        parts.append(f"proteinuria {_ceiling(criteria.upcr)}")
    if criteria.falls:
        parts.append(f"proteinuria down from its baseline value by {_describe_falls(criteria)}")
    if criteria.nephrotic_upcr:
        parts.append(f"proteinuria {_ceiling(criteria.nephrotic_upcr)} in patients with {NEPHROTIC_UPCR:g} g/g or "
                     "more at baseline")
    if criteria.kidney:
        parts.append(", or ".join(_describe_kidney_test(test) for test in criteria.kidney))
    if criteria.inactive_sediment:
        parts.append("no active urinary sediment")
    return _sentence("; and ".join(parts))


def _ceiling(limit: UpcrLimit) -> str:
    return f"{'at most' if limit.included else 'below'} {limit.value:g} g/g"


def _describe_falls(criteria: ResponseCriteria) -> str:
    least = "at least" if criteria.fall_included else "more than"
    steps = [f"{least} {_percent(share)}" + (f" from month {month:g} on" if month else "")
             for month, share in criteria.falls]
    return ", and by ".join(steps)


def _describe_kidney_test(test: KidneyTest) -> str:
    measure, unit = _MEASURES[test.measure]
    side = "at least" if test.measure == "egfr" else "at most"
    limit = (f"{test.factor:g}{unit}" if test.anchor == "fixed"
             else f"{_percent(test.factor)} of its {test.anchor} value")
    only = ""
    if test.only_if_baseline_abnormal:
        only = f" (where baseline eGFR was below {NORMAL_EGFR:g})"
    if test.only_if_baseline_normal:
        only = f" (where baseline eGFR was {NORMAL_EGFR:g} or more)"
    return f"{measure} {side} {limit}{only}"


def describe_flare(rule: FlareRule) -> list[str]:
    """The criteria of a flare, one sentence each; any one of them is enough.

    >>> from helpers.definitions import FLARE_RULES
    >>> describe_flare(FLARE_RULES["milan"])[1]
    'Value at the last complete response at least 3.5 g/g: proteinuria at least 2 times it.'
    """
    return [_sentence(_describe_flare_criterion(criterion)) for criterion in rule.any_of]


def _describe_flare_criterion(criterion: FlareCriterion) -> str:
    measure, unit = _MEASURES[criterion.measure]
    least = "at least" if criterion.included else "more than"
    told = {
        "value": f"{measure} {least} {criterion.threshold:g}{unit}",
        "rise": f"{measure} up by {least} {criterion.threshold:g}{unit}",
        "ratio": f"{measure} {least} {criterion.threshold:g} times it",
        "fall": f"{measure} down by {least} {_percent(criterion.threshold)}",
    }[criterion.kind]
    also = ", with an active urinary sediment" if criterion.active_sediment else ""
    if criterion.haematuria_steps:
        also += f", with red cells up by at least {criterion.haematuria_steps} grades"
    return f"{_describe_anchor(criterion, unit)}{told}{also}"


def _describe_anchor(criterion: FlareCriterion, unit: str) -> str:
    ends = []
    if criterion.anchor_from > 0:
        ends.append(f"at least {criterion.anchor_from:g}")
    if criterion.anchor_below < float("inf"):
        ends.append(f"below {criterion.anchor_below:g}")
    if not ends:
        return "whatever the value at the last complete response was: " if criterion.kind != "value" else ""
    return f"value at the last complete response {' and '.join(ends)}{unit}: "


def describe_worsening(rule: WorseningRule) -> str:
    """A worsening-creatinine rule as one sentence.

    >>> from helpers.definitions import WORSENING_RULES
    >>> describe_worsening(WORSENING_RULES["creatinine_above_1_5"])
    'Creatinine above 1.5 mg/dL in a patient not above it at baseline; one visit is enough.'
    """
    told = {
        "creatinine_ratio": f"creatinine at least {rule.threshold:g} times its baseline value",
        "egfr_decline": f"eGFR at least {_percent(rule.threshold)} below its baseline value",
        "creatinine_value": f"creatinine above {rule.threshold:g} mg/dL in a patient not above it at baseline",
    }[rule.kind]
    confirmed = (f"the next visit at least {rule.confirm_days} days later shows it too, and the first of the two is "
                 "the date" if rule.confirm_days else "one visit is enough")
    return _sentence(f"{told}; {confirmed}")


def describe_esrd(rule: EsrdRule) -> str:
    """Kidney failure as one sentence."""
    return (f"Kidney transplant; dialysis for {rule.dialysis_days} days or longer (or still going on at death or at "
            f"the end of follow-up); or eGFR below {rule.egfr_below:g} {EGFR_UNIT} at every visit over at least "
            f"{rule.egfr_days} days. The date is the first of these days.")


def describe_equation(equation: EgfrEquation) -> str:
    """An eGFR equation as a formula, Scr in mg/dL and age in years."""
    return (f"{equation.scale:g} × min(Scr/κ, 1)^α × max(Scr/κ, 1)^{equation.beta:g} × {equation.age_base:g}^age, for "
            f"women × {equation.female_factor:g}; κ {equation.kappa_female:g} and α {equation.alpha_female:g} for "
            f"women, κ {equation.kappa_male:g} and α {equation.alpha_male:g} for men; from "
            f"{equation.minimum_age_years} years on")


def describe_dtt(rule: DttRule, *, rulebook: Rulebook) -> dict[str, str]:
    """The label in words: a sentence per arm that is switched on, then how they join, confirm and treat gaps.

    Keys are the arm names, and `any`, `confirmation`, `gaps`, `endings`.
    """
    response, flare = rulebook.response_rule(rule.response_rule), rulebook.flare_rule(rule.flare_rule)
    three, six = rule.worsening_window, rule.failure_window
    clock = ("the start of therapy" if rule.flare_clock == "induction_start" else "the complete response")
    arms = {
        "worsening_3m": f"At the visit of months {three.start:g} to {three.end:g} nearest to month {three.target:g}, "
                        f"proteinuria or creatinine is at least {rule.worsening_ratio:g} times its baseline value.",
        "failure_6m": f"At the visit of months {six.start:g} to {six.end:g} nearest to month {six.target:g}, there is "
                      f"neither complete nor partial response by the {response.label} rule.",
        "no_response": f"No visit of the first course up to month {rule.deadline_months:g} (with "
                       f"{rule.deadline_grace_months:g} month of grace), or up to a second induction that began "
                       f"sooner, shows complete or partial response by the {response.label} rule.",
        "early_flare": f"After a complete response, a flare by the {flare.label} rule within "
                       f"{rule.flare_window_months:g} months of {clock}, followed by a second induction within "
                       f"{rule.flare_to_induction_months:g} months of the flare.",
    }  # fmt: skip
    return {arm: arms[arm] for arm in rule.arms} | {
        "any": "The label is yes when any arm is, from the first day on which one is; no when every arm says no; "
               "otherwise it cannot tell.",
        "confirmation": "One visit is enough." if rule.confirmation_visits == 1 else
                        f"A finding counts when the next visit, at least {rule.confirm_days} days later, shows it too.",
        "gaps": _GAPS[rule.missing_window].format(within=f"{rule.settle_within_months:g}"),
        "endings": "Kidney failure before a window closes counts as its finding; death before it closes, without a "
                   "usable visit, leaves it open.",
    }  # fmt: skip


_GAPS = {
    "later_response_settles": "Without a usable visit in its window an arm says no when the next visit of the first "
                              "course that can be read comes within {within} months of the window and shows a "
                              "response, otherwise cannot tell. Nothing after the deadline settles the deadline.",
    "cannot_tell": "Without a usable visit in its window an arm cannot tell.",
    "counts_as_failure": "Without a usable visit in its window an arm says yes, dated at the end of the window.",
}  # fmt: skip


def _sentence(text: str) -> str:
    return f"{text if text.startswith('eGFR') else text[:1].upper() + text[1:]}."
