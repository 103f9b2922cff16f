// Package panics takes a panic from one goroutine to another, so that a panic in a
// caller's code ends the caller's goroutine and not, on one of ours, the whole process.
package panics

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// A Panic is what ended a function on another goroutine. It is an error so that it
// can be handed on like one, to whoever calls Raise.
type Panic struct {
	value any    // nil for runtime.Goexit
	stack []byte // of the goroutine that panicked
}

// Catch calls f and returns nil, or what ended f other than a return. If that was
// runtime.Goexit, as in (*testing.T).FailNow, the goroutine goes on to end: caught is
// called in any case.
func Catch(f func(), caught func(*Panic)) {
	returned := false
	defer func() {
		if returned {
			return
		}
		value := recover()
		p, again := value.(*Panic)
		if !again {
			p = &Panic{value: value, stack: debug.Stack()}
		}
		caught(p)
	}()
	f()
	returned = true
}

// Raise panics with p, or ends the goroutine as runtime.Goexit does if that is what p
// came from. It does nothing if p is nil.
func (p *Panic) Raise() {
	switch {
	case p == nil:
	case p.value == nil:
		runtime.Goexit()
	default:
		panic(p)
	}
}

// Error has the value of the panic and the stack of the goroutine that it happened on.
func (p *Panic) Error() string {
	return fmt.Sprintf("%v\n\n%s", p.value, p.stack)
}

// Unwrap returns the value of the panic if that is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
