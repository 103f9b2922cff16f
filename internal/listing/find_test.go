package listing_test

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/listing"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// One object is found by its key, with one listing that begins just before it.
func TestFind(t *testing.T) {
	wanted := key(chats, 1)
	for _, tt := range []struct {
		name  string
		keys  []string
		fails map[string]error
		found bool
		err   error
	}{
		{"there", []string{key(chats, 0), wanted, key(chats, 2)}, nil, true, nil},
		{"not there", []string{key(chats, 0), key(chats, 2)}, nil, false, nil},
		{"nothing there", nil, nil, false, nil},
		{"before the end of a key that it begins", []string{wanted[:len(wanted)-1], wanted[:len(wanted)-1] + "a", wanted}, nil, true, nil},
		{"a listing that fails", []string{wanted[:len(wanted)-1] + "a"}, map[string]error{hour(chats, 0): errDenied}, false, errDenied},
		{"a name that fails", []string{wanted}, map[string]error{wanted: errBroken}, false, errBroken},
		{"another name that fails", []string{wanted[:len(wanted)-1] + "a", wanted}, map[string]error{wanted[:len(wanted)-1] + "a": errBroken}, true, nil},
		{"a later name that fails", []string{wanted + "a"}, map[string]error{wanted + "a": errBroken}, false, nil},
	} {
		b := newBucket(tt.keys...)
		b.fails = tt.fails
		o, found, err := listing.Find(t.Context(), listing.Config{Source: b, StallTimeout: time.Minute}, wanted)
		if found != tt.found || !errors.Is(err, tt.err) || err != nil && err != tt.err {
			t.Errorf("%s: found %t, error %v, want %t, %v", tt.name, found, err, tt.found, tt.err)
		}
		if want := object(wanted); found && o != want {
			t.Errorf("%s: %+v, want %+v", tt.name, o, want)
		}
		if lists := b.told(); len(lists) != 1 || b.runs != 0 {
			t.Errorf("%s: listings %q, %d go on, want one that ends", tt.name, lists, b.runs)
		}
	}
}

// A store may list from the start, and keys twice, which changes nothing, but not out of
// order.
func TestFindInAnyListing(t *testing.T) {
	b := newBucket(key(chats, 0), key(chats, 1), key(chats, 2))
	b.list = func(in source.ListInput, _ iter.Seq2[source.Object, error]) iter.Seq2[source.Object, error] {
		return func(yield func(source.Object, error) bool) {
			for i := range 2 * len(b.keys) {
				if !yield(object(b.keys[i/2]), nil) {
					return
				}
			}
		}
	}
	o, found, err := listing.Find(t.Context(), listing.Config{Source: b, StallTimeout: time.Minute}, key(chats, 1))
	if o != object(key(chats, 1)) || !found || err != nil {
		t.Errorf("Find = %+v, %t, %v", o, found, err)
	}
	slices.Reverse(b.keys)
	if _, found, err := listing.Find(t.Context(), listing.Config{Source: b, StallTimeout: time.Minute}, key(chats, 3)); found || err == nil {
		t.Errorf("found %t, error %v in a listing out of order", found, err)
	}
}
