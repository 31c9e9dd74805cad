"""A grid from its YAML file: every mistake is one message that names the file, the place and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from helpers.definitions import nearest_name
from helpers.multiverse.checks import GridError, check_grid
from helpers.multiverse.grid import ANALYSES, Block, Constraint, Decision, Grid, Option
from helpers.parameters import ParameterError

SHIPPED = Path(__file__).parents[1] / "multiverse.yml"

_NAME = r"^[a-z][a-z0-9_]*$"
_SHAPE = ConfigDict(extra="forbid", strict=True)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_Names = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]


class _Option(BaseModel):
    model_config = _SHAPE
    label: str = Field(min_length=1)
    source: str = Field(min_length=1)
    values: dict[str, Any] = {}
    reads: str = ""


class _Decision(BaseModel):
    model_config = _SHAPE
    label: str = Field(min_length=1)
    question: str = Field(min_length=1)
    options: dict[Annotated[str, Field(pattern=_NAME)], _Option] = Field(min_length=1)


class _Constraint(BaseModel):
    model_config = _SHAPE
    when: dict[str, _Names] = Field(min_length=1)
    allow: dict[str, _Names] = Field(min_length=1)
    why: str = Field(min_length=1)


class _File(BaseModel):
    model_config = _SHAPE
    everywhere: dict[str, Any] = {}
    definition: dict[Annotated[str, Field(pattern=_NAME)], _Decision] = {}
    analysis: dict[str, _Decision] = {}
    constraints: list[_Constraint] = []


def read_grid(path: str | Path | None = None) -> Grid:
    """The grid of a YAML file; the shipped one without a file.

    Raises ParameterError for a file that cannot be read, and for each of what `parse_grid` refuses.

    >>> read_grid().list_definitions()[0]
    '0000000'
    """
    file = SHIPPED if path is None else Path(path)
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ParameterError(f"The grid {file} does not exist: name a YAML file, such as a copy of {SHIPPED}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise ParameterError(f"The grid {file} is not readable YAML: {' '.join(str(problem).split())}") from None
    return parse_grid(content, name=str(path or SHIPPED.name))


def parse_grid(content: Any, *, name: str) -> Grid:
    """The grid that a file's content describes, checked; `name` is that of the file.

    An analysis decision that is left out has the study's own option only. Raises ParameterError for anything unknown,
    out of range or missing, for options or decisions that say the same thing, for constraints that tie the two
    blocks together or keep out the study itself, and for a first option that is not the study's.
    """
    try:
        if not isinstance(content, dict) or not content:
            raise GridError("the whole file", "there is nothing in it: give it a definition: or an analysis: section")
        file = _check_shape(content)
        given = [_make_decision(one, file.analysis[one], block="analysis") for one in file.analysis]
        known = {decision.name: decision for decision in given}
        analysis = tuple(known[one] if one in known else _take_own(one) for one in ANALYSES)
        definition = [_make_decision(one, file.definition[one], block="definition") for one in file.definition]
        constraints = tuple(Constraint(_freeze(one.when), _freeze(one.allow), one.why) for one in file.constraints)
        grid = Grid((*definition, *analysis), constraints, file.everywhere)
        check_grid(grid)
    except GridError as problem:
        raise ParameterError(f"Grid {name}, {problem.place}: {problem}") from None
    return grid


def _freeze(ties: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(options) for name, options in ties.items()}


def _check_shape(content: Mapping[Any, Any]) -> _File:
    try:
        file = _File.model_validate(content)
    except ValidationError as wrong:
        error = wrong.errors()[0]
        place = [str(part + 1 if isinstance(part, int) else part) for part in error["loc"] if part != "[key]"]
        raise GridError(" > ".join(place), _explain(error, place=place)) from None
    for one in file.analysis:
        if one not in ANALYSES:
            raise GridError(f"analysis > {one}", "there is no such decision after the label: "
                            f"{nearest_name(one, ANALYSES)}")  # fmt: skip
    return file


def _explain(error: Any, *, place: list[str]) -> str:
    if error["type"] == "extra_forbidden":
        return f"nothing of that name can stand here: {nearest_name(place[-1], _list_fields(place))}"
    if error["type"] == "missing":
        return "this is missing: add it"
    if error["type"] == "string_pattern_mismatch":
        return "a name has small letters, digits and underscores, and begins with a letter"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]} (given: {error['input']!r})"


def _list_fields(place: list[str]) -> Iterable[str]:
    shapes = {1: _File, 3: _Constraint if place[0] == "constraints" else _Decision, 5: _Option}
    return shapes[len(place)].model_fields


def _make_decision(name: str, found: _Decision, *, block: Block) -> Decision:
    options = tuple(Option(key, one.label, one.source, one.values, one.reads) for key, one in found.options.items())
    return Decision(name, found.label, found.question, block, options)


def _take_own(name: str) -> Decision:
    """An analysis decision as the shipped grid has it, with the study's own option alone."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    shipped = _make_decision(name, _Decision.model_validate(content["analysis"][name]), block="analysis")
    return Decision(name, shipped.label, shipped.question, shipped.block, shipped.options[:1])
