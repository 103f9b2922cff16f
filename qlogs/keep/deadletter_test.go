package keep_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/record"
)

func TestDeadLetterClass(t *testing.T) {
	for _, test := range []struct {
		err  error
		want qlogs.Class
	}{
		{fs.ErrNotExist, "not_exist"},
		{fs.ErrPermission, "permission"},
		{qlogs.ErrArchived, "archived"},
		{fmt.Errorf("%w: %w", qlogs.ErrArchived, fs.ErrPermission), "archived"},
		{qlogs.ErrChanged, "changed"},
		{qlogs.ErrStalled, "stalled"},
		{qlogs.ErrTooLarge, "too_large"},
		{&record.Error{Err: record.ErrTooLarge}, "too_large"},
		{&record.DocumentError{Err: record.ErrTooMany}, "too_many"},
		{&record.Error{Err: record.ErrTooDeep}, "too_deep"},
		{qlogs.ErrCorruptGzip, "corrupt_gzip"},
		{qlogs.ErrCorruptJSON, "corrupt_json"},
		{&record.Error{Err: record.ErrType}, "bad_type"},
		{&record.Error{Err: record.ErrTime}, "bad_time"},
		{qlogs.ErrNotLog, "not_log"},
		{fmt.Errorf("%w: %w", qlogs.ErrCorruptGzip, io.ErrUnexpectedEOF), "corrupt_gzip"},
		{io.ErrUnexpectedEOF, "other"}, // a connection that broke off
		{errors.New("connection reset"), "other"},
	} {
		for _, err := range []error{test.err, fmt.Errorf("wrapped: %w", test.err)} {
			if got := keep.NewDeadLetter(&qlogs.ObjectError{Key: "k", Index: -1, Err: err}).Class; got != test.want {
				t.Errorf("class of %v is %q, want %q", err, got, test.want)
			}
		}
	}
}

// A document that is cut is damage, a connection that is cut is not.
func TestDeadLetterClassOfCut(t *testing.T) {
	for op, want := range map[string]qlogs.Class{"decode": "corrupt_json", "read": "other"} {
		if got := keep.NewDeadLetter(&qlogs.ObjectError{Op: op, Key: "k", Index: -1, Err: io.ErrUnexpectedEOF}).Class; got != want {
			t.Errorf("class of %s: %v is %q, want %q", op, io.ErrUnexpectedEOF, got, want)
		}
	}
}

func TestNewDeadLetter(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	listed := qlogs.Object{Key: "k", Size: 5, ETag: "e", VersionID: "v", StorageClass: "GLACIER", LastModified: at, Archived: true}
	restored := listed
	restored.Archived = false
	for _, test := range []struct {
		name string
		err  qlogs.ObjectError
		want keep.DeadLetter
	}{
		{"archived", qlogs.ObjectError{Op: "open", Key: "k", Object: listed, Attempt: 3, Index: -1, Offset: -1, Err: qlogs.ErrArchived},
			keep.DeadLetter{Object: restored, Index: -1, Op: "open", Class: "archived", Attempts: 3}},
		{"record", qlogs.ObjectError{Op: "decode", Key: "k", Object: listed, Index: 7, Err: record.ErrTime},
			keep.DeadLetter{Object: restored, Index: 7, Op: "decode", Class: "bad_time"}},
		{"changed", qlogs.ObjectError{Op: "read", Key: "k", Object: listed, Attempt: 1, Index: -1, Err: qlogs.ErrChanged},
			keep.DeadLetter{Object: qlogs.Object{Key: "k", Size: -1}, Index: -1, Op: "read", Class: "changed", Attempts: 1}},
		{"gone", qlogs.ObjectError{Op: "open", Key: "k", Object: listed, Attempt: 1, Index: -1, Err: fs.ErrNotExist},
			keep.DeadLetter{Object: qlogs.Object{Key: "k", Size: -1}, Index: -1, Op: "open", Class: "not_exist", Attempts: 1}},
	} {
		synctest.Test(t, func(t *testing.T) { // for its clock
			test.want.Time = time.Now().UTC()
			if got := keep.NewDeadLetter(&test.err); got != test.want {
				t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
			}
		})
	}
}

func TestDeadLetterJSON(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		letter keep.DeadLetter
		want   string
	}{
		{keep.DeadLetter{
			Object: qlogs.Object{Key: "a/\"b\"/é", Size: 5, ETag: `"e"`, VersionID: "v", StorageClass: "GLACIER", LastModified: at},
			Index:  7, Op: "decode", Class: "bad_time", Attempts: 2, Time: at.Add(time.Second),
		}, `{"key":"a/\"b\"/é","size":5,"etag":"\"e\"","versionId":"v","storageClass":"GLACIER","lastModified":"2026-03-02T09:00:00Z",` +
			`"index":7,"op":"decode","class":"bad_time","attempts":2,"time":"2026-03-02T09:00:01Z"}`},
		{keep.DeadLetter{Object: qlogs.Object{Key: "k", Size: -1}, Index: -1, Op: "open", Class: "changed"},
			`{"key":"k","size":-1,"index":-1,"op":"open","class":"changed","attempts":0}`},
	} {
		text, err := json.Marshal(test.letter)
		if err != nil || string(text) != test.want {
			t.Errorf("JSON is %s (%v), want %s", text, err, test.want)
		}
		var back keep.DeadLetter
		if err := json.Unmarshal(text, &back); err != nil || back != test.letter {
			t.Errorf("back from JSON: %+v (%v), want %+v", back, err, test.letter)
		}
	}
	before := keep.DeadLetter{Op: "before"}
	for _, bad := range []string{
		`{}`, `[]`, `"k"`, `null`, `{"key":""}`, `{"key":"k","size":-2}`, `{"key":"k","index":-2}`, `{"key":"k","size":"secret-canary"}`, `{"key":"k","time":"secret-canary"}`,
	} {
		l := before
		if err := json.Unmarshal([]byte(bad), &l); err == nil || strings.Contains(err.Error(), "secret-canary") || l != before {
			t.Errorf("%s: %+v, %v, want an error without the text, and the letter as it was", bad, l, err)
		}
	}
	var l keep.DeadLetter
	if err := json.Unmarshal([]byte(`{"key":"k","size":1,"index":0,"shape":"of a later version"}`), &l); err != nil || l.Object.Key != "k" {
		t.Errorf("with an unknown key: %+v, %v", l, err)
	}
}

// No byte of what an object contains gets into a letter.
func TestDeadLetterShowsNoText(t *testing.T) {
	const canary = "secret-canary"
	src := bucketOf(0)
	for i, body := range []string{
		canary,
		`{"records":[{"generateAssistantResponseEventRequest":"` + canary + `"}]}`,
		`{"records":[{"generateAssistantResponseEventRequest":["` + canary + `"]}, ` + canary + `]}`,
		`{"` + canary + `":1}`,
		`{"records":[{"` + canary + `":`,
	} {
		src.Put(keyOf(i), []byte(body))
	}
	letters := 0
	for _, err := range scanOf(src).Records(t.Context()) {
		var object *qlogs.ObjectError
		if !errors.As(err, &object) {
			continue
		}
		letters++
		l := keep.NewDeadLetter(object)
		text, err := json.Marshal(l)
		if err != nil || strings.Contains(string(text), canary) || strings.Contains(fmt.Sprintf("%+v %#v", l, l), canary) {
			t.Errorf("letter %s (%v) shows text", text, err)
		}
		if l.Class == "other" {
			t.Errorf("class of %v is other", object)
		}
	}
	if letters != 6 {
		t.Errorf("%d letters, want 6", letters)
	}
}

// letterRead tells what reading one object yields: "index request-id" or an error's
// class, for each pair.
func letterRead(t *testing.T, client *qlogs.Client, o qlogs.Object) []string {
	t.Helper()
	got := []string{}
	for e, err := range client.Read(t.Context(), o) {
		var object *qlogs.ObjectError
		switch {
		case errors.As(err, &object):
			l := keep.NewDeadLetter(object)
			got = append(got, fmt.Sprint(l.Index, " ", l.Class))
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, fmt.Sprint(e.Index, " ", e.Record.RequestID()))
		}
	}
	return got
}

// What a scan could not read is read again when the cause is gone, by its letter or,
// where it was repaired, by its key.
func TestDeadLetterReadAgain(t *testing.T) {
	testutil.NoLeaks(t)
	id := func(letter string, n int) qlogstest.Chat { return chat(fmt.Sprint(letter, n)) }
	sound := func(n int) []byte { return qlogstest.File(id("a", n), id("b", n), id("c", n)) }
	src := bucketOf(0)
	for n := range 7 {
		src.Put(keyOf(n), sound(n))
	}
	src.Put(keyOf(2), qlogstest.File(id("a", 2), qlogstest.Chat{Request: "never"}, id("c", 2)))
	src.Put(keyOf(3), sound(3)[:40])
	fails := map[string]error{keyOf(4): fs.ErrNotExist, keyOf(5): fs.ErrPermission}
	src.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		o.Archived = o.Key == keyOf(1)
		return o, nil
	}
	src.OnOpen = func(_ context.Context, o qlogs.Object, _ int64) error { return fails[o.Key] }
	client := qlogs.New(src, nil)
	scan := client.Scan(qlogs.Query{})
	var letters []keep.DeadLetter
	pending := 0
	for _, err := range scan.Records(t.Context()) {
		var object *qlogs.ObjectError
		if errors.As(err, &object) && object.Retryable {
			pending++
		} else if err != nil {
			letters = append(letters, keep.NewDeadLetter(object))
		}
	}
	var classes []string
	for _, l := range letters {
		classes = append(classes, string(l.Class))
	}
	same(t, "classes", classes, []string{"archived", "bad_type", "corrupt_gzip", "not_exist"})
	if pending != 1 {
		t.Fatalf("%d objects are pending, want 1", pending)
	}

	for i, want := range [][]string{{"-1 archived"}, {"0 a2", "1 bad_type", "2 c2"}, {"-1 corrupt_gzip"}, {"-1 not_exist"}} {
		if i == 0 { // a store says it when it is opened
			fails[keyOf(1)] = qlogs.ErrArchived
		}
		same(t, string(letters[i].Class)+", as before", letterRead(t, client, letters[i].Object), want)
	}
	clear(fails)
	same(t, "restored", letterRead(t, client, letters[0].Object), []string{"0 a1", "1 b1", "2 c1"})
	same(t, "back", letterRead(t, client, letters[3].Object), []string{"0 a4", "1 b4", "2 c4"})
	for i, n := range []int{2, 3} {
		src.Put(keyOf(n), sound(n))
		l := letters[1+i]
		same(t, string(l.Class)+", repaired, as it was", letterRead(t, client, l.Object), []string{"-1 changed"})
		same(t, string(l.Class)+", repaired", letterRead(t, client, qlogs.Object{Key: l.Object.Key, Size: -1}),
			[]string{fmt.Sprint("0 a", n), fmt.Sprint("1 b", n), fmt.Sprint("2 c", n)})
	}
}
