package listing

import "github.com/promptlogs/qlogs/qlogs/source"

// A batch is a part of a chain's range. An object of the size noSize stands for the next
// one of failed. Few names fail or come again, so that they take no room in the objects.
type batch struct {
	objects []source.Object
	failed  []*source.KeyError
	repeats []repeat // in order
}

// A repeat is how often the name before an object came again.
type repeat struct{ before, times int }

const noSize = -1

// visit visits all names of the batch, in order.
func (b batch) visit(visit func(name) error) error {
	failed, repeats := b.failed, b.repeats
	for i := 0; ; i++ {
		if len(repeats) > 0 && repeats[0].before == i {
			for range repeats[0].times {
				if err := visit(name{repeated: true}); err != nil {
					return err
				}
			}
			repeats = repeats[1:]
		}
		if i == len(b.objects) {
			return nil
		}
		n := name{Object: b.objects[i]}
		if n.Size == noSize {
			n.failed, failed = failed[0], failed[1:]
		}
		if err := visit(n); err != nil {
			return err
		}
	}
}

// again notes that the last name came again.
func (b *batch) again() {
	last := len(b.repeats) - 1
	if last < 0 || b.repeats[last].before != len(b.objects) {
		b.repeats = append(b.repeats, repeat{before: len(b.objects)})
		last++
	}
	b.repeats[last].times++
}
