package s3keep_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// A cursor is saved though requests fail, or the answer says how it was not.
func TestSaveFaults(t *testing.T) {
	lost, busy := &s3mem.Fault{Lose: true}, &s3mem.Fault{Status: 409, Code: "ConditionalRequestConflict"}
	for _, tt := range []struct {
		name    string
		faults  []*s3mem.Fault // of the PUT requests of the Save, in order
		retries bool           // of the SDK
		class   error          // of Save's error, nil if it succeeds
		words   string
		stored  bool // though Save has failed
	}{
		{name: "throttled", faults: []*s3mem.Fault{{Status: 503}, {Status: 503}}, retries: true},
		{name: "500", faults: []*s3mem.Fault{{Status: 500}}, retries: true},
		{name: "dropped", faults: []*s3mem.Fault{{Drop: true}, {Drop: true}}, retries: true},
		{name: "the answer was lost, and the SDK tries again", faults: []*s3mem.Fault{lost}, retries: true},
		{name: "two answers were lost", faults: []*s3mem.Fault{lost, lost}, retries: true},
		{name: "lost, then throttled", faults: []*s3mem.Fault{lost, {Status: 503}}, retries: true},
		{name: "busy", faults: []*s3mem.Fault{busy, busy}},
		{name: "busy, though it was written", faults: []*s3mem.Fault{{Change: func(a *rewrite.Answer) { a.Status, a.Body = 409, nil }}}},
		{name: "no ETag in the answer", faults: []*s3mem.Fault{{Change: func(a *rewrite.Answer) { a.Header.Del("ETag") }}}},
		{name: "stalled before it was written", faults: []*s3mem.Fault{{Stall: true}, {Stall: true}}},
		{name: "stalled after", faults: []*s3mem.Fault{{Lose: true, Stall: true}, {Stall: true}}},
		{name: "stalled for too long", faults: []*s3mem.Fault{{Lose: true, Stall: true}, {Stall: true}, {Stall: true}, {Stall: true}, {Stall: true}}, class: errAny, words: "tried 5 times: the store has not answered in time", stored: true},
		{name: "busy for too long", faults: []*s3mem.Fault{busy, busy, busy, busy, busy}, class: errAny, words: "tried 5 times"},
		{name: "refused, though the ETag is right", faults: []*s3mem.Fault{{Status: 412}, {Status: 412}, {Status: 412}, {Status: 412}, {Status: 412}}, class: errors.ErrUnsupported, words: "refuses an If-Match with the ETag that it gives"},
		{name: "throttled, without retries", faults: []*s3mem.Fault{{Status: 503}}, class: errAny, words: "SlowDown"},
		{name: "the answer was lost, without retries", faults: []*s3mem.Fault{lost}, class: errAny, words: "EOF", stored: true},
		{name: "denied", faults: []*s3mem.Fault{{Status: 403}}, class: fs.ErrPermission, words: "s3:PutObject and s3:GetObject"},
		{name: "the key is denied", faults: []*s3mem.Fault{{Status: 403, Message: "not authorized to perform: kms:GenerateDataKey"}}, class: fs.ErrPermission, words: "kms:GenerateDataKey on the bucket's KMS key"},
		{name: "expired", faults: []*s3mem.Fault{{Status: 403, Code: "ExpiredToken"}}, class: fs.ErrPermission, words: "ExpiredToken"},
		{name: "another Region", faults: []*s3mem.Fault{{Status: 301, Code: "PermanentRedirect", Header: http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}}}, class: errAny, words: "give the S3 client eu-west-1"},
		{name: "not implemented", faults: []*s3mem.Fault{{Status: 501, Code: "NotImplemented"}}, class: errors.ErrUnsupported, words: "no conditional writes"},
		{name: "a header is refused", faults: []*s3mem.Fault{{Status: 400, Code: "InvalidArgument", Message: "Header If-Match is not supported"}}, class: errors.ErrUnsupported, words: "no conditional writes"},
		{name: "something is refused", faults: []*s3mem.Fault{{Status: 400, Code: "InvalidArgument", Message: "Unknown storage class"}}, class: errAny, words: "look at what s3keep.Options.Put sets"},
		{name: "lines in the answer", faults: []*s3mem.Fault{{Status: 400, Code: "Odd", Message: "one\ntwo " + strings.Repeat("x", 5000)}}, class: errAny, words: "one two"},
	} {
		bubble(t, tt.name, func(t *testing.T) {
			mem, client := direct()
			if !tt.retries {
				client = noRetries(client)
			}
			cursors := cursorsOf(t, 3)
			store := opened(t, client)
			mustSave(t, store, cursors[0])
			faults, left := tt.faults, atomic.Int32{}
			mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
				if r.Op != "PutObject" || r.Key != key {
					return nil
				}
				if n := int(left.Add(1)); n <= len(faults) {
					return faults[n-1]
				}
				return nil
			})
			err := store.Save(t.Context(), cursors[1])
			mem.Intercept(nil)
			switch {
			case tt.class == errAny:
				wantError(t, "Save", err, nil, tt.words)
			case tt.class != nil:
				wantError(t, "Save", err, tt.class, tt.words)
			case err != nil:
				t.Errorf("Save: %v", err)
			}
			if errors.Is(err, s3keep.ErrConflict) {
				t.Errorf("Save: %v, which is no conflict", err)
			}
			want := cursors[0]
			if err == nil || tt.stored {
				want = cursors[1]
			}
			wantStored(t, client, want)
			puts := mem.Requests()["PutObject"]
			mustSave(t, store, cursors[2]) // whatever has happened, the next one passes
			if n := mem.Requests()["PutObject"] - puts; err == nil && n != 1 {
				t.Errorf("the save after one that has succeeded makes %d PUT requests, want 1", n)
			}
			wantStored(t, client, cursors[2])
		})
	}
}

var errAny = errors.New("any")

// bubble runs a test with a clock of its own, so that pauses take no time.
func bubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// The first Save of a key meets the same.
func TestFirstSaveIsLost(t *testing.T) {
	for name, retries := range map[string]bool{"the SDK tries again": true, "it does not": false} {
		bubble(t, name, func(t *testing.T) {
			mem, client := direct()
			if !retries {
				client = noRetries(client)
			}
			cursors := cursorsOf(t, 2)
			store := opened(t, client)
			var puts atomic.Int32
			mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
				if r.Op == "PutObject" && puts.Add(1) == 1 {
					return &s3mem.Fault{Lose: true}
				}
				return nil
			})
			if err := store.Save(t.Context(), cursors[0]); (err == nil) != retries {
				t.Errorf("Save: %v, want success: %v", err, retries)
			}
			wantStored(t, client, cursors[0])
			mustSave(t, store, cursors[1])
			wantStored(t, client, cursors[1])
		})
	}
}

// Whoever has created the object has deleted it again: there is still none, as was loaded.
func TestFirstSaveIsRefused(t *testing.T) {
	mem, client := direct()
	var puts atomic.Int32
	mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
		if r.Op == "PutObject" && puts.Add(1) == 1 {
			return &s3mem.Fault{Status: 412}
		}
		return nil
	})
	c := cursorsOf(t, 1)[0]
	mustSave(t, opened(t, client), c)
	wantStored(t, client, c)
}

func TestLoadFaults(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults []*s3mem.Fault // of the GET requests
		class  error          // nil if Load succeeds
		words  string
	}{
		{name: "cut", faults: []*s3mem.Fault{{CutAfter: 40}, {CutAfter: -1}}},
		{name: "cut again and again", faults: []*s3mem.Fault{{CutAfter: 9}, {CutAfter: 9}, {CutAfter: 9}, {CutAfter: 9}, {CutAfter: 9}}, class: errAny, words: "broke off"},
		{name: "denied", faults: []*s3mem.Fault{{Status: 403}}, class: fs.ErrPermission, words: "s3:ListBucket on the bucket, without which"},
		{name: "archived", faults: []*s3mem.Fault{{Status: 403, Code: "InvalidObjectState"}}, class: source.ErrArchived, words: "lifecycle rule"},
		{name: "500", faults: []*s3mem.Fault{{Status: 500}}, class: errAny, words: "InternalError"},
		{name: "a page that says 404", faults: []*s3mem.Fault{{Change: func(a *rewrite.Answer) { a.Status, a.Body = 404, []byte("<html>not here</html>") }}}, class: errAny, words: "404"},
		{name: "404 of something else", faults: []*s3mem.Fault{{Status: 404, Code: "NoSuchWebsite"}}, class: errAny, words: "NoSuchWebsite"},
		{name: "a page", faults: []*s3mem.Fault{{Change: func(a *rewrite.Answer) { a.Body = []byte("<html>sign in</html>") }}}, class: errAny, words: "restore the object"},
		{name: "nothing", faults: []*s3mem.Fault{{Change: func(a *rewrite.Answer) { a.Body = nil }}}, class: errAny, words: "empty"},
		{name: "no ETag", faults: []*s3mem.Fault{{Change: func(a *rewrite.Answer) { a.Header.Del("ETag") }}}, class: errors.ErrUnsupported, words: "have no ETag"},
		{name: "an ETag without quotes", faults: []*s3mem.Fault{{Change: func(a *rewrite.Answer) { a.Header.Set("ETag", strings.Trim(a.Header.Get("ETag"), `"`)) }}}},
		{name: "a weak ETag", faults: []*s3mem.Fault{{Change: func(a *rewrite.Answer) { a.Header.Set("ETag", "W/"+a.Header.Get("ETag")) }}}},
	} {
		bubble(t, tt.name, func(t *testing.T) {
			mem, client := direct()
			client = noRetries(client)
			cursors := cursorsOf(t, 2)
			mustSave(t, opened(t, client), cursors[0])
			var n atomic.Int32
			mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
				if i := int(n.Add(1)); i <= len(tt.faults) {
					return tt.faults[i-1]
				}
				return nil
			})
			store := s3keep.CursorObject(client, bucket, key, nil)
			c, err := store.Load(t.Context())
			switch {
			case tt.class == errAny:
				wantError(t, "Load", err, nil, tt.words)
			case tt.class != nil:
				wantError(t, "Load", err, tt.class, tt.words)
			case err != nil || c.String() != cursors[0].String():
				t.Errorf("Load = %v, %v, want %v", c, err, cursors[0])
			default:
				mustSave(t, store, cursors[1])
				wantStored(t, client, cursors[1])
			}
			if err != nil && !c.IsZero() {
				t.Errorf("Load returns %v with its error", c)
			}
		})
	}
}

// What is far too large is not read to its end.
func TestLoadBound(t *testing.T) {
	mem, client := stores.MemS3(t)
	mem.CreateBucket(bucket)
	mem.Put(bucket, key, make([]byte, 64<<20+1))
	_, err := s3keep.CursorObject(client, bucket, key, nil).Load(t.Context())
	wantError(t, "Load", err, nil, "larger than 64 MiB")
	// In chunks its length is not known before.
	mem.Intercept(func(s3mem.Request) *s3mem.Fault {
		return &s3mem.Fault{Change: func(a *rewrite.Answer) { a.Header.Del("Content-Length") }}
	})
	_, err = s3keep.CursorObject(client, bucket, key, nil).Load(t.Context())
	wantError(t, "Load of chunks", err, nil, "larger than 64 MiB")
	_, err = s3keep.CursorObject(endless{t: t}, bucket, key, nil).Load(t.Context())
	wantError(t, "Load of what does not end", err, nil, "larger than 64 MiB")
}

// endless answers with a body that does not end, and fails the test if too much is read.
type endless struct {
	putter
	t    *testing.T
	read *int
}

func (e endless) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	e.read = new(int)
	return &s3.GetObjectOutput{Body: io.NopCloser(e)}, nil
}

func (e endless) Read(p []byte) (int, error) {
	if *e.read += len(p); *e.read > 200<<20 {
		e.t.Error("more than 200 MiB are read")
		return 0, io.EOF
	}
	return len(p), nil
}

// Stalls end with the context.
func TestStallEndsWithContext(t *testing.T) {
	testutil.NoLeaks(t)
	mem, client := stores.MemS3(t)
	mem.CreateBucket(bucket)
	cursors := cursorsOf(t, 2)
	store := opened(t, client)
	mustSave(t, store, cursors[0])
	cause := errors.New("told to end")
	for name, fault := range map[string]*s3mem.Fault{
		"before it is written": {Stall: true},
		"after":                {Lose: true, Stall: true},
		"in the body":          {Stall: true, CutAfter: 3},
	} {
		for op, call := range map[string]func(context.Context) error{
			"PutObject": func(ctx context.Context) error { return store.Save(ctx, cursors[1]) },
			"GetObject": func(ctx context.Context) error { _, err := store.Load(ctx); return err },
		} {
			if op == "PutObject" && name == "in the body" {
				continue // it has none
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
				if r.Op != op {
					return nil
				}
				cancel(cause)
				return fault
			})
			wantError(t, op+" stalls "+name, call(ctx), cause)
		}
	}
	mem.Intercept(nil)
	if c := mustLoad(t, store); c.String() != cursors[0].String() && c.String() != cursors[1].String() {
		t.Errorf("Load = %v, want one of those that were saved", c)
	}
	mustSave(t, store, cursors[1])
}

// Stores that do not do what conditions say are found out with the first Save, and every
// later one fails as well.
func TestStoresWithoutConditions(t *testing.T) {
	for name, without := range map[string][]string{
		"ignores both":          {"If-Match", "If-None-Match"},
		"ignores If-Match":      {"If-Match"},
		"ignores If-None-Match": {"If-None-Match"},
	} {
		t.Run(name, func(t *testing.T) {
			server, _ := direct()
			client := clientOf(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPut {
					for _, name := range without {
						r.Header.Del(name)
					}
				}
				return served(server)(r)
			})
			cursors := cursorsOf(t, 2)
			for range 2 { // processes
				store := s3keep.CursorObject(client, bucket, key, nil)
				mustLoad(t, store)
				for _, c := range cursors {
					wantError(t, "Save", store.Save(t.Context(), c), errors.ErrUnsupported, "ignores the conditions", "keep.CursorFile")
				}
				wantStored(t, client, cursors[0]) // the later ones were not sent
			}
			puts := 2 * 2 // a save and a trial for each process
			if name == "ignores If-Match" {
				puts += 2 // which comes second
			}
			if n := server.Requests()["PutObject"]; n != puts {
				t.Errorf("%d PUT requests, want %d", n, puts)
			}
		})
	}
	t.Run("refuses", func(t *testing.T) {
		server, _ := direct()
		client := clientOf(func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("If-Match")+r.Header.Get("If-None-Match") != "" {
				return served(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					s3test.Error(w, http.StatusNotImplemented, "NotImplemented", "A header you provided is not known")
				}))(r)
			}
			return served(server)(r)
		})
		wantError(t, "Save", opened(t, client).Save(t.Context(), cursorsOf(t, 1)[0]), errors.ErrUnsupported, "no conditional writes", "keep.CursorFile")
	})
}

// Two readers of a store that ignores conditions are told, though the first trials have met
// something else.
func TestTrialFails(t *testing.T) {
	for _, fault := range []*s3mem.Fault{{Status: 503}, {Status: 409, Code: "OperationAborted"}} {
		mem, _ := direct()
		client := noRetries(clientOf(func(r *http.Request) (*http.Response, error) {
			r.Header.Del("If-Match")
			r.Header.Del("If-None-Match")
			return served(mem)(r)
		}))
		var puts atomic.Int32
		mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
			if r.Op != "PutObject" {
				return nil
			}
			if n := puts.Add(1); n == 2 || n == 4 {
				return fault
			}
			return nil
		})
		cursors := cursorsOf(t, 3)
		one := opened(t, client)
		mustSave(t, one, cursors[0])
		two := opened(t, client)
		mustSave(t, two, cursors[1])
		wantError(t, "Save", one.Save(t.Context(), cursors[2]), errors.ErrUnsupported, "ignores the conditions")
		wantError(t, "Save", two.Save(t.Context(), cursors[2]), errors.ErrUnsupported, "ignores the conditions")
	}
}

// After a conflict nothing is saved until Load, whatever becomes of the object.
func TestConflictLasts(t *testing.T) {
	_, client := direct()
	cursors := cursorsOf(t, 3)
	one, two := opened(t, client), opened(t, client)
	mustSave(t, two, cursors[0])
	wantError(t, "Save", one.Save(t.Context(), cursors[1]), s3keep.ErrConflict, "another process")
	if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)}); err != nil {
		t.Fatal(err)
	}
	wantError(t, "Save", one.Save(t.Context(), cursors[1]), s3keep.ErrConflict, "another process")
	if _, err := one.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustSave(t, one, cursors[2])
}

// A cursor that Load would not take is not saved, and the error says what to do.
func TestSaveBound(t *testing.T) {
	server, client := direct()
	store := opened(t, client)
	small := cursorsOf(t, 1)[0]
	mustSave(t, store, small)
	src := sourcetest.NewMemory("mem://" + strings.Repeat("x", 50<<20)) // the ID is in the text
	putRecord(src, 0)
	scan := qlogs.New(src, nil).Scan(qlogs.Query{})
	for _, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	puts := server.Requests()["PutObject"]
	wantError(t, "Save", store.Save(t.Context(), scan.Cursor()), nil, "at most 67108864", "UnkeptError", "remove the cause", "MaxAttempts")
	if n := server.Requests()["PutObject"] - puts; n != 0 {
		t.Errorf("%d PUT requests, want none", n)
	}
	wantStored(t, client, small)
	mustSave(t, store, small)
}

// Whatever becomes of the note that the trial has passed, the save has succeeded, and the
// next one succeeds, whoever makes it.
func TestNoteFails(t *testing.T) {
	for name, fault := range map[string]*s3mem.Fault{
		"throttled":                {Status: 503},
		"refused":                  {Status: 412},
		"busy":                     {Status: 409, Code: "ConditionalRequestConflict"},
		"dropped":                  {Drop: true},
		"the answer is lost":       {Lose: true},
		"the answer has no ETag":   {Change: func(a *rewrite.Answer) { a.Header.Del("ETag") }},
		"stalls before it happens": {Stall: true},
		"stalls after":             {Lose: true, Stall: true},
	} {
		for _, again := range []bool{true, false} {
			bubble(t, name, func(t *testing.T) {
				mem, client := direct()
				client = noRetries(client)
				cursors := cursorsOf(t, 3)
				var puts atomic.Int32
				mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
					if r.Op == "PutObject" && puts.Add(1) == 4 {
						return fault
					}
					return nil
				})
				store := opened(t, client)
				mustSave(t, store, cursors[0])
				wantStored(t, client, cursors[0])
				if !again {
					store = opened(t, client)
				}
				mustSave(t, store, cursors[1])
				wantStored(t, client, cursors[1])
				mustSave(t, opened(t, client), cursors[2])
				wantStored(t, client, cursors[2])
			})
		}
	}
}

// A client that is not the SDK's may answer with nothing.
func TestNoAnswer(t *testing.T) {
	_, err := s3keep.CursorObject(nothing{}, bucket, key, nil).Load(t.Context())
	wantError(t, "Load", err, nil, "no answer, and no error")
	_, client := direct()
	store := opened(t, struct {
		getter
		putter
	}{client, nothing{}})
	wantError(t, "Save", store.Save(t.Context(), qlogs.Cursor{}), nil, "no answer, and no error")
}

type nothing struct{}

func (nothing) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return nil, nil
}

func (nothing) PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	return nil, nil
}

type getter interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

type putter interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

var _ s3keep.API = (*s3.Client)(nil)
