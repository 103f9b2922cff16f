package qlogs_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	smithy "github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/faultproxy"
	"github.com/promptlogs/qlogs/qlogs"
)

// A faultCase is one fault of the GET requests for one object.
type faultCase struct {
	name     string
	fault    func(o *faultTarget, r faultproxy.Request) faultproxy.Fault
	attempts int // of the client; 2
	opts     *qlogs.Options
	untagged bool   // the source has no ETags
	targets  string // names of targets; all if empty
	want     func(o *faultTarget) faultWant
}

// A faultWant is what comes of it. The zero value is an object that is read with
// one request.
type faultWant struct {
	fails    bool
	read     int64 // if it fails: this much of the body came, or, if lossy, at most
	lossy    bool
	gets     int     // requests for it; 1
	maxGets  int     // if there may be more
	class    error   // of the object's error, if it is of one
	code     string  // of the SDK's error, if there is one
	says     string  // part of the error's text
	op       string  // of the error; "read" if bytes came, else "open"
	finished bool    // a later scan does not try it again
	offsets  []int64 // of the requests, if not nil
}

var faultSentinels = []error{fs.ErrPermission, fs.ErrNotExist, qlogs.ErrChanged, qlogs.ErrInconsistent, qlogs.ErrStalled, qlogs.ErrArchived, io.ErrUnexpectedEOF, syscall.ECONNRESET}

func TestFaults(t *testing.T) {
	testutil.NoLeaks(t)
	faultTable(t, newFaultMem(t))
}

func TestRealS3Faults(t *testing.T) {
	testutil.NoLeaks(t)
	s := newFaultReal(t)
	faultTable(t, s)
	t.Run("a client of another Region", func(t *testing.T) { faultOtherRegion(t, s) })
}

func faultTable(t *testing.T, s *faultServer) {
	answers := faultAnswers()
	for i := range answers {
		answers[i].targets = "small, large" // what is in the body does not matter
	}
	for i, c := range slices.Concat(answers, faultCuts(), faultResumes()) {
		var checks []func()
		for _, o := range s.targets {
			if c.targets != "" && !strings.Contains(c.targets, o.name) {
				continue
			}
			checks = append(checks,
				func() { t.Run(c.name+"/"+o.name+"/sdk", func(t *testing.T) { faultCheck(t, s, c, o, true) }) },
				func() { t.Run(c.name+"/"+o.name+"/lean", func(t *testing.T) { faultCheck(t, s, c, o, false) }) })
		}
		if !testutil.Long() { // one of them for every other fault, in turn
			if checks = checks[i/2%len(checks):][:1]; i%2 != 0 {
				continue
			}
		}
		for _, check := range checks {
			check()
		}
	}
}

// faultCheck reads with requests that are the SDK's alone, or lean ones where that is
// possible.
func faultCheck(t *testing.T, s *faultServer, c faultCase, o *faultTarget, sdk bool) {
	testutil.NoLeaks(t)
	t.Cleanup(s.proxy.Reset)
	src := s.source(t, cmp.Or(c.attempts, 2), faultRegion, sdk)
	faultWarm(t, s, src, o)
	s.proxy.SetFault(func(r faultproxy.Request) faultproxy.Fault {
		if r.Key != o.key {
			return faultproxy.Fault{}
		}
		return c.fault(o, r)
	})
	if c.untagged {
		src = confUntagged(src)
	}
	want := c.want(o)
	r := faultRead(t, src, o, c.opts, qlogs.Cursor{})
	faultRecords(t, o, want, r)
	faultErrors(t, o, want, r.errs)
	gets := s.gets(o)
	least := max(want.gets, 1)
	if most := max(want.maxGets, least); len(gets) < least || len(gets) > most {
		t.Errorf("%d GET requests, want %d to %d: %+v", len(gets), least, most, gets)
	}
	if got := gets[0].Invocation != ""; got != sdk {
		t.Errorf("the first request is of the SDK: %t, want %t", got, sdk)
	}
	for i, g := range gets {
		if (g.IfMatch == "") != c.untagged {
			t.Errorf("GET %d has If-Match %q", i, g.IfMatch)
		}
		if want.offsets != nil && g.Offset != want.offsets[min(i, len(want.offsets)-1)] {
			t.Errorf("GET %d is from byte %d on, want %v", i, g.Offset, want.offsets)
		}
	}

	// When the fault is over nothing is lost, and nothing comes twice.
	s.proxy.Reset()
	all := o.all()
	if want.finished {
		all = slices.Clone(r.ids)
	}
	rest := faultRead(t, s.source(t, 1, faultRegion, sdk), o, nil, r.scan.Cursor())
	rest.noErrors(t)
	got := append(slices.Clone(r.ids), rest.ids...)
	slices.Sort(got)
	slices.Sort(all)
	confSame(t, "records of both scans", got, all)
}

// faultRecords checks that the records are those before the fault, and those of
// the other objects.
func faultRecords(t *testing.T, o *faultTarget, want faultWant, r confScan) {
	t.Helper()
	n := len(r.ids) - 2
	least, most := len(o.ids), len(o.ids)
	if want.fails {
		least, most = o.within(want.read)
	}
	if want.lossy {
		least = 0
	}
	if n < least || n > most {
		t.Fatalf("%d records of the object, want %d to %d", n, least, most)
	}
	confSame(t, "records", r.ids, slices.Concat([]string{faultBefore}, o.ids[:n], []string{faultAfter}))
	for i, e := range r.entries[1 : len(r.entries)-1] {
		if e.Index != i || e.Object.Size != o.size() {
			t.Errorf("record %d has the index %d and an object of %d bytes", i, e.Index, e.Object.Size)
		}
	}
}

func faultErrors(t *testing.T, o *faultTarget, want faultWant, errs []error) {
	t.Helper()
	if !want.fails {
		if len(errs) != 0 {
			t.Errorf("errors = %v, want none", errs)
		}
		return
	}
	var bad *qlogs.ObjectError
	if len(errs) != 1 || !errors.As(errs[0], &bad) {
		t.Fatalf("errors = %v, want one *ObjectError", errs)
	}
	if bad.Key != o.key || bad.Index != -1 || bad.Retryable == want.finished {
		t.Errorf("error %+v, want one of the whole object, pending %t", bad, !want.finished)
	}
	if want.op != "" && bad.Op != want.op {
		t.Errorf("error %v in %q, want %q", bad, bad.Op, want.op)
	}
	for _, class := range faultSentinels {
		if got := errors.Is(bad, class); got != (class == want.class) {
			t.Errorf("errors.Is(%v, %v) = %t", bad, class, got)
		}
	}
	var api smithy.APIError
	if errors.As(bad, &api); want.code != "" && (api == nil || api.ErrorCode() != want.code) {
		t.Errorf("error %v, want the SDK's with the code %s in it", bad, want.code)
	}
	if !strings.Contains(bad.Error(), want.says) {
		t.Errorf("error %q, want %q in it", bad, want.says)
	}
}

// faultOnce has the first request meet a fault, faultAlways each.
func faultOnce(f faultproxy.Fault) func(*faultTarget, faultproxy.Request) faultproxy.Fault {
	return func(_ *faultTarget, r faultproxy.Request) faultproxy.Fault {
		if r.N > 1 {
			return faultproxy.Fault{}
		}
		return f
	}
}

func faultAlways(f faultproxy.Fault) func(*faultTarget, faultproxy.Request) faultproxy.Fault {
	return func(*faultTarget, faultproxy.Request) faultproxy.Fault { return f }
}

func faultIs(w faultWant) func(*faultTarget) faultWant {
	return func(*faultTarget) faultWant { return w }
}

// faultStall is short, and long enough for all that does not stall.
func faultStall() time.Duration {
	if raceEnabled {
		return time.Second
	}
	return 250 * time.Millisecond
}

// faultAnswers are faults before the body, and of what the headers say.
func faultAnswers() []faultCase {
	slow := faultproxy.Fault{Status: 503, Code: "SlowDown"}
	internal := faultproxy.Fault{Status: 500, Code: "InternalError"}
	tag := faultproxy.Fault{Header: http.Header{"Etag": {`"0123456789abcdef0123456789abcdef"`}}}
	failed := func(gets int, class error, code, says string) func(*faultTarget) faultWant {
		return faultIs(faultWant{fails: true, gets: gets, class: class, code: code, says: says, op: "open"})
	}
	changed := faultIs(faultWant{fails: true, gets: 2, class: qlogs.ErrInconsistent, op: "open", finished: true})
	const kms = `User: arn:aws:iam::111122223333:user/reader is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:Decrypt action`
	return []faultCase{
		{name: "none", fault: faultAlways(faultproxy.Fault{}), want: faultIs(faultWant{offsets: []int64{0}})},
		{name: "latency", fault: faultAlways(faultproxy.Fault{Latency: 5 * time.Millisecond}), want: faultIs(faultWant{})},
		{name: "closed, once", fault: faultOnce(faultproxy.Fault{Before: faultproxy.FIN}), want: faultIs(faultWant{gets: 2})},
		{name: "closed, always", fault: faultAlways(faultproxy.Fault{Before: faultproxy.FIN}), want: failed(2, nil, "", "EOF")},
		{name: "reset, once", fault: faultOnce(faultproxy.Fault{Before: faultproxy.RST}), want: faultIs(faultWant{gets: 2})},
		{name: "reset, always", fault: faultAlways(faultproxy.Fault{Before: faultproxy.RST}), want: failed(2, syscall.ECONNRESET, "", "")},
		{name: "503, once", fault: faultOnce(slow), want: faultIs(faultWant{gets: 2})},
		{name: "503, once, no retry", attempts: 1, fault: faultOnce(slow), want: failed(1, nil, "SlowDown", "")},
		{name: "503, always", attempts: 3, fault: faultAlways(slow), want: failed(3, nil, "SlowDown", "")},
		{name: "500, once", fault: faultOnce(internal), want: faultIs(faultWant{gets: 2})},
		{name: "500, always", attempts: 3, fault: faultAlways(internal), want: failed(3, nil, "InternalError", "")},
		{name: "403", fault: faultAlways(faultproxy.Fault{Status: 403, Code: "AccessDenied", Message: "Access Denied"}), want: failed(1, fs.ErrPermission, "AccessDenied", "s3:GetObject")},
		{name: "403 of the key", fault: faultAlways(faultproxy.Fault{Status: 403, Code: "AccessDenied", Message: kms}), want: failed(1, fs.ErrPermission, "AccessDenied", "need kms:Decrypt on the KMS key arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")},
		{name: "expired", fault: faultAlways(faultproxy.Fault{Status: 400, Code: "ExpiredToken", Message: "The provided token has expired."}), want: failed(1, fs.ErrPermission, "ExpiredToken", "the credentials have expired")},
		{name: "404", fault: faultAlways(faultproxy.Fault{Status: 404, Code: "NoSuchKey"}), want: faultIs(faultWant{fails: true, finished: true, class: fs.ErrNotExist, code: "NoSuchKey", op: "open"})},
		{name: "301", fault: faultAlways(faultproxy.Fault{Status: 301, Code: "PermanentRedirect", Header: http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}}), want: failed(1, nil, "PermanentRedirect", `in Region "eu-west-1", not in the S3 client's "us-east-1"`)},
		{name: "stall", opts: &qlogs.Options{StallTimeout: faultStall()}, fault: faultAlways(faultproxy.Fault{Before: faultproxy.Stall}), want: failed(1, qlogs.ErrStalled, "", "")},
		{name: "412, once", fault: faultOnce(faultproxy.Fault{Status: 412, Code: "PreconditionFailed"}), want: faultIs(faultWant{gets: 2})},
		{name: "412, always", fault: faultAlways(faultproxy.Fault{Status: 412, Code: "PreconditionFailed"}), want: faultIs(faultWant{fails: true, gets: 2, class: qlogs.ErrInconsistent, code: "PreconditionFailed", op: "open", finished: true})},
		{name: "wrong ETag, once", fault: faultOnce(tag), want: faultIs(faultWant{gets: 2})},
		{name: "wrong ETag, always", fault: faultAlways(tag), want: changed},
		{name: "no ETag", fault: faultAlways(faultproxy.Fault{Header: http.Header{"Etag": nil}}), want: faultIs(faultWant{})},
		{name: "longer, once", fault: faultOnce(faultproxy.Fault{Longer: 1}), want: faultIs(faultWant{gets: 2})},
		{name: "longer, always", fault: faultAlways(faultproxy.Fault{Longer: 1}), want: changed},
		{name: "shorter, once", fault: faultOnce(faultproxy.Fault{Longer: -1}), want: faultIs(faultWant{gets: 2})},
		{name: "shorter, always", fault: faultAlways(faultproxy.Fault{Longer: -1}), want: changed},
		{name: "no length", fault: faultAlways(faultproxy.Fault{Header: http.Header{"Content-Length": nil}}), want: faultIs(faultWant{})},
	}
}

// faultCuts are bodies that break off at each tenth of what is asked for.
func faultCuts() []faultCase {
	var cases []faultCase
	for tenths := range int64(10) {
		if tenths%testutil.Pick[int64](5, 1) != 0 {
			continue
		}
		for _, how := range []faultproxy.End{faultproxy.FIN, faultproxy.RST} {
			name := "closed"
			if how == faultproxy.RST {
				name = "reset"
			}
			cut := func(o *faultTarget, r faultproxy.Request) faultproxy.Fault {
				return faultproxy.Fault{Within: how, After: faultShare(o, r, tenths)}
			}
			targets := "small, large, plain"
			if how == faultproxy.RST {
				targets = "small, large" // how much comes is not exact in any case
			}
			cases = append(cases, faultCase{
				name: fmt.Sprintf("%s at %d %%, once", name, 10*tenths), targets: targets,
				fault: func(o *faultTarget, r faultproxy.Request) faultproxy.Fault {
					return faultOnce(cut(o, r))(o, r)
				},
				want: func(o *faultTarget) faultWant {
					w := faultWant{gets: 2}
					if how == faultproxy.FIN {
						w.offsets = []int64{0, o.size() * tenths / 10}
					}
					return w
				},
			})
			if tenths == 0 {
				if !testutil.Long() {
					continue
				}
				targets = "small" // it takes pauses, whatever the size
			}
			cases = append(cases, faultCase{
				name: fmt.Sprintf("%s at %d %%, always", name, 10*tenths), targets: targets,
				fault: cut,
				want: func(o *faultTarget) faultWant {
					w := faultModel(o, tenths)
					if how == faultproxy.RST { // what is on the way may be lost
						w.lossy, w.class, w.read = true, syscall.ECONNRESET, o.size()
						w.gets, w.maxGets, w.offsets = 2, 2*(6+int(o.size()>>20)), nil
					}
					return w
				},
			})
		}
	}
	return cases
}

// faultModel is what comes of a body that always closes after so many tenths of
// what is left of it: five resumes that count, and any that follow 1 MiB or more.
func faultModel(o *faultTarget, tenths int64) faultWant {
	w := faultWant{fails: true, class: io.ErrUnexpectedEOF, op: "read", offsets: []int64{0}}
	for breaks := 0; ; w.offsets = append(w.offsets, w.read) {
		w.gets++
		brought := (o.size() - w.read) * tenths / 10
		w.read += brought
		if brought < 1<<20 {
			breaks++
		}
		if breaks > 5 {
			return w
		}
	}
}

// faultResumes are faults of the request that goes on with a body, or is not made.
func faultResumes() []faultCase {
	// The first body is cut in the middle.
	then := func(f faultproxy.Fault) func(*faultTarget, faultproxy.Request) faultproxy.Fault {
		return func(o *faultTarget, r faultproxy.Request) faultproxy.Fault {
			switch r.N {
			case 1:
				return faultproxy.Fault{Within: faultproxy.FIN, After: o.size() / 2}
			case 2:
				return f
			}
			return faultproxy.Fault{}
		}
	}
	half := func(w faultWant) func(*faultTarget) faultWant {
		return func(o *faultTarget) faultWant {
			w.fails, w.read, w.op = true, o.size()/2, "read"
			return w
		}
	}
	// What has changed starts again if it has delivered nothing.
	again := func(w faultWant) func(*faultTarget) faultWant {
		return func(o *faultTarget) faultWant {
			if !o.streamed() {
				return faultWant{gets: 3, offsets: []int64{0, o.size() / 2, 0}}
			}
			return half(w)(o)
		}
	}
	once := then(faultproxy.Fault{})
	stall := func(tenths int64) faultCase {
		return faultCase{
			name: fmt.Sprintf("stall at %d %%", 10*tenths), opts: &qlogs.Options{StallTimeout: faultStall()},
			fault: func(o *faultTarget, r faultproxy.Request) faultproxy.Fault {
				return faultproxy.Fault{Within: faultproxy.Stall, After: faultShare(o, r, tenths)}
			},
			want: func(o *faultTarget) faultWant {
				return faultWant{fails: true, class: qlogs.ErrStalled, op: "read", read: o.size() * tenths / 10}
			},
		}
	}
	return []faultCase{
		stall(0),
		stall(5),
		{name: "cut, then 503 once", fault: then(faultproxy.Fault{Status: 503, Code: "SlowDown"}), want: faultIs(faultWant{gets: 3})},
		{name: "cut, then 503", attempts: 1, fault: then(faultproxy.Fault{Status: 503, Code: "SlowDown"}), want: half(faultWant{gets: 2, code: "SlowDown"})},
		{name: "cut, then 403", fault: then(faultproxy.Fault{Status: 403, Code: "AccessDenied"}), want: half(faultWant{gets: 2, class: fs.ErrPermission, code: "AccessDenied"})},
		{name: "cut, then 404", fault: then(faultproxy.Fault{Status: 404, Code: "NoSuchKey"}), want: half(faultWant{gets: 2, class: fs.ErrNotExist, code: "NoSuchKey", finished: true})},
		{name: "cut, then 412", fault: then(faultproxy.Fault{Status: 412, Code: "PreconditionFailed"}), want: again(faultWant{gets: 2, class: qlogs.ErrChanged, code: "PreconditionFailed"})},
		{name: "cut, then 416", fault: then(faultproxy.Fault{Status: 416, Code: "InvalidRange"}), want: again(faultWant{gets: 2, class: qlogs.ErrChanged, code: "InvalidRange"})},
		{name: "cut, then another ETag", fault: then(faultproxy.Fault{Header: http.Header{"Etag": {`"other"`}}}), want: again(faultWant{gets: 2, class: qlogs.ErrChanged})},
		{name: "cut, then another length", fault: then(faultproxy.Fault{Longer: 1}), want: again(faultWant{gets: 2, class: qlogs.ErrChanged})},
		{name: "cut, then another range", fault: then(faultproxy.Fault{Header: http.Header{"Content-Range": {"bytes 1-2/3"}}}), want: half(faultWant{gets: 2, says: `the range "bytes 1-2/3" was sent`})},
		{name: "cut, then stall", opts: &qlogs.Options{StallTimeout: faultStall()}, fault: then(faultproxy.Fault{Before: faultproxy.Stall}), want: half(faultWant{gets: 2, class: qlogs.ErrStalled})},
		{name: "cut, no resumes", opts: &qlogs.Options{MaxResumes: -1}, fault: once, want: half(faultWant{gets: 1, class: io.ErrUnexpectedEOF})},
		{name: "cut, no ETag", untagged: true, fault: once, want: half(faultWant{gets: 1, class: io.ErrUnexpectedEOF})},
		{name: "cut twice, one resume", opts: &qlogs.Options{MaxResumes: 1}, fault: faultAlways(faultproxy.Fault{Within: faultproxy.FIN, After: 150}), want: func(o *faultTarget) faultWant {
			return faultWant{fails: true, gets: 2, class: io.ErrUnexpectedEOF, op: "read", read: 300}
		}},
	}
}

// faultOtherRegion reads with a client that is set to a Region where the bucket is not.
func faultOtherRegion(t *testing.T, s *faultServer) {
	testutil.NoLeaks(t)
	t.Cleanup(s.proxy.Reset)
	r := faultRead(t, s.source(t, 2, "eu-west-1", false), s.targets[0], nil, qlogs.Cursor{})
	if len(r.ids) != 0 || len(r.errs) != 1 {
		t.Fatalf("records %q, errors %v, want one error", r.ids, r.errs)
	}
	if want := `bucket "faults" is in Region "us-east-1", not in the S3 client's "eu-west-1": set the client's Region to "us-east-1"`; !strings.Contains(r.errs[0].Error(), want) {
		t.Errorf("error %q, want %q in it", r.errs[0], want)
	}
}
