# Running and checking the program. `make` alone lists the targets.
#
# Everything happens in this folder: packages in .venv, data in var. Variables people set:
#   PORT=8000  SANDBOX_PORT=8001   where `make run` and `make sandbox` listen (loopback only)
#   DATASET=demo|empty             what `make sandbox` starts with
#   PYTHON=python3.11              the interpreter .venv is made from
#   WORKERS=2                      processes of `make test`; ARGS="-k till" goes to pytest
#   COVERAGE=1                     `make test` measures what the tests run through (Python 3.11 cannot trace
#                                  threads that start at the same moment: a race test may then fail)
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
SANDBOX_PORT ?= 8001
WORKERS ?= 2
VENV ?= .venv
export PORT SANDBOX_PORT VENV
ifdef DATASET
export DATASET
endif

BIN := $(VENV)/bin
CODE := smartbis_admin customers rewards vouchers sandbox
PYTEST := $(BIN)/$(if $(COVERAGE),coverage run -m )pytest
# One production-like environment for everything that only reads the code.
CHECK_ENV := env $$(grep -v '^\#' .ci/check.env)

.PHONY: help
help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

.PHONY: setup
setup:  ## Make .venv and install what running and developing need
	@.ci/setup dev

.PHONY: run
run:  ## Start sandbox, web, worker and scheduler; PORT= SANDBOX_PORT=
	@.ci/setup run
	@exec setpriv --pdeathsig TERM $(BIN)/python -m smartbis_admin.launcher

.PHONY: sandbox
sandbox:  ## Start the sandbox alone; SANDBOX_PORT= DATASET=demo|empty
	@.ci/setup run
	@exec setpriv --pdeathsig TERM $(BIN)/python -m sandbox serve

.PHONY: test
test: setup  ## Run every test, browser journeys included; ARGS="-k till"
	@.ci/need chromium chromium "the browser journeys will fail" || true
	@.ci/need msgfmt gettext "the tests of the translations will fail" || true
	@$(if $(COVERAGE),$(BIN)/coverage erase)
	@$(PYTEST) -n $(WORKERS) $(ARGS)
ifdef COVERAGE
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
endif

.PHONY: test-production
test-production: setup  ## Run what touches the database or the queue on PostgreSQL and Redis
	@.ci/with-servers $(BIN)/pytest -n $(WORKERS) -m "not one_database" $(ARGS)

.PHONY: chaos
chaos: setup  ## Till against faults, deaths and rivals; STEPS=10000 ROUNDS=1000 SEED=
	@export CHAOS_STEPS=$(or $(STEPS),10000) CHAOS_ROUNDS=$(or $(ROUNDS),1000) CHAOS_SEED=$(SEED); \
		run="$(BIN)/pytest -o faulthandler_timeout=0 --show-capture=no tests/till/chaos"; \
		$$run; .ci/with-servers $$run/test_one_winner.py

.PHONY: check
check: lint types layers migrations deploy locale  ## Everything that needs no running: lint to locale

.PHONY: lint
lint: setup  ## Style, common mistakes, templates, security
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint --quiet --lint templates smartbis_admin customers rewards vouchers
	@# ruff's S rules say the rest, with each exception where it stands.
	@$(BIN)/bandit --quiet --severity-level high --configfile pyproject.toml --recursive $(CODE)

.PHONY: format
format: setup  ## Put imports and layout in order
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

.PHONY: types
types: setup  ## Types of both projects
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file .ci/mypy-sandbox.ini

.PHONY: layers
layers: setup  ## Arrows only point down
	@$(BIN)/lint-imports

.PHONY: migrations
migrations: setup  ## Models and migrations agree, in both projects
	@$(CHECK_ENV) $(BIN)/python manage.py makemigrations --check --dry-run
	@$(CHECK_ENV) DJANGO_SETTINGS_MODULE=sandbox.settings $(BIN)/python -m django makemigrations --check --dry-run

.PHONY: deploy
deploy: setup  ## Django's own check of production settings
	@$(CHECK_ENV) $(BIN)/python manage.py check --deploy --fail-level WARNING

.PHONY: locale
locale: setup  ## Translation catalogues are well formed and compiled
	@.ci/locale

.PHONY: messages
messages: setup  ## Collect the texts to translate and compile the catalogues
	@.ci/need msgfmt gettext "texts cannot be collected"
	@mkdir -p smartbis_admin/locale
	@$(CHECK_ENV) $(BIN)/python manage.py makemessages -l en -l es --no-obsolete --no-location \
		--ignore .venv --ignore var --ignore sandbox --ignore tests --ignore static
	@$(CHECK_ENV) $(BIN)/python manage.py compilemessages --ignore .venv --ignore var

.PHONY: bench
bench: bench-sync bench-till bench-bridge  ## Run every benchmark

.PHONY: bench-till
bench-till: setup  ## Our time on top of the platform's at the till, on PostgreSQL; T=60 seconds
	@.ci/need chromium chromium "the time on screen cannot be measured"
	@.ci/with-servers env BENCH_SECONDS=$(T) $(BIN)/python benchmarks/till/run.py

.PHONY: bench-bridge
bench-bridge: setup  ## Card machines: a file of sales and deliveries, on PostgreSQL; ROWS=50000 T=60
	@.ci/with-servers env BENCH_ROWS=$(ROWS) BENCH_SECONDS=$(T) $(BIN)/python benchmarks/bridge/run.py

.PHONY: bench-sync
bench-sync: setup  ## Our sync beside dlt's and a bare script; N=100000 DB=sqlite|postgres
	@if ! sha256sum --check --status var/bench-venv/lock.stamp 2>/dev/null; then \
		$(BIN)/uv venv --quiet --clear --python $(BIN)/python var/bench-venv; \
		$(BIN)/uv pip sync --quiet --require-hashes --python var/bench-venv/bin/python requirements-bench.lock; \
		sha256sum requirements-bench.lock >var/bench-venv/lock.stamp; fi
	@$(if $(filter postgres,$(DB)),.ci/with-servers) env N=$(N) DB=$(DB) $(BIN)/python benchmarks/sync/run.py

.PHONY: lock
lock: setup  ## Pin the packages of pyproject.toml anew, with their hashes
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-header pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-header pyproject.toml --group sandbox -o requirements-sandbox.lock
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-header pyproject.toml --group dev -o requirements-dev.lock
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-header --group bench -o requirements-bench.lock

.PHONY: clean
clean:  ## Remove caches and .venv; keeps var, where your data are
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* htmlcov
	@find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +
