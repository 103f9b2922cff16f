package qlogs_test

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
)

// A leanStore is a store whose answers to GET requests of some keys are faults. Which
// one it is depends on the key and on how often the key was asked for, and on nothing else.
type leanStore struct {
	mem    *s3mem.Server
	plans  map[string]leanPlan
	bodies map[string][]byte

	mu    sync.Mutex
	asked map[string]*leanAsked
	met   map[string]int // faults that requests met that are not the SDK's
	lean  int            // requests that are not the SDK's
	again int            // requests that the SDK made anew
}

// A leanPlan has a fault for each request, in order, and one for all further ones. Nil
// is none.
type leanPlan struct {
	first []*leanKind
	then  *leanKind
}

func (p leanPlan) at(i int) *leanKind {
	if i < len(p.first) {
		return p.first[i]
	}
	return p.then
}

// leanAsked is what a store knows of the requests for one key.
type leanAsked struct {
	requests []string // with their faults, less those that were made anew
	refused  bool     // the last one, which was not the SDK's
}

func newLeanStore(objects []leanObject) *leanStore {
	s := &leanStore{
		mem:    s3mem.New(),
		plans:  map[string]leanPlan{},
		bodies: map[string][]byte{},
		asked:  map[string]*leanAsked{},
		met:    map[string]int{},
	}
	s.mem.CreateBucket("logs")
	for _, o := range objects {
		s.mem.Put("logs", o.key, o.body)
		s.plans[o.key], s.bodies[o.key], s.asked[o.key] = o.plan, o.body, &leanAsked{}
	}
	s.mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
		for _, name := range r.Header[leanFault] {
			i := slices.IndexFunc(leanKinds, func(k leanKind) bool { return k.name == name })
			f := leanKinds[i].fault(int64(len(s.bodies[r.Key])) - leanOffset(r.Range))
			return &f
		}
		return nil
	})
	return s
}

// leanFault is the header by which the store tells the server in it of a fault.
const leanFault = "Fault"

// leanOffset is where a range begins.
func leanOffset(header string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(header, "bytes="), "-"), 10, 64)
	return n
}

func (s *leanStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, "/logs/")
	if _, ok := s.bodies[key]; !ok {
		s.lookedUp(r.URL.Query().Get("start-after"))
		s.mem.ServeHTTP(w, r)
		return
	}
	kind, asked := s.count(key, r)
	w = &leanWriter{ResponseWriter: w, told: func(status int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		asked.refused = isLean(r) && status/100 == 4 && status != http.StatusTooManyRequests
	}}
	switch {
	case kind != nil && kind.fault != nil:
		r.Header[leanFault] = []string{kind.name}
		s.mem.ServeHTTP(w, r)
	case kind != nil:
		kind.answer(leanCall{w, r, s, key, s.bodies[key]})
	default:
		s.mem.ServeHTTP(w, r)
	}
}

// isLean tells whether the SDK did not make a request.
func isLean(r *http.Request) bool { return r.Header.Get("Amz-Sdk-Invocation-Id") == "" }

// count returns the fault of a request for a key. A request of the SDK's in place of one
// that was refused, and that the SDK was not told of, meets what that did.
func (s *leanStore) count(key string, r *http.Request) (*leanKind, *leanAsked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked[key]
	first := strings.HasPrefix(r.Header.Get("Amz-Sdk-Request"), "attempt=1;")
	anew := asked.refused && first && r.Header.Get("Range") == ""
	asked.refused = false
	if anew {
		s.again++
		return s.plans[key].at(len(asked.requests) - 1), asked
	}
	kind, name := s.plans[key].at(len(asked.requests)), ""
	if kind != nil {
		name = kind.name
	}
	asked.requests = append(asked.requests, fmt.Sprintf("%s If-Match %s: %s", r.Header.Get("Range"), r.Header.Get("If-Match"), name))
	if isLean(r) {
		s.lean++
		s.met[name]++
	}
	return kind, asked
}

// lookedUp: after a look at the listing from just before a key on, its object is asked
// for by another request, not anew.
func (s *leanStore) lookedUp(after string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked := s.asked[after+"z"]; asked != nil { // of .json.gz
		asked.refused = false
	}
}

// settle ends the wait for requests that are made anew.
func (s *leanStore) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, asked := range s.asked {
		asked.refused = false
	}
}

// requests returns the requests for all keys, key by key.
func (s *leanStore) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(s.asked)) {
		for _, r := range s.asked[key].requests {
			lines = append(lines, key+" "+r)
		}
	}
	return lines
}

// A leanWriter tells of an answer's status before it is sent.
type leanWriter struct {
	http.ResponseWriter
	told func(status int)
}

func (w *leanWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *leanWriter) WriteHeader(status int) {
	if status >= http.StatusOK {
		w.told(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

// A leanKind is a kind of fault: one that the server knows, of an answer with so many
// bytes left, or an answer of its own.
type leanKind struct {
	name   string
	fault  func(left int64) s3mem.Fault
	answer func(leanCall)
	stalls bool // so that it takes the stall timeout
	turns  bool // a refusal after which the SDK may get on, which ends a model
}

// A leanCall is a request that waits for an answer.
type leanCall struct {
	w     http.ResponseWriter
	r     *http.Request
	store *leanStore
	key   string
	body  []byte // of the object
}

// leanETag is the ETag of a body.
func leanETag(body []byte) string { return fmt.Sprintf("%q", fmt.Sprintf("%x", md5.Sum(body))) }

// send answers with a status, a body, and headers: names and values in turn. It tells the
// body's length unless Content-Length is one of the headers; an empty one tells none.
func (c leanCall) send(status int, body []byte, headers ...string) {
	h := c.w.Header()
	h.Set("X-Amz-Request-Id", "1")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	if h.Get("Content-Length") == "" {
		h.Del("Content-Length")
	}
	c.w.WriteHeader(status)
	if h.Get("Content-Length") == "" {
		c.flush() // or a short body would have a length
	}
	_, _ = c.w.Write(body) // the client may be gone, or it is more than was told
}

func (c leanCall) flush() { _ = http.NewResponseController(c.w).Flush() }

// ok answers with 200, a body, and the ETag of the object.
func (c leanCall) ok(body []byte, headers ...string) {
	c.send(http.StatusOK, body, append([]string{"ETag", leanETag(c.body)}, headers...)...)
}

// raw answers with bytes that need not be HTTP, and closes the connection.
func (c leanCall) raw(answer string) {
	conn, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		panic(err) // the server speaks HTTP/1.1
	}
	_, _ = io.WriteString(conn, answer)
	_ = conn.Close()
}

// refused is a fault that is an error of S3's.
func refused(status int, code, message string, headers ...string) func(int64) s3mem.Fault {
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return func(int64) s3mem.Fault { return s3mem.Fault{Status: status, Code: code, Message: message, Header: h} }
}

const (
	leanHTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to go on.</body></html>"
	leanXML  = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>1</RequestId></Error>"
)

const (
	explainKey    = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	explainUser   = "User: arn:aws:sts::111122223333:assumed-role/reader/session is not authorized to perform: "
	explainRegion = "X-Amz-Bucket-Region"
)

var leanKinds = []leanKind{
	{name: "400 InvalidRequest", fault: refused(400, "InvalidRequest", "")},
	{name: "400 RequestTimeout", fault: refused(400, "RequestTimeout", ""), turns: true},
	{name: "400 ExpiredToken", fault: refused(400, "ExpiredToken", "The provided token has expired.")},
	{name: "400 of another Region", fault: refused(400, "AuthorizationHeaderMalformed", "the region 'us-east-1' is wrong; expecting 'eu-west-1'")},
	{name: "400 KMS.DisabledException", fault: refused(400, "KMS.DisabledException", explainKey+" is disabled.")},
	{name: "401", fault: refused(401, "", "")},
	{name: "403 AccessDenied", fault: refused(403, "AccessDenied", explainUser+"s3:GetObject")},
	{name: "403 InvalidObjectState", fault: refused(403, "InvalidObjectState", "")},
	{name: "403 SignatureDoesNotMatch", fault: refused(403, "SignatureDoesNotMatch", "")},
	{name: "403 with an empty body", answer: func(c leanCall) { c.send(403, nil) }},
	{name: "404 NoSuchKey", fault: refused(404, "NoSuchKey", "")},
	{name: "404 NoSuchBucket", fault: refused(404, "NoSuchBucket", "")},
	{name: "404 with an empty body", answer: func(c leanCall) { c.send(404, nil) }},
	{name: "405", fault: refused(405, "MethodNotAllowed", "")},
	{name: "409", fault: refused(409, "OperationAborted", "")},
	{name: "412", fault: refused(412, "PreconditionFailed", "")},
	{name: "416", fault: refused(416, "InvalidRange", "")},
	{name: "429", fault: refused(429, "TooManyRequestsException", "")},
	{name: "429 with an empty body", answer: func(c leanCall) { c.send(429, nil, "Retry-After", "0") }},
	{name: "500", fault: refused(500, "", "")},
	{name: "501", fault: refused(501, "NotImplemented", "")},
	{name: "502 with an empty body", answer: func(c leanCall) { c.send(502, nil) }},
	{name: "503 SlowDown", fault: refused(503, "SlowDown", "Please reduce your request rate.")},
	{name: "503 with HTML", answer: func(c leanCall) { c.send(503, []byte(leanHTML), "Content-Type", "text/html") }},
	{name: "301 to another Region", fault: refused(301, "PermanentRedirect", "", explainRegion, "eu-west-1")},
	{name: "307 to another Region", fault: refused(307, "TemporaryRedirect", "", explainRegion, "eu-west-1")},
	{name: "307 to where it came from", answer: func(c leanCall) { c.send(307, nil, "Location", c.r.URL.RequestURI()) }},
	{name: "304", answer: func(c leanCall) { c.send(304, nil) }},
	{name: "an error in JSON", answer: func(c leanCall) { c.send(403, []byte(`{"code":"AccessDenied","message":"no"}`)) }},
	{name: "an error that is cut", answer: func(c leanCall) { c.send(403, []byte(leanXML[:100])) }},
	{name: "an error whose connection is cut", fault: func(int64) s3mem.Fault { return s3mem.Fault{Status: 403, CutAfter: 100} }},
	{name: "an error of another root", answer: func(c leanCall) {
		c.send(403, []byte(strings.ReplaceAll(leanXML, "Error>", "Fault>")))
	}},
	{name: "a long error", answer: func(c leanCall) { c.send(400, []byte(strings.Repeat(leanHTML, 12_000))) }},

	{name: "dropped", fault: func(int64) s3mem.Fault { return s3mem.Fault{Drop: true} }},
	{name: "cut before the first byte", fault: func(int64) s3mem.Fault { return s3mem.Fault{CutAfter: -1} }},
	{name: "cut in the middle", fault: func(left int64) s3mem.Fault { return s3mem.Fault{CutAfter: left / 2} }},
	{name: "cut at the last byte", fault: func(left int64) s3mem.Fault { return s3mem.Fault{CutAfter: left - 1} }},
	{name: "cut in a header", answer: func(c leanCall) { c.raw("HTTP/1.1 200 OK\r\nContent-Le") }},
	{name: "cut between chunks", answer: func(c leanCall) {
		c.raw(fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n%s\r\n", c.body[:9]))
	}},
	{name: "a chunk without a length", answer: func(c leanCall) {
		c.raw(fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n%s\r\nnone\r\n", c.body[:9]))
	}},
	{name: "another protocol", answer: func(c leanCall) { c.raw("SSH-2.0-OpenSSH_9.9\r\n") }},

	{name: "stalled before the answer", fault: func(int64) s3mem.Fault { return s3mem.Fault{Stall: true} }, stalls: true},
	{name: "stalled before the first byte", fault: func(int64) s3mem.Fault { return s3mem.Fault{Stall: true, CutAfter: -1} }, stalls: true},
	{name: "stalled in the middle", fault: func(left int64) s3mem.Fault { return s3mem.Fault{Stall: true, CutAfter: left / 2} }, stalls: true},
	{name: "stalled in an error", fault: func(int64) s3mem.Fault { return s3mem.Fault{Status: 503, Stall: true, CutAfter: 50} }, stalls: true},
	{name: "stalled at the end", answer: func(c leanCall) {
		c.ok(c.body, "Content-Length", "")
		c.flush()
		<-c.r.Context().Done()
	}, stalls: true},
	{name: "slow", answer: func(c leanCall) {
		c.ok(c.body[:len(c.body)/2], "Content-Length", strconv.Itoa(len(c.body)))
		c.flush()
		time.Sleep(5 * time.Millisecond)
		_, _ = c.w.Write(c.body[len(c.body)/2:])
	}},

	{name: "in chunks", answer: func(c leanCall) { c.ok(c.body, "Content-Length", "") }},
	{name: "by HTTP/1.0", answer: func(c leanCall) { c.raw("HTTP/1.0 200 OK\r\n\r\n" + string(c.body)) }},
	{name: "a hint before", answer: func(c leanCall) { c.w.WriteHeader(http.StatusEarlyHints); c.ok(c.body) }},
	{name: "a length that is too long", answer: func(c leanCall) { c.ok(c.body, "Content-Length", strconv.Itoa(len(c.body)+9)) }},
	{name: "a length that is too short", answer: func(c leanCall) { c.ok(c.body, "Content-Length", strconv.Itoa(len(c.body)-9)) }},
	{name: "longer than listed", answer: func(c leanCall) { c.ok(append(bytes.Clone(c.body), "more"...)) }},
	{name: "longer than listed, in chunks", answer: func(c leanCall) {
		c.ok(append(bytes.Clone(c.body), "more"...), "Content-Length", "")
	}},
	{name: "shorter than listed, in chunks", answer: func(c leanCall) { c.ok(c.body[:len(c.body)/2], "Content-Length", "") }},
	{name: "another ETag", answer: func(c leanCall) { c.ok(c.body, "ETag", leanETag(nil)) }},
	{name: "an ETag without quotes", answer: func(c leanCall) { c.ok(c.body, "ETag", strings.Trim(leanETag(c.body), `"`)) }},
	{name: "a weak ETag", answer: func(c leanCall) { c.ok(c.body, "ETag", "W/"+leanETag(c.body)) }},
	{name: "no ETag", answer: func(c leanCall) { c.send(200, c.body) }},
	{name: "a version", answer: func(c leanCall) { c.ok(c.body, "X-Amz-Version-Id", "v1") }},
	{name: "a wrong checksum", answer: func(c leanCall) { c.ok(c.body, "X-Amz-Checksum-Crc32", "AAAAAA==", "Content-Md5", "AAAA") }},
	{name: "a wrong date", answer: func(c leanCall) { c.ok(c.body, "Date", "Mon, 02 Mar 2026 09:00:00 GMT") }},
	{name: "a date that is none", answer: func(c leanCall) { c.ok(c.body, "Last-Modified", "yesterday") }},
	{name: "a number that is none", answer: func(c leanCall) { c.ok(c.body, "X-Amz-Tagging-Count", "many") }},
	{name: "a number that is one", answer: func(c leanCall) { c.ok(c.body, "X-Amz-Tagging-Count", "3") }},
	{name: "a truth that is none", answer: func(c leanCall) {
		c.ok(c.body, "X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "yes")
	}},
	{name: "a bucket's key", answer: func(c leanCall) {
		c.ok(c.body, "X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "true")
	}},
	{name: "an HTML page", answer: func(c leanCall) { c.send(200, []byte(leanHTML), "Content-Type", "text/html") }},
	{name: "an HTML page in chunks", answer: func(c leanCall) { c.send(200, []byte(leanHTML), "Content-Length", "") }},
	{name: "an error in JSON with 200", answer: func(c leanCall) { c.send(200, []byte(`{"error":"no"}`)) }},
	{name: "an error in XML with 200", answer: func(c leanCall) { c.send(200, []byte(leanXML)) }},
	{name: "an empty body", answer: func(c leanCall) { c.ok(nil) }},
	{name: "an empty body in chunks", answer: func(c leanCall) { c.ok(nil, "Content-Length", "") }},
	{name: "202", answer: func(c leanCall) { c.send(202, c.body) }},
	{name: "204", answer: func(c leanCall) { c.send(204, nil, "Content-Length", "") }},
	{name: "206 of all", answer: func(c leanCall) {
		c.send(206, c.body, "Content-Range", fmt.Sprintf("bytes 0-%d/%[2]d", len(c.body)-1, len(c.body)))
	}},
	{name: "206 of another range", answer: func(c leanCall) {
		c.send(206, c.body[1:], "Content-Range", fmt.Sprintf("bytes 1-%d/%[2]d", len(c.body)-1, len(c.body)))
	}},
	{name: "another object's body", answer: func(c leanCall) { c.ok(confChat("9999", confStart())) }},
	{name: "another object's body and ETag", answer: func(c leanCall) {
		body := confChat("9999", confStart())
		c.ok(body, "ETag", leanETag(body))
	}},
	{name: "damaged", answer: func(c leanCall) {
		body := bytes.Clone(c.body)
		body[len(body)-5] ^= 1
		c.ok(body)
	}},
	{name: "gzip undone", answer: func(c leanCall) { c.ok(leanPlain(c.body)) }},
	{name: "gzip undone, in chunks", answer: func(c leanCall) { c.ok(leanPlain(c.body), "Content-Length", "") }},
	{name: "gzip as the encoding", answer: func(c leanCall) { c.ok(c.body, "Content-Encoding", "gzip") }},
	{name: "replaced", answer: func(c leanCall) {
		c.store.mem.Put("logs", c.key, confChat("8888", confStart()))
		c.store.mem.ServeHTTP(c.w, c.r)
	}},
	{name: "deleted", answer: func(c leanCall) {
		c.store.mem.Delete("logs", c.key)
		c.store.mem.ServeHTTP(c.w, c.r)
	}},
	{name: "a wrong clock", fault: refused(403, "RequestTimeTooSkewed", "", "Date", "Mon, 02 Mar 2026 09:00:00 GMT")},
}

// leanPlain undoes gzip, if that is what a body is.
func leanPlain(body []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return body
	}
	return data
}
