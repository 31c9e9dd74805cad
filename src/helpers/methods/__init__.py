"""The methods of the compendium: what each answers, assumes and was checked by."""

from helpers.methods.method import Method

__all__ = ["Method"]
