package record

import (
	"io"
	"math"
)

const (
	windowMin = 64 << 10
	// windowKeep is how large a window may be that a reset keeps.
	windowKeep = 1 << 20
	// maxEmptyReads is how often a reader may return neither data nor an error.
	maxEmptyReads = 100
)

// window is the part of a file that is in memory, and a position in it.
type window struct {
	src    io.Reader
	err    error  // why there is no more: io.EOF or what the reader returned
	data   []byte // a part of own, or what resetBytes was given
	own    []byte
	pace   *pace
	pos    int
	mark   int   // data before this is no longer needed
	base   int64 // offset of data[0] in the file
	border border
}

func (w *window) reset(r io.Reader) {
	if cap(w.own) > windowKeep {
		w.own = nil
	}
	*w = window{src: r, own: w.own, data: w.own[:0], pace: w.pace, border: w.border}
	if r == nil {
		w.err = io.EOF
	}
}

func (w *window) resetBytes(data []byte) {
	w.reset(nil)
	w.data = data
}

func (w *window) offset() int64 { return w.base + int64(w.pos) }

// peek returns the next byte that is not space, or false at the end and when stopped.
func (w *window) peek() (byte, bool) {
	for {
		for ; w.pos < len(w.data); w.pos++ {
			if c := w.data[w.pos]; !isSpace(c) {
				return c, true
			}
			if w.pos%stride == 0 && !w.pace.pass(stride) {
				return 0, false
			}
		}
		w.mark = w.pos
		if !w.fill(windowMin) {
			return 0, false
		}
	}
}

// prefix returns the next n bytes, or fewer at the end, and leaves the position.
func (w *window) prefix(n int) []byte {
	w.mark = w.pos
	for len(w.data)-w.pos < n && w.fill(windowMin) {
	}
	return w.data[w.pos:min(w.pos+n, len(w.data))]
}

// value reads the value that starts here. It returns the value as it is, valid until the
// next read, or nil if the value is longer than limit. Only quotes and brackets have been
// checked. The error is final.
func (w *window) value(limit int64) ([]byte, error) {
	w.border.reset()
	w.mark = w.pos
	start := w.offset()
	for {
		n, st := w.border.scan(w.data[w.pos:min(w.pos+stride, len(w.data))])
		w.pos += n
		if !w.pace.pass(n) {
			return nil, w.ended()
		}
		held := w.offset()-start <= limit
		switch st {
		case borderFound:
			if !held {
				return nil, nil
			}
			return w.data[w.mark:w.pos], nil
		case borderBroken:
			return nil, &DocumentError{w.offset(), ErrSyntax}
		case borderTooDeep:
			return nil, &DocumentError{w.offset(), ErrTooDeep}
		}
		if !held {
			w.mark = w.pos
		}
		if w.pos == len(w.data) && !w.fill(limit) {
			return nil, w.ended()
		}
	}
}

// ended returns the error for data that ends too early.
func (w *window) ended() error {
	switch {
	case w.pace.err != nil:
		return errStopped
	case w.err != io.EOF:
		return w.err
	}
	return &DocumentError{w.offset(), io.ErrUnexpectedEOF}
}

// fill reads more, and may drop what is before mark. It returns false if there is no more.
// The window grows for values up to the given length.
func (w *window) fill(length int64) bool {
	if w.err != nil {
		return false
	}
	if len(w.data) == cap(w.own) {
		w.makeRoom(length)
	}
	for range maxEmptyReads {
		n, err := w.src.Read(w.own[len(w.data):cap(w.own)])
		w.data = w.own[:len(w.data)+n]
		w.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// makeRoom moves what is needed to the front of the window. If that is more than half of
// the window, makeRoom makes the window larger.
func (w *window) makeRoom(length int64) {
	needed := w.data[w.mark:]
	to := w.own[:0]
	if size := int64(cap(w.own)); int64(len(needed)) > size/2 || size == 0 {
		// One byte behind the longest value shows that the value ends.
		most := min(max(length, windowMin), math.MaxInt-1) + 1
		if more := min(max(2*size, windowMin), most); more > size {
			to = make([]byte, 0, more)
		}
	}
	w.data = append(to, needed...)
	w.own = w.data[:0:cap(w.data)]
	w.base += int64(w.mark)
	w.pos -= w.mark
	w.mark = 0
}
