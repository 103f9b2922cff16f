package resume_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/internal/testutil"
)

// FuzzText reads any inside of a text under a right checksum. What is read is written as one
// text, whatever it was.
func FuzzText(f *testing.F) {
	f.Add([]byte(newForm()))
	f.Add([]byte(formOpen()))
	f.Add([]byte(formPending()))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := resume.Parse(form(data).text())
		if err != nil {
			return
		}
		text, err := s.MarshalText()
		if err != nil { // it has no source
			return
		}
		again, err := resume.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%q) of what was written: %v", text, err)
		}
		if second, err := again.MarshalText(); err != nil || string(second) != string(text) || again.Size() != s.Size() {
			t.Errorf("written again %q, %v, want %q", second, err, text)
		}
	})
}

// The time to read a text and to write it grows with its length, whatever it says.
func TestTextLinear(t *testing.T) {
	// fit makes units, of which each(i) is one, that take n bytes.
	fit := func(n int, head func(count int) form, each func(f form, i int) form) form {
		var f form
		count := 0
		for ; len(f) < n; count++ {
			f = each(f, count)
		}
		return head(count).join(f)
	}
	key := func(i int) string { return fmt.Sprintf("2026/03/02/10/%012d", i) }
	one := func() form { return newForm().num(1).shared(0, formPart).num(formHour(9) + 1) }
	texts := map[string]func(n int) form{
		"partitions": func(n int) form {
			return fit(n, func(count int) form { return newForm().num(count) }, func(f form, i int) form {
				return f.shared(0, fmt.Sprintf("%012d/", i)).num(formHour(9)+1, 0, 0)
			}).num(0)
		},
		"hours": func(n int) form {
			return fit(n, func(count int) form { return one().num(count) }, func(f form, _ int) form { return f.num(1).objects(1) }).num(0, 0)
		},
		"objects": func(n int) form {
			return one().num(1, 0).objects(n/20).num(0, 0)
		},
		"open objects": func(n int) form {
			return fit(n, func(count int) form { return one().num(0, count) }, func(f form, i int) form {
				return f.shared(0, key(i)).str("e").num(3).zeroTime()
			}).num(0)
		},
		"an ETag": func(n int) form {
			return one().num(0, 1).shared(0, key(1)).str(strings.Repeat("e", n)).num(3).zeroTime().num(0)
		},
		"a key": func(n int) form {
			return one().num(0, 1).shared(0, key(1)+strings.Repeat("k", n)).str("").num(3).zeroTime().num(0)
		},
		"a prefix": func(n int) form { return newForm().num(1).shared(0, strings.Repeat("p/", n/2)).num(1, 0, 0, 0) },
		"accounts": func(n int) form {
			return form{}.str(`{"source":"s","accounts":["1"`+strings.Repeat(`,"1"`, n/4)+`]}`).num(0, 0)
		},
		"brackets":  func(n int) form { return form{}.str(strings.Repeat("[", n)).num(0, 0) },
		"no number": func(n int) form { return append(newForm(), strings.Repeat("\xff", n)...) },
		"zeros":     func(n int) form { return append(newForm(), make([]byte, n)...) },
		"shared prefixes": func(n int) form {
			f := newForm().num(n / 4)
			for i := range n / 4 {
				f = f.shared(i, "p").num(0, 0, 0)
			}
			return f.num(0)
		},
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if !testutil.Long() && name != "partitions" && name != "hours" && name != "open objects" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			testutil.Linear(t, "Parse and MarshalText", 50_000, func(n int) func() {
				text := texts[name](n).text()
				return func() {
					s, err := resume.Parse(text)
					if err != nil {
						_ = err.Error()
						return
					}
					if _, err := s.MarshalText(); err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}
