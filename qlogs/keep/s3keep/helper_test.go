package s3keep_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

const (
	bucket = "state"
	key    = "qlogs/usage.cursor"
	uri    = "s3://state/qlogs/usage.cursor"
)

// start is a time at the full hour, in the middle of a day.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// bucketOf has n objects of one record each, one a minute, whose request ids are r0000,
// r0001, … in the order of their keys.
func bucketOf(n int) *sourcetest.Memory {
	src := sourcetest.NewMemory("mem://logs")
	for i := range n {
		putRecord(src, i)
	}
	return src
}

// putRecord puts the object of the record i of a bucketOf.
func putRecord(src *sourcetest.Memory, i int) {
	at := start.Add(time.Duration(i) * time.Minute)
	src.Put(qlogstest.Key(path.GenerateAssistantResponse, at, "a1"), qlogstest.File(qlogstest.Chat{RequestID: qlogstest.Text(fmt.Sprintf("r%04d", i))}))
}

// cursorsOf returns so many cursors of one scan, all of them different.
func cursorsOf(t testing.TB, n int) []qlogs.Cursor {
	t.Helper()
	scan := qlogs.New(bucketOf(n), nil).Scan(qlogs.Query{})
	var list []qlogs.Cursor
	for e, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.Cursor())
	}
	return list
}

func mustLoad(t *testing.T, store qlogs.CursorStore) qlogs.Cursor {
	t.Helper()
	c, err := store.Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

func mustSave(t *testing.T, store qlogs.CursorStore, c qlogs.Cursor) {
	t.Helper()
	if err := store.Save(t.Context(), c); err != nil {
		t.Fatalf("Save: %v", err)
	}
}

// opened returns a store that has loaded.
func opened(t *testing.T, api s3keep.API) qlogs.CursorStore {
	t.Helper()
	store := s3keep.CursorObject(api, bucket, key, nil)
	mustLoad(t, store)
	return store
}

// wantStored checks what a process that begins now would load.
func wantStored(t *testing.T, api s3keep.API, want qlogs.Cursor) {
	t.Helper()
	if got := mustLoad(t, s3keep.CursorObject(api, bucket, key, nil)); got.String() != want.String() {
		t.Errorf("what is stored is %v, want %v", got, want)
	}
}

// wantError checks that an error is of a class, is one line, and says all of the words.
func wantError(t *testing.T, what string, err, class error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	text := err.Error()
	if class != nil && !errors.Is(err, class) {
		t.Errorf("%s: %v, want one that is %q", what, err, class)
	}
	if !strings.HasPrefix(text, "s3keep: ") || strings.ContainsAny(text, "\r\n") || len(text) > 2000 {
		t.Errorf("%s: %q, want one line that begins with s3keep", what, text)
	}
	for _, word := range append(words, uri) {
		if !strings.Contains(text, word) {
			t.Errorf("%s: %v, want %q in it", what, err, word)
		}
	}
}

// noRetries is the client without the SDK's retries.
func noRetries(c *s3.Client) *s3.Client {
	return s3.New(c.Options(), func(o *s3.Options) { o.Retryer = aws.NopRetryer{} })
}

func putText(t *testing.T, api s3keep.API, text string) {
	t.Helper()
	in := &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: strings.NewReader(text)}
	if _, err := api.PutObject(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func getText(t *testing.T, api s3keep.API) string {
	t.Helper()
	out, err := api.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A transport is an HTTP transport that hands requests to a handler, without a network, so
// that it works in a bubble of testing/synctest.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.Body = http.NoBody
	if r.Body != nil { // the request may arrive when its client has left
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		in.Body = io.NopCloser(bytes.NewReader(body))
	}
	return f(in)
}

// served hands requests to a handler, as a server does: what the handler aborts breaks off, and
// a client that leaves does not wait for it.
func served(h http.Handler) transport {
	return func(r *http.Request) (*http.Response, error) {
		done := make(chan *http.Response, 1)
		go func() {
			w := httptest.NewRecorder()
			defer func() {
				p := recover()
				if p != nil && p != http.ErrAbortHandler {
					panic(p)
				}
				aborted := p != nil
				answer := w.Result()
				answer.Request = r
				switch {
				case aborted && !w.Flushed:
					answer = nil
				case aborted:
					answer.Body = io.NopCloser(io.MultiReader(answer.Body, iotest.ErrReader(io.ErrUnexpectedEOF)))
				}
				done <- answer
			}()
			h.ServeHTTP(w, r)
		}()
		select {
		case answer := <-done:
			if answer == nil {
				return nil, io.EOF
			}
			return answer, nil
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// clientOf returns a client of the SDK whose requests go to f.
func clientOf(f transport) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String("http://s3.test"),
		Region:       s3test.Region,
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient:   &http.Client{Transport: f},
	})
}

// direct returns a server with the bucket, and a client of it that needs no network.
func direct() (*s3mem.Server, *s3.Client) {
	server := s3mem.New()
	server.CreateBucket(bucket)
	return server, clientOf(served(server))
}
