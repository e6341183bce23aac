# `make run` and `make test` are all there is to know; both stand on `make install`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Bytecode is kept: without it every start compiles a thousand files anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install run test lock bench

install: $(STAMP)

# uv installs the hash-locked set in seconds; pip alone would take minutes.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11, 3.12 or 3.13 is needed; try: make PYTHON=python3.11" if not (3, 11) <= sys.version_info < (3, 14) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode \
	  --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

run: install
	$(BIN)/rulewright serve

test: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --ignore=tests/bench --ignore=tests/e2e
	$(BIN)/python -m pytest tests/e2e

# Figures, not proof: `make bench` prints them, nothing asserts them.
bench: install
	$(BIN)/python -m pytest tests/bench -s

# After a change of dependencies; needs uv. The file names no index.
lock: $(STAMP)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --extra dev --extra fast --extra postgres \
	  pyproject.toml --output-file requirements.lock
