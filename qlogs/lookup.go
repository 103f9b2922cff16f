package qlogs

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/source"
)

// find lists the one object of that key, which is a log's.
func (l *lister) find(ctx context.Context, key string) (o Object, found bool, err error) {
	folder := key[:strings.LastIndexByte(key, '/')+1]
	err = l.objects(ctx, ListInput{Prefix: folder, After: before(key)}, func(next Object) error {
		if next.Key < key {
			return nil
		}
		if next.Key == key {
			o, found = next, true
		}
		return errRange
	}, func(e *source.KeyError) error {
		if e.Key == key || strings.HasSuffix(e.Key, "/") && strings.HasPrefix(key, e.Key) {
			return listError{e.Err}
		}
		return nil
	})
	var failed listError
	if errors.As(err, &failed) {
		err = failed.error
	}
	return o, found, err
}

// lookUp completes an object of unknown size. What is known of it already stays.
func (l *lister) lookUp(ctx context.Context, o Object) (Object, error) {
	now, found, err := l.find(ctx, o.Key)
	if err != nil {
		return o, err
	}
	if !found {
		return o, fs.ErrNotExist
	}
	if o.ETag != "" {
		now.ETag = o.ETag
	}
	now.VersionID = o.VersionID
	return now, nil
}
