package qlogs_test

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// A mirror that is not mounted is no empty one, whatever part of it is read.
func TestDirMissingRoot(t *testing.T) {
	root := filepath.Join(t.TempDir(), "nowhere")
	for _, prefix := range []string{"", "AWSLogs", "logs/AWSLogs/111122223333/KiroLogs/", cursorChats.String(), cursorChats.String() + "2026/03/02/"} {
		pairs := 0
		for _, err := range qlogs.New(source.Dir(root), nil).Scan(qlogs.Query{Prefix: prefix}).Records(t.Context()) {
			pairs++
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("prefix %q: error %v, want fs.ErrNotExist", prefix, err)
			}
		}
		if pairs != 1 {
			t.Errorf("prefix %q: %d pairs, want one error", prefix, pairs)
		}
	}
}

// A size below 0, which a broken server may list, ends the scan and not the process.
func TestNegativeSize(t *testing.T) {
	store := sourcetest.NewMemory("mem")
	store.Put(cursorKey(cursorChats, 0), cursorFile(cursorRecord("a", 0)))
	store.OnObject = func(_ context.Context, _ qlogs.ListInput, o qlogs.Object) (qlogs.Object, error) {
		if !o.Folder {
			o.Size = -5
		}
		return o, nil
	}
	var last error
	for _, err := range qlogs.New(store, nil).Scan(qlogs.Query{}).Records(t.Context()) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "a size of -5") {
		t.Errorf("last pair has the error %v, want one that tells the size", last)
	}
}

func TestTooManyInFlight(t *testing.T) {
	for _, n := range []int{10_001, 1 << 30, math.MaxInt} {
		pairs := 0
		for _, err := range qlogs.New(newCursorStore(), &qlogs.Options{InFlight: n}).Scan(qlogs.Query{}).Records(t.Context()) {
			pairs++
			if err == nil || !strings.Contains(err.Error(), "InFlight") {
				t.Errorf("InFlight %d: error %v, want one that names the option", n, err)
			}
		}
		if pairs != 1 {
			t.Errorf("InFlight %d: %d pairs, want one", n, pairs)
		}
	}
	for range qlogs.New(newCursorStore(), &qlogs.Options{InFlight: 10_000}).Scan(qlogs.Query{MayBeEmpty: true}).Records(t.Context()) {
		t.Error("an empty store gives a pair")
	}
}
