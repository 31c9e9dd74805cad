# Each command sets up .venv first when it is missing or out of date; after that it starts at once.
PYTHON ?= python3
IN_ENVIRONMENT = $(PYTHON) bootstrap.py
PARAMETERS ?=
DATA ?= data/raw
PATIENTS ?= 300
SEED ?= 1
RUNS ?=
GRID ?=
CODE ?=
OUT ?= data/derived/simulated

.DEFAULT_GOAL := help
.PHONY: help setup report preview compare register multiverse universe bench scenarios check test fast lint lab notebooks data simulate docs parameters rules lock clean

help:  ## list these commands
	@echo "make COMMAND, for example: make report PARAMETERS=\"-p landmark_months=12\""
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "%-13s %s\n", $$1, $$2}'

setup:  ## set up the environment in .venv; the other commands do it by themselves
	@$(IN_ENVIRONMENT)

report:  ## run the five notebooks and make the report; PARAMETERS="-p name=value", DATA=folder
	@$(IN_ENVIRONMENT) -m helpers run --data "$(DATA)" $(PARAMETERS)

preview:  ## say what a change would touch, without a run; PARAMETERS="-p name=value", DATA=folder
	@$(IN_ENVIRONMENT) -m helpers preview --data "$(DATA)" $(PARAMETERS)

compare:  ## hold finished runs against one another; RUNS="default kdigo_2024"
	@$(IN_ENVIRONMENT) -m helpers compare $(RUNS)

register:  ## list all runs again in reports/index.html
	@$(IN_ENVIRONMENT) -m helpers register

multiverse:  ## every definition of the grid at once, and its page; GRID=file, DATA=folder
	@$(IN_ENVIRONMENT) -m helpers multiverse --data "$(DATA)" $(if $(GRID),--grid "$(GRID)")

universe:  ## the full report of one universe; CODE=00000000000, GRID=file, DATA=folder
	@$(IN_ENVIRONMENT) -m helpers universe "$(CODE)" --data "$(DATA)" $(if $(GRID),--grid "$(GRID)")

bench:  ## measure runs and the multiverse against what a user would do otherwise (some ten minutes)
	@$(IN_ENVIRONMENT) python -m benchmarks

scenarios:  ## list the named scenarios; make report PARAMETERS="--scenario strict"
	@$(IN_ENVIRONMENT) -m helpers scenarios

check:  ## check raw tables against the data dictionary, and nothing else; DATA=folder
	@$(IN_ENVIRONMENT) -m helpers check --data "$(DATA)"

test: lint  ## everything that must pass: style, types, floors, all tests, coverage, stored notebooks
	@$(IN_ENVIRONMENT) pytest -q -n 2 --dist loadfile --cov --cov-report=term tests src
	@$(IN_ENVIRONMENT) pytest -q -n 2 --dist loadfile --nbval notebooks/*.ipynb

fast:  ## the tests that need neither a run of the notebooks nor a browser
	@$(IN_ENVIRONMENT) pytest -q -m "not slow and not browser" tests src

lint:  ## style (ruff), types (mypy) and who may import whom (import-linter)
	@$(IN_ENVIRONMENT) ruff check .
	@$(IN_ENVIRONMENT) mypy
	@$(IN_ENVIRONMENT) lint-imports

lab:  ## open the notebooks in JupyterLab
	@$(IN_ENVIRONMENT) jupyter lab notebooks

notebooks:  ## run the notebooks on the shipped cohort and store them, with outputs, as .ipynb
	@$(IN_ENVIRONMENT) -m helpers notebooks

data:  ## make the shipped synthetic cohort again, the same to the last byte
	@$(IN_ENVIRONMENT) -m helpers data

simulate:  ## simulate other patients; PATIENTS=300 SEED=1 OUT=data/derived/simulated
	@$(IN_ENVIRONMENT) -m helpers simulate --patients $(PATIENTS) --seed $(SEED) --out "$(OUT)"

docs:  ## write the generated pages of docs/ again: data dictionary, parameters, rules
	@$(IN_ENVIRONMENT) -m helpers docs

parameters:  ## list every parameter with its range, default and meaning
	@$(IN_ENVIRONMENT) -m helpers parameters

rules:  ## list every rule for response, flare and worsening
	@$(IN_ENVIRONMENT) -m helpers rules

lock:  ## pin the packages again after a change to pyproject.toml
	@$(IN_ENVIRONMENT) python .ci/lock.py

clean:  ## remove what runs and tests leave behind; the environment and the reports stay
	@$(PYTHON) -c "import pathlib, shutil; [shutil.rmtree(path, ignore_errors=True) for name in ('.pytest_cache', '.mypy_cache', '.ruff_cache', '.import_linter_cache', '.hypothesis') for path in pathlib.Path('.').glob(name)]; [shutil.rmtree(path) for path in pathlib.Path('data/derived').glob('*') if path.is_dir()]"
