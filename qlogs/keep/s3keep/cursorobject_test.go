package s3keep_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/keep/s3keep"
	"github.com/promptlogs/qlogs/qlogs/source"
)

func TestCursorObject(t *testing.T) {
	_, client := stores.MemS3(t)
	behaviours(t, client)
}

func TestRealS3CursorObject(t *testing.T) {
	testutil.NoLeaks(t)
	server := stores.RealS3(t)
	behaviours(t, server.Client)
	t.Run("denied", func(t *testing.T) {
		store := s3keep.CursorObject(server.Limited(t, bucket, stores.Denied{Get: []string{key}}), bucket, key, nil)
		_, err := store.Load(t.Context())
		wantError(t, "Load", err, fs.ErrPermission, "s3:GetObject", "s3:ListBucket")
	})
}

// behaviours holds for every store that has conditional writes.
func behaviours(t *testing.T, client *s3.Client) {
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	cursors := cursorsOf(t, 6)
	remove := func(t *testing.T) {
		t.Helper()
		if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"what was saved is loaded", func(t *testing.T) {
			store := s3keep.CursorObject(client, bucket, key, nil)
			if c := mustLoad(t, store); !c.IsZero() {
				t.Errorf("Load without an object = %v, want the zero Cursor", c)
			}
			for _, c := range append(cursors, qlogs.Cursor{}, cursors[1], cursors[1]) {
				mustSave(t, store, c)
				wantStored(t, client, c)
			}
			next := opened(t, client)
			mustSave(t, next, cursors[2])
			wantStored(t, client, cursors[2])
		}},
		{"the zero Cursor is saved as the first", func(t *testing.T) {
			mustSave(t, opened(t, client), qlogs.Cursor{})
			wantStored(t, client, qlogs.Cursor{})
		}},
		{"Save before Load", func(t *testing.T) {
			store := s3keep.CursorObject(client, bucket, key, nil)
			wantError(t, "Save", store.Save(t.Context(), cursors[0]), nil, "call Load first")
			mustLoad(t, store)
			mustSave(t, store, cursors[0])
		}},
		{"two who begin a key", func(t *testing.T) {
			one, two := opened(t, client), opened(t, client)
			mustSave(t, one, cursors[3])
			wantError(t, "Save", two.Save(t.Context(), cursors[1]), s3keep.ErrConflict, "a key of its own")
			wantStored(t, client, cursors[3])
		}},
		{"two who go on", func(t *testing.T) {
			mustSave(t, opened(t, client), cursors[0])
			one, two := opened(t, client), opened(t, client)
			mustSave(t, one, cursors[1])
			mustSave(t, one, cursors[2])
			for range 2 {
				wantError(t, "Save", two.Save(t.Context(), cursors[1]), s3keep.ErrConflict, "a key of its own")
			}
			mustSave(t, one, cursors[3])
			wantStored(t, client, cursors[3])
			mustLoad(t, two)
			mustSave(t, two, cursors[4])
			wantError(t, "Save", one.Save(t.Context(), cursors[5]), s3keep.ErrConflict, "a key of its own")
			wantStored(t, client, cursors[4])
		}},
		{"two who save the same", func(t *testing.T) {
			one, two := opened(t, client), opened(t, client)
			mustSave(t, one, cursors[0])
			wantError(t, "Save", two.Save(t.Context(), cursors[0]), s3keep.ErrConflict, "a key of its own")
		}},
		{"deleted meanwhile", func(t *testing.T) {
			store := opened(t, client)
			mustSave(t, store, cursors[0])
			remove(t)
			wantError(t, "Save", store.Save(t.Context(), cursors[1]), s3keep.ErrConflict, "was deleted")
			if c := mustLoad(t, store); !c.IsZero() {
				t.Errorf("Load = %v, want the zero Cursor", c)
			}
			mustSave(t, store, cursors[1])
			wantStored(t, client, cursors[1])
		}},
		{"replaced by an older copy", func(t *testing.T) {
			store := opened(t, client)
			mustSave(t, store, cursors[0])
			old := getText(t, client)
			mustSave(t, store, cursors[1])
			putText(t, client, old)
			wantError(t, "Save", store.Save(t.Context(), cursors[2]), s3keep.ErrConflict)
			wantStored(t, client, cursors[0])
		}},
		{"replaced by an older copy after Load", func(t *testing.T) {
			store := opened(t, client)
			mustSave(t, store, cursors[0])
			old := getText(t, client)
			mustSave(t, opened(t, client), cursors[1])
			mustLoad(t, store)
			putText(t, client, old)
			wantError(t, "Save", store.Save(t.Context(), cursors[2]), s3keep.ErrConflict)
			wantStored(t, client, cursors[0])
		}},
		{"put by hand", func(t *testing.T) {
			for _, end := range []string{"", "\n", "\r\n"} {
				putText(t, client, cursors[2].String()+end)
				store := s3keep.CursorObject(client, bucket, key, nil)
				if c := mustLoad(t, store); c.String() != cursors[2].String() {
					t.Errorf("Load = %v, want %v", c, cursors[2])
				}
				mustSave(t, store, cursors[3])
				wantStored(t, client, cursors[3])
			}
		}},
		{"damaged", func(t *testing.T) {
			mustSave(t, opened(t, client), cursors[0])
			sound := getText(t, client)
			for what, text := range map[string]string{
				"empty":            "",
				"a newline":        "\n",
				"a page":           "<html><body>Sign in</body></html>",
				"zeros":            strings.Repeat("\x00", len(sound)),
				"twice":            sound + sound,
				"cut in the text":  sound[:20],
				"cut in the label": sound[:len(sound)-10],
				"another byte":     strings.Replace(sound, "a", "b", 1),
			} {
				putText(t, client, text)
				c, err := s3keep.CursorObject(client, bucket, key, nil).Load(t.Context())
				wantError(t, what, err, nil, "restore the object from a copy or an older version, or delete it")
				if !c.IsZero() {
					t.Errorf("%s: Load returns %v with its error", what, c)
				}
			}
			store := s3keep.CursorObject(client, bucket, key, nil)
			_, _ = store.Load(t.Context())
			wantError(t, "Save after Load has failed", store.Save(t.Context(), cursors[1]), nil, "call Load first")
		}},
		{"no bucket", func(t *testing.T) {
			_, err := s3keep.CursorObject(client, "none-such", key, nil).Load(t.Context())
			if !errors.Is(err, source.ErrNoStore) || !strings.Contains(err.Error(), "make the bucket") {
				t.Errorf("Load: %v, want one that is %v", err, source.ErrNoStore)
			}
		}},
		{"many at once", func(t *testing.T) {
			for round := range 3 {
				var writers []qlogs.CursorStore
				for range 6 {
					writers = append(writers, opened(t, client))
				}
				var passed atomic.Int32
				var wg sync.WaitGroup
				for i, w := range writers {
					wg.Go(func() {
						switch err := w.Save(t.Context(), cursors[i]); {
						case err == nil:
							passed.Add(1)
						case !errors.Is(err, s3keep.ErrConflict):
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if passed.Load() != 1 {
					t.Errorf("round %d: %d of the writers have saved, want 1", round, passed.Load())
				}
			}
		}},
		{"context done", func(t *testing.T) {
			store := opened(t, client)
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := errors.New("told to end")
			cancel(cause)
			_, err := store.Load(ctx)
			wantError(t, "Load", err, cause)
			wantError(t, "Save", store.Save(ctx, cursors[0]), cause)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			remove(t)
			tt.run(t)
		})
	}
}

// One store is used by many goroutines.
func TestConcurrent(t *testing.T) {
	_, client := direct()
	var busy atomic.Bool
	store, cursors := s3keep.CursorObject(client, bucket, key, &s3keep.Options{Put: func(*s3.PutObjectInput) {
		if !busy.CompareAndSwap(false, true) {
			t.Error("calls of Put overlap")
		}
		time.Sleep(time.Millisecond)
		busy.Store(false)
	}}), cursorsOf(t, 8)
	mustLoad(t, store)
	known := map[string]bool{"": true}
	for _, c := range cursors {
		known[c.String()] = true
	}
	var wg sync.WaitGroup
	for _, c := range cursors {
		wg.Go(func() {
			for range 5 {
				if err := store.Save(t.Context(), c); err != nil {
					t.Error(err)
				}
				if got, err := store.Load(t.Context()); err != nil || !known[got.String()] || got.IsZero() {
					t.Errorf("Load = %v, %v, want one of those that were saved", got, err)
				}
			}
		})
	}
	wg.Wait()
}

// A process costs one GET and one PUT for each save. Whether the store heeds conditions is
// tried and noted with the first save of a key, and never again.
func TestRequests(t *testing.T) {
	for name, saves := range map[string]int{"one Save in each process": 1, "three": 3} {
		t.Run(name, func(t *testing.T) {
			server, client := direct()
			cursors := cursorsOf(t, 5*saves)
			gets, puts := 0, 0
			want := func(what string, get, put int) {
				t.Helper()
				gets, puts = gets+get, puts+put
				if n := server.Requests(); n["GetObject"] != gets || n["PutObject"] != puts || len(n) > 2 {
					t.Errorf("%s: requests so far %v, want %d GET and %d PUT", what, n, gets, puts)
				}
			}
			var store qlogs.CursorStore
			for i, c := range cursors {
				if i%saves == 0 {
					store = opened(t, client)
					want("Load", 1, 0)
				}
				mustSave(t, store, c)
				if i == 0 {
					want("first Save of the key", 0, 4)
				} else {
					want("Save", 0, 1)
				}
			}
			text := getText(t, client)
			if last := cursors[len(cursors)-1].String(); !strings.HasPrefix(text, last+"\ns3keep1 ") || !strings.HasSuffix(text, " tried\n") || strings.Count(text, "\n") != 2 {
				t.Errorf("the object holds %q, want the cursor and a second line that says tried", text)
			}
		})
	}
}

// If the first process ends before it has noted what the trial has shown, the next one tries.
// So does the one that finds a cursor which somebody has put there.
func TestRequestsWithoutNote(t *testing.T) {
	for _, label := range []string{"", "\ns3keep1 SOMEBODY 7 untried\n"} {
		server, client := direct()
		cursors := cursorsOf(t, 4)
		putText(t, client, cursors[0].String()+label)
		before := server.Requests()["PutObject"]
		for i, want := range []int{4, 5, 6} {
			mustSave(t, opened(t, client), cursors[i+1])
			if n := server.Requests()["PutObject"] - before; n != want {
				t.Errorf("second line %q: %d PUT requests in %d processes, want %d", label, n, i+1, want)
			}
		}
	}
}

func TestOptions(t *testing.T) {
	var puts []*s3.PutObjectInput
	_, client := direct()
	api := &spy{API: client, put: func(in *s3.PutObjectInput) { puts = append(puts, in) }}
	owned := func(owner string) qlogs.CursorStore {
		return s3keep.CursorObject(api, bucket, key, &s3keep.Options{
			ExpectedBucketOwner: owner, RequesterPays: true,
			Put: func(in *s3.PutObjectInput) {
				in.Tagging, in.ServerSideEncryption = aws.String("team=usage"), "aws:kms"
				in.Key, in.IfMatch = aws.String("another"), aws.String("x")
			},
		})
	}
	_, err := owned("999999999999").Load(t.Context())
	wantError(t, "Load of another's bucket", err, fs.ErrPermission, "999999999999", "ExpectedBucketOwner")
	store := owned("111122223333")
	mustLoad(t, store)
	mustSave(t, store, cursorsOf(t, 1)[0])
	in := puts[0]
	if *in.Tagging != "team=usage" || in.ServerSideEncryption != "aws:kms" || in.RequestPayer != "requester" || *in.ContentType != "text/plain" {
		t.Errorf("the request has not what the options say: %+v", in)
	}
	if *in.Key != key || in.IfMatch != nil || *in.IfNoneMatch != "*" {
		t.Errorf("the function has changed what it must not: key %q, If-Match %v, If-None-Match %v", *in.Key, in.IfMatch, in.IfNoneMatch)
	}
}

// spy shows what is put.
type spy struct {
	s3keep.API
	put func(*s3.PutObjectInput)
}

func (s *spy) PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	s.put(in)
	return s.API.PutObject(ctx, in, opts...)
}

// The cursor's text is all that the object shows, and it has keys alone.
func TestNoTexts(t *testing.T) {
	_, client := direct()
	store := opened(t, client)
	for _, c := range cursorsOf(t, 3) {
		mustSave(t, store, c)
		lines := strings.Split(getText(t, client), "\n")
		if !slices.Equal(lines[:1], []string{c.String()}) {
			t.Errorf("the object's first line is %q, want the cursor's text", lines[0])
		}
	}
}
