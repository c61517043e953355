# make install | run | test | lint | bench; PORT, VAR and PYTHON can be given to each.
PORT ?= 8000
VAR ?= var
PYTHON ?= python3
BIN := .venv/bin
export VAR
# Lint reads the settings but signs and serves nothing.
lint: export SECRET_KEY = lint

.PHONY: install run test lint bench

install: .venv/installed

.venv/installed: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

run: install
	exec $(BIN)/python manage.py quickstart --port $(PORT)

test: .venv/installed-dev
	$(BIN)/python -m pytest

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# scikit-image, for the classical peers, is a package of development
bench: .venv/installed-dev
	$(BIN)/python -m tests.benchmarks
