package main

import "strings"

// ordered is a list of keys in their order, stored or not.
type ordered interface {
	len() int
	key(i int) string
	size(i int) int64

	// search returns the number of the first key that is not before s.
	search(s string) int
}

// walk visits the keys of a listing as S3 defines it: those with the prefix that
// sort behind after, with folders instead of what lies in them if that is wanted.
// It ends when visit returns false.
func walk(k ordered, prefix, after string, folders bool, visit func(i int, key string, folder bool) bool) {
	i := k.search(max(prefix, after))
	if i < k.len() && k.key(i) == after {
		i++
	}
	if folder, ok := folderOf(after, prefix); ok && folders {
		i = k.search(beyond(folder))
	}
	for i < k.len() {
		key := k.key(i)
		if !strings.HasPrefix(key, prefix) {
			return
		}
		if folder, ok := folderOf(key, prefix); ok && folders {
			if !visit(i, folder, true) {
				return
			}
			i = k.search(beyond(folder))
			continue
		}
		if !visit(i, key, false) {
			return
		}
		i++
	}
}

// folderOf returns the folder right below prefix that key lies in.
func folderOf(key, prefix string) (string, bool) {
	rest, ok := strings.CutPrefix(key, prefix)
	n := strings.IndexByte(rest, '/')
	if !ok || n < 0 {
		return "", false
	}
	return key[:len(prefix)+n+1], true
}

// beyond returns the smallest string that sorts after all that is in a folder.
func beyond(folder string) string { return strings.TrimSuffix(folder, "/") + "0" }
