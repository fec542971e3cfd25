# The project's face: `make help` says what there is. Everything stays inside this folder, but for
# the caches of pip, uv and npm.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/sh

PORT ?= 7071
STATE ?= .state
VERBOSE ?=
N ?= 25

# The interpreter is the `python3` on PATH; uv never downloads another.
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV

PYTHON := .venv/bin/python
UV := .venv/bin/uv
PYTEST_PARALLEL ?= 2
PYTEST = -m pytest -n $(PYTEST_PARALLEL) --durations=10

# A file for each step says that it is done: the dependency groups of pyproject.toml, then Azurite.
AZURITE_FOLDER := devhost/src/devhost/azurite
AZURITE := $(AZURITE_FOLDER)/node_modules/.package-lock.json
TO_RUN := .venv/.host $(AZURITE) local.settings.json
TO_TEST := $(TO_RUN) .venv/.test
TO_CHECK := .venv/.host .venv/.test .venv/.browser .venv/.lint

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z0-9.-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(TO_RUN) ## Serve the app on PORT (7071), keeping its state in STATE (.state); VERBOSE=1 lists its functions
	@$(PYTHON) -m tools.stored_form "$(STATE)" && exec $(PYTHON) -m devhost start . --port $(PORT) \
	  --state "$(STATE)" --hints examples/first-steps.txt $(if $(VERBOSE),--list-functions)

.PHONY: demo
demo: $(TO_RUN) ## Show a gather from plan to dossier, with a town of flaky sources on this machine
	@$(PYTHON) examples/demo.py

.PHONY: setup
setup: $(TO_TEST) $(TO_CHECK) ## Install everything into this folder; again: nothing

.PHONY: test-setup
test-setup: $(TO_TEST)
	@:

.PHONY: test
test: $(TO_TEST) ## Run the app's tests and devhost's
	$(PYTHON) $(PYTEST)
	$(MAKE) --no-print-directory -C devhost test PYTEST_PARALLEL=$(PYTEST_PARALLEL)

.PHONY: matrix
matrix: $(TO_RUN) ## Run what depends on the Python version once more, on Python 3.13, where there is one
	@if $(PYTHON) -V | grep -q ' 3\.13\.'; then echo "skipped: Python 3.13 is what make test runs on"; exit; fi; \
	python=$$($(FIND_3.13)); \
	if [ -z "$$python" ]; then echo "skipped: no Python 3.13 runs here, on PATH or by pyenv"; exit; fi; \
	$(MAKE) --no-print-directory test-3.13 PYTHON_3.13="$$python"

.PHONY: chaos
chaos: $(TO_TEST) ## Kill the host five times while N (25) messages come in; SEED=… repeats a run's choices
	CHAOS_N=$(N) CHAOS_SEED=$(SEED) $(PYTHON) -m pytest tests/chaos -s

.PHONY: browser
browser: $(TO_TEST) .venv/.browser chromium ## Try the page that people answer on in a real Chromium, installing Debian's where it is missing
	$(PYTHON) -m pytest tests/browser --durations=10

.PHONY: chromium
chromium:
	@as_root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); command -v chromium >/dev/null \
	  || { $$as_root apt-get -qq update && $$as_root apt-get -qq install -y --no-install-recommends chromium >/dev/null; } \
	  || { echo "chromium is not on PATH and could not be installed: install it and try again"; exit 1; }

.PHONY: check
check: $(TO_CHECK) ## Look for faults without running: style, types, layers, words, pins, advisories
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports
	$(PYTHON) -m tools.words
	$(EXPORT) | diff -u requirements.txt - || { echo "requirements.txt is stale: make requirements"; exit 1; }
	$(PYTHON) tests/support/advisories.py requirements.txt

.PHONY: house
house: $(UV) ## Print the sizes of modules and functions, names with two meanings, imports between packages
	@$(PYTHON) -m tools.house

.PHONY: bench
bench: $(TO_TEST) ## Measure what is claimed, one program per claim
	@for claim in benchmarks/*.py; do echo; echo "== $$claim"; $(PYTHON) "$$claim" || exit 1; done

.PHONY: words
words: $(UV) ## Check the words alone, and lower the exceptions of house-words.toml to what is left
	@$(PYTHON) -m tools.words --lower

.PHONY: requirements
requirements: $(UV) ## Write requirements.txt, which Azure installs, from uv.lock
	$(EXPORT) -o requirements.txt

EXPORT = $(UV) export -q --locked --no-default-groups --no-emit-workspace \
	--no-hashes --no-annotate --no-header

# Carries out the command $(2) and says in one line what it has added to the folders that hold what is installed.
define install
@before=$$($(MEGABYTES)); $(2) && touch $@ && echo "Installed $(1): $$(($$($(MEGABYTES)) - before)) MB"
endef
MEGABYTES = du -cm .venv .venv-3.13 $(AZURITE_FOLDER)/node_modules 2>/dev/null | tail -n 1 | cut -f 1

$(UV):
	@python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "python3 on PATH has to be 3.11, 3.12 or 3.13, and is $$(python3 --version)"; exit 1; }
	$(call install,uv in a virtual environment,python3 -m venv .venv \
	  && $(PYTHON) -m pip install --quiet --disable-pip-version-check uv)

PINS := pyproject.toml devhost/pyproject.toml uv.lock
SYNC = $(UV) sync --quiet --locked --no-default-groups --inexact

.venv/.host: $(PINS) | $(UV)
	$(call install,the app's dependencies and devhost,$(SYNC) --python $(PYTHON) --group host)

.venv/.test: $(PINS) | .venv/.host
	$(call install,what tests need,$(SYNC) --python $(PYTHON) --group test)

.venv/.browser: $(PINS) | .venv/.test
	$(call install,what the test of the page needs,$(SYNC) --python $(PYTHON) --group browser)

.venv/.lint: $(PINS) | .venv/.browser
	$(call install,what make check needs,$(SYNC) --python $(PYTHON) --group lint)

$(AZURITE): $(AZURITE_FOLDER)/package-lock.json | .venv/.host
	$(call install,the storage emulator Azurite (and Node.js where there is none),$(PYTHON) -m devhost.azurite install >/dev/null)

local.settings.json:
	@cp local.settings.json.example $@

# A version manager's command may be on PATH and fail, so each candidate is run.
FIND_3.13 = for python in python3.13 "$$(pyenv prefix 3.13 2>/dev/null)/bin/python"; do \
	"$$python" -c 'import sys; assert sys.version_info[:2] == (3, 13); print(sys.executable)' 2>/dev/null && break; done

.PHONY: test-3.13
test-3.13: .venv-3.13/.test
	.venv-3.13/bin/python $(PYTEST) tests/unit tests/contracts tests/stories/test_welcome.py
	$(MAKE) --no-print-directory -C devhost test PYTHON=../.venv-3.13/bin/python PYTEST_PARALLEL=$(PYTEST_PARALLEL)

.venv-3.13/.test: export UV_PROJECT_ENVIRONMENT = .venv-3.13
.venv-3.13/.test: $(PINS) | $(UV)
	$(call install,what tests on Python 3.13 need,$(SYNC) --python "$(PYTHON_3.13)" --group host --group test)
