package record_test

import (
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/record"
)

func limited(t *testing.T, in string, opts *record.DecoderOptions) []string {
	t.Helper()
	d := record.NewDecoder(&stepReader{[]byte(in), 1_000}, opts)
	got := texts(drain(t, d))
	d.ResetBytes([]byte(in))
	if again := texts(drain(t, d)); !reflect.DeepEqual(got, again) {
		t.Errorf("in steps %q, in place %q", got, again)
	}
	return got
}

func TestMaxRecordBytes(t *testing.T) {
	sized := func(n int) string { return `{"a":"` + strings.Repeat("x", n-len(`{"a":""}`)) + `"}` }
	for _, limit := range []int{10, 100, 64 << 10, 64<<10 + 1, 100_000, 128 << 10} {
		in := fmt.Sprintf(`{"records":[{},%s,%s,{}]}`, sized(limit), sized(limit+1))
		want := []string{`{}`, sized(limit), fmt.Sprintf("record 2 at byte %d: too large", len(`{"records":[{},,`)+limit), `{}`}
		if got := limited(t, in, &record.DecoderOptions{MaxRecordBytes: int64(limit)}); !reflect.DeepEqual(got, want) {
			t.Errorf("with %d bytes at most: %.300q", limit, got)
		}
	}
}

func TestMaxRecordBytesElsewhere(t *testing.T) {
	long := strings.Repeat("x", 200)
	opts := &record.DecoderOptions{MaxRecordBytes: 100}
	for in, want := range map[string][]string{
		`{"meta":["` + long + `",nope],"records":[{}]}`: {`{}`},
		`{"meta":["` + long + `"}],"records":[{}]}`:     {"file unreadable from byte 211: malformed JSON"},
		`{"` + long + `":1,"records":[{}]}`:             {"file unreadable from byte 1: too large"},
		`{"records":"` + long + `"}`:                    {"file unreadable from byte 11: not a prompt log: no array of records"},
		`{"records":[{"a":"` + long + `}]}`:             {"file unreadable from byte 221: unexpected EOF"},
	} {
		if got := limited(t, in, opts); !reflect.DeepEqual(got, want) {
			t.Errorf("%.30q: %q, want %q", in, got, want)
		}
	}
}

func TestMaxRecords(t *testing.T) {
	opts := &record.DecoderOptions{MaxRecords: 2}
	for in, want := range map[string][]string{
		`{"records":[{},{}]}`:                             {`{}`, `{}`},
		`{"records":[{},{},{}]}`:                          {`{}`, `{}`, "file unreadable from byte 18: too many records"},
		`{"records":[{}]}{"records":[7]}{"records":[{}]}`: {`{}`, "record 1 at byte 28: unexpected JSON type", "file unreadable from byte 43: too many records"},
	} {
		if got := limited(t, in, opts); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestMaxDepth(t *testing.T) {
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `}` }
	for _, c := range []struct {
		opts  *record.DecoderOptions
		limit int
	}{
		{nil, 1_000}, {&record.DecoderOptions{MaxDepth: -1}, 1_000}, {&record.DecoderOptions{MaxDepth: 3}, 3},
		{&record.DecoderOptions{MaxDepth: 10_000}, 10_000}, {&record.DecoderOptions{MaxDepth: 1 << 30}, 10_000},
	} {
		in := fmt.Sprintf(`{"records":[%s,%s,{}]}`, deep(c.limit+1), deep(c.limit))
		want := []string{"record 0 at byte 12: nested too deep", deep(c.limit), `{}`}
		if got := limited(t, in, c.opts); !reflect.DeepEqual(got, want) {
			t.Errorf("depth %d: %.200q", c.limit, got)
		}
	}
	in := `{"records":[{"generateCompletionsEventRequest":{}},{"generateCompletionsEventRequest":{"a":[]}}]}`
	if got := limited(t, in, &record.DecoderOptions{MaxDepth: 2}); len(got) != 2 || got[1] != "record 1 at byte 51: nested too deep" {
		t.Errorf("depth 2: %q", got)
	}
}

// bracketReader is a file that only opens brackets.
type bracketReader struct{ n int }

func (r *bracketReader) Read(p []byte) (int, error) {
	if r.n == 0 {
		r.n = 1
		return copy(p, `{"records":[`), nil
	}
	r.n += len(p)
	for i := range p {
		p[i] = '['
	}
	return len(p), nil
}

func TestEndlessBrackets(t *testing.T) {
	r := new(bracketReader)
	got := texts(drain(t, record.NewDecoder(r, &record.DecoderOptions{MaxRecordBytes: 1 << 20})))
	if len(got) != 1 || !strings.HasSuffix(got[0], ": nested too deep") || r.n > 16<<20 {
		t.Errorf("endless brackets: %q after %d bytes", got, r.n)
	}
}

// hugeReader is a file with one record of very many bytes between small ones.
type hugeReader struct {
	head, tail string
	body       int
}

func (r *hugeReader) Read(p []byte) (int, error) {
	switch {
	case r.head != "":
		n := copy(p, r.head)
		r.head = r.head[n:]
		return n, nil
	case r.body > 0:
		p = p[:min(len(p), r.body)]
		for i := range p {
			p[i] = 'x'
		}
		r.body -= len(p)
		return len(p), nil
	case r.tail != "":
		n := copy(p, r.tail)
		r.tail = r.tail[n:]
		return n, nil
	}
	return 0, io.EOF
}

func TestHugeRecordIsNotHeld(t *testing.T) {
	const body = 256 << 20
	d := record.NewDecoder(&hugeReader{`{"records":[{"a":1},{"b":"`, `"},{"c":3}]}`, body}, &record.DecoderOptions{MaxRecordBytes: 1 << 20})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := drain(t, d)
	runtime.ReadMemStats(&after)
	want := []string{`{"a":1}`, "record 1 at byte 20: too large", `{"c":3}`}
	if !reflect.DeepEqual(texts(got), want) || got[1].Size != body+len(`{"b":""}`) {
		t.Errorf("Decode = %v, want %q", got, want)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d bytes were allocated for a record of 1 MiB at most", used)
	}
}

// Short JSON does not become a value many times as large.
func TestMaxRecordBytesOfMembers(t *testing.T) {
	opts := &record.DecoderOptions{MaxRecordBytes: 64 << 10} // 1,024 members
	repeat := func(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"%d":0`, i)
		}
		return b.String()
	}
	for name, in := range map[string]func(n int) string{
		"supplementaryWebLinksEvent": func(n int) string {
			return `{"generateAssistantResponseEventRequest":{},"generateAssistantResponseEventResponse":{"supplementaryWebLinksEvent":[` + repeat("{}", n) + `]}}`
		},
		"completions": func(n int) string {
			return `{"generateCompletionsEventRequest":{},"generateCompletionsEventResponse":{"completions":[` + repeat(`""`, n) + `]}}`
		},
		"unknown keys": func(n int) string { return `{"generateCompletionsEventRequest":{}` + keys(n) + `}` },
	} {
		if got := limited(t, `{"records":[`+in(1024)+`,{}]}`, opts); len(got) != 2 || strings.Contains(got[0], "too large") {
			t.Errorf("1,024 %s: %.200q, want both records", name, got)
		}
		got := limited(t, `{"records":[`+in(1025)+`,{}]}`, opts)
		if len(got) != 2 || !strings.HasSuffix(got[0], "too large") || got[1] != "{}" {
			t.Errorf("1,025 %s: %.200q, want an error and the next record", name, got)
		}
		many := testutil.Pick(50_000, 300_000)
		if _, err := record.Unmarshal([]byte(in(many))); err != nil {
			t.Errorf("Unmarshal of %d %s = %v, want no limit", many, name, err)
		}
	}
}
