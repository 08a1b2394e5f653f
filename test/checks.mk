##@ Checks

PYTOOLS := $(MADE)/pytools

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
	@rm -rf $(COUNTS); mkdir -p $(COUNTS)
unit-run: test-counts tools
	@$(call go-test,unit tests of the product,.,./...)
	@$(call go-test,unit tests of the embedded AWS,test/local,-timeout 30m ./...)
	@$(call go-test,unit tests of the toolchain,test/local/toolchain,./cmd/pulumi-resource-awsx/... ./cmd/pulumi-language-go/...)
function-run: test-counts tools lambda $(if $(filter test,$(MAKECMDGOALS)),unit-run)
	@: >$(COUNTS)/function.tap; $(call building,tests of the function) $(yielding) npm --prefix $(APP) test --silent -- \
		--test-reporter=spec --test-reporter-destination=stdout --test-reporter=tap --test-reporter-destination="$(CURDIR)/$(COUNTS)/function.tap" \
		|| echo "tests of the function" >>$(COUNTS)/failed
	@awk '/^# (tests|fail|cancelled|skipped|todo) / {n[$$2] = $$3} \
		END {print n["tests"] + 0, n["fail"] + 0, n["cancelled"] + 0, n["skipped"] + n["todo"]}' $(COUNTS)/function.tap >>$(COUNTS)/runs
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
COUNTS  := $(MADE)/counts
DEVTOOL  = go tool -modfile="$(CURDIR)/test/tools/go.mod"
go-test  = cd "$(2)"; "$(CURDIR)/$(LOCAL)" exec --label "$(1)" -- $(yielding) $(DEVTOOL) gotestsum --format pkgname --hide-summary skipped \
	--post-run-command "sh -c 'echo \$$TESTS_TOTAL \$$TESTS_FAILED \$$TESTS_ERRORS \$$TESTS_SKIPPED >>\"$(CURDIR)/$(COUNTS)/runs\"'" -- $(3) \
	|| echo "$(1)" >>"$(CURDIR)/$(COUNTS)/failed"
total    = awk '{t+=$$1; f+=$$2+$$3; s+=$$4} END {printf "%d passed, %d failed", t-f-s, f; if (s) printf ", %d skipped", s; print ""}' \
	$(COUNTS)/runs >$(COUNTS)/total; \
	if [ -e $(COUNTS)/failed ]; then sed 's/^/failed: /' $(COUNTS)/failed; fi; \
	cat $(COUNTS)/total; [ ! -e $(COUNTS)/failed ]

# Formatting first, because it takes seconds. golangci-lint holds vet, staticcheck and the direction of imports (.golangci.yml).
lint: $(LOCAL) $(APP)/node_modules/.package-lock.json $(PYTOOLS)/ready ## Formatting, golangci-lint, actionlint, shellcheck, ruff, eslint, prettier, tsc, tidy modules
	@unformatted=$$(gofmt -l stacks shared lambda test); [ -z "$$unformatted" ] || { echo "make lint: run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	@$(PYTOOLS)/bin/ruff check --quiet . && $(PYTOOLS)/bin/ruff format --quiet --check .
	@$(PYTOOLS)/bin/shellcheck .ci/run
	@$(call building,eslint and prettier and tsc of $(APP)) npm --prefix $(APP) run --silent lint
	@$(call building,actionlint of the workflows) $(DEVTOOL) actionlint -shellcheck="$(PYTOOLS)/bin/shellcheck" -pyflakes= .github/workflows/*.yml
	@for module in . test/local test/local/toolchain test/tools test/tools/golangci; do \
		(cd $$module; "$(CURDIR)/$(LOCAL)" exec --label "checking that go.mod of $$module is tidy" -- go mod tidy -diff) || { echo "make lint: run go mod tidy in $$module"; exit 1; }; done
	@$(call go-lint,.,./...)
	@$(call go-lint,test/local,./...)
	@$(call go-lint,test/local/toolchain,./cmd/pulumi-resource-awsx/... ./cmd/pulumi-language-go/...)
# The AWS plugin's package is left out: type-checking it needs the whole provider compiled, a quarter of an hour.
go-lint = cd "$(1)"; "$(CURDIR)/$(LOCAL)" exec --label "golangci-lint of $(1)" -- go tool -modfile="$(CURDIR)/test/tools/golangci/go.mod" golangci-lint run $(2)

# The linters that are Python packages, pinned by hash.
$(PYTOOLS)/ready: test/tools/requirements.txt | $(LOCAL)
	@$(call building,installing ruff and shellcheck) python3 -m venv --clear $(PYTOOLS)
	@$(call building,installing ruff and shellcheck) $(PYTOOLS)/bin/python -m pip install --quiet --no-input --disable-pip-version-check \
		--require-hashes --only-binary :all: --no-deps -r $<
	@touch $@

# Each run says what it measured; those of the platform end with a table of the figures and of what they may be at most.
bench: tools lambda controller $(OPERATOR) ## Measure deployments, replication, events and reads on embedded AWSs of their own
	@$(call building,compiling the benchmarks) go test -tags e2e -run '^$$' -c -o $(MADE)/e2e.test ./test/e2e
	@$(call building,compiling the benchmarks) go test -C test/local -run '^$$' -c -o "$(CURDIR)/$(MADE)/aurora.test" ./aurora
	@$(call building,compiling the benchmarks) $(DEVTOOL) vegeta -version >/dev/null
	@echo "A row that is written in one region is read in the other: p99-ms is to be 1000 at most."
	@cd test/local/aurora; ../../../$(MADE)/aurora.test -test.run '^$$' -test.bench . -test.benchtime 1000x
	@cd test/e2e; ../../$(MADE)/e2e.test -test.run '^$$' -test.bench Platform -test.benchtime 3x -test.timeout 60m
	@cd test/e2e; ../../$(MADE)/e2e.test -test.run '^$$' -test.bench Growth -test.benchtime 1x -test.timeout 60m
	@cd test/e2e; ../../$(MADE)/e2e.test -test.run '^$$' -test.bench Service -test.benchtime 1x -test.timeout 60m
