package listxml_test

import (
	"strings"
	"testing"

	"github.com/promptlogs/qlogs/internal/listxml"
	"github.com/promptlogs/qlogs/internal/testutil"
)

// The time to read a page grows with its size, whatever it is made of.
func TestLinear(t *testing.T) {
	const object = `<Contents><Key>a</Key><LastModified>2026-03-02T09:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>`
	pages := map[string]func(n int) string{
		"objects":       func(n int) string { return testutil.Repeat(object, n) },
		"empty objects": func(n int) string { return testutil.Repeat("<Contents/>", n) },
		"folders":       func(n int) string { return testutil.Repeat("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>", n) },
		"references":    func(n int) string { return "<Contents><Key>" + testutil.Repeat("&amp;", n) + "</Key></Contents>" },
		"numbers":       func(n int) string { return "<Contents><Key>" + testutil.Repeat("&#65;", n) + "</Key></Contents>" },
		"ampersands":    func(n int) string { return "<Contents><Key>" + testutil.Repeat("&", n) + "</Key></Contents>" },
		"digits":        func(n int) string { return "<Contents><Size>" + testutil.Repeat("0", n) + "</Size></Contents>" },
		"storage class": func(n int) string {
			return testutil.Repeat("<Contents><StorageClass>"+strings.Repeat("x", 1000)+"</StorageClass></Contents>", n)
		},
		"owners":           func(n int) string { return testutil.Repeat("<Contents><Owner><ID>i</ID></Owner></Contents>", n) },
		"unknown elements": func(n int) string { return testutil.Repeat("<New>text</New>", n) },
		"open elements":    func(n int) string { return testutil.Repeat("<New>", n) },
		"long name":        func(n int) string { return "<" + testutil.Repeat("x", n) + ">" },
		"spaces":           func(n int) string { return testutil.Repeat(" ", n) },
		"checksums": func(n int) string {
			return "<Contents>" + testutil.Repeat("<ChecksumAlgorithm>CRC32</ChecksumAlgorithm>", n) + "</Contents>"
		},
	}
	for _, class := range testutil.Bytes {
		pages[class.Name] = func(n int) string {
			return "<Contents><Key>" + testutil.Repeat(class.Unit, n) + "</Key></Contents>"
		}
	}
	for name, page := range pages {
		t.Run(name, func(t *testing.T) {
			testutil.Linear(t, "Parse", 64<<10, func(n int) func() {
				doc := []byte(`<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>` + page(n) + `</ListBucketResult>`)
				return func() { listxml.Parse(doc) }
			})
		})
	}
}
