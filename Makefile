# Targets a developer needs. CI calls `make check` and `make test`, nothing else.
SHELL   := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/lachan-vn/lachan/internal/cli.version=$(VERSION)
TOOL    := $(GO) tool -modfile=tools/go.mod
PKGS    := ./...
FUZZTIME ?= 30s
BENCHTIME ?= 2s
BENCHCOUNT ?= 1
PEERTAGS ?=
DATA    := $(or $(LACHAN_TESTDATA),../shared/data)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: build
build: web ## build bin/lachan with its console
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/lachan ./cmd/lachan

# The console is rebuilt only when its sources or its lock file changed.
.PHONY: web
web: web/dist/index.html
web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@
web/dist/index.html: web/node_modules/.package-lock.json $(shell find web/src web/index.html web/vite.config.ts -type f 2>/dev/null)
	cd web && npm run build

.PHONY: demo
demo: build ## replay the recorded attack day through the real inputs; leaves http://127.0.0.1:8080 running
	./bin/lachan demo

.PHONY: test
test: web ## every test: Go, console, end to end with the real binary
	$(GO) test -timeout 20m $(PKGS)
	cd web && npm test
	$(MAKE) e2e

.PHONY: e2e
e2e: build ## end to end: real binary, real sockets, real browser where Chromium is installed
	$(GO) test -timeout 20m -count=1 -tags e2e ./test/e2e/...
	test/e2e/browser.sh

.PHONY: screenshots
screenshots: build ## the pictures of the Vietnamese guide and the README, taken from the replayed day
	test/screenshots/screenshots.sh docs/vi/images

# test/clients/tools.sh fetches the clients; one that is missing is skipped and named.
.PHONY: e2e-clients
e2e-clients: build ## real shippers against the real server, which is killed in the middle
	-$(GO) build -C test/clients/collector -o '$(CURDIR)/bin/clients/collector' .
	$(GO) test -timeout 15m -count=1 -tags clients -v ./test/clients

# Takes ten minutes the first time. Grype's own database is not fetched: knowledge writes
# a small one.
.PHONY: scanners
scanners: ## Grype and Syft, for the end-to-end test of what they write
	$(GO) build -C test/clients/scanners -o '$(CURDIR)/bin/scanners/' ./knowledge github.com/anchore/grype/cmd/grype github.com/anchore/syft/cmd/syft

.PHONY: e2e-scanners
e2e-scanners: build scanners ## real Grype, Syft and nmap against the real server
	$(GO) test -timeout 10m -count=1 -tags e2e -v -run 'Nmap|Grype' ./test/e2e

.PHONY: check
check: lint vuln ## formatting, vet, linters, generated files, known vulnerabilities
	cd web && npm run lint

.PHONY: lint
lint: web
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet $(PKGS)
	$(GO) vet -tags 'e2e clients' ./test/...
	$(TOOL) golangci-lint run --timeout 15m

# Without a way to the vulnerability databases this says so and goes on: a build
# must not depend on them being reachable.
.PHONY: vuln
vuln:
	@test/tools/vuln.sh

.PHONY: race
race: ## the tests under the race detector
	$(GO) test -race -timeout 40m $(PKGS)

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (30s)
	test/tools/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: build ## every benchmark: steps, rule engine, whole server; figures of record are in docs/benchmarks.md
	$(GO) test -run '^$$' -bench . -benchmem -cpu 1 -benchtime $(BENCHTIME) -count $(BENCHCOUNT) ./internal/event ./internal/parse ./internal/detect ./sigma ./evtx
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -count $(BENCHCOUNT) ./internal/bus ./internal/lake ./internal/pipeline ./internal/hunt ./internal/module/alert
	$(MAKE) bench-engine
	for protocol in http syslog; do LACHAN_TESTDATA='$(wildcard $(DATA))' ./bin/lachan bench node --rules '$(DATA)/sigma/rules' --input-protocol $$protocol --search; done

.PHONY: bench-engine
bench-engine: build ## what the rule engine does on one core of this machine with the released binary
	./bin/lachan bench engine --rules '$(DATA)/sigma/rules' --evtx '$(DATA)/evtx' $(foreach set,windows-attack windows-estate lane-structured-windows,'$(DATA)/ndjson/$(set).ndjson.gz')

# With LACHAN_TEST_POSTGRES on PostgreSQL, too. Some minutes to fill each database.
.PHONY: bench-lists
bench-lists: ## what the lists take at a million alerts and a hundred thousand incidents
	$(GO) test -timeout 60m -run '^$$' -bench Lists -benchtime 10x ./internal/app

.PHONY: bench-live
bench-live: build ## whether two hundred open consoles slow the taking of events
	LACHAN_TESTDATA='$(wildcard $(DATA))' ./bin/lachan bench live

# The lake stays in bin/bench-lake-EVENTS: asked again without building it while the
# options are the same. About 2 GB for twenty million events.
LAKE_EVENTS ?= 20000000
.PHONY: bench-lake
bench-lake: build ## fill a lake with a province's month of made-up events and ask it what analysts ask
	LACHAN_TESTDATA='$(wildcard $(DATA))' ./bin/lachan bench lake --events $(LAKE_EVENTS) --days 30 --data bin/bench-lake-$(LAKE_EVENTS)

.PHONY: pgo
pgo: web ## profile for go build to optimise by; docs/benchmarks.md says why none is kept
	LACHAN_TESTDATA='$(DATA)' test/tools/pgo.sh

.PHONY: bench-peers
bench-peers: ## race the rule engine and the store against others; see test/peers/README.md, test/lakepeers/README.md
	$(GO) build -C test/peers -tags '$(PEERTAGS)' -o '$(CURDIR)/bin/peers' .
	./bin/peers
	$(MAKE) bench-peers-lake

# A peer whose module cannot be had is left out; the race says so.
LAKE_PEER_EVENTS ?= 1000000
.PHONY: bench-peers-lake
bench-peers-lake: build
	$(GO) build -C test/lakepeers -o '$(CURDIR)/bin/lakepeers' .
	-$(GO) build -C test/lakepeers -o '$(CURDIR)/bin/victoria-logs' github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-logs
	LACHAN_TESTDATA='$(wildcard $(DATA))' ./bin/lakepeers -events $(LAKE_PEER_EVENTS)

.PHONY: release
release: build ## release/lachan-VERSION-OS-ARCH.tar.gz with checksums
	test/tools/release.sh '$(VERSION)'
