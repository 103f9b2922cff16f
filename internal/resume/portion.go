package resume

import "time"

// A Portion is how much of an object is finished: its first Done records and, of the
// others, those before Until, which is the To of the scan that left the rest. The zero
// Portion is nothing.
type Portion struct {
	Done  int
	Until time.Time
}

// over reports whether a scan with that To has nothing to deliver of the rest.
func (p Portion) over(to time.Time) bool {
	return !p.Until.IsZero() && !to.IsZero() && !p.Until.Before(to)
}
