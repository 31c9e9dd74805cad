"""Imported first by the process that notebooks are forked from, and by nothing else: what it goes without.

Not imported are packages that others import where they are installed and that no notebook uses: the debugger of
ipykernel (every notebook would load it anew) and the made-up tables of pandera. A kernel without them is there sooner.
"""

import atexit
import gc
import os
import sys

UNUSED = ("debugpy", "hypothesis")

gc.disable()  # imports make no garbage worth looking for; each notebook looks for its own again

for name in UNUSED:
    sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # whoever tries finds it not installed

atexit.register(os._exit, 0)  # registered first, so called last: what is left then is tidying up, which takes longest
