package resume_test

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
)

// A form is the inside of a text, built by hand.
type form []byte

func (f form) num(n ...int) form {
	for _, n := range n {
		f = binary.AppendUvarint(f, uint64(n))
	}
	return f
}

func (f form) str(s string) form { return append(f.num(len(s)), s...) }

// shared is a string that begins with n bytes of the one before.
func (f form) shared(n int, rest string) form { return f.num(n).str(rest) }

// objects are n finished ones.
func (f form) objects(n int) form {
	f = f.num(n)
	for i := range n {
		f = append(f, fmt.Sprintf("%012d", i)...)
		f = append(f, 0, 0, 0, 100, 0, 0, byte(i), 4)
	}
	return f
}

// zeroTime is the zero time.
func (f form) zeroTime() form { return f.num(0, 0) }

// portion is one of which so many records are finished, and nothing else.
func (f form) portion(done int) form { return f.num(done, 0).zeroTime() }

func newForm() form { return form{}.str(`{"source":"test:"}`) }

// text makes a text with a checksum that is right.
func (f form) text() []byte {
	data := binary.BigEndian.AppendUint32(slices.Clone(f), crc32.ChecksumIEEE(f))
	return []byte("qlogs2:" + base64.RawURLEncoding.EncodeToString(data))
}

// formHour is the number of an hour as the text has it, counted from before the year 0.
func formHour(h int) int {
	return int(time.Date(2026, 3, 2, h, 0, 0, 0, time.UTC).Unix()/3600) + 2_000*366*24
}

const formPart = "logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/"

// formOpen is a partition with a floor, two hours and one object finished in part.
func formOpen() form {
	f := newForm().num(1).shared(0, formPart).num(formHour(9) + 1)
	f = f.num(2, 0).objects(2).num(1).objects(1)
	return f.num(1).shared(0, "2026/03/02/10/x.json.gz").str("etag").portion(3).num(0)
}

// formPending has one pending object.
func formPending() form {
	return newForm().num(0, 1).shared(0, formPart+"2026/03/02/10/x.json.gz").num(500).str("etag").str("").str("STANDARD").zeroTime().portion(3).num(2, 1)
}

// What a state holds is in its text once, in a form that is written again as it was read.
func TestTextForms(t *testing.T) {
	for name, tt := range map[string]struct {
		form form
		size resume.Size
	}{
		"nothing": {newForm().num(0, 0), resume.Size{}},
		"open":    {formOpen(), resume.Size{Partitions: 1, Hours: 2, Finished: 3, Open: 1}},
		"open inside": {newForm().num(1).shared(0, formPart).num(0, 0, 1).shared(0, "2026/03/02/10/x.json.gz").str("etag").num(3, 7, 9, 1, 8, 1).num(0),
			resume.Size{Partitions: 1, Open: 1}},
		"pending": {formPending(), resume.Size{Pending: 1}},
		"no floor": {newForm().num(1).shared(0, formPart).num(0).num(1, formHour(9)).objects(4).num(0).num(0),
			resume.Size{Partitions: 1, Hours: 1, Finished: 4}},
	} {
		s, err := resume.Parse(tt.form.text())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := s.Size(); got != tt.size {
			t.Errorf("%s: %+v, want %+v", name, got, tt.size)
		}
		if again, err := s.MarshalText(); err != nil || string(again) != string(tt.form.text()) {
			t.Errorf("%s: written again %q, %v, want %q", name, again, err, tt.form.text())
		}
	}
}

// A text that says what no cursor can is refused although its checksum is right.
func TestTextRefused(t *testing.T) {
	one := func() form { return newForm().num(1).shared(0, formPart) }
	open := func(f form) form { return one().num(formHour(9)+1, 0).join(f) }
	for name, f := range map[string]form{
		"empty":                              {},
		"no scope":                           form{}.str("").num(0, 0),
		"a scope of another shape":           form{}.str("[]").num(0, 0),
		"a scope that is no JSON":            form{}.str("{").num(0, 0),
		"more behind the scope":              form{}.str("{} {}").num(0, 0),
		"nothing behind the scope":           newForm(),
		"no pending objects":                 newForm().num(0),
		"a byte too many":                    append(newForm().num(0, 0), 0),
		"more partitions than bytes":         newForm().num(1 << 40),
		"a number without an end":            append(newForm(), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"a prefix that shares too much":      newForm().num(1).shared(1, formPart).num(0, 0, 0, 0),
		"shared bytes of a long prefix":      newForm().num(2).shared(0, "a/").num(1, 0, 0).shared(1, strings.Repeat("b", 1024)).num(1, 0, 0).num(0),
		"a partition without a prefix":       newForm().num(1).shared(0, "").num(1, 0, 0, 0),
		"a partition twice":                  newForm().num(2).shared(0, "a/").num(1, 0, 0).shared(2, "").num(1, 0, 0).num(0),
		"partitions not in order":            newForm().num(2).shared(0, "b/").num(1, 0, 0).shared(0, "a/").num(1, 0, 0).num(0),
		"a floor beyond all hours":           one().num(1<<40, 0, 0, 0),
		"an hour beyond all hours":           one().num(formHour(9)+1, 1, 1<<40).objects(1).num(0, 0),
		"an hour twice":                      one().num(formHour(9)+1, 2, 1).objects(1).num(0).objects(1).num(0, 0),
		"no object in an hour":               one().num(formHour(9)+1, 1, 1).objects(0).num(0, 0),
		"more objects than there are":        one().num(formHour(9)+1, 1, 1, 1<<30),
		"objects cut off":                    one().num(formHour(9)+1, 1, 1, 2).str("x"),
		"an open object without a key":       open(form{}.num(1).shared(0, "").str("etag").portion(3).num(0)),
		"open objects not in order":          open(form{}.num(2).shared(0, "2026/03/02/10/y").str("e").portion(3).shared(0, "2026/03/02/10/x").str("e").portion(3).num(0)),
		"an open object twice":               open(form{}.num(2).shared(0, "2026/03/02/10/x").str("e").portion(3).shared(15, "").str("e").portion(3).num(0)),
		"an open object below the floor":     open(form{}.num(1).shared(0, "2026/03/02/08/x").str("e").portion(3).num(0)),
		"an open object of nothing":          open(form{}.num(1).shared(0, "2026/03/02/10/x").str("e").portion(0).num(0)),
		"a portion that is reached before":   open(form{}.num(1).shared(0, "2026/03/02/10/x").str("e").num(3, 3, 9, 0).zeroTime().num(0)),
		"a portion that is reached for less": open(form{}.num(1).shared(0, "2026/03/02/10/x").str("e").num(3, 4, 9, 0, 9, 0, 0)),
		"a time of too many nanoseconds":     open(form{}.num(1).shared(0, "2026/03/02/10/x").str("e").num(3, 0, 1, 1_000_000_000).num(0)),
		"an ETag longer than the text":       open(form{}.num(1).shared(0, "2026/03/02/10/x").num(1 << 40)),
		"more pending objects than may be":   newForm().num(0, resume.MaxPending+1),
		"a pending object without a key":     newForm().num(0, 1).shared(0, "").num(500).str("").str("").str("").zeroTime().portion(0).num(1, 0),
		"a pending object of no size":        newForm().num(0, 1).shared(0, "k").join(binary.AppendUvarint(nil, 1<<63)).str("").str("").str("").zeroTime().portion(0).num(1, 0),
		"tries without number":               newForm().num(0, 1).shared(0, "k").num(5).str("").str("").str("").zeroTime().portion(0).num(1<<40, 0),
		"contradictions without number":      newForm().num(0, 1).shared(0, "k").num(5).str("").str("").str("").zeroTime().portion(0).num(1, 1<<40),
	} {
		if s, err := resume.Parse(f.text()); err == nil || s != nil || !strings.HasPrefix(err.Error(), "qlogs: read cursor: ") {
			t.Errorf("%s: Parse = %v, %v, want an error of a cursor", name, s, err)
		}
	}
	good := formOpen()
	for i := range good {
		if s, err := resume.Parse(good[:i].text()); err == nil {
			t.Errorf("cut at byte %d: Parse = %+v, want an error", i, s.Size())
		}
	}
}

// join puts forms together.
func (f form) join(forms ...[]byte) form {
	for _, g := range forms {
		f = append(f, g...)
	}
	return f
}

// Each part of a state takes no more bytes of the text than the documentation says.
func TestTextBytes(t *testing.T) {
	size := func(f form) int {
		s, err := resume.Parse(f.text())
		if err != nil {
			t.Fatal(err)
		}
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		return len(text)
	}
	const n = 900
	parts := func(m int, name string) form {
		f := newForm().num(m)
		before := ""
		for i := range m {
			part := fmt.Sprintf(name, i*7919)
			common := 0
			for common < len(before) && before[common] == part[common] {
				common++
			}
			f = f.shared(common, part[common:]).num(formHour(9)+1, 0, 0)
			before = part
		}
		return f.num(0)
	}
	hours := func(m, each, step int) form {
		f := newForm().num(1).shared(0, formPart).num(formHour(9)+1, m)
		for range m {
			f = f.num(step).objects(each)
		}
		return f.num(0, 0)
	}
	opens := func(m int) form {
		f := newForm().num(1).shared(0, formPart).num(formHour(9)+1, 0, m)
		for i := range m {
			f = f.shared(0, fmt.Sprintf("2026/03/02/10/111122223333_GenerateAssistantResponse_202603021000_%016d.json.gz", i)).
				str(`"0123456789abcdef0123456789abcdef"`).num(3, 7).num(63_000_000_001, 999_999_999, 63_000_000_000, 999_999_999)
		}
		return f.num(0)
	}
	pending := func(m int) form {
		f := newForm().num(0, m)
		for i := range m {
			f = f.shared(0, formPart+fmt.Sprintf("2026/03/02/10/111122223333_GenerateAssistantResponse_202603021000_%016d.json.gz", i)).
				num(1<<20).str(`"0123456789abcdef0123456789abcdef"`).str("").str("").num(63_000_000_000, 0).portion(0).num(3, 0)
		}
		return f
	}
	for _, tt := range []struct {
		what string
		make func(n int) form
		most float64
	}{
		{"a finished object", func(n int) form { return hours(1, n, 1) }, 27},
		{"an hour of one object", func(n int) form { return hours(n, 1, 1) }, 27 + 3},
		{"an hour of one object, years apart", func(n int) form { return hours(n, 1, 20_000) }, 27 + 6},
		{"a partition", func(n int) form { return parts(n, "logs/AWSLogs/%012d/KiroLogs/GenerateAssistantResponse/us-east-1/") }, 12 + 4./3*73},
		{"a partition of another log root", func(n int) form {
			return parts(n, "logs/%020d/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/")
		}, 12 + 4./3*93},
		{"an object finished in part", opens, 120},
		{"a pending object", pending, 100},
	} {
		if each := float64(size(tt.make(n))-size(tt.make(1))) / n; each > tt.most {
			t.Errorf("%s takes %.1f bytes of the text, want at most %v", tt.what, each, tt.most)
		}
	}
}

// A text of another version says so, and what is no cursor says that.
func TestTextVersions(t *testing.T) {
	for text, want := range map[string]string{
		"qlogs1:abc":    "it is of version 1 of cursors, this is version 2",
		"qlogs3:":       "it is of version 3 of cursors",
		"qlogs999:abc":  "it is of version 999 of cursors",
		"qlogs1000:abc": "it is not a cursor",
		"qlogs1x:abc":   "it is not a cursor",
		"qlogs2":        "it is not a cursor",
		"logs1:abc":     "it is not a cursor",
		"":              "it is not a cursor",
	} {
		if s, err := resume.Parse([]byte(text)); s != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, %v, want %q", text, s, err, want)
		}
	}
}
