package qlogs_test

import (
	"errors"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/wrong"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// An answer to GET without an ETag may be a proxy's, for a while. The object is tried by
// two more scans, and is read if that is over by then.
func TestAnonymousAnswers(t *testing.T) {
	for name, change := range map[string]func(*rewrite.Answer){
		"an HTML page":          wrong.All(wrong.Body(wrong.HTML), wrong.Header("ETag")),
		"an error in JSON":      wrong.All(wrong.Body(`{"error":"try later"}`), wrong.Header("ETag"), wrong.Header("Content-Type", "application/json")),
		"nothing":               wrong.All(wrong.Body(""), wrong.Header("ETag")),
		"nothing, accepted":     wrong.All(wrong.Body(""), wrong.Header("ETag"), wrong.Status(202)),
		"a page, not found":     wrong.All(wrong.Body(wrong.HTML), wrong.Status(404), wrong.Header("ETag"), wrong.Header("Content-Type", "text/html"), wrong.Header("X-Amz-Request-Id")),
		"a page that is longer": wrong.All(func(a *rewrite.Answer) { a.Body = append(a.Body, wrong.HTML...) }, wrong.Header("ETag")),
	} {
		for _, bad := range testutil.Pick([]int{1, 3}, []int{1, 2, 3}) { // scans that get it
			s := newWrongMem(t)
			src := s3source.New(s.sdk, "logs", nil)
			s.spoil(func(r wrongRequest) wrongFault {
				if r.op != "GetObject" || r.key != s.keys[3] {
					return wrongFault{}
				}
				return wrongFault{change: change}
			})
			r := confRead(t.Context(), src, qlogs.Query{}, 0)
			for n := 1; ; n++ {
				var object *qlogs.ObjectError
				if len(r.errs) != 1 || !errors.As(r.errs[0], &object) || !errors.Is(object, source.ErrAnonymous) || errors.Is(object, qlogs.ErrChanged) || object.Retryable != (n < 3) {
					t.Fatalf("%s, scan %d: errors %v, want one that is anonymous and retryable: %t", name, n, r.errs, n < 3)
				}
				if n == bad {
					break
				}
				r = r.resume(t, src, qlogs.Query{})
			}
			s.spoil(func(wrongRequest) wrongFault { return wrongFault{} })
			want := []string{"0003"}
			if bad == 3 {
				want = nil
			}
			rest := r.resume(t, src, qlogs.Query{})
			rest.noErrors(t)
			confSame(t, name, rest.ids, want)
		}
	}
}

// A body that breaks off is no answer of somebody else's, though its head says nothing: the
// object waits until the network is whole again. Its parts are not put together.
func TestAnonymousBreaks(t *testing.T) {
	s := newWrongMem(t)
	src := s3source.New(s.sdk, "logs", nil)
	gets := 0
	s.spoil(func(r wrongRequest) wrongFault {
		if r.op != "GetObject" || r.key != s.keys[3] {
			return wrongFault{}
		}
		if gets++; r.ranged {
			t.Error("a request goes on")
		}
		return wrongFault{cut: 40, change: wrong.All(wrong.Header("ETag"), wrong.Header("Content-Length"))}
	})
	r := confRead(t.Context(), src, qlogs.Query{}, 0)
	for n := range 5 {
		var object *qlogs.ObjectError
		if len(r.errs) != 1 || !errors.As(r.errs[0], &object) || errors.Is(object, qlogs.ErrInconsistent) || !object.Retryable {
			t.Fatalf("scan %d: errors %v, want one that is retryable", n, r.errs)
		}
		if n == 4 {
			s.spoil(func(wrongRequest) wrongFault { return wrongFault{} })
		}
		r = r.resume(t, src, qlogs.Query{})
	}
	r.noErrors(t)
	confSame(t, "the last scan", r.ids, []string{"0003"})
	if gets != 5 {
		t.Errorf("%d requests of the object while its bodies break off, want 5", gets)
	}
}

// Failures of other kinds are no answers without an ETag: they count as attempts alone.
func TestAnonymousAnswersAmongFailures(t *testing.T) {
	s := newWrongMem(t)
	src := s3source.New(s.sdk, "logs", nil)
	var after qlogs.Cursor
	for n, change := range []func(*rewrite.Answer){
		wrong.Status(503), wrong.Status(503), wrong.Status(503), wrong.All(wrong.Body(wrong.HTML), wrong.Header("ETag")),
	} {
		s.spoil(func(r wrongRequest) wrongFault {
			if r.op != "GetObject" || r.key != s.keys[3] {
				return wrongFault{}
			}
			return wrongFault{change: change}
		})
		scan := qlogs.New(src, nil).Scan(qlogs.Query{After: after})
		failed := 0
		for _, err := range scan.Records(t.Context()) {
			var object *qlogs.ObjectError
			if errors.As(err, &object) {
				failed++
				if !object.Retryable {
					t.Errorf("scan %d: error %v is not retryable", n, err)
				}
			}
		}
		if failed != 1 {
			t.Errorf("scan %d: %d objects failed, want 1", n, failed)
		}
		after = cursorText(t, scan.Cursor())
	}
	s.spoil(nil)
	rest := confRead(t.Context(), src, qlogs.Query{After: after}, 0)
	rest.noErrors(t)
	confSame(t, "at last", rest.ids, []string{"0003"})
}

// One that is read by name is final, for no cursor counts how often it was tried.
func TestAnonymousAnswersOfNames(t *testing.T) {
	s := newWrongMem(t)
	s.spoil(func(r wrongRequest) wrongFault {
		if r.op != "GetObject" {
			return wrongFault{}
		}
		return wrongFault{change: wrong.All(wrong.Body(wrong.HTML), wrong.Header("ETag"))}
	})
	for _, err := range qlogs.New(s3source.New(s.sdk, "logs", nil), nil).Read(t.Context(), qlogs.Object{Key: s.keys[0], Size: -1}) {
		var object *qlogs.ObjectError
		if !errors.As(err, &object) || !errors.Is(err, qlogs.ErrInconsistent) || object.Retryable {
			t.Errorf("error %v, want one that is inconsistent and not pending", err)
		}
	}
}
