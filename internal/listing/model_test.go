package listing_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/promptlogs/qlogs/internal/testutil"
)

// modelCounts is what the seeds have come to, so that the test does not become empty.
type modelCounts struct {
	events, calls, sweeps, polls, whole, left, panicked, disordered, failed, repeated, flickered, pieces int
}

// TestModel has walks sweep and poll stores in which objects come and go, whose listings fail,
// hang, panic, lie and repeat themselves, for callers that stop anywhere. Each walk has to
// meet what a plain lister meets, in the same order and with as many requests: nothing is
// missing, and nothing comes twice.
func TestModel(t *testing.T) {
	runModel(t, testutil.Pick[uint64](400, 60_000), testModel)
}

// TestModelPieces does the same with a partition that is listed in pieces.
func TestModelPieces(t *testing.T) {
	runModel(t, testutil.Pick[uint64](3, 400), testModelPieces)
}

// runModel runs that many seeds, or the one in QLOGS_MODEL_SEED.
func runModel(t *testing.T, seeds uint64, test func(*testing.T, *rand.Rand, *modelCounts)) {
	var seen modelCounts
	one := func(seed uint64) bool {
		synctest.Test(t, func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("run it again: QLOGS_MODEL_SEED=%d go test -run '%s$' ./internal/listing", seed, t.Name())
				}
			}()
			test(t, rand.New(rand.NewPCG(seed, 11)), &seen)
		})
		return !t.Failed()
	}
	if text := os.Getenv("QLOGS_MODEL_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		one(seed)
		return
	}
	for seed := range seeds {
		if !one(seed) {
			return
		}
	}
	for what, n := range map[string]int{
		"polls": seen.polls, "rounds that are left": seen.left, "panics": seen.panicked, "listings out of order": seen.disordered,
		"failures": seen.failed, "repeats": seen.repeated, "keys that flicker": seen.flickered,
	} {
		if n < int(seeds)/25 {
			t.Errorf("%d %s: the test has become empty", n, what)
		}
	}
	t.Logf("%d seeds: %+v", seeds, seen)
}
