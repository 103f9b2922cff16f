package loggen_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil/loggen"
)

func TestBig(t *testing.T) {
	for _, size := range []int64{10_000, 1 << 20, 5<<20 + 1} {
		var gz bytes.Buffer
		records, err := loggen.Big(&gz, size, 1)
		if err != nil {
			t.Fatalf("Big(%d): %v", size, err)
		}
		data, err := inflate(gz.Bytes())
		if err != nil || int64(len(data)) != size {
			t.Fatalf("Big(%d) inflates to %d bytes, %v", size, len(data), err)
		}
		var doc struct {
			Records []json.RawMessage
		}
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatalf("Big(%d): %v", size, err)
		}
		if len(doc.Records) != records {
			t.Errorf("Big(%d) = %d records, want %d", size, records, len(doc.Records))
		}
		ids := make(map[string]bool)
		var last time.Time
		for _, raw := range doc.Records {
			w, ok := parse(raw)
			if !ok || ids[w.RequestID] || !w.Time.After(last) {
				t.Fatalf("Big(%d): record %+v after %v repeats an id or goes back", size, w, last)
			}
			ids[w.RequestID], last = true, w.Time
		}
		if size > 1<<20 && gz.Len() > int(size)/10 {
			t.Errorf("Big(%d) takes %d bytes, want at most a tenth", size, gz.Len())
		}
	}
}

func TestBigErrors(t *testing.T) {
	if _, err := loggen.Big(&bytes.Buffer{}, 50, 1); !errors.Is(err, loggen.ErrTooSmall) {
		t.Errorf("Big(50) error = %v, want %v", err, loggen.ErrTooSmall)
	}
	if _, err := loggen.Big(failing{}, 1<<20, 1); !errors.Is(err, errFailing) {
		t.Errorf("Big on a full disk: error = %v, want %v", err, errFailing)
	}
}

var errFailing = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFailing }
