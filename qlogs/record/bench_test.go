package record_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/qlogs/record"
)

// chatFile returns a file of n chat records with about size bytes of source
// code each.
func chatFile(n, size int) []byte {
	line := `\tif err := run(ctx, \"naïve\"); err != nil {\n\t\treturn fmt.Errorf(\"run: %w\", err)\n\t}\n`
	body := strings.Repeat(line, size/len(line)/2+1)
	rec := `{"generateAssistantResponseEventRequest":{"prompt":"` + body + `","chatTriggerType":"MANUAL","userId":"` + user + `","timeStamp":"` + stamp + `","modelId":"claude-opus-5"},` +
		`"generateAssistantResponseEventResponse":{"assistantResponse":"` + body + `","codeReferenceEvents":[],"requestId":"64d13ea7-0000-4000-8000-000000000001"}}`
	return []byte(`{"records":[` + strings.Repeat(rec+",", n-1) + rec + `]}`)
}

func benchmarkDecoder(b *testing.B, file []byte) {
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	d := record.NewDecoder(nil, nil)
	for b.Loop() {
		d.ResetBytes(file)
		for {
			_, err := d.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkDecoderOneSmall(b *testing.B) { benchmarkDecoder(b, chatFile(1, 2_000)) }

func BenchmarkDecoderManySmall(b *testing.B) { benchmarkDecoder(b, chatFile(1_000, 2_000)) }

func BenchmarkDecoderManyLarge(b *testing.B) { benchmarkDecoder(b, chatFile(50, 100_000)) }

func BenchmarkDecodeStream(b *testing.B) {
	file := chatFile(1_000, 2_000)
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		for _, err := range record.Decode(bytes.NewReader(file), nil) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	data := []byte(shapes[0].in)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := record.Unmarshal(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarshal(b *testing.B) {
	r := unmarshal(b, shapes[0].in)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.MarshalJSON(); err != nil {
			b.Fatal(err)
		}
	}
}
