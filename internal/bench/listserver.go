package main

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// statsPath is where the list server tells how many listings it answered.
const statsPath = "/-/calls"

// listSpec is a server that lists a bucket of many keys and has no bodies. It
// makes each page up, in a fraction of a millisecond, so that it costs little beside
// those who read it.
type listSpec struct {
	Keys     int           `json:"keys"`
	Accounts int           `json:"accounts"` // in place of Keys, if it is not 0
	Latency  time.Duration `json:"latency"`  // of each call
}

type listServer struct {
	keys    ordered
	latency time.Duration
	calls   atomic.Int64
	buffers sync.Pool
}

func (l listSpec) handler() (http.Handler, error) {
	if l.Accounts != 0 {
		return newListServer(accounts(l.Accounts), l.Latency), nil
	}
	return newListServer(newKeyspace(l.Keys), l.Latency), nil
}

func newListServer(keys ordered, latency time.Duration) *listServer {
	return &listServer{keys: keys, latency: latency, buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
}

func (l *listServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case r.URL.Path == statsPath:
		fmt.Fprintln(w, l.calls.Load())
		return
	case r.Method != http.MethodGet || q.Get("list-type") != "2":
		http.Error(w, "this server only lists", http.StatusNotImplemented)
		return
	}
	l.calls.Add(1)
	time.Sleep(l.latency)
	b := l.buffers.Get().(*bytes.Buffer)
	defer l.buffers.Put(b)
	b.Reset()
	head, err := l.page(b, q)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(head)+b.Len()))
	_, _ = w.Write(head) // an error means that the client is gone
	_, _ = w.Write(b.Bytes())
}

// page writes the keys of one page of a listing to b, and returns what S3 has
// before them.
func (l *listServer) page(b *bytes.Buffer, q url.Values) (head []byte, err error) {
	limit := 1000
	if s := q.Get("max-keys"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("max-keys is %q: not a number of keys", s)
		}
		limit = min(n, limit)
	}
	after := q.Get("start-after")
	if token := q.Get("continuation-token"); token != "" {
		last, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return nil, fmt.Errorf("continuation-token is not one of this server: %w", err)
		}
		after = string(last)
	}
	if d := q.Get("delimiter"); d != "" && d != "/" {
		return nil, fmt.Errorf("delimiter is %q: this server knows \"/\" alone", d)
	}
	var last string
	var folders []string
	n, more := 0, false
	walk(l.keys, q.Get("prefix"), after, q.Get("delimiter") != "", func(i int, key string, folder bool) bool {
		if n == limit {
			more = true
			return false
		}
		n++
		last = key
		if folder {
			folders = append(folders, key)
		} else {
			l.contents(b, i, key)
		}
		return true
	})
	h := bytes.NewBufferString(xml.Header + `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name>`)
	for _, name := range []string{"prefix", "start-after", "continuation-token"} {
		if v := q.Get(name); v != "" || name == "prefix" {
			element(h, elements[name], v, elements[name])
		}
	}
	if more && limit > 0 {
		element(h, "NextContinuationToken", base64.RawURLEncoding.EncodeToString([]byte(last)), "NextContinuationToken")
	}
	fmt.Fprintf(h, "<KeyCount>%d</KeyCount><MaxKeys>%d</MaxKeys>", n, limit)
	for _, name := range []string{"delimiter", "encoding-type"} {
		if v := q.Get(name); v != "" {
			element(h, elements[name], v, elements[name])
		}
	}
	fmt.Fprintf(h, "<IsTruncated>%t</IsTruncated>", more)
	for _, folder := range folders {
		element(b, "CommonPrefixes><Prefix", folder, "Prefix></CommonPrefixes")
	}
	b.WriteString("</ListBucketResult>")
	return h.Bytes(), nil
}

// elements are the names under which a page repeats what was asked for.
var elements = map[string]string{
	"prefix": "Prefix", "delimiter": "Delimiter", "start-after": "StartAfter", "continuation-token": "ContinuationToken", "encoding-type": "EncodingType",
}

func element(b *bytes.Buffer, open, text, end string) {
	b.WriteString("<" + open + ">")
	_ = xml.EscapeText(b, []byte(text)) // a buffer takes all
	b.WriteString("</" + end + ">")
}

// contents writes one key, which needs no escape. Its time is the minute in it.
func (l *listServer) contents(b *bytes.Buffer, i int, key string) {
	b.WriteString("<Contents><Key>")
	b.WriteString(key)
	b.WriteString("</Key><LastModified>")
	at := key[len(key)-len("202603020900_0123456789abcdef.json.gz"):]
	for _, part := range [...]string{at[:4], "-", at[4:6], "-", at[6:8], "T", at[8:10], ":", at[10:12], ":07.000Z</LastModified><ETag>&quot;"} {
		b.WriteString(part)
	}
	tag := b.AvailableBuffer()
	for _, half := range [...]uint64{mix(uint64(i)), mix(^uint64(i))} {
		tag = strconv.AppendUint(tag, half|1<<63, 16) // 16 digits
	}
	b.Write(tag)
	b.WriteString("&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>")
	b.Write(strconv.AppendInt(b.AvailableBuffer(), l.keys.size(i), 10))
	b.WriteString("</Size><StorageClass>STANDARD</StorageClass></Contents>")
}
