# Short names for what .ci/run does, for work in the clone.
.PHONY: all test lint types screenshot
BIN = .venv/bin

all: lint types test

test:
	$(BIN)/pytest

lint:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types:
	$(BIN)/mypy

screenshot:
	$(BIN)/python -m scripts.screenshot
