# What a person or a CI job types. Everything can be repeated; what is there already is not made again.
.PHONY: all build native packages demo test vm-test check bench fuzz soak clean

all: native build

# npm's own lock copy tells whether what is installed is what is asked for.
node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund --ignore-scripts

build: node_modules/.package-lock.json
	npm run --silent build

native: node_modules/.package-lock.json
	@command -v cargo >/dev/null || { echo 'the native part needs Rust: get it from https://rustup.rs'; exit 1; }
	npm run --silent build:native -- --if-needed

packages:
	@scripts/install-packages.sh

demo: packages native build
	@scripts/demo.sh

test: packages native build
	@node scripts/test.mjs

# What `test` tries some of, tried to the end: races against the sandbox, a thousand times each, and the faults of RELIABILITY.md. It takes
# the better part of an hour.
soak: packages native build
	TSCOMPOSE_DOCUMENTS=10000000 cargo test --locked --release -p kernel --test documents
	TSCOMPOSE_ROUNDS=1000 cargo test --locked -p kernel --test sandbox -- 'is swapped' 'is about to'
	TSCOMPOSE_SOAK=1 npx --no vitest run --project privileged crash-points disk watchers faults corrupt-state

# All privileged tests on a machine with control groups v2 and systemd, under emulation: more than an hour. VM_TESTS names some of them.
vm-test: packages native build
	@scripts/vm-test.sh $(or $(VM_TESTS),whole)

check: build
	@node scripts/check.mjs

# What `make test` does with the same random values each time, with others: properties, and ten minutes of texts that nobody wrote.
fuzz: node_modules/.package-lock.json
	@export TSCOMPOSE_FUZZ_SEED=$${TSCOMPOSE_FUZZ_SEED:-$$(date +%s)} && echo "seed $$TSCOMPOSE_FUZZ_SEED" && \
	npx vitest run --project pure test/model test/planner test/cli test/registry && \
	TSCOMPOSE_FUZZ_SECONDS=$${TSCOMPOSE_FUZZ_SECONDS:-600} npx vitest run --project pure test/fuzz

bench: native build
	@node scripts/bench/all.mjs

clean:
	rm -rf dist target native/prebuilt bin/tscompose oclif.manifest.json
