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
	objects map[string]stored
	keys    []string // sorted; those that are not in objects were deleted
	added   []string // not yet among keys
}

type stored struct {
	source.Object
	body []byte
}

// NewMemory returns an empty source with an ID such as "mem://logs".
func NewMemory(id string) *Memory {
	return &Memory{id: id, objects: map[string]stored{}}
}

// ID returns what NewMemory was given.
func (m *Memory) ID() string { return m.id }

// Put stores an object, in place of what was there, and returns it as a listing shows it:
// with its size, an ETag of its content and the time as LastModified. Body belongs to the
// Memory from then on.
func (m *Memory) Put(key string, body []byte) source.Object {
	return m.PutObject(source.Object{Key: key}, body)
}

// PutObject stores an object as it is to be listed. A zero Size, ETag or LastModified is
// set as by Put, so that a listing can lie about the first two. An object that is Archived
// cannot be opened. A VersionID counts in Open and is not listed.
func (m *Memory) PutObject(o source.Object, body []byte) source.Object {
	o.Size = cmp.Or(o.Size, int64(len(body)))
	if o.ETag == "" {
		sum := sha256.Sum256(body)
		o.ETag = fmt.Sprintf(`"%x"`, sum[:16])
	}
	if o.LastModified.IsZero() {
		o.LastModified = time.Now().UTC()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, found := m.objects[o.Key]; !found {
		m.add(o.Key)
	}
	m.objects[o.Key] = stored{o, body}
	o.VersionID = ""
	return o
}

// Delete removes an object, if there is one.
func (m *Memory) Delete(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, key)
}

// Object returns the object with that key, as a listing shows it, and its body. It reports
// whether there is one.
func (m *Memory) Object(key string) (o source.Object, body []byte, found bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, found := m.objects[key]
	s.VersionID = ""
	return s.Object, s.body, found
}

// Keys returns the keys of all objects in order.
func (m *Memory) Keys() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sort()
	return slices.Clone(m.keys)
}

// add takes a key that is not in objects. It is sorted in by the next listing, so that keys
// that come in any order cost little.
func (m *Memory) add(key string) {
	if len(m.added) == 0 && (len(m.keys) == 0 || m.keys[len(m.keys)-1] < key) {
		m.keys = append(m.keys, key)
		return
	}
	m.added = append(m.added, key)
}

// sort makes keys what objects has.
func (m *Memory) sort() {
	stale := len(m.keys)+len(m.added) != len(m.objects) // some were deleted, and maybe stored again
	if len(m.added) < 16 {
		for _, key := range m.added {
			i, _ := slices.BinarySearch(m.keys, key)
			m.keys = slices.Insert(m.keys, i, key)
		}
	} else {
		m.keys = append(m.keys, m.added...)
		slices.Sort(m.keys)
	}
	m.added = nil
	if stale {
		m.keys = slices.Compact(slices.DeleteFunc(m.keys, func(key string) bool { _, found := m.objects[key]; return !found }))
	}
}

// Open returns the body of o from offset on. What it fails with is what the contract of
// Source names.
func (m *Memory) Open(ctx context.Context, o source.Object, offset int64) (io.ReadCloser, error) {
	end := m.begin(Call{Get: true, Object: o, Offset: offset})
	s, err := m.find(ctx, o, offset)
	end(s.Size-offset, err)
	if err != nil {
		return nil, err
	}
	r := m.askBody(ctx, o, offset, bytes.NewReader(s.body[min(offset, int64(len(s.body))):]))
	return newBody(ctx, o.Key, r, nil, &m.bodies), nil
}

// find waits, asks the hook and looks for o.
func (m *Memory) find(ctx context.Context, o source.Object, offset int64) (stored, error) {
	if err := m.wait(ctx); err != nil {
		return stored{}, err
	}
	if err := m.askOpen(ctx, o, offset); err != nil {
		return stored{}, err
	}
	m.mu.Lock()
	s, found := m.objects[o.Key]
	m.mu.Unlock()
	var err error
	switch {
	case !found:
		err = fs.ErrNotExist
	case o.VersionID != "" && o.VersionID != s.VersionID,
		o.ETag != "" && o.ETag != s.ETag,
		o.VersionID == "" && o.ETag == "" && o.Size != s.Size:
		err = source.ErrChanged
	case s.Archived:
		err = source.ErrArchived
	case offset < 0 || offset > s.Size:
		err = fs.ErrInvalid
	default:
		return s, nil
	}
	return stored{}, &fs.PathError{Op: "open", Path: o.Key, Err: err}
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
