package qlogs_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

const (
	wrongHTML  = `<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Welcome</p></body></html>`
	wrongHead  = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	wrongSpace = `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
)

// wrongBody answers with another document.
func wrongBody(doc string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) { a.Body = []byte(doc) }
}

// wrongText replaces a part of the answer.
func wrongText(from, to string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) { a.Body = bytes.Replace(a.Body, []byte(from), []byte(to), 1) }
}

// wrongElement replaces the content of the first element of a name.
func wrongElement(name, content string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) {
		start, end := bytes.Index(a.Body, []byte("<"+name+">")), bytes.Index(a.Body, []byte("</"+name+">"))
		if start >= 0 && end >= 0 {
			a.Body = slices.Concat(a.Body[:start], []byte(content), a.Body[end+len("</"+name+">"):])
		}
	}
}

// wrongEach replaces all parts of the answer.
func wrongEach(from, to string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) { a.Body = bytes.ReplaceAll(a.Body, []byte(from), []byte(to)) }
}

func wrongAll(changes ...func(*rewrite.Answer)) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) {
		for _, change := range changes {
			change(a)
		}
	}
}

func wrongHeader(name string, values ...string) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) {
		a.Header[http.CanonicalHeaderKey(name)] = values
		if len(values) == 0 {
			a.Header.Del(name)
		}
	}
}

func wrongStatus(status int) func(*rewrite.Answer) {
	return func(a *rewrite.Answer) { a.Status = status }
}

// wrongLists are answers to LIST that are well formed, or nearly, and wrong.
var wrongLists = []struct {
	name   string
	change func(*rewrite.Answer)
	says   string // part of the error; empty if the listing is read as it is
	own    bool   // the document has to be seen: a client that keeps its answers to itself takes it for a listing
}{
	{name: "an HTML page", change: wrongBody(wrongHTML), says: "no listing"},
	{name: "an HTML page that is not XML", change: wrongBody(`<html><body><br>Welcome & so on<p></body></html>`), says: "no listing"},
	{name: "an HTML page with the type of HTML", change: wrongAll(wrongBody(wrongHTML), wrongHeader("Content-Type", "text/html")), says: "no listing"},
	{name: "an HTML page with status 203, as from a proxy", change: wrongAll(wrongBody(wrongHTML), wrongStatus(203)), says: "no listing"},
	{name: "an HTML page with an element Name", change: wrongBody(`<html><Name>Welcome</Name></html>`), says: "no listing"},
	{name: "an HTML page with the bucket's name", change: wrongBody(`<html><Name>logs</Name></html>`), says: "no listing", own: true},
	{name: "nothing", change: wrongBody(""), says: "no listing"},
	{name: "nothing, in chunks", change: wrongAll(wrongBody(""), wrongHeader("Content-Length")), says: "no listing"},
	{name: "nothing, with status 204", change: wrongAll(wrongBody(""), wrongStatus(204), wrongHeader("Content-Length")), says: "no listing"},
	{name: "spaces", change: wrongBody(" \n\n"), says: "no listing"},
	{name: "an XML declaration alone", change: wrongBody(wrongHead), says: "no listing"},
	{name: "a comment alone", change: wrongBody("<!-- maintenance -->"), says: "no listing"},
	{name: "JSON", change: wrongBody(`{"Contents":[],"IsTruncated":false}`), says: "no listing"},
	{name: "a JSON list", change: wrongBody(`[]`), says: "no listing"},
	{name: "text", change: wrongBody("upstream connect error or disconnect/reset before headers"), says: "no listing"},
	{name: "OK", change: wrongBody("OK"), says: "no listing"},
	{name: "bytes that are gzip", change: wrongBody("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), says: "no listing"},
	{name: "an S3 error with status 200", change: wrongBody(wrongHead + `<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>`), says: "InternalError"},
	{name: "an S3 error with status 200 in S3's namespace", change: wrongBody(`<Error ` + wrongSpace + `><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>`), says: "SlowDown"},
	{name: "the list of buckets", change: wrongBody(wrongHead + `<ListAllMyBucketsResult ` + wrongSpace + `><Owner><ID>1</ID></Owner><Buckets><Bucket><Name>logs</Name></Bucket></Buckets></ListAllMyBucketsResult>`), says: "no listing"},
	{name: "a listing of versions", change: wrongEach("ListBucketResult", "ListVersionsResult"), says: "no listing", own: true},
	{name: "a listing of uploads, which is empty", change: wrongBody(wrongHead + `<ListMultipartUploadsResult ` + wrongSpace + `><Bucket>logs</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`), says: "no listing", own: true},
	{name: "an empty listing of versions", change: wrongBody(wrongHead + `<ListVersionsResult ` + wrongSpace + `><Name>logs</Name><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListVersionsResult>`), says: "no listing", own: true},
	{name: "the location of the bucket", change: wrongBody(wrongHead + `<LocationConstraint ` + wrongSpace + `/>`), says: "no listing"},
	{name: "the root alone", change: wrongBody(`<ListBucketResult/>`), says: "no listing"},
	{name: "the root alone, with a namespace", change: wrongBody(wrongHead + `<ListBucketResult ` + wrongSpace + `></ListBucketResult>`), says: "no listing"},
	{name: "the root with a prefix alone", change: wrongBody(`<ListBucketResult><Prefix></Prefix></ListBucketResult>`), says: "no listing"},
	{name: "a root of nearly that name", change: wrongEach("ListBucketResult", "ListBucketResults"), says: "no listing", own: true},
	{name: "a listing within another root", change: func(a *rewrite.Answer) {
		a.Body = []byte("<Response>" + strings.TrimPrefix(string(a.Body), wrongHead) + "</Response>")
	}, says: "no listing"},
	{name: "an empty listing, and then the listing", change: func(a *rewrite.Answer) {
		a.Body = append([]byte(`<ListBucketResult><Name>logs</Name><IsTruncated>false</IsTruncated></ListBucketResult>`), bytes.TrimPrefix(a.Body, []byte(wrongHead))...)
	}, says: "no listing", own: true},
	{name: "the listing, and then an error", change: func(a *rewrite.Answer) { a.Body = append(a.Body, "<Error><Code>InternalError</Code></Error>"...) }, says: "no listing", own: true},
	{name: "the listing, and then text", change: func(a *rewrite.Answer) { a.Body = append(a.Body, "0\r\n\r\n"...) }, says: "no listing", own: true},
	{name: "text, and then the listing", change: func(a *rewrite.Answer) { a.Body = append([]byte("ok "), a.Body...) }, says: "no listing", own: true},
	{name: "the listing cut in an element, with that length", change: func(a *rewrite.Answer) { a.Body = a.Body[:len(a.Body)-30] }, says: "no listing"},
	{name: "the listing cut before its end tag", change: wrongText("</ListBucketResult>", ""), says: "no listing"},
	{name: "the listing cut in the first third", change: func(a *rewrite.Answer) { a.Body = a.Body[:len(a.Body)/3] }, says: "no listing"},
	{name: "a listing of another prefix", change: wrongElement("Prefix", "<Prefix>other/</Prefix>"), says: "another prefix"},
	{name: "an empty listing of another prefix", change: wrongBody(`<ListBucketResult><Name>logs</Name><Prefix>other/</Prefix><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`), says: "another prefix"},
	{name: "an empty listing of the whole bucket", change: wrongBody(`<ListBucketResult><Name>logs</Name><Prefix></Prefix><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`), says: "another prefix"},
	{name: "more keys counted than there are", change: wrongElement("KeyCount", "<KeyCount>7</KeyCount>"), says: "7 keys"},
	{name: "keys counted, and none there", change: wrongBody(`<ListBucketResult><Name>logs</Name><KeyCount>6</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`), says: "6 keys"},
	{name: "an object without a key", change: wrongText("<Contents>", "<Contents></Contents><Contents>"), says: "without a key"},
	{name: "a folder without a name", change: wrongText("<IsTruncated>", "<CommonPrefixes></CommonPrefixes><IsTruncated>"), says: "without a name"},
	{name: "more to follow, and no token", change: wrongText("<IsTruncated>false", "<IsTruncated>true"), says: "no continuation token"},
	{name: "a count that is no number", change: wrongElement("KeyCount", "<KeyCount>many</KeyCount>"), says: "no listing"},
	{name: "an end that is neither true nor false", change: wrongText("<IsTruncated>false", "<IsTruncated>perhaps"), says: "no listing"},

	{name: "the listing with the type of HTML", change: wrongHeader("Content-Type", "text/html; charset=utf-8")},
	{name: "the listing without a type", change: wrongHeader("Content-Type")},
	{name: "the listing in chunks", change: wrongHeader("Content-Length")},
	{name: "the listing with status 206", change: wrongStatus(206)},
	{name: "the listing in a namespace with a prefix", change: func(a *rewrite.Answer) {
		a.Body = regexp.MustCompile(`<(/?)([A-Za-z])`).ReplaceAll(a.Body, []byte("<${1}s3:$2"))
		a.Body = bytes.Replace(a.Body, []byte("xmlns="), []byte("xmlns:s3="), 1)
	}},
	{name: "the listing in another namespace", change: wrongText("http://s3.amazonaws.com/doc/2006-03-01/", "urn:other")},
	{name: "the listing behind a comment and before one", change: func(a *rewrite.Answer) {
		a.Body = slices.Concat([]byte(wrongHead+"<!-- <ListAllMyBucketsResult> -->"), bytes.TrimPrefix(a.Body, []byte(wrongHead)), []byte("\n<!-- cached -->\n"))
	}},
	{name: "the listing behind line ends and a byte order mark", change: func(a *rewrite.Answer) {
		a.Body = append([]byte("\ufeff\r\n"), bytes.TrimPrefix(a.Body, []byte(wrongHead))...)
	}},
	{name: "the listing without a count", change: wrongElement("KeyCount", "")},
	{name: "the listing with a count of fewer", change: wrongElement("KeyCount", "<KeyCount>0</KeyCount>")},
	{name: "the listing without a prefix", change: wrongElement("Prefix", "")},
	{name: "the listing with an empty prefix", change: wrongElement("Prefix", "<Prefix></Prefix>")},
	{name: "the listing with an encoded prefix", change: func(a *rewrite.Answer) {
		start, end := bytes.Index(a.Body, []byte("<Prefix>")), bytes.Index(a.Body, []byte("</Prefix>"))
		a.Body = slices.Concat(a.Body[:start], bytes.ReplaceAll(a.Body[start:end], []byte("/"), []byte("%2F")), a.Body[end:])
		a.Body = bytes.Replace(a.Body, []byte("<Prefix%3E"), []byte("<Prefix>"), 1)
	}},
	{name: "the listing with the name of another bucket", change: wrongElement("Name", "<Name>alias</Name>")},
	{name: "the listing without a name, a count and an end", change: wrongAll(wrongElement("Name", ""), wrongElement("KeyCount", ""), wrongElement("MaxKeys", ""), wrongElement("IsTruncated", ""))},
	{name: "an element that nobody knows", change: wrongText("<IsTruncated>", "<Cached>true</Cached><IsTruncated>")},
}

// wrongClients are the ways to read a bucket.
var wrongClients = []struct {
	name string
	src  func(c *s3.Client) qlogs.Source
	own  bool // its answers cannot be seen
}{
	{"a client", func(c *s3.Client) qlogs.Source { return qlogs.S3(c, "logs", nil) }, false},
	{"PlainSDK", func(c *s3.Client) qlogs.Source { return qlogs.S3(c, "logs", &qlogs.S3Options{PlainSDK: true}) }, false},
	{"a traced client", func(c *s3.Client) qlogs.Source {
		return qlogs.S3(s3.New(c.Options(), func(o *s3.Options) { o.TracerProvider = leanTracer{} }), "logs", nil)
	}, false},
	{"a wrapped client", func(c *s3.Client) qlogs.Source { return qlogs.S3(wrappedAPI{c}, "logs", nil) }, false},
	{"a client that keeps its answers to itself", func(c *s3.Client) qlogs.Source { return qlogs.S3(sdkLister{c}, "logs", nil) }, true},
}

// wrongServer has six logs. Its client does not pause between attempts.
func wrongServer(t *testing.T) (*s3Server, *s3.Client) {
	s := newS3Server(t, 6)
	return s, s3.New(s.client.Options(), func(o *s3.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 2, 1, ratelimit.None
		})
	})
}

func (s *s3Server) change(f func(s3mem.Request) func(*rewrite.Answer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = func(r s3mem.Request) *s3mem.Fault {
		if change := f(r); change != nil {
			return &s3mem.Fault{Change: change}
		}
		return nil
	}
}

// An answer to LIST that is no listing is asked for again. If there is no better one, the
// listing has failed: nothing is lost, and the rest comes when it works again.
func TestWrongListAnswers(t *testing.T) {
	partition := confPartition("p", path.GenerateAssistantResponse).String()
	for _, tt := range wrongLists {
		t.Run(tt.name, func(t *testing.T) {
			s, sdk := wrongServer(t)
			for _, client := range wrongClients {
				if tt.own && client.own {
					continue
				}
				src := client.src(sdk)
				asked := 0
				s.change(func(r s3mem.Request) func(*rewrite.Answer) {
					if r.Op != "ListObjectsV2" || r.Prefix != partition {
						return nil
					}
					asked++
					return tt.change
				})
				r := confRead(t.Context(), src, qlogs.Query{Prefix: partition}, 0)
				stats := r.scan.Stats()
				if tt.says == "" {
					r.noErrors(t)
					confSame(t, client.name, r.ids, confIDs(6))
					if asked != 1 || stats.Listed != 6 || stats.Read != 6 {
						t.Errorf("%s: %d requests, %d listed, %d read, want 1, 6 and 6", client.name, asked, stats.Listed, stats.Read)
					}
					continue
				}
				var failed *qlogs.PartitionError
				if len(r.errs) != 1 || !errors.As(r.errs[0], &failed) || failed.Prefix != partition || !strings.Contains(failed.Error(), tt.says) {
					t.Errorf("%s: errors %q, want one of the partition that says %q", client.name, r.errs, tt.says)
				}
				if strings.Contains(fmt.Sprint(r.errs), "Welcome") {
					t.Errorf("%s: error %q shows the answer", client.name, r.errs)
				}
				if stats.Read != int64(len(r.ids)) || stats.Failed != 0 || stats.Partitions != 1 {
					t.Errorf("%s: Stats %+v of %d records", client.name, stats, len(r.ids))
				}
				if client.name != wrongClients[0].name { // the rest is the scan's alone
					continue
				}
				s.change(func(s3mem.Request) func(*rewrite.Answer) { return nil })
				rest := r.resume(t, src, qlogs.Query{Prefix: partition})
				rest.noErrors(t)
				confSame(t, client.name+": both scans", append(r.ids, rest.ids...), confIDs(6))
			}
		})
	}
}

// What is wrong once is right when it is asked for again, at any place.
func TestWrongListAnswersOnce(t *testing.T) {
	for _, tt := range wrongLists {
		if tt.says == "" || tt.says == "no continuation token" {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			s, sdk := wrongServer(t)
			seen := map[string]bool{}
			s.change(func(r s3mem.Request) func(*rewrite.Answer) {
				if r.Op != "ListObjectsV2" || r.Prefix == "" || seen[r.Prefix] {
					return nil
				}
				seen[r.Prefix] = true
				return func(a *rewrite.Answer) {
					good := string(a.Body)
					if tt.change(a); string(a.Body) == good && a.Status == http.StatusOK {
						a.Body = nil // it has no such element
					}
				}
			})
			r := confRead(t.Context(), qlogs.S3(sdk, "logs", nil), qlogs.Query{}, 0)
			r.noErrors(t)
			confSame(t, "records", r.ids, confIDs(6))
			if lists := len(s.requests("ListObjectsV2")); lists != 1+2*len(seen) {
				t.Errorf("%d requests for %d listings, want two for each but the first", lists, 1+len(seen))
			}
		})
	}
}

// In discovery, and in look-ups of objects, an answer that is no listing does not mean that
// there is nothing.
func TestWrongListAnswersElsewhere(t *testing.T) {
	for _, tt := range wrongLists {
		if tt.says == "" || tt.says == "no continuation token" { // which comes behind what was asked for
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			s, sdk := wrongServer(t)
			src := qlogs.S3(sdk, "logs", nil)
			spoil := func(match func(s3mem.Request) bool) {
				s.change(func(r s3mem.Request) func(*rewrite.Answer) {
					if r.Op != "ListObjectsV2" || !match(r) {
						return nil
					}
					return func(a *rewrite.Answer) {
						good := string(a.Body)
						if tt.change(a); string(a.Body) == good && a.Status == http.StatusOK {
							a.Body = nil
						}
					}
				})
			}
			folder := "p/AWSLogs/111122223333/"
			spoil(func(r s3mem.Request) bool { return r.Prefix == folder })
			r := confRead(t.Context(), src, qlogs.Query{}, 0)
			var failed *qlogs.PartitionError
			if len(r.errs) != 1 || !errors.As(r.errs[0], &failed) || failed.Prefix != folder {
				t.Errorf("discovery: errors %q, want one of %q", r.errs, folder)
			}
			spoil(func(r s3mem.Request) bool { return r.Prefix == "p/" })
			if r := confRead(t.Context(), src, qlogs.Query{Prefix: "p"}, 0); len(r.errs) != 1 || len(r.pairs) != 1 {
				t.Errorf("the query's prefix: errors %q and %d records, want one error", r.errs, len(r.ids))
			}
			spoil(func(r s3mem.Request) bool { return r.StartAfter != "" })
			for _, err := range qlogs.New(src, nil).Read(t.Context(), qlogs.Object{Key: s.keys[2], Size: -1}) {
				var bad *qlogs.ObjectError
				if !errors.As(err, &bad) || !bad.Pending {
					t.Errorf("a look-up: error %v, want an ObjectError that is pending", err)
				}
			}
		})
	}
}

// wrongGets are answers to GET that are well formed and wrong.
var wrongGets = []struct {
	name   string
	change func(*rewrite.Answer)
	ranged bool  // the change is of the answer to a request that goes on; the first one breaks off
	want   error // nil if the object is read as it is
}{
	{"an HTML page", wrongBody(wrongHTML), false, errFaultAny},
	{"an HTML page without an ETag", wrongAll(wrongBody(wrongHTML), wrongHeader("ETag")), false, errFaultAny},
	{"an HTML page without an ETag, in chunks", wrongAll(wrongBody(wrongHTML), wrongHeader("ETag"), wrongHeader("Content-Length")), false, errFaultAny},
	{"an HTML page of the object's length", func(a *rewrite.Answer) {
		a.Body = append([]byte(wrongHTML), bytes.Repeat([]byte(" "), len(a.Body)-len(wrongHTML))...)
	}, false, errFaultAny},
	{"a page that redirects, with status 200", wrongAll(wrongBody(`<html><meta http-equiv="refresh" content="0; url=/login"/></html>`), wrongHeader("ETag")), false, errFaultAny},
	{"an S3 error with status 200", wrongAll(wrongBody(`<Error><Code>InternalError</Code></Error>`), wrongHeader("ETag")), false, errFaultAny},
	{"an S3 error with status 200, in chunks", wrongAll(wrongBody(`<Error><Code>InternalError</Code></Error>`), wrongHeader("ETag"), wrongHeader("Content-Length")), false, errFaultAny},
	{"JSON of another kind", wrongAll(wrongBody(`{"message":"ok"}`), wrongHeader("ETag")), false, errFaultAny},
	{"nothing", wrongBody(""), false, errFaultAny},
	{"nothing, without an ETag", wrongAll(wrongBody(""), wrongHeader("ETag")), false, errFaultAny},
	{"nothing, with status 204", wrongAll(wrongBody(""), wrongStatus(204), wrongHeader("ETag"), wrongHeader("Content-Length")), false, errFaultAny},
	{"status 202, and nothing", wrongAll(wrongBody(""), wrongStatus(202)), false, errFaultAny},
	{"another ETag", wrongHeader("ETag", `"other"`), false, errFaultAny},
	{"a body that is longer", func(a *rewrite.Answer) { a.Body = append(a.Body, a.Body...) }, false, errFaultAny},
	{"a body that is longer, in chunks", wrongAll(func(a *rewrite.Answer) { a.Body = append(a.Body, 0) }, wrongHeader("Content-Length")), false, errFaultAny},
	{"a body that is shorter", func(a *rewrite.Answer) { a.Body = a.Body[:20] }, false, errFaultAny},
	{"a length that is too long", func(a *rewrite.Answer) { a.Header.Set("Content-Length", fmt.Sprint(len(a.Body)+10)) }, false, errFaultAny},
	{"a length that is too short", func(a *rewrite.Answer) { a.Header.Set("Content-Length", fmt.Sprint(len(a.Body)-10)) }, false, errFaultAny},
	{"gzip undone", wrongAll(wrongBody(`{"records":[]}`), wrongHeader("Content-Encoding")), false, errFaultAny},
	{"another object of that length", func(a *rewrite.Answer) {
		a.Body = confChat("9999", confStart())
		a.Header.Set("ETag", `"other"`)
	}, false, errFaultAny},
	{"a part from another place", wrongAll(wrongStatus(206), wrongHeader("Content-Range", "bytes 50-281/999")), false, errFaultAny},
	{"a part from the start, of more", func(a *rewrite.Answer) {
		a.Status = 206
		a.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(a.Body)-1, len(a.Body)+50))
		a.Header.Del("ETag")
	}, false, qlogs.ErrChanged},
	{"a range that is none", wrongAll(wrongStatus(206), wrongHeader("Content-Range", "items 1-2/3")), false, errFaultAny},
	{"not modified", wrongAll(wrongBody(""), wrongStatus(304), wrongHeader("Content-Length")), false, errFaultAny},
	{"a redirect to nowhere", wrongAll(wrongBody(""), wrongStatus(300)), false, errFaultAny},

	{"no ETag", wrongHeader("ETag"), false, nil},
	{"an ETag without quotes", func(a *rewrite.Answer) { a.Header.Set("ETag", strings.Trim(a.Header.Get("ETag"), `"`)) }, false, nil},
	{"a weak ETag", func(a *rewrite.Answer) { a.Header.Set("ETag", "W/"+a.Header.Get("ETag")) }, false, nil},
	{"no length", wrongHeader("Content-Length"), false, nil},
	{"gzip left, and said", wrongHeader("Content-Encoding", "gzip"), false, nil},
	{"gzip said twice", wrongHeader("Content-Encoding", "gzip, gzip"), false, nil},
	{"the type of HTML", wrongHeader("Content-Type", "text/html"), false, nil},
	{"the whole as a part", func(a *rewrite.Answer) {
		a.Status = 206
		a.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(a.Body)-1, len(a.Body)))
	}, false, nil},
	{"the whole as a part of unknown length", func(a *rewrite.Answer) {
		a.Status = 206
		a.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/*", len(a.Body)-1))
	}, false, nil},

	{"the whole for a range", func(a *rewrite.Answer) {
		a.Status = 200
		a.Header.Del("Content-Range")
	}, true, errors.ErrUnsupported},
	{"a range that is another", wrongHeader("Content-Range", "bytes 0-9/999"), true, errors.ErrUnsupported},
	{"a range of something longer", func(a *rewrite.Answer) {
		a.Header.Set("Content-Range", strings.Split(a.Header.Get("Content-Range"), "/")[0]+"/99999")
		a.Header.Del("ETag")
	}, true, qlogs.ErrChanged},
	{"a range that ends earlier, in chunks", func(a *rewrite.Answer) {
		from, _, _ := strings.Cut(a.Header.Get("Content-Range"), "-")
		a.Header.Set("Content-Range", from+"-120/99999")
		a.Header.Del("ETag")
		a.Header.Del("Content-Length")
	}, true, qlogs.ErrChanged},
	{"a range of another ETag", wrongHeader("ETag", `"other"`), true, errFaultAny},
	{"an HTML page for a range", wrongAll(wrongBody(wrongHTML), wrongStatus(200), wrongHeader("Content-Range"), wrongHeader("ETag")), true, errors.ErrUnsupported},
	{"a range of unknown length", func(a *rewrite.Answer) {
		a.Header.Set("Content-Range", strings.Split(a.Header.Get("Content-Range"), "/")[0]+"/*")
	}, true, nil},
	{"a range without an ETag", wrongHeader("ETag"), true, nil},
}

// An answer to GET that is not the object costs that object alone, and is an error: never
// records of something else, and never fewer.
func TestWrongGetAnswers(t *testing.T) {
	for _, tt := range wrongGets {
		t.Run(tt.name, func(t *testing.T) {
			s, sdk := wrongServer(t)
			for _, client := range wrongClients[:2] {
				s.mu.Lock()
				s.fault = func(r s3mem.Request) *s3mem.Fault {
					switch {
					case r.Op != "GetObject" || r.Key != s.keys[3]:
						return nil
					case tt.ranged && r.Range == "":
						return &s3mem.Fault{CutAfter: 100}
					}
					return &s3mem.Fault{Change: tt.change}
				}
				s.mu.Unlock()
				r := confRead(t.Context(), client.src(sdk), qlogs.Query{Prefix: "p/AWSLogs/111122223333/KiroLogs/"}, 0)
				stats := r.scan.Stats()
				if tt.want == nil {
					r.noErrors(t)
					confSame(t, client.name, r.ids, confIDs(6))
					continue
				}
				confSame(t, client.name, r.ids, confIDs(6, "0003"))
				var bad *qlogs.ObjectError
				if len(r.errs) != 1 || !errors.As(r.errs[0], &bad) || bad.Key != s.keys[3] || tt.want != errFaultAny && !errors.Is(bad, tt.want) {
					t.Errorf("%s: errors %q, want one of the object that is %v", client.name, r.errs, tt.want)
				}
				if stats.Read != 5 || stats.Failed != 1 || stats.RecordsYielded != 5 {
					t.Errorf("%s: Stats %+v, want 5 objects read and one failed", client.name, stats)
				}
			}
		})
	}
}
