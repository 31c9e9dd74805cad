"""Lists for the command line: parameters and rules, in words, made from the objects themselves."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from helpers.definitions import ResponseRule, Rulebook
from helpers.parameters import describe_parameters
from helpers.rules_in_words import describe_flare, describe_response, describe_worsening
from helpers.scenarios import Scenario, load_scenarios

WIDTH = 100


def show_value(value: Any) -> str:
    """A value as it is written after `-p name=`.

    >>> show_value(True), show_value([2.0, 4.0]), show_value(""), show_value(24.0)
    ('true', '[2, 4]', "''", '24')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(show_value(item) for item in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value) or "''"


def describe_parameters_briefly() -> str:
    """Every parameter with range, default and meaning, as the end of `run --help`."""
    entries = [f"  {facts['name']}\n" + _paragraph(_in_words(facts))
               for facts in describe_parameters() if not facts["name"].endswith("_dir")]  # fmt: skip
    return "parameters:\n" + "\n".join(entries)


def describe_parameters_fully() -> str:
    """The same with source and the notebooks that use each."""
    return "\n\n".join(
        f"{facts['name']}\n"
        + _paragraph(f"{_in_words(facts)} Source: {facts['source']}. Used by: {', '.join(facts['notebooks'])}.")
        for facts in describe_parameters()
    )


def _in_words(facts: Mapping[str, Any]) -> str:
    return f"{facts['meaning']}; {facts['range']}. Default: {show_value(facts['default'])}."


def describe_scenarios() -> str:
    """Every scenario with its meaning, what it sets and its source, as the end of `run --help` and as a list."""
    return "scenarios:\n" + "\n".join(
        f"  {name}\n" + _paragraph(f"{one.meaning} Sets {_settings(one)}. Source: {one.source}.")
        for name, one in load_scenarios().items())  # fmt: skip


def _settings(scenario: Scenario) -> str:
    return ", ".join(f"{name}={show_value(value)}" for name, value in scenario.values.items())


def describe_rules(book: Rulebook) -> str:
    """Every rule by name with its label, what it asks for, and its source."""
    kinds = (
        ("response_rule", book.response, _response),
        ("flare_rule", book.flare, lambda rule: f"Any one of: {' '.join(describe_flare(rule))}"),
        ("worsening_rule", book.worsening, describe_worsening),
    )
    return "\n\n".join(f"{kind}:\n" + "\n".join(_rules(rules, words)) for kind, rules, words in kinds)


def _response(rule: ResponseRule) -> str:
    words = describe_response(rule)
    return f"Complete: {words['complete']} Partial: {words['partial']}"


def _rules(rules: Mapping[str, Any], words: Callable[[Any], str]) -> Iterable[str]:
    for name, rule in rules.items():
        yield f"  {name}\n" + _paragraph(f"{rule.label}. {words(rule)} Source: {rule.source}")


def _paragraph(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="      ", subsequent_indent="      ")
