package record_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/record"
)

const formLog = `{"records":[{"generateAssistantResponseEventRequest":{"prompt":"` + canary + `"}}]}`

// formWritten is what a writer of another form makes of a log.
func formWritten(write func(w io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	w := write(&b)
	_, err := io.WriteString(w, formLog)
	if err := errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.String()
}

// A formArchive writes into a file of an archive, and closes the archive.
type formArchive struct {
	io.Writer
	io.Closer
}

func formTar(format tar.Format) string {
	return formWritten(func(w io.Writer) io.WriteCloser {
		t := tar.NewWriter(w)
		if err := t.WriteHeader(&tar.Header{Name: "2026/log.json", Mode: 0o644, Size: int64(len(formLog)), Format: format}); err != nil {
			panic(err)
		}
		return formArchive{t, t}
	})
}

// formsNamed are files that are no JSON, and the word for what they are.
var formsNamed = []struct{ name, file, want string }{
	{"gzip", formWritten(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), "gzip: the file was compressed twice"},
	{"start of gzip", "\x1f\x8b", "gzip: "},
	{"zlib", formWritten(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), "zlib: "},
	{"zlib, little", "x\x01" + canary, "zlib: "},
	{"zlib, best", "x\xda" + canary, "zlib: "},
	{"zstd", "\x28\xb5\x2f\xfd\x04\x58" + canary, "zstd: "},
	{"zlib, fast", "x\x5e\xab" + canary, "zlib: "},
	{"7z", "7z\xbc\xaf\x27\x1c\x00\x04" + canary, "a 7z archive: "},
	{"compress", "\x1f\x9d\x90" + canary, "compress: "},
	{"gzip in base64", "H4sIAAAAAAAA/6tW" + canary, "gzip in base64: "},
	{"ORC", "ORC\x11\x00" + canary, "ORC: "},
	{"SQLite", "SQLite format 3\x00\x10" + canary, "SQLite: "},
	{"zstd with another frame to skip", "\x5e\x2a\x4d\x18\x04\x00\x00\x00" + canary, "zstd: "},
	{"HTML behind a comment", "<!-- " + canary + " --><html>", "HTML or XML: "},
	{"HTML from its head", "<head><title>" + canary, "HTML: "},
	{"HTML from its body", "<BODY bgcolor=white>" + canary, "HTML: "},
	{"XML in upper case", "<?XML version='1.0'?>" + canary, "XML: "},
	{"a listing", "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>" + canary, "XML: "},
	{"HTTP", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + formLog, "an answer of HTTP"},
	{"zstd with a frame to skip", "\x50\x2a\x4d\x18\x04\x00\x00\x00" + canary, "zstd: "},
	{"zip", formWritten(func(w io.Writer) io.WriteCloser {
		z := zip.NewWriter(w)
		f, err := z.Create("log.json")
		if err != nil {
			panic(err)
		}
		return formArchive{f, z}
	}), "a zip archive: "},
	{"empty zip", "PK\x05\x06" + strings.Repeat("\x00", 18), "a zip archive: "},
	{"bzip2", "BZh91AY&SY\x00\x00" + canary, "bzip2: "},
	{"empty bzip2", "BZh1\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00", "bzip2: "},
	{"xz", "\xfd7zXZ\x00\x00\x04" + canary, "xz: "},
	{"lz4", "\x04\x22\x4d\x18\x64\x40\xa7" + canary, "lz4: "},
	{"snappy", "\xff\x06\x00\x00sNaPpY\x00" + canary, "snappy: "},
	{"Parquet", "PAR1\x15\x04" + canary, "Parquet: "},
	{"Avro", "Obj\x01\x04\x16avro.schema" + canary, "Avro: "},
	{"tar of POSIX", formTar(tar.FormatPAX), "a tar archive: "},
	{"tar of GNU", formTar(tar.FormatGNU), "a tar archive: "},
	{"PDF", "%PDF-1.7\n%\xe2\xe3" + canary, "PDF: "},
	{"HTML", "<!DOCTYPE html>\n<html><body>" + canary, "HTML: "},
	{"HTML in lower case", "<!doctype html public>" + canary, "HTML: "},
	{"HTML without a type", "<HTML lang=\"en\">" + canary, "HTML: "},
	{"HTML after spaces", "\r\n\t <html>" + canary, "HTML: "},
	{"start of HTML", "<html", "HTML: "},
	{"XML", `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>" + canary, "XML: the answer of a store"},
	{"XML without a head", "<Error><Code>AccessDenied</Code>" + canary, "XML: "},
	{"XML with a name space", "\n<Error xmlns=\"http://example.com/\">" + canary, "XML: "},
	{"chunks", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(formLog), formLog), "a chunked upload: "},
	{"chunks of a decimal size", "400\r\n" + formLog, "a chunked upload: "},
	{"signed chunks", "1000;chunk-signature=0123abcd\r\n" + formLog, "a chunked upload: "},
	{"signed chunks of gzip", "2Af;chunk-signature=0123abcd\r\n\x1f\x8b", "a chunked upload: "},
	{"chunks of gzip", "a1\r\n\x1f\x8b\x08" + canary, "a chunked upload: "},
	{"chunks with a mark", "fF\r\n\ufeff" + formLog, "a chunked upload: "},
	{"no chunk and a checksum", "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "a chunked upload: "},
	{"LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "a Git LFS pointer: "},
	{"UTF-16, little end first", "\xff\xfe{\x00\"\x00r\x00", "UTF-16: "},
	{"UTF-16, big end first", "\xfe\xff\x00{\x00\"", "UTF-16: "},
	{"UTF-32", "\xff\xfe\x00\x00{\x00\x00\x00", "UTF-32: "},
	{"HTML after a mark", "\ufeff<!doctype html>" + canary, "HTML: "},
	{"gzip after a mark", "\ufeff \x1f\x8b\x08" + canary, "gzip: "},
}

// formRead reads a file in each way and returns its only error.
func formRead(t *testing.T, file string) *record.DocumentError {
	t.Helper()
	whole := record.NewDecoder(nil, nil)
	whole.ResetBytes([]byte(file))
	_, err := whole.Next()
	var doc *record.DocumentError
	if !errors.As(err, &doc) {
		t.Fatalf("%.40q: %v, want a *DocumentError", file, err)
	}
	for _, step := range []int{1, 3, 1000} {
		_, other := record.NewDecoder(&stepReader{[]byte(file), step}, nil).Next()
		if !reflect.DeepEqual(other, err) {
			t.Errorf("%.40q in steps of %d: %v, want %v", file, step, other, err)
		}
	}
	if leaks(err.Error()) {
		t.Errorf("%.40q: the error shows bytes of the file", file)
	}
	return doc
}

func TestFormsNamed(t *testing.T) {
	for _, c := range formsNamed {
		t.Run(c.name, func(t *testing.T) {
			doc := formRead(t, c.file)
			if !errors.Is(doc, record.ErrSyntax) || !strings.HasPrefix(doc.Err.Error(), "not JSON but "+c.want) {
				t.Errorf("error %q, want malformed JSON, named %q", doc.Err, c.want)
			}
			if start := int64(len(c.file) - len(strings.TrimLeft(c.file, "\ufeff \r\n\t"))); doc.Offset != start {
				t.Errorf("Offset = %d, want %d", doc.Offset, start)
			}
		})
	}
}

// What looks like a form and is none keeps its error: JSON, text, and tables.
func TestFormsNotNamed(t *testing.T) {
	ustar := `["` + strings.Repeat("x", 255) + `ustar  x"]`
	for file, want := range map[string]error{
		"12": record.ErrNotLog, "400\r\n": record.ErrNotLog, "0\r\n\r\n": record.ErrNotLog, "400\r\n12": record.ErrNotLog, `"<html>"`: record.ErrNotLog, `[]`: record.ErrNotLog,
		ustar: record.ErrNotLog, strings.Replace(ustar, "x", "ustar", 1): record.ErrNotLog, "1e5\r\n": record.ErrNotLog, "null": record.ErrNotLog,
		"face\r\nbook": record.ErrSyntax, "deadbeef": record.ErrSyntax, "0123456789abcdef0\r\n{": record.ErrSyntax, ";chunk-signature=": record.ErrSyntax, "g;chunk-signature=": record.ErrSyntax,
		"BZhello": record.ErrSyntax, "BZh9": record.ErrSyntax, "PKI of the house": record.ErrSyntax, "x^2": record.ErrSyntax, "PARENTS": record.ErrSyntax, "Object": record.ErrSyntax,
		"%PDS": record.ErrSyntax, "<htmlish>": record.ErrSyntax, "<Errors>": record.ErrSyntax, "<a>": record.ErrSyntax, "<!doctype htmlx>": record.ErrSyntax, "< html>": record.ErrSyntax,
		"version 1.0": record.ErrSyntax, "version https://example.com": record.ErrSyntax, "\x1f": record.ErrSyntax, "\xff": record.ErrSyntax, "\xfd7zXZ": record.ErrSyntax, "sNaPpY": record.ErrSyntax,
		"Date,UserId,Client_Type,Chat_Conversations\n": record.ErrSyntax, "UserId,Date\n": record.ErrSyntax, strings.Repeat("y", 257) + "ustar": record.ErrSyntax,
		"Access granted to the bucket.": record.ErrSyntax, "[INFO] <html>": record.ErrSyntax,
	} {
		if doc := formRead(t, file); doc.Err != want {
			t.Errorf("%.40q: %v, want %v", file, doc.Err, want)
		}
	}
}

// Only the start of a file is a form: behind a document it is malformed JSON, and in a
// record it is a text as any other.
func TestFormsAtTheStartAlone(t *testing.T) {
	for _, c := range formsNamed {
		d := record.NewDecoder(strings.NewReader(formLog+"\n"+c.file), nil)
		if _, err := d.Next(); err != nil {
			t.Errorf("%s behind a document: %v", c.name, err)
		}
		_, err := d.Next()
		var doc *record.DocumentError
		if !errors.As(err, &doc) || doc.Err != record.ErrSyntax && doc.Err != record.ErrNotLog || doc.Offset < int64(len(formLog)) {
			t.Errorf("%s behind a document: %v, want %v", c.name, err, record.ErrSyntax)
		}
	}
	if got := texts(drain(t, record.NewDecoder(strings.NewReader(`{"records":[{"a":"<html>"},{"<?xml":1}]}`), nil))); len(got) != 2 {
		t.Errorf("names of forms within records: %q", got)
	}
}

// An error of the reader comes out as it is, unless the file has shown its form by then.
func TestFormsOfBrokenReaders(t *testing.T) {
	broken := errors.New("connection reset")
	for file, want := range map[string]error{"": broken, "\x1f": broken, "<ht": broken, "40": broken, "\xef\xbb": broken, "\x1f\x8b": record.ErrSyntax, "<html>": record.ErrSyntax} {
		_, err := record.NewDecoder(io.MultiReader(strings.NewReader(file), &failing{broken}), nil).Next()
		if !errors.Is(err, want) {
			t.Errorf("%q and then a broken reader: %v, want %v", file, err, want)
		}
	}
}

type failing struct{ err error }

func (r *failing) Read([]byte) (int, error) { return 0, r.err }
