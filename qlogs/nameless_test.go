package qlogs_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// namelessFS has n objects of one record.
func namelessFS(n int) fs.FS {
	fsys := fstest.MapFS{}
	for i := range n {
		key := cursorKey(cursorChats, i)
		fsys[key] = &fstest.MapFile{Data: cursorFile(cursorRecord("x", i))}
	}
	return fsys
}

// A namelessValue is a source that cannot be compared.
type namelessValue struct {
	qlogs.Source
	_ []int
}

// The cursor of a source without an ID is good for that source alone.
func TestNamelessCursor(t *testing.T) {
	a, b := source.FS("", namelessFS(3)), source.FS("", namelessFS(5))
	loop := func(src qlogs.Source, after qlogs.Cursor) (n int, c qlogs.Cursor, last error) {
		s := qlogs.New(src, nil).Scan(qlogs.Query{After: after})
		for _, err := range s.Records(t.Context()) {
			if err == nil {
				n++
			}
			last = err
		}
		return n, s.Cursor(), last
	}
	n, after, err := loop(a, qlogs.Cursor{})
	if n != 3 || err != nil {
		t.Fatalf("%d records, error %v", n, err)
	}
	if n, _, err := loop(a, after); n != 0 || err != nil {
		t.Errorf("the same source, from its cursor: %d records, error %v, want none", n, err)
	}
	for name, src := range map[string]qlogs.Source{"another one": b, "one with an ID": source.FS("b", namelessFS(5))} {
		if n, _, err := loop(src, after); n != 0 || !errors.Is(err, qlogs.ErrCursorScope) || !strings.Contains(err.Error(), "ID") && !strings.Contains(err.Error(), `"b"`) {
			t.Errorf("%s: %d records, error %v, want none and ErrCursorScope", name, n, err)
		}
	}
	odd := namelessValue{Source: a}
	if _, after, err = loop(odd, qlogs.Cursor{}); err != nil {
		t.Fatal(err)
	}
	if n, _, err := loop(odd, after); n != 0 || !errors.Is(err, qlogs.ErrCursorScope) {
		t.Errorf("one that cannot be compared: %d records, error %v, want ErrCursorScope", n, err)
	}
}

// A countingStore counts what it is to save.
type countingStore struct {
	saves int
	texts bool // as a store that keeps them
}

func (s *countingStore) Load(context.Context) (qlogs.Cursor, error) { return qlogs.Cursor{}, nil }

func (s *countingStore) Save(_ context.Context, c qlogs.Cursor) error {
	s.saves++
	if s.texts {
		_, err := c.MarshalText()
		return err
	}
	return nil
}

// Its cursor cannot be stored, and SaveTo says so before anything is read.
func TestNamelessSave(t *testing.T) {
	s := qlogs.New(source.FS("", namelessFS(3)), nil).Scan(qlogs.Query{})
	s.SaveTo(&countingStore{}, nil)
	if err := only(t, s.Records(t.Context())); err == nil || !strings.Contains(err.Error(), "the source has no ID") {
		t.Errorf("error %v, want one that names the ID", err)
	}
}

// SaveTo that comes too late is told of, whatever pair the loop has.
func TestSaveToLate(t *testing.T) {
	for at := range 3 {
		s := qlogs.New(source.FS("mem://late", namelessFS(3)), nil).Scan(qlogs.Query{})
		store := &countingStore{}
		n := 0
		var last error
		for _, err := range s.Records(t.Context()) {
			if last = err; err == nil && n == at {
				s.SaveTo(store, nil)
			}
			n++
		}
		if n != at+2 || last == nil || !strings.Contains(last.Error(), "after the loop had begun") || store.saves != 0 {
			t.Errorf("SaveTo at entry %d: %d pairs, the last error is %v, %d saves; want the error as the next pair", at, n, last, store.saves)
		}
	}
}
