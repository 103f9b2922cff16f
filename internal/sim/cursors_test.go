package sim_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/resume"
	"github.com/promptlogs/qlogs/qlogs"
)

var errStore = errors.New("no connection to the store of cursors")

// A shelf is a store of cursors that fails.
type shelf struct {
	w    *world
	text []byte
}

func (s *shelf) Load(context.Context) (c qlogs.Cursor, err error) {
	if s.text != nil {
		err = c.UnmarshalText(s.text)
	}
	return c, err
}

func (s *shelf) Save(ctx context.Context, c qlogs.Cursor) error {
	text, err := c.MarshalText()
	if err != nil {
		return err
	}
	switch {
	case s.w.chance(60, "save failed", ""):
		return errStore
	case s.w.chance(60, "save slow", ""):
		time.Sleep(20 * time.Second)
	case s.w.chance(200, "save stalled", ""):
		<-ctx.Done()
		return context.Cause(ctx)
	}
	s.text = text
	if s.w.chance(60, "answer of save lost", "") {
		return errStore
	}
	return nil
}

// cursors is the store of a process that may be dead: then nothing is saved any more. It
// tells the ledger what is saved.
type cursors struct {
	qlogs.CursorStore
	c       *consumer
	byCount bool // saves come between two pairs
	dead    atomic.Bool
}

func (s *cursors) Save(ctx context.Context, cursor qlogs.Cursor) error {
	if s.dead.Load() {
		return errStore
	}
	s.c.measure(cursor)
	begun := time.Time{}
	if !s.byCount {
		begun = time.Now()
	}
	if err := s.CursorStore.Save(ctx, cursor); err != nil {
		return err
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.saved(begun)
	return nil
}

// measure checks that a cursor takes no more bytes than the documentation of qlogs.Cursor
// says. It looks at one in eight.
func (c *consumer) measure(cursor qlogs.Cursor) {
	c.mu.Lock()
	c.measured++
	times := c.measured
	c.mu.Unlock()
	if times%8 != 1 {
		return
	}
	text, err := cursor.MarshalText()
	if err != nil {
		c.t.Error(err)
		return
	}
	state, err := resume.Parse(text)
	if err != nil {
		c.t.Error(err)
		return
	}
	n := state.Size()
	most := 300 + 110*n.Partitions + 6*n.Hours + 27*n.Finished + 300*(n.Open+n.Pending)
	if len(text) > most {
		c.t.Errorf("the cursor of %+v has %d bytes, want %d at most", n, len(text), most)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.largest = max(c.largest, len(text))
}

// stored returns the cursor as another process finds it.
func stored(t *testing.T, c qlogs.Cursor) (again qlogs.Cursor) {
	text, err := c.MarshalText()
	if err == nil {
		err = again.UnmarshalText(text)
	}
	if err != nil {
		t.Error(err)
	}
	return again
}
