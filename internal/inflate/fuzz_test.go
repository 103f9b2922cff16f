package inflate_test

import "testing"

// FuzzInflate compares with compress/gzip, in buffers of fuzzed size.
func FuzzInflate(f *testing.F) {
	// More would let an input that expands a thousand times take seconds.
	const most = 4 << 10
	for i, file := range append(small(f), blocks(f, deflates())...) {
		if len(file.data) <= most {
			f.Add(file.data, uint16(i*37), uint16(1000))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, first, step uint16) {
		if len(data) > most {
			return
		}
		var c checker
		grow := int(step)
		if want, _ := c.want(data); grow < len(want)/100 {
			grow += len(want) / 100 // a hundred buffers are enough
		}
		c.check(t, data, int(first), grow+1)
		if good, ok := reseal(data); ok {
			c.check(t, good, int(first), grow+1)
			c.check(t, join(good, good), 1<<16, 1<<16)
			c.check(t, join(good, make([]byte, first), good, make([]byte, step%600), good), 1<<20, 4<<20)
		}
	})
}
