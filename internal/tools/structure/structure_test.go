package main

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const testModule = "github.com/promptlogs/qlogs/internal/tools/structure/testdata"

// knot returns the packages of testdata/knot.
func knot(t *testing.T) (hub, user *Package) {
	t.Helper()
	pkgs, err := load(testModule, filepath.Join("testdata", "knot"))
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) != 2 || pkgs[0].Name != "knot" || pkgs[1].Name != "knot/user" {
		t.Fatalf("load = %d packages, want knot and knot/user", len(pkgs))
	}
	return pkgs[0], pkgs[1]
}

func TestFiles(t *testing.T) {
	hub, user := knot(t)
	want := []string{"a.go", "alias.go", "b.go", "box.go", "c.go", "handed.go", "iface.go", "inner.go",
		"made.go", "only_windows.go", "outer.go", "promoted.go", "unbox.go"}
	if !slices.Equal(hub.Files, want) {
		t.Errorf("files of knot = %q, want those of every system and no tests: %q", hub.Files, want)
	}
	if got, want := user.Lines, 13; got != want {
		t.Errorf("lines of knot/user = %d, want %d", got, want)
	}
}

func TestArrows(t *testing.T) {
	hub, user := knot(t)
	for _, tt := range []struct {
		pkg  *Package
		want []string
	}{
		{hub, []string{
			"a.go → b.go: Hub.B",
			"alias.go → a.go: Hub",
			"b.go → a.go: Hub",
			"b.go → c.go: Hub.C",
			"c.go → a.go: Hub Hub.n",
			"handed.go → made.go: Make Use",
			"made.go → alias.go: Same",
			"made.go → iface.go: get",
			"outer.go → box.go: Box",
			"outer.go → inner.go: inner",
			"promoted.go → inner.go: inner.count inner.deep inner.down",
			"promoted.go → outer.go: outer",
			"unbox.go → box.go: Box.Get Box.value",
			"unbox.go → iface.go: limit",
			"unbox.go → outer.go: outer outer.box",
		}},
		{user, nil},
	} {
		var got []string
		for arrow, names := range tt.pkg.Arrows {
			got = append(got, fmt.Sprintf("%s → %s: %s", arrow.From, arrow.To, strings.Join(slices.Sorted(maps.Keys(names)), " ")))
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("arrows of %s:\n%s\nwant\n%s", tt.pkg.Name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

func TestCycles(t *testing.T) {
	hub, _ := knot(t)
	if got, want := hub.cycles(), [][]string{{"a.go", "b.go", "c.go"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("cycles = %q, want %q", got, want)
	}
	for _, tt := range []struct {
		name   string
		arrows string
		want   [][]string
	}{
		{"none", "a→b b→c a→c", nil},
		{"two apart", "a→b b→a b→c c→d d→e e→c", [][]string{{"c", "d", "e"}, {"a", "b"}}},
		{"two that share a file", "a→b b→a b→c c→b", [][]string{{"a", "b", "c"}}},
		{"a way round", "a→b b→c c→d d→a c→a x→a d→y", [][]string{{"a", "b", "c", "d"}}},
		{"of the same size", "c→d d→c a→b b→a", [][]string{{"a", "b"}, {"c", "d"}}},
	} {
		p := &Package{Arrows: map[Arrow]Set{}}
		for arrow := range strings.FieldsSeq(tt.arrows) {
			from, to, _ := strings.Cut(arrow, "→")
			p.Arrows[Arrow{from, to}] = Set{}
		}
		if got := p.cycles(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: cycles = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTypes(t *testing.T) {
	hub, user := knot(t)
	for _, tt := range []struct {
		pkg  *Package
		want []touched
	}{
		{hub, []touched{
			{"Hub", []string{"a.go", "alias.go", "b.go", "c.go", "made.go"}},
			{"Box", []string{"box.go", "outer.go", "unbox.go"}},
			{"inner", []string{"inner.go", "outer.go", "promoted.go"}},
			{"outer", []string{"outer.go", "promoted.go", "unbox.go"}},
			{"copied", []string{"inner.go"}},
			{"getter", []string{"iface.go"}},
		}},
		{user, []touched{
			{"knot.Box", []string{"box.go"}},
			{"knot.Hub", []string{"user.go"}},
		}},
	} {
		if got := tt.pkg.types(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("types of %s = %v, want %v", tt.pkg.Name, got, tt.want)
		}
	}
}

func TestCheck(t *testing.T) {
	general := Limits{Cycle: 3, Type: 5}
	hub, user := knot(t)
	pkgs := []*Package{hub, user}
	for _, tt := range []struct {
		name            string
		table           Table
		failures, notes []string
	}{
		{"within", Table{General: general}, nil, nil},
		{"as in its row", Table{General: Limits{Cycle: 2, Type: 4}, Packages: map[string]Limits{"knot": {Files: 13, Cycle: 3, Type: 5}}}, nil, nil},
		{
			"files", Table{General: general, Packages: map[string]Limits{"knot": {Files: 12}}},
			[]string{"knot: 13 files, 12 are allowed"}, nil,
		},
		{
			"a cycle", Table{General: Limits{Cycle: 2, Type: 5}},
			[]string{"knot: a cycle of 3 files, 2 are allowed: a.go b.go c.go\n\twhat ties them: go -C internal/tools run ./structure -arrows knot"}, nil,
		},
		{
			"a type", Table{General: Limits{Cycle: 3, Type: 4}},
			[]string{"knot: type Hub is in 5 files, 4 are allowed: a.go alias.go b.go c.go made.go"}, nil,
		},
		{"a value", Table{General: Limits{Cycle: 3, Type: 4}, Values: []string{"knot.Hub"}}, nil, nil},
		{
			"a type of another package", Table{General: Limits{Cycle: 3}, Values: []string{"knot.Hub"}, Packages: map[string]Limits{"knot": {Type: 9}}},
			[]string{"knot/user: type knot.Box is in 1 files, 0 are allowed: box.go"},
			[]string{"knot: the table in limits.go allows a type in 9 files, and there are 3: lower it"},
		},
		{"a value of the same name", Table{General: Limits{Cycle: 3, Type: 4}, Values: []string{"other.Hub"}}, []string{"knot: type Hub is in 5 files, 4 are allowed: a.go alias.go b.go c.go made.go"}, nil},
		{
			"rows that allow more", Table{General: general, Packages: map[string]Limits{"knot": {Files: 14, Cycle: 4, Type: 6}}}, nil,
			[]string{
				"knot: the table in limits.go allows 14 files, and there are 13: lower it",
				"knot: the table in limits.go allows a cycle of 4 files, and there are 3: lower it",
				"knot: the table in limits.go allows a type in 6 files, and there are 5: lower it",
			},
		},
		{
			"a row of nothing", Table{General: general, Packages: map[string]Limits{"gone": {}}},
			[]string{"gone: there is no such package: take its row out of the table in limits.go"}, nil,
		},
	} {
		failures, notes := tt.table.check(pkgs)
		if !slices.Equal(failures, tt.failures) {
			t.Errorf("%s: failures = %q, want %q", tt.name, failures, tt.failures)
		}
		if !slices.Equal(notes, tt.notes) {
			t.Errorf("%s: notes = %q, want %q", tt.name, notes, tt.notes)
		}
	}
}

func TestRun(t *testing.T) {
	table := Table{Module: testModule, Dirs: []string{"."}, General: Limits{Cycle: 3, Type: 5}}
	for _, tt := range []struct {
		name  string
		args  []string
		table Table
		want  []string // in what it prints
		err   string   // "" for none
	}{
		{"quiet", nil, table, nil, ""},
		{"table", []string{"-print"}, table, []string{
			"| `knot` | 13 | 63 | 15 | 3: a.go b.go c.go | Hub 5, Box 3, inner 3, outer 3, copied 1, getter 1 | 1 |\n",
			"| `knot/user` | 2 | 13 | 0 | — | knot.Box 1, knot.Hub 1 | 2 |\n",
		}, ""},
		{"arrows", []string{"-arrows", "knot"}, table, []string{"* a.go → b.go: Hub.B\n", "  alias.go → a.go: Hub\n"}, ""},
		{"arrows of nothing", []string{"-arrows", "gone"}, table, nil, `there is no package "gone"`},
		{"an argument", []string{"print"}, table, nil, `"print" is no flag`},
		{"too much", nil, Table{Module: testModule, Dirs: []string{"."}}, nil, "a cycle of 3 files, 0 are allowed"},
		{"no folder", nil, Table{Module: testModule, Dirs: []string{"gone"}}, nil, "gone"},
	} {
		var out bytes.Buffer
		err := run(tt.table, append([]string{"-root", filepath.Join("testdata", "knot")}, tt.args...), &out)
		if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: run = %v, want %q", tt.name, err, tt.err)
		}
		for _, want := range tt.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: run printed\n%s\nwant in it %q", tt.name, &out, want)
			}
		}
		if len(tt.want) == 0 && out.Len() > 0 {
			t.Errorf("%s: run printed %q, want nothing", tt.name, &out)
		}
	}
}
