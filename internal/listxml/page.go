package listxml

import (
	"bytes"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Parse returns what the SDK makes of a document, the answer to ListObjectsV2. It
// returns false for documents that are for the SDK itself to read.
//
// The result shares no memory with doc, but its values share memory with each other:
// one pointer into it keeps the numbers and times of many objects. The strings are
// apart, except that an object's key and ETag are one.
func Parse(doc []byte) (*s3.ListObjectsV2Output, bool) {
	if !isPlain(doc) {
		return nil, false
	}
	p := parser{scanner: scanner{doc: doc}, left: bytes.Count(doc, []byte("<Contents>"))}
	p.declaration()
	if empty := p.root(); !empty {
		p.page()
	}
	p.space()
	if p.odd || p.at != len(doc) {
		return nil, false
	}
	return &p.out, true
}

// A parser reads one document.
type parser struct {
	scanner
	out   s3.ListObjectsV2Output
	left  int    // how many slots may still be needed
	slots []slot // free ones
	names []string
	joint []byte
}

var pageElements = []string{
	"CommonPrefixes", "Contents", "ContinuationToken", "Delimiter", "EncodingType", "IsTruncated",
	"KeyCount", "MaxKeys", "Name", "NextContinuationToken", "Prefix", "StartAfter",
}

func (p *parser) page() {
	var seen once
	for {
		name, empty, ok := p.child(rootElement)
		if !ok {
			return
		}
		switch string(name) {
		case "Contents":
			p.contents(empty)
		case "CommonPrefixes":
			p.out.CommonPrefixes = append(p.out.CommonPrefixes, p.folder(empty))
		case "ContinuationToken":
			p.first(&seen, 0)
			p.out.ContinuationToken = p.string(name, empty)
		case "Delimiter":
			p.first(&seen, 1)
			p.out.Delimiter = p.string(name, empty)
		case "EncodingType":
			p.first(&seen, 2)
			p.out.EncodingType = types.EncodingType(p.value(name, empty))
		case "IsTruncated":
			p.first(&seen, 3)
			p.out.IsTruncated = new(bool)
			*p.out.IsTruncated = p.bool(name, empty)
		case "KeyCount":
			p.first(&seen, 4)
			p.out.KeyCount = p.int32(name, empty)
		case "MaxKeys":
			p.first(&seen, 5)
			p.out.MaxKeys = p.int32(name, empty)
		case "Name":
			p.first(&seen, 6)
			p.out.Name = p.string(name, empty)
		case "NextContinuationToken":
			p.first(&seen, 7)
			p.out.NextContinuationToken = p.string(name, empty)
		case "Prefix":
			p.first(&seen, 8)
			p.out.Prefix = p.string(name, empty)
		case "StartAfter":
			p.first(&seen, 9)
			p.out.StartAfter = p.string(name, empty)
		default:
			p.unknown(name, empty, pageElements)
		}
	}
}

var folderElements = []string{"Prefix"}

func (p *parser) folder(empty bool) types.CommonPrefix {
	var f types.CommonPrefix
	var seen once
	for !empty {
		name, empty, ok := p.child("CommonPrefixes")
		if !ok {
			break
		}
		switch string(name) {
		case "Prefix":
			p.first(&seen, 0)
			f.Prefix = p.string(name, empty)
		default:
			p.unknown(name, empty, folderElements)
		}
	}
	return f
}
