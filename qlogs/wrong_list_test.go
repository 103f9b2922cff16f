package qlogs_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

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
	{name: "an object without a size", change: wrongText("<IsTruncated>", "<Contents><Key>x</Key></Contents><IsTruncated>"), says: "without a size", own: true},
	{name: "a listing from another key on", change: wrongText("<IsTruncated>", "<StartAfter>zzz</StartAfter><IsTruncated>"), says: "another key"},
	{name: "an empty listing with room for no key", change: wrongBody(`<ListBucketResult><Name>logs</Name><MaxKeys>0</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>`), says: "room for no key"},
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

// spoilLists changes the answers to the listings that match.
func (s *wrongStore) spoilLists(match func(wrongRequest) bool, change func(*rewrite.Answer)) {
	s.spoil(func(r wrongRequest) wrongFault {
		if r.op != "ListObjectsV2" || !match(r) {
			return wrongFault{}
		}
		return wrongFault{change: change}
	})
}

func TestWrongListAnswers(t *testing.T)       { wrongListAnswers(t, newWrongMem(t)) }
func TestRealS3WrongListAnswers(t *testing.T) { wrongListAnswers(t, newWrongReal(t)) }

// An answer to LIST that is no listing is asked for again. If there is no better one, the
// listing has failed: nothing is lost, and the rest comes when it works again.
func wrongListAnswers(t *testing.T, s *wrongStore) {
	partition := confPartition("p", path.GenerateAssistantResponse).String()
	for i, tt := range wrongLists {
		if i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			for n, client := range wrongClients {
				if tt.own && client.own {
					continue
				}
				if !testutil.Long() && n > 0 && n != 1+i/2%(len(wrongClients)-1) {
					continue // a quick run has the first one and one of the others
				}
				src := client.src(s.sdk)
				asked := 0
				s.spoilLists(func(r wrongRequest) bool {
					if r.prefix == partition {
						asked++
					}
					return r.prefix == partition
				}, wrongChecked(t, tt.change))
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
				if asked == 0 {
					t.Errorf("%s: nobody asked", client.name)
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
				s.spoil(nil)
				rest := r.resume(t, src, qlogs.Query{Prefix: partition})
				rest.noErrors(t)
				confSame(t, client.name+": both scans", append(r.ids, rest.ids...), confIDs(6))
			}
		})
	}
}

func TestWrongListAnswersOnce(t *testing.T)       { wrongListAnswersOnce(t, newWrongMem(t)) }
func TestRealS3WrongListAnswersOnce(t *testing.T) { wrongListAnswersOnce(t, newWrongReal(t)) }

// What is wrong once is right when it is asked for again, at any place.
func wrongListAnswersOnce(t *testing.T, s *wrongStore) {
	for i, tt := range wrongLists {
		if tt.says == "" || tt.says == "no continuation token" || i%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			seen, lists := map[string]bool{}, 0
			s.spoilLists(func(r wrongRequest) bool {
				lists++
				first := r.prefix != "" && !seen[r.prefix]
				seen[r.prefix] = seen[r.prefix] || first
				return first
			}, wrongOrNothing(tt.change))
			r := confRead(t.Context(), s3source.New(s.sdk, "logs", nil), qlogs.Query{}, 0)
			r.noErrors(t)
			confSame(t, "records", r.ids, confIDs(6))
			if delete(seen, ""); len(seen) < 5 || lists != 1+2*len(seen) {
				t.Errorf("%d requests for %d listings, want two for each but the first", lists, 1+len(seen))
			}
		})
	}
}

func TestWrongListAnswersElsewhere(t *testing.T)       { wrongListAnswersElsewhere(t, newWrongMem(t)) }
func TestRealS3WrongListAnswersElsewhere(t *testing.T) { wrongListAnswersElsewhere(t, newWrongReal(t)) }

// In discovery, and in look-ups of objects, an answer that is no listing does not mean that
// there is nothing.
func wrongListAnswersElsewhere(t *testing.T, s *wrongStore) {
	for i, tt := range wrongLists {
		if tt.says == "" || tt.says == "no continuation token" { // which comes behind what was asked for
			continue
		}
		if (i+1)%testutil.Pick(2, 1) != 0 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			src := s3source.New(s.sdk, "logs", nil)
			change := wrongOrNothing(tt.change)
			folder := "p/AWSLogs/111122223333/"
			s.spoilLists(func(r wrongRequest) bool { return r.prefix == folder }, change)
			r := confRead(t.Context(), src, qlogs.Query{}, 0)
			var failed *qlogs.PartitionError
			if len(r.errs) != 1 || !errors.As(r.errs[0], &failed) || failed.Prefix != folder {
				t.Errorf("discovery: errors %q, want one of %q", r.errs, folder)
			}
			s.spoilLists(func(r wrongRequest) bool { return r.prefix == "p/" }, change)
			if r := confRead(t.Context(), src, qlogs.Query{Prefix: "p"}, 0); len(r.errs) != 1 || len(r.pairs) != 1 {
				t.Errorf("the query's prefix: errors %q and %d records, want one error", r.errs, len(r.ids))
			}
			s.spoilLists(func(r wrongRequest) bool { return r.after != "" }, change)
			answers := 0
			for _, err := range qlogs.New(src, nil).Read(t.Context(), qlogs.Object{Key: s.keys[2], Size: -1}) {
				answers++
				var bad *qlogs.ObjectError
				if !errors.As(err, &bad) || !bad.Retryable {
					t.Errorf("a look-up: error %v, want an ObjectError that is pending", err)
				}
			}
			if answers != 1 {
				t.Errorf("a look-up: %d pairs, want one error", answers)
			}
		})
	}
}
