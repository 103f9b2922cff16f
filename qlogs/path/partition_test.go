package path_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/path"
)

const chatFolder = "AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-1/"

func TestPartitionString(t *testing.T) {
	tests := []struct{ prefix, want string }{
		{"", chatFolder},
		{"logging", "logging/" + chatFolder},
		{"logging/", "logging/" + chatFolder},
		{"a/b", "a/b/" + chatFolder},
		{"/", "/" + chatFolder},
		{"a//", "a//" + chatFolder},
		{"a b+%é", "a b+%é/" + chatFolder},
	}
	for _, tt := range tests {
		if got := chat(tt.prefix).String(); got != tt.want {
			t.Errorf("Partition{Prefix: %q}.String() = %q, want %q", tt.prefix, got, tt.want)
		}
	}
	if got, want := (path.Partition{}).String(), "AWSLogs/////"; got != want {
		t.Errorf("Partition{}.String() = %q, want %q", got, want)
	}
}

func TestPartitionRange(t *testing.T) {
	const (
		first = "0000/01/01/00/"
		open  = "AWSLogs/123456789012/KiroLogs/GenerateAssistantResponse/us-east-10"
	)
	kolkata := time.FixedZone("", 5*3600+1800)
	tests := []struct {
		name       string
		from, to   time.Time
		after, end string // below the partition's folder, except for open
	}{
		{"no bounds", time.Time{}, time.Time{}, "", open},
		{"from only", hour(2026, 7, 27, 23), time.Time{}, "2026/07/27/23/", open},
		{"to only", time.Time{}, hour(2026, 7, 27, 23), "", "2026/07/27/23/"},
		{"one hour", hour(2026, 7, 27, 23), hour(2026, 7, 28, 0), "2026/07/27/23/", "2026/07/28/00/"},
		{"a nanosecond at an hour's beginning", hour(2026, 7, 27, 23), hour(2026, 7, 27, 23).Add(1), "2026/07/27/23/", "2026/07/28/00/"},
		{"a nanosecond at an hour's end", hour(2026, 7, 28, 0).Add(-1), hour(2026, 7, 28, 0), "2026/07/27/23/", "2026/07/28/00/"},
		{"across an hour's edge", hour(2026, 7, 28, 0).Add(-1), hour(2026, 7, 28, 0).Add(1), "2026/07/27/23/", "2026/07/28/01/"},
		{"across a year's edge", hour(2025, 12, 31, 23).Add(1), hour(2026, 1, 1, 0).Add(1), "2025/12/31/23/", "2026/01/01/01/"},
		{"to rounded up to a leap day", hour(2028, 2, 28, 0), hour(2028, 2, 28, 23).Add(1), "2028/02/28/00/", "2028/02/29/00/"},
		{"a zone of half hours", time.Date(2026, 7, 28, 5, 0, 0, 0, kolkata), time.Date(2026, 7, 28, 5, 30, 0, 0, kolkata), "2026/07/27/23/", "2026/07/28/00/"},
		{"from equal to to", hour(2026, 7, 27, 23).Add(1), hour(2026, 7, 27, 23).Add(1), "2026/07/27/23/", "2026/07/27/23/"},
		{"from after to", hour(2026, 7, 27, 23), hour(2026, 7, 27, 20), "2026/07/27/23/", "2026/07/27/23/"},
		{"from after to within an hour", hour(2026, 7, 27, 23).Add(2), hour(2026, 7, 27, 23).Add(1), "2026/07/27/23/", "2026/07/27/23/"},
		{"before the year 0", hour(-5, 1, 1, 0), hour(-4, 1, 1, 0), first, first},
		{"from before the year 0", hour(-5, 1, 1, 0), hour(2026, 1, 1, 0), first, "2026/01/01/00/"},
		{"to in the last hour", hour(9999, 12, 31, 23), hour(9999, 12, 31, 23).Add(1), "9999/12/31/23/", open},
		{"to after 9999", hour(2026, 1, 1, 0), hour(12026, 1, 1, 0), "2026/01/01/00/", open},
		{"from after 9999", hour(10000, 1, 1, 0), time.Time{}, open, open},
		{"after 9999", hour(10000, 1, 1, 0), hour(10001, 1, 1, 0), open, open},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := func(bound string) string {
				if bound == open {
					return open
				}
				return chatFolder + bound
			}
			after, end := chat("").Range(tt.from, tt.to)
			if after != want(tt.after) || end != want(tt.end) {
				t.Errorf("Range(%v, %v) = %q, %q, want %q, %q", tt.from, tt.to, after, end, want(tt.after), want(tt.end))
			}
		})
	}
}

// TestRangeBounds holds Range to its definition: of a partition's keys, those
// between the bounds are those whose hour folder touches the time range.
func TestRangeBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	inside := 0
	for range testutil.Pick(3_000, 10_000) {
		p := randomPartition(r)
		from, to := randomTime(r), randomTime(r)
		switch r.IntN(8) {
		case 0:
			from = time.Time{}
		case 1:
			to = time.Time{}
		case 2:
			from, to = time.Time{}, time.Time{}
		case 3:
			to = from.Add(time.Duration(r.Int64N(int64(4*time.Hour))) - time.Hour)
		}
		after, end := p.Range(from, to)
		if after > end {
			t.Fatalf("Range(%v, %v) = %q, %q, want bounds in order", from, to, after, end)
		}
		for range 20 {
			k := p.NewKey(randomKeyTime(r, from, to), "A")
			if r.IntN(2) == 0 {
				k.Name = randomName(r)
			}
			key := k.String()
			got := after < key && key < end
			if want := touches(k.Hour, from, to); got != want {
				t.Fatalf("Range(%v, %v) = %q, %q holds %q = %t, want %t", from, to, after, end, key, got, want)
			}
			if got {
				inside++
			}
		}
		if marker := p.NewKey(from, "").Hour; !from.IsZero() {
			folder := path.Key{Partition: p, Hour: marker}.String()
			if after < folder {
				t.Fatalf("Range(%v, %v) = %q, %q holds the folder object %q, want it left out", from, to, after, end, folder)
			}
		}
	}
	if inside < 10_000 {
		t.Errorf("%d keys lay in a range, want 10000 or more for the test to say something", inside)
	}
}

// randomKeyTime prefers times near the bounds.
func randomKeyTime(r *rand.Rand, from, to time.Time) time.Time {
	near := pick(r, from, to, randomTime(r))
	if near.IsZero() {
		return randomTime(r)
	}
	t := near.Add(time.Duration(r.IntN(7)-3) * 30 * time.Minute)
	if y := t.UTC().Year(); y < 0 || y > 9999 {
		return near
	}
	return t
}

func touches(hour, from, to time.Time) bool {
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return false
	}
	return (to.IsZero() || hour.Before(to)) && (from.IsZero() || from.Before(hour.Add(time.Hour)))
}

// TestRangeEnd shows that an open end is past every key of the partition and
// before those of the next one.
func TestRangeEnd(t *testing.T) {
	_, end := chat("p").Range(time.Time{}, time.Time{})
	if key := "p/" + chatFolder + "\xff\xff"; key >= end {
		t.Errorf("Range of all time ends at %q, want it after %q", end, key)
	}
	other := strings.Replace("p/"+chatFolder, "us-east-1/", "us-east-10/", 1)
	if other < end {
		t.Errorf("Range of all time ends at %q, want it before %q", end, other)
	}
}

func TestNewKey(t *testing.T) {
	minute := time.Date(2026, 7, 28, 4, 33, 59, 999, time.FixedZone("", 5*3600+1800))
	got := chat("logging").NewKey(minute, "3tbIeIrGJNDFbfVx")
	want := path.Key{Partition: chat("logging"), Hour: hour(2026, 7, 27, 23), Name: chatName}
	if got != want {
		t.Errorf("NewKey(%v) = %#v, want %#v", minute, got, want)
	}
}

func BenchmarkKeyString(b *testing.B) {
	k := path.Key{Partition: chat("logging"), Hour: hour(2026, 7, 27, 23), Name: chatName}
	b.ReportAllocs()
	for b.Loop() {
		if k.String() == "" {
			b.Fatal("empty key")
		}
	}
}
