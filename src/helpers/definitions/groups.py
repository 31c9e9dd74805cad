"""The groups that the study compares, and the words for them."""

from __future__ import annotations

from types import MappingProxyType

GROUP_LABELS = MappingProxyType({"dtt": "Difficult to treat", "other": "Others", "all": "All patients"})
"""A patient whose label cannot be told belongs to neither group; "all" is everybody who is counted."""
