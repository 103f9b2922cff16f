package resume

import "time"

// A round is one pass over the partitions: a scan has one, a follow one for each poll.
type round struct {
	start *State // when it began
	began hour
	first bool // of its scan
	sweep bool // lists all within the lookback and retries, not the newest keys alone

	lookback time.Duration

	// held is, by partition, the first hour of which a folder could not be listed.
	held map[string]hour
}

// limits returns the lookback for a partition's floor. The floor stays where objects that
// arrive until the next sweep, or scan, are still found by it: behind what was the newest
// one when this round began. A poll does not look that far, and leaves the floor where it is.
func (r *round) limits(part string) lookback {
	back := lookback{time: r.lookback, now: hourOf(time.Now()), limit: noFloor}
	newest := r.began
	if start := r.start.reachOf(part); !r.first && start != nil {
		newest = start.newest(r.began)
	}
	if r.sweep && newest != noFloor {
		back.limit = back.behind(newest)
	}
	if h, ok := r.held[part]; ok {
		back.limit = min(back.limit, h)
	}
	return back
}

func (r *round) hold(part string, h hour) {
	if held, ok := r.held[part]; ok && held <= h {
		return
	}
	if r.held == nil {
		r.held = map[string]hour{}
	}
	r.held[part] = h
}

// finished returns the reach from, of the item's partition, once the item is finished.
func (r *round) finished(from *Reach, item *Item, damaged bool) *Reach {
	return from.finish(item.at, item.Object.Key[len(item.at.part):], newVersion(item.Object, damaged), item.again, r.limits(item.at.part))
}
