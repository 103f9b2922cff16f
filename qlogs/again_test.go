package qlogs_test

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// againPlain is a plain file of 2,000 bytes, padded at its end.
func againPlain(text string) []byte {
	return []byte(text + strings.Repeat(" ", 2000-len(text)))
}

func againWhole() []byte {
	return againPlain(`{"records":[` + cursorRecord("a", 0) + "," + cursorRecord("b", 0) + `]}`)
}

// againBad are files that end cut, damaged or failed.
func againBad() map[string][]byte {
	whole := cursorFile(cursorRecord("a", 0), cursorRecord("b", 0))
	return map[string][]byte{
		"cut gzip":        whole[:len(whole)-20],
		"cut header":      whole[:5],
		"wrong checksum":  slices.Concat(whole[:len(whole)-8], make([]byte, 8)),
		"surplus":         slices.Concat(whole, []byte("x")),
		"cut JSON":        againPlain(`{"records":[` + cursorRecord("a", 0) + `,`),
		"no JSON":         againPlain("<html>"),
		"no log":          againPlain(`{"other":[]}`),
		"nothing but NUL": make([]byte, 2000),
		"damaged record":  againPlain(`{"records":[` + cursorBad + `]}`),
		"record between":  againPlain(`{"records":[` + cursorRecord("a", 0) + "," + cursorBad + "," + cursorRecord("b", 0) + `]}`),
		"cut and large":   cursorLarge(cursorRecord("a", 0), cursorRecord("b", 0))[:9<<20],
	}
}

// againWays are the ways to come from a scan to the next one. An object behind the others
// has an entry for Entry.Cursor.
var againWays = map[string]func(t *testing.T, s *qlogs.Scan) qlogs.Cursor{
	"Cursor": func(t *testing.T, s *qlogs.Scan) qlogs.Cursor {
		cursorAll(t, s)
		return s.Cursor()
	},
	"text": func(t *testing.T, s *qlogs.Scan) qlogs.Cursor {
		cursorAll(t, s)
		return cursorText(t, s.Cursor())
	},
	"Entry.Cursor": func(t *testing.T, s *qlogs.Scan) (c qlogs.Cursor) {
		for e, err := range s.Records(t.Context()) {
			if err == nil && e.Record.RequestID() == "end" {
				c = e.Cursor()
			}
		}
		return cursorText(t, c)
	},
	"SaveTo": func(t *testing.T, s *qlogs.Scan) qlogs.Cursor {
		store := keep.CursorFile(filepath.Join(t.TempDir(), "cursor"))
		s.SaveTo(store, nil)
		for range s.Records(t.Context()) {
		}
		c, err := store.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c
	},
}

func TestReadAgain(t *testing.T) {
	key := cursorKey(cursorChats, 0)
	again := []cursorPair{{key, 0, "a"}, {key, 1, "b"}}
	type row struct {
		name          string
		first, second cursorObject
		want          []cursorPair
		rewritten     int64
	}
	var rows []row
	for name, bad := range againBad() {
		first := cursorObject{body: bad, etag: "1"}
		rows = append(rows,
			row{name + ", then whole", first, cursorObject{body: againWhole(), etag: "2"}, again, 0},
			row{name + ", unchanged", first, first, nil, 0})
	}
	good := cursorObject{body: againWhole(), etag: "1"}
	archived := cursorObject{body: againWhole(), etag: "1", archived: true}
	other := cursorFile(cursorRecord("a", 0), cursorRecord("b", 0))
	rows = append(rows,
		row{"good, unchanged", good, good, nil, 0},
		row{"good, other ETag", good, cursorObject{body: againWhole(), etag: "2"}, nil, 1},
		row{"good, then quoted", good, cursorObject{body: againWhole(), etag: `"1"`}, nil, 1},
		row{"good, then without ETag", good, cursorObject{body: againWhole()}, nil, 1},
		row{"good, other size", good, cursorObject{body: other, etag: "2"}, again, 0},
		row{"good, a byte more", good, cursorObject{body: append(againWhole(), ' '), etag: "2"}, again, 0},
		row{"good, other size without ETags", cursorObject{body: other}, cursorObject{body: againWhole()}, again, 0},
		row{"good, without ETags", cursorObject{body: againWhole()}, cursorObject{body: againWhole()}, nil, 0},
		row{"gzip of nothing, then whole", cursorObject{body: cursorGzip(""), etag: "1"}, good, nil, 0},
		row{"archived, then restored", archived, good, nil, 0},
		row{"archived, then put again", archived, cursorObject{body: againWhole(), etag: "2"}, again, 0},
		row{"no byte, then whole", cursorObject{etag: "1"}, cursorObject{body: againWhole(), etag: "2"}, again, 0},
	)
	for i := range rows {
		if rows[i].name == "gzip of nothing, then whole" {
			rows[i].second.etag, rows[i].want = "2", again
		}
	}
	for i, r := range rows {
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		for way, next := range againWays {
			t.Run(r.name+"/"+way, func(t *testing.T) {
				store := newCursorStore()
				store.putObject(key, r.first)
				store.put(cursorKey(cursorChats, 1), cursorFile(cursorRecord("end", 1)))
				client := qlogs.New(store, nil)
				after := next(t, client.Scan(qlogs.Query{}))
				store.putObject(key, r.second)
				s := client.Scan(qlogs.Query{After: after})
				cursorWant(t, "the second scan", cursorAll(t, s), r.want)
				st := s.Stats()
				contractSums(t, st)
				if read := int64(min(len(r.want), 1)); st.Rewritten != r.rewritten || st.Listed != read || st.Read != read {
					t.Errorf("Stats = %+v, want Rewritten %d, and Listed and Read %d", st, r.rewritten, read)
				}
				opens, _ := store.requests()
				s = client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
				cursorWant(t, "the third scan", cursorAll(t, s), nil)
				if now, _ := store.requests(); now != opens {
					t.Errorf("the third scan opened %d objects, want none", now-opens)
				}
			})
		}
	}
}

// What Entry.Cursor of an object's own last entry covers is known to be damaged.
func TestReadAgainAfterLastEntry(t *testing.T) {
	key := cursorKey(cursorChats, 0)
	store := newCursorStore()
	store.put(key, againBad()["record between"])
	client := qlogs.New(store, nil)
	s := client.Scan(qlogs.Query{})
	var after qlogs.Cursor
	for e, err := range s.Records(t.Context()) {
		if err == nil {
			after = e.Cursor()
		}
	}
	cursorWant(t, "unchanged", cursorAll(t, client.Scan(qlogs.Query{After: after})), nil)
	store.putObject(key, cursorObject{body: againWhole(), etag: "second"})
	cursorWant(t, "whole", cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, after)})), []cursorPair{{key, 0, "a"}, {key, 1, "b"}})
}

// A loop that is left while an object is read again goes on where it was, and damage that an
// earlier scan has told is not forgotten.
func TestReadAgainResumes(t *testing.T) {
	key := cursorKey(cursorChats, 0)
	all := []cursorPair{{key, 0, "a"}, {key, 1, "b"}}
	for _, how := range cursorHows {
		for n := 1; n <= 2; n++ {
			store := newCursorStore()
			store.put(key, againBad()["record between"])
			client := qlogs.New(store, nil)
			s := client.Scan(qlogs.Query{})
			cursorLeave(t, s, 2, "cancel") // behind the damaged record
			s = client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
			cursorAll(t, s)
			store.putObject(key, cursorObject{body: againWhole(), etag: "second"})
			s = client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
			got := cursorLeave(t, s, n, how)
			if how == "cancel" {
				got = got[:n]
			} else {
				got = got[:n-1] // the last one is not finished
			}
			got = append(got, cursorAll(t, client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())}))...)
			cursorWant(t, fmt.Sprintf("%s after %d pairs", how, n), got, all)
		}
	}
}

// An object that waits to be tried again and is replaced meanwhile comes once.
func TestReadAgainPending(t *testing.T) {
	key, next := cursorKey(cursorChats, 0), cursorKey(cursorInline, 0)
	for _, second := range []cursorObject{
		{body: againWhole(), etag: "2"},
		{body: cursorFile(cursorRecord("a", 0), cursorRecord("b", 0)), etag: "2"},
		{body: againWhole(), etag: "1"},
	} {
		for _, way := range []string{"Cursor", "Entry.Cursor"} {
			store := newCursorStore()
			store.putObject(key, cursorObject{body: againWhole(), etag: "1"})
			store.put(next, cursorFile(cursorRecord("end", 0)))
			failing := true
			store.openHook = func(_ context.Context, k string) error {
				if failing && k == key {
					return errCursorNetwork
				}
				return nil
			}
			client := qlogs.New(store, nil)
			s := client.Scan(qlogs.Query{})
			cursorAll(t, s)
			failing = false
			store.putObject(key, second)
			s = client.Scan(qlogs.Query{After: cursorText(t, s.Cursor())})
			var got []cursorPair
			var after qlogs.Cursor
			for e, err := range s.Records(t.Context()) {
				got = append(got, cursorPairOf(e, err))
				if err == nil {
					after = e.Cursor()
				}
			}
			what := fmt.Sprintf("%s, %d bytes of ETag %s", way, len(second.body), second.etag)
			cursorWant(t, what, got, []cursorPair{{key, 0, "a"}, {key, 1, "b"}})
			if way == "Cursor" {
				after = s.Cursor()
			}
			s = client.Scan(qlogs.Query{After: cursorText(t, after)})
			cursorWant(t, what+", the scan after it", cursorAll(t, s), nil)
			if st := s.Stats(); st.Rewritten != 0 {
				t.Errorf("%s: Rewritten = %d, want 0", what, st.Rewritten)
			}
		}
	}
}

// A follow finds with its next sweep what has changed, once.
func TestReadAgainFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newCursorStore()
		keys := []string{cursorKey(cursorChats, -4), cursorKey(cursorChats, -3), cursorKey(cursorChats, -2), cursorKey(cursorChats, -1)}
		followClock(0)
		bad := againBad()
		for i, body := range [][]byte{bad["cut JSON"], againWhole(), againWhole(), bad["damaged record"]} {
			store.put(keys[i], body)
		}
		put := func(key string, body []byte, etag string) func() {
			return func() { store.putObject(key, cursorObject{body: body, etag: etag}) }
		}
		wait := followEvents(
			followEvent{5 * time.Minute, put(keys[0], againWhole(), "2")},
			followEvent{6 * time.Minute, put(keys[1], againWhole(), "2")},
			followEvent{7 * time.Minute, put(keys[2], cursorFile(cursorRecord("a", 0), cursorRecord("b", 0)), "2")},
			followEvent{40 * time.Minute, put(keys[1], againWhole(), "3")},
			followEvent{41 * time.Minute, put(keys[3], againWhole(), "2")},
		)
		s := qlogs.New(store, nil).Scan(qlogs.Query{})
		came := map[cursorPair]int{}
		for _, g := range followLoop(t, s, 3*time.Hour, nil) {
			came[g.cursorPair]++
			if at := g.at.Sub(cursorStart()); g.key == keys[0] && g.index == 1 && (at < 5*time.Minute || at > 20*time.Minute) {
				t.Errorf("the whole object came after %v, want with the sweep after 5 minutes", at)
			}
		}
		wait()
		for _, want := range []struct {
			pair cursorPair
			n    int
		}{
			{cursorPair{keys[0], 0, "a"}, 2}, {cursorPair{keys[0], 1, "b"}, 1}, {cursorPair{keys[1], 0, "a"}, 1},
			{cursorPair{keys[2], 0, "a"}, 2}, {cursorPair{keys[2], 1, "b"}, 2}, {cursorPair{keys[3], 0, "a"}, 1},
		} {
			if came[want.pair] != want.n {
				t.Errorf("%v came %d times, want %d", want.pair, came[want.pair], want.n)
			}
		}
		if st := s.Stats(); st.Rewritten != 2 {
			t.Errorf("Rewritten = %d, want 2: one object under two other ETags", st.Rewritten)
		}
		contractSums(t, s.Stats())
		cursorWant(t, "a scan after it", cursorAll(t, qlogs.New(store, nil).Scan(qlogs.Query{After: cursorText(t, s.Cursor())})), nil)
	})
}

// An object that fails in a follow, is replaced, and is tried again by a sweep comes once.
func TestReadAgainFollowPending(t *testing.T) {
	for _, second := range []cursorObject{
		{body: againWhole(), etag: "2"},
		{body: cursorFile(cursorRecord("a", 0), cursorRecord("b", 0)), etag: "2"},
		{body: againWhole(), etag: "first"},
	} {
		synctest.Test(t, func(t *testing.T) {
			store := newCursorStore()
			key := cursorKey(cursorChats, -4)
			followClock(0)
			store.put(key, againWhole())
			store.put(cursorKey(cursorInline, -4), cursorFile(cursorRecord("end", -4)))
			store.openHook = func(_ context.Context, k string) error {
				if k == key && time.Since(cursorStart()) < 20*time.Minute {
					return errCursorNetwork
				}
				return nil
			}
			wait := followEvents(followEvent{5 * time.Minute, func() { store.putObject(key, second) }})
			s := qlogs.New(store, nil).Scan(qlogs.Query{})
			got := followRecords(followLoop(t, s, 2*time.Hour, nil))
			wait()
			followSame(t, fmt.Sprintf("%d bytes of ETag %s", len(second.body), second.etag), got, []cursorPair{
				{cursorKey(cursorInline, -4), 0, "end"}, {key, 0, "a"}, {key, 1, "b"},
			})
			if st := s.Stats(); st.Rewritten != 0 {
				t.Errorf("Rewritten = %d, want 0", st.Rewritten)
			}
		})
	}
}

// A mirror has a file that is half written, and whole a second later.
func TestReadAgainInDirectory(t *testing.T) {
	root := t.TempDir()
	key := cursorKey(cursorChats, 0)
	name := filepath.Join(root, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	whole := cursorFile(cursorRecord("a", 0), cursorRecord("b", 0))
	when := cursorStart()
	write := func(body []byte) {
		t.Helper()
		when = when.Add(time.Second)
		if err := os.WriteFile(name, body, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, when, when); err != nil {
			t.Fatal(err)
		}
	}
	client := qlogs.New(source.Dir(root), nil)
	var after qlogs.Cursor
	scan := func(what string, want []cursorPair) qlogs.Stats {
		t.Helper()
		s := client.Scan(qlogs.Query{After: after})
		cursorWant(t, what, cursorAll(t, s), want)
		after = cursorText(t, s.Cursor())
		return s.Stats()
	}
	all := []cursorPair{{key, 0, "a"}, {key, 1, "b"}}
	write(whole[:len(whole)/2])
	scan("half", []cursorPair{{key, -1, "error: gunzip"}})
	scan("half, unchanged", nil)
	write(slices.Concat(whole[:len(whole)/2], make([]byte, len(whole)-len(whole)/2))) // room is taken at once
	scan("half, of full size", []cursorPair{{key, -1, "error: gunzip"}})
	write(whole)
	scan("whole", all)
	write(whole)
	if st := scan("copied again", nil); st.Rewritten != 1 {
		t.Errorf("Rewritten = %d, want 1", st.Rewritten)
	}
	write(slices.Concat(whole, cursorFile(cursorRecord("c", 0))))
	scan("appended to", append(slices.Clone(all), cursorPair{key, 2, "c"}))
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	scan("removed", nil)
}

// An object that is gone when it is opened, and comes again, is read.
func TestReadAgainWhatWasGone(t *testing.T) {
	key := cursorKey(cursorChats, 0)
	store := newCursorStore()
	store.putObject(key, cursorObject{body: againWhole(), etag: "1"})
	store.openHook = func(context.Context, string) error { return fs.ErrNotExist }
	client := qlogs.New(store, nil)
	s := client.Scan(qlogs.Query{})
	cursorWant(t, "gone", cursorAll(t, s), []cursorPair{{key, -1, "error: open"}})
	store.openHook = nil
	cursorWant(t, "as it was", cursorAll(t, client.Scan(qlogs.Query{After: s.Cursor()})), nil)
	store.putObject(key, cursorObject{body: againWhole(), etag: "2"})
	cursorWant(t, "put again", cursorAll(t, client.Scan(qlogs.Query{After: s.Cursor()})), []cursorPair{{key, 0, "a"}, {key, 1, "b"}})
}

// However often objects are read again, a cursor holds each of them once.
func TestReadAgainCursorSize(t *testing.T) {
	store := newCursorStore()
	client := qlogs.New(store, nil)
	var inProcess, inText qlogs.Cursor
	size := 0
	for n := range 60 {
		for i := range 5 {
			body := cursorFile(cursorRecord(fmt.Sprint(n), i), cursorRecord(strings.Repeat("r", n), i))
			store.putObject(cursorKey(cursorChats, i), cursorObject{body: append(body, make([]byte, 64*n)...), etag: fmt.Sprint(n)})
		}
		for name, after := range map[string]*qlogs.Cursor{"in process": &inProcess, "as text": &inText} {
			s := client.Scan(qlogs.Query{After: *after})
			if got := cursorAll(t, s); len(got) != 10 {
				t.Fatalf("%s, scan %d: %d pairs, want 10", name, n, len(got))
			}
			if *after = s.Cursor(); name == "as text" {
				*after = cursorText(t, *after)
			}
			if n == 0 {
				size = len(after.String())
			}
			if len(after.String()) != size {
				t.Fatalf("%s, scan %d: the text has %d bytes, want %d", name, n, len(after.String()), size)
			}
		}
	}
}

// Scans that go on from each other's cursors, at any pair, read what the rule says, whatever
// happens to the objects between them.
func TestReadAgainModel(t *testing.T) {
	bad := againBad()
	bodies := [][]byte{againWhole(), cursorFile(cursorRecord("a", 0), cursorRecord("b", 0)), bad["cut JSON"], bad["record between"], bad["cut gzip"]}
	isBad := []bool{false, false, true, true, true}
	for seed := range testutil.Pick[uint64](10, 60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		store := newCursorStore()
		client := qlogs.New(store, nil)
		type state struct{ body, etag int }
		now, done := map[string]state{}, map[string]state{}
		var after qlogs.Cursor
		for step := range 12 {
			for i := range 6 {
				key := cursorKey(cursorChats, i)
				if rng.IntN(3) > 0 {
					continue
				}
				was := now[key]
				s := state{rng.IntN(len(bodies)), was.etag + 1}
				now[key] = s
				store.putObject(key, cursorObject{body: bodies[s.body], etag: fmt.Sprint(s.etag)})
			}
			want := map[string]bool{}
			rewritten := int64(0)
			for key, s := range now {
				d, finished := done[key]
				switch {
				case finished && d.etag == s.etag:
				case !finished, isBad[d.body], len(bodies[d.body]) != len(bodies[s.body]):
					want[key] = true
					done[key] = s
				default:
					rewritten++
				}
			}
			s := client.Scan(qlogs.Query{After: after, MayBeEmpty: true})
			got := map[string]bool{}
			for e, err := range s.Records(t.Context()) {
				got[cursorPairOf(e, err).key] = true
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || s.Stats().Rewritten != rewritten {
				t.Fatalf("seed %d, step %d: read %v, and %d rewritten, want %v and %d", seed, step, got, s.Stats().Rewritten, want, rewritten)
			}
			if after = s.Cursor(); rng.IntN(2) == 0 {
				after = cursorText(t, after)
			}
		}
	}
}

// A store whose ETags stay as they are when objects change still tells their sizes.
func TestReadAgainOfOneETag(t *testing.T) {
	whole := cursorFile(cursorRecord("a", 0), cursorRecord("b", 0))
	for name, first := range map[string][]byte{"cut": whole[:len(whole)/2], "good": cursorFile(cursorRecord("a", 0)), "longer": slices.Concat(whole, make([]byte, 100))} {
		src := newCursorStore()
		key := cursorKey(cursorChats, 0)
		src.putObject(key, cursorObject{body: first, etag: `"same"`})
		r := confRead(t.Context(), src, qlogs.Query{}, 0)
		src.putObject(key, cursorObject{body: whole, etag: `"same"`})
		again := r.resume(t, src, qlogs.Query{})
		again.noErrors(t)
		confSame(t, name, again.ids, []string{"a", "b"})
		confSame(t, name+", and then", again.resume(t, src, qlogs.Query{}).ids, nil)
	}
}
