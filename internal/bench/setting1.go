package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// inFlight is how many requests, or goroutines, all contenders have that have many:
// what qlogs has by default.
const inFlight = 64

// Names of contenders that figures are made of.
const (
	nameScan      = "qlogs"
	nameNoInflate = "qlogs -tags qlogs_noinflate"
	nameHand      = "hand loop"
	nameHand64    = "hand loop, 64 goroutines"
	nameFiles     = "files read and thrown away, 64 goroutines"
	nameParts     = "the parts alone, 64 goroutines"
	nameNeeded    = "the parts alone, what is counted only"
	nameDuckDB    = "DuckDB"
	nameChDB      = "chDB"
	nameJQ        = "zcat | jq"
)

// jqProgram prints user and bytes of the prompt of each record, which awk sums up.
const jqProgram = `.records[] | (.generateAssistantResponseEventRequest // .generateCompletionsEventRequest // .startTaskAssistCodeGenerationEventRequest) | [.userId, (.prompt // "" | utf8bytelength)] | @tsv`

// directory is setting 1.
func directory(ctx context.Context, b *bench) (*setting, error) {
	s := &setting{
		number: 1, title: fmt.Sprintf("a directory of %d objects", b.objects),
		what: "Count the records and the bytes of the prompts per user. Wall time and CPU are those of the whole process. " +
			"The parts alone are package os (an lstat of each file for its size, as a listing has it, open, read and close), qlogs' gunzip and go-json for whole files, with nothing around them: " +
			"for all fields, as qlogs decodes them, and for those that are counted, as the hand loop does.",
	}
	d, err := b.data(ctx, mixed, int64(b.objects))
	if err != nil {
		return nil, err
	}
	plain, err := buildPlain(ctx, b)
	if err != nil {
		return nil, err
	}
	add := func(c contender) {
		c.units, c.expect = d.Objects, &d.Totals
		s.contenders = append(s.contenders, &c)
	}
	scan := job{Do: "scan-dir", Root: d.root(), InFlight: inFlight}
	add(contender{name: nameScan, job: scan})
	add(contender{name: nameNoInflate, job: scan, binary: plain})
	add(contender{name: nameHand, job: job{Do: "hand-dir", Root: d.root(), InFlight: 1}})
	add(contender{name: nameHand64, job: job{Do: "hand-dir", Root: d.root(), InFlight: inFlight}})
	add(contender{name: nameParts, job: job{Do: "parts", Root: d.root(), InFlight: inFlight}})
	add(contender{name: nameNeeded, job: job{Do: "needed", Root: d.root(), InFlight: inFlight}})
	s.contenders = append(s.contenders, &contender{name: nameFiles, job: job{Do: "files", Root: d.root(), InFlight: inFlight}, units: d.Objects, stored: d.Stored})
	if p, ok := s.peer(b, peerDuckDB); ok {
		add(contender{name: nameDuckDB, argv: []string{p.path, d.root()}, table: true})
	}
	if p, ok := s.peer(b, peerChDB); ok {
		add(contender{name: nameChDB, argv: []string{"node", p.path, "dir", d.root()}, table: true})
	}
	if p, ok := s.peer(b, peerJQ); ok {
		if err := s.addJQ(ctx, b, p); err != nil {
			return nil, err
		}
	}
	// A round of less than a second is soon disturbed.
	if err := b.race(ctx, s, 2*b.rounds); err != nil {
		return nil, err
	}
	s.faster("files/s, qlogs ÷ hand loop", atLeast(6), nameScan, nameHand)
	s.faster("files/s, qlogs ÷ hand loop with 64 goroutines", atLeast(3), nameScan, nameHand64)
	s.faster("files/s, qlogs ÷ DuckDB", atLeast(3), nameScan, nameDuckDB)
	s.faster("files/s, qlogs ÷ chDB", atLeast(2), nameScan, nameChDB)
	s.faster("files/s, qlogs ÷ zcat | jq", bound{}, nameScan, nameJQ)
	s.faster("files/s, qlogs ÷ qlogs without its own inflate", atLeast(1.3), nameScan, nameNoInflate)
	s.figure("CPU, qlogs without its own inflate ÷ qlogs", bound{}, func(r round) float64 {
		return r[nameNoInflate].perUnit() / r[nameScan].perUnit()
	}, nameScan, nameNoInflate)
	s.faster("files/s, the parts alone ÷ hand loop", bound{}, nameParts, nameHand)
	s.faster("files/s, the parts alone ÷ DuckDB", bound{}, nameParts, nameDuckDB)
	s.faster("files/s, the parts alone, what is counted only ÷ hand loop", bound{}, nameNeeded, nameHand)
	s.faster("files/s, the parts alone, what is counted only ÷ DuckDB", bound{}, nameNeeded, nameDuckDB)
	s.faster("files/s, qlogs ÷ the parts alone", bound{}, nameScan, nameParts)
	files, parts, all := s.cost(nameFiles), s.cost(nameParts), s.cost(nameScan)
	s.note("What the scan's CPU is made of, per object: finding and reading the file %.0f µs; decompressing and decoding, as the parts alone do it, %.0f µs; the rest %.0f µs; %.0f µs in all.",
		files, parts-files, all-parts, all)
	return s, nil
}

// cost is a contender's CPU time for each object, in microseconds.
func (s *setting) cost(name string) float64 { return median(s.each(name, result.perUnit)) }

// addJQ runs jq on a tenth of such objects: it is slow.
func (s *setting) addJQ(ctx context.Context, b *bench, p peer) error {
	part, err := b.data(ctx, mixed, int64(max(1, b.objects/10)))
	if err != nil {
		return err
	}
	s.contenders = append(s.contenders, &contender{
		name: nameJQ, table: true, units: part.Objects, expect: &part.Totals,
		note: fmt.Sprintf("on %d objects of the same generator", part.Objects),
		argv: []string{"sh", "-c", `find "$1" -name '*.json.gz' -print0 | xargs -0 zcat | "$2" -r "$3" | awk -F '\t' '{n[$1]++; b[$1] += $2} END {for (u in n) printf "%s\t%d\t%d\n", u, n[u], b[u]}'`,
			"sh", part.root(), p.path, jqProgram},
	})
	return nil
}

// buildPlain builds the benchmark without the library's own inflate.
func buildPlain(ctx context.Context, b *bench) (string, error) {
	out := filepath.Join(b.work, "bench-noinflate")
	b.say("building with -tags qlogs_noinflate")
	if _, err := b.process(ctx, "go", []string{"-C", b.module, "build", "-tags", "qlogs_noinflate", "-o", out, "."}, nil); err != nil {
		return "", fmt.Errorf("build the second binary: %w", err)
	}
	return out, nil
}
