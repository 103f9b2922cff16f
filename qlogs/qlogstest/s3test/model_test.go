package s3test_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestListModel compares random listings with a plain model: fold every key,
// keep what is greater than the marker, cut into pages.
func TestListModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	word := func(n int) string {
		var b strings.Builder
		for range rng.IntN(n + 1) {
			b.WriteByte("ab/0"[rng.IntN(4)])
		}
		return b.String()
	}
	mem, c := start(t)
	keys := make(map[string]bool)
	for range 150 {
		for range 3 {
			k := "a" + word(6)
			mem.Put(bucket, k, nil)
			keys[k] = true
		}
		gone := "a" + word(2)
		mem.Delete(bucket, gone)
		delete(keys, gone)

		prefix, after, delimiter := word(2), word(3), []string{"", "/", "0", "b/"}[rng.IntN(4)]
		size := 1 + rng.IntN(20)
		var got []string
		in := &s3.ListObjectsV2Input{Prefix: &prefix, StartAfter: &after, Delimiter: &delimiter, MaxKeys: aws.Int32(int32(size))}
		for _, p := range pages(t, c, in) {
			page := strings.Fields(p)
			if len(page) > size {
				t.Fatalf("page of %d, want at most %d", len(page), size)
			}
			got = append(got, page...)
		}
		slices.Sort(got)
		if want := model(keys, prefix, delimiter, after); !slices.Equal(got, want) {
			t.Fatalf("list(prefix %q, delimiter %q, after %q) = %q, want %q", prefix, delimiter, after, got, want)
		}
	}
}

func model(keys map[string]bool, prefix, delimiter, after string) []string {
	set := make(map[string]bool)
	for k := range keys {
		rest, ok := strings.CutPrefix(k, prefix)
		if !ok {
			continue
		}
		if i := strings.Index(rest, delimiter); delimiter != "" && i >= 0 {
			if folder := prefix + rest[:i+len(delimiter)]; folder > after {
				set[folder+"…"] = true
			}
		} else if k > after {
			set[k] = true
		}
	}
	var out []string
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
