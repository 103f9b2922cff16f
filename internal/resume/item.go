package resume

import "github.com/promptlogs/qlogs/qlogs/source"

// An Item is an object that is to be read. A reader that finds another object in its place
// changes Object and Before.
type Item struct {
	// Object is the object as it was listed, or as it was when it failed.
	Object source.Object

	// Before is what of the object other scans have finished.
	Before Portion

	// Attempt says how often the object is tried, this time included.
	Attempt int

	// Contradictions is how many answers before have contradicted the listing of the object.
	Contradictions int

	at     place
	again  bool // it was finished before, as another version
	retry  bool // it is pending
	anew   bool // and was listed as another version since
	number int  // of the pending object, if it is one
}

// Replace takes another object that lies in the item's place now, as long as the item has no
// [Mark]. Nothing of the object is finished if its ETag is another.
func (i *Item) Replace(o source.Object) {
	if o.ETag != i.Object.ETag {
		i.Before, i.Contradictions = Portion{}, 0
	}
	i.Object = o
}

// within is the item's key without the partition.
func (i *Item) within() string { return i.Object.Key[len(i.at.part):] }

// An Outcome says what reading an Item has come to. The zero Outcome is not one: Left is -1
// if nothing was left.
type Outcome struct {
	// Left is the first record at or after the query's To, which is left to a scan with
	// a later To; -1 if there is none.
	Left int

	// Behind means that records behind Left were delivered.
	Behind bool

	// Astray means that Left's time is far from the hour of the object's key, so that a
	// floor held at that hour would hold it for long.
	Astray bool

	// Damaged means that the object, or a record of it, was cut off, damaged or failed.
	Damaged bool

	// Contradicted means that an answer has contradicted the listing of the object.
	Contradicted bool

	// GivenUp means that the object failed and is not tried again, though another try
	// might succeed.
	GivenUp bool
}
