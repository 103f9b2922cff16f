package qlogs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// TestRealS3Follow follows a bucket of a real server for a short while.
func TestRealS3Follow(t *testing.T) {
	testutil.NoLeaks(t)
	followServer(t, newInterruptedReal(t), 15*time.Second)
}

// TestSoakFollow is the same for minutes.
func TestSoakFollow(t *testing.T) {
	soak(t)
	testutil.NoLeaks(t)
	followServer(t, newInterruptedReal(t), 3*time.Minute)
}

// A followWriter puts 20 objects a second into a bucket, whose keys change their
// hour halfway.
type followWriter struct {
	api    *interruptedS3
	length time.Duration
	begun  time.Time

	mu   sync.Mutex
	want map[string]bool // keys
	got  map[string]int
	err  error
}

// run puts objects for as long as length.
func (w *followWriter) run(ctx context.Context) {
	rng := rand.New(rand.NewPCG(5, 5))
	parts := []path.Partition{cursorChats, followWest(), cursorInline, cursorOlder}
	tick := time.NewTicker(time.Second / 20)
	defer tick.Stop()
	// The keys' clock goes through the last two minutes around an hour that is over.
	hour := w.begun.UTC().Truncate(time.Hour).Add(-time.Hour)
	speed := (2 * time.Minute).Seconds() / w.length.Seconds()
	for n := 0; ; n++ {
		now := time.Since(w.begun) - w.length/2
		at := hour.Add(time.Duration(float64(now) * speed))
		switch {
		case now > w.length/2:
			return
		case n%25 == 24:
			at = at.Add(-30 * time.Minute) // for a sweep
		default:
			at = at.Add(-time.Duration(rng.Int64N(int64(5 * time.Minute))))
		}
		w.put(ctx, parts[rng.IntN(len(parts))].NewKey(at, followSuffix(rng)).String())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (w *followWriter) put(ctx context.Context, key string) {
	body := cursorFile(cursorRecord(key, 0))
	_, err := w.api.plain.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(interruptedBucket), Key: aws.String(key), Body: bytes.NewReader(body)})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.want[key] = true
	w.err = errors.Join(w.err, err)
}

// record notes that one of the records came.
func (w *followWriter) record(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got[id]++
}

func (w *followWriter) complete() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.got) == len(w.want)
}

// followServer follows while objects arrive, with failures that pass, leaves the
// follow, and goes on with another one until all has come.
func followServer(t *testing.T, api *interruptedS3, length time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*length+2*time.Minute)
	defer cancel()
	w := &followWriter{api: api, length: length, begun: time.Now(), want: map[string]bool{}, got: map[string]int{}}
	var writer sync.WaitGroup
	writer.Go(func() { w.run(ctx) })
	client := qlogs.New(s3source.New(api, interruptedBucket, nil), &qlogs.Options{PollInterval: time.Second, SweepInterval: 5 * time.Second})

	first := client.Scan(qlogs.Query{})
	half := int(length.Seconds()*20) / 3
	steps := 0
	for e, err := range first.Follow(ctx) {
		if !followPassing(t, err) {
			return
		}
		if err != nil {
			continue
		}
		if steps++; steps == half {
			break // this one comes again
		}
		w.record(e.Record.RequestID())
	}
	api.checkLeg(t)

	second := client.Scan(qlogs.Query{After: cursorText(t, first.Cursor())})
	entries := followUntilAll(t, ctx, second, w, &writer)
	if w.err != nil {
		t.Fatal(w.err)
	}
	for key, n := range w.got {
		if n != 1 || !w.want[key] {
			t.Errorf("%s came %d times, want once, and that it was stored: %t", key, n, w.want[key])
		}
	}
	if len(w.got) != len(w.want) || len(w.got) < half {
		t.Errorf("%d records, want %d", len(w.got), len(w.want))
	}
	api.checkLeg(t)

	api.failing.Store(false)
	followServerRest(t, "after all", client, second.Cursor(), nil)
	for _, i := range []int{0, len(entries) / 3, len(entries) - 1} {
		followServerRest(t, fmt.Sprintf("Entry.Cursor entry %d of %d", i, len(entries)), client, entries[i].Cursor(), entries[i+1:])
	}
	t.Logf("%d records, %d of them by the second follow; %d failures that passed; cursor of %d bytes",
		len(w.got), len(entries), api.failures.Load(), len(second.Cursor().String()))
	api.checkConnections(t)
}

// followUntilAll follows until all has come that the writer has put, and through
// one more sweep, in which nothing should come.
func followUntilAll(t *testing.T, ctx context.Context, s *qlogs.Scan, w *followWriter, writer *sync.WaitGroup) []qlogs.Entry {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var watcher sync.WaitGroup
	defer watcher.Wait()
	watcher.Go(func() {
		writer.Wait()
		for !w.complete() && ctx.Err() == nil {
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(6 * time.Second)
		cancel()
	})
	var entries []qlogs.Entry
	for e, err := range s.Follow(ctx) {
		if errors.Is(err, context.Canceled) || !followPassing(t, err) {
			cancel()
			break
		}
		if err == nil {
			entries = append(entries, e)
			w.record(e.Record.RequestID())
		}
	}
	return entries
}

// followPassing tells that a loop may go on after err.
func followPassing(t *testing.T, err error) bool {
	t.Helper()
	var object *qlogs.ObjectError
	var partition *qlogs.PartitionError
	if err == nil || errors.As(err, &object) && object.Retryable || errors.As(err, &partition) {
		return true
	}
	t.Errorf("error = %v, want one that passes", err)
	return false
}

// followServerRest checks that a plain scan yields just the entries of want.
func followServerRest(t *testing.T, what string, client *qlogs.Client, c qlogs.Cursor, want []qlogs.Entry) {
	t.Helper()
	left := map[string]bool{}
	for _, e := range want {
		left[e.Record.RequestID()] = true
	}
	for _, p := range cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, c)})) {
		if !left[p.what] {
			t.Errorf("%s: %+v, want it not", what, p)
		}
		delete(left, p.what)
	}
	if len(left) > 0 {
		t.Errorf("%s: %d records are missing, %q among them", what, len(left), slices.Sorted(maps.Keys(left))[0])
	}
}
