package record

import (
	"cmp"
	"io"
	"iter"
	"math"
)

// DecoderOptions are the limits of a [Decoder]. A field that is zero or
// negative stands for its default.
type DecoderOptions struct {
	// MaxRecordBytes is how long a record may be, in bytes of JSON: 16 MiB by
	// default. A longer record is skipped without being held in memory. An element
	// of a list, an unknown key and a drifted field count as 64 bytes each, so that
	// short JSON does not become a large value. In a text of more than 4 KiB a byte
	// that is not UTF-8, which becomes three bytes, counts as two. Other members of
	// a document that are longer are skipped without being checked.
	MaxRecordBytes int64
	// MaxRecords is how many records a file may have: 10 million by default.
	MaxRecords int
	// MaxDepth is how deep arrays and objects may nest in a record, the record
	// itself included: 1,000 by default, and at most 10,000, the limit of
	// encoding/json.
	MaxDepth int
	// StrictFields makes a field that has drifted (see [Drifted]) an error of its
	// record: an [*Error] with the path of the field, and [ErrType] or [ErrTime]. This
	// holds too if a later duplicate of the key replaces the value. By default the
	// record is delivered.
	StrictFields bool
	// Stop, if it is not nil, is called while records are decoded, at least once for each
	// 128 KiB that are scanned, checked or decoded. If it returns an error, the file ends
	// with that error as it is, also in the middle of a record. If Stop is nil, only an
	// error of the reader ends a file early, and a record that is in memory is decoded to
	// its end. The Decoder calls Stop on the goroutine that calls Next.
	Stop func() error
	// Grow, if it is not nil, is called before a record takes more than 64 KiB of memory,
	// with the number of bytes beyond that, and again before the record takes more than
	// was announced so far. If Grow returns an error, the file ends as with Stop.
	// [Decoder.Spent] returns how much the record has taken in the end. The memory of the
	// Decoder itself is not counted.
	Grow func(n int64) error
}

// Decoder reads the records of one decompressed log file after the other. It
// holds one window of the file in memory, which starts at 64 KiB and grows with
// the longest record, up to little more than [DecoderOptions.MaxRecordBytes].
// A Decoder may be reused with Reset or ResetBytes. Only one goroutine at a time may use
// it. The records do not refer to its memory.
type Decoder struct {
	envelope
	scanner    scanner
	maxRecords int

	count  int // records met
	index  int
	offset int64
	size   int64
	err    error // final

	drifted bool
}

// NewDecoder returns a Decoder that reads from r. If opts is nil, the defaults are
// used. NewDecoder does no I/O. A nil r is an empty file, for a Decoder that will be
// reset before it is used.
func NewDecoder(r io.Reader, opts *DecoderOptions) *Decoder {
	var o DecoderOptions
	if opts != nil {
		o = *opts
	}
	d := &Decoder{maxRecords: cmp.Or(max(o.MaxRecords, 0), 10_000_000)}
	d.maxBytes = cmp.Or(max(o.MaxRecordBytes, 0), 16<<20)
	d.scanner.most, d.scanner.strict = d.maxBytes, o.StrictFields
	d.scanner.stop, d.scanner.grow = o.Stop, o.Grow
	d.account, d.window.pace = &d.scanner.account, &d.scanner.pace
	d.scanner.limit = min(cmp.Or(max(o.MaxDepth, 0), 1_000), maxDepth)
	d.Reset(r)
	return d
}

// Reset makes d read another file, from r, with the same options.
func (d *Decoder) Reset(r io.Reader) {
	d.reset()
	d.window.reset(r)
}

// ResetBytes makes d read another file, from data, with the same options. It
// reads data in place and never writes to it; data must not change until d has
// read it. d refers to it until the next reset.
func (d *Decoder) ResetBytes(data []byte) {
	d.reset()
	d.window.resetBytes(data)
}

func (d *Decoder) reset() {
	d.scanner.data, d.scanner.long, d.scanner.err = nil, "", nil
	d.scanner.border.release()
	d.window.border.release()
	d.place, d.document, d.documents, d.hasArray = betweenDocuments, 0, 0, false
	d.count, d.index, d.offset, d.size, d.err, d.drifted = 0, 0, 0, 0, nil, false
}

// Next returns the next record, or [io.EOF] after the last.
//
// A record that cannot be decoded is an [*Error], after which Next may be
// called again and returns the next record: damage costs one record as long as
// its quotes and brackets balance. Any other error is final, and Next keeps
// returning it. A [*DocumentError] means that the file ends early or is not a
// log. An error of the reader is returned as it is. Both come after all records
// that are complete before them.
//
// Several documents may follow one another, as in files that were concatenated.
// All are read, and Index and Offset count through all of them. If a document has
// "records" more than once, all of them are delivered.
func (d *Decoder) Next() (Record, error) {
	d.drifted = false
	if d.err != nil {
		return nil, d.err
	}
	d.scanner.spent, d.scanner.told = 0, untold
	r, err := d.next()
	if err == nil && d.scanner.drifted {
		d.drifted = isDrifted(r)
	}
	if stopped := d.scanner.err; stopped != nil { // whatever error it led to
		d.err = stopped
		return nil, stopped
	}
	return r, err
}

func (d *Decoder) next() (Record, error) {
	if d.err = d.toRecord(); d.err != nil {
		return nil, d.err
	}
	d.index, d.offset, d.size = d.count, d.window.offset(), 0
	if d.count >= d.maxRecords {
		d.err = d.fault(ErrTooMany)
		return nil, d.err
	}
	if r, ok := d.whole(); ok {
		return r, nil
	}
	raw, err := d.window.value(d.maxBytes)
	d.size = d.window.offset() - d.offset
	if err != nil {
		d.err = err
		return nil, err
	}
	d.count++
	d.place = afterRecord
	if raw == nil {
		return nil, asError(ErrTooLarge, d.index, d.offset)
	}
	r, err := d.scanner.record(raw)
	if err != nil {
		return nil, asError(err, d.index, d.offset)
	}
	return r, nil
}

// whole decodes the record that starts here without a search for its end. It reports false
// if something is wrong with the record, or if the end has to be known first. It need not be
// if the rest of the file is in memory and is no longer than a record may be.
func (d *Decoder) whole() (Record, bool) {
	rest := d.window.data[d.window.pos:]
	if d.window.src != nil || int64(len(rest)) > d.maxBytes {
		return nil, false
	}
	r, n, ok := d.scanner.first(rest)
	if !ok {
		return nil, false
	}
	d.window.pos += n
	d.size = int64(n)
	d.count++
	d.place = afterRecord
	return r, true
}

// Index returns the place in its file, from 0, of the record that Next last
// returned or failed on.
func (d *Decoder) Index() int { return d.index }

// Offset returns the place in the decompressed file, from 0, of the first byte
// of the record that Next last returned or failed on.
func (d *Decoder) Offset() int64 { return d.offset }

// Size returns the length in bytes of the JSON, as it stands in the file, of the
// record that Next last returned or failed on. If the file breaks off in that record,
// Size returns the length of what is there.
func (d *Decoder) Size() int { return int(min(d.size, math.MaxInt)) }

// Drifted reports whether a field of the record that Next last returned has drifted.
// [DriftedFields] names them.
func (d *Decoder) Drifted() bool { return d.drifted }

// Spent returns about how many bytes of memory the record that Next last returned takes:
// its text, the elements of its lists, and everything that is kept beside them. After an
// error it is what the record had taken by then; that memory is no longer referred to.
func (d *Decoder) Spent() int64 { return d.scanner.spent }

// Decode yields the records of one decompressed log file. If opts is nil, the defaults
// are used. Each pair has either a record or an error. An [*Error] concerns one record,
// and the loop may continue; any other error is the last pair. See [Decoder.Next] for the
// errors. If the loop is left early, Decode has read no more of r than it needed and
// what fits into its window.
func Decode(r io.Reader, opts *DecoderOptions) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		d := NewDecoder(r, opts)
		for {
			rec, err := d.Next()
			if err == io.EOF {
				return
			}
			if !yield(rec, err) || d.err != nil {
				return
			}
		}
	}
}
