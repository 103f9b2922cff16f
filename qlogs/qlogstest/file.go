package qlogstest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// Document returns the JSON document of a log file with these records, in this order:
// {"records":[…]}. A record is a [Chat], [Completion], [Task] or [Unknown], a record of
// package record, or a json.RawMessage with any text. Document panics if the MarshalJSON
// method of a record fails.
func Document(records ...json.Marshaler) []byte {
	b := []byte(`{"records":[`)
	for i, r := range records {
		if i > 0 {
			b = append(b, ',')
		}
		text, err := r.MarshalJSON()
		if err != nil {
			panic(err)
		}
		b = append(b, text...)
	}
	return append(b, "]}"...)
}

// File returns a log file with these records: the [Document] of them, compressed as AWS
// does it.
func File(records ...json.Marshaler) []byte { return zip(Document(records...)) }

// writers are used again, for a new one costs a megabyte.
var writers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func zip(data []byte) []byte {
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	// Writing to a buffer cannot fail.
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Bytes()
}

// Key returns the key of a log file of Kiro, for records of that type and that minute:
//
//	prompt-logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/111122223333_GenerateAssistantResponse_202603020900_a1.json.gz
//
// The suffix, letters and digits such as "a1", tells files of one minute apart. For another
// prefix, account, product or Region use [path.Partition.NewKey].
func Key(t path.LogType, minute time.Time, suffix string) string {
	p := path.Partition{Prefix: usualPrefix, Account: usualAccount, Product: path.KiroLogs, LogType: t, Region: usualRegion}
	return p.NewKey(minute, suffix).String()
}

// WriteFile writes an object into a directory that is to be a mirror of a bucket: the file
// of that key below root. It makes the folders that are missing, and replaces the file if
// there is one.
func WriteFile(root, key string, body []byte) error {
	name := filepath.Join(root, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, body, 0o644)
}
