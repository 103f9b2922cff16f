package qlogs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// An object that is no JSON is one error, which names what it is instead, whole and
// streamed, as it is stored and once decompressed.
func TestObjectErrorForms(t *testing.T) {
	log := contractFile(contractChat("CANARY", contractStart))
	for _, c := range []struct{ want, file string }{
		{"gzip: the file was compressed twice", string(contractGzip(log))},
		{"zstd", "\x28\xb5\x2f\xfd\x04CANARY"},
		{"a zip archive", "PK\x03\x04\x14\x00CANARY"},
		{"xz", "\xfd7zXZ\x00\x00CANARY"},
		{"Parquet", "PAR1\x15\x04CANARY"},
		{"HTML", "<!doctype html>\n<html>CANARY"},
		{"XML", `<?xml version="1.0"?><Error><Code>CANARY`},
		{"a chunked upload", fmt.Sprintf("%x;chunk-signature=00\r\n%s\r\n", len(log), log)},
		{"a chunked upload", fmt.Sprintf("%x\r\n%s\r\n", len(log), log)},
		{"a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:CANARY\n"},
		{"UTF-16", "\xff\xfe{\x00CANARY"},
		{"UTF-16", "\xfe\xff\x00{CANARY"},
	} {
		bodies := map[string][]byte{"compressed": contractGzip([]byte(c.file))}
		if !strings.HasPrefix(c.want, "gzip") { // which is a log
			bodies["as it is"] = []byte(c.file)
		}
		for name, body := range bodies {
			t.Run(c.want+" "+name, func(t *testing.T) {
				objectErrorModes(t, body, func(t *testing.T, _ bool, got contractResult) {
					if len(got.entries) != 0 || len(got.errs) != 1 {
						t.Fatalf("pairs %q, want one error", got.pairs)
					}
					var bad *qlogs.ObjectError
					errors.As(got.errs[0], &bad)
					text := bad.Error()
					if bad.Op != "decode" || bad.Index != -1 || bad.Retryable || !errors.Is(bad, qlogs.ErrCorruptJSON) || !strings.Contains(text, "not JSON but "+c.want) {
						t.Errorf("error %q, want malformed JSON, named %s", text, c.want)
					}
					if strings.Contains(text, "CANARY") {
						t.Errorf("error %q shows bytes of the object", text)
					}
				})
			})
		}
	}
}

// Byte order marks are passed over at the start and between documents.
func TestByteOrderMarks(t *testing.T) {
	const mark = "\ufeff"
	one, two := string(contractFile(contractChat("a", contractStart))), string(contractFile(`17`, contractChat("b", contractStart)))
	for _, file := range []string{mark + one + mark + two, mark + one + two + mark, one + "\n" + mark + "\n" + two, mark + mark + one + mark + mark + two + mark} {
		for _, body := range [][]byte{[]byte(file), contractGzip([]byte(file))} {
			objectErrorModes(t, body, func(t *testing.T, streamed bool, got contractResult) {
				contractSame(t, "pairs", got.pairs, []string{"a", "error", "b"})
				if len(got.errs) != 1 || !errors.Is(got.errs[0], record.ErrType) {
					t.Fatalf("errors %v, want the one of the number", got.errs)
				}
				at := func(offset int64) string {
					if streamed && body[0] != 0x1f { // behind spaces
						offset -= windowLarge - int64(len(body))
					}
					return file[offset:]
				}
				var bad *qlogs.ObjectError
				errors.As(got.errs[0], &bad)
				if !strings.HasPrefix(at(bad.Offset), `17`) || !strings.HasPrefix(at(got.entries[1].Offset), contractChat("b", contractStart)) {
					t.Errorf("offsets %d and %d of %q are not those of the records", bad.Offset, got.entries[1].Offset, file)
				}
			})
		}
	}
}
