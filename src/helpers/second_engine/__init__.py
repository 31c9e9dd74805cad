"""Every headline number a second time, by another path: what both engines say, and whether they agree.

No module here imports the packages whose numbers it checks; that independence is the point, and import-linter holds it.
"""

from helpers.second_engine.check import (
    Check,
    Engines,
    compare_engines,
    label_crosscheck,
    tabulate_checks,
)

__all__ = ["Check", "Engines", "compare_engines", "label_crosscheck", "tabulate_checks"]
