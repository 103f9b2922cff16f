package s3keep_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// What a store's answer means does not depend on which of its parts says so, and what looks
// like it does not mean it.
func TestAnswers(t *testing.T) {
	region := http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}
	const refused = "no conditional writes (If-Match, If-None-Match)"
	for _, tt := range []struct {
		name  string
		op    string // "" for both
		fault s3mem.Fault
		class error  // nil for one of no class
		words string // in the error
		not   string // not in it
	}{
		{"another Region, in a code", "", s3mem.Fault{Status: 400, Code: "AuthorizationHeaderMalformed", Header: region}, nil, "give the S3 client eu-west-1", ""},
		{"another Region, which is not named", "", s3mem.Fault{Status: 307, Code: "TemporaryRedirect"}, nil, "give the S3 client the bucket's", ""},
		{"another Region, in the last status of its kind", "", s3mem.Fault{Status: 399, Code: "Odd"}, nil, "give the S3 client the bucket's", ""},
		{"a status behind these", "", s3mem.Fault{Status: 400, Code: "Odd"}, nil, "Odd", "Region:"},
		{"a header that is wrong for another reason", "", s3mem.Fault{Status: 400, Code: "AuthorizationHeaderMalformed"}, nil, "AuthorizationHeaderMalformed", "Region:"},
		{"another reason, from a store that names its Region", "GetObject", s3mem.Fault{Status: 400, Code: "InvalidRequest", Header: region}, nil, "InvalidRequest", "Region:"},
		{"denied, in a code", "", s3mem.Fault{Status: 400, Code: "AccessDenied"}, fs.ErrPermission, "the credentials need s3:", ""},
		{"forbidden, in a code", "", s3mem.Fault{Status: 400, Code: "Forbidden"}, fs.ErrPermission, "the credentials need s3:", ""},
		{"forbidden, in a status", "", s3mem.Fault{Status: 403, Code: "InvalidAccessKeyId"}, fs.ErrPermission, "InvalidAccessKeyId", "the credentials need"},
		{"a key that is disabled", "", s3mem.Fault{Status: 400, Code: "KMS.DisabledException", Message: "it is disabled"}, fs.ErrPermission, "kms:Decrypt", ""},
		{"archived", "", s3mem.Fault{Status: 403, Code: "InvalidObjectState"}, source.ErrArchived, "restore the object", ""},
		{"no bucket", "", s3mem.Fault{Status: 404, Code: "NoSuchBucket"}, source.ErrNoStore, "make the bucket", ""},
		{"not implemented, in a status", "PutObject", s3mem.Fault{Status: 501, Code: "Odd"}, errors.ErrUnsupported, refused, ""},
		{"not implemented, in a code", "PutObject", s3mem.Fault{Status: 400, Code: "NotImplemented"}, errors.ErrUnsupported, refused, ""},
		{"not implemented, for reading", "GetObject", s3mem.Fault{Status: 501, Code: "NotImplemented"}, nil, "NotImplemented", refused},
		{"a condition is refused", "PutObject", s3mem.Fault{Status: 400, Code: "InvalidArgument", Message: "if_none_match is unknown"}, errors.ErrUnsupported, refused, ""},
		{"conditions are refused", "PutObject", s3mem.Fault{Status: 400, Code: "InvalidArgument", Message: "Conditional requests are off"}, errors.ErrUnsupported, refused, ""},
		{"a condition, and another status", "PutObject", s3mem.Fault{Status: 410, Code: "Odd", Message: "no If-Match here"}, nil, "Odd", refused},
		{"a bad request for reading", "GetObject", s3mem.Fault{Status: 400, Code: "InvalidArgument", Message: "no If-Match here"}, nil, "InvalidArgument", refused},
		{"an option is refused, for reading", "GetObject", s3mem.Fault{Status: 400, Code: "InvalidArgument"}, nil, "InvalidArgument", "s3keep.Options.Put"},
		{"an odd status", "", s3mem.Fault{Status: 418, Code: "Odd"}, nil, "Odd", "If-Match"},
	} {
		for _, op := range []string{"PutObject", "GetObject"} {
			if tt.op != "" && tt.op != op {
				continue
			}
			bubble(t, tt.name+" "+op, func(t *testing.T) {
				mem, client := direct()
				client = noRetries(client)
				store, cursors := opened(t, client), cursorsOf(t, 2)
				mustSave(t, store, cursors[0])
				mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
					if r.Op == op {
						return &tt.fault
					}
					return nil
				})
				var err error
				if op == "PutObject" {
					err = store.Save(t.Context(), cursors[1])
				} else {
					_, err = s3keep.CursorObject(client, bucket, key, nil).Load(t.Context())
				}
				wantError(t, op, err, tt.class, tt.words)
				for _, class := range []error{fs.ErrPermission, source.ErrArchived, source.ErrNoStore, errors.ErrUnsupported, s3keep.ErrConflict} {
					if errors.Is(err, class) && class != tt.class {
						t.Errorf("%s: %v, which is no %q", op, err, class)
					}
				}
				if tt.not != "" && strings.Contains(err.Error(), tt.not) {
					t.Errorf("%s: %v, want no %q in it", op, err, tt.not)
				}
			})
		}
	}
}

// A write that is refused or has to wait is made again, whichever part of the answer says so.
func TestAnswersToTryAgain(t *testing.T) {
	for name, fault := range map[string]s3mem.Fault{
		"refused, in a status":       {Status: 412, Code: "Odd"},
		"refused, in a code":         {Status: 400, Code: "PreconditionFailed"},
		"refused, for none is there": {Status: 404, Code: "NoSuchKey"},
		"busy, in a status":          {Status: 409, Code: "Odd"},
		"busy, in a code":            {Status: 400, Code: "ConditionalRequestConflict"},
		"busy, in another code":      {Status: 400, Code: "OperationAborted"},
	} {
		bubble(t, name, func(t *testing.T) {
			mem, client := direct()
			client = noRetries(client)
			store, cursors := opened(t, client), cursorsOf(t, 2)
			mustSave(t, store, cursors[0])
			var puts atomic.Int32
			mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
				if r.Op == "PutObject" && puts.Add(1) == 1 {
					return &fault
				}
				return nil
			})
			mustSave(t, store, cursors[1])
			if n := puts.Load(); n != 2 {
				t.Errorf("%d PUT requests, want 2", n)
			}
			wantStored(t, client, cursors[1])
		})
	}
	bubble(t, "none is there, and none is to be replaced", func(t *testing.T) {
		mem, client := direct()
		store := opened(t, noRetries(client))
		mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
			if r.Op == "PutObject" {
				return &s3mem.Fault{Status: 404, Code: "NoSuchKey"}
			}
			return nil
		})
		wantError(t, "Save", store.Save(t.Context(), cursorsOf(t, 1)[0]), nil, "NoSuchKey")
		if n := mem.Requests()["PutObject"]; n != 1 {
			t.Errorf("%d PUT requests, want 1", n)
		}
	})
}

// A request without an answer is made again after 10 seconds and a pause, at most 5 times.
func TestTriesInTime(t *testing.T) {
	for _, op := range []string{"PutObject", "GetObject"} {
		bubble(t, op, func(t *testing.T) {
			mem, client := direct()
			client = noRetries(client)
			store, c := opened(t, client), cursorsOf(t, 1)[0]
			mustSave(t, store, c)
			var mu sync.Mutex
			var times []time.Time
			note := func() {
				mu.Lock()
				defer mu.Unlock()
				times = append(times, time.Now())
			}
			mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
				if r.Op != op {
					return nil
				}
				note()
				return &s3mem.Fault{Stall: true}
			})
			timeout := 10 * time.Second
			if op == "PutObject" {
				wantError(t, "Save", store.Save(t.Context(), c), nil, "tried 5 times: the store has not answered in time")
			} else {
				timeout += 64 * time.Second // what it reads may have 64 MiB
				_, err := store.Load(t.Context())
				wantError(t, "Load", err, nil, "the store has not answered in time")
			}
			note()
			if len(times) != 6 {
				t.Fatalf("%d requests, want 5", len(times)-1)
			}
			for i := range 5 {
				least, most := timeout, timeout
				if i < 4 {
					pause := 200 * time.Millisecond << i
					least, most = least+pause*45/100, most+pause
				}
				if d := times[i+1].Sub(times[i]); d < least || d > most {
					t.Errorf("what follows request %d does so after %v, want %v to %v", i+1, d, least, most)
				}
			}
		})
	}
}

// A pause between two tries ends with the context.
func TestPauseEndsWithContext(t *testing.T) {
	for op, fault := range map[string]s3mem.Fault{"PutObject": {Status: 409, Code: "OperationAborted"}, "GetObject": {CutAfter: -1}} {
		bubble(t, op, func(t *testing.T) {
			mem, client := direct()
			client = noRetries(client)
			store, c := opened(t, client), cursorsOf(t, 1)[0]
			mustSave(t, store, c)
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := errors.New("told to end")
			mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
				if r.Op != op {
					return nil
				}
				time.AfterFunc(time.Millisecond, func() { cancel(cause) })
				return &fault
			})
			begin := time.Now()
			var err error
			if op == "PutObject" {
				err = store.Save(ctx, c)
			} else {
				_, err = store.Load(ctx)
			}
			wantError(t, op, err, cause)
			if d := time.Since(begin); d != time.Millisecond {
				t.Errorf("%s ends after %v, want the millisecond after which the context was done", op, d)
			}
		})
	}
}

// A store that has one of the two conditions alone is found out by the trial.
func TestStoresWithOneCondition(t *testing.T) {
	for _, without := range []string{"If-Match", "If-None-Match"} {
		t.Run(without, func(t *testing.T) {
			server, sound := direct()
			cursors := cursorsOf(t, 3)
			if without == "If-None-Match" { // which is not needed to replace one that is there
				putText(t, sound, cursors[0].String())
			}
			client := clientOf(func(r *http.Request) (*http.Response, error) {
				if r.Header.Get(without) != "" {
					return served(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						s3test.Error(w, http.StatusNotImplemented, "NotImplemented", "A header you provided is not known")
					}))(r)
				}
				return served(server)(r)
			})
			store := opened(t, client)
			for _, c := range cursors[1:] {
				wantError(t, "Save", store.Save(t.Context(), c), errors.ErrUnsupported, "no conditional writes", "keep.CursorFile")
			}
			wantStored(t, client, cursors[1]) // the later one was not sent
		})
	}
}

// A store whose answers have no ETag is of no use, and says so when it writes.
func TestNoETag(t *testing.T) {
	bubble(t, "no ETag", func(t *testing.T) {
		mem, client := direct()
		store := opened(t, noRetries(client))
		mem.Intercept(func(s3mem.Request) *s3mem.Fault {
			return &s3mem.Fault{Change: func(a *rewrite.Answer) { a.Header.Del("ETag") }}
		})
		wantError(t, "Save", store.Save(t.Context(), cursorsOf(t, 1)[0]), errors.ErrUnsupported, "have no ETag")
	})
}

// A store that says it has written, and has not, is found out too.
func TestNotWritten(t *testing.T) {
	bubble(t, "not written", func(t *testing.T) {
		server, client := direct()
		cursors := cursorsOf(t, 2)
		mustSave(t, opened(t, client), cursors[0])
		puts := 0
		store := opened(t, clientOf(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPut {
				puts++
				return served(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))(r)
			}
			return served(server)(r)
		}))
		wantError(t, "Save", store.Save(t.Context(), cursors[1]), errors.ErrUnsupported, "tried 5 times", "have no ETag")
		if puts != 5 {
			t.Errorf("%d PUT requests, want 5", puts)
		}
		wantStored(t, client, cursors[0])
	})
}

// A conflict says when the other one has written.
func TestConflictTime(t *testing.T) {
	bubble(t, "conflict", func(t *testing.T) {
		_, client := direct()
		one, two, cursors := opened(t, client), opened(t, client), cursorsOf(t, 2)
		time.Sleep(3 * time.Hour)
		mustSave(t, one, cursors[0])
		at := time.Now().UTC().Format("2006-01-02 15:04:05 UTC")
		time.Sleep(3 * time.Hour)
		wantError(t, "Save", two.Save(t.Context(), cursors[1]), s3keep.ErrConflict, "last changed "+at)
	})
}

// A trial that is refused twice is over for all processes. What else it meets decides nothing,
// and the next save tries again.
func TestTrialAnswers(t *testing.T) {
	refused, busy := &s3mem.Fault{Status: 412}, &s3mem.Fault{Status: 409, Code: "ConditionalRequestConflict"}
	gone, down := &s3mem.Fault{Status: 404, Code: "NoSuchKey"}, &s3mem.Fault{Status: 503}
	for _, tt := range []struct {
		name    string
		answers []*s3mem.Fault // to the trial's If-None-Match and If-Match
		puts    int            // of the first process
		over    bool
	}{
		{"refused", []*s3mem.Fault{refused, refused}, 4, true},
		{"busy", []*s3mem.Fault{busy, refused}, 2, false},
		{"refused, and then busy", []*s3mem.Fault{refused, busy}, 3, false},
		{"refused, and then gone", []*s3mem.Fault{refused, gone}, 4, true},
		{"gone where none may be", []*s3mem.Fault{gone, refused}, 2, false},
		{"down", []*s3mem.Fault{down, refused}, 2, false},
		{"refused, and then down", []*s3mem.Fault{refused, down}, 3, false},
	} {
		bubble(t, tt.name, func(t *testing.T) {
			mem, client := direct()
			client = noRetries(client)
			cursors := cursorsOf(t, 3)
			puts := 0
			mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
				if r.Op != "PutObject" {
					return nil
				}
				if puts++; puts < 2 || puts > 1+len(tt.answers) {
					return nil
				}
				return tt.answers[puts-2]
			})
			store := opened(t, client)
			mustSave(t, store, cursors[0])
			if puts != tt.puts {
				t.Errorf("%d PUT requests, want %d", puts, tt.puts)
			}
			mem.Intercept(nil)
			for i, want := range []int{map[bool]int{true: 1, false: 4}[tt.over], 1, 1} {
				before := int(mem.Requests()["PutObject"])
				if i == 2 { // another process
					store = opened(t, client)
				}
				mustSave(t, store, cursors[i])
				if n := int(mem.Requests()["PutObject"]) - before; n != want {
					t.Errorf("%d PUT requests of save %d after the trial, want %d", n, i+1, want)
				}
			}
		})
	}
}
