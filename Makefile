# `make demo` and `make test` set up everything they need; nothing but Python >= 3.11 is expected.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# RUNLEVEL: what is installed is not started as a service.
INSTALL := RUNLEVEL=1 apt-get install -y -qq --no-install-recommends

.DEFAULT_GOAL := help
.PHONY: help setup demo rehearsal programs test fuzz coverage check bench soak docs format clean

help:  ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(READY)  ## make the virtual environment
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev --editable '.[all]'
	@touch $(READY)

demo: $(READY)  ## run legacy remove.bg programs on the embedded sandbox, show what came out, compare two providers
	$(BIN)/python examples/demo.py

rehearsal: $(READY)  ## go through a whole migration, with a double of remove.bg and the sandbox
	$(BIN)/python examples/rehearsal.py out/rehearsal

programs:  ## install Chromium and nginx, which tests of the report and of deploy/ use (Debian, as root)
	command -v chromium >/dev/null || { apt-get update -qq && $(INSTALL) chromium fonts-dejavu-core; }
	-command -v nginx >/dev/null || { apt-get update -qq && $(INSTALL) nginx-light; }

test: $(READY)  ## run every test
	$(BIN)/python -m pytest -n 2 --dist loadscope

fuzz: $(READY)  ## send the gateway thousands of damaged and generated requests
	FUZZ_EXAMPLES=5000 $(BIN)/python -m pytest -n 2 tests/gateway/test_fuzz.py tests/gateway/test_openapi.py

coverage: $(READY)  ## run every test, and hold translation and adapters to 95 % of branches
	rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest -n 0
	-$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --include='src/pixian_shim/translation/*,adapters/*' --fail-under=95

check: $(READY)  ## lint, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pyright

bench: $(READY)  ## measure the figures the project holds itself to
	$(BIN)/python bench/run.py

soak: $(READY)  ## let the gateway work for ten minutes, then take 1,000 large uploads
	$(BIN)/python bench/soak.py

docs: $(READY)  ## print the guides' tables anew from the rules
	$(BIN)/python docs/tables.py

format: $(READY)  ## format the code
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

clean:  ## remove what the targets made
	rm -rf .venv .legacy out dist .coverage* .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
