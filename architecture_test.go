package doc_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notInFileMap are the directories below qlogs and internal whose files the File Map of
// ARCHITECTURE.md does not name one by one.
var notInFileMap = []string{"internal/bench", "internal/s3server", "internal/sim", "internal/sqsserver", "internal/testutil", "internal/tools"}

// architecture returns ARCHITECTURE.md without its blocks of code.
func architecture(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(string(text), "")
}

// sources returns the Go files of the project.
func sources(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		base := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules"):
			return fs.SkipDir
		case strings.HasSuffix(base, ".go"):
			files = append(files, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The File Map has a section for each package of the library, and a row for each of its
// files.
func TestFileMap(t *testing.T) {
	named := map[string]bool{}
	dir := ""
	goFile := regexp.MustCompile("`([a-z0-9_]+\\.go)`")
	for line := range strings.Lines(architecture(t)) {
		if heading, ok := strings.CutPrefix(line, "### `"); ok {
			dir, _, _ = strings.Cut(heading, "`")
		} else if strings.HasPrefix(line, "#") {
			dir = ""
		}
		if cells := strings.Split(line, "|"); dir != "" && len(cells) > 2 {
			for _, m := range goFile.FindAllStringSubmatch(cells[1], -1) {
				named[path.Join(dir, m[1])] = true
			}
		}
	}
	there := map[string]bool{}
	for _, file := range sources(t) {
		inLibrary := strings.HasPrefix(file, "qlogs/") || strings.HasPrefix(file, "internal/")
		if !inLibrary || strings.HasSuffix(file, "_test.go") || slices.ContainsFunc(notInFileMap, func(dir string) bool { return strings.HasPrefix(file, dir+"/") }) {
			continue
		}
		there[file] = true
		if !named[file] {
			t.Errorf("%s is not in the File Map of ARCHITECTURE.md: add a row to the table of its package, or a table for a new package", file)
		}
	}
	for file := range named {
		if !there[file] {
			t.Errorf("the File Map of ARCHITECTURE.md names %s, which is not there: take it out", file)
		}
	}
}

// members adds to types, by their names, the fields and methods that a file declares.
func members(file *ast.File, types map[string]map[string]bool) {
	add := func(name string, member string) {
		if types[name] == nil {
			types[name] = map[string]bool{}
		}
		types[name][member] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			add(n.Name.Name, "")
			ast.Inspect(n.Type, func(inner ast.Node) bool {
				switch inner := inner.(type) {
				case *ast.Field:
					for _, id := range inner.Names {
						add(n.Name.Name, id.Name)
					}
				case *ast.InterfaceType, *ast.StructType, *ast.FieldList:
				default:
					return inner == n.Type
				}
				return true
			})
		case *ast.FuncDecl:
			if n.Recv == nil {
				return true
			}
			ast.Inspect(n.Recv.List[0].Type, func(inner ast.Node) bool {
				if id, ok := inner.(*ast.Ident); ok {
					add(id.Name, n.Name.Name)
					return false
				}
				return true
			})
		}
		return true
	})
}

// What ARCHITECTURE.md writes as code is there: paths, files, tests and other names. A name
// with a dot behind that of a type is a field or a method of a type of that name. All other
// names are looked for by their parts, in any file.
func TestArchitectureNames(t *testing.T) {
	names, files, packages := map[string]bool{}, map[string]bool{}, map[string]bool{}
	types := map[string]map[string]bool{}
	for _, file := range sources(t) {
		files[path.Base(file)] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		packages[parsed.Name.Name] = true
		members(parsed, types)
		ast.Inspect(parsed, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
			}
			return true
		})
	}
	isName := regexp.MustCompile(`^\w+(\.\w+)*$`)
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(architecture(t), -1) {
		code := m[1]
		switch {
		case strings.ContainsAny(code, " …*"): // a command, or a form of names
		case strings.Contains(code, "/"):
			top, _, _ := strings.Cut(code, "/")
			_, err := os.Stat(top)
			if inProject := err == nil; !inProject && !strings.HasSuffix(code, ".go") { // a folder of a bucket
				continue
			}
			if _, err := os.Stat(code); err != nil {
				t.Errorf("ARCHITECTURE.md names %s: %v", code, err)
			}
		case strings.HasSuffix(code, ".go"):
			if !files[code] {
				t.Errorf("ARCHITECTURE.md names the file %s, which is not there", code)
			}
		case strings.HasSuffix(code, ".txt"):
			if _, err := os.Stat(path.Join("qlogs/testdata/traces", code)); err != nil {
				t.Errorf("ARCHITECTURE.md names the trace %s: %v", code, err)
			}
		case isName.MatchString(code):
			if name, member, dotted := strings.Cut(code, "."); dotted && types[name] != nil && !packages[name] && !types[name][member] {
				t.Errorf("ARCHITECTURE.md names %s, and no type %s has it", code, name)
			}
			for part := range strings.SplitSeq(code, ".") {
				if !names[part] {
					t.Errorf("ARCHITECTURE.md names %s, and no Go file has %s", code, part)
				}
			}
		}
	}
}
