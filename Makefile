# Targets a newcomer guesses; `make help` lists them.

GO       ?= go
CACHE    := $(CURDIR)/.cache
LINT_VER := v2.12.2
LINT     := $(CACHE)/golangci-lint-$(LINT_VER)/golangci-lint
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 10s
SOAK     ?= 20m
SEEDS    ?= 10000

.DEFAULT_GOAL := build

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/spate
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/spate ./cmd/spate

.PHONY: test
test: ## install what is needed (as root, by apt) and run everything: vet, unit, race, fuzz, interop
	@GO='$(GO)' .ci/test

.PHONY: unit
unit: ## unit tests alone, with nothing installed
	$(GO) test ./...

.PHONY: lint
lint: $(LINT) ## golangci-lint with the rules of .golangci.yml
	GOLANGCI_LINT_CACHE=$(CACHE)/golangci-lint $(LINT) run ./...

$(LINT):
	GOBIN=$(dir $(LINT)) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VER)

.PHONY: demo
demo: build ## a swarm of separate processes on this machine: tracker, one seeder, three leechers
	@$(GO) run ./cmd/internal/demo bin/spate

.PHONY: bench
bench: build ## the quick comparison with other clients, in under 5 minutes; report in bench-results/
	-@.ci/packages
	@GO='$(GO)' .ci/rivals libtorrent
	bin/spate bench run quick

.PHONY: bench-all
bench-all: build bench-clients ## the scenarios that compare clients, with every client; fills README's table and bench/results/
	bin/spate bench run all --out bench/results --readme README.md

.PHONY: bench-clients
bench-clients: ## install (as root, by apt) and build the clients to compare with
	-@.ci/packages
	@GO='$(GO)' .ci/rivals

# The test binary of the command is the command itself, which wastes a fifth of
# its CPU time when it is told to.
.PHONY: bench-check
bench-check: build ## does the comparison find a slowdown of 20 %, and none where there is none?
	$(GO) test -c -o bin/spate-slow ./cmd/spate
	rm -rf bench-results/check
	bin/spate bench run quick --clients spate --out bench-results/check/a
	bin/spate bench run quick --clients spate --out bench-results/check/b
	SPATE_TEST_SLOWDOWN=0.2 bin/spate bench run quick --clients spate --program bin/spate-slow --out bench-results/check/slow
	bin/spate bench compare bench-results/check/a bench-results/check/b
	! bin/spate bench compare bench-results/check/a bench-results/check/slow

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (10s) each, two at a time
	@GO='$(GO)' .ci/fuzz $(FUZZTIME)

.PHONY: soak
soak: ## have an engine live under churn for SOAK (20m): does it take more the longer it runs?
	$(GO) test ./bench/soak -run '^TestSoak$$' -count=1 -v -timeout 0 -args -soak $(SOAK)

.PHONY: chaos
chaos: ## SEEDS (10000) random worlds with liars, floods, churn, faults and crashes, looked over after each turn
	$(GO) test ./reactor/sim -tags invariants -run '^TestChaos$$' -count=1 -timeout 0 -args -seeds $(SEEDS)

.PHONY: fmt
fmt: ## gofmt everything
	gofmt -w $$(git ls-files '*.go')

.PHONY: clean
clean: ## remove what the targets above made
	rm -rf bin dist .cache bench-results
