package resume

import "time"

// A Portion is how much of an object is finished: its first Done records; of the others before
// Reached those before Inside, which is the To of a scan that came that far; and of all others
// those before Until, which is the To of the scan that left the rest. The zero Portion is
// nothing.
type Portion struct {
	Done    int
	Reached int
	Inside  time.Time
	Until   time.Time
}

// before returns the time before which the record at index is finished; zero if it is not. It
// is for a record that is not one of the first Done.
func (p Portion) before(index int) time.Time {
	if index < p.Reached {
		return p.Inside
	}
	return p.Until
}

// Finished reports whether the record at index is finished, of which isBefore reports whether it
// is before a time.
func (p Portion) Finished(index int, isBefore func(time.Time) bool) bool {
	if index < p.Done {
		return true
	}
	until := p.before(index)
	return !until.IsZero() && isBefore(until)
}

// upTo returns the Portion after a scan with that To has finished the records before index,
// except those from left on that are at or after To; left is -1 if there are none. If p is of a
// scan with a later To that came as far, it stays.
func (p Portion) upTo(index, left int, to time.Time) Portion {
	if left < 0 || index <= left {
		p.Done = max(p.Done, index)
		return p.normal()
	}
	p.Done = max(p.Done, left)
	if index > p.Reached && !p.Inside.After(to) {
		p.Reached, p.Inside = index, to
	}
	return p.normal()
}

// normal returns the same Portion, in the one form that it has.
func (p Portion) normal() Portion {
	if p.Reached <= p.Done || !p.Inside.After(p.Until) {
		p.Reached, p.Inside = 0, time.Time{}
	}
	return p
}

// over reports whether a scan with that To has nothing to deliver of the rest.
func (p Portion) over(to time.Time) bool {
	return !p.Until.IsZero() && !to.IsZero() && !p.Until.Before(to)
}
