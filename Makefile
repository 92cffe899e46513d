# A fresh machine needs Debian, Python 3.11 or newer, and pip. Everything else is set up here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# What the tests use when it is there; each has a reason on its line in .ci/parts.
PARTS := $(shell sed 's/\#.*//' .ci/parts)

.PHONY: demo test lint bench faults readme parts clean

demo: $(STAMP)
	@$(BIN)/fetch demo

test: parts lint
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py

# The lies of servers and disks alone: slower, and more of them than `make test` runs.
faults: $(STAMP)
	$(BIN)/python -m pytest -m slow

# Write the generated parts of README.md anew.
readme: $(STAMP)
	$(BIN)/python -m tests.readme

$(STAMP): pyproject.toml
	@.ci/venv $(PYTHON) $(VENV)
	@touch $@

parts:
	@.ci/install $(PARTS)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage build dist
	find fetchers tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
