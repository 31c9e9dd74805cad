"""Helpers of the difficult-to-treat lupus nephritis compendium: one module, one idea."""
