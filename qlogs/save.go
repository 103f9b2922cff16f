package qlogs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/promptlogs/qlogs/internal/panics"
)

// SaveOptions says when a scan saves its cursor; see [Scan.SaveTo]. The zero value of each
// field stands for the default named here.
type SaveOptions struct {
	// Records is how many pairs, errors included, the loop finishes from one save to
	// the next; 1,000. After a crash at most that many come again. A negative number
	// means that their number causes no save. Each save writes the whole cursor: for one of
	// many partitions, which has some 110 bytes for each, give a larger number.
	Records int

	// Interval is the time from one save to the next, if the loop has finished anything
	// meanwhile; 10 seconds. A negative Interval means that the clock causes no save.
	Interval time.Duration
}

// saveTimeout bounds each save, so that a store that hangs cannot hold a process
// that was told to end.
const saveTimeout = 30 * time.Second

// SaveTo makes the scan save its cursor to store while [Scan.Records] or [Scan.Follow] is
// ranged over. The scan saves after [SaveOptions].Records pairs or Interval, whichever comes
// first, also while the loop waits for its next pair. It saves once more when the loop ends:
// by itself, by break, return or a panic, or because ctx is done. If opts is nil, the defaults
// are used. Call SaveTo once, before the loop:
//
//	scan := client.Scan(query)
//	scan.SaveTo(store, nil)
//	for e, err := range scan.Records(ctx) {
//
// The scan saves [Scan.Cursor], which never covers a pair before the loop has asked for the
// next one. So delivery is at least once if the loop has written an entry when it asks for
// the next. If your loop writes through a buffer, or needs the entries on disk, give a store
// whose Save first flushes and syncs and then calls Save of the real store: the loop has
// finished all that a cursor covers before Save is called. Nothing is saved if nothing was
// finished since the last save. What drops or changes entries, such as keep.Dedup, goes around
// the scan's sequence.
//
// Each Save runs on a goroutine of its own, one at a time. The loop waits for a save that is
// due at a pair. A Save has 30 seconds, and a context that has ctx's values but does not end
// with ctx. A Save that has not returned after 30 seconds has failed and is left running. Until
// it returns, every further save fails at once. A panic of Save reaches the loop's goroutine
// with the next save or at the loop's end. If a Save still runs when the loop ends, its panic
// is lost.
//
// A failed save ends the loop with an error that wraps the store's error. A save that failed
// because of Interval is tried once more first, at the next pair at the latest. If the loop was
// left by break, return or a panic, it cannot get the error of the last save. Nothing is lost
// by that, but what was finished since the save before comes again. If your program has to
// know, save once more after the loop:
//
//	err := store.Save(ctx, scan.Cursor())
//
// It is an error to call SaveTo twice, with a nil store, after the loop has begun, on a scan of
// [Client.ScanOf], which has no cursor, or if the source has no ID. The error is the next
// pair of Records or Follow, and the last.
func (s *Scan) SaveTo(store CursorStore, opts *SaveOptions) {
	var err error
	switch {
	case store == nil:
		err = errors.New("qlogs: Scan.SaveTo: the store is nil: give one, such as keep.CursorFile")
	case s.given != nil:
		err = errors.New("qlogs: Scan.SaveTo: a scan of given objects has no cursor to save")
	case s.nameless():
		err = errors.New("qlogs: Scan.SaveTo: the source has no ID, so its cursors cannot be stored: give it one, such as the id of source.FS")
	case s.saves != nil:
		err = errors.New("qlogs: Scan.SaveTo was called twice: a scan has one store")
	case s.used.Load():
		err = errors.New("qlogs: Scan.SaveTo was called after the loop had begun: call it before")
	}
	if err != nil {
		s.misuse.CompareAndSwap(nil, &err)
		return
	}
	s.saves = &saves{store: store}
	if opts != nil {
		s.saves.opts = *opts
	}
}

// saves is where and when a scan saves.
type saves struct {
	store CursorStore
	opts  SaveOptions
}

// around passes the pairs of seq on and saves along the way.
func (c *saves) around(ctx context.Context, s *Scan, seq iter.Seq2[Entry, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		k := &keeper{
			scan:     s,
			saver:    saver{ctx: context.WithoutCancel(ctx), store: c.store},
			records:  int64(cmp.Or(c.opts.Records, 1000)),
			interval: cmp.Or(c.opts.Interval, 10*time.Second),
			saving:   make(chan struct{}, 1),
			saved:    s.Cursor(),
		}
		k.run(seq, yield)
	}
}

// A keeper saves the cursor of one loop.
type keeper struct {
	scan     *Scan
	saver    saver
	records  int64
	interval time.Duration

	finished atomic.Int64 // pairs that no save covers; rather more than less
	failed   atomic.Bool  // the last save
	panic    atomic.Pointer[panics.Panic]

	// saving holds one token, for whoever saves. A mutex that is held that long
	// would stop the clock of a program's own tests with testing/synctest.
	saving chan struct{}
	saved  Cursor
	timer  *time.Timer // nil if never
}

func (k *keeper) run(seq iter.Seq2[Entry, error], yield func(Entry, error) bool) {
	stop := k.watch()
	told := false
	defer func() {
		stop()
		if !told {
			k.save()
		}
		k.saver.late().Raise()
		k.panic.Load().Raise()
	}()
	first := true
	for e, err := range seq {
		if !first {
			k.finished.Add(1)
		}
		first = false
		if k.due() {
			if err := k.save(); err != nil {
				told = true
				if k.panic.Load() == nil {
					yield(Entry{}, err)
				}
				return
			}
		}
		if !yield(e, err) {
			return
		}
	}
	stop()
	told = true
	if err := k.save(); err != nil && k.panic.Load() == nil {
		yield(Entry{}, err)
	}
}

func (k *keeper) due() bool {
	return k.failed.Load() || k.records > 0 && k.finished.Load() >= k.records
}

// watch saves by the clock until stop is called, which waits for that to end.
func (k *keeper) watch() (stop func()) {
	if k.interval < 0 {
		return func() {}
	}
	k.timer = time.NewTimer(k.interval)
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-k.timer.C:
				k.save() // if it fails, the next pair tells
			case <-quit:
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		close(quit)
		wg.Wait()
		k.timer.Stop()
		k.timer = nil
	})
}

// save saves the cursor, if it is not the one that was saved last. After a panic of the
// store it fails: the panic is raised at the loop's end.
func (k *keeper) save() error {
	k.saving <- struct{}{}
	defer func() { <-k.saving }()
	if p := k.panic.Load(); p != nil {
		return p
	}
	if k.timer != nil {
		defer k.timer.Reset(k.interval)
	}
	finished := k.finished.Load() // before the cursor, which then covers them all
	cursor := k.scan.Cursor()
	if cursor != k.saved { // if nothing was finished, it is the same one
		err := k.saver.save(cursor)
		if p, ok := err.(*panics.Panic); ok {
			k.panic.Store(p)
		}
		if err != nil {
			k.failed.Store(true)
			return fmt.Errorf("qlogs: the cursor was not saved: %w", err)
		}
		k.saved = cursor
	}
	k.failed.Store(false)
	k.finished.Add(-finished)
	return nil
}

// A saver calls a store's Save, which may not look at its context, for no longer than
// saveTimeout.
type saver struct {
	ctx   context.Context
	store CursorStore
	left  chan error // of a Save that was left behind; nil if there is none
}

var (
	errSaveLong = fmt.Errorf("the store's Save has not returned within %v: %w", saveTimeout, context.DeadlineExceeded)
	errSaveLeft = errors.New("the store's last Save has still not returned: the cursor cannot be saved before it does")
)

// save returns the error of Save, or a *panics.Panic. No two calls of Save overlap.
func (s *saver) save(c Cursor) error {
	if s.left != nil {
		select {
		case err := <-s.left:
			s.left = nil
			if p, ok := err.(*panics.Panic); ok {
				return p
			}
		default:
			return errSaveLeft
		}
	}
	ctx, cancel := context.WithTimeout(s.ctx, saveTimeout)
	done := make(chan error, 1)
	go func() {
		defer cancel()
		panics.Catch(func() { done <- s.store.Save(ctx, c) }, func(p *panics.Panic) { done <- p })
	}()
	<-ctx.Done() // because Save has ended, or has not
	select {
	case err := <-done:
		return err
	default:
		s.left = done
		return errSaveLong
	}
}

// late returns the panic of a Save that was left behind and has ended meanwhile.
func (s *saver) late() *panics.Panic {
	select {
	case err := <-s.left:
		p, _ := err.(*panics.Panic)
		return p
	default: // also where there is none
		return nil
	}
}
