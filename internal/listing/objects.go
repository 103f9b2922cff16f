package listing

import (
	"context"
	"errors"
	"time"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// partition lists one partition, or the folder of a time in it, in a sweep.
func (w *Walk) partition(ctx context.Context, n *node) error {
	id := n.loc.Partition
	part := id.String()
	p := w.partitions[part]
	if p == nil {
		p = &Partition{ID: id, Name: part, Folder: n.chain.folder}
		if w.cfg.Follow {
			w.partitions[part] = p
		}
	}
	p.sweepBegins()
	if err := w.objects(ctx, p, n.chain, ""); err != nil || p.failed {
		return err
	}
	return w.tell(Event{Kind: Done, Partition: p})
}

// objects lists what is to be listed of a partition, from the key after on if that is
// not empty. The chain is its own, and may have begun to list it.
func (w *Walk) objects(ctx context.Context, p *Partition, c *chain, after string) error {
	start, end := w.cfg.Enter(p)
	after, end = max(after, start), min(end, beyond(p.Folder))
	if nothing(p.Folder, after, end) {
		w.ahead.drop(c)
		p.failed = false
		return nil
	}
	now := time.Now()
	list := chains{ahead: w.ahead, folder: p.Folder, part: p.ID, now: now}
	c, more := w.claim(c, after, end)
	outside := false
	err := list.visit(ctx, c, func(n name) error {
		if more && !n.repeated {
			outside = !n.within(after, end) // it was within when the listing began
		}
		switch {
		case outside:
			return nil
		case n.repeated:
			return w.tell(Event{Kind: Repeated, Partition: p, Again: w.swept})
		case n.failed != nil:
			return w.nameFailed(n.failed, p)
		}
		return w.object(n.Object, p, now)
	})
	p.listed, p.failed = true, err != nil
	return w.listFailed(ctx, err, p, Failure{Partition: p.ID, Prefix: p.Folder})
}

func (w *Walk) object(o source.Object, p *Partition, now time.Time) error {
	kind, key := w.parser.kindOf(o.Key, o.Size)
	if kind != path.Log {
		return w.tell(Event{Kind: Skipped, Partition: p, Object: o, What: kind, Again: p.listed})
	}
	if w.cfg.Follow {
		p.meet(key, now)
	}
	return w.tell(Event{Kind: Found, Partition: p, Object: o, Key: key})
}

// nameFailed takes a name in a partition that the source could not look at.
func (w *Walk) nameFailed(e *source.KeyError, p *Partition) error {
	key, err := path.Parse(e.Key)
	folder := withSlash(e.Key)
	isFile := err == nil && e.Key != folder
	isLog := isFile && key.Kind(noSize) == path.Log
	never := errors.Is(e, source.ErrNoFile)
	failure := &Failure{Partition: p.ID, Prefix: e.Key, Err: e.Err}
	switch {
	case never && !isLog:
		return w.tell(Event{Kind: Skipped, Partition: p, Object: source.Object{Key: e.Key}, What: path.Foreign, Again: p.listed})
	case isFile:
		failure.Final = never || !isLog
		return w.tell(Event{Kind: FileFailed, Partition: p, Object: source.Object{Key: e.Key}, Key: key, Failure: failure})
	}
	if loc := path.Locate(folder); loc.Level >= path.LevelTime {
		failure.Timed, failure.From = true, loc.From
	}
	return w.tell(Event{Kind: Failed, Partition: p, Again: p.folderFailed(e.Key), Failure: failure})
}
