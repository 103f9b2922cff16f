package path_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/path"
)

func FuzzParse(f *testing.F) {
	f.Add("")
	f.Add("AWSLogs")
	f.Add("logging/" + chatFolder + "2026/07/27/23/" + chatName)
	f.Add("/" + chatFolder + "0000/01/01/00/zipFile.gz/logFile.json")
	f.Add("a//AWSLogs/AWSLogs/123456789012/QDeveloperLogs/AWSLogs/123456789012/2028/02/29/23/AWSLogs")
	f.Add("prompt-logs/AWSLogs/222222222222/KiroLogs/26404955-bf00-40d3-b713-43d18edf0638")
	f.Fuzz(func(t *testing.T, s string) {
		k, err := path.Parse(s)
		if err != nil {
			var e *path.Error
			if !errors.As(err, &e) || !errors.Is(err, path.ErrSyntax) {
				t.Fatalf("Parse(%q) = %v, want an *Error that wraps ErrSyntax", s, err)
			}
			if e.Key != s || e.Element == "" || !strings.Contains(s, e.Value) || k != (path.Key{}) {
				t.Fatalf("Parse(%q) = %#v, %#v, want the zero key and the element at fault", s, k, e)
			}
			return
		}
		if got := k.String(); got != s {
			t.Fatalf("Parse(%q).String() = %q, want the key", s, got)
		}
		if again, err := path.Parse(k.String()); err != nil || again != k {
			t.Fatalf("Parse(%q) = %#v, %v, want %#v again", s, again, err, k)
		}
		if m, ok := k.Minute(); ok == m.IsZero() && !strings.Contains(k.Name, "_000101010000_") {
			t.Fatalf("Key{Name: %q}.Minute() = %v, %t, want a time exactly if ok", k.Name, m, ok)
		}

		after, end := k.Range(k.Hour, k.Hour.Add(1))
		if !k.Hour.IsZero() && (s <= after || s >= end) {
			t.Fatalf("Range(%v) = %q, %q does not hold %q", k.Hour, after, end, s)
		}
		folder := strings.TrimSuffix(s, k.Name)
		if l := path.Locate(folder); l.Level != path.LevelTime || l.Partition != k.Partition || l.From != k.Hour {
			t.Fatalf("Locate(%q) = %+v, want the hour of %#v", folder, l, k)
		}
	})
}

func FuzzLocate(f *testing.F) {
	f.Add("")
	f.Add("p/AWSLogs/123456789012/CloudTrail/")
	f.Add("AWSLogs/AWSLogs/123456789012/KiroLogs/AWSLogs/")
	f.Add("p/" + chatFolder + "2026/")
	f.Add("/" + chatFolder + "2026/07/27/23/zipFile.gz/")
	f.Fuzz(func(t *testing.T, folder string) {
		l := path.Locate(folder)
		if other := strings.TrimSuffix(folder, "/"); path.Locate(other) != l && other+"/" == folder && !strings.HasSuffix(other, "/") {
			t.Fatalf("Locate(%q) = %+v, Locate(%q) = %+v, want the same", folder, l, other, path.Locate(other))
		}
		if l.Level == path.LevelAbove && l != (path.Location{}) {
			t.Fatalf("Locate(%q) = %+v, want nothing but the level", folder, l)
		}
		if inTime := l.Level >= path.LevelTime; inTime != l.From.Before(l.To) {
			t.Fatalf("Locate(%q) = %+v, want a time exactly below a region", folder, l)
		}
		if l.Level < path.LevelRegion {
			return
		}

		if slashed := strings.TrimSuffix(folder, "/") + "/"; !strings.HasPrefix(slashed, l.Partition.String()) {
			t.Fatalf("Locate(%q) = %+v, want a partition that the folder is in", folder, l)
		}
		if l.Level == path.LevelInside {
			return
		}
		// Whatever lies in a partition's hour folders has keys that say so.
		k := path.Key{Partition: l.Partition, Hour: l.From, Name: "x"}
		if got, err := path.Parse(k.String()); err != nil || got != k {
			t.Fatalf("Locate(%q) = %+v, but Parse(%q) = %#v, %v", folder, l, k.String(), got, err)
		}
	})
}
