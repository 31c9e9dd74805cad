"""The look that all figures share: style, colours, and how a figure becomes bytes that do not change."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from importlib import resources
from types import MappingProxyType

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from helpers.definitions import GROUP_LABELS as GROUP_LABELS

GROUP_COLOURS = MappingProxyType({"dtt": "#b5452c", "other": "#2f6690", "all": "#52606d", "cannot tell": "#9aa5b1"})
"""Difficult to treat against the others, everywhere; told apart in grey print and with colour-blind eyes."""

STATE_COLOURS = MappingProxyType({
    "complete": "#1b6e53", "partial": "#7fc8a9", "none": "#e3b04b", "active": "#e3b04b", "flare": "#d9772b",
    "esrd": "#7a3e9d", "death": "#2b2f36", "dead": "#2b2f36", "worsening_creatinine": "#c2453d",
    "lost": "#d5dae0", "not seen": "#d5dae0", "cannot tell": "#d5dae0", "censored": "#9aa5b1",
})  # fmt: skip
"""Responses, states and outcomes, everywhere."""

STATE_LABELS = MappingProxyType({
    "complete": "Complete response", "partial": "Partial response", "none": "No response", "active": "Active",
    "flare": "Flare", "esrd": "Kidney failure", "death": "Death", "dead": "Dead",
    "worsening_creatinine": "Worsening creatinine", "lost": "Lost to follow-up", "not seen": "Not seen",
    "cannot tell": "Cannot tell", "censored": "Follow-up ended",
})  # fmt: skip


def house_style() -> AbstractContextManager[None]:
    """A context in which figures are drawn in the house style: `with house_style(): ...`."""
    with resources.as_file(resources.files("helpers") / "house.mplstyle") as path:
        style = mpl.rc_params_from_file(path, use_default_template=False)
    context: AbstractContextManager[None] = plt.rc_context(style)
    return context


def make_svg(figure: Figure) -> str:
    """The figure as SVG text; the same figure gives the same text, with no date in it."""
    buffer = io.StringIO()
    with house_style():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def make_png(figure: Figure) -> bytes:
    """The figure as PNG bytes; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    with house_style():
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
