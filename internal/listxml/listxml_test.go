package listxml_test

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/listxml"
)

func TestParse(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(read)) {
		t.Run(name, func(t *testing.T) {
			if !check(t, []byte(read[name])) {
				t.Errorf("Parse refuses %s", read[name])
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(refused)) {
		if out, ok := listxml.Parse([]byte(refused[name])); ok || out != nil {
			t.Errorf("%s: Parse = %+v, %t, want no result: %s", name, out, ok, refused[name])
		}
	}
}

func TestParseRefusesWhatIsCut(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(read)) {
		doc := strings.TrimRight(read[name], "\n")
		for n := range min(len(doc), 2000) {
			if out, ok := listxml.Parse([]byte(doc[:n])); ok {
				t.Errorf("%s: Parse of the first %d bytes = %+v, want no result", name, n, out)
			}
		}
	}
}

// A document that seems to have many objects takes no memory before it has them.
func TestParseMemory(t *testing.T) {
	doc := []byte(page(strings.Repeat("<Contents>", 1<<20)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, ok := listxml.Parse(doc); ok {
		t.Error("Parse reads it")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("Parse allocates %d bytes, want at most 1 MiB", got)
	}
}

func TestParseAllocations(t *testing.T) {
	doc := []byte(pageOf(1000))
	got := testing.AllocsPerRun(5, func() {
		if _, ok := listxml.Parse(doc); !ok {
			t.Fatal("Parse refuses a page of S3")
		}
	})
	if got > 1100 {
		t.Errorf("%v allocations for 1,000 keys, want about one a key", got)
	}
}

func BenchmarkPage(b *testing.B) {
	const keys = 1000
	doc := []byte(pageOf(keys))
	for _, bench := range []struct {
		name string
		read func(*testing.B) int
	}{
		{"listxml", func(b *testing.B) int {
			out, ok := listxml.Parse(doc)
			if !ok {
				b.Fatal("refused")
			}
			return len(out.Contents)
		}},
		{"sdk", func(b *testing.B) int {
			out, err := sdk(b.Context(), doc)
			if err != nil {
				b.Fatal(err)
			}
			return len(out.Contents)
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if n := bench.read(b); n != keys {
					b.Fatalf("%d keys, want %d", n, keys)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keys)/1e3, "µs/key")
		})
	}
}
