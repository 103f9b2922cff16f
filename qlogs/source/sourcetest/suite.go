package sourcetest

import (
	"context"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// A Store is what [Test] has a source read. Source alone is required; what else is there
// lets Test see more.
type Store struct {
	// Source reads all of the store.
	Source source.Source

	// Put stores an object in place of what was there. Without it, changes of
	// objects are not tested.
	Put func(ctx context.Context, key string, body []byte) error

	// Delete removes an object. Without it, what becomes of a deleted one is not tested.
	Delete func(ctx context.Context, key string) error

	// Missing reads a store of the same kind that does not exist.
	Missing source.Source

	// Deny returns a source that reads the store as somebody to whom two things are denied:
	// objects whose keys start with prefix, and listings of prefixes that start with it. It
	// may skip the test.
	Deny func(t *testing.T, prefix string) source.Source
}

// Test holds a source to the contract of [source.Source]. It calls open once for each of
// its subtests, one after the other, for a new store that holds these objects and nothing
// else. Open ends the test if that fails; it may skip it if such a store cannot hold such
// keys. Most keys are of letters, digits and "/.-", and none is a folder of another one.
//
// It tests the order of listings, prefixes, After and Folders, listings of many pages, all
// kinds of characters in keys, what listings say of objects, listings that are left or
// cancelled, bodies at all offsets, what is changed, gone, denied or not there at all, and
// use by many goroutines. A failure says what to mend.
//
// It cannot see whether List leaves something behind, or whether the reads of a body that
// waits for the store end with the context of Open.
func Test(t *testing.T, open func(t *testing.T, objects map[string][]byte) Store) {
	for _, c := range []struct {
		name    string
		objects map[string][]byte
		check   func(*suite)
	}{
		{"id", keys("a"), (*suite).id},
		{"order", orderObjects(), (*suite).order},
		{"after", afterObjects(), (*suite).after},
		{"folders", folderObjects(), (*suite).folders},
		{"pages", pageObjects(), (*suite).pages},
		{"characters", keys(characterKeys()...), (*suite).characters},
		{"reserved characters", keys(reservedKeys()...), (*suite).characters},
		{"objects", keys("o/1", "o/22", "o/333"), (*suite).objects},
		{"left", leftObjects(), (*suite).left},
		{"cancelled", keys("c/1", "c/2"), (*suite).cancelled},
		{"open", openObjects(), (*suite).open},
		{"changed", keys("x/one", "x/two"), (*suite).changed},
		{"gone", keys("x/one", "x/two"), (*suite).gone},
		{"denied", keys("x/one", "x/two"), (*suite).denied},
		{"missing", nil, (*suite).missing},
		{"concurrent", keys(concurrentKeys()...), (*suite).concurrent},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := open(t, c.objects)
			if store.Source == nil {
				t.Fatal("the Store has no Source")
			}
			c.check(&suite{T: t, Store: store, held: c.objects})
		})
	}
}

// A suite is one subtest.
type suite struct {
	*testing.T
	Store
	held map[string][]byte
}

// keys returns objects that hold their own keys.
func keys(list ...string) map[string][]byte {
	objects := make(map[string][]byte, len(list))
	for _, key := range list {
		objects[key] = []byte(key)
	}
	return objects
}

func (s *suite) id() {
	id := s.Source.ID()
	if id == "" {
		s.Error("ID() is empty: a cursor cannot tell the store from another one")
	}
	if again := s.Source.ID(); again != id {
		s.Errorf("ID() = %q, then %q: the same store must always have the same ID", id, again)
	}
}
