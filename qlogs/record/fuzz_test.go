package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/promptlogs/qlogs/qlogs/record"
)

// value decodes one JSON value as encoding/json sees it.
func value(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value")
	}
	return v, nil
}

func FuzzUnmarshal(f *testing.F) {
	for _, c := range shapes {
		f.Add([]byte(c.in))
	}
	for _, c := range refused {
		f.Add([]byte(c.in))
	}
	for _, c := range drifting {
		f.Add([]byte(nest(c.path, c.value)))
	}
	for _, text := range []string{"2026-07-27T3:03:29Z", "2026-07-27T23:03:29,5Z", "2026-07-27T23:03:29.5+24:00", "2026-07-27T23:03:29\\u005a"} {
		f.Add([]byte(nest("generateCompletionsEventRequest.timeStamp", `"`+text+`"`)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kept := bytes.Clone(data)
		r, err := record.Unmarshal(data)
		want, stdErr := value(data)
		if err != nil {
			checkRefusal(t, want, stdErr, err)
			return
		}
		if stdErr != nil {
			t.Fatalf("Unmarshal accepts what encoding/json refuses: %v", stdErr)
		}
		if !bytes.Equal(data, kept) {
			t.Fatal("Unmarshal changed its input")
		}
		for i := range data {
			data[i] = 'x'
		}
		out, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("Marshal = %v", err)
		}
		got, err := value(out)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("round trip of %q = %q, %v", kept, out, err)
		}
		again, err := record.Unmarshal(out)
		checkDrift(t, kept, r)
		if err != nil || again.Time() != r.Time() || again.UserID() != r.UserID() || again.RequestID() != r.RequestID() || again.LogType() != r.LogType() {
			t.Fatalf("second decode of %q = %v, %v, want %v", out, again, err, r)
		}
	})
}

// checkRefusal fails unless there is reason to refuse a record that
// encoding/json decodes to v: it is no object, or one of its halves is none.
func checkRefusal(t *testing.T, v any, stdErr, err error) {
	t.Helper()
	var e *record.Error
	if !errors.As(err, &e) {
		t.Fatalf("error = %T, want *Error", err)
	}
	if stdErr != nil {
		return
	}
	if _, ok := v.(map[string]any); !ok {
		if e.Err != record.ErrType {
			t.Fatalf("error = %v, want %v", e, record.ErrType)
		}
		return
	}
	if _, half := fieldTypes[e.Field]; e.Err != record.ErrType || !half || strings.Contains(e.Field, ".") {
		t.Fatalf("error = %v (field %q) for a JSON object", e, e.Field)
	}
}

// checkDrift fails if the ways to ask for drift contradict each other, or themselves
// after a round trip.
func checkDrift(t *testing.T, in []byte, r record.Record) {
	t.Helper()
	drifted := record.DriftedFields(r)
	d := record.NewDecoder(nil, &record.DecoderOptions{MaxDepth: 10_000})
	d.ResetBytes(slices.Concat([]byte(`{"records":[`), in, []byte(`]}`)))
	if _, err := d.Next(); err != nil || d.Drifted() != (len(drifted) > 0) {
		t.Fatalf("Drifted() = %t, %v, and the fields are %q", d.Drifted(), err, drifted)
	}
	if again := record.DriftedFields(unmarshal(t, encode(t, r))); !slices.Equal(again, drifted) {
		t.Fatalf("after a round trip %q have drifted, not %q", again, drifted)
	}
	if _, err := strict(string(in)); len(drifted) > 0 && err == nil {
		t.Fatalf("StrictFields takes a record of which %q have drifted", drifted)
	}
}

// result is what one call of Next gave.
type result struct {
	Record string
	Index  int
	Offset int64
	Size   int
	Err    string
}

// drain reads everything that d has.
func drain(t testing.TB, d *record.Decoder) []result {
	t.Helper()
	var list []result
	for {
		r, err := d.Next()
		if err == io.EOF {
			return list
		}
		res := result{Index: d.Index(), Offset: d.Offset(), Size: d.Size()}
		if err != nil {
			res.Err = err.Error()
			list = append(list, res)
			var e *record.Error
			if errors.As(err, &e) {
				continue
			}
			return list
		}
		out, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("Marshal = %v", err)
		}
		res.Record = string(out)
		list = append(list, res)
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range shapes {
		f.Add([]byte(`{"records":[`+c.in+`]}`), uint8(1))
	}
	for _, c := range documents {
		f.Add([]byte(c.in), uint8(3))
	}
	for _, c := range drifting {
		f.Add([]byte(`{"records":[`+nest(c.path, c.value)+`]}`), uint8(2))
	}
	f.Add([]byte(`{"records":[{"a":"`+strings.Repeat("é", 40_000)+`"},{}]} `), uint8(7))
	f.Fuzz(func(t *testing.T, data []byte, step uint8) {
		opts := &record.DecoderOptions{MaxDepth: 10_000}
		whole := record.NewDecoder(nil, opts)
		whole.ResetBytes(data)
		want := drain(t, whole)
		chunked := record.NewDecoder(&stepReader{data, int(step)%63 + 1}, opts)
		if got := drain(t, chunked); !reflect.DeepEqual(got, want) {
			t.Fatalf("in steps of %d: %v, want %v", step, got, want)
		}
		chunked.Reset(iotest.DataErrReader(bytes.NewReader(data)))
		if got := drain(t, chunked); !reflect.DeepEqual(got, want) {
			t.Fatalf("in one piece: %v, want %v", got, want)
		}
		checkAcceptance(t, data, want)
	})
}

// checkAcceptance fails if encoding/json takes data as {"records":[...]} and
// got is not one record, or one error with a reason, for each element.
func checkAcceptance(t *testing.T, data []byte, got []result) {
	t.Helper()
	doc, err := value(data)
	if err != nil {
		return
	}
	m, ok := doc.(map[string]any)
	if !ok || len(m) != 1 {
		return
	}
	elements, ok := m["records"].([]any)
	if !ok || hasTwoKeys(data) {
		return
	}
	if len(got) != len(elements) {
		t.Fatalf("%d results for %d elements: %v", len(got), len(elements), got)
	}
	for i, e := range elements {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if msg := got[i].Err; msg != "" {
			_, isObject := e.(map[string]any)
			half := strings.HasSuffix(msg, "EventRequest: "+record.ErrType.Error()) || strings.HasSuffix(msg, "EventResponse: "+record.ErrType.Error())
			if isObject && !half || !isObject && !strings.HasSuffix(msg, record.ErrType.Error()) {
				t.Fatalf("record %d: %s for %q", i, msg, raw)
			}
			continue
		}
		out, err := value([]byte(got[i].Record))
		if want, _ := value(raw); err != nil || !reflect.DeepEqual(out, want) {
			t.Fatalf("record %d = %q, want %q", i, got[i].Record, raw)
		}
	}
}

// hasTwoKeys reports whether the document at the start of data has more than
// one member, which can then only be duplicates of "records".
func hasTwoKeys(data []byte) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	keys := 0
	if _, err := d.Token(); err != nil {
		return true
	}
	for d.More() {
		if _, err := d.Token(); err != nil {
			return true
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return true
		}
		keys++
	}
	return keys > 1
}

// stepReader returns a few bytes at a time.
type stepReader struct {
	data []byte
	n    int
}

func (r *stepReader) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), r.n)], r.data)
	r.data = r.data[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
