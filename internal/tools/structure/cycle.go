package main

import (
	"maps"
	"slices"
)

// cycles returns the groups of files each of which uses, by way of others perhaps, every
// other one of its group: the strongly connected components, single files left out. The
// largest comes first, and files are in order.
func (p *Package) cycles() [][]string {
	next := map[string][]string{}
	for arrow := range p.Arrows {
		next[arrow.From] = append(next[arrow.From], arrow.To)
	}
	// Tarjan's algorithm.
	var found [][]string
	var stack []string
	index, low := map[string]int{}, map[string]int{}
	waiting := Set{}
	var visit func(file string)
	visit = func(file string) {
		index[file] = len(index) + 1
		low[file] = index[file]
		stack = append(stack, file)
		waiting[file] = true
		for _, to := range next[file] {
			switch {
			case index[to] == 0:
				visit(to)
				low[file] = min(low[file], low[to])
			case waiting[to]:
				low[file] = min(low[file], index[to])
			}
		}
		if low[file] != index[file] {
			return
		}
		at := slices.Index(stack, file)
		cycle := slices.Sorted(slices.Values(stack[at:]))
		stack = stack[:at]
		for _, f := range cycle {
			delete(waiting, f)
		}
		if len(cycle) > 1 {
			found = append(found, cycle)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(next)) {
		if index[file] == 0 {
			visit(file)
		}
	}
	slices.SortFunc(found, func(a, b []string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return slices.Compare(a, b)
	})
	return found
}
