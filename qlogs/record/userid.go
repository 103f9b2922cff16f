package record

import (
	"fmt"
	"log/slog"
	"strings"
)

// UserID is the userId of a log: the id of an IAM Identity Center directory, a
// dot, and the id of a user in it, as in
// "d-1234567890.0f0e0d0c-1111-4222-8333-444455556666". The directory id is what
// AWS calls the identity store id. In old directories the user id itself starts
// with ten hexadecimal digits and a hyphen, which belong to it.
//
// The string is what is in the log. Packages fmt and log/slog show it as [ShownID]
// does. Conversion to a string, and encoding/json, give it as it is.
type UserID string

// Format writes id like any string, or its digest if it cannot be an id.
func (id UserID) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), ShownID(string(id)))
}

// LogValue returns id, or its digest if it cannot be an id.
func (id UserID) LogValue() slog.Value { return slog.StringValue(ShownID(string(id))) }

// Directory returns the directory id, the part before the first dot. It is "" if
// there is no dot, or nothing before or after it.
func (id UserID) Directory() string {
	directory, _ := id.split()
	return directory
}

// User returns the id of the user within the directory, the part after the
// first dot. It is the whole id if there is no dot, or nothing before or after it.
func (id UserID) User() string {
	_, user := id.split()
	return user
}

func (id UserID) split() (directory, user string) {
	directory, user, _ = strings.Cut(string(id), ".")
	if directory == "" || user == "" {
		return "", string(id)
	}
	return directory, user
}
