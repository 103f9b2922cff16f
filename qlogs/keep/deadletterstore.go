package keep

import (
	"context"
	"iter"
)

// A DeadLetterStore keeps letters. [DeadLetterFile] makes one; a program may bring its own.
// A store holds one letter for each place: the object's key, ETag and version, and the
// index. The methods may be called from many goroutines, and a loop over All may call Put
// and Remove.
type DeadLetterStore interface {
	// Put keeps a letter and replaces an earlier one of the same place. After Put has
	// returned nil the letter is kept, whatever happens to the process.
	Put(ctx context.Context, l DeadLetter) error

	// All yields the letters that there are when the loop begins, in the order in which
	// they were put. An error comes with a zero letter. It concerns one letter, or it is
	// the last pair.
	All(ctx context.Context) iter.Seq2[DeadLetter, error]

	// Remove removes the letters of the same places as the given letters. If it fails,
	// it has removed none. Letters that are not there are no error.
	Remove(ctx context.Context, letters ...DeadLetter) error
}
