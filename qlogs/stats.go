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
// its end, they add up:
//
//	Listed      == Skipped.Total() + Read + Failed
//	RecordsSeen == RecordsYielded + RecordsFiltered + RecordsFailed
//
// Later versions keep the names of the fields in JSON and of the attributes in a log value.
type Stats struct {
	// Partitions is how many partitions (prefix, account, product, log type and
	// Region) were found and selected.
	Partitions int64 `json:"partitions"`

	// Listed is how many objects the listings gave in the time range and its
	// [Options].ListPad, without those that the cursor had finished.
	Listed int64 `json:"listed"`

	// Rewritten is how many objects that the cursor had finished were listed again with
	// another ETag and the same size. They are not in Listed, and they are not read again;
	// see [Options].Lookback.
	Rewritten int64 `json:"rewritten"`

	// Repeated is how many keys a listing gave twice in a row. The second one is passed
	// over and is not in Listed. Follow counts them only in its first pass.
	Repeated int64 `json:"repeated"`

	// Skipped is how many of Listed are not logs, by reason. A scan does not list the
	// folders of CSV user reports, so it does not count these.
	Skipped path.Skips `json:"skipped"`

	// Read is how many of Listed were read to their end, damaged records included.
	Read int64 `json:"read"`

	// Failed is how many of Listed failed, wholly or from some byte on.
	Failed int64 `json:"failed"`

	// BytesStored is how many bytes of bodies were read.
	BytesStored int64 `json:"bytesStored"`

	// BytesDecompressed is how many bytes these were after decompression.
	BytesDecompressed int64 `json:"bytesDecompressed"`

	// RecordsSeen is how many records were met in objects that the loop reached,
	// without those that the cursor had finished.
	RecordsSeen int64 `json:"recordsSeen"`

	// RecordsYielded is how many of RecordsSeen the loop got.
	RecordsYielded int64 `json:"recordsYielded"`

	// RecordsFiltered is how many of RecordsSeen lay outside of the time range.
	RecordsFiltered int64 `json:"recordsFiltered"`

	// RecordsFailed is how many of RecordsSeen were damaged or over a limit.
	RecordsFailed int64 `json:"recordsFailed"`

	// RecordsDrifted is how many of RecordsYielded had fields that have drifted; see
	// [Entry.Drifted].
	RecordsDrifted int64 `json:"recordsDrifted"`

	// Lists and Gets are how many requests the source sent for listings and for objects,
	// including what was read ahead and never delivered. A listing of S3 sends one
	// request for each 1,000 keys. For a source that does not call [source.StartRequest]
	// each List and each Open counts as one request.
	Lists int64 `json:"lists"`
	Gets  int64 `json:"gets"`

	// Retries is how many further attempts the source made for these requests. They are
	// not in Lists and Gets.
	Retries int64 `json:"retries"`

	// Resumes is how often a body that broke off was requested from there on. These
	// requests are in Gets.
	Resumes int64 `json:"resumes"`

	// Waited is how long the loop has waited for objects. If that is most of a scan's
	// time, the store or the decoding takes long, otherwise the loop does. It includes
	// the time that Follow waits for new objects. In JSON it is in nanoseconds.
	Waited time.Duration `json:"waited"`
}

// Add adds the counters of another scan to s.
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

// LogValue returns the counters as a group. The names are those of the JSON form.
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
