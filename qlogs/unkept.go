package qlogs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs/path"
)

// An UnkeptError is the reason of the [PartitionError] at the end of a partition in which
// more objects failed than a cursor keeps to be retried. Each of them was reported by an
// [ObjectError] of its own, and none is lost. The cursor's floor of the partition stays
// before them, so the next scan, or the next sweep of [Scan.Follow], lists the partition from
// there and reads them again. What was delivered behind them does not come again.
//
// Each scan, and each sweep, requests all of them again, and reports each. So a cause that
// lasts costs as many requests: 30,000 denied objects and a sweep each 15 minutes are 2.9
// million a day. Remove the cause, or leave the partition out of the query. [Options].MaxAttempts
// counts only the attempts of objects that the cursor keeps, at most 500 of a partition. When
// these are given up, others take their room.
type UnkeptError struct {
	// Objects is how many objects failed and are not among those that the cursor keeps.
	Objects int

	// Class is the class of their errors. If there are several, it is the most frequent.
	Class Class

	// From is the hour from which the partition is listed again. It is zero if that is
	// the partition's start.
	From time.Time
}

func (e *UnkeptError) Error() string {
	from := "its start"
	if !e.From.IsZero() {
		from = e.From.Format(time.RFC3339)
	}
	return fmt.Sprintf("%d objects failed (%s) and could not be kept to be retried: a cursor keeps %d of a partition and %d in all. Remove the cause: the next scan, or sweep, reads the partition again from %s on",
		e.Objects, e.Class, resume.MaxPendingOf, resume.MaxPending, from)
}

// A partitionEnd is the end of a partition in the order of delivery.
type partitionEnd struct {
	id   path.Partition
	name string
}

// unkept counts, by partition and class, the failures that found no room.
type unkept map[string]map[Class]int

func (u unkept) add(part string, class Class) {
	if u[part] == nil {
		u[part] = map[Class]int{}
	}
	u[part][class]++
}

// take returns what was counted of a partition, once; nil if that is nothing.
func (u unkept) take(part string) *UnkeptError {
	counts := u[part]
	if counts == nil {
		return nil
	}
	delete(u, part)
	e := &UnkeptError{}
	for _, n := range counts {
		e.Objects += n
	}
	e.Class = slices.MaxFunc(slices.Sorted(maps.Keys(counts)), func(a, b Class) int { return cmp.Compare(counts[a], counts[b]) })
	return e
}
