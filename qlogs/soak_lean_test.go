package qlogs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// TestLeanAgainstSDK is a small TestSoakLean.
func TestLeanAgainstSDK(t *testing.T) {
	testutil.NoLeaks(t)
	leanRounds(t, testutil.Pick(2, 6))
}

// TestSoakLean has the same faults met by scans whose first attempts are sent without the
// SDK, and by scans all of whose requests are the SDK's. They must come to the same.
func TestSoakLean(t *testing.T) {
	soak(t)
	testutil.NoLeaks(t)
	met := leanRounds(t, 300)
	for _, k := range leanKinds {
		if met[k.name] == 0 {
			t.Errorf("no request that was not the SDK's met the fault %q", k.name)
		}
	}
}

// leanRounds returns how often requests that were not the SDK's met each fault.
func leanRounds(t *testing.T, n int) map[string]int {
	t.Helper()
	met := map[string]int{}
	total, lean, again := 0, 0, 0
	for i := range n {
		r := newLeanRound(i)
		store := r.run(t)
		if t.Failed() {
			t.Fatalf("in round %d: %+v", i, r)
		}
		total, lean, again = total+len(store.requests()), lean+store.lean, again+store.again
		for name, n := range store.met {
			met[name] += n
		}
	}
	faults := -met[""]
	for _, n := range met {
		faults += n
	}
	if lean < total/2 {
		t.Errorf("%d of %d requests are not the SDK's, want half of them", lean, total)
	}
	t.Logf("%d rounds, %d requests, %d of them not the SDK's, %d made anew; %d faults of %d kinds met by those", n, total, lean, again, faults, len(met)-1)
	return met
}

// A leanRound is a bucket with faults and the options of the scans of it.
type leanRound struct {
	seed     int
	opts     qlogs.Options
	attempts int  // of the SDK
	warm     bool // a request that is not the SDK's was granted before
	untagged bool // the listing has no ETags
	stalls   bool // there are faults that stall
	turns    bool // there are refusals after which the SDK gets on
	objects  []leanObject
}

type leanObject struct {
	key  string
	body []byte
	plan leanPlan
}

func (r leanRound) String() string {
	return fmt.Sprintf("seed %d, %+v, %d attempts, warm %t, untagged %t, stalls %t, turns %t", r.seed, r.opts, r.attempts, r.warm, r.untagged, r.stalls, r.turns)
}

func newLeanRound(seed int) leanRound {
	rng := rand.New(rand.NewPCG(uint64(seed), 20260302))
	oneOf := func(values ...int) int { return values[rng.IntN(len(values))] }
	r := leanRound{
		seed: seed,
		opts: qlogs.Options{
			InFlight:      oneOf(1, 4, 16),
			MaxResumes:    oneOf(-1, 1, 2, 3),
			MaxAttempts:   oneOf(0, 1, 2),
			BytesInFlight: int64(oneOf(0, 1<<20)),
		},
		attempts: oneOf(1, 2, 3),
		warm:     rng.IntN(4) > 0,
		untagged: rng.IntN(6) == 0,
		stalls:   seed%3 == 2,
		turns:    rng.IntN(4) == 0,
	}
	var kinds, stalling []*leanKind
	for i := range leanKinds {
		switch k := &leanKinds[i]; {
		case k.stalls:
			stalling = append(stalling, k)
		case !k.turns || r.turns:
			kinds = append(kinds, k)
		}
	}
	r.objects = leanObjects(rng, 40+rng.IntN(40))
	// Kinds come in turn, so that few rounds have them all. The first object is sound.
	perm := rng.Perm(len(kinds))
	for i := range r.objects[1:] {
		if rng.IntN(5) > 0 {
			r.objects[i+1].plan = newLeanPlan(rng, kinds, kinds[perm[(i+seed*30)%len(perm)]])
		}
	}
	if r.stalls {
		// This is far more than a sound answer takes, on a busy computer too.
		r.opts.StallTimeout = 1500 * time.Millisecond
		if raceEnabled {
			r.opts.StallTimeout *= 3
		}
		for range 2 {
			o := &r.objects[1+rng.IntN(len(r.objects)-1)]
			o.plan = leanPlan{first: []*leanKind{stalling[rng.IntN(len(stalling))]}}
			if rng.IntN(2) == 0 {
				o.plan.first = append([]*leanKind{kinds[rng.IntN(len(kinds))]}, o.plan.first...)
			}
		}
	}
	return r
}

// newLeanPlan makes a plan that begins with a kind, or in which it comes after others.
func newLeanPlan(rng *rand.Rand, kinds []*leanKind, kind *leanKind) leanPlan {
	switch rng.IntN(6) {
	case 0, 1:
		return leanPlan{first: []*leanKind{kind}}
	case 2:
		return leanPlan{first: []*leanKind{kind, kind}}
	case 3:
		return leanPlan{then: kind}
	case 4:
		return leanPlan{first: []*leanKind{nil}, then: kind}
	}
	p := leanPlan{first: []*leanKind{kind}}
	for range 1 + rng.IntN(3) {
		p.first = append(p.first, kinds[rng.IntN(len(kinds))])
	}
	return p
}

var leanLarge = sync.OnceValue(func() *faultTarget { return newFaultTarget("large", 13, 99_000, true) })

// leanObjects are n logs, most of them sound.
func leanObjects(rng *rand.Rand, n int) []leanObject {
	objects := make([]leanObject, n)
	for i, o := range confChats(confPartition("p", path.GenerateAssistantResponse), n, time.Minute) {
		body := o.Body
		switch rng.IntN(20) {
		case 0:
			body = leanPlain(body)
		case 1: // cut off
			body = body[:len(body)-4]
		case 2:
			body = []byte(`{"records":[1,{"a":}]}`)
		case 3:
			body = newFaultTarget(fmt.Sprintf("many%02d", i), 1+rng.IntN(9), 1+rng.IntN(9000), rng.IntN(2) == 0).body
		}
		objects[i] = leanObject{key: o.Key, body: body}
	}
	if rng.IntN(3) == 0 {
		objects[1+rng.IntN(n-1)].body = leanLarge().body
	}
	return objects
}

// run scans two equal stores, and returns the one that not only the SDK reads.
func (r leanRound) run(t *testing.T) *leanStore {
	t.Helper()
	lean, sdk := r.open(t, false), r.open(t, true)
	defer lean.close()
	defer sdk.close()
	if r.warm {
		lean.warm(t)
		sdk.warm(t)
	}
	var wg sync.WaitGroup
	for _, side := range []*leanSide{lean, sdk} {
		wg.Go(func() {
			after := side.scan(t, qlogs.Cursor{})
			side.scan(t, after) // what may pass is tried again
		})
	}
	wg.Wait()
	leanSame(t, "pairs, counters and cursors", lean.told, sdk.told)
	leanSame(t, "requests", lean.store.requests(), sdk.store.requests())
	if sdk.store.lean+sdk.store.again > 0 {
		t.Errorf("%d requests of a wrapped client are not the SDK's", sdk.store.lean)
	}
	if r.warm && !r.turns && lean.store.again > 0 {
		t.Errorf("%d requests are made anew, want none after one was granted", lean.store.again)
	}
	return lean.store
}

// A leanSide is a store and how it is read.
type leanSide struct {
	round leanRound
	store *leanStore
	src   qlogs.Source
	close func()
	told  []string // by its scans
}

func (r leanRound) open(t *testing.T, sdk bool) *leanSide {
	t.Helper()
	store := newLeanStore(r.objects)
	server := httptest.NewUnstartedServer(store)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of bodies that are not as long as their answers say
	server.Start()
	// Each request has a connection, so that net/http repeats none by itself.
	transport := &http.Transport{DisableKeepAlives: true}
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(server.URL),
		Region:       s3test.Region,
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = r.attempts
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
			o.RateLimiter = ratelimit.None
		}),
		// The SDK takes over the time of each answer that it sees. It does not see all of
		// them, and which one is the last is chance with several requests at once.
		DisableClockSkewCorrection: true,
	})
	side := &leanSide{round: r, store: store, src: s3source.New(client, "logs", &s3source.Options{ID: "s3://logs"})}
	if sdk {
		side.src = s3source.New(wrappedAPI{client}, "logs", &s3source.Options{ID: "s3://logs"})
	}
	side.close = func() {
		transport.CloseIdleConnections()
		server.CloseClientConnections()
		server.Close()
	}
	return side
}

// warm reads the first object twice, so that all that is done once is done.
func (s *leanSide) warm(t *testing.T) {
	t.Helper()
	for range 2 {
		if _, err := confReadAll(t.Context(), s.src, confFind(t, s.src, s.round.objects[0].key), 0); err != nil {
			t.Fatal(err)
		}
	}
}

// listed is the source without times, which differ between stores, and maybe without ETags.
func (s *leanSide) listed() qlogs.Source {
	src := sourcetest.Wrap(s.src)
	src.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		o.LastModified = time.Time{}
		if s.round.untagged {
			o.ETag = ""
		}
		return o, nil
	}
	return src
}

// scan reads the store from a cursor on and returns the cursor at the end.
func (s *leanSide) scan(t *testing.T, after qlogs.Cursor) qlogs.Cursor {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	scan := qlogs.New(s.listed(), &s.round.opts).Scan(qlogs.Query{After: after})
	for e, err := range scan.Records(ctx) {
		s.told = append(s.told, leanLine(e, err))
	}
	if ctx.Err() != nil {
		t.Error("a scan hangs")
	}
	s.store.settle()
	s.told = append(s.told, fmt.Sprintf("%+v", statsCounted(scan.Stats())), scan.Cursor().String())
	return scan.Cursor()
}

// leanLine is all that a pair tells, less the name of the server and of the request, and
// the second in which the object was stored.
func leanLine(e qlogs.Entry, err error) string {
	if err == nil {
		record, err := json.Marshal(e.Record)
		return fmt.Sprintf("%s#%d at %d, tentative %t, size %d: %s %v", e.Object.Key, e.Index, e.Offset, e.Tentative, e.Object.Size, record, err)
	}
	var classes []string
	for _, class := range leanClasses {
		if errors.Is(err, class) {
			classes = append(classes, class.Error())
		}
	}
	var o qlogs.ObjectError
	if object := (*qlogs.ObjectError)(nil); errors.As(err, &object) {
		o = *object
	}
	return fmt.Sprintf("%s %s#%d at %d, pending %t, attempt %d, size %d, ETag %s, classes %q: %s",
		o.Op, o.Key, o.Index, o.Offset, o.Retryable, o.Attempt, o.Object.Size, o.Object.ETag, classes, leanOwn.ReplaceAllString(err.Error(), "-"))
}

// leanSame compares what the SDK alone comes to with the rest.
func leanSame(t *testing.T, what string, lean, sdk []string) {
	t.Helper()
	for i := range max(len(lean), len(sdk)) {
		got, want := confSome(lean, i), confSome(sdk, i)
		if !slices.Equal(got[:min(len(got), 1)], want[:min(len(want), 1)]) {
			t.Errorf("%s: %d, by the SDK alone %d; from place %d on\n%s\nby the SDK alone\n%s", what, len(lean), len(sdk), i, strings.Join(got, "\n"), strings.Join(want, "\n"))
			return
		}
	}
}

var leanOwn = regexp.MustCompile(`127\.0\.0\.1:[0-9]+|RequestID: [^,]*, HostID: [^,]*`)

var leanClasses = slices.Concat([]error{fs.ErrNotExist, fs.ErrPermission}, []error{
	qlogs.ErrChanged, qlogs.ErrStalled, qlogs.ErrArchived, qlogs.ErrTooLarge, qlogs.ErrCorruptGzip, qlogs.ErrCorruptJSON, qlogs.ErrNotLog,
	io.EOF, io.ErrUnexpectedEOF, context.Canceled, context.DeadlineExceeded, errors.ErrUnsupported,
})
