package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// An endlessAPI answers listings by a function of the token.
type endlessAPI struct {
	s3source.API
	page  func(prefix, token string) (keys []string, next string)
	lists atomic.Int64
}

func (a *endlessAPI) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	a.lists.Add(1)
	keys, next := a.page(aws.ToString(in.Prefix), aws.ToString(in.ContinuationToken))
	out := &s3.ListObjectsV2Output{Name: in.Bucket, IsTruncated: aws.Bool(next != "")}
	if next != "" {
		out.NextContinuationToken = &next
	}
	for _, key := range keys {
		out.Contents = append(out.Contents, types.Object{Key: aws.String(key), Size: aws.Int64(0)})
	}
	return out, nil
}

// A listing that cannot come to its end is an error, wherever it is met, and costs no
// more requests than it takes to see that.
func TestEndlessListing(t *testing.T) {
	part := contractPartition().String()
	name := func(i int) string { return fmt.Sprintf("%s2026/03/02/09/%09d", part, i) }
	number := func(token string) (n int) {
		_, _ = fmt.Sscan(token, &n)
		return n
	}
	for _, tt := range []struct {
		name string
		page func(token string) (keys []string, next string)
		most int64 // requests of one listing
		good bool
	}{
		{"the same token", func(string) ([]string, string) { return nil, "1" }, 2, false},
		{"the same token after keys", func(token string) ([]string, string) {
			if token == "" {
				return []string{name(1)}, "1"
			}
			return nil, "1"
		}, 2, false},
		{"two tokens in turn", func(token string) ([]string, string) { return nil, fmt.Sprint(1 + number(token)%2) }, 3, false},
		{"a hundred tokens in turn", func(token string) ([]string, string) { return nil, fmt.Sprint(1 + number(token)%100) }, 101, false},
		{"a new token each time", func(token string) ([]string, string) { return nil, fmt.Sprint(1 + number(token)) }, 10_001, false},
		{"the same keys each time", func(token string) ([]string, string) { return []string{name(1)}, fmt.Sprint(1 + number(token)) }, 2, false},
		{"empty pages, with an end", func(token string) ([]string, string) {
			if n := number(token); n < 2000 {
				return nil, fmt.Sprint(n + 1)
			}
			return nil, ""
		}, 2001, true},
		{"tokens that come again with keys between", func(token string) ([]string, string) {
			n := number(token)
			if n%10 == 0 && n < 100 {
				return []string{name(n)}, fmt.Sprint(n + 1)
			}
			if n >= 100 {
				return nil, ""
			}
			return nil, fmt.Sprint(n + 1)
		}, 101, true},
	} {
		for _, where := range []string{"", part} {
			t.Run(tt.name+" in "+where, func(t *testing.T) {
				testutil.NoLeaks(t)
				api := &endlessAPI{page: func(_, token string) ([]string, string) { return tt.page(token) }}
				scan := qlogs.New(s3source.New(api, "b", nil), nil).Scan(qlogs.Query{Prefix: where, MayBeEmpty: true})
				var errs []error
				for _, err := range scan.Objects(t.Context()) {
					if err != nil {
						errs = append(errs, err)
					}
				}
				if tt.good != (len(errs) == 0) || len(errs) > 1 {
					t.Errorf("errors %v, want one: %t", errs, !tt.good)
				}
				if n := api.lists.Load(); n > tt.most {
					t.Errorf("%d requests, want at most %d", n, tt.most)
				}
			})
		}
	}
}

// AWSLogs/ folders in each other are searched as deep as SearchDepth says, in whatever way they
// lie there, and cost a request for each folder that is visited.
func TestEndlessNesting(t *testing.T) {
	account := "AWSLogs/111122223333/"
	for name, unit := range map[string]string{
		"roots":       "AWSLogs/",
		"accounts":    account,
		"products":    account + "KiroLogs/",
		"log types":   account + "KiroLogs/GenerateAssistantResponse/",
		"and folders": "AWSLogs/AWSLogs/",
		"folders":     "logs/",
	} {
		for _, depth := range []int{0, 3} {
			t.Run(fmt.Sprint(name, " ", depth), func(t *testing.T) {
				cost := func(levels int) (lists int, records int) {
					src := newContractSource()
					p := contractPartition()
					p.Prefix = strings.TrimSuffix(strings.Repeat(unit, levels), "/")
					src.put(contractKey(p, contractStart, 0), contractFile(contractChat("id", contractStart)))
					got := contractRead(t, src, contractNew(src, &qlogs.Options{SearchDepth: depth}, qlogs.Query{MayBeEmpty: true}))
					return len(src.lists()), len(got.pairs)
				}
				most := depth
				if depth == 0 {
					most = 8
				}
				folders := strings.Count(unit, "/")
				if _, n := cost(most / folders); n != 1 {
					t.Errorf("%d records %d folders deep, want 1", n, most/folders*folders)
				}
				lists, n := cost(most/folders + 1)
				if n != 0 {
					t.Errorf("%d records deeper than %d folders, want none", n, most)
				}
				if deeper, _ := cost(100); deeper != lists || lists > most+6 {
					t.Errorf("%d requests for a hundred levels, %d for a few, want as many, and about %d at most", deeper, lists, most)
				}
			})
		}
	}
	if got := path.Locate("AWSLogs/AWSLogs/").Level; got != path.LevelRoot {
		t.Errorf("a root in a root is at %v", got)
	}
}

// A hangingStore has Saves that do not look at their context.
type hangingStore struct {
	hold  func(save int) time.Duration
	saves atomic.Int64
	now   atomic.Int64
}

func (*hangingStore) Load(context.Context) (qlogs.Cursor, error) { return qlogs.Cursor{}, nil }

func (s *hangingStore) Save(context.Context, qlogs.Cursor) error {
	if s.now.Add(1) > 1 {
		panic("two calls of Save at the same time")
	}
	defer s.now.Add(-1)
	time.Sleep(s.hold(int(s.saves.Add(1))))
	return nil
}

// A Save that does not return holds the loop no longer than 30 seconds, at a pair, at the
// end and after a break, and no other is called before it has returned.
func TestEndlessSave(t *testing.T) {
	const forever = 24 * time.Hour
	for _, tt := range []struct {
		name  string
		opts  qlogs.SaveOptions
		hold  time.Duration
		pause time.Duration // of the loop at each pair
		leave int
		took  time.Duration
		saves int64
		told  bool
	}{
		{"at a pair", qlogs.SaveOptions{Records: 3, Interval: -1}, forever, 0, 0, 30 * time.Second, 1, true},
		{"at a pair, 40 seconds", qlogs.SaveOptions{Records: 3, Interval: -1}, 40 * time.Second, 0, 0, 30 * time.Second, 1, true},
		{"at the end", qlogs.SaveOptions{Records: -1, Interval: -1}, forever, 0, 0, 30 * time.Second, 1, true},
		{"after a break", qlogs.SaveOptions{Records: -1, Interval: -1}, forever, 0, 4, 30 * time.Second, 1, false},
		// The save by the clock begins with the 6th pair and has failed with the 36th.
		{"by the clock", qlogs.SaveOptions{Records: -1, Interval: 5 * time.Second}, forever, time.Second, 0, 36 * time.Second, 1, true},
		{"by the clock, then a break", qlogs.SaveOptions{Records: -1, Interval: 5 * time.Second}, forever, time.Second, 9, 35 * time.Second, 1, false},
		{"by the clock, in time", qlogs.SaveOptions{Records: -1, Interval: 5 * time.Second}, 20 * time.Second, time.Second, 0, 70 * time.Second, 3, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := contractBucket(50)
				store := &hangingStore{hold: func(int) time.Duration { return tt.hold }}
				scan := contractNew(src, nil, qlogs.Query{})
				begin := time.Now()
				var told error
				n := 0
				scan.SaveTo(store, &tt.opts)
				for _, err := range scan.Records(t.Context()) {
					if err != nil {
						told = err
						continue
					}
					if n++; n == tt.leave {
						break
					}
					time.Sleep(tt.pause)
				}
				if took := time.Since(begin); took > tt.took {
					t.Errorf("the loop took %v, want %v at most", took, tt.took)
				}
				if (told != nil) != tt.told || told != nil && !strings.Contains(told.Error(), "Save has") {
					t.Errorf("the loop was told %v, want an error: %t", told, tt.told)
				}
				if got := store.saves.Load(); got != tt.saves {
					t.Errorf("%d calls of Save, want %d", got, tt.saves)
				}
				time.Sleep(tt.hold) // the Save that was left behind ends some day
			})
		})
	}
}

// An endlessBody goes on for ever, or waits for ever, until it is closed.
type endlessBody struct {
	waits  bool
	closed chan struct{}
	close  sync.Once
	read   atomic.Int64
}

func newEndlessBody(waits bool) *endlessBody {
	return &endlessBody{waits: waits, closed: make(chan struct{})}
}

func (b *endlessBody) Read(p []byte) (int, error) {
	if b.waits {
		<-b.closed
		return 0, errors.New("closed")
	}
	b.read.Add(int64(len(p)))
	select {
	case <-b.closed:
		return 0, errors.New("closed")
	default:
		return len(p), nil
	}
}

func (b *endlessBody) Close() error {
	b.close.Do(func() { close(b.closed) })
	return nil
}

// An endlessHTTP answers some requests with bodies that do not end.
type endlessHTTP struct {
	s3.HTTPClient
	answer func(r *http.Request) *http.Response
}

func (c endlessHTTP) Do(r *http.Request) (*http.Response, error) {
	if response := c.answer(r); response != nil {
		response.Request, response.Proto, response.ProtoMajor, response.ProtoMinor = r, "HTTP/1.1", 1, 1
		return response, nil
	}
	return c.HTTPClient.Do(r)
}

// Errors whose body does not end, or does not come, are read to a bound or not at all.
// What refuses a request before there was one that worked is only closed.
func TestEndlessAnswers(t *testing.T) {
	isList := func(r *http.Request) bool { return r.URL.Query().Has("list-type") }
	isLean := func(r *http.Request) bool { return !isList(r) && r.Header.Get("Amz-Sdk-Invocation-Id") == "" }
	for _, status := range []int{400, 403, 404, 412, 500, 503} {
		for _, waits := range []bool{false, true} {
			for _, tt := range []struct {
				name string
				at   func(r *http.Request, key string) bool
				good int
			}{
				{"lean requests", func(r *http.Request, _ string) bool { return isLean(r) }, 12},
				{"GETs of one key", isKey, 11},
				{"listings", func(r *http.Request, _ string) bool { return isList(r) }, 0},
			} {
				t.Run(fmt.Sprint(status, " waits ", waits, " ", tt.name), func(t *testing.T) {
					testutil.NoLeaks(t)
					s := newS3Server(t, 12)
					synctest.Test(t, func(t *testing.T) {
						var bodies []*endlessBody
						client := s3.New(s.client.Options(), func(o *s3.Options) {
							o.RetryMaxAttempts = 1
							o.HTTPClient = endlessHTTP{s.direct(), func(r *http.Request) *http.Response {
								if !tt.at(r, s.keys[5]) {
									return nil
								}
								b := newEndlessBody(waits)
								bodies = append(bodies, b)
								go func() { // as a transport does
									<-r.Context().Done()
									b.Close()
								}()
								return &http.Response{StatusCode: status, Header: http.Header{}, Body: b, ContentLength: -1}
							}}
						})
						opts := &qlogs.Options{InFlight: 1, StallTimeout: 200 * time.Millisecond, MaxResumes: -1}
						good, bad := 0, 0
						for _, err := range qlogs.New(s3source.New(client, "logs", nil), opts).Scan(qlogs.Query{}).Records(t.Context()) {
							if err != nil {
								bad++
							} else {
								good++
							}
						}
						if len(bodies) == 0 {
							t.Fatal("no answer without an end was given")
						}
						// A lean request that is refused is asked for by the SDK; any other failure is.
						if tt.name != "lean requests" && (good != tt.good || bad != 1) {
							t.Errorf("%d records and %d errors, want %d and 1", good, bad, tt.good)
						}
						if good+bad != 12 && tt.name != "listings" {
							t.Errorf("%d pairs, want 12", good+bad)
						}
						for _, b := range bodies {
							if n := b.read.Load(); n > 2<<20 {
								t.Errorf("%d MiB of an error were read", n>>20)
							}
							select {
							case <-b.closed:
							default:
								t.Error("a body is not closed")
							}
						}
					})
				})
			}
		}
	}
}

// The answer to a lean request that the SDK never comes to see, since it has no
// credentials by then, is closed and not read.
func TestEndlessRefusal(t *testing.T) {
	testutil.NoLeaks(t)
	s := newS3Server(t, 12)
	var failing atomic.Bool
	body := newEndlessBody(true)
	client := s3.New(s.client.Options(), func(o *s3.Options) {
		o.RetryMaxAttempts = 1
		good := o.Credentials
		o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			if failing.Load() {
				return aws.Credentials{}, errors.New("no credentials any more")
			}
			return good.Retrieve(ctx)
		})
		next := o.HTTPClient
		o.HTTPClient = endlessHTTP{next, func(r *http.Request) *http.Response {
			if !isKey(r, s.keys[5]) {
				return nil
			}
			failing.Store(true)
			return &http.Response{StatusCode: 500, Header: http.Header{}, Body: body, ContentLength: -1}
		}}
	})
	pairs := 0
	for range qlogs.New(s3source.New(client, "logs", nil), &qlogs.Options{InFlight: 1}).Scan(qlogs.Query{}).Records(t.Context()) {
		pairs++
	}
	s.client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
	if pairs != 12 {
		t.Errorf("%d pairs, want 12", pairs)
	}
	select {
	case <-body.closed:
	default:
		t.Error("the answer is not closed")
	}
}

// An answer with 200 that the SDK refuses because of a header is read to a bound.
func TestEndlessGoodAnswer(t *testing.T) {
	for name, header := range map[string]http.Header{
		"date":   {"Last-Modified": {"yesterday"}},
		"number": {"X-Amz-Tagging-Count": {"many"}},
		"truth":  {"X-Amz-Delete-Marker": {"perhaps"}},
	} {
		t.Run(name, func(t *testing.T) {
			testutil.NoLeaks(t)
			s := newS3Server(t, 12)
			var bodies []*endlessBody
			client := s3.New(s.client.Options(), func(o *s3.Options) {
				o.RetryMaxAttempts = 1
				o.HTTPClient = endlessHTTP{o.HTTPClient, func(r *http.Request) *http.Response {
					if !isKey(r, s.keys[0]) && !isKey(r, s.keys[5]) { // the first one, and a lean one
						return nil
					}
					b := newEndlessBody(false)
					bodies = append(bodies, b)
					return &http.Response{StatusCode: 200, Header: header.Clone(), Body: b, ContentLength: -1}
				}}
			})
			good, bad := 0, 0
			for _, err := range qlogs.New(s3source.New(client, "logs", nil), &qlogs.Options{InFlight: 1}).Scan(qlogs.Query{}).Records(t.Context()) {
				if err != nil {
					bad++
				} else {
					good++
				}
			}
			s.client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
			if good != 10 || bad != 2 {
				t.Errorf("%d records and %d errors, want 10 and 2", good, bad)
			}
			for _, b := range bodies {
				if n := b.read.Load(); n > 1<<20 {
					t.Errorf("%d KiB were read", n>>10)
				}
			}
		})
	}
}

func isKey(r *http.Request, key string) bool { return strings.HasSuffix(r.URL.Path, key) }

// A page that does not end is an error.
func TestEndlessPage(t *testing.T) {
	for name, unit := range map[string]string{
		"keys":     "<Contents><Key>a</Key></Contents>",
		"empty":    "<Contents/>",
		"spaces":   "          ",
		"elements": "<New>text</New>",
		"text":     "no XML at all, only text ",
	} {
		t.Run(name, func(t *testing.T) {
			if name != "keys" && name != "empty" {
				testutil.NeedLong(t) // the SDK is slow to read 32 MiB
			}
			testutil.NoLeaks(t)
			s := newS3Server(t, 1)
			var read atomic.Int64
			client := s3.New(s.client.Options(), func(o *s3.Options) {
				o.RetryMaxAttempts = 1
				o.HTTPClient = endlessHTTP{o.HTTPClient, func(r *http.Request) *http.Response {
					body := io.MultiReader(strings.NewReader(`<ListBucketResult>`), &endlessText{unit: unit, read: &read})
					return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1}
				}}
			})
			var errs []error
			for _, err := range qlogs.New(s3source.New(client, "logs", nil), nil).Scan(qlogs.Query{}).Records(t.Context()) {
				errs = append(errs, err)
			}
			if len(errs) != 1 || errs[0] == nil {
				t.Errorf("errors %v, want one", errs)
			}
			if !strings.Contains(errs[0].Error(), "32 MiB") {
				t.Errorf("the error is %v, want one that says how long the answer is", errs[0])
			}
			if n := read.Load(); n > 33<<20 {
				t.Errorf("%d MiB were read of one answer", n>>20)
			}
		})
	}
}

type endlessText struct {
	unit string
	read *atomic.Int64
}

func (e *endlessText) Read(p []byte) (int, error) {
	n := copy(p, testutil.Repeat(e.unit, max(len(p), len(e.unit))))
	e.read.Add(int64(n))
	return n, nil
}

// What is no answer at all is an error of its object or listing, as it is with the SDK.
func TestNoAnswer(t *testing.T) {
	isList := func(r *http.Request) bool { return r.URL.Query().Has("list-type") }
	isLean := func(r *http.Request) bool { return !isList(r) && r.Header.Get("Amz-Sdk-Invocation-Id") == "" }
	answers := map[string]func() *http.Response{"no response": func() *http.Response { return nil }}
	for _, status := range []int{200, 204, 206, 301, 304, 400, 403, 404, 412, 500, 503} {
		answers[fmt.Sprint(status, " without a body")] = func() *http.Response {
			return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1}
		}
	}
	for name, answer := range answers {
		for where, at := range map[string]func(r *http.Request, key string) bool{
			"lean":            func(r *http.Request, _ string) bool { return isLean(r) },
			"GETs of one key": isKey,
			"listings":        func(r *http.Request, _ string) bool { return isList(r) },
		} {
			t.Run(name+", "+where, func(t *testing.T) {
				testutil.NoLeaks(t)
				s := newS3Server(t, 12)
				client := s3.New(s.client.Options(), func(o *s3.Options) {
					o.RetryMaxAttempts = 1
					o.HTTPClient = noAnswer{s.direct(), func(r *http.Request) bool { return at(r, s.keys[5]) }, answer}
				})
				opts := &qlogs.Options{InFlight: 1, MaxResumes: -1}
				good, bad := 0, 0
				for _, err := range qlogs.New(s3source.New(client, "logs", nil), opts).Scan(qlogs.Query{}).Records(t.Context()) {
					if err != nil {
						bad++
					} else {
						good++
					}
				}
				s.client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
				switch {
				case where == "listings":
					// An empty 200 is a question of what a listing is, not of panics.
					if good > 0 || bad > 1 {
						t.Errorf("%d records and %d errors", good, bad)
					}
				case good+bad != 12 || where == "GETs of one key" && bad != 1:
					t.Errorf("%d records and %d errors, want 12 pairs", good, bad)
				}
			})
		}
	}
}

type noAnswer struct {
	s3.HTTPClient
	at     func(r *http.Request) bool
	answer func() *http.Response
}

func (c noAnswer) Do(r *http.Request) (*http.Response, error) {
	if c.at(r) {
		return c.answer(), nil
	}
	return c.HTTPClient.Do(r)
}

// A client that is not the SDK's may return nothing at all.
type nothingAPI struct{ s3source.API }

func (nothingAPI) ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return nil, nil
}

func (nothingAPI) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return nil, nil
}

type bodilessAPI struct{ nothingAPI }

func (bodilessAPI) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return &s3.GetObjectOutput{}, nil
}

func TestNoAnswerOfAClient(t *testing.T) {
	for _, api := range []s3source.API{nothingAPI{}, bodilessAPI{}} {
		client := qlogs.New(s3source.New(api, "b", nil), nil)
		for _, err := range client.Scan(qlogs.Query{}).Records(t.Context()) {
			if err == nil {
				t.Error("a record of nothing")
			}
		}
		key := contractKey(contractPartition(), contractStart, 0)
		n := 0
		for _, err := range client.Read(t.Context(), qlogs.Object{Key: key, Size: 5, ETag: `"e"`}) {
			var bad *qlogs.ObjectError
			if n++; !errors.As(err, &bad) {
				t.Errorf("Read = %v, want an *ObjectError", err)
			}
		}
		if n != 1 {
			t.Errorf("%d pairs, want 1", n)
		}
	}
}
