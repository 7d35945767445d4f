# One gate: `make check` is what CI runs. Every target sets its environment up on a machine
# that has only Python 3.11+, make and git.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The first interpreter that runs and is new enough; a version manager's shim may exist and not run.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Byte code of development runs stays out of the folders that `sam build` packs.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.build/pycache
export PYTHONPATH := $(CURDIR)/layers/core:$(CURDIR)/cli:$(CURDIR)

.PHONY: help setup lock
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(READY) ## the development environment in .venv, from the lock file

$(READY): requirements/dev.txt requirements/bootstrap.txt
	@test -n "$(PYTHON)" || { echo "jobwatch needs Python 3.11 or newer on PATH; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements/dev.txt
	touch $@

UV_COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-annotate --custom-compile-command "make lock"
lock: ## resolve the lock files anew from requirements/*.in
	$(UV_COMPILE) --universal --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	$(UV_COMPILE) --python-version 3.13 --python-platform linux -c requirements/dev.txt layers/core/requirements.in -o layers/core/requirements.txt
	$(UV_COMPILE) --universal --python-version 3.11 requirements/scan.in -o requirements/scan.txt

.PHONY: demo test pictures check lint types template scan audit clean-deploy chaos bench bench-logs bench-polling bench-scale bench-mail bench-cold bench-cost bench-usual
demo: setup ## the main job on the embedded stack, on your screen (about a minute)
	@$(BIN)/python -m demo

test: setup ## all tests: unit, adapters, architecture, and the real template on the embedded stack
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: lint types template scan audit test clean-deploy ## everything that CI runs

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup
	$(BIN)/mypy

template: setup
	$(BIN)/cfn-lint template.yaml
	$(BIN)/sam validate --lint --template template.yaml --region us-east-1
	$(BIN)/statelint statemachine/watch.asl.json

# An environment of its own: checkov's dependencies do not fit beside the SAM CLI's.
SCAN := .build/scan
$(SCAN)/.ready: requirements/scan.txt $(READY)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(SCAN)
	$(BIN)/uv pip sync --quiet --require-hashes --python $(SCAN)/bin/python requirements/scan.txt
	touch $@

scan: $(SCAN)/.ready ## the template against checkov's rules; exceptions, with reasons, in .checkov.yaml
	$(SCAN)/bin/checkov --config-file .checkov.yaml

audit: $(SCAN)/.ready ## known vulnerabilities of what ships
	$(BIN)/python -m stack.audit $(SCAN)/bin/pip-audit

pictures: setup ## the messages as Slack, a phone's mail and lock screen show them, into .build/pictures (needs Chromium)
	@$(BIN)/python -m tests.golden.pictures $(PICTURES)

chaos: setup ## faults in front of every AWS call, vendors that misbehave, functions killed: was everybody told the truth?
	$(BIN)/python -m chaos $(CHAOS)

clean-deploy: setup ## deploys from a clean checkout with nothing but sam, pip and make on PATH
	$(BIN)/python -m stack.clean_deploy

bench: bench-logs bench-polling bench-scale bench-mail bench-cold bench-cost bench-usual ## every benchmark; each prints its baselines beside what it measured

bench-logs: setup ## the log summary against drain3, orjson and grep, over generated logs
	$(BIN)/python -m benchmarks.logs

bench-polling: setup ## the polling policy against others' defaults (TRACES=FILE for your own jobs)
	$(BIN)/python -m benchmarks.polling $(if $(TRACES),--traces $(TRACES),--picture docs/polling-front.svg)

bench-scale: setup ## an account's limits and 10,000 watches in simulated time, 300 at once in real time
	$(BIN)/python -m benchmarks.account_limits
	$(BIN)/python -m benchmarks.scale

bench-mail: setup ## bursts of refusals, stopped executions and ends: publishes a second, messages, nothing lost
	$(BIN)/python -m benchmarks.mail

bench-cold: setup ## import time and package size of each function, and the poller's first write
	$(BIN)/python -m benchmarks.cold

bench-cost: setup ## transitions, Lambda time and DynamoDB units per poll, priced
	$(BIN)/python -m benchmarks.cost

bench-usual: setup ## what is usual of a series: false alarms, and what is found (SERIES=FILE for your own runs)
	$(BIN)/python -m benchmarks.usual $(if $(SERIES),--series $(SERIES))
