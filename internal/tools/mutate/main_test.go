package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// project writes a module with one package, p, and returns its folder.
func project(t *testing.T, source, test string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range map[string]string{
		"go.mod":      "module example.com/m\n\ngo 1.26.0\n",
		"p/p.go":      source,
		"p/p_test.go": "package p\n\nimport \"testing\"\n" + test,
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// Each kind of fault is found where it is possible, and compiles.
func TestFind(t *testing.T) {
	root := project(t, `package p

import (
	"sync"
	"time"
)

type hour int64

type box struct {
	mu sync.Mutex
	n  int
}

func hourOf(t time.Time) hour { return hour(t.Unix() / 3600) }

func (b *box) add(by int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if by < 0 || b.full() {
		return false
	}
	b.n += max(by, 1)
	return true
}

func (b *box) full() bool { return b.n > 9 }

func begin(t time.Time) (h hour) {
	switch {
	case t.IsZero():
	default:
		h = hourOf(t)
	}
	return h
}
`, "")
	faults, err := find(root, []string{"p"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range faults {
		got = append(got, fmt.Sprintf("%d %s: %s: %s", f.line, f.function, f.kind, f.change))
	}
	for _, want := range []string{
		"18 box.add: lost lock: without the lock of b.mu",
		"20 box.add: negated condition: by < 0 || b.full() → !(by < 0 || b.full())",
		"20 box.add: and for or: by < 0 || b.full(): || → &&",
		"20 box.add: turned comparison: by < 0: < → >=",
		"20 box.add: moved boundary: by < 0: < → <=",
		"20 box.add: one off: 0 → 1",
		"21 box.add: returned constant: false → true",
		"23 box.add: lost statement: b.n += max(by, 1) → nothing",
		"23 box.add: min for max: max → min",
		"27 box.full: returned constant: b.n > 9 → true",
		"27 box.full: one off: 9 → 8",
		"31 begin: skipped case: case t.IsZero():",
		"33 begin: one hour off: hourOf(t) → (hourOf(t) - 1)",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("find has not %q", want)
		}
	}
	if t.Failed() {
		t.Logf("find = %s", strings.Join(got, "\n"))
	}
	for seed := range uint64(3) {
		first, again := order(faults, seed), order(slices.Clone(faults), seed)
		if !slices.Equal(first, again) {
			t.Errorf("order with seed %d differs from call to call", seed)
		}
		kinds := map[string]bool{}
		for _, f := range first {
			kinds[f.kind] = true
		}
		if head := first[:len(kinds)]; len(slices.CompactFunc(slices.Clone(head), func(a, b *fault) bool { return a.kind == b.kind })) != len(kinds) {
			t.Errorf("order with seed %d begins with %v, want each kind once", seed, head)
		}
	}
}

func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs other tests")
	}
	const source = `package p

func most(a, b int) int {
	if a > b {
		return a
	}
	return b
}

func count(n int) (steps int) {
	for n > 0 {
		n--
		steps++
	}
	return steps
}

func next(n int) (m int) {
	one := n + 1
	m = one
	return m
}
`
	root := project(t, source, `
func TestMost(t *testing.T) {
	if got := most(1, 2); got != 2 {
		t.Errorf("most = %d, want 2", got)
	}
	if got := most(2, 1); got != 2 {
		t.Errorf("most = %d, want 2", got)
	}
}

func TestCount(t *testing.T) {
	if got := count(3); got != 3 {
		t.Errorf("count = %d, want 3", got)
	}
}
`)
	wrong := project(t, source, "\nfunc TestAll(t *testing.T) { t.Error(\"wrong\") }\n")
	stages := []stage{{timeout: 3 * time.Second}}
	equal := explanation{"most", "if a > b {", "a > b: > → >=", "equal numbers are the same"}
	for _, tt := range []struct {
		name      string
		root      string
		explained []explanation
		args      []string
		want      []string // in what it prints
		err       string   // "" for none
	}{
		{
			"caught and explained", root, []explanation{equal}, []string{"-at", "p/p.go:4"},
			[]string{"caught        p/p.go:4: most: turned comparison: a > b: > → <=: by TestMost\n", "explained     p/p.go:4: most: moved boundary: a > b: > → >=: equal numbers are the same\n", "2 faults: 1 caught, 1 live and are explained, 0 live and are not; 0 more did not compile"},
			"1 of 2 faults are caught, which is less than 95 %",
		},
		{"lives", root, nil, []string{"-at", "p/p.go:4"}, []string{"LIVES         p/p.go:4: most: moved boundary"}, "1 faults live: write a test"},
		{"hangs", root, nil, []string{"-at", "p/p.go:12"}, []string{"caught        p/p.go:12: count: lost statement: n-- → nothing: by panic: test timed out"}, ""},
		{"caught and yet explained", root, []explanation{{"count", "steps++", "steps++ → nothing", "wrong"}}, []string{"-at", "p/p.go:13"}, []string{"2 caught"}, "it is caught: take it out of explained.go"},
		{"explained, and not there", root, []explanation{{"most", "if a < b {", "a < b: < → <=", "wrong"}}, nil, nil, "is no possible fault any more"},
		{"not compiled", root, nil, []string{"-at", "p/p.go:20"}, []string{"not compiled  p/p.go:20: next: lost statement: m = one → nothing\n", "0 faults: 0 caught, 0 live and are explained, 0 live and are not; 1 more did not compile"}, ""},
		{"list", root, nil, []string{"-list", "-seed", "2"}, []string{"p/p.go:19: next: one off: 1 → 2\n"}, ""},
		{"tests fail", wrong, nil, nil, nil, "the tests fail without a fault: TestAll"},
		{"nothing there", root, nil, []string{"-at", "p/p.go:1"}, nil, "no fault is possible at p/p.go:1"},
		{"no flag", root, nil, []string{"all"}, nil, `"all" is no flag`},
	} {
		var out bytes.Buffer
		err := run(t.Context(), []string{"p"}, stages, tt.explained, append([]string{"-root", tt.root}, tt.args...), &out)
		if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: run = %v, want %q; it printed\n%s", tt.name, err, tt.err, &out)
		}
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: run printed\n%s\nwant in it %q", tt.name, &out, want)
			}
		}
	}
}

func TestReason(t *testing.T) {
	for out, want := range map[string]string{
		"--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\nFAIL\n":          "TestA",
		"panic: test timed out after 1m0s\n\trunning tests:\n":                    "panic: test timed out after 1m0s",
		"fatal error: sync: unlock of unlocked mutex\n":                           "fatal error: sync: unlock of unlocked mutex",
		"==================\nWARNING: DATA RACE\nRead at 0x00c by goroutine 7:\n": "WARNING: DATA RACE",
		"signal: killed\nFAIL\n":                                                  "signal: killed FAIL",
	} {
		if got := reason(out); got != want {
			t.Errorf("reason(%q) = %q, want %q", out, got, want)
		}
	}
}

// What explained.go says is of the project as it is.
func TestExplained(t *testing.T) {
	faults, err := find(filepath.Join("..", "..", ".."), packages)
	if err != nil {
		t.Fatal(err)
	}
	if err := stale(explained, faults); err != nil {
		t.Error(err)
	}
}
