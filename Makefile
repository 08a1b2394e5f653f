# warmstandby: `make` lists every command. What a command does stands in Go: shared/cmd/stackctl runs Pulumi, the operator's
# command line and the drill; test/local/cmd/local runs the embedded AWS.
SHELL         := bash
.SHELLFLAGS   := -eu -o pipefail -c
MAKEFLAGS     += --no-print-directory --jobs=2
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# What may be set on the command line.
export ENV          ?= local# the environment, and the stacks' name; local and local-… are on the embedded AWS, any other on AWS
export STACK        ?=# one stack; all when it is empty
export PORT         ?= 4566# the embedded AWS's port on 127.0.0.1
export STATE        ?= $(CURDIR)/.state# the folder of all local state
export TOOLCHAIN    ?= auto# auto (ENV=local: built plugins, and the official CLI where it can be reached), official or source
export PULUMI_FLAGS ?=# further flags of pulumi up, preview and destroy
export SUFFIX       ?=# the suffix of AWS names, where it is not ENV
export STANDBY      ?= us-west-2# the standby region, where the failover commands work
export FORCE        ?=# yes: destroy one stack although others read it; failover although the checks speak against it
export DATA_LOSS    ?=# yes: failover gives up what the standby has not received
export JSON         ?=# yes: the failover commands and summary print JSON
export CONFIRM      ?=# ENV a second time, for unprotect and for a drill on AWS
export WAIT         ?= 0s# the longest that a step of a drill waits; 0s is as long as the scenario says
SCENARIO ?=# of drill: region-lost, app-lost, database-lost, planned-switchover, split, flap or standby-lost
REGION   ?=# of fault and heal: the region
KIND     ?=# of fault: unreachable, slow, throttled, app-down, db-down, split or denied
ACTION   ?=# of the fault denied: the action of AWS's API that is refused, as rds:CreateDBInstance
DELAY    ?= 0s# of the fault slow, which makes 3s of 0s
SCOPE    ?= records:read records:write# what a token allows
REGIONS  ?= us-east-1 $(STANDBY)# the regions that sweep asks

# One set of flags for every Go command, the engine's included, so that all share Go's build cache.
export GOFLAGS := -trimpath -buildvcs=false

# Programs, built into a folder of the repository. Paths are relative: a path with a space cannot be a target.
MADE     := .state/make
STACKCTL := $(MADE)/stackctl
LOCAL    := $(MADE)/local
OPERATOR := $(MADE)/bin/warmstandby
SUMMARY  := $(MADE)/summary
REPAIR   := $(MADE)/staterepair
DRILL    := $(MADE)/drill
SWEEP    := $(MADE)/sweep
APP      := lambda/app

embedded := $(filter local local-%,$(ENV))
building  = $(LOCAL) exec --label "$(1)" --
sources   = $(shell find $(1) -type f -not -name '*_test.go' -not -path '*/testdata/*') go.mod go.sum

##@ The platform

.PHONY: up preview destroy outputs summary unprotect env
up preview: guard ready stacks-built $(REPAIR) $(SUMMARY) \
	$(if $(filter-out foundation-network data-global global-edge,$(or $(STACK),all)),lambda) \
	$(if $(filter global-edge all,$(or $(STACK),all)),controller)
up: ## Deploy (ENV=local: to the embedded AWS, which is started)
	@$(STACKCTL) up
preview: ## Show what up would change
	@$(STACKCTL) preview
destroy: guard ready $(REPAIR) $(OPERATOR) ## Remove what up made, the last layer first; an embedded AWS left empty stops
	@$(STACKCTL) destroy
outputs: guard ready $(REPAIR) ## Print the stacks' outputs
	@$(STACKCTL) outputs
summary: guard tools $(SUMMARY) ## Print where the platform is reached, which up ends with (JSON=yes)
	@$(STACKCTL) summary
unprotect: guard ready stacks-built $(REPAIR) lambda controller ## Take protection off, so that destroy works (CONFIRM=ENV)
	@$(STACKCTL) unprotect
env: guard $(LOCAL) $(OPERATOR) ## Print what `eval "$(make env)"` needs, for plain pulumi and warmstandby commands
	@$(STACKCTL) env

.PHONY: sweep token
sweep: guard $(if $(embedded),local-up) $(SWEEP) ## Ask every service whether destroy has left something; fails if so, and if one does not answer
	@$(STACKCTL) run -- $(SWEEP) --env "$(ENV)" --suffix "$(or $(SUFFIX),$(ENV))" --regions "$(REGIONS)"
token: guard $(LOCAL) ## Print an access token for the application on the embedded AWS, good for SCOPE
	@$(STACKCTL) local token --scope "$(SCOPE)"

##@ Failover (lambda/failover/RUNBOOK.md says when to use what)

# They need no Pulumi and nothing of the primary region.
OPERATIONS := status preflight switchover failover failback pause-failover resume-failover prepare-destroy
.PHONY: $(OPERATIONS)
$(OPERATIONS): guard $(if $(embedded),$(LOCAL)) $(OPERATOR)
	@$(STACKCTL) operate $(@:-failover=)
status: ## Say where the writer is, what lags, whether the standby is ready, and what was last decided
preflight: ## Say whether a switchover would work now
switchover: ## Move the writer to the standby region; nothing is lost
failover: ## Move the writer to the standby region without the primary (DATA_LOSS=yes, FORCE=yes)
failback: ## Move the writer back to the primary region; nothing is lost
pause-failover: ## Let the controller advise and move nothing
resume-failover: ## Let the controller move the writer by itself
prepare-destroy: ## Make the primary region the writer's, so that every stack can be destroyed

##@ The drill (a scenario on a real clock, and a report of what it cost)

# Exit codes are 0 PASS, 1 FAIL, 3 INCONCLUSIVE and 2 after a usage error; make says them as Error 1 to 3.
.PHONY: drill drill-all drill-heal drill-table
drill drill-all drill-heal drill-table: guard $(if $(embedded),$(LOCAL)) $(DRILL) $(OPERATOR)
	@$(STACKCTL) drill $(if $(filter drill,$@),$(SCENARIO),$(@:drill-%=%))
drill: ## Take the platform through a SCENARIO and report to STATE/drills
drill-all: ## Take it through every scenario, one after another, and print a table
drill-heal: ## End what a drill has broken that was killed
drill-table: ## Print the spread of all drills so far

##@ The embedded AWS

.PHONY: local-up local-down local-status fault heal tools
local-up: guard tools ## Start it, unless it is up
	@$(STACKCTL) local up --port "$(PORT)"
local-down: guard $(LOCAL) ## Stop it and keep its state
	@$(STACKCTL) local down
local-status: guard $(LOCAL) ## Say what runs, where, and where the logs are
	@$(STACKCTL) local status || [ $$? -eq 3 ] # 3 says that it is down, which is an answer.
fault: guard $(LOCAL) ## Make something be wrong with a REGION: KIND=unreachable, slow, throttled, app-down, db-down, split or denied
	@$(STACKCTL) local fault --region "$(REGION)" --kind "$(KIND)" --delay "$(DELAY)" --action "$(ACTION)"
heal: guard $(LOCAL) ## End the faults of a REGION, or all
	@$(STACKCTL) local heal --region "$(REGION)"
tools: guard $(LOCAL) ## Get the pinned Pulumi CLI and plugins, once per user
	@$(LOCAL) tools --root . --env "$(ENV)" $(if $(filter tools,$(MAKECMDGOALS)),,>/dev/null)

include test/checks.mk

##@ Other

.PHONY: guard ready stacks-built lambda controller clean clean-drills help
clean: $(STACKCTL) ## Stop the embedded AWS and delete the local state; the drills' reports and the per-user cache of tools stay
	@$(STACKCTL) clean
clean-drills: $(STACKCTL) ## Delete the drills' reports
	@$(STACKCTL) clean-drills

help: ## List the targets
	@echo "usage: make <target> [ENV=local] [STACK=one-stack] [PORT=4566] [STATE=.state] [TOOLCHAIN=auto|official|source]"
	@sed -nE 's/^##@ (.*)/\n\1/p; s/^([a-z0-9-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

# The environment that is asked for and the shell agree, or every goal is refused before anything is downloaded.
guard: $(STACKCTL)
	@$(STACKCTL) guard $(MAKECMDGOALS)
ready: $(if $(embedded),local-up,tools)
stacks-built: ready
	@$(call building,compiling what the stacks are made of) go build ./shared/... ./stacks/internal/...

lambda: $(APP)/dist/index.mjs ## Build the application's function
$(APP)/dist/index.mjs: $(APP)/node_modules/.package-lock.json $(APP)/build.js $(APP)/openapi.json $(shell find $(APP)/src -type f) | $(LOCAL)
	@$(call building,bundling the function) npm --prefix $(APP) run --silent build
	@touch $@
$(APP)/node_modules/.package-lock.json: $(APP)/package.json $(APP)/package-lock.json | $(LOCAL) # npm ci writes this file last.
	@$(call building,installing what the function is made of) npm --prefix $(APP) ci --loglevel error
	@touch $@

# The failover controller's machine is Lambda's, and of the embedded AWS this one.
SYSTEM       := $(if $(embedded),$(shell uname -s | tr A-Z a-z),linux)
ARCHITECTURE ?= $(if $(embedded),$(patsubst aarch64,arm64,$(shell uname -m)),arm64)
CONTROLLER   := $(MADE)/failover/$(SYSTEM)-$(ARCHITECTURE)/bootstrap.zip
controller: $(CONTROLLER) ## Build the failover controller (ARCHITECTURE=arm64 or x86_64)
$(CONTROLLER): $(call sources,lambda/failover shared/contract/controller shared/naming) | $(LOCAL)
	@$(call building,compiling the failover controller) env CGO_ENABLED=0 GOOS=$(SYSTEM) GOARCH=$(patsubst x86_64,amd64,$(ARCHITECTURE)) \
		go build -tags lambda.norpc -ldflags "-s -w -buildid=" -o "$(@D)/bootstrap" ./lambda/failover
	@printed="$$(go run github.com/aws/aws-lambda-go/cmd/build-lambda-zip -o "$@" "$(@D)/bootstrap" 2>&1)" || { echo "$$printed"; exit 1; }

$(OPERATOR): $(call sources,lambda/failover shared/contract/controller shared/naming) | $(LOCAL)
	@$(call building,compiling the failover commands) go build -o $@ ./lambda/failover
$(SUMMARY): $(call sources,shared/contract shared/cmd/summary) | $(LOCAL)
	@$(call building,compiling the summary) go build -o $@ ./shared/cmd/summary
$(REPAIR): $(call sources,shared/staterepair shared/cmd/staterepair shared/naming) | $(LOCAL)
	@$(call building,compiling what repairs states) go build -o $@ ./shared/cmd/staterepair
$(DRILL): $(call sources,test/drill lambda/failover shared/contract/controller shared/naming) | $(LOCAL)
	@$(call building,compiling the drill) go build -o $@ ./test/drill
$(SWEEP): $(call sources,test/sweep shared/naming) | $(LOCAL)
	@$(call building,compiling the sweep) go build -o $@ ./test/sweep/command

# The rest is built with these two, the first of which is the guard: it comes before every other build and every download.
$(LOCAL): $(shell find test/local -type f -not -path '*/toolchain/*' -not -path '*/node_modules/*' -not -name '*_test.go') | guard
	@echo "compiling the local command"
	@go build -C test/local -o "$(CURDIR)/$@" ./cmd/local
$(STACKCTL): $(call sources,shared/cmd/stackctl shared/naming)
	@command -v go >/dev/null || { echo "make: Go is missing: install Go 1.26.3 or later from https://go.dev/dl/"; exit 1; }
	@mkdir -p $(@D) && go build -o $@ ./shared/cmd/stackctl
