package qlogs_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/record"
)

// limitsCheck wants the pairs, and of each error the class and the object's key.
func limitsCheck(t *testing.T, got contractResult, want []string, class error) {
	t.Helper()
	contractSame(t, "pairs", got.pairs, want)
	for _, err := range got.errs {
		if !errors.Is(err, class) || !strings.Contains(err.Error(), objectErrorName) {
			t.Errorf("error %q, want it to wrap %q and to name the object", err, class)
		}
	}
}

// limitsEach reads the body plain and zipped, whole and streamed.
func limitsEach(t *testing.T, file []byte, opts qlogs.Options, check func(t *testing.T, got contractResult)) {
	t.Helper()
	for _, body := range [][]byte{file, contractGzip(file)} {
		for _, size := range []int64{int64(len(body)), windowLarge} {
			t.Run(fmt.Sprintf("%d bytes as %d", len(body), size), func(t *testing.T) {
				check(t, objectErrorRead(t, objectErrorSource(qlogs.Object{Size: size}, body), &opts))
			})
		}
	}
}

func TestLimitsMaxObjectBytesListed(t *testing.T) {
	for _, size := range []int64{5000, windowLarge, 1 << 50} {
		src := objectErrorSource(qlogs.Object{Size: size}, contractFile())
		got := objectErrorRead(t, src, &qlogs.Options{MaxObjectBytes: 4999})
		limitsCheck(t, got, []string{"error"}, qlogs.ErrTooLarge)
		if n := src.opens(); n != 3 {
			t.Errorf("object of %d bytes: %d objects were opened, want the 3 others", size, n)
		}
	}
	src := objectErrorSource(qlogs.Object{Size: 16<<30 + 1}, contractFile())
	limitsCheck(t, objectErrorRead(t, src, nil), []string{"error"}, qlogs.ErrTooLarge)
	src = objectErrorSource(qlogs.Object{Size: 16 << 30}, contractFile())
	limitsCheck(t, objectErrorRead(t, src, nil), []string{"error"}, qlogs.ErrInconsistent) // it was opened
}

// The limit holds for the decompressed bytes too: a small file can be a bomb.
func TestLimitsMaxObjectBytesDecompressed(t *testing.T) {
	for _, tt := range []struct {
		name     string
		big      int
		streamed bool
	}{
		{"whole", 200_000, false},
		{"streamed", windowLarge, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := contractFile(windowChat("id0", 1000), windowChat("id1", tt.big))
			body := contractGzip(file)
			size := int64(len(body))
			if tt.streamed {
				size = windowLarge
			}
			read := func(limit int) contractResult {
				return objectErrorRead(t, objectErrorSource(qlogs.Object{Size: size}, body), &qlogs.Options{MaxObjectBytes: int64(limit)})
			}
			limitsCheck(t, read(len(file)), []string{"id0", "id1"}, nil)
			limitsCheck(t, read(len(file)-1), []string{"id0", "id1", "error"}, qlogs.ErrTooLarge)
			limitsCheck(t, read(max(int(size), 50_000)), []string{"id0", "error"}, qlogs.ErrTooLarge)
		})
	}
}

// A bomb that never ends is left at the limit.
func TestLimitsBomb(t *testing.T) {
	src := objectErrorSource(qlogs.Object{}, nil)
	bomb := contractGzip(append([]byte(`{"records":["`), bytes.Repeat([]byte("a"), 3<<20)...))
	for _, key := range src.Keys() {
		if strings.HasSuffix(key, objectErrorName) {
			src.put(key, bomb)
		}
	}
	got := objectErrorRead(t, src, &qlogs.Options{MaxObjectBytes: 1 << 20})
	limitsCheck(t, got, []string{"error"}, qlogs.ErrTooLarge)
}

func TestLimitsMaxRecordBytes(t *testing.T) {
	fits := windowChat("id0", 1000)
	file := contractFile(fits, windowChat("id1", 1001), fits, windowChat("id3", 100_000))
	limitsEach(t, file, qlogs.Options{MaxRecordBytes: int64(len(fits))}, func(t *testing.T, got contractResult) {
		limitsCheck(t, got, []string{"id0", "error", "id0", "error"}, record.ErrTooLarge)
		for i, want := range []int{1, 3} {
			var bad *qlogs.ObjectError
			if errors.As(got.errs[i], &bad); bad.Index != want || errors.Is(bad, qlogs.ErrTooLarge) {
				t.Errorf("error %v, want one of record %d, not of the object", bad, want)
			}
		}
	})
}

func TestLimitsMaxRecordBytesDefault(t *testing.T) {
	const limit = 16 << 20
	rest := len(windowChat("id0", 0))
	body := contractFile(windowChat("id0", limit-rest), windowChat("id1", limit-rest+1), contractChat("id2", contractStart))
	got := objectErrorRead(t, objectErrorSource(qlogs.Object{Size: int64(len(body))}, body), nil)
	limitsCheck(t, got, []string{"id0", "error", "id2"}, record.ErrTooLarge)
}

func TestLimitsMaxRecords(t *testing.T) {
	limitsEach(t, contractFile(objectErrorRecords(3)...), qlogs.Options{MaxRecords: 3}, func(t *testing.T, got contractResult) {
		limitsCheck(t, got, []string{"id0", "id1", "id2"}, nil)
	})
	limitsEach(t, contractFile(objectErrorRecords(9)...), qlogs.Options{MaxRecords: 3}, func(t *testing.T, got contractResult) {
		limitsCheck(t, got, []string{"id0", "id1", "id2", "error"}, record.ErrTooMany)
		var bad *qlogs.ObjectError
		if errors.As(got.errs[0], &bad); bad.Index != -1 {
			t.Errorf("error %v, want one of the object", bad)
		}
	})
}

func TestLimitsMaxDepth(t *testing.T) {
	nested := func(id string, depth int) string {
		list := strings.Repeat("[", depth-2) + strings.Repeat("]", depth-2)
		return strings.Replace(contractChat(id, contractStart), `{"assistantResponse"`, `{"codeReferenceEvents":`+list+`,"assistantResponse"`, 1)
	}
	for _, tt := range []struct {
		option, most int
	}{{10, 10}, {0, 1000}} {
		file := contractFile(nested("id0", tt.most), nested("id1", tt.most+1), nested("id2", 5000), nested("id3", 3))
		limitsEach(t, file, qlogs.Options{MaxDepth: tt.option}, func(t *testing.T, got contractResult) {
			limitsCheck(t, got, []string{"id0", "error", "error", "id3"}, record.ErrTooDeep)
		})
	}
}
