package reading_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/promptlogs/qlogs/qlogs/source"
)

var errBroken = errors.New("connection reset")

// A body that breaks off goes on at that byte, a few times, if another object cannot come in
// its place.
func TestResume(t *testing.T) {
	const step = 64 << 10 // what one Read of a body brings
	for _, test := range []struct {
		name  string
		size  int
		at    []int64 // breaks
		loose bool    // neither an ETag nor a version
		want  string
		opens string
	}{
		{name: "once", size: 3 * step, at: []int64{step},
			want: "o: 0 1$", opens: "[o 0 o 65536]"},
		{name: "streamed", size: small, at: []int64{step, 2 * step},
			want: "o: 0 1", opens: "[o 0 o 65536 o 131072]"},
		{name: "too often", size: 3 * step, at: []int64{step, step, step},
			want: "o: read at -1: the body broke off at byte 65536 of 196608: connection reset", opens: "[o 0 o 65536 o 65536]"},
		{name: "with more than 1 MiB between", size: 5 * small, at: []int64{small, 2 * small, 3 * small, 4 * small},
			want: "o: 0 1", opens: "[o 0 o 1048576 o 2097152 o 3145728 o 4194304]"},
		{name: "not pinned", size: 3 * step, at: []int64{step}, loose: true,
			want: "o: read at -1: the body broke off at byte 65536 of 196608: connection reset", opens: "[o 0]"},
		{name: "behind its end", size: 3 * step, at: []int64{3 * step},
			want: "o: read at -1: the body failed behind its last byte: connection reset", opens: "[o 0]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				o := m.put("o", file(2, test.size))
				if test.loose {
					o.ETag = ""
				}
				m.onRead = func(_ context.Context, _ string, at int64) error {
					if len(test.at) > 0 && at == test.at[0] {
						test.at = test.at[1:]
						return errBroken
					}
					return nil
				}
				check(t, m.config(), objects(o), test.want)
				if got := fmt.Sprint(m.opened()); got != test.opens {
					t.Errorf("opened %s, want %s", got, test.opens)
				}
				m.CheckClosed(t)
			})
		})
	}
}

// A body that goes on as another object fails as a whole, and the other one is read.
func TestResumeChanged(t *testing.T) {
	m := newMemory()
	o := m.put("o", file(2, 200<<10))
	m.onRead = func(_ context.Context, _ string, at int64) error {
		if at == 64<<10 && len(m.opened()) == 1 {
			m.put("o", file(3, 0))
			return errBroken
		}
		return nil
	}
	check(t, m.config(), objects(o), "o: 0 1 2$")
	if got, want := fmt.Sprint(m.opened()), "[o 0 o 65536 o 0]"; got != want {
		t.Errorf("opened %s, want %s", got, want)
	}
}

// What follows a break of a stream may be another object's. Its records before that are
// delivered, so it is not read again, and a listing would not say which object they are of.
func TestResumeChangedBehindRecords(t *testing.T) {
	m := newMemory()
	o := m.put("o", spread(small))
	m.onRead = func(_ context.Context, _ string, at int64) error {
		if at == 512<<10 {
			m.put("o", file(3, 0))
			return errBroken
		}
		return nil
	}
	c := m.config()
	c.Find = func(context.Context, string) (source.Object, bool, error) { return o, true, nil }
	check(t, c, objects(o), "o: 0 read at -1: the body broke off at byte 524288 of 1048595 and could not be continued: open o: object changed while it was read")
}

// A body that is shorter than listed, with nothing behind, is another object's.
func TestShort(t *testing.T) {
	for name, size := range map[string]int{"small": 0, "large": 2 * small} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			body := file(0, size)
			o := m.PutObject(source.Object{Key: "o", Size: int64(len(body)) + 10}, body)
			c, finds := m.config(), 0
			c.Find = func(context.Context, string) (source.Object, bool, error) {
				finds++
				return m.put("o", body), true, nil
			}
			check(t, c, objects(o), "o:")
			if got, want := fmt.Sprint(m.opened(), finds), "[o 0 o 0] 1"; got != want {
				t.Errorf("opened and looked up %s, want %s", got, want)
			}
		})
	}
}
