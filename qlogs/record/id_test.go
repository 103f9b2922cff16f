package record_test

import (
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/record"
)

func TestShownID(t *testing.T) {
	shown := map[string]string{}
	for _, id := range []string{
		"", "u", "d-1234567890.0f0e0d0c-1111-4222-8333-444455556666", "dcbb3d32-0000-4000-8000-000000000001",
		"arn:aws:codewhisperer:us-east-1:111122223333:customization/AbC_1", strings.Repeat("a", 128),
	} {
		if got := record.ShownID(id); got != id {
			t.Errorf("ShownID(%q) = %q, want it as it is", id, got)
		}
	}
	for _, text := range []string{
		"my password is x", "a\nb", "a\x1b[31m", "a\"b", "é", "\xff", "a=b", "a@b.example", strings.Repeat("a", 129), strings.Repeat("b", 1<<20), "a b", "a  b",
	} {
		got := record.ShownID(text)
		if record.ShownID(got) != got || strings.Contains(got, text) {
			t.Errorf("ShownID(%.20q) = %q, which is not an id, or shows the text", text, got)
		}
		if other, ok := shown[got]; ok {
			t.Errorf("ShownID(%.20q) and ShownID(%.20q) are the same", text, other)
		}
		shown[got] = text
	}
}
