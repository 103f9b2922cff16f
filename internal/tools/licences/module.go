package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// A dependency is a module of Go or a package of npm, and what it is under.
type dependency struct {
	name, version string
	licences      []string // in order, each once
}

// modules returns what the module in dir requires. With the pruned graphs of today's
// go.mod, that is each module that has a package which the module builds or tests, on
// any system. It downloads what is not there.
func modules(dir string) ([]dependency, error) {
	cmd := exec.Command("go", "mod", "download", "-json")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, failed := cmd.Output()
	var deps []dependency
	var errs []error
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct{ Path, Version, Dir, Error string }
		if err := dec.Decode(&m); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go mod download: %w", err)
		}
		if m.Error != "" {
			errs = append(errs, fmt.Errorf("%s: %s", m.Path, m.Error))
			continue
		}
		licences, err := licencesOf(m.Path, os.DirFS(m.Dir))
		if err != nil {
			errs = append(errs, err)
		}
		deps = append(deps, dependency{m.Path, m.Version, licences})
	}
	if failed != nil && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("go mod download: %w", failed))
	}
	return deps, errors.Join(errs...)
}

// licencesOf returns what the licence files of a module say, those of its folders too.
func licencesOf(module string, files fs.FS) ([]string, error) {
	var found []string
	var errs []error
	atRoot := false
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); base == "testdata" || base == "vendor" || base == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if !isLicence(entry.Name()) {
			return nil
		}
		if known, ok := exceptions[path.Join(module, name)]; ok {
			if known.licence != "" {
				found = append(found, known.licence)
				atRoot = atRoot || !strings.Contains(name, "/")
			}
			return nil
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		cov := licensecheck.Scan(text)
		// pkg.go.dev asks for as much before it shows a module.
		if cov.Percent < 75 {
			errs = append(errs, fmt.Errorf("%s: %s is no licence that is known: read it, and put what it says among the exceptions in policy.go", module, name))
			return nil
		}
		for _, match := range cov.Match {
			found = append(found, match.ID)
		}
		atRoot = atRoot || !strings.Contains(name, "/")
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", module, err)
	}
	if !atRoot && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("%s: has no licence", module))
	}
	slices.Sort(found)
	return slices.Compact(found), errors.Join(errs...)
}

// isLicence reports whether a file of this name holds a licence.
func isLicence(name string) bool {
	name = strings.ToUpper(name)
	switch path.Ext(name) {
	case ".GO", ".HTML", ".JS", ".JSON", ".LRE", ".MJS", ".PNG", ".PY", ".SH", ".SVG", ".TMPL", ".TS", ".YAML", ".YML":
		return false
	}
	for _, start := range []string{"LICENSE", "LICENCE", "COPYING", "UNLICENSE"} {
		if strings.HasPrefix(name, start) || strings.Contains(name, "-"+start) {
			return true
		}
	}
	return false
}
