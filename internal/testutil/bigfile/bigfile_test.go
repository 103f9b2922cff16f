package bigfile_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/bigfile"
)

func TestWrite(t *testing.T) {
	for _, size := range []int64{10_000, 1 << 20, 5<<20 + 1} {
		var gz bytes.Buffer
		records, err := bigfile.Write(&gz, size, 1)
		if err != nil {
			t.Fatalf("Write(%d): %v", size, err)
		}
		stored := gz.Len()
		zr, err := gzip.NewReader(&gz)
		if err != nil {
			t.Fatalf("Write(%d): %v", size, err)
		}
		data, err := io.ReadAll(zr)
		if err != nil || int64(len(data)) != size {
			t.Fatalf("Write(%d) inflates to %d bytes, %v", size, len(data), err)
		}
		var doc struct {
			Records []struct {
				Request struct {
					TimeStamp time.Time `json:"timeStamp"`
				} `json:"generateAssistantResponseEventRequest"`
				Response struct {
					RequestID string `json:"requestId"`
				} `json:"generateAssistantResponseEventResponse"`
			} `json:"records"`
		}
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatalf("Write(%d): %v", size, err)
		}
		if len(doc.Records) != records {
			t.Errorf("Write(%d) = %d records, want %d", size, records, len(doc.Records))
		}
		ids := make(map[string]bool)
		var last time.Time
		for _, r := range doc.Records {
			if id := r.Response.RequestID; id == "" || ids[id] || !r.Request.TimeStamp.After(last) {
				t.Fatalf("Write(%d): the record %q of %v, after %v, repeats an id or goes back", size, id, r.Request.TimeStamp, last)
			}
			ids[r.Response.RequestID], last = true, r.Request.TimeStamp
		}
		if size > 1<<20 && stored > int(size)/10 {
			t.Errorf("Write(%d) takes %d bytes, want at most a tenth", size, stored)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	if _, err := bigfile.Write(&bytes.Buffer{}, 50, 1); !errors.Is(err, bigfile.ErrTooSmall) {
		t.Errorf("Write(50) error = %v, want %v", err, bigfile.ErrTooSmall)
	}
	if _, err := bigfile.Write(failing{}, 1<<20, 1); !errors.Is(err, errFailing) {
		t.Errorf("Write to a full disk: error = %v, want %v", err, errFailing)
	}
}

var errFailing = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFailing }

func BenchmarkWrite(b *testing.B) {
	const size = 64 << 20
	b.SetBytes(size)
	for b.Loop() {
		if _, err := bigfile.Write(io.Discard, size, 1); err != nil {
			b.Fatal(err)
		}
	}
}
