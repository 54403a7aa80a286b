# Every command of the course. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# make lab TORCH_INDEX=URL takes torch from another package index, such as PyTorch's own of small CPU builds
TORCH_INDEX ?=
# make train DATASET=mnist ARGS="--num_epoch 20 --width 1"
DATASET ?= mnist-5k
WIDTH ?= 0.5
ARGS ?=
# On loopback, with JupyterLab's own token; no calls home; root is who one is in a container
LAB_OPTIONS := --ServerApp.ip=127.0.0.1 --LabApp.news_url=None \
    --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help setup lab test lint train bench sync check render clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Create .venv and install the course into it (the other commands do it when needed)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	    { echo "error: Python 3.10 or newer is needed, $$($(PYTHON) --version) found: make PYTHON=python3.12 …" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(BIN)/python -m pip install --quiet --index-url '$(TORCH_INDEX)' torch torchvision)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

lab: $(READY)  ## Open JupyterLab on the course, on this machine only
	$(BIN)/jupyter lab $(LAB_OPTIONS) notebooks

test: $(READY)  ## Run every test, and the notebooks in fast mode
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest
	INFOGAN_FAST=1 $(BIN)/python -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=300 --timeout=600 notebooks

lint: $(READY)  ## Format the code and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

train: $(READY)  ## Train the compact InfoGAN on 5,000 digits, offline, in minutes (DATASET=mnist for all 60,000)
	$(BIN)/python -m infogan_lib.train --dataset $(DATASET) --width $(WIDTH) $(ARGS)

bench: $(READY)  ## Measure the speed of an update, as ratios
	$(BIN)/python benchmarks/update.py

sync: $(READY)  ## Bring the notebooks' .ipynb in step with their .py, keeping outputs
	$(BIN)/python .ci/notebooks.py sync

check: $(READY)  ## Fail if a notebook and its .py differ, or its outputs are stale
	$(BIN)/python .ci/notebooks.py check

render: $(READY)  ## Run the notebooks in full and store their outputs
	$(BIN)/python .ci/notebooks.py render

clean:  ## Remove .venv and caches; runs and data stay
	rm -rf $(VENV) .pytest_cache .ruff_cache *.egg-info
