# The two commands of the README, and the rest of a developer's day. Each target does its own set-up.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo demo-tryton test check fast bench faults proof tryton setup setup-test browser

PYTHON ?= python3
# Where this is set, each of the suite's many processes would compile the whole house anew: 1 to 2 s a start.
unexport PYTHONDONTWRITEBYTECODE
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := .venv/bin
PYTEST := $(RUN)/python -m pytest

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: setup  ## install everything and run a floor with demo data on http://127.0.0.1:8080
	$(RUN)/pickface demo

demo-tryton: tryton  ## a floor with a live Tryton beside it: shows the whole circle, then serves both
	$(RUN)/python -m tests.tryton.demo

test: setup-test browser tryton check  ## install everything, then format, lint, types, layers and the whole suite
	$(PYTEST) -n 2 --dist loadgroup -m "not faults and not proof"

fast: setup-test  ## the tests without browsers, servers and PostgreSQL: seconds, before each commit
	$(PYTEST) -n 2 -m "not faults and not proof" --ignore tests/browser --ignore tests/faults --ignore tests/proof

check: setup-test  ## format, lint, mypy --strict and the layers
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports

bench: setup-test tryton  ## measure B1 to B17 side by side; a table, and bench.json
	$(RUN)/python -m tests.bench

faults: setup-test browser tryton  ## every fault test in its long form
	$(PYTEST) -m "faults" -n 2 --dist loadgroup --timeout 3600

proof: setup-test  ## a whole day of orders through the floor, killed and cut off on the way; prints its figures
	$(RUN)/python -m tests.proof
	$(RUN)/python -m tests.proof --mixed --orders 120 --lines 1200 --kills 10

tryton: setup-test  ## install a Tryton of its own for the tests, with a company, where it is not there yet
	PATH="$(dir $(abspath $(UV))):$$PATH" $(RUN)/python -m tests.tryton

setup: .venv/.ready
setup-test: .venv/.ready-test

.venv/.ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --frozen --no-default-groups --inexact
	@touch $@

.venv/.ready-test: pyproject.toml uv.lock | $(UV)
	$(UV) sync --quiet --frozen --inexact
	@touch $@ .venv/.ready

browser: setup-test
	@$(RUN)/python -m tests.chromium

# uv is fetched from PyPI into .tools when the machine has none.
.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Pickface needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V)."; exit 1; }
	@$(PYTHON) -m venv .tools 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then rm -rf .tools; apt-get update -q && apt-get install -y -q python3-venv && $(PYTHON) -m venv .tools; \
	  else echo "Python's venv module is missing: install the package python3-venv (as root: apt-get install python3-venv), then try again."; exit 1; fi; }
	@.tools/bin/pip install --quiet --disable-pip-version-check uv
