# make run [REPO=<path or URL>] [PORT=8000] · make test · make check · make bench [REPO=<path>]
# Needs Python 3.11 or newer, git and make; everything else goes into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
REPO ?=

.PHONY: help run test check static bench lock clean

help: ## List the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.installed ## Start everything on this machine: make run [REPO=...] [PORT=8000]
	@exec $(BIN)/python -m displace.embedded --port '$(PORT)' --repo '$(REPO)'

test: $(VENV)/.installed-dev ## Run every test that can run here, and say what was left out
	@$(BIN)/python -m tests $(ARGS)

check: static test ## Format, lint, types, layers, migrations, then the tests

static: $(VENV)/.installed-dev
	@echo "--- format";     $(BIN)/ruff format --check .
	@echo "--- lint";       $(BIN)/ruff check .
	@echo "--- types";      $(BIN)/mypy .
	@$(BIN)/mypy --python-version 3.10 --scripts-are-modules hooks/client/displace-hook
	@echo "--- layers";     $(BIN)/lint-imports
	@echo "--- migrations"; $(BIN)/python manage.py makemigrations --check --dry-run

bench: $(VENV)/.installed-dev ## Measure speed against its goals, as ratios in one run
	@$(BIN)/python -m bench $(if $(REPO),'$(REPO)')

lock: $(VENV)/.installed-dev ## Pin the dependencies of pyproject.toml anew
	@$(BIN)/python -m piptools compile --quiet --strip-extras --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	  --output-file requirements.txt pyproject.toml
	@$(BIN)/python -m piptools compile --quiet --strip-extras --no-header --no-annotate --extra dev \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	  --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

clean: ## Remove caches; the data directory stays
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "displace: Python 3.11 or newer is needed; install it, or name it: make PYTHON=/path/to/python3" >&2; exit 2; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "displace: the virtual environment could not be made; on Debian and Ubuntu install python3-venv" >&2; exit 2; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing requirements.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing requirements-dev.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.installed
