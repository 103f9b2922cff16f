package qlogs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// objectErrorName ends the key of the object that is damaged.
const objectErrorName = "x.json.gz"

// objectErrorSource has the object between two sound ones.
func objectErrorSource(o qlogs.Object, body []byte) *contractSource {
	src := contractBucket(2)
	src.put(contractPartition().String()+"2026/03/02/09/0.json.gz", contractFile(contractChat("before", contractStart)))
	o.Key = strings.TrimSuffix(src.key(1), ".json.gz") + objectErrorName
	src.putListed(o, body)
	return src
}

// objectErrorRead reads an object between sound ones, whole or streamed, and
// returns the pairs that are its own.
func objectErrorRead(t *testing.T, src *contractSource, opts *qlogs.Options) contractResult {
	t.Helper()
	s := contractNew(src, opts, qlogs.Query{})
	got := contractRead(t, src, s)
	n := len(got.pairs)
	if n < 3 || got.pairs[0] != "before" || got.pairs[1] != "r0000" || got.pairs[n-1] != "r0001" {
		t.Fatalf("pairs %q, errors %v, want those of all sound objects around", got.pairs, got.errs)
	}
	own := contractResult{entries: got.entries[2 : len(got.entries)-1], errs: got.errs, pairs: got.pairs[2 : n-1]}
	failed := int64(0)
	for _, err := range own.errs {
		var bad *qlogs.ObjectError
		if !errors.As(err, &bad) {
			t.Errorf("error %v, want an *ObjectError", err)
			continue
		}
		if !strings.HasSuffix(bad.Key, objectErrorName) || !strings.Contains(bad.Error(), strconv.Quote(bad.Key)) || !strings.HasPrefix(bad.Error(), "qlogs: "+bad.Op+" ") {
			t.Errorf("error %q of %q in %q, want it to name them", bad, bad.Key, bad.Op)
		}
		if bad.Index == -1 {
			failed++
		}
	}
	if st := s.Stats(); st.Failed != failed || st.Read != 4-failed || st.RecordsFailed != int64(len(own.errs))-failed {
		t.Errorf("Stats() = %+v, want %d objects failed of 4", st, failed)
	}
	return own
}

// objectErrorModes reads body whole and streamed.
func objectErrorModes(t *testing.T, body []byte, check func(t *testing.T, streamed bool, got contractResult)) {
	t.Helper()
	for _, mode := range []struct {
		name string
		size int64
	}{{"whole", int64(len(body))}, {"streamed", windowLarge}} {
		t.Run(mode.name, func(t *testing.T) {
			src := objectErrorSource(qlogs.Object{Size: mode.size}, body)
			src.chunk = 1000
			check(t, mode.size == windowLarge, objectErrorRead(t, src, nil))
		})
	}
}

func objectErrorRecords(n int) []string {
	var records []string
	for i := range n {
		records = append(records, contractChat(fmt.Sprint("id", i), contractStart))
	}
	return records
}

func TestObjectErrorContent(t *testing.T) {
	file := contractFile(objectErrorRecords(3)...)
	all := []string{"id0", "id1", "id2"}
	sound := contractGzip(file)
	spoil := func(at int) []byte {
		b := bytes.Clone(sound)
		b[(at+len(b))%len(b)] ^= 1
		return b
	}
	for _, tt := range []struct {
		name            string
		body            []byte
		op              string
		class           error
		whole, streamed []string // the records before the error
	}{
		{"checksum", spoil(-8), "gunzip", qlogs.ErrCorruptGzip, nil, all},
		{"length", spoil(-1), "gunzip", qlogs.ErrCorruptGzip, nil, all},
		{"header", spoil(2), "gunzip", qlogs.ErrCorruptGzip, nil, nil},
		{"header alone", sound[:10], "gunzip", qlogs.ErrCorruptGzip, nil, nil},
		{"part of the header", sound[:5], "gunzip", io.ErrUnexpectedEOF, nil, nil},
		{"trailer is missing", sound[:len(sound)-8], "gunzip", io.ErrUnexpectedEOF, all, all},
		{"trailer is cut", sound[:len(sound)-1], "gunzip", io.ErrUnexpectedEOF, all, all},
		{"text after it", append(bytes.Clone(sound), "this is no gzip header"...), "gunzip", qlogs.ErrCorruptGzip, all, all},
		{"less than a header after it", append(bytes.Clone(sound), "text"...), "gunzip", qlogs.ErrCorruptGzip, all, all},
		{"second member is cut", slices.Concat(sound, sound[:12]), "gunzip", io.ErrUnexpectedEOF, all, all},
		{"one byte", []byte{0x1f}, "decode", qlogs.ErrCorruptJSON, nil, nil},
		{"text", []byte("Access validation successful."), "decode", qlogs.ErrCorruptJSON, nil, nil},
		{"gzip of text", contractGzip([]byte("Access validation successful.")), "decode", qlogs.ErrCorruptJSON, nil, nil},
		{"gzip of a space", contractGzip([]byte(" ")), "decode", io.ErrUnexpectedEOF, nil, nil},
		{"gzip of gzip", contractGzip(sound), "decode", qlogs.ErrCorruptJSON, nil, nil},
		{"object without records", []byte(`{"version":1}`), "decode", qlogs.ErrNotLog, nil, nil},
		{"records are null", []byte(`{"records":null}`), "decode", qlogs.ErrNotLog, nil, nil},
		{"records are no array", []byte(`{"records":{}}`), "decode", qlogs.ErrNotLog, nil, nil},
		{"array", []byte(`[]`), "decode", qlogs.ErrNotLog, nil, nil},
		{"number", []byte(`17`), "decode", qlogs.ErrNotLog, nil, nil},
		{"JSON is cut in a record", contractGzip(file[:len(file)-50]), "decode", io.ErrUnexpectedEOF, all[:2], all[:2]},
		{"JSON is cut after the records", contractGzip(file[:len(file)-1]), "decode", io.ErrUnexpectedEOF, all, all},
		{"quote is missing", contractGzip(bytes.Replace(file, []byte(`"id1"`), []byte(`"id1`), 1)), "decode", nil, all[:1], all[:1]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objectErrorModes(t, tt.body, func(t *testing.T, streamed bool, got contractResult) {
				want := tt.whole
				if streamed {
					want = tt.streamed
				}
				contractSame(t, "pairs", got.pairs, append(slices.Clip(want), "error"))
				var bad *qlogs.ObjectError
				errors.As(got.errs[0], &bad)
				if bad.Op != tt.op || bad.Index != -1 || tt.class != nil && !errors.Is(bad, tt.class) {
					t.Errorf("error %v of index %d in %q, want -1, %q and %v", bad, bad.Index, bad.Op, tt.op, tt.class)
				}
				gz := bytes.HasPrefix(tt.body, []byte{0x1f, 0x8b})
				cut := errors.Is(bad, io.ErrUnexpectedEOF) && tt.op == "gunzip"
				if cut && !errors.Is(bad, qlogs.ErrCorruptGzip) {
					t.Errorf("error %v of a cut file does not wrap ErrCorruptGzip", bad)
				}
				for _, e := range got.entries {
					if tentative := streamed && gz || cut; e.Tentative != tentative {
						t.Errorf("record %d: Tentative = %t, want %t", e.Index, e.Tentative, tentative)
					}
				}
			})
		})
	}
}

func TestObjectErrorNone(t *testing.T) {
	a, b := contractFile(objectErrorRecords(2)...), contractFile(contractChat("id2", contractStart))
	whole := contractFile(objectErrorRecords(3)...)
	all := []string{"id0", "id1", "id2"}
	for _, tt := range []struct {
		name string
		body []byte
		want []string
	}{
		{"plain JSON under the name of gzip", whole, all},
		{"gzip", contractGzip(whole), all},
		{"two members, a document each", slices.Concat(contractGzip(a), contractGzip(b)), all},
		{"two members, one document", slices.Concat(contractGzip(whole[:100]), contractGzip(whole[100:])), all},
		{"a member for each byte", slices.Concat(objectErrorBytes(whole)...), all},
		{"an empty member between", slices.Concat(contractGzip(a), contractGzip(nil), contractGzip(b)), all},
		{"two documents without gzip", slices.Concat(a, []byte("\n"), b), all},
		{"no records", contractGzip(contractFile()), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objectErrorModes(t, tt.body, func(t *testing.T, streamed bool, got contractResult) {
				contractSame(t, "pairs", got.pairs, tt.want)
				for i, e := range got.entries {
					if tentative := streamed && tt.body[0] == 0x1f; e.Tentative != tentative || e.Index != i {
						t.Errorf("record %d: Index = %d, Tentative = %t, want %d, %t", i, e.Index, e.Tentative, i, tentative)
					}
				}
			})
		})
	}
}

func objectErrorBytes(data []byte) [][]byte {
	var members [][]byte
	for _, b := range data {
		members = append(members, contractGzip([]byte{b}))
	}
	return members
}

// The extension does not tell what is inside.
func TestObjectErrorWrongExtension(t *testing.T) {
	src := newContractSource()
	file := contractFile(contractChat("id", contractStart))
	for i, name := range []string{"a.json", "b.gz", "c.json.gz", "zipFile.gz", "zipFile.gz/logFile.json"} {
		hour := fmt.Sprintf("%s2026/03/02/%02d/", contractPartition(), i)
		src.put(hour+name, file)
		src.put(hour+"10"+name, contractGzip(file))
	}
	s := contractNew(src, nil, qlogs.Query{})
	got := contractRead(t, src, s)
	// One of the guide's literal names is no longer that with digits before it.
	if st := s.Stats(); len(got.entries) != 9 || len(got.errs) != 0 || st.Skipped.Foreign != 1 {
		t.Errorf("%d records, errors %v, %+v, want 9, none, 1 skipped", len(got.entries), got.errs, st)
	}
}

// Wherever a file is cut, its complete records come first and then one error.
func TestObjectErrorCutAnywhere(t *testing.T) {
	file := contractFile(objectErrorRecords(4)...)
	body := contractGzip(file)
	all := []string{"id0", "id1", "id2", "id3"}
	for _, large := range []bool{false, true} {
		most := 0
		step := testutil.Pick(11, 1)
		for n := 1 + (len(body)-2)%step; n < len(body); n += step { // the last one is without a byte
			o := qlogs.Object{Size: int64(n)}
			if large {
				o.Size = windowLarge
			}
			got := objectErrorRead(t, objectErrorSource(o, body[:n]), nil)
			records := len(got.pairs) - 1
			if len(got.errs) != 1 || records > len(all) || !slices.Equal(got.pairs, append(slices.Clone(all[:records]), "error")) {
				t.Fatalf("cut after %d of %d bytes: pairs %q, errors %v", n, len(body), got.pairs, got.errs)
			}
			if n > 1 && (!errors.Is(got.errs[0], qlogs.ErrCorruptGzip) || !errors.Is(got.errs[0], io.ErrUnexpectedEOF)) {
				t.Errorf("cut after %d of %d bytes: error %v, want a cut gzip file", n, len(body), got.errs[0])
			}
			if records < most {
				t.Errorf("cut after %d of %d bytes: %d records, and %d with less of it", n, len(body), records, most)
			}
			most = records
		}
		if most != len(all) {
			t.Errorf("without its last byte the file gives %d records, want %d", most, len(all))
		}
	}
}

// A damaged record costs itself alone, and is told with its place.
func TestObjectErrorRecords(t *testing.T) {
	request := `"generateAssistantResponseEventRequest":`
	for _, tt := range []struct {
		name, damaged string
		class         error
	}{
		{"number", `17`, record.ErrType},
		{"null", `null`, record.ErrType},
		{"string", `"x"`, record.ErrType},
		{"array", `[]`, record.ErrType},
		{"request is a string", `{` + request + `"x"}`, record.ErrType},
		{"request is a number", `{` + request + `1}`, record.ErrType},
		{"response is an array", `{` + request + `{},"generateAssistantResponseEventResponse":[]}`, record.ErrType},
		{"bad word", `{` + request + `{"prompt":oops}}`, qlogs.ErrCorruptJSON},
		{"comma is missing", `{` + request + `{"prompt":"a" "userId":"b"}}`, qlogs.ErrCorruptJSON},
		{"bad escape", `{` + request + `{"prompt":"\q"}}`, qlogs.ErrCorruptJSON},
	} {
		t.Run(tt.name, func(t *testing.T) {
			records := objectErrorRecords(5)
			records[1], records[4] = tt.damaged, tt.damaged
			file := contractFile(records...)
			objectErrorModes(t, contractGzip(file), func(t *testing.T, _ bool, got contractResult) {
				contractSame(t, "pairs", got.pairs, []string{"id0", "error", "id2", "id3", "error"})
				for i, want := range []int{1, 4} {
					var bad *qlogs.ObjectError
					errors.As(got.errs[i], &bad)
					if bad.Op != "decode" || bad.Index != want || !errors.Is(bad, tt.class) {
						t.Errorf("error %v of index %d in %q, want %d, decode and %v", bad, bad.Index, bad.Op, want, tt.class)
					}
					if at := string(file[bad.Offset:]); !strings.HasPrefix(at, tt.damaged) {
						t.Errorf("Offset = %d, want the first byte of the record", bad.Offset)
					}
					if !strings.Contains(bad.Error(), fmt.Sprintf("record %d at byte %d", bad.Index, bad.Offset)) {
						t.Errorf("Error() = %q, want it to tell the place", bad)
					}
				}
			})
		})
	}
}

func TestObjectErrorArchived(t *testing.T) {
	for _, size := range []int64{100, windowLarge, 1 << 50} {
		src := objectErrorSource(qlogs.Object{Size: size, Archived: true, StorageClass: "GLACIER"}, nil)
		got := objectErrorRead(t, src, nil)
		if len(got.errs) != 1 || !errors.Is(got.errs[0], qlogs.ErrArchived) {
			t.Errorf("archived object of %d bytes: errors %v, want %v", size, got.errs, qlogs.ErrArchived)
		}
		if n := src.opens(); n != 3 {
			t.Errorf("%d objects were opened, want the 3 others", n)
		}
	}
}

// A body that is not what was listed is not taken for the object.
func TestObjectErrorChanged(t *testing.T) {
	file := contractFile(objectErrorRecords(2)...)
	for _, body := range [][]byte{file, contractGzip(file)} {
		for _, more := range []int{-len(body) + 1, -1, 1, 5000} {
			src := objectErrorSource(qlogs.Object{Size: int64(len(body) + more)}, body)
			got := objectErrorRead(t, src, nil)
			if len(got.errs) != 1 || len(got.entries) != 0 || !errors.Is(got.errs[0], qlogs.ErrInconsistent) {
				t.Errorf("%d bytes of %d listed: pairs %q, errors %v, want %v", len(body), len(body)+more, got.pairs, got.errs, qlogs.ErrInconsistent)
			}
		}
	}
}

func TestObjectErrorOfTheStore(t *testing.T) {
	broken := errors.New("connection reset by peer")
	body := contractGzip(contractFile(objectErrorRecords(3)...))
	for _, tt := range []struct {
		name       string
		open, read error
		want       error
	}{
		{"open: deleted", fmt.Errorf("no such key: %w", fs.ErrNotExist), nil, fs.ErrNotExist},
		{"open: denied", fmt.Errorf("access denied: %w", fs.ErrPermission), nil, fs.ErrPermission},
		{"open: changed", fmt.Errorf("etag: %w", qlogs.ErrChanged), nil, qlogs.ErrInconsistent},
		{"open: archived", fmt.Errorf("state: %w", qlogs.ErrArchived), nil, qlogs.ErrArchived},
		{"open: network", broken, nil, broken},
		{"open: a source's own end of file", io.EOF, nil, io.EOF},
		{"read: network", nil, broken, broken},
		{"read: cut by the network", nil, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
		{"read: changed", nil, qlogs.ErrChanged, qlogs.ErrInconsistent},
	} {
		for _, size := range []int64{int64(len(body)), windowLarge} {
			for _, at := range []int{0, 1, 100} {
				t.Run(fmt.Sprintf("%s/%d/%d", tt.name, size, at), func(t *testing.T) {
					src := objectErrorSource(qlogs.Object{Size: size}, body)
					src.chunk = max(at, 1)
					src.onOpen = func(_ context.Context, key string) error {
						if strings.HasSuffix(key, objectErrorName) {
							return tt.open
						}
						return nil
					}
					src.onRead = func(_ context.Context, key string, offset int) error {
						if strings.HasSuffix(key, objectErrorName) && offset >= at {
							return tt.read
						}
						return nil
					}
					got := objectErrorRead(t, src, &qlogs.Options{MaxResumes: -1})
					if len(got.errs) != 1 || !errors.Is(got.errs[0], tt.want) || errors.Is(got.errs[0], qlogs.ErrCorruptGzip) {
						t.Fatalf("errors %v, want one %v", got.errs, tt.want)
					}
					var bad *qlogs.ObjectError
					errors.As(got.errs[0], &bad)
					if op, _, _ := strings.Cut(tt.name, ":"); bad.Op != op || bad.Index != -1 {
						t.Errorf("error %v of index %d in %q, want -1 and %q", bad, bad.Index, bad.Op, op)
					}
				})
			}
		}
	}
}

// Records that were whole when a stream broke off are delivered before the error.
func TestObjectErrorStreamBreaksOff(t *testing.T) {
	var records []string
	for i := range 400 {
		records = append(records, windowChat(fmt.Sprint("id", i), 1000))
	}
	body := contractFile(records...)
	broken := errors.New("connection reset by peer")
	src := objectErrorSource(qlogs.Object{Size: windowLarge}, body)
	src.chunk = 10_000
	src.onRead = func(_ context.Context, key string, offset int) error {
		if strings.HasSuffix(key, objectErrorName) && offset >= len(body)/2 {
			return broken
		}
		return nil
	}
	got := objectErrorRead(t, src, &qlogs.Options{MaxResumes: -1})
	if n := len(got.entries); n < 190 || n > 210 || got.pairs[n] != "error" || !errors.Is(got.errs[0], broken) {
		t.Errorf("%d records, then %q, errors %v, want about 200, then %v", n, got.pairs[n:], got.errs, broken)
	}
}
