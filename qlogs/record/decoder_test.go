package record_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// texts reduces results to the record or the text of the error.
func texts(list []result) []string {
	var out []string
	for _, r := range list {
		if r.Err != "" {
			out = append(out, strings.TrimPrefix(r.Err, "record: "))
		} else {
			out = append(out, r.Record)
		}
	}
	return out
}

func TestDecoderDocuments(t *testing.T) {
	for _, c := range documents {
		t.Run(c.name, func(t *testing.T) {
			d := record.NewDecoder(iotest.OneByteReader(strings.NewReader(c.in)), nil)
			if got := texts(drain(t, d)); !reflect.DeepEqual(got, c.want) {
				t.Errorf("byte by byte: %q, want %q", got, c.want)
			}
			d.ResetBytes([]byte(c.in))
			if got := texts(drain(t, d)); !reflect.DeepEqual(got, c.want) {
				t.Errorf("in place: %q, want %q", got, c.want)
			}
			d.Reset(strings.NewReader(c.in))
			if got := texts(drain(t, d)); !reflect.DeepEqual(got, c.want) {
				t.Errorf("in one piece: %q, want %q", got, c.want)
			}
		})
	}
}

func TestDecoderErrorTypes(t *testing.T) {
	d := record.NewDecoder(strings.NewReader(`{"records":[{},7,{"generateCompletionsEventRequest":{"timeStamp":"x"}} {}`), &record.DecoderOptions{StrictFields: true})
	if _, err := d.Next(); err != nil {
		t.Fatalf("Next() = %v, want a record", err)
	}
	_, err := d.Next()
	var one *record.Error
	if !errors.As(err, &one) || !errors.Is(err, record.ErrType) || one.Index != 1 || one.Offset != 15 || one.Field != "" {
		t.Errorf("Next() = %#v, want *Error{1, 15, ErrType}", err)
	}
	if d.Index() != 1 || d.Offset() != 15 || d.Size() != 1 {
		t.Errorf("place = %d, %d, %d, want 1, 15, 1", d.Index(), d.Offset(), d.Size())
	}
	_, err = d.Next()
	if !errors.As(err, &one) || !errors.Is(err, record.ErrTime) || one.Index != 2 || one.Field != "generateCompletionsEventRequest.timeStamp" {
		t.Errorf("Next() = %#v, want *Error{2, ErrTime}", err)
	}
	_, err = d.Next()
	var document *record.DocumentError
	if !errors.As(err, &document) || !errors.Is(err, record.ErrSyntax) {
		t.Errorf("Next() = %#v, want *DocumentError{ErrSyntax}", err)
	}
	if _, again := d.Next(); again != err {
		t.Errorf("Next() again = %v, want %v", again, err)
	}
}

func TestDecoderEndIsFinal(t *testing.T) {
	d := record.NewDecoder(strings.NewReader(`{"records":[{}]}`), nil)
	for i, want := range []error{nil, io.EOF, io.EOF} {
		if _, err := d.Next(); err != want {
			t.Errorf("Next() %d = %v, want %v", i, err, want)
		}
	}
}

func TestDecoderCutAtEveryByte(t *testing.T) {
	var parts []string
	for _, c := range shapes[:5] {
		parts = append(parts, c.in)
	}
	file := `{"a":[{}],"records":[` + strings.Join(parts, ",\n") + `],"z":"é"}`
	whole := drain(t, record.NewDecoder(strings.NewReader(file), nil))
	if len(whole) != len(parts) {
		t.Fatalf("%d records, want %d", len(whole), len(parts))
	}
	for n := 0; n < len(file); n += testutil.Pick(3, 1) {
		cut := file[:n]
		got := drain(t, record.NewDecoder(iotest.OneByteReader(strings.NewReader(cut)), nil))
		d := record.NewDecoder(nil, nil)
		d.ResetBytes([]byte(cut))
		if other := drain(t, d); !reflect.DeepEqual(got, other) {
			t.Fatalf("cut at %d: byte by byte %v, in place %v", n, got, other)
		}
		last := len(got) - 1
		if last < 0 || got[last].Err != fmt.Sprintf("record: file unreadable from byte %d: unexpected EOF", n) {
			t.Fatalf("cut at %d: %v, want an unexpected EOF", n, got)
		}
		complete := 0
		for _, r := range whole {
			if r.Offset+int64(r.Size) <= int64(n) {
				complete++
			}
		}
		if last != complete || !reflect.DeepEqual(got[:last], whole[:complete]) {
			t.Fatalf("cut at %d: %d records, want %d", n, last, complete)
		}
	}
}

func TestDecoderReaderFails(t *testing.T) {
	broken := errors.New("connection reset")
	for _, in := range []string{`{"records":[{},{"a":`, `{"records":[{}`, `{"records":[{}]}`, ``, `12`} {
		d := record.NewDecoder(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)), nil)
		got := drain(t, d)
		want := strings.Count(in, "{}")
		if len(got) != want+1 || got[want].Err != broken.Error() {
			t.Errorf("%q: %v, want %d records and %q", in, got, want, broken)
		}
		if _, err := d.Next(); err != broken {
			t.Errorf("%q: Next() = %v, want %v", in, err, broken)
		}
	}
}

type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

func TestDecoderReaderWithoutProgress(t *testing.T) {
	d := record.NewDecoder(idleReader{}, nil)
	if _, err := d.Next(); err != io.ErrNoProgress {
		t.Errorf("Next() = %v, want %v", err, io.ErrNoProgress)
	}
}

func TestDecoderPlaces(t *testing.T) {
	file := ` {"records": [ {"a":1} ,{"b":"` + strings.Repeat("x", 200_000) + `"}, {} ]} {"records":[{"c":3}]}`
	d := record.NewDecoder(&stepReader{[]byte(file), 999}, nil)
	for i, size := range []int{7, 200_008, 2, 7} {
		if _, err := d.Next(); err != nil {
			t.Fatalf("Next() %d = %v", i, err)
		}
		if d.Index() != i || d.Size() != size {
			t.Errorf("record %d: index %d, size %d, want size %d", i, d.Index(), d.Size(), size)
		}
		raw := file[d.Offset() : d.Offset()+int64(d.Size())]
		if raw[0] != '{' || raw[size-1] != '}' {
			t.Errorf("record %d: offset %d is not that of a record", i, d.Offset())
		}
	}
}

// TestDecoderSteps reads a file of text in every script in steps of every
// length, as readers of the network and of gzip return it.
func TestDecoderSteps(t *testing.T) {
	text := `naïve 日本語 🙂 \"quoted\\\" \\ ключ \u00e9\ud83d\ude00 [{`
	var b strings.Builder
	b.WriteString(`{"records":[`)
	for i := range 20 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"generateAssistantResponseEventRequest":{"prompt":"%s","x":[{"%d":"%s"}]}}`, strings.Repeat(text, i+1), i, text)
	}
	b.WriteString(`]}`)
	file := []byte(b.String())
	d := record.NewDecoder(nil, nil)
	d.ResetBytes(file)
	want := drain(t, d)
	for step := 1; step < 300; step++ {
		d.Reset(&stepReader{file, step})
		if got := drain(t, d); !reflect.DeepEqual(got, want) {
			t.Fatalf("in steps of %d the records differ", step)
		}
	}
}

func TestDecoderDoesNotWriteToData(t *testing.T) {
	file := []byte(`{"records":[` + shapes[0].in + `,` + shapes[3].in + `]}`)
	kept := bytes.Clone(file)
	d := record.NewDecoder(nil, nil)
	d.ResetBytes(file)
	drain(t, d)
	d.Reset(strings.NewReader(`{"records":[{"overwrite":"` + strings.Repeat("y", len(file)) + `"}]}`))
	drain(t, d)
	if !bytes.Equal(file, kept) {
		t.Error("the data given to ResetBytes was changed")
	}
}

func TestDecodedRecordsOwnTheirMemory(t *testing.T) {
	for _, c := range shapes {
		data := []byte(c.in)
		r, err := record.Unmarshal(data)
		if err != nil {
			t.Fatalf("Unmarshal of %s: %v", c.name, err)
		}
		before := encode(t, r)
		for i := range data {
			data[i] = '#'
		}
		if after := encode(t, r); after != before {
			t.Errorf("%s: the record changed with its input to %q", c.name, after)
		}
	}
}

func TestDecodeStopsAndContinues(t *testing.T) {
	file := `{"records":[{"a":1},7,{"b":2}]} x`
	var got []string
	for r, err := range record.Decode(strings.NewReader(file), nil) {
		if (r == nil) == (err == nil) {
			t.Errorf("pair = %v, %v, want one of them", r, err)
		}
		got = append(got, fmt.Sprintf("%T", err))
	}
	want := []string{"<nil>", "*record.Error", "<nil>", "*record.DocumentError"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Decode = %v, want %v", got, want)
	}
	n := 0
	for range record.Decode(strings.NewReader(file), nil) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("a loop left early ran %d times", n)
	}
}
