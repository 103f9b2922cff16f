package s3test

import (
	"slices"
	"sort"
	"strings"
)

// bucket is guarded by the server's lock.
type bucket struct {
	objects map[string]*object
	keys    []string // sorted, without the added keys, with those that were deleted
	added   []string // in any order; may repeat what is in keys
	holes   bool     // keys or added names objects that are gone
}

func newBucket() *bucket {
	return &bucket{objects: make(map[string]*object)}
}

func (b *bucket) put(key string, o *object) {
	if _, ok := b.objects[key]; !ok {
		b.added = append(b.added, key)
	}
	b.objects[key] = o
}

func (b *bucket) delete(key string) {
	if _, ok := b.objects[key]; ok {
		delete(b.objects, key)
		b.holes = true
	}
}

// sorted returns the keys in bytewise order. The work of keeping them so is
// left to the first listing after a change.
func (b *bucket) sorted() []string {
	if len(b.added) > 0 {
		slices.Sort(b.added)
		b.keys = merge(b.keys, b.added)
		b.added = nil
	}
	if b.holes {
		b.keys = slices.DeleteFunc(b.keys, func(k string) bool { return b.objects[k] == nil })
		b.holes = false
	}
	return b.keys
}

// merge returns the keys of two sorted lists in order, each once.
func merge(a, b []string) []string {
	out := make([]string, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] <= b[0] {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	out = append(out, a...)
	out = append(out, b...)
	return slices.Compact(out)
}

type page struct {
	contents  []item
	prefixes  []string
	last      string // the last key or common prefix of the page
	truncated bool
}

type item struct {
	key string
	*object
}

// list returns the page of keys and common prefixes that follow after. S3
// compares a common prefix itself with the marker: one that is not greater is
// left out, even if keys below it are greater.
func (b *bucket) list(prefix, delimiter, after string, maxKeys int) page {
	var p page
	if maxKeys == 0 {
		return p
	}
	keys := b.sorted()
	keys = keys[sort.Search(len(keys), func(i int) bool { return keys[i] >= prefix && keys[i] > after }):]
	for len(keys) > 0 && strings.HasPrefix(keys[0], prefix) {
		key, folder := keys[0], fold(keys[0], prefix, delimiter)
		if folder != "" && folder <= after {
			keys = skip(keys, folder)
			continue
		}
		if len(p.contents)+len(p.prefixes) == maxKeys {
			p.truncated = true
			break
		}
		if folder != "" {
			p.prefixes, p.last = append(p.prefixes, folder), folder
			keys = skip(keys, folder)
			continue
		}
		p.contents, p.last = append(p.contents, item{key, b.objects[key]}), key
		keys = keys[1:]
	}
	return p
}

// fold returns the common prefix that stands for key, or "" if key stands for
// itself.
func fold(key, prefix, delimiter string) string {
	if delimiter == "" {
		return ""
	}
	i := strings.Index(key[len(prefix):], delimiter)
	if i < 0 {
		return ""
	}
	return key[:len(prefix)+i+len(delimiter)]
}

// skip drops the keys below folder, which are the first ones.
func skip(keys []string, folder string) []string {
	return keys[sort.Search(len(keys), func(i int) bool { return !strings.HasPrefix(keys[i], folder) }):]
}
