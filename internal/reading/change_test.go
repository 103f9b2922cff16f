package reading_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// An object that was replaced since it was listed is looked up once, and what is there now
// is read in its place.
func TestRenew(t *testing.T) {
	for _, test := range []struct {
		name     string
		was, now []byte
		edit     func(*reading.Config, *reading.Task)
		want     string
		restarts string
	}{
		{name: "another one", was: file(2, 0), now: file(3, 0),
			want: "o: 0 1 2$", restarts: `["19" "22"]`},
		{name: "a large one", was: file(2, 0), now: file(3, small),
			want: "o: 0 1 2", restarts: `["19" "1048576"]`},
		{name: "a large one before", was: file(3, small), now: file(2, 0),
			want: "o: 0 1", restarts: `["1048576" "19"]`},
		{name: "a large one, and another one again", was: file(2, 0), now: file(3, small),
			edit: func(c *reading.Config, _ *reading.Task) {
				c.Source.(*memory).OnOpen = func(context.Context, source.Object, int64) error { return source.ErrChanged }
			},
			want: "o: open at -1: object changed while it was read", restarts: `["19" "1048576"]`},
		{name: "gone", was: file(2, 0), now: nil,
			want: "o: open at -1: object changed while it was read, and a listing does not have it", restarts: `["19" "19"]`},
		{name: "a large one that is gone", was: file(2, small), now: nil,
			want: "o: open at -1: object changed while it was read, and a listing does not have it", restarts: `["1048576" "1048576"]`},
		{name: "too large", was: file(2, 0), now: file(2, 1000),
			edit: func(c *reading.Config, _ *reading.Task) { c.MaxObjectBytes = 999 },
			want: "o: open at -1: object is larger than MaxObjectBytes", restarts: `["19" "1000"]`},
		{name: "pinned", was: file(2, 0), now: file(3, 0),
			edit: func(_ *reading.Config, t *reading.Task) { t.Pinned = true },
			want: "o: open at -1: open o: object changed while it was read", restarts: `[]`},
		{name: "no listing", was: file(2, 0), now: file(3, 0),
			edit: func(c *reading.Config, _ *reading.Task) {
				c.Find = func(context.Context, string) (source.Object, bool, error) {
					return source.Object{}, false, errors.New("denied")
				}
			},
			want: "o: open at -1: object changed while it was read, and could not be looked up again: denied", restarts: `["19" "19"]`},
		{name: "the same again", was: file(2, 0), now: file(3, 0),
			edit: func(c *reading.Config, t *reading.Task) {
				o := t.Object
				c.Find = func(context.Context, string) (source.Object, bool, error) { return o, true, nil }
				c.Source.(*memory).OnOpen = func(context.Context, source.Object, int64) error {
					return fmt.Errorf("%w: another ETag", source.ErrChanged)
				}
			},
			want: `o: open at -1: the store contradicts itself: its listing says, twice, ETag "19", 19 bytes, but its answer says: another ETag: find what ` +
				`changes bodies or ETags on the way, such as a gateway that undoes or adds compression, or read a copy of the object`, restarts: `["19" "19"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			task := &reading.Task{Object: m.put("o", test.was)}
			c := m.config()
			restarts := []string{}
			c.Restart = func(t *reading.Task, was source.Object) { restarts = append(restarts, was.ETag, t.Object.ETag) }
			if test.edit != nil {
				test.edit(&c, task)
			}
			find, finds := c.Find, 0
			c.Find = func(ctx context.Context, key string) (source.Object, bool, error) {
				finds++
				return find(ctx, key)
			}
			if m.put("o", test.now); test.now == nil {
				m.Delete("o")
				m.OnOpen = func(context.Context, source.Object, int64) error { return source.ErrChanged }
			}
			check(t, c, tasks(task), test.want)
			if got := fmt.Sprint(restarts); got != test.restarts {
				t.Errorf("restarts %s, want %s", got, test.restarts)
			}
			if want := len(restarts) / 2; finds != want {
				t.Errorf("looked up %d times, want %d", finds, want)
			}
			if err := task.Failure.Err; errors.Is(err, reading.ErrInconsistent) && errors.Is(err, source.ErrChanged) {
				t.Errorf("%v is of both classes", err)
			}
		})
	}
}

// Where records of an object were yielded before it turned out to be another one, it is not
// read again.
func TestChangedBehindRecords(t *testing.T) {
	m := newMemory()
	o := m.PutObject(source.Object{Key: "o", Size: 2*small - 1}, file(2, 2*small))
	found := o
	c := m.config()
	c.Find = func(context.Context, string) (source.Object, bool, error) { return found, true, nil }
	const surplus = "more than the 2097151 bytes listed"
	t.Run("not listed anew", func(t *testing.T) {
		check(t, c, objects(o), "o: 0 1 read at -1: the store contradicts itself: its listing says, twice, 2097151 bytes, but its answer says: "+surplus+
			": find what changes bodies or ETags on the way, such as a gateway that undoes or adds compression, or read a copy of the object")
	})
	t.Run("listed anew", func(t *testing.T) {
		found.Size++
		check(t, c, objects(o), "o: 0 1 read at -1: object changed while it was read: "+surplus)
	})
	if got, want := fmt.Sprint(m.opened()), "[o 0 o 0]"; got != want {
		t.Errorf("opened %s, want %s", got, want)
	}
}
