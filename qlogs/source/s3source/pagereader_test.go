package s3source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// listPage is a page of S3 with n keys, the last.
func listPage(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logs</Name><Prefix></Prefix><KeyCount>%d</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>`, n)
	for i := range n {
		fmt.Fprintf(&b, `<Contents><Key>prompt-logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/202603020900_%016x.json.gz</Key><LastModified>2026-03-02T09:%02d:%02d.000Z</LastModified><ETag>&quot;%032x&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>%d</Size><StorageClass>STANDARD</StorageClass></Contents>`,
			i*7919, i/60%60, i%60, i*104729, 400+i)
	}
	return b.String() + `<CommonPrefixes><Prefix>z%20/</Prefix></CommonPrefixes></ListBucketResult>`
}

// listClient returns a client that asks once. do answers, or if that is nil, the
// server at url.
func listClient(t testing.TB, url string, do func() *http.Response) *s3.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	var client s3.HTTPClient = &http.Client{Transport: transport}
	if do != nil {
		client = doFunc(func(*http.Request) (*http.Response, error) { return do(), nil })
	}
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(url),
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient:   client,
		Retryer:      aws.NopRetryer{},
	})
}

// listAnswer answers with a document.
func listAnswer(status int, doc string) *http.Response {
	return &http.Response{
		StatusCode: status,
		Header:     http.Header{"X-Amz-Request-Charged": {" requester "}},
		Body:       io.NopCloser(iotest.HalfReader(strings.NewReader(doc))),
	}
}

type listBody struct {
	io.Reader
	close func()
}

func (b listBody) Close() error {
	b.close()
	return nil
}

// An ownLister lists without the options that qlogs gives.
type ownLister struct{ *s3.Client }

func (l ownLister) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return l.Client.ListObjectsV2(ctx, in)
}

// A listSpy looks at how the client's answers are read.
type listSpy struct {
	*s3.Client
	reader string // type of the middleware that reads
	body   string // type of the body that has been read
	page   s3.ListObjectsV2Output
}

func (l *listSpy) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, opts ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out, err := l.Client.ListObjectsV2(ctx, in, append(opts, func(o *s3.Options) {
		o.APIOptions = append(o.APIOptions, l.watch)
	})...)
	if err == nil {
		l.page = *out
		l.page.ResultMetadata = middleware.Metadata{}
		l.page.Contents = slices.Clone(out.Contents) // whose keys are decoded in place
		l.page.CommonPrefixes = slices.Clone(out.CommonPrefixes)
	}
	return out, err
}

func (l *listSpy) watch(stack *middleware.Stack) error {
	m, _ := stack.Deserialize.Get("OperationDeserializer")
	l.reader = fmt.Sprintf("%T", m)
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Spy", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if r, ok := out.RawResponse.(*smithyhttp.Response); ok {
			l.body = fmt.Sprintf("%T", r.Body)
		}
		return out, metadata, err
	}), middleware.Before)
}

func (l *listSpy) swapped() bool { return l.reader == "s3source.pageReader" }

// quick reports whether the last page was read without the SDK.
func (l *listSpy) quick() bool { return l.swapped() && l.body != "s3source.replayedBody" }

// listsSame checks that a source lists the same with the SDK's reader of pages.
func listsSame(t *testing.T, what string, with, without s3source.API) error {
	t.Helper()
	got, err := list(t, s3source.New(with, "logs", nil), source.ListInput{Folders: true})
	want, wantErr := list(t, s3source.New(without, "logs", nil), source.ListInput{Folders: true})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: List = %+v, want %+v", what, got, want)
	}
	if fmt.Sprint(err) != fmt.Sprint(wantErr) || errors.Is(err, io.ErrUnexpectedEOF) != errors.Is(wantErr, io.ErrUnexpectedEOF) {
		t.Errorf("%s: List error = %v, want %v", what, err, wantErr)
	}
	return err
}

func TestPages(t *testing.T) {
	page := listPage(3)
	change := func(from, to string) string {
		if !strings.Contains(page, from) {
			t.Fatalf("the page has no %q", from)
		}
		return strings.Replace(page, from, to, 1)
	}
	for _, tt := range []struct {
		name   string
		status int
		doc    string
		quick  bool
		fails  bool
	}{
		{"of S3", 200, page, true, false},
		{"full", 200, listPage(1000), true, false},
		{"empty", 200, listPage(0), true, false},
		{"a new element", 200, change("<Size>", "<New>1</New><Size>"), true, false},
		{"a name without encoding", 200, change("<EncodingType>url</EncodingType>", ""), true, false},
		{"a comment", 200, change("<Size>", "<!-- a --><Size>"), false, false},
		{"CDATA", 200, change("<Name>logs", "<Name><![CDATA[logs]]>"), false, false},
		{"a namespace's prefix", 200, change("<Name>logs</Name>", `<a:Name xmlns:a="b">logs</a:Name>`), false, false},
		{"line ends of Windows", 200, change("\n", "\r\n"), false, false},
		{"no document", 200, "", false, true},
		{"a text", 200, "upstream connect error", false, true},
		{"an open element", 200, "<a>", false, true},
		{"a bad size", 200, change("<Size>400", "<Size>4.5"), false, true},
		{"a bad time", 200, change("2026-03-02T", "2026-02-30T"), false, true},
		{"a key that is not encoded", 200, change("_000000000000", "_%zz"), true, true},
		{"over the limit", 200, change("<Name>", strings.Repeat(" ", 17<<20)+"<Name>"), false, false},
		{"at the limit", 200, change("<Name>", strings.Repeat(" ", 16<<20-len(page))+"<Name>"), false, false},
		{"an error with status 200", 200, `<Error><Code>InternalError</Code><Message>Try again</Message></Error>`, false, true},
		{"another good status", 206, page, false, false},
		{"no bucket", 404, `<Error><Code>NoSuchBucket</Code><Message>None</Message></Error>`, false, true},
		{"denied", 403, `<Error><Code>AccessDenied</Code><Message>No</Message></Error>`, false, true},
		{"a page with status 500", 500, page, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if len(tt.doc) > 1<<20 {
				testutil.NeedLong(t) // the SDK is slow to read so large a page
			}
			answers, closed := 0, 0
			client := listClient(t, "http://127.0.0.1:9", func() *http.Response {
				answers++
				r := listAnswer(tt.status, tt.doc)
				r.Body = listBody{r.Body, sync.OnceFunc(func() { closed++ })}
				return r
			})
			with, without := &listSpy{Client: client}, &listSpy{Client: client}
			if err := listsSame(t, "List", with, ownLister{client}); (err != nil) != tt.fails {
				t.Errorf("List error = %v, want one: %t", err, tt.fails)
			}
			if !with.swapped() || tt.status == 200 && with.quick() != tt.quick && !strings.HasPrefix(tt.doc, "<Error>") {
				t.Errorf("read by %s from %s, want it read by qlogs: %t", with.reader, with.body, tt.quick)
			}
			if _, err := without.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("logs")}); err == nil && !tt.fails && !reflect.DeepEqual(with.page, without.page) {
				t.Errorf("the page is %+v, want %+v", with.page, without.page)
			}
			if without.swapped() {
				t.Errorf("the SDK's pages are read by %s", without.reader)
			}
			if closed != answers {
				t.Errorf("%d of %d bodies have been closed", closed, answers)
			}
		})
	}
}

// A page that is cut anywhere is asked for again, and fails as the SDK has it fail.
func TestPagesCut(t *testing.T) {
	testutil.NoLeaks(t)
	page := listPage(1)
	var mu sync.Mutex
	next := struct {
		cut     int
		chunked bool
	}{}
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		cut, chunked := next.cut, next.chunked
		asked++
		mu.Unlock()
		if !chunked {
			w.Header().Set("Content-Length", strconv.Itoa(len(page)))
		}
		io.WriteString(w, page[:cut])
		http.NewResponseController(w).Flush()
		if cut < len(page) || chunked {
			panic(http.ErrAbortHandler)
		}
	}))
	defer srv.Close()
	client := listClient(t, srv.URL, nil)
	step := testutil.Pick(23, 1)
	for _, chunked := range []bool{false, true} {
		for left := len(page) / step * step; left >= 0; left -= step {
			cut := len(page) - left
			what := fmt.Sprintf("%d bytes, chunked: %t", cut, chunked)
			mu.Lock()
			next.cut, next.chunked, asked = cut, chunked, 0
			mu.Unlock()
			err := listsSame(t, what, client, ownLister{client})
			mu.Lock()
			asked := asked
			mu.Unlock()
			switch {
			case left == 0 && (err != nil || asked != 2):
				t.Errorf("%s: error = %v after %d requests, want none after one, twice", what, err, asked)
			case left > 0 && cut > 0 && (!errors.Is(err, io.ErrUnexpectedEOF) || asked != 2*3):
				t.Errorf("%s: error = %v after %d requests, want %v after three, twice", what, err, asked, io.ErrUnexpectedEOF)
			}
		}
	}
}

// The error of a body is the one that the caller's HTTP client gives.
func TestPagesFail(t *testing.T) {
	broken := errors.New("broken")
	page := listPage(2)
	for _, n := range []int{0, 1, 500, len(page) - 1, len(page)} {
		client := listClient(t, "http://127.0.0.1:9", func() *http.Response {
			r := listAnswer(http.StatusOK, page)
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(page[:n]), &failsOnce{broken}, strings.NewReader(page[n:])))
			return r
		})
		err := listsSame(t, strconv.Itoa(n), client, ownLister{client})
		if n > 0 && n < len(page) && !errors.Is(err, broken) {
			t.Errorf("%d bytes: error = %v, want %v", n, err, broken)
		}
	}
}

// A failsOnce is a reader that fails, and then is at its end.
type failsOnce struct{ err error }

func (f *failsOnce) Read([]byte) (int, error) {
	err := f.err
	f.err = io.EOF
	return 0, err
}

// A caller that has a reader of pages of its own, or traces or meters the SDK, keeps it.
func TestPagesAreNotForAll(t *testing.T) {
	own := func(id string) middleware.DeserializeMiddleware {
		return middleware.DeserializeMiddlewareFunc(id, func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			out.Result = &s3.ListObjectsV2Output{Name: aws.String("own")}
			return out, metadata, err
		})
	}
	option := func(f func(*middleware.Stack) error) func(*s3.Options) {
		return func(o *s3.Options) { o.APIOptions = append(o.APIOptions, f) }
	}
	for _, tt := range []struct {
		name   string
		option func(*s3.Options)
		swaps  bool
		page   string
	}{
		{"nothing", func(*s3.Options) {}, true, "logs"},
		{"a middleware beside it", option(func(s *middleware.Stack) error {
			return s.Deserialize.Insert(middleware.DeserializeMiddlewareFunc("Beside", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
				return next.HandleDeserialize(ctx, in)
			}), "OperationDeserializer", middleware.Before)
		}), true, "logs"},
		{"a reader in its place", option(func(s *middleware.Stack) error {
			_, err := s.Deserialize.Swap("OperationDeserializer", own("OperationDeserializer"))
			return err
		}), false, "own"},
		{"a reader of another name", option(func(s *middleware.Stack) error {
			_, err := s.Deserialize.Swap("OperationDeserializer", own("Own"))
			return err
		}), false, "own"},
		{"a tracer", func(o *s3.Options) { o.TracerProvider = leanTracer{} }, false, "logs"},
		{"a meter", func(o *s3.Options) { o.MeterProvider = leanMeter{} }, false, "logs"},
		{"a log of answers", func(o *s3.Options) { o.ClientLogMode = aws.LogResponseWithBody }, true, "logs"},
	} {
		client := listClient(t, "http://127.0.0.1:9", func() *http.Response { return listAnswer(http.StatusOK, listPage(2)) })
		spy := &listSpy{Client: s3.New(client.Options(), tt.option)}
		if _, err := list(t, s3source.New(spy, "logs", nil), source.ListInput{}); err != nil || spy.quick() != tt.swaps || aws.ToString(spy.page.Name) != tt.page {
			t.Errorf("%s: %q is read by %s from %s with the error %v, want %q, read by qlogs: %t", tt.name, aws.ToString(spy.page.Name), spy.reader, spy.body, err, tt.page, tt.swaps)
		}
	}
}

// BenchmarkList lists a page of 1,000 keys that are in memory, with and without the
// SDK's reader of pages.
func BenchmarkList(b *testing.B) {
	const keys = 1000
	doc := []byte(listPage(keys))
	client := listClient(b, "http://127.0.0.1:9", func() *http.Response {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(doc))}
	})
	for _, bench := range []struct {
		name string
		api  s3source.API
	}{
		{"quick", client},
		{"sdk", ownLister{client}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			src := s3source.New(bench.api, "logs", nil)
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for _, err := range src.List(b.Context(), source.ListInput{}) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != keys+1 {
					b.Fatalf("%d keys and folders, want %d", n, keys+1)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keys)/1e3, "µs/key")
		})
	}
}
