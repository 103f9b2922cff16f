package qlogstest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

func inflate(b []byte) ([]byte, error) {
	zr, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(zr)
}

// complete counts the array elements that a JSON decoder gets before it fails.
func complete(data []byte) int {
	d := json.NewDecoder(bytes.NewReader(data))
	for range 3 { // {, "records", [
		if _, err := d.Token(); err != nil {
			return 0
		}
	}
	for n := 0; ; n++ {
		var v json.RawMessage
		if !d.More() || d.Decode(&v) != nil {
			return n
		}
	}
}

func TestDamageIsAsDescribed(t *testing.T) {
	counts := map[string]int{}
	someComplete := false
	cfg := config()
	n := testutil.Pick(25, 50) // of each damage
	cfg.Objects, cfg.DamageEvery, cfg.MaxText, cfg.Seed = 14*n, 2, 8<<10, 1
	for o := range qlogstest.Generate(cfg) {
		bad := func(what string) { t.Errorf("%s, damage %v: %s", o.Key, o.Damage, what) }
		if o.Kind != path.Log {
			counts[fmt.Sprint("kind ", o.Kind)]++
			if got, _ := path.KindOf(o.Key, int64(len(o.Body))); got != o.Kind {
				t.Errorf("%s is of the kind %v, want %v", o.Key, got, o.Kind)
			}
			if o.Damage != qlogstest.NoDamage || o.Failed || o.Records != nil || o.BadRecords != nil {
				bad("has records or errors")
			}
			continue
		}
		counts[o.Damage.String()]++
		data, err := inflate(o.Body)
		failed := true
		switch o.Damage {
		case qlogstest.NoDamage, qlogstest.BadRecord:
			failed = false
			if want := len(o.Records) + len(o.BadRecords); complete(data) != want && !bytes.Contains(data, []byte("oops")) {
				bad("other number of records")
			}
			if o.Damage == qlogstest.BadRecord && (len(o.BadRecords) != 1 || len(o.Records) == 0) {
				bad("not one bad record among others")
			}
		case qlogstest.NotGzip:
			if !errors.Is(err, gzip.ErrHeader) || json.Valid(o.Body) || len(o.Records) > 0 {
				bad("is gzip or JSON")
			}
		case qlogstest.Cut:
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				bad("not cut")
			}
			if got := complete(data); got != len(o.Records) {
				bad("other number of complete records")
			}
			someComplete = someComplete || len(o.Records) > 0
		case qlogstest.BadChecksum:
			if !errors.Is(err, gzip.ErrChecksum) || len(o.Records) > 0 {
				bad("checksum holds")
			}
		case qlogstest.BadJSON:
			if err != nil || json.Valid(data) || complete(data) != len(o.Records) {
				bad("not a document that ends early")
			}
		}
		if o.Failed != failed {
			t.Errorf("%s, damage %v: Failed = %t, want %t", o.Key, o.Damage, o.Failed, failed)
		}
	}
	want := map[string]int{
		"none": 7 * n, "not gzip": n, "cut": n, "bad checksum": n, "bad JSON": n, "bad record": n,
		fmt.Sprint("kind ", path.Probe): n, fmt.Sprint("kind ", path.Empty): n,
	}
	if !maps.Equal(counts, want) {
		t.Errorf("objects by damage = %v, want %v", counts, want)
	}
	if !someComplete {
		t.Error("no cut object has a complete record")
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for d := qlogstest.NoDamage; d <= qlogstest.BadRecord; d++ {
		if s := d.String(); s == "unknown" || seen[s] {
			t.Errorf("Damage(%d).String() = %q, want a name of its own", int(d), s)
		}
		seen[d.String()] = true
	}
	clear(seen)
	for o := qlogstest.NotOdd; o <= qlogstest.DriftedField; o++ {
		if s := o.String(); s == "unknown" || seen[s] {
			t.Errorf("Odd(%d).String() = %q, want a name of its own", int(o), s)
		}
		seen[o.String()] = true
	}
	for _, got := range []string{(qlogstest.BadRecord + 1).String(), qlogstest.Damage(-1).String(), (qlogstest.DriftedField + 1).String(), qlogstest.Odd(-1).String()} {
		if got != "unknown" {
			t.Errorf("String of what is none = %q, want %q", got, "unknown")
		}
	}
}
