package record

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode"
)

// maxShown is longer than all known ids. The longest are ARNs.
const maxShown = 128

// looksLikeID reports whether s can be an id. A damaged log may have something else in its
// place: a text, a secret, or line breaks that would forge log lines.
func looksLikeID(s string) bool {
	if len(s) > maxShown {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case isLetter(c), '0' <= c && c <= '9':
		case c == '-', c == '_', c == '.', c == ':', c == '/':
		default:
			return false
		}
	}
	return true
}

// looksLikeName reports whether s can be the name of a log type: letters and digits, a
// letter first, up to 64 bytes.
func looksLikeName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i, r := range s {
		if !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// ShownID returns what to print or log of an id, such as a request id or a user's. In a
// damaged log anything may stand in the place of an id, such as a prompt or line breaks.
// ShownID returns id if it looks like one: up to 128 ASCII letters, digits and characters
// of "-_.:/". For anything else it returns "sha256:" and the first half of its SHA-256 in
// hexadecimal, so that different ids stay different.
func ShownID(id string) string {
	if looksLikeID(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "sha256:" + hex.EncodeToString(sum[:len(sum)/2])
}
