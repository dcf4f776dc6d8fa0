# Everything a newcomer, a developer and CI do with Pujiang. `make help` lists the targets.
# One optimised profile serves run, tests and benchmarks, so the engine is compiled once per machine.

export CARGO_TARGET_DIR ?= $(HOME)/.cache/pujiang/target
PROFILE_DIR := $(CARGO_TARGET_DIR)/debug
export PUJIANG_BIN := $(PROFILE_DIR)/pujiang
export PUJIANG_SCREENSHOTS ?= $(CARGO_TARGET_DIR)/../screenshots

.DEFAULT_GOAL := help
.PHONY: help run web binary build test test-clients test-nightly test-mutants sqlsmith check bench dist fmt setup-build setup-test

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: web binary ## build, prepare ./data on first use, serve on http://127.0.0.1:8080 and, for SQL clients, 127.0.0.1:5433
	@scripts/run.sh

build: web binary ## web and optimised binary, left at dist/pujiang
	@mkdir -p dist
	@cp -f $(PUJIANG_BIN) dist/pujiang
	@echo "dist/pujiang is ready ($$(du -h dist/pujiang | cut -f1))"

test: setup-test ## everything: Rust, web, end to end in Chromium; ends with "N passed, N failed"
	@scripts/test.sh

test-clients: setup-test web binary ## Apache Superset from PyPI over the PostgreSQL wire (slow: installs it first)
	@scripts/clients.sh

test-nightly: setup-test binary ## the oracle of row security with 100,000 random queries (hours)
	@scripts/nightly.sh

test-mutants: setup-test web binary ## remove one guard after the other and see the tests turn red (about an hour)
	@scripts/mutate.sh

sqlsmith: setup-test binary ## ten minutes of sqlsmith against the PostgreSQL wire: no crash, no leak
	@scripts/sqlsmith.sh

check: setup-build web ## clippy, formatting, definitions; no tests
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@$(MAKE) --no-print-directory binary
	$(PUJIANG_BIN) check

bench: web binary ## measure what docs/PERFORMANCE.md states
	@scripts/bench.sh $(PARTS)

dist: web ## fully optimised, stripped binary at dist/pujiang (about an hour when cold)
	@echo "dist: full optimisation of the engine; cold about 60 minutes on two cores"
	cargo build --locked --profile dist -p pujiang-api --bin pujiang
	@mkdir -p dist
	@cp -f $(CARGO_TARGET_DIR)/dist/pujiang dist/pujiang
	@ls -lh dist/pujiang

fmt: ## format Rust
	cargo fmt --all

setup-build:
	@scripts/setup.sh build
	@scripts/own-tree.sh

setup-test:
	@scripts/setup.sh test
	@scripts/own-tree.sh

web: setup-build
	@scripts/web.sh

binary: setup-build web
	@scripts/binary.sh
