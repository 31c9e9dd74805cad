"""The look that all figures share: style, colours, and how a figure becomes bytes that do not change."""

from helpers.figures.style import (
    GROUP_COLOURS,
    GROUP_LABELS,
    STATE_COLOURS,
    STATE_LABELS,
    house_style,
    make_png,
    make_svg,
)

__all__ = [
    "GROUP_COLOURS",
    "GROUP_LABELS",
    "STATE_COLOURS",
    "STATE_LABELS",
    "house_style",
    "make_png",
    "make_svg",
]
