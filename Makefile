# One door: `make run` shows Tocsin at work, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help run test check clean

help: ## list what can be made
	@grep -hE '^[a-z.]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: .venv ## install, then run the main job on the bundled sample community
	$(BIN)/tocsin demo

test: .venv/.dev ## run every test (those that need what is not here skip, with the reason)
	$(BIN)/python -m pytest

check: .venv/.dev ## lint, types, import law
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv: pyproject.toml constraints.txt ## install Tocsin into .venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tocsin needs Python 3.11 or newer; set PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch .venv

.venv/.dev: .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch .venv .venv/.dev

clean: ## remove what make made
	rm -rf .venv .demo dist build
