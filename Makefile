# A fresh machine needs Debian, Python 3.11 or newer, and pip. Everything else is set up here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready
# What the tests use when it is there; each has a reason on its line in .ci/parts.
PARTS := $(shell sed 's/\#.*//' .ci/parts)

# Two worker processes, one file of tests at a time each: files share neither a disk nor a clock.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

.PHONY: demo test test-fast test-all coverage lint bench bench-quick faults fuzz readme parts clean

demo: $(INSTALLED)
	@$(BIN)/fetch demo

test: parts lint
	$(PYTEST)
	$(PYTEST) --quiet --masked $(MASKED)

# A second time, as on a system that has only what all POSIX systems have (`fetchers/system.py`).
MASKED := $(addprefix tests/storage/test_,safe_folder.py publish.py partial.py owners.py body.py manifest.py \
	manifest_crash.py unpack.py) $(addprefix tests/verbs/test_,beside.py recognising.py verify.py adopt.py \
	release.py audit.py walk.py)

# Under a minute: the judges, the validators and the layers, without servers, disks and kills.
test-fast: $(READY)
	$(PYTEST) --quiet tests/checks tests/workspace tests/reports tests/cli tests/test_house.py tests/test_catalogue.py

# Under every supported Python that is installed here.
test-all: parts $(READY)
	$(BIN)/nox

# Which lines no test runs. Apart from `test`: beside our audit hook, Python refuses the tracer now and then.
coverage: parts $(READY)
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/codespell CHANGELOG.md docs
	$(BIN)/validate-pyproject pyproject.toml

# Under an hour; writes the tables of benchmarks/README.md anew.
bench: $(READY)
	@.ci/venv $(PYTHON) $(VENV) bench
	$(BIN)/python benchmarks/run.py

# Has this tree become slower than another one (`make bench-quick AGAINST=v0.1`)? Five minutes; only the ratios count.
AGAINST ?= main
bench-quick: parts $(READY)
	$(BIN)/python benchmarks/quick.py $(AGAINST)

# Killed at every call, disks that fill and fail, power cuts, neighbours: all points, not the few of `make test`.
faults: parts $(READY)
	FAULTS=full $(BIN)/python -m pytest tests/faults

# Coverage-guided, ten minutes for each reader of strangers' bytes; `make test` has a second for each.
fuzz: $(READY)
	@.ci/venv $(PYTHON) $(VENV) fuzz
	$(BIN)/python -m tests.fuzz.run --seconds 600

# Write the generated parts of README.md anew.
readme: $(READY)
	$(BIN)/python -m tests.readme

$(INSTALLED): pyproject.toml
	@echo "setting up $(VENV) (a minute or so, once)"
	@.ci/venv $(PYTHON) $(VENV)
	@touch $@

$(READY): $(INSTALLED) pyproject.toml
	@echo "adding what the tests need to $(VENV)"
	@.ci/venv $(PYTHON) $(VENV) dev
	@.ci/venv $(PYTHON) $(VENV) fuzz 2>/dev/null || echo "atheris cannot be installed: the fuzz tests will be skipped"
	@touch $@

parts:
	@.ci/install $(PARTS)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage build dist
	find fetchers tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
