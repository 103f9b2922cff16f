package keep_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/keep"
)

// TestDeadLetterForms: what a letter does not say is unknown, and not record 0 or a size
// of 0.
func TestDeadLetterForms(t *testing.T) {
	for _, tt := range []struct {
		text  string
		index int
		size  int64
	}{
		{`{"key":"k","size":5,"etag":"e","op":"open","class":"other","attempts":1}`, -1, 5},
		{`{"key":"k","size":5,"index":null}`, -1, 5},
		{`{"key":"k","size":5,"index":-1}`, -1, 5},
		{`{"key":"k","size":5,"index":0}`, 0, 5},
		{`{"key":"k","size":5,"index":3,"later":"field"}`, 3, 5},
		{`{"key":"k"}`, -1, -1},
		{`{"key":"k","size":null}`, -1, -1},
		{`{"key":"k","size":0}`, -1, 0},
		{` { "index" : 2 , "key" : "k" } `, 2, -1},
	} {
		var l keep.DeadLetter
		if err := json.Unmarshal([]byte(tt.text), &l); err != nil || l.Index != tt.index || l.Object.Size != tt.size || l.Object.Key != "k" {
			t.Errorf("%s is read as %+v, %v, want index %d and size %d", tt.text, l, err, tt.index, tt.size)
		}
		name := filepath.Join(t.TempDir(), "letters")
		if err := os.WriteFile(name, []byte(strings.TrimSpace(tt.text)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		lettersWant(t, tt.text, name, l)
	}
	for _, text := range []string{`{}`, `{"index":0}`, `{"key":"k","index":-2}`, `{"key":"k","index":"0"}`, `{"key":"k","index":0.5}`, `{"key":"k","size":-2}`, `[]`, `null`, `"k"`} {
		var l keep.DeadLetter
		if err := l.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s is read as %+v, want an error", text, l)
		}
	}
}

// TestDeadLetterFileBounded: the file grows with the number of different letters, however
// often each is put, and by whichever process.
func TestDeadLetterFileBounded(t *testing.T) {
	puts := testutil.Pick(20, 60) // each of which waits for the disk
	for _, different := range []int{1, 2, 7} {
		for _, fresh := range []bool{false, true} {
			name := filepath.Join(t.TempDir(), "letters")
			store := keep.DeadLetterFile(name)
			most := 0
			for i := range puts {
				if fresh {
					store = keep.DeadLetterFile(name)
				}
				l := letterNumber(i % different)
				l.Attempts, l.Time = i, l.Time.Add(time.Duration(i)*time.Minute)
				if err := store.Put(t.Context(), l); err != nil {
					t.Fatal(err)
				}
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				most = max(most, bytes.Count(text, []byte("\n")))
			}
			if most > 2*different {
				t.Errorf("%d letters, put %d times, by new values %t: up to %d lines, want at most %d", different, puts, fresh, most, 2*different)
			}
			var want []keep.DeadLetter
			for i := puts - different; i < puts; i++ {
				l := letterNumber(i % different)
				l.Attempts, l.Time = i, l.Time.Add(time.Duration(i)*time.Minute)
				want = append(want, l)
			}
			lettersWant(t, fmt.Sprintf("%d letters", different), name, want...)
		}
	}
}

// TestDeadLetterFileKeepsDamage: lines that are damaged stay where earlier letters go.
func TestDeadLetterFileKeepsDamage(t *testing.T) {
	name := filepath.Join(t.TempDir(), "letters")
	if err := os.WriteFile(name, []byte("damage\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		letterPut(t, name, letterNumber(1))
	}
	letters, errs := lettersIn(t, name)
	text, err := os.ReadFile(name)
	if len(letters) != 1 || len(errs) != 1 || err != nil || bytes.Count(text, []byte("\n")) != 2 {
		t.Errorf("the file has %q, letters %+v, errors %q, want the damage and one letter", text, letters, errs)
	}
}
