package record_test

import (
	"testing"

	"github.com/promptlogs/qlogs/qlogs/record"
)

func TestUserID(t *testing.T) {
	for _, c := range []struct{ id, directory, user string }{
		{user, "d-1234567890", "0f0e0d0c-1111-4222-8333-444455556666"},
		{"d-1234567890.9a67280aa8-0f0e0d0c-1111-4222-8333-444455556666", "d-1234567890", "9a67280aa8-0f0e0d0c-1111-4222-8333-444455556666"},
		{"d-1.a.b", "d-1", "a.b"},
		{"0f0e0d0c", "", "0f0e0d0c"},
		{"d-1234567890.", "", "d-1234567890."},
		{".0f0e0d0c", "", ".0f0e0d0c"},
		{".", "", "."},
		{"", "", ""},
	} {
		id := record.UserID(c.id)
		if id.Directory() != c.directory || id.User() != c.user {
			t.Errorf("UserID(%q) = %q, %q, want %q, %q", c.id, id.Directory(), id.User(), c.directory, c.user)
		}
	}
}
