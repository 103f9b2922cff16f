package loggen

import (
	"bytes"
	stdgzip "compress/gzip"
	"io"

	"github.com/promptlogs/qlogs/qlogs/path"
)

const (
	// gzipTrailer is a CRC-32 and a length of four bytes each.
	gzipTrailer = 8

	// cutMargin is how far from the end of a record a cut is. Readers differ
	// in how much they give of the last symbol, which is at most 258 bytes.
	cutMargin = 300
)

// fill encodes and zips the document, damages it, and says what has to come
// of it.
func (g *generator) fill(o *Object, f *file) {
	values := make([]any, len(f.drafts))
	for i, d := range f.drafts {
		values[i] = d.value
	}
	bad := -1
	if o.Damage == BadRecord {
		bad = g.rng.IntN(len(values))
		values[bad] = g.badRecord(f.drafts[bad])
	}
	f.encode(values, g.chance(0.02))
	o.Records = f.wants
	switch o.Damage {
	case Cut:
		whole := g.gzip(f.json)
		complete := 0
		o.Body, complete = g.cut(whole, f.ends)
		o.Records, o.ObjectError = f.wants[:complete], true
		return
	case BadChecksum:
		o.Body = g.gzip(f.json)
		o.Body[len(o.Body)-gzipTrailer] ^= 1
		o.Records, o.ObjectError = nil, true
		return
	case BadJSON:
		last := len(f.starts) - 1
		start, end := f.starts[last], f.ends[last]
		o.Body = g.gzip(f.json[:start+1+g.rng.IntN(end-start-1)])
		o.Records, o.ObjectError = f.wants[:last], true
		return
	case BadRecord:
		o.BadIndexes = []int{bad}
		o.Records = append(append([]Want(nil), f.wants[:bad]...), f.wants[bad+1:]...)
	}
	o.Body = g.gzip(f.json)
}

func (g *generator) gzip(data []byte) []byte {
	var b bytes.Buffer
	g.zip.Reset(&b)
	// Writing to a buffer cannot fail.
	_, _ = g.zip.Write(data)
	_ = g.zip.Close()
	return b.Bytes()
}

// cut shortens a gzip file and returns how many records are complete in what
// is left. It tries random places until one is far enough from the end of each
// record, and falls back to a place inside the first block's tables.
func (g *generator) cut(whole []byte, ends []int) ([]byte, int) {
	const head = 12 // the gzip header and two bytes
	for range 20 {
		n := head + g.rng.IntN(len(whole)-gzipTrailer-head)
		got := inflated(whole[:n])
		complete, near := 0, false
		for _, end := range ends {
			if end <= got {
				complete++
			}
			near = near || end-cutMargin < got && got < end+cutMargin
		}
		if !near {
			return whole[:n:n], complete
		}
	}
	return whole[:head:head], 0
}

// inflated returns how many bytes of a cut gzip file can be read.
func inflated(gz []byte) int {
	r, err := stdgzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return 0
	}
	n, _ := io.Copy(io.Discard, r) // fails, as the file is cut
	return int(n)
}

// badRecord returns a record that cannot be read but ends where it should. In
// a record of a kind that is not known, no half can be wrong.
func (g *generator) badRecord(d draft) any {
	variants := 5
	switch path.LogType(d.want.LogType) {
	case path.GenerateAssistantResponse, path.GenerateCompletions, path.StartTaskAssistCodeGeneration:
	default:
		variants = 2
	}
	switch g.rng.IntN(variants) {
	case 0:
		return 17
	case 1:
		return raw(`{"broken":oops}`)
	case 2:
		d.value[0].value = "yesterday at noon"
	case 3:
		d.value[0].value = 20260230
	case 4:
		d.value[0].value = []any{object{{"id", 7}}}
	}
	return d.value
}
