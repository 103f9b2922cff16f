.PHONY: test check race real fuzz soak bench

# What the README tells a newcomer to run.
test:
	go test ./...

# What has to hold before a change lands.
check:
	./.ci/run

race:
	go test -race ./...

# The conformance suite on a real S3 server, which is built from internal/s3server.
real:
	QLOGS_TEST_S3=1 go test -count=1 -v -run '^TestRealS3' ./...

# Every fuzz target for ten minutes: make fuzz FUZZTIME=1m for less.
FUZZTIME ?= 10m
fuzz:
	@set -e; for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "-- $$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

# The long tests: 50,000 objects on the real server, 400 interrupted scans under the race detector, a 2 GB file.
soak:
	QLOGS_TEST_S3=1 QLOGS_SOAK=1 go test -count=1 -v -timeout 60m -run 'Soak' ./qlogs
	QLOGS_TEST_S3=1 QLOGS_SOAK=1 go test -race -count=1 -v -timeout 60m -run 'SoakInterrupted' ./qlogs

bench:
	QLOGS_TEST_S3=1 go test -run '^$$' -bench . -benchmem ./qlogs
