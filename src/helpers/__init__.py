"""Helpers of the difficult-to-treat lupus nephritis compendium: one module, one idea."""

__version__ = "0.1.0"
