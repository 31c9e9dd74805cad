"""The documentation pages that are made, not written: data dictionary, rules and parameters."""

from helpers.documentation.pages import (
    PAGES,
    check_docs,
    make_dictionary_page,
    make_parameters_page,
    write_docs,
)
from helpers.documentation.rules import make_rules_page

__all__ = [
    "PAGES",
    "check_docs",
    "make_dictionary_page",
    "make_parameters_page",
    "make_rules_page",
    "write_docs",
]
