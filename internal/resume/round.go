package resume

import "time"

// A round is one pass over the partitions: a scan has one, a follow one for each poll.
type round struct {
	start *State // when it began
	began hour
	first bool // of its scan
	sweep bool // lists all within the lookback and retries, not the newest keys alone

	// number is that of the sweep, or of the last one before.
	number int

	lookback time.Duration
}

// next returns the round after r, which begins with a state.
func (r *round) next(start *State, sweep bool) *round {
	next := &round{start: start, began: hourOf(time.Now()), sweep: sweep, number: r.number, lookback: r.lookback}
	if sweep {
		next.number++
	}
	return next
}

// limits returns the lookback for a partition's floor. The floor stays where objects that
// arrive until the next sweep, or scan, are still found by it: behind what was the newest
// one when this round began. A poll does not look that far, and leaves the floor where it is.
func (r *round) limits(part string) lookback {
	back := lookback{time: r.lookback, now: hourOf(time.Now()), limit: noFloor, sweep: r.number}
	newest := r.began
	if start := r.start.reachOf(part); !r.first && start != nil {
		if before := start.newest(r.began); before != noFloor {
			newest = before
		}
	}
	if r.sweep {
		back.limit = back.behind(newest)
	}
	return back
}

// finished returns the reach from, of the item's partition, once the item is finished.
func (r *round) finished(from *Reach, item *Item, damaged bool) *Reach {
	return from.finish(item.at, item.within(), newVersion(item.Object, damaged), item.again, r.limits(item.at.part))
}
