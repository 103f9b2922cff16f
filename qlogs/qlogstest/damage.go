package qlogstest

import (
	"bytes"
	stdgzip "compress/gzip"
	"encoding/json"
	"io"
)

const (
	// gzipTrailer is a CRC-32 and a length of four bytes each.
	gzipTrailer = 8

	// cutMargin is how far from the end of a record a cut is. Readers differ in how much
	// they give of the last symbol, which is at most 258 bytes.
	cutMargin = 300
)

// A document is the JSON of a file, and where its records start and end.
type document struct {
	json         []byte
	starts, ends []int
}

// encode writes a document, now and then with line breaks and indentation.
func encode(drafts []draft, indent bool) document {
	var d document
	var b bytes.Buffer
	b.WriteString(`{"records":[`)
	for i, draft := range drafts {
		if i > 0 {
			b.WriteByte(',')
		}
		if indent {
			b.WriteString("\n  ")
		}
		d.starts = append(d.starts, b.Len())
		text, _ := draft.made.MarshalJSON()                      // none of ours fails
		if !indent || json.Indent(&b, text, "  ", "  ") != nil { // which writes nothing of what is damaged
			b.Write(text)
		}
		d.ends = append(d.ends, b.Len())
	}
	b.WriteString("]}")
	d.json = b.Bytes()
	return d
}

// fill encodes and zips the records, damages the file, and says what a reader has to
// report of it.
func (d dice) fill(o *Object, drafts []draft) {
	bad := -1
	if o.Damage == BadRecord {
		bad = d.rng.IntN(len(drafts))
		drafts[bad].made = d.badRecord(drafts[bad].made)
	}
	doc := encode(drafts, d.chance(0.02))
	for i, draft := range drafts {
		if i == bad {
			o.BadRecords = append(o.BadRecords, i)
		} else {
			o.Records = append(o.Records, draft.want)
		}
	}
	complete := len(o.Records)
	switch o.Damage {
	case Cut:
		o.Body, complete = d.cut(zip(doc.json), doc.ends)
	case BadChecksum:
		o.Body, complete = zip(doc.json), 0
		o.Body[len(o.Body)-gzipTrailer] ^= 1
	case BadJSON:
		complete--
		start, end := doc.starts[complete], doc.ends[complete]
		o.Body = zip(doc.json[:start+1+d.rng.IntN(end-start-1)])
	default:
		o.Body = zip(doc.json)
		return
	}
	o.Records, o.Failed = o.Records[:complete:complete], true
}

// cut shortens a gzip file and returns how many records are complete in what is left. It
// tries random places until one is far enough from the end of each record, and falls back
// to a place inside the first block's tables.
func (d dice) cut(whole []byte, ends []int) ([]byte, int) {
	const head = 12 // the gzip header and two bytes
	for range 20 {
		n := head + d.rng.IntN(len(whole)-gzipTrailer-head)
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

// badRecord returns a record that cannot be read but ends where it should. In a record of
// a kind that is not known, no half can be wrong.
func (d dice) badRecord(made json.Marshaler) json.Marshaler {
	request := func() *Value {
		switch made := made.(type) {
		case *Chat:
			return &made.Request
		case *Completion:
			return &made.Request
		case *Task:
			return &made.Request
		}
		return nil
	}()
	variants := 5
	if request == nil {
		variants = 2
	}
	switch d.rng.IntN(variants) {
	case 0:
		return json.RawMessage("17")
	case 1:
		return json.RawMessage(`{"broken":oops}`)
	case 2:
		*request = "yesterday at noon"
	case 3:
		*request = JSON("20260230")
	case 4:
		*request = JSON(`[{"id":7}]`)
	}
	return made
}
