# Tasks for developers; `just` alone lists them.  Everything runs in .venv (see CONTRIBUTING.md).

bin := ".venv/bin"

default:
    @just --list

# make .venv with everything a developer needs
setup:
    python3 -m venv .venv
    {{bin}}/pip install --quiet --editable ".[dev]"

# everything that CI checks, but without fresh environments
check: lint types imports docs test

# the README's test command leaves the heavy ones to CI; these are all
test *args:
    {{bin}}/pytest -m "" {{args}}

lint:
    {{bin}}/ruff check .
    {{bin}}/ruff format --check .

format:
    {{bin}}/ruff check --fix .
    {{bin}}/ruff format .

types:
    {{bin}}/mypy

imports:
    {{bin}}/lint-imports

# are the generated pages up to date?
docs:
    {{bin}}/python tools/make_docs.py --check
    {{bin}}/graphdiff figures examples/figures.toml --check
    {{bin}}/python tools/make_gallery.py --check

# write the pages of the command line and of the ops, the gallery, the pictures and the examples' output anew
write-docs:
    {{bin}}/graphdiff figures examples/figures.toml
    {{bin}}/python tools/make_gallery.py
    {{bin}}/python tools/make_docs.py

# every op × command × situation; the suite takes a choice of them
matrix *args:
    GRAPHDIFF_MATRIX=all {{bin}}/pytest -q -n auto -m "" tests/matrix {{args}}

# forty times the random examples, as for a night
thorough *args:
    HYPOTHESIS_PROFILE=thorough {{bin}}/pytest -q -n auto -m "" {{args}}

# look for inputs that break a reader, each target for so many seconds (Linux)
fuzz target="all" seconds="60":
    {{bin}}/pip install --quiet --editable ".[fuzz]"
    {{bin}}/python tests/fuzz/search.py {{target}} {{seconds}}

bench *args:
    {{bin}}/python benchmarks/run.py {{args}}

# what CI runs, from nothing
ci:
    .ci/run
