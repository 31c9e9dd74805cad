"""The one contract of everything a run can vary: name, type, unit, range, default, meaning, source, notebooks.

The parameters cells of the notebooks, the command line's help, the table in the report and docs/parameters.md
are all held to this class by tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from helpers.definitions import ARMS, FEATURES, DttRule, Rulebook, Window, load_rulebook, nearest_name
from helpers.project import from_project

ALL = ("01_cohort", "02_dtt_labelling", "03_predictors", "04_survival", "05_response_over_time")
"""The notebooks, in the order in which they run."""

_NAMED = [feature.name for feature in FEATURES.values() if feature.named_in_abstract]
_ABSTRACT = "the abstract"
_OURS = "choice of this compendium; the abstract does not say"


class ParameterError(ValueError):
    """A parameter that is unknown, of the wrong type or out of range; the message says what to do."""


def _parameter(default: Any, meaning: str, *, unit: str = "", source: str = _OURS,
               notebooks: tuple[str, ...], **limits: Any) -> Any:
    extra: dict[str, Any] = {"unit": unit, "source": source, "notebooks": list(notebooks)}
    return Field(default=default, description=meaning, json_schema_extra=extra, **limits)


class Parameters(BaseModel):
    """All parameters of a run, validated and frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    data_dir: str = _parameter("data/raw", "folder of the raw tables", notebooks=ALL)
    derived_dir: str = _parameter("data/derived/interactive", "folder that the notebooks write to", notebooks=ALL)
    rules_file: str = _parameter(
        "", "YAML file with rules of your own; empty for the shipped rules only", notebooks=ALL[1:])

    study_start: str = _parameter("2004-01-01", "first day on which an index biopsy counts", unit="date",
                                  source=_ABSTRACT, notebooks=ALL[:1])
    study_end: str = _parameter("2022-12-31", "last day on which an index biopsy counts", unit="date",
                                source=_ABSTRACT, notebooks=ALL[:1])
    minimum_followup_months: float = _parameter(
        24.0, "least follow-up after time zero", unit="months", source=_ABSTRACT, notebooks=(ALL[0], ALL[3]),
        ge=0, le=120)
    require_complete_records: bool = _parameter(
        True, "leave out patients without the assessments that response needs", source=_ABSTRACT, notebooks=ALL[:1])
    time_zero: Literal["induction_start", "biopsy"] = _parameter(
        "induction_start", "the day from which months are counted", notebooks=ALL[:1])
    egfr_equation: Literal["ckd_epi_2021", "ckd_epi_2009"] = _parameter(
        "ckd_epi_2021", "equation for estimated glomerular filtration", notebooks=ALL[:1])
    leucopenia_below: float = _parameter(
        4.0, "a leucocyte count below this is leucopenia (3.0 is the SLEDAI-2K item)", unit="10⁹/L",
        source="SLICC 2012 and EULAR/ACR 2019", notebooks=ALL[:1], ge=2, le=5)
    apl_rule: Literal["any_single", "persistent"] = _parameter(
        "any_single", "any positive antiphospholipid test, or the same test positive again 12 weeks later",
        source="the abstract says any; persistence: Miyakis 2006", notebooks=ALL[:1])
    low_c3_below_mg_dl: float = _parameter(
        90.0, "C3 below this is low (the laboratory's lower limit)", unit="mg/dL",
        source="usual laboratory limit", notebooks=ALL[:1], ge=40, le=130)

    response_rule: str = _parameter(
        "eular_era_edta_2012", "rule for complete and partial response", source=_ABSTRACT,
        notebooks=(ALL[1], ALL[4]))
    complete_response_upcr: float = _parameter(
        0.0, "proteinuria below which a response is complete, whatever the rule says (0: what the rule says)",
        unit="g/g", source="guidelines print 0.2, 0.5 and 0.5 to 0.7", notebooks=(ALL[1], ALL[4]), ge=0, le=3)
    flare_rule: str = _parameter("kdigo_2012_moderate", "rule for renal flare", notebooks=(ALL[1], ALL[4]))
    dtt_arms: list[str] = _parameter(
        list(ARMS), "the arms of the label that are switched on", source=_ABSTRACT, notebooks=ALL[1:2])
    worsening_window: list[float] = _parameter(
        [2.0, 4.0], "first and last month of the 3-month visit", unit="months", notebooks=ALL[1:2])
    failure_window: list[float] = _parameter(
        [5.0, 8.0], "first and last month of the 6-month visit", unit="months", notebooks=ALL[1:2])
    response_deadline_months: float = _parameter(
        12.0, "month by which a response must have been seen", unit="months",
        source="EULAR/ERA-EDTA 2012: by 6, no later than 12 months", notebooks=ALL[1:2], ge=3, le=36)
    flare_window_months: float = _parameter(
        24.0, "an early flare comes within this time", unit="months", source=_ABSTRACT, notebooks=ALL[1:2],
        ge=3, le=60)
    flare_clock: Literal["induction_start", "complete_response"] = _parameter(
        "induction_start", "where the clock of the early flare starts (the abstract: months of therapy)",
        source=_ABSTRACT, notebooks=ALL[1:2])
    confirmation_visits: int = _parameter(
        1, "visits in a row that must show a finding", unit="visits", notebooks=ALL[1:2], ge=1, le=2)
    missing_window: Literal["later_response_settles", "cannot_tell", "counts_as_failure"] = _parameter(
        "later_response_settles", "what an arm says that has no visit in its window", notebooks=ALL[1:2])

    covariates: list[str] = _parameter(
        list(_NAMED), "features of the multivariable model", source=_ABSTRACT, notebooks=ALL[2:3])
    bootstrap_samples: int = _parameter(
        500, "bootstrap samples, wherever patients are drawn again", unit="samples", notebooks=ALL[2:], ge=20, le=10000)
    imputations: int = _parameter(
        0, "completed data sets of multiple imputation (0: the percentage of incomplete patients, at least 20)",
        unit="data sets", source="at least the percentage of incomplete cases: White, Royston and Wood 2011",
        notebooks=ALL[2:4], ge=0, le=500)
    label_noise_sd: float = _parameter(
        0.67, "residual standard deviation of log UPCR about a line of each patient's own, as published: a bound "
        "on the noise in the label",
        unit="log units", source="mixed model of the ACCESS trial data", notebooks=ALL[1:2], ge=0, le=2)
    noise_samples: int = _parameter(
        200, "noisy copies of the visits that are labelled again", unit="copies", notebooks=ALL[1:2], ge=20, le=5000)
    seed: int = _parameter(20220101, "seed of every random draw of the analysis", notebooks=ALL[1:], ge=0)

    worsening_rule: str = _parameter(
        "confirmed_doubling", "rule for worsening creatinine in the composite outcome", notebooks=ALL[3:4])
    landmark_months: float = _parameter(
        24.0, "month at which the landmark analysis starts", unit="months", notebooks=ALL[3:4], ge=3, le=60)

    @field_validator("study_start", "study_end")
    @classmethod
    def _is_a_day(cls, value: str) -> str:
        try:
            if date.fromisoformat(value).isoformat() == value:  # 2010-W01-1 and 20100104 are read, too
                return value
        except ValueError:
            pass
        raise ValueError(f"{value!r} is not a date: write it as YYYY-MM-DD")

    @field_validator("dtt_arms", "covariates")
    @classmethod
    def _are_known(cls, values: list[str], info: Any) -> list[str]:
        known = ARMS if info.field_name == "dtt_arms" else tuple(FEATURES)
        for value in values:
            if value not in known:
                raise ValueError(f"{value!r} is not known: {nearest_name(str(value), known)}")
        if not values or len(set(values)) < len(values):
            raise ValueError("name at least one, and none twice")
        return values

    @field_validator("worsening_window", "failure_window")
    @classmethod
    def _is_a_window(cls, values: list[float]) -> list[float]:
        if len(values) != 2 or not 0 < values[0] < values[1] <= 36:
            raise ValueError("a window is two months, first and last, above 0 and at most 36, like [2.0, 4.0]")
        return values

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Parameters:
        if self.study_start >= self.study_end:
            raise ValueError(f"study_start {self.study_start} must lie before study_end {self.study_end}")
        return self

    def dtt_rule(self) -> DttRule:
        """The label rule that these parameters describe; the window targets are months 3 and 6 where the
        window holds them, otherwise the window's middle."""
        return DttRule(
            response_rule=self.response_rule, flare_rule=self.flare_rule,
            arms=tuple(arm for arm in ARMS if arm in self.dtt_arms),
            worsening_window=_window(3.0, self.worsening_window), failure_window=_window(6.0, self.failure_window),
            deadline_months=self.response_deadline_months, flare_window_months=self.flare_window_months,
            flare_clock=self.flare_clock, confirmation_visits=self.confirmation_visits,
            missing_window=self.missing_window,
        )  # fmt: skip

    def rulebook(self) -> Rulebook:
        """The rules in force: those shipped and of `rules_file`, the response rule with the limit asked for.

        Raises RuleError for a file that cannot be used, and for an unknown response rule whose limit is to change.
        """
        book = load_rulebook(from_project(self.rules_file) if self.rules_file else "")
        limit = self.complete_response_upcr
        return book.with_complete_upcr(self.response_rule, limit) if limit else book

    def used_by(self, notebook: str) -> dict[str, Any]:
        """The parameters that one notebook reads, by name, in the order of the contract."""
        return {name: getattr(self, name) for name in names_used_by(notebook)}

    def changed(self) -> dict[str, Any]:
        """The parameters that differ from their default, folders left out."""
        return {
            name: getattr(self, name) for name, field in type(self).model_fields.items()
            if not name.endswith("_dir") and getattr(self, name) != field.get_default(call_default_factory=True)
        }  # fmt: skip


def _window(target: float, ends: list[float]) -> Window:
    start, end = ends
    return Window(target if start <= target <= end else (start + end) / 2, start, end)


def names_used_by(notebook: str) -> list[str]:
    """The names of the parameters that a notebook reads, in the order of the contract.

    >>> names_used_by("04_survival")[-2:]
    ['worsening_rule', 'landmark_months']
    """
    return [name for name, field in Parameters.model_fields.items() if notebook in _extra(field)["notebooks"]]


def check_parameters(values: Mapping[str, Any]) -> Parameters:
    """The validated parameters, defaults filled in.

    Raises ParameterError, with every problem on its own line, for a name that is not known (the nearest known
    one is offered), a value of the wrong type, and a value out of range.

    >>> check_parameters({"landmark_months": 12.0}).landmark_months
    12.0
    """
    unknown = [name for name in values if name not in Parameters.model_fields]
    if unknown:
        raise ParameterError("\n".join(
            f"There is no parameter {name}: {nearest_name(name, Parameters.model_fields)}" for name in unknown))
    try:
        return Parameters(**{name: _as_float(name, value) for name, value in values.items()})
    except ValidationError as problem:
        raise ParameterError("\n".join(_sentence(error) for error in problem.errors())) from None


def _as_float(name: str, value: Any) -> Any:
    """A whole number is a fine value for a parameter that is a number; true and false are not."""
    wanted = Parameters.model_fields[name].annotation
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if wanted == list[float] and isinstance(value, list):
        return [float(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in value]
    return value


def _sentence(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    message: str = error["msg"].removeprefix("Value error, ")
    if not where:
        return message
    field = Parameters.model_fields[str(error["loc"][0])]
    return f"Parameter {where}: {message} (given: {error['input']!r}; {describe_range(field)})"


def describe_range(field: FieldInfo) -> str:
    """The values that a parameter accepts, in words.

    >>> describe_range(Parameters.model_fields["landmark_months"])
    'a number from 3 to 60 months'
    """
    kind = field.annotation
    unit = f" {_extra(field)['unit']}" if _extra(field)["unit"] not in ("", "date") else ""
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(kind))
    if _extra(field)["unit"] == "date":
        return "a date, YYYY-MM-DD"
    words: str = {bool: "true or false", int: "a whole number", float: "a number", str: "a text",
             list[str]: "a list of names", list[float]: "two numbers, in"}[kind]  # type: ignore[index]
    limits = {type(limit).__name__: limit for limit in field.metadata}
    low, high = getattr(limits.get("Ge"), "ge", None), getattr(limits.get("Le"), "le", None)
    span = f" from {low:g}" if low is not None else ""
    return words + span + (f" to {high:g}" if high is not None else "") + (f" (in {unit[1:]})" if "/" in unit else unit)


def _extra(field: FieldInfo) -> dict[str, Any]:
    return dict(field.json_schema_extra)  # type: ignore[arg-type]


def describe_parameters() -> list[dict[str, Any]]:
    """One record per parameter: name, range, default, unit, meaning, source, notebooks (for help, report, docs)."""
    return [
        {"name": name, "range": describe_range(field), "default": field.default, "meaning": field.description,
         **_extra(field)}
        for name, field in Parameters.model_fields.items()
    ]  # fmt: skip
