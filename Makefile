# make score VIDEO=film.mp4 [OUT=scored.mp4] [ARGS="--style ambient"]   score a film (a demo film without VIDEO)
# make setup | setup-dev | test | check | demo | proto | clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
DEMO := demo/demo.mp4
export VIDEO OUT

.PHONY: setup setup-dev score demo test check proto clean

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

setup-dev: $(READY_DEV)

# Everything the tests and checks use: the models' libraries (torch, about 5 GB) and the development tools.
$(READY_DEV): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,ace-step,clip,service]'
	touch $@

score: setup
	@if [ -z "$$VIDEO" ]; then \
		mkdir -p demo && { [ -f $(DEMO) ] || $(BIN)/cuesmith demo $(DEMO); } && VIDEO=$(DEMO); \
	fi; \
	if [ -n "$$OUT" ]; then set -- -o "$$OUT"; else set --; fi; \
	$(BIN)/cuesmith score "$$@" $(ARGS) -- "$$VIDEO"

demo: setup
	mkdir -p demo && $(BIN)/cuesmith demo $(DEMO)

test: setup-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal tests

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_directions.py tests/test_packaging.py

# Only after a change of deploy/proto/compose.proto.
proto: setup-dev
	$(BIN)/python deploy/proto/generate.py

clean:
	rm -rf $(VENV) build dist *.egg-info demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
