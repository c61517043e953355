# make install | run | test | lint | docs | lock | bench | load | screenshots; PORT, VAR, PYTHON and JOBS (of the tests) can be given.
PORT ?= 8000
VAR ?= var
PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
export VAR
.PHONY: install run test lint lint-style lint-imports lint-types lint-templates lint-scripts lint-security lint-packages docs lock wheels bench load screenshots

install: .venv/installed

.venv/installed: requirements.txt $(wildcard docker/requirements-*.in) docker/requirements-torch.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) -r requirements.txt
	touch $@

# The versions that the images have, and the tools. torch comes last: it has no hash, and finds all it needs installed.
.venv/installed-dev: requirements-dev.txt docker/requirements-torch.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --require-hashes --no-deps -r requirements-dev.txt
	$(PIP) -r docker/requirements-torch.txt
	touch $@

# The site serves the documentation at /docs/.
run: install
	-$(BIN)/zensical build > /dev/null
	exec $(BIN)/python manage.py quickstart --port $(PORT)

# Fails under the floor of coverage that pyproject.toml sets; `.venv/bin/coverage report` then shows each file.
test: .venv/installed-dev
	$(BIN)/python -m pytest --cov --cov-report= --numprocesses $(JOBS) --dist loadfile

# .pre-commit-config.yaml runs these parts one by one.
lint: lint-style lint-imports lint-types lint-templates lint-scripts lint-security lint-packages docs

lint-style: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-imports: .venv/installed-dev
	$(BIN)/lint-imports

# mypy's plugin reads the settings, which sign and serve nothing here.
lint-types: .venv/installed-dev
	SECRET_KEY=lint $(BIN)/mypy

lint-templates: .venv/installed-dev
	$(BIN)/djlint templates --lint --check --quiet

# The one part that needs node (18 or newer), for biome. `make test` runs the tests of the scripts.
lint-scripts: node_modules/installed
	npm run --silent lint

lint-security: .venv/installed-dev
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml microdb classifier manage.py

# Skipped, with the reason, where the source of the advisories does not answer.
lint-packages: .venv/installed-dev
	$(BIN)/python -m tests.audit

node_modules/installed: package.json package-lock.json
	npm ci --silent --no-audit --no-fund
	touch $@

# Into var/docs. Fails on a link or an anchor that does not exist.
docs: .venv/installed-dev
	$(BIN)/zensical build --strict

# Locked versions stay where they still fit; `make lock UPGRADE=--upgrade` takes the newest.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --annotation-style line --no-emit-package torch --custom-compile-command "make lock" $(UPGRADE)

lock: $(BIN)/uv
	$(COMPILE) --output-file requirements-dev.txt tests/requirements.in
	$(COMPILE) --output-file docker/requirements-web.txt --constraints requirements-dev.txt \
		docker/requirements-web.in docker/requirements-s3.in
	$(COMPILE) --output-file docker/requirements-worker.txt --constraints requirements-dev.txt \
		docker/requirements-worker.in docker/requirements-s3.in
	$(MAKE) wheels

# Fails where a locked version has no wheel for one of the systems that the README names.
PYTHONS := 3.11 3.12 3.13 3.14
SYSTEMS := x86_64-manylinux_2_28 aarch64-manylinux_2_35 aarch64-apple-darwin

wheels: export MACOSX_DEPLOYMENT_TARGET = 14.0
wheels: $(BIN)/uv
	for python in $(PYTHONS); do for system in $(SYSTEMS); do \
		$(BIN)/uv pip compile --quiet --no-deps --only-binary :all: --python-version $$python \
			--python-platform $$system requirements-dev.txt docker/requirements-torch.txt > /dev/null || exit 1; \
	done; done

$(BIN)/uv:
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) "$$(grep '^uv==' tests/requirements.in)"

# scikit-image, for the classical peers, is a package of development
bench: .venv/installed-dev
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.batches
	$(BIN)/python -m tests.benchmarks.pages
	$(BIN)/python -m tests.benchmarks.scoring
	$(BIN)/python -m tests.benchmarks.two_workers
	$(BIN)/python -m tests.benchmarks.admin_pages
	$(BIN)/python -m tests.benchmarks.similar

# Pictures of every page in both themes and at two widths, from the demo and from UHCS: VAR/screenshots/pictures.
screenshots: .venv/installed-dev
	$(BIN)/python -m tests.screenshots

# The users of tests/load/locustfile.py on 100,000 micrographs and 1,000,000 scores, for ten minutes: exit 1 where a kind
# of request takes more than 300 ms (95th percentile). LOAD="--minutes 1" gives other options.
load: .venv/installed-dev .venv-load/installed
	$(BIN)/python -m tests.load $(LOAD)

.venv-load/installed: tests/load/requirements.in
	test -x .venv-load/bin/python || $(PYTHON) -m venv .venv-load
	.venv-load/bin/pip install --quiet --disable-pip-version-check -r tests/load/requirements.in
	touch $@
