package s3test

import (
	"fmt"
	"slices"
	"sync"
)

const (
	// Region is the Region that every bucket is in.
	Region = "us-east-1"

	// Owner is the account that owns every bucket. A request that expects another owner
	// gets 403 AccessDenied, as on S3.
	Owner = "111122223333"
)

// A store has the buckets of a server.
type store struct {
	mu     sync.Mutex
	byName map[string]*bucket
}

// CreateBucket makes an empty bucket. A bucket that exists keeps its objects.
func (s *store) CreateBucket(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.create(name)
}

func (s *store) create(name string) *bucket {
	if s.byName[name] == nil {
		s.byName[name] = newBucket()
	}
	return s.byName[name]
}

// Put stores body under key, in place of what was there, and makes the bucket if there is
// none. The ETag is the quoted MD5 of body, and the object's last change is now. Body
// belongs to the server from then on.
func (s *store) Put(bucket, key string, body []byte) {
	s.put(bucket, key, newMemObject(body))
}

// PutFile stores the content of a file under key without holding it in memory, and makes
// the bucket if there is none. The file is read once for the ETag and again for each GET,
// so it has to stay in place unchanged.
func (s *store) PutFile(bucket, key, filename string) error {
	o, err := newFileObject(filename)
	if err != nil {
		return fmt.Errorf("s3test: put file: %w", err)
	}
	s.put(bucket, key, o)
	return nil
}

func (s *store) put(name, key string, o *object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.create(name).put(key, o)
}

// putIf stores o if the object that is there, which may be none, is as the condition says.
func (s *store) putIf(name, key string, o *object, c putCondition) *apiError {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.byName[name]
	if in == nil {
		return noSuchBucket(name)
	}
	if err := c.check(in.objects[key], key); err != nil {
		return err
	}
	in.put(key, o)
	return nil
}

// SetStorageClass changes the storage class of an object; the empty class is STANDARD. In
// GLACIER and DEEP_ARCHIVE a GET fails with 403 InvalidObjectState unless restored is true.
// A listing that asks for the optional attribute RestoreStatus shows the status of restored
// objects. It does nothing if there is no such object.
func (s *store) SetStorageClass(bucket, key, class string, restored bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in := s.byName[bucket]; in != nil && in.objects[key] != nil {
		o := *in.objects[key]
		o.class, o.restored = class, restored
		in.objects[key] = &o
	}
}

// Delete removes an object, if there is one.
func (s *store) Delete(bucket, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in := s.byName[bucket]; in != nil {
		in.delete(key)
	}
}

// Keys returns the keys of all objects of a bucket in order. Of a bucket that does not
// exist there are none.
func (s *store) Keys(bucket string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in := s.byName[bucket]; in != nil {
		return slices.Clone(in.sorted())
	}
	return nil
}

// object returns what is stored under key. Objects are never changed once stored, so that
// the caller can serve one without the lock.
func (s *store) object(bucket, key string) (*object, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.byName[bucket]
	if in == nil {
		return nil, noSuchBucket(bucket)
	}
	o := in.objects[key]
	if o == nil {
		return nil, noSuchKey(key)
	}
	return o, nil
}

// page reports whether there is such a bucket, with a page of its listing.
func (s *store) page(bucket, prefix, delimiter, after string, maxKeys int) (p page, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.byName[bucket]
	if in == nil {
		return p, false
	}
	return in.list(prefix, delimiter, after, maxKeys), true
}

func (s *store) exists(bucket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byName[bucket] != nil
}
