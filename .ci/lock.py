"""Pin the packages again: pyproject.toml -> requirements.lock -> environment.yml (`make lock`).

With --environment only the last step is done. tests/test_environment.py fails when the three disagree.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
HEADER = """\
# For conda users: the packages of requirements.lock, at the same versions, in a conda environment:
#
#     conda env create -f environment.yml
#     conda activate difficult-to-treat-lupus-nephritis
#     python -m helpers run
#
# All of them are installed by pip, so that the versions are those of the lock to the last digit; conda brings
# Python. Solving with conda itself was not tried. Made by `make lock`; do not edit.
name: difficult-to-treat-lupus-nephritis
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
      # what pyproject.toml asks for
{direct}
      # what these need in turn
{indirect}
      # the study itself
      - --editable .
"""
COMPILE = ("uv", "pip", "compile", "pyproject.toml", "--extra", "test", "--extra", "cluster", "--universal",
           "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header", "--quiet",
           "--output-file", "requirements.lock")


def read_pins(lock: str) -> list[str]:
    """Each requirement of the lock, without its hashes."""
    return [pin.strip() for pin in re.findall(r"^[A-Za-z0-9._-]+==[^\\\n]+", lock, flags=re.MULTILINE)]


def name_of(requirement: str) -> str:
    """The package that a requirement names, in small letters."""
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower()


def make_environment(lock: str, pyproject: dict) -> str:
    """The text of environment.yml."""
    project = pyproject["project"]
    extras = project["optional-dependencies"].values()
    asked = {name_of(text) for part in (project["dependencies"], *extras) for text in part}
    pins = read_pins(lock)
    direct = [pin for pin in pins if name_of(pin) in asked]
    indirect = [pin for pin in pins if name_of(pin) not in asked]
    return HEADER.format(direct=as_items(direct), indirect=as_items(indirect))


def as_items(pins: list[str]) -> str:
    """The requirements as a list in YAML."""
    return "\n".join(f'      - "{pin}"' if ";" in pin else f"      - {pin}" for pin in pins)


if __name__ == "__main__":
    if "--environment" not in sys.argv:
        subprocess.run([Path(sys.executable).with_name("uv"), *COMPILE[1:]], cwd=PROJECT, check=True)
    text = make_environment((PROJECT / "requirements.lock").read_text(encoding="utf-8"),
                            tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8")))
    (PROJECT / "environment.yml").write_text(text, encoding="utf-8")
