"""Runs that several tests share: one of the real study, and quick ones of five tiny notebooks."""

from __future__ import annotations

import hashlib
import io
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_study import write_small_study

from helpers.parameters import ALL, Parameters, check_parameters, names_used_by
from helpers.project import PROJECT
from helpers.run import FinishedRun, run_study
from helpers.run.progress import Progress

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""

BODY = '''\
# %% [markdown]
# # Chapter {notebook}: is it *so*?
#
# A paragraph with <b>markup</b> and a formula, $a < b$.

# %% tags=["parameters"]
{parameters}

# %% tags=["setup"]
import json
from pathlib import Path
from IPython.display import display

folder = Path({project!r}) / derived_dir
def show(bundle, **facts):
    display(bundle, raw=True, metadata={{"compendium": facts}})

def leave(path, text):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)

# %% [markdown]
# ## Is there a table?

# %%
rows = '<tr><th scope="row" class="text" data-value="b">b &lt;script&gt;alert(1)&lt;/script&gt;</th>' \\
       '<td class="number" data-value="10">10</td></tr>' \\
       '<tr><th scope="row" class="text" data-value="a">a</th><td class="number" data-value="9">9</td></tr>' \\
       '<tr><th scope="row" class="text" data-value="c">2020-01-31</th><td class="number" data-value="">–</td></tr>'

# %%
leave("exhibits/{notebook}/tables/t{number}.csv", "name,n")
show({{"text/html": '<table><caption>x</caption><thead><tr><th scope="col" class="text">Name</th>'
      '<th scope="col" class="number">n</th></tr></thead><tbody>' + rows + '</tbody></table>'}},
     kind="table", id="t{number}", number="{number}.1", caption="A table & its <caption>", note="A note.")

# %% tags=["say"]
show({{"text/markdown": "**10** & <i>not</i> [a link](javascript:alert(1))"}}, kind="say", id="")

# %% [markdown]
# ## Is there a figure?

# %%
svg = '<svg xmlns="http://www.w3.org/2000/svg" width="360pt" height="180pt" viewBox="0 0 360 180">' \\
      '<rect width="360" height="180" fill="#2f6690"/></svg>'
for ending in ("svg", "png", "csv"):
    leave("exhibits/{notebook}/figures/f{number}." + ending, svg)
show({{"image/svg+xml": svg}}, kind="figure", id="f{number}", number="{number}.1", caption="A figure", alt="A blue box",
     note="")

# %%
6 * 7

# %%
print("printed")

# %% [markdown]
# ## What this cannot tell you
#
# Anything.

# %%
{extra}

# %%
entry = {{"id": "tiny{number}.n", "value": 42.0, "low": None, "high": None, "unit": "patients", "n": 5,
          "label": "Tiny", "null": None, "notebook": "{notebook}", "origin": "here"}}
leave("ledger/{notebook}.json", json.dumps({{"notebook": "{notebook}", "entries": [entry]}}))
'''


def write_tiny_notebooks(folder: Path, **extra: str) -> Path:
    """Five notebooks that need about a second each; `extra` is code for the one named `nb01` to `nb05`."""
    folder.mkdir(parents=True, exist_ok=True)
    defaults = Parameters()
    for number, notebook in enumerate(ALL, start=1):
        cell = "\n".join(f"{name} = {getattr(defaults, name)!r}" for name in names_used_by(notebook))
        text = BODY.format(notebook=notebook, number=number, parameters=cell, project=str(PROJECT),
                           extra=textwrap.dedent(extra.get(f"nb{number:02}", "pass")))
        (folder / f"{notebook}.py").write_text(HEADER + "\n" + text, encoding="utf-8")
    return folder


@dataclass
class Workshop:
    """Folders for runs of tiny notebooks on the small study."""

    top: Path

    @property
    def reports(self) -> Path:
        return self.top / "reports"

    @property
    def derived(self) -> Path:
        return self.top / "derived"

    @property
    def data(self) -> Path:
        return self.top / "raw"

    def run(self, *, name: str = "tiny", notebooks: Path | None = None, **values: object) -> FinishedRun:
        """Run the tiny notebooks, or others."""
        parameters = check_parameters({"data_dir": str(self.data), **values})
        return run_study(parameters, progress=Progress(io.StringIO()), name=name, reports=self.reports,
                         derived=self.derived, notebooks=notebooks or self.top / "notebooks")


def make_workshop(top: Path) -> Workshop:
    """Tiny notebooks and the small study in a folder."""
    write_tiny_notebooks(top / "notebooks")
    write_small_study(top / "raw")
    return Workshop(top)


def hash_folder(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder, by its place."""
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workshop, FinishedRun]:
    """A finished run of the tiny notebooks, called `tiny`; to be looked at, not changed."""
    workshop = make_workshop(tmp_path_factory.mktemp("tiny"))
    return workshop, workshop.run()


@dataclass(frozen=True)
class RealRun:
    """The run of the study itself under default parameters, and the data's hashes before it."""

    finished: FinishedRun
    derived: Path
    before: dict[str, str]

    @property
    def folder(self) -> Path:
        return self.finished.page.parent


@pytest.fixture(scope="session")
def real_run(tmp_path_factory: pytest.TempPathFactory) -> RealRun:
    """The five notebooks on the shipped cohort, once for all tests."""
    top = tmp_path_factory.mktemp("study")
    before = hash_folder(PROJECT / "data/raw")
    finished = run_study(check_parameters({}), progress=Progress(io.StringIO()), reports=top / "reports",
                         derived=top / "derived")
    return RealRun(finished, top / "derived" / finished.name, before)
