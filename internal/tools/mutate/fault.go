package main

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// A fault is a small change of the text of one function.
type fault struct {
	pkg  string // folder in the project
	file string // the same
	line int
	kind string

	// What tells it from other faults of the file, and stays when lines move.
	function string // with its receiver's type
	before   string // the line before
	text     string // of the line
	change   string

	edits []edit
}

// An edit puts text in the place of the bytes from start to end.
type edit struct {
	start, end int
	text       string
}

func (f *fault) String() string {
	return fmt.Sprintf("%s:%d: %s: %s: %s", f.file, f.line, f.function, f.kind, f.change)
}

// apply returns the file with the fault.
func (f *fault) apply(src []byte) []byte {
	edits := slices.SortedFunc(slices.Values(f.edits), func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, src[at:e.start]...), e.text...)
		at = e.end
	}
	return append(out, src[at:]...)
}

// oneLine is a piece of source as it stands in messages.
func oneLine(src string) string {
	const most = 70
	src = strings.Join(strings.Fields(src), " ")
	if len(src) > most {
		src = strings.ToValidUTF8(src[:most], "") + "…"
	}
	return src
}

// order returns the faults in the order in which they are tried: the kinds of each package
// take turns, and the seed decides which fault of a kind comes first, whatever others there are.
func order(faults []*fault, seed uint64) []*fault {
	rank := func(f *fault) uint64 {
		h := fnv.New64a()
		fmt.Fprint(h, seed, f.file, f.function, f.text, f.change)
		return h.Sum64()
	}
	var names []string
	groups := map[string][]*fault{}
	for _, f := range faults {
		name := f.kind + " " + f.pkg
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], f)
	}
	slices.Sort(names)
	for _, name := range names {
		slices.SortStableFunc(groups[name], func(a, b *fault) int { return cmp.Compare(rank(a), rank(b)) })
	}
	var list []*fault
	for round := 0; len(list) < len(faults); round++ {
		for _, name := range names {
			if of := groups[name]; round < len(of) {
				list = append(list, of[round])
			}
		}
	}
	return list
}
