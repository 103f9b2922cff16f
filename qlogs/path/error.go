package path

import (
	"errors"
	"fmt"
)

// ErrSyntax is wrapped by every error of [Parse]: the key is not that of a log.
var ErrSyntax = errors.New("path: invalid key")

// An Error says why a key is not that of a log.
type Error struct {
	// Key is the whole key as it was given.
	Key string

	// Element is the first element at fault: "AWSLogs", "account", "product",
	// "log type", "region", "year", "month", "day", "hour" or "name". If the key
	// has several AWSLogs elements, the one counts that is followed by the most
	// valid elements, and the last one of these.
	Element string

	// Value is what the key has in the element's place. It is empty if the
	// element is missing or empty.
	Value string

	// Err is the class of the error: [ErrSyntax].
	Err error
}

// Error names the key, the element at fault and what was expected of it.
func (e *Error) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("path: key %q: missing %s, want %s", e.Key, e.Element, want(e.Element))
	}
	return fmt.Sprintf("path: key %q: bad %s %q, want %s", e.Key, e.Element, e.Value, want(e.Element))
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

func want(element string) string {
	switch element {
	case anchor:
		return "an AWSLogs element above the log"
	case "account":
		return "12 digits"
	case "product":
		return "QDeveloperLogs or KiroLogs"
	case "region":
		return "lower-case letters, digits and hyphens"
	case "year":
		return "4 digits"
	case "month":
		return "01 to 12"
	case "day":
		return "a day of the month, 2 digits"
	case "hour":
		return "00 to 23"
	case "name":
		return "one element, or zipFile.gz/logFile.json"
	default:
		return "a non-empty element"
	}
}
