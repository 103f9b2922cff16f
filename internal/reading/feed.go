package reading

// A Feed takes the tasks of a listing, on the listing's goroutine alone.
type Feed struct {
	*shared
	order chan *Task
	tasks chan *Task // those for workers

	workers    int // started
	maxWorkers int
}

// Put puts t last in the order. It waits while too much is under way, and reports false if
// no more is wanted.
func (f *Feed) Put(t *Task) bool {
	t.large = !t.Skip && f.config.isLarge(t.Object.Size)
	fetch := !t.Skip && !t.large
	charge := taskBytes
	if fetch {
		charge += t.Object.Size
	}
	if !f.window.admit(&t.ticket, charge) {
		return false
	}
	t.ready = make(chan struct{})
	if fetch {
		if f.workers < f.maxWorkers {
			f.workers++
			f.run(func() { newFetcher(f.shared).work(f.tasks) })
		}
		f.tasks <- t
	} else {
		close(t.ready)
	}
	f.order <- t
	return true
}

// Hungry reports whether fewer tasks are under way than may be requested at the same time,
// so that it is worth listing faster.
func (f *Feed) Hungry() bool { return f.window.ahead() < int64(f.config.InFlight) }

// close says that no task follows.
func (f *Feed) close() {
	close(f.tasks)
	close(f.order)
}
