# Everything a developer types. The environment is .venv; setup is remembered in stamps, so repeating is instant.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock
# root's pip warns about itself although it works in .venv
export PIP_ROOT_USER_ACTION := ignore

.PHONY: help setup setup-test run test test-slow check format bench lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: .venv/.stamp-run ## create .venv and install what yibao needs to run

run: setup ## a running city with a small demo on http://127.0.0.1:8000 (Ctrl-C stops all)
	@exec $(BIN)/yibao up --demo

test: setup-test ## all tests but the slow proofs; installs what they need
	@$(BIN)/pytest -n 2

test-slow: setup-test ## the city-scale proofs
	@$(BIN)/pytest -m slow

check: .venv/.stamp-dev ## lint, format, types, module order
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/.stamp-dev ## let ruff repair what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## measure on this machine, write benchmarks/results.md (minutes)
	@$(BIN)/python -m benchmarks.run

lock: ## renew requirements.lock from pyproject.toml
	@scripts/renew-lock $(PYTHON)

clean: ## remove the environment and caches, never any data
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

setup-test: .venv/.stamp-dev .venv/.stamp-browser

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "yibao needs Python 3.11 or newer; name one: make setup PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "no venv: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }

.venv/.stamp-run: pyproject.toml requirements.lock | .venv/bin/python
	@echo "installing yibao into .venv" >&2
	@$(PIP) --editable '.[analysis]'
	@touch $@

.venv/.stamp-dev: pyproject.toml requirements.lock | .venv/bin/python
	@echo "installing yibao and its development tools into .venv" >&2
	@$(PIP) --editable '.[analysis,dev]'
	@touch $@ .venv/.stamp-run

.venv/.stamp-browser: scripts/install-browser | .venv/bin/python
	@scripts/install-browser
	@touch $@
