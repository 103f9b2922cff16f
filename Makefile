.PHONY: test long check race real sqs fuzz sim soak mutate bench bench-stages

# What the README tells a newcomer to run.
test:
	go test ./...

# The same with all cases, rounds and sizes that a quick run has few of: ten minutes or less.
long:
	QLOGS_TESTS=long go test -count=1 -timeout 30m ./...

# What has to hold before a change lands.
check:
	./.ci/run

race:
	go test -race ./...

# The conformance suite on a real S3 server, which is built from internal/s3server.
real:
	QLOGS_TEST_S3=1 QLOGS_TESTS=long go test -count=1 -v -run '^TestRealS3' ./...

# The worker on a real SQS server, which needs Node.js.
sqs:
	npm ci --prefix internal/sqsserver
	QLOGS_TEST_SQS=1 go -C examples/worker test -count=1 ./...

# Every fuzz target for ten minutes: make fuzz FUZZTIME=1m for less.
FUZZTIME ?= 10m
fuzz:
	@set -e; for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "-- $$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

# Simulated years of reading: make sim SIM_FOR=1h for more.
SIM_FOR ?= 10m
sim:
	QLOGS_SIM_FOR=$(SIM_FOR) go test -count=1 -timeout 0 -v -run TestSimulation ./internal/sim

# The long tests: 50,000 objects on the real server, 400 interrupted scans under the race detector, a 2 GB file,
# 300 kills of a process for each kind of sink, three minutes of following, 300 rounds of faults with and without
# lean requests, the memory of a thousand objects of each hostile shape, how soon scans stop, and the growth of
# time for all bytes in all places.
soak:
	QLOGS_TESTS=soak go test -count=1 -timeout 30m -run 'Linear' ./qlogs/record
	QLOGS_TEST_S3=1 QLOGS_TESTS=soak go test -count=1 -v -timeout 180m -run 'Soak' ./qlogs
	QLOGS_TEST_S3=1 QLOGS_TESTS=soak go test -race -count=1 -v -timeout 60m -run 'SoakInterrupted' ./qlogs

# Whether the tests notice 150 small faults: make mutate MUTATE='-seed 2 -n 40' for others.
mutate:
	go -C internal/tools run ./mutate $(MUTATE)

# The comparison with other ways to do the same, as a table: about 25 minutes. Peers that are
# not on the machine are left out; make bench BENCH=-install installs them before.
bench:
	go -C internal/bench run . $(BENCH)

# Each stage by itself, for benchstat.
bench-stages:
	go test -run '^$$' -bench . -count 6 ./...
