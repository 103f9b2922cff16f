package qlogs

import (
	"strings"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// Skips counts the objects that were listed and are not logs, by what they are.
type Skips struct {
	// Probe counts the small text objects that AWS writes to test its permission.
	Probe int64

	// Folder counts the objects whose key ends in "/", which some tools make.
	Folder int64

	// Report counts the objects of the CSV user reports beside the logs.
	Report int64

	// Empty counts objects of 0 bytes, and those that hold no byte once they are
	// decompressed. A scan finds the latter out by reading them.
	Empty int64

	// Foreign counts all others, such as files whose names begin with ".", which
	// systems and programs keep beside a copy of a log. Of a directory it counts links
	// to directories, pipes and names that are not valid UTF-8 too.
	Foreign int64
}

// Total is the number of all skipped objects.
func (s Skips) Total() int64 {
	return s.Probe + s.Folder + s.Report + s.Empty + s.Foreign
}

// Add returns the parsed key of an object that is a log, or counts why it is none.
func (s *Skips) Add(o Object) (path.Key, bool) {
	key, err := path.Parse(o.Key)
	if !s.add(o, key, err) {
		return path.Key{}, false
	}
	return key, true
}

// add takes what parsing the object's key has come to.
func (s *Skips) add(o Object, key path.Key, err error) (isLog bool) {
	switch {
	case strings.HasSuffix(o.Key, "/"):
		s.Folder++
	case err != nil && isProbe(o.Key):
		s.Probe++
	case o.Size == 0:
		s.Empty++
	case err != nil || strings.HasPrefix(key.Name, "."):
		s.Foreign++
	case key.LogType.Report():
		s.Report++
	case !isLogName(key.Name):
		s.Foreign++
	default:
		return true
	}
	return false
}

func isLogName(name string) bool {
	return strings.HasSuffix(name, ".json.gz") || strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".gz")
}

// isProbe tells AWS's permission probes by their place and name: a bare UUID in
// the product folder.
func isProbe(key string) bool {
	i := strings.LastIndexByte(key, '/') + 1
	return isUUID(key[i:]) && path.Locate(key[:i]).Level == path.LevelProduct
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
