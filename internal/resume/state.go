package resume

import (
	"errors"
	"fmt"
	"slices"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// ErrScope means that a State was made by a scan of another source, prefix or selection.
var ErrScope = errors.New("cursor belongs to another scan")

// A Scope is what a State is good for: the selection of the scan that made it, less its
// times.
type Scope struct {
	Source   string         `json:"source"`
	Nameless any            `json:"-"` // tells apart sources whose ID is empty; comparable
	Prefix   string         `json:"prefix,omitempty"`
	Accounts []string       `json:"accounts,omitempty"`
	Regions  []string       `json:"regions,omitempty"`
	Products []path.Product `json:"products,omitempty"`
	Types    []path.LogType `json:"types,omitempty"`
}

// check names what differs in the scope of a cursor, other.
func (s Scope) check(other Scope) error {
	differs := ""
	switch {
	case s.Source == "" && s.Nameless != other.Nameless:
		return fmt.Errorf("qlogs: %w: it is of a source without an ID, which cannot be told from this one: give each source an ID, such as the id of source.FS", ErrScope)
	case s.Source != other.Source:
		return fmt.Errorf("qlogs: %w: it is of source %q, not %q", ErrScope, other.Source, s.Source)
	case s.Prefix != other.Prefix:
		return fmt.Errorf("qlogs: %w: it is of prefix %q, not %q", ErrScope, other.Prefix, s.Prefix)
	case !slices.Equal(s.Accounts, other.Accounts):
		differs = "Accounts"
	case !slices.Equal(s.Regions, other.Regions):
		differs = "Regions"
	case !slices.Equal(s.Products, other.Products):
		differs = "Products"
	case !slices.Equal(s.Types, other.Types):
		differs = "Types"
	default:
		return nil
	}
	return fmt.Errorf("qlogs: %w: its query has other %s", ErrScope, differs)
}

// MaxPending is how many objects to be tried again a State holds, and MaxPendingOf how many
// of one partition.
const (
	MaxPending   = 1000
	MaxPendingOf = 500
)

// A pendingObject is to be tried again.
type pendingObject struct {
	source.Object
	Portion
	Tries          int // so far
	Contradictions int // as of an Item
}

// A State is what is finished of a store. It never changes and is safe for use by many
// goroutines.
type State struct {
	scope   *Scope
	reaches tree[string, *Reach] // by partition
	pending tree[int, *pendingObject]
	waiting int // pending objects

	// What was finished last is of one partition for long, so that one stands before the
	// tree and hides what the tree has of it.
	part  string
	reach *Reach
}

// newState returns the state of a scan of which nothing is finished.
func newState(s Scope) *State { return &State{scope: &s} }

// reachOf returns how far a partition is finished; nil if nothing of it is.
func (s *State) reachOf(part string) *Reach {
	if s.reach != nil && s.part == part {
		return s.reach
	}
	r, _ := s.reaches.get(part)
	return r
}

// with returns the state in which a partition is finished that far.
func (s *State) with(part string, r *Reach) *State {
	if s.reachOf(part) == r {
		return s
	}
	next := *s
	if s.reach != nil && s.part != part {
		next.reaches = s.reaches.put(s.part, s.reach)
	}
	next.part, next.reach = part, r
	return &next
}

// all returns the reaches of all partitions.
func (s *State) all() tree[string, *Reach] {
	if s.reach == nil {
		return s.reaches
	}
	return s.reaches.put(s.part, s.reach)
}

// pend returns the state with a pending object of that number, which may be there already.
func (s *State) pend(number int, o pendingObject) *State {
	next := *s
	if _, ok := s.pending.get(number); !ok {
		next.waiting++
	}
	next.pending = s.pending.put(number, &o)
	return &next
}

// resolve returns the state without the pending object of that number.
func (s *State) resolve(number int) *State {
	next := *s
	next.pending = s.pending.remove(number)
	next.waiting--
	return &next
}

// reachOr returns how far a partition is finished.
func (s *State) reachOr(part string) *Reach {
	if r := s.reachOf(part); r != nil {
		return r
	}
	return newReach()
}

// retried returns the state in which that much of a pending item is finished.
func (s *State) retried(item *Item, done Portion) *State {
	was, _ := s.pending.get(item.number)
	o := *was
	o.Object, o.Portion = item.Object, done
	return s.pend(item.number, o)
}

// resolved returns the state without a pending item, which may have become another version.
// Its partition has counted it as finished since it became pending.
func (s *State) resolved(item *Item, damaged bool) *State {
	return s.resolve(item.number).amended(item, damaged)
}

// amended returns the state in which the version of a finished object is that of an item.
func (s *State) amended(item *Item, damaged bool) *State {
	r := s.reachOf(item.at.part)
	if r == nil {
		return s
	}
	return s.with(item.at.part, r.amended(item.at, newVersion(item.Object, damaged)))
}

// own returns the same state, in which no other one appends to the hour of an item.
func (s *State) own(item *Item) *State {
	r := s.reachOf(item.at.part)
	if r == nil {
		return s
	}
	return s.with(item.at.part, r.own(item.at.hour))
}

// A Size says how much a State holds.
type Size struct {
	Partitions int // of which something is finished
	Hours      int // with finished objects
	Finished   int // objects that are named one by one
	Open       int // objects that are finished in part
	Pending    int // objects to be tried again
}

// Size counts what s holds. It takes as long as writing the text.
func (s *State) Size() Size {
	n := Size{Pending: s.waiting}
	for _, r := range s.all().all() {
		if r.empty() {
			continue
		}
		n.Partitions++
		for _, seen := range r.hours() {
			n.Hours++
			n.Finished += seen.count - seen.again
		}
		for range r.open.all() {
			n.Open++
		}
	}
	return n
}
