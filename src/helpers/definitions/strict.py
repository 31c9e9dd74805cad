"""How rules read from a user's YAML file are validated: a field that the rule does not have is refused."""

from typing import Final

from pydantic import ConfigDict

STRICT: Final = ConfigDict(extra="forbid")
