"""The page of rules: each one in words, with its source, for a clinician to dispute."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import yaml

from helpers.definitions import (
    ACTIVE_SEDIMENT,
    APL_CUTS,
    ARM_LABELS,
    BASELINE_DAYS_AFTER,
    BASELINE_DAYS_BEFORE,
    CLASS_GROUPS,
    COMPOSITE_PARTS,
    EGFR_EQUATIONS,
    ESRD,
    FEATURES,
    HYPERTENSION,
    UNITS,
    WORSENING_RULES,
    FlareRule,
    ResponseRule,
    load_rulebook,
)
from helpers.definitions.flare_rules import HAEMATURIA_GRADES
from helpers.documentation.text import MADE, make_bullets, make_markdown_table, make_page
from helpers.parameters import Parameters
from helpers.rules_in_words import (
    describe_dtt,
    describe_equation,
    describe_esrd,
    describe_flare,
    describe_response,
    describe_worsening,
)

_READING = """\
The *reference* value is the one before nephritis where known, otherwise the baseline; the *baseline* is, for each
measurement, the latest known value of the {before} days up to and including time zero, else the first known one of
the {after} days after it, or up to the first day of induction where that comes later. Proteinuria is the urine
protein-creatinine ratio, or the 24-hour protein where there is no ratio. A test that lacks a value it needs is
neither passed nor failed: if the rest does not settle it, the visit "cannot tell"."""


def make_rules_page() -> str:
    """docs/rules.md: the label, response, flare, worsening, kidney failure, eGFR, features, units, and how to add."""
    default, book = Parameters(), load_rulebook()
    return make_page([
        MADE, "# Rules",
        "Source: `src/helpers/definitions/`. Each rule stands there once, as a named value with its source; the words "
        "on this page are made from it. Which rule is in force is a parameter (see [parameters](parameters.md)).",
        "## Difficult to treat", _dtt(default), "## Response at a visit",
        _READING.format(before=BASELINE_DAYS_BEFORE, after=BASELINE_DAYS_AFTER),
        *(_response(rule, default) for rule in book.response.values()), "## Renal flare",
        "Judged at a visit against the values at the last visit in complete response. Any one criterion is enough. "
        "Steps of haematuria are "
        f"the grades that end at {', '.join(map(str, HAEMATURIA_GRADES))} red cells per high-power field.",
        *(_flare(rule, default) for rule in book.flare.values()),
        "## Worsening creatinine", _worsening(default),
        "## Kidney failure", f"{describe_esrd(ESRD)} Source: {ESRD.source}.",
        "## Composite outcome", "The first of: " + ", ".join(label.lower() for label in COMPOSITE_PARTS.values()) + ".",
        "## Estimated glomerular filtration", _equations(default), "## Baseline features", _features(default),
        "## Classes", _classes(), "## Units", _units(), "## A rule of your own", _own_rule(book.response["dutch"]),
    ])  # fmt: skip


def _dtt(default: Parameters) -> str:
    words = describe_dtt(default.dtt_rule(), rulebook=load_rulebook())
    arms = make_bullets(f"**{label}** (`{name}`): {words[name]}" for name, label in ARM_LABELS.items() if name in words)
    rest = " ".join(text for name, text in words.items() if name not in ARM_LABELS)
    return (f"With the default parameters:\n\n{arms}\n\n{rest}\n\nSources: Hahn et al., Arthritis Care Res 2012;64:797;"
            " Bertsias et al., Ann Rheum Dis 2012;71:1771; the abstract.")


def _is_default(name: str, default: str) -> str:
    return ", the default" if name == default else ""


def _response(rule: ResponseRule, default: Parameters) -> str:
    words = describe_response(rule)
    note = f"\n\n{rule.note}" if rule.note else ""
    return (f"### {rule.label} (`{rule.name}`{_is_default(rule.name, default.response_rule)})\n\n"
            + make_bullets([f"Complete: {words['complete']}", f"Partial, where not complete: {words['partial']}"])
            + f"{note}\n\nSource: {rule.source}.")


def _flare(rule: FlareRule, default: Parameters) -> str:
    visits = f" It must show at {rule.visits} visits in a row." if rule.visits > 1 else ""
    note = f"\n\n{rule.note}{visits}" if rule.note or visits else ""
    return (f"### {rule.label} (`{rule.name}`{_is_default(rule.name, default.flare_rule)})\n\n"
            f"{make_bullets(describe_flare(rule))}{note}\n\nSource: {rule.source}.")


def _worsening(default: Parameters) -> str:
    return make_markdown_table(
        ["rule", "name", "in words", "source"],
        ([rule.label, f"`{rule.name}`{_is_default(rule.name, default.worsening_rule)}", describe_worsening(rule),
          rule.source] for rule in WORSENING_RULES.values()))  # fmt: skip


def _equations(default: Parameters) -> str:
    table = make_markdown_table(
        ["equation", "name", "formula (Scr in mg/dL)", "source"],
        ([rule.label, f"`{rule.name}`{_is_default(rule.name, default.egfr_equation)}", describe_equation(rule),
          rule.source] for rule in EGFR_EQUATIONS.values()))  # fmt: skip
    return f"{table}\n\nIn mL/min/1.73 m². No coefficient for ancestry is applied; a younger patient gets no value."


def _features(default: Parameters) -> str:
    cuts = make_bullets([
        f"Active urinary sediment: more than {ACTIVE_SEDIMENT.rbc_above:g} red cells, or more than "
        f"{ACTIVE_SEDIMENT.wbc_above:g} white cells per high-power field without infection, or red- or white-cell "
        f"casts. Source: {ACTIVE_SEDIMENT.source}.",
        f"Antiphospholipid test positive: lupus anticoagulant by its own result, anticardiolipin above "
        f"{APL_CUTS.acl_above:g} units/mL, anti-β2-glycoprotein I above {APL_CUTS.b2gpi_above:g} units/mL; persistent: "
        f"the same test positive again at least {APL_CUTS.persistence_days} days later. Source: {APL_CUTS.source}.",
        f"Hypertension: systolic pressure from {HYPERTENSION.systolic_from:g} or diastolic from "
        f"{HYPERTENSION.diastolic_from:g} mmHg, or treatment for it. Source: {HYPERTENSION.source}.",
        f"Leucopenia: leucocytes below {default.leucopenia_below:g} × 10⁹/L (`leucopenia_below`).",
        f"Low C3: below {default.low_c3_below_mg_dl:g} mg/dL (`low_c3_below_mg_dl`).",
        "Wire loops, interstitial inflammation, fibrinoid necrosis, crescents, glomerulosclerosis: NIH item above 0.",
    ])  # fmt: skip
    table = make_markdown_table(
        ["feature", "column", "associated in the abstract", "independent in the abstract"],
        ([one.label, f"`{one.name}`", "yes" if one.named_in_abstract else "no",
          "yes" if one.independent_in_abstract else "no"] for one in FEATURES.values()))  # fmt: skip
    return f"{cuts}\n\n{table}"


def _classes() -> str:
    groups = ", ".join(f"{label} as {group}" if label != group else label for label, group in CLASS_GROUPS.items())
    return f"Eligible ISN/RPS classes and how they count: {groups}. Other classes are on file and not in the study."


def _units() -> str:
    return make_bullets([
        f"Creatinine: 1 mg/dL is {UNITS['creatinine_umol_l_per_mg_dl']:g} µmol/L.",
        f"Protein-creatinine ratio: 1 g/g is {UNITS['upcr_mg_mmol_per_g_g']:g} mg/mmol.",
    ])  # fmt: skip


def _own_rule(like: ResponseRule) -> str:
    example = {"response_rules": [{**_plain(asdict(like)), "name": "our_clinic", "label": "Our clinic",
                                   "source": "clinic protocol", "note": ""}]}  # fmt: skip
    text = yaml.safe_dump(example, sort_keys=False, allow_unicode=True)
    return ("Put rules into a YAML file under `response_rules`, `flare_rules` or `worsening_rules`, give the file as "
            "`rules_file` and the rule's name as `response_rule`, `flare_rule` or `worsening_rule`. The fields are "
            "those of the dataclasses in `src/helpers/definitions/`; a field that does not exist is refused. For "
            f"example:\n\n```yaml\n{text}```")


def _plain(value: Any) -> Any:
    """Tuples as lists, all the way down: YAML has no tuples."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
