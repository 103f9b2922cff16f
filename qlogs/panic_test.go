package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// panicKinds are the ways in which a caller's code ends other than by a return.
var panicKinds = []struct {
	name string
	end  func()
	want string // in what is recovered; empty for an end of the goroutine
}{
	{"text", func() { panic("panicText") }, "panicText"},
	{"error", func() { panic(errPanic) }, "panicError"},
	{"runtime", func() { list := make([]int, len(os.Args)); list[len(list)]++ }, "index out of range"},
	{"value", func() { panic([2]int{3, 4}) }, "[3 4]"},
	{"goexit", runtime.Goexit, ""},
}

var errPanic = errors.New("panicError")

// panicOnce is where the code of a test ends, once.
type panicOnce struct {
	once sync.Once
	end  func()
}

func (p *panicOnce) here() { p.once.Do(p.end) }

// panicListed is a hook that ends before a listing yields such an object or folder.
func panicListed(is func(o qlogs.Object) bool, end func()) func(context.Context, qlogs.ListInput, qlogs.Object) (qlogs.Object, error) {
	return func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		if is(o) {
			end()
		}
		return o, nil
	}
}

// panicOpened is a hook that ends in Open.
func panicOpened(key string, end func()) func(context.Context, string) error {
	return func(_ context.Context, k string) error {
		if k == key {
			end()
		}
		return nil
	}
}

// A panicBody ends at a byte.
type panicBody struct {
	io.Reader
	at, until int64
	end       func()
}

// panicRead has the body of an object end at a byte.
func panicRead(src *contractSource, key string, until int64, end func()) {
	whole := src.OnBody
	src.OnBody = func(ctx context.Context, o qlogs.Object, offset int64, r io.Reader) io.Reader {
		r = whole(ctx, o, offset, r)
		if o.Key != key {
			return r
		}
		return &panicBody{r, 0, until, end}
	}
}

func (b *panicBody) Read(p []byte) (int, error) {
	if b.at >= b.until {
		b.end()
	}
	n, err := b.Reader.Read(p[:min(len(p), 1<<20)])
	b.at += int64(n)
	return n, err
}

// A panicEnd is what ended a function: a panic, or runtime.Goexit, or nothing.
type panicEnd struct {
	value    any
	stack    string // of the goroutine that the caller ranges on
	returned bool
}

// panicRun runs f on a goroutine of its own.
func panicRun(f func()) (end panicEnd) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				end.value, end.stack = v, string(debug.Stack())
			}
		}()
		f()
		end.returned = true
	}()
	<-done
	return end
}

// panicPlaces are the places in a caller's source where it may end. The bucket has 40
// objects, of which number 20 is large, and number 21 is large and plain.
var panicPlaces = []struct {
	name  string
	frame string // of the stack
	set   func(src *contractSource, keys []string, end func())
}{
	{"list a folder", "panicListed", func(src *contractSource, _ []string, end func()) {
		src.OnObject = panicListed(func(o qlogs.Object) bool { return o.Folder }, end)
	}},
	{"list a partition", "panicListed", func(src *contractSource, _ []string, end func()) {
		src.OnObject = panicListed(func(o qlogs.Object) bool { return !o.Folder }, end)
	}},
	{"list a partition's middle", "panicListed", func(src *contractSource, keys []string, end func()) {
		src.OnObject = panicListed(func(o qlogs.Object) bool { return o.Key == keys[13] }, end)
	}},
	{"open", "panicOpened", func(src *contractSource, keys []string, end func()) {
		src.onOpen = panicOpened(keys[7], end)
	}},
	{"open a large object", "panicOpened", func(src *contractSource, keys []string, end func()) {
		src.onOpen = panicOpened(keys[20], end)
	}},
	{"read", "panicBody).Read", func(src *contractSource, keys []string, end func()) {
		panicRead(src, keys[7], 0, end)
	}},
	{"read a large object's head", "panicBody).Read", func(src *contractSource, keys []string, end func()) {
		panicRead(src, keys[20], 0, end)
	}},
	{"read a large object's middle", "panicBody).Read", func(src *contractSource, keys []string, end func()) {
		panicRead(src, keys[20], 4<<20, end)
	}},
	{"read a large plain object's middle", "panicBody).Read", func(src *contractSource, keys []string, end func()) {
		panicRead(src, keys[21], 4<<20, end)
	}},
}

func panicBucket() (*contractSource, []string) {
	src := newContractSource()
	var keys []string
	for i := range 40 {
		body := contractFile(contractChat(fmt.Sprint(i), contractStart))
		o := qlogs.Object{Key: windowKey(i), Size: int64(len(body))}
		switch i {
		case 20:
			body, o.Size = contractGzip(body), windowLarge
		case 21:
			o.Size = windowLarge
		}
		src.putListed(o, body)
		keys = append(keys, o.Key)
	}
	return src, keys
}

// A panic of a source on any goroutine comes to the one that ranges over the scan, with
// its value and stack, when nothing of the scan is left.
func TestPanicOfASource(t *testing.T) {
	ways := map[string]func(c *qlogs.Client, keys []string, pair func(error)){
		"Records": func(c *qlogs.Client, _ []string, pair func(error)) {
			for _, err := range c.Scan(qlogs.Query{}).Records(context.Background()) {
				pair(err)
			}
		},
		"Follow": func(c *qlogs.Client, _ []string, pair func(error)) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			for _, err := range c.Scan(qlogs.Query{}).Follow(ctx) {
				pair(err)
			}
		},
		"Objects": func(c *qlogs.Client, _ []string, pair func(error)) {
			for _, err := range c.Scan(qlogs.Query{}).Objects(context.Background()) {
				pair(err)
			}
		},
		"Read": func(c *qlogs.Client, keys []string, pair func(error)) {
			var all []qlogs.Object
			for _, key := range keys {
				all = append(all, qlogs.Object{Key: key, Size: -1})
			}
			for _, err := range c.Read(context.Background(), all...) {
				pair(err)
			}
		},
	}
	for way, run := range ways {
		for i, place := range panicPlaces {
			for k, kind := range panicKinds {
				if (i+k)%testutil.Pick(3, 1) != 0 {
					continue
				}
				if way == "Objects" && !strings.HasPrefix(place.name, "list") || way == "Read" && place.name != "list a partition" && strings.HasPrefix(place.name, "list") {
					continue
				}
				t.Run(way+", "+place.name+", "+kind.name, func(t *testing.T) {
					testutil.NoLeaks(t)
					src, keys := panicBucket()
					once := panicOnce{end: kind.end}
					place.set(src, keys, once.here)
					client := qlogs.New(src, &qlogs.Options{InFlight: 4})
					end := panicRun(func() {
						run(client, keys, func(err error) {
							if err != nil {
								t.Errorf("the loop got the error %v", err)
							}
						})
					})
					panicCheck(t, end, kind.want, place.frame)
					if open, _ := src.Bodies(); open != 0 {
						t.Errorf("%d bodies are open", open)
					}
				})
			}
		}
	}
}

// panicCheck wants the value, and the frame in the stack of the value or, of a panic that
// was the caller's goroutine's own, in that one's.
func panicCheck(t *testing.T, end panicEnd, want, frame string) {
	t.Helper()
	text := fmt.Sprint(end.value)
	switch {
	case end.returned:
		t.Error("the loop ended as if nothing had happened")
	case want == "" && end.value != nil:
		t.Errorf("a panic with %.300s, want an end of the goroutine", text)
	case want == "":
	case !strings.Contains(text, want) || !strings.Contains(text+end.stack, frame):
		t.Errorf("a panic with %.3000s, want %q and the frame %q", text, want, frame)
	case want == "panicError":
		if err, ok := end.value.(error); !ok || !errors.Is(err, errPanic) {
			t.Error("errors.Is does not find the error that the panic had")
		}
	}
}

// A loop that panics by itself does so with its own value.
func TestPanicOfTheLoop(t *testing.T) {
	src, _ := panicBucket()
	end := panicRun(func() {
		for range qlogs.New(src, nil).Scan(qlogs.Query{}).Records(context.Background()) {
			panic("loop's own")
		}
	})
	if end.value != "loop's own" {
		t.Errorf("recovered %v", end.value)
	}
}

// panicHTTP is an HTTP client that ends at a request.
type panicHTTP struct {
	s3.HTTPClient
	at func(r *http.Request)
}

func (c panicHTTP) Do(r *http.Request) (*http.Response, error) {
	c.at(r)
	return c.HTTPClient.Do(r)
}

// So it does with a caller's HTTP client, whether the SDK asks it or not, and with an
// S3API that is nil.
func TestPanicOfAnHTTPClient(t *testing.T) {
	isList := func(r *http.Request) bool { return r.URL.Query().Has("list-type") }
	isLean := func(r *http.Request) bool { return r.Header.Get("Amz-Sdk-Invocation-Id") == "" }
	for name, at := range map[string]func(r *http.Request) bool{
		"list":     isList,
		"first":    func(r *http.Request) bool { return !isList(r) && !isLean(r) },
		"lean":     isLean,
		"any lean": func(r *http.Request) bool { return isLean(r) && strings.Contains(r.URL.Path, "5") },
	} {
		for _, kind := range panicKinds {
			t.Run(name+", "+kind.name, func(t *testing.T) {
				testutil.NoLeaks(t)
				s := newS3Server(t, 30)
				client := s3.New(s.client.Options(), func(o *s3.Options) {
					o.HTTPClient = panicHTTP{o.HTTPClient, func(r *http.Request) {
						if at(r) {
							kind.end()
						}
					}}
				})
				end := panicRun(func() {
					for _, err := range qlogs.New(s3source.New(client, "logs", nil), &qlogs.Options{InFlight: 1}).Scan(qlogs.Query{}).Records(context.Background()) {
						if err != nil {
							t.Errorf("the loop got the error %v", err)
						}
					}
				})
				panicCheck(t, end, kind.want, "panicHTTP")
				s.client.Options().HTTPClient.(*http.Client).CloseIdleConnections()
			})
		}
	}
	end := panicRun(func() {
		for range qlogs.New(s3source.New(nil, "logs", nil), nil).Scan(qlogs.Query{}).Records(context.Background()) {
			t.Error("a pair without a client")
		}
	})
	panicCheck(t, end, "nil pointer", "s3source")
}

// A panicStore ends at its n-th Save.
type panicStore struct {
	n     int
	end   func()
	mu    sync.Mutex
	saves int
}

func (*panicStore) Load(context.Context) (qlogs.Cursor, error) { return qlogs.Cursor{}, nil }

func (s *panicStore) Save(context.Context, qlogs.Cursor) error {
	s.mu.Lock()
	s.saves++
	last := s.saves == s.n
	s.mu.Unlock()
	if last {
		s.end()
	}
	return nil
}

// And so it does with a caller's store: at a pair, by the clock, and at the end.
func TestPanicOfAStore(t *testing.T) {
	for name, test := range map[string]struct {
		opts  qlogs.SaveOptions
		n     int
		leave int // the pair that the loop leaves at
	}{
		"at a pair":    {qlogs.SaveOptions{Records: 5, Interval: -1}, 2, 0},
		"at the end":   {qlogs.SaveOptions{Records: -1, Interval: -1}, 1, 0},
		"at a break":   {qlogs.SaveOptions{Records: -1, Interval: -1}, 1, 3},
		"by the clock": {qlogs.SaveOptions{Records: -1, Interval: time.Millisecond}, 1, 0},
	} {
		for _, kind := range panicKinds {
			t.Run(name+", "+kind.name, func(t *testing.T) {
				testutil.NoLeaks(t)
				src, _ := panicBucket()
				store := &panicStore{n: test.n, end: kind.end}
				end := panicRun(func() {
					scan := qlogs.New(src, nil).Scan(qlogs.Query{})
					n := 0
					scan.SaveTo(store, &test.opts)
					for _, err := range scan.Records(context.Background()) {
						if err != nil {
							t.Errorf("the loop got the error %v", err)
						}
						if n++; n == test.leave {
							break
						}
						if test.opts.Interval > 0 {
							time.Sleep(2 * time.Millisecond)
						}
					}
				})
				panicCheck(t, end, kind.want, "panicStore).Save")
				if store.saves != test.n {
					t.Errorf("%d calls of Save, want %d", store.saves, test.n)
				}
			})
		}
	}
}

// A panic of a Save that was left behind comes with the next save, or at the end.
func TestPanicOfASaveLeftBehind(t *testing.T) {
	for name, opts := range map[string]qlogs.SaveOptions{
		"next save": {Records: -1, Interval: time.Second},
		"the end":   {Records: -1, Interval: 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := contractBucket(100)
				store := &panicStore{n: 1, end: func() {
					time.Sleep(40 * time.Second)
					panic("panicText")
				}}
				var value any
				func() {
					defer func() { value = recover() }()
					scan := contractNew(src, nil, qlogs.Query{})
					n := 0
					scan.SaveTo(store, &opts)
					for range scan.Records(t.Context()) {
						time.Sleep(59 * time.Second) // one pair's work, while the save goes on
						if n++; name == "the end" && n == 2 {
							break
						}
					}
				}()
				if !strings.Contains(fmt.Sprint(value), "panicText") {
					t.Errorf("recovered %.200v, want the panic of Save", value)
				}
				if store.saves != 1 {
					t.Errorf("%d calls of Save, want 1", store.saves)
				}
			})
		})
	}
}
