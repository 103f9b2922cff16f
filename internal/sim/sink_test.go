package sim_test

import (
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
)

// A sink stores entries in batches, each together with the cursor of its last entry. One of
// kind tickers does so by the clock too.
type sink struct {
	c       *consumer
	process *cursors
	most    int
	quit    chan struct{}
	wg      sync.WaitGroup

	units []unit
	last  qlogs.Entry
}

func newSink(c *consumer, process *cursors) *sink {
	s := &sink{c: c, process: process, most: 1 + c.rng.IntN(20), quit: make(chan struct{})}
	if c.w.kind == tickers {
		s.most = 1000
		every := time.Duration(1 + c.rng.Int64N(int64(2*time.Minute)))
		s.wg.Go(func() {
			for {
				select {
				case <-time.After(every):
					s.tick()
				case <-s.quit:
					return
				}
			}
		})
	}
	return s
}

func (s *sink) add(u unit, e qlogs.Entry) {
	s.c.mu.Lock()
	s.units, s.last = append(s.units, u), e
	full := len(s.units) >= s.most
	s.c.mu.Unlock()
	if full {
		s.tick()
	}
}

// tick stores the batch.
func (s *sink) tick() {
	s.c.mu.Lock()
	some, cursor := len(s.units) > 0, s.last.Cursor()
	s.c.mu.Unlock()
	if some {
		s.flush(cursor)
	}
}

// flush stores the batch with a cursor, in one go.
func (s *sink) flush(cursor qlogs.Cursor) {
	if s.process.dead.Load() {
		return
	}
	s.c.measure(cursor)
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	for _, u := range s.units {
		s.c.take(u)
	}
	s.units = nil
	s.c.place = stored(s.c.t, cursor)
}

func (s *sink) close() {
	close(s.quit)
	s.wg.Wait()
}
