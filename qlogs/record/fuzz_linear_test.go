package record_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// FuzzLinear repeats an input, as a string, a value or records, and fails if each byte
// takes three times as long in four times as many.
func FuzzLinear(f *testing.F) {
	const most, attempts = 3, 5
	for i, class := range testutil.Bytes {
		f.Add([]byte(class.Unit), uint8(i))
	}
	for i, value := range []string{"{}", "[", `{"a":1}`, `{"uri":"u","new":[1]}`, `"a"`, "null", " ", "1", "]", `\"`, `{"content":"c"}`} {
		f.Add([]byte(value), uint8(i))
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint8) {
		if len(data) == 0 || len(data) > 1<<10 {
			return
		}
		place := linearPlaces[int(at)%len(linearPlaces)]
		file := func(n int) []byte {
			text := strings.Repeat(string(data), max(n/len(data), 1))
			if at >= 128 { // a list of values
				text = strings.Repeat(string(data)+",", max(n/(len(data)+1), 1))
				return []byte(strings.Replace(place.file, `"%s"`, "["+text[:len(text)-1]+"]", 1))
			}
			return []byte(strings.Replace(place.file, "%s", text, 1))
		}
		size := 4 << 10
		for attempt := range attempts {
			got := testutil.Growth(size, func(n int) func() { return linearWhole(file(n)) })
			if got <= most {
				return
			}
			if size *= 2; attempt == attempts-1 {
				t.Errorf("each byte takes %.1f times as long in four times as many, want %d at most", got, most)
			}
		}
	})
}

// FuzzLongValue compares the check of long values with that of encoding/json. Values are
// long because of what lies beside the fuzzed part.
func FuzzLongValue(f *testing.F) {
	for _, value := range []string{
		"1", "-0.5e+10", "01", "1.", "-", "1e", `"a"`, `"\u00e9\n"`, `"\u00g0"`, `"\x"`, "\"\x01\"", `""`, "[1,]", "[,1]", "[1 2]", `{"a":1,}`, `{"a"}`,
		`{"a":}`, `{1:2}`, `{"a":1 "b":2}`, "true", "tru", "nulll", "falsefalse", " [ ] ", "{ }", "[[]]", "", "]", "[}", "\xff", "\"\xff\"", "1,2", `1],"x":[2`,
	} {
		f.Add([]byte(value), uint16(len(value)))
	}
	long := strings.Repeat("x", 70<<10)
	f.Fuzz(func(t *testing.T, data []byte, at uint16) {
		before, after := `["`+long[:70<<10-int(at)]+`",`, `,"`+long[:int(at)]+`"]`
		for _, value := range [][]byte{
			[]byte(before + string(data) + after),
			[]byte(`{"k` + long + `":` + string(data) + `}`),
			append([]byte(`"`+long), append(bytes.Clone(data), '"')...),
		} {
			in := append(append([]byte(`{"new":`), value...), '}')
			_, err := record.Unmarshal(in)
			if got, want := err == nil, json.Valid(in); got != want {
				t.Fatalf("Unmarshal with %.200q in a long value = %v, json.Valid = %t", data, err, want)
			}
		}
	})
}

// FuzzLongString compares what long strings decode to with encoding/json: that they are
// decoded in pieces must not show, wherever the pieces end.
func FuzzLongString(f *testing.F) {
	for _, class := range testutil.Bytes {
		f.Add([]byte(class.Unit), uint16(3), uint16(7))
	}
	f.Add([]byte(`\ud83d\ude00\ud83d`), uint16(0), uint16(0))
	for _, unit := range linearMixed {
		f.Add([]byte(unit), uint16(1), uint16(0))
	}
	f.Add([]byte(`\\\ud83d\\\ude00`), uint16(2), uint16(1))
	f.Fuzz(func(t *testing.T, data []byte, shift, gap uint16) {
		if len(data) > 256 {
			return
		}
		unit := string(data) + strings.Repeat("y", int(gap)%40)
		if unit == "" {
			return
		}
		in := []byte(`"` + strings.Repeat("x", int(shift)%200) + strings.Repeat(unit, 300<<10/len(unit)) + `"`)
		var want string
		wantErr := json.Unmarshal(in, &want)
		r, err := record.Unmarshal([]byte(`{"generateAssistantResponseEventRequest":{"prompt":` + string(in) + `}}`))
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("Unmarshal = %v, encoding/json %v", err, wantErr != nil)
		}
		if err == nil && r.(*record.GenerateAssistantResponse).Request.Prompt != want {
			t.Fatal("the string is another one than encoding/json's")
		}
	})
}

// linearMixed are strings in which escapes, characters and bytes that are not UTF-8 stand
// right beside each other.
var linearMixed = []string{"\\n\x80\x80", "\\\"\x93\x94", "€\x80\x80\x80", "é\x80\x80", "😀\x80", "\\u00e9\xa0\xa0\xa0", "\\ud83d\\ude00\x80\x80\x80", "\xe2\x82\\n", "漢\xe6\xbc", "\\\\\x80"}

// Wherever a long string is cut into pieces, it decodes to what encoding/json makes of it.
func TestLongStrings(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range testutil.Pick(40, 400) {
		var b strings.Builder
		b.WriteString(strings.Repeat("x", rng.IntN(40)))
		for b.Len() < 140<<10 {
			unit := linearMixed[rng.IntN(len(linearMixed))]
			if round%2 == 0 { // the same all along
				unit = linearMixed[round/2%len(linearMixed)]
			}
			b.WriteString(strings.Repeat(unit, 1+rng.IntN(50)))
		}
		in := []byte(`"` + b.String() + `"`)
		var want string
		if err := json.Unmarshal(in, &want); err != nil {
			t.Fatal(err)
		}
		r, err := record.Unmarshal([]byte(`{"generateAssistantResponseEventRequest":{"prompt":` + string(in) + `}}`))
		if err != nil || r.(*record.GenerateAssistantResponse).Request.Prompt != want {
			t.Fatalf("round %d: Unmarshal = %v, or another string than encoding/json's", round, err)
		}
	}
}

// A long text of bytes that are not UTF-8 becomes three times as long, and is bounded
// like lists are.
func TestMaxRecordBytesOfBytes(t *testing.T) {
	opts := &record.DecoderOptions{MaxRecordBytes: 1 << 20}
	for n, good := range map[int]bool{500 << 10: true, 530 << 10: false} {
		in := `{"records":[{"generateAssistantResponseEventRequest":{"prompt":"` + strings.Repeat("\xff", n) + `"}},{}]}`
		d := record.NewDecoder(strings.NewReader(in), opts)
		r, err := d.Next()
		if good && (err != nil || len(r.(*record.GenerateAssistantResponse).Request.Prompt) != 3*n) || !good && !errors.Is(err, record.ErrTooLarge) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if _, err := d.Next(); err != nil {
			t.Errorf("the record behind %d bytes: %v", n, err)
		}
	}
}
