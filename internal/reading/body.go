package reading

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/promptlogs/qlogs/internal/stall"
	"github.com/promptlogs/qlogs/qlogs/source"
)

const (
	// A break that brought this many bytes since the last one does not count: the store
	// is getting on.
	resumeProgress = 1 << 20

	// The pause before a resume that follows two breaks without a byte is at most this,
	// and then twice as long each time.
	resumePause    = 100 * time.Millisecond
	maxResumePause = 5 * time.Second
)

// A body is an object's body, read under a stall timer. Where it breaks off, it opens the
// same object again at that byte and goes on. It ends where the object was listed to end:
// with io.EOF, or with source.ErrChanged if the store ends it earlier or has more.
type body struct {
	ctx    context.Context
	watch  *stall.Timer
	src    source.Source
	object source.Object
	rc     io.ReadCloser // nil while it is broken off
	read   int64
	err    error // of every further Read
	late   bool  // stop came too late: the timer may have fired and must not be used again

	maxResumes int
	resumes    *atomic.Int64 // of all bodies
	resumed    bool
	breaks     int   // those that count
	broken     int64 // where the last break was
	fruitless  int   // breaks in a row that brought no byte
}

// open opens the object at the next byte to read.
func (b *body) open() error {
	b.watch.Start()
	rc, err := b.src.Open(b.ctx, b.object, b.read)
	b.stop()
	b.watch.Answered()
	if err != nil {
		// Not stall.Cause: an io.EOF is a failure here.
		if b.ctx.Err() != nil {
			return context.Cause(b.ctx)
		}
		return err
	}
	b.rc = rc
	return nil
}

func (b *body) stop() { b.late = !b.watch.Stop() || b.late }

func (b *body) Read(p []byte) (int, error) {
	for b.err == nil {
		if b.ctx.Err() != nil { // a file does not look at it
			return 0, context.Cause(b.ctx)
		}
		if b.rc == nil {
			b.resume()
			continue
		}
		n, err := b.next(p)
		if err != nil {
			b.broke(err)
		}
		if err == nil || n > 0 {
			return n, nil
		}
	}
	return 0, b.err
}

// next reads on, but not beyond the object's listed end.
func (b *body) next(p []byte) (int, error) {
	b.watch.Start()
	n, err := b.rc.Read(p)
	b.stop()
	b.read += int64(n)
	if over := b.read - b.object.Size; over > 0 {
		b.read = b.object.Size
		return n - int(over), fmt.Errorf("%w: more than the %d bytes listed", source.ErrChanged, b.object.Size)
	}
	return n, stall.Cause(b.ctx, err)
}

// ended reports whether all of the object was read, and nothing follows.
func (b *body) ended() bool { return b.err == io.EOF }

// broke decides about the error that ended rc: it is the end of the object, its failure,
// or a break after which the next Read goes on.
func (b *body) broke(err error) {
	switch atEnd := b.read == b.object.Size; {
	case err == io.EOF && atEnd, errors.Is(err, source.ErrChanged):
		b.err = err
	case b.ctx.Err() != nil:
		b.err = context.Cause(b.ctx)
	case !atEnd && b.resumable(err):
		_ = b.rc.Close() // it is broken
		b.rc = nil
	case atEnd:
		b.err = fmt.Errorf("the body failed behind its last byte: %w", err)
	case err == io.EOF:
		b.err = fmt.Errorf("%w: %d bytes listed, %d bytes sent", source.ErrChanged, b.object.Size, b.read)
	default:
		b.err = fmt.Errorf("the body broke off at byte %d of %d: %w", b.read, b.object.Size, err)
	}
}

// resumable counts a break and reports whether the body goes on after it.
func (b *body) resumable(err error) bool {
	brought := b.read - b.broken
	b.broken = b.read
	if brought > 0 {
		b.fruitless = 0
	} else {
		b.fruitless++
	}
	if brought < resumeProgress {
		b.breaks++
	}
	pinned := (b.object.ETag != "" || b.object.VersionID != "") && !errors.Is(err, source.ErrAnonymous)
	// A store that was asked for what follows, and has nothing, says where the object
	// ends.
	atEnd := err == io.EOF && brought == 0 && b.resumed
	return pinned && !atEnd && b.maxResumes > 0 && b.breaks <= b.maxResumes
}

// resume opens the object again where it broke off.
func (b *body) resume() {
	b.resumed = true
	b.resumes.Add(1)
	err := b.pause()
	if err == nil {
		err = b.open()
	}
	switch {
	case err == nil:
	case b.ctx.Err() != nil:
		b.err = context.Cause(b.ctx)
	default:
		b.err = fmt.Errorf("the body broke off at byte %d of %d and could not be continued: %w", b.read, b.object.Size, err)
	}
}

// pause waits if the store has brought nothing twice in a row. The stall timer does not
// run.
func (b *body) pause() error {
	if b.fruitless < 2 {
		return nil
	}
	most := min(resumePause<<min(b.fruitless-2, 10), maxResumePause)
	return stall.Sleep(b.ctx, most/2+rand.N(most/2))
}

// stopped returns why no more of the body is wanted, or nil.
func (b *body) stopped() error {
	if b.ctx.Err() == nil {
		return nil
	}
	return context.Cause(b.ctx)
}

// interrupt makes a Read that is under way return.
func (b *body) interrupt() { b.watch.Interrupt() }

func (b *body) Close() error {
	if b.rc == nil {
		return nil
	}
	return b.rc.Close()
}
