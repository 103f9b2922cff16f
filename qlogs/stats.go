package qlogs

import (
	"sync"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// Stats are the counters of a scan. After a loop over [Scan.Records] that ran to
// its end they add up:
//
//	Listed      == Skipped.Total() + Read + Failed
//	RecordsSeen == RecordsYielded + RecordsFiltered + RecordsFailed
type Stats struct {
	// Partitions is how many partitions (prefix, account, product, log type and
	// Region) were found and selected. None at all most often means a wrong prefix.
	Partitions int64

	// Listed is how many objects the listings gave in the padded time range,
	// less those that the cursor had finished.
	Listed int64

	// Rewritten is how many objects that the cursor had finished were listed again with
	// another ETag and the same size. They are not in Listed, and not read again: see
	// [Options].Lookback.
	Rewritten int64

	// Repeated is how many keys a listing gave twice in a row: the same object or folder
	// again, which is passed over. They are not among Listed. Follow counts them in its
	// first pass alone.
	Repeated int64

	// Skipped is how many of Listed are not logs.
	Skipped path.Skips

	// Read is how many were read to their end, damaged records included.
	Read int64

	// Failed is how many were given up, wholly or from some byte on.
	Failed int64

	// BytesStored is how many bytes of bodies were read.
	BytesStored int64

	// BytesDecompressed is how many bytes these were after decompression.
	BytesDecompressed int64

	// RecordsSeen is how many records were met in objects that the loop reached,
	// less those that the cursor had finished.
	RecordsSeen int64

	// RecordsYielded is how many of them the loop got.
	RecordsYielded int64

	// RecordsFiltered is how many lay outside of the time range.
	RecordsFiltered int64

	// RecordsFailed is how many were damaged or over a limit.
	RecordsFailed int64

	// RecordsDrifted is how many had fields that have drifted, see [Entry.Drifted].
	// They are among those that the loop got: they are not counted as damaged.
	// Records outside of the time range are not looked at.
	RecordsDrifted int64
}

// counters are a scan's Stats while it runs.
type counters struct {
	mu sync.Mutex
	s  Stats
}

func (c *counters) update(f func(s *Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.s)
}

func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.s
}
