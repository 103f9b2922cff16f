package main

import (
	"errors"
	"fmt"
	"slices"
)

// An explanation says why no test can notice a fault: nothing differs that anybody sees. It
// holds as long as the line's text does, or that of the line before and the line if the function
// has the line more than once. One that fits no fault any more is an error.
type explanation struct {
	function, text, change string // as in a fault
	why                    string
}

func (e *explanation) fits(f *fault) bool {
	return e.function == f.function && (e.text == f.text || e.text == f.before+"\n"+f.text) && e.change == f.change
}

var explained = []explanation{
	{"deadLetterFile.lines", "f.mu.Lock()", "without the lock of f.mu", "a file that is read while it is written has a line that is cut off at its end, which is passed over; where a file that is open cannot be replaced, on Windows, the lock is needed"},
	{"cursorFile.Load", "f.mu.Lock()", "without the lock of f.mu", "Save replaces the file as a whole; where a file that is open cannot be replaced, on Windows, the lock is needed"},
	{"syncDir", "if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {", "err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err…: && → ||", "a directory that can be synced gives no error, and then nil is returned either way"},
	{"syncDir", "if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {", "err != nil && !errors.Is(err, errors.ErrUnsupported): && → ||", "a directory that can be synced gives no error, and then nil is returned either way"},
	{"syncDir", "if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {", "err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err… → !(err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(e…", "a directory that can be synced gives no error, and then nil is returned either way"},
	{"syncDir", "if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {", "err != nil: != → ==", "a directory that can be synced gives no error, and then nil is returned either way"},
	{"replaceFile", "return syncDir(filepath.Dir(name))", "syncDir(filepath.Dir(name)) → nil", "only a machine that stops shows whether a directory was synced"},
	{"Dedup.generation", "if len(g.times) < max(d.most()/dedupParts, 1) && d.now-g.begun <= d.window()/dedupParts {", "d.now-g.begun <= d.window()/dedupParts: <= → <", "a generation ends a millisecond earlier, and is forgotten by its age in any case"},
	{"Walk.child", "return w.node(prefix, n.depth+1) // nothing is wanted of it", "1 → 2", "the walk does not enter that folder, so its depth is not looked at"},
	{"Walk.child", "return w.node(prefix, n.depth+1) // nothing is wanted of it", "1 → 0", "the walk does not enter that folder, so its depth is not looked at"},
	{"Walk.child", "return w.node(prefix, n.depth+1) // nothing is wanted of it", "n.depth+1: + → -", "the walk does not enter that folder, so its depth is not looked at"},
	{"resolveFile", "if err != nil || info.Mode()&fs.ModeSymlink == 0 {", "0 → 1", "a file that is no link leads to itself"},
	{"seenHour.with", "if s.again > s.count/2 { // so that what is read again and again takes no memory", "s.again > s.count/2: > → >=", "what was replaced is left out one object earlier"},
	{"Walk.Poll", "for len(near) <= w.ahead.most && len(near) < len(parts) {", "len(near) <= w.ahead.most: <= → <", "of 49 partitions that a poll comes to next it knows one fewer"},
	{"letterCensus.take", "if err != nil || c.places != nil && c.size == info.Size() {\nreturn err", "err → nil", "an open file can be asked for its size, so that there is no error"},
	{"ahead.drop", "c.queued = false", "c.queued = false → nothing", "what was dropped is not asked for again"},
	{"Dedup.known", "for n := d.number(at) - 1; n <= d.number(at)+1; n++ {", "1 → 2", "to look into one window more finds nothing within the window's time"},
	{"chains.visit", "clear(next.objects)", "clear(next.objects) → nothing", "names are given back a little later"},
	{"Walk.names", "clear(next.objects)", "clear(next.objects) → nothing", "names are given back a little later"},
	{"merge", "case a.rank > b.rank:", "a.rank > b.rank: > → >=", "ranks are drawn at random, and of two equal ones either may be above"},
	{"merge", "case a.rank > b.rank:", "case a.rank > b.rank:", "any order of two trees is a tree of the same keys; removed at random, 4,000 of them are 120 deep and not 22, which takes no time that a test of ratios shows"},
	{"chainHeap.Less", "func (h chainHeap) Less(i, j int) bool { return h[i].place < h[j].place }", "h[i].place < h[j].place: < → <=", "of two chains in one place either may be the first"},
	{"pause", "most := 100 * time.Millisecond << tries", "100 → 101", "a pause is drawn at random"},
	{"pause", "most := 100 * time.Millisecond << tries", "100 → 99", "a pause is drawn at random"},
	{"cursorObject.load", `s.loaded, s.ended, s.base, s.etag, s.oldest = true, nil, label{}, "", 0`, "0 → 1", "the numbers of saves begin with 1"},
	{"progress.turn", `p.keys, p.page = keys, min(max(p.at.Sub(before), time.Minute/4), longest) // keys tell minutes`, "4 → 5", "keys tell minutes, so that the least time of a page is a guess: pieces are a little larger or smaller"},
	{"progress.turn", `p.keys, p.page = keys, min(max(p.at.Sub(before), time.Minute/4), longest) // keys tell minutes`, "4 → 3", "keys tell minutes, so that the least time of a page is a guess: pieces are a little larger or smaller"},
	{"writeSynced", "err = closed", "err = closed → nothing", "what was synced is closed without an error"},
	{"deadLetterFile.remove", "f.census = letterCensus{}", "f.census = letterCensus{} → nothing", "the file has become shorter, so that the next Put counts it again"},
	{"newFingerprint", "var room [256]byte // keys are shorter as a rule, and then need no memory", "256 → 257", "a longer key takes memory"},
	{"newFingerprint", "var room [256]byte // keys are shorter as a rule, and then need no memory", "256 → 255", "a longer key takes memory"},
	{"Walk.claim", "return c, hasAfter != after || hasEnd != end", "hasAfter != after || hasEnd != end → true", "names that are all in the range are checked for it"},
}

// explain returns why a fault lives, or "".
func explain(explained []explanation, f *fault) string {
	for _, e := range explained {
		if e.fits(f) {
			return e.why
		}
	}
	return ""
}

// stale returns an error for each explanation that fits no fault.
func stale(explained []explanation, faults []*fault) error {
	var errs []error
	for _, e := range explained {
		if !slices.ContainsFunc(faults, e.fits) {
			errs = append(errs, fmt.Errorf("explained.go has %s: %s: %s, which is no possible fault any more: correct it, or take it out", e.function, e.text, e.change))
		}
	}
	return errors.Join(errs...)
}
