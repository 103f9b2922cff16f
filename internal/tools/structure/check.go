package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// check returns what the packages have more of than the table allows, and what the
// table allows more of than they have.
func (t Table) check(pkgs []*Package) (failures, notes []string) {
	failf := func(format string, args ...any) { failures = append(failures, fmt.Sprintf(format, args...)) }
	notef := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	unseen := maps.Clone(t.Packages)
	for _, p := range pkgs {
		delete(unseen, p.Name)
		limit, own := t.Packages[p.Name], t.Packages[p.Name]
		limit.Cycle = max(limit.Cycle, t.General.Cycle)
		limit.Type = max(limit.Type, t.General.Type)

		if limit.Files > 0 && len(p.Files) > limit.Files {
			failf("%s: %d files, %d are allowed", p.Name, len(p.Files), limit.Files)
		}
		biggest := 1
		for _, cycle := range p.cycles() {
			biggest = max(biggest, len(cycle))
			if len(cycle) > limit.Cycle {
				failf("%s: a cycle of %d files, %d are allowed: %s\n\twhat ties them: go -C internal/tools run ./structure -arrows %s",
					p.Name, len(cycle), limit.Cycle, strings.Join(cycle, " "), p.Name)
			}
		}
		widest := 0
		for _, touched := range p.types() {
			if t.free(p.Name, touched.name) {
				continue
			}
			widest = max(widest, len(touched.files))
			if len(touched.files) > limit.Type {
				failf("%s: type %s is in %d files, %d are allowed: %s",
					p.Name, touched.name, len(touched.files), limit.Type, strings.Join(touched.files, " "))
			}
		}

		const lower = "%s: the table in limits.go allows %s, and there are %d: lower it"
		if len(p.Files) < own.Files {
			notef(lower, p.Name, fmt.Sprintf("%d files", own.Files), len(p.Files))
		}
		if biggest < own.Cycle {
			notef(lower, p.Name, fmt.Sprintf("a cycle of %d files", own.Cycle), biggest)
		}
		if widest < own.Type {
			notef(lower, p.Name, fmt.Sprintf("a type in %d files", own.Type), widest)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unseen)) {
		failf("%s: there is no such package: take its row out of the table in limits.go", name)
	}
	return failures, notes
}

// free reports whether a type may be in any number of files of the package pkg. The name of
// a type of another package has that package's name before it.
func (t Table) free(pkg, name string) bool {
	if !strings.Contains(name, ".") {
		name = pkg + "." + name
	}
	return slices.Contains(t.Values, name)
}
