"""Imported first by the process that notebooks are forked from: what it goes without. In any other it does nothing.

Not imported are packages that others import where they are installed and that no notebook uses: the debugger of
ipykernel (every notebook would load it anew) and the made-up tables of pandera. A kernel without them is there sooner.
"""

import atexit
import gc
import os
import sys

IS_MOTHER = "COMPENDIUM_IS_MOTHER"
"""Set in the environment of that process alone."""

UNUSED = ("debugpy", "hypothesis")


def go_without() -> None:
    """Hide what no notebook uses, look for no garbage, and end at once when told to."""
    gc.disable()  # imports make no garbage worth looking for; each notebook looks for its own again
    for name in UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # whoever tries finds it not installed
    atexit.register(os._exit, 0)  # registered first, so called last: what is left then is tidying up, and takes longest


if os.environ.pop(IS_MOTHER, ""):
    go_without()
