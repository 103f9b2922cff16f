package wrong

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/qlogs"
)

// A Get is an answer to GET.
type Get struct {
	Name   string
	Change func(*rewrite.Answer)
	Ranged bool // the change is of the answer to a request that goes on; the first one breaks off

	// Want is what the object's error is of, if the answer is always that; nil if the object
	// is read as it is. ErrAny is any error that is retryable.
	Want error
	Says string // part of the error
}

// ErrAny stands for an error of no class.
var ErrAny = errors.New("any")

// foreign takes from an answer what only a store sends.
var foreign = All(Header("ETag"), Header("Content-Type", "text/html"), Header("X-Amz-Request-Id"), Header("X-Amz-Id-2"))

// Gets are answers to GET that are well formed and wrong or unusual. They are of objects of
// 250 bytes, and break off after 100 bytes.
var Gets = []Get{
	{"an HTML page", Body(HTML), false, qlogs.ErrInconsistent, "250 bytes listed, 90 bytes sent"},
	{"an HTML page without an ETag", All(Body(HTML), Header("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 90 bytes sent"},
	{"an HTML page without an ETag, in chunks", All(Body(HTML), Header("ETag"), Header("Content-Length")), false, qlogs.ErrInconsistent, "250 bytes listed, 90 bytes sent, and no ETag"},
	{"an HTML page of the object's length", func(a *rewrite.Answer) {
		a.Body = append([]byte(HTML), bytes.Repeat([]byte(" "), len(a.Body)-len(HTML))...)
	}, false, qlogs.ErrCorruptJSON, "not JSON but HTML"},
	{"a page that redirects, with status 200", All(Body(`<html><meta http-equiv="refresh" content="0; url=/login"/></html>`), Header("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 65 bytes sent"},
	{"an S3 error with status 200", All(Body(`<Error><Code>InternalError</Code></Error>`), Header("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 41 bytes sent"},
	{"an S3 error with status 200, in chunks", All(Body(`<Error><Code>InternalError</Code></Error>`), Header("ETag"), Header("Content-Length")), false, qlogs.ErrInconsistent, "250 bytes listed, 41 bytes sent, and no ETag"},
	{"JSON of another kind", All(Body(`{"message":"ok"}`), Header("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 16 bytes sent"},
	{"nothing", Body(""), false, qlogs.ErrInconsistent, "250 bytes listed, 0 bytes sent"},
	{"nothing, without an ETag", All(Body(""), Header("ETag")), false, qlogs.ErrInconsistent, "250 bytes listed, 0 bytes sent"},
	{"nothing, with status 204", All(Body(""), Status(204), Header("ETag"), Header("Content-Length")), false, qlogs.ErrInconsistent, "250 bytes listed, 0 bytes sent"},
	{"status 202, and nothing", All(Body(""), Status(202)), false, qlogs.ErrInconsistent, "250 bytes listed, 0 bytes sent"},
	{"another ETag", Header("ETag", `"other"`), false, qlogs.ErrInconsistent, `"other" was sent`},
	{"a body that is longer", func(a *rewrite.Answer) { a.Body = append(a.Body, a.Body...) }, false, qlogs.ErrInconsistent, "250 bytes listed, 500 bytes sent"},
	{"a body that is longer, in chunks", All(func(a *rewrite.Answer) { a.Body = append(a.Body, 0) }, Header("Content-Length")), false, qlogs.ErrInconsistent, "more than the 250 bytes listed"},
	{"a body that is shorter", func(a *rewrite.Answer) { a.Body = a.Body[:20] }, false, qlogs.ErrInconsistent, "250 bytes listed, 20 bytes sent"},
	{"a length that is too long", func(a *rewrite.Answer) { a.Header.Set("Content-Length", fmt.Sprint(len(a.Body)+10)) }, false, qlogs.ErrInconsistent, "250 bytes listed, 260 bytes sent"},
	{"a length that is too short", func(a *rewrite.Answer) { a.Header.Set("Content-Length", fmt.Sprint(len(a.Body)-10)) }, false, io.EOF, "request send failed"},
	{"gzip undone", All(Body(`{"records":[]}`), Header("Content-Encoding")), false, qlogs.ErrInconsistent, "250 bytes listed, 14 bytes sent: find what changes bodies or ETags on the way"},
	{"another object of that length", func(a *rewrite.Answer) {
		a.Body = bytes.Repeat([]byte("x"), len(a.Body))
		a.Header.Set("ETag", `"other"`)
	}, false, qlogs.ErrInconsistent, `"other" was sent`},
	{"a part from another place", All(Status(206), Header("Content-Range", "bytes 50-281/999")), false, ErrAny, `the bytes from 0 on were asked for, the range "bytes 50-281/999" was sent`},
	{"a part from the start, of more", func(a *rewrite.Answer) {
		a.Status = 206
		a.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(a.Body)-1, len(a.Body)+50))
		a.Header.Del("ETag")
	}, false, qlogs.ErrInconsistent, `250 bytes listed, the range "bytes 0-249/300" was sent`},
	{"a range that is none", All(Status(206), Header("Content-Range", "items 1-2/3")), false, ErrAny, `the range "items 1-2/3" was sent`},
	{"an HTML page with status 404", All(Body(HTML), Status(404), foreign), false, fs.ErrNotExist, "find what answers in the place of the store"},
	{"an HTML page with status 405", All(Body(HTML), Status(405), foreign), false, ErrAny, "StatusCode: 405"},
	{"an HTML page with status 501", All(Body(HTML), Status(501), foreign), false, ErrAny, "StatusCode: 501"},
	{"nothing, with status 404", All(Body(""), Status(404), foreign, Header("Content-Type")), false, fs.ErrNotExist, "find what answers in the place of the store"},
	{"not modified", All(Body(""), Status(304), Header("Content-Length")), false, ErrAny, "StatusCode: 304"},
	{"a redirect to nowhere", All(Body(""), Status(300)), false, ErrAny, "StatusCode: 300"},

	{"no ETag", Header("ETag"), false, nil, ""},
	{"an ETag without quotes", func(a *rewrite.Answer) { a.Header.Set("ETag", strings.Trim(a.Header.Get("ETag"), `"`)) }, false, nil, ""},
	{"a weak ETag", func(a *rewrite.Answer) { a.Header.Set("ETag", "W/"+a.Header.Get("ETag")) }, false, nil, ""},
	{"no length", Header("Content-Length"), false, nil, ""},
	{"gzip left, and said", Header("Content-Encoding", "gzip"), false, nil, ""},
	{"gzip said twice", Header("Content-Encoding", "gzip, gzip"), false, nil, ""},
	{"the type of HTML", Header("Content-Type", "text/html"), false, nil, ""},
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
	}, true, ErrAny, `the bytes from 100 on were asked for, the range "" was sent: the store has to serve ranges`},
	{"a range that is another", Header("Content-Range", "bytes 0-9/999"), true, ErrAny, `the range "bytes 0-9/999" was sent`},
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
	{"a range of another ETag", Header("ETag", `"other"`), true, qlogs.ErrInconsistent, `"other" was sent`},
	{"an HTML page for a range", All(Body(HTML), Status(200), Header("Content-Range"), Header("ETag")), true, ErrAny, `the range "" was sent`},
	{"a range of unknown length", func(a *rewrite.Answer) {
		a.Header.Set("Content-Range", strings.Split(a.Header.Get("Content-Range"), "/")[0]+"/*")
	}, true, nil, ""},
	{"a range without an ETag", Header("ETag"), true, nil, ""},
}
