package path

import "strings"

// A Kind says what an object is, by its key and its size.
type Kind int

const (
	// Foreign is an object of none of the other kinds. So is a file whose name begins
	// with ".": systems and programs keep such files beside a copy of a log.
	Foreign Kind = iota

	// Log is a log to read.
	Log

	// Probe is one of the small text objects that AWS writes to test its permission: its
	// name is a bare UUID in the product folder.
	Probe

	// Folder is an object whose key ends in "/". Some tools make such placeholders.
	Folder

	// Report is a CSV user report beside the logs.
	Report

	// Empty is an object of 0 bytes.
	Empty
)

// KindOf returns the kind of the object with that key and size in bytes. If it is a [Log],
// parsed is its key. A size of -1 is unknown, and not [Empty].
func KindOf(key string, size int64) (kind Kind, parsed Key) {
	if strings.HasSuffix(key, "/") {
		return Folder, Key{}
	}
	k, err := Parse(key)
	switch {
	case err == nil:
		return k.Kind(size), k
	case isProbe(key):
		return Probe, Key{}
	case size == 0:
		return Empty, Key{}
	}
	return Foreign, Key{}
}

// Kind returns what [KindOf] returns, for a key that is already parsed.
func (k Key) Kind(size int64) Kind {
	switch {
	case size == 0:
		return Empty
	case strings.HasPrefix(k.Name, "."):
		return Foreign
	case k.LogType.Report():
		return Report
	case !isLogName(k.Name):
		return Foreign
	}
	return Log
}

func isLogName(name string) bool {
	return strings.HasSuffix(name, ".json.gz") || strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".gz")
}

func isProbe(key string) bool {
	i := strings.LastIndexByte(key, '/') + 1
	return isUUID(key[i:]) && Locate(key[:i]).Level == LevelProduct
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
			continue
		}
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}
