package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// npmPackages returns the packages of a package-lock.json with the licences that their
// authors say they have.
func npmPackages(file string) ([]dependency, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct{ Version, License string }
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var deps []dependency
	for folder, p := range lock.Packages {
		if folder == "" {
			continue // the project's own
		}
		name := folder[strings.LastIndex(folder, "node_modules/")+len("node_modules/"):]
		if p.License == "" {
			return nil, fmt.Errorf("%s: %s has no licence", file, name)
		}
		deps = append(deps, dependency{name, p.Version, []string{p.License}})
	}
	slices.SortFunc(deps, func(a, b dependency) int { return strings.Compare(a.name, b.name) })
	return deps, nil
}
