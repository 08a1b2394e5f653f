# warmstandby: every command an operator or a developer needs. `make` lists them.
SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# What may be set on the command line.
ENV       ?= local# the stacks' name; local and local-… are on the embedded AWS, any other name is on AWS
STACK     ?=# one stack; all when it is empty
PORT      ?= 4566# the embedded AWS's port on 127.0.0.1
STATE     ?= $(CURDIR)/.state# the folder of all that is kept: Pulumi's state, the embedded AWS's, logs
TOOLCHAIN ?= auto# auto, official or source
PULUMI_FLAGS ?=# further flags of pulumi up, preview and destroy

# The order of layers stands here and nowhere else: each stack, and the stacks whose outputs it reads.
ORDER := foundation-network data-global region-app-east region-app-west global-edge
reads/data-global     := foundation-network
reads/region-app-east := data-global
reads/region-app-west := data-global
reads/global-edge     := region-app-east region-app-west

EXISTING := $(filter $(notdir $(patsubst %/,%,$(wildcard stacks/*/))),$(ORDER))
CHOSEN   := $(or $(STACK),$(EXISTING))
$(if $(filter-out $(EXISTING),$(CHOSEN)),$(error STACK=$(STACK): allowed $(EXISTING)))

# One set of flags for every Go command, the engine's included, so that all share Go's build cache.
export GOFLAGS := -trimpath -buildvcs=false
export TOOLCHAIN

ROOT      := $(CURDIR)
LOCAL     := $(ROOT)/.state/make/local
embedded  := $(filter local local-%,$(ENV))
local-env  = $(LOCAL) env --root "$(ROOT)" --env "$(ENV)" --port "$(PORT)" --state "$(STATE)"
MODULES   := . test/local test/local/toolchain

##@ The platform

.PHONY: up preview destroy outputs
up: $(addprefix up/,$(CHOSEN)) ## Deploy (ENV=local: to the embedded AWS, which is started)
preview: $(addprefix preview/,$(CHOSEN)) ## Show what up would change
destroy: $(addprefix destroy/,$(CHOSEN)) ## Remove what up made, the last layer first; an embedded AWS left empty stops
	@$(if $(embedded),eval "$$($(local-env))"; \
		pulumi stack ls --all --json | grep -q '"resourceCount": [1-9]' || $(LOCAL) down --state "$(STATE)")
outputs: $(addprefix outputs/,$(CHOSEN)) ## Print what the stacks tell each other

# Stacks that do not wait for each other run side by side, where the work is more than one stack.
ifeq ($(STACK),)
MAKEFLAGS += --jobs=2
define layer
up/$(1): $(addprefix up/,$(filter $(EXISTING),$(reads/$(1))))
$(foreach read,$(filter $(EXISTING),$(reads/$(1))),destroy/$(read): destroy/$(1)
)
endef
$(foreach stack,$(EXISTING),$(eval $(call layer,$(stack))))
endif

.PHONY: $(foreach verb,up preview destroy outputs,$(addprefix $(verb)/,$(EXISTING)))
$(addprefix up/,$(EXISTING)): up/%: ready stacks-built
	@$(in-stack); pulumi up --yes --skip-preview --non-interactive $$($(ask-aws-first)) $(PULUMI_FLAGS)
$(addprefix preview/,$(EXISTING)): preview/%: ready stacks-built
	@$(in-stack); pulumi preview --non-interactive $(PULUMI_FLAGS)
$(addprefix destroy/,$(EXISTING)): destroy/%: ready
	@$(in-stack); pulumi destroy --yes --skip-preview --non-interactive $(PULUMI_FLAGS)
$(addprefix outputs/,$(EXISTING)): outputs/%: ready
	@$(in-stack); pulumi stack output

# A shell in the stack's folder, set up for the environment, with the stack selected.
in-stack = eval "$$($(local-env))"; cd "stacks/$*"; pulumi stack select --create "$(ENV)" >/dev/null

# An update that broke off leaves resources in AWS that Pulumi has seen half made: the next one asks AWS what there is.
ask-aws-first = pulumi stack history --json --page-size 1 | grep -q '"result": "succeeded"' || echo --refresh

.PHONY: ready stacks-built
ready: $(if $(embedded),local-up,tools)
stacks-built: ready
	@$(LOCAL) exec --label "compiling what the stacks are made of" -- go build ./shared/...

.PHONY: env
env: $(LOCAL) ## Print what `eval "$(make env)"` needs, for plain pulumi commands in a stack's folder
	@$(local-env)

##@ The embedded AWS

.PHONY: local-up local-down local-status tools
local-up: tools ## Start it, unless it is up
	@$(LOCAL) up --state "$(STATE)" --port "$(PORT)"
local-down: $(LOCAL) ## Stop it and keep its state
	@$(LOCAL) down --state "$(STATE)"
local-status: $(LOCAL) ## Say what runs, where, and where the logs are
	@$(LOCAL) status --state "$(STATE)" || [ $$? -eq 3 ] # 3 says that it is down, which is an answer.
tools: $(LOCAL) ## Get the pinned Pulumi CLI and plugins, once per user
	@$(LOCAL) tools --root "$(ROOT)" --env "$(ENV)" $(if $(filter tools,$(MAKECMDGOALS)),,>/dev/null)

##@ Checks

.PHONY: test unit e2e lint bench
test: test-counts unit-run e2e-run ## All tests: unit and end to end
	@$(total)
unit: test-counts unit-run ## The unit tests of every module
	@$(total)
e2e: test-counts e2e-run ## The end-to-end tests, on an embedded AWS of their own
	@$(total)

# Each module is a run of its own: its folder, its packages, its flags. The AWS plugin has no tests in its own package,
# which would compile the whole provider; test/local/tools tests it as it is built.
.PHONY: unit-run e2e-run test-counts
test-counts: $(LOCAL)
	@rm -rf "$(COUNTS)"; mkdir -p "$(COUNTS)"
unit-run: test-counts tools
	@$(call go-test,unit tests of the product,.,./...)
	@$(call go-test,unit tests of the embedded AWS,test/local,-timeout 30m ./...)
	@$(call go-test,unit tests of the toolchain,test/local/toolchain,./cmd/pulumi-resource-awsx/... ./cmd/pulumi-language-go/...)
e2e-run: test-counts tools $(if $(filter test,$(MAKECMDGOALS)),unit-run)
	@$(call go-test,end-to-end tests,.,-tags e2e -count 1 -timeout 60m ./test/e2e/...)

# A failed run is counted and does not keep the next from running; total, printed last, fails for all of them.
COUNTS  := $(ROOT)/.state/make/counts
DEVTOOL  = go tool -modfile="$(ROOT)/test/tools/go.mod"
go-test  = cd "$(2)"; $(LOCAL) exec --label "$(1)" -- $(DEVTOOL) gotestsum --format pkgname --hide-summary skipped \
	--post-run-command 'sh -c "echo $$TESTS_TOTAL $$TESTS_FAILED $$TESTS_ERRORS $$TESTS_SKIPPED >>$(COUNTS)/runs"' -- $(3) \
	|| echo "$(1)" >>"$(COUNTS)/failed"
total    = awk '{t+=$$1; f+=$$2+$$3; s+=$$4} END {printf "%d passed, %d failed", t-f-s, f; if (s) printf ", %d skipped", s; print ""}' \
	"$(COUNTS)/runs" >"$(COUNTS)/total"; \
	if [ -e "$(COUNTS)/failed" ]; then sed 's/^/failed: /' "$(COUNTS)/failed"; fi; \
	cat "$(COUNTS)/total"; [ ! -e "$(COUNTS)/failed" ]

lint: $(LOCAL) ## Formatting, vet, staticcheck, tidy modules
	@unformatted=$$(gofmt -l stacks shared test); [ -z "$$unformatted" ] || { echo "make lint: run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	@$(call go-lint,.,./...)
	@$(call go-lint,test/local,./...)
	@$(call go-lint,test/local/toolchain,./cmd/pulumi-resource-awsx/... ./cmd/pulumi-language-go/...)
	@for module in . test/local test/local/toolchain test/tools; do \
		(cd $$module; $(LOCAL) exec --label "checking that go.mod of $$module is tidy" -- go mod tidy -diff) || { echo "make lint: run go mod tidy in $$module"; exit 1; }; done
# The AWS plugin's package is left out: type-checking it needs the whole provider compiled, a quarter of an hour.
go-lint = cd "$(1)"; $(LOCAL) exec --label "vetting $(1)" -- go vet -tags e2e $(2); \
	$(LOCAL) exec --label "staticcheck of $(1)" -- $(DEVTOOL) staticcheck -tags e2e $(2)

bench: tools ## Measure up, preview and destroy on an embedded AWS of their own
	@$(LOCAL) exec --label "compiling the benchmarks" -- go test -tags e2e -run '^$$' -c -o .state/make/e2e.test ./test/e2e
	@cd test/e2e; ../../.state/make/e2e.test -test.run '^$$' -test.bench . -test.benchtime 3x -test.timeout 60m

##@ Other

.PHONY: clean help
clean: local-down ## Stop the embedded AWS and delete all local state; the per-user cache of tools stays
	@rm -rf "$(STATE)" "$(ROOT)/.state"; rm -f stacks/*/Pulumi.local.yaml stacks/*/Pulumi.local-*.yaml

help: ## List the targets
	@awk 'BEGIN {FS = ":.*##"; print "usage: make <target> [ENV=local] [STACK=one-stack] [PORT=4566] [TOOLCHAIN=auto|official|source]"} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z0-9-]+:.*##/ {printf "  %-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The local command is what the rest is run with, so its own build shows its progress with what a shell has.
$(LOCAL): $(shell find test/local -type f -not -path '*/toolchain/*' -not -name '*_test.go')
	@command -v go >/dev/null || { echo "make: Go is missing: install Go 1.26.3 or later from https://go.dev/dl/"; exit 1; }
	@mkdir -p $(@D)
	@(seconds=0; while sleep 5; do seconds=$$((seconds + 5)); echo "compiling the local command, $$seconds s"; done) & ticker=$$!; \
		trap 'kill $$ticker' EXIT; go build -C test/local -o $@ ./cmd/local
