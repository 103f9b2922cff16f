package sourcetest

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"testing"
)

// bodies counts what is open and notes what is used in a wrong way.
type bodies struct {
	mu       sync.Mutex
	open     int // or being opened
	most     int // of them at the same time
	listings int
	misuse   []string
}

// Bodies returns how many bodies are open or being opened, and how many were at the same
// time at most.
func (b *bodies) Bodies() (open, most int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open, b.most
}

// CheckClosed fails the test if a body is open, a listing has not ended, or a body was
// read after it had been closed, or closed twice. Call it when the program that is tested
// has ended.
func (b *bodies) CheckClosed(t testing.TB) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open != 0 {
		t.Errorf("%d bodies are open: close what Open returns", b.open)
	}
	if b.listings != 0 {
		t.Errorf("%d listings have not ended", b.listings)
	}
	for _, m := range b.misuse {
		t.Error(m)
	}
}

// listing counts a listing. It returns a func for its end.
func (b *bodies) listing() (end func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listings++
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.listings--
	}
}

// opening counts a body that is being opened. It returns a func to be deferred, which
// counts it no longer if there is none.
func (b *bodies) opening() (done func(rc *io.ReadCloser)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open++
	b.most = max(b.most, b.open)
	return func(rc *io.ReadCloser) {
		if *rc == nil {
			b.closed()
		}
	}
}

func (b *bodies) closed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open--
}

func (b *bodies) misused(what, key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.misuse = append(b.misuse, fmt.Sprintf("%s of %q", what, key))
}

// A body is what Open returns. It is read by one goroutine, and closed by any.
type body struct {
	io.Reader
	in    io.Closer // nil for none
	ctx   context.Context
	key   string
	count *bodies

	mu     sync.Mutex
	closed bool
}

func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	closed := b.closed
	b.mu.Unlock()
	if closed {
		b.count.misused("Read after Close", b.key)
		return 0, fs.ErrClosed
	}
	if b.ctx.Err() != nil {
		return 0, context.Cause(b.ctx)
	}
	return b.Reader.Read(p)
}

func (b *body) Close() error {
	b.mu.Lock()
	again := b.closed
	b.closed = true
	b.mu.Unlock()
	if again {
		b.count.misused("second Close", b.key)
		return fs.ErrClosed
	}
	b.count.closed()
	if b.in == nil {
		return nil
	}
	return b.in.Close()
}
