package s3keep_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
)

// Several processes load and save under one key, over a network that loses requests and
// answers, delivers requests late, stalls and throttles. Whatever happens:
//
//   - What a process replaces is what it has loaded or saved itself. So no two succeed from
//     the same state, and nobody's cursor goes back.
//   - A save that has succeeded was written, once.
//   - A load returns what was there at some time since it was called.
//   - A conflict means that another process has saved. That one has noted that the store
//     heeds conditions is none.
//   - Once the network is sound, everything succeeds.
func TestModel(t *testing.T) {
	cursors := cursorsOf(t, 400)
	var all census
	for seed := range uint64(testutil.Pick(100, 5000)) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{t: t, seed: seed, dice: rand.New(rand.NewPCG(seed, 1)), server: s3test.New(), unused: cursors, by: map[string]*process{}}
			w.server.CreateBucket(bucket)
			w.run()
			all.add(w.census)
		})
	}
	t.Logf("%+v", all)
	if all.saved == 0 || all.failed == 0 || all.failedYetWritten == 0 || all.conflicts == 0 || all.late == 0 || all.refused == 0 || all.noted == 0 {
		t.Errorf("something never happens: %+v", all)
	}
}

// A census counts what has happened.
type census struct{ loads, saved, failed, failedYetWritten, conflicts, faults, late, refused, noted int }

func (c *census) add(o census) {
	c.loads, c.saved, c.failed, c.failedYetWritten = c.loads+o.loads, c.saved+o.saved, c.failed+o.failed, c.failedYetWritten+o.failedYetWritten
	c.conflicts, c.faults, c.late = c.conflicts+o.conflicts, c.faults+o.faults, c.late+o.late
	c.refused, c.noted = c.refused+o.refused, c.noted+o.noted
}

type world struct {
	t      *testing.T
	seed   uint64
	server *s3test.Server

	mu      sync.Mutex
	dice    *rand.Rand
	calm    bool                // no faults any more
	unused  []qlogs.Cursor      // each is saved once
	by      map[string]*process // who saves a cursor, by its text
	body    string              // what the object holds
	history []string            // the texts that it has held
	census
}

// A process has a store, from which it may begin several scans.
type process struct {
	store qlogs.CursorStore
	seen  map[string]bool // what it has loaded, or tried to save; "" for no object
	base  int             // where in the history it has loaded; -1 for no object
}

func (w *world) run() {
	var wg sync.WaitGroup
	for range 1 + w.roll(3) {
		wg.Go(func() {
			for range 1 + w.roll(4) {
				w.process()
			}
		})
	}
	wg.Wait()
	time.Sleep(time.Hour) // what is late has arrived
	w.calm = true
	w.process()
}

func (w *world) roll(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dice.IntN(n)
}

// process begins scans and saves their cursors.
func (w *world) process() {
	client := clientOf(w.send)
	if w.roll(2) == 0 {
		client = noRetries(client)
	}
	p := &process{store: s3keep.CursorObject(client, bucket, key, nil), seen: map[string]bool{}}
	for range 1 + w.roll(3) {
		if !w.load(p) {
			continue
		}
		for range 1 + w.roll(8) {
			if !w.save(p) && w.roll(2) == 0 {
				break
			}
			time.Sleep(time.Duration(w.roll(20_000_000)) * time.Microsecond)
		}
	}
}

// context returns that of a call, which mostly has the time that a scan gives it.
func (w *world) context() (context.Context, context.CancelFunc) {
	if w.calm || w.roll(4) > 0 {
		return context.WithTimeout(w.t.Context(), 30*time.Second)
	}
	return context.WithTimeout(w.t.Context(), time.Duration(w.roll(3_000_000))*time.Microsecond)
}

func (w *world) load(p *process) bool {
	w.mu.Lock()
	from := len(w.history) - 1
	w.mu.Unlock()
	ctx, cancel := w.context()
	defer cancel()
	c, err := p.store.Load(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		if w.calm {
			w.t.Errorf("seed %d: Load over a sound network: %v", w.seed, err)
		}
		return false
	}
	w.loads++
	held := append([]string{""}, w.history...)[from+1:]
	at := slices.Index(held, c.String())
	if at < 0 || w.calm && at != len(held)-1 {
		w.t.Errorf("seed %d: Load has returned %.20s…, which was not there", w.seed, c)
		return false
	}
	p.seen[c.String()], p.base = true, from+at
	return true
}

func (w *world) save(p *process) bool {
	w.mu.Lock()
	if len(w.unused) == 0 {
		w.mu.Unlock()
		return false
	}
	c := w.unused[0]
	w.unused = w.unused[1:]
	text := c.String()
	w.by[text], p.seen[text] = p, true
	w.mu.Unlock()

	ctx, cancel := w.context()
	defer cancel()
	err := p.store.Save(ctx, c)
	w.mu.Lock()
	defer w.mu.Unlock()
	times := 0
	for _, held := range w.history {
		if held == text {
			times++
		}
	}
	switch {
	case err == nil:
		w.saved++
		if times != 1 {
			w.t.Errorf("seed %d: a save that has succeeded was written %d times", w.seed, times)
		}
	case w.calm:
		w.t.Errorf("seed %d: Save over a sound network: %v", w.seed, err)
	case errors.Is(err, s3keep.ErrConflict):
		w.conflicts++
		if !slices.ContainsFunc(w.history[p.base+1:], func(text string) bool { return w.by[text] != p }) {
			w.t.Errorf("seed %d: nobody else has saved: %v", w.seed, err)
		}
	default:
		w.failed++
		if times > 0 {
			w.failedYetWritten++
		}
	}
	return err == nil
}

// serve has the server answer a request, and checks what is written.
func (w *world) serve(r *http.Request) *http.Response {
	w.mu.Lock()
	defer w.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	in := r.Clone(context.WithoutCancel(r.Context()))
	in.Body = io.NopCloser(strings.NewReader(string(body)))
	out := httptest.NewRecorder()
	w.server.ServeHTTP(out, in)
	switch {
	case r.Method == http.MethodPut && out.Code == http.StatusOK:
		text, _, _ := strings.Cut(string(body), "\n")
		before := ""
		if len(w.history) > 0 {
			before = w.history[len(w.history)-1]
		}
		if !w.by[text].seen[before] {
			w.t.Errorf("seed %d: %.20s… was replaced by a process that had neither loaded nor saved it", w.seed, before)
		}
		if prefix, ok := strings.CutSuffix(w.body, "untried\n"); ok && string(body) == prefix+"tried\n" {
			w.noted++ // which changes nothing of the cursor
		} else {
			w.history = append(w.history, text)
		}
		w.body = string(body)
	case r.Method == http.MethodPut:
		w.refused++
	}
	answer := out.Result()
	answer.Request = r
	return answer
}

var errNetwork = errors.New("connection reset by peer")

// send is the network.
func (w *world) send(r *http.Request) (*http.Response, error) {
	sound := time.Duration(1+w.roll(300_000)) * time.Microsecond
	if err := wait(r.Context(), sound); err != nil {
		return nil, err
	}
	if w.calm || w.roll(100) < 55 {
		return w.serve(r), nil
	}
	w.mu.Lock()
	w.faults++
	w.mu.Unlock()
	fail := func(status int, code string) (*http.Response, error) {
		out := httptest.NewRecorder()
		s3test.Error(out, status, code, "made up")
		answer := out.Result()
		answer.Request = r
		return answer, nil
	}
	switch n := w.roll(9); {
	case n == 0: // the request is lost
		return nil, errNetwork
	case n <= 2: // the answer is lost
		w.serve(r)
		return nil, errNetwork
	case n == 3: // the answer does not come
		w.serve(r)
		return nil, wait(r.Context(), 24*time.Hour)
	case n == 4:
		return nil, wait(r.Context(), 24*time.Hour)
	case n <= 6 && r.Method == http.MethodPut: // the request arrives late
		w.mu.Lock()
		w.late++
		w.mu.Unlock()
		after := time.Duration(w.roll(60_000_000)) * time.Microsecond
		go func() {
			time.Sleep(after)
			w.serve(r.Clone(context.WithoutCancel(r.Context())))
		}()
		if n == 5 {
			return nil, errNetwork
		}
		return nil, wait(r.Context(), 24*time.Hour)
	case n == 7 && r.Method == http.MethodPut:
		return fail(http.StatusConflict, "ConditionalRequestConflict")
	case n == 7:
		answer := w.serve(r)
		answer.Body = io.NopCloser(io.MultiReader(io.LimitReader(answer.Body, 30), iotest.ErrReader(errNetwork)))
		return answer, nil
	case w.roll(2) == 0:
		return fail(http.StatusInternalServerError, "InternalError")
	}
	return fail(http.StatusServiceUnavailable, "SlowDown")
}

// wait waits. It fails if ctx is done before.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("request: %w", context.Cause(ctx))
	}
}
