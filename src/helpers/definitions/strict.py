"""Validation of rules from a user's YAML file: unknown fields, empty words and senseless numbers are refused."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field

STRICT: Final = ConfigDict(extra="forbid")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A rule's name: small letters, digits and underscores, so that it can stand in a parameter and in an id."""

Words = Annotated[str, Field(min_length=1, pattern=r"\S")]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(gt=0, le=1)]
