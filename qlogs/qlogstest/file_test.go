package qlogstest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
	"github.com/promptlogs/qlogs/qlogs/record"
)

func TestDocument(t *testing.T) {
	decodedOne, err := record.Unmarshal([]byte(`{"newEventRequest":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := string(qlogstest.Document(
		qlogstest.Task{Request: qlogstest.Null, Response: qlogstest.Absent},
		decodedOne,
		json.RawMessage("17"),
	))
	want := `{"records":[{"startTaskAssistCodeGenerationEventRequest":null},{"newEventRequest":{}},17]}`
	if got != want {
		t.Errorf("Document = %s, want %s", got, want)
	}
	if got, want := string(qlogstest.Document()), `{"records":[]}`; got != want {
		t.Errorf("Document of nothing = %s, want %s", got, want)
	}
}

func TestFile(t *testing.T) {
	records := []json.Marshaler{qlogstest.Chat{Prompt: "why?"}, qlogstest.Completion{}, qlogstest.Task{}, qlogstest.Unknown{}}
	want := qlogstest.Document(records...)
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for range 20 {
				if got, err := inflate(qlogstest.File(records...)); err != nil || !bytes.Equal(got, want) {
					t.Errorf("File inflates to %s, %v, want %s", got, err, want)
				}
			}
		})
	}
	running.Wait()
	var types []string
	for _, r := range decoded(t, qlogstest.File(records...)) {
		types = append(types, r.LogType())
	}
	if len(types) != 4 || types[0] != "GenerateAssistantResponse" || types[1] != "GenerateCompletions" || types[2] != "StartTaskAssistCodeGeneration" || types[3] != "ReviewCode" {
		t.Errorf("types = %q, want those of the records", types)
	}
}

type failingRecord struct{}

func (failingRecord) MarshalJSON() ([]byte, error) { return nil, errors.New("broken") }

func TestFilePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("File of a record that fails does not panic")
		}
	}()
	qlogstest.File(failingRecord{})
}

func TestKey(t *testing.T) {
	got := qlogstest.Key(path.GenerateAssistantResponse, time.Date(2026, 3, 2, 9, 0, 59, 0, time.UTC), "a1")
	if want := "prompt-logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/111122223333_GenerateAssistantResponse_202603020900_a1.json.gz"; got != want {
		t.Errorf("Key = %q, want %q", got, want)
	}
}

func TestWriteFile(t *testing.T) {
	root := t.TempDir()
	key := qlogstest.Key(path.GenerateCompletions, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), "a1")
	for _, body := range []string{"one", "two"} {
		if err := qlogstest.WriteFile(root, key, []byte(body)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(key))); err != nil || string(got) != body {
			t.Errorf("the file has %q, %v, want %q", got, err, body)
		}
	}
	if err := qlogstest.WriteFile(root, key+"/below", nil); err == nil {
		t.Error("WriteFile below a file succeeded")
	}
}
