package testutil

import "strings"

// Bytes are classes of bytes that may stand within a JSON string, by what they are. To
// repeat one makes text of any length. Those that JSON does not allow are marked.
var Bytes = []struct {
	Name, Unit string
	Bad        bool
}{
	{"ASCII", "plain text ", false},
	{"two bytes", "é", false},
	{"three bytes", "漢字", false},
	{"four bytes", "😀", false},
	{"0xff", "\xff", false},
	{"Latin-1", "caf\xe9 ", false},
	{"cut sequences", "\xe2\x82", false},
	{"cut sequences of four", "\xf0\x9f\x98", false},
	{"continuations alone", "\x80", false},
	{"encoded surrogates", "\xed\xa0\x80", false},
	{"overlong", "\xc0\xaf", false},
	{"ASCII and 0xff", "a\xff", false},
	{"mixed", "é\xff漢\xe9", false},
	{"newlines", `\n`, false},
	{"backslashes", `\\`, false},
	{"quotes", `\"`, false},
	{"escaped letters", `\u00e9`, false},
	{"escaped NULs", `\u0000`, false},
	{"surrogate pairs", `\ud83d\ude00`, false},
	{"high surrogates", `\ud800`, false},
	{"low surrogates", `\udc00`, false},
	{"surrogates in the wrong order", `\ude00\ud83d`, false},
	{"high surrogates and text", `\ud800x`, false},
	{"delete", "\x7f", false},
	{"controls", "\x01", true},
	{"raw newlines", "\n", true},
	{"wrong escapes", `\x`, true},
	{"cut escapes", `\u12`, true},
}

// Repeat returns unit as often as it fits into n bytes.
func Repeat(unit string, n int) string { return strings.Repeat(unit, n/len(unit)) }
