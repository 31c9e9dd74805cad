"""A notebook refuses parameters that it does not have, however they came."""

import pytest

from helpers.namespace import check_namespace
from helpers.parameters import ParameterError


@pytest.mark.parametrize(("source", "message"), [
    ("# Parameters\nbootstraps = 12\n", "There is no parameter bootstraps: did you mean bootstrap_samples?"),
    ("# Parameters\nlandmark_months = 12\n", "03_predictors does not use the parameter landmark_months"),
    ("# Parameters\nseed = 1\nXX = 2\n", "There is no parameter XX: known: data_dir"),
])  # fmt: skip
def test_an_injected_parameter_that_the_notebook_lacks_is_refused(source, message):
    with pytest.raises(ParameterError) as refusal:
        check_namespace({"In": ["", "x = 1", source]}, notebook="03_predictors")
    assert message in str(refusal.value)


def test_injected_parameters_of_the_notebook_and_other_cells_pass():
    cells = ["# Parameters\nseed = 1\ncovariates: list = []\nprint(seed)", "bootstraps = 12"]
    check_namespace({"In": cells, "seed": 1, "_i1": "x", "Out": {}}, notebook="03_predictors")


def test_a_near_miss_typed_by_hand_is_refused_and_tables_are_left_alone():
    with pytest.raises(ParameterError, match="did you mean bootstrap_samples"):
        check_namespace({"bootstrap_sample": 12}, notebook="03_predictors")
    check_namespace({"covariate": object(), "bootstrap_samples": 12}, notebook="03_predictors")
