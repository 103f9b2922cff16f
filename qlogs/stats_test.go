package qlogs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// Each counter of a scan that meets everything once.
func TestStatsCountEverything(t *testing.T) {
	src := newContractSource()
	day := contractPartition().String() + "2026/03/02/"
	two := contractFile(contractChat("in", contractStart), contractChat("out", contractStart.Add(5*time.Hour)))
	damaged := contractFile(`17`, contractChat("sound", contractStart), `18`)
	cut := contractFile(contractChat("complete", contractStart), contractChat("cut", contractStart))
	cut = cut[:len(cut)-10]
	var stored, decompressed int
	for name, body := range map[string][]byte{"a.json": two, "b.json.gz": contractGzip(two), "c.json": damaged, "d.json": cut} {
		src.put(day+"09/"+name, body)
		stored += len(body)
	}
	decompressed = 2*len(two) + len(damaged) + len(cut)
	src.put(day+"09/e.json.gz", contractGzip(two)[:20])
	stored += 20
	src.put(day+"09/f.json", nil)
	src.put(day+"09/g.txt", []byte("x"))
	src.put(day+"09/h/", nil)
	src.putListed(qlogs.Object{Key: day + "09/i.json", Size: 5, Archived: true}, []byte("12345"))
	src.put(day+"20/out-of-range.json", two)
	src.put("logs/AWSLogs/111122223333/KiroLogs/26404955-bf00-40d3-b713-43d18edf0638", []byte("x"))
	src.put("logs/AWSLogs/111122223333/KiroLogs/user_report/us-east-1/2026/03/02/00/x.csv", []byte("x"))
	s := contractNew(src, nil, qlogs.Query{From: contractStart, To: contractStart.Add(time.Hour)})
	contractRead(t, src, s)
	got := statsCounted(s.Stats())
	if got.BytesDecompressed < int64(decompressed) || got.BytesDecompressed > int64(decompressed+len(two)) {
		t.Errorf("BytesDecompressed = %d, want %d and what the cut file gives", got.BytesDecompressed, decompressed)
	}
	want := qlogs.Stats{
		Partitions:        1,
		Listed:            10,
		Skipped:           path.Skips{Probe: 1, Folder: 1, Empty: 1, Foreign: 1},
		Read:              3,
		Failed:            3,
		BytesStored:       int64(stored),
		BytesDecompressed: got.BytesDecompressed,
		RecordsSeen:       8,
		RecordsYielded:    4,
		RecordsFiltered:   2,
		RecordsFailed:     2,
	}
	if got != want {
		t.Errorf("Stats() = %+v, want %+v", got, want)
	}
}

func TestStatsSkipsTotal(t *testing.T) {
	if got := (path.Skips{Probe: 1, Folder: 20, Report: 300, Empty: 4000, Foreign: 50000}).Total(); got != 54321 {
		t.Errorf("Total() = %d, want 54321", got)
	}
}

// The counters move with the loop: what it has not come to is not counted as read.
func TestStatsWhileTheLoopRuns(t *testing.T) {
	src := contractBucket(20)
	s := contractNew(src, nil, qlogs.Query{})
	n := int64(0)
	for range s.Records(t.Context()) {
		st := s.Stats()
		if n++; st.RecordsYielded != n || st.Read > n || st.Listed < n {
			t.Errorf("at record %d: Stats() = %+v", n, st)
		}
		if n == 10 {
			break
		}
	}
	if st := s.Stats(); st.RecordsYielded != 10 || st.Read+st.Failed > 10 {
		t.Errorf("after a break at record 10: Stats() = %+v", st)
	}
}

// A streamed object counts as one that is read whole does.
func TestStatsOfStreamedObjects(t *testing.T) {
	file := contractFile(objectErrorRecords(3)...)
	for _, body := range [][]byte{file, contractGzip(file)} {
		var all [2]qlogs.Stats
		for i, size := range []int64{int64(len(body)), windowLarge} {
			src := newContractSource()
			src.putListed(qlogs.Object{Key: windowKey(0), Size: size}, body)
			s := contractNew(src, nil, qlogs.Query{})
			contractRead(t, src, s)
			all[i] = statsCounted(s.Stats())
			pad := size - int64(len(body)) // spaces or empty members
			all[i].BytesStored -= pad
			if body[0] == '{' {
				all[i].BytesDecompressed -= pad
			}
		}
		if all[0] != all[1] || all[0].BytesStored != int64(len(body)) || all[0].BytesDecompressed != int64(len(file)) {
			t.Errorf("Stats() whole = %+v, streamed = %+v, want both with %d bytes stored, %d decompressed", all[0], all[1], len(body), len(file))
		}
	}
}

// An object whose stream fails counts its records before the failure, once.
func TestStatsOfFailedStreams(t *testing.T) {
	file := contractFile(objectErrorRecords(3)...)
	src := newContractSource()
	src.putListed(qlogs.Object{Key: windowKey(0), Size: windowLarge}, file)
	broken := errors.New("connection reset by peer")
	src.chunk = len(file) - 5
	src.onRead = func(_ context.Context, _ string, at int) error {
		if at > 0 {
			return broken
		}
		return nil
	}
	s := contractNew(src, &qlogs.Options{MaxResumes: -1}, qlogs.Query{})
	contractRead(t, src, s)
	want := qlogs.Stats{
		Partitions: 1, Listed: 1, Failed: 1, BytesStored: windowLarge - 5, BytesDecompressed: windowLarge - 5,
		RecordsSeen: 2, RecordsYielded: 2,
	}
	if got := statsCounted(s.Stats()); got != want {
		t.Errorf("Stats() = %+v, want %+v", got, want)
	}
}
