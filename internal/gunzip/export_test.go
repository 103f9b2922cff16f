//go:build !qlogs_noinflate

package gunzip

import (
	"sync"
	"testing"
)

// Decoder is the decoder that Inflate tries first.
type Decoder = decoder

// UseDecoder makes Inflate get its decoders from next until the test ends.
func UseDecoder(t testing.TB, next func() Decoder) {
	t.Helper()
	old := decoders.New
	decoders = sync.Pool{New: func() any { return next() }}
	t.Cleanup(func() { decoders = sync.Pool{New: old} })
}
