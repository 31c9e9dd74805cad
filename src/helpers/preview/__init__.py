"""What a change of parameters would touch, computed in process: nothing is run and nothing is written."""

from helpers.preview.preview import (
    Preview,
    make_preview,
)
from helpers.preview.words import (
    describe_preview,
)

__all__ = [
    "Preview",
    "describe_preview",
    "make_preview",
]
