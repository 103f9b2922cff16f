package loggen

import (
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// ErrTooSmall is returned by [Big] if the size has no room for a record.
var ErrTooSmall = errors.New("loggen: size too small for a record")

// bigTexts is the number of different records in a big file, few enough that
// they repeat within the 32 KiB that deflate looks back.
const bigTexts = 6

// Big writes one gzip file whose content is exactly the given number of bytes
// long, a document of chats as in QDeveloperLogs, and returns how many records
// it has. The records have ascending times, one each microsecond from 09:00 on
// Monday, 2 March 2026, UTC, ids of their own, and texts that repeat, so that
// the file compresses well. It holds a few records in memory.
func Big(w io.Writer, decompressed int64, seed uint64) (records int, err error) {
	zw, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	const begin, end = `{"records":[`, "]}"
	g := newGenerator(Config{Seed: seed, MaxText: 8 << 10}.withDefaults())
	left := decompressed - int64(len(begin)+len(end))
	if _, err := io.WriteString(zw, begin); err != nil {
		return 0, err
	}
	templates := g.templates()
	var b bytes.Buffer
	for {
		b.Reset()
		if records > 0 {
			b.WriteByte(',')
		}
		templates[records%bigTexts].append(&b, records)
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

// template is an encoded record, cut where its time and id belong.
type template [3][]byte

func (g *generator) templates() [bigTexts]template {
	const timeMark, idMark = "@time@", "@id@"
	var out [bigTexts]template
	p := path.Partition{Account: g.cfg.Accounts[0], Product: path.QDeveloperLogs, Region: g.cfg.Regions[0]}
	for i := range out {
		want := Want{RequestID: idMark, UserID: g.user()}
		value := g.chat(p, firstDay(), &want)
		value.get("generateAssistantResponseEventRequest").set("timeStamp", timeMark)
		var b bytes.Buffer
		appendCompact(&b, value)
		before, rest, _ := bytes.Cut(b.Bytes(), []byte(timeMark))
		middle, after, _ := bytes.Cut(rest, []byte(idMark))
		out[i] = template{before, middle, after}
	}
	return out
}

func (t template) append(b *bytes.Buffer, n int) {
	at := firstDay().Add(9*time.Hour + time.Duration(n)*time.Microsecond)
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
