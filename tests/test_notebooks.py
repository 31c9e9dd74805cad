"""A notebook can be read aloud: its shape, its parameters, and its two files, source and executed."""

import ast
import re
from functools import cache

import jupytext
import nbformat
import papermill
import pytest
from nbformat import NotebookNode

from helpers.parameters import ALL, Parameters, describe_parameters, names_used_by
from helpers.project import PROJECT
from helpers.run.notebooks import read_source

LIMITS = "What this cannot tell you"
TYPES = {"list", "str", "float", "int", "bool", "list[str]", "list[float]"}
FORBIDDEN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.IfExp,
             ast.Try, ast.With, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)  # fmt: skip
MOST_LINES, MOST_CELLS = 8, 120
"""House style says one to three lines, about six at most; a caption and an alt text wrap."""

each = pytest.mark.parametrize("name", ALL)


@cache
def source(name: str) -> NotebookNode:
    return read_source(PROJECT / "notebooks" / f"{name}.py")


def cells(name: str, kind: str) -> list[NotebookNode]:
    return [cell for cell in source(name).cells if cell.cell_type == kind]


def tagged(name: str, tag: str) -> list[NotebookNode]:
    return [cell for cell in cells(name, "code") if tag in cell.metadata.get("tags", [])]


def headings(name: str, level: int) -> list[str]:
    text = "\n".join(cell.source for cell in cells(name, "markdown"))
    return re.findall(rf"^{'#' * level} (.*)$", text, flags=re.MULTILINE)


def plain_code(name: str) -> list[NotebookNode]:
    """The cells that a reader reads: all but parameters and setup."""
    return [cell for cell in cells(name, "code") if not {"parameters", "setup"} & set(cell.metadata.get("tags", []))]


# Shape


def test_there_are_the_five_notebooks_and_no_other():
    assert sorted(path.stem for path in (PROJECT / "notebooks").glob("*.py")) == list(ALL)
    assert sorted(path.stem for path in (PROJECT / "notebooks").glob("*.ipynb")) == list(ALL)


@each
def test_it_opens_with_a_question_a_paragraph_parameters_setup_and_header(name):
    assert len(headings(name, 1)) == 1
    assert headings(name, 1)[0].endswith("?")
    kinds = [cell.cell_type for cell in source(name).cells]
    first_code = kinds.index("code")
    assert 1 <= first_code <= 2
    assert len(" ".join(cell.source for cell in source(name).cells[:first_code]).split()) > 30
    parameters, setup, header = source(name).cells[first_code : first_code + 3]
    assert parameters.metadata["tags"] == ["parameters"]
    assert setup.metadata["tags"] == ["setup"]
    assert header.source == "study.header()"


@each
def test_the_setup_imports_and_opens_the_study_and_does_nothing_else(name):
    [setup] = tagged(name, "setup")
    *imports, opening = ast.parse(setup.source).body
    assert all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in imports)
    assert ast.unparse(opening) == f"study = open_study('{name}', globals())"


@each
def test_nothing_is_defined_or_looped_or_branched(name):
    for cell in cells(name, "code"):
        odd = [type(node).__name__ for node in ast.walk(ast.parse(cell.source)) if isinstance(node, FORBIDDEN)]
        assert odd == [], f"{odd} in:\n{cell.source}"


@each
def test_cells_are_short_and_not_too_many(name):
    for cell in plain_code(name):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= MOST_LINES, cell.source
    assert len(source(name).cells) <= MOST_CELLS


@each
def test_prose_holds_no_digits_but_in_names(name):
    """Numbers are computed; a digit may stand in a name such as C3, in code and in a formula."""
    for cell in cells(name, "markdown"):
        text = re.sub(r"`[^`]*`|\$[^$]*\$", "", cell.source)
        loose = re.findall(r"(?<![\w-])\d[\d.,]*(?!\w)", text)
        assert loose == [], f"{loose} in:\n{cell.source}"


@each
def test_every_section_is_a_question_and_the_last_says_what_it_cannot_tell(name):
    *questions, last = headings(name, 2)
    assert last.startswith(LIMITS)
    assert questions
    for question in questions:
        assert "?" in question, question


@each
def test_what_is_said_is_computed(name):
    for cell in tagged(name, "say"):
        assert "study.say(" in cell.source
    for cell in plain_code(name):
        if "study.say(" in cell.source:
            assert cell.metadata["tags"] == ["say"], cell.source
    assert len(tagged(name, "say")) >= 3


@each
def test_it_reads_and_writes_through_the_study_only(name):
    for cell in plain_code(name):
        assert not re.search(r"\b(open|read_csv|to_csv|read_parquet|to_parquet|print|exec|eval)\(", cell.source)
    assert cells(name, "code")[-1].source == "study.finish()"


@each
def test_it_imports_neither_another_floor_nor_the_simulation(name):
    [setup] = tagged(name, "setup")
    assert not re.search(r"helpers(\.| import )(synthetic|calibration|run|report|cli|stages)(_|\b)", setup.source)


# Parameters


@each
def test_the_parameters_cell_is_the_contract(name):
    [cell] = tagged(name, "parameters")
    assignments = ast.parse(cell.source).body
    assert all(isinstance(node, ast.AnnAssign) for node in assignments)
    assert [node.target.id for node in assignments] == names_used_by(name)
    for node in assignments:
        assert ast.unparse(node.annotation) in TYPES
        assert ast.literal_eval(node.value) == Parameters.model_fields[node.target.id].default


@each
def test_each_parameter_has_its_meaning_beside_it(name):
    [cell] = tagged(name, "parameters")
    meanings = {facts["name"]: facts["meaning"] for facts in describe_parameters()}
    for line in cell.source.splitlines():
        parameter = line.split(":")[0]
        assert f"  # {meanings[parameter]}" in line, line


@each
def test_papermill_sees_the_same_parameters(name, tmp_path):
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(source(name), path)
    seen = papermill.inspect_notebook(str(path))
    assert list(seen) == names_used_by(name)
    for facts in seen.values():
        assert facts["help"]
        assert ast.literal_eval(facts["default"]) == Parameters.model_fields[facts["name"]].default


# Two files


@each
def test_source_and_executed_notebook_agree(name):
    stored = nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4)
    ours = [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in source(name).cells]
    theirs = [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in stored.cells]
    assert ours == theirs, "make notebooks"


@each
def test_the_executed_notebook_ran_from_top_to_bottom_without_an_error(name):
    stored = nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4)
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert kinds <= {"display_data", "execute_result"}


@each
def test_jupytext_pairs_them(name):
    text = (PROJECT / "notebooks" / f"{name}.py").read_text(encoding="utf-8")
    assert jupytext.reads(text, "py:percent").metadata["jupytext"]["formats"] == "ipynb,py:percent"
    stored = nbformat.read(PROJECT / "notebooks" / f"{name}.ipynb", as_version=4)
    assert stored.metadata["jupytext"]["formats"] == "ipynb,py:percent"
    assert stored.metadata["kernelspec"]["name"] == "python3"
