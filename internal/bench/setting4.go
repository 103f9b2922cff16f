package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	nameGunzip = "klauspost gunzip, one core"
	nameZcat   = "zcat"
	nameIgzip  = "igzip"

	// mostMemory is what no scan may take, in MiB.
	mostMemory = 200
)

// oneLarge is setting 4.
func oneLarge(ctx context.Context, b *bench) (*setting, error) {
	s := &setting{number: 4, title: fmt.Sprintf("one object of %.3g GB", float64(b.big)/1e9)}
	d, err := b.data(ctx, big, b.big)
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(d.keys())
	if err != nil {
		return nil, err
	}
	file := filepath.Join(d.root(), filepath.FromSlash(strings.TrimSpace(string(key))))
	s.what = fmt.Sprintf("One object of %d records of all sizes, %.0f MB stored. The others decompress it and throw the output away.", d.Totals.Records, float64(d.Stored)/1e6)
	s.contenders = []*contender{
		{name: nameScan, job: job{Do: "scan-dir", Root: d.root(), InFlight: inFlight}, units: 1, expect: &d.Totals},
		{name: nameGunzip, job: job{Do: "gunzip", List: file}, env: []string{"GOMAXPROCS=1"}, units: 1, stored: d.Stored},
		{name: nameZcat, argv: []string{"sh", "-c", `zcat "$1" >/dev/null`, "sh", file}, silent: true, units: 1, few: true},
	}
	if p, ok := s.peer(b, peerIgzip); ok {
		s.contenders = append(s.contenders, &contender{name: nameIgzip, argv: []string{"sh", "-c", `"$1" -dc "$2" >/dev/null`, "sh", p.path, file}, silent: true, units: 1})
	}
	if err := b.race(ctx, s, b.rounds); err != nil {
		return nil, err
	}
	s.faster("MB/s, qlogs ÷ klauspost gunzip alone on one core", atLeast(0.9), nameScan, nameGunzip)
	s.faster("MB/s, qlogs ÷ igzip", bound{}, nameScan, nameIgzip)
	s.faster("MB/s, qlogs ÷ zcat", bound{}, nameScan, nameZcat)
	s.peak("peak memory of qlogs", nameScan)
	return s, nil
}

// peak adds the figure of a scan's peak memory.
func (s *setting) peak(name, of string) {
	s.figure(name, atMost(mostMemory).in(" MiB"), func(r round) float64 { return float64(r[of].peak) / (1 << 20) }, of)
}
