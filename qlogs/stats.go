package qlogs

import (
	"log/slog"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// Stats are the counters of a scan. After a loop over [Scan.Records] that ran to
// its end they add up:
//
//	Listed      == Skipped.Total() + Read + Failed
//	RecordsSeen == RecordsYielded + RecordsFiltered + RecordsFailed
//
// The names of the fields in JSON, and of the attributes of a log value, stay as they are in
// later versions.
type Stats struct {
	// Partitions is how many partitions (prefix, account, product, log type and
	// Region) were found and selected.
	Partitions int64 `json:"partitions"`

	// Listed is how many objects the listings gave in the padded time range,
	// less those that the cursor had finished.
	Listed int64 `json:"listed"`

	// Rewritten is how many objects that the cursor had finished were listed again with
	// another ETag and the same size. They are not in Listed, and not read again: see
	// [Options].Lookback.
	Rewritten int64 `json:"rewritten"`

	// Repeated is how many keys a listing gave twice in a row: the same object or folder
	// again, which is passed over. They are not among Listed. Follow counts them in its
	// first pass alone.
	Repeated int64 `json:"repeated"`

	// Skipped is how many of Listed are not logs.
	Skipped path.Skips `json:"skipped"`

	// Read is how many were read to their end, damaged records included.
	Read int64 `json:"read"`

	// Failed is how many were given up, wholly or from some byte on.
	Failed int64 `json:"failed"`

	// BytesStored is how many bytes of bodies were read.
	BytesStored int64 `json:"bytesStored"`

	// BytesDecompressed is how many bytes these were after decompression.
	BytesDecompressed int64 `json:"bytesDecompressed"`

	// RecordsSeen is how many records were met in objects that the loop reached,
	// less those that the cursor had finished.
	RecordsSeen int64 `json:"recordsSeen"`

	// RecordsYielded is how many of them the loop got.
	RecordsYielded int64 `json:"recordsYielded"`

	// RecordsFiltered is how many lay outside of the time range.
	RecordsFiltered int64 `json:"recordsFiltered"`

	// RecordsFailed is how many were damaged or over a limit.
	RecordsFailed int64 `json:"recordsFailed"`

	// RecordsDrifted is how many had fields that have drifted, see [Entry.Drifted].
	// They are among those that the loop got: they are not counted as damaged.
	// Records outside of the time range are not looked at.
	RecordsDrifted int64 `json:"recordsDrifted"`

	// Lists and Gets are how many requests the source sent for listings and for objects,
	// for what was read ahead and never delivered too. A listing of S3 sends one for each
	// 1,000 keys. A source that does not call [source.StartRequest] counts as sending one
	// for each List and Open.
	Lists int64 `json:"lists"`
	Gets  int64 `json:"gets"`

	// Retries is how many further attempts the source made for these requests. They are
	// not among Lists and Gets.
	Retries int64 `json:"retries"`

	// Resumes is how often a body that broke off was requested once more, from there on.
	// These requests are among Gets.
	Resumes int64 `json:"resumes"`

	// Waited is how long the loop has waited for objects to be read. If it is most of a
	// scan's time, the store or the decoding is what takes long, else it is the loop.
	// Follow's waits for what arrives count too. In JSON it is in nanoseconds.
	Waited time.Duration `json:"waited"`
}

// Add adds the counters of another scan, or of the same over time.
func (s *Stats) Add(o Stats) {
	s.Partitions += o.Partitions
	s.Listed += o.Listed
	s.Rewritten += o.Rewritten
	s.Repeated += o.Repeated
	s.Skipped.AddAll(o.Skipped)
	s.Read += o.Read
	s.Failed += o.Failed
	s.BytesStored += o.BytesStored
	s.BytesDecompressed += o.BytesDecompressed
	s.RecordsSeen += o.RecordsSeen
	s.RecordsYielded += o.RecordsYielded
	s.RecordsFiltered += o.RecordsFiltered
	s.RecordsFailed += o.RecordsFailed
	s.RecordsDrifted += o.RecordsDrifted
	s.Lists += o.Lists
	s.Gets += o.Gets
	s.Retries += o.Retries
	s.Resumes += o.Resumes
	s.Waited += o.Waited
}

// LogValue returns the counters as a group, with the names that they have in JSON.
func (s Stats) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int64("partitions", s.Partitions),
		slog.Int64("listed", s.Listed),
		slog.Int64("rewritten", s.Rewritten),
		slog.Int64("repeated", s.Repeated),
		slog.Group("skipped",
			slog.Int64("probe", s.Skipped.Probe),
			slog.Int64("folder", s.Skipped.Folder),
			slog.Int64("report", s.Skipped.Report),
			slog.Int64("empty", s.Skipped.Empty),
			slog.Int64("foreign", s.Skipped.Foreign),
		),
		slog.Int64("read", s.Read),
		slog.Int64("failed", s.Failed),
		slog.Int64("bytesStored", s.BytesStored),
		slog.Int64("bytesDecompressed", s.BytesDecompressed),
		slog.Int64("recordsSeen", s.RecordsSeen),
		slog.Int64("recordsYielded", s.RecordsYielded),
		slog.Int64("recordsFiltered", s.RecordsFiltered),
		slog.Int64("recordsFailed", s.RecordsFailed),
		slog.Int64("recordsDrifted", s.RecordsDrifted),
		slog.Int64("lists", s.Lists),
		slog.Int64("gets", s.Gets),
		slog.Int64("retries", s.Retries),
		slog.Int64("resumes", s.Resumes),
		slog.Duration("waited", s.Waited),
	)
}

// counters are a scan's Stats while it runs.
type counters struct {
	lists stall.Calls
	gets  reading.Counts

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
	s := c.s
	s.Lists, s.Gets = c.lists.Requests.Load(), c.gets.Requests.Load()
	s.Retries = c.lists.Retries.Load() + c.gets.Retries.Load()
	s.Resumes = c.gets.Resumes.Load()
	return s
}
