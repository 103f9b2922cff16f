package event

import (
	"errors"
	"fmt"
)

// The reasons of an [Error], for errors.Is.
var (
	// ErrUnknown means that something is not an event of S3 in a form that this
	// package knows. Most often the queue or topic receives other messages too.
	ErrUnknown = errors.New("not an event of S3 in a known form")

	// ErrKey means that the key in a notification of AWS's S3 is not URL encoded
	// UTF-8. So it is not known which object is meant.
	ErrKey = errors.New("key is not URL encoded UTF-8: only a scan can find the object")
)

// An Error says that an event, or one part of it, could not be decoded. Its text
// shows the place and the reason, and nothing of what the event holds.
type Error struct {
	// Path is the place in the event, such as ".Records[1].body.Records[0]". What
	// follows a body or a Message is a place in the JSON text that it holds. Path is
	// empty if the event as a whole is bad.
	Path string

	// MessageID is the ID of the SQS message that holds the bad part. It is empty
	// if there is no such message, or if the event as a whole is bad.
	MessageID string

	// Err is the reason. It is never nil, and wraps [ErrUnknown] or [ErrKey].
	Err error
}

func (e *Error) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("event: %v", e.Err)
	}
	return fmt.Sprintf("event: %s: %v", e.Path, e.Err)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Errors are the bad parts of one event, in their order: at least one, and at most
// 1,000. errors.As finds them in what [Decode] returns:
//
//	var bad event.Errors
//	errors.As(err, &bad)
//	for _, b := range bad {
//		failed(b.MessageID)
//	}
//
// What is bad now will be bad when it is delivered again: such a message belongs in a
// dead-letter queue.
type Errors []*Error

// Error returns the text of the first error, and how many more there are.
func (e Errors) Error() string {
	switch len(e) {
	case 0:
		return "event: no errors"
	case 1:
		return e[0].Error()
	}
	return fmt.Sprintf("%v (and %d more)", e[0], len(e)-1)
}

// Unwrap returns the errors one by one, for errors.Is and errors.As.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, err := range e {
		errs[i] = err
	}
	return errs
}

func unknown(why string) error { return fmt.Errorf("%w: %s", ErrUnknown, why) }
