package doc_test

import (
	"errors"
	"go/build"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/promptlogs/qlogs"

// mayImport says which packages of ours each package imports, tests aside: these and no
// others. Imports go one way, from what is composed of parts to the parts.
var mayImport = map[string][]string{
	".": nil,

	"qlogs": {
		"qlogs/path", "qlogs/record", "qlogs/source",
		"internal/gunzip", "internal/listing", "internal/panics", "internal/reading", "internal/resume", "internal/selection", "internal/stall",
	},
	"qlogs/event":             {"qlogs/path", "qlogs/source"},
	"qlogs/keep":              {"qlogs"},
	"qlogs/keep/s3keep":       {"qlogs", "qlogs/source"},
	"qlogs/path":              nil,
	"qlogs/qlogstest":         {"qlogs/path", "qlogs/record"},
	"qlogs/qlogstest/s3test":  nil,
	"qlogs/record":            nil,
	"qlogs/source":            {"internal/stall"},
	"qlogs/source/open":       {"qlogs/path", "qlogs/source", "qlogs/source/s3source"},
	"qlogs/source/s3source":   {"internal/listxml", "qlogs/source"},
	"qlogs/source/sourcetest": {"qlogs/source"},

	"internal/gunzip":    {"internal/inflate", "internal/panics"},
	"internal/inflate":   nil,
	"internal/listxml":   nil,
	"internal/listing":   {"internal/panics", "internal/stall", "qlogs/path", "qlogs/source"},
	"internal/panics":    nil,
	"internal/reading":   {"internal/gunzip", "internal/panics", "internal/stall", "qlogs/record", "qlogs/source"},
	"internal/resume":    {"qlogs/path", "qlogs/source"},
	"internal/sim":       nil,
	"internal/selection": {"qlogs/path", "qlogs/record"},
	"internal/stall":     nil,

	"internal/testutil": nil,
	"internal/testutil/stores": {
		"internal/testutil/s3mem", "internal/testutil/versitygw",
		"qlogs/qlogstest", "qlogs/qlogstest/s3test",
	},
	"internal/testutil/bigfile":    {"qlogs/path", "qlogs/qlogstest"},
	"internal/testutil/faultproxy": {"internal/testutil/rewrite"},
	"internal/testutil/gzipfile":   nil,
	"internal/testutil/rewrite":    nil,
	"internal/testutil/s3mem":      {"internal/testutil/rewrite", "qlogs/qlogstest/s3test"},
	"internal/testutil/versitygw":  nil,
	"internal/testutil/wrong":      {"internal/testutil/rewrite", "qlogs"},

	"examples/quickstart": {
		"qlogs", "qlogs/record", "qlogs/source/open", "qlogs/source/s3source",
		"qlogs/qlogstest", "qlogs/qlogstest/s3test",
	},
	"examples/readme": {"qlogs", "qlogs/record", "qlogs/source/open"},
}

// mayLinkSDK are the packages that link the AWS SDK, by themselves or by way of others
// of ours. Programs are not named, for they may.
var mayLinkSDK = []string{"internal/listxml", "internal/testutil/s3mem", "internal/testutil/stores", "qlogs/keep/s3keep", "qlogs/qlogstest/s3test", "qlogs/source/open", "qlogs/source/s3source"}

// forTests are the packages that only tests and programs import. Those below them count.
var forTests = []string{"internal/testutil", "qlogs/qlogstest", "qlogs/source/sourcetest"}

// sdk begins the import paths of the AWS SDK and of what it is made of.
const sdk = "github.com/aws/"

// A room is a package of this module, and what it imports for any system.
type room struct {
	program bool
	imports []string // paths without the module's for packages of ours
}

// rooms returns the packages of this module. They are read by this process, not by go
// list, so that go test knows when what it remembers of this test no longer holds.
func rooms(t *testing.T) map[string]room {
	t.Helper()
	rooms := map[string]room{}
	every := build.Default
	every.UseAllFiles = true
	err := filepath.WalkDir(".", func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if base := entry.Name(); dir != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata") {
			return fs.SkipDir
		}
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && dir != "." {
			return fs.SkipDir // a module of its own
		}
		p, err := every.ImportDir(dir, 0)
		if none := (*build.NoGoError)(nil); errors.As(err, &none) || err == nil && len(p.GoFiles) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		r := room{program: p.IsCommand()}
		for _, name := range p.Imports {
			r.imports = append(r.imports, short(name))
		}
		rooms[filepath.ToSlash(dir)] = r
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rooms
}

// short is the import path of a package of ours without the module's.
func short(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

func TestImports(t *testing.T) {
	rooms := rooms(t)
	for _, name := range slices.Sorted(maps.Keys(rooms)) {
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("package %s is not in the table: add it to mayImport in imports_test.go with the packages of ours that it needs, as few as can be", name)
			continue
		}
		for _, other := range rooms[name].imports {
			if _, ours := rooms[other]; ours && !slices.Contains(allowed, other) {
				t.Errorf("package %s imports %s, which the table does not let it: hand in a value or a function instead, or move what both need below them; if the import is right, add it to mayImport in imports_test.go and to ARCHITECTURE.md", name, other)
			}
		}
		for _, other := range allowed {
			if !slices.Contains(rooms[name].imports, other) {
				t.Errorf("package %s no longer imports %s: take that out of mayImport in imports_test.go", name, other)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(mayImport)) {
		if _, there := rooms[name]; !there {
			t.Errorf("there is no package %s: take it out of mayImport in imports_test.go", name)
		}
	}
}

func TestSDK(t *testing.T) {
	rooms := rooms(t)
	// way returns how a package comes to link the SDK, or nil.
	ways := map[string][]string{}
	var way func(name string) []string
	way = func(name string) []string {
		if known, ok := ways[name]; ok {
			return known
		}
		for _, other := range rooms[name].imports {
			if strings.HasPrefix(other, sdk) {
				ways[name] = []string{name, other}
				return ways[name]
			}
		}
		ways[name] = nil
		for _, other := range rooms[name].imports {
			if further := way(other); further != nil {
				ways[name] = append([]string{name}, further...)
				break
			}
		}
		return ways[name]
	}
	for _, name := range slices.Sorted(maps.Keys(rooms)) {
		way, may := way(name), slices.Contains(mayLinkSDK, name)
		if way != nil && !may && !rooms[name].program {
			t.Errorf("package %s links the AWS SDK, which its users then build and link without a bucket: %s; import what needs no SDK, or, if it has to be, add it to mayLinkSDK in imports_test.go", name, strings.Join(way, " → "))
		}
		if way == nil && may {
			t.Errorf("package %s no longer links the AWS SDK: take it out of mayLinkSDK in imports_test.go", name)
		}
	}
	for _, name := range mayLinkSDK {
		if _, there := rooms[name]; !there {
			t.Errorf("there is no package %s: take it out of mayLinkSDK in imports_test.go", name)
		}
	}
}

func TestPackagesForTests(t *testing.T) {
	isForTests := func(name string) bool {
		return slices.ContainsFunc(forTests, func(dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") })
	}
	for name, room := range rooms(t) {
		if room.program || isForTests(name) {
			continue
		}
		for _, other := range room.imports {
			if isForTests(other) {
				t.Errorf("package %s imports %s, which is for tests: import it in a _test.go file, or move what both need out of it", name, other)
			}
		}
	}
}
