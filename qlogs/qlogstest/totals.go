package qlogstest

import (
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// Totals are what a reader reports of many objects: what a scan without a time range has
// to deliver and to count. The zero value is of no objects. It is not safe for concurrent
// use.
type Totals struct {
	// These counters have the names and the meanings of those in qlogs.Stats.
	Partitions, Listed                                         int64
	Skipped                                                    path.Skips
	Read, Failed                                               int64
	RecordsSeen, RecordsYielded, RecordsFailed, RecordsDrifted int64

	// RecordsByUser, RecordsByType and RecordsByHour count the records that a reader
	// delivers by their user, log type and hour in UTC. A record without a user counts as
	// one of "", and a record without a time in the hour of its object.
	RecordsByUser map[record.UserID]int
	RecordsByType map[string]int
	RecordsByHour map[time.Time]int

	// PromptsByUser counts the records that have a prompt which is not empty. Requests of
	// Kiro's router, whose model is simple-task, are among them. A user without prompts
	// is not in the map.
	PromptsByUser map[record.UserID]int

	partitions map[path.Partition]bool
}

// Add adds an object that [Generate] made.
func (t *Totals) Add(o Object) {
	if t.partitions == nil {
		t.RecordsByUser, t.RecordsByType, t.RecordsByHour = map[record.UserID]int{}, map[string]int{}, map[time.Time]int{}
		t.PromptsByUser, t.partitions = map[record.UserID]int{}, map[path.Partition]bool{}
	}
	t.Listed++
	t.Skipped.Add(o.Kind)
	key, err := path.Parse(o.Key)
	if err == nil {
		t.partitions[key.Partition] = true
		t.Partitions = int64(len(t.partitions))
	}
	switch {
	case o.Kind != path.Log:
		return
	case o.Failed:
		t.Failed++
	default:
		t.Read++
	}
	t.RecordsYielded += int64(len(o.Records))
	t.RecordsFailed += int64(len(o.BadRecords))
	t.RecordsSeen = t.RecordsYielded + t.RecordsFailed
	for _, r := range o.Records {
		t.record(r, key.Hour)
	}
}

func (t *Totals) record(r Record, hour time.Time) {
	t.RecordsByUser[r.UserID]++
	t.RecordsByType[r.LogType]++
	if !r.Time.IsZero() {
		hour = r.Time.Truncate(time.Hour)
	}
	t.RecordsByHour[hour]++
	if r.PromptBytes > 0 {
		t.PromptsByUser[r.UserID]++
	}
	if len(r.Drifted) > 0 {
		t.RecordsDrifted++
	}
}
