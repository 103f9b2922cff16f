package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A Package is what the check knows of one package: its files, tests aside, and what
// they use of each other.
type Package struct {
	Name    string // import path without the module's
	Files   []string
	Lines   int
	Arrows  map[Arrow]Set  // with the names that each is made of
	Touches map[string]Set // the files that touch a type of the package, or pkg.Type of another one of ours
}

// An Arrow says that one file uses what another file of its package declares.
type Arrow struct{ From, To string }

// A Set holds names, of files for example.
type Set map[string]bool

// load reads the packages below dir, a folder of a module.
//
// What is built on Linux is looked at on every system, so that the figures are the
// same. Files of other systems count as files and lines, and have no arrows.
func load(module, dir string) ([]*Package, error) {
	loaded, err := packages.Load(&packages.Config{
		Dir:  dir,
		Env:  environment(),
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
	}, "./...")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	var pkgs []*Package
	for _, p := range loaded {
		pkg, err := look(module, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.PkgPath, err)
		}
		pkgs = append(pkgs, pkg)
	}
	return pkgs, nil
}

func environment() []string {
	return append(os.Environ(), "GOOS=linux")
}

func look(module string, p *packages.Package) (*Package, error) {
	var errs []error
	for _, err := range p.Errors {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	pkg := &Package{Name: short(module, p.PkgPath), Arrows: map[Arrow]Set{}, Touches: map[string]Set{}}
	for _, file := range slices.Concat(p.GoFiles, p.IgnoredFiles) {
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		pkg.Files = append(pkg.Files, filepath.Base(file))
		pkg.Lines += bytes.Count(text, []byte("\n"))
	}
	slices.Sort(pkg.Files)

	file := func(pos token.Pos) string { return filepath.Base(p.Fset.Position(pos).Filename) }
	owners := owners{}
	note := func(pos token.Pos, obj types.Object) {
		if obj == nil || obj.Pkg() == nil || !strings.HasPrefix(obj.Pkg().Path()+"/", module+"/") {
			return
		}
		from, owner := file(pos), owners.of(obj)
		if owner != nil {
			name := owner.Name()
			if owner.Pkg() != p.Types {
				name = short(module, owner.Pkg().Path()) + "." + name
			}
			insert(pkg.Touches, name, from)
		}
		if obj.Pkg() != p.Types {
			return
		}
		if to := file(obj.Pos()); to != from {
			name := obj.Name()
			if _, is := obj.(*types.TypeName); owner != nil && !is {
				name = owner.Name() + "." + name
			}
			insert(pkg.Arrows, Arrow{from, to}, name)
		}
	}
	for id, obj := range p.TypesInfo.Defs {
		note(id.Pos(), obj)
	}
	for id, obj := range p.TypesInfo.Uses {
		note(id.Pos(), obj)
	}
	return pkg, nil
}

// short is the import path as it stands in the table and in messages.
func short(module, path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

func insert[K comparable](m map[K]Set, key K, name string) {
	if m[key] == nil {
		m[key] = Set{}
	}
	m[key][name] = true
}
