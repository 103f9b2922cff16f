// Package bigfile writes one large log file, of any size.
package bigfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/qlogstest"
)

// ErrTooSmall is returned by [Write] if the size has no room for a record.
var ErrTooSmall = errors.New("bigfile: size too small for a record")

// texts is the number of different records in a file, few enough that they repeat within
// the 32 KiB that deflate looks back.
const texts = 6

// Write writes one gzip file whose content is exactly the given number of bytes long, a
// document of chats as in QDeveloperLogs, and returns how many records it has. The records
// have ascending times, one each microsecond from 09:00 on Monday, 2 March 2026, UTC, ids
// of their own, and texts that repeat, so that the file compresses well. It holds a few
// records in memory.
func Write(w io.Writer, decompressed int64, seed uint64) (records int, err error) {
	zw, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	const begin, end = `{"records":[`, "]}"
	left := decompressed - int64(len(begin)+len(end))
	if _, err := io.WriteString(zw, begin); err != nil {
		return 0, err
	}
	templates, err := makeTemplates(seed)
	if err != nil {
		return 0, err
	}
	var b bytes.Buffer
	for {
		b.Reset()
		if records > 0 {
			b.WriteByte(',')
		}
		templates[records%texts].append(&b, records)
		if int64(b.Len()) > left {
			break
		}
		if _, err := zw.Write(b.Bytes()); err != nil {
			return records, err
		}
		left -= int64(b.Len())
		records++
	}
	if records == 0 {
		return 0, ErrTooSmall
	}
	b.Reset()
	b.Write(bytes.Repeat([]byte(" "), int(left)))
	b.WriteString(end)
	if _, err := zw.Write(b.Bytes()); err != nil {
		return records, err
	}
	return records, zw.Close()
}

// A template is an encoded record, cut where its time and id belong.
type template [3][]byte

// makeTemplates cuts generated chats.
func makeTemplates(seed uint64) (out []template, err error) {
	for o := range qlogstest.Generate(qlogstest.Config{
		Seed: seed, Objects: 100 * texts, MaxText: 8 << 10,
		Products: []path.Product{path.QDeveloperLogs}, Types: []path.LogType{path.GenerateAssistantResponse},
	}) {
		zr, err := gzip.NewReader(bytes.NewReader(o.Body))
		if err != nil {
			return nil, err
		}
		var doc struct {
			Records []json.RawMessage `json:"records"`
		}
		if err := json.NewDecoder(zr).Decode(&doc); err != nil {
			return nil, err
		}
		r := o.Records[0]
		before, rest, timed := bytes.Cut(doc.Records[0], []byte(qlogstest.Time(r.Time)))
		middle, after, named := bytes.Cut(rest, []byte(r.RequestID))
		if !timed || !named {
			return nil, fmt.Errorf("bigfile: generated record without its time or id")
		}
		if out = append(out, template{before, middle, after}); len(out) == texts {
			break
		}
	}
	return out, nil
}

func (t template) append(b *bytes.Buffer, n int) {
	at := time.Date(2026, time.March, 2, 9, 0, 0, 1000*n, time.UTC)
	b.Write(t[0])
	b.Write(at.AppendFormat(b.AvailableBuffer(), "2006-01-02T15:04:05.000000Z"))
	b.Write(t[1])
	id := []byte("00000000-0000-4000-8000-000000000000")
	for i := len(id) - 1; n > 0; i-- {
		id[i] = "0123456789abcdef"[n&15]
		n >>= 4
	}
	b.Write(id)
	b.Write(t[2])
}
