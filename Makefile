# Needs a Python of at least 3.11, make and a C compiler; everything else is installed into .venv.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
SCENARIO ?= scenarios/actt4.toml
BIN := .venv/bin
PROCESSES ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: power test lint check docs verify verify-long verify-fuzz verify-scenarios verify-designs verify-posterior verification-tables next-numba wheel bench format clean

power: .venv/.run
	$(BIN)/jaksim power $(SCENARIO)

test: .venv/.test
	$(MAKE) --jobs 2 lint docs
	$(MAKE) check

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One process for each of two cores; the tests of a file stay together, since they share what is prepared for them. The
# files go in the order in which pytest collects them, the long ones first, so that no process ends long before the other.
check: .venv/.test
	$(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

docs: .venv/.test
	$(BIN)/sphinx-build --quiet -W --keep-going -b html docs docs/_build/html

# Meant for less than twenty minutes on two quiet cores; the parts of verify-long for up to 40 minutes each.
verify: .venv/.test
	$(BIN)/pytest -m verify --numprocesses $(PROCESSES) --dist loadfile tests

verify-long: verify-fuzz verify-scenarios verify-designs verify-posterior

VERIFY_LONG := $(BIN)/pytest -m verify_long --numprocesses $(PROCESSES)

verify-fuzz: .venv/.test
	$(VERIFY_LONG) --dist load tests/fuzz tests/properties

verify-scenarios: .venv/.test
	$(VERIFY_LONG) --dist load tests/cli tests/statistical/test_scenarios.py

verify-designs: .venv/.test
	$(VERIFY_LONG) --dist loadfile tests/statistical tests/verification/test_designs.py tests/verification/test_forecast_coverage.py --deselect tests/statistical/test_scenarios.py

verify-posterior: .venv/.test
	$(VERIFY_LONG) --dist loadfile tests/verification/test_posterior.py tests/verification/test_joint_posterior.py

verification-tables: .venv/.test
	$(BIN)/python docs/verification/type_one_error.py
	$(BIN)/python docs/verification/level_and_coverage.py
	$(BIN)/python docs/verification/mechanistic_backtest.py

# The keeping of compiled kernels rests on inner workings of Numba, so its versions are capped in pyproject.toml. This
# tries the kernels with the newest there is, also one that is not released yet, in an environment of its own.
NEXT_NUMBA ?= --pre numba
next-numba:
	test -n "$(PYTHON)"
	$(PYTHON) -m venv --clear .venv-next
	.venv-next/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt --editable '.[data,test]'
	.venv-next/bin/python -m pip --disable-pip-version-check install --quiet --upgrade $(NEXT_NUMBA)
	.venv-next/bin/pytest -q tests/unit/kernel

# A wheel whose kernels are compiled already, for kinds of processors of the machine that it is built on.
LEVELS ?= $(if $(filter aarch64,$(shell uname -m)),generic,x86-64-v3 x86-64-v4)
SCENARIOS ?=
wheel: .venv/.test
	rm -rf build/kernels && mkdir -p build/kernels
	for level in $(LEVELS); do $(BIN)/python wheel/kernels.py $$level build/kernels $(SCENARIOS) || exit 1; done
	JAKSIM_KERNELS=build/kernels $(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps --wheel-dir dist .

bench: .venv/.bench
	@mkdir -p out
	$(BIN)/pytest benchmarks --benchmark-enable --benchmark-json out/benchmarks.json
	$(BIN)/python -m benchmarks.page out/benchmarks.json

format: .venv/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .venv-next docs/_build build dist

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "jaksim needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/.run: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable '.[data,plot]'
	@touch $@

.venv/.test: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable '.[data,test,lint,docs]'
	@touch .venv/.run $@

.venv/.bench: .venv/.test
	$(PIP) --editable '.[bench]'
	@touch $@
