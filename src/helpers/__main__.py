"""`python -m helpers`: the command line of the study."""

import gc
import sys

from helpers.cli import main

if __name__ == "__main__":
    code = main()
    gc.disable()  # the system takes back all there is: to go through it for garbage first takes a third of a second
    gc.freeze()
    sys.exit(code)
