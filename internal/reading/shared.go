package reading

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/promptlogs/qlogs/internal/panics"
	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// shared is what the listing, the workers and the loop have in common.
type shared struct {
	config *Config
	window *window
	slots  chan struct{} // one for each request in flight

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	panic  atomic.Pointer[panics.Panic] // the first one on one of the goroutines
}

// run runs f on a goroutine of its own. A panic there most often comes from the caller's
// code. It ends everything, and stop raises it again.
func (s *shared) run(f func()) {
	s.wg.Go(func() {
		panics.Catch(f, func(e *panics.Panic) {
			s.panic.CompareAndSwap(nil, e)
			s.cancel()
		})
	})
}

// stop ends all that runs and waits for it.
func (s *shared) stop() {
	s.cancel()
	s.wg.Wait()
	s.panic.Load().Raise()
}

// request waits for a request slot and reports whether there is one.
func (s *shared) request() bool {
	select {
	case s.slots <- struct{}{}:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// requested gives a request slot back.
func (s *shared) requested() { <-s.slots }

// timer returns a timer for the waits of one body.
func (s *shared) timer() *stall.Timer {
	return stall.New(s.ctx, s.config.StallTimeout, &s.config.Counts.Calls)
}

// open opens o from its first byte. On success the body has to be closed, and after that
// the caller releases the timer.
func (s *shared) open(watch *stall.Timer, o source.Object) (*body, error) {
	b := &body{ctx: watch, watch: watch, src: s.config.Source, object: o, maxResumes: s.config.MaxResumes, resumes: &s.config.Counts.Resumes}
	if err := b.open(); err != nil {
		return nil, err
	}
	return b, nil
}
