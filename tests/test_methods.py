"""What the appendix says of each method can be said: its numbers are in the ledger, its versions golden."""

import json
import re
from pathlib import Path

import pytest

from helpers.methods import METHODS

GOLDEN = Path(__file__).parent / "golden"
CITED = re.compile(r"\{([^{}:]+)(?::\w+)?\}")
PACKAGE = re.compile(r"\b(survival|cmprsk|brglm2|pROC|rms|mice|etm) (\d[\d.-]*\d)")


@pytest.mark.slow
def test_every_number_that_a_method_cites_is_in_the_ledger_of_a_default_run(real_run):
    entries = json.loads((real_run.folder / "results.json").read_text(encoding="utf-8"))["entries"]
    known = {entry["id"] for entry in entries}
    cited = {(method.id, id) for method in METHODS for text in (method.result, method.check)
             for id in CITED.findall(text)}  # fmt: skip
    assert len(cited) > len(METHODS)
    assert sorted(pair for pair in cited if pair[1] not in known) == []


def test_versions_of_r_and_its_packages_are_those_of_the_golden_files():
    made_with = "\n".join(path.read_text(encoding="utf-8")[:400] for path in sorted(GOLDEN.iterdir())
                          if path.suffix in (".json", ".csv"))  # fmt: skip
    for method in METHODS:
        for name, version in PACKAGE.findall(method.verified):
            dotted = version.replace("-", ".")
            assert re.search(rf"{name}\W+{re.escape(dotted)}", made_with), (method.id, name, version)
        for version in re.findall(r"\bR (\d[\d.]*\d)", method.verified):
            assert f"R version {version}" in made_with, (method.id, version)


def test_headline_methods_have_a_check_of_their_own_in_the_second_engine():
    source = "\n".join(path.read_text(encoding="utf-8")
                       for path in (Path(__file__).parents[1] / "src/helpers/second_engine").glob("*.py"))  # fmt: skip
    stems = {"fine_gray": "subdistribution", "gray": ".gray.p", "sequential_stratification": "second_induction",
             "adjusted_cox": "composite.adjusted", "predictors.log_f": "predictors.log_f",
             "predictors.strata": "predictors.stratified", "rubin_pooling": "multivariable_imputed",
             "states.months": "response.months", "milestones": "landmark.milestone",
             "turnbull": "turnbull_months"}  # fmt: skip
    assert set(stems) <= {method.id for method in METHODS}
    assert [stem for stem in stems.values() if stem not in source] == []
