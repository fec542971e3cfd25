# The project's face: `make help` says what there is. Everything stays inside this folder, but for
# the caches of pip, uv and npm.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/sh

PORT ?= 7071
STATE ?= .state

# The interpreter is the `python3` on PATH; uv never downloads another.
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV

PYTHON := .venv/bin/python
UV := .venv/bin/uv
PYTEST_PARALLEL ?= 2

# What says that a step is done, so that doing nothing is quick.
SYNCED := .venv/.synced
AZURITE := devhost/src/devhost/azurite/node_modules/.package-lock.json

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z0-9.-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(SYNCED) $(AZURITE) local.settings.json ## Install everything into this folder; again: nothing

.PHONY: run
run: setup ## Serve the app on PORT (7071), keeping its state in STATE (.state)
	@exec $(PYTHON) -m devhost start . --port $(PORT) --state "$(STATE)"

.PHONY: demo
demo: setup ## Show a gather from plan to dossier, with a town of flaky sources on this machine
	@$(PYTHON) examples/demo.py

.PHONY: bench
bench: setup ## Measure what is claimed, one program per claim
	@for claim in benchmarks/*.py; do echo; echo "== $$claim"; $(PYTHON) "$$claim" || exit 1; done

.PHONY: test
test: setup ## Run the app's tests and devhost's, and again the ones that tell Python versions apart, where there is a 3.13
	$(PYTHON) -m pytest -n $(PYTEST_PARALLEL)
	$(MAKE) --no-print-directory -C devhost test PYTEST_PARALLEL=$(PYTEST_PARALLEL)
	@if $(PYTHON) -V | grep -q ' 3\.13\.'; then echo "skipped: a second run on Python 3.13, which the first was"; exit; fi; \
	python=$$($(FIND_3.13)); \
	if [ -z "$$python" ]; then echo "skipped: a second run on Python 3.13, which is not here"; exit; fi; \
	$(MAKE) --no-print-directory test-3.13 PYTHON_3.13="$$python"

N ?= 25

.PHONY: chaos
chaos: setup ## Kill the host five times while N (25) messages come in; SEED=… repeats a run's choices
	CHAOS_N=$(N) CHAOS_SEED=$(SEED) $(PYTHON) -m pytest tests/chaos -s

.PHONY: browser
browser: setup chromium ## Try the page that people answer on in a real Chromium, installing Debian's where it is missing
	$(PYTHON) -m pytest tests/browser

.PHONY: chromium
chromium:
	@as_root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); command -v chromium >/dev/null \
	  || { $$as_root apt-get -qq update && $$as_root apt-get -qq install -y --no-install-recommends chromium >/dev/null; } \
	  || { echo "chromium is not on PATH and could not be installed: install it and try again"; exit 1; }

.PHONY: check
check: $(SYNCED) ## Look for faults without running: style, types, layers, pins, advisories
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports
	$(EXPORT) | diff -u requirements.txt - || { echo "requirements.txt is stale: make requirements"; exit 1; }
	$(PYTHON) tests/support/advisories.py requirements.txt

.PHONY: requirements
requirements: $(SYNCED) ## Write requirements.txt, which Azure installs, from uv.lock
	$(EXPORT) -o requirements.txt

EXPORT = $(UV) export -q --locked --no-default-groups --no-emit-workspace \
	--no-hashes --no-annotate --no-header

$(UV):
	@python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "python3 on PATH has to be 3.11, 3.12 or 3.13, and is $$(python3 --version)"; exit 1; }
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check uv

$(SYNCED): pyproject.toml devhost/pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --locked --python $(PYTHON)
	@touch $@

$(AZURITE): devhost/src/devhost/azurite/package-lock.json | $(SYNCED)
	$(PYTHON) -m devhost.azurite install
	@touch $@

local.settings.json:
	cp local.settings.json.example $@

# A version manager's command may be on PATH and fail, so each candidate is run.
FIND_3.13 = for python in python3.13 "$$(pyenv prefix 3.13 2>/dev/null)/bin/python"; do \
	"$$python" -c 'import sys; assert sys.version_info[:2] == (3, 13); print(sys.executable)' 2>/dev/null && break; done

.PHONY: test-3.13
test-3.13:
	UV_PROJECT_ENVIRONMENT=.venv-3.13 $(UV) sync --quiet --locked --python "$(PYTHON_3.13)"
	.venv-3.13/bin/python -m pytest -n $(PYTEST_PARALLEL) tests/unit tests/contracts tests/stories/test_welcome.py
	$(MAKE) --no-print-directory -C devhost test PYTHON=../.venv-3.13/bin/python PYTEST_PARALLEL=$(PYTEST_PARALLEL)
