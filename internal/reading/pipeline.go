package reading

import (
	"context"
	"iter"
	"runtime"
	"time"
)

// Each request in flight has room for this many objects read ahead: a few slow
// objects should not stop the rest. The byte budget is the bound that matters.
const aheadPerRequest = 64

// A Pipeline reads what a listing feeds it. Its methods are called by one goroutine, the
// loop's.
type Pipeline struct {
	*shared
	order <-chan *Task
	turn  *Task // whose turn it is, if any

	waited time.Duration
}

// Start starts a pipeline for the tasks that list puts into the feed. list runs on a
// goroutine of its own, with a context that is done when the pipeline ends; the order ends
// when it returns. The pipeline has to be stopped.
func Start(ctx context.Context, c Config, list func(ctx context.Context, to *Feed)) *Pipeline {
	if c.Counts == nil {
		c.Counts = new(Counts)
	}
	ahead := c.InFlight * aheadPerRequest
	s := &shared{
		config: &c,
		window: newWindow(int64(ahead), c.BytesInFlight),
		slots:  make(chan struct{}, c.InFlight),
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.wg.Go(func() {
		<-s.ctx.Done()
		s.window.close()
	})
	to := &Feed{
		shared:     s,
		order:      make(chan *Task, ahead),
		tasks:      make(chan *Task, ahead),
		maxWorkers: c.InFlight + runtime.GOMAXPROCS(0),
	}
	s.run(func() {
		defer to.close()
		list(s.ctx, to)
	})
	return &Pipeline{shared: s, order: to.order}
}

// Next ends the turn of the task before, waits for the next one and returns it. It returns
// nil at the end of the order, and when the context is done.
func (p *Pipeline) Next() *Task {
	if p.turn != nil {
		p.window.advance(&p.turn.ticket)
		p.turn = nil
	}
	t := p.next()
	if t == nil {
		return nil
	}
	if p.ctx.Err() != nil {
		return nil
	}
	p.turn = t
	return t
}

// next waits until a task is there and ready, or the context is done. It looks at the clock
// only if it has to wait.
func (p *Pipeline) next() *Task {
	var t *Task
	select {
	case t = <-p.order:
		if t == nil {
			return nil
		}
		select {
		case <-t.ready:
			return t
		default:
		}
	default:
	}
	began := time.Now()
	defer func() { p.waited += time.Since(began) }()
	if t == nil {
		select {
		case t = <-p.order:
		case <-p.ctx.Done():
		}
	}
	if t != nil {
		select {
		case <-t.ready:
		case <-p.ctx.Done():
		}
	}
	return t
}

// Waited returns how long Next has waited for tasks so far.
func (p *Pipeline) Waited() time.Duration { return p.waited }

// Records yields the records of t that Keep has kept, in order, once. t is what Next
// returned last. When the loop comes to the end of them, t's results are complete: its
// failure is what ended the object early, if anything did.
func (p *Pipeline) Records(t *Task) iter.Seq[Record] {
	return func(yield func(Record) bool) { p.deliver(t, yield) }
}

// Cause returns why the pipeline's context is done, or nil while it is not. If the pipeline
// has panicked, the panic is the reason, whatever Cause returns.
func (p *Pipeline) Cause() error { return context.Cause(p.ctx) }

// Panicked reports whether a goroutine of the pipeline has panicked, which has ended
// everything else. Stop raises the panic.
func (p *Pipeline) Panicked() bool { return p.panic.Load() != nil }

// Stop ends everything, wherever the loop stands, and waits until nothing runs any more. A
// panic on one of the goroutines is raised then.
func (p *Pipeline) Stop() { p.stop() }
