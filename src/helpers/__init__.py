"""Helpers of the difficult-to-treat lupus nephritis compendium: one module, one idea."""

__version__ = "0.2.0"
