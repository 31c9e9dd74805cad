"""The rules in force: those of this package, and those that a user's YAML file adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from helpers.definitions.flare_rules import FLARE_RULES, FlareRule
from helpers.definitions.outcome_rules import WORSENING_RULES, WorseningRule
from helpers.definitions.response_rules import RESPONSE_RULES, ResponseCriteria, ResponseRule, UpcrLimit


class RuleError(ValueError):
    """A rule file or a rule name that cannot be used; the message says which and what to do."""


def nearest_name(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known name, or lists them all when nothing is near.

    >>> nearest_name("kdigo_2021", ["kdigo_2012", "acr_2006"])
    'did you mean kdigo_2012?'
    """
    names = list(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(names)}"


@dataclass(frozen=True)
class Rulebook:
    """All response, flare and worsening rules by name."""

    response: Mapping[str, ResponseRule]
    flare: Mapping[str, FlareRule]
    worsening: Mapping[str, WorseningRule]

    def response_rule(self, name: str) -> ResponseRule:
        """The response rule of that name."""
        return _pick(self.response, name, kind="response rule")

    def with_complete_upcr(self, name: str, below: float) -> Rulebook:
        """The same book, in which the response rule of that name calls complete what lies below this UPCR (g/g).

        Its label says so. Nothing changes where the rule has that limit already. Raises RuleError for an unknown name.
        """
        rule, limit = self.response_rule(name), UpcrLimit(below)
        if rule.complete.upcr == limit:
            return self
        moved = replace(rule, label=f"{rule.label}, complete below {below:g} g/g",
                        complete=replace(rule.complete, upcr=limit))
        return replace(self, response={**self.response, name: moved})

    def flare_rule(self, name: str) -> FlareRule:
        """The flare rule of that name."""
        return _pick(self.flare, name, kind="flare rule")

    def worsening_rule(self, name: str) -> WorseningRule:
        """The worsening-creatinine rule of that name."""
        return _pick(self.worsening, name, kind="worsening rule")


_Rule = TypeVar("_Rule", ResponseRule, FlareRule, WorseningRule)
_KINDS: dict[str, TypeAdapter[Any]] = {
    "response_rules": TypeAdapter(ResponseRule),
    "flare_rules": TypeAdapter(FlareRule),
    "worsening_rules": TypeAdapter(WorseningRule),
}


def _pick(rules: Mapping[str, _Rule], name: str, *, kind: str) -> _Rule:
    if name not in rules:
        raise RuleError(f"There is no {kind} called {name}: {nearest_name(name, rules)}")
    return rules[name]


def load_rulebook(path: str | Path = "") -> Rulebook:
    """The shipped rules, with those of a YAML file added.

    The file holds lists under `response_rules`, `flare_rules` and `worsening_rules`; each item has the fields
    of the rule's dataclass. A rule may not take the name of a shipped one. Raises RuleError for a missing
    file, an unknown section, a field that does not fit, or a name that is taken.

    >>> "eular_era_edta_2012" in load_rulebook().response
    True
    """
    added = _read_added(Path(path)) if str(path) else {}
    shipped = {"response_rules": RESPONSE_RULES, "flare_rules": FLARE_RULES, "worsening_rules": WORSENING_RULES}
    for section, rules in added.items():
        for name in rules:
            if name in shipped[section]:
                raise RuleError(f"{path}: {section} has a rule called {name}, which is a shipped rule: rename yours")
    return Rulebook(
        response={**RESPONSE_RULES, **added.get("response_rules", {})},
        flare={**FLARE_RULES, **added.get("flare_rules", {})},
        worsening={**WORSENING_RULES, **added.get("worsening_rules", {})},
    )


def _read_added(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise RuleError(f"The rule file {path} does not exist: check rules_file") from None
    except OSError as problem:
        raise RuleError(f"The rule file {path} cannot be read: {problem.strerror}: check rules_file") from None
    except (UnicodeDecodeError, yaml.YAMLError) as problem:
        raise RuleError(f"The rule file {path} is not readable YAML: {str(problem).splitlines()[0]}") from None
    if not isinstance(content, dict):
        raise RuleError(f"The rule file {path} must hold sections: {', '.join(_KINDS)}")
    return {section: _rules_of(path, section, items) for section, items in content.items()}


def _rules_of(path: Path, section: str, items: object) -> dict[str, Any]:
    if section not in _KINDS:
        raise RuleError(f"{path}: unknown section {section}: {nearest_name(section, _KINDS)}")
    if not isinstance(items, list):
        raise RuleError(f"{path}: {section} must be a list of rules")
    rules: dict[str, Any] = {}
    for number, item in enumerate(items, start=1):
        try:
            rule = _KINDS[section].validate_python(item)
        except ValidationError as problem:
            first = problem.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "rule"
            raise RuleError(f"{path}: {section}, rule {number}, {where}: {first['msg']}") from None
        if isinstance(rule, ResponseRule) and ResponseCriteria() in (rule.complete, rule.partial):
            raise RuleError(f"{path}: {section}, rule {number}: complete and partial must each ask for something")
        if rule.name in rules:
            raise RuleError(f"{path}: {section}, rule {number}: the name {rule.name} is used twice")
        rules[rule.name] = rule
    return rules
