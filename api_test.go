package doc_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// TestAPI compares the exported names of every public package with testdata/api, so that
// a change of the API is a change of a file and is seen. A public package is one that
// lies in the folder qlogs and in no folder that is called internal.
func TestAPI(t *testing.T) {
	const dir = "testdata/api"
	want := map[string]string{}
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		want[strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), dir+"/"), ".txt")] = strings.ReplaceAll(string(text), "\r\n", "\n")
		return err
	})
	if err != nil && !*update {
		t.Fatal(err)
	}
	const hint = "if the change is meant, say it in CHANGELOG.md and run go test -run TestAPI -update ."
	got := surfaces(t)
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if *update {
			file := filepath.Join(filepath.FromSlash(dir), filepath.FromSlash(name)+".txt")
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got[name]), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if want[name] == "" {
			t.Errorf("package %s is not in %s; %s", name, dir, hint)
		} else if got[name] != want[name] {
			t.Errorf("the API of package %s has changed; %s:\n%s", name, hint, difference(want[name], got[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, there := got[name]; there {
			continue
		}
		if !*update {
			t.Errorf("there is no package %s any more; %s", name, hint)
		} else if err := os.Remove(filepath.Join(filepath.FromSlash(dir), filepath.FromSlash(name)+".txt")); err != nil {
			t.Fatal(err)
		}
	}
}

// surfaces returns the API of each public package as text.
func surfaces(t *testing.T) map[string]string {
	t.Helper()
	var public []string
	for name := range rooms(t) {
		if (name == "qlogs" || strings.HasPrefix(name, "qlogs/")) && !slices.Contains(strings.Split(name, "/"), "internal") {
			public = append(public, name)
		}
	}
	// The compiler's own description of each package is read. It is made in another
	// process, so that this one has to read the sources too: by what a test reads, go
	// test knows whether what it remembers still holds.
	for name := range rooms(t) {
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(name), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range append(files, "go.mod") {
			if _, err := os.ReadFile(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./qlogs/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[name] = file
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	texts := map[string]string{}
	for _, name := range public {
		pkg, err := imp.Import(path.Join(module, name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		texts[name] = surface(pkg)
	}
	return texts
}

// surface describes what a package exports: constants, variables and functions, then
// each type with its fields and methods.
func surface(pkg *types.Package) string {
	qualifier := func(other *types.Package) string {
		if other == pkg {
			return ""
		}
		return short(other.Path())
	}
	var first, second strings.Builder
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Const:
			fmt.Fprintf(&first, "const %s %s = %s\n", name, types.TypeString(obj.Type(), qualifier), obj.Val().ExactString())
		case *types.TypeName:
			describe(&second, obj, qualifier)
		default:
			fmt.Fprintln(&first, types.ObjectString(obj, qualifier))
		}
	}
	return "package " + short(pkg.Path()) + "\n\n" + first.String() + second.String()
}

func describe(w io.Writer, name *types.TypeName, qualifier types.Qualifier) {
	if name.IsAlias() {
		fmt.Fprintf(w, "\ntype %s = %s\n", name.Name(), types.TypeString(types.Unalias(name.Type()), qualifier))
		return
	}
	t := name.Type()
	fmt.Fprintf(w, "\ntype %s ", types.TypeString(t, qualifier))
	switch u := t.Underlying().(type) {
	case *types.Struct:
		fmt.Fprintln(w, "struct {")
		hidden := fields(w, u, qualifier)
		if hidden {
			fmt.Fprintln(w, "\t// and fields that are not exported")
		}
		fmt.Fprintln(w, "}")
	case *types.Interface:
		fmt.Fprintln(w, "interface {")
		hidden := false
		for method := range u.Methods() {
			if !method.Exported() {
				hidden = true
				continue
			}
			fmt.Fprintf(w, "\t%s%s\n", method.Name(), signature(method, qualifier))
		}
		for embedded := range u.EmbeddedTypes() {
			if _, union := embedded.(*types.Union); union {
				fmt.Fprintf(w, "\t%s\n", types.TypeString(embedded, qualifier))
			}
		}
		if hidden {
			fmt.Fprintln(w, "\t// and methods that are not exported")
		}
		fmt.Fprintln(w, "}")
		return
	default:
		fmt.Fprintln(w, types.TypeString(u, qualifier))
	}
	if !types.Comparable(t) {
		fmt.Fprintln(w, "// not comparable")
	}
	value := types.NewMethodSet(t)
	for selection := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		method := selection.Obj().(*types.Func)
		if !method.Exported() {
			continue
		}
		star := "*"
		if value.Lookup(method.Pkg(), method.Name()) != nil {
			star = ""
		}
		fmt.Fprintf(w, "func (%s%s) %s%s\n", star, name.Name(), method.Name(), signature(method, qualifier))
	}
}

// fields writes the fields of a struct, and those that come by way of a struct which is
// not exported. It reports whether there are others.
func fields(w io.Writer, s *types.Struct, qualifier types.Qualifier) (hidden bool) {
	for i := range s.NumFields() {
		field := s.Field(i)
		switch {
		case field.Exported() && field.Embedded():
			fmt.Fprintf(w, "\t%s", types.TypeString(field.Type(), qualifier))
		case field.Exported():
			fmt.Fprintf(w, "\t%s %s", field.Name(), types.TypeString(field.Type(), qualifier))
		default:
			hidden = true
			if inner, ok := field.Type().Underlying().(*types.Struct); ok && field.Embedded() {
				fields(w, inner, qualifier)
			}
			continue
		}
		if tag := s.Tag(i); tag != "" {
			fmt.Fprintf(w, " `%s`", tag)
		}
		fmt.Fprintln(w)
	}
	return hidden
}

func signature(f *types.Func, qualifier types.Qualifier) string {
	return strings.TrimPrefix(types.TypeString(f.Type(), qualifier), "func")
}

// difference returns the lines of want that are not in got, and the other way round,
// those of a type with its name.
func difference(want, got string) string {
	entries := func(text string) (entries []string) {
		within := ""
		for line := range strings.Lines(text) {
			switch {
			case line == "\n" || line == "}\n":
				continue
			case line[0] == '\t':
				line = within + ": " + line[1:]
			case line[0] == '/':
				line = within + ": " + line
			case strings.HasPrefix(line, "type "):
				within = strings.Join(strings.Fields(line)[:2], " ")
			}
			entries = append(entries, line)
		}
		return entries
	}
	before, after := entries(want), entries(got)
	var lines strings.Builder
	for _, entry := range before {
		if !slices.Contains(after, entry) {
			lines.WriteString("- " + entry)
		}
	}
	for _, entry := range after {
		if !slices.Contains(before, entry) {
			lines.WriteString("+ " + entry)
		}
	}
	if lines.Len() == 0 {
		return "the order of fields"
	}
	return lines.String()
}
