# Each target makes its own environment in .venv, so that a fresh clone needs nothing but
# Python and make. Nothing is installed twice: each purpose has a stamp, named after the
# version and as old as the pyproject.toml it was installed from.

VENV   ?= .venv
BUILD  ?= build
# The first interpreter that is new enough.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
# The PyTorch to test with, installed before anything that depends on one, so that nothing
# else chooses it. Where the index serves a CUDA build of it for your machine, name a CPU
# build: make test TORCH=/path/to/torch.whl. Empty: the tests that need PyTorch are skipped.
TORCH  ?= torch==2.13.0
# Processes that run the tests; 0: this one alone, for a debugger.
JOBS   ?= auto

VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' sensitivity/__init__.py)
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
DEMO    := $(VENV)/.demo-$(VERSION)
LINT    := $(VENV)/.lint-$(VERSION)
DOCS    := $(VENV)/.docs-$(VERSION)
DEMOTTA := $(VENV)/.demo-tta-$(VERSION)
TEST    := $(VENV)/.test-$(VERSION)
DEV     := $(VENV)/.dev-$(VERSION)
comma   := ,
EXTRAS  := $(if $(TORCH),tta$(comma))demo$(comma)mlflow
heading  = @printf '\n== %s ==\n' "$(1)"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo demo-tta proof-fashion test lint docs wheel unit unit-lowest
.PHONY: bench bench-null bench-power bench-tta notebooks clean

help: ## Say what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(DEMO) ## Analyse a classifier of solar cells on its real photos
	@$(BIN)/sensitivity demo --out demo-results

demo-tta: $(DEMOTTA) demo ## Collect the views of its last part anew, with PyTorch: the same numbers
	@$(BIN)/sensitivity tta demo-results --model examples/elpv/model.py:load \
		--images "$$($(BIN)/python -c 'from sensitivity.demo import photo_folder; print(photo_folder())')" \
		--like sensitivity/data/elpv_views.npz \
		--mix 'original=.5,vflip=.5' --mix 'original=.5,box_blur(3)=.5'

proof-fashion: $(DEMOTTA) ## What TTA gains on degraded Fashion-MNIST, and where it is refused; minutes
	@$(BIN)/python examples/fashion/collect.py
	@$(BIN)/python examples/fashion/prove.py

test: $(DEV) ## All that is checked: lint, docs, wheel, unit
	@$(MAKE) --no-print-directory lint docs wheel unit

lint: $(LINT) ## Format, style, types, layers
	$(call heading,format and style)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	$(call heading,types)
	@$(BIN)/mypy
	$(call heading,layers)
	@$(BIN)/lint-imports --no-logo

docs: $(DOCS) ## The documentation; a warning is an error
	$(call heading,documentation)
	@$(BIN)/python -m sphinx -q -W --keep-going -b html -d $(BUILD)/doctrees docs $(BUILD)/docs
	@echo "built: $(BUILD)/docs/index.html"

wheel: $(TEST) ## Build the wheel, and try it in an empty folder without PyTorch
	$(call heading,wheel)
	@tools/check-wheel $(BIN)/python $(BUILD)

unit: $(TEST) ## The tests, and every example in a docstring or a page
	$(call heading,tests)
	@$(BIN)/pytest -q -n $(JOBS)

unit-lowest: ## The tests, with the lowest versions that pyproject.toml admits
	@mkdir -p $(BUILD)
	@$(PYTHON) tools/lowest.py > $(BUILD)/lowest.txt
	@# Old packages use what newer ones beneath them deprecate.
	@PIP_CONSTRAINT=$(BUILD)/lowest.txt PYTEST_ADDOPTS="-W default::DeprecationWarning" \
		$(MAKE) --no-print-directory unit VENV=$(BUILD)/lowest

bench: $(TEST) ## The benchmarks whose figures stand in the documentation
	@$(PIP) --group bench
	@set -e; for script in benchmarks/bench_*.py; do \
		printf '\n== %s ==\n' "$$script"; $(BIN)/python "$$script"; done

bench-null: $(TEST) ## Are p right where nothing is real? 400 data sets of every kind, minutes
	@$(BIN)/python benchmarks/null.py

bench-power: $(TEST) ## How often is what is there found?
	@$(BIN)/python benchmarks/power.py

bench-tta: $(TEST) ## Is only accepted and confirmed what is true? Made-up data, minutes
	@set -e; for script in tta_truth tta_optimism interventions; do \
		printf '\n== %s ==\n' "$$script"; $(BIN)/python "benchmarks/$$script.py"; done

notebooks: $(TEST) ## Write the notebooks from their texts, and run them
	@$(BIN)/python tools/notebooks.py

clean: ## Remove all that was made, the environment too
	rm -rf $(VENV) $(BUILD) dist demo-results
	rm -rf .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { \
		echo "Python 3.11 or newer is needed, none was found; name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$("$(PYTHON)" --version 2>&1)" >&2; exit 1; }
	$(call heading,installing into $(VENV))
	@"$(PYTHON)" -m venv $(VENV)
	@$(PIP) --upgrade 'pip>=25.1'

$(DEMO): pyproject.toml | $(BIN)/python
	@$(PIP) --editable '.[demo]'
	@touch $@

# PyTorch first, as above; without one named, the newest.
$(DEMOTTA): pyproject.toml | $(BIN)/python
	@$(if $(TORCH),$(PIP) '$(TORCH)',true)
	@$(PIP) --editable '.[tta,demo]' --group demo-tta
	@touch $(DEMO) $@

$(LINT): pyproject.toml | $(BIN)/python
	@$(PIP) --editable . --group lint
	@touch $@

$(DOCS): pyproject.toml | $(BIN)/python
	@$(PIP) --editable . --group docs
	@touch $@

$(TEST): pyproject.toml | $(BIN)/python
	@$(if $(TORCH),$(PIP) '$(TORCH)',true)
	@$(PIP) --editable '.[$(EXTRAS)]' --group test
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	@$(if $(TORCH),$(PIP) '$(TORCH)',true)
	@$(PIP) --editable '.[$(EXTRAS)]' --group dev
	@touch $(DEMO) $(LINT) $(DOCS) $(TEST) $@
