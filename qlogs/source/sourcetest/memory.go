package sourcetest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// A Memory is a source that keeps its objects in memory. It lists in pages, as S3 does: each
// page shows the store as it is at that moment. It is safe for use by many goroutines at
// once, but for its fields, which only change while nothing uses it.
type Memory struct {
	// Latency is how long each page of a listing, and each Open, takes before its hook
	// is called; 0 is no time. It ends with the context.
	Latency time.Duration

	// PageSize is how many objects and folders a page has; 0 stands for 1,000, as of S3.
	PageSize int

	Hooks
	calls
	bodies

	id string

	mu      sync.Mutex
	objects map[string]*stored
	sorted  []*stored // by key; those that are not in objects were deleted
	added   []*stored // not yet among sorted
}

type stored struct {
	source.Object
	version string // which is not listed
	body    []byte
	deleted bool
}

func compareKeys(a, b *stored) int { return strings.Compare(a.Key, b.Key) }

// NewMemory returns an empty source with an ID such as "mem://logs".
func NewMemory(id string) *Memory {
	return &Memory{id: id, objects: map[string]*stored{}}
}

// ID returns what NewMemory was given.
func (m *Memory) ID() string { return m.id }

// Put stores an object, in place of what was there, and returns it as a listing shows it:
// with its size, an ETag of its content and the second in which it was stored. Body belongs
// to the Memory from then on.
func (m *Memory) Put(key string, body []byte) source.Object {
	sum := sha256.Sum256(body)
	return m.PutObject(source.Object{
		Key:          key,
		ETag:         fmt.Sprintf(`"%x"`, sum[:16]),
		LastModified: time.Now().UTC().Truncate(time.Second),
	}, body)
}

// PutObject stores an object as it is to be listed, whatever body is: without an ETag or a
// time if o has none. A zero Size stands for that of body. An object that is Archived
// cannot be opened. A VersionID counts in Open and is not listed.
func (m *Memory) PutObject(o source.Object, body []byte) source.Object {
	o.Size = cmp.Or(o.Size, int64(len(body)))
	version := o.VersionID
	o.VersionID = ""
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, found := m.objects[o.Key]; found {
		there.Object, there.version, there.body = o, version, body
		return o
	}
	s := &stored{Object: o, version: version, body: body}
	m.objects[o.Key] = s
	if n := len(m.sorted); len(m.added) == 0 && (n == 0 || m.sorted[n-1].Key < o.Key) {
		m.sorted = append(m.sorted, s)
	} else {
		m.added = append(m.added, s)
	}
	return o
}

// Delete removes an object, if there is one.
func (m *Memory) Delete(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, found := m.objects[key]; found {
		s.deleted = true
		delete(m.objects, key)
	}
}

// Object returns the object with that key, as a listing shows it, and its body. It reports
// whether there is one.
func (m *Memory) Object(key string) (o source.Object, body []byte, found bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, found := m.objects[key]
	if !found {
		return source.Object{}, nil, false
	}
	return s.Object, s.body, true
}

// Keys returns the keys of all objects in order.
func (m *Memory) Keys() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sort()
	keys := make([]string, len(m.sorted))
	for i, s := range m.sorted {
		keys[i] = s.Key
	}
	return keys
}

// sort makes sorted what objects has. Objects that come in order cost nothing here, and
// others little as long as they come in numbers.
func (m *Memory) sort() {
	if len(m.sorted)+len(m.added) != len(m.objects) {
		gone := func(s *stored) bool { return s.deleted }
		m.sorted, m.added = slices.DeleteFunc(m.sorted, gone), slices.DeleteFunc(m.added, gone)
	}
	if len(m.added) < 16 {
		for _, s := range m.added {
			m.sorted = slices.Insert(m.sorted, m.place(s.Key), s)
		}
	} else {
		m.sorted = append(m.sorted, m.added...)
		slices.SortFunc(m.sorted, compareKeys)
	}
	m.added = nil
}

// place is where a key is in sorted, or would be.
func (m *Memory) place(key string) int {
	i, _ := slices.BinarySearchFunc(m.sorted, key, func(s *stored, key string) int { return strings.Compare(s.Key, key) })
	return i
}

// Open returns the body of o from offset on. What it fails with is what the contract of
// Source names.
func (m *Memory) Open(ctx context.Context, o source.Object, offset int64) (rc io.ReadCloser, err error) {
	defer m.opening()(&rc)
	end := m.begin(Call{Get: true, Object: o, Offset: offset})
	size, data, err := m.find(ctx, o, offset)
	end(size-offset, err)
	if err != nil {
		return nil, err
	}
	r := m.askBody(ctx, o, offset, bytes.NewReader(data[min(offset, int64(len(data))):]))
	return &body{Reader: r, ctx: ctx, key: o.Key, count: &m.bodies}, nil
}

// find waits, asks the hook and looks for o. It returns its size, as it is listed, and body.
func (m *Memory) find(ctx context.Context, o source.Object, offset int64) (size int64, data []byte, err error) {
	if err := m.wait(ctx); err != nil {
		return 0, nil, err
	}
	if err := m.askOpen(ctx, o, offset); err != nil {
		return 0, nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, found := m.objects[o.Key]
	switch {
	case !found:
		err = fs.ErrNotExist
	case o.VersionID != "" && o.VersionID != s.version,
		o.ETag != "" && o.ETag != s.ETag,
		o.VersionID == "" && o.ETag == "" && o.Size != s.Size:
		err = source.ErrChanged
	case s.Archived:
		err = source.ErrArchived
	case offset < 0 || offset > s.Size:
		err = fs.ErrInvalid
	default:
		return s.Size, s.body, nil
	}
	return 0, nil, &fs.PathError{Op: "open", Path: o.Key, Err: err}
}

// wait lets the latency pass.
func (m *Memory) wait(ctx context.Context) error {
	if m.Latency > 0 {
		timer := time.NewTimer(m.Latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
