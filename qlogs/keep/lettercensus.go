package keep

import (
	"context"
	"os"
)

// A letterCensus knows which letters a file has, so that Put knows when to remove lines
// that later ones have replaced.
type letterCensus struct {
	places   map[letterPlace]struct{} // nil before the first Put, and after Remove
	replaced int
	size     int64 // of the file that was counted
}

// take counts the file, unless it is the one that was counted.
func (c *letterCensus) take(f *deadLetterFile, ctx context.Context, file *os.File) error {
	info, err := file.Stat()
	if err != nil || c.places != nil && c.size == info.Size() {
		return err
	}
	lines, err := f.read(ctx)
	if err != nil {
		return err
	}
	*c = letterCensus{places: map[letterPlace]struct{}{}, size: info.Size()}
	for _, line := range lines {
		switch {
		case line.replaced:
			c.replaced++
		case line.err == nil:
			c.places[line.letter.place()] = struct{}{}
		}
	}
	return nil
}

// add counts a letter, after which the file has that size. It reports whether as many
// lines are replaced as are not: to write the file anew then costs no more than all the
// lines before.
func (c *letterCensus) add(p letterPlace, size int64) bool {
	c.size = size
	if _, known := c.places[p]; known {
		c.replaced++
	}
	c.places[p] = struct{}{}
	return c.replaced >= len(c.places)
}
