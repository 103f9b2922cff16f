package sourcetest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// content returns all that Open brings.
func content(ctx context.Context, src source.Source, o source.Object, offset int64) ([]byte, error) {
	rc, err := src.Open(ctx, o, offset)
	if err != nil {
		return nil, err
	}
	if rc == nil {
		return nil, errors.New("no body and no error")
	}
	data, err := io.ReadAll(rc)
	return data, errors.Join(err, rc.Close())
}

// reads opens an object that is there.
func (s *suite) reads(src source.Source, o source.Object, offset int64, want []byte) {
	s.Helper()
	got, err := content(s.Context(), src, o, offset)
	switch {
	case err != nil:
		s.Errorf("Open(%q, offset %d) fails: %v", o.Key, offset, err)
	case !bytes.Equal(got, want[offset:]):
		s.Errorf("Open(%q, offset %d) brings %d bytes, %s, want the %d from there on: give the bytes as they are stored",
			o.Key, offset, len(got), differs(got, want[offset:]), len(want)-int(offset))
	}
}

func differs(got, want []byte) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("other ones from byte %d on", i)
		}
	}
	return "but those are the same"
}

// fails opens an object and wants an error of that class.
func (s *suite) fails(src source.Source, o source.Object, offset int64, class error, when string) {
	s.Helper()
	if got, err := content(s.Context(), src, o, offset); !errors.Is(err, class) {
		outcome := fmt.Sprintf("brings %d bytes", len(got))
		if err != nil {
			outcome = fmt.Sprintf("fails: %v", err)
		}
		s.Errorf("Open(%q, offset %d) of an object %s %s: it has to fail with an error that wraps %q", o.Key, offset, when, outcome, class)
	}
}

// openObjects have bodies of which a store may make something else.
func openObjects() map[string][]byte {
	data := make([]byte, 100_000)
	for i := range data {
		data[i] = byte(i>>8 ^ i)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write(data) // into a buffer, which takes all
	_ = w.Close()
	return map[string][]byte{"x/data": data, "x/data.json.gz": zipped.Bytes(), "x/empty": {}, "x/lines.json": []byte("{}\r\n\n\xff")}
}

func (s *suite) open() {
	for _, o := range s.list(source.ListInput{}) {
		want := s.held[o.Key]
		offsets := []int64{0, 1, 2, o.Size / 2, o.Size - 1}
		slices.Sort(offsets)
		for _, offset := range slices.Compact(offsets) {
			if offset == 0 || offset > 0 && offset < o.Size {
				s.reads(s.Source, o, offset, want)
			}
		}
	}
}

// find returns an object as it is listed.
func (s *suite) find(key string) source.Object {
	s.Helper()
	for o, err := range s.Source.List(s.Context(), source.ListInput{Prefix: key}) {
		if err != nil {
			s.Fatalf("%s yields the error %v", asked(source.ListInput{Prefix: key}), err)
		}
		if o.Key == key {
			return o
		}
	}
	s.Fatalf("%s does not yield the object of that key", asked(source.ListInput{Prefix: key}))
	return source.Object{}
}

func (s *suite) changed() {
	if s.Put == nil {
		s.Skip("the Store has no Put")
	}
	old := s.find("x/one")
	untagged := old
	untagged.ETag = ""
	for _, now := range []string{"x/eno", "longer", "less", ""} {
		if err := s.Put(s.Context(), "x/one", []byte(now)); err != nil {
			s.Fatalf("Put: %v", err)
		}
		listed := s.find("x/one")
		when := fmt.Sprintf("that was listed, and has become %q since,", now)
		for _, offset := range []int64{0, 2} {
			if old.ETag != "" || len(now) != 5 {
				s.fails(s.Source, old, offset, source.ErrChanged, when)
			}
		}
		if len(now) != 5 {
			s.fails(s.Source, untagged, 0, source.ErrChanged, when+" given without its ETag")
		}
		if old.ETag != "" && listed.ETag == old.ETag {
			s.Errorf("List gives %q the same ETag, %s, when it holds something else: an ETag changes with the content", old.Key, old.ETag)
		}
		s.reads(s.Source, listed, 0, []byte(now))
	}
	s.reads(s.Source, s.find("x/two"), 0, []byte("x/two"))
}

func (s *suite) gone() {
	for _, key := range []string{"x/three", "y/z/a", "x/one/1"} {
		s.fails(s.Source, source.Object{Key: key, Size: 5}, 0, fs.ErrNotExist, "that is not there")
	}
	if s.Delete == nil {
		return
	}
	o := s.find("x/one")
	if err := s.Delete(s.Context(), o.Key); err != nil {
		s.Fatalf("Delete: %v", err)
	}
	s.fails(s.Source, o, 0, fs.ErrNotExist, "that was listed, and deleted since,")
	delete(s.held, o.Key)
	s.list(source.ListInput{})
}

// only wants a listing to yield nothing but an error of that class.
func (s *suite) only(src source.Source, class error, when string) {
	s.Helper()
	n := 0
	for o, err := range src.List(s.Context(), source.ListInput{}) {
		if n++; n > 1 || !errors.Is(err, class) {
			s.Errorf("List of a store that is %s yields %q, %v: yield one error that wraps %q", when, o.Key, err, class)
			return
		}
	}
	if n == 0 {
		s.Errorf("List of a store that is %s yields nothing, as for an empty one: yield one error that wraps %q", when, class)
	}
}

func (s *suite) denied() {
	if s.Deny == nil {
		s.Skip("the Store has no Deny")
	}
	one, two := s.find("x/one"), s.find("x/two")
	object := s.Deny(s.T, one.Key)
	s.fails(object, one, 0, fs.ErrPermission, "that is denied")
	s.reads(object, two, 0, s.held[two.Key])
	all := s.Deny(s.T, "")
	s.only(all, fs.ErrPermission, "denied")
	s.fails(all, two, 0, fs.ErrPermission, "that is denied, as the whole store is,")
}

func (s *suite) missing() {
	for o, err := range s.Source.List(s.Context(), source.ListInput{}) {
		s.Errorf("List of an empty store yields %q, %v: it yields nothing", o.Key, err)
	}
	if s.Missing != nil {
		s.only(s.Missing, fs.ErrNotExist, "not there")
	}
}

func concurrentKeys() []string {
	var list []string
	for i := range 8 {
		list = append(list, fmt.Sprintf("c/%d/1", i), fmt.Sprintf("c/%d/2", i))
	}
	return list
}

// concurrent has the race detector look, if it is there.
func (s *suite) concurrent() {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 5 {
				for _, o := range s.list(source.ListInput{Prefix: fmt.Sprintf("c/%d/", i)}) {
					s.reads(s.Source, o, 1, s.held[o.Key])
				}
			}
		})
	}
	wg.Wait()
}
