package qlogs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/qlogs"
)

// wrongGets are answers to GET that are well formed and wrong.
var wrongGets = []struct {
	name   string
	change func(*rewrite.Answer)
	ranged bool  // the change is of the answer to a request that goes on; the first one breaks off
	want   error // nil if the object is read as it is
	says   string
}{
	{"an HTML page", wrongBody(wrongHTML), false, qlogs.ErrInconsistent, "250 bytes listed, 90 bytes sent"},
	{"an HTML page without an ETag", wrongAll(wrongBody(wrongHTML), wrongHeader("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 90 bytes sent"},
	{"an HTML page without an ETag, in chunks", wrongAll(wrongBody(wrongHTML), wrongHeader("ETag"), wrongHeader("Content-Length")), false, qlogs.ErrInconsistent, "more than the 250 bytes listed"},
	{"an HTML page of the object's length", func(a *rewrite.Answer) {
		a.Body = append([]byte(wrongHTML), bytes.Repeat([]byte(" "), len(a.Body)-len(wrongHTML))...)
	}, false, qlogs.ErrCorruptJSON, "not JSON but HTML"},
	{"a page that redirects, with status 200", wrongAll(wrongBody(`<html><meta http-equiv="refresh" content="0; url=/login"/></html>`), wrongHeader("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 65 bytes sent"},
	{"an S3 error with status 200", wrongAll(wrongBody(`<Error><Code>InternalError</Code></Error>`), wrongHeader("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 41 bytes sent"},
	{"an S3 error with status 200, in chunks", wrongAll(wrongBody(`<Error><Code>InternalError</Code></Error>`), wrongHeader("ETag"), wrongHeader("Content-Length")), false, qlogs.ErrInconsistent, "250 bytes listed, 246 bytes sent"},
	{"JSON of another kind", wrongAll(wrongBody(`{"message":"ok"}`), wrongHeader("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 16 bytes sent"},
	{"nothing", wrongBody(""), false, qlogs.ErrInconsistent, "250 bytes listed, 0 bytes sent"},
	{"nothing, without an ETag", wrongAll(wrongBody(""), wrongHeader("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 0 bytes sent"},
	{"nothing, with status 204", wrongAll(wrongBody(""), wrongStatus(204), wrongHeader("ETag"), wrongHeader("Content-Length")), false, qlogs.ErrInconsistent, "250 bytes listed, 0 bytes sent"},
	{"status 202, and nothing", wrongAll(wrongBody(""), wrongStatus(202)), false, qlogs.ErrInconsistent, "250 bytes listed, 0 bytes sent"},
	{"another ETag", wrongHeader("ETag", `"other"`), false, qlogs.ErrInconsistent, `"other" was sent`},
	{"a body that is longer", func(a *rewrite.Answer) { a.Body = append(a.Body, a.Body...) }, false, qlogs.ErrInconsistent, "250 bytes listed, 500 bytes sent"},
	{"a body that is longer, in chunks", wrongAll(func(a *rewrite.Answer) { a.Body = append(a.Body, 0) }, wrongHeader("Content-Length")), false, qlogs.ErrInconsistent, "more than the 250 bytes listed"},
	{"a body that is shorter", func(a *rewrite.Answer) { a.Body = a.Body[:20] }, false, qlogs.ErrInconsistent, "250 bytes listed, 20 bytes sent"},
	{"a length that is too long", func(a *rewrite.Answer) { a.Header.Set("Content-Length", fmt.Sprint(len(a.Body)+10)) }, false, qlogs.ErrInconsistent, "250 bytes listed, 260 bytes sent"},
	{"a length that is too short", func(a *rewrite.Answer) { a.Header.Set("Content-Length", fmt.Sprint(len(a.Body)-10)) }, false, io.EOF, "request send failed"},
	{"gzip undone", wrongAll(wrongBody(`{"records":[]}`), wrongHeader("Content-Encoding")), false, qlogs.ErrInconsistent, "250 bytes listed, 14 bytes sent: find what changes bodies or ETags on the way"},
	{"another object of that length", func(a *rewrite.Answer) {
		a.Body = confChat("9999", confStart())
		a.Header.Set("ETag", `"other"`)
	}, false, qlogs.ErrInconsistent, `"other" was sent`},
	{"a part from another place", wrongAll(wrongStatus(206), wrongHeader("Content-Range", "bytes 50-281/999")), false, errors.ErrUnsupported, `the bytes from 0 on were asked for, the range "bytes 50-281/999" was sent`},
	{"a part from the start, of more", func(a *rewrite.Answer) {
		a.Status = 206
		a.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(a.Body)-1, len(a.Body)+50))
		a.Header.Del("ETag")
	}, false, qlogs.ErrInconsistent, `250 bytes listed, the range "bytes 0-249/300" was sent`},
	{"a range that is none", wrongAll(wrongStatus(206), wrongHeader("Content-Range", "items 1-2/3")), false, errors.ErrUnsupported, `the range "items 1-2/3" was sent`},
	{"not modified", wrongAll(wrongBody(""), wrongStatus(304), wrongHeader("Content-Length")), false, errFaultAny, "StatusCode: 304"},
	{"a redirect to nowhere", wrongAll(wrongBody(""), wrongStatus(300)), false, errFaultAny, "StatusCode: 300"},

	{"no ETag", wrongHeader("ETag"), false, nil, ""},
	{"an ETag without quotes", func(a *rewrite.Answer) { a.Header.Set("ETag", strings.Trim(a.Header.Get("ETag"), `"`)) }, false, nil, ""},
	{"a weak ETag", func(a *rewrite.Answer) { a.Header.Set("ETag", "W/"+a.Header.Get("ETag")) }, false, nil, ""},
	{"no length", wrongHeader("Content-Length"), false, nil, ""},
	{"gzip left, and said", wrongHeader("Content-Encoding", "gzip"), false, nil, ""},
	{"gzip said twice", wrongHeader("Content-Encoding", "gzip, gzip"), false, nil, ""},
	{"the type of HTML", wrongHeader("Content-Type", "text/html"), false, nil, ""},
	{"the whole as a part", func(a *rewrite.Answer) {
		a.Status = 206
		a.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(a.Body)-1, len(a.Body)))
	}, false, nil, ""},
	{"the whole as a part of unknown length", func(a *rewrite.Answer) {
		a.Status = 206
		a.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/*", len(a.Body)-1))
	}, false, nil, ""},

	{"the whole for a range", func(a *rewrite.Answer) {
		a.Status = 200
		a.Header.Del("Content-Range")
	}, true, errors.ErrUnsupported, `the bytes from 100 on were asked for, the range "" was sent: the store has to serve ranges`},
	{"a range that is another", wrongHeader("Content-Range", "bytes 0-9/999"), true, errors.ErrUnsupported, `the range "bytes 0-9/999" was sent`},
	{"a range of something longer", func(a *rewrite.Answer) {
		a.Header.Set("Content-Range", strings.Split(a.Header.Get("Content-Range"), "/")[0]+"/99999")
		a.Header.Del("ETag")
	}, true, qlogs.ErrInconsistent, `250 bytes listed, the range "bytes 100-249/99999" was sent`},
	{"a range that ends earlier, in chunks", func(a *rewrite.Answer) {
		from, _, _ := strings.Cut(a.Header.Get("Content-Range"), "-")
		a.Header.Set("Content-Range", from+"-120/99999")
		a.Header.Del("ETag")
		a.Header.Del("Content-Length")
	}, true, qlogs.ErrInconsistent, `the range "bytes 100-120/99999" was sent`},
	{"a range of another ETag", wrongHeader("ETag", `"other"`), true, qlogs.ErrInconsistent, `"other" was sent`},
	{"an HTML page for a range", wrongAll(wrongBody(wrongHTML), wrongStatus(200), wrongHeader("Content-Range"), wrongHeader("ETag")), true, errors.ErrUnsupported, `the range "" was sent`},
	{"a range of unknown length", func(a *rewrite.Answer) {
		a.Header.Set("Content-Range", strings.Split(a.Header.Get("Content-Range"), "/")[0]+"/*")
	}, true, nil, ""},
	{"a range without an ETag", wrongHeader("ETag"), true, nil, ""},
}

func TestWrongGetAnswers(t *testing.T)       { wrongGetAnswers(t, newWrongMem(t)) }
func TestRealS3WrongGetAnswers(t *testing.T) { wrongGetAnswers(t, newWrongReal(t)) }

// An answer to GET that is not the object costs that object alone, and is an error: never
// records of something else, and never fewer.
func wrongGetAnswers(t *testing.T, s *wrongStore) {
	for i, tt := range wrongGets {
		t.Run(tt.name, func(t *testing.T) {
			for n, client := range wrongClients[:2] {
				if !testutil.Long() && n != i%2 {
					continue // a quick run has both in turn
				}
				s.spoil(func(r wrongRequest) wrongFault {
					switch {
					case r.op != "GetObject" || r.key != s.keys[3]:
						return wrongFault{}
					case tt.ranged && !r.ranged:
						return wrongFault{cut: 100}
					}
					return wrongFault{change: wrongChecked(t, tt.change)}
				})
				r := confRead(t.Context(), client.src(s.sdk), qlogs.Query{Prefix: "p/AWSLogs/111122223333/KiroLogs/"}, 0)
				stats := r.scan.Stats()
				if tt.want == nil {
					r.noErrors(t)
					confSame(t, client.name, r.ids, confIDs(6))
					continue
				}
				confSame(t, client.name, r.ids, confIDs(6, "0003"))
				var bad *qlogs.ObjectError
				if len(r.errs) != 1 || !errors.As(r.errs[0], &bad) || bad.Key != s.keys[3] || tt.want != errFaultAny && !errors.Is(bad, tt.want) || !strings.Contains(bad.Error(), tt.says) {
					t.Errorf("%s: errors %q, want one of the object that is %v and says %q", client.name, r.errs, tt.want, tt.says)
				}
				if strings.Contains(fmt.Sprint(r.errs), "Welcome") {
					t.Errorf("%s: error %q shows the answer", client.name, r.errs)
				}
				if stats.Read != 5 || stats.Failed != 1 || stats.RecordsYielded != 5 {
					t.Errorf("%s: Stats %+v, want 5 objects read and one failed", client.name, stats)
				}
			}
		})
	}
}
