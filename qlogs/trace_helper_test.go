package qlogs_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/record"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// traceLatency is what each LIST and GET takes, and each folder and file of a directory.
const traceLatency = 30 * time.Millisecond

// A tracer has the store of one story, and writes down what it is asked and what the loop
// gets. It lives in a bubble of synctest.
type tracer struct {
	*testing.T
	store *sourcetest.Memory

	// What a story has happen when a request arrives; nil for nothing.
	onList func(ctx context.Context, in qlogs.ListInput) error
	onOpen func(ctx context.Context, o qlogs.Object, offset int64) error

	turns traceTurns
	parts []tracePart
	text  strings.Builder
	begin time.Time   // of the part of the story
	pairs []tracePair // of that part
	files []traceLine // what a file system was asked
}

// A tracePart is a partition with the letter that stands for it.
type tracePart struct {
	letter string
	path.Partition
}

type traceLine struct {
	at   time.Time
	text string
}

// A tracePair is what the loop got: records of one object, or an error.
type tracePair struct {
	traceLine
	key     string
	records int // 0 for an error
}

// traceRun has a story happen, and returns what there is to see.
func traceRun(t *testing.T, story traceStory) (text string) {
	synctest.Test(t, func(t *testing.T) {
		tr := &tracer{T: t, store: sourcetest.NewMemory("mem://trace")}
		tr.store.Latency = traceLatency
		tr.store.OnList = func(ctx context.Context, in qlogs.ListInput) error {
			tr.turns.wait(sourcetest.Call{In: in}.String())
			if tr.onList == nil {
				return nil
			}
			return tr.onList(ctx, in)
		}
		tr.store.OnOpen = func(ctx context.Context, o qlogs.Object, offset int64) error {
			tr.turns.wait(sourcetest.Call{Get: true, Object: o, Offset: offset}.String())
			if tr.onOpen == nil {
				return nil
			}
			return tr.onOpen(ctx, o, offset)
		}
		stop := tr.turns.start()
		defer stop()
		tr.clock("10:00")
		story.run(tr)
		tr.store.CheckClosed(t)
		text = tr.head(story.about) + tr.text.String()
	})
	return text
}

// head is the comment at the top of a trace.
func (tr *tracer) head(about string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(about), "\n") {
		b.WriteString(strings.TrimRight("# "+strings.TrimSpace(line), " ") + "\n")
	}
	b.WriteString("#\n")
	if strings.Contains(tr.text.String(), "READDIR") {
		b.WriteString("# Each line is one call: when it was made, what it asked for, and what came. An answer takes 30 ms.\n")
	} else {
		b.WriteString("# Each line is one request: when it was made, what it asked for, and what came. An answer takes 30 ms.\n")
		b.WriteString("# LIST has a prefix and the key to begin after, GET a key and a byte; - is none.\n")
	}
	if len(tr.parts) > 0 {
		b.WriteString("# In the name of an object … stands for the account, the log type and the day, and\n#\n")
	}
	for _, p := range tr.parts {
		fmt.Fprintf(&b, "#   %s/ for %s\n", p.letter, p.Partition)
	}
	return b.String()
}

// traceTurns gives the answers of one instant one after the other, in the order of what was
// asked. Before each, all that follows from the one before has happened. So a trace does not
// depend on which goroutine is quicker.
type traceTurns struct {
	wake chan struct{}

	mu  sync.Mutex
	due []traceTurn
}

type traceTurn struct {
	what string
	come chan struct{}
}

func (q *traceTurns) wait(what string) {
	turn := traceTurn{what, make(chan struct{})}
	q.mu.Lock()
	q.due = append(q.due, turn)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
	<-turn.come
}

func (q *traceTurns) start() (stop func()) {
	q.wake = make(chan struct{}, 1)
	end := make(chan struct{})
	go func() {
		for {
			select {
			case <-q.wake:
			case <-end:
				return
			}
			for q.next() {
			}
		}
	}()
	return func() { close(end) }
}

// next lets the first of those that wait go on. It reports whether there was one.
func (q *traceTurns) next() bool {
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.due) == 0 {
		return false
	}
	first := slices.MinFunc(q.due, func(a, b traceTurn) int { return strings.Compare(a.what, b.what) })
	q.due = slices.DeleteFunc(q.due, func(t traceTurn) bool { return t == first })
	close(first.come)
	return true
}

// traceAt is a time of day, such as "09:05", of the day on which all stories happen, or
// with another day of that month before it, such as "01 23:10".
func traceAt(s string) time.Time {
	if !strings.Contains(s, " ") {
		s = "02 " + s
	}
	at, err := time.Parse("2006-01 02 15:04", "2026-03 "+s)
	if err != nil {
		panic(err)
	}
	return at
}

// clock moves the time to one that has not passed.
func (tr *tracer) clock(s string) { time.Sleep(time.Until(traceAt(s))) }

// part gives the partition a letter, in the order of calls.
func (tr *tracer) part(p path.Partition) path.Partition {
	tr.parts = append(tr.parts, tracePart{string(rune('A' + len(tr.parts))), p})
	return p
}

// chats is the partition of most stories.
func (tr *tracer) chats() path.Partition {
	return tr.part(tracePartition("logs", "111122223333", path.KiroLogs, path.GenerateAssistantResponse, "us-east-1"))
}

func tracePartition(prefix, account string, product path.Product, logType path.LogType, region string) path.Partition {
	return path.Partition{Prefix: prefix, Account: account, Product: product, LogType: logType, Region: region}
}

// put stores a log of that minute with so many records of the same minute.
func (tr *tracer) put(p path.Partition, at, suffix string, records int) (key string) {
	key = traceKey(p, at, suffix)
	tr.store.Put(key, traceFile(at, records))
	return key
}

func traceKey(p path.Partition, at, suffix string) string {
	return p.NewKey(traceAt(at), suffix).String()
}

// traceFile is a log without compression, whose size is that of its text for good.
func traceFile(at string, records int) []byte {
	var texts []string
	for i := range records {
		texts = append(texts, contractChat(fmt.Sprint("r", i), traceAt(at)))
	}
	return contractFile(texts...)
}

// tracePadded is a file of that size.
func tracePadded(file []byte, size int) []byte {
	return append(file, slices.Repeat([]byte(" "), size-len(file))...)
}

// scan reads all that the query selects.
func (tr *tracer) scan(q qlogs.Query, opts *qlogs.Options) qlogs.Cursor {
	return tr.scanIn(tr.store, q, opts)
}

// scanIn reads another source than the store.
func (tr *tracer) scanIn(src qlogs.Source, q qlogs.Query, opts *qlogs.Options) qlogs.Cursor {
	s := qlogs.New(src, opts).Scan(q)
	tr.loop(s.Records(tr.Context()), nil)
	return tr.cursor(s)
}

// cursor returns the scan's cursor as another process gets it.
func (tr *tracer) cursor(s *qlogs.Scan) qlogs.Cursor { return cursorText(tr, s.Cursor()) }

// follow follows until half past that minute, in which no poll begins.
func (tr *tracer) follow(until string, q qlogs.Query, opts *qlogs.Options) qlogs.Cursor {
	return tr.followIn(tr.store, until, q, opts, nil)
}

func (tr *tracer) followIn(src qlogs.Source, until string, q qlogs.Query, opts *qlogs.Options, each func() bool) qlogs.Cursor {
	ctx, cancel := context.WithDeadline(tr.Context(), traceAt(until).Add(30*time.Second))
	defer cancel()
	s := qlogs.New(src, opts).Scan(q)
	tr.loop(s.Follow(ctx), each)
	return tr.cursor(s)
}

// loop ranges over the pairs until each, which may be nil, reports false.
func (tr *tracer) loop(seq iter.Seq2[qlogs.Entry, error], each func() bool) {
	for e, err := range seq {
		if err != nil {
			tr.got(traceError(err), 0)
		} else {
			tr.got(e.Object.Key, 1)
		}
		if each != nil && !each() {
			return
		}
	}
}

// got notes a pair. Records of the same object and time are one.
func (tr *tracer) got(key string, records int) {
	now := time.Now()
	if n := len(tr.pairs); records > 0 && n > 0 {
		if last := &tr.pairs[n-1]; last.records > 0 && last.key == key && last.at.Equal(now) {
			last.records++
			return
		}
	}
	tr.pairs = append(tr.pairs, tracePair{traceLine{now, ""}, key, records})
}

// traceError is the text of a pair with an error.
func traceError(err error) string {
	var object *qlogs.ObjectError
	var partition *qlogs.PartitionError
	switch {
	case errors.As(err, &object):
		what := object.Key
		if object.Index >= 0 {
			what += fmt.Sprintf(" record %d", object.Index)
		}
		what += fmt.Sprintf(": error, %s: %s", object.Op, traceClass(object.Err))
		if object.Retryable {
			what += ", to be tried again"
		}
		return what
	case errors.As(err, &partition):
		return fmt.Sprintf("%s: error, list: %s", partition.Prefix, traceClass(partition.Err))
	}
	return fmt.Sprintf("the end: %s", traceClass(err))
}

// errTrace stands for all that can be wrong with a network.
var errTrace = errors.New("connection reset")

// traceClass says why in a word or two, whatever the text of the error is.
func traceClass(err error) string {
	for _, class := range []struct {
		err  error
		name string
	}{
		{fs.ErrNotExist, "not there"},
		{fs.ErrPermission, "denied"},
		{qlogs.ErrArchived, "archived"},
		{qlogs.ErrInconsistent, "inconsistent"},
		{qlogs.ErrChanged, "changed"},
		{qlogs.ErrStalled, "stalled"},
		{qlogs.ErrTooLarge, "too large"},
		{qlogs.ErrCorruptGzip, "corrupt gzip"},
		{qlogs.ErrNotLog, "no log"},
		{qlogs.ErrNoLogs, "no logs"},
		{qlogs.ErrCorruptJSON, "corrupt JSON"},
		{record.ErrType, "bad type"},
		{io.ErrUnexpectedEOF, "cut off"},
		{errTrace, "broken connection"},
		{context.DeadlineExceeded, "out of time"},
		{context.Canceled, "cancelled"},
	} {
		if errors.Is(err, class.err) {
			return class.name
		}
	}
	return "an error"
}

// now begins a part of the story.
func (tr *tracer) now(format string, args ...any) {
	tr.store.ResetCalls()
	tr.files, tr.pairs = nil, nil
	tr.begin = time.Now()
	fmt.Fprintf(&tr.text, "\n== "+format+"\n", args...)
}

// done ends a part of the story and writes it down.
func (tr *tracer) done() {
	lines := tr.files
	lists, gets := 0, 0
	for _, c := range tr.store.Calls() {
		if c.Get {
			gets++
		} else {
			lists++
		}
		if c.Err != nil {
			c.Err = errors.New(traceClass(c.Err))
		}
		lines = append(lines, traceLine{c.Began, c.String()})
	}
	slices.SortStableFunc(lines, func(a, b traceLine) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.text, b.text))
	})
	tr.write(lines)
	if tr.files == nil {
		fmt.Fprintf(&tr.text, "\n%d LIST, %d GET. ", lists, gets)
	} else {
		fmt.Fprintf(&tr.text, "\n")
	}
	if len(tr.pairs) == 0 {
		tr.text.WriteString("The loop got nothing.\n")
		return
	}
	tr.text.WriteString("The loop got\n\n")
	lines = nil
	for _, p := range tr.pairs {
		text := p.key
		switch {
		case p.records == 1:
			text += ": 1 record"
		case p.records > 1:
			text += fmt.Sprintf(": %d records", p.records)
		}
		lines = append(lines, traceLine{p.at, text})
	}
	tr.write(lines)
}

// Of more than traceMany lines in a row that differ in their times and numbers alone, the
// first and the last traceSame are written.
const (
	traceMany = 30
	traceSame = 3
)

// write writes lines, and of many of a kind how many there are.
func (tr *tracer) write(lines []traceLine) {
	for i := 0; i < len(lines); {
		n := 1
		for i+n < len(lines) && traceForm(lines[i+n].text) == traceForm(lines[i].text) {
			n++
		}
		run := lines[i : i+n]
		i += n
		if n <= traceMany {
			tr.writeAll(run)
			continue
		}
		tr.writeAll(run[:traceSame])
		fmt.Fprintf(&tr.text, "%12s  … %d more like these\n", "", n-2*traceSame)
		tr.writeAll(run[n-traceSame:])
	}
}

func (tr *tracer) writeAll(lines []traceLine) {
	for _, l := range lines {
		fmt.Fprintf(&tr.text, "%12s  %s\n", l.at.Sub(tr.begin), tr.short(l.text))
	}
}

var traceNumber = regexp.MustCompile(`\d+`)

func traceForm(text string) string { return traceNumber.ReplaceAllString(text, "0") }

// short puts letters in the place of partitions.
func (tr *tracer) short(text string) string {
	parts := slices.SortedFunc(slices.Values(tr.parts), func(a, b tracePart) int { return len(b.String()) - len(a.String()) })
	for _, p := range parts { // the longest first: one may end as another does
		text = strings.ReplaceAll(text, p.String(), p.letter+"/")
		name := regexp.QuoteMeta(p.Account + "_" + string(p.LogType) + "_")
		text = regexp.MustCompile(`(\b`+p.letter+`/[0-9/]*)`+name+`\d{8}`).ReplaceAllString(text, "$1…")
	}
	return text
}

// A traceFS is a file system that notes what it is asked, and takes its time for it.
type traceFS struct {
	tr     *tracer
	denied string // a name that cannot be read

	mu    sync.Mutex
	files fstest.MapFS
}

// put writes a file of that minute, at the current time.
func (f *traceFS) put(p path.Partition, at, suffix string, records int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[traceKey(p, at, suffix)] = &fstest.MapFile{Data: traceFile(at, records), ModTime: time.Now()}
}

// traceAsk does what is asked, waits, and notes the answer.
func traceAsk[T any](f *traceFS, what, name string, do func(string) (T, error), answer func(T) string) (T, error) {
	at := time.Now()
	f.mu.Lock()
	value, err := do(name)
	f.mu.Unlock()
	time.Sleep(traceLatency)
	if f.denied == name {
		err = &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	text := what + " → "
	if err != nil {
		text += traceClass(err)
	} else {
		text += answer(value)
	}
	f.tr.turns.wait(text)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tr.files = append(f.tr.files, traceLine{at, text})
	if err != nil {
		var none T
		return none, err
	}
	return value, nil
}

// ReadDir reads a folder.
func (f *traceFS) ReadDir(name string) ([]fs.DirEntry, error) {
	return traceAsk(f, "READDIR "+name+"/", name, f.files.ReadDir, func(e []fs.DirEntry) string { return fmt.Sprint(len(e)) })
}

// Open opens a file.
func (f *traceFS) Open(name string) (fs.File, error) {
	return traceAsk(f, "OPEN "+name, name, f.files.Open, func(fs.File) string { return "open" })
}

// Stat looks at one name.
func (f *traceFS) Stat(name string) (fs.FileInfo, error) {
	return traceAsk(f, "STAT "+name, name, f.files.Stat, func(fs.FileInfo) string { return "there" })
}
