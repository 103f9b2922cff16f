package record

import (
	"bytes"
	"strings"
)

// form is what a file is if it is no JSON, as far as its first bytes show. As an error it
// wraps [ErrSyntax].
type form string

func (f form) Error() string { return "not JSON but " + string(f) }

func (f form) Unwrap() error { return ErrSyntax }

const (
	compressed    = ": the file was compressed twice, or was not decompressed"
	notDecoded    = ": decompress the file before it is read"
	otherProgram  = ": another program wrote the file"
	storedAnswer  = ": the answer of a store or a proxy was stored as the file, or came in its place"
	wrongEncoding = ": write the file as UTF-8"

	gzipForm    form = "gzip" + compressed
	xmlForm     form = "XML" + storedAnswer
	htmlForm    form = "HTML" + storedAnswer
	chunkedForm form = "a chunked upload: the framing of its chunks was stored with the file"
	lfsForm     form = "a Git LFS pointer: git lfs pull gets the file that it stands for"
)

// formStarts are what files of other forms begin with. If one start begins with another, it
// is before it in the list.
var formStarts = []struct {
	start string
	form  form
}{
	{"\x1f\x8b", gzipForm},
	{"\x1f\xef\xbf\xbd", "gzip that was written as text, which loses bytes: write the file as bytes"},
	{"\x28\xb5\x2f\xfd", "zstd" + notDecoded},
	{"PK\x03\x04", "a zip archive" + notDecoded},
	{"PK\x05\x06", "a zip archive" + notDecoded},
	{"PK\x07\x08", "a zip archive" + notDecoded},
	{"\xfd7zXZ\x00", "xz" + notDecoded},
	{"\x04\x22\x4d\x18", "lz4" + notDecoded},
	{"\x02\x21\x4c\x18", "lz4" + notDecoded},
	{"\xff\x06\x00\x00sNaPpY", "snappy" + notDecoded},
	{"x\x01", "zlib" + notDecoded},
	{"x\x9c", "zlib" + notDecoded},
	{"x\xda", "zlib" + notDecoded},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive" + notDecoded},
	{"\x1f\x9d", "compress" + notDecoded},
	{"H4sI", "gzip in base64: decode the file before it is read"},
	{"PAR1", "Parquet" + otherProgram},
	{"ORC", "ORC" + otherProgram},
	{"SQLite format 3\x00", "SQLite" + otherProgram},
	{"Obj\x01", "Avro" + otherProgram},
	{"%PDF-", "PDF" + otherProgram},
	{"<!--", "HTML or XML" + storedAnswer},
	{"HTTP/1.", "an answer of HTTP with its head" + storedAnswer},
	{"version https://git-lfs.github.com/spec/", lfsForm},
	{"version https://hawser.github.com/spec/", lfsForm},
	{"\xff\xfe\x00\x00", "UTF-32" + wrongEncoding},
	{"\x00\x00\xfe\xff", "UTF-32" + wrongEncoding},
	{"\xff\xfe", "UTF-16" + wrongEncoding},
	{"\xfe\xff", "UTF-16" + wrongEncoding},
}

// byteOrderMark is what some editors and tools put at the start of a file.
const byteOrderMark = "\xef\xbb\xbf"

const (
	// tar and tarGNU are what is at tarAt, behind the first file's name and attributes.
	// No JSON has a zero byte.
	tarAt  = 257
	tar    = "ustar\x00"
	tarGNU = "ustar  \x00"

	// formMost is how many bytes formOf looks at.
	formMost = tarAt + len(tarGNU)
)

// formOf names the form of a file that begins with head. It is "" for JSON, and for forms
// without a mark, such as plain text.
func formOf(head []byte) form {
	for _, f := range formStarts {
		if bytes.HasPrefix(head, []byte(f.start)) {
			return f.form
		}
	}
	switch {
	case hasTag(head, htmlTags):
		return htmlForm
	case hasTag(head, xmlTags):
		return xmlForm
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18":
		return "zstd" + notDecoded // its first frame is one to skip
	case len(head) >= 3 && string(head[:2]) == "x^" && (head[2] < ' ' || head[2] > '~'):
		return "zlib" + notDecoded
	case isBzip2(head):
		return "bzip2" + notDecoded
	case len(head) > tarAt && (strings.HasPrefix(string(head[tarAt:]), tar) || string(head[tarAt:]) == tarGNU):
		return "a tar archive" + notDecoded
	case isChunked(head):
		return chunkedForm
	}
	return ""
}

var (
	htmlTags = []string{"<!doctype html", "<html", "<head", "<body", "<h1", "<center"}
	xmlTags  = []string{"<?xml", "<error", "<listbucketresult"}
)

// hasTag reports whether head begins with one of the tags, in upper or lower case.
func hasTag(head []byte, tags []string) bool {
	for _, tag := range tags {
		if len(head) < len(tag) || !strings.EqualFold(string(head[:len(tag)]), tag) {
			continue
		}
		if rest := head[len(tag):]; len(rest) == 0 || rest[0] == '>' || isSpace(rest[0]) {
			return true
		}
	}
	return false
}

// isBzip2 reports whether head is bzip2's mark, a digit, and the start of a block or the
// mark of the end.
func isBzip2(head []byte) bool {
	level, ok := bytes.CutPrefix(head, []byte("BZh"))
	if !ok || len(level) == 0 || level[0] < '1' || level[0] > '9' {
		return false
	}
	return bytes.HasPrefix(level[1:], []byte("1AY&SY")) || bytes.HasPrefix(level[1:], []byte("\x17\x72\x45\x38\x50\x90"))
}

// isChunked reports whether head is the size of a chunk and the start of a chunk.
func isChunked(head []byte) bool {
	size := 0
	for size < len(head) && size <= maxChunkDigits && isHex(head[size]) {
		size++
	}
	if size == 0 || size > maxChunkDigits {
		return false
	}
	rest := head[size:]
	for _, next := range chunkStarts {
		if bytes.HasPrefix(rest, []byte(next)) {
			return true
		}
	}
	return false
}

const maxChunkDigits = 16

// chunkStarts are what may follow a chunk's size: its signature, or the chunk itself. A
// number alone in its line is no chunk's size.
var chunkStarts = []string{";chunk-signature=", "\r\n{", "\r\n\x1f\x8b", "\r\n" + byteOrderMark, "\r\nx-amz-"}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}
