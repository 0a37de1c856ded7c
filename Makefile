# make score VIDEO=film.mp4 [OUT=scored.mp4] [ARGS="--style ambient"]   score a film (a demo film without VIDEO)
# make setup | test | check | demo | clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := demo/demo.mp4
export VIDEO OUT

.PHONY: setup score demo test check clean

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

score: setup
	@if [ -z "$$VIDEO" ]; then \
		mkdir -p demo && { [ -f $(DEMO) ] || $(BIN)/cuesmith demo $(DEMO); } && VIDEO=$(DEMO); \
	fi; \
	if [ -n "$$OUT" ]; then set -- -o "$$OUT"; else set --; fi; \
	$(BIN)/cuesmith score "$$@" $(ARGS) -- "$$VIDEO"

demo: setup
	mkdir -p demo && $(BIN)/cuesmith demo $(DEMO)

test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal tests

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_directions.py tests/test_packaging.py

clean:
	rm -rf $(VENV) build dist *.egg-info demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
