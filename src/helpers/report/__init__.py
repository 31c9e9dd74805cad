"""The report of a run: one page that needs no network, made from the files of the run's folder."""

from helpers.report.frame import make_policy, print_banner
from helpers.report.page import (
    list_settings,
    read_ahead,
    write_page,
)

__all__ = [
    "list_settings",
    "make_policy",
    "print_banner",
    "read_ahead",
    "write_page",
]
