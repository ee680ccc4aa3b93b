# `make demo`, `make test`, `make serve`, `make check`; each sets up what it needs and is quick the second time.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
export DEBUG ?= 1

.PHONY: help demo simulation test serve check openapi lock clean

help:
	@echo "make demo    set up, load the sample shop, train, score, show who is about to leave"
	@echo "make simulation  an experiment in a simulated shop, where the truth is known"
	@echo "make test    set up and run all tests"
	@echo "make serve   the admin on http://127.0.0.1:8000/"
	@echo "make check   lint, types, import contracts, missing migrations, tests"

demo: .venv/.runtime
	@$(BIN)/python manage.py demo

simulation: export DATA_DIR := $(or $(DATA_DIR),var)/simulation
simulation: .venv/.runtime
	@$(BIN)/python manage.py simulate_experiment

serve: .venv/.runtime
	@$(BIN)/python manage.py serve

test: .venv/.development
	@$(BIN)/python -m tests

check: .venv/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m tests

openapi: .venv/.development
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --lang en --file docs/openapi.yaml

lock: .venv/.development
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	|| { echo "This needs Python 3.11, 3.12 or 3.13 as '$(PYTHON)'. Name another with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv \
	|| { rm -rf .venv; echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }

.venv/.runtime: requirements.txt | .venv/bin/python
	@echo "Installing what the system needs (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt \
	|| { echo "Installing failed: see the lines above. It needs a connection to a Python package index."; exit 1; }
	@touch $@

.venv/.development: requirements-dev.txt | .venv/bin/python
	@echo "Installing what development needs (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt \
	|| { echo "Installing failed: see the lines above. It needs a connection to a Python package index."; exit 1; }
	@touch $@ .venv/.runtime

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .hypothesis
