package reading_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promptlogs/qlogs/internal/reading"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/sourcetest"
)

// A memory is a sourcetest.Memory whose bodies come in parts, each of which a test can hold up
// and spoil.
type memory struct {
	*sourcetest.Memory
	onRead func(ctx context.Context, key string, at int64) error
}

func newMemory() *memory {
	m := &memory{Memory: sourcetest.NewMemory("mem://test")}
	m.OnBody = func(ctx context.Context, o source.Object, offset int64, body io.Reader) io.Reader {
		return &memoryBody{body, m, ctx, o.Key, offset}
	}
	return m
}

// put stores a body and returns its object, whose ETag is its length.
func (m *memory) put(key string, body []byte) source.Object {
	return m.PutObject(source.Object{Key: key, ETag: fmt.Sprintf(`"%d"`, len(body))}, body)
}

// find looks an object up as it is.
func (m *memory) find(_ context.Context, key string) (source.Object, bool, error) {
	o, _, found := m.Object(key)
	return o, found, nil
}

// opened returns a "key offset" for each Open, in their order.
func (m *memory) opened() []string {
	var list []string
	for _, c := range m.Calls() {
		list = append(list, fmt.Sprintf("%s %d", c.Object.Key, c.Offset))
	}
	return list
}

type memoryBody struct {
	io.Reader
	m   *memory
	ctx context.Context
	key string
	at  int64
}

func (b *memoryBody) Read(p []byte) (int, error) {
	if b.m.onRead != nil {
		if err := b.m.onRead(b.ctx, b.key, b.at); err != nil {
			return 0, err
		}
	}
	n, err := b.Reader.Read(p[:min(len(p), 64<<10)])
	b.at += int64(n)
	return n, err
}

// small is the budget of config. All bounds of large objects are as small: an object that
// is listed with that size is streamed.
const small = 1 << 20

// config returns a Config that keeps all records of what m has.
func (m *memory) config() reading.Config {
	return reading.Config{
		Source: m, InFlight: 4, BytesInFlight: small, MaxResumes: 2, StallTimeout: time.Minute, MaxObjectBytes: 1 << 30,
		Find:    m.find,
		Keep:    func(*reading.Task, *reading.Record) reading.Verdict { return reading.Keep },
		Restart: func(*reading.Task, source.Object) {},
	}
}

// file is a log file with n records, which has spaces to be of size bytes if that is more.
func file(n, size int) []byte {
	head, records := `{"records":[`, strings.Join(slices.Repeat([]string{"{}"}, n), ",")
	pad := max(0, size-len(head)-len(records)-len(`]}`))
	return []byte(head + strings.Repeat(" ", pad) + records + `]}`)
}

// spread is a log file of about size bytes whose first record comes at its beginning and the
// other one at its end.
func spread(size int) []byte {
	return []byte(`{"records":[{},` + strings.Repeat(" ", size) + `{}]}`)
}

func zip(t testing.TB, file []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tasks lists tasks.
func tasks(list ...*reading.Task) func(context.Context, *reading.Feed) {
	return func(_ context.Context, to *reading.Feed) {
		for _, t := range list {
			if !to.Put(t) {
				return
			}
		}
	}
}

// objects lists objects.
func objects(list ...source.Object) func(context.Context, *reading.Feed) {
	var all []*reading.Task
	for _, o := range list {
		all = append(all, &reading.Task{Object: o})
	}
	return tasks(all...)
}

// next is all tasks of p, until it has no more or the loop is left.
func next(p *reading.Pipeline) iter.Seq[*reading.Task] {
	return func(yield func(*reading.Task) bool) {
		for t := p.Next(); t != nil && yield(t); t = p.Next() {
		}
	}
}

// read tells all that p has, a task a line: its key, its records ("~" for a tentative one,
// "!" for an error, "$" for the last), and its failure.
func read(p *reading.Pipeline) string {
	var b strings.Builder
	for t := range next(p) {
		fmt.Fprintf(&b, "%s:", cmp.Or(t.Object.Key, "-"))
		for r := range p.Records(t) {
			fmt.Fprintf(&b, " %d", r.Index)
			for mark, is := range map[string]bool{"~": r.Tentative, "!": r.Err != nil, "$": r.Last} {
				if is {
					b.WriteString(mark)
				}
			}
		}
		if t.Empty {
			b.WriteString(" empty")
		}
		if f := t.Failure; f.Err != nil {
			fmt.Fprintf(&b, " %s at %d: %v", f.Op, f.Offset, f.Err)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// check reads what list has and compares it with lines.
func check(t *testing.T, c reading.Config, list func(context.Context, *reading.Feed), lines ...string) {
	t.Helper()
	p := reading.Start(t.Context(), c, list)
	defer p.Stop()
	if got, want := read(p), strings.Join(lines, "\n")+"\n"; got != want {
		t.Errorf("read\n%swant\n%s", got, want)
	}
	if err := p.Cause(); err != nil {
		t.Errorf("Cause() = %v after the end", err)
	}
}
