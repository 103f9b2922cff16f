package qlogs_test

import (
	"bytes"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// Objects that hold no byte once they are decompressed.
func nothingFiles() map[string][]byte {
	empty := cursorGzip("")
	return map[string][]byte{
		"a member":                 empty,
		"members":                  slices.Concat(empty, empty, empty),
		"a member and padding":     slices.Concat(empty, make([]byte, 512)),
		"members and much padding": slices.Concat(empty, empty, make([]byte, 9<<20)),
		"a stored block":           {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0},
		"large":                    bytes.Repeat(contractEmptyMember(contractPadStep), 9<<20/contractPadStep),
	}
}

func TestNothingIsEmpty(t *testing.T) {
	want := path.Skips{Empty: 1}
	for name, body := range nothingFiles() {
		t.Run(name, func(t *testing.T) {
			entries, errs, st := surplusRead(t, body, qlogs.Options{})
			if len(entries) != 0 || len(errs) != 0 || st.Listed != 1 || st.Skipped != want || st.Read != 0 || st.Failed != 0 {
				t.Errorf("%d records, errors %v, %+v, want an empty object that is skipped", len(entries), errs, st)
			}
			src := newCursorStore()
			src.put(cursorKey(cursorChats, 0), body)
			src.put(cursorKey(cursorChats, 1), cursorFile(cursorRecord("a", 1)))
			client := qlogs.New(src, nil)
			first := client.Scan(qlogs.Query{})
			cursorAll(t, first)
			opens, _ := src.requests()
			second := client.Scan(qlogs.Query{After: cursorText(t, first.Cursor())})
			if got := cursorAll(t, second); len(got) != 0 {
				t.Errorf("a scan that goes on got %v, want nothing", got)
			}
			if again, _ := src.requests(); again != opens || second.Stats().Listed != 0 {
				t.Errorf("a scan that goes on read %d objects, %+v, want none", again-opens, second.Stats())
			}
		})
	}
	t.Run("Follow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			src := newCursorStore()
			followClock(0)
			for i, body := range [][]byte{cursorGzip(""), slices.Concat(cursorGzip(""), make([]byte, 99))} {
				src.put(cursorKey(cursorChats, i-5), body)
			}
			s := qlogs.New(src, nil).Scan(qlogs.Query{})
			got := followLoop(t, s, time.Hour, nil)
			st := s.Stats()
			contractSums(t, st)
			if opens, _ := src.requests(); len(got) != 0 || st.Skipped.Empty != 2 || opens != 2 {
				t.Errorf("pairs %v, %d opens, %+v, want two empty objects, each read once", followPairs(got), opens, st)
			}
		})
	})
}

// What is no more than nearly nothing is not empty.
func TestNearlyNothingFails(t *testing.T) {
	empty := cursorGzip("")
	for name, body := range map[string][]byte{
		"spaces": cursorGzip("  \n"), "surplus": slices.Concat(empty, []byte("x")), "cut": empty[:len(empty)-1],
		"a cut member behind": slices.Concat(empty, empty[:11]), "a wrong length": slices.Concat(empty[:len(empty)-1], []byte{1}),
		"a zero byte": cursorGzip("\x00"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, errs, st := surplusRead(t, body, qlogs.Options{}); len(errs) != 1 || st.Failed != 1 || st.Skipped.Total() != 0 {
				t.Errorf("errors %v, %+v, want one that failed", errs, st)
			}
		})
	}
}
