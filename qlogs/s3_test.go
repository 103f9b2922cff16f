package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithy "github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// An s3Server is an S3 server that keeps what it was asked.
type s3Server struct {
	*s3mem.Server
	client *s3.Client
	keys   []string // of the logs in the bucket "logs", with the request IDs 0000, 0001 and so on

	mu    sync.Mutex
	asked []s3mem.Request
	fault func(s3mem.Request) *s3mem.Fault
}

// newS3Server has n logs in one partition.
func newS3Server(t *testing.T, n int) *s3Server {
	t.Helper()
	testutil.NoLeaks(t)
	mem, client := stores.MemS3(t)
	s := &s3Server{Server: mem, client: client}
	mem.CreateBucket("logs")
	s.put(n)
	mem.Intercept(s.intercept)
	return s
}

func (s *s3Server) put(n int) {
	for _, o := range confChats(confPartition("p", path.GenerateAssistantResponse), n, time.Minute) {
		s.Put("logs", o.Key, o.Body)
		s.keys = append(s.keys, o.Key)
	}
}

func (s *s3Server) intercept(r s3mem.Request) *s3mem.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r)
	if s.fault == nil {
		return nil
	}
	return s.fault(r)
}

// direct is an HTTP client that calls the server without a network, for bubbles, where
// time stands still while a network is waited for.
func (s *s3Server) direct() s3.HTTPClient {
	return benchDo(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Result(), nil
	})
}

// requests returns the requests of an operation.
func (s *s3Server) requests(op string) []s3mem.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.asked), func(r s3mem.Request) bool { return r.Op != op })
}

func (s *s3Server) source(opts *s3source.Options) qlogs.Source {
	return s3source.New(s.client, "logs", opts)
}

func TestS3ArchivedObjects(t *testing.T) {
	s := newS3Server(t, 6)
	for i, class := range []string{"GLACIER", "DEEP_ARCHIVE", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "STANDARD_IA"} {
		s.SetStorageClass("logs", s.keys[i], class, i == 2 || i == 3)
	}
	r := confRead(t.Context(), s.source(nil), qlogs.Query{}, 0)
	k := s.keys
	confSame(t, "pairs", r.pairs, []string{k[0] + "#-1!", k[1] + "#-1!", k[2] + "#0", k[3] + "#0", k[4] + "#0", k[5] + "#0"})
	for _, err := range r.errs {
		if !errors.Is(err, qlogs.ErrArchived) {
			t.Errorf("error = %v, want %v", err, qlogs.ErrArchived)
		}
	}
	for _, get := range s.requests("GetObject") {
		if get.Key == k[0] || get.Key == k[1] {
			t.Errorf("GetObject was sent for the archived object %q", get.Key)
		}
	}
	// What is archived is finished: no later scan could read it by itself.
	again := r.resume(t, s.source(nil), qlogs.Query{})
	confSame(t, "from the cursor", again.pairs, nil)
}

// TestArchivedByAnswer: where the listing does not tell, the answer to the request does.
func TestArchivedByAnswer(t *testing.T) {
	for _, class := range []string{"GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING", "STANDARD", "COLD"} {
		for _, refused := range []bool{false, true} {
			for _, body := range [][]byte{cursorFile(cursorRecord("a", 1)), cursorLarge(cursorRecord("a", 1))} {
				key := cursorKey(cursorChats, 1)
				api := archiveAPI{body: body, key: key, class: class}
				if refused {
					mem, client := stores.MemS3(t)
					mem.Put("logs", key, body)
					mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
						if r.Op == "GetObject" {
							return &s3mem.Fault{Status: http.StatusForbidden, Code: "InvalidObjectState"}
						}
						return nil
					})
					api.refuse = client
				}
				s := qlogs.New(s3source.New(api, "logs", nil), nil).Scan(qlogs.Query{})
				var pairs []string
				for e, err := range s.Records(t.Context()) {
					var bad *qlogs.ObjectError
					switch {
					case err == nil:
						pairs = append(pairs, e.Record.RequestID())
					case errors.As(err, &bad) && errors.Is(err, qlogs.ErrArchived) && !bad.Retryable:
						pairs = append(pairs, "archived")
					default:
						pairs = append(pairs, err.Error())
					}
				}
				want := "a"
				if refused {
					want = "archived"
				}
				contractSame(t, fmt.Sprintf("pairs of class %s, refused %t", class, refused), pairs, []string{want})
			}
		}
	}
}

// An archiveAPI has one object of a class.
type archiveAPI struct {
	key, class string
	body       []byte
	refuse     *s3.Client // if not nil
}

func (a archiveAPI) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out := &s3.ListObjectsV2Output{}
	rest, within := strings.CutPrefix(a.key, aws.ToString(in.Prefix))
	if folder, _, deeper := strings.Cut(rest, "/"); within && deeper && in.Delimiter != nil {
		out.CommonPrefixes = []types.CommonPrefix{{Prefix: aws.String(aws.ToString(in.Prefix) + folder + "/")}}
	} else if within {
		out.Contents = []types.Object{{Key: &a.key, Size: aws.Int64(int64(len(a.body))), ETag: aws.String(`"e"`), StorageClass: types.ObjectStorageClass(a.class)}}
	}
	return out, nil
}

func (a archiveAPI) GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	if a.refuse != nil {
		return a.refuse.GetObject(ctx, in, opts...)
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(string(a.body))), ContentLength: aws.Int64(int64(len(a.body)))}, nil
}

// An s3Stub answers as no server in process does.
type s3Stub struct {
	pages []*s3.ListObjectsV2Output
	get   func(in *s3.GetObjectInput) (*s3.GetObjectOutput, error)

	lists []s3.ListObjectsV2Input
	gets  []s3.GetObjectInput
}

func (s *s3Stub) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	s.lists = append(s.lists, *in)
	if len(s.pages) < len(s.lists) {
		return nil, errors.New("no such page")
	}
	return s.pages[len(s.lists)-1], nil
}

func (s *s3Stub) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	s.gets = append(s.gets, *in)
	return s.get(in)
}

func TestS3WrongLength(t *testing.T) {
	whole := confChat("0000", confStart())
	key := confPartition("p", path.GenerateAssistantResponse).NewKey(confStart(), "0000").String()
	for _, tt := range []struct {
		name   string
		listed int
		told   bool // the answer has a Content-Length
	}{
		{"longer than listed", len(whole) - 1, true},
		{"shorter than listed", len(whole) + 1, true},
		{"longer than listed, of untold length", len(whole) - 1, false},
		{"shorter than listed, of untold length", len(whole) + 1, false},
	} {
		opened, closed := 0, 0
		api := &s3Stub{}
		api.pages = []*s3.ListObjectsV2Output{{Contents: []types.Object{{Key: &key, Size: aws.Int64(int64(tt.listed)), ETag: aws.String(`"e"`)}}}}
		api.get = func(in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
			if in.Range != nil { // from the end on
				return nil, &smithy.GenericAPIError{Code: "InvalidRange"}
			}
			opened++
			out := &s3.GetObjectOutput{Body: s3Body{strings.NewReader(string(whole)), &closed}}
			if tt.told {
				out.ContentLength = aws.Int64(int64(len(whole)))
			}
			return out, nil
		}
		prefix := key[:strings.LastIndexByte(key, '/')]
		confOnly(t, confRead(t.Context(), s3source.New(api, "logs", nil), qlogs.Query{Prefix: prefix}, 0), qlogs.ErrChanged)
		if opened != 1 || closed != 1 {
			t.Errorf("%s: %d bodies were opened and %d closed, want one", tt.name, opened, closed)
		}
	}
}

type s3Body struct {
	io.Reader
	closed *int
}

func (b s3Body) Close() error {
	*b.closed++
	return nil
}

// TestS3ConnectionReuse: bodies are read to their ends, so that connections
// can be used again. The transport may dial for a request that then gets a
// connection that has become free, which is why there can be some more.
func TestS3ConnectionReuse(t *testing.T) {
	const inFlight = 8
	s := newS3Server(t, 500)
	var dials atomic.Int64
	srv := httptest.NewUnstartedServer(s.Server)
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dials.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	transport := &http.Transport{MaxIdleConnsPerHost: inFlight + 1}
	t.Cleanup(transport.CloseIdleConnections)
	client := s3.New(s.client.Options(), func(o *s3.Options) {
		o.BaseEndpoint = &srv.URL
		o.HTTPClient = &http.Client{Transport: transport}
	})
	n := 0
	for _, err := range qlogs.New(s3source.New(client, "logs", nil), &qlogs.Options{InFlight: inFlight}).Scan(qlogs.Query{}).Records(t.Context()) {
		if err != nil {
			t.Errorf("scan yields the error %v", err)
		}
		n++
	}
	if got := dials.Load(); n != 500 || got > 2*(inFlight+1) {
		t.Errorf("%d records over %d connections, want 500 over about %d", n, got, inFlight+1)
	}
}
