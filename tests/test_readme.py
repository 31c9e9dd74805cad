"""What the README points to is there, and what it shows works."""

import re

import pytest

from helpers.definitions import load_rulebook
from helpers.parameters import check_parameters
from helpers.project import PROJECT

PAGES = [path for path in PROJECT.rglob("*.md") if not {".venv", "reports", "derived"} & set(path.parts[:-1])]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_relative_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), f"{page.name} points to {target}"


def readme():
    return (PROJECT / "README.md").read_text(encoding="utf-8")


def test_the_rule_that_the_readme_shows_is_a_rule(tmp_path):
    path = tmp_path / "my_rules.yml"
    path.write_text(re.findall(r"```yaml\n(.*?)```", readme(), re.S)[0], encoding="utf-8")
    assert load_rulebook(path).response_rule("strict").complete.upcr.value == 0.3


def test_the_parameters_that_the_readme_changes_exist():
    given = dict(re.findall(r"-p (\w+)=(\w+)", readme()))
    numbers = {name: float(value) if value.isdigit() else value for name, value in given.items()}
    check_parameters({name: value for name, value in numbers.items() if name not in ("rules_file", "response_rule")})
    assert set(given) >= {"response_rule", "rules_file", "response_deadline_months"}
