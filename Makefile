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
REGION    ?=# of fault and heal
KIND      ?=# of fault: unreachable, slow, throttled, app-down, db-down, split, denied
ACTION    ?=# of the kind denied: the action of the API that is refused, as rds:CreateDBInstance
DELAY     ?= 0s# of the kind slow, which makes 3s of 0s
SCOPE     ?= records:read records:write# what the token of `make token` allows
STANDBY   ?= us-west-2# the standby region, where the failover commands work
REGIONS   ?= us-east-1 $(STANDBY)# the regions that `make sweep` asks
SUFFIX    ?= $(ENV)# the environment's suffix, where it is not the stacks' name
DATA_LOSS ?=# yes lets `make failover` give up what the standby has not received
JSON      ?=# yes makes the failover commands and summary print JSON
FORCE     ?=# 1 lets destroy take a stack away that others read
SCENARIO  ?=# of drill: region-lost, app-lost, database-lost, planned-switchover, split, flap or standby-lost
WAIT      ?= 0s# of drill: the longest that a step waits; 0s is as long as the scenario says
CONFIRM   ?=# of drill on AWS: ENV a second time, where its name is not one of dev

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
APP       := lambda/app
OPERATOR  := $(ROOT)/.state/make/failover/command
SUMMARY   := $(ROOT)/.state/make/summary
DRILL     := $(ROOT)/.state/make/drill
RESUME    := $(ROOT)/.state/make/resume
SWEEP     := $(ROOT)/.state/make/sweep
# The machine that the failover controller runs on: Lambda's, and of the embedded AWS this one.
SYSTEM       := $(if $(embedded),$(shell uname -s | tr A-Z a-z),linux)
ARCHITECTURE ?= $(if $(embedded),$(patsubst aarch64,arm64,$(shell uname -m)),arm64)
CONTROLLER   := .state/make/failover/$(SYSTEM)-$(ARCHITECTURE)/bootstrap.zip

##@ The platform

.PHONY: up preview destroy outputs summary
up: $(addprefix up/,$(CHOSEN)) ## Deploy (ENV=local: to the embedded AWS, which is started)
	@$(if $(STACK),,echo; $(summarize); $(reached))
preview: $(addprefix preview/,$(CHOSEN)) ## Show what up would change
destroy: $(addprefix destroy/,$(CHOSEN)) ## Remove what up made, the last layer first; an embedded AWS left empty stops
	@$(if $(embedded),eval "$$($(local-env))"; \
		pulumi stack ls --all --json | grep -q '"resourceCount": [1-9]' || $(LOCAL) down --state "$(STATE)")
outputs: $(addprefix outputs/,$(CHOSEN)) ## Print what the stacks tell each other
summary: tools ## Print where the platform is reached, which up ends with (JSON=yes)
	@$(summarize)

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
$(addprefix up/,$(EXISTING)): up/%: ready stacks-built $(RESUME)
	@$(settings); $(in-stack); $(resume); pulumi up --yes --skip-preview --non-interactive $$($(ask-aws-first)) "$$@" $(PULUMI_FLAGS)
$(addprefix preview/,$(EXISTING)): preview/%: ready stacks-built $(RESUME)
	@$(settings); $(in-stack); pulumi preview --non-interactive "$$@" $(PULUMI_FLAGS)
$(addprefix destroy/,$(EXISTING)): destroy/%: ready $(RESUME)
	@$(in-stack); $(unneeded); $(resume); $(first); pulumi destroy --yes --skip-preview --non-interactive $(PULUMI_FLAGS)
$(addprefix outputs/,$(EXISTING)): outputs/%: ready $(RESUME)
	@$(in-stack); pulumi stack output

# How what stands on the embedded AWS is asked.
reached = $(if $(embedded),echo "to ask it          curl --proxy http://127.0.0.1:$(PORT) with a token of make token; make status",:)

# The outputs of the stacks that the summary reads go to it as one JSON object by project; of one that is not there, nothing.
summarized = $(filter foundation-network data-global global-edge,$(EXISTING))
summarize  = eval "$$($(local-env))"; { next='{'; for stack in $(summarized); do echo "$$next \"$$stack\":"; next=,; \
	(cd "stacks/$$stack"; pulumi stack output --json --stack "$(ENV)" || echo null); done; echo '}'; } | $(SUMMARY) $(if $(filter yes,$(JSON)),-json)
up summary: $(SUMMARY)
$(SUMMARY): $(shell find shared/contract -name '*.go' -not -name '*_test.go') go.mod go.sum | $(LOCAL)
	@$(LOCAL) exec --label "compiling the summary" -- go build -o "$@" ./shared/contract/summary

# A shell in the stack's folder, set up for the environment, whose stack there is.
# What an engine that was killed has left in the way goes first: Pulumi could not even select the stack.
in-stack = eval "$$($(local-env))"; cd "stacks/$*"; $(RESUME) -env "$(ENV)" unblock; pulumi stack select --create "$(ENV)" >/dev/null

# Settings of the stack that make gives it, as arguments of pulumi: none, but for data-global on the embedded AWS, whose
# application admits the tokens of `make token` unless another issuer was configured.
settings = set --
up/data-global preview/data-global: settings = set --$(if $(embedded),; given="$$($(LOCAL) jwks --state "$(STATE)" --settings "stacks/data-global/Pulumi.$(ENV).yaml")"; \
	while IFS= read -r setting; do [ -z "$$setting" ] || set -- "$$@" --config "$$setting"; done <<<"$$given")

# A stack does not go while one stands that reads it, or reads one that does: it could neither be updated nor destroyed.
readers  = $(foreach stack,$(EXISTING),$(if $(filter $(1),$(reads/$(stack))),$(stack) $(call readers,$(stack))))
# The stacks of the environment that have resources are asked for; their names end with project/stack, but for those of the
# project whose folder it is.
needing  = pulumi stack ls --all --json | awk -F'"' -v readers=" $(sort $(call readers,$*)) " '$$2 == "name" {n = split($$4, part, "/")} \
	/"resourceCount": [1-9]/ && n > 1 && part[n] == "$(ENV)" && index(readers, " " part[n - 1] " ") {printf "%s ", part[n - 1]}'
unneeded = :
ifneq ($(STACK),)
ifneq ($(FORCE),1)
unneeded = needing="$$($(needing))"; [ -z "$$needing" ] || { \
	echo "make destroy: $*, ENV=$(ENV), is read by stacks that stand: $$needing"; \
	echo "Destroy them first (make destroy STACK=…), or all (make destroy); FORCE=1 destroys $* all the same."; exit 1; }
endif
endif

# What is done before a stack goes: nothing, but for data-global. RDS removes a global database with the writer last, and the
# engine removes what it made last first: so the writer goes back to where it was made.
first = :
destroy/data-global: $(OPERATOR)
destroy/data-global: first = cluster="$$(pulumi stack output globalClusterIdentifier 2>/dev/null || true)"; \
	[ -z "$$cluster" ] || $(OPERATOR) prepare-destroy --env "$(SUFFIX)" --region "$(STANDBY)" --global-cluster "$$cluster" \
		--primary-region "$$(cd ../foundation-network; pulumi stack output primaryRegion --stack "$(ENV)")"

# The function is in the regional stacks, the failover controller in the last.
$(foreach verb,up preview,$(addprefix $(verb)/,$(filter global-edge,$(EXISTING)))): controller
$(foreach verb,up preview,$(addprefix $(verb)/,$(filter region-app-%,$(EXISTING)))): lambda

# An engine that was killed leaves notes of what it was about to create, which may be in AWS.
resume = $(RESUME) -env "$(ENV)" mend
$(RESUME): $(shell find shared/resume -name '*.go' -not -name '*_test.go') go.mod go.sum | $(LOCAL)
	@$(LOCAL) exec --label "compiling what resumes updates" -- go build -o "$@" ./shared/resume/command

# An update that broke off leaves resources in AWS that Pulumi has seen half made: the next one asks AWS what there is.
ask-aws-first = pulumi stack history --json --page-size 1 | grep -q '"result": "succeeded"' || echo --refresh

.PHONY: ready stacks-built
ready: $(if $(embedded),local-up,tools)
stacks-built: ready
	@$(LOCAL) exec --label "compiling what the stacks are made of" -- go build ./shared/...

.PHONY: lambda
lambda: $(APP)/dist/index.mjs ## Build the application's function
$(APP)/dist/index.mjs: $(APP)/node_modules/.package-lock.json $(APP)/build.js $(APP)/openapi.json $(shell find $(APP)/src -type f) | $(LOCAL)
	@$(LOCAL) exec --label "bundling the function" -- npm --prefix $(APP) run --silent build
	@touch $@
# npm ci writes this file last.
$(APP)/node_modules/.package-lock.json: $(APP)/package.json $(APP)/package-lock.json | $(LOCAL)
	@$(LOCAL) exec --label "installing what the function is made of" -- npm --prefix $(APP) ci --loglevel error
	@touch $@

.PHONY: controller
controller: $(CONTROLLER) ## Build the failover controller (ARCHITECTURE=arm64 or x86_64)
failover-sources := $(shell find lambda/failover shared/naming -name '*.go' -not -name '*_test.go') go.mod go.sum
$(CONTROLLER): $(failover-sources) | $(LOCAL)
	@$(LOCAL) exec --label "compiling the failover controller" -- env CGO_ENABLED=0 GOOS=$(SYSTEM) GOARCH=$(patsubst x86_64,amd64,$(ARCHITECTURE)) \
		go build -tags lambda.norpc -ldflags "-s -w -buildid=" -o "$(@D)/bootstrap" ./lambda/failover
	@said="$$(go run github.com/aws/aws-lambda-go/cmd/build-lambda-zip -o "$@" "$(@D)/bootstrap" 2>&1)" || { echo "$$said"; exit 1; }
$(OPERATOR): $(failover-sources) | $(LOCAL)
	@$(LOCAL) exec --label "compiling the failover commands" -- go build -o "$@" ./lambda/failover

.PHONY: env token
token: $(LOCAL) ## Print an access token for the application on the embedded AWS, good for SCOPE
	@$(if $(embedded),$(LOCAL) token --state "$(STATE)" --scope "$(SCOPE)",echo "make token: ENV=$(ENV) is on AWS, where the configured issuer gives tokens"; exit 1)
env: $(LOCAL) ## Print what `eval "$(make env)"` needs, for plain pulumi commands in a stack's folder
	@$(local-env)

.PHONY: sweep
sweep: $(if $(embedded),local-up) $(SWEEP) ## Ask every service whether destroy has left something; fails if so, and if one does not answer
	@$(if $(embedded),eval "$$($(local-env))"; )$(SWEEP) --env "$(ENV)" --suffix "$(SUFFIX)" --regions "$(REGIONS)"
$(SWEEP): $(shell find test/sweep shared/naming -name '*.go' -not -name '*_test.go') go.mod go.sum | $(LOCAL)
	@$(LOCAL) exec --label "compiling the sweep" -- go build -o "$@" ./test/sweep/command

##@ Failover (lambda/failover/RUNBOOK.md says when to use what)

# They need no Pulumi and nothing of the primary region.
.PHONY: status preflight switchover failover failback pause-failover resume-failover prepare-destroy
operate = $(if $(embedded),eval "$$($(local-env))"; )$(OPERATOR) $(1) --env "$(SUFFIX)" --region "$(STANDBY)" $(if $(filter yes,$(JSON)),--json)
status: $(OPERATOR) ## Say where the writer is, what lags, whether the standby is ready, and what was last decided
	@$(call operate,status)
preflight: $(OPERATOR) ## Say whether a switchover would work now
	@$(call operate,preflight)
switchover: $(OPERATOR) ## Move the writer to the standby region; nothing is lost
	@$(call operate,switchover)
failover: $(OPERATOR) ## Move the writer to the standby region without the primary (DATA_LOSS=yes)
	@$(call operate,failover) $(if $(filter yes,$(DATA_LOSS)),--allow-data-loss)
failback: $(OPERATOR) ## Move the writer back to the primary region; nothing is lost
	@$(call operate,failback)
pause-failover: $(OPERATOR) ## Let the controller advise and move nothing
	@$(call operate,pause)
resume-failover: $(OPERATOR) ## Let the controller move the writer by itself
	@$(call operate,resume)
prepare-destroy: $(OPERATOR) ## Make the primary region the writer's, so that every stack can be destroyed
	@$(call operate,prepare-destroy)

##@ The drill (a scenario on a real clock, and a report of what it cost)

# The program's exit codes are 0 PASS, 1 FAIL, 3 INCONCLUSIVE and 2 for a wrong call; make says them as Error 1 to 3.
.PHONY: drill drill-all drill-heal drill-table
rehearse = $(if $(embedded),eval "$$($(local-env))"; )$(DRILL) --env "$(SUFFIX)" --region "$(STANDBY)" --confirm "$(CONFIRM)" --wait "$(WAIT)" --operator "$(OPERATOR)" \
	--reports "$(STATE)/drills" $(if $(embedded),--local "$(LOCAL)" --state "$(STATE)") \
	--preview 'env -u MAKEFLAGS -u MAKELEVEL $(MAKE) -C "$(ROOT)" preview ENV="$(ENV)" STATE="$(STATE)" PORT="$(PORT)" PULUMI_FLAGS=--expect-no-changes'
drill: $(DRILL) $(OPERATOR) ## Take the platform through a SCENARIO and report to STATE/drills
	@$(rehearse) $(SCENARIO)
drill-all: $(DRILL) $(OPERATOR) ## Take it through every scenario, one after another, and print a table
	@$(rehearse) all
drill-heal: $(DRILL) $(OPERATOR) ## End what a drill has broken that was killed
	@$(rehearse) heal
drill-table: $(DRILL) $(OPERATOR) ## Print the spread of all drills so far
	@$(rehearse) table
$(DRILL): $(failover-sources) $(shell find test/drill -type f -not -name '*_test.go') | $(LOCAL)
	@$(LOCAL) exec --label "compiling the drill" -- go build -o "$@" ./test/drill

##@ The embedded AWS

.PHONY: local-up local-down local-status tools
local-up: tools ## Start it, unless it is up
	@$(LOCAL) up --state "$(STATE)" --port "$(PORT)"
local-down: $(LOCAL) ## Stop it and keep its state
	@$(LOCAL) down --state "$(STATE)"
local-status: $(LOCAL) ## Say what runs, where, and where the logs are
	@$(LOCAL) status --state "$(STATE)" || [ $$? -eq 3 ] # 3 says that it is down, which is an answer.
.PHONY: fault heal
fault: $(LOCAL) ## Make something be wrong with a REGION: KIND=unreachable, slow, throttled, app-down, db-down, split or denied
	@$(LOCAL) fault --state "$(STATE)" --region "$(REGION)" --kind "$(KIND)" --delay "$(DELAY)" --action "$(ACTION)"
heal: $(LOCAL) ## End the faults of a REGION, or all
	@$(LOCAL) heal --state "$(STATE)" --region "$(REGION)"
tools: $(LOCAL) ## Get the pinned Pulumi CLI and plugins, once per user
	@$(LOCAL) tools --root "$(ROOT)" --env "$(ENV)" $(if $(filter tools,$(MAKECMDGOALS)),,>/dev/null)

##@ Checks

.PHONY: test unit function e2e orders drills lint bench
test: test-counts unit-run function-run e2e-run ## All tests but the long ones: unit, function and end to end
	@$(total)
unit: test-counts unit-run ## The unit tests of every module
	@$(total)
function: test-counts function-run ## The function's tests, on an embedded AWS of their own
	@$(total)
e2e: test-counts e2e-run ## The end-to-end tests, on an embedded AWS of their own, or with ENV=dev on AWS
	@$(total)
orders: test-counts orders-run ## The long ones: deployments that break off, two at once, an upgrade
	@$(total)
drills: test-counts drills-run ## Drills of a region that is lost: of the platform, which pass, and of a broken one, which fail
	@$(total)

# Each module is a run of its own: its folder, its packages, its flags. The AWS plugin has no tests in its own package,
# which would compile the whole provider; test/local/tools tests it as it is built.
.PHONY: unit-run function-run e2e-run orders-run drills-run test-counts
test-counts: $(LOCAL)
	@rm -rf "$(COUNTS)"; mkdir -p "$(COUNTS)"
unit-run: test-counts tools
	@$(call go-test,unit tests of the product,.,./...)
	@$(call go-test,unit tests of the embedded AWS,test/local,-timeout 30m ./...)
	@$(call go-test,unit tests of the toolchain,test/local/toolchain,./cmd/pulumi-resource-awsx/... ./cmd/pulumi-language-go/...)
function-run: test-counts tools lambda $(if $(filter test,$(MAKECMDGOALS)),unit-run)
	@: >"$(COUNTS)/function.tap"; cd "$(APP)"; $(LOCAL) exec --label "tests of the function" -- $(yielding) npm test --silent -- \
		--test-reporter=spec --test-reporter-destination=stdout --test-reporter=tap --test-reporter-destination="$(COUNTS)/function.tap" \
		|| echo "tests of the function" >>"$(COUNTS)/failed"
	@awk '/^# (tests|fail|cancelled|skipped|todo) / {n[$$2] = $$3} \
		END {print n["tests"] + 0, n["fail"] + 0, n["cancelled"] + 0, n["skipped"] + n["todo"]}' "$(COUNTS)/function.tap" >>"$(COUNTS)/runs"
# Platforms that wait for a clock go beside one that does not; unit and function tests go beside them all, and yield.
unit-run function-run: yielding = nice -n 10
e2e-run: test-counts tools lambda controller $(OPERATOR)
	@$(call go-test,end-to-end tests,.,-tags e2e -count 1 -timeout 4h -parallel 4 -skip '$(LONG)|$(DRILLS)' ./test/e2e)
orders-run: test-counts tools lambda controller $(OPERATOR)
	@$(call go-test,long end-to-end tests,.,-tags e2e -count 1 -timeout 4h -run '$(LONG)' ./test/e2e)
drills-run: test-counts tools lambda controller $(OPERATOR) $(DRILL)
	@$(call go-test,drills,.,-tags e2e -count 1 -timeout 4h -run '$(DRILLS)' ./test/e2e)
LONG   := ^TestOrder
DRILLS := ^TestDrill

# A failed run is counted and does not keep the next from running; total, printed last, fails for all of them.
COUNTS  := $(ROOT)/.state/make/counts
DEVTOOL  = go tool -modfile="$(ROOT)/test/tools/go.mod"
go-test  = cd "$(2)"; $(LOCAL) exec --label "$(1)" -- $(yielding) $(DEVTOOL) gotestsum --format pkgname --hide-summary skipped \
	--post-run-command 'sh -c "echo $$TESTS_TOTAL $$TESTS_FAILED $$TESTS_ERRORS $$TESTS_SKIPPED >>$(COUNTS)/runs"' -- $(3) \
	|| echo "$(1)" >>"$(COUNTS)/failed"
total    = awk '{t+=$$1; f+=$$2+$$3; s+=$$4} END {printf "%d passed, %d failed", t-f-s, f; if (s) printf ", %d skipped", s; print ""}' \
	"$(COUNTS)/runs" >"$(COUNTS)/total"; \
	if [ -e "$(COUNTS)/failed" ]; then sed 's/^/failed: /' "$(COUNTS)/failed"; fi; \
	cat "$(COUNTS)/total"; [ ! -e "$(COUNTS)/failed" ]

lint: $(LOCAL) $(APP)/node_modules/.package-lock.json ## Formatting, vet, staticcheck, actionlint, eslint, prettier, tidy modules
	@unformatted=$$(gofmt -l stacks shared lambda test); [ -z "$$unformatted" ] || { echo "make lint: run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	@$(LOCAL) exec --label "eslint and prettier of $(APP)" -- npm --prefix $(APP) run --silent lint
	@$(LOCAL) exec --label "actionlint of the workflows" -- $(DEVTOOL) actionlint -shellcheck= -pyflakes= .github/workflows/*.yml
	@$(call go-lint,.,./...)
	@$(call go-lint,test/local,./...)
	@$(call go-lint,test/local/toolchain,./cmd/pulumi-resource-awsx/... ./cmd/pulumi-language-go/...)
	@for module in . test/local test/local/toolchain test/tools; do \
		(cd $$module; $(LOCAL) exec --label "checking that go.mod of $$module is tidy" -- go mod tidy -diff) || { echo "make lint: run go mod tidy in $$module"; exit 1; }; done
# The AWS plugin's package is left out: type-checking it needs the whole provider compiled, a quarter of an hour.
go-lint = cd "$(1)"; $(LOCAL) exec --label "vetting $(1)" -- go vet -tags e2e $(2); \
	$(LOCAL) exec --label "staticcheck of $(1)" -- $(DEVTOOL) staticcheck -tags e2e $(2)

# Each run says what it measured; those of the platform end with a table of the figures and of what they may be at most.
bench: tools lambda controller $(OPERATOR) ## Measure deployments, replication, events and reads on embedded AWSs of their own
	@$(LOCAL) exec --label "compiling the benchmarks" -- go test -tags e2e -run '^$$' -c -o .state/make/e2e.test ./test/e2e
	@$(LOCAL) exec --label "compiling the benchmarks" -- go test -C test/local -run '^$$' -c -o $(ROOT)/.state/make/aurora.test ./aurora
	@$(LOCAL) exec --label "compiling the benchmarks" -- $(DEVTOOL) vegeta -version >/dev/null
	@echo "A row that is written in one region is read in the other: p99-ms is to be 1000 at most."
	@cd test/local/aurora; ../../../.state/make/aurora.test -test.run '^$$' -test.bench . -test.benchtime 1000x
	@cd test/e2e; ../../.state/make/e2e.test -test.run '^$$' -test.bench Platform -test.benchtime 3x -test.timeout 60m
	@cd test/e2e; ../../.state/make/e2e.test -test.run '^$$' -test.bench Growth -test.benchtime 1x -test.timeout 60m
	@cd test/e2e; ../../.state/make/e2e.test -test.run '^$$' -test.bench Service -test.benchtime 1x -test.timeout 60m

##@ Other

.PHONY: clean help
clean: local-down ## Stop the embedded AWS and delete all local state; the per-user cache of tools stays
	@rm -rf "$(STATE)" "$(ROOT)/.state" $(APP)/dist $(APP)/node_modules; rm -f stacks/*/Pulumi.local.yaml stacks/*/Pulumi.local-*.yaml

help: ## List the targets
	@awk 'BEGIN {FS = ":.*##"; print "usage: make <target> [ENV=local] [STACK=one-stack] [PORT=4566] [TOOLCHAIN=auto|official|source]"} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z0-9-]+:.*##/ {printf "  %-16s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The local command is what the rest is run with, so its own build shows its progress with what a shell has.
$(LOCAL): $(shell find test/local -type f -not -path '*/toolchain/*' -not -name '*_test.go')
	@command -v go >/dev/null || { echo "make: Go is missing: install Go 1.26.3 or later from https://go.dev/dl/"; exit 1; }
	@mkdir -p $(@D)
	@(seconds=0; while sleep 5; do seconds=$$((seconds + 5)); echo "compiling the local command, $$seconds s"; done) & ticker=$$!; \
		trap 'kill $$ticker' EXIT; go build -C test/local -o $@ ./cmd/local
