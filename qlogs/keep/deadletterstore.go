package keep

import (
	"context"
	"iter"
)

// DeadLetterStore keeps letters. [DeadLetterFile] makes one; a program may bring its own.
// It holds one letter for each place: the object's key, ETag and version, and the
// index. The methods may be called from many goroutines, and Put and Remove within a
// loop over All.
type DeadLetterStore interface {
	// Put keeps a letter, in place of an earlier one of the same place. When it has
	// returned nil the letter is kept, whatever happens to the process.
	Put(ctx context.Context, l DeadLetter) error

	// All yields the letters that there are when the loop begins, the earliest put
	// first. An error comes with a zero letter; it concerns one letter, or is the
	// last pair.
	All(ctx context.Context) iter.Seq2[DeadLetter, error]

	// Remove forgets the letters of the places of those that are given, and all of
	// them or, if it fails, none. Letters that are not there are no error.
	Remove(ctx context.Context, letters ...DeadLetter) error
}
