"""The look that all figures share: style, colours, and how a figure becomes bytes that do not change."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import matplotlib as mpl
import matplotlib.style
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

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


@contextmanager
def house_style() -> Iterator[None]:
    """A context in which figures are drawn in the house style, whatever the user's own settings are."""
    with (resources.as_file(resources.files("helpers") / "house.mplstyle") as path,
          mpl.style.context(path, after_reset=True)):  # fmt: skip
        yield


_PNG_EFFORT = 3
"""Of 9: an eighth larger than with matplotlib's 6, and packed a third sooner."""

_boxes: WeakKeyDictionary[Figure, Bbox] = WeakKeyDictionary()


def make_svg(figure: Figure) -> str:
    """The figure as SVG text; the same figure gives the same text, with no date in it."""
    buffer = io.StringIO()
    _save(figure, buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def make_png(figure: Figure) -> bytes:
    """The figure as PNG bytes; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    _save(figure, buffer, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": _PNG_EFFORT})
    return buffer.getvalue()


def _save(figure: Figure, buffer: io.StringIO | io.BytesIO, **how: Any) -> None:
    """Write the figure, its parts put in place once for all files: laying out anew is most of what a figure costs."""
    with house_style():
        box = _settle(figure)
        with mpl.rc_context({"figure.constrained_layout.use": False}):  # else saving would ask for a layout again
            figure.set_layout_engine(None)
            figure.savefig(buffer, bbox_inches=box, **how)


def _settle(figure: Figure) -> Bbox:
    """Lay the figure out, and return the part of the page that it fills."""
    if figure not in _boxes:
        engine = figure.get_layout_engine()
        if engine is None:
            figure.draw_without_rendering()
        else:
            engine.execute(figure)  # what drawing would begin with; the rest of it changes nothing
        _boxes[figure] = figure.get_tightbbox().padded(float(mpl.rcParams["savefig.pad_inches"]))
    return _boxes[figure]
