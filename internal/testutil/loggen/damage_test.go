package loggen_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil/loggen"
	"github.com/promptlogs/qlogs/qlogs/path"
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
	counts := make(map[loggen.Damage]int)
	someComplete := false
	cfg := config()
	cfg.Objects, cfg.DamageEvery = 1400, 2
	for o := range loggen.Objects(cfg) {
		counts[o.Damage]++
		data, err := inflate(o.Body)
		bad := func(what string) { t.Errorf("%s, damage %v: %s", o.Key, o.Damage, what) }
		wantError, wantSkip := true, ""
		switch o.Damage {
		case loggen.None, loggen.BadRecord:
			wantError = false
			if want := len(o.Records) + len(o.BadIndexes); complete(data) != want && !bytes.Contains(data, []byte("oops")) {
				bad("other number of records")
			}
			if o.Damage == loggen.BadRecord && (len(o.BadIndexes) != 1 || len(o.Records) == 0) {
				bad("not one bad record among others")
			}
		case loggen.NotGzip:
			if !errors.Is(err, gzip.ErrHeader) || json.Valid(o.Body) || len(o.Records) > 0 {
				bad("is gzip or JSON")
			}
		case loggen.Cut:
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				bad("not cut")
			}
			if got := complete(data); got != len(o.Records) {
				bad("other number of complete records")
			}
			someComplete = someComplete || len(o.Records) > 0
		case loggen.BadChecksum:
			if !errors.Is(err, gzip.ErrChecksum) || len(o.Records) > 0 {
				bad("checksum holds")
			}
		case loggen.BadJSON:
			if err != nil || json.Valid(data) || complete(data) != len(o.Records) {
				bad("not a document that ends early")
			}
		case loggen.Probe:
			wantError, wantSkip = false, "probe"
			if _, err := path.Parse(o.Key); err == nil || !strings.HasPrefix(string(o.Body), "Access validation successful.") {
				bad("not a probe")
			}
		case loggen.Empty:
			wantError, wantSkip = false, "empty"
			if len(o.Body) > 0 {
				bad("not empty")
			}
		}
		if o.ObjectError != wantError || o.Skip != wantSkip {
			t.Errorf("%s, damage %v: ObjectError %v, Skip %q, want %v, %q", o.Key, o.Damage, o.ObjectError, o.Skip, wantError, wantSkip)
		}
	}
	for d := loggen.NotGzip; d <= loggen.Empty; d++ {
		if counts[d] != 100 {
			t.Errorf("objects with damage %v = %d, want 100", d, counts[d])
		}
	}
	if !someComplete {
		t.Error("no cut object has a complete record")
	}
}

func TestDamageNames(t *testing.T) {
	seen := make(map[string]bool)
	for d := loggen.None; d <= loggen.Empty; d++ {
		if s := d.String(); s == "unknown" || seen[s] {
			t.Errorf("Damage(%d).String() = %q, want a name of its own", int(d), s)
		}
		seen[d.String()] = true
	}
	if got := (loggen.Empty + 1).String(); got != "unknown" {
		t.Errorf("String of no damage = %q, want %q", got, "unknown")
	}
}
