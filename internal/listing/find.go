package listing

import (
	"context"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// Find looks up the object of a key, which is that of a log, with one listing. It reports
// whether the source has it. Of c it needs Source, StallTimeout and Calls. If the source does
// not answer in time, the error wraps [stall.Err]. Find may be called at any time, from any
// goroutine.
func Find(ctx context.Context, c Config, key string) (o source.Object, found bool, err error) {
	folder := key[:strings.LastIndexByte(key, '/')+1]
	in := source.ListInput{Prefix: folder, After: before(key)}
	err = pages{source: c.Source, stallTimeout: c.StallTimeout, calls: c.Calls}.list(ctx, in, func(n name) error {
		switch {
		case n.repeated:
			return nil
		case n.failed != nil:
			if n.Key == key || strings.HasSuffix(n.Key, "/") && strings.HasPrefix(key, n.Key) {
				return sourceError{n.failed.Err}
			}
			return nil
		case n.Key < key:
			return nil
		case n.Key == key:
			o, found = n.Object, true
		}
		return errEnd
	})
	if failed, ok := err.(sourceError); ok {
		err = failed.error
	}
	return o, found, err
}
