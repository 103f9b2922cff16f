package qlogs_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/stores"
	"github.com/promptlogs/qlogs/internal/testutil/wrong"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// wrongLog is a log of two records.
var wrongLog = contractFile(contractChat("CANARY-1", confStart()), contractChat("CANARY-2", confStart()))

// wrongLogs are that many logs one behind the other.
func wrongLogs(n int) []byte { return bytes.Repeat(append(bytes.Clone(wrongLog), '\n'), n) }

// wrongWritten is what a writer makes of the log.
func wrongWritten[W io.WriteCloser](open func(io.Writer) (W, error)) []byte {
	var b bytes.Buffer
	w, err := open(&b)
	if err == nil {
		_, err = w.Write(wrongLog)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // memory takes everything
	}
	return b.Bytes()
}

func wrongZip() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("CANARY.json")
	if err == nil {
		_, err = w.Write(wrongLog)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err) // memory takes everything
	}
	return b.Bytes()
}

func wrongTar() []byte {
	return wrongWritten(func(w io.Writer) (*tar.Writer, error) {
		archive := tar.NewWriter(w)
		return archive, archive.WriteHeader(&tar.Header{Name: "CANARY.json", Mode: 0o600, Size: int64(len(wrongLog))})
	})
}

func wrongWide(order func([]byte, uint16) []byte, mark bool) []byte {
	text := string(wrongLog)
	if mark {
		text = "\ufeff" + text
	}
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = order(b, u)
	}
	return b
}

func wrongLittle(b []byte, u uint16) []byte { return append(b, byte(u), byte(u>>8)) }
func wrongBig(b []byte, u uint16) []byte    { return append(b, byte(u>>8), byte(u)) }

func wrongRecords(records ...string) string {
	return `{"records":[` + strings.Join(records, ",") + `]}`
}

const (
	wrongStoreError = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Error><Code>AccessDenied</Code><Message>CANARY</Message></Error>`
	wrongPointer    = "version https://git-lfs.github.com/spec/v1\noid sha256:CANARY\nsize 12345\n"
	wrongCSV        = "UserId,Date,Chat_MessagesSent\nCANARY,2026-03-02,7\n"
	wrongTrail      = `{"Records":[{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"CANARY"}]}`
)

// wrongFiles are files under the name of a log that are well formed and no log, or a log in
// another form, and what a scan has of them.
var wrongFiles = []struct {
	name    string
	body    []byte
	plain   bool        // its name ends in .json, not in .json.gz
	records int         // that are delivered
	damaged int         // records that are not, each with an error
	skipped *path.Skips // instead of all that
	class   error       // of the errors; nil if the file is read as it is
	says    string
}{
	// Nothing.
	{name: "nothing", body: nil, skipped: &path.Skips{Empty: 1}},
	{name: "gzip of nothing", body: contractGzip(nil), skipped: &path.Skips{Empty: 1}},
	{name: "gzip of nothing, twice", body: append(contractGzip(nil), contractGzip(nil)...), skipped: &path.Skips{Empty: 1}},
	{name: "gzip of nothing, and zeros", body: append(contractGzip(nil), make([]byte, 512)...), skipped: &path.Skips{Empty: 1}},
	{name: "a space", body: []byte(" "), class: io.ErrUnexpectedEOF, says: "byte 1: unexpected EOF"},
	{name: "gzip of line ends", body: contractGzip([]byte("\r\n\n")), class: io.ErrUnexpectedEOF, says: "byte 3: unexpected EOF"},
	{name: "a byte order mark", body: []byte("\ufeff"), class: io.ErrUnexpectedEOF, says: "byte 3: unexpected EOF"},
	{name: "zeros", body: make([]byte, 512), class: qlogs.ErrCorruptJSON, says: "byte 0: malformed JSON"},
	{name: "gzip of zeros", body: contractGzip(make([]byte, 512)), class: qlogs.ErrCorruptJSON, says: "byte 0: malformed JSON"},

	// An answer that was stored.
	{name: "HTML", body: []byte(wrong.HTML), class: qlogs.ErrCorruptJSON, says: "not JSON but HTML: the answer of a store or a proxy was stored as the file, or came in its place"},
	{name: "gzip of HTML", body: contractGzip([]byte(wrong.HTML)), class: qlogs.ErrCorruptJSON, says: "not JSON but HTML"},
	{name: "an error of a store", body: []byte(wrongStoreError), class: qlogs.ErrCorruptJSON, says: "not JSON but XML"},
	{name: "gzip of an error of a store", body: contractGzip([]byte(wrongStoreError)), class: qlogs.ErrCorruptJSON, says: "not JSON but XML"},
	{name: "an error of a store in JSON", body: []byte(`{"code":"AccessDenied","message":"CANARY"}`), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "text", body: []byte("CANARY"), class: qlogs.ErrCorruptJSON, says: "byte 0: malformed JSON"},
	{name: "the probe of AWS under the name of a log", body: []byte("Access validation successful."), class: qlogs.ErrCorruptJSON, says: "byte 0: malformed JSON"},
	{name: "a pointer of Git LFS", body: []byte(wrongPointer), class: qlogs.ErrCorruptJSON, says: "not JSON but a Git LFS pointer"},
	{name: "chunks", body: fmt.Appendf(nil, "%x\r\n%s\r\n0\r\n\r\n", len(wrongLog), wrongLog), class: qlogs.ErrCorruptJSON, says: "not JSON but a chunked upload"},
	{name: "chunks that are signed", body: fmt.Appendf(nil, "%x;chunk-signature=00\r\n%s\r\n0;chunk-signature=00\r\n\r\n", len(wrongLog), wrongLog), class: qlogs.ErrCorruptJSON, says: "not JSON but a chunked upload"},
	{name: "chunks of gzip", body: fmt.Appendf(nil, "%x\r\n%s\r\n0\r\n\r\n", len(contractGzip(wrongLog)), contractGzip(wrongLog)), class: qlogs.ErrCorruptJSON, says: "not JSON but a chunked upload"},
	{name: "base64", body: []byte("H4sIAAAAAAAA/6pWKkpNzi9KKVayio6tBQQAAP//"), class: qlogs.ErrCorruptJSON, says: "not JSON but gzip in base64"},
	{name: "a body with its head", body: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n%s", wrongLog), class: qlogs.ErrCorruptJSON, says: "not JSON but an answer of HTTP"},

	// Another compression, or another name.
	{name: "JSON under the name of gzip", body: wrongLog, records: 2},
	{name: "gzip under the name of JSON", body: contractGzip(wrongLog), plain: true, records: 2},
	{name: "gzip twice", body: contractGzip(contractGzip(wrongLog)), class: qlogs.ErrCorruptJSON, says: "not JSON but gzip: the file was compressed twice"},
	{name: "gzip thrice", body: contractGzip(contractGzip(contractGzip(wrongLog))), class: qlogs.ErrCorruptJSON, says: "not JSON but gzip"},
	{name: "zstd", body: []byte("\x28\xb5\x2f\xfd\x04CANARY"), class: qlogs.ErrCorruptJSON, says: "not JSON but zstd: decompress the file before it is read"},
	{name: "zip", body: wrongZip(), class: qlogs.ErrCorruptJSON, says: "not JSON but a zip archive"},
	{name: "gzip of zip", body: contractGzip(wrongZip()), class: qlogs.ErrCorruptJSON, says: "not JSON but a zip archive"},
	{name: "tar", body: wrongTar(), class: qlogs.ErrCorruptJSON, says: "not JSON but a tar archive"},
	{name: "gzip of tar", body: contractGzip(wrongTar()), class: qlogs.ErrCorruptJSON, says: "not JSON but a tar archive"},
	{name: "bzip2", body: []byte("BZh91AY&SYCANARY"), class: qlogs.ErrCorruptJSON, says: "not JSON but bzip2"},
	{name: "xz", body: []byte("\xfd7zXZ\x00CANARY"), class: qlogs.ErrCorruptJSON, says: "not JSON but xz"},
	{name: "lz4", body: []byte("\x04\x22\x4d\x18CANARY"), class: qlogs.ErrCorruptJSON, says: "not JSON but lz4"},
	{name: "snappy", body: []byte("\xff\x06\x00\x00sNaPpYCANARY"), class: qlogs.ErrCorruptJSON, says: "not JSON but snappy"},
	{name: "zlib", body: wrongWritten(func(w io.Writer) (*zlib.Writer, error) { return zlib.NewWriter(w), nil }), class: qlogs.ErrCorruptJSON, says: "not JSON but zlib"},
	{name: "deflate without a head", body: wrongWritten(func(w io.Writer) (*flate.Writer, error) { return flate.NewWriter(w, 6) }), class: qlogs.ErrCorruptJSON, says: "byte 0: malformed JSON"},
	{name: "Parquet", body: []byte("PAR1\x15\x04CANARYPAR1"), class: qlogs.ErrCorruptJSON, says: "not JSON but Parquet: another program wrote the file"},
	{name: "Avro", body: []byte("Obj\x01CANARY"), class: qlogs.ErrCorruptJSON, says: "not JSON but Avro"},
	{name: "PDF", body: []byte("%PDF-1.7\nCANARY"), class: qlogs.ErrCorruptJSON, says: "not JSON but PDF"},
	{name: "a report in CSV", body: []byte(wrongCSV), class: qlogs.ErrCorruptJSON, says: "byte 0: malformed JSON"},
	{name: "gzip of a report in CSV", body: contractGzip([]byte(wrongCSV)), class: qlogs.ErrCorruptJSON, says: "byte 0: malformed JSON"},

	// Another encoding.
	{name: "UTF-16", body: wrongWide(wrongLittle, true), class: qlogs.ErrCorruptJSON, says: "not JSON but UTF-16: write the file as UTF-8"},
	{name: "UTF-16 of the other order, in gzip", body: contractGzip(wrongWide(wrongBig, true)), class: qlogs.ErrCorruptJSON, says: "not JSON but UTF-16"},
	{name: "UTF-16 without a mark", body: wrongWide(wrongLittle, false), class: qlogs.ErrCorruptJSON, says: "byte 1: malformed JSON"},
	{name: "a byte order mark before the log", body: append([]byte("\ufeff"), wrongLog...), records: 2},
	{name: "a byte order mark before gzip", body: append([]byte("\ufeff"), contractGzip(wrongLog)...), class: qlogs.ErrCorruptJSON, says: "byte 3: not JSON but gzip"},
	{name: "gzip that went through UTF-8", body: []byte(strings.ToValidUTF8(string(contractGzip(wrongLog)), "\ufffd")), class: qlogs.ErrCorruptJSON, says: "not JSON but gzip that was written as text"},

	// JSON of another form.
	{name: "null", body: []byte("null"), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "a number", body: []byte("7391"), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "a string", body: []byte(`"CANARY"`), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "an object of nothing", body: []byte("{}"), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "an array of nothing", body: []byte("[]"), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "an array of records", body: wrongLog[len(`{"records":`) : len(wrongLog)-1], class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "records line by line", body: []byte(contractChat("CANARY-1", confStart()) + "\n" + contractChat("CANARY-2", confStart()) + "\n"), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "one record", body: []byte(contractChat("CANARY-1", confStart())), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "the log in a string", body: fmt.Appendf(nil, "%q", wrongLog), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "the log in another object", body: slices.Concat([]byte(`{"data":`), wrongLog, []byte("}")), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "records that are an object", body: []byte(`{"records":{}}`), class: qlogs.ErrNotLog, says: "byte 11: not a prompt log: no array of records"},
	{name: "records that are null", body: []byte(`{"records":null}`), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "records that are a string", body: []byte(`{"records":"[]"}`), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "Records in upper case", body: []byte(`{"Records":[]}`), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "the log of CloudTrail", body: contractGzip([]byte(wrongTrail)), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "logs of CloudWatch", body: contractGzip([]byte(`{"messageType":"DATA_MESSAGE","logEvents":[{"message":"CANARY"}]}`)), class: qlogs.ErrNotLog, says: "not a prompt log: no array of records"},
	{name: "JavaScript", body: []byte(`module.exports = {"records":[]}`), class: qlogs.ErrCorruptJSON, says: "byte 0: malformed JSON"},
	{name: "JSON in single quotes", body: []byte(`{'records':[]}`), class: qlogs.ErrCorruptJSON, says: "byte 1: malformed JSON"},
	{name: "a comma too many", body: []byte(`{"records":[],}`), class: qlogs.ErrCorruptJSON, says: "byte 14: malformed JSON"},

	// Records.
	{name: "no records", body: []byte(`{"records":[]}`)},
	{name: "records behind other keys", body: slices.Concat([]byte(`{"version":{"records":[7391]},`), wrongLog[1:]), records: 2},
	{name: "records twice", body: slices.Concat(wrongLog[:len(wrongLog)-1], []byte(","), wrongLog[1:]), records: 4},
	{name: "records that are strings", body: []byte(wrongRecords(`"CANARY"`, `"CANARY"`)), damaged: 2, class: record.ErrType, says: "unexpected JSON type"},
	{name: "records that are numbers", body: []byte(wrongRecords("7391", "7391")), damaged: 2, class: record.ErrType, says: "unexpected JSON type"},
	{name: "records that are null too", body: []byte(wrongRecords("null")), damaged: 1, class: record.ErrType, says: "unexpected JSON type"},
	{name: "records that are arrays", body: []byte(wrongRecords("[]", "[[]]")), damaged: 2, class: record.ErrType, says: "unexpected JSON type"},
	{name: "a number between records", body: []byte(wrongRecords(contractChat("CANARY-1", confStart()), "7391", contractChat("CANARY-2", confStart()))), records: 2, damaged: 1, class: record.ErrType, says: "unexpected JSON type"},
	{name: "records of nothing", body: []byte(wrongRecords("{}", "{}")), records: 2},
	{name: "records of another program", body: []byte(wrongRecords(`{"recordId":"CANARY","data":"e30="}`)), records: 1},

	// More than a log.
	{name: "two logs", body: wrongLogs(2), records: 4},
	{name: "two members of gzip", body: append(contractGzip(wrongLog), contractGzip(wrongLog)...), records: 4},
	{name: "a log cut into two members of gzip", body: append(contractGzip(wrongLog[:50]), contractGzip(wrongLog[50:])...), records: 2},
	{name: "a log, and something else", body: append(wrongLogs(1), `{"CANARY":1}`...), records: 2, class: qlogs.ErrNotLog, says: "byte 430: not a prompt log: no array of records"},
	{name: "a log, and text", body: append(wrongLogs(1), "CANARY"...), records: 2, class: qlogs.ErrCorruptJSON, says: "byte 430: malformed JSON"},
	{name: "a log, and a brace too many", body: append(bytes.Clone(wrongLog), '}'), records: 2, class: qlogs.ErrCorruptJSON, says: "byte 429: malformed JSON"},
	{name: "a log, and zeros", body: append(bytes.Clone(wrongLog), make([]byte, 100)...), records: 2, class: qlogs.ErrCorruptJSON, says: "byte 429: malformed JSON"},
	{name: "gzip, and zeros", body: append(contractGzip(wrongLog), make([]byte, 512)...), records: 2},
	{name: "gzip, and text", body: append(contractGzip(wrongLog), "CANARY"...), records: 2, class: qlogs.ErrCorruptGzip, says: "6 bytes that are not gzip follow the last good member"},
	{name: "gzip, and a plain log", body: append(contractGzip(wrongLog), wrongLog...), records: 2, class: qlogs.ErrCorruptGzip, says: "429 bytes that are not gzip follow the last good member"},
	{name: "gzip of a log and zeros", body: contractGzip(append(bytes.Clone(wrongLog), make([]byte, 100)...)), records: 2, class: qlogs.ErrCorruptJSON, says: "byte 429: malformed JSON"},

	// Less than a log.
	{name: "a log that is cut", body: wrongLog[:len(wrongLog)-20], records: 1, class: io.ErrUnexpectedEOF, says: "byte 409: unexpected EOF"},
	{name: "gzip of a log that is cut", body: contractGzip(wrongLog[:len(wrongLog)-20]), records: 1, class: io.ErrUnexpectedEOF, says: "byte 409: unexpected EOF"},
	{name: "gzip without its trailer", body: contractGzip(wrongLog)[:len(contractGzip(wrongLog))-8], records: 2, class: io.ErrUnexpectedEOF, says: "corrupt gzip: unexpected EOF"},
	{name: "the head of gzip", body: contractGzip(wrongLog)[:10], class: io.ErrUnexpectedEOF, says: "corrupt gzip: unexpected EOF"},
	{name: "a log without its start", body: wrongLog[20:], class: qlogs.ErrCorruptJSON, says: "byte 0: malformed JSON"},
}

func TestWrongFiles(t *testing.T) {
	for _, store := range []struct {
		name string
		open func(*testing.T) conformanceStore
		step int // of a quick run, which has few files in most stores
	}{{"S3", openConfMem, 4}, {"Dir", openConfDir, 4}, {"FS", openConfFS, 1}} {
		t.Run(store.name, func(t *testing.T) {
			testutil.NoLeaks(t)
			wrongFilesIn(t, store.open(t), testutil.Pick(store.step, 1))
		})
	}
}

func TestRealS3WrongFiles(t *testing.T) {
	testutil.NoLeaks(t)
	wrongFilesIn(t, openConfReal(stores.RealS3(t))(t), 1)
}

// A file that is no log costs itself, and is told of or counted; what is a log in it is
// delivered.
func wrongFilesIn(t *testing.T, s conformanceStore, step int) {
	for i, tt := range wrongFiles {
		if i%step != 0 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			p := confPartition(fmt.Sprintf("p%03d", i), path.GenerateAssistantResponse)
			key := p.NewKey(confStart().Add(time.Minute), "wrong").String()
			if tt.plain {
				key = strings.TrimSuffix(key, ".gz")
			}
			before, after := p.NewKey(confStart(), "before").String(), p.NewKey(confStart().Add(2*time.Minute), "after").String()
			err := errors.Join(s.Put(t.Context(), before, confChat("before", confStart())), s.Put(t.Context(), key, tt.body), s.Put(t.Context(), after, confChat("after", confStart())))
			if err != nil {
				t.Fatal(err)
			}
			r := confRead(t.Context(), s.Source(), qlogs.Query{Prefix: p.Prefix}, 0)
			if n := len(r.entries); n != tt.records+2 || r.ids[0] != "before" || r.ids[n-1] != "after" {
				t.Fatalf("records %q and errors %q, want %d records between two others", r.ids, r.errs, tt.records)
			}
			want := qlogs.Stats{Partitions: 1, Listed: 3, Read: 3, RecordsYielded: int64(tt.records) + 2, RecordsFailed: int64(tt.damaged)}
			want.RecordsSeen = want.RecordsYielded + want.RecordsFailed
			errs := tt.damaged
			switch {
			case tt.skipped != nil:
				want.Read, want.Skipped = 2, *tt.skipped
			case tt.class != nil && tt.damaged == 0:
				want.Read, want.Failed, errs = 2, 1, 1
			}
			got := statsCounted(r.scan.Stats())
			got.BytesStored, got.BytesDecompressed = 0, 0
			if got != want {
				t.Errorf("Stats are %+v, want %+v", got, want)
			}
			if len(r.errs) != errs {
				t.Fatalf("errors %q, want %d", r.errs, errs)
			}
			for _, err := range r.errs {
				var bad *qlogs.ObjectError
				if !errors.As(err, &bad) || bad.Key != key || bad.Retryable || (bad.Index >= 0) != (tt.damaged > 0) || !errors.Is(bad, tt.class) || !strings.Contains(bad.Error(), tt.says) {
					t.Errorf("error %q, want one of the file that is %v and says %q", err, tt.class, tt.says)
				}
				if text := err.Error(); strings.Contains(text, "CANARY") || strings.Contains(text, "7391") || strings.Contains(text, "Welcome") {
					t.Errorf("error %q shows the file", text)
				}
			}
		})
	}
}
