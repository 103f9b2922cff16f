package qlogs_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// TestCrash is a small TestSoakCrash.
func TestCrash(t *testing.T) {
	crash(t, testutil.Pick(1, 4))
}

// TestSoakCrash kills a process that reads a bucket, 300 times at random moments, and
// goes on with another one each time, while objects are added, late ones too. What is
// written has to be complete at the end. It has to be free of duplicates where output
// and cursor are written together, and where the output seeds a Dedup; else each kill
// leaves no more than the records since the last save to come again.
func TestSoakCrash(t *testing.T) {
	soak(t)
	crash(t, 100)
}

func crash(t *testing.T, kills int) {
	testutil.NoLeaks(t)
	for i, sink := range []string{"append", "batch", "seeded"} {
		t.Run(sink, func(t *testing.T) {
			r := newCrashRun(t, sink, uint64(kills), uint64(i))
			for range kills {
				r.leg()
			}
			r.job.Once, r.job.Hang = true, 0
			r.process(nil)
			r.read()
			r.check()
			r.process(nil)
			if more := r.read(); more > 0 {
				t.Errorf("a run after the last one writes %d records, want none", more)
			}
			t.Logf("seed %d, %d: %d kills (%d during a save, %d left a line cut), %d records of %d objects, %d of them late; %d came again",
				kills, i, r.kills, r.saving, r.torn, len(r.bucket.want), r.bucket.objects, r.bucket.late, r.again)
			if r.again > 0 && sink != "append" {
				t.Error("records came again in the last run")
			}
			if kills >= 100 && (r.saving == 0 || r.torn == 0 && sink != "batch" || r.again == 0 && sink == "append") {
				t.Error("the kills did not come at all kinds of moments")
			}
		})
	}
}

// A crashRun is one sink's processes, one after another, and what they have written.
type crashRun struct {
	t      *testing.T
	rng    *rand.Rand
	bucket *crashBucket
	job    crashJob
	got    map[crashPlace]string
	lines  int // read so far

	kills, saving, torn int
	again               int // records that came again
	uncovered           int // records that were written and the cursor does not cover
}

func newCrashRun(t *testing.T, sink string, seed, stream uint64) *crashRun {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, stream))
	b := newCrashBucket(t, rng)
	return &crashRun{
		t: t, rng: rng, bucket: b, got: map[crashPlace]string{},
		job: crashJob{Root: b.root, Dir: t.TempDir(), Sink: sink},
	}
}

// A crashKill is when a process is killed: when it tells something for the n-th time,
// and after a time at the latest.
type crashKill struct {
	what  byte // 0 for anything
	n     int
	after time.Duration
}

// leg runs a process, kills it and reads what it has left.
func (r *crashRun) leg() {
	r.t.Helper()
	// In the next hour at most, so that what is stored late is never behind what the
	// processes before have finished by more than the lookback.
	r.bucket.hour = r.bucket.hour.Add(time.Duration(r.rng.IntN(3)/2) * time.Hour)
	for range 2 + r.rng.IntN(4) {
		r.bucket.add()
	}
	r.job.Follows = r.rng.IntN(2) == 0
	r.job.Hang = 0
	kill := crashKill{after: 400 * time.Millisecond}
	switch n := r.rng.IntN(60); r.rng.IntN(4) {
	case 0:
		kill.after = time.Duration(r.rng.IntN(60_000)) * time.Microsecond
	case 1:
		kill.n = 1 + n
	case 2:
		kill.what, kill.n = 's', 1+n/10
	case 3:
		kill.what, kill.n = 'h', 1
		r.job.Hang = 1 + n/5
	}
	r.process(&kill)
	r.kills++
	r.read()
	if r.again > 0 && r.job.Sink != "append" {
		r.t.Fatalf("after %d kills %d records came again, want none", r.kills, r.again)
	}
	before, most := r.uncovered, crashRecords
	if r.job.Sink == "batch" {
		most = 0
	}
	if r.cover(); r.uncovered > before+most {
		r.t.Fatalf("after kill %d the cursor does not cover %d records that were written, want at most %d more than the %d before", r.kills, r.uncovered, most, before)
	}
}

// cover counts the records that were written and are to come again, by the cursor that
// was left. They may add up: a process that is killed soon has other ones first where
// objects came late.
func (r *crashRun) cover() {
	r.t.Helper()
	after, err := r.cursor()
	if err != nil {
		r.t.Fatal(err)
	}
	r.uncovered = 0
	for e, err := range qlogs.New(source.Dir(r.bucket.root), nil).Scan(qlogs.Query{After: after}).Records(r.t.Context()) {
		if err != nil && !crashDamaged(err) {
			r.t.Fatal(err)
		}
		if _, ok := r.got[crashPlace{e.Object.Key, e.Index}]; ok && err == nil {
			r.uncovered++
		}
	}
}

func (r *crashRun) cursor() (c qlogs.Cursor, err error) {
	if r.job.Sink != "batch" {
		return r.job.store().Load(r.t.Context())
	}
	list, err := crashReadBatches(r.job.Dir)
	if len(list) > 0 {
		c = list[len(list)-1].Cursor
	}
	return c, err
}

// process runs a process until it is killed, or ends where kill is nil.
func (r *crashRun) process(kill *crashKill) {
	r.t.Helper()
	arg, err := json.Marshal(r.job)
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.CommandContext(r.t.Context(), os.Args[0], "-test.run=^TestCrashChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), "QLOGS_CRASH_CHILD="+string(arg))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	if kill != nil {
		defer time.AfterFunc(kill.after, func() { _ = cmd.Process.Kill() }).Stop()
	}
	var told strings.Builder
	for in := bufio.NewReader(stdout); ; {
		what, err := in.ReadByte()
		if err != nil {
			break
		}
		told.WriteByte(what)
		if kill == nil {
			continue
		}
		if kill.what == 0 || kill.what == what {
			if kill.n--; kill.n == 0 {
				_ = cmd.Process.Kill()
			}
		}
		if r.rng.IntN(3) == 0 {
			r.bucket.add()
		}
	}
	err = cmd.Wait()
	if failed := strings.Contains(told.String(), "FAIL"); failed || (kill == nil) != (err == nil) || stderr.Len() > 0 {
		r.t.Fatalf("process: %v\n%s\n%s", err, told.String(), stderr.String())
	}
	if strings.Count(told.String(), "s") > strings.Count(told.String(), "S") && kill != nil {
		r.saving++
	}
}

// read reads what was written since the last time, and counts it.
func (r *crashRun) read() (records int) {
	r.t.Helper()
	ids, err := r.written()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, id := range ids[r.lines:] {
		place := crashPlace{id.Key, id.Index}
		if _, ok := r.got[place]; ok {
			r.again++
		}
		r.got[place] = id.RequestID
	}
	records, r.lines = len(ids)-r.lines, len(ids)
	return records
}

func (r *crashRun) written() ([]qlogs.Identity, error) {
	if r.job.Sink == "batch" {
		var ids []qlogs.Identity
		list, err := crashReadBatches(r.job.Dir)
		for _, b := range list {
			ids = append(ids, b.Records...)
		}
		return ids, err
	}
	data, err := os.ReadFile(r.job.output())
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) { // killed before it was made
			err = nil
		}
		return nil, err
	}
	end := bytes.LastIndexByte(data, '\n') + 1
	if end < len(data) {
		r.torn++
	}
	return crashLines(data[:end])
}

// check compares what was written with what the bucket holds.
func (r *crashRun) check() {
	r.t.Helper()
	missing := 0
	for place, id := range r.bucket.want {
		got, ok := r.got[place]
		switch {
		case !ok:
			if missing++; missing <= 3 {
				r.t.Errorf("record %d of %q was never written", place.index, place.key)
			}
		case got != id:
			r.t.Errorf("record %d of %q has the request id %q, want %q", place.index, place.key, got, id)
		}
	}
	if missing > 0 || len(r.got) != len(r.bucket.want) {
		r.t.Errorf("%d of %d records are missing, %d were written", missing, len(r.bucket.want), len(r.got))
	}
}
