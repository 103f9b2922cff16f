package wrong

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/promptlogs/qlogs/internal/testutil/rewrite"
)

// A List is an answer to LIST.
type List struct {
	Name   string
	Change func(*rewrite.Answer)
	Says   string // part of the error; empty if the listing is read as it is

	// Own says that the document has to be seen: a client that keeps its answers to itself
	// takes it for a listing.
	Own bool
}

// Lists are answers to LIST that are well formed, or nearly, and wrong or unusual. They are
// of the bucket "logs", with six objects.
var Lists = []List{
	{Name: "an HTML page", Change: Body(HTML), Says: "no listing"},
	{Name: "an HTML page that is not XML", Change: Body(`<html><body><br>Welcome & so on<p></body></html>`), Says: "no listing"},
	{Name: "an HTML page with the type of HTML", Change: All(Body(HTML), Header("Content-Type", "text/html")), Says: "no listing"},
	{Name: "an HTML page with status 203, as from a proxy", Change: All(Body(HTML), Status(203)), Says: "no listing"},
	{Name: "an HTML page with an element Name", Change: Body(`<html><Name>Welcome</Name></html>`), Says: "no listing"},
	{Name: "an HTML page with the bucket's name", Change: Body(`<html><Name>logs</Name></html>`), Says: "no listing", Own: true},
	{Name: "nothing", Change: Body(""), Says: "no listing"},
	{Name: "nothing, in chunks", Change: All(Body(""), Header("Content-Length")), Says: "no listing"},
	{Name: "nothing, with status 204", Change: All(Body(""), Status(204), Header("Content-Length")), Says: "no listing"},
	{Name: "spaces", Change: Body(" \n\n"), Says: "no listing"},
	{Name: "an XML declaration alone", Change: Body(head), Says: "no listing"},
	{Name: "a comment alone", Change: Body("<!-- maintenance -->"), Says: "no listing"},
	{Name: "JSON", Change: Body(`{"Contents":[],"IsTruncated":false}`), Says: "no listing"},
	{Name: "a JSON list", Change: Body(`[]`), Says: "no listing"},
	{Name: "text", Change: Body("upstream connect error or disconnect/reset before headers"), Says: "no listing"},
	{Name: "OK", Change: Body("OK"), Says: "no listing"},
	{Name: "bytes that are gzip", Change: Body("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), Says: "no listing"},
	{Name: "an S3 error with status 200", Change: Body(head + `<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>`), Says: "InternalError"},
	{Name: "an S3 error with status 200 in S3's namespace", Change: Body(`<Error ` + space + `><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>`), Says: "SlowDown"},
	{Name: "the list of buckets", Change: Body(head + `<ListAllMyBucketsResult ` + space + `><Owner><ID>1</ID></Owner><Buckets><Bucket><Name>logs</Name></Bucket></Buckets></ListAllMyBucketsResult>`), Says: "no listing"},
	{Name: "a listing of versions", Change: Each("ListBucketResult", "ListVersionsResult"), Says: "no listing", Own: true},
	{Name: "a listing of uploads, which is empty", Change: Body(head + `<ListMultipartUploadsResult ` + space + `><Bucket>logs</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`), Says: "no listing", Own: true},
	{Name: "an empty listing of versions", Change: Body(head + `<ListVersionsResult ` + space + `><Name>logs</Name><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListVersionsResult>`), Says: "no listing", Own: true},
	{Name: "the location of the bucket", Change: Body(head + `<LocationConstraint ` + space + `/>`), Says: "no listing"},
	{Name: "the root alone", Change: Body(`<ListBucketResult/>`), Says: "no listing"},
	{Name: "the root alone, with a namespace", Change: Body(head + `<ListBucketResult ` + space + `></ListBucketResult>`), Says: "no listing"},
	{Name: "the root with a prefix alone", Change: Body(`<ListBucketResult><Prefix></Prefix></ListBucketResult>`), Says: "no listing"},
	{Name: "a root of nearly that name", Change: Each("ListBucketResult", "ListBucketResults"), Says: "no listing", Own: true},
	{Name: "a listing within another root", Change: func(a *rewrite.Answer) {
		a.Body = []byte("<Response>" + strings.TrimPrefix(string(a.Body), head) + "</Response>")
	}, Says: "no listing"},
	{Name: "an empty listing, and then the listing", Change: func(a *rewrite.Answer) {
		a.Body = append([]byte(`<ListBucketResult><Name>logs</Name><IsTruncated>false</IsTruncated></ListBucketResult>`), bytes.TrimPrefix(a.Body, []byte(head))...)
	}, Says: "no listing", Own: true},
	{Name: "the listing, and then an error", Change: func(a *rewrite.Answer) { a.Body = append(a.Body, "<Error><Code>InternalError</Code></Error>"...) }, Says: "no listing", Own: true},
	{Name: "the listing, and then text", Change: func(a *rewrite.Answer) { a.Body = append(a.Body, "0\r\n\r\n"...) }, Says: "no listing", Own: true},
	{Name: "text, and then the listing", Change: func(a *rewrite.Answer) { a.Body = append([]byte("ok "), a.Body...) }, Says: "no listing", Own: true},
	{Name: "the listing cut in an element, with that length", Change: func(a *rewrite.Answer) { a.Body = a.Body[:len(a.Body)-30] }, Says: "no listing"},
	{Name: "the listing cut before its end tag", Change: Text("</ListBucketResult>", ""), Says: "no listing"},
	{Name: "the listing cut in the first third", Change: func(a *rewrite.Answer) { a.Body = a.Body[:len(a.Body)/3] }, Says: "no listing"},
	{Name: "a listing of another prefix", Change: Element("Prefix", "<Prefix>other/</Prefix>"), Says: "another prefix"},
	{Name: "an empty listing of another prefix", Change: Body(`<ListBucketResult><Name>logs</Name><Prefix>other/</Prefix><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`), Says: "another prefix"},
	{Name: "an empty listing of the whole bucket", Change: Body(`<ListBucketResult><Name>logs</Name><Prefix></Prefix><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`), Says: "another prefix"},
	{Name: "more keys counted than there are", Change: Element("KeyCount", "<KeyCount>7</KeyCount>"), Says: "7 keys"},
	{Name: "keys counted, and none there", Change: Body(`<ListBucketResult><Name>logs</Name><KeyCount>6</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`), Says: "6 keys"},
	{Name: "an object without a key", Change: Text("<Contents>", "<Contents></Contents><Contents>"), Says: "without a key"},
	{Name: "an object without a size", Change: Text("<IsTruncated>", "<Contents><Key>x</Key></Contents><IsTruncated>"), Says: "without a size", Own: true},
	{Name: "a listing from another key on", Change: Text("<IsTruncated>", "<StartAfter>zzz</StartAfter><IsTruncated>"), Says: "another key"},
	{Name: "an empty listing with room for no key", Change: Body(`<ListBucketResult><Name>logs</Name><MaxKeys>0</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>`), Says: "room for no key"},
	{Name: "a folder without a name", Change: Text("<IsTruncated>", "<CommonPrefixes></CommonPrefixes><IsTruncated>"), Says: "without a name"},
	{Name: "more to follow, and no token", Change: Text("<IsTruncated>false", "<IsTruncated>true"), Says: "no continuation token"},
	{Name: "a count that is no number", Change: Element("KeyCount", "<KeyCount>many</KeyCount>"), Says: "no listing"},
	{Name: "an end that is neither true nor false", Change: Text("<IsTruncated>false", "<IsTruncated>perhaps"), Says: "no listing"},

	{Name: "the listing with the type of HTML", Change: Header("Content-Type", "text/html; charset=utf-8")},
	{Name: "the listing without a type", Change: Header("Content-Type")},
	{Name: "the listing in chunks", Change: Header("Content-Length")},
	{Name: "the listing with status 206", Change: Status(206)},
	{Name: "the listing in a namespace with a prefix", Change: func(a *rewrite.Answer) {
		a.Body = regexp.MustCompile(`<(/?)([A-Za-z])`).ReplaceAll(a.Body, []byte("<${1}s3:$2"))
		a.Body = bytes.Replace(a.Body, []byte("xmlns="), []byte("xmlns:s3="), 1)
	}},
	{Name: "the listing in another namespace", Change: Text("http://s3.amazonaws.com/doc/2006-03-01/", "urn:other")},
	{Name: "the listing behind a comment and before one", Change: func(a *rewrite.Answer) {
		a.Body = slices.Concat([]byte(head+"<!-- <ListAllMyBucketsResult> -->"), bytes.TrimPrefix(a.Body, []byte(head)), []byte("\n<!-- cached -->\n"))
	}},
	{Name: "the listing behind line ends and a byte order mark", Change: func(a *rewrite.Answer) {
		a.Body = append([]byte("\ufeff\r\n"), bytes.TrimPrefix(a.Body, []byte(head))...)
	}},
	{Name: "the listing without a count", Change: Element("KeyCount", "")},
	{Name: "the listing with a count of fewer", Change: Element("KeyCount", "<KeyCount>0</KeyCount>")},
	{Name: "the listing without a prefix", Change: Element("Prefix", "")},
	{Name: "the listing with an empty prefix", Change: Element("Prefix", "<Prefix></Prefix>")},
	{Name: "the listing with an encoded prefix", Change: func(a *rewrite.Answer) {
		start, end := bytes.Index(a.Body, []byte("<Prefix>")), bytes.Index(a.Body, []byte("</Prefix>"))
		a.Body = slices.Concat(a.Body[:start], bytes.ReplaceAll(a.Body[start:end], []byte("/"), []byte("%2F")), a.Body[end:])
		a.Body = bytes.Replace(a.Body, []byte("<Prefix%3E"), []byte("<Prefix>"), 1)
	}},
	{Name: "the listing with the name of another bucket", Change: Element("Name", "<Name>alias</Name>")},
	{Name: "the listing without a name, a count and an end", Change: All(Element("Name", ""), Element("KeyCount", ""), Element("MaxKeys", ""), Element("IsTruncated", ""))},
	{Name: "an element that nobody knows", Change: Text("<IsTruncated>", "<Cached>true</Cached><IsTruncated>")},
}
