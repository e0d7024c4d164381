# `make demo` and `make test` set everything up first; nothing else is needed than Python 3.11-3.13 and a package registry.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS ?= cpu,offline,eval,ui,postgres,tune,dev
DEMO_EXTRAS ?= cpu,offline,eval,ui
WORKERS ?= 2
export RAGKIT_HOME ?= indexes

.PHONY: help demo test slow lint docs bench clean setup-demo setup-dev

help:                      ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "make %-8s %s\n", $$1, $$2}'

demo: setup-demo           ## set up, build the demo index, answer questions with their sources
	$(BIN)/ragkit demo

test: setup-dev            ## set up, then lint, types and the fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not slow" -n $(WORKERS) --dist loadgroup

slow: setup-dev            ## what a release needs and a commit does not
	$(BIN)/python -m pytest -m slow

lint: setup-dev            ## style and types alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: setup-dev            ## the documentation, into build/site; fails on a broken link
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet
	@echo "build/site/index.html"

bench: setup-dev           ## the project's own standing; RAGKIT_DATA names a folder of question sets
	$(BIN)/python -m bench

setup-demo:
	@PYTHON="$(PYTHON)" ./setup.sh "$(VENV)" "$(DEMO_EXTRAS)"

setup-dev:
	@PYTHON="$(PYTHON)" UV_COMPILE_BYTECODE=1 ./setup.sh "$(VENV)" "$(EXTRAS)"

clean:                     ## remove what was made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
