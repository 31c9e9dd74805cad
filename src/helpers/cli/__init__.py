"""The command line: `python -m helpers run|check|simulate|data|notebooks|docs|parameters|rules`."""

from helpers.cli.entry import (
    main,
)

__all__ = [
    "main",
]
