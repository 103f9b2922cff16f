package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A touched type, and the files that touch it in order.
type touched struct {
	name  string
	files []string
}

// types returns the types that the package's files touch, those in most files first.
func (p *Package) types() []touched {
	var types []touched
	for _, name := range slices.Sorted(maps.Keys(p.Touches)) {
		types = append(types, touched{name, slices.Sorted(maps.Keys(p.Touches[name]))})
	}
	slices.SortStableFunc(types, func(a, b touched) int { return len(b.files) - len(a.files) })
	return types
}

// printTable writes a table in Markdown, a package a row. links has the number of
// packages that each package links.
func printTable(w io.Writer, pkgs []*Package, links map[string]int) {
	fmt.Fprintln(w, "| package | files | lines | arrows | biggest cycle | types in most files | packages linked |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for _, p := range pkgs {
		cycle := "—"
		if cycles := p.cycles(); len(cycles) > 0 {
			cycle = fmt.Sprintf("%d: %s", len(cycles[0]), strings.Join(cycles[0], " "))
		}
		var types []string
		for _, t := range p.types()[:min(8, len(p.Touches))] {
			types = append(types, fmt.Sprintf("%s %d", t.name, len(t.files)))
		}
		fmt.Fprintf(w, "| `%s` | %d | %d | %d | %s | %s | %d |\n",
			p.Name, len(p.Files), p.Lines, len(p.Arrows), cycle, strings.Join(types, ", "), links[p.Name])
	}
}

// printArrows writes the arrows of a package with the names that make them. Those that
// are part of a cycle have a star.
func printArrows(w io.Writer, p *Package) {
	cycle := map[string]int{}
	for i, files := range p.cycles() {
		for _, file := range files {
			cycle[file] = i + 1
		}
	}
	for _, arrow := range slices.SortedFunc(maps.Keys(p.Arrows), func(a, b Arrow) int {
		return strings.Compare(a.From+"\x00"+a.To, b.From+"\x00"+b.To)
	}) {
		star := " "
		if cycle[arrow.From] > 0 && cycle[arrow.From] == cycle[arrow.To] {
			star = "*"
		}
		names := slices.Sorted(maps.Keys(p.Arrows[arrow]))
		fmt.Fprintf(w, "%s %s → %s: %s\n", star, arrow.From, arrow.To, strings.Join(names, ", "))
	}
}
