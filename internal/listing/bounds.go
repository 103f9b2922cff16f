package listing

import (
	"strings"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
)

// before returns a string that sorts before key, with hardly any key between.
func before(key string) string {
	return key[:len(key)-1]
}

// beyond returns the smallest string that sorts after every key below a folder.
func beyond(folder string) string {
	return strings.TrimSuffix(folder, "/") + "0"
}

// withSlash returns the name of a folder with its final slash.
func withSlash(name string) string {
	if strings.HasSuffix(name, "/") {
		return name
	}
	return name + "/"
}

// timeOf returns the minute in the name of a key, or else its hour.
func timeOf(key string) (t time.Time, ok bool) {
	k, err := path.Parse(key)
	if err != nil {
		return time.Time{}, false
	}
	return minuteOf(k), true
}

// minuteOf returns the minute in the name of a key if it lies in the key's hour, or else
// that hour.
func minuteOf(k path.Key) time.Time {
	minute, ok := k.Minute()
	if !ok || !minute.Truncate(time.Hour).Equal(k.Hour) {
		return k.Hour
	}
	return minute
}

// minuteBound returns what sorts before the keys of a minute, and after those of the
// minute before.
func minuteBound(p path.Partition, minute time.Time) string {
	key := p.NewKey(minute, "").String()
	return key[:len(key)-len(".json.gz")]
}

// A parser takes keys apart. Most keys differ from the one before in their name alone, so
// it keeps what it knows of that one.
type parser struct {
	folder string // of the last log's key, up to its final slash
	key    path.Key
}

// kindOf is [path.KindOf].
func (p *parser) kindOf(key string, size int64) (path.Kind, path.Key) {
	name, same := strings.CutPrefix(key, p.folder)
	if same && p.folder != "" && name != "" && !strings.Contains(name, "/") {
		p.key.Name = name
		return p.key.Kind(size), p.key
	}
	kind, k := path.KindOf(key, size)
	if kind == path.Log {
		p.folder, p.key = key[:len(key)-len(k.Name)], k
	}
	return kind, k
}
