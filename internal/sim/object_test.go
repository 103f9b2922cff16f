package sim_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// An object is what the world knows of one key.
type object struct {
	part     string
	at       time.Time // in its key
	arrived  time.Time
	versions []version
	deleted  bool
	first    bool      // there before the first scan began
	locked   time.Time // denied until then
}

// A version is what an object holds for a time.
type version struct {
	name    string // begins the ids of its records
	etag    string
	size    int64
	since   time.Time
	records int // that can be read of it
	whole   bool
}

// write stores another version of an object.
func (w *world) write(key string, o *object, whole bool) {
	var chats []json.Marshaler
	n := 1 + w.rng.IntN(4)
	prompt := ""
	if w.large && w.rng.IntN(20) == 0 {
		n, prompt = 3, strings.Repeat("why? ", 100_000)
	}
	name := fmt.Sprintf("%d-%d", w.number, len(o.versions))
	for i := range n {
		id := fmt.Sprintf("%s-%d", name, i)
		// A client sends its log when it likes, and a clock may be years ahead.
		at := o.at.Add(w.within(time.Hour) - 20*time.Minute)
		if w.rng.IntN(300) == 0 {
			at = at.AddDate(3, 0, 0)
		}
		chats = append(chats, qlogstest.Chat{RequestID: qlogstest.Text(id), TimeStamp: qlogstest.Time(at), Prompt: qlogstest.Text(prompt)})
	}
	body := qlogstest.File(chats...)
	if !whole {
		body = body[:len(body)-9]
	}
	sum := md5.Sum(body)
	v := version{name: name, etag: `"` + hex.EncodeToString(sum[:]) + `"`, size: int64(len(body)), since: time.Now(), records: len(chats), whole: whole}
	w.mu.Lock()
	o.versions = append(o.versions, v)
	w.mu.Unlock()
	w.store.put(key, v.etag, body)
}

// look checks that an entry is what the world has written.
func (w *world) look(t *testing.T, e qlogs.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[e.Object.Key]
	if o == nil {
		t.Errorf("entry %d of %q, which was never there", e.Index, e.Object.Key)
		return
	}
	for _, v := range o.versions {
		if v.etag != e.Object.ETag {
			continue
		}
		if id, want := e.Record.RequestID(), fmt.Sprintf("%s-%d", v.name, e.Index); id != want || e.Index >= v.records || e.Object.Size != v.size || e.Key.String() != e.Object.Key {
			t.Errorf("entry %d of %q as %s, of %d records and %d bytes, is %q of %d bytes and of the key %q, want %q", e.Index, e.Object.Key, v.etag, v.records, v.size, id, e.Object.Size, e.Key, want)
		}
		return
	}
	t.Errorf("entry %d of %q as %s, which it never was", e.Index, e.Object.Key, e.Object.ETag)
}

// young reports whether an object came so short a time ago that listings may not show it. One
// that is hidden for long is one that comes late.
func (w *world) young(key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[key]
	return o != nil && !o.first && time.Since(o.arrived) < sweep
}

// isDenied reports whether the account of a key, or of a prefix, is denied now.
func (w *world) isDenied(key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ails(key) && (w.ailsListed || w.objects[key] != nil) {
		return true
	}
	if o := w.objects[key]; o != nil && !w.healthy && time.Now().Before(o.locked) {
		return true
	}
	for account, until := range w.denied {
		if !w.healthy && strings.Contains(key, account) && time.Now().Before(until) {
			return true
		}
	}
	return false
}

// promised reports whether the last version of an object is one that a reader must have met: it
// is there, it is whole, and a sweep has listed it to the end when it was hidden no more; or it
// came within the lookback of what there was when all faults were over. A sweep looks back from
// the newest object, not of the future, that was finished when it began.
func (w *world) promised(key string, o *object) bool {
	last := o.versions[len(o.versions)-1]
	if o.deleted || !last.whole {
		return false
	}
	if o.first && len(o.versions) == 1 {
		return true
	}
	for _, s := range w.swept[o.part] {
		if !s.began.Before(last.since.Add(sweep)) && s.after < key {
			return true
		}
	}
	newest := time.Time{}
	for _, other := range w.objects {
		if other.part == o.part && !other.arrived.After(w.healed) && !other.at.Truncate(time.Hour).After(w.healed) && other.at.After(newest) {
			newest = other.at
		}
	}
	return !o.at.Truncate(time.Hour).Before(newest.Truncate(time.Hour).Add(-w.lookback).Truncate(time.Hour))
}
