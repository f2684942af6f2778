# make demo: hear it.  make test: prove it, what the machine has no means for left out and named in the last line.
# make check: what to run before a commit, in three minutes; TESTS="tests/dsp" adds those of the room you changed.
# make plugins: the shipped textures and the desk as LV2 and CLAP, for people without a compiler.
# Everything is installed in .venv, nothing outside this folder.
PYTHON ?= python3
BIN := .venv/bin

TESTS ?=
QUICK := tests/test_contract.py tests/test_graph.py tests/test_layers.py tests/test_readme.py tests/cli/test_arguments.py \
    tests/native/test_cache.py tests/native/test_symbols.py tests/osc/test_osc.py tests/ui/test_window.py

PLUGINS := dist/plugins
EXPORT := $(BIN)/python -m rtengine export

.PHONY: demo test check lint plugins clean

demo: .venv/core
	$(BIN)/python -m offline demo demo

test: .venv/dev
	$(BIN)/python -m pytest

check: lint
	$(BIN)/python -m pytest -n auto $(QUICK) $(TESTS)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

plugins: .venv/core
	mkdir -p $(PLUGINS)
	$(EXPORT) lv2 --name "rtengine textures" --force -o $(PLUGINS)/rtengine-textures.lv2
	$(EXPORT) clap --name "rtengine textures" --force -o $(PLUGINS)/rtengine-textures.clap
	$(EXPORT) lv2 --name "rtengine desk" --patch console --setting automatic=on --channels 2,8 --force -o $(PLUGINS)/rtengine-desk.lv2
	$(EXPORT) clap --name "rtengine desk" --patch console --setting automatic=on --channels 2,8 --force -o $(PLUGINS)/rtengine-desk.clap

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv

.venv/core: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/dev: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@ .venv/core

clean:
	rm -rf .venv demo build dist
