package qlogs

// This file moves objects from the listing to the loop:
//
//	lister ──jobs──▶ workers (fetch, gunzip, decode) ──ready──▶ loop
//	   └────────────order (the same jobs, in key order)──────────┘
//
// The lister admits a job to the window, which bounds objects and bytes, and
// puts it on both channels; they are as wide as the window, so neither send
// blocks. Workers take jobs in order and may finish them in any; the loop takes
// them in order. A slot is held only while an object is requested, so decoding
// and waiting for bytes take none from the requests.

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/promptlogs/qlogs/internal/panics"
)

// Each request in flight has room for this many objects read ahead: a few slow
// objects should not stop the rest. The byte budget is the bound that matters.
const aheadPerRequest = 64

// jobBytes is charged for what an object costs beside its bytes.
const jobBytes = 2 << 10

type pipeline struct {
	scan   *Scan
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	panic  atomic.Pointer[panics.Panic] // the first one on a goroutine of the pipeline
	window *window
	order  chan *job
	jobs   chan *job
	slots  chan struct{}

	workers    int // started
	maxWorkers int
}

// newPipeline starts a pipeline of what list makes a lister send.
func newPipeline(ctx context.Context, s *Scan, list func(*lister, context.Context) error) *pipeline {
	ahead := s.opts.InFlight * aheadPerRequest
	p := &pipeline{
		scan:       s,
		window:     newWindow(int64(ahead), s.opts.BytesInFlight),
		order:      make(chan *job, ahead),
		jobs:       make(chan *job, ahead),
		slots:      make(chan struct{}, s.opts.InFlight),
		maxWorkers: s.opts.InFlight + runtime.GOMAXPROCS(0),
	}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.wg.Go(func() {
		<-p.ctx.Done()
		p.window.close()
	})
	p.run(func() { p.list(list) })
	return p
}

// run runs f on a goroutine of its own. A panic there is one of the caller's code, as a
// rule: it ends the scan, and comes to the caller when all else has ended.
func (p *pipeline) run(f func()) {
	p.wg.Go(func() {
		panics.Catch(f, func(e *panics.Panic) {
			p.panic.CompareAndSwap(nil, e)
			p.cancel()
		})
	})
}

// stop ends all that runs and waits for it.
func (p *pipeline) stop() {
	p.cancel()
	p.wg.Wait()
	p.panic.Load().Raise()
}

func (p *pipeline) list(list func(*lister, context.Context) error) {
	defer close(p.order)
	defer close(p.jobs)
	l := &lister{scan: p.scan, emit: p.admit, hungry: p.hungry}
	if err := list(l, p.ctx); err != nil && !errors.Is(err, errStop) {
		p.admit(&job{err: err})
	}
}

// admit puts a job on its way, and reports false when the scan has ended.
func (p *pipeline) admit(j *job) bool {
	fetch := j.err == nil && !j.large && j.mark == nil
	j.charged = jobBytes
	if fetch {
		j.charged += j.object.Size
	}
	seq, ok := p.window.admit(j.charged)
	if !ok {
		return false
	}
	j.seq = seq
	j.ready = make(chan struct{})
	if !fetch {
		close(j.ready)
	} else {
		if p.workers < p.maxWorkers {
			p.workers++
			p.run(p.work)
		}
		p.jobs <- j
	}
	p.order <- j
	return true
}

// hungry tells whether fewer objects are under way than may be requested at once.
func (p *pipeline) hungry() bool { return p.window.ahead() < int64(p.scan.opts.InFlight) }

func (p *pipeline) work() {
	f := newFetcher(p)
	defer f.close()
	for j := range p.jobs {
		if p.ctx.Err() == nil {
			f.fetch(j)
		}
		close(j.ready)
	}
}

// request waits for a request slot and reports whether there is one.
func (p *pipeline) request() bool {
	select {
	case p.slots <- struct{}{}:
		return true
	case <-p.ctx.Done():
		return false
	}
}

func (p *pipeline) requested() { <-p.slots }

// charge waits until j may hold n bytes more, and reports false when the scan has ended.
func (p *pipeline) charge(j *job, n int64) bool {
	if !p.window.charge(j.seq, n) {
		return false
	}
	j.charged += n
	return true
}
