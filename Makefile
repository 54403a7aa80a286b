# Every command of the course. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# make lab TORCH_INDEX=URL installs torch from another package index, such as PyTorch's index of small CPU builds
TORCH_INDEX ?=
# make train DATASET=mnist ARGS="--num_epoch 20 --width 1"
DATASET ?= mnist-5k
WIDTH ?= 0.5
ARGS ?=
DATA_ROOT ?= data
# make test-colab COLAB_PYTHON=python3.13 uses the Python that Colab has; any version that the course supports will do
COLAB_PYTHON ?= $(PYTHON)
COLAB := .venv-colab
COLAB_READY := $(COLAB)/.ready
COLAB_RUN := $(COLAB)/run
# Jupyter Book pins old versions of packages that the course needs in newer ones: hence an environment of its own
SITE := .venv-site
SITE_READY := $(SITE)/.ready
# make test-browser CHROMIUM=PATH uses this browser instead of the first Chromium that is found
export CHROMIUM ?=
HAS_CHROMIUM := [ -n "$$CHROMIUM" ] || command -v chromium chromium-browser google-chrome >/dev/null
BROWSER_READY := $(VENV)/.browser-ready
# On loopback, with JupyterLab's token and without calls home; in a container the user is often root
LAB_OPTIONS := --ServerApp.ip=127.0.0.1 --LabApp.news_url=None \
    --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help setup lab explorer quick test test-wheel test-colab test-browser site screenshots lint train bench reproduce sync check render handout clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

explorer: $(READY)  ## Write explorer.html, one file in which the networks run in the browser (ARGS="MODEL … --title …")
	$(BIN)/python -m infogan_lib.explorer $(ARGS)

# The networks of the tests are too small for threads, which would mostly wait for each other: hence one thread for each
# process. `make test` starts three workers for CI's two cores, because many tests wait for other programs.
quick: $(READY)  ## Run the tests of the core and of the layout, in half a minute
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/core tests/project/test_rooms.py

test: $(READY)  ## Run every test, and the notebooks in fast mode
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadgroup
	INFOGAN_FAST=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope \
	    --nbval-lax --nbval-current-env --nbval-cell-timeout=300 --timeout=600 notebooks

test-wheel: $(READY)  ## Build the wheel, install it into an empty environment, and try it there
	$(BIN)/python -m pytest tests/wheel/test_wheel.py

$(COLAB_READY): .ci/colab-packages.txt
	$(COLAB_PYTHON) -m venv --clear $(COLAB)
	$(if $(TORCH_INDEX),$(COLAB)/bin/python -m pip install --quiet --index-url '$(TORCH_INDEX)' \
	    --constraint .ci/colab-packages.txt torch torchvision)
	$(COLAB)/bin/python -m pip install --quiet --requirement .ci/colab-packages.txt
	@touch $@

# In a fresh environment on top of that one, the first notebook's setup cell finds no library and installs it, from a copy
# because building writes into the source. The last line fails if that changed any of the versions.
test-colab: $(READY) $(COLAB_READY)  ## Run the notebooks in fast mode on Colab's versions (several GB, once)
	$(COLAB)/bin/python -m venv --clear $(COLAB_RUN)
	ls -d '$(CURDIR)'/$(COLAB)/lib/python*/site-packages > "$$(ls -d $(COLAB_RUN)/lib/python*/site-packages)/below.pth"
	$(COLAB_RUN)/bin/python -m ipykernel install --prefix $(COLAB_RUN) --name colab
	mkdir $(COLAB_RUN)/source && cp -R infogan_lib pyproject.toml README.md $(COLAB_RUN)/source
	INFOGAN_FAST=1 INFOGAN_SOURCE='$(CURDIR)/$(COLAB_RUN)/source' JUPYTER_PATH='$(CURDIR)/$(COLAB_RUN)/share/jupyter' \
	    $(BIN)/python -m pytest --nbval-lax --nbval-kernel-name=colab --nbval-cell-timeout=600 --timeout=900 notebooks
	$(COLAB_RUN)/bin/python -m pip install --quiet --no-index --dry-run --requirement .ci/colab-packages.txt

$(BROWSER_READY): $(READY)
	@$(HAS_CHROMIUM) || ! [ "$$(id -u)" = 0 ] || ! command -v apt-get >/dev/null || { apt-get -qq update && \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends chromium fonts-dejavu-core; } >/dev/null
	@$(HAS_CHROMIUM) || { echo "error: no Chromium found: install Debian's chromium, or give its path with CHROMIUM=PATH" >&2; \
	    exit 2; }
	$(BIN)/python -m pip install --quiet --editable '.[browser]'
	@touch $@

$(SITE_READY): site/requirements.txt
	$(PYTHON) -m venv --clear $(SITE)
	$(SITE)/bin/python -m pip install --quiet --requirement site/requirements.txt
	@command -v npm >/dev/null || ! [ "$$(id -u)" = 0 ] || ! command -v apt-get >/dev/null || { apt-get -qq update && \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends npm ca-certificates; } >/dev/null
	@command -v npm >/dev/null || { echo "error: npm is needed to fetch MathJax: install Debian's npm" >&2; exit 2; }
	@touch $@

site: $(READY) $(SITE_READY)  ## Build the course as static HTML in site/_build/html, without running the notebooks
	mkdir -p site/_build
	$(BIN)/python -m infogan_lib.explorer --output site/_build/explorer.html
	$(SITE)/bin/python site/build.py site/_build/explorer.html

test-browser: $(BROWSER_READY) site  ## Drive the explorer in Jupyter, explorer.html and the site in a headless Chromium
	$(BIN)/python -m pytest tests/browser/drive_page.py tests/browser/drive_lab.py tests/browser/drive_site.py

screenshots: $(BROWSER_READY)  ## Take the pictures of the explorer that the README shows
	$(BIN)/python -m pytest tests/browser/screenshots.py

lint: $(READY)  ## Format the code and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

train: $(READY)  ## Train the compact InfoGAN on 5,000 digits, offline, in minutes (DATASET=mnist for all 60,000)
	$(BIN)/python -m infogan_lib.train --dataset $(DATASET) --width $(WIDTH) $(ARGS)

# The last one needs the complete MNIST; make bench DATA_ROOT=FOLDER looks for it in another folder
bench: $(BROWSER_READY)  ## Measure speed and memory, with references from the same run (20 minutes on an idle machine)
	$(BIN)/python benchmarks/update.py
	$(BIN)/python benchmarks/explorer.py
	$(BIN)/python benchmarks/page.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/processes.py
	$(BIN)/python benchmarks/time_to_accuracy.py --data_root '$(DATA_ROOT)'

reproduce: $(READY)  ## Train and judge every variant over 5 seeds, and write the tables (takes hours, can be interrupted)
	$(BIN)/python benchmarks/reproduce.py $(ARGS)

sync: $(READY)  ## Update the notebooks' .ipynb from their .py, keeping outputs
	$(BIN)/python .ci/notebooks.py sync

check: $(READY)  ## Fail if an .ipynb and its .py differ, or outputs are stale
	$(BIN)/python .ci/notebooks.py check

render: $(READY)  ## Run the notebooks in full and store their outputs
	$(BIN)/python .ci/notebooks.py render

handout: $(READY)  ## Write the notebooks without solutions into handout/, for a class
	$(BIN)/python .ci/notebooks.py handout

clean:  ## Remove .venv, .venv-colab, .venv-site, the built site and caches; runs and data stay
	rm -rf $(VENV) $(COLAB) $(SITE) site/_build .pytest_cache .ruff_cache *.egg-info
