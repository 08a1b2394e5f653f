# warmstandby: `make` lists every command. What a command does, and what is built before it, stands in Go: shared/cmd/stackctl runs
# Pulumi, the operator's command line and the drill; test/local/cmd/local runs the local AWS emulator.
SHELL         := bash
.SHELLFLAGS   := -eu -o pipefail -c
MAKEFLAGS     += --no-print-directory --jobs=2
.DEFAULT_GOAL := help

# What may be set on the command line.
export ENV          ?= local# the environment, and the stacks' name; local and local-… are on the local AWS emulator, any other on AWS
export STACK        ?=# one stack; all when it is empty
export PORT         ?=# the local AWS emulator's port on 127.0.0.1: that of ENV's last up, or else 4566
export STATE        ?=# the folder of all local state: that of ENV's last up, or else .state
export TOOLCHAIN    ?= auto# auto (ENV=local: built plugins, and the official CLI where it can be reached), official or source
export VERBOSE      ?=# yes: up, preview and destroy print all that Pulumi and the builders say, and not a line a stack
export PULUMI_FLAGS ?=# further flags of pulumi up, preview and destroy
export SECRETS      ?=# of init: what encrypts secrets in state, as awskms://alias/warmstandby?region=us-west-2, or passphrase
export KEY          ?=# of set: the setting
export VALUE        ?=# of set: its value; an array's items with commas between them
export SUFFIX       ?=# the suffix of AWS names: the setting environmentSuffix, that of ENV's last up, or else ENV
export STANDBY      ?=# the standby region, where the failover commands work: the setting standbyRegion, or else us-west-2
export ARCHITECTURE ?=# of the failover controller: arm64 or x86_64; Lambda's is arm64, the local AWS emulator's is this machine's
export FORCE        ?=# yes: destroy one stack although others read it; failover although the checks speak against it
export DATA_LOSS    ?=# yes: failover gives up what the standby has not received, restore PROMOTE=yes what was written since
export SNAPSHOT     ?=# of reconcile: the snapshot, where it is not the newest of an old volume
export KEEP         ?=# yes: reconcile leaves the restored cluster there
export JSON         ?=# yes: the failover commands, notices and summary print JSON
export WATCH        ?=# yes: status is shown every five seconds, until Ctrl-C
export CONFIRM      ?=# ENV a second time, for unprotect and for a drill on AWS
export AT           ?=# of restore: the time whose data is wanted, in UTC, as 2026-03-01T12:02:00Z, or latest
export PROMOTE      ?=# yes: restore makes the restored cluster the primary of the global database (DATA_LOSS=yes)
export DOCUMENTS    ?=# yes: restore brings the documents back that were removed since the restored cluster's time
export REMOVE       ?=# yes: restore removes the cluster that it has made
export SIGN         ?=# of drill and timeline: a command that signs the file which is appended to it, as minisign -Sm
export TOKEN        ?=# of smoke on AWS: an access token of your issuer that allows records:read and records:write
export SINCE        ?= 24h# of notices and timeline: how far back
export LIVE_PORT    ?= 0# of live: its port on 127.0.0.1; 0 is one that is free
export WAIT         ?= 0s# the longest that a step of a drill waits; 0s is as long as the scenario says
export REGION       ?=# of fault and heal: the region
export KIND         ?=# of fault: unreachable, slow, throttled, app-down, db-down, split, isolated, replication-stalled, denied, backup-failing, backup-silent, propagation or few-executions
export ACTION       ?=# of the fault denied: the action of AWS's API that is refused, as rds:CreateDBInstance
export DELAY        ?= 0s# of the fault slow: how much each request takes longer; of propagation: how old a role must be; 3s where it is 0s
export SCOPE        ?= records:read records:write# what a token allows
export TENANT       ?=# of token: whose records it is good for, where it is not the tenant "local"
export REGIONS      ?=# the regions that sweep asks: us-east-1 and the standby region, unless they are given
export SEEDS        ?= 100000# of simulate: how many simulated outages
export SEED         ?=# of api: the seed of an earlier run, which makes the same requests
export SCENARIO     ?=# of drill: region-lost, flood, app-lost, database-lost, planned-switchover, split, flap, standby-lost, data-corrupted, isolated, replication-stalled, backup-silent or backup-failing
export RELEASES     ?=# where a released warmstandby is downloaded from, as https://github.com/OWNER/NAME/releases: that of the clone's origin on GitHub; none for no download
export TAG          ?=# of binaries: the tag, which is to be the newest release of the changelog

# One set of flags for every Go command, the engine's included, so that all share Go's build cache.
export GOFLAGS := -trimpath -buildvcs=false

STACKCTL := .state/make/stackctl

##@ The platform

.PHONY: init set settings doctor up preview destroy outputs summary unprotect env sweep token smoke
init set settings doctor up preview destroy outputs summary unprotect env sweep token smoke: guard
	@$(STACKCTL) $@
init: ## Make the stacks of ENV before its first up, with SECRETS and commented settings; deploys nothing
set: ## Set the KEY of a STACK to VALUE, before the first up or after it; an empty VALUE restores the default
settings: ## Explain every setting, with its value in ENV
doctor: ## Say all that the account, the backend and the settings lack for ENV, and what to do; changes nothing
up: ## Deploy (ENV=local: to the local AWS emulator, which is started)
preview: ## Show what up would change
destroy: ## Remove what up made, the last layer first; a local AWS emulator left empty stops
outputs: ## Print the stacks' outputs
summary: ## Print where the platform is reached, which up ends with (JSON=yes)
unprotect: ## Take protection off, so that destroy works (CONFIRM=ENV)
env: ## Print what `eval "$(make env)"` needs, for plain pulumi and warmstandby commands
sweep: ## Ask every service whether destroy has left something; fails if so, and if one does not answer
smoke: ## Prove that it works as a user would: a record in both regions, its document, its events; nothing is left (TOKEN on AWS)
token: ## Print an access token for the application on the local AWS emulator, good for SCOPE and TENANT

##@ Failover (lambda/failover/RUNBOOK.md says when to use what; needs no Pulumi and nothing of the primary region)

OPERATIONS := status preflight switchover failover failback reconcile restore pause-failover resume-failover prepare-destroy
.PHONY: $(OPERATIONS) notices live
live: guard ## Serve a page on 127.0.0.1 that shows all of it while it happens; with buttons on the emulator, read-only on AWS
	@$(STACKCTL) live
notices: guard ## Print the controller's notices and the alarms' transitions, newest last (SINCE, JSON=yes); changes nothing
	@$(STACKCTL) notices
$(OPERATIONS): guard
	@$(STACKCTL) operate $(@:-failover=)
status: ## Say where the writer is, what lags, whether the standby is ready, and what was last decided
preflight: ## Say whether a switchover would work now, or a failback while the writer is in the standby region
switchover: ## Move the writer to the standby region; nothing is lost
failover: ## Move the writer to the standby region without the primary (DATA_LOSS=yes, FORCE=yes)
failback: ## Move the writer back to the primary region; nothing is lost
reconcile: ## Bring back what a failover has given up, from the old volume's snapshot (SNAPSHOT, KEEP=yes)
restore: ## Make a cluster with the data of an earlier time beside the running one (AT=time), remove it (REMOVE=yes), promote it (PROMOTE=yes), or bring documents back (DOCUMENTS=yes)
pause-failover: ## Let the controller advise and move nothing
resume-failover: ## Let the controller move the writer by itself
prepare-destroy: ## Make the primary region the writer's, so that every stack can be destroyed

##@ The drill (a scenario on a real clock; make prints its exit code: 1 FAIL, 3 INCONCLUSIVE, 2 after a usage error)

.PHONY: drill drill-all drill-heal drill-table timeline
drill: guard ## Take the platform through a SCENARIO and report to STATE/drills
	@$(STACKCTL) drill $(SCENARIO)
drill-all drill-heal drill-table: guard
	@$(STACKCTL) drill $(@:drill-%=%)
timeline: guard ## Write the post-mortem of a real incident, of the last SINCE, to STATE/drills (SIGN); changes nothing
	@$(STACKCTL) drill timeline
drill-all: ## Take it through every scenario, one after another, and print a table
drill-heal: ## End what a drill has broken that was killed
drill-table: ## Print the spread of all drills so far

##@ The local AWS emulator

.PHONY: local-up local-down local-status fault heal tools lambda controller
local-up local-down local-status fault heal tools: guard
	@$(STACKCTL) $@
local-up: ## Start it, unless it is up
local-down: ## Stop it and keep its state
local-status: ## Say what runs, where, and where the logs are
fault: ## Make something be wrong with a REGION (KIND says what)
heal: ## End the faults of a REGION, or all
tools: ## Get the pinned Pulumi CLI and plugins, once per user
lambda: guard ## Build the application's function
	@$(STACKCTL) build app
controller: guard ## Build the failover controller
	@$(STACKCTL) build controller

##@ Checks

.PHONY: test unit function e2e first-use lifecycle orders drills api second-opinion simulate lint audit bench
test unit function e2e first-use lifecycle drills api second-opinion simulate lint audit bench: guard
	@$(STACKCTL) check $@
test: ## All tests but the long ones: unit, function and end to end
unit: ## The unit tests of every module
function: ## The function's tests, on a local AWS emulator of their own
e2e: ## The end-to-end tests, on a local AWS emulator of their own, or with ENV=dev on AWS
first-use: ## The README as somebody follows it who has just cloned this, the live page in a headless Chromium
lifecycle: ## The long ones: deployments that break off, two at once, an upgrade, the life of a production
orders: lifecycle # its earlier name
drills: ## Drills of a region that is lost: of the platform, which pass, and of a broken one, which fail
simulate: ## Run the failover controller through SEEDS simulated outages, at AWS's own delays
lint: ## Formatting, golangci-lint, actionlint, shellcheck, ruff, eslint, prettier, tsc, tidy modules
api: ## Try the deployed records API: Schemathesis holds it to its document (SEED), and tokens that it must refuse are sent
second-opinion: ## Send what a deployment asks of the local AWS emulator to moto, another one; a difference that has no excuse fails
audit: ## What auditors' tools find: Prowler, Checkov, parliament, cloudsplaining, cfn-lint; a finding that is not accepted fails
bench: ## Measure deployments, replication, restore, events, reads, writes and reconciliation on local AWS emulators of their own

##@ Other

.PHONY: binaries clean clean-drills help guard
binaries: guard ## Make what a release consists of, in .state/make/release: warmstandby for each platform, its modules, checksums
	@$(STACKCTL) binaries
clean clean-drills: $(STACKCTL)
	@$(STACKCTL) $@
clean: ## Stop the local AWS emulator and delete the local state; the drills' reports and the per-user cache of tools stay
clean-drills: ## Delete the drills' reports
help: ## List the targets
	@echo "usage: make <target> [ENV=local] [STACK=one-stack] [PORT=4566] [STATE=.state] [TOOLCHAIN=auto|official|source]"
	@sed -nE 's/^##@ (.*)/\n\1/p; s/^([a-z0-9-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

# The environment that is asked for and the shell agree, or every goal is refused before anything is built or downloaded.
guard: $(STACKCTL)
	@$(STACKCTL) guard $(MAKECMDGOALS)
$(STACKCTL): $(shell find shared/cmd/stackctl shared/naming shared/shell -name '*.go' -not -name '*_test.go') go.mod
	@command -v go >/dev/null || { echo "make: Go is missing: install Go 1.26.3 or later from https://go.dev/dl/"; exit 1; }
	@mkdir -p $(@D) && go build -o $@ ./shared/cmd/stackctl
