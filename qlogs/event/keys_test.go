package event_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/promptlogs/qlogs/internal/testutil"
)

// keyText are parts of keys that encodings treat differently from each other.
var keyText = []string{
	" ", "  ", "+", "%", "%20", "%2B", "%zz", "%25", "&", "=", "?", "#", ";", ":", ",", "@", "$", "!", "*", "'", `"`, "`", `\`, `\u00fc`, "(", ")", "<", ">", "[", "]", "{", "}", "|", "^", "~",
	"\t", "\n", "\r", "\x00", "\x1f", "\x7f", "\u0085", "\u2028", "ü", "é", "日本", "🪣", "\ufffd", "-", "_", ".", "..", "a", "Z", "0", "team", "AWSLogs", "null", "&amp;", "+0000",
}

// randomKey returns a log's key with anything in its prefix and name.
func randomKey(r *rand.Rand) string {
	text := func(slash bool) string {
		var b strings.Builder
		for range r.IntN(12) {
			switch n := r.IntN(len(keyText) + 2); {
			case n < len(keyText):
				b.WriteString(keyText[n])
			case n == len(keyText) && slash:
				b.WriteByte('/')
			default:
				if c := rune(r.IntN(utf8.MaxRune + 1)); utf8.ValidRune(c) && c != '/' {
					b.WriteRune(c)
				}
			}
		}
		return b.String()
	}
	prefix := text(true)
	if prefix != "" {
		prefix += "/"
	}
	return prefix + logFolder + "n" + text(false) + "x.json.gz" // not with a dot, as companions of logs do
}

// The ways in which a URL encoded key may be written. S3's own leaves the slashes.
var keyEncodings = []func(string) string{
	func(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") },
	url.QueryEscape,
	func(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "+", "%20") },
	func(key string) string {
		var b strings.Builder
		for i := range len(key) {
			fmt.Fprintf(&b, "%%%02x", key[i])
		}
		return b.String()
	},
}

// TestKeysSurvive sends keys through each form of event, in each envelope and in two
// of them.
func TestKeysSurvive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	for i := range testutil.Pick(300, 10_000) {
		key := randomKey(r)
		encode := keyEncodings[0]
		if i%4 == 0 {
			encode = keyEncodings[r.IntN(len(keyEncodings))]
		}
		for form, direct := range []string{notification(encode(key)), eventBridge(key)} {
			if got := only(t, direct).Key; got != key {
				t.Fatalf("form %d: key %q is %q", form, key, got)
			}
			for _, e := range envelopes {
				if got := only(t, e.wrap(direct)).Key; got != key {
					t.Fatalf("form %d in %s: key %q is %q", form, e.name, key, got)
				}
			}
			inner, outer := envelopes[r.IntN(len(envelopes))], envelopes[r.IntN(len(envelopes))]
			if got := only(t, outer.wrap(inner.wrap(direct))).Key; got != key {
				t.Fatalf("form %d in %s in %s: key %q is %q", form, inner.name, outer.name, key, got)
			}
		}
	}
}

// TestEventBridgeKeysAreRaw: what looks encoded in an event of EventBridge is not.
func TestEventBridgeKeysAreRaw(t *testing.T) {
	for _, prefix := range []string{"a+b/", "a%20b/", "100%/", "%2F/"} {
		if key := prefix + logFolder + "x.json.gz"; only(t, eventBridge(key)).Key != key {
			t.Errorf("key %q is %q", key, only(t, eventBridge(key)).Key)
		}
	}
}
