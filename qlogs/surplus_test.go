package qlogs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/qlogs"
)

// surplusSizes are the ways to read an object: whole, by the loop from memory, streamed since
// it is decompressed to much, and streamed since it is listed so.
var surplusSizes = []struct {
	name     string
	file     func(records ...string) []byte
	opts     qlogs.Options
	streamed bool
}{
	{name: "whole", file: func(r ...string) []byte { return cursorFile(r...) }},
	{name: "from memory", file: func(r ...string) []byte { return surplusSpaced(700<<10, r...) }, opts: qlogs.Options{BytesInFlight: 1 << 20}},
	{name: "grown", file: func(r ...string) []byte { return surplusSpaced(3<<20, r...) }, opts: qlogs.Options{BytesInFlight: 1 << 20}, streamed: true},
	{name: "large", file: cursorLarge, streamed: true},
}

// surplusSpaced is a file with that many spaces in it.
func surplusSpaced(n int, records ...string) []byte {
	return cursorGzip(`{"records":[` + strings.Repeat(" ", n) + strings.Join(records, ",") + `]}`)
}

// surplusRead reads one object in a scan and with Client.Read, and wants the same of both.
func surplusRead(t *testing.T, body []byte, opts qlogs.Options) (entries []qlogs.Entry, errs []error, st qlogs.Stats) {
	t.Helper()
	src := newCursorStore()
	key := cursorKey(cursorChats, 0)
	src.put(key, body)
	client := qlogs.New(src, &opts)
	s := client.Scan(qlogs.Query{})
	for e, err := range s.Records(t.Context()) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		entries = append(entries, e)
	}
	var again []string
	for e, err := range client.Read(t.Context(), qlogs.Object{Key: key, Size: int64(len(body)), ETag: "first"}) {
		if err != nil {
			again = append(again, err.Error())
			continue
		}
		again = append(again, fmt.Sprintf("%s %t", e.Record.RequestID(), e.Tentative))
	}
	var want []string
	for _, e := range entries {
		want = append(want, fmt.Sprintf("%s %t", e.Record.RequestID(), e.Tentative))
	}
	for _, err := range errs {
		want = append(want, err.Error())
	}
	if !slices.Equal(again, want) {
		t.Errorf("Read = %q, want what the scan got, %q", again, want)
	}
	contractSums(t, s.Stats())
	return entries, errs, s.Stats()
}

// surplusSlow reports whether a case of a size is left to a long run: the large ones take
// long, and with the race detector a hundred times as long.
func surplusSlow(size string, i int) bool {
	return (raceEnabled || !testutil.Long()) && size != "whole" && i%7 != 0
}

func TestSurplusBehindMembers(t *testing.T) {
	for _, size := range surplusSizes {
		one := size.file(cursorRecord("a", 0), cursorRecord("b", 0))
		second := cursorFile(cursorRecord("c", 0))
		third := cursorFile(cursorRecord("d", 0))
		for i, tail := range []struct {
			name    string
			bytes   []byte
			surplus bool // all but the zero bytes that it begins with
		}{
			{"nothing", nil, false},
			{"a zero byte", make([]byte, 1), false},
			{"512 zero bytes", make([]byte, 512), false},
			{"3 MiB of zero bytes", make([]byte, 3<<20), false},
			{"a byte", []byte{'x'}, true},
			{"a line break", []byte("\r\n"), true},
			{"text", []byte("and so on, and so on"), true},
			{"JSON", []byte(`{"records":[]}`), true},
			{"a chunk's frame", []byte("0\r\n\r\n"), true},
			{"other magic", []byte("\x1f\x8c\x08\x00\x00\x00\x00\x00\x00\x00\x00"), true},
			{"zero bytes and a byte", append(make([]byte, 20_000), 1), true},
			{"zero bytes and half a magic", slices.Concat(make([]byte, 512), []byte("\x1f\x8c"), second), true},
			{"text and a member", slices.Concat(make([]byte, 512), []byte("and so on"), second), true},
			{"3 MiB", bytes.Repeat([]byte("surplus!"), 3<<17), true},
		} {
			for _, members := range []struct {
				name  string
				bytes []byte
				want  []string
			}{
				{"one member", one, []string{"a", "b"}},
				{"members", slices.Concat(one, cursorGzip(""), second), []string{"a", "b", "c"}},
				{"members with a zero byte", slices.Concat(one, make([]byte, 1), second, make([]byte, 1), third), []string{"a", "b", "c", "d"}},
				{"members in blocks", slices.Concat(one, make([]byte, 512), second, make([]byte, 512), cursorGzip(""), make([]byte, 512), third), []string{"a", "b", "c", "d"}},
				{"members in blocks of tapes", slices.Concat(one, make([]byte, 10_240), second, make([]byte, 10_240), third), []string{"a", "b", "c", "d"}},
			} {
				if !testutil.Long() && size.name != "whole" && i%3 != 0 {
					continue
				}
				if members.name != "one member" && (len(tail.bytes) > 1<<20 || surplusSlow(size.name, i)) {
					continue
				}
				t.Run(size.name+"/"+tail.name+" behind "+members.name, func(t *testing.T) {
					entries, errs, st := surplusRead(t, slices.Concat(members.bytes, tail.bytes), size.opts)
					var ids []string
					for _, e := range entries {
						ids = append(ids, e.Record.RequestID())
						listedLarge := size.opts.BytesInFlight > 0 && len(members.bytes)+len(tail.bytes) >= 1<<20
						if streamed := size.streamed || listedLarge; e.Tentative != streamed {
							t.Errorf("record %s has Tentative %t, want %t", e.Record.RequestID(), e.Tentative, streamed)
						}
					}
					contractSame(t, "records", ids, members.want)
					if !tail.surplus {
						if len(errs) > 0 || st.Read != 1 {
							t.Errorf("errors %v, %d objects read, want padding to be fine", errs, st.Read)
						}
						return
					}
					seen := len(bytes.TrimLeft(tail.bytes, "\x00"))
					surplusError(t, errs, seen, len(members.bytes)+len(tail.bytes)-seen)
				})
			}
		}
	}
}

// surplusError wants one error, of that many bytes from byte at on.
func surplusError(t *testing.T, errs []error, n, at int) {
	t.Helper()
	if len(errs) != 1 {
		t.Fatalf("errors %v, want one", errs)
	}
	var object *qlogs.ObjectError
	text := fmt.Sprintf("%d bytes that are not gzip follow the last good member, from byte %d of the stored", n, at)
	switch err := errs[0]; {
	case !errors.As(err, &object) || object.Op != "gunzip" || object.Retryable || object.Index != -1:
		t.Errorf("error %#v, want an ObjectError of gunzip that is not Retryable", err)
	case !errors.Is(err, qlogs.ErrCorruptGzip) || errors.Is(err, io.ErrUnexpectedEOF):
		t.Errorf("error %v, want ErrCorruptGzip and no cut", err)
	case !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "so on"):
		t.Errorf("error %v, want %q and nothing of the surplus", err, text)
	}
}

// A member that is cut or damaged costs none of the records of the whole members before it.
func TestBadMemberBehindWholeOnes(t *testing.T) {
	second := cursorFile(cursorRecord("c", 0), cursorRecord("d", 0))
	damaged := func(i int) []byte {
		bad := bytes.Clone(second)
		bad[(i+len(bad))%len(bad)] ^= 0x55
		return bad
	}
	for _, size := range surplusSizes {
		for i, test := range []struct {
			name string
			bad  []byte
			cut  bool
		}{
			{"one byte", second[:1], true},
			{"the magic", second[:2], true},
			{"a header", second[:10], true},
			{"half", second[:len(second)/2], true},
			{"all but a byte", second[:len(second)-1], true},
			{"a wrong method", damaged(2), false},
			{"a wrong checksum", damaged(-8), false},
			{"a wrong length", damaged(-4), false},
			{"no deflate", slices.Concat(second[:10], bytes.Repeat([]byte{0xff}, 40)), false},
		} {
			if !testutil.Long() && size.name != "whole" && i%3 != 0 {
				continue
			}
			t.Run(size.name+"/"+test.name, func(t *testing.T) {
				first := size.file(cursorRecord("a", 0), cursorRecord("b", 0))
				for _, padding := range []int{0, 1, 512, 10_240} {
					if surplusSlow(size.name, padding) {
						continue
					}
					entries, errs, _ := surplusRead(t, slices.Concat(first, make([]byte, padding), test.bad), size.opts)
					var ids []string
					for _, e := range entries {
						ids = append(ids, e.Record.RequestID())
					}
					if len(ids) < 2 || ids[0] != "a" || ids[1] != "b" {
						t.Errorf("records %q behind %d zero bytes, want those of the whole member", ids, padding)
					}
					var object *qlogs.ObjectError
					if len(errs) != 1 || !errors.As(errs[0], &object) || object.Op != "gunzip" ||
						!errors.Is(errs[0], qlogs.ErrCorruptGzip) || errors.Is(errs[0], io.ErrUnexpectedEOF) != test.cut {
						t.Errorf("errors %v behind %d zero bytes, want one of corrupt gzip, cut: %t", errs, padding, test.cut)
					}
				}
			})
		}
	}
}

// surplusEndless is a gzip file with zero bytes behind it that do not end.
type surplusEndless struct{ io.Reader }

func (surplusEndless) Close() error { return nil }

// Zero bytes without end are more than the object was listed with.
func TestSurplusEnds(t *testing.T) {
	for _, size := range []int64{1000, 9 << 20} {
		src := newCursorStore()
		src.bodyHook = func(_ string, body io.Reader) io.Reader {
			return surplusEndless{io.MultiReader(body, surplusZeros{})}
		}
		file := cursorFile(cursorRecord("a", 0))
		src.put(cursorKey(cursorChats, 0), slices.Concat(file, make([]byte, size-int64(len(file)))))
		var last error
		for _, err := range qlogs.New(src, nil).Scan(qlogs.Query{}).Records(t.Context()) {
			last = err
		}
		if !errors.Is(last, qlogs.ErrInconsistent) {
			t.Errorf("an endless body of an object of %d bytes: %v, want ErrInconsistent", size, last)
		}
	}
	src := newCursorStore()
	src.put(cursorKey(cursorChats, 0), slices.Concat(cursorFile(cursorRecord("a", 0)), make([]byte, 2<<20)))
	for _, err := range qlogs.New(src, &qlogs.Options{MaxObjectBytes: 1 << 20}).Scan(qlogs.Query{}).Records(t.Context()) {
		if !errors.Is(err, qlogs.ErrTooLarge) {
			t.Errorf("2 MiB of padding with MaxObjectBytes of 1 MiB: %v, want ErrTooLarge", err)
		}
	}
}

type surplusZeros struct{}

func (surplusZeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
